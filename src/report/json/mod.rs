//! The JSON report, `plaudit-findings/1`, for programs.
//!
//! Input: an outcome. Output: one document whose shape is frozen: its structs are its own, so
//! that a change of the model does not change the format. It refuses to leave out a property:
//! what is not known is `null` or an empty list.

mod single;

use std::collections::BTreeMap;
use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use super::escape;
use crate::finding::{self, Outcome, Profile, Severity, Tally, Verdict, stops};
use single::Finding;

pub(super) use single::Gap;

/// The value of `format`.
pub const FORMAT: &str = "plaudit-findings/1";

/// The JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}

/// Writes the report; passes and subjects that a rule does not concern only with `all_results`.
pub fn write(outcome: &Outcome, all_results: bool, out: &mut impl io::Write) -> io::Result<()> {
    let stops = stops::of(&outcome.findings);
    escape::write_json(&Report::of(outcome, &stops, all_results), out)
}

/// The findings of one run.
#[derive(Serialize, JsonSchema)]
struct Report<'a> {
    /// `plaudit-findings/1`.
    format: &'static str,
    /// Worst first.
    findings: Vec<Finding<'a>>,
    /// Numbers, whatever is listed above.
    summary: Summary,
    /// What the verdicts rest on.
    coverage: Coverage<'a>,
}

#[derive(Serialize, JsonSchema)]
struct Summary {
    /// The profile of the run.
    profile: Profile,
    failed: usize,
    unknown: usize,
    passed: usize,
    not_applicable: usize,
    waived: usize,
    absent: usize,
    /// Failures and undecided verdicts that count, by severity.
    by_severity: BTreeMap<Severity, Counts>,
}

#[derive(Default, Serialize, JsonSchema)]
struct Counts {
    failed: usize,
    unknown: usize,
}

#[derive(Serialize, JsonSchema)]
struct Coverage<'a> {
    /// The inputs, as the user named them.
    inputs: &'a [String],
    /// What was collected.
    collected: Vec<Collected<'a>>,
    /// What was not.
    gaps: Vec<Gap<'a>>,
    /// Ids of the rules that ran.
    rules: Vec<&'a str>,
    /// Rules that were switched off.
    switched_off: &'a [String],
}

/// A list that was collected for a place.
#[derive(Serialize, JsonSchema)]
struct Collected<'a> {
    operation: &'a str,
    account: Option<&'a str>,
    region: Option<&'a str>,
}

impl<'a> Report<'a> {
    fn of(outcome: &'a Outcome, stops: &'a BTreeMap<&str, Vec<String>>, all_results: bool) -> Self {
        let stops = |f: &finding::Finding| stops.get(f.fingerprint.as_str()).map_or(&[][..], Vec::as_slice);
        let listed = |verdict| all_results || matches!(verdict, Verdict::Fail | Verdict::Unknown);
        Self {
            format: FORMAT,
            findings: outcome.findings.iter().filter(|f| listed(f.verdict)).map(|f| Finding::of(f, stops(f))).collect(),
            summary: Summary::of(outcome),
            coverage: Coverage {
                inputs: &outcome.inputs,
                collected: outcome.collected.iter().map(Collected::of).collect(),
                gaps: outcome.gaps.iter().map(Gap::of).collect(),
                rules: outcome.rules.iter().map(|rule| rule.id.as_str()).collect(),
                switched_off: &outcome.switched_off,
            },
        }
    }
}

impl<'a> Collected<'a> {
    fn of(collected: &'a finding::Collected) -> Self {
        let finding::Collected { operation, account, region } = collected;
        Self { operation, account: account.as_deref(), region: region.as_deref() }
    }
}

impl Summary {
    fn of(outcome: &Outcome) -> Self {
        let Tally { failed, unknown, passed, not_applicable, waived, absent } = Tally::of(&outcome.findings);
        let all = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];
        let mut by_severity: BTreeMap<Severity, Counts> = all.map(|severity| (severity, Counts::default())).into();
        for finding in outcome.findings.iter().filter(|finding| finding.counts(false)) {
            let counts = by_severity.entry(finding.severity).or_default();
            match finding.verdict {
                Verdict::Fail => counts.failed += 1,
                Verdict::Unknown => counts.unknown += 1,
                Verdict::Pass | Verdict::NotApplicable => {}
            }
        }
        Self { profile: outcome.profile, failed, unknown, passed, not_applicable, waived, absent, by_severity }
    }
}
