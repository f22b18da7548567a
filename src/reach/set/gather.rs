//! A recorder that keeps the filters of a walk, and the addresses for which the walk goes that
//! way, so that the whole class of packets is judged at once.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::super::address::{Ip, IpSet};
use super::super::flow::{Blocker, Hop};
use super::super::service::{EPHEMERAL, Service};
use super::super::traffic::Protocol;
use super::super::walk::record::{AclUse, Addr, End, GroupUse, Link, Mark, Port, Record};
use super::super::world::World;
use super::flowset::FlowSet;
use crate::estate::Gap;

/// See the module.
#[derive(Debug)]
pub(super) struct Gather {
    /// The end of the flow whose address varies.
    vary: End,
    /// Addresses of that end for which everything below holds.
    pub(super) region: IpSet,
    pub(super) blocked: bool,
    pub(super) gaps: Vec<Arc<Gap>>,
    /// Whether the way depends on the protocol.
    pub(super) by_protocol: bool,
    /// Whether a firewall inspects it on the way.
    pub(super) inspected: bool,
    acls: Vec<AclUse>,
    groups: Vec<GroupUse>,
}

/// What a class of packets can do.
pub(super) struct Class {
    /// Certainly reachable.
    pub(super) sure: FlowSet,
    /// Reachable for all that is known.
    pub(super) maybe: FlowSet,
    pub(super) gaps: Vec<Arc<Gap>>,
}

/// What one filter admits, for sure and perhaps.
struct Admits {
    sure: FlowSet,
    maybe: FlowSet,
}

impl Gather {
    pub(super) fn new(vary: End, domain: &IpSet) -> Self {
        let (acls, groups, gaps) = (Vec::new(), Vec::new(), Vec::new());
        Self { vary, region: domain.clone(), blocked: false, gaps, by_protocol: false, inspected: false, acls, groups }
    }

    /// Judges the class for one protocol's requests.
    pub(super) fn class(&self, world: &World<'_>, services: &RangeInclusive<u32>) -> Class {
        let mut gaps = self.gaps.clone();
        if self.blocked {
            return Class { sure: FlowSet::default(), maybe: FlowSet::default(), gaps: Vec::new() };
        }
        let mut maybe = FlowSet::of(services.clone(), &self.region);
        let mut sure = if gaps.is_empty() { maybe.clone() } else { FlowSet::default() };
        let mut meet = |admits: &Admits, services: Option<&RangeInclusive<u32>>| {
            let restrict = |set: &FlowSet| match services {
                None => set.clone(),
                // a reply has services of its own: what counts is for whom some of them pass
                Some(services) => FlowSet::of(services.clone(), &set.addresses()),
            };
            sure = sure.and(&restrict(&admits.sure));
            maybe = maybe.and(&restrict(&admits.maybe));
        };
        for group in &self.groups {
            meet(&self.group(world, group, &mut gaps), None);
        }
        for acl in self.acls.iter().filter(|acl| acl.port == Port::Request) {
            meet(&self.acl(world, acl, &mut gaps), None);
        }
        for port in [Port::Client, Port::Nat] {
            let replies = Self::replies(services);
            let mut left = Admits { sure: FlowSet::of(replies.clone(), &IpSet::all()), maybe: FlowSet::of(replies, &IpSet::all()) };
            let mut any = false;
            for acl in self.acls.iter().filter(|acl| acl.port == port) {
                let admits = self.acl(world, acl, &mut gaps);
                left.sure = left.sure.and(&admits.sure);
                left.maybe = left.maybe.and(&admits.maybe);
                any = true;
            }
            if any {
                // without ports the reply is of the very protocol of the request
                let has_own = Service(*services.start()).protocol();
                meet(&left, (has_own.has_ports() || has_own.is_icmp()).then_some(services));
            }
        }
        Class { sure, maybe, gaps }
    }

    /// The services of replies to requests for these services.
    fn replies(services: &RangeInclusive<u32>) -> RangeInclusive<u32> {
        let first = Service(*services.start());
        let protocol = first.protocol();
        if protocol.has_ports() {
            Service::new(protocol, *EPHEMERAL.start()).0..=Service::new(protocol, *EPHEMERAL.end()).0
        } else if protocol.is_icmp() {
            first.icmp_reply().0..=first.icmp_reply().0
        } else {
            services.clone()
        }
    }

