//! What a network ACL admits: entries in ascending order of their number, the first match
//! decides, deny at the end. Stateless: each direction is asked on its own. Source: AWS,
//! "Control subnet traffic with network access control lists".

use super::traffic::{Direction, Ports, Protocol};
use crate::estate::aws::{AclEntry, NetworkAcl};
use crate::estate::net::AddressSet;

/// The entry that turns a flow away.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal<'a> {
    /// An explicit entry.
    Entry(&'a AclEntry),
    /// The deny at the end of every ACL.
    Default,
}

/// Whether every flow of `protocol` on destination `ports` with an address of `peer` passes;
/// else what turns some of them away.
pub fn refusal<'a>(
    acl: &'a NetworkAcl,
    direction: Direction,
    protocol: Protocol,
    ports: Ports,
    peer: &AddressSet,
) -> Option<Refusal<'a>> {
    let entries = ordered(acl, direction);
    let entries: Vec<&AclEntry> = entries.into_iter().filter(|entry| protocol.is(&entry.protocol)).collect();
    for piece in ports.cut(entries.iter().map(|entry| ports_of(entry))) {
        let mut left = peer.clone();
        for entry in entries.iter().filter(|entry| ports_of(entry).covers(piece)) {
            let block = AddressSet::of(entry.cidr_block.as_deref().into_iter().chain(entry.ipv6_cidr_block.as_deref()));
            if entry.rule_action != "allow" && left.overlaps(&block) {
                return Some(Refusal::Entry(entry));
            }
            left = left.difference(&block);
            if left.is_empty() {
                break;
            }
        }
        if !left.is_empty() {
            return Some(Refusal::Default);
        }
    }
    None
}

/// What turns away the internet at large, IPv4: a deny of a few blocks does not count.
pub fn shuts_out(acl: &NetworkAcl, direction: Direction, protocol: Protocol, ports: Ports) -> Option<Refusal<'_>> {
    let entries = ordered(acl, direction);
    let entries: Vec<&AclEntry> = entries.into_iter().filter(|entry| protocol.is(&entry.protocol)).collect();
    for piece in ports.cut(entries.iter().map(|entry| ports_of(entry))) {
        let mut left = AddressSet::of(["0.0.0.0/0"]);
        let mut denied = left.clone();
        let mut first = None;
        for entry in entries.iter().filter(|entry| ports_of(entry).covers(piece)) {
            let block = AddressSet::of(entry.cidr_block.as_deref());
            let decided = left.intersection(&block);
            if entry.rule_action == "allow" {
                denied = denied.difference(&decided);
            } else if first.is_none() && !decided.is_empty() {
                first = Some(*entry);
            }
            left = left.difference(&block);
        }
        if denied.is_internet() {
            return Some(first.filter(|_| !left.is_internet()).map_or(Refusal::Default, Refusal::Entry));
        }
    }
    None
}

/// The entries of one direction in the order of their numbers; the order of the answer means
/// nothing.
pub fn ordered(acl: &NetworkAcl, direction: Direction) -> Vec<&AclEntry> {
    let egress = direction == Direction::Egress;
    let mut entries: Vec<&AclEntry> = acl.entries.iter().filter(|entry| entry.egress == egress).collect();
    entries.sort_by_key(|entry| entry.rule_number);
    entries
}

fn ports_of(entry: &AclEntry) -> Ports {
    let bounds = entry.port_range;
    Ports::of_rule(&entry.protocol, bounds.map(|bounds| bounds.from), bounds.map(|bounds| bounds.to))
}

#[cfg(test)]
mod tests {
    use super::{Refusal, refusal, shuts_out};
    use crate::estate::aws::{AclEntry, NetworkAcl, PortBounds};
    use crate::estate::net::AddressSet;
    use crate::reach::{Direction, Ports, Protocol};

