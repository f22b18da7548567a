//! The walks behind the collections: which rows are subjects, and what must exist although
//! nobody collected it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::network::{INFERRED, place_of};
use super::subject::Described;
use super::vpc::edges;
use super::{Fact, Record, Ref};
use crate::estate::aws::RouteTarget;
use crate::estate::{Estate, Gap, Known, Operation, Origin, Place, Table};
use crate::reach::World;

fn present(kind: Record, rows: impl IntoIterator<Item = u32>) -> Vec<Described> {
    let rows: BTreeSet<u32> = rows.into_iter().collect();
    rows.into_iter().map(|row| Described::Present(Ref::row(kind, row))).collect()
}

fn missing(id: &str, origin: Origin, gap: Arc<Gap>) -> Described {
    Described::Missing { id: id.to_owned(), origin, gap, workspaces: Vec::new() }
}

pub(super) fn named(e: &Estate, id: &str) -> bool {
    e.graph.workspaces_naming.contains_key(id)
}

pub(super) fn accounts(e: &Estate) -> Vec<Described> {
    if e.graph.accounts.is_empty() {
        let gap = e.databricks.workspaces.complete(&Place::default()).err();
        return gap.map(|gap| missing("databricks-account", Origin::default(), gap)).into_iter().collect();
    }
    present(Record::Account, (0u32..).take(e.graph.accounts.len()))
}

/// The rows of a list of the account, and one missing subject for each account that did not
/// give it.
pub(super) fn listed<T>(e: &Estate, table: &Table<T>, kind: Record, wanted: impl Fn(&str) -> bool) -> Vec<Described> {
    let rows = (0u32..).zip(table.rows()).filter(|(_, row)| wanted(&row.id)).map(|(number, _)| number);
    let mut subjects = present(kind, rows);
    subjects.extend(unlisted(e, table));
    subjects
}

fn unlisted<T>(e: &Estate, table: &Table<T>) -> Vec<Described> {
    if e.graph.accounts.is_empty() {
        let gap = table.complete(&Place::default()).err();
        return gap.map(|gap| missing(table.operation().name(), Origin::default(), gap)).into_iter().collect();
    }
    let gaps = e.graph.accounts.iter().filter_map(|account| {
        let place = Place { account: Some(account.clone()), region: None };
        Some(missing(account, origin_of_account(e, account), table.complete(&place).err()?))
    });
    gaps.collect()
}

/// The first workspace of an account: the nearest text to point at for what the account lacks.
pub(super) fn origin_of_account(e: &Estate, account: &str) -> Origin {
    let row = e.databricks.workspaces.rows().iter().find(|row| row.place.account.as_deref() == Some(account));
    row.map(|row| row.origin).unwrap_or_default()
}

fn inferred(e: &Estate, kind: Record) -> Vec<Described> {
    (0u32..).take(e.graph.inferred.len()).map(|row| Described::Present(Ref { kind, row, part: INFERRED })).collect()
}

pub(super) fn workspaces(e: &Estate) -> Vec<Described> {
    if !e.databricks.workspaces.collected_anywhere() && !e.graph.inferred.is_empty() {
        return inferred(e, Record::Workspace);
    }
    listed(e, &e.databricks.workspaces, Record::Workspace, |_| true)
}

pub(super) fn networks(e: &Estate) -> Vec<Described> {
    if !e.databricks.networks.collected_anywhere() && !e.graph.inferred.is_empty() {
        return inferred(e, Record::Network);
    }
    let mut subjects =
        listed(e, &e.databricks.networks, Record::Network, |id| e.graph.workspaces_of_network.contains_key(id));
    if !e.databricks.workspaces.collected_anywhere() {
        subjects = listed(e, &e.databricks.networks, Record::Network, |_| true);
    }
    subjects
}

/// The row that an id leads to, or a missing subject that the naming resource explains.
fn find<T>(kind: Record, table: &Table<T>, id: &str, place: &Place, origin: Origin) -> Described {
    match table.find(id, place) {
        Ok(row) => Described::Present(Ref::row(kind, row)),
        Err(gap) => missing(id, origin, gap),
    }
}

/// The network configurations that are subjects, with where they lie.
fn live_networks(e: &Estate) -> Vec<(Ref, Place, Origin)> {
    let refs = networks(e).into_iter().filter_map(|subject| match subject {
        Described::Present(r) if r.part != INFERRED => Some(r),
        _ => None,
    });
    refs.map(|r| (r, place_of(e, r), e.databricks.networks.row(r.row).origin)).collect()
}

