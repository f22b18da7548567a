//! The services beside EC2: what they say becomes what the sources read.

mod moto;
mod names;
mod policies;

use serde_json::{Value, json};

use super::wire::{ACCOUNT, Got, REGION, Wire, estate, good};
use super::{About, Reply};
use crate::estate::{Operation, Place, Reason, key};

/// Where answers lie.
fn here() -> Place {
    Place::new(ACCOUNT, REGION)
}

/// A question about one.
fn one(id: &str) -> About {
    About::One(id.to_owned())
}

/// The only answer of a reply.
fn only(reply: &Reply) -> &Value {
    assert_eq!(reply.answers.len(), 1, "{reply:?}");
    &reply.answers[0].1
}

/// The texts between two tags, in order.
fn items(got: &[Got], of: fn(&Got) -> &String) -> Vec<String> {
    got.iter().map(|got| of(got).clone()).collect()
}

const KEY: &str = "826b827c-d439-4520-83c0-47a5182ccd62";

#[tokio::test]
async fn a_key_with_its_policy_rotation_and_grants() {
    let wire = Wire::start(|got, _| {
        let arn = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY}");
        good(match got.line.as_str() {
            "DescribeKey" => json!({ "KeyMetadata": { "KeyId": KEY, "Arn": arn, "AWSAccountId": ACCOUNT,
                "CreationDate": 1.6e9, "Enabled": true, "KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT",
                "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS", "KeyManager": "CUSTOMER", "Description": "x" } })
            .to_string(),
            "GetKeyPolicy" => json!({ "Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }).to_string(),
            "GetKeyRotationStatus" => json!({ "KeyRotationEnabled": true, "KeyId": arn }).to_string(),
            _ if got.body.contains("Marker") => {
                json!({ "Grants": [{ "GranteePrincipal": "b", "Operations": ["Decrypt"] }], "Truncated": false })
                    .to_string()
            }
            _ => json!({ "Grants": [{ "GranteePrincipal": "a" }], "Truncated": true, "NextMarker": "m" }).to_string(),
        })
    })
    .await;
    let mut replies = Vec::new();
    for operation in
        [Operation::DescribeKey, Operation::GetKeyPolicy, Operation::GetKeyRotationStatus, Operation::ListGrants]
    {
        replies.push(wire.ask(operation, one(KEY)).await);
    }
    let read = estate(&replies);
    let id = key::row_id(Some(REGION), KEY);
    let known = read.aws.keys.body(&id, &here()).unwrap();
    assert_eq!((known.key_state.as_deref(), known.account_id.as_deref()), (Some("Enabled"), Some(ACCOUNT)));
    assert_eq!(read.aws.key_rotations.body(&id, &here()), Ok(&true));
    assert!(read.aws.key_policies.body(&id, &here()).is_ok());
    let grants = read.aws.key_grants.body(&id, &here()).unwrap();
    let grantees: Vec<_> = grants.iter().filter_map(|grant| grant.grantee_principal.as_deref()).collect();
    assert_eq!(grantees, ["a", "b"]);
    assert!(wire.got()[1].body.contains("\"PolicyName\":\"default\""));
    assert!(wire.got().iter().all(|got| got.region == REGION));
}

#[tokio::test]
async fn grants_without_an_end_are_a_page_and_a_refusal() {
    for next in [json!("m"), Value::Null] {
        let said =
            json!({ "Grants": [{ "GranteePrincipal": "a" }], "Truncated": true, "NextMarker": next }).to_string();
        let wire = Wire::start(move |_, _| good(said.clone())).await;
        let (_, reply) = wire.ask(Operation::ListGrants, one(KEY)).await;
        assert_eq!(reply.refusals[0].reason, Reason::Undecodable, "{reply:?}");
        assert!(reply.answers.iter().all(|(_, answer)| answer["NextToken"] == "not read"), "{reply:?}");
    }
}

#[tokio::test]
async fn a_denied_key_is_a_refusal_with_its_code() {
    let body = json!({ "__type": "AccessDeniedException", "Message": "not authorized" }).to_string();
    let wire = Wire::start(move |_, _| (400, "", body.clone())).await;
    let (_, reply) = wire.ask(Operation::DescribeKey, one(KEY)).await;
    let refusal = &reply.refusals[0];
    assert_eq!((refusal.reason, refusal.code.as_str()), (Reason::AccessDenied, "AccessDeniedException"));
    assert_eq!((reply.answers.len(), wire.got().len()), (0, 1));
}

/// An error as S3 writes it.
fn s3_error(code: &str) -> String {
    format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>m</Message></Error>")
}

#[tokio::test]
async fn a_bucket_with_all_that_guards_it() {
    let wire = Wire::start(|got, _| {
        good(match got.query.split('=').next().unwrap_or_default() {
            "policy" => "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
            "encryption" => {
                "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
                <SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>arn:k</KMSMasterKeyID>\
                </ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
            }
            "publicAccessBlock" => {
                "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>\
                <IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>\
                <RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>"
            }
            _ => "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">EU</LocationConstraint>",
        })
    })
    .await;
    let place = here();
    let read = wire.one(Operation::GetBucketPolicy, "root").await;
    assert!(read.aws.bucket_policies.body("root", &place).unwrap().is_some());
    let read = wire.one(Operation::GetBucketEncryption, "root").await;
    let by = read.aws.bucket_encryptions.body("root", &place).unwrap().clone().unwrap();
    assert_eq!((by.algorithm.as_str(), by.key.as_deref()), ("aws:kms", Some("arn:k")));
    let read = wire.one(Operation::GetPublicAccessBlock, "root").await;
    assert!(read.aws.public_access_blocks.body("root", &place).unwrap().unwrap().is_complete());
    let read = wire.one(Operation::GetBucketLocation, "root").await;
    assert_eq!(read.aws.bucket_regions.body("root", &place).unwrap(), "eu-west-1");
    assert!(
        wire.got().iter().all(|got| got.line.starts_with("GET /root")),
        "the bucket is in the path: {:?}",
        wire.got()
    );
}

#[tokio::test]
async fn the_first_region_has_no_name() {
    let wire = Wire::start(|_, _| good("<LocationConstraint xmlns=\"x\"/>")).await;
    let read = wire.one(Operation::GetBucketLocation, "root").await;
    assert_eq!(read.aws.bucket_regions.body("root", &here()).unwrap(), "us-east-1");
}

#[tokio::test]
async fn a_bucket_elsewhere_is_asked_there_once() {
    for (status, code, header) in [
        (301, "PermanentRedirect", "x-amz-bucket-region: ap-south-1"),
        (400, "IllegalLocationConstraintException", "x-amz-bucket-region: ap-south-1"),
        (400, "AuthorizationHeaderMalformed", ""),
    ] {
        let wire = Wire::start(move |got, _| {
            let told = s3_error(code).replace("</Error>", "<Region>ap-south-1</Region></Error>");
            if got.region == "ap-south-1" { good("{\"Statement\":[]}") } else { (status, header, told) }
        })
        .await;
        let read = wire.one(Operation::GetBucketPolicy, "root").await;
        assert!(read.aws.bucket_policies.body("root", &here()).unwrap().is_some(), "{code}");
        assert_eq!(items(&wire.got(), |got| &got.region), [REGION, "ap-south-1"], "{code}");
    }
    // two regions that point at each other, and one that points nowhere
    let regions = ["x-amz-bucket-region: ap-south-1", "x-amz-bucket-region: ap-south-2"];
    let wire = Wire::start(move |_, before| (301, regions[before % 2], s3_error("PermanentRedirect"))).await;
    let (_, reply) = wire.ask(Operation::GetBucketPolicy, one("root")).await;
    assert_eq!((reply.refusals[0].code.as_str(), wire.got().len()), ("PermanentRedirect", 2));
    let wire = Wire::start(|_, _| (301, "", s3_error("PermanentRedirect"))).await;
    let (_, reply) = wire.ask(Operation::GetBucketPolicy, one("root")).await;
    assert_eq!((reply.refusals[0].code.as_str(), wire.got().len()), ("PermanentRedirect", 1));
}

#[tokio::test]
async fn what_a_bucket_does_not_have_is_a_code() {
    for (operation, code) in [
        (Operation::GetBucketPolicy, "NoSuchBucketPolicy"),
        (Operation::GetBucketEncryption, "ServerSideEncryptionConfigurationNotFoundError"),
        (Operation::GetPublicAccessBlock, "NoSuchPublicAccessBlockConfiguration"),
        (Operation::GetBucketLocation, "AccessDenied"),
    ] {
        let wire = Wire::start(move |_, _| (404, "", s3_error(code))).await;
        let (_, reply) = wire.ask(operation, one("root")).await;
        assert_eq!((reply.refusals[0].code.as_str(), reply.answers.len()), (code, 0));
    }
}
