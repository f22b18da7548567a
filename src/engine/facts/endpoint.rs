//! VPC endpoints and the customer's own endpoint services.

use super::vpc::edges;
use super::{
    Fact, Kind, Read, Record, Ref, Schema, TEXTS, bool, field, find_all, find_one, maybe_text, records, text, texts,
};
use crate::estate::aws::VpcEndpoint;
use crate::estate::region::{Region, Service, service_region};
use crate::estate::{Estate, Known, Place};
use crate::reach::names::private_names;

pub(super) static VPC_ENDPOINT: Schema = Schema {
    name: "VpcEndpoint",
    doc: "A VPC endpoint, as a subject in a VPC that Databricks uses.",
    fields: &[
        field("id", Kind::Text, "`vpce-…`.", |e, r| text(&e.aws.vpc_endpoints.row(r.row).id)),
        field("state", Kind::Text, "State in lower case, such as `available` or `pendingacceptance`.", |e, r| {
            text(endpoint(e, r)?.state.to_ascii_lowercase())
        }),
        field("is_interface", Kind::Bool, "Whether it is an interface endpoint.", |e, r| {
            bool(is_interface(endpoint(e, r)?))
        }),
        field(
            "service",
            Kind::Text,
            "`databricks-workspace`, `databricks-relay`, `databricks-service-direct`, `s3`, `sts`, `kinesis-streams`, another AWS service, or `other`.",
            |e, r| text(service_of(endpoint(e, r)?)),
        ),
        field("service_name", Kind::Text, "The service as AWS names it.", |e, r| text(&endpoint(e, r)?.service_name)),
        field("service_region", Kind::Text, "Region in the name of the service, null if it has none.", |e, r| {
            maybe_text(service_region(&endpoint(e, r)?.service_name))
        }),
        field("region", Kind::Text, "Region of the endpoint.", |e, r| {
            let region = &place(e, r).region;
            region.as_ref().map_or_else(|| Err(super::unsaid(&e.aws.vpc_endpoints, r.row, "the region")), text)
        }),
        field(
            "is_databricks",
            Kind::Bool,
            "Whether it leads to Databricks: by published service id, or because it is registered.",
            |e, r| {
                let endpoint = endpoint(e, r)?;
                let registered = e.graph.registrations_of_endpoint.contains_key(&endpoint.vpc_endpoint_id);
                bool(registered || Region::service(&endpoint.service_name).is_some())
            },
        ),
        field("vpc_id", Kind::Text, "The VPC.", |e, r| text(&endpoint(e, r)?.vpc_id)),
        field("vpc", Kind::Record(Record::Vpc), "The VPC.", |e, r| {
            find_one(Record::Vpc, &e.aws.vpcs, place(e, r), Some(&endpoint(e, r)?.vpc_id))
        }),
        field("subnets", Kind::List(&Kind::Record(Record::Subnet)), "Subnets of an interface endpoint.", |e, r| {
            find_all(Record::Subnet, &e.aws.subnets, place(e, r), &endpoint(e, r)?.subnet_ids)
        }),
        field(
            "security_groups",
            Kind::List(&Kind::Record(Record::SecurityGroup)),
            "Groups of an interface endpoint.",
            |e, r| {
                find_all(
                    Record::SecurityGroup,
                    &e.aws.security_groups,
                    place(e, r),
                    endpoint(e, r)?.groups.iter().map(|pair| &pair.group_id),
                )
            },
        ),
        field("route_table_ids", TEXTS, "Route tables of a gateway endpoint.", |e, r| {
            texts(&endpoint(e, r)?.route_table_ids)
        }),
        field(
            "private_dns",
            Kind::Bool,
            "PrivateDnsEnabled: whether the service's names lead to it inside its VPC.",
            |e, r| bool(endpoint(e, r)?.private_dns_enabled),
        ),
        field(
            "private_names",
            TEXTS,
            "Names that it answers to inside its VPC, beside its own regional ones.",
            |e, r| {
                let endpoint = endpoint(e, r)?;
                let names: Vec<String> = private_names(endpoint).collect();
                // AWS lists the names with those of the endpoint itself: no list is no answer
                if names.is_empty() && endpoint.private_dns_enabled && is_interface(endpoint) {
                    return Err(super::unsaid(&e.aws.vpc_endpoints, r.row, "its private DNS names"));
                }
                texts(names)
            },
        ),
        field("addresses", TEXTS, "Private addresses of its interfaces.", |e, r| texts(addresses(e, r)?)),
        field("registered", Kind::Bool, "Whether a Databricks account registered it.", |e, r| {
            if e.graph.registrations_of_endpoint.contains_key(&e.aws.vpc_endpoints.row(r.row).id) {
                return bool(true);
            }
            registrations_known(e)?;
            bool(false)
        }),
        field("registration", Kind::Record(Record::Registration), "Its registration, null without one.", |e, r| {
            match edges(&e.graph.registrations_of_endpoint, &e.aws.vpc_endpoints.row(r.row).id).first() {
                Some(row) => super::record(Record::Registration, *row),
                None => registrations_known(e).map(|()| Fact::Null),
            }
        }),
        field("back_end", Kind::Bool, "Whether a network configuration names it.", |e, r| bool(back_end(e, r)?)),
        field(
            "front_end",
            Kind::Bool,
            "Whether it leads to the workspace service and serves no network configuration: users come through it.",
            |e, r| bool(service_of(endpoint(e, r)?) == Service::Workspace.name() && !back_end(e, r)?),
        ),
        field("networks", Kind::List(&Kind::Record(Record::Network)), "Network configurations of its VPC.", |e, r| {
            records(Record::Network, edges(&e.graph.networks_of_vpc, &endpoint(e, r)?.vpc_id))
        }),
        field(
            "cluster_subnets",
            Kind::List(&Kind::Record(Record::Subnet)),
            "Cluster subnets that it must serve: those of the network configurations that name it, or of its VPC for an AWS service.",
            cluster_subnets,
        ),
        field(
            "foreign_route_tables",
            TEXTS,
            "For a gateway endpoint: its route tables that serve no cluster subnet but serve another one.",
            |e, r| {
                let endpoint = endpoint(e, r)?;
                e.aws.subnets.complete_of(&endpoint.vpc_id, place(e, r))?;
                e.aws.route_tables.complete_of(&endpoint.vpc_id, place(e, r))?;
                let mut cluster = std::collections::BTreeSet::new();
                let mut used = std::collections::BTreeSet::new();
                for row in edges(&e.graph.subnets_of_vpc, &endpoint.vpc_id) {
                    let table = super::vpc::route_table_of(e, Ref::row(Record::Subnet, row))?;
                    let id = &e.aws.route_tables.row(table).id;
                    used.insert(id);
                    if e.graph.networks_of_subnet.contains_key(&e.aws.subnets.row(row).id) {
                        cluster.insert(id);
                    }
                }
                texts(endpoint.route_table_ids.iter().filter(|id| used.contains(id) && !cluster.contains(id)))
            },
        ),
        field(
            "zone_names",
            TEXTS,
            "Workspace names that a private zone leads to it, in a zone of its VPC or of a VPC whose inbound resolver other networks ask.",
            super::dns::names_leading_to,
        ),
        field(
            "policy_is_default",
            Kind::Bool,
            "Whether its policy lets everyone do everything, as AWS's default policy does.",
            |e, r| bool(super::guard::endpoint_policy(e, r)?.is_none_or(|policy| policy.admits_everything())),
        ),
        field("account", Kind::Text, "AWS account that it belongs to.", |e, r| {
            let account = place(e, r).account.as_ref();
            account.map_or_else(|| Err(super::unsaid(&e.aws.vpc_endpoints, r.row, "its account")), text)
        }),
        field(
            "databricks_accounts",
            TEXTS,
            "AWS accounts that Databricks acts from in the endpoint's partition.",
            |e, r| {
                let gov = place(e, r).region.as_ref().is_some_and(|region| region.starts_with("us-gov-"));
                let principals = super::guard::databricks_principals(if gov { "arn:aws-us-gov" } else { "arn:aws" });
                texts(principals.iter().filter_map(|principal| principal.split(':').nth(4)))
            },
        ),
        field(
            "published_name",
            Kind::Text,
            "Name that Databricks publishes for its service over PrivateLink, or that other regions' names suggest; null when it is no such service.",
            |e, r| {
                maybe_text(Region::service(&endpoint(e, r)?.service_name).and_then(|(region, service)| {
                    match service {
                        Service::Workspace => region.privatelink_name(),
                        Service::Relay => region
                            .scc_relay_privatelink_hostname
                            .as_deref()
                            .or(region.scc_relay_privatelink_hostname_pattern_candidate.as_deref()),
                        Service::ServiceDirect => None,
                    }
                }))
            },
        ),
        field("partition", Kind::Text, "AWS partition of its region.", |e, r| {
            text(if place(e, r).region.as_deref().is_some_and(|region| region.starts_with("us-gov-")) {
                "aws-us-gov"
            } else {
                "aws"
            })
        }),
        field("aws_account", Kind::Text, "AWS account that holds it.", |e, r| {
            let account = &place(e, r).account;
            account.as_ref().map_or_else(|| Err(super::unsaid(&e.aws.vpc_endpoints, r.row, "the account")), text)
        }),
        field("databricks_principals", TEXTS, "Principals that Databricks may act as in its region.", |e, r| {
            texts(shards(e, r).into_iter().map(Region::databricks_principal))
        }),
        field(
            "artifact_buckets",
            TEXTS,
            "Buckets of its region that clusters fetch their images from; empty when not published.",
            |e, r| {
                texts(once(
                    shards(e, r).into_iter().flat_map(|region| region.artifact_buckets.clone().unwrap_or_default()),
                ))
            },
        ),
        field("artifact_owner", Kind::Text, "AWS account that owns those buckets; null when not published.", |e, r| {
            maybe_text(shards(e, r).first().map(|region| region.artifact_owner()))
        }),
        field(
            "log_buckets",
            TEXTS,
            "Buckets of its region that clusters write logs to, one for each shard; empty when not published.",
            |e, r| texts(once(shards(e, r).into_iter().filter_map(|region| region.log_bucket.clone()))),
        ),
        field(
            "system_tables_buckets",
            TEXTS,
            "Buckets of its region that hold system tables, one for each shard; empty when not published.",
            |e, r| texts(once(shards(e, r).into_iter().filter_map(|region| region.system_tables_bucket.clone()))),
        ),
        field(
            "serves_clusters",
            Kind::Bool,
            "For an AWS service: whether nodes come through it. A gateway endpoint must be on the route table of a cluster subnet, an interface endpoint must answer to the service's names.",
            serves_clusters,
        ),
    ],
};

