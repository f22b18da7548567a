//! The verdict on one packet with everything that was met: hops, blockers, gaps.

use std::sync::Arc;

use range_set_blaze::RangeSetBlaze;

use super::super::code::Code;
use super::super::flow::{Answer, Arrival, Blocker, Component, Flow, Hop, Leg, Passage, Verdict};
use super::super::index::Says;
use super::super::service::describe;
use super::super::traffic::Direction;
use super::super::world::{At, World};
use super::quick::{Groups, Heard, Ports, judge};
use super::record::{AclUse, GroupUse, Link, Mark, Port, Record, Whose};
use crate::estate::Gap;

/// See the module.
#[derive(Debug)]
pub(crate) struct Trace {
    ports: Ports,
    leg: Leg,
    hops: Vec<Hop>,
    blockers: Vec<Blocker>,
    gaps: Vec<Arc<Gap>>,
    forward: Option<Verdict>,
}

impl Trace {
    pub(crate) fn new(flow: &Flow) -> Self {
        let ports = Ports::new(flow);
        Self { ports, leg: Leg::Forward, hops: Vec::new(), blockers: Vec::new(), gaps: Vec::new(), forward: None }
    }

    pub(crate) fn answer(mut self, arrival: Arrival) -> Answer {
        self.gaps.sort();
        self.gaps.dedup();
        let verdict = self.verdict();
        let source_ports = self.ports.client_left.filter(|_| verdict != Verdict::Unreachable);
        Answer {
            verdict,
            forward: self.forward.unwrap_or(verdict),
            blockers: self.blockers,
            hops: self.hops,
            gaps: self.gaps,
            arrival,
            source_ports,
        }
    }

    fn verdict(&self) -> Verdict {
        match (self.blockers.is_empty(), self.gaps.is_empty()) {
            (false, _) => Verdict::Unreachable,
            (true, false) => Verdict::Unknown,
            (true, true) => Verdict::Reachable,
        }
    }

    fn put(&mut self, at: Option<Mark>, hop: Hop, blocker: Option<(Code, String)>) {
        let at = at.unwrap_or_else(|| self.mark());
        if let Some((code, detail)) = blocker {
            let (resource, leg, origin) = (hop.resource.clone(), hop.leg, hop.origin);
            let place = at.blockers.min(self.blockers.len());
            self.blockers.insert(place, Blocker { code, resource, leg, detail, origin });
        }
        self.hops.insert(at.hops.min(self.hops.len()), hop);
    }
}

fn ports(set: &RangeSetBlaze<u16>) -> String {
    let ranges = set.ranges().map(|range| match (range.start(), range.end()) {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}-{last}"),
    });
    ranges.collect::<Vec<_>>().join(", ")
}

impl Record for Trace {
    const TELLS: bool = true;

