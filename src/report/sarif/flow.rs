//! The way of a packet as a SARIF code flow: one thread, one location a hop.
//!
//! Input: the path of a finding. Output: hops that point at their evidence, or at that of the
//! finding where they stand in no file, because GitHub refuses a location without a file. It
//! refuses to cut a path in silence.

use std::collections::BTreeMap;

use serde_sarif::sarif;

use super::results::{Results, linkless};
use super::rules::sentence;
use super::{filled, index, message, text};
use crate::estate::Location;
use crate::finding::{Finding, Step};
use crate::reach::Passage;
use crate::report::{count, escape};

/// What GitHub takes of the hops of a result; it shows a tenth of them.
const HOPS: usize = 10_000;

impl Results<'_> {
    /// The path of a finding; none for what has no path.
    pub(super) fn flow(&mut self, finding: &Finding) -> Option<sarif::CodeFlow> {
        let all = finding.path.len();
        if all == 0 {
            return None;
        }
        let said = match all.checked_sub(HOPS).filter(|more| *more > 0) {
            Some(_) => format!("The way of the packet: the first {HOPS} of {} are here.", count(all, "hop")),
            None => format!("The way of the packet: {}.", count(all, "hop")),
        };
        let hops = finding.path.iter().take(HOPS).enumerate();
        let hops: Vec<_> = hops.map(|(at, step)| self.hop(at, step, finding.locations.first())).collect();
        let thread = sarif::ThreadFlow::builder().locations(hops).build();
        Some(sarif::CodeFlow::builder().message(message(&said)).thread_flows(vec![thread]).build())
    }

    fn hop(&mut self, at: usize, step: &Step, elsewhere: Option<&Location>) -> sarif::ThreadFlowLocation {
        let nowhere = Location { file: String::new(), line: 1, column: 1, end_line: 1 };
        let place = step.location.as_ref().or(elsewhere).unwrap_or(&nowhere);
        let (direction, passage) = (step.direction.word(), step.passage.word());
        let words = filled(&linkless(&step.words())).unwrap_or_else(|| "a component".to_owned());
        let location = sarif::Location::builder()
            .physical_location(self.physical(place))
            .logical_locations(vec![logical(step)])
            .message(message(&sentence(&format!("{words} ({direction}, {passage})"))))
            .build();
        sarif::ThreadFlowLocation::builder()
            .location(location)
            .execution_order(index(at) + 1)
            .importance(if step.passage == Passage::Blocked { "essential" } else { "important" })
            .kinds(vec![kind(step)])
            .state(BTreeMap::from([("direction".to_owned(), text(direction)), ("passage".to_owned(), text(passage))]))
            .build()
    }
}

/// The component in one word of small letters, as SARIF writes its own kinds.
fn kind(step: &Step) -> String {
    let word = escape::line(step.component.trim()).replace(' ', "-").to_lowercase();
    filled(&word).unwrap_or_else(|| "component".to_owned())
}

fn logical(step: &Step) -> sarif::LogicalLocation {
    let known = filled(&escape::line(&step.resource)).or_else(|| filled(&escape::line(&step.component)));
    let mut logical = sarif::LogicalLocation::builder().kind("resource").build();
    logical.name = known.clone();
    logical.fully_qualified_name = known;
    logical
}
