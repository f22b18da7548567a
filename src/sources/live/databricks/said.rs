//! What Databricks said: the JSON of an answer, or the refusal that an error means in any of the
//! forms in which the API and the gateways before it write one. Pure.

use serde_json::Value;

use super::super::refusal::{Refusal, Retry};
use super::http::Answer;
use super::secret::{Secret, plain};
use crate::estate::Reason;
use crate::sources::failure::{Failure, reason_of};
use crate::sources::json;

/// What stands in a redirect when a workspace does not accept the network of the caller.
const REFUSED_NETWORK: &str = "private-link-validation-error";

/// The JSON of an answer, or why there is none. `secrets` never show up in a message.
pub(super) fn read(answer: &Answer, secrets: &[&Secret]) -> Result<Value, Refusal> {
    let text = String::from_utf8_lossy(&answer.body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let is_json = text.starts_with(['{', '[']);
    if (300..400).contains(&answer.status) || (!is_json && text.contains(REFUSED_NETWORK)) {
        return Err(elsewhere(answer.location.as_deref().unwrap_or_default(), text));
    }
    let error = said(text);
    if (200..300).contains(&answer.status) && error.is_none() {
        if let Err(error) = str::from_utf8(&answer.body) {
            return Err(Refusal::new(Reason::Undecodable, "", format!("the answer is no UTF-8: {error}")));
        }
        return serde_json::from_str(text).map_err(|error| {
            let what = if text.is_empty() {
                "the answer is empty".to_owned()
            } else if text.starts_with('<') {
                format!("a page in HTML in place of JSON: {}", inside(text).unwrap_or("without a title"))
            } else {
                format!("no JSON: {error}")
            };
            let refusal = Refusal::new(Reason::Undecodable, "", plain(&what, secrets));
            // half a document may be whole the next time
            if error.is_eof() && !text.is_empty() { refusal.again(Retry::Later) } else { refusal }
        });
    }
    Err(of_error(answer, error, text, secrets))
}

/// Where a redirect leads is nowhere that a token may follow.
fn elsewhere(location: &str, text: &str) -> Refusal {
    let network = [location, text].into_iter().filter(|text| text.contains(REFUSED_NETWORK));
    if let Some(failure) = network.filter_map(Failure::of_text).next() {
        let message = format!("{} ({REFUSED_NETWORK})", failure.message);
        return Refusal::new(Reason::AccessDenied, failure.code, message);
    }
    // the query may hold anything
    let to = location.split(['?', '#']).next().unwrap_or_default();
    Refusal::new(Reason::Undecodable, "", plain(&format!("redirected to {to}, which is not followed"), &[]))
}

/// Code and words of an error.
struct Said {
    code: Option<String>,
    message: String,
}

/// The error that a body reports, when it does.
fn said(text: &str) -> Option<Said> {
    if !text.starts_with('{') {
        let failure = Failure::of_text(text).filter(|_| !text.starts_with('['))?;
        return Some(Said { code: Some(failure.code), message: failure.message });
    }
    let members = json::members(text).ok()?;
    if let Some(failure) = Failure::of_object(&members) {
        return Some(Said { code: Some(failure.code), message: failure.message });
    }
    let text_of = |key: &str| json::text_of(&members, key);
    if let Some(detail) = text_of("detail") {
        // SCIM
        let kind = text_of("scimType").map(|kind| format!("{kind} ")).unwrap_or_default();
        return Some(Said { code: text_of("status"), message: format!("{kind}{detail}") });
    }
    // OAuth names its errors in lower case; API 1.2 writes a sentence there.
    let error = text_of("error").or_else(|| text_of("errorCode"))?;
    let words = text_of("error_description").or_else(|| text_of("errorSummary"));
    let is_code = error.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    Some(match words {
        Some(message) => Said { code: is_code.then_some(error), message },
        None if is_code => Said { code: Some(error), message: String::new() },
        None => Said { code: None, message: error },
    })
}

fn of_error(answer: &Answer, error: Option<Said>, text: &str, secrets: &[&Secret]) -> Refusal {
    let status = answer.status;
    let of_status = match status {
        401 | 403 => Reason::AccessDenied,
        408 | 504 => Reason::TimedOut,
        429 | 503 => Reason::Throttled,
        _ => Reason::Undecodable,
    };
    let (code, reason, message) = match error {
        Some(Said { code: Some(code), message }) => {
            let absent = matches!(code.as_str(), "NOT_FOUND" | "RESOURCE_DOES_NOT_EXIST" | "404");
            let reason = match reason_of(&code) {
                _ if absent => Reason::Absent,
                Reason::Undecodable if status == 404 => Reason::Absent,
                Reason::Undecodable => of_status,
                reason => reason,
            };
            (code, reason, message)
        }
        // Only the API itself can say that something is not there: no page of a gateway can.
        Some(Said { code: None, message }) => (code_of(status), of_status, message),
        None => {
            let page = if text.starts_with('<') { inside(text).unwrap_or_default() } else { text };
            let words = serde_json::from_str::<Value>(text).ok();
            let words = words.as_ref().and_then(|value| value.get("message")?.as_str());
            (code_of(status), of_status, words.unwrap_or(page).to_owned())
        }
    };
    let message = if message.is_empty() { format!("HTTP {status}") } else { message };
    let refusal = Refusal::new(reason, plain(&code, secrets), plain(&message, secrets));
    let busy = status == 429 || reason == Reason::Throttled;
    match answer.retry_after {
        Some(pause) if busy => refusal.again(Retry::After(pause)),
        _ if busy || status == 408 || (status >= 500 && status != 501) => refusal.again(Retry::Later),
        _ => refusal,
    }
}

/// The code of an error that has none of its own. 404 is none, because readers of evidence take
/// it for the API's word that there is no such setting.
fn code_of(status: u16) -> String {
    if status == 404 { String::new() } else { status.to_string() }
}

/// What a page says.
fn inside(page: &str) -> Option<&str> {
    let between = |open: &str, close: &str| Some(page.split_once(open)?.1.split_once(close)?.0.trim());
    between("<pre>", "</pre>").or_else(|| between("<title>", "</title>")).filter(|words| !words.is_empty())
}

/// Whether an answer says that the token is none, or none any more.
pub(super) fn wants_new_token(answer: &Answer) -> bool {
    let says = |words: &str| String::from_utf8_lossy(&answer.body).to_lowercase().contains(words);
    answer.status == 401 || (answer.status == 403 && (says("invalid access token") || says("token is expired")))
}

#[cfg(test)]
mod tests;
