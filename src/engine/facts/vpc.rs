//! VPCs, subnets, route tables.

use super::{Fact, Kind, Read, Record, Ref, Schema, TEXTS, bool, field, find_one, int, records, text, texts, unsaid};
use crate::estate::aws::{Route, RouteTable, RouteTarget, Subnet, Vpc};
use crate::estate::net::AddressSet;
use crate::estate::{Estate, Known, Place};
use crate::reach::names::own_servers;

pub(super) static VPC: Schema = Schema {
    name: "Vpc",
    doc: "A VPC that Databricks uses: named by a network configuration, or holding an endpoint to it.",
    fields: &[
        field("id", Kind::Text, "`vpc-…`.", |e, r| text(&e.aws.vpcs.row(r.row).id)),
        field("region", Kind::Text, "AWS region.", region_of),
        field("cidr_blocks", TEXTS, "IPv4 blocks in force.", |e, r| texts(blocks(vpc(e, r)?))),
        field("dns_support", Kind::Bool, "The attribute enableDnsSupport.", |e, r| {
            let row = e.aws.vpcs.row(r.row);
            bool(*e.aws.dns_support.body(&row.id, &row.place)?)
        }),
        field("dns_hostnames", Kind::Bool, "The attribute enableDnsHostnames.", |e, r| {
            let row = e.aws.vpcs.row(r.row);
            bool(*e.aws.dns_hostnames.body(&row.id, &row.place)?)
        }),
        field(
            "name_servers",
            TEXTS,
            "Name servers that DHCP hands out; `AmazonProvidedDNS` is the VPC's own.",
            |e, r| match vpc(e, r)?.dhcp_options_id.as_deref() {
                None | Some("default") => texts(["AmazonProvidedDNS"]),
                Some(id) => texts(e.aws.dhcp_options.body(id, place(e, r))?.name_servers()),
            },
        ),
        field(
            "custom_name_servers",
            TEXTS,
            "Those of them that are not the resolver of the VPC, by name or by address.",
            |e, r| {
                let vpc = vpc(e, r)?;
                let own = own_servers(vpc);
                let servers = match vpc.dhcp_options_id.as_deref() {
                    None | Some("default") => Vec::new(),
                    Some(id) => e.aws.dhcp_options.body(id, place(e, r))?.name_servers(),
                };
                texts(servers.into_iter().filter(|server| !own.contains(server)))
            },
        ),
        field("subnets", Kind::List(&Kind::Record(Record::Subnet)), "Its subnets.", |e, r| {
            e.aws.subnets.complete_of(&e.aws.vpcs.row(r.row).id, place(e, r))?;
            records(Record::Subnet, edges(&e.graph.subnets_of_vpc, &e.aws.vpcs.row(r.row).id))
        }),
        field("endpoints", Kind::List(&Kind::Record(Record::VpcEndpoint)), "Its VPC endpoints.", endpoints),
        field("flow_logs", Kind::List(&Kind::Record(Record::FlowLog)), "Flow logs on the whole VPC.", |e, r| {
            e.aws.flow_logs.complete_of(&e.aws.vpcs.row(r.row).id, place(e, r))?;
            records(Record::FlowLog, edges(&e.graph.flow_logs_of, &e.aws.vpcs.row(r.row).id))
        }),
        field("subnets_without_flow_log", TEXTS, "Cluster subnets without a flow log of their own.", |e, r| {
            texts(unlogged_subnets(e, r, |_| true)?)
        }),
        field(
            "subnets_without_reject_log",
            TEXTS,
            "Cluster subnets without a flow log of their own that records rejected packets.",
            |e, r| {
                texts(unlogged_subnets(e, r, |log| log.traffic_type.as_deref().is_some_and(|kind| kind != "ACCEPT"))?)
            },
        ),
        field(
            "networks",
            Kind::List(&Kind::Record(Record::Network)),
            "Network configurations that name it.",
            |e, r| records(Record::Network, edges(&e.graph.networks_of_vpc, &e.aws.vpcs.row(r.row).id)),
        ),
        field("hosted_zones", Kind::List(&Kind::Record(Record::HostedZone)), "Private zones that it sees.", |e, r| {
            super::dns::zones_of_vpc(e, r)
        }),
        field("compute", Kind::Bool, "Whether clusters run in it.", |e, r| {
            let id = &e.aws.vpcs.row(r.row).id;
            if e.graph.networks_of_vpc.contains_key(id) {
                return bool(true);
            }
            e.databricks
                .networks
                .complete(&Place::default())
                .or_else(|gap| if e.databricks.networks.collected_anywhere() { Ok(()) } else { Err(gap) })?;
            bool(false)
        }),
    ],
};

