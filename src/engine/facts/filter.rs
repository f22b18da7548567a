//! Security groups and network ACLs.

use std::sync::Arc;

use super::{Fact, Kind, Read, Record, Ref, Schema, TEXTS, bool, field, find_one, int, records, text, texts};
use crate::estate::aws::{IpPermission, NetworkAcl, SecurityGroup, Subnet};
use crate::estate::net::AddressSet;
use crate::estate::{Estate, Gap, Known, Place};
use crate::reach::group::{self, Peer};
use crate::reach::{Direction, Ports, Protocol, acl};

const PERMISSIONS: Kind = Kind::List(&Kind::Record(Record::Permission));

pub(super) static SECURITY_GROUP: Schema = Schema {
    name: "SecurityGroup",
    doc: "A security group. As a subject: one that a network configuration gives to cluster nodes.",
    fields: &[
        field("id", Kind::Text, "`sg-…`.", |e, r| text(&e.aws.security_groups.row(r.row).id)),
        field("name", Kind::Text, "Its name.", |e, r| text(name(e, r)?)),
        field("vpc_id", Kind::Text, "The VPC.", |e, r| text(vpc_id(e, r)?)),
        field("vpc", Kind::Record(Record::Vpc), "The VPC.", |e, r| {
            find_one(Record::Vpc, &e.aws.vpcs, place(e, r), Some(vpc_id(e, r)?))
        }),
        field("is_default", Kind::Bool, "Whether it is the VPC's default group.", |e, r| {
            bool(name(e, r)? == "default")
        }),
        field("ingress", PERMISSIONS, "Inbound permissions.", |e, r| permissions(e, r, Direction::Ingress)),
        field("egress", PERMISSIONS, "Outbound permissions.", |e, r| permissions(e, r, Direction::Egress)),
        field("attached", Kind::Bool, "Whether any network interface carries it.", |e, r| {
            let id = &e.aws.security_groups.row(r.row).id;
            if e.graph.interfaces_of_group.contains_key(id) {
                return bool(true);
            }
            e.aws.interfaces.complete_of(vpc_id(e, r)?, place(e, r))?;
            bool(false)
        }),
        field(
            "networks",
            Kind::List(&Kind::Record(Record::Network)),
            "Network configurations that name it.",
            |e, r| {
                super::network::listed(e)?;
                records(
                    Record::Network,
                    super::vpc::edges(&e.graph.networks_of_group, &e.aws.security_groups.row(r.row).id),
                )
            },
        ),
        field(
            "open_ports",
            TEXTS,
            "Inbound protocols and ports that the internet at large is admitted to, by union of all permissions.",
            |e, r| texts(open_ports(e, r, Direction::Ingress)?),
        ),
        field(
            "internet_egress",
            TEXTS,
            "Outbound protocols and ports to the internet at large, by union of all permissions.",
            |e, r| texts(open_ports(e, r, Direction::Egress)?),
        ),
        field(
            "outside_sources",
            TEXTS,
            "Inbound blocks that lie outside of the VPC, the internet at large left out.",
            |e, r| {
                let sources = outside(e, r, |_| true)?;
                texts(sources.into_iter().filter(|block| !AddressSet::of([block.as_str()]).is_internet()))
            },
        ),
        field(
            "egress_unrestricted",
            Kind::Bool,
            "Whether it lets every protocol, or every TCP port, out to the internet at large.",
            |e, r| {
                let (open, gap) = open_ports_so_far(e, r, Direction::Egress)?;
                let everything = open.iter().any(|ports| ports == "all protocols" || ports == "tcp/all");
                if everything { bool(true) } else { gap.map_or_else(|| bool(false), Err) }
            },
        ),
        field(
            "legacy_port_sources",
            TEXTS,
            "Inbound blocks outside of the VPC that reach 22 or 5555 to 5557.",
            |e, r| {
                let legacy = [Ports::one(22), Ports { from: 5555, to: 5557 }];
                texts(outside(e, r, |permission| {
                    let ports = group::ports_of(permission);
                    // a rule for every port is judged as an open group, not as a leftover
                    ports != Ports::ALL
                        && Protocol::TCP.is(&permission.ip_protocol)
                        && legacy.iter().any(|port| ports.overlaps(*port))
                })?)
            },
        ),
    ],
};

