//! Many answers to one: the same blocker of many flows is told once, with the ports, subnets and
//! addresses that it stops, in the order of the path.

use std::collections::BTreeSet;

use range_set_blaze::RangeSetBlaze;

use crate::reach::address::Ip;
use crate::reach::code::Code;
use crate::reach::flow::{Blocker, Leg};
use crate::reach::traffic::{Ports, Protocol};

/// Addresses that a merged blocker names.
const NAMED: usize = 4;

/// Blockers of many flows.
#[derive(Clone, Debug, Default)]
pub(super) struct Merge {
    merged: Vec<Merged>,
}

#[derive(Clone, Debug)]
struct Merged {
    key: Key,
    blocker: Blocker,
    ports: RangeSetBlaze<u16>,
    subnets: BTreeSet<String>,
    addresses: BTreeSet<Ip>,
}

/// What makes two blockers the same: groups that close both directions are two.
type Key = (Code, String, Leg, bool);

fn key(blocker: &Blocker) -> Key {
    (blocker.code, blocker.resource.clone(), blocker.leg, blocker.detail.contains(" in from "))
}

/// The flow that was stopped.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopped<'a> {
    pub(super) ports: Ports,
    pub(super) subnet: &'a str,
    pub(super) to: Option<Ip>,
}

impl Merge {
    /// Adds the blockers of one flow, which are in the order of its path.
    pub(super) fn add(&mut self, blockers: Vec<Blocker>, stopped: Stopped<'_>) {
        let keys: Vec<Key> = blockers.iter().map(key).collect();
        for (number, blocker) in blockers.into_iter().enumerate() {
            let at = self.place(&keys[number]).unwrap_or_else(|| {
                // before what comes after it on this path, else last
                let later = keys[number + 1..].iter().filter_map(|key| self.place(key)).min();
                let at = later.unwrap_or(self.merged.len());
                let (ports, subnets, addresses) = (RangeSetBlaze::new(), BTreeSet::new(), BTreeSet::new());
                self.merged.insert(at, Merged { key: keys[number].clone(), blocker, ports, subnets, addresses });
                at
            });
            let merged = &mut self.merged[at];
            merged.ports.ranges_insert(stopped.ports.from..=stopped.ports.to);
            merged.subnets.insert(stopped.subnet.to_owned());
            merged.addresses.extend(stopped.to);
        }
    }

    fn place(&self, key: &Key) -> Option<usize> {
        self.merged.iter().position(|merged| merged.key == *key)
    }

    /// The blockers, each with everything that it stops.
    pub(super) fn told(&self, protocol: Protocol) -> Vec<Blocker> {
        let told = self.merged.iter().map(|merged| {
            let mut blocker = merged.blocker.clone();
            let mut parts = Vec::new();
            if merged.ports.len() > 1u32 {
                parts.push(format!("for {protocol}/{}", words(&merged.ports)));
            }
            if merged.subnets.len() > 1 {
                let subnets: Vec<&str> = merged.subnets.iter().map(String::as_str).collect();
                parts.push(format!("from {}", subnets.join(", ")));
            }
            if merged.addresses.len() > 1 {
                let named: Vec<String> = merged.addresses.iter().take(NAMED).map(Ip::to_string).collect();
                let more = merged.addresses.len().saturating_sub(NAMED);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                parts.push(format!("to {}{more}", named.join(", ")));
            }
            if !parts.is_empty() {
                blocker.detail = format!("{}; in all {}", blocker.detail, parts.join(" "));
            }
            blocker
        });
        told.collect()
    }
}

/// Ports in words: `8443, 8445-8451`.
pub(super) fn words(ports: &RangeSetBlaze<u16>) -> String {
    let ranges = ports.ranges().map(|range| match (range.start(), range.end()) {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}-{last}"),
    });
    ranges.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Merge, Stopped};
    use crate::estate::Origin;
    use crate::reach::code::Code;
    use crate::reach::flow::{Blocker, Leg};
    use crate::reach::traffic::{Ports, Protocol};

    fn blocker(resource: &str, detail: &str) -> Blocker {
        let (code, leg, origin) = (Code::GroupMismatch, Leg::Forward, Origin::default());
        Blocker { code, resource: resource.to_owned(), leg, detail: detail.to_owned(), origin }
    }

    fn merge(flows: &[(&[&str], u16, &str)]) -> Vec<String> {
        let mut merge = Merge::default();
        for (blockers, port, subnet) in flows {
            let blockers = blockers.iter().map(|id| blocker(id, &format!("{id} stops {port}"))).collect();
            merge.add(blockers, Stopped { ports: Ports::one(*port), subnet, to: None });
        }
        merge.told(Protocol::TCP).into_iter().map(|blocker| blocker.detail).collect()
    }

    #[test]
    fn one_flow_is_told_as_it_is() {
        assert_eq!(merge(&[(&["a", "b"], 1, "s")]), ["a stops 1", "b stops 1"]);
    }

    #[test]
    fn many_flows_are_told_once() {
        let told = merge(&[(&["a"], 1, "s"), (&["a"], 2, "s"), (&["a"], 2, "t"), (&["a"], 9, "t")]);
        assert_eq!(told, ["a stops 1; in all for tcp/1-2, 9 from s, t"]);
    }

    #[test]
    fn the_order_is_that_of_the_path() {
        let order = |flows: &[(&[&str], u16, &str)]| -> String {
            merge(flows).iter().filter_map(|detail| detail.chars().next()).collect()
        };
        assert_eq!(order(&[(&["b"], 1, "s"), (&["a", "b", "c"], 1, "s")]), "abc");
        assert_eq!(order(&[(&["a", "c"], 1, "s"), (&["b", "c"], 1, "s"), (&["d"], 1, "s")]), "abcd");
    }

    #[test]
    fn a_group_that_is_closed_both_ways_is_told_twice() {
        let mut merge = Merge::default();
        let both = vec![
            blocker("sg", "no rule admits udp/0 out to 10.0.0.1"),
            blocker("sg", "no rule admits udp/0 in from 10.0.0.2"),
        ];
        merge.add(both, Stopped { ports: Ports::ALL, subnet: "s", to: None });
        assert_eq!(merge.told(Protocol::UDP).len(), 2);
    }
}
