//! Errors that a collector saved where an answer should be: the AWS CLI's text, AWS's and
//! Databricks' JSON bodies. Input: a text or an object. Output: what the error means for the
//! evidence. A code that nobody knows means "unreadable", never "none".

use serde_json::value::RawValue;

use super::json::{Members, member, text_of};
use crate::estate::{Operation, Reason};

/// An error in place of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// `UnauthorizedOperation`, `PERMISSION_DENIED`, `403` …
    pub(super) code: String,
    /// In words.
    pub(super) message: String,
    /// The call, when the text names it: `DescribeVpcs`.
    pub(super) call: Option<String>,
}

/// What a failure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The service answered: there is none.
    None,
    /// There is no answer.
    Gap(Reason),
}

const OCCURRED: &str = "An error occurred (";

impl Failure {
    /// The error that a text reports, when it does.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        if let Some((_, rest)) = text.split_once(OCCURRED) {
            let (code, rest) = rest.split_once(')')?;
            let call = rest.split_once("when calling the ").and_then(|(_, rest)| rest.split_once(" operation"));
            let message = rest.split_once(": ").map_or(rest, |(_, message)| message);
            return Some(Self::new(code, message, call.map(|(call, _)| call)));
        }
        if text.contains("private-link-validation-error") {
            return Some(Self::new("PERMISSION_DENIED", "the workspace refuses the network of the caller", None));
        }
        // `PERMISSION_DENIED: message`, as Databricks' plain texts have it.
        let (code, message) = text.strip_prefix("Error: ").unwrap_or(text).split_once(": ")?;
        let is_code = code.len() > 3 && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        is_code.then(|| Self::new(code, message, None))
    }

    /// The error that an object reports, when it does.
    pub(super) fn of_object(members: &Members<'_>) -> Option<Self> {
        if let Some(code) = member(members, "error_code") {
            return Some(Self::new(&code_of(code)?, &text_of(members, "message").unwrap_or_default(), None));
        }
        if let Some(error) = member(members, "Error") {
            let inner = super::json::members(error.get()).ok()?;
            let call = text_of(&inner, "Operation");
            return Some(Self::new(
                &text_of(&inner, "Code")?,
                &text_of(&inner, "Message").unwrap_or_default(),
                call.as_deref(),
            ));
        }
        let kind = text_of(members, "__type")?;
        let code = kind.rsplit('#').next().unwrap_or(&kind);
        let message = text_of(members, "message").or_else(|| text_of(members, "Message"));
        Some(Self::new(code, &message.unwrap_or_default(), None))
    }

    pub(super) fn new(code: &str, message: &str, call: Option<&str>) -> Self {
        let message = message.trim().chars().take(500).collect();
        Self { code: code.trim().to_owned(), message, call: call.map(str::to_owned) }
    }

    /// As AWS would have written it, for an evidence file.
    pub(super) fn to_json(&self) -> serde_json::Value {
        let mut error = serde_json::json!({ "Code": self.code, "Message": self.message });
        if let Some(call) = &self.call {
            error["Operation"] = call.as_str().into();
        }
        serde_json::json!({ "Error": error })
    }

    /// The operation that the text names.
    pub(super) fn operation(&self) -> Option<Operation> {
        let call = self.call.as_deref()?;
        let named = |operation: &&Operation| operation.name().split_once(':').is_some_and(|(_, name)| name == call);
        Operation::ALL.iter().find(named).copied()
    }

    /// What the failure of `operation` means.
    pub(super) fn meaning(&self, operation: Operation) -> Meaning {
        let code = self.code.as_str();
        let absent = matches!(code, "NOT_FOUND" | "RESOURCE_DOES_NOT_EXIST" | "404");
        let none = match operation {
            Operation::GetBucketPolicy => code == "NoSuchBucketPolicy",
            Operation::GetBucketEncryption => code == "ServerSideEncryptionConfigurationNotFoundError",
            Operation::GetPublicAccessBlock => code == "NoSuchPublicAccessBlockConfiguration",
            Operation::GetAccountSetting | Operation::GetWorkspaceSetting => absent,
            _ => false,
        };
        if none {
            return Meaning::None;
        }
        Meaning::Gap(if absent { Reason::Absent } else { reason_of(code) })
    }

    /// For the detail of a gap.
    pub(super) fn describe(&self) -> String {
        if self.message.is_empty() { self.code.clone() } else { format!("{}: {}", self.code, self.message) }
    }
}

