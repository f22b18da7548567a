//! Condition operators.

use serde_json::json;

use super::super::{Decision, Missing, Principal, Request};
use super::{allows, conditional, get_object, policy};

/// Whether `operator` with `operand` accepts `value` for one key.
fn accepts(operator: &str, operand: &str, value: &str) -> bool {
    allows(&json!({ operator: { "test:Key": operand } }), &get_object().with("test:key", value))
}

#[test]
fn single_values() {
    let table = [
        ("StringEquals", "a*", "a*", true),
        ("StringEquals", "a*", "ab", false),
        ("StringEquals", "a", "A", false),
        ("StringNotEquals", "a", "b", true),
        ("StringNotEquals", "a", "a", false),
        ("StringEqualsIgnoreCase", "JOHN", "john", true),
        ("StringNotEqualsIgnoreCase", "JOHN", "john", false),
        ("StringLike", "ec2.*.amazonaws.com", "ec2.eu-west-1.amazonaws.com", true),
        ("StringLike", "ec2.*.amazonaws.com", "s3.eu-west-1.amazonaws.com", false),
        ("StringLike", "i-?", "i-12", false),
        ("StringLike", "${*}", "x", false),
        ("StringLike", "${*}", "*", true),
        ("StringNotLike", "a*", "abc", false),
        ("stringequals", "a", "a", true),
        ("ArnLike", "arn:aws:iam::*:role/db-*", "arn:aws:iam::123456789012:role/db-1", true),
        ("ArnEquals", "arn:aws:iam::*:role/*", "arn:aws:iam::123456789012:role/db-1", true),
        // a wildcard stays within its part
        ("ArnLike", "arn:aws:*:role/x:y:z", "arn:aws:iam::1:role/x:y:z", false),
        ("ArnLike", "arn:aws:sns:*:1:t", "arn:aws:sns:a:b:1:t", false),
        ("ArnLike", "arn:aws:iam::*:role/x", "not an arn", false),
        ("ArnNotLike", "arn:aws:iam::1:role/x", "arn:aws:iam::1:role/y", true),
        ("ArnNotEquals", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/y", false),
        ("NumericEquals", "10", "10.0", true),
        ("NumericNotEquals", "10", "10", false),
        ("NumericLessThan", "10", "9", true),
        ("NumericLessThan", "10", "10", false),
        ("NumericLessThanEquals", "10", "10", true),
        ("NumericGreaterThan", "10", "9", false),
        ("NumericGreaterThanEquals", "10", "10", true),
        ("NumericLessThan", "10", "few", false),
        ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", true),
        ("DateNotEquals", "2026-01-01", "2026-01-02", true),
        ("DateGreaterThan", "2020-04-01T00:00:00Z", "2026-01-01T12:00:00Z", true),
        ("DateLessThan", "2020-04-01", "2026-01-01T12:00:00Z", false),
        ("DateLessThanEquals", "2026-01-01", "2026-01-01T00:00:00Z", true),
        ("DateGreaterThanEquals", "2026-01-01", "2025-12-31T23:59:59Z", false),
        ("Bool", "true", "True", true),
        ("Bool", "false", "true", false),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", true),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ6", false),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", true),
        ("IpAddress", "203.0.113.0/24", "203.0.114.9", false),
        ("IpAddress", "203.0.113.9", "203.0.113.9", true),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", true),
        ("IpAddress", "0.0.0.0/0", "2001:db8::1", false),
        ("IpAddress", "10.1.0.0/16", "10.1.0.0/8", false),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.9", false),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", true),
    ];
    for (operator, operand, value, expected) in table {
        // The malformed ARN pattern is unsure, hence not allowed outright either.
        assert_eq!(accepts(operator, operand, value), expected, "{operator} {operand} {value}");
    }
}

#[test]
fn an_absent_key_fails_tests_and_passes_negated_ones() {
    for operator in ["StringEquals", "StringLike", "ArnLike", "Bool", "IpAddress", "DateLessThan"] {
        assert!(!allows(&json!({ operator: { "test:Key": "1" } }), &get_object()), "{operator}");
    }
    for operator in ["StringNotEquals", "StringNotLike", "ArnNotLike", "NotIpAddress"] {
        assert!(allows(&json!({ operator: { "test:Key": "1" } }), &get_object()), "{operator}");
    }
}

