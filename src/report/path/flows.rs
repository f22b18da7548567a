//! Answers to a list of flows, for programs: one object a flow, in the order of the list.
//!
//! Input: replies, or why there is none. Output: a JSON array that is as long as the list,
//! whatever its lines hold; it refuses to drop a flow.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use super::blockers;
use super::json::{Blocker, Hop, gaps, ports};
use crate::reach::question::{QuestionError, Reply, Side};
use crate::reach::{Code, Leg, Verdict};
use crate::report::escape;

/// The code for a source that the evidence does not have.
const NO_SOURCE: &str = "NO_SOURCE_OR_DESTINATION";

/// What is said of one flow.
#[derive(Debug)]
pub enum Outcome {
    /// The engine's reply.
    Answered(Box<Reply>),
    /// Words that name nothing, or cannot be used.
    Refused(QuestionError),
    /// No flow at all: why.
    Unclear(String),
}

/// The JSON Schema of the answers.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Vec<Answer>).to_value()
}

/// Writes the answers.
pub fn write(outcomes: &[Outcome], out: &mut impl io::Write) -> io::Result<()> {
    let answers: Vec<Answer<'_>> = outcomes.iter().map(Answer::of).collect();
    escape::write_json(&answers, out)
}

/// The answer to one flow.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Answer")]
struct Answer<'a> {
    /// `reachable`, `unreachable` or `unknown`.
    verdict: &'static str,
    /// The same for the request alone.
    forward: &'static str,
    /// Every reason against it, in the order of the path.
    blockers: Vec<Blocker<'a>>,
    /// Every component that was met, forward first.
    hops: Vec<Hop<'a>>,
    /// What is not known, in words.
    gaps: Vec<String>,
    /// Source ports to which replies can return, when those are not all that were asked for.
    source_ports: Option<String>,
}

impl<'a> Answer<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        match outcome {
            Outcome::Answered(reply) => Self::answered(reply),
            Outcome::Unclear(why) => Self::unknown(why.clone()),
            Outcome::Refused(error) => match error {
                QuestionError::Nothing { side, word } => Self::nowhere(*side, word),
                other => Self::unknown(other.to_string()),
            },
        }
    }

    fn answered(reply: &'a Reply) -> Self {
        let decisive = reply.decisive().map(|case| &case.answer);
        Self {
            verdict: reply.verdict.word(),
            forward: reply.forward.word(),
            blockers: blockers(&reply.cases).into_iter().map(Blocker::of).collect(),
            hops: decisive.into_iter().flat_map(|answer| &answer.hops).map(Hop::of).collect(),
            gaps: gaps(reply).iter().map(ToString::to_string).collect(),
            source_ports: decisive.and_then(|answer| answer.source_ports.as_ref()).map(ports),
        }
    }

    /// A word that names nothing, where everything that it could stand in was collected.
    fn nowhere(side: Side, word: &'a str) -> Self {
        let (code, detail) = match side {
            Side::From => (NO_SOURCE, "no such source is in the evidence"),
            Side::To => (Code::UnknownDestination.name(), "no such destination is in the evidence"),
        };
        let blocker = Blocker { code, resource: word, direction: Leg::Forward.word(), detail };
        Self { blockers: vec![blocker], ..Self::empty(Verdict::Unreachable) }
    }

    fn unknown(why: String) -> Self {
        Self { gaps: vec![why], ..Self::empty(Verdict::Unknown) }
    }

    fn empty(verdict: Verdict) -> Self {
        let word = verdict.word();
        let (blockers, hops, gaps) = (Vec::new(), Vec::new(), Vec::new());
        Self { verdict: word, forward: word, blockers, hops, gaps, source_ports: None }
    }
}
