//! NAT gateways, peering connections, transit gateways.

use super::{Kind, Record, Ref, Schema, TEXTS, bool, field, find_one, maybe_text, text, texts, unsaid};
use crate::estate::aws::{NatGateway, Peering, PeeringSide, RouteTarget, TransitVpcAttachment};
use crate::estate::net::{AddressSet, is_ipv6};
use crate::estate::{Estate, Known};

pub(super) static NAT_GATEWAY: Schema = Schema {
    name: "NatGateway",
    doc: "A NAT gateway, as a subject one that cluster subnets are routed to.",
    fields: &[
        field("id", Kind::Text, "`nat-…`.", |e, r| text(&e.aws.nat_gateways.row(r.row).id)),
        field("state", Kind::Text, "`available`, `failed`, `deleted` and others.", |e, r| text(&nat(e, r)?.state)),
        field("public", Kind::Bool, "Whether it has a public address.", |e, r| {
            bool(nat(e, r)?.connectivity_type.as_deref() != Some("private"))
        }),
        field("public_addresses", TEXTS, "Its public addresses.", |e, r| {
            texts(nat(e, r)?.nat_gateway_addresses.iter().filter_map(|address| address.public_ip.as_ref()))
        }),
        field("subnet", Kind::Record(Record::Subnet), "The subnet it sits in.", |e, r| {
            find_one(
                Record::Subnet,
                &e.aws.subnets,
                &e.aws.nat_gateways.row(r.row).place,
                nat(e, r)?.subnet_id.as_ref(),
            )
        }),
        field(
            "used_by_own_subnet",
            Kind::Bool,
            "Whether the default route of its own subnet leads back to it.",
            |e, r| {
                let row = e.aws.nat_gateways.row(r.row);
                let Some(subnet) = &nat(e, r)?.subnet_id else {
                    return Err(unsaid(&e.aws.nat_gateways, r.row, "its subnet"));
                };
                let subnet = Ref::row(Record::Subnet, e.aws.subnets.find(subnet, &row.place)?);
                let table = e.aws.route_tables.row(super::vpc::route_table_of(e, subnet)?).body.known()?;
                let back = |route: &&crate::estate::aws::Route| route.target() == RouteTarget::NatGateway(&row.id);
                bool(table.routes.iter().filter(|route| super::vpc::is_default(route)).any(|route| back(&route)))
            },
        ),
    ],
};

pub(super) static PEERING: Schema = Schema {
    name: "Peering",
    doc: "A peering connection, as a subject one that a route table of a cluster subnet leads to.",
    fields: &[
        field("id", Kind::Text, "`pcx-…`.", |e, r| text(&e.aws.peerings.row(r.row).id)),
        field("status", Kind::Text, "`active`, `pending-acceptance`, `deleted` and others.", |e, r| {
            text(&peering(e, r)?.status.code)
        }),
        field("whole_peer_routes", TEXTS, "Routes of cluster subnets that cover the whole peer VPC.", |e, r| {
            let peering = peering(e, r)?;
            let mut whole = Vec::new();
            for (subnet, table) in cluster_tables(e) {
                let subnet = e.aws.subnets.row(subnet).body.known()?;
                let peer = peer_side(peering, &subnet.vpc_id).and_then(|side| side.cidr_block.as_deref());
                let set = AddressSet::of(peer);
                for route in &e.aws.route_tables.row(table).body.known()?.routes {
                    let here = route.target() == RouteTarget::Peering(&peering.vpc_peering_connection_id);
                    if here && peer.is_none() {
                        return Err(unsaid(&e.aws.peerings, r.row, "the block of the peer"));
                    }
                    if here && AddressSet::of([route.destination()]).covers(&set) {
                        whole.push(format!("{} in {}", route.destination(), e.aws.route_tables.row(table).id));
                    }
                }
            }
            if whole.is_empty() {
                // a route table that nobody collected may hold such a route
                e.aws.route_tables.complete(&e.aws.peerings.row(r.row).place)?;
            }
            whole.sort();
            whole.dedup();
            texts(whole)
        }),
        field("peer", Kind::Text, "The VPC on the far side of the compute VPC, with its account.", |e, r| {
            let peering = peering(e, r)?;
            let near = [&peering.requester_vpc_info, &peering.accepter_vpc_info]
                .into_iter()
                .find(|side| side.vpc_id.as_ref().is_some_and(|vpc| e.graph.networks_of_vpc.contains_key(vpc)));
            let far = near.and_then(|near| peer_side(peering, near.vpc_id.as_deref()?));
            maybe_text(far.map(|far| {
                format!(
                    "{} of account {}",
                    far.vpc_id.as_deref().unwrap_or("a VPC"),
                    far.owner_id.as_deref().unwrap_or("unknown")
                )
            }))
        }),
    ],
};

