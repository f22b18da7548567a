//! What the security groups of an interface admit: the union of their permissions. Stateful, so
//! one direction is enough. Source: AWS, "Security group rules".

use std::collections::BTreeSet;

use super::traffic::{Direction, Ports, Protocol};
use crate::estate::aws::{IpPermission, SecurityGroup};
use crate::estate::net::AddressSet;
use crate::estate::{Estate, Known, Place};

/// The other end of a flow, as a security group sees it.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    /// Its addresses: all of them must be admitted.
    pub addresses: AddressSet,
    /// Groups that all of its interfaces carry: a reference to one admits it.
    pub groups: BTreeSet<String>,
}

/// Whether `groups` together admit every flow of `protocol` on `ports` with `peer`. A prefix
/// list whose blocks nobody collected makes the answer unknown, unless the rest admits it.
pub fn admit(
    estate: &Estate,
    place: &Place,
    groups: &[&SecurityGroup],
    direction: Direction,
    protocol: Protocol,
    ports: Ports,
    peer: &Peer,
) -> Known<bool> {
    let permissions: Vec<&IpPermission> =
        groups.iter().flat_map(|group| permissions(group, direction)).filter(|p| protocol.is(&p.ip_protocol)).collect();
    let mut unknown = None;
    for piece in ports.cut(permissions.iter().map(|permission| ports_of(permission))) {
        let mut admitted = AddressSet::default();
        let mut by_group = false;
        let mut open = None;
        for permission in permissions.iter().filter(|permission| ports_of(permission).covers(piece)) {
            by_group |= permission.user_id_group_pairs.iter().any(|pair| peer.groups.contains(&pair.group_id));
            for block in blocks(permission) {
                admitted.insert(block);
            }
            for list in &permission.prefix_list_ids {
                match estate.aws.prefix_list_entries.body(&list.prefix_list_id, place) {
                    Ok(entries) => entries.iter().for_each(|block| {
                        admitted.insert(block);
                    }),
                    Err(gap) => open = Some(gap),
                }
            }
        }
        let admitted = by_group || (!peer.addresses.is_empty() && admitted.covers(&peer.addresses));
        match (admitted, open) {
            (true, _) => {}
            (false, None) => return Ok(false),
            (false, Some(gap)) => unknown = Some(gap),
        }
    }
    unknown.map_or(Ok(true), Err)
}

/// The permissions of one direction.
pub fn permissions(group: &SecurityGroup, direction: Direction) -> &[IpPermission] {
    match direction {
        Direction::Ingress => &group.ip_permissions,
        Direction::Egress => &group.ip_permissions_egress,
    }
}

/// The ports of a permission.
pub fn ports_of(permission: &IpPermission) -> Ports {
    Ports::of_rule(&permission.ip_protocol, permission.from_port, permission.to_port)
}

/// The address blocks of a permission.
pub fn blocks(permission: &IpPermission) -> impl Iterator<Item = &str> {
    let v4 = permission.ip_ranges.iter().map(|range| range.cidr_ip.as_str());
    v4.chain(permission.ipv6_ranges.iter().map(|range| range.cidr_ipv6.as_str()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Peer, admit};
    use crate::estate::aws::{GroupPair, IpPermission, IpRange, PrefixListRef, SecurityGroup};
    use crate::estate::net::AddressSet;
    use crate::estate::{Estate, Place};
    use crate::reach::{Direction, Ports, Protocol};

    fn permission(protocol: &str, from: i64, to: i64, blocks: &[&str]) -> IpPermission {
        let ip_ranges = blocks.iter().map(|block| IpRange { cidr_ip: (*block).to_owned() }).collect();
        let (from_port, to_port) = (Some(from), Some(to));
        IpPermission { ip_protocol: protocol.to_owned(), from_port, to_port, ip_ranges, ..Default::default() }
    }

    fn verdict(permissions: Vec<IpPermission>, ports: Ports, blocks: &[&str], groups: &[&str]) -> Result<bool, ()> {
        let group = SecurityGroup { ip_permissions: permissions, ..Default::default() };
        let peer = Peer {
            addresses: AddressSet::of(blocks.iter().copied()),
            groups: groups.iter().map(|group| (*group).to_owned()).collect::<BTreeSet<_>>(),
        };
        let (place, estate) = (Place::default(), Estate::default());
        admit(&estate, &place, &[&group], Direction::Ingress, Protocol::TCP, ports, &peer).map_err(|_| ())
    }

    #[test]
    fn a_union_of_rules_admits_what_no_rule_admits_alone() {
        let rules = vec![
            permission("tcp", 0, 1000, &["10.0.0.0/25", "10.0.0.128/25"]),
            permission("6", 1001, 65535, &["10.0.0.0/8"]),
        ];
        assert_eq!(verdict(rules.clone(), Ports::ALL, &["10.0.0.0/24"], &[]), Ok(true));
        assert_eq!(verdict(rules, Ports::ALL, &["10.0.0.0/23"], &[]), Ok(false));
    }

    #[test]
    fn no_rule_admits_nothing_and_no_address_is_not_everyone() {
        assert_eq!(verdict(vec![], Ports::one(443), &["10.0.0.0/24"], &[]), Ok(false));
        assert_eq!(verdict(vec![permission("-1", -1, -1, &["0.0.0.0/0"])], Ports::one(443), &[], &[]), Ok(false));
    }

    #[test]
    fn a_reference_admits_who_carries_the_group() {
        let mut rule = permission("tcp", 443, 443, &[]);
        rule.user_id_group_pairs = vec![GroupPair { group_id: "sg-1".into(), ..Default::default() }];
        assert_eq!(verdict(vec![rule.clone()], Ports::one(443), &["10.0.0.0/24"], &["sg-1"]), Ok(true));
        assert_eq!(verdict(vec![rule], Ports::one(443), &["10.0.0.0/24"], &["sg-2"]), Ok(false));
    }

    #[test]
    fn an_uncollected_prefix_list_is_unknown_unless_the_rest_admits() {
        let mut rule = permission("tcp", 443, 443, &[]);
        rule.prefix_list_ids = vec![PrefixListRef { prefix_list_id: "pl-1".into() }];
        assert_eq!(verdict(vec![rule.clone()], Ports::one(443), &["10.0.0.0/24"], &[]), Err(()));
        rule.ip_ranges = vec![IpRange { cidr_ip: "10.0.0.0/8".into() }];
        assert_eq!(verdict(vec![rule], Ports::one(443), &["10.0.0.0/24"], &[]), Ok(true));
    }
}