pub(super) static ENDPOINT_SERVICE: Schema = Schema {
    name: "EndpointService",
    doc: "An endpoint service of the customer, for serverless compute to connect to.",
    fields: &[
        field("id", Kind::Text, "`vpce-svc-…`.", |e, r| text(&e.aws.endpoint_services.row(r.row).id)),
        field("acceptance_required", Kind::Bool, "Whether its owner accepts each connection.", |e, r| {
            let required = e.aws.endpoint_services.row(r.row).body.known()?.acceptance_required;
            required.map_or_else(|| Err(super::unsaid(&e.aws.endpoint_services, r.row, "AcceptanceRequired")), bool)
        }),
        field("principals", TEXTS, "Who may connect.", |e, r| {
            let row = e.aws.endpoint_services.row(r.row);
            texts(e.aws.endpoint_service_permissions.body(&row.id, &row.place)?)
        }),
    ],
};

pub(super) fn endpoint(e: &Estate, r: Ref) -> Known<&VpcEndpoint> {
    e.aws.vpc_endpoints.row(r.row).body.known()
}

pub(super) fn place(e: &Estate, r: Ref) -> &Place {
    &e.aws.vpc_endpoints.row(r.row).place
}

fn is_interface(endpoint: &VpcEndpoint) -> bool {
    endpoint.vpc_endpoint_type.as_deref().unwrap_or("Interface") == "Interface"
}

