//! What one run says: every finding, and what the verdicts rest on.

use schemars::JsonSchema;
use serde::Serialize;

use super::{BaselineState, Finding, Framework, Profile, RuleInfo, Verdict};
use crate::estate::Gap;

/// How many verdicts of each kind a run gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub struct Tally {
    /// Failures that count.
    pub failed: usize,
    /// Undecided verdicts that count.
    pub unknown: usize,
    /// Passes.
    pub passed: usize,
    /// Subjects that a rule does not concern.
    pub not_applicable: usize,
    /// Failures and undecided verdicts that a waiver accepts.
    pub waived: usize,
    /// Failures of an earlier run that are gone.
    pub absent: usize,
}

impl Tally {
    /// Counts findings.
    pub fn of(findings: &[Finding]) -> Self {
        let mut tally = Self::default();
        for finding in findings {
            let count = match finding.verdict {
                _ if finding.baseline == Some(BaselineState::Absent) => &mut tally.absent,
                Verdict::Pass => &mut tally.passed,
                Verdict::NotApplicable => &mut tally.not_applicable,
                _ if finding.waived.is_some() => &mut tally.waived,
                Verdict::Fail => &mut tally.failed,
                Verdict::Unknown => &mut tally.unknown,
            };
            *count += 1;
        }
        tally
    }
}

/// Everything that one run says: what reports print.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Every verdict, in [`Finding::sort_key`] order.
    pub findings: Vec<Finding>,
    /// The rules that ran, by id.
    pub rules: Vec<RuleInfo>,
    /// Compliance frameworks that the rules name.
    pub frameworks: Vec<Framework>,
    /// The profile of the run; workspaces may have their own.
    pub profile: Profile,
    /// Rules that the settings or the command line switched off.
    pub switched_off: Vec<String>,
    /// What was collected: call and place, sorted.
    pub collected: Vec<Collected>,
    /// What the sources said they could not collect, sorted.
    pub gaps: Vec<Gap>,
    /// The inputs, as the user named them.
    pub inputs: Vec<String>,
}

/// A list that was collected for a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Collected {
    /// IAM action or REST request.
    pub operation: String,
    /// AWS or Databricks account.
    pub account: Option<String>,
    /// Region, for calls of regional services.
    pub region: Option<String>,
}
