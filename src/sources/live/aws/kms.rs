//! KMS: keys that Databricks names, by id or ARN, each in its own region.

use aws_sdk_kms::types as t;
use serde_json::{Value, json};

use super::pages::json as written;
use super::pages::{list, next, pages};
use super::{Ask, Manners, Page, Post, Refusal, Reply, not_asked, one, refusal, unsaid};
use crate::estate::Operation;
use crate::estate::aws as a;

/// The only policy that a key has.
const POLICY: &str = "default";

/// Puts one question.
pub(super) async fn ask(post: &Post, manners: &Manners, ask: &Ask) -> Reply {
    let Some(key) = one(ask) else { return Reply::refused(not_asked(ask.operation)) };
    let (kms, lane) = (post.kms(), post.lane("kms"));
    let answer: Result<Value, Refusal> = match ask.operation {
        Operation::DescribeKey => {
            let send = || async {
                let output = kms.describe_key().key_id(key).send().await.map_err(refusal)?;
                output.key_metadata.map(|key| json!({ "KeyMetadata": written(&metadata(key)) })).ok_or_else(unsaid)
            };
            manners.call(&lane, send).await
        }
        Operation::GetKeyPolicy => {
            let send = || async {
                let output = kms.get_key_policy().key_id(key).policy_name(POLICY).send().await.map_err(refusal)?;
                output.policy.map(|policy| json!({ "Policy": policy, "PolicyName": POLICY })).ok_or_else(unsaid)
            };
            manners.call(&lane, send).await
        }
        Operation::GetKeyRotationStatus => {
            let send = || async {
                let output = kms.get_key_rotation_status().key_id(key).send().await.map_err(refusal)?;
                Ok(json!({ "KeyRotationEnabled": output.key_rotation_enabled }))
            };
            manners.call(&lane, send).await
        }
        Operation::ListGrants => {
            let fetch = |marker: Option<String>| async move {
                let request = kms.list_grants().key_id(key).limit(100).set_marker(marker);
                let output = request.send().await.map_err(refusal)?;
                let rows = output.grants.unwrap_or_default().into_iter().map(grant).collect();
                Ok(Page { rows, next: next(output.truncated, output.next_marker)? })
            };
            return list("Grants", pages(manners, &lane, fetch).await);
        }
        operation => Err(not_asked(operation)),
    };
    answer.into()
}

fn metadata(key: t::KeyMetadata) -> a::KmsKey {
    a::KmsKey {
        key_id: key.key_id,
        arn: key.arn.unwrap_or_default(),
        account_id: key.aws_account_id,
        key_state: key.key_state.map(|state| state.as_str().to_owned()),
        key_spec: key.key_spec.map(|spec| spec.as_str().to_owned()),
        key_usage: key.key_usage.map(|usage| usage.as_str().to_owned()),
        origin: key.origin.map(|origin| origin.as_str().to_owned()),
        key_manager: key.key_manager.map(|manager| manager.as_str().to_owned()),
    }
}

fn grant(grant: t::GrantListEntry) -> a::Grant {
    let operations = grant.operations.unwrap_or_default();
    a::Grant {
        grantee_principal: grant.grantee_principal.or(grant.grantee_service_principal),
        operations: operations.into_iter().map(|operation| operation.as_str().to_owned()).collect(),
    }
}