/// What an endpoint leads to, as rules name it.
pub(super) fn service_of(endpoint: &VpcEndpoint) -> &'static str {
    if let Some((_, service)) = Region::service(&endpoint.service_name) {
        return service.name();
    }
    match endpoint.service_name.rsplit('.').next() {
        Some("s3") => "s3",
        Some("sts") => "sts",
        Some("kinesis-streams") => "kinesis-streams",
        Some("kms") => "kms",
        Some("ec2") => "ec2",
        Some("glue") => "glue",
        Some("dynamodb") => "dynamodb",
        Some("logs") => "logs",
        _ => "other",
    }
}

/// Private addresses of an endpoint's interfaces, sorted.
pub(super) fn addresses(e: &Estate, r: Ref) -> Known<Vec<String>> {
    let mut addresses = Vec::new();
    for id in &endpoint(e, r)?.network_interface_ids {
        addresses.extend(e.aws.interfaces.body(id, place(e, r))?.private_ip_address.clone());
    }
    addresses.sort();
    Ok(addresses)
}

fn serves_clusters(e: &Estate, r: Ref) -> Read {
    let endpoint = endpoint(e, r)?;
    let Fact::List(subnets) = cluster_subnets(e, r)? else { return bool(false) };
    if is_interface(endpoint) {
        return bool(endpoint.private_dns_enabled && !subnets.is_empty());
    }
    let mut missing = None;
    for subnet in subnets {
        let table = match subnet {
            Fact::Record(subnet) => super::vpc::route_table_of(e, subnet),
            Fact::Missing(gap) => Err(gap),
            _ => continue,
        };
        match table {
            Ok(row) if endpoint.route_table_ids.contains(&e.aws.route_tables.row(row).id) => return bool(true),
            Ok(_) => {}
            Err(gap) => missing = Some(gap),
        }
    }
    missing.map_or_else(|| bool(false), Err)
}

