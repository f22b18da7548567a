//! Hostile input, and the matcher against an obviously right one.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::super::pattern::{Pattern, matches};
use super::super::{Decision, Missing, Policy, Principal, Request};

/// By the definition of `*` and `?`; exponential, for short inputs only.
fn naive(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], _) => text.is_empty(),
        (['*', rest @ ..], _) => (0..=text.len()).any(|taken| naive(rest, &text[taken..])),
        (['?', rest @ ..], [_, text @ ..]) => naive(rest, text),
        ([c, rest @ ..], [d, text @ ..]) => c == d && naive(rest, text),
        _ => false,
    }
}

fn glob(pattern: &str, text: &str) -> bool {
    matches(&Pattern::new(pattern, false).tokens, text)
}

/// JSON that gets past the reader often enough to reach the evaluator.
fn json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "*",
        "Allow",
        "Deny",
        "2012-10-17",
        "s3:GetObject",
        "arn:aws:s3:::b/*",
        "${aws:a}",
        "${",
        "true",
        "arn:aws:iam::123456789012:root",
        "arn:",
        "::::::",
        "10.0.0.0/8",
        "2026-01-01",
        "ünï?*",
    ]);
    let leaf = prop_oneof![
        8 => words.prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    let names = prop::sample::select(vec![
        "Version",
        "Statement",
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        "AWS",
        "Service",
        "StringLike",
        "ArnLike",
        "Bool",
        "ForAllValues:NumericLessThanIfExists",
        "ForAnyValue:DateEquals",
        "NotIpAddress",
        "Null",
        "aws:a",
    ]);
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..6).prop_map(|entries| {
                entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>().into()
            }),
        ]
    })
}

/// A statement whose elements are of the right shape but hold anything.
fn policy() -> impl Strategy<Value = Value> {
    (json(), json(), json(), json(), any::<bool>()).prop_map(|(principal, action, resource, operands, allow)| {
        serde_json::json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": if allow { "Allow" } else { "Deny" }, "Principal": principal, "Action": action },
            { "Effect": "Allow", "Action": "*", "Resource": resource },
            { "Effect": "Allow", "Principal": "*", "Action": "*", "Condition": operands },
            { "Effect": "Deny", "Action": "*", "Condition": { "ArnLike": { "aws:a": operands } } },
        ]})
    })
}

/// Values that the operands of [`conditional`] tell apart.
const VALUES: [&str; 7] = ["1", "2", "true", "10.0.0.1", "0.0.0.0/0", "2026-01-01", "arn:aws:s3:::b"];

fn values() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(VALUES.map(str::to_owned).to_vec()), 0..3)
}

/// A well-formed policy whose answer hangs on conditions.
fn conditional() -> impl Strategy<Value = Value> {
    let bases = prop::sample::select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "ArnLike",
        "ArnNotLike",
        "NumericEquals",
        "NumericLessThan",
        "DateGreaterThan",
        "Bool",
        "IpAddress",
        "NotIpAddress",
    ]);
    let prefixes = prop::sample::select(vec!["", "", "ForAllValues:", "ForAnyValue:"]);
    let suffixes = prop::sample::select(vec!["", "", "IfExists"]);
    let operator = (prefixes, bases, suffixes).prop_map(|(p, base, s)| format!("{p}{base}{s}"));
    let operand = prop::sample::select([&VALUES[..], &["*", "${k:b}", "::/0"]].concat());
    let key = prop::sample::select(vec!["k:a", "k:b"]);
    let condition = (operator, key, prop::collection::vec(operand, 0..3))
        .prop_map(|(operator, key, operands)| serde_json::json!({ operator: { key: operands } }));
    let statement = (any::<bool>(), condition).prop_map(|(allow, condition)| {
        let effect = if allow { "Allow" } else { "Deny" };
        serde_json::json!({ "Effect": effect, "Action": "*", "Condition": condition })
    });
    prop::collection::vec(statement, 1..4).prop_map(|mut statements| {
        statements.push(serde_json::json!({ "Effect": "Allow", "Action": "*" }));
        // The last one allows outright in half of the policies, so that denials matter too.
        if statements.len() % 2 == 0 {
            statements.pop();
        }
        serde_json::json!({ "Version": "2012-10-17", "Statement": statements })
    })
}