/// A missing subject for each account whose network configurations are not known: what they
/// name may be anything.
fn unlisted_networks(e: &Estate) -> Vec<Described> {
    if e.graph.inferred.is_empty() {
        return unlisted(e, &e.databricks.networks);
    }
    let gap = |vpc: &String| super::not_collected(Operation::ListNetworks, &Place::default(), vpc);
    e.graph.inferred.iter().map(|vpc| missing(vpc, origin_of_vpc(e, vpc), gap(vpc))).collect()
}

fn by_network<T>(
    e: &Estate,
    kind: Record,
    table: &Table<T>,
    networks: Vec<(Ref, Place, Origin)>,
    ids: fn(&crate::estate::databricks::Network) -> &[String],
) -> Vec<Described> {
    let mut subjects: BTreeMap<String, Described> = BTreeMap::new();
    for (r, place, origin) in networks {
        match e.databricks.networks.row(r.row).body.known() {
            Ok(network) => {
                for id in ids(network) {
                    subjects.entry(id.clone()).or_insert_with(|| find(kind, table, id, &place, origin));
                }
            }
            Err(gap) => {
                let id = &e.databricks.networks.row(r.row).id;
                subjects.insert(id.clone(), missing(id, origin, gap));
            }
        }
    }
    subjects.into_values().chain(unlisted_networks(e)).collect()
}

pub(super) fn subnets(e: &Estate) -> Vec<Described> {
    by_network(e, Record::Subnet, &e.aws.subnets, live_networks(e), |network| &network.subnet_ids)
}

pub(super) fn security_groups(e: &Estate) -> Vec<Described> {
    // a retired network configuration keeps its groups ready for whoever attaches it again
    let rows = (0u32..).zip(e.databricks.networks.rows());
    let all = rows.map(|(number, row)| (Ref::row(Record::Network, number), row.origin));
    let all = all.map(|(r, origin)| (r, place_of(e, r), origin)).collect();
    by_network(e, Record::SecurityGroup, &e.aws.security_groups, all, |network| &network.security_group_ids)
}

pub(super) fn origin_of_vpc(e: &Estate, vpc: &str) -> Origin {
    let by_network = edges(&e.graph.networks_of_vpc, vpc).first().map(|row| e.databricks.networks.row(*row).origin);
    let by_endpoint = || edges(&e.graph.endpoints_of_vpc, vpc).first().map(|row| e.aws.vpc_endpoints.row(*row).origin);
    by_network.or_else(by_endpoint).unwrap_or_default()
}

/// Every VPC that Databricks uses with its place, as far as anything tells it.
fn databricks_vpcs(e: &Estate) -> Vec<(String, Place)> {
    let place = |vpc: &String| {
        if let Some(row) = e.aws.vpcs.number(vpc) {
            return e.aws.vpcs.row(row).place.clone();
        }
        let network =
            edges(&e.graph.networks_of_vpc, vpc).first().map(|row| place_of(e, Ref::row(Record::Network, *row)));
        let endpoint =
            || edges(&e.graph.endpoints_of_vpc, vpc).first().map(|row| e.aws.vpc_endpoints.row(*row).place.clone());
        network.or_else(endpoint).unwrap_or_default()
    };
    e.graph.databricks_vpcs.iter().map(|vpc| (vpc.clone(), place(vpc))).collect()
}

pub(super) fn vpcs(e: &Estate) -> Vec<Described> {
    databricks_vpcs(e)
        .iter()
        .map(|(vpc, place)| find(Record::Vpc, &e.aws.vpcs, vpc, place, origin_of_vpc(e, vpc)))
        .collect()
}

/// The rows that belong to VPCs of Databricks, and a missing subject for each such VPC whose
/// list was not collected.
fn by_vpc<T>(e: &Estate, kind: Record, table: &Table<T>, rows: impl Fn(&str) -> Vec<u32>) -> Vec<Described> {
    let mut found = BTreeSet::new();
    let mut gaps = Vec::new();
    for (vpc, place) in databricks_vpcs(e) {
        found.extend(rows(&vpc));
        if let Err(gap) = table.complete_of(&vpc, &place) {
            gaps.push(missing(&vpc, origin_of_vpc(e, &vpc), gap));
        }
    }
    let mut subjects = present(kind, found);
    subjects.extend(gaps);
    subjects
}

pub(super) fn vpc_endpoints(e: &Estate) -> Vec<Described> {
    by_vpc(e, Record::VpcEndpoint, &e.aws.vpc_endpoints, |vpc| edges(&e.graph.endpoints_of_vpc, vpc))
}

pub(super) fn transit_attachments(e: &Estate) -> Vec<Described> {
    by_vpc(e, Record::TransitAttachment, &e.aws.transit_vpc_attachments, |vpc| edges(&e.graph.attachments_of_vpc, vpc))
}

