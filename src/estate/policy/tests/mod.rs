//! The policy language against the semantics that the IAM User Guide documents.

mod conditions;
mod decisions;
mod documents;
mod exposure;
mod principals;
mod properties;

use serde_json::{Value, json};

use super::{Decision, Missing, Policy, Principal, Request};

const DATABRICKS: &str = "arn:aws:iam::414351767826:root";
const OURS: &str = "123456789012";
const ROLE: &str = "arn:aws:iam::123456789012:role/databricks/cross-account";
const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1111";

/// A policy of the current version with these statements.
fn policy(statements: Value) -> Policy {
    Policy::from_value(&json!({ "Version": "2012-10-17", "Statement": statements })).unwrap()
}

fn role() -> Principal {
    Principal::Aws(ROLE.to_owned())
}

/// The role reads an object.
fn get_object() -> Request {
    Request::new(role(), "s3:GetObject", "arn:aws:s3:::bucket/key")
}

/// Whether a statement with this condition allows the request, exactly as AWS evaluates it.
fn allows(condition: &Value, request: &Request) -> bool {
    conditional(condition, request, Missing::Absent) == Decision::Allowed
}

fn conditional(condition: &Value, request: &Request, missing: Missing) -> Decision {
    policy(json!({
        "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition,
    }))
    .decide(request, missing)
}
