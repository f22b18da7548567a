//! S3: buckets that Databricks names. A bucket answers in its own region only; who asks elsewhere
//! is told which region that is, and asks there once more.

use std::error::Error;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::{Builder, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_bucket_encryption::GetBucketEncryptionOutput;
use aws_sdk_s3::operation::get_bucket_location::GetBucketLocationOutput;
use aws_sdk_s3::operation::get_bucket_policy::GetBucketPolicyOutput;
use aws_sdk_s3::operation::get_public_access_block::GetPublicAccessBlockOutput;
use aws_sdk_s3::types as t;
use serde_json::{Map, Value, json};

use super::pages::json as written;
use super::{Ask, Lane, Manners, Post, Refusal, Reply, not_asked, one, refusal, unsaid};
use crate::estate::aws as a;
use crate::estate::{Operation, Reason};

/// What a bucket, or a region that it is not in, says.
enum Said {
    Answer(Value),
    /// It is in this region.
    Elsewhere(String),
}

/// One request a line: what is asked for, and how its answer is written.
macro_rules! send {
    ($post:ident, $bucket:ident, $region:ident, $call:ident, $write:expr) => {
        async {
            let request = $post.s3().$call().bucket($bucket);
            let region = $region.map(|region| Builder::new().region(Region::new(region.to_owned())));
            let sent = match region {
                Some(config) => request.customize().config_override(config).send().await,
                None => request.send().await,
            };
            match sent {
                Ok(output) => $write(output).map(Said::Answer).ok_or_else(unsaid),
                Err(error) => elsewhere(&error, $region.unwrap_or(&$post.region))
                    .map_or_else(|| Err(refusal(error)), |region| Ok(Said::Elsewhere(region))),
            }
        }
    };
}

/// Puts one question.
pub(super) async fn ask(post: &Post, manners: &Manners, ask: &Ask) -> Reply {
    let Some(bucket) = one(ask) else { return Reply::refused(not_asked(ask.operation)) };
    let here = match put(post, manners, ask.operation, bucket, None).await {
        Ok(Said::Elsewhere(region)) => put(post, manners, ask.operation, bucket, Some(&region)).await,
        said => said,
    };
    match here {
        Ok(Said::Answer(value)) => Reply::answer(value),
        Ok(Said::Elsewhere(region)) => {
            let message = format!("the bucket's own region sends on to {region}");
            Reply::refused(Refusal::new(Reason::Undecodable, "PermanentRedirect", message))
        }
        Err(refusal) => Reply::refused(refusal),
    }
}

async fn put(
    post: &Post,
    manners: &Manners,
    operation: Operation,
    bucket: &str,
    region: Option<&str>,
) -> Result<Said, Refusal> {
    let lane = match region {
        Some(region) => Lane { region: region.to_owned(), ..post.lane("s3") },
        None => post.lane("s3"),
    };
    match operation {
        Operation::GetBucketPolicy => {
            let write = |output: GetBucketPolicyOutput| output.policy.map(|policy| json!({ "Policy": policy }));
            manners.call(&lane, || send!(post, bucket, region, get_bucket_policy, write)).await
        }
        Operation::GetBucketEncryption => {
            let write = |output: GetBucketEncryptionOutput| {
                let rules: Vec<Value> =
                    output.server_side_encryption_configuration?.rules.into_iter().filter_map(rule).collect();
                Some(json!({ "ServerSideEncryptionConfiguration": { "Rules": rules } }))
            };
            manners.call(&lane, || send!(post, bucket, region, get_bucket_encryption, write)).await
        }
        Operation::GetPublicAccessBlock => {
            let write = |output: GetPublicAccessBlockOutput| {
                let block = block(&output.public_access_block_configuration?);
                Some(json!({ "PublicAccessBlockConfiguration": written(&block) }))
            };
            manners.call(&lane, || send!(post, bucket, region, get_public_access_block, write)).await
        }
        Operation::GetBucketLocation => {
            let write = |output: GetBucketLocationOutput| {
                let region = output.location_constraint.filter(|region| !region.as_str().is_empty());
                // the first region has no name
                Some(json!({ "LocationConstraint": region.map(|region| region.as_str().to_owned()) }))
            };
            manners.call(&lane, || send!(post, bucket, region, get_bucket_location, write)).await
        }
        operation => Err(not_asked(operation)),
    }
}

/// The region of the bucket, when that is why it does not answer in `here`.
fn elsewhere<E>(error: &SdkError<E, HttpResponse>, here: &str) -> Option<String>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    const WRONG_REGION: &[&str] = &[
        "PermanentRedirect",
        "TemporaryRedirect",
        "Redirect",
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
    ];
    let raw = error.raw_response()?;
    let wrong =
        matches!(raw.status().as_u16(), 301 | 307) || error.code().is_some_and(|code| WRONG_REGION.contains(&code));
    let told = || {
        let body = std::str::from_utf8(raw.body().bytes()?).ok()?;
        Some(body.split_once("<Region>")?.1.split_once("</Region>")?.0)
    };
    let region = raw.headers().get("x-amz-bucket-region").or_else(told).filter(|_| wrong)?;
    (region != here && crate::sources::place::is_region(region)).then(|| region.to_owned())
}

fn rule(rule: t::ServerSideEncryptionRule) -> Option<Value> {
    let default = rule.apply_server_side_encryption_by_default?;
    let mut by = Map::new();
    by.insert("SSEAlgorithm".to_owned(), default.sse_algorithm.as_str().into());
    by.extend(default.kms_master_key_id.map(|key| ("KMSMasterKeyID".to_owned(), key.into())));
    Some(json!({ "ApplyServerSideEncryptionByDefault": by }))
}

fn block(block: &t::PublicAccessBlockConfiguration) -> a::PublicAccessBlock {
    a::PublicAccessBlock {
        block_public_acls: block.block_public_acls.unwrap_or_default(),
        ignore_public_acls: block.ignore_public_acls.unwrap_or_default(),
        block_public_policy: block.block_public_policy.unwrap_or_default(),
        restrict_public_buckets: block.restrict_public_buckets.unwrap_or_default(),
    }
}
