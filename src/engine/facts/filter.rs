//! Security groups and network ACLs.

use super::{Fact, Kind, Read, Record, Ref, Schema, TEXTS, bool, field, find_one, int, maybe_text, records, text, texts};
use crate::estate::aws::{IpPermission, NetworkAcl, SecurityGroup, Subnet};
use crate::estate::net::AddressSet;
use crate::estate::{Estate, Known, Place};
use crate::reach::group::{self, Peer};
use crate::reach::{Direction, Ports, Protocol, acl};

const PERMISSIONS: Kind = Kind::List(&Kind::Record(Record::Permission));

pub(super) static SECURITY_GROUP: Schema = Schema {
    name: "SecurityGroup",
    doc: "A security group. As a subject: one that a network configuration gives to cluster nodes.",
    fields: &[
        field("id", Kind::Text, "`sg-…`.", |e, r| text(&e.aws.security_groups.row(r.row).id)),
        field("name", Kind::Text, "Its name.", |e, r| text(&group(e, r)?.group_name)),
        field("vpc_id", Kind::Text, "The VPC, when the answer says it.", |e, r| maybe_text(group(e, r)?.vpc_id.as_ref())),
        field("vpc", Kind::Record(Record::Vpc), "The VPC, when the answer says it.", |e, r| {
            find_one(Record::Vpc, &e.aws.vpcs, place(e, r), group(e, r)?.vpc_id.as_ref())
        }),
        field("is_default", Kind::Bool, "Whether it is the VPC's default group.", |e, r| bool(group(e, r)?.group_name == "default")),
        field("ingress", PERMISSIONS, "Inbound permissions.", |e, r| permissions(e, r, Direction::Ingress)),
        field("egress", PERMISSIONS, "Outbound permissions.", |e, r| permissions(e, r, Direction::Egress)),
        field("attached", Kind::Bool, "Whether any network interface carries it.", |e, r| {
            let id = &e.aws.security_groups.row(r.row).id;
            if e.graph.interfaces_of_group.contains_key(id) {
                return bool(true);
            }
            e.aws.interfaces.complete(place(e, r))?;
            bool(false)
        }),
        field("networks", Kind::List(&Kind::Record(Record::Network)), "Network configurations that name it.", |e, r| {
            records(Record::Network, super::vpc::edges(&e.graph.networks_of_group, &e.aws.security_groups.row(r.row).id))
        }),
        field("open_ports", TEXTS, "Inbound protocols and ports that the internet at large is admitted to, by union of all permissions.", |e, r| {
            texts(open_ports(group(e, r)?, Direction::Ingress))
        }),
        field("internet_egress", TEXTS, "Outbound protocols and ports to the internet at large, by union of all permissions.", |e, r| {
            texts(open_ports(group(e, r)?, Direction::Egress))
        }),
        field("outside_sources", TEXTS, "Inbound blocks that lie outside of the VPC, the internet at large left out.", |e, r| {
            let sources = outside(e, r, |_| true)?;
            texts(sources.into_iter().filter(|block| !AddressSet::of([block.as_str()]).is_internet()))
        }),
        field("legacy_port_sources", TEXTS, "Inbound blocks outside of the VPC that reach 22 or 5555 to 5557.", |e, r| {
            let legacy = [Ports::one(22), Ports { from: 5555, to: 5557 }];
            texts(outside(e, r, |permission| {
                let ports = group::ports_of(permission);
                // a rule for every port is judged as an open group, not as a leftover
                ports != Ports::ALL && Protocol::Tcp.is(&permission.ip_protocol) && legacy.iter().any(|port| ports.overlaps(*port))
            })?)
        }),
    ],
};

pub(super) static PERMISSION: Schema = Schema {
    name: "Permission",
    doc: "A permission of a security group: protocol and ports with every peer that has them.",
    fields: &[
        field("protocol", Kind::Text, "`tcp`, `udp`, `icmp`, a number, or `-1` for all.", |e, r| text(&permission(e, r)?.ip_protocol)),
        field("from_port", Kind::Int, "First port; 0 when all.", |e, r| int(i64::from(group::ports_of(permission(e, r)?).from))),
        field("to_port", Kind::Int, "Last port; 65535 when all.", |e, r| int(i64::from(group::ports_of(permission(e, r)?).to))),
        field("cidr_blocks", TEXTS, "IPv4 and IPv6 peers.", |e, r| texts(group::blocks(permission(e, r)?))),
        field("group_ids", TEXTS, "Peers by group.", |e, r| texts(permission(e, r)?.user_id_group_pairs.iter().map(|pair| &pair.group_id))),
        field("prefix_list_ids", TEXTS, "Peers by prefix list.", |e, r| texts(permission(e, r)?.prefix_list_ids.iter().map(|list| &list.prefix_list_id))),
    ],
};

pub(super) static NETWORK_ACL: Schema = Schema {
    name: "NetworkAcl",
    doc: "A network ACL.",
    fields: &[
        field("id", Kind::Text, "`acl-…`.", |e, r| text(&e.aws.network_acls.row(r.row).id)),
        field("is_default", Kind::Bool, "Whether it is the VPC's default ACL.", |e, r| bool(network_acl(e, r)?.is_default)),
        field("admits_all_inbound_first", Kind::Bool, "Whether the inbound entry with the lowest number allows everything from everywhere.", |e, r| {
            let entries = acl::ordered(network_acl(e, r)?, Direction::Ingress);
            bool(entries.first().is_some_and(|entry| {
                entry.rule_action == "allow" && entry.protocol == "-1" && entry.cidr_block.as_deref() == Some("0.0.0.0/0")
            }))
        }),
    ],
};