    fn place(&self, set: &FlowSet, peer: Addr) -> FlowSet {
        if peer.end == Some(self.vary) { set.clone() } else { set.for_peer(peer.ip) }
    }

    fn acl(&self, world: &World<'_>, acl: &AclUse, gaps: &mut Vec<Arc<Gap>>) -> Admits {
        let row = world.index().subnet(acl.subnet).map(|subnet| subnet.acl.clone());
        let gap = match row {
            Some(Ok(row)) => match world.index().acls.get(row as usize).and_then(Option::as_ref) {
                Some(compiled) => {
                    let set = self.place(compiled.admitted(acl.direction), acl.peer);
                    return Admits { sure: set.clone(), maybe: set };
                }
                None => world.gap_of_acl(row),
            },
            Some(Err(gap)) => gap,
            None => world.unread_subnet(acl.subnet),
        };
        gaps.push(gap);
        Admits { sure: FlowSet::default(), maybe: FlowSet::of(super::super::service::ALL, &IpSet::all()) }
    }

    fn group(&self, world: &World<'_>, group: &GroupUse, gaps: &mut Vec<Arc<Gap>>) -> Admits {
        let side = world.index().groups.set(group.set).side(group.direction);
        let mut sure = self.place(side.admitted(), group.peer);
        if let (Some(other), Link::Kept | Link::Inbound) = (group.other, group.link) {
            let ids = &world.index().groups.set(other).ids;
            let kept = side.references.iter().filter(|(_, named, _)| ids.contains(named));
            for (services, _, _) in kept {
                sure = sure.or(&FlowSet::of(services.clone(), &IpSet::all()));
            }
        }
        let mut maybe = sure.clone();
        for (services, ..) in side.references.iter().filter(|_| group.unseen) {
            maybe = maybe.or(&FlowSet::of(services.clone(), &IpSet::all()));
        }
        for (services, gap) in &side.unknown {
            maybe = maybe.or(&FlowSet::of(services.clone(), &IpSet::all()));
            gaps.push(Arc::clone(gap));
        }
        Admits { sure, maybe }
    }

    /// Whether the address is in the region; a walk must at least stand for its own packet.
    pub(super) fn holds(&self, ip: Ip) -> bool {
        self.region.contains(ip)
    }
}

/// The services that a family of questions is about: every port of TCP and UDP, echo requests,
/// and every other protocol as a whole.
pub(super) fn domains(is_v4: bool) -> Vec<(Protocol, Vec<RangeInclusive<u32>>)> {
    let icmp = if is_v4 { Protocol::ICMP } else { Protocol::ICMP_V6 };
    let whole = |protocol: Protocol| Service::new(protocol, 0).0..=Service::new(protocol, u16::MAX).0;
    let echo = Service::echo(icmp).0..=Service::echo(icmp).0;
    // the protocols between the four that have messages or ports of their own
    let others = [(0, 0), (2, 5), (7, 16), (18, 57), (59, u8::MAX)];
    let others = others.map(|(first, last)| whole(Protocol(first)).start().to_owned()..=*whole(Protocol(last)).end());
    vec![
        (Protocol::TCP, vec![whole(Protocol::TCP)]),
        (Protocol::UDP, vec![whole(Protocol::UDP)]),
        (icmp, vec![echo]),
        (Protocol(47), others.to_vec()),
    ]
}

impl Record for Gather {
    fn acl(&mut self, _world: &World<'_>, acl: &AclUse) {
        self.acls.push(acl.clone());
    }

    fn groups(&mut self, _world: &World<'_>, groups: &GroupUse, _at: Option<Mark>) {
        self.groups.push(groups.clone());
    }

    fn branch(&mut self, addr: Addr, region: impl FnOnce() -> IpSet) {
        if addr.end == Some(self.vary) {
            self.region = self.region.and(&region());
        }
    }

    fn inspected(&mut self) {
        self.inspected = true;
    }

    fn by_protocol(&mut self) {
        self.by_protocol = true;
    }

    fn hop(&mut self, _make: impl FnOnce() -> Hop) {}

    fn block(&mut self, _make: impl FnOnce() -> Blocker) {
        self.blocked = true;
    }

    fn gap(&mut self, gap: &Arc<Gap>) {
        self.gaps.push(Arc::clone(gap));
    }

    fn turn(&mut self) {}

    fn is_settled(&self) -> bool {
        self.blocked
    }
}
