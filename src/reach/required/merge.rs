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
        let mut after = 0;
        for blocker in blockers {
            let inward = blocker.detail.contains(" in from ");
            let key = (blocker.code, blocker.resource.clone(), blocker.leg, inward);
            let at = self.merged.iter().position(|merged| merged.key == key).unwrap_or_else(|| {
                let (ports, subnets, addresses) = (RangeSetBlaze::new(), BTreeSet::new(), BTreeSet::new());
                self.merged.insert(after, Merged { key, blocker, ports, subnets, addresses });
                after
            });
            let merged = &mut self.merged[at];
            merged.ports.ranges_insert(stopped.ports.from..=stopped.ports.to);
            merged.subnets.insert(stopped.subnet.to_owned());
            merged.addresses.extend(stopped.to);
            after = at + 1;
        }
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
