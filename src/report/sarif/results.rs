//! Findings as SARIF results.
//!
//! Input: findings in order. Output: results that refer to rules and artifacts by index. It
//! refuses a result without a place, an empty string and a link that a name tries to plant.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use serde_sarif::sarif::{self, ResultKind, ResultLevel};

use super::place::Places;
use super::rules::{Book, sentence};
use super::{dense, filled, index, message};
use crate::estate::Location;
use crate::finding::baseline::FINGERPRINT;
use crate::finding::{Finding, Severity, Subject, Verdict};
use crate::report::{count, escape, json};

/// What GitHub takes of the locations of a result.
const LOCATIONS: usize = 1_000;
/// How many gaps a message names.
const GAPS: usize = 5;

/// Turns findings into results, and remembers the files that they point at.
pub(super) struct Results<'a> {
    pub(super) book: &'a Book<'a>,
    pub(super) places: Places,
    /// Predicted paths that the resources of a finding stop, by fingerprint.
    pub(super) stops: BTreeMap<&'a str, Vec<String>>,
    /// URIs in the order of their first use.
    pub(super) artifacts: Vec<String>,
    pub(super) known: BTreeMap<String, i64>,
}

impl Results<'_> {
    pub(super) fn result(&mut self, finding: &Finding) -> sarif::Result {
        let text = statement(finding);
        let mut result = sarif::Result::builder()
            .rule_id(&finding.rule)
            .kind(kind(finding.verdict))
            .level(level(finding))
            .message(message(&text))
            .locations(self.locations(finding))
            .fingerprints(BTreeMap::from([(FINGERPRINT.to_owned(), finding.fingerprint.clone())]))
            .partial_fingerprints(BTreeMap::from([(
                // the only one that GitHub reads; hash and occurrence, the way that it writes them
                "primaryLocationLineHash".to_owned(),
                format!("{}:1", finding.fingerprint.get(..16).unwrap_or(&finding.fingerprint)),
            )]))
            .properties(properties(finding, &text, self.stops.get(finding.fingerprint.as_str())))
            .build();
        result.rule_index = self.book.position(&finding.rule).map(index);
        result.related_locations = Some(self.related(finding)).filter(|related| !related.is_empty());
        result.code_flows = self.flow(finding).map(|flow| vec![flow]);
        result.taxa = Some(self.book.taxa(&finding.rule)).filter(|taxa| !taxa.is_empty());
        result.baseline_state = finding.baseline.map(|state| state.word().into());
        result.suppressions = finding.waived.as_ref().map(|waived| {
            let reason = filled(&escape::line(&waived.reason)).unwrap_or_else(|| "accepted".to_owned());
            let justification = format!("{} Accepted until {}.", sentence(&reason), waived.expires);
            vec![sarif::Suppression::builder().kind("external").status("accepted").justification(justification).build()]
        });
        result
    }

    fn locations(&mut self, finding: &Finding) -> Vec<sarif::Location> {
        let logical = logical(&finding.subject);
        let nowhere = Location { file: String::new(), line: 1, column: 1, end_line: 1 };
        let located = finding.locations.iter().take(LOCATIONS);
        let first = finding.locations.is_empty().then_some(&nowhere);
        located
            .chain(first)
            .enumerate()
            .map(|(at, location)| {
                let mut place = sarif::Location::builder().physical_location(self.physical(location)).build();
                place.logical_locations = (at == 0).then(|| vec![logical.clone()]);
                place
            })
            .collect()
    }

    fn related(&mut self, finding: &Finding) -> Vec<sarif::Location> {
        let blamed = finding.blame.iter().take(LOCATIONS).enumerate();
        blamed
            .map(|(at, blame)| {
                let label = filled(&linkless(&blame.label)).unwrap_or_else(|| "another resource".to_owned());
                sarif::Location::builder()
                    .id(index(at) + 1)
                    .physical_location(self.physical(&blame.location))
                    .message(message(&sentence(&label)))
                    .build()
            })
            .collect()
    }

    /// A place in a file, which from then on is an artifact of the run.
    pub(super) fn physical(&mut self, location: &Location) -> sarif::PhysicalLocation {
        let uri = self.places.uri(&location.file);
        let at = *self.known.entry(uri.clone()).or_insert_with(|| {
            self.artifacts.push(uri.clone());
            index(self.artifacts.len() - 1)
        });
        let line = location.line.max(1);
        let region = sarif::Region::builder()
            .start_line(line)
            .start_column(location.column.max(1))
            .end_line(location.end_line.max(line))
            .build();
        let artifact = sarif::ArtifactLocation::builder().uri(uri).index(at).build();
        sarif::PhysicalLocation::builder().artifact_location(artifact).region(region).build()
    }
}