/// Why there is no answer when a service refuses with `code`, whatever was asked.
pub(super) fn reason_of(code: &str) -> Reason {
    let is = |words: &[&str]| words.iter().any(|word| code.contains(word));
    if is(DENIED) {
        Reason::AccessDenied
    } else if is(THROTTLED) {
        Reason::Throttled
    } else if is(TIMED_OUT) {
        Reason::TimedOut
    } else if is(ABSENT) {
        Reason::Absent
    } else {
        Reason::Undecodable
    }
}

const DENIED: &[&str] = &[
    "Unauthorized",
    "AccessDenied",
    "AuthFailure",
    "AuthorizationError",
    "NotAuthorized",
    "OptInRequired",
    "InvalidClientTokenId",
    "UnrecognizedClient",
    "ExpiredToken",
    "RequestExpired",
    "InvalidAccessKeyId",
    "MissingAuthenticationToken",
    "SignatureDoesNotMatch",
    "Forbidden",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
    "401",
    "403",
];
const THROTTLED: &[&str] = &[
    "Throttl",
    "RequestLimitExceeded",
    "TooManyRequests",
    "PriorRequestNotComplete",
    "SlowDown",
    "ServiceUnavailable",
    "RESOURCE_EXHAUSTED",
    "REQUEST_LIMIT_EXCEEDED",
    "TEMPORARILY_UNAVAILABLE",
    "429",
    "503",
];
const TIMED_OUT: &[&str] = &["RequestTimeout", "GatewayTimeout", "DEADLINE_EXCEEDED", "504"];
const ABSENT: &[&str] = &["NotFound", "NoSuchEntity", "NoSuchHostedZone", "NoSuchBucket"];

/// A code is text, or a number in bodies that Databricks' gateway writes.
fn code_of(code: &RawValue) -> Option<String> {
    let text = code.get();
    serde_json::from_str::<String>(text)
        .ok()
        .or_else(|| serde_json::from_str::<i64>(text).ok().map(|code| code.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{Failure, Meaning};
    use crate::estate::{Operation, Reason};
    use crate::sources::json::members;

    fn reason(text: &str, operation: Operation) -> Meaning {
        let failure =
            if text.starts_with('{') { Failure::of_object(&members(text).unwrap()) } else { Failure::of_text(text) };
        failure.unwrap().meaning(operation)
    }

    #[test]
    fn every_form_of_denial_is_denial() {
        for text in [
            "\nAn error occurred (UnauthorizedOperation) when calling the DescribeNetworkAcls operation: You are not authorized",
            "aws: [ERROR]: An error occurred (AccessDenied) when calling the GetRole operation (reached max retries: 2): no",
            "{\"Error\": {\"Code\": \"AccessDenied\", \"Message\": \"no\"}}",
            "{\"__type\": \"com.amazon.coral#AccessDeniedException\", \"Message\": \"no\"}",
            "{\"error_code\": \"PERMISSION_DENIED\", \"message\": \"no\"}",
            "{\"error_code\": 403, \"message\": \"Invalid access to Org: 1\"}",
            "PERMISSION_DENIED: no",
        ] {
            assert_eq!(reason(text, Operation::DescribeNetworkAcls), Meaning::Gap(Reason::AccessDenied), "{text}");
        }
    }

    #[test]
    fn codes_that_mean_none_mean_it_for_their_call_only() {
        let text = "An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: The bucket policy does not exist";
        assert_eq!(reason(text, Operation::GetBucketPolicy), Meaning::None);
        assert_eq!(reason(text, Operation::GetBucketEncryption), Meaning::Gap(Reason::Absent));
        let text = "{\"error_code\": \"NOT_FOUND\", \"message\": \"\"}";
        assert_eq!(reason(text, Operation::GetWorkspaceSetting), Meaning::None);
        assert_eq!(reason(text, Operation::ListClusters), Meaning::Gap(Reason::Absent));
    }

    #[test]
    fn a_text_names_its_call() {
        let text = "An error occurred (Throttling) when calling the DescribeNetworkAcls operation: Rate exceeded";
        let failure = Failure::of_text(text).unwrap();
        assert_eq!(failure.operation(), Some(Operation::DescribeNetworkAcls));
        assert_eq!(failure.meaning(Operation::DescribeNetworkAcls), Meaning::Gap(Reason::Throttled));
        assert_eq!(failure.describe(), "Throttling: Rate exceeded");
        assert_eq!(Failure::of_text("hello: world"), None);
    }
}
