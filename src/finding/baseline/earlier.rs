//! The part of a SARIF file that a baseline needs, read with tolerance: properties that other
//! versions lack or add do not matter.
//!
//! Input: JSON. Output: findings as they were. It refuses nothing; what has no fingerprint of
//! ours, and what was no failure, is left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::{BaselineState, FINGERPRINT};
use crate::estate::{Gap, Location, Operation, Reason, Scope};
use crate::finding::{Finding, Profile, Severity, Subject, Verdict};

/// A SARIF file.
#[derive(Deserialize)]
pub(super) struct Log {
    pub(super) version: String,
    pub(super) runs: Vec<Run>,
}

/// One run of one tool.
#[derive(Deserialize)]
pub(super) struct Run {
    pub(super) tool: Tool,
    #[serde(default)]
    pub(super) results: Vec<Earlier>,
}

/// The tool of a run.
#[derive(Deserialize)]
pub(super) struct Tool {
    pub(super) driver: Driver,
}

/// The part of a tool that has its name.
#[derive(Deserialize)]
pub(super) struct Driver {
    pub(super) name: String,
}

/// A result, as far as it can be read: nothing of it is required.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Earlier {
    rule_id: String,
    kind: String,
    baseline_state: String,
    message: Message,
    fingerprints: BTreeMap<String, String>,
    partial_fingerprints: BTreeMap<String, String>,
    locations: Vec<Place>,
    properties: Properties,
}

impl Default for Earlier {
    fn default() -> Self {
        Self {
            rule_id: String::new(),
            // what SARIF says of a result without a kind
            kind: "fail".to_owned(),
            baseline_state: String::new(),
            message: Message::default(),
            fingerprints: BTreeMap::new(),
            partial_fingerprints: BTreeMap::new(),
            locations: Vec::new(),
            properties: Properties::default(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message {
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Place {
    physical_location: Physical,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Artifact {
    uri: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
}

/// What our SARIF keeps beside the standard's own properties.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Properties {
    name: String,
    severity: Option<Severity>,
    profile: Option<Profile>,
    message: Option<String>,
    subject: EarlierSubject,
    gaps: Vec<EarlierGap>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EarlierSubject {
    kind: String,
    id: String,
    name: String,
    workspaces: Vec<String>,
    arn: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EarlierGap {
    operation: String,
    account: Option<String>,
    region: Option<String>,
    resource: Option<String>,
    reason: Option<Reason>,
    detail: String,
}

impl EarlierGap {
    fn gap(self) -> Option<Gap> {
        let scope = Scope { account: self.account, region: self.region, resource: self.resource };
        Some(Gap::new(Operation::named(&self.operation)?, scope, self.reason?).because(self.detail))
    }
}

impl Earlier {
    /// The result as a finding that is absent until it is seen again; `None` for passes and for
    /// results that were already gone.
    pub(super) fn finding(mut self) -> Option<Finding> {
        let verdict = match self.kind.as_str() {
            "fail" => Verdict::Fail,
            "open" => Verdict::Unknown,
            _ => return None,
        };
        let known = self.fingerprints.remove(FINGERPRINT).or_else(|| self.partial_fingerprints.remove(FINGERPRINT));
        let fingerprint = known.filter(|_| self.baseline_state != BaselineState::Absent.word())?;
        let Properties { name, severity, profile, message, subject, gaps } = self.properties;
        let locations = self.locations.into_iter().map(|place| {
            let Physical { artifact_location, region } = place.physical_location;
            Location {
                file: percent_decoded(&artifact_location.uri),
                line: region.start_line.max(1),
                column: region.start_column.max(1),
                end_line: region.end_line.max(region.start_line).max(1),
            }
        });
        Some(Finding {
            name: if name.is_empty() { self.rule_id.clone() } else { name },
            rule: self.rule_id,
            verdict,
            severity: severity.unwrap_or(Severity::Medium),
            profile: profile.unwrap_or_default(),
            subject: Arc::new(Subject {
                kind: subject.kind,
                id: subject.id,
                name: subject.name,
                workspaces: subject.workspaces,
                arn: subject.arn,
            }),
            message: message.unwrap_or(self.message.text),
            locations: locations.collect(),
            blame: Vec::new(),
            path: Vec::new(),
            gaps: gaps.into_iter().filter_map(EarlierGap::gap).collect(),
            waived: None,
            baseline: Some(BaselineState::Absent),
            fingerprint,
        })
    }
}

/// The path that a relative URI was made from.
fn percent_decoded(uri: &str) -> String {
    let mut bytes = Vec::with_capacity(uri.len());
    let mut rest = uri.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        let pair = match (first, tail) {
            (b'%', [high, low, ..]) => hex(high).zip(hex(low)),
            _ => None,
        };
        match pair {
            Some((high, low)) => {
                bytes.push(high << 4 | low);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
