//! A question that got no answer: what the service said, what that means for the evidence, and
//! whether asking again may help. Pure: each client says how its own errors become one.

use std::time::Duration;

use crate::estate::Reason;

/// A question that got no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Why the answer is missing.
    pub(super) reason: Reason,
    /// `UnauthorizedOperation`, `PERMISSION_DENIED`, `503`; empty when no service said anything.
    pub(super) code: String,
    /// What the service said, or what went wrong on the way; never a credential.
    pub(super) message: String,
    /// The request, when it is another than the question's own: `iam:ListRolePolicies`.
    pub(super) call: Option<&'static str>,
    /// Whether to ask again.
    pub(super) retry: Retry,
}

/// Whether asking again may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    /// The answer will be the same.
    Never,
    /// After a pause that grows.
    Later,
    /// Not before the service said so.
    After(Duration),
}

impl Refusal {
    /// A refusal that will stay one.
    pub(super) fn new(reason: Reason, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { reason, code: code.into(), message: message.into(), call: None, retry: Retry::Never }
    }

    /// The same, worth another try.
    #[must_use]
    pub(super) fn again(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// The same, of a request that is not the question's own.
    #[must_use]
    pub(super) fn of(mut self, call: &'static str) -> Self {
        self.call = Some(call);
        self
    }
}