pub(super) static PERMISSION: Schema = Schema {
    name: "Permission",
    doc: "A permission of a security group: protocol and ports with every peer that has them.",
    fields: &[
        field("protocol", Kind::Text, "`tcp`, `udp`, `icmp`, a number, or `-1` for all.", |e, r| {
            text(&permission(e, r)?.ip_protocol)
        }),
        field("from_port", Kind::Int, "First port; 0 when all.", |e, r| {
            int(i64::from(group::ports_of(permission(e, r)?).from))
        }),
        field("to_port", Kind::Int, "Last port; 65535 when all.", |e, r| {
            int(i64::from(group::ports_of(permission(e, r)?).to))
        }),
        field("cidr_blocks", TEXTS, "IPv4 and IPv6 peers.", |e, r| texts(group::blocks(permission(e, r)?))),
        field("group_ids", TEXTS, "Peers by group.", |e, r| {
            texts(permission(e, r)?.user_id_group_pairs.iter().map(|pair| &pair.group_id))
        }),
        field("prefix_list_ids", TEXTS, "Peers by prefix list.", |e, r| {
            texts(permission(e, r)?.prefix_list_ids.iter().map(|list| &list.prefix_list_id))
        }),
    ],
};

pub(super) static NETWORK_ACL: Schema = Schema {
    name: "NetworkAcl",
    doc: "A network ACL.",
    fields: &[
        field("id", Kind::Text, "`acl-…`.", |e, r| text(&e.aws.network_acls.row(r.row).id)),
        field("is_default", Kind::Bool, "Whether it is the VPC's default ACL.", |e, r| {
            bool(network_acl(e, r)?.is_default)
        }),
        field(
            "admits_all_inbound_first",
            Kind::Bool,
            "Whether the inbound entry with the lowest number allows everything from everywhere.",
            |e, r| {
                let entries = acl::ordered(network_acl(e, r)?, Direction::Ingress);
                bool(entries.first().is_some_and(|entry| {
                    entry.rule_action == "allow"
                        && entry.protocol == "-1"
                        && entry.cidr_block.as_deref() == Some("0.0.0.0/0")
                }))
            },
        ),
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

/// The name of a group; one that was put together from its rules has none.
fn name(e: &Estate, r: Ref) -> Known<&String> {
    let name = Some(&group(e, r)?.group_name).filter(|name| !name.is_empty());
    name.ok_or_else(|| super::unsaid(&e.aws.security_groups, r.row, "the name"))
}

fn vpc_id(e: &Estate, r: Ref) -> Known<&String> {
    group(e, r)?.vpc_id.as_ref().ok_or_else(|| super::unsaid(&e.aws.security_groups, r.row, "the VPC"))
}

/// Whether AWS keeps the prefix list: those hold the addresses of one service, never everyone.
fn is_aws_list(e: &Estate, id: &str, place: &Place) -> bool {
    e.aws.prefix_lists.body(id, place).is_ok_and(|name| name.starts_with("com.amazonaws."))
}

/// The blocks of a permission, those of the customer's prefix lists too; and the gap of a list
/// that nobody read.
fn reached<'e>(e: &'e Estate, place: &Place, permission: &'e IpPermission) -> (Vec<&'e str>, Option<Arc<Gap>>) {
    let mut blocks: Vec<&str> = group::blocks(permission).collect();
    let mut gap = None;
    for list in permission.prefix_list_ids.iter().filter(|list| !is_aws_list(e, &list.prefix_list_id, place)) {
        match e.aws.prefix_list_entries.body(&list.prefix_list_id, place) {
            Ok(entries) => blocks.extend(entries.iter().map(String::as_str)),
            Err(missing) => gap = Some(missing),
        }
    }
    (blocks, gap)
}

/// Protocols and ports for which the union of peers is the internet at large. The list is never
/// empty because a prefix list was not read.
fn open_ports(e: &Estate, r: Ref, direction: Direction) -> Known<Vec<String>> {
    match open_ports_so_far(e, r, direction)? {
        (open, Some(gap)) if open.is_empty() => Err(gap),
        (open, _) => Ok(open),
    }
}

/// What is known to be open, and the gap behind which more may be.
fn open_ports_so_far(e: &Estate, r: Ref, direction: Direction) -> Known<(Vec<String>, Option<Arc<Gap>>)> {
    let mut gap = None;
    let mut permissions = Vec::new();
    for permission in group::permissions(group(e, r)?, direction) {
        let (blocks, missing) = reached(e, place(e, r), permission);
        gap = gap.or(missing);
        permissions.push((permission, blocks));
    }
    let mut open = Vec::new();
    let mut protocols: Vec<&str> = permissions.iter().map(|(permission, _)| permission.ip_protocol.as_str()).collect();
    protocols.sort_unstable();
    protocols.dedup();
    for protocol in protocols {
        let same: Vec<_> =
            permissions.iter().filter(|(p, _)| p.ip_protocol == protocol || p.ip_protocol == "-1").collect();
        let pieces = Ports::ALL.cut(same.iter().map(|(permission, _)| group::ports_of(permission)));
        let mut run: Option<Ports> = None;
        for piece in pieces {
            let covering = same.iter().filter(|(permission, _)| group::ports_of(permission).covers(piece));
            let set = AddressSet::of(covering.flat_map(|(_, blocks)| blocks.iter().copied()));
            if set.is_internet() {
                run = Some(Ports { from: run.map_or(piece.from, |run| run.from), to: piece.to });
            } else if let Some(run) = run.take() {
                open.push(port_label(protocol, run));
            }
        }
        open.extend(run.map(|run| port_label(protocol, run)));
    }
    Ok((open, gap))
}

fn port_label(protocol: &str, ports: Ports) -> String {
    match (protocol, ports) {
        ("-1", _) => "all protocols".to_owned(),
        (protocol, Ports::ALL) => format!("{protocol}/all"),
        (protocol, Ports { from, to }) if from == to => format!("{protocol}/{from}"),
        (protocol, Ports { from, to }) => format!("{protocol}/{from}-{to}"),
    }
}

/// Inbound blocks of the wanted permissions that are not wholly inside the group's VPC; a list
/// that AWS keeps stands by its id. Never empty because a prefix list was not read.
fn outside(e: &Estate, r: Ref, wanted: impl Fn(&IpPermission) -> bool) -> Known<Vec<String>> {
    let group = group(e, r)?;
    let (mut blocks, mut outside, mut gap) = (Vec::new(), Vec::new(), None);
    for permission in group.ip_permissions.iter().filter(|permission| wanted(permission)) {
        let (reached, missing) = reached(e, place(e, r), permission);
        blocks.extend(reached);
        gap = gap.or(missing);
        let lists = permission.prefix_list_ids.iter().map(|list| list.prefix_list_id.as_str());
        outside.extend(lists.filter(|id| is_aws_list(e, id, place(e, r))));
    }
    if !blocks.is_empty() {
        let inside = super::vpc::blocks(e.aws.vpcs.body(vpc_id(e, r)?, place(e, r))?);
        let inside = AddressSet::of(inside.iter().map(String::as_str));
        outside.extend(blocks.into_iter().filter(|block| !inside.covers(&AddressSet::of([*block]))));
    }
    outside.sort_unstable();
    outside.dedup();
    match gap {
        Some(gap) if outside.is_empty() => Err(gap),
        _ => Ok(outside.into_iter().map(str::to_owned).collect()),
    }
}

/// The nodes of a subnet as a security group sees them: its addresses, and the groups that
/// every node of its network configurations carries.
pub fn peer_of(e: &Estate, subnet: &Subnet) -> Known<Peer> {
    let mut peer = Peer { addresses: AddressSet::of([subnet.cidr_block.as_str()]), ..Peer::default() };
    let networks = super::vpc::edges(&e.graph.networks_of_subnet, &subnet.subnet_id);
    let mut shared: Option<std::collections::BTreeSet<String>> = None;
    for row in networks {
        let groups: std::collections::BTreeSet<String> =
            e.databricks.networks.row(row).body.known()?.security_group_ids.iter().cloned().collect();
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
