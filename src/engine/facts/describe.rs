//! What reports call a record, where it was read, and which workspaces it serves.

use std::collections::BTreeSet;

use super::gap::gap;
use super::network::INFERRED;
use super::vpc::edges;
use super::walk::{origin_of_account, origin_of_vpc};
use super::{Fact, Record, Ref};
use crate::estate::{Estate, Gap, Origin};
use crate::finding::Subject;

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
        Record::NccRule | Record::Cluster | Record::NetworkPolicy | Record::RequiredPath => read("id"),
        _ => row_id.clone().or_else(|| read("id")),
    };
    let id = id.or(row_id).unwrap_or_else(|| r.kind.singular().to_owned());
    let name = match r.kind {
        Record::RequiredPath => super::path::full_name(e, r),
        _ => read("name").unwrap_or_else(|| id.clone()),
    };
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
        Record::RequiredPath => return vec![super::path::workspace_name(e, r)],
        _ if r.part == INFERRED => return vec![super::workspace::name(e, r)],
        Record::Network | Record::Exposure => vec![r.row],
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
        return Some(super::account::account(e, r).to_owned());
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
            let account = super::account::account(e, r);
            Some(read(account, origin_of_account(e, account)))
        }
        Record::Workspace => row!(databricks.workspaces),
        Record::RequiredPath => {
            let row = databricks.workspaces.row(super::path::workspace_of(e, r));
            Some(read(&row.id, row.origin))
        }
        Record::Network | Record::Exposure => row!(databricks.networks),
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