fn group(e: &Estate, r: Ref) -> Known<&SecurityGroup> {
    e.aws.security_groups.row(r.row).body.known()
}

fn place(e: &Estate, r: Ref) -> &Place {
    &e.aws.security_groups.row(r.row).place
}

/// The ACL of a reference.
pub(super) fn network_acl(e: &Estate, r: Ref) -> Known<&NetworkAcl> {
    e.aws.network_acls.row(r.row).body.known()
}

fn permissions(e: &Estate, r: Ref, direction: Direction) -> Read {
    let count = group::permissions(group(e, r)?, direction).len();
    // outbound permissions are numbered after the inbound ones, so that one part number is enough
    let offset = if direction == Direction::Egress { group(e, r)?.ip_permissions.len() } else { 0 };
    let part = |index| Fact::Record(Ref::part(Record::Permission, r.row, offset + index));
    Ok(Fact::List((0..count).map(part).collect()))
}

fn permission(e: &Estate, r: Ref) -> Known<&IpPermission> {
    let group = group(e, r)?;
    let mut all = group.ip_permissions.iter().chain(&group.ip_permissions_egress);
    all.nth(r.part as usize).ok_or_else(|| super::unsaid(&e.aws.security_groups, r.row, "this permission"))
}

/// Protocols and ports for which the union of peers is the internet at large.
fn open_ports(group: &SecurityGroup, direction: Direction) -> Vec<String> {
    let permissions = group::permissions(group, direction);
    let mut open = Vec::new();
    let mut protocols: Vec<&str> = permissions.iter().map(|permission| permission.ip_protocol.as_str()).collect();
    protocols.sort_unstable();
    protocols.dedup();
    for protocol in protocols {
        let same = |permission: &&IpPermission| permission.ip_protocol == protocol || permission.ip_protocol == "-1";
        let pieces = Ports::ALL.cut(permissions.iter().filter(same).map(group::ports_of));
        let mut run: Option<Ports> = None;
        for piece in pieces {
            let covering = permissions.iter().filter(same).filter(|permission| group::ports_of(permission).covers(piece));
            let set = AddressSet::of(covering.flat_map(group::blocks));
            if set.is_internet() {
                run = Some(Ports { from: run.map_or(piece.from, |run| run.from), to: piece.to });
            } else if let Some(run) = run.take() {
                open.push(port_label(protocol, run));
            }
        }
        open.extend(run.map(|run| port_label(protocol, run)));
    }
    open
}

fn port_label(protocol: &str, ports: Ports) -> String {
    match (protocol, ports) {
        ("-1", _) => "all protocols".to_owned(),
        (protocol, Ports::ALL) => format!("{protocol}/all"),
        (protocol, Ports { from, to }) if from == to => format!("{protocol}/{from}"),
        (protocol, Ports { from, to }) => format!("{protocol}/{from}-{to}"),
    }
}

/// Inbound blocks of the wanted permissions that are not wholly inside the group's VPC.
fn outside(e: &Estate, r: Ref, wanted: impl Fn(&IpPermission) -> bool) -> Known<Vec<String>> {
    let group = group(e, r)?;
    let mut blocks: Vec<&str> = group.ip_permissions.iter().filter(|permission| wanted(permission)).flat_map(group::blocks).collect();
    if blocks.is_empty() {
        return Ok(Vec::new());
    }
    let Some(vpc_id) = &group.vpc_id else { return Err(super::unsaid(&e.aws.security_groups, r.row, "the VPC")) };
    let vpc = e.aws.vpcs.body(vpc_id, place(e, r))?;
    let inside = super::vpc::blocks(vpc);
    let inside = AddressSet::of(inside.iter().map(String::as_str));
    blocks.retain(|block| !inside.covers(&AddressSet::of([*block])));
    blocks.sort_unstable();
    blocks.dedup();
    Ok(blocks.into_iter().map(str::to_owned).collect())
}

/// The nodes of a subnet as a security group sees them: its addresses, and the groups that
/// every node of its network configurations carries.
pub fn peer_of(e: &Estate, subnet: &Subnet) -> Known<Peer> {
    let mut peer = Peer { addresses: AddressSet::of([subnet.cidr_block.as_str()]), ..Peer::default() };
    let networks = super::vpc::edges(&e.graph.networks_of_subnet, &subnet.subnet_id);
    let mut shared: Option<std::collections::BTreeSet<String>> = None;
    for row in networks {
        let groups: std::collections::BTreeSet<String> = e.databricks.networks.row(row).body.known()?.security_group_ids.iter().cloned().collect();
        shared = Some(match shared {
            None => groups,
            // a subnet of two networks has nodes of both: only groups that all of them carry count
            Some(shared) => shared.intersection(&groups).cloned().collect(),
        });
    }
    peer.groups = shared.unwrap_or_default();
    Ok(peer)
}

/// Whether the groups with these ids together admit the flow. A group that was not collected
/// makes the answer unknown, unless the others admit it.
pub fn group_set_admits<'a>(
    e: &Estate,
    place: &Place,
    ids: impl IntoIterator<Item = &'a String>,
    flow: (Direction, Protocol, Ports),
    peer: &Peer,
) -> Known<bool> {
    let (direction, protocol, ports) = flow;
    let mut groups = Vec::new();
    let mut missing = None;
    for id in ids {
        match e.aws.security_groups.body(id, place) {
            Ok(group) => groups.push(group),
            Err(gap) => missing = Some(gap),
        }
    }
    match (group::admit(e, place, &groups, direction, protocol, ports, peer), missing) {
        (Ok(true), _) => Ok(true),
        (answer, None) => answer,
        (_, Some(gap)) => Err(gap),
    }
}
