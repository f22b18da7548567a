//! What strangers get.

use serde_json::{Value, json};

use super::super::{Openness, Policy};
use super::{OURS, policy};

fn with(condition: &Value) -> Policy {
    policy(json!({
        "Sid": "S", "Effect": "Allow", "Principal": "*", "Action": ["s3:Get*", "s3:Put*"],
        "Resource": "arn:aws:s3:::bucket/*", "Condition": condition,
    }))
}

fn open(policy: &Policy) -> Vec<String> {
    match policy.open_to_everyone() {
        Openness::Open(open) => open.actions,
        Openness::Closed => Vec::new(),
        Openness::Uncertain(why) => panic!("{why}"),
    }
}

#[test]
fn the_default_endpoint_policy_admits_everything() {
    let default = json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" });
    assert!(policy(default.clone()).admits_everything());
    assert!(policy(json!([default, default])).admits_everything());
    for (element, value) in [
        ("Principal", json!({ "AWS": OURS })),
        ("Action", json!("s3:*")),
        ("Resource", json!("arn:aws:s3:::b/*")),
        ("Condition", json!({ "Bool": { "aws:SecureTransport": "true" } })),
        ("Effect", json!("Deny")),
    ] {
        let mut narrower = default.clone();
        narrower[element] = value;
        assert!(!policy(narrower).admits_everything(), "{element}");
    }
    let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:Put*", "Resource": "*" });
    assert!(!policy(json!([default, deny])).admits_everything());
}

