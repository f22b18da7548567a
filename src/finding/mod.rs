//! What a rule said about a subject: verdicts, findings and what is done to them afterwards
//! (fingerprints, waivers, baselines). Plain data; reports print it, nothing here does I/O.

pub mod assertion;
pub mod baseline;
pub mod fingerprint;
pub mod outcome;
pub mod rule;
pub mod step;
pub mod stops;
pub mod waiver;

use std::fmt;
use std::sync::Arc;

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::estate::{Gap, Location};

pub use baseline::BaselineState;
pub use outcome::{Collected, Outcome, Tally};
pub use rule::{Framework, Remediation, RuleInfo};
pub use step::Step;
pub use waiver::Waived;

/// What a rule said about one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A check is false.
    Fail,
    /// A check could not be decided, because evidence is missing. Never a pass.
    Unknown,
    /// Every check is true.
    Pass,
    /// The rule does not concern the subject.
    NotApplicable,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Pass => "pass",
            Self::NotApplicable => "not-applicable",
        })
    }
}

/// How bad a failure is. Ordered: `Low < Critical`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Untidy, or a fact that sources disagree on.
    Low,
    /// Weakens the posture or will break one day.
    Medium,
    /// Opens or breaks something, with a condition.
    High,
    /// Opens the workspace to strangers or stops it from working.
    Critical,
}

impl Severity {
    /// The number that GitHub sorts by (`properties.security-severity`).
    pub fn score(self) -> &'static str {
        match self {
            Self::Critical => "9.5",
            Self::High => "8.0",
            Self::Medium => "5.5",
            Self::Low => "2.5",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        })
    }
}

/// The posture that the user claims, after Databricks' three reference architectures. Each
/// includes the ones before it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Managed security: customer VPC, no public IPs, back-end PrivateLink.
    Managed,
    /// Hardened connectivity: also restrictive policies, IP lists, egress control, keys.
    #[default]
    Hardened,
    /// Isolated environment: private-only access and no way to the internet.
    Isolated,
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Managed => "managed",
            Self::Hardened => "hardened",
            Self::Isolated => "isolated",
        })
    }
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Singular kind: `workspace`, `security group`, `vpc endpoint` …
    pub kind: String,
    /// The id that the vendor gives it.
    pub id: String,
    /// What people call it; the id when it has no name.
    pub name: String,
    /// Names of the workspaces that it serves, sorted; empty when none is known.
    pub workspaces: Vec<String>,
    /// ARN or Databricks path, when one is known; a logical location in SARIF.
    pub arn: Option<String>,
}

/// Another resource that has a part in a finding, or what stops a packet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Blame {
    /// Kind and id, or code, id and detail, for people.
    pub label: String,
    /// Where it was read.
    pub location: Location,
}

/// One verdict of one rule on one subject, with what a report needs to explain it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Rule id.
    pub rule: String,
    /// Rule name.
    pub name: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Severity, after overrides of the settings.
    pub severity: Severity,
    /// The lowest profile that requires the rule.
    pub profile: Profile,
    /// What it is about; all rules on one subject share it.
    pub subject: Arc<Subject>,
    /// What is wrong, what breaks or leaks because of it; for other verdicts, what was asked.
    pub message: String,
    /// Where the proof stands; never empty.
    pub locations: Vec<Location>,
    /// Other resources with a part in it.
    pub blame: Vec<Blame>,
    /// The way of a packet that shows it, in order; empty for what is no path.
    pub path: Vec<Step>,
    /// For an unknown verdict, what is missing; sorted.
    pub gaps: Vec<Gap>,
    /// The waiver that accepts it.
    pub waived: Option<Waived>,
    /// How it compares with the baseline, when one was given.
    pub baseline: Option<BaselineState>,
    /// Stable identity: see [`fingerprint`].
    pub fingerprint: String,
}

impl Finding {
    /// Whether it should move the exit code: not waived, and new where only new ones count.
    pub fn counts(&self, only_new: bool) -> bool {
        let old = matches!(self.baseline, Some(BaselineState::Unchanged | BaselineState::Updated));
        self.waived.is_none() && self.baseline != Some(BaselineState::Absent) && !(only_new && old)
    }

    /// The order of every report: worst first, then by rule and subject.
    pub fn sort_key(&self) -> impl Ord + '_ {
        let severity = std::cmp::Reverse(self.severity);
        (self.verdict, severity, &self.rule, &self.subject.kind, &self.subject.id)
    }
}
