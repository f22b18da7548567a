//! Answers to a list of flows, for programs: one object a flow, in the order of the list.
//!
//! Input: replies, or why there is none. Output: a JSON array that is as long as the list,
//! whatever its lines hold; it refuses to drop a flow.

use std::io;

use super::json::{Blocker, Said};
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
    let answers: Vec<Answer<'_>> = outcomes.iter().map(Answer::of_flow).collect();
    escape::write_json(&answers, out)
}

/// The answer to one flow.
type Answer<'a> = Said<'a, Blocker<'a>>;

impl<'a> Answer<'a> {
    fn of_flow(outcome: &'a Outcome) -> Self {
        match outcome {
            Outcome::Answered(reply) => Self::of(reply, Blocker::of),
            Outcome::Unclear(why) => Self::unknown(why.clone()),
            Outcome::Refused(error) => match error {
                QuestionError::Nothing { side, word } => Self::nowhere(*side, word),
                other => Self::unknown(other.to_string()),
            },
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