#[test]
fn conditions_that_limit() {
    for condition in [
        json!({ "StringEquals": { "aws:PrincipalAccount": [OURS, "999999999999"] } }),
        json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } }),
        json!({ "StringLike": { "aws:sourcevpce": "vpce-1" } }),
        json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-1/*" } }),
        json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/*" } }),
        json!({ "ArnEquals": { "aws:SourceArn": "arn:aws:s3:::our-bucket" } }),
        json!({ "ArnLike": { "aws:SourceArn": "arn:aws:s3:::our-bucket/*" } }),
        json!({ "IpAddress": { "aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"] } }),
        json!({ "StringEquals": { "kms:CallerAccount": OURS } }),
        json!({ "StringEquals": { "aws:PrincipalOrgID": "${aws:ResourceOrgID}" } }),
        json!({ "Bool": { "aws:PrincipalIsAWSService": "true" } }),
        // met by nobody at all: to StringEquals, a wildcard is a character
        json!({ "StringEquals": { "aws:SourceVpce": "vpce-*" } }),
        json!({ "StringEquals": { "k:a": [] } }),
    ] {
        assert_eq!(with(&condition).open_to_everyone(), Openness::Closed, "{condition}");
    }
}

#[test]
fn conditions_that_do_not_limit() {
    for condition in [
        json!({}),
        json!({ "StringLike": { "aws:SourceVpce": "vpce-*" } }),
        json!({ "StringEqualsIfExists": { "aws:SourceVpce": "vpce-1" } }),
        json!({ "ForAllValues:StringEquals": { "aws:PrincipalOrgID": "o-1" } }),
        json!({ "StringNotEquals": { "aws:PrincipalAccount": OURS } }),
        json!({ "Null": { "aws:SourceVpce": "false" } }),
        json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/databricks" } }),
        json!({ "ArnLike": { "aws:SourceArn": "arn:aws:s3:::*" } }),
        json!({ "ArnLike": { "aws:SourceArn": "arn:aws:s3:::our-*" } }),
        json!({ "IpAddress": { "aws:SourceIp": "0.0.0.0/0" } }),
        json!({ "IpAddress": { "aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"] } }),
        json!({ "IpAddress": { "aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/0"] } }),
        json!({ "StringEquals": { "s3:ResourceAccount": OURS } }),
        json!({ "StringEquals": { "aws:PrincipalTag/DatabricksAccountId": "uuid" } }),
        json!({ "StringEquals": { "sts:ExternalId": "uuid" } }),
        json!({ "StringEquals": { "aws:SourceAccount": "${aws:PrincipalAccount}" } }),
        json!({ "Bool": { "aws:SecureTransport": "true" } }),
    ] {
        assert_eq!(open(&with(&condition)).len(), 2, "{condition}");
    }
}

#[test]
fn who_is_named_matters() {
    let to = |element: &str, value: Value| {
        let mut statement = json!({ "Effect": "Allow", "Action": "sts:AssumeRole" });
        statement[element] = value;
        open(&policy(json!([statement])))
    };
    assert_eq!(to("Principal", json!({ "AWS": ["*", OURS] })), ["sts:AssumeRole"]);
    assert_eq!(to("NotPrincipal", json!({ "AWS": OURS })), ["sts:AssumeRole"]);
    assert!(to("Principal", json!({ "AWS": OURS })).is_empty());
    assert!(to("Principal", json!({ "Service": "ec2.amazonaws.com" })).is_empty());
    assert!(to("Sid", json!("an identity policy")).is_empty());
}

#[test]
fn the_first_open_statement_is_named() {
    let statements = json!([
        { "Effect": "Allow", "Principal": { "AWS": OURS }, "Action": "kms:*", "Resource": "*" },
        { "Effect": "Allow", "Principal": "*", "NotAction": ["kms:Delete*"], "Resource": "*" },
    ]);
    let Openness::Open(open) = policy(statements).open_to_everyone() else { panic!("closed") };
    assert_eq!((open.name.as_str(), open.index), ("Statement[1]", 1));
    assert_eq!(open.actions, ["all but kms:Delete*"]);
}

#[test]
fn a_denial_may_take_it_back() {
    let denied = |action: Value, resource: Value, condition: Value| {
        open(&policy(json!([
            { "Effect": "Allow", "Principal": "*", "Action": ["s3:Get*", "s3:Put*"],
              "Resource": "arn:aws:s3:::bucket/*" },
            { "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource,
              "Condition": condition },
        ])))
    };
    let outside = json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-1" } });
    let bucket = json!(["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"]);
    assert!(denied(json!("s3:*"), bucket.clone(), outside.clone()).is_empty());
    assert!(denied(json!("*"), json!("*"), json!({})).is_empty());
    assert_eq!(denied(json!("s3:Put*"), bucket.clone(), outside.clone()), ["s3:Get*"]);
    assert_eq!(denied(json!("s3:*"), json!("arn:aws:s3:::bucket/a/*"), outside).len(), 2);
    let tls = json!({ "Bool": { "aws:SecureTransport": "false" } });
    assert_eq!(denied(json!("s3:*"), bucket.clone(), tls).len(), 2, "a stranger uses TLS");
    let services = json!({ "StringNotEqualsIfExists": { "aws:PrincipalOrgID": "o-1" },
                           "BoolIfExists": { "aws:PrincipalIsAWSService": "false" } });
    assert!(denied(json!("s3:*"), bucket, services).is_empty(), "a stranger is no service");
}

#[test]
fn a_policy_that_takes_too_long_to_compare_is_uncertain() {
    let action = |text: String| vec![text; 20];
    let hostile = policy(json!([
        { "Effect": "Allow", "Principal": "*", "Action": action("a".repeat(2_000)) },
        { "Effect": "Deny", "Principal": "*", "Action": action(format!("*{}b*", "a".repeat(1_000))) },
    ]));
    assert!(matches!(hostile.open_to_everyone(), Openness::Uncertain(_)));
}

#[test]
fn unknown_operators_leave_it_open_whether_it_is_open() {
    let odd = with(&json!({ "StringMatches": { "aws:SourceVpce": "vpce-1" } }));
    let Openness::Uncertain(why) = odd.open_to_everyone() else { panic!("certain") };
    assert_eq!(why, "S: unknown condition operator StringMatches");
}