pub(super) static SUBNET: Schema = Schema {
    name: "Subnet",
    doc: "A subnet. As a subject: one that a network configuration names, where cluster nodes run.",
    fields: &[
        field("id", Kind::Text, "`subnet-…`.", |e, r| text(&e.aws.subnets.row(r.row).id)),
        field("vpc_id", Kind::Text, "The VPC.", |e, r| text(&subnet(e, r)?.vpc_id)),
        field("vpc", Kind::Record(Record::Vpc), "The VPC.", |e, r| {
            find_one(Record::Vpc, &e.aws.vpcs, place_of_subnet(e, r), Some(&subnet(e, r)?.vpc_id))
        }),
        field("cidr_block", Kind::Text, "IPv4 block.", |e, r| text(&subnet(e, r)?.cidr_block)),
        field("mask", Kind::Int, "Prefix length of the IPv4 block.", |e, r| {
            let block = crate::estate::net::parse_block(&subnet(e, r)?.cidr_block);
            block.map_or_else(
                || Err(unsaid(&e.aws.subnets, r.row, "a readable IPv4 block")),
                |block| int(i64::from(block.prefix())),
            )
        }),
        field("zone", Kind::Text, "Availability zone.", |e, r| {
            let zone = subnet(e, r)?.availability_zone.as_ref();
            zone.map_or_else(|| Err(unsaid(&e.aws.subnets, r.row, "the availability zone")), text)
        }),
        field("available_addresses", Kind::Int, "Free IPv4 addresses at the time of the answer.", |e, r| {
            let count = subnet(e, r)?.available_ip_address_count;
            count.map_or_else(|| Err(unsaid(&e.aws.subnets, r.row, "how many addresses are free")), int)
        }),
        field("maps_public_addresses", Kind::Bool, "MapPublicIpOnLaunch.", |e, r| {
            let maps = subnet(e, r)?.map_public_ip_on_launch;
            maps.map_or_else(|| Err(unsaid(&e.aws.subnets, r.row, "MapPublicIpOnLaunch")), bool)
        }),
        field(
            "route_table",
            Kind::Record(Record::RouteTable),
            "Its own route table, else the main one of the VPC.",
            |e, r| Ok(Fact::Record(Ref::row(Record::RouteTable, route_table_of(e, r)?))),
        ),
        field("network_acl", Kind::Record(Record::NetworkAcl), "Its network ACL.", |e, r| {
            match e.graph.acl_of_subnet.get(&e.aws.subnets.row(r.row).id) {
                Some(row) => super::record(Record::NetworkAcl, *row),
                None => {
                    e.aws.network_acls.complete(place_of_subnet(e, r))?;
                    Err(unsaid(&e.aws.subnets, r.row, "which network ACL it has"))
                }
            }
        }),
        field(
            "networks",
            Kind::List(&Kind::Record(Record::Network)),
            "Network configurations that name it.",
            |e, r| {
                super::network::listed(e)?;
                records(Record::Network, edges(&e.graph.networks_of_subnet, &e.aws.subnets.row(r.row).id))
            },
        ),
        field("peer_blocks", TEXTS, "IPv4 blocks of all cluster subnets of its network configurations.", |e, r| {
            let mut blocks = Vec::new();
            for network in edges(&e.graph.networks_of_subnet, &e.aws.subnets.row(r.row).id) {
                let row = e.databricks.networks.row(network);
                for id in &row.body.known()?.subnet_ids {
                    blocks.push(e.aws.subnets.body(id, place_of_subnet(e, r))?.cidr_block.clone());
                }
            }
            blocks.sort();
            blocks.dedup();
            texts(blocks)
        }),
        field(
            "back_end_private_link",
            Kind::Bool,
            "Whether a network configuration of it has both back-end endpoints.",
            |e, r| {
                let networks = edges(&e.graph.networks_of_subnet, &e.aws.subnets.row(r.row).id);
                let mut both = false;
                for network in networks {
                    let endpoints = &e.databricks.networks.row(network).body.known()?.vpc_endpoints;
                    both |= endpoints.as_ref().is_some_and(|e| !e.rest_api.is_empty() && !e.dataplane_relay.is_empty());
                }
                bool(both)
            },
        ),
        field(
            "compliance_security_profile",
            Kind::Bool,
            "Whether a workspace that uses it has the compliance security profile.",
            |e, r| {
                for network in edges(&e.graph.networks_of_subnet, &e.aws.subnets.row(r.row).id) {
                    if super::network::compliance_of_network(e, Ref::row(Record::Network, network))? {
                        return bool(true);
                    }
                }
                bool(false)
            },
        ),
        field("s3_gateway_routed", Kind::Bool, "Whether its route table leads S3 to a gateway endpoint.", |e, r| {
            let table = route_table_of(e, r)?;
            bool(s3_gateways(e, r)?.iter().any(|endpoint| e.aws.route_tables.row(table).id == **endpoint))
        }),
        field(
            "attachment_zones",
            TEXTS,
            "Zones in which its VPC has a transit gateway attachment subnet; attachments that failed or are gone left out.",
            |e, r| {
                e.aws.transit_vpc_attachments.complete_of(&subnet(e, r)?.vpc_id, place_of_subnet(e, r))?;
                let mut zones = Vec::new();
                for row in edges(&e.graph.attachments_of_vpc, &subnet(e, r)?.vpc_id) {
                    let attachment = e.aws.transit_vpc_attachments.row(row).body.known()?;
                    if ["deleted", "failed", "rejected"].contains(&attachment.state.as_str()) {
                        continue;
                    }
                    for id in &attachment.subnet_ids {
                        zones.extend(e.aws.subnets.body(id, place_of_subnet(e, r))?.availability_zone.clone());
                    }
                }
                zones.sort();
                zones.dedup();
                texts(zones)
            },
        ),
    ],
};

