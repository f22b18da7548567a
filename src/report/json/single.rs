//! One finding as the JSON report writes it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::estate::{self, Reason};
use crate::finding::{self, Profile, Severity, Verdict};

/// One verdict of one rule on one subject.
#[derive(Serialize, JsonSchema)]
pub(super) struct Finding<'a> {
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
    /// The way of a packet that shows it, hop by hop; empty for what is no path.
    path: Vec<Step<'a>>,
    /// Predicted paths that its resources stop, as `<rule> <subject>`.
    stops: &'a [String],
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

/// One component on the way of a packet.
#[derive(Serialize, JsonSchema)]
struct Step<'a> {
    /// What it is: `network ACL`.
    component: &'a str,
    resource: &'a str,
    /// `forward` or `return`.
    direction: &'static str,
    /// The rule or route that decided.
    decision: &'a str,
    /// `passed`, `blocked` or `unknown`.
    passage: &'static str,
    /// Where the evidence describes it, when it does.
    location: Option<Location<'a>>,
}

/// Evidence that is missing.
#[derive(Serialize, JsonSchema)]
pub(in crate::report) struct Gap<'a> {
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

impl<'a> Finding<'a> {
    pub(super) fn of(finding: &'a finding::Finding, stops: &'a [String]) -> Self {
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
            path: finding.path.iter().map(Step::of).collect(),
            stops,
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

impl<'a> Step<'a> {
    fn of(step: &'a finding::Step) -> Self {
        Self {
            component: &step.component,
            resource: &step.resource,
            direction: step.direction.word(),
            decision: &step.decision,
            passage: step.passage.word(),
            location: step.location.as_ref().map(Location::of),
        }
    }
}

impl<'a> Gap<'a> {
    pub(in crate::report) fn of(gap: &'a estate::Gap) -> Self {
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