fn exercise(value: &Value) {
    let Some(statements) = value.get("Statement").and_then(Value::as_array) else {
        let _ = Policy::from_value(value);
        return;
    };
    // Each statement alone as well, so that one that is refused does not hide the rest.
    let alone = statements.iter().map(|one| serde_json::json!({ "Statement": one }));
    for value in alone.chain([value.clone()]) {
        let Ok(policy) = Policy::from_value(&value) else { continue };
        let _ = (policy.admits_everything(), policy.open_to_everyone());
        for principal in [
            Principal::Anyone,
            Principal::Account("123456789012".to_owned()),
            Principal::Aws("arn:aws:sts::123456789012:assumed-role/r/s".to_owned()),
            Principal::Aws("::".to_owned()),
            Principal::Service(String::new()),
        ] {
            let request = Request::new(principal, "s3:GetObject", "arn:aws:s3:::b/k").with("aws:a", "é*");
            for missing in [Missing::Absent, Missing::Favourable] {
                let _ = policy.decide(&request, missing);
            }
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_json_never_panics(value in json()) {
        exercise(&value);
    }

    #[test]
    fn nearly_policies_never_panic(value in policy()) {
        exercise(&value);
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,200}") {
        let _ = Policy::parse(&text);
        let _ = glob(&text, &text);
    }

    #[test]
    fn the_matcher_agrees_with_the_definition(pattern in "[ab*?é]{0,8}", text in "[abé]{0,10}") {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(glob(&pattern, &text), naive(&chars(&pattern), &chars(&text)));
    }

    #[test]
    fn what_a_pattern_covers_it_matches(outer in "[ab*?]{0,6}", inner in "[ab*?]{0,6}", text in "[ab]{0,8}") {
        let covers = Pattern::new(&outer, false).covers(&Pattern::new(&inner, false));
        prop_assert!(!(covers && glob(&inner, &text)) || glob(&outer, &text));
    }

    /// "Could this ever be allowed" never says no where some context makes it so.
    #[test]
    fn favourable_is_never_stricter(value in conditional(), a in values(), b in values()) {
        let policy = Policy::from_value(&value).unwrap();
        let role = Principal::Aws("arn:aws:iam::123456789012:role/r".to_owned());
        let bare = Request::new(role, "s3:GetObject", "arn:aws:s3:::b/k");
        let mut full = bare.clone();
        full.context.insert("k:a".to_owned(), a);
        full.context.insert("k:b".to_owned(), b);
        if policy.decide(&full, Missing::Absent) == Decision::Allowed {
            let ever = policy.decide(&bare, Missing::Favourable);
            prop_assert!(!matches!(ever, Decision::Denied | Decision::NotAllowed), "{:?}", ever);
        }
    }
}

#[test]
fn one_character_does_not_cover_any_number() {
    let covers = |outer: &str, inner: &str| Pattern::new(outer, false).covers(&Pattern::new(inner, false));
    assert!(covers("s3:*", "s3:Get*") && covers("a?", "ab") && covers("a?", "a?") && covers("*", "?*"));
    assert!(!covers("a?", "a*") && !covers("?", "*") && !covers("s3:Get*", "s3:*"));
}

#[test]
fn many_wildcards_take_no_time() {
    let pattern = Pattern::new(&format!("{}b", "a*".repeat(50_000)), false);
    let text = "a".repeat(200_000);
    let start = Instant::now();
    assert!(!matches(&pattern.tokens, &text));
    assert!(matches(&pattern.tokens, &format!("{text}b")));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}
