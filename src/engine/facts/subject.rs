//! Subjects: which records a rule's `each` walks, what they are called, and which workspaces
//! they serve.
//!
//! A subject that must exist but that nobody collected is still a subject: every rule on it is
//! unknown. A rule with no subject at all says nothing, so it must never come from a list that
//! was not collected.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::network::{INFERRED, place_of};
use super::vpc::edges;
use super::{Fact, Kind, Record, Ref, Schema, field, maybe_text, text};
use crate::estate::aws::RouteTarget;
use crate::estate::{Estate, Gap, Known, Origin, Place, Table};
use crate::finding::Subject;

pub(super) static GAP: Schema = Schema {
    name: "Gap",
    doc: "Something that the evidence lacks, as the sources noted it.",
    fields: &[
        field("operation", Kind::Text, "The call.", |e, r| text(gap(e, r).operation.name())),
        field(
            "reason",
            Kind::Text,
            "`disagreement`, `undecodable`, `access-denied`, `not-collected` and others.",
            |e, r| {
                text(
                    serde_json::to_value(gap(e, r).reason)
                        .ok()
                        .and_then(|value| value.as_str().map(str::to_owned))
                        .unwrap_or_default(),
                )
            },
        ),
        field("scope", Kind::Text, "Account, region and resource.", |e, r| text(gap(e, r).scope.to_string())),
        field("detail", Kind::Text, "What the source said; null when it said nothing.", |e, r| {
            maybe_text(Some(&gap(e, r).detail).filter(|detail| !detail.is_empty()))
        }),
    ],
};

fn gap(e: &Estate, r: Ref) -> &Gap {
    &e.noted[r.row as usize].0
}

/// One subject of a collection.
#[derive(Clone, Debug)]
pub enum Described {
    /// A record that rules can read.
    Present(Ref),
    /// One that must exist, or a list that may hold some: nothing is known of it.
    Missing {
        /// Its id, or the id of what the missing list belongs to.
        id: String,
        /// Where the evidence names it.
        origin: Origin,
        /// Why nothing is known.
        gap: Arc<Gap>,
        /// Workspaces that it serves.
        workspaces: Vec<String>,
    },
}

/// A list that `each` can name.
pub struct Collection {
    /// Name in rule files.
    pub name: &'static str,
    /// What its elements are.
    pub record: Record,
    /// Which they are, for rule authors.
    pub doc: &'static str,
    walk: fn(&Estate) -> Vec<Described>,
}

impl Collection {
    /// Its subjects, each once, in a fixed order.
    pub fn subjects(&self, e: &Estate) -> Vec<Described> {
        (self.walk)(e)
    }
}

/// The collection of this name.
pub fn collection(name: &str) -> Option<&'static Collection> {
    COLLECTIONS.iter().find(|collection| collection.name == name)
}

/// Every collection.
pub fn collections() -> &'static [Collection] {
    COLLECTIONS
}