#[test]
fn if_exists_lets_an_absent_key_pass() {
    let condition = json!({ "StringLikeIfExists": { "ec2:InstanceType": ["t1.*", "m1.*"] } });
    assert!(allows(&condition, &get_object()));
    assert!(allows(&condition, &get_object().with("ec2:instancetype", "m1.small")));
    assert!(!allows(&condition, &get_object().with("ec2:instancetype", "x1.large")));
}

#[test]
fn null_tests_absence() {
    let absent = json!({ "Null": { "aws:TokenIssueTime": "true" } });
    let present = json!({ "Null": { "aws:TokenIssueTime": false } });
    let with = get_object().with("aws:TokenIssueTime", "2026-01-01T00:00:00Z");
    assert!(allows(&absent, &get_object()) && !allows(&absent, &with));
    assert!(!allows(&present, &get_object()) && allows(&present, &with));
    assert!(!allows(&present, &get_object().without("aws:TokenIssueTime")));
}

#[test]
fn for_all_values_is_true_for_the_empty_set() {
    let condition = json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["env", "team"] } });
    assert!(allows(&condition, &get_object()));
    let tags = |keys: [&str; 2]| keys.iter().fold(get_object(), |r, key| r.with("aws:TagKeys", key));
    assert!(allows(&condition, &tags(["env", "team"])));
    assert!(!allows(&condition, &tags(["env", "other"])));

    let none = json!({ "ForAllValues:StringNotEquals": { "aws:TagKeys": ["env"] } });
    assert!(allows(&none, &tags(["a", "b"])) && !allows(&none, &tags(["env", "b"])));
}

#[test]
fn for_any_value_needs_one() {
    let condition = json!({ "ForAnyValue:StringEquals": { "aws:TagKeys": "env" } });
    let tags = get_object().with("aws:TagKeys", "env").with("aws:TagKeys", "other");
    assert!(allows(&condition, &tags));
    assert!(!allows(&condition, &get_object()));
    let other = json!({ "ForAnyValue:StringNotEquals": { "aws:TagKeys": "env" } });
    assert!(allows(&other, &tags));
    assert!(!allows(&other, &get_object().with("aws:TagKeys", "env")));
    assert!(!allows(&other, &get_object()));
}

#[test]
fn keys_are_joined_by_and_values_by_or_and_negated_values_by_nor() {
    let both = json!({ "StringEquals": { "k:a": ["1", "2"], "k:b": "3" }, "Bool": { "k:c": "true" } });
    let request = get_object().with("k:a", "2").with("k:b", "3");
    assert!(!allows(&both, &request));
    assert!(allows(&both, &request.clone().with("k:c", "true")));
    let neither = json!({ "StringNotEquals": { "k:a": ["1", "2"] } });
    assert!(!allows(&neither, &request));
    assert!(!allows(&neither, &request.with("k:a", "3")), "several values, one of them listed");
    assert!(allows(&neither, &get_object().with("k:a", "3")));
}

#[test]
fn what_cannot_be_read_is_uncertain() {
    let request = get_object().with("k:a", "1");
    for (condition, why) in [
        (json!({ "StringMatches": { "k:a": "1" } }), "unknown condition operator StringMatches"),
        (json!({ "NullIfExists": { "k:a": "true" } }), "unknown condition operator NullIfExists"),
        (json!({ "NumericEquals": { "k:a": "one" } }), "\"one\" is not a number"),
        (json!({ "ArnLike": { "k:a": "role" } }), "\"role\" is not an ARN"),
        (json!({ "IpAddress": { "k:a": "10.0.0.0/33" } }), "is not an address or CIDR block"),
        (json!({ "DateEquals": { "k:a": "soon" } }), "\"soon\" is not a date"),
        (json!({ "ForAnyValue:StringEqualsIfExists": { "k:b": "1" } }), "not well defined"),
        (json!({ "StringEquals": { "k:a": "${k:b}" } }), "no value for ${k:b}"),
    ] {
        match conditional(&condition, &request, Missing::Absent) {
            Decision::Uncertain(text) => assert!(text.contains(why), "{text}"),
            other => panic!("{condition}: {other:?}"),
        }
    }
    // A sibling that fails, or an operand that agrees, settles it.
    let settled = json!({ "StringMatches": { "k:a": "1" }, "StringEquals": { "k:a": "2" } });
    assert_eq!(conditional(&settled, &request, Missing::Absent), Decision::NotAllowed);
    let settled = json!({ "NumericEquals": { "k:a": ["one", "1"] } });
    assert_eq!(conditional(&settled, &request, Missing::Absent), Decision::Allowed);
}