pub(super) static TRANSIT_GATEWAY: Schema = Schema {
    name: "TransitGateway",
    doc: "A transit gateway that a compute VPC is attached to.",
    fields: &[
        field("id", Kind::Text, "`tgw-…`.", |e, r| text(&e.aws.transit_gateways.row(r.row).id)),
        field("accepts_automatically", Kind::Bool, "AutoAcceptSharedAttachments.", |e, r| {
            let options = &e.aws.transit_gateways.row(r.row).body.known()?.options;
            let accepts = options.auto_accept_shared_attachments.as_deref();
            accepts.map_or_else(
                || Err(unsaid(&e.aws.transit_gateways, r.row, "AutoAcceptSharedAttachments")),
                |accepts| bool(accepts == "enable"),
            )
        }),
    ],
};

pub(super) static TRANSIT_ATTACHMENT: Schema = Schema {
    name: "TransitAttachment",
    doc: "A VPC attachment of a transit gateway in a VPC that Databricks uses.",
    fields: &[
        field("id", Kind::Text, "`tgw-attach-…`.", |e, r| text(&e.aws.transit_vpc_attachments.row(r.row).id)),
        field("state", Kind::Text, "`available`, `pendingAcceptance`, `failed` and others.", |e, r| {
            text(&attachment(e, r)?.state)
        }),
        field("vpc_id", Kind::Text, "The VPC.", |e, r| text(&attachment(e, r)?.vpc_id)),
        field("transit_gateway_id", Kind::Text, "`tgw-…`.", |e, r| text(&attachment(e, r)?.transit_gateway_id)),
    ],
};

fn nat(e: &Estate, r: Ref) -> Known<&NatGateway> {
    e.aws.nat_gateways.row(r.row).body.known()
}

fn peering(e: &Estate, r: Ref) -> Known<&Peering> {
    e.aws.peerings.row(r.row).body.known()
}

fn attachment(e: &Estate, r: Ref) -> Known<&TransitVpcAttachment> {
    e.aws.transit_vpc_attachments.row(r.row).body.known()
}

fn peer_side<'a>(peering: &'a Peering, vpc: &str) -> Option<&'a PeeringSide> {
    let sides = [&peering.requester_vpc_info, &peering.accepter_vpc_info];
    sides.into_iter().find(|side| side.vpc_id.as_deref() != Some(vpc))
}

/// Cluster subnets with their route tables, as far as both are known.
pub(super) fn cluster_tables(e: &Estate) -> Vec<(u32, u32)> {
    let mut subnets: Vec<u32> = e.graph.networks_of_subnet.keys().filter_map(|id| e.aws.subnets.number(id)).collect();
    subnets.sort_unstable();
    subnets
        .into_iter()
        .filter_map(|row| Some((row, super::vpc::route_table_of(e, Ref::row(Record::Subnet, row)).ok()?)))
        .collect()
}

/// NAT gateways that the default routes of a subnet lead to.
pub(super) fn nats_of_subnet(e: &Estate, subnet: Ref) -> Known<Vec<u32>> {
    let table = e.aws.route_tables.row(super::vpc::route_table_of(e, subnet)?);
    let mut nats = Vec::new();
    for route in table.body.known()?.routes.iter().filter(|route| super::vpc::is_default(route)) {
        if let RouteTarget::NatGateway(id) = route.target() {
            nats.push(e.aws.nat_gateways.find(id, &table.place)?);
        }
    }
    Ok(nats)
}

/// Where a live IPv4 default route of a subnet leads, when it is no public NAT gateway: what
/// address packets leave from is then not known.
pub(super) fn other_way_out(e: &Estate, subnet: Ref) -> Known<Option<String>> {
    let table = e.aws.route_tables.row(super::vpc::route_table_of(e, subnet)?);
    let routes = table.body.known()?.routes.iter().filter(|route| super::vpc::is_default(route));
    for route in routes.filter(|route| !is_ipv6(route.destination()) && !route.is_blackhole()) {
        let other = match route.target() {
            RouteTarget::NatGateway(id) => {
                e.aws.nat_gateways.body(id, &table.place)?.connectivity_type.as_deref() == Some("private")
            }
            _ => true,
        };
        if other {
            return Ok(Some(route.target().id().to_owned()));
        }
    }
    Ok(None)
}