fn kind(verdict: Verdict) -> ResultKind {
    match verdict {
        Verdict::Fail => ResultKind::Fail,
        Verdict::Unknown => ResultKind::Open,
        Verdict::Pass => ResultKind::Pass,
        Verdict::NotApplicable => ResultKind::NotApplicable,
    }
}

/// SARIF wants `none` for whatever is not a failure.
fn level(finding: &Finding) -> ResultLevel {
    match (finding.verdict, finding.severity) {
        (Verdict::Fail, Severity::Critical | Severity::High) => ResultLevel::Error,
        (Verdict::Fail, Severity::Medium) => ResultLevel::Warning,
        (Verdict::Fail, Severity::Low) => ResultLevel::Note,
        _ => ResultLevel::None,
    }
}

/// The message of a finding: the answer first, and a full stop at the end.
fn statement(finding: &Finding) -> String {
    let said = filled(&linkless(&finding.message)).unwrap_or_else(|| format!("{} {}", finding.rule, finding.name));
    let said = sentence(&said);
    match finding.verdict {
        Verdict::Fail => said,
        Verdict::Pass => format!("Passed: {said}"),
        Verdict::NotApplicable => format!("Not applicable: {said}"),
        Verdict::Unknown => {
            let mut missing: Vec<String> =
                finding.gaps.iter().take(GAPS).map(|gap| linkless(&gap.to_string())).collect();
            if let Some(more) = finding.gaps.len().checked_sub(GAPS).filter(|more| *more > 0) {
                missing.push(count(more, "more gap"));
            }
            let missing = if missing.is_empty() { "evidence".to_owned() } else { missing.join("; ") };
            format!("Undecided: {said} Missing: {}", sentence(&missing))
        }
    }
}

/// Escaped, and without `](`, which viewers read as a link that the name of a resource planted.
pub(super) fn linkless(text: &str) -> String {
    escape::line(text).replace("](", "] (")
}

fn logical(subject: &Subject) -> sarif::LogicalLocation {
    let id = subject.arn.as_deref().unwrap_or(&subject.id);
    let mut logical = sarif::LogicalLocation::builder().kind("resource").build();
    logical.name = filled(&escape::line(&subject.name)).or_else(|| filled(&escape::line(&subject.id)));
    logical.fully_qualified_name = filled(&escape::line(id));
    logical
}

/// What a baseline needs to show the finding again, and programs to find the resource.
fn properties(finding: &Finding, text: &str, stops: Option<&Vec<String>>) -> sarif::PropertyBag {
    let Subject { kind, id, name, workspaces, arn } = &*finding.subject;
    let gaps: Vec<Value> = finding.gaps.iter().map(|gap| json!(json::Gap::of(gap))).collect();
    let properties = json!({
        "name": finding.name,
        "severity": finding.severity,
        "profile": finding.profile,
        "subject": { "kind": kind, "id": id, "name": name, "workspaces": workspaces, "arn": arn },
        "message": (text != sentence(&finding.message)).then_some(&finding.message),
        "gaps": gaps,
        "stops": stops,
    });
    sarif::PropertyBag::builder().additional_properties(dense(properties)).build()
}