    fn entry(number: i64, action: &str, protocol: &str, ports: Option<(i64, i64)>, block: &str) -> AclEntry {
        AclEntry {
            rule_number: number,
            rule_action: action.to_owned(),
            protocol: protocol.to_owned(),
            cidr_block: Some(block.to_owned()),
            port_range: ports.map(|(from, to)| PortBounds { from, to }),
            ..Default::default()
        }
    }

    fn refused(entries: Vec<AclEntry>, ports: Ports, block: &str) -> Option<i64> {
        let acl = NetworkAcl { entries, ..Default::default() };
        match refusal(&acl, Direction::Ingress, Protocol::TCP, ports, &AddressSet::of([block])) {
            None => None,
            Some(Refusal::Entry(entry)) => Some(entry.rule_number),
            Some(Refusal::Default) => Some(32767),
        }
    }

    #[test]
    fn the_lowest_number_decides_whatever_the_order_of_the_list() {
        let entries = vec![
            entry(200, "allow", "-1", None, "0.0.0.0/0"),
            entry(100, "deny", "6", Some((1024, 65535)), "0.0.0.0/0"),
        ];
        assert_eq!(refused(entries, Ports { from: 1024, to: 65535 }, "0.0.0.0/0"), Some(100));
        let entries = vec![entry(200, "deny", "-1", None, "0.0.0.0/0"), entry(100, "allow", "6", None, "0.0.0.0/0")];
        assert_eq!(refused(entries, Ports::ALL, "0.0.0.0/0"), None);
    }

    #[test]
    fn what_no_entry_admits_is_denied() {
        assert_eq!(refused(vec![], Ports::one(443), "10.0.0.0/8"), Some(32767));
        let entries = vec![entry(100, "allow", "6", Some((443, 443)), "10.0.0.0/9")];
        assert_eq!(refused(entries, Ports::one(443), "10.0.0.0/8"), Some(32767));
    }

    #[test]
    fn a_deny_of_a_part_refuses_the_whole() {
        let entries = vec![
            entry(90, "deny", "6", Some((2000, 2000)), "10.9.9.9/32"),
            entry(100, "allow", "-1", None, "0.0.0.0/0"),
        ];
        assert_eq!(refused(entries.clone(), Ports { from: 1024, to: 65535 }, "10.0.0.0/8"), Some(90));
        assert_eq!(refused(entries, Ports::one(443), "10.0.0.0/8"), None);
    }

    #[test]
    fn a_deny_of_a_part_does_not_shut_out_the_internet() {
        let shut = |entries: Vec<AclEntry>| {
            let acl = NetworkAcl { entries, ..Default::default() };
            match shuts_out(&acl, Direction::Ingress, Protocol::TCP, Ports::one(443)) {
                None => None,
                Some(Refusal::Entry(entry)) => Some(entry.rule_number),
                Some(Refusal::Default) => Some(32767),
            }
        };
        assert_eq!(
            shut(vec![entry(90, "deny", "6", None, "198.51.100.0/24"), entry(100, "allow", "-1", None, "0.0.0.0/0")]),
            None
        );
        assert_eq!(
            shut(vec![entry(90, "deny", "6", None, "0.0.0.0/0"), entry(100, "allow", "-1", None, "0.0.0.0/0")]),
            Some(90)
        );
        assert_eq!(shut(vec![entry(100, "allow", "-1", None, "10.0.0.0/8")]), Some(32767));
        assert_eq!(
            shut(vec![entry(100, "allow", "-1", None, "0.0.0.0/1"), entry(110, "allow", "-1", None, "128.0.0.0/1")]),
            None
        );
    }

    #[test]
    fn several_allows_add_up() {
        let entries = vec![
            entry(100, "allow", "6", Some((0, 999)), "0.0.0.0/0"),
            entry(110, "allow", "6", Some((1000, 65535)), "0.0.0.0/0"),
        ];
        assert_eq!(refused(entries, Ports::ALL, "0.0.0.0/0"), None);
    }
}
