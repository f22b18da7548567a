//! IAM: roles that Databricks names, with everything that they may do. The policies of a role are
//! believed only together: when one cannot be had, none is handed on.

use std::collections::BTreeMap;

use aws_sdk_iam::types::AttachedPolicy;
use serde_json::{Value, json};

use super::pages::{next, pages};
use super::{Ask, Lane, Manners, Page, Post, Refusal, Reply, not_asked, one, refusal, unsaid};
use crate::estate::Operation;
use crate::sources::guard::percent_decoded;
use crate::sources::role::NO_POLICY;

/// Puts one question.
pub(super) async fn ask(post: &Post, manners: &Manners, ask: &Ask) -> Reply {
    let Some(role) = one(ask) else { return Reply::refused(not_asked(ask.operation)) };
    // one limit for all regions
    let lane = Lane { region: "global".to_owned(), ..post.lane("iam") };
    let asker = Asker { post, manners, lane };
    match ask.operation {
        Operation::GetRole => asker.role(role).await.into(),
        Operation::GetRolePolicies => match asker.policies(role).await {
            Ok(policies) => Reply { answers: policies, refusals: Vec::new() },
            Err(refusal) => Reply::refused(refusal),
        },
        operation => Reply::refused(not_asked(operation)),
    }
}

struct Asker<'a> {
    post: &'a Post,
    manners: &'a Manners,
    lane: Lane,
}

impl Asker<'_> {
    async fn role(&self, name: &str) -> Result<Value, Refusal> {
        let iam = self.post.iam();
        let send = || async {
            let role = iam.get_role().role_name(name).send().await.map_err(refusal)?.role.ok_or_else(unsaid)?;
            let trust = role.assume_role_policy_document.as_deref().map(document);
            Ok(json!({ "Role": { "Arn": role.arn, "RoleName": role.role_name, "AssumeRolePolicyDocument": trust } }))
        };
        self.manners.call(&self.lane, send).await
    }

    /// Every policy by its name, inline and attached; that there is none, in words.
    async fn policies(&self, role: &str) -> Result<Vec<(Option<String>, Value)>, Refusal> {
        let mut found: BTreeMap<String, Value> = BTreeMap::new();
        for name in self.inline(role).await.map_err(|refusal| refusal.of("iam:ListRolePolicies"))? {
            let policy = self.inline_policy(role, &name).await?;
            found.insert(name, policy);
        }
        for attached in self.attached(role).await.map_err(|refusal| refusal.of("iam:ListAttachedRolePolicies"))? {
            let arn = attached.policy_arn.ok_or_else(unsaid)?;
            let policy = self.attached_policy(&arn).await?;
            // names are unique among the inline policies, and in one folder of one account
            let name = attached.policy_name.filter(|name| !found.contains_key(name)).unwrap_or(arn);
            found.insert(name, policy);
        }
        if found.is_empty() {
            let none = json!({ "PolicyNames": [], "AttachedPolicies": [] });
            found.insert(NO_POLICY.to_owned(), none);
        }
        Ok(found.into_iter().map(|(name, policy)| (Some(name), policy)).collect())
    }

    async fn inline(&self, role: &str) -> Result<Vec<String>, Refusal> {
        let iam = self.post.iam();
        let fetch = |marker: Option<String>| async move {
            let output = iam.list_role_policies().role_name(role).set_marker(marker).send().await.map_err(refusal)?;
            Ok(Page { rows: output.policy_names, next: next(output.is_truncated, output.marker)? })
        };
        let all = pages(self.manners, &self.lane, fetch).await;
        all.broken.map_or(Ok(all.rows), Err)
    }

    async fn attached(&self, role: &str) -> Result<Vec<AttachedPolicy>, Refusal> {
        let iam = self.post.iam();
        let fetch = |marker: Option<String>| async move {
            let request = iam.list_attached_role_policies().role_name(role).set_marker(marker);
            let output = request.send().await.map_err(refusal)?;
            let rows = output.attached_policies.unwrap_or_default();
            Ok(Page { rows, next: next(output.is_truncated, output.marker)? })
        };
        let all = pages(self.manners, &self.lane, fetch).await;
        all.broken.map_or(Ok(all.rows), Err)
    }

    async fn inline_policy(&self, role: &str, name: &str) -> Result<Value, Refusal> {
        let iam = self.post.iam();
        let send = || async {
            let output = iam.get_role_policy().role_name(role).policy_name(name).send().await.map_err(refusal)?;
            let policy = document(&output.policy_document);
            Ok(json!({ "RoleName": role, "PolicyName": name, "PolicyDocument": policy }))
        };
        self.manners.call(&self.lane, send).await
    }

    /// The version of an attached policy that counts.
    async fn attached_policy(&self, arn: &str) -> Result<Value, Refusal> {
        let iam = self.post.iam();
        let send = || async {
            let policy = iam.get_policy().policy_arn(arn).send().await.map_err(refusal)?.policy.ok_or_else(unsaid)?;
            policy.default_version_id.ok_or_else(unsaid)
        };
        let version = self.manners.call(&self.lane, send).await.map_err(|refusal| refusal.of("iam:GetPolicy"))?;
        let send = || async {
            let request = iam.get_policy_version().policy_arn(arn).version_id(&version);
            let output = request.send().await.map_err(refusal)?.policy_version.ok_or_else(unsaid)?;
            let policy = document(&output.document.ok_or_else(unsaid)?);
            Ok(json!({ "PolicyVersion": { "VersionId": version, "IsDefaultVersion": true, "Document": policy } }))
        };
        self.manners.call(&self.lane, send).await.map_err(|refusal| refusal.of("iam:GetPolicyVersion"))
    }
}

/// A policy document, which IAM encodes for URLs, as the AWS CLI writes it.
fn document(text: &str) -> Value {
    let plain = if text.trim_start().starts_with('%') { percent_decoded(text) } else { text.to_owned() };
    serde_json::from_str(&plain).unwrap_or(Value::String(plain))
}
