//! Assertions: paths of which someone says that they must be there, or must not be.
//!
//! Input: what `plaudit.toml` says. Output: who a finding about an assertion is about, and the
//! rule that the tool itself applies to assertions, PTH001. It judges nothing: who asks the
//! engine is in [`crate::commands`].

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Profile, Remediation, RuleInfo, Severity, Subject};
use crate::estate::Location;
use crate::reach::Verdict;

/// What someone expects of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// Request and reply get through.
    Reachable,
    /// Something stops them.
    Unreachable,
}

impl Expectation {
    /// The verdict that meets it.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Reachable => Verdict::Reachable,
            Self::Unreachable => Verdict::Unreachable,
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.verdict().fmt(f)
    }
}

/// A path that someone expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// Source, in the words of `plaudit path`.
    pub from: String,
    /// Destination, in the words of `plaudit path`.
    pub to: String,
    /// Protocol, in small letters.
    pub protocol: String,
    /// Destination port; what the destination needs, when none is said.
    pub port: Option<u16>,
    /// What is expected.
    pub expect: Expectation,
    /// Why.
    pub reason: String,
    /// Where it is written.
    pub position: Location,
}

impl Assertion {
    /// `prod → relay tcp/6666`: its identity, without what is expected and why.
    pub fn id(&self) -> String {
        let Self { from, to, protocol, port, .. } = self;
        let port = port.map(|port| format!("/{port}")).unwrap_or_default();
        format!("{from} → {to} {protocol}{port}")
    }

    /// What a finding about it is about.
    pub fn subject(&self, workspaces: Vec<String>) -> Subject {
        let id = self.id();
        Subject { kind: "assertion".to_owned(), name: id.clone(), id, workspaces, arn: None }
    }

    /// `prod → relay tcp/6666 should be reachable (clusters need it)`.
    pub fn demand(&self) -> String {
        let reason = self.reason.trim().trim_end_matches('.');
        let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
        format!("{} should be {}{reason}", self.id(), self.expect)
    }
}

/// The rule that the tool itself applies to assertions.
pub fn rule() -> RuleInfo {
    RuleInfo {
        id: "PTH001".to_owned(),
        name: "assertion-failed".to_owned(),
        title: "A path is not as the settings say that it must be".to_owned(),
        severity: Severity::High,
        profile: Profile::Managed,
        since: "0.1.0".to_owned(),
        each: "assertions".to_owned(),
        rationale: "An assertion in the settings says what a network is for, or what it must never do. One that \
                    does not hold is a path that somebody relies on and that is broken, or a way that somebody \
                    takes for closed and that is open."
            .to_owned(),
        remediation: Remediation {
            summary: "Change what blocks the path or lets it through, as `plaudit path` shows it; or change the \
                      assertion, if it is not what you want any more."
                .to_owned(),
            terraform: None,
            cli: None,
        },
        references: vec!["https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html".to_owned()],
        compliance: BTreeMap::new(),
        failure_modes: Vec::new(),
        tags: Vec::new(),
    }
}
