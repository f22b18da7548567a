//! One resolution under way: where it stands, what it met, and the order in which the Route 53
//! Resolver of a VPC asks its sources.

use std::sync::Arc;

use super::source::Sources;
use super::{Outcome, rule};
use crate::estate::aws::Vpc;
use crate::estate::region::Region;
use crate::estate::{Estate, Gap, Operation, Origin, Reason, Row};
use crate::reach::code::Code;
use crate::reach::flow::{Blocker, Component, Hop, Leg, Passage};

/// How many names an answer may lead through, one after the other.
const LINKS: usize = 16;

/// How many names a resolution asks in all: records of one name may lead to several.
const QUESTIONS: usize = 64;

/// Whose resolver is asked, and how the question got there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    /// Row of the VPC.
    pub(super) vpc: u32,
    /// Through an inbound resolver endpoint: some private names answer there alone.
    pub(super) inbound: bool,
}

/// A resolution under way.
pub(super) struct Walk<'a> {
    pub(super) estate: &'a Estate,
    pub(super) hops: Vec<Hop>,
    /// Regions whose published names may be asked: that of the VPC, and of workspaces on the way.
    pub(super) regions: Vec<&'static Region>,
    path: Vec<(u32, String)>,
    asked: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(estate: &'a Estate, vpc: u32) -> Self {
        let region = estate.aws.vpcs.row(vpc).place.region.as_deref();
        let regions = region.into_iter().flat_map(Region::shards).collect();
        Self { estate, hops: Vec::new(), regions, path: Vec::new(), asked: 0 }
    }

    /// The VPC whose resolver is asked.
    pub(super) fn vpc(&self, seat: Seat) -> &'a Row<Vpc> {
        self.estate.aws.vpcs.row(seat.vpc)
    }

    /// Notes a step.
    pub(super) fn hop(&mut self, resource: &str, origin: Origin, passage: Passage, decision: String) {
        let (leg, component) = (Leg::Forward, Component::Resolver);
        self.hops.push(Hop { leg, component, resource: resource.to_owned(), decision, passage, origin });
    }

    /// Notes a step that what is missing leaves open.
    pub(super) fn unknown(
        &mut self,
        resource: &str,
        origin: Origin,
        decision: String,
        mut gaps: Vec<Arc<Gap>>,
    ) -> Outcome {
        self.hop(resource, origin, Passage::Unknown, decision);
        gaps.sort();
        gaps.dedup();
        Outcome::Unknown(gaps)
    }

    /// Notes a step that certainly has no answer.
    pub(super) fn nothing(&mut self, code: Code, resource: &str, origin: Origin, detail: String) -> Outcome {
        self.hop(resource, origin, Passage::Blocked, detail.clone());
        Outcome::Nothing(Blocker { code, resource: resource.to_owned(), leg: Leg::Forward, detail, origin })
    }

    /// Asks the Route 53 Resolver of the VPC for a name.
    pub(super) fn ask(&mut self, seat: Seat, host: &str) -> Outcome {
        self.guarded(seat, host, |walk| walk.resolver(seat, host))
    }

    /// Takes a step to a name, unless the way leads in a circle or never ends.
    pub(super) fn guarded(&mut self, seat: Seat, host: &str, step: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        let row = self.vpc(seat);
        let circle = self.path.iter().any(|(vpc, name)| *vpc == seat.vpc && name == host);
        if circle || self.path.len() >= LINKS {
            let names: Vec<&str> = self.path.iter().map(|(_, name)| name.as_str()).collect();
            let way = if circle { "leads in a circle" } else { "leads through too many names" };
            let detail = format!("{} {way}: {} → {host}", names.first().unwrap_or(&host), names.join(" → "));
            return self.nothing(Code::NameNotResolved, &row.id, row.origin, detail);
        }
        self.asked += 1;
        if self.asked > QUESTIONS {
            let detail = format!("records lead on to more than {QUESTIONS} names");
            let scope = row.place.scope().of(&row.id);
            let gap = Gap::new(Operation::ListResourceRecordSets, scope, Reason::Undetermined).because(&detail);
            return self.unknown(&row.id, row.origin, detail, vec![gap.shared()]);
        }
        self.path.push((seat.vpc, host.to_owned()));
        let outcome = step(self);
        self.path.pop();
        outcome
    }

    /// Resolver rules and private sources compete by the most specific name; a rule wins a tie. What
    /// neither answers is asked of the public DNS.
    fn resolver(&mut self, seat: Seat, host: &str) -> Outcome {
        let row = self.vpc(seat);
        let rule = match rule::best(self.estate, row, host) {
            Ok(rule) => rule,
            Err(gap) => {
                let decision = format!("whether a resolver rule of {} forwards {host} is not known", row.id);
                return self.unknown(&row.id, row.origin, decision, vec![gap]);
            }
        };
        let sources = match Sources::find(self, seat, host) {
            Ok(sources) => sources,
            Err(outcome) => return outcome,
        };
        let forward = rule.filter(|rule| rule.forwards && sources.best.is_none_or(|best| rule.specific >= best));
        let specific = forward.as_ref().map(|rule| rule.specific).max(sources.best);
        // the whole name cannot be outdone; for anything less, what is missing may be more specific
        if specific != Some(host.len()) && !sources.missing.is_empty() {
            let decision = format!("whether something in {} answers {host} is not known", row.id);
            return self.unknown(&row.id, row.origin, decision, sources.missing);
        }
        match forward {
            Some(rule) => rule::forward(self, seat, &rule, host),
            None => sources.answer(self, seat, host),
        }
    }
}
