//! A recorder that keeps the filters of a walk, and the addresses for which the walk goes that
//! way, so that the whole class of packets is judged at once.

use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::super::address::{Ip, IpSet};
use super::super::flow::{Blocker, Hop};
use super::super::service::{ALL, EPHEMERAL, Service};
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
    /// Whether addresses that the evidence owns are none of the question.
    strangers: bool,
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
    /// Reachable for all that is known; none when that is the same.
    pub(super) maybe: Option<FlowSet>,
    pub(super) gaps: Vec<Arc<Gap>>,
}

/// What one filter admits: for sure, and what it may admit besides.
struct Admits<'a> {
    sure: Cow<'a, FlowSet>,
    besides: Option<FlowSet>,
}

impl Class {
    /// Whether nothing gets through, not even perhaps.
    pub(super) fn is_empty(&self) -> bool {
        self.sure.is_empty() && self.maybe.as_ref().is_none_or(FlowSet::is_empty)
    }

    fn meet(&mut self, admits: &Admits<'_>) {
        let wide = admits.besides.as_ref().map(|besides| admits.sure.or(besides));
        if wide.is_some() || self.maybe.is_some() {
            let maybe = self.maybe.as_ref().unwrap_or(&self.sure);
            self.maybe = Some(maybe.and(wide.as_ref().unwrap_or(&admits.sure)));
        }
        self.sure = self.sure.and(&admits.sure);
    }

    /// As what a reply admits to requests for other services: for whom some of it passes.
    fn for_requests(&self, services: &RangeInclusive<u32>) -> Admits<'static> {
        let spread = |set: &FlowSet| FlowSet::of(services.clone(), &set.addresses());
        Admits { sure: Cow::Owned(spread(&self.sure)), besides: self.maybe.as_ref().map(spread) }
    }
}

impl Gather {
    pub(super) fn new(vary: End, strangers: bool, domain: &IpSet) -> Self {
        let (region, by_protocol, inspected) = (domain.clone(), false, false);
        let (acls, groups, gaps) = (Vec::new(), Vec::new(), Vec::new());
        Self { vary, strangers, region, blocked: false, gaps, by_protocol, inspected, acls, groups }
    }

    /// Judges the class for one protocol's requests.
    pub(super) fn class(&self, world: &World<'_>, services: &RangeInclusive<u32>) -> Class {
        let mut class = Class { sure: FlowSet::default(), maybe: None, gaps: Vec::new() };
        if self.blocked {
            return class;
        }
        class.gaps.clone_from(&self.gaps);
        let all = FlowSet::of(services.clone(), &IpSet::all());
        if self.gaps.is_empty() {
            class.sure = all;
        } else {
            class.maybe = Some(all);
        }
        for group in &self.groups {
            let admits = self.group(world, group, &mut class.gaps);
            class.meet(&admits);
            if class.is_empty() {
                return class;
            }
        }
        for acl in self.acls.iter().filter(|acl| acl.port == Port::Request) {
            let admits = self.acl(world, acl, &mut class.gaps);
            class.meet(&admits);
            if class.is_empty() {
                return class;
            }
        }
        for port in [Port::Client, Port::Nat] {
            let mut acls = self.acls.iter().filter(|acl| acl.port == port).peekable();
            if acls.peek().is_none() {
                continue;
            }
            let all = FlowSet::of(Self::replies(services), &IpSet::all());
            let mut replies = Class { sure: all, maybe: None, gaps: Vec::new() };
            for acl in acls {
                let admits = self.acl(world, acl, &mut class.gaps);
                replies.meet(&admits);
            }
            // without ports the reply is of the very protocol of the request
            let protocol = Service(*services.start()).protocol();
            let admits = if protocol.has_ports() || protocol.is_icmp() {
                replies.for_requests(services)
            } else {
                Admits { sure: Cow::Owned(replies.sure), besides: replies.maybe }
            };
            class.meet(&admits);
        }
        // the region comes last: in a large estate it has a hole for each public address, and what
        // the filters leave of most services is nothing
        let region = FlowSet::of(services.clone(), &self.region);
        class.sure = class.sure.and(&region);
        class.maybe = class.maybe.map(|maybe| maybe.and(&region));
        class
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

    fn place<'a>(&self, set: &'a FlowSet, peer: Addr) -> Cow<'a, FlowSet> {
        if peer.end == Some(self.vary) { Cow::Borrowed(set) } else { Cow::Owned(set.for_peer(peer.ip)) }
    }

    fn acl<'a>(&self, world: &'a World<'_>, acl: &AclUse, gaps: &mut Vec<Arc<Gap>>) -> Admits<'a> {
        let gap = match world.index().subnet(acl.subnet).map(|subnet| &subnet.acl) {
            Some(Ok(row)) => match world.index().acls.get(*row as usize).and_then(Option::as_ref) {
                Some(compiled) => {
                    return Admits { sure: self.place(compiled.admitted(acl.direction), acl.peer), besides: None };
                }
                None => world.gap_of_acl(*row),
            },
            Some(Err(gap)) => Arc::clone(gap),
            None => world.unread_subnet(acl.subnet),
        };
        gaps.push(gap);
        Admits { sure: Cow::Owned(FlowSet::default()), besides: Some(FlowSet::of(ALL, &IpSet::all())) }
    }

    fn group<'a>(&self, world: &'a World<'_>, group: &GroupUse, gaps: &mut Vec<Arc<Gap>>) -> Admits<'a> {
        let side = world.index().groups.set(group.set).side(group.direction);
        let mut sure = self.place(side.admitted(), group.peer);
        if let (Some(other), Link::Kept | Link::Inbound) = (group.other, group.link) {
            let ids = &world.index().groups.set(other).ids;
            for (services, ..) in side.references.iter().filter(|(_, named, _)| ids.contains(named)) {
                sure = Cow::Owned(sure.or(&FlowSet::of(services.clone(), &IpSet::all())));
            }
        }
        let unseen = side.references.iter().filter(|_| group.unseen).map(|(services, ..)| services);
        let unknown = side.unknown.iter().map(|(services, _)| services);
        let open = unseen.chain(unknown).map(|services| FlowSet::of(services.clone(), &IpSet::all()));
        gaps.extend(side.unknown.iter().map(|(_, gap)| Arc::clone(gap)));
        Admits { sure, besides: open.reduce(|all, some| all.or(&some)) }
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

    fn beside_owned(&mut self, addr: Addr, region: impl FnOnce() -> IpSet) {
        if !self.strangers {
            self.branch(addr, region);
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
