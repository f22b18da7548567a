//! Whole policies, as Databricks deployments have them.

use serde_json::{Value, json};

use super::super::{Decision, Missing, Policy, Principal, Request};
use super::{DATABRICKS, KEY, ROLE, get_object, policy, role};

fn databricks() -> Principal {
    Principal::Aws(DATABRICKS.to_owned())
}

fn allow_all_but(statement: Value) -> Policy {
    let allow = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*" });
    policy(json!([allow, statement]))
}

#[test]
fn nothing_is_allowed_by_default_and_a_denial_wins() {
    let empty = policy(json!([]));
    assert_eq!(empty.decide(&get_object(), Missing::Favourable), Decision::NotAllowed);
    let denied = allow_all_but(json!({
        "Effect": "Deny", "Principal": { "AWS": ROLE }, "Action": "S3:GET*", "Resource": "*",
    }));
    assert_eq!(denied.decide(&get_object(), Missing::Absent), Decision::Denied);
    let put = Request::new(role(), "s3:PutObject", "arn:aws:s3:::bucket/key");
    assert_eq!(denied.decide(&put, Missing::Absent), Decision::Allowed);
}

#[test]
fn not_action_and_not_resource() {
    let policy = policy(json!({
        "Effect": "Allow", "NotAction": ["iam:*"], "NotResource": "arn:aws:s3:::secret/*",
    }));
    let decide = |action, resource| policy.decide(&Request::new(role(), action, resource), Missing::Absent);
    assert_eq!(decide("s3:GetObject", "arn:aws:s3:::bucket/key"), Decision::Allowed);
    assert_eq!(decide("s3:GetObject", "arn:aws:s3:::secret/key"), Decision::NotAllowed);
    assert_eq!(decide("IAM:PassRole", "arn:aws:s3:::bucket/key"), Decision::NotAllowed);
}

#[test]
fn resources_are_case_sensitive_and_matched_part_by_part() {
    let policy = policy(json!({
        "Effect": "Allow", "Action": "*", "Resource": ["arn:aws:s3:::bucket/*", "arn:aws:kms:*:*:key/a?"],
    }));
    let allowed =
        |resource| policy.decide(&Request::new(role(), "x:Y", resource), Missing::Absent) == Decision::Allowed;
    assert!(allowed("arn:aws:s3:::bucket/a/b:c"));
    assert!(!allowed("arn:aws:s3:::Bucket/a"));
    assert!(!allowed("arn:aws:s3:::bucket"));
    assert!(allowed("arn:aws:kms:eu-west-1:1:key/ab"));
    assert!(!allowed("arn:aws:kms:eu-west-1:1:x:key/ab"));
}

#[test]
fn a_trust_policy_has_no_resource() {
    let trust = policy(json!({
        "Effect": "Allow", "Principal": { "AWS": DATABRICKS }, "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "sts:ExternalId": "account-uuid" } },
    }));
    let request = Request::new(databricks(), "sts:AssumeRole", ROLE);
    assert_eq!(trust.decide(&request, Missing::Absent), Decision::NotAllowed);
    assert_eq!(trust.decide(&request, Missing::Favourable), Decision::Allowed);
    let with = |id| request.clone().with("sts:ExternalId", id);
    assert_eq!(trust.decide(&with("account-uuid"), Missing::Absent), Decision::Allowed);
    assert_eq!(trust.decide(&with("other"), Missing::Favourable), Decision::NotAllowed);
}

#[test]
fn databricks_key_policy() {
    let key = policy(json!([
        { "Sid": "Databricks", "Effect": "Allow", "Principal": { "AWS": DATABRICKS },
          "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
          "Condition": { "StringEquals": { "aws:PrincipalTag/DatabricksAccountId": ["uuid-1"] } } },
        { "Sid": "EBS", "Effect": "Allow", "Principal": { "AWS": ROLE },
          "Action": ["kms:Decrypt", "kms:CreateGrant"], "Resource": "*",
          "Condition": { "ForAnyValue:StringLike": { "kms:ViaService": "ec2.*.amazonaws.com" } } },
    ]));
    let tagged = |uuid| {
        let request = Request::new(databricks(), "kms:GenerateDataKeyWithoutPlaintext", KEY);
        key.decide(&request.with("aws:PrincipalTag/DatabricksAccountId", uuid), Missing::Absent)
    };
    assert_eq!(tagged("uuid-1"), Decision::Allowed);
    assert_eq!(tagged("uuid-2"), Decision::NotAllowed);
    let via = |service| {
        let request = Request::new(role(), "kms:CreateGrant", KEY);
        key.decide(&request.with("kms:ViaService", service), Missing::Absent)
    };
    assert_eq!(via("ec2.eu-west-1.amazonaws.com"), Decision::Allowed);
    assert_eq!(via("s3.eu-west-1.amazonaws.com"), Decision::NotAllowed);
    let bare = Request::new(role(), "kms:CreateGrant", KEY);
    assert_eq!(key.decide(&bare, Missing::Absent), Decision::NotAllowed);
    assert_eq!(key.decide(&bare, Missing::Favourable), Decision::Allowed);
}

