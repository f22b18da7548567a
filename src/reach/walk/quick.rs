//! The verdict on one packet and nothing else: no words, no allocation on the usual way, and no
//! step beyond the first certain drop.

use std::ops::RangeInclusive;
use std::sync::Arc;

use range_set_blaze::RangeSetBlaze;

use super::super::flow::{Blocker, Flow, Hop, Verdict};
use super::super::index::Says;
use super::super::service::{EPHEMERAL, Service};
use super::super::world::World;
use super::record::{AclUse, GroupUse, Link, Mark, Port, Record};
use crate::estate::Gap;

/// See the module.
#[derive(Debug)]
pub(crate) struct Quick {
    ports: Ports,
    dropped: bool,
    unknown: bool,
}

/// The service of a flow, and the client ports that replies can still use.
#[derive(Clone, Debug)]
pub(crate) struct Ports {
    pub(crate) service: Service,
    /// What a client, or a NAT gateway, may have chosen.
    asked: RangeInclusive<u32>,
    nat: RangeInclusive<u32>,
    /// None while all of them can.
    pub(crate) client_left: Option<RangeSetBlaze<u16>>,
    nat_left: Option<RangeSetBlaze<u16>>,
}

/// What an ACL makes of one packet, in one port's eyes.
pub(crate) enum Heard<'a> {
    Says(Says<'a>),
    /// A reply, of which only these client ports pass; none of them is a drop.
    Ports(bool),
}

impl Ports {
    pub(crate) fn new(flow: &Flow) -> Self {
        let range = |ports: RangeInclusive<u16>| {
            Service::new(flow.protocol, *ports.start()).0..=Service::new(flow.protocol, *ports.end()).0
        };
        let asked = flow.source_port.map_or(EPHEMERAL, |port| port..=port);
        Self {
            service: Service::new(flow.protocol, flow.port),
            asked: range(asked),
            nat: range(EPHEMERAL),
            client_left: None,
            nat_left: None,
        }
    }

    /// What an ACL says; for replies it keeps the ports that are left.
    pub(crate) fn hear<'a>(&mut self, acl: &'a super::super::index::Acl, r#use: &AclUse) -> Heard<'a> {
        let (direction, peer) = (r#use.direction, r#use.peer.ip);
        let protocol = self.service.protocol();
        if r#use.port == Port::Request {
            return Heard::Says(acl.says(direction, self.service, peer));
        }
        if !protocol.has_ports() {
            let reply = if protocol.is_icmp() { self.service.icmp_reply() } else { self.service };
            return Heard::Says(acl.says(direction, reply, peer));
        }
        let (wanted, left) = match r#use.port {
            Port::Nat => (&self.nat, &mut self.nat_left),
            _ => (&self.asked, &mut self.client_left),
        };
        if acl.passes_all(direction, wanted, peer) {
            return Heard::Ports(true);
        }
        let passed = acl.ports(direction, wanted, peer);
        let whole = wanted.end() - wanted.start() + 1;
        let still = match left {
            Some(left) => &*left & &passed,
            None => passed,
        };
        let any = !still.is_empty();
        if still.len() < whole {
            *left = Some(still);
        }
        Heard::Ports(any)
    }
}

/// What a set of groups says, a reference to the group of the other end included.
pub(crate) enum Groups<'a> {
    Says(Says<'a>),
    /// Admitted by reference to this group, by this one of the own groups.
    Reference(&'a String, i64),
    /// It would be admitted by reference to this group, were the reference kept on this way.
    Lost(&'a String, i64),
    /// It would be admitted by reference to this group, and nobody knows who is at the other end.
    Unseen(&'a String, i64),
}

pub(crate) fn judge<'w>(world: &'w World<'_>, r#use: &GroupUse, service: Service) -> Groups<'w> {
    let side = world.index().groups.set(r#use.set).side(r#use.direction);
    let says = side.says(service, r#use.peer.ip);
    if let Says::Pass(_) = says {
        return Groups::Says(says);
    }
    if r#use.unseen
        && let Some((_, group, by)) = side.references.iter().find(|(services, ..)| services.contains(&service.0))
    {
        return Groups::Unseen(group, *by);
    }
    let other = r#use.other.and_then(|other| side.reference(service, &world.index().groups.set(other).ids));
    match (other, r#use.link) {
        (Some((group, by)), Link::Kept | Link::Inbound) => Groups::Reference(group, by),
        (Some((group, by)), _) if matches!(says, Says::Drop(_)) => Groups::Lost(group, by),
        _ => Groups::Says(says),
    }
}

impl Quick {
    pub(crate) fn new(flow: &Flow) -> Self {
        Self { ports: Ports::new(flow), dropped: false, unknown: false }
    }

    pub(crate) fn verdict(&self) -> Verdict {
        match (self.dropped, self.unknown) {
            (true, _) => Verdict::Unreachable,
            (false, true) => Verdict::Unknown,
            (false, false) => Verdict::Reachable,
        }
    }
}

impl Record for Quick {
    fn acl(&mut self, world: &World<'_>, r#use: &AclUse) {
        let Some(subnet) = world.index().subnet(r#use.subnet) else { return self.unknown = true };
        let acl = subnet.acl.as_ref().ok().and_then(|row| world.index().acls.get(*row as usize)?.as_ref());
        let Some(acl) = acl else { return self.unknown = true };
        let passes = match self.ports.hear(acl, r#use) {
            Heard::Says(says) => matches!(says, Says::Pass(_)),
            Heard::Ports(passes) => passes,
        };
        self.dropped |= !passes;
    }

    fn groups(&mut self, world: &World<'_>, r#use: &GroupUse, _at: Option<Mark>) {
        match judge(world, r#use, self.ports.service) {
            Groups::Says(Says::Pass(_)) | Groups::Reference(..) => {}
            Groups::Says(Says::Unknown(_)) | Groups::Unseen(..) => self.unknown = true,
            Groups::Says(Says::Drop(_)) | Groups::Lost(..) => self.dropped = true,
        }
    }

    fn hop(&mut self, _make: impl FnOnce() -> Hop) {}

    fn block(&mut self, _make: impl FnOnce() -> Blocker) {
        self.dropped = true;
    }

    fn gap(&mut self, _gap: &Arc<Gap>) {
        self.unknown = true;
    }

    fn turn(&mut self) {}

    fn is_settled(&self) -> bool {
        self.dropped
    }
}