pub(super) static ROUTE_TABLE: Schema = Schema {
    name: "RouteTable",
    doc: "A route table.",
    fields: &[
        field("id", Kind::Text, "`rtb-…`.", |e, r| text(&e.aws.route_tables.row(r.row).id)),
        field("vpc_id", Kind::Text, "The VPC.", |e, r| text(&table(e, r)?.vpc_id)),
        field("routes", Kind::List(&Kind::Record(Record::Route)), "Its routes.", |e, r| {
            Ok(Fact::List(routes(e, r, |_| true)?))
        }),
        field(
            "default_routes",
            Kind::List(&Kind::Record(Record::Route)),
            "Routes to the internet at large: `0.0.0.0/0`, `::/0`, or halves of them.",
            |e, r| Ok(Fact::List(routes(e, r, is_default)?)),
        ),
    ],
};

pub(super) static ROUTE: Schema = Schema {
    name: "Route",
    doc: "A route of a route table.",
    fields: &[
        field("destination", Kind::Text, "A block or a prefix list id.", |e, r| text(route(e, r)?.destination())),
        field(
            "target_kind",
            Kind::Text,
            "`local`, `internet-gateway`, `nat-gateway`, `vpc-endpoint`, `transit-gateway`, `peering`, `network-interface`, `vpn-gateway`, `egress-only-internet-gateway` or `other`.",
            |e, r| text(route(e, r)?.target().kind()),
        ),
        field("target_id", Kind::Text, "The id of the target.", |e, r| text(route(e, r)?.target().id())),
        field("blackhole", Kind::Bool, "Whether the target is gone, so that packets are dropped.", |e, r| {
            bool(route(e, r)?.is_blackhole())
        }),
        field("nat_gateway", Kind::Record(Record::NatGateway), "The NAT gateway it leads to, if it does.", |e, r| {
            match route(e, r)?.target() {
                RouteTarget::NatGateway(id) => find_one(
                    Record::NatGateway,
                    &e.aws.nat_gateways,
                    &e.aws.route_tables.row(r.row).place,
                    Some(&id.to_owned()),
                ),
                _ => Ok(Fact::Null),
            }
        }),
        field("peering", Kind::Record(Record::Peering), "The peering connection it leads to, if it does.", |e, r| {
            match route(e, r)?.target() {
                RouteTarget::Peering(id) => find_one(
                    Record::Peering,
                    &e.aws.peerings,
                    &e.aws.route_tables.row(r.row).place,
                    Some(&id.to_owned()),
                ),
                _ => Ok(Fact::Null),
            }
        }),
    ],
};

// ------------------------------------------------------------------ readers that others share

pub(super) fn vpc(e: &Estate, r: Ref) -> Known<&Vpc> {
    e.aws.vpcs.row(r.row).body.known()
}

pub(super) fn subnet(e: &Estate, r: Ref) -> Known<&Subnet> {
    e.aws.subnets.row(r.row).body.known()
}

fn table(e: &Estate, r: Ref) -> Known<&RouteTable> {
    e.aws.route_tables.row(r.row).body.known()
}

fn route(e: &Estate, r: Ref) -> Known<&Route> {
    let table = table(e, r)?;
    table.routes.get(r.part as usize).ok_or_else(|| unsaid(&e.aws.route_tables, r.row, "this route"))
}