pub(super) fn flow_logs(e: &Estate) -> Vec<Described> {
    by_vpc(e, Record::FlowLog, &e.aws.flow_logs, |vpc| {
        let subnets = edges(&e.graph.subnets_of_vpc, vpc).into_iter().map(|row| &e.aws.subnets.row(row).id);
        let mut rows = edges(&e.graph.flow_logs_of, vpc);
        rows.extend(
            subnets
                .filter(|id| e.graph.networks_of_subnet.contains_key(*id))
                .flat_map(|id| edges(&e.graph.flow_logs_of, id)),
        );
        rows
    })
}

pub(super) fn resolver_endpoints(e: &Estate) -> Vec<Described> {
    by_vpc(e, Record::ResolverEndpoint, &e.aws.resolver_endpoints, |vpc| {
        let known = crate::estate::graph::known(&e.aws.resolver_endpoints);
        known.filter(|(_, endpoint)| endpoint.host_vpc_id.as_deref() == Some(vpc)).map(|(row, _)| row).collect()
    })
}

pub(super) fn instances(e: &Estate) -> Vec<Described> {
    let mut by_vpc_id: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (row, instance) in crate::estate::graph::known(&e.aws.instances) {
        let in_cluster_subnet =
            instance.subnet_id.as_ref().is_some_and(|id| e.graph.networks_of_subnet.contains_key(id));
        if in_cluster_subnet || super::compute::is_databricks(instance) {
            by_vpc_id.entry(instance.vpc_id.as_deref().unwrap_or_default()).or_default().push(row);
        }
    }
    by_vpc(e, Record::Instance, &e.aws.instances, |vpc| by_vpc_id.get(vpc).cloned().unwrap_or_default())
}

pub(super) fn hosted_zones(e: &Estate) -> Vec<Described> {
    let mut found = BTreeSet::new();
    let mut gaps = Vec::new();
    for (vpc, place) in databricks_vpcs(e) {
        let zones = match e.aws.vpcs.number(&vpc) {
            Some(row) => super::dns::zones_of_vpc(e, Ref::row(Record::Vpc, row)),
            None => e.aws.hosted_zones.complete_of(&vpc, &place).map(|()| Fact::List(Vec::new())),
        };
        found.extend(edges(&e.graph.zones_of_vpc, &vpc));
        if let Err(gap) = zones {
            gaps.push(missing(&vpc, origin_of_vpc(e, &vpc), gap));
        }
    }
    let mut subjects = present(Record::HostedZone, found);
    subjects.extend(gaps);
    subjects
}