#[test]
fn variables_come_from_the_request() {
    let condition = json!({ "StringEquals": { "s3:prefix": "home/${aws:PrincipalTag/Team}/" } });
    let request = get_object().with("s3:prefix", "home/data/");
    assert!(allows(&condition, &request.clone().with("aws:PrincipalTag/Team", "data")));
    assert!(!allows(&condition, &request.clone().with("aws:PrincipalTag/Team", "other")));
    assert_eq!(conditional(&condition, &request, Missing::Favourable), Decision::Allowed);

    let default = json!({ "StringEquals": { "s3:prefix": "home/${aws:PrincipalTag/Team, 'data'}/" } });
    assert!(allows(&default, &request));

    // a wildcard in a value is a character
    let like = json!({ "StringLike": { "s3:prefix": "home/${aws:PrincipalTag/Team}/" } });
    assert!(!allows(&like, &request.with("aws:PrincipalTag/Team", "*")));
}

#[test]
fn favourable_variables_suit_not_forms_too() {
    for statement in [
        json!({ "Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::${k:b}/*" }),
        json!({ "Effect": "Allow", "Action": "*", "Condition": { "StringNotEquals": { "k:a": "${k:b}" } } }),
    ] {
        let request = get_object().with("k:a", "1");
        assert_eq!(policy(statement).decide(&request, Missing::Favourable), Decision::Allowed);
    }
}

#[test]
fn variables_in_resources_and_in_old_policies() {
    let home = |version: &str| {
        super::Policy::from_value(&json!({ "Version": version, "Statement": {
            "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*",
        }}))
        .unwrap()
    };
    let request = |object: &str| Request::new(Principal::Anyone, "s3:GetObject", object).with("aws:username", "eve");
    let decide = |version, object| home(version).decide(&request(object), Missing::Absent);
    assert_eq!(decide("2012-10-17", "arn:aws:s3:::home/eve/x"), Decision::Allowed);
    assert_eq!(decide("2012-10-17", "arn:aws:s3:::home/bob/x"), Decision::NotAllowed);
    assert_eq!(decide("2008-10-17", "arn:aws:s3:::home/eve/x"), Decision::NotAllowed);
    assert_eq!(decide("2008-10-17", "arn:aws:s3:::home/${aws:username}/x"), Decision::Allowed);
}

#[test]
fn favourable_takes_the_value_that_suits_the_effect() {
    let both = |effect: &str, condition: serde_json::Value| {
        policy(json!([
            { "Effect": "Allow", "Principal": "*", "Action": if effect == "Allow" { "x:y" } else { "*" },
              "Resource": "*" },
            { "Effect": effect, "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition },
        ]))
        .decide(&get_object(), Missing::Favourable)
    };
    for condition in [
        json!({ "StringEquals": { "k:a": "1" } }),
        json!({ "StringNotEquals": { "k:a": "1" } }),
        json!({ "ForAnyValue:StringNotEquals": { "k:a": "1" } }),
        json!({ "NumericLessThan": { "k:a": "1" } }),
        json!({ "Null": { "k:a": "true" } }),
        json!({ "Null": { "k:a": "false" } }),
    ] {
        assert_eq!(both("Allow", condition.clone()), Decision::Allowed, "{condition}");
        assert_eq!(both("Deny", condition.clone()), Decision::Allowed, "{condition}");
    }
    // No value helps against these.
    assert_eq!(both("Allow", json!({ "StringEquals": { "k:a": [] } })), Decision::NotAllowed);
    for condition in [
        json!({ "StringLikeIfExists": { "k:a": "*" } }),
        json!({ "ForAllValues:StringLike": { "k:a": ["a", "*"] } }),
        json!({ "BoolIfExists": { "k:a": ["true", "false"] } }),
        json!({ "Null": { "k:a": ["true", "false"] } }),
    ] {
        assert_eq!(both("Deny", condition.clone()), Decision::Denied, "{condition}");
    }
    // What the request does say is not up for choice.
    let known = get_object().without("k:a");
    let condition = json!({ "StringEquals": { "k:a": "1" } });
    assert_eq!(conditional(&condition, &known, Missing::Favourable), Decision::NotAllowed);
}
