//! The JSON report, `plaudit-findings/1`, for programs.
//!
//! Input: an outcome. Output: one document whose shape is frozen: its structs are its own, so
//! that a change of the model does not change the format. It refuses to leave out a property:
//! what is not known is `null` or an empty list.

use std::collections::BTreeMap;
use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use super::escape;
use crate::estate::{self, Reason};
use crate::finding::{self, Outcome, Profile, Severity, Tally, Verdict};

/// The value of `format`.
pub const FORMAT: &str = "plaudit-findings/1";

/// The JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}

/// Writes the report; passes and subjects that a rule does not concern only with `all_results`.
pub fn write(outcome: &Outcome, all_results: bool, out: &mut impl io::Write) -> io::Result<()> {
    escape::write_json(&Report::of(outcome, all_results), out)
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

/// One verdict of one rule on one subject.
#[derive(Serialize, JsonSchema)]
struct Finding<'a> {
    rule: &'a str,
    name: &'a str,
    verdict: Verdict,
    severity: Severity,
    profile: Profile,
    subject: Subject<'a>,
    message: &'a str,
    /// Where the proof stands.
    locations: Vec<Location<'a>>,
    /// Other resources that have a part in it.
    blame: Vec<Blame<'a>>,
    /// For an unknown verdict, the evidence that is missing.
    gaps: Vec<Gap<'a>>,
    waived: Option<Waived<'a>>,
    /// `new`, `unchanged`, `updated` or `absent`, when there is a baseline.
    baseline: Option<&'static str>,
    /// The same for the same rule and subject in every run.
    fingerprint: &'a str,
}

/// What a finding is about.
#[derive(Serialize, JsonSchema)]
struct Subject<'a> {
    kind: &'a str,
    id: &'a str,
    name: &'a str,
    arn: Option<&'a str>,
    /// The workspace that it serves, when it is exactly one.
    workspace: Option<&'a str>,
    /// Every workspace that it serves.
    workspaces: &'a [String],
}

/// A place in a file; numbers start at 1.
#[derive(Serialize, JsonSchema)]
struct Location<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
}

/// Another resource.
#[derive(Serialize, JsonSchema)]
struct Blame<'a> {
    label: &'a str,
    location: Location<'a>,
}

/// Evidence that is missing.
#[derive(Serialize, JsonSchema)]
pub(super) struct Gap<'a> {
    /// IAM action or REST request.
    operation: &'static str,
    account: Option<&'a str>,
    region: Option<&'a str>,
    resource: Option<&'a str>,
    reason: Reason,
    detail: &'a str,
    /// The file that would answer in a directory of answers.
    file: &'static str,
}

/// An acceptance.
#[derive(Serialize, JsonSchema)]
struct Waived<'a> {
    reason: &'a str,
    /// Last day, `YYYY-MM-DD`.
    expires: String,
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
    fn of(outcome: &'a Outcome, all_results: bool) -> Self {
        let listed = |verdict| all_results || matches!(verdict, Verdict::Fail | Verdict::Unknown);
        Self {
            format: FORMAT,
            findings: outcome.findings.iter().filter(|f| listed(f.verdict)).map(Finding::of).collect(),
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

impl<'a> Finding<'a> {
    fn of(finding: &'a finding::Finding) -> Self {
        let subject = &finding.subject;
        Self {
            rule: &finding.rule,
            name: &finding.name,
            verdict: finding.verdict,
            severity: finding.severity,
            profile: finding.profile,
            subject: Subject {
                kind: &subject.kind,
                id: &subject.id,
                name: &subject.name,
                arn: subject.arn.as_deref(),
                workspace: if let [one] = subject.workspaces.as_slice() { Some(one) } else { None },
                workspaces: &subject.workspaces,
            },
            message: &finding.message,
            locations: finding.locations.iter().map(Location::of).collect(),
            blame: finding
                .blame
                .iter()
                .map(|b| Blame { label: &b.label, location: Location::of(&b.location) })
                .collect(),
            gaps: finding.gaps.iter().map(Gap::of).collect(),
            waived: finding.waived.as_ref().map(|w| Waived { reason: &w.reason, expires: w.expires.to_string() }),
            baseline: finding.baseline.map(finding::BaselineState::word),
            fingerprint: &finding.fingerprint,
        }
    }
}

impl<'a> Location<'a> {
    fn of(location: &'a estate::Location) -> Self {
        let &estate::Location { ref file, line, column, end_line } = location;
        Self { file, line, column, end_line }
    }
}

impl<'a> Gap<'a> {
    pub(super) fn of(gap: &'a estate::Gap) -> Self {
        let estate::Scope { account, region, resource } = &gap.scope;
        Self {
            operation: gap.operation.name(),
            account: account.as_deref(),
            region: region.as_deref(),
            resource: resource.as_deref(),
            reason: gap.reason,
            detail: &gap.detail,
            file: gap.operation.file(),
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
