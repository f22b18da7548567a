//! Errors of the AWS SDK as refusals: what the service said, in words that may go into a file,
//! and whether to ask again.

use std::error::Error;

use aws_sdk_ec2::config::http::HttpResponse;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};

use super::super::Retry;
use super::Refusal;
use super::whole::BROKEN_OFF;
use crate::estate::Reason;
use crate::sources::failure::reason_of;
use crate::sources::secret::looks_secret;

/// The longest message that is kept, in characters.
const LONGEST: usize = 500;
/// What the SDK says when it found nobody to be: nowhere, or on a machine that is none of EC2's.
const NO_CREDENTIALS: &[&str] = &["no credentials found in chain", "failed to load IMDS"];
/// Where messages begin to tell what nobody needs: the caller's policies in code, or the
/// request with its signature.
const TAILS: &[&str] = &["Encoded authorization failure message", "The Canonical String", "The String-to-Sign"];

/// What an error of the SDK means.
pub(super) fn refusal<E>(error: SdkError<E, HttpResponse>) -> Refusal
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match &error {
        SdkError::ServiceError(said) => match said.err().code() {
            Some(code) => of_service(code, said.err().message().unwrap_or_default(), said.raw().status().as_u16()),
            None => of_answer(said.raw(), &error),
        },
        SdkError::ResponseError(said) => of_answer(said.raw(), &error),
        SdkError::TimeoutError(_) => Refusal::new(Reason::TimedOut, "", words(&error)).again(Retry::Later),
        SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => {
            Refusal::new(Reason::TimedOut, "", words(&error)).again(Retry::Later)
        }
        // Everything else never left this machine; it is the credentials, as good as always.
        _ => Refusal::new(Reason::AccessDenied, "", words(&error)),
    }
}

/// The service answered with an error of its own.
fn of_service(code: &str, message: &str, status: u16) -> Refusal {
    let reason = reason_of(code);
    let again = reason != Reason::AccessDenied
        && (matches!(reason, Reason::Throttled | Reason::TimedOut) || status == 429 || status >= 500);
    let refusal = Refusal::new(reason, code, plain(message));
    if again { refusal.again(Retry::Later) } else { refusal }
}

/// The answer is none that the SDK can read.
fn of_answer(raw: &HttpResponse, error: &(impl Error + 'static)) -> Refusal {
    let status = raw.status().as_u16();
    let words = words(error);
    let broken_off = words.contains(BROKEN_OFF) || raw.body().bytes().is_none_or(|body| body.trim_ascii().is_empty());
    if raw.status().is_success() {
        let refusal = Refusal::new(Reason::Undecodable, "", words);
        return if broken_off { refusal.again(Retry::Later) } else { refusal };
    }
    let code = status.to_string();
    let refusal = Refusal::new(reason_of(&code), code, format!("HTTP status {status}, with a body that says nothing"));
    if status == 429 || status >= 500 { refusal.again(Retry::Later) } else { refusal }
}

/// An error with its causes, each once; never its fields, which hold whole answers.
fn words(error: &(impl Error + 'static)) -> String {
    let mut causes: Vec<String> = Vec::new();
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        if !causes.iter().any(|known| known.contains(&text)) {
            causes.push(text);
        }
        next = cause.source();
    }
    let nobody = |cause: &String| NO_CREDENTIALS.iter().any(|words| cause.contains(words));
    if causes.iter().any(nobody) {
        return "no AWS credentials in the standard chain: name a profile with --aws-profile, or set AWS_PROFILE"
            .to_owned();
    }
    plain(&causes.join(": "))
}

/// A message in one line, without what must not be told.
pub(super) fn plain(message: &str) -> String {
    let end = TAILS.iter().filter_map(|tail| message.find(tail)).min().unwrap_or(message.len());
    let secret = |word: &str| looks_secret(word) || word.contains("Signature=") || word.contains("Credential=");
    let words: Vec<&str> =
        message[..end].split_whitespace().map(|word| if secret(word) { "…" } else { word }).collect();
    words.join(" ").chars().take(LONGEST).collect()
}
