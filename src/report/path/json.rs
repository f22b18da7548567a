//! A reply for programs, `plaudit-path/1`.
//!
//! Input: a reply. Output: one document whose shape is frozen, with a schema. The properties of
//! one answer to a flow ([`super::flows`]) stand at the top and speak for the whole question; the
//! single pairs of source and target follow. It refuses to leave out a property: what is not known
//! is `null` or an empty list.

use std::io;

use range_set_blaze::RangeSetBlaze;
use schemars::JsonSchema;
use serde::Serialize;

use super::{blockers, remedies};
use crate::estate::{self, Estate};
use crate::reach::question::{Case, Reply};
use crate::reach::{self, Arrival};
use crate::report::escape;
use crate::report::json::Gap;

/// The value of `format`.
pub const FORMAT: &str = "plaudit-path/1";

/// The JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}

/// Writes the report.
pub fn write(reply: &Reply, estate: &Estate, out: &mut impl io::Write) -> io::Result<()> {
    escape::write_json(&Report::of(reply, estate), out)
}

/// The reply to one question. What is said at the top is said of every pair of source and target
/// together; the path is that of the pair that decides.
#[derive(Serialize, JsonSchema)]
struct Report<'a> {
    /// `plaudit-path/1`.
    format: &'static str,
    question: Question<'a>,
    #[serde(flatten)]
    said: Said<'a, Located<'a>>,
    /// What to do, each once.
    remedies: Vec<&'static str>,
    /// What was assumed or left out.
    notes: &'a [String],
    /// The calls that would close the gaps.
    missing: Vec<Gap<'a>>,
    /// Every pair of source and target.
    pairs: Vec<Pair<'a>>,
}

/// The question as it was asked.
#[derive(Serialize, JsonSchema)]
struct Question<'a> {
    from: &'a str,
    to: &'a str,
    protocol: &'a str,
    port: Option<u16>,
    source_port: Option<u16>,
    from_ip: Option<&'a str>,
}

/// One source and one target.
#[derive(Serialize, JsonSchema)]
struct Pair<'a> {
    from: &'a str,
    to: &'a str,
    /// `tcp/443`, `tcp/8443-8451`, `icmp type 8 code 0` …
    service: String,
    #[serde(flatten)]
    said: Said<'a, Located<'a>>,
    /// Where the request ends: `interface`, `node`, `internet`, `on-premises`, `service` or `nowhere`.
    arrival: &'static str,
}

/// What is said of a flow, or of all flows of a question together.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Answer")]
pub(super) struct Said<'a, B> {
    /// `reachable`, `unreachable` or `unknown`.
    pub(super) verdict: &'static str,
    /// The same for the request alone.
    pub(super) forward: &'static str,
    /// Every reason against it, each once, in the order of the path.
    pub(super) blockers: Vec<B>,
    /// Every component that was met, forward first.
    pub(super) hops: Vec<Hop<'a>>,
    /// What is not known, in words.
    pub(super) gaps: Vec<String>,
    /// Source ports to which replies can return, when those are not all that were asked for.
    pub(super) source_ports: Option<String>,
}

/// One component on the way.
#[derive(Serialize, JsonSchema)]
pub(super) struct Hop<'a> {
    component: &'static str,
    resource: &'a str,
    /// `forward` or `return`.
    direction: &'static str,
    /// The rule or route that decided.
    decision: &'a str,
    /// `passed`, `blocked` or `unknown`.
    passage: &'static str,
}

/// One reason why a flow does not work.
#[derive(Serialize, JsonSchema)]
pub(super) struct Blocker<'a> {
    /// Explanation code.
    pub(super) code: &'static str,
    pub(super) resource: &'a str,
    /// `forward` or `return`.
    pub(super) direction: &'static str,
    pub(super) detail: &'a str,
}

/// A reason, with the place where the evidence describes what blocks.
#[derive(Serialize, JsonSchema)]
struct Located<'a> {
    #[serde(flatten)]
    blocker: Blocker<'a>,
    location: Option<Location>,
}

