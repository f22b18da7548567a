//! The way of a packet, as a finding tells it: the hops with what each decided, and what stops
//! it as blame.
//!
//! Input: hops and blockers of [`crate::reach`]. Output: the same in words, with the places of
//! their evidence. It refuses to invent a place: what stands in no file has none.

use super::Blame;
use crate::estate::{Estate, Location};
use crate::reach::{Blocker, Hop, Leg, Passage};

/// One component on the way of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is: `network ACL`.
    pub component: String,
    /// Its id.
    pub resource: String,
    /// The request or the reply.
    pub direction: Leg,
    /// The rule or route that decided, in words.
    pub decision: String,
    /// What became of the packet.
    pub passage: Passage,
    /// Where the evidence describes the component; none for what no answer lists.
    pub location: Option<Location>,
}

impl Step {
    /// A hop of an answer.
    pub fn of(estate: &Estate, hop: &Hop) -> Self {
        Self {
            component: hop.component.word().to_owned(),
            resource: hop.resource.clone(),
            direction: hop.leg,
            decision: hop.decision.clone(),
            passage: hop.passage,
            location: estate.place(hop.origin),
        }
    }

    /// `network ACL acl-1: entry 100 denies tcp/443 in from 10.0.0.0/8`.
    pub fn words(&self) -> String {
        let mut words = self.component.clone();
        if !self.resource.is_empty() && self.resource != self.component {
            words = format!("{words} {}", self.resource);
        }
        if self.decision.is_empty() { words } else { format!("{words}: {}", self.decision) }
    }
}

impl Blame {
    /// What stops a packet; `elsewhere` is the place of what stands in no file.
    pub fn of(estate: &Estate, blocker: &Blocker, elsewhere: &Location) -> Self {
        let label = format!("{} {}: {}", blocker.code.name(), blocker.resource, blocker.detail);
        Self { label, location: estate.place(blocker.origin).unwrap_or_else(|| elsewhere.clone()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Origin;
    use crate::reach::{Code, Component};

    #[test]
    fn what_stands_in_no_file_has_no_place() {
        let estate = Estate { files: vec!["first.json".to_owned()], ..Estate::default() };
        let mut hop = Hop {
            leg: Leg::Forward,
            component: Component::Internet,
            resource: "internet".to_owned(),
            decision: String::new(),
            passage: Passage::Passed,
            origin: Origin::default(),
        };
        let step = Step::of(&estate, &hop);
        assert_eq!((step.words().as_str(), step.location), ("internet", None));

        hop.component = Component::NetworkAcl;
        hop.resource = "acl-1".to_owned();
        hop.decision = "entry 100 denies all".to_owned();
        hop.origin = Origin { file: 0, line: 7, column: 3, end_line: 9 };
        let step = Step::of(&estate, &hop);
        assert_eq!(step.words(), "network ACL acl-1: entry 100 denies all");
        let there = Location { file: "first.json".to_owned(), line: 7, column: 3, end_line: 9 };
        assert_eq!(step.location, Some(there.clone()));

        let mut blocker = Blocker {
            code: Code::AclRestriction,
            resource: "acl-1".to_owned(),
            leg: Leg::Return,
            detail: "entry 100 denies all".to_owned(),
            origin: hop.origin,
        };
        let elsewhere = Location { file: "plaudit.toml".to_owned(), line: 1, column: 1, end_line: 1 };
        let blame = Blame::of(&estate, &blocker, &elsewhere);
        assert_eq!(blame.label, "SUBNET_ACL_RESTRICTION acl-1: entry 100 denies all");
        assert_eq!(blame.location, there);
        blocker.origin = Origin::default();
        assert_eq!(Blame::of(&estate, &blocker, &elsewhere).location, elsewhere);
    }
}
