//! Keys, buckets, roles and flow logs.

use serde::{Deserialize, Serialize};

use super::Tag;
use crate::estate::policy::Policy;

/// `aws kms describe-key`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct KmsKey {
    /// Key id, the last part of the ARN.
    pub key_id: String,
    /// ARN.
    pub arn: String,
    /// Account.
    #[serde(rename = "AWSAccountId")]
    pub account_id: Option<String>,
    /// `Enabled`, `Disabled`, `PendingDeletion`, `PendingImport`, `Unavailable` …
    pub key_state: Option<String>,
    /// `SYMMETRIC_DEFAULT` for the only kind that Databricks takes.
    pub key_spec: Option<String>,
    /// `ENCRYPT_DECRYPT` …
    pub key_usage: Option<String>,
    /// `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM`, `EXTERNAL_KEY_STORE`.
    pub origin: Option<String>,
    /// `CUSTOMER` or `AWS`.
    pub key_manager: Option<String>,
}

/// A grant of `aws kms list-grants`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Grant {
    /// Who may use the key.
    pub grantee_principal: Option<String>,
    /// What for.
    pub operations: Vec<String>,
}

/// `aws s3api get-bucket-encryption`, the first rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BucketEncryption {
    /// `AES256`, `aws:kms`, `aws:kms:dsse`.
    pub algorithm: String,
    /// The key, when it is not S3's own.
    pub key: Option<String>,
}

/// `aws s3api get-public-access-block`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PublicAccessBlock {
    /// New public ACLs are refused.
    pub block_public_acls: bool,
    /// Public ACLs are ignored.
    pub ignore_public_acls: bool,
    /// New public policies are refused.
    pub block_public_policy: bool,
    /// Public policies are ignored for strangers.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// Whether all four switches are on.
    pub fn is_complete(self) -> bool {
        self.block_public_acls && self.ignore_public_acls && self.block_public_policy && self.restrict_public_buckets
    }
}

/// `aws iam get-role`.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// ARN.
    pub arn: String,
    /// Name.
    pub name: String,
    /// Who may assume it.
    pub trust: Policy,
}

/// `aws ec2 describe-flow-logs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct FlowLog {
    /// `fl-…`.
    pub flow_log_id: String,
    /// VPC, subnet, interface or transit gateway.
    pub resource_id: Option<String>,
    /// `ACTIVE`.
    pub flow_log_status: Option<String>,
    /// `SUCCESS` or `FAILED`.
    pub deliver_logs_status: Option<String>,
    /// Why delivery fails.
    pub deliver_logs_error_message: Option<String>,
    /// `ACCEPT`, `REJECT` or `ALL`.
    pub traffic_type: Option<String>,
    /// Tags.
    pub tags: Vec<Tag>,
}