/// What is published about the region of an endpoint.
fn shards(e: &Estate, r: Ref) -> Vec<&'static Region> {
    place(e, r).region.as_deref().map(|region| Region::shards(region).collect()).unwrap_or_default()
}

fn once(names: impl Iterator<Item = String>) -> std::collections::BTreeSet<String> {
    names.collect()
}

fn registrations_known(e: &Estate) -> Known<()> {
    // an endpoint may be registered with any account, so all that are known must have answered
    let mut places = e.graph.accounts.iter().map(|account| Place { account: Some(account.clone()), region: None });
    if e.graph.accounts.is_empty() {
        return e.databricks.registrations.complete(&Place::default());
    }
    places.try_for_each(|place| e.databricks.registrations.complete(&place))
}

fn back_end(e: &Estate, r: Ref) -> Known<bool> {
    let registrations = edges(&e.graph.registrations_of_endpoint, &e.aws.vpc_endpoints.row(r.row).id);
    let ids = registrations.iter().map(|row| &e.databricks.registrations.row(*row).id);
    if ids.into_iter().any(|id| e.graph.networks_of_registration.contains_key(id)) {
        return Ok(true);
    }
    registrations_known(e)?;
    for account in &e.graph.accounts {
        e.databricks.networks.complete(&Place { account: Some(account.clone()), region: None })?;
    }
    Ok(false)
}

fn cluster_subnets(e: &Estate, r: Ref) -> Read {
    let endpoint = endpoint(e, r)?;
    let mut networks = std::collections::BTreeSet::new();
    let registrations = edges(&e.graph.registrations_of_endpoint, &endpoint.vpc_endpoint_id);
    for row in &registrations {
        networks.extend(edges(&e.graph.networks_of_registration, &e.databricks.registrations.row(*row).id));
    }
    if registrations.is_empty() && Region::service(&endpoint.service_name).is_none() {
        networks.extend(edges(&e.graph.networks_of_vpc, &endpoint.vpc_id));
        if networks.is_empty() && e.graph.inferred.contains(&endpoint.vpc_id) {
            return Err(super::not_collected(
                crate::estate::Operation::ListNetworks,
                &Place::default(),
                &endpoint.vpc_id,
            ));
        }
    }
    let mut subnets = Vec::new();
    for row in networks {
        let ids = &e.databricks.networks.row(row).body.known()?.subnet_ids;
        match find_all(Record::Subnet, &e.aws.subnets, place(e, r), ids)? {
            Fact::List(found) => subnets.extend(found),
            other => subnets.push(other),
        }
    }
    Ok(Fact::List(subnets))
}
