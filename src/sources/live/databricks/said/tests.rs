use std::time::Duration;

use serde_json::json;

use super::{read, wants_new_token};
use crate::estate::Reason;
use crate::sources::live::databricks::http::Answer;
use crate::sources::live::databricks::secret::Secret;
use crate::sources::live::refusal::{Refusal, Retry};

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, body: body.as_bytes().to_vec(), ..Answer::default() }
}

fn refusal(status: u16, body: &str) -> Refusal {
    read(&answer(status, body), &[&Secret::new("opaque-token")]).unwrap_err()
}

#[test]
fn every_form_of_an_error_is_read() {
    for (status, body, reason, code, message) in [
        (403, r#"{"error_code":"PERMISSION_DENIED","message":"no"}"#, Reason::AccessDenied, "PERMISSION_DENIED", "no"),
        (
            403,
            r#"{"error_code":403,"message":"blocked by Databricks IP ACL"}"#,
            Reason::AccessDenied,
            "403",
            "blocked by Databricks IP ACL",
        ),
        (404, r#"{"error_code":"NOT_FOUND","message":"gone","details":[]}"#, Reason::Absent, "NOT_FOUND", "gone"),
        (404, r#"{"error_code":"FEATURE_DISABLED","message":"tier"}"#, Reason::Absent, "FEATURE_DISABLED", "tier"),
        (
            400,
            r#"{"error_code":"INVALID_REQUEST","message":"Invalid keys: [a]"}"#,
            Reason::Undecodable,
            "INVALID_REQUEST",
            "Invalid keys: [a]",
        ),
        (
            403,
            r#"{"error":"This API is disabled for users without admin status"}"#,
            Reason::AccessDenied,
            "403",
            "This API is disabled for users without admin status",
        ),
        (
            401,
            r#"{"error":"invalid_client","error_description":"Client authentication failed"}"#,
            Reason::AccessDenied,
            "invalid_client",
            "Client authentication failed",
        ),
        (
            404,
            r#"{"detail":"User not found","status":"404","scimType":"x"}"#,
            Reason::Absent,
            "404",
            "x User not found",
        ),
        (403, "PERMISSION_DENIED: not yours", Reason::AccessDenied, "PERMISSION_DENIED", "not yours"),
        (
            403,
            "<html><title>Error</title><pre>Invalid access token.</pre></html>",
            Reason::AccessDenied,
            "403",
            "Invalid access token.",
        ),
        (500, "<html><head><title>Oops</title></head></html>", Reason::Undecodable, "500", "Oops"),
        (404, "<html><title>Not here</title></html>", Reason::Undecodable, "", "Not here"),
        (404, "", Reason::Undecodable, "", "HTTP 404"),
        (403, "", Reason::AccessDenied, "403", "HTTP 403"),
        (401, r#"{"message":"token opaque-token\nis wrong"}"#, Reason::AccessDenied, "401", "token *** is wrong"),
        (200, r#"{"error_code":"PERMISSION_DENIED","message":"no"}"#, Reason::AccessDenied, "PERMISSION_DENIED", "no"),
    ] {
        let said = refusal(status, body);
        assert_eq!(
            (said.reason, said.code.as_str(), said.message.as_str()),
            (reason, code, message),
            "{status} {body}"
        );
    }
}

#[test]
fn what_is_no_json_is_never_an_empty_list() {
    for body in ["", "<html><title>Databricks - Sign In</title></html>", "hello", "[1, 2", "[1] 2"] {
        assert_eq!(refusal(200, body).reason, Reason::Undecodable, "{body}");
    }
    assert!(refusal(200, "<html><title>Sign In</title></html>").message.contains("Sign In"));
    assert_eq!(refusal(200, "[1, 2").retry, Retry::Later);
    let broken = Answer { body: b"[\"\xff\"]".to_vec(), ..answer(200, "") };
    assert_eq!(read(&broken, &[]).unwrap_err().reason, Reason::Undecodable);
    assert_eq!(read(&answer(200, "[]"), &[]), Ok(json!([])));
    assert_eq!(read(&answer(200, "null"), &[]), Ok(json!(null)));
}

#[test]
fn a_redirect_is_an_observation_or_nothing() {
    let at = |location: &str| Answer { location: Some(location.to_owned()), ..answer(302, "") };
    let network = read(&at("https://w/login.html?error=private-link-validation-error:1"), &[]).unwrap_err();
    assert_eq!((network.reason, network.retry), (Reason::AccessDenied, Retry::Never));
    assert!(network.message.contains("refuses the network"), "{}", network.message);
    let login = read(&at("https://w/login.html?token=abc"), &[]).unwrap_err();
    assert_eq!(login.reason, Reason::Undecodable);
    assert!(login.message.contains("https://w/login.html,") && !login.message.contains("abc"), "{}", login.message);
}

#[test]
fn only_what_may_pass_is_asked_again() {
    let wait = Answer { retry_after: Some(Duration::from_secs(7)), ..answer(429, "") };
    let busy = read(&wait, &[]).unwrap_err();
    assert_eq!((busy.reason, busy.retry), (Reason::Throttled, Retry::After(Duration::from_secs(7))));
    for (status, retry) in [
        (503, Retry::Later),
        (502, Retry::Later),
        (500, Retry::Later),
        (501, Retry::Never),
        (400, Retry::Never),
        (403, Retry::Never),
    ] {
        assert_eq!(refusal(status, "").retry, retry, "{status}");
    }
    assert_eq!(refusal(400, r#"{"error_code":"REQUEST_LIMIT_EXCEEDED"}"#).retry, Retry::Later);
}

#[test]
fn a_token_that_is_none_any_more_is_told_apart() {
    assert!(wants_new_token(&answer(401, "")));
    assert!(wants_new_token(&answer(403, "<pre>Invalid access token.</pre>")));
    assert!(!wants_new_token(&answer(403, r#"{"error_code":"PERMISSION_DENIED"}"#)));
}