static COLLECTIONS: &[Collection] = &[
    Collection {
        name: "accounts",
        record: Record::Account,
        doc: "Databricks accounts of the evidence.",
        walk: accounts,
    },
    Collection {
        name: "workspaces",
        record: Record::Workspace,
        doc: "Workspaces; without the Databricks side, those inferred from VPC endpoints.",
        walk: workspaces,
    },
    Collection {
        name: "networks",
        record: Record::Network,
        doc: "Network configurations, or those inferred from VPC endpoints.",
        walk: networks,
    },
    Collection {
        name: "registrations",
        record: Record::Registration,
        doc: "Registered VPC endpoints.",
        walk: |e| listed(e, &e.databricks.registrations, Record::Registration, |_| true),
    },
    Collection {
        name: "private_access_settings",
        record: Record::PrivateAccessSettings,
        doc: "Private access settings.",
        walk: |e| listed(e, &e.databricks.private_access_settings, Record::PrivateAccessSettings, |_| true),
    },
    Collection { name: "vpcs", record: Record::Vpc, doc: "VPCs that Databricks uses.", walk: vpcs },
    Collection {
        name: "subnets",
        record: Record::Subnet,
        doc: "Subnets that network configurations name.",
        walk: subnets,
    },
    Collection {
        name: "security_groups",
        record: Record::SecurityGroup,
        doc: "Groups that network configurations name, also those that no workspace uses now.",
        walk: security_groups,
    },
    Collection {
        name: "nat_gateways",
        record: Record::NatGateway,
        doc: "NAT gateways that default routes of cluster subnets lead to.",
        walk: nat_gateways,
    },
    Collection {
        name: "peerings",
        record: Record::Peering,
        doc: "Peering connections that routes of cluster subnets lead to.",
        walk: peerings,
    },
    Collection {
        name: "transit_gateways",
        record: Record::TransitGateway,
        doc: "Transit gateways that compute VPCs are attached to.",
        walk: transit_gateways,
    },
    Collection {
        name: "transit_attachments",
        record: Record::TransitAttachment,
        doc: "Transit gateway attachments of VPCs that Databricks uses.",
        walk: transit_attachments,
    },
    Collection {
        name: "vpc_endpoints",
        record: Record::VpcEndpoint,
        doc: "Endpoints in VPCs that Databricks uses.",
        walk: vpc_endpoints,
    },
    Collection {
        name: "endpoint_services",
        record: Record::EndpointService,
        doc: "Endpoint services that private endpoint rules connect to.",
        walk: endpoint_services,
    },
    Collection {
        name: "hosted_zones",
        record: Record::HostedZone,
        doc: "Private zones that VPCs of Databricks see.",
        walk: hosted_zones,
    },
    Collection {
        name: "resolver_endpoints",
        record: Record::ResolverEndpoint,
        doc: "Resolver endpoints in VPCs that Databricks uses.",
        walk: resolver_endpoints,
    },
    Collection {
        name: "instances",
        record: Record::Instance,
        doc: "Instances that Databricks launched, or that run in cluster subnets.",
        walk: instances,
    },
    Collection { name: "clusters", record: Record::Cluster, doc: "Clusters of workspaces.", walk: clusters },
    Collection {
        name: "key_configurations",
        record: Record::KeyConfiguration,
        doc: "Key configurations that workspaces use.",
        walk: |e| listed(e, &e.databricks.key_configurations, Record::KeyConfiguration, |id| named(e, id)),
    },
    Collection {
        name: "buckets",
        record: Record::Bucket,
        doc: "Root buckets of workspaces.",
        walk: |e| listed(e, &e.databricks.storage_configurations, Record::Bucket, |id| named(e, id)),
    },
    Collection {
        name: "roles",
        record: Record::Role,
        doc: "Cross-account roles of workspaces.",
        walk: |e| listed(e, &e.databricks.credentials, Record::Role, |id| named(e, id)),
    },
    Collection {
        name: "flow_logs",
        record: Record::FlowLog,
        doc: "Flow logs of VPCs that Databricks uses.",
        walk: flow_logs,
    },
    Collection {
        name: "ncc_rules",
        record: Record::NccRule,
        doc: "Private endpoint rules of network connectivity configurations.",
        walk: ncc_rules,
    },
    Collection {
        name: "network_policies",
        record: Record::NetworkPolicy,
        doc: "Network policies of the account.",
        walk: |e| listed(e, &e.databricks.network_policies, Record::NetworkPolicy, |_| true),
    },
    Collection { name: "gaps", record: Record::Gap, doc: "What the sources noted as missing.", walk: gaps },
];

// ------------------------------------------------------------------ walks

fn present(kind: Record, rows: impl IntoIterator<Item = u32>) -> Vec<Described> {
    let rows: BTreeSet<u32> = rows.into_iter().collect();
    rows.into_iter().map(|row| Described::Present(Ref::row(kind, row))).collect()
}

fn missing(id: &str, origin: Origin, gap: Arc<Gap>) -> Described {
    Described::Missing { id: id.to_owned(), origin, gap, workspaces: Vec::new() }
}

fn named(e: &Estate, id: &str) -> bool {
    e.graph.workspaces_naming.contains_key(id)
}

fn accounts(e: &Estate) -> Vec<Described> {
    if e.graph.accounts.is_empty() {
        let gap = e.databricks.workspaces.complete(&Place::default()).err();
        return gap.map(|gap| missing("databricks-account", Origin::default(), gap)).into_iter().collect();
    }
    present(Record::Account, (0u32..).take(e.graph.accounts.len()))
}

