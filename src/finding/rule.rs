//! What reports know of a rule: its words, not its conditions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Profile, Severity};

/// The documentation of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// `PLB004`.
    pub id: String,
    /// `relay-endpoint-closed`.
    pub name: String,
    /// One line.
    pub title: String,
    /// Severity, after overrides of the settings.
    pub severity: Severity,
    /// The lowest profile that requires it.
    pub profile: Profile,
    /// First version that had it.
    pub since: String,
    /// Kind of subject: `each` of the rule file.
    pub each: String,
    /// Why it matters, Markdown.
    pub rationale: String,
    /// What to do.
    pub remediation: Remediation,
    /// Pages that it rests on.
    pub references: Vec<String>,
    /// Controls by framework id.
    pub compliance: BTreeMap<String, Vec<String>>,
    /// Rows of the failure-mode catalogue.
    pub failure_modes: Vec<u32>,
    /// Free words to select by.
    pub tags: Vec<String>,
}

impl RuleInfo {
    /// The area: the letters of the id.
    pub fn area(&self) -> &str {
        self.id.trim_end_matches(|c: char| c.is_ascii_digit())
    }
}

/// The rules that the tool itself applies, without a file: to assertions and to waivers.
pub fn own() -> Vec<RuleInfo> {
    std::iter::once(super::assertion::rule()).chain(super::waiver::rules()).collect()
}

/// What to do about a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remediation {
    /// In words, one or two sentences.
    pub summary: String,
    /// The Terraform that does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terraform: Option<String>,
    /// The command that does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cli: Option<String>,
}

/// A compliance framework: titles only, the mapping lives in the rules.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// `nist-800-53-r5`.
    pub id: String,
    /// In full.
    pub name: String,
    /// Version or revision.
    pub version: String,
    /// Who publishes it.
    pub organization: String,
    /// Where to read it.
    pub url: String,
    /// Titles by control id.
    pub controls: BTreeMap<String, String>,
}