/// What routes of cluster subnets lead to, of one kind of target; a subnet whose route table is
/// not known may lead anywhere.
fn by_route<T>(e: &Estate, kind: Record, table: &Table<T>, wanted: fn(RouteTarget<'_>) -> bool) -> Vec<Described> {
    let mut subjects: BTreeMap<String, Described> = BTreeMap::new();
    let mut walk = |subnet: Ref| -> Known<()> {
        let row = e.aws.route_tables.row(super::vpc::route_table_of(e, subnet)?);
        let targets = row.body.known()?.routes.iter().map(crate::estate::aws::Route::target);
        for target in targets.filter(|target| wanted(*target)) {
            let id = target.id();
            subjects.entry(id.to_owned()).or_insert_with(|| find(kind, table, id, &row.place, row.origin));
        }
        Ok(())
    };
    let mut gaps = Vec::new();
    for subject in subnets(e) {
        match subject {
            Described::Present(subnet) => {
                if let Err(gap) = walk(subnet) {
                    let row = e.aws.subnets.row(subnet.row);
                    gaps.push(missing(&row.id, row.origin, gap));
                }
            }
            unknown @ Described::Missing { .. } => gaps.push(unknown),
        }
    }
    subjects.into_values().chain(gaps).collect()
}

pub(super) fn nat_gateways(e: &Estate) -> Vec<Described> {
    by_route(e, Record::NatGateway, &e.aws.nat_gateways, |target| matches!(target, RouteTarget::NatGateway(_)))
}

pub(super) fn peerings(e: &Estate) -> Vec<Described> {
    by_route(e, Record::Peering, &e.aws.peerings, |target| matches!(target, RouteTarget::Peering(_)))
}

pub(super) fn transit_gateways(e: &Estate) -> Vec<Described> {
    let mut subjects: BTreeMap<String, Described> = BTreeMap::new();
    let mut gaps = Vec::new();
    for (vpc, place) in databricks_vpcs(e).into_iter().filter(|(vpc, _)| e.graph.networks_of_vpc.contains_key(vpc)) {
        if let Err(gap) = e.aws.transit_vpc_attachments.complete_of(&vpc, &place) {
            gaps.push(missing(&vpc, origin_of_vpc(e, &vpc), gap));
        }
        for row in edges(&e.graph.attachments_of_vpc, &vpc) {
            let row = e.aws.transit_vpc_attachments.row(row);
            if let Ok(attachment) = row.body.known() {
                let id = &attachment.transit_gateway_id;
                subjects.entry(id.clone()).or_insert_with(|| {
                    find(Record::TransitGateway, &e.aws.transit_gateways, id, &row.place, row.origin)
                });
            }
        }
    }
    subjects.into_values().chain(gaps).collect()
}

pub(super) fn ncc_rules(e: &Estate) -> Vec<Described> {
    let rules = e
        .graph
        .ncc_rules
        .iter()
        .map(|(row, part)| Described::Present(Ref { kind: Record::NccRule, row: *row, part: *part }));
    rules.chain(unlisted(e, &e.databricks.nccs)).collect()
}

pub(super) fn endpoint_services(e: &Estate) -> Vec<Described> {
    let mut subjects: BTreeMap<String, Described> = BTreeMap::new();
    for (row, part) in &e.graph.ncc_rules {
        let r = Ref { kind: Record::NccRule, row: *row, part: *part };
        let service = super::serverless::rule(e, r).ok().and_then(|rule| rule.endpoint_service.clone());
        let Some(name) = service.filter(|name| name.contains("vpce-svc-")) else { continue };
        let id = crate::estate::region::service_id(&name);
        let subject = match super::serverless::own_service(e, &name) {
            Ok(None) => continue,
            Ok(Some(row)) => Described::Present(Ref::row(Record::EndpointService, row)),
            Err(gap) => missing(id, e.databricks.nccs.row(*row).origin, gap),
        };
        subjects.entry(id.to_owned()).or_insert(subject);
    }
    subjects.into_values().collect()
}

pub(super) fn clusters(e: &Estate) -> Vec<Described> {
    let mut subjects = present(Record::Cluster, (0u32..).take(e.databricks.clusters.rows().len()));
    for row in e.databricks.workspaces.rows() {
        let serverless =
            row.body.known().is_ok_and(|workspace| workspace.compute_mode.as_deref() == Some("SERVERLESS"));
        let listed = e.databricks.clusters.complete(&list_place(row));
        if let (Err(gap), false) = (listed, serverless) {
            subjects.push(missing(&row.id, row.origin, gap));
        }
    }
    subjects.extend(unlisted(e, &e.databricks.workspaces));
    subjects
}

/// The place under which the lists of one workspace are noted: its account, and the workspace
/// in place of a region.
pub(super) fn list_place<T>(workspace: &crate::estate::Row<T>) -> Place {
    Place { account: workspace.place.account.clone(), region: Some(workspace.id.clone()) }
}

pub(super) fn required_paths(e: &Estate) -> Vec<Described> {
    if !e.databricks.workspaces.collected_anywhere() && !e.graph.inferred.is_empty() {
        let gap = |vpc: &String| super::not_collected(Operation::ListWorkspaces, &Place::default(), vpc);
        return e.graph.inferred.iter().map(|vpc| missing(vpc, origin_of_vpc(e, vpc), gap(vpc))).collect();
    }
    let required = World::of(e).required();
    let mut subjects = present(Record::RequiredPath, (0u32..).take(required.paths.len()));
    subjects.extend(required.unknown.iter().map(|(number, gap)| {
        let row = e.databricks.workspaces.row(*number);
        Described::Missing {
            id: row.id.clone(),
            origin: row.origin,
            gap: Arc::clone(gap),
            workspaces: vec![super::workspace::name(e, Ref::row(Record::Workspace, *number))],
        }
    }));
    subjects.extend(unlisted(e, &e.databricks.workspaces));
    subjects
}

pub(super) fn exposures(e: &Estate) -> Vec<Described> {
    let managed = |row: u32| {
        let body = e.databricks.networks.row(row).body.known();
        body.is_ok_and(|network| network.vpc_id.is_none())
    };
    let subjects = networks(e).into_iter().filter_map(|subject| match subject {
        Described::Present(r) if r.part == INFERRED => {
            let vpc = e.graph.inferred.get(r.row as usize)?;
            let gap = super::not_collected(Operation::ListNetworks, &Place::default(), vpc);
            Some(missing(vpc, origin_of_vpc(e, vpc), gap))
        }
        Described::Present(r) if managed(r.row) => None,
        Described::Present(r) => Some(Described::Present(Ref::row(Record::Exposure, r.row))),
        unknown @ Described::Missing { .. } => Some(unknown),
    });
    subjects.collect()
}

pub(super) fn gaps(e: &Estate) -> Vec<Described> {
    present(Record::Gap, (0u32..).take(e.noted.len()))
}