pub(super) fn place(e: &Estate, r: Ref) -> &Place {
    &e.aws.vpcs.row(r.row).place
}

pub(super) fn place_of_subnet(e: &Estate, r: Ref) -> &Place {
    &e.aws.subnets.row(r.row).place
}

pub(super) fn edges(edges: &crate::estate::graph::Edges, id: &str) -> Vec<u32> {
    edges.get(id).cloned().unwrap_or_default()
}

fn region_of(e: &Estate, r: Ref) -> Read {
    let region = &e.aws.vpcs.row(r.row).place.region;
    region.as_ref().map_or_else(|| Err(unsaid(&e.aws.vpcs, r.row, "the region")), text)
}

/// The IPv4 blocks of a VPC that are in force.
pub(super) fn blocks(vpc: &Vpc) -> Vec<String> {
    let associated = vpc.cidr_block_association_set.iter().filter(|block| block.is_associated());
    let mut blocks: Vec<String> = associated.filter_map(|block| block.cidr_block.clone()).collect();
    if blocks.is_empty() {
        blocks.extend(vpc.cidr_block.clone());
    }
    blocks
}

/// Cluster subnets of the VPC that no flow log of their own, of the wanted kind, records. Taken
/// from the network configurations, so that a subnet that nobody collected counts too.
fn unlogged_subnets(e: &Estate, r: Ref, wanted: fn(&crate::estate::aws::FlowLog) -> bool) -> Known<Vec<String>> {
    let mut unlogged = Vec::new();
    for network in edges(&e.graph.networks_of_vpc, &e.aws.vpcs.row(r.row).id) {
        for subnet in &e.databricks.networks.row(network).body.known()?.subnet_ids {
            e.aws.flow_logs.complete_of(subnet, place(e, r))?;
            let logs = edges(&e.graph.flow_logs_of, subnet);
            let mut logs = logs.into_iter().filter_map(|row| e.aws.flow_logs.row(row).body.known().ok());
            if !logs.any(wanted) {
                unlogged.push(subnet.clone());
            }
        }
    }
    unlogged.sort();
    unlogged.dedup();
    Ok(unlogged)
}

fn endpoints(e: &Estate, r: Ref) -> Read {
    e.aws.vpc_endpoints.complete_of(&e.aws.vpcs.row(r.row).id, place(e, r))?;
    records(Record::VpcEndpoint, edges(&e.graph.endpoints_of_vpc, &e.aws.vpcs.row(r.row).id))
}

pub(super) fn route_table_of(e: &Estate, r: Ref) -> Known<u32> {
    match e.route_table_of(subnet(e, r)?) {
        // a main table only speaks for the subnet when every table of the place was collected,
        // else an explicit association may be among those that are missing
        Some(row) if e.graph.route_table_of_subnet.contains_key(&e.aws.subnets.row(r.row).id) => Ok(row),
        Some(row) => e.aws.route_tables.complete_of(&subnet(e, r)?.vpc_id, place_of_subnet(e, r)).map(|()| row),
        None => {
            e.aws.route_tables.complete_of(&subnet(e, r)?.vpc_id, place_of_subnet(e, r))?;
            Err(unsaid(&e.aws.subnets, r.row, "which route table it has"))
        }
    }
}

/// Ids of the route tables that gateway endpoints for S3 in the subnet's VPC serve.
fn s3_gateways(e: &Estate, r: Ref) -> Known<Vec<&String>> {
    e.aws.vpc_endpoints.complete_of(&subnet(e, r)?.vpc_id, place_of_subnet(e, r))?;
    let mut tables = Vec::new();
    for row in edges(&e.graph.endpoints_of_vpc, &subnet(e, r)?.vpc_id) {
        let endpoint = e.aws.vpc_endpoints.row(row).body.known()?;
        let gateway = endpoint.vpc_endpoint_type.as_deref() == Some("Gateway");
        if gateway && super::endpoint::service_of(endpoint) == "s3" {
            tables.extend(&endpoint.route_table_ids);
        }
    }
    Ok(tables)
}

fn routes(e: &Estate, r: Ref, wanted: fn(&Route) -> bool) -> Known<Vec<Fact>> {
    let routes = table(e, r)?.routes.iter().enumerate().filter(|(_, route)| wanted(route));
    Ok(routes.map(|(part, _)| Fact::Record(Ref::part(Record::Route, r.row, part))).collect())
}

/// Whether a route leads a large part of the internet: `0.0.0.0/0`, `::/0`, or a half.
pub(super) fn is_default(route: &Route) -> bool {
    AddressSet::of([route.destination()]).is_internet()
}
