//! Baselines: what an earlier run reported, read back from its SARIF.
//!
//! Input: a SARIF file that this tool wrote, and the findings of a new run. Output: how each
//! failure and each undecided verdict compares, and the ones that are gone, as they were. It
//! refuses files of other tools, because their fingerprints could never match and everything
//! would look new; it reads any of ours, of whatever version, and leaves out what it cannot read.

mod earlier;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Finding, Verdict};
use earlier::{Earlier, Log};

/// Name of our fingerprint in SARIF.
pub const FINGERPRINT: &str = "plaudit/v1";

/// How a finding compares with the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BaselineState {
    /// Not in the baseline.
    New,
    /// In the baseline, as it is now.
    Unchanged,
    /// In the baseline with another message or verdict.
    Updated,
    /// In the baseline, and gone.
    Absent,
}

impl BaselineState {
    /// The word, as SARIF and the other reports write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Unchanged => "unchanged",
            Self::Updated => "updated",
            Self::Absent => "absent",
        }
    }
}

/// What makes a file useless as a baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// Not JSON, or JSON of another kind.
    #[error(
        "the baseline is not a SARIF 2.1.0 file: {0}\nhelp: give the file that an earlier run wrote with `-o sarif=FILE`"
    )]
    NotSarif(String),
    /// SARIF, but none of ours.
    #[error(
        "the baseline was written by {0}, and its fingerprints cannot match\nhelp: give the file that an earlier run of plaudit wrote with `-o sarif=FILE`"
    )]
    NotOurs(String),
}

/// The failures and undecided verdicts of an earlier run, by fingerprint.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    earlier: BTreeMap<String, Finding>,
}

impl Baseline {
    /// Reads the SARIF of an earlier run.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let log: Log = serde_json::from_str(text).map_err(|error| BaselineError::NotSarif(error.to_string()))?;
        if !log.version.starts_with("2.1") {
            return Err(BaselineError::NotSarif(format!("its version is '{}'", log.version)));
        }
        let (ours, others): (Vec<_>, Vec<_>) =
            log.runs.into_iter().partition(|run| run.tool.driver.name == env!("CARGO_PKG_NAME"));
        if ours.is_empty() {
            let names: BTreeSet<String> = others.into_iter().map(|run| run.tool.driver.name).collect();
            let names: Vec<String> = names.into_iter().collect();
            return Err(BaselineError::NotOurs(if names.is_empty() { "no tool".to_owned() } else { names.join(", ") }));
        }
        let results = ours.into_iter().flat_map(|run| run.results);
        Ok(Self { earlier: results.filter_map(Earlier::finding).map(|f| (f.fingerprint.clone(), f)).collect() })
    }

    /// How many failures and undecided verdicts it holds.
    pub fn len(&self) -> usize {
        self.earlier.len()
    }

    /// Whether the earlier run had nothing to report.
    pub fn is_empty(&self) -> bool {
        self.earlier.is_empty()
    }
}

/// Says of every failure and undecided verdict how it compares, and adds those that are gone.
/// The caller sorts the findings afterwards.
pub fn compare(baseline: &Baseline, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for finding in findings.iter_mut().filter(|f| matches!(f.verdict, Verdict::Fail | Verdict::Unknown)) {
        let state = match baseline.earlier.get(&finding.fingerprint) {
            None => BaselineState::New,
            Some(earlier) if earlier.verdict == finding.verdict && said(earlier) == said(finding) => {
                BaselineState::Unchanged
            }
            Some(_) => BaselineState::Updated,
        };
        finding.baseline = Some(state);
        seen.insert(finding.fingerprint.clone());
    }
    let gone = baseline.earlier.values().filter(|earlier| !seen.contains(&earlier.fingerprint));
    findings.extend(gone.cloned());
}

/// The message without the full stop that SARIF adds.
fn said(finding: &Finding) -> &str {
    finding.message.trim_end_matches(['.', ' ', '\n'])
}