/// A place in a file; numbers start at 1.
#[derive(Serialize, JsonSchema)]
struct Location {
    file: String,
    line: u32,
    column: u32,
    end_line: u32,
}

impl<'a> Report<'a> {
    fn of(reply: &'a Reply, estate: &Estate) -> Self {
        let question = &reply.question;
        Self {
            format: FORMAT,
            question: Question {
                from: &question.from,
                to: &question.to,
                protocol: if question.protocol.is_empty() { "tcp" } else { &question.protocol },
                port: question.port,
                source_port: question.source_port,
                from_ip: question.from_ip.as_deref(),
            },
            said: Said::of(reply, |blocker| Located::of(blocker, estate)),
            remedies: remedies(&blockers(&reply.cases)),
            notes: &reply.notes,
            missing: gaps(reply).into_iter().map(Gap::of).collect(),
            pairs: reply.cases.iter().map(|case| Pair::of(case, estate)).collect(),
        }
    }
}

impl<'a, B> Said<'a, B> {
    /// Of every pair together; the path is that of the pair that decides.
    pub(super) fn of(reply: &'a Reply, blocker: impl Fn(&'a reach::Blocker) -> B) -> Self {
        let decisive = reply.decisive().map(|case| &case.answer);
        Self {
            verdict: reply.verdict.word(),
            forward: reply.forward.word(),
            blockers: blockers(&reply.cases).into_iter().map(blocker).collect(),
            hops: decisive.into_iter().flat_map(|answer| &answer.hops).map(Hop::of).collect(),
            gaps: gaps(reply).iter().map(ToString::to_string).collect(),
            source_ports: decisive.and_then(|answer| answer.source_ports.as_ref()).map(ports),
        }
    }
}

/// Every gap, sorted, each once.
fn gaps(reply: &Reply) -> Vec<&estate::Gap> {
    let gaps = reply.cases.iter().flat_map(|case| &case.answer.gaps).map(AsRef::as_ref);
    gaps.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

impl<'a> Pair<'a> {
    fn of(case: &'a Case, estate: &Estate) -> Self {
        let answer = &case.answer;
        Self {
            from: &case.from,
            to: &case.to,
            service: case.service(),
            said: Said {
                verdict: answer.verdict.word(),
                forward: answer.forward.word(),
                blockers: answer.blockers.iter().map(|blocker| Located::of(blocker, estate)).collect(),
                hops: answer.hops.iter().map(Hop::of).collect(),
                gaps: answer.gaps.iter().map(ToString::to_string).collect(),
                source_ports: answer.source_ports.as_ref().map(ports),
            },
            arrival: match &answer.arrival {
                Arrival::Interface(_) => "interface",
                Arrival::Node => "node",
                Arrival::Internet => "internet",
                Arrival::OnPremises(_) => "on-premises",
                Arrival::Service(_) => "service",
                Arrival::Nowhere => "nowhere",
            },
        }
    }
}

impl<'a> Hop<'a> {
    pub(super) fn of(hop: &'a reach::Hop) -> Self {
        Self {
            component: hop.component.word(),
            resource: &hop.resource,
            direction: hop.leg.word(),
            decision: &hop.decision,
            passage: hop.passage.word(),
        }
    }
}

impl<'a> Blocker<'a> {
    pub(super) fn of(blocker: &'a reach::Blocker) -> Self {
        Self {
            code: blocker.code.name(),
            resource: &blocker.resource,
            direction: blocker.leg.word(),
            detail: &blocker.detail,
        }
    }
}

impl<'a> Located<'a> {
    fn of(blocker: &'a reach::Blocker, estate: &Estate) -> Self {
        let location = estate.place(blocker.origin).map(|place| {
            let estate::Location { file, line, column, end_line } = place;
            Location { file, line, column, end_line }
        });
        Self { blocker: Blocker::of(blocker), location }
    }
}

/// `1024-2047, 4096`.
pub(super) fn ports(ports: &RangeSetBlaze<u16>) -> String {
    let ranges = ports.ranges().map(|range| match (range.start(), range.end()) {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}-{last}"),
    });
    ranges.collect::<Vec<_>>().join(", ")
}
