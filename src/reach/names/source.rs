//! The private sources of a VPC: hosted zones that it sees, and interface endpoints that answer to
//! names of their services. Those with the longest matching name speak for a name, and nobody else.

use std::sync::Arc;

use super::endpoint::{self, Claim};
use super::walk::{Seat, Walk};
use super::{Outcome, public, zone};
use crate::estate::{Gap, Operation, Reason};
use crate::reach::flow::Passage;

/// What may answer a name inside a VPC.
#[derive(Default)]
pub(super) struct Sources {
    /// Length of the name that those that speak have: of the zone, or of the zone that AWS keeps for
    /// an endpoint.
    pub(super) best: Option<usize>,
    zones: Vec<u32>,
    endpoints: Vec<u32>,
    /// Endpoints that lead to the service of the name and do not answer to it, and why.
    silent: Vec<(u32, &'static str)>,
    /// What may hold a source with a longer name.
    pub(super) missing: Vec<Arc<Gap>>,
}

impl Sources {
    /// The sources of a name. They answer only while DNS host names are on.
    pub(super) fn find(walk: &mut Walk<'_>, seat: Seat, host: &str) -> Result<Self, Outcome> {
        let (row, aws) = (walk.vpc(seat), &walk.estate.aws);
        let mut found = Self::default();
        for number in zone::of_vpc(walk.estate, &row.id, host) {
            found.add(zone::length(walk.estate, number), |found| found.zones.push(number));
        }
        let mut unsaid = Vec::new();
        for number in walk.estate.graph.endpoints_of_vpc.get(&row.id).into_iter().flatten().copied() {
            let Ok(body) = aws.vpc_endpoints.row(number).body.known() else { continue };
            match (endpoint::claim(body, host), endpoint::silent(body, seat.inbound)) {
                (Claim::No, _) | (Claim::Unsaid, Some(_)) => {}
                (Claim::Yes(_), Some(why)) => found.silent.push((number, why)),
                (Claim::Yes(specific), None) => found.add(specific, |found| found.endpoints.push(number)),
                (Claim::Unsaid, None) => {
                    unsaid.push(endpoint::unsaid(&aws.vpc_endpoints, number, "its private DNS names"))
                }
            }
        }
        if found.best != Some(host.len()) {
            found.missing.extend(unsaid);
            found.missing.extend(aws.hosted_zones.complete_of(&row.id, &row.place).err());
            found.missing.extend(aws.vpc_endpoints.complete_of(&row.id, &row.place).err());
            if !aws.hosted_zones.asked(&row.id, &row.place) {
                found.missing.extend(zone::untold_above(walk.estate, host, found.best));
            }
        }
        match aws.dns_hostnames.body(&row.id, &row.place) {
            Ok(true) => Ok(found),
            _ if found.best.is_none() && found.missing.is_empty() => Ok(found),
            Ok(false) => {
                let decision = format!(
                    "enableDnsHostnames of {} is false: neither private zones nor endpoints answer {host}",
                    row.id
                );
                walk.hop(&row.id, row.origin, Passage::Passed, decision);
                Ok(Self::default())
            }
            Err(gap) => {
                let decision = format!("whether private zones and endpoints answer in {} is not known", row.id);
                found.missing.push(gap);
                Err(walk.unknown(&row.id, row.origin, decision, found.missing))
            }
        }
    }

    fn add(&mut self, specific: usize, put: impl FnOnce(&mut Self)) {
        if self.best.is_none_or(|best| specific > best) {
            self.best = Some(specific);
            self.zones.clear();
            self.endpoints.clear();
        }
        if self.best == Some(specific) {
            put(self);
        }
    }

    /// The answer of those that speak for the name, of the public DNS when nobody does. AWS refuses
    /// a second source of the same name; should the evidence hold one, both must agree.
    pub(super) fn answer(&self, walk: &mut Walk<'_>, seat: Seat, host: &str) -> Outcome {
        let row = walk.vpc(seat);
        if self.best.is_none() {
            for (number, why) in &self.silent {
                let endpoint = walk.estate.aws.vpc_endpoints.row(*number);
                let decision = format!("{} does not answer {host}: {why}", endpoint.id);
                walk.hop(&endpoint.id, endpoint.origin, Passage::Passed, decision);
            }
            return public::answer(walk, seat, host);
        }
        let mut outcomes: Vec<Outcome> = self.zones.iter().map(|zone| zone::answer(walk, seat, *zone, host)).collect();
        for number in &self.endpoints {
            outcomes.push(endpoint::answer(walk, *number, host, None));
        }
        let first = outcomes.remove(0);
        if outcomes.iter().all(|outcome| *outcome == first) {
            return first;
        }
        let scope = row.place.scope().of(&row.id);
        let decision = format!("several private sources of one name answer {host} differently");
        let gap = Gap::new(Operation::DescribeVpcEndpoints, scope, Reason::Disagreement).because(&decision);
        walk.unknown(&row.id, row.origin, decision, vec![gap.shared()])
    }
}