    fn acl(&mut self, world: &World<'_>, r#use: &AclUse) {
        let leg = self.leg;
        let way = match r#use.direction {
            Direction::Egress => "out to",
            Direction::Ingress => "in from",
        };
        let peer = r#use.peer.ip;
        let subnet = world.at_subnet(r#use.subnet);
        let row = world.index().subnet(r#use.subnet).map(|subnet| subnet.acl.clone());
        let row = match row {
            Some(Ok(row)) => row,
            Some(Err(gap)) => {
                self.gap(&gap);
                let decision = format!("the ACL of {} is not known", subnet.resource);
                let hop = Hop {
                    leg,
                    component: Component::NetworkAcl,
                    resource: subnet.resource,
                    decision,
                    passage: Passage::Unknown,
                    origin: subnet.origin,
                };
                return self.put(None, hop, None);
            }
            None => {
                let gap = world.unread_subnet(r#use.subnet);
                return self.gap(&gap);
            }
        };
        let At { resource, origin } = world.at_acl(row);
        let Some(acl) = world.index().acls.get(row as usize).and_then(Option::as_ref) else {
            let gap = world.gap_of_acl(row);
            self.gap(&gap);
            let decision = "an entry cannot be read".to_owned();
            return self.put(
                None,
                Hop { leg, component: Component::NetworkAcl, resource, decision, passage: Passage::Unknown, origin },
                None,
            );
        };
        let entry = |rule: Option<&super::super::index::Rule>| {
            rule.map_or_else(
                || "no entry admits it, the final deny holds".to_owned(),
                |rule| {
                    let verb = if rule.allow { "admits" } else { "denies" };
                    format!("entry {} {verb} {}", rule.number, rule.words(way))
                },
            )
        };
        let replies = matches!(r#use.port, Port::Client | Port::Nat);
        let (passes, decision) = match self.ports.hear(acl, r#use) {
            Heard::Says(Says::Pass(rule)) => (true, entry(Some(rule))),
            Heard::Says(Says::Drop(rule)) => (false, entry(rule)),
            Heard::Says(Says::Unknown(gap)) => {
                let gap = Arc::clone(gap);
                self.gap(&gap);
                (true, "not known".to_owned())
            }
            Heard::Ports(true) => {
                let left = match (&self.ports.client_left, r#use.port) {
                    (Some(left), Port::Client) => format!(", of the client's ports only {}", ports(left)),
                    _ => String::new(),
                };
                (true, format!("replies {way} {peer} pass{left}"))
            }
            Heard::Ports(false) => {
                let whose = if r#use.port == Port::Nat {
                    "1024-65535, of which a NAT gateway picks one"
                } else {
                    "the client's port"
                };
                (false, format!("no reply {way} {peer} passes to {whose}"))
            }
        };
        let passage = if passes { Passage::Passed } else { Passage::Blocked };
        let blocker = (!passes).then(|| {
            let what = if replies {
                String::new()
            } else {
                format!("{} {way} {peer}: ", describe(&(self.ports.service.0..=self.ports.service.0)))
            };
            (
                Code::AclRestriction,
                format!("{what}{decision} ({} of {})", direction_word(r#use.direction), subnet.resource),
            )
        });
        self.put(None, Hop { leg, component: Component::NetworkAcl, resource, decision, passage, origin }, blocker);
    }

    fn groups(&mut self, world: &World<'_>, r#use: &GroupUse, at: Option<Mark>) {
        let set = world.index().groups.set(r#use.set);
        let name = |by: i64| usize::try_from(by).ok().and_then(|by| set.ids.get(by)).cloned().unwrap_or_default();
        let origin = |by: i64| {
            let row = usize::try_from(by).ok().and_then(|by| set.rows.get(by).copied().flatten());
            row.map(|row| world.estate().aws.security_groups.row(row).origin).unwrap_or_default()
        };
        let way = match r#use.direction {
            Direction::Egress => "out to",
            Direction::Ingress => "in from",
        };
        let holder = match r#use.holder {
            Whose::Interface(row) => world.at_interface(row).resource,
            Whose::Node(row) => format!("a node in {}", world.at_subnet(row).resource),
        };
        let asked = format!("{} {way} {}", describe(&(self.ports.service.0..=self.ports.service.0)), r#use.peer.ip);
        let all = if set.ids.is_empty() { holder.clone() } else { set.ids.join(", ") };
        let (resource, decision, passage, blocker, from) = match judge(world, r#use, self.ports.service) {
            Groups::Says(Says::Pass(rule)) => {
                (name(rule.number), format!("admits {}", rule.words(way)), Passage::Passed, None, rule.number)
            }
            Groups::Reference(group, by) => {
                (name(by), format!("admits {asked} by reference to {group}"), Passage::Passed, None, by)
            }
            Groups::Says(Says::Unknown(gap)) => {
                self.gap(gap);
                (all, format!("whether it admits {asked} is not known"), Passage::Unknown, None, 0)
            }
            // why the other end is not known is told where the way is lost
            Groups::Unseen(group, by) => {
                let decision = format!("admits {asked} if the other end has {group}, which is not known");
                (name(by), decision, Passage::Unknown, None, by)
            }
            Groups::Lost(group, by) => {
                let (code, why) = match r#use.link {
                    Link::Unsupported => (Code::ReferencingSupport, "which does not work across the transit gateway"),
                    _ => (Code::ReferenceNotPreserved, "which this way does not keep"),
                };
                let detail = format!("{holder}: only a reference to {group} would admit {asked}, {why}");
                (name(by), detail.clone(), Passage::Blocked, Some((code, detail)), by)
            }
            Groups::Says(Says::Drop(_)) => {
                let code = if set.is_closed(r#use.direction) { Code::GroupEmpty } else { Code::GroupMismatch };
                let what =
                    if code == Code::GroupEmpty { "has no rule in this direction for" } else { "no rule admits" };
                let detail = format!("{holder}: {what} {asked}");
                (all, detail.clone(), Passage::Blocked, Some((code, detail)), 0)
            }
        };
        let origin = origin(from);
        let hop = Hop { leg: self.leg, component: Component::SecurityGroup, resource, decision, passage, origin };
        self.put(at, hop, blocker);
    }

    fn hop(&mut self, make: impl FnOnce() -> Hop) {
        self.hops.push(make());
    }

    fn block(&mut self, make: impl FnOnce() -> Blocker) {
        let blocker = make();
        // the hop that blocks is shown even when it is the end of the way
        let (leg, resource, decision) = (blocker.leg, blocker.resource.clone(), blocker.detail.clone());
        let component = blocker.code.component();
        self.hops.push(Hop { leg, component, resource, decision, passage: Passage::Blocked, origin: blocker.origin });
        self.blockers.push(blocker);
    }

    fn gap(&mut self, gap: &Arc<Gap>) {
        self.gaps.push(Arc::clone(gap));
    }

    fn mark(&self) -> Mark {
        Mark { hops: self.hops.len(), blockers: self.blockers.len() }
    }

    fn turn(&mut self) {
        self.forward = Some(self.verdict());
        self.leg = Leg::Return;
    }
}

fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Egress => "egress",
        Direction::Ingress => "ingress",
    }
}
