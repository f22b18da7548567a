//! The symbolic view: from one source the exact set of addresses and services that it reaches,
//! and to one destination the exact set of those who reach it.
//!
//! Each walk of one address tells for which other addresses it would have gone the same way; what
//! is left is walked next, until nothing is left. The filters of a class are then met as sets. So
//! both views follow one way through the network and judge its filters by different means, and
//! are tested against each other.

mod flowset;
mod gather;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use flowset::FlowSet;
use gather::{Gather, domains};

use super::address::{Ip, IpSet, not_public};
use super::flow::{Arrival, Flow, Goal, Node, Start, Verdict};
use super::service::Service;
use super::traffic::{Ports, Protocol};
use super::walk::Walk;
use super::walk::record::End;
use super::world::World;
use crate::estate::Gap;

/// More classes than any network has; a guard, not a limit.
const CLASSES: usize = 100_000;

/// Where a set of addresses lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zone {
    /// In a VPC, by id.
    Vpc(String),
    /// On the internet.
    Internet,
    /// In a network outside AWS, behind this gateway or attachment.
    OnPremises(String),
    /// At a service, through this gateway endpoint.
    Service(String),
}

/// What is reached in one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where.
    pub zone: Zone,
    /// Whether a firewall inspects it on the way; its policy is what makes it unsure then.
    pub inspected: bool,
    /// Certainly reachable.
    pub sure: FlowSet,
    /// Reachable, unless something that is not known forbids it; `sure` left out.
    pub unsure: FlowSet,
}

/// What one source reaches, or who reaches one destination.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// By zone, sorted. Addresses whose way ends nowhere are in no part, unless it is not known
    /// where it ends: those are `lost`.
    pub parts: Vec<Part>,
    /// What may be reachable, and nobody knows where.
    pub lost: FlowSet,
    /// What is not known, sorted.
    pub gaps: Vec<Arc<Gap>>,
}

impl Reach {
    /// The verdict on one flow, its destination (or its source) at `ip`.
    pub fn verdict(&self, service: Service, ip: Ip) -> Verdict {
        if self.parts.iter().any(|part| part.sure.contains(service, ip)) {
            Verdict::Reachable
        } else if self.lost.contains(service, ip) || self.parts.iter().any(|part| part.unsure.contains(service, ip)) {
            Verdict::Unknown
        } else {
            Verdict::Unreachable
        }
    }
}

