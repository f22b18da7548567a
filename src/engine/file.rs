//! The shape of a rule file. One YAML file is one rule; unknown keys are refused, so that a
//! misspelt `applies` cannot make a rule apply to everything.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use crate::finding::{Profile, Remediation, Severity, Verdict};

/// A rule as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    pub id: Spanned<String>,
    pub name: Spanned<String>,
    pub title: Spanned<String>,
    pub severity: Severity,
    pub profile: Profile,
    pub since: String,
    #[serde(default)]
    pub tags: Vec<String>,
    pub subject: SubjectFile,
    #[serde(default, rename = "let")]
    pub lets: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub applies: Option<Spanned<String>>,
    pub checks: Vec<CheckFile>,
    pub rationale: String,
    pub remediation: Remediation,
    #[serde(default)]
    pub references: Vec<String>,
    #[serde(default)]
    pub compliance: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub failure_modes: Vec<u32>,
    #[serde(default)]
    pub tests: Vec<TestFile>,
}

/// What a rule walks, and what it calls one of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubjectFile {
    pub each: Spanned<String>,
    #[serde(rename = "as")]
    pub variable: Spanned<String>,
}

/// One check: when `assert` is false, `message` says what is wrong.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckFile {
    pub assert: Spanned<String>,
    pub message: Spanned<String>,
    #[serde(default)]
    pub blame: Option<Spanned<String>>,
    #[serde(default)]
    pub path: Option<Spanned<String>>,
}

/// One test: the base world, changed, and what the rule must say of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestFile {
    /// What the case is.
    pub name: String,
    /// Values to set in the base world, by path.
    #[serde(default)]
    pub given: BTreeMap<String, serde_json::Value>,
    /// Answers to take away from it, by path.
    #[serde(default)]
    pub without: Vec<String>,
    /// The verdict, of all subjects or by subject.
    pub expect: Expect,
}

/// What a test expects.
#[derive(Clone, Debug)]
pub enum Expect {
    /// The worst verdict over all subjects; `pass` and `not-applicable` mean all of them.
    All(Verdict),
    /// Verdicts by subject id or name; the others must not fail.
    Each(BTreeMap<String, Verdict>),
}

impl std::fmt::Display for Expect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All(verdict) => verdict.fmt(f),
            Self::Each(verdicts) => {
                let shown: Vec<String> =
                    verdicts.iter().map(|(subject, verdict)| format!("{subject} {verdict}")).collect();
                f.write_str(&shown.join(", "))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Expect {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Expect;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a verdict (pass, fail, unknown, not-applicable), or a map from subject to verdict")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Expect, E> {
                Verdict::deserialize(serde::de::value::StrDeserializer::new(text)).map(Expect::All)
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Expect, A::Error> {
                BTreeMap::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(Expect::Each)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// The JSON Schema of a rule file, for editors.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "plaudit rule")]
pub struct RuleFileSchema {
    /// Area and number, never reused: `PLB004`.
    #[schemars(regex(pattern = "^[A-Z0-9]{3}[0-9]{3}$"))]
    id: String,
    /// Names the defect, reads as "allow NAME", equals the file name.
    #[schemars(regex(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$"))]
    name: String,
    /// One line.
    title: String,
    /// How bad a failure is.
    severity: Severity,
    /// The lowest profile that requires it.
    profile: Profile,
    /// First version that has it.
    since: String,
    /// Free words to select by; `weak` marks a fact that sources disagree on.
    #[serde(default)]
    tags: Vec<String>,
    /// What it walks.
    subject: SubjectSchema,
    /// Names for expressions, inlined where they are used.
    #[serde(default, rename = "let")]
    lets: BTreeMap<String, String>,
    /// CEL: whether the rule concerns the subject.
    #[serde(default)]
    applies: Option<String>,
    /// In order; the first that is false decides the message.
    checks: Vec<CheckSchema>,
    /// Why it matters, Markdown.
    rationale: String,
    /// What to do.
    remediation: Remediation,
    /// Pages that it rests on; https.
    #[serde(default)]
    references: Vec<String>,
    /// Controls by framework.
    #[serde(default)]
    compliance: BTreeMap<String, Vec<String>>,
    /// Rows of the failure-mode catalogue.
    #[serde(default)]
    failure_modes: Vec<u32>,
    /// Cases over the base world.
    #[serde(default)]
    tests: Vec<TestSchema>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct SubjectSchema {
    /// A collection, such as `workspaces`.
    each: String,
    /// What expressions call one of them.
    #[serde(rename = "as")]
    variable: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct CheckSchema {
    /// CEL: what must be true.
    assert: String,
    /// What is wrong when it is false, with CEL in braces.
    message: String,
    /// CEL: records with a part in it.
    #[serde(default)]
    blame: Option<String>,
    /// CEL: a record that is a path; reports show its hops, and what stops it.
    #[serde(default)]
    path: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct TestSchema {
    /// What the case is.
    name: String,
    /// Values to set in the base world, by path.
    #[serde(default)]
    given: BTreeMap<String, serde_json::Value>,
    /// Answers to take away, by path.
    #[serde(default)]
    without: Vec<String>,
    /// A verdict, or verdicts by subject.
    expect: serde_json::Value,
}