#[test]
fn denials_outside_the_endpoint_and_in_plain_text() {
    let endpoint = allow_all_but(json!({
        "Sid": "OnlyOurEndpoint", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": { "StringNotEquals": { "aws:sourceVpce": ["vpce-1", "vpce-2"] } },
    }));
    let from = |vpce| endpoint.decide(&get_object().with("aws:SourceVpce", vpce), Missing::Absent);
    assert_eq!(from("vpce-2"), Decision::Allowed);
    assert_eq!(from("vpce-3"), Decision::Denied);
    assert_eq!(endpoint.decide(&get_object(), Missing::Absent), Decision::Denied, "no endpoint");
    assert_eq!(endpoint.decide(&get_object(), Missing::Favourable), Decision::Allowed);

    let tls = allow_all_but(json!({
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    }));
    let over = |tls_used| tls.decide(&get_object().with("aws:SecureTransport", tls_used), Missing::Absent);
    assert_eq!(over("false"), Decision::Denied);
    assert_eq!(over("true"), Decision::Allowed);
}

#[test]
fn the_principal_implies_its_account() {
    let ours = policy(json!({
        "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
        "Condition": { "StringEquals": { "aws:PrincipalAccount": "123456789012" },
                       "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/databricks/*" } },
    }));
    let decide = |principal: Principal, missing| ours.decide(&Request::new(principal, "s3:GetObject", "*"), missing);
    assert_eq!(decide(role(), Missing::Absent), Decision::Allowed);
    assert_eq!(decide(databricks(), Missing::Favourable), Decision::NotAllowed);
    assert_eq!(decide(Principal::Anyone, Missing::Favourable), Decision::NotAllowed);
    let session = Principal::Aws("arn:aws:sts::123456789012:assumed-role/x/y".to_owned());
    assert_eq!(decide(session.clone(), Missing::Absent), Decision::NotAllowed);
    assert_eq!(decide(session, Missing::Favourable), Decision::Allowed);
}

#[test]
fn uncertainty_is_named_and_only_where_it_matters() {
    let odd = json!({ "StringMatches": { "k:a": "1" } });
    let statement = |effect: &str, sid: &str| json!({ "Sid": sid, "Effect": effect, "Action": "s3:*", "Resource": "*", "Condition": odd });
    let plain = |effect: &str| json!({ "Effect": effect, "Action": "s3:*", "Resource": "*" });
    let decide = |statements| policy(statements).decide(&get_object(), Missing::Absent);
    assert_eq!(decide(json!([statement("Allow", "Odd"), plain("Allow")])), Decision::Allowed);
    assert_eq!(decide(json!([statement("Allow", "Odd"), plain("Deny")])), Decision::Denied);
    assert_eq!(
        decide(json!([plain("Allow"), statement("Deny", "Odd")])),
        Decision::Uncertain("Odd: unknown condition operator StringMatches".to_owned())
    );
    assert!(matches!(decide(json!([statement("Allow", "")])), Decision::Uncertain(_)));
}

#[test]
fn identity_policies_add_up() {
    let allow = policy(json!({ "Effect": "Allow", "Action": "ec2:*", "Resource": "*" }));
    let deny = policy(json!({ "Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*" }));
    let decide = |action| {
        let request = Request::new(role(), action, "*");
        Policy::decide_all(&[allow.clone(), deny.clone()], &request, Missing::Absent)
    };
    assert_eq!(decide("ec2:RunInstances"), Decision::Denied);
    assert_eq!(decide("ec2:DescribeVpcs"), Decision::Allowed);
    assert_eq!(decide("s3:GetObject"), Decision::NotAllowed);
}