impl World<'_> {
    /// Everything that the source reaches.
    pub fn reachable(&self, from: Start) -> Reach {
        let ip = self.start_address(&from);
        self.vary(End::Server, &IpSet::family(ip), None, None, |ip| (from, Goal::Address(ip)))
    }

    /// What the source reaches of the public IPv4 addresses that nobody in the evidence has; `only`
    /// asks for some ports of one protocol, else for every service. Each address that somebody has
    /// is a way of its own, and a large estate has many: a range of strangers may hold some of them.
    pub fn strangers_reached(&self, from: Start, only: Option<(Protocol, Ports)>) -> Reach {
        self.vary_strangers(End::Server, only, |ip| (from, Goal::Address(ip)))
    }

    /// Those of the same addresses that reach the destination from the internet.
    pub fn strangers_reaching(&self, to: Goal) -> Reach {
        self.vary_strangers(End::Client, None, |ip| (Start::Internet(ip), to))
    }

    /// Everyone on the internet who reaches the destination.
    pub fn reachers_on_internet(&self, to: Goal) -> Reach {
        self.vary(End::Client, &IpSet::family(Ip(0)), None, None, |ip| (Start::Internet(ip), to))
    }

    /// Those of these addresses that reach the destination when they start as `start` says; `only`
    /// asks for some ports of one protocol, else for every service.
    pub(crate) fn reachers_from(
        &self,
        within: &IpSet,
        start: impl Fn(Ip) -> Start,
        to: Goal,
        only: Option<(Protocol, Ports)>,
    ) -> Reach {
        self.vary(End::Client, within, None, only, |ip| (start(ip), to))
    }

    /// Everyone in a subnet who reaches the destination: nodes with these groups, or with none
    /// that stop them.
    pub fn reachers_in_subnet(&self, subnet: u32, groups: Option<u32>, to: Goal) -> Reach {
        let blocks = self.index().subnet(subnet).map(|subnet| IpSet::of(subnet.blocks.iter().copied()));
        let domain = blocks.unwrap_or_default().and(&IpSet::family(Ip(0)));
        self.vary(End::Client, &domain, None, None, |address| {
            (Start::Node(Node { subnet, address, groups, public: None }), to)
        })
    }

    fn vary_strangers(&self, end: End, only: Option<(Protocol, Ports)>, ends: impl Fn(Ip) -> (Start, Goal)) -> Reach {
        let owned = &self.index().owned;
        let mut reach = self.vary(end, &IpSet::family(Ip(0)).without(not_public()), Some(owned), only, ends);
        for part in &mut reach.parts {
            (part.sure, part.unsure) = (part.sure.beside(owned), part.unsure.beside(owned));
        }
        reach.parts.retain(|part| !part.sure.is_empty() || !part.unsure.is_empty());
        reach.lost = reach.lost.beside(owned);
        reach
    }

    /// Of the addresses in `owned` nothing is asked, and what is told of them is not to be believed;
    /// `only` asks for some ports of one protocol, else for every service.
    fn vary(
        &self,
        end: End,
        domain: &IpSet,
        owned: Option<&IpSet>,
        only: Option<(Protocol, Ports)>,
        ends: impl Fn(Ip) -> (Start, Goal),
    ) -> Reach {
        let only = only.map(|(protocol, ports)| {
            let services = Service::new(protocol, ports.from).0..=Service::new(protocol, ports.to).0;
            vec![(protocol, vec![services])]
        });
        let mut zones: BTreeMap<(Option<Zone>, bool), (FlowSet, FlowSet)> = BTreeMap::new();
        let mut reach = Reach::default();
        let mut left = domain.clone();
        for _ in 0..CLASSES {
            let Some(ip) = owned.map_or_else(|| left.first(), |owned| left.first_beside(owned)) else { break };
            let (from, to) = ends(ip);
            let mut done = IpSet::one(ip);
            let mut shared: Option<(Gather, Arrival)> = None;
            let mut region: Option<IpSet> = None;
            for (protocol, services) in only.clone().unwrap_or_else(|| domains(ip.is_v4())) {
                if shared.as_ref().is_none_or(|(gather, _)| gather.by_protocol) {
                    let port = Service(services.first().map_or(0, |range| *range.start())).port();
                    let flow = Flow { from, to, protocol, port, source_port: None };
                    let gather = Gather::new(end, owned.is_some(), region.as_ref().unwrap_or(&left));
                    shared = Some(Walk::run(self, flow, gather));
                }
                let Some((gather, arrival)) = &shared else { continue };
                debug_assert!(gather.holds(ip), "the walk of {ip} does not stand for itself: {from:?} to {to:?}");
                // protocols part ways: only what goes the same way for all of them is done with
                region = Some(gather.region.clone());
                done = done.or(&gather.region);
                for services in services {
                    let class = gather.class(self, &services);
                    if class.is_empty() {
                        continue;
                    }
                    let (sure, maybe) = zones.entry((self.zone(arrival), gather.inspected)).or_default();
                    *sure = sure.or(&class.sure);
                    if let Some(more) = class.maybe {
                        *maybe = maybe.or(&more);
                        reach.gaps.extend(class.gaps);
                    }
                }
            }
            left = left.without(&region.map_or(done, |region| region.or(&IpSet::one(ip))));
        }
        reach.gaps.sort();
        reach.gaps.dedup();
        for ((zone, inspected), (sure, maybe)) in zones {
            let unsure = maybe.without(&sure);
            match zone {
                Some(zone) => reach.parts.push(Part { zone, inspected, sure, unsure }),
                None => reach.lost = reach.lost.or(&maybe).or(&sure),
            }
        }
        reach
    }

    fn zone(&self, arrival: &Arrival) -> Option<Zone> {
        Some(match arrival {
            Arrival::Interface(row) => Zone::Vpc(self.index().vpc(self.index().interface(*row)?.vpc).id.clone()),
            Arrival::Node => Zone::Vpc("node".to_owned()),
            Arrival::Internet => Zone::Internet,
            Arrival::OnPremises(id) => Zone::OnPremises(id.clone()),
            Arrival::Service(row) => Zone::Service(self.at_endpoint(*row).resource),
            Arrival::Nowhere => return None,
        })
    }
}
