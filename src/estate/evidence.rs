//! What we know, and what we do not: `Evidence<T>` is a value that a source gave, or the
//! [`Gap`] that stands in its place. `Option` says "the API answered: none"; `Evidence` says
//! "nobody answered". Nothing here turns a gap into an empty list.

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operation::Operation;

/// A value from a source, or the reason why it is missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence<T> {
    /// The source answered.
    Known(T),
    /// It did not; the gap says which call and why.
    Unknown(Arc<Gap>),
}

/// The answer, or the gap in its place: how edges and facts are read.
pub type Known<T> = Result<T, Arc<Gap>>;

impl<T> Evidence<T> {
    /// The value, or the gap.
    pub fn known(&self) -> Known<&T> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Unknown(gap) => Err(Arc::clone(gap)),
        }
    }
}

/// One piece of evidence that is missing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gap {
    /// The call that would have answered.
    pub operation: Operation,
    /// Where it would have been asked.
    pub scope: Scope,
    /// Why there is no answer.
    pub reason: Reason,
    /// What the source said, or which answers disagree; empty when there is nothing to add.
    pub detail: String,
}

impl Gap {
    /// A gap for `operation` in `scope`.
    pub fn new(operation: Operation, scope: Scope, reason: Reason) -> Self {
        Self { operation, scope, reason, detail: String::new() }
    }

    /// The same gap with an explanation.
    #[must_use]
    pub fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Shared, as edges hand it out.
    pub fn shared(self) -> Arc<Self> {
        Arc::new(self)
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.operation.name())?;
        if !self.scope.is_empty() {
            write!(f, " in {}", self.scope)?;
        }
        write!(f, ": {}", self.reason.describe())?;
        if !self.detail.is_empty() {
            write!(f, " ({})", self.detail)?;
        }
        Ok(())
    }
}

/// Why an answer is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// No source holds an answer to this call.
    NotCollected,
    /// The caller may not ask.
    AccessDenied,
    /// The service refused for load until the collector gave up.
    Throttled,
    /// No answer within the deadline.
    TimedOut,
    /// The answer could not be read.
    Undecodable,
    /// The collector was told not to ask, or was interrupted.
    Skipped,
    /// Terraform knows the value only after the apply.
    KnownAfterApply,
    /// Two answers contradict each other; neither is believed.
    Disagreement,
    /// The answer was collected and the named resource is not in it.
    Absent,
    /// The configuration leaves it open: AWS picks one of several, or a device outside decides.
    Undetermined,
    /// The rule itself failed on this subject; never evidence of health.
    RuleFault,
}

impl Reason {
    /// The one that sorts before all others.
    pub const FIRST: Self = Self::NotCollected;

    /// The reason as a short phrase.
    pub fn describe(self) -> &'static str {
        match self {
            Self::NotCollected => "not collected",
            Self::AccessDenied => "access denied",
            Self::Throttled => "throttled",
            Self::TimedOut => "timed out",
            Self::Undecodable => "unreadable answer",
            Self::Skipped => "skipped",
            Self::KnownAfterApply => "known after apply",
            Self::Disagreement => "answers disagree",
            Self::Absent => "not in the collected answer",
            Self::Undetermined => "not determined by the configuration",
            Self::RuleFault => "the rule failed on this subject",
        }
    }
}

/// Where a call is asked: an AWS account and region, or a Databricks account, and perhaps one
/// resource there. Missing parts are not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// AWS account number or Databricks account id.
    pub account: Option<String>,
    /// AWS region; `None` too for calls of global services.
    pub region: Option<String>,
    /// The one resource that was asked about.
    pub resource: Option<String>,
}

impl Scope {
    /// Whether nothing is known of the scope.
    pub fn is_empty(&self) -> bool {
        self.account.is_none() && self.region.is_none() && self.resource.is_none()
    }

    /// The same place, for one resource.
    #[must_use]
    pub fn of(mut self, resource: &str) -> Self {
        self.resource = Some(resource.to_owned());
        self
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<&str> =
            [&self.account, &self.region, &self.resource].into_iter().flatten().map(String::as_str).collect();
        f.write_str(&parts.join("/"))
    }
}