/// The rows of a list of the account, and one missing subject for each account that did not
/// give it.
fn listed<T>(e: &Estate, table: &Table<T>, kind: Record, wanted: impl Fn(&str) -> bool) -> Vec<Described> {
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
fn origin_of_account(e: &Estate, account: &str) -> Origin {
    let row = e.databricks.workspaces.rows().iter().find(|row| row.place.account.as_deref() == Some(account));
    row.map(|row| row.origin).unwrap_or_default()
}

fn inferred(e: &Estate, kind: Record) -> Vec<Described> {
    (0u32..).take(e.graph.inferred.len()).map(|row| Described::Present(Ref { kind, row, part: INFERRED })).collect()
}

fn workspaces(e: &Estate) -> Vec<Described> {
    if !e.databricks.workspaces.collected_anywhere() && !e.graph.inferred.is_empty() {
        return inferred(e, Record::Workspace);
    }
    listed(e, &e.databricks.workspaces, Record::Workspace, |_| true)
}

fn networks(e: &Estate) -> Vec<Described> {
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
    let gap = |vpc: &String| super::not_collected(crate::estate::Operation::ListNetworks, &Place::default(), vpc);
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

fn subnets(e: &Estate) -> Vec<Described> {
    by_network(e, Record::Subnet, &e.aws.subnets, live_networks(e), |network| &network.subnet_ids)
}

fn security_groups(e: &Estate) -> Vec<Described> {
    // a retired network configuration keeps its groups ready for whoever attaches it again
    let rows = (0u32..).zip(e.databricks.networks.rows());
    let all = rows.map(|(number, row)| (Ref::row(Record::Network, number), row.origin));
    let all = all.map(|(r, origin)| (r, place_of(e, r), origin)).collect();
    by_network(e, Record::SecurityGroup, &e.aws.security_groups, all, |network| &network.security_group_ids)
}

fn origin_of_vpc(e: &Estate, vpc: &str) -> Origin {
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

fn vpcs(e: &Estate) -> Vec<Described> {
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
        if let Err(gap) = table.complete(&place) {
            gaps.push(missing(&vpc, origin_of_vpc(e, &vpc), gap));
        }
    }
    let mut subjects = present(kind, found);
    subjects.extend(gaps);
    subjects
}

fn vpc_endpoints(e: &Estate) -> Vec<Described> {
    by_vpc(e, Record::VpcEndpoint, &e.aws.vpc_endpoints, |vpc| edges(&e.graph.endpoints_of_vpc, vpc))
}

fn transit_attachments(e: &Estate) -> Vec<Described> {
    by_vpc(e, Record::TransitAttachment, &e.aws.transit_vpc_attachments, |vpc| edges(&e.graph.attachments_of_vpc, vpc))
}

fn flow_logs(e: &Estate) -> Vec<Described> {
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

fn resolver_endpoints(e: &Estate) -> Vec<Described> {
    by_vpc(e, Record::ResolverEndpoint, &e.aws.resolver_endpoints, |vpc| {
        let known = crate::estate::graph::known(&e.aws.resolver_endpoints);
        known.filter(|(_, endpoint)| endpoint.host_vpc_id.as_deref() == Some(vpc)).map(|(row, _)| row).collect()
    })
}

fn instances(e: &Estate) -> Vec<Described> {
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

fn hosted_zones(e: &Estate) -> Vec<Described> {
    let mut found = BTreeSet::new();
    let mut gaps = Vec::new();
    for (vpc, place) in databricks_vpcs(e) {
        let zones = match e.aws.vpcs.number(&vpc) {
            Some(row) => super::dns::zones_of_vpc(e, Ref::row(Record::Vpc, row)),
            None => e.aws.hosted_zones.complete(&place).map(|()| Fact::List(Vec::new())),
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

fn nat_gateways(e: &Estate) -> Vec<Described> {
    by_route(e, Record::NatGateway, &e.aws.nat_gateways, |target| matches!(target, RouteTarget::NatGateway(_)))
}

fn peerings(e: &Estate) -> Vec<Described> {
    by_route(e, Record::Peering, &e.aws.peerings, |target| matches!(target, RouteTarget::Peering(_)))
}

fn transit_gateways(e: &Estate) -> Vec<Described> {
    let mut subjects: BTreeMap<String, Described> = BTreeMap::new();
    let mut gaps = Vec::new();
    for (vpc, place) in databricks_vpcs(e).into_iter().filter(|(vpc, _)| e.graph.networks_of_vpc.contains_key(vpc)) {
        if let Err(gap) = e.aws.transit_vpc_attachments.complete(&place) {
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

fn ncc_rules(e: &Estate) -> Vec<Described> {
    let rules = e
        .graph
        .ncc_rules
        .iter()
        .map(|(row, part)| Described::Present(Ref { kind: Record::NccRule, row: *row, part: *part }));
    rules.chain(unlisted(e, &e.databricks.nccs)).collect()
}

fn endpoint_services(e: &Estate) -> Vec<Described> {
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

fn clusters(e: &Estate) -> Vec<Described> {
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

fn gaps(e: &Estate) -> Vec<Described> {
    present(Record::Gap, (0u32..).take(e.noted.len()))
}

// ------------------------------------------------------------------ descriptions

/// What a report calls a record, and where it was read.
pub fn describe(e: &Estate, r: Ref) -> (Subject, Origin) {
    let schema = r.kind.schema();
    let read = |name: &str| match schema.field(name).map(|field| (field.read)(e, r)) {
        Some(Ok(Fact::Text(text))) if !text.is_empty() => Some(text),
        _ => None,
    };
    let row_id = row_id(e, r);
    let id = match r.kind {
        Record::Role => read("arn"),
        Record::Bucket => read("name"),
        // without the detail, which names files and lines: the identity must outlive those
        Record::Gap => Some(Gap::new(gap(e, r).operation, gap(e, r).scope.clone(), gap(e, r).reason).to_string()),
        // these are keyed by more than their id
        Record::NccRule | Record::Cluster | Record::NetworkPolicy => read("id"),
        _ => row_id.clone().or_else(|| read("id")),
    };
    let id = id.or(row_id).unwrap_or_else(|| r.kind.singular().to_owned());
    let name = read("name").unwrap_or_else(|| id.clone());
    let arn = read("arn");
    let subject = Subject { kind: r.kind.singular().to_owned(), id, name, workspaces: workspaces_of(e, r), arn };
    (subject, origin(e, r))
}

/// The names of the workspaces that a record serves, sorted.
pub fn workspaces_of(e: &Estate, r: Ref) -> Vec<String> {
    let mut rows: BTreeSet<u32> = BTreeSet::new();
    let mut of_network = |id: &String| rows.extend(edges(&e.graph.workspaces_of_network, id));
    let networks: Vec<u32> = match r.kind {
        Record::Workspace => return vec![super::workspace::name(e, r)],
        _ if r.part == INFERRED => return vec![super::workspace::name(e, r)],
        Record::Network => vec![r.row],
        Record::Vpc => vpc_networks(e, &e.aws.vpcs.row(r.row).id),
        Record::Subnet => edges(&e.graph.networks_of_subnet, &e.aws.subnets.row(r.row).id),
        Record::SecurityGroup => edges(&e.graph.networks_of_group, &e.aws.security_groups.row(r.row).id),
        Record::Registration => edges(&e.graph.networks_of_registration, &e.databricks.registrations.row(r.row).id),
        Record::VpcEndpoint => of_vpc(e, super::endpoint::endpoint(e, r).ok().map(|endpoint| endpoint.vpc_id.clone())),
        Record::NatGateway => {
            of_vpc(e, e.aws.nat_gateways.row(r.row).body.known().ok().and_then(|nat| nat.vpc_id.clone()))
        }
        Record::TransitAttachment => {
            of_vpc(e, e.aws.transit_vpc_attachments.row(r.row).body.known().ok().map(|a| a.vpc_id.clone()))
        }
        Record::ResolverEndpoint => {
            of_vpc(e, e.aws.resolver_endpoints.row(r.row).body.known().ok().and_then(|a| a.host_vpc_id.clone()))
        }
        Record::Instance => of_vpc(e, e.aws.instances.row(r.row).body.known().ok().and_then(|a| a.vpc_id.clone())),
        Record::FlowLog => {
            of_vpc(e, e.aws.flow_logs.row(r.row).body.known().ok().and_then(|log| log.resource_id.clone()))
        }
        Record::Peering => {
            let sides = e.aws.peerings.row(r.row).body.known().ok();
            let vpcs = sides
                .into_iter()
                .flat_map(|p| [p.requester_vpc_info.vpc_id.clone(), p.accepter_vpc_info.vpc_id.clone()]);
            vpcs.flat_map(|vpc| of_vpc(e, vpc)).collect()
        }
        Record::HostedZone => {
            let vpcs = super::dns::zone(e, r).ok().and_then(|zone| zone.vpcs.clone()).unwrap_or_default();
            vpcs.into_iter().flat_map(|vpc| of_vpc(e, Some(vpc.vpc_id))).collect()
        }
        Record::TransitGateway => {
            let attachments = crate::estate::graph::known(&e.aws.transit_vpc_attachments);
            let id = &e.aws.transit_gateways.row(r.row).id;
            attachments
                .filter(|(_, a)| a.transit_gateway_id == *id)
                .flat_map(|(_, a)| of_vpc(e, Some(a.vpc_id.clone())))
                .collect()
        }
        _ => Vec::new(),
    };
    for network in networks {
        of_network(&e.databricks.networks.row(network).id);
    }
    let naming = match r.kind {
        Record::PrivateAccessSettings => Some(&e.databricks.private_access_settings.row(r.row).id),
        Record::KeyConfiguration => Some(&e.databricks.key_configurations.row(r.row).id),
        Record::Bucket => Some(&e.databricks.storage_configurations.row(r.row).id),
        Record::Role => Some(&e.databricks.credentials.row(r.row).id),
        Record::Ncc | Record::NccRule => Some(&e.databricks.nccs.row(r.row).id),
        _ => None,
    };
    rows.extend(naming.into_iter().flat_map(|id| edges(&e.graph.workspaces_naming, id)));
    if r.kind == Record::Cluster {
        let id = e.databricks.clusters.row(r.row).id.split('/').next().unwrap_or_default();
        rows.extend(e.databricks.workspaces.number(id));
    }
    let names = rows.into_iter().map(|row| super::workspace::name(e, Ref::row(Record::Workspace, row)));
    let names: BTreeSet<String> = names.collect();
    names.into_iter().collect()
}

fn vpc_networks(e: &Estate, vpc: &str) -> Vec<u32> {
    edges(&e.graph.networks_of_vpc, vpc)
}

fn of_vpc(e: &Estate, vpc: Option<String>) -> Vec<u32> {
    vpc.map(|vpc| vpc_networks(e, &vpc)).unwrap_or_default()
}

/// Position of a record in its source.
fn origin(e: &Estate, r: Ref) -> Origin {
    if r.part == INFERRED {
        return super::network::inferred(e, r).map(|vpc| origin_of_vpc(e, vpc)).unwrap_or_default();
    }
    with_row(e, r, |_, origin| origin).unwrap_or_default()
}

fn row_id(e: &Estate, r: Ref) -> Option<String> {
    if r.part == INFERRED {
        return super::network::inferred(e, r).cloned();
    }
    if r.kind == Record::Account {
        return Some(super::workspace::account(e, r).to_owned());
    }
    with_row(e, r, |id, _| id.to_owned())
}

fn with_row<R>(e: &Estate, r: Ref, read: impl FnOnce(&str, Origin) -> R) -> Option<R> {
    macro_rules! row {
        ($table:expr) => {{
            let row = $table.row(r.row);
            Some(read(&row.id, row.origin))
        }};
    }
    let (aws, databricks) = (&e.aws, &e.databricks);
    match r.kind {
        Record::Account => {
            let account = super::workspace::account(e, r);
            Some(read(account, origin_of_account(e, account)))
        }
        Record::Workspace => row!(databricks.workspaces),
        Record::Network => row!(databricks.networks),
        Record::Registration => row!(databricks.registrations),
        Record::PrivateAccessSettings => row!(databricks.private_access_settings),
        Record::Vpc => row!(aws.vpcs),
        Record::Subnet => row!(aws.subnets),
        Record::RouteTable | Record::Route => row!(aws.route_tables),
        Record::SecurityGroup | Record::Permission => row!(aws.security_groups),
        Record::NetworkAcl => row!(aws.network_acls),
        Record::NatGateway => row!(aws.nat_gateways),
        Record::Peering => row!(aws.peerings),
        Record::TransitGateway => row!(aws.transit_gateways),
        Record::TransitAttachment => row!(aws.transit_vpc_attachments),
        Record::VpcEndpoint => row!(aws.vpc_endpoints),
        Record::EndpointService => row!(aws.endpoint_services),
        Record::HostedZone | Record::DnsRecord => row!(aws.hosted_zones),
        Record::ResolverEndpoint => row!(aws.resolver_endpoints),
        Record::Instance => row!(aws.instances),
        Record::Cluster => row!(databricks.clusters),
        Record::Warehouse => row!(databricks.warehouses),
        Record::KeyConfiguration => row!(databricks.key_configurations),
        Record::Bucket => row!(databricks.storage_configurations),
        Record::Role => row!(databricks.credentials),
        Record::FlowLog => row!(aws.flow_logs),
        Record::IpAccessList if r.part & super::access::OF_ACCOUNT != 0 => row!(databricks.account_ip_lists),
        Record::IpAccessList => row!(databricks.ip_lists),
        Record::LogDelivery => row!(databricks.log_deliveries),
        Record::Ncc | Record::NccRule => row!(databricks.nccs),
        Record::NetworkPolicy => row!(databricks.network_policies),
        Record::Gap => Some(read("", e.noted[r.row as usize].1)),
    }
}
