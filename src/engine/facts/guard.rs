//! What guards data and rights: keys, root buckets, cross-account roles, flow logs, and the
//! policies on them.

use super::{Fact, Kind, Record, Ref, Schema, TEXTS, bool, field, maybe_text, records, text, texts, unsaid};
use crate::estate::aws::{FlowLog, KmsKey, Role, arn_account, arn_region};
use crate::estate::databricks::{KeyConfiguration, StorageConfiguration};
use crate::estate::policy::{Openness, Policy};
use crate::estate::region::Region;
use crate::estate::{Estate, Gap, Known, Operation, Place, Reason, key};

pub(super) static KEY_CONFIGURATION: Schema = Schema {
    name: "KeyConfiguration",
    doc: "A key configuration with the KMS key behind it.",
    fields: &[
        field("id", Kind::Text, "Databricks id.", |e, r| text(&e.databricks.key_configurations.row(r.row).id)),
        field("name", Kind::Text, "Alias of the key, else its ARN.", |e, r| {
            let info = &configuration(e, r)?.aws_key_info;
            text(info.key_alias.as_deref().filter(|alias| !alias.is_empty()).unwrap_or(&info.key_arn))
        }),
        field("arn", Kind::Text, "ARN of the key.", |e, r| text(arn(e, r)?)),
        field("region", Kind::Text, "Region in the ARN of the key.", |e, r| maybe_text(arn_region(arn(e, r)?))),
        field("use_cases", TEXTS, "`MANAGED_SERVICES`, `STORAGE`.", |e, r| texts(&configuration(e, r)?.use_cases)),
        field(
            "covers_volumes",
            Kind::Bool,
            "For storage: whether cluster volumes use the key too; absent means yes.",
            |e, r| bool(configuration(e, r)?.aws_key_info.reuse_key_for_cluster_volumes.unwrap_or(true)),
        ),
        field("state", Kind::Text, "KeyState: `Enabled`, `Disabled`, `PendingDeletion` and others.", |e, r| {
            let row = key::find(&e.aws.keys, arn(e, r)?)?;
            let state = &e.aws.keys.row(row).body.known()?.key_state;
            state.as_ref().map_or_else(|| Err(unsaid(&e.aws.keys, row, "the key state")), text)
        }),
        field(
            "symmetric",
            Kind::Bool,
            "Whether it is a symmetric key for encryption, the only kind that Databricks takes.",
            |e, r| {
                let row = key::find(&e.aws.keys, arn(e, r)?)?;
                let key: &KmsKey = e.aws.keys.row(row).body.known()?;
                match (&key.key_spec, &key.key_usage) {
                    (Some(spec), Some(usage)) => bool(spec == "SYMMETRIC_DEFAULT" && usage == "ENCRYPT_DECRYPT"),
                    _ => Err(unsaid(&e.aws.keys, row, "the key spec")),
                }
            },
        ),
        field("rotates", Kind::Bool, "Whether AWS rotates it every year.", |e, r| {
            bool(*key::body(&e.aws.key_rotations, arn(e, r)?)?)
        }),
        field(
            "databricks_principals",
            TEXTS,
            "Principals that Databricks may act as in the key's partition.",
            |e, r| texts(databricks_principals(arn(e, r)?)),
        ),
        field("account_id", Kind::Text, "Databricks account that the configuration belongs to.", |e, r| {
            maybe_text(e.databricks.key_configurations.row(r.row).place.account.as_ref())
        }),
        field(
            "open_to_everyone",
            Kind::Text,
            "The statement of the key policy that lets everyone in without a limiting condition; null without one.",
            |e, r| open(policy_of(e, r)?, &e.aws.key_policies, key::find(&e.aws.key_policies, arn(e, r)?)?),
        ),
        field("workspaces", Kind::List(&Kind::Record(Record::Workspace)), "Workspaces that use it.", |e, r| {
            workspaces(
                e,
                &e.databricks.key_configurations.row(r.row).place,
                &e.databricks.key_configurations.row(r.row).id,
            )
        }),
        field("aws_account", Kind::Text, "AWS account in the ARN of the key.", |e, r| {
            maybe_text(arn_account(arn(e, r)?))
        }),
    ],
};

pub(super) static BUCKET: Schema = Schema {
    name: "Bucket",
    doc: "The root bucket of a workspace.",
    fields: &[
        field("name", Kind::Text, "Name of the bucket.", |e, r| text(bucket(e, r)?)),
        field("region", Kind::Text, "Region of the bucket.", |e, r| {
            text(e.aws.bucket_regions.body(bucket(e, r)?, &anywhere())?)
        }),
        field(
            "public_access_blocked",
            Kind::Bool,
            "Whether all four switches of the public access block are on.",
            |e, r| {
                bool(
                    e.aws
                        .public_access_blocks
                        .body(bucket(e, r)?, &anywhere())?
                        .is_some_and(|block| block.is_complete()),
                )
            },
        ),
        field(
            "encryption",
            Kind::Text,
            "Default encryption: `AES256`, `aws:kms`, `aws:kms:dsse`; null without.",
            |e, r| {
                maybe_text(
                    e.aws
                        .bucket_encryptions
                        .body(bucket(e, r)?, &anywhere())?
                        .as_ref()
                        .map(|encryption| &encryption.algorithm),
                )
            },
        ),
        field("has_policy", Kind::Bool, "Whether it has a bucket policy.", |e, r| bool(policy_of(e, r)?.is_some())),
        field(
            "open_to_everyone",
            Kind::Text,
            "The statement of the bucket policy that lets everyone in without a limiting condition; null without one.",
            |e, r| {
                let row = e.aws.bucket_policies.find(bucket(e, r)?, &anywhere())?;
                open(policy_of(e, r)?, &e.aws.bucket_policies, row)
            },
        ),
        field(
            "databricks_principals",
            TEXTS,
            "Principals that Databricks may act as in the bucket's partition.",
            |e, r| texts(databricks_principals(&bucket_arn(e, r)?)),
        ),
        field("account_id", Kind::Text, "Databricks account that the storage configuration belongs to.", |e, r| {
            maybe_text(e.databricks.storage_configurations.row(r.row).place.account.as_ref())
        }),
        field("workspaces", Kind::List(&Kind::Record(Record::Workspace)), "Workspaces that use it.", |e, r| {
            workspaces(
                e,
                &e.databricks.storage_configurations.row(r.row).place,
                &e.databricks.storage_configurations.row(r.row).id,
            )
        }),
        field("arn", Kind::Text, "ARN of the bucket.", |e, r| text(bucket_arn(e, r)?)),
        field(
            "write_keys",
            TEXTS,
            "Object keys of which Databricks must be able to write one at least: any object, or one under the prefix of a workspace that uses the bucket.",
            |e, r| texts(write_keys(e, r)?),
        ),
    ],
};

pub(super) static ROLE: Schema = Schema {
    name: "Role",
    doc: "The cross-account role of a credential configuration.",
    fields: &[
        field("arn", Kind::Text, "ARN of the role.", |e, r| text(role_arn(e, r)?)),
        field("name", Kind::Text, "Name of the role.", |e, r| text(role_name(role_arn(e, r)?))),
        field(
            "account_id",
            Kind::Text,
            "Databricks account that the credential configuration belongs to; the external id must be this.",
            |e, r| maybe_text(e.databricks.credentials.row(r.row).place.account.as_ref()),
        ),
        field(
            "databricks_principals",
            TEXTS,
            "Principals that Databricks may act as in the role's partition.",
            |e, r| texts(databricks_principals(role_arn(e, r)?)),
        ),
        field(
            "trust_open_to_everyone",
            Kind::Text,
            "The statement of the trust policy that lets everyone in without a limiting condition; null without one.",
            |e, r| {
                let row = role_row(e, r)?;
                open(Some(&e.aws.roles.row(row).body.known()?.trust), &e.aws.roles, row)
            },
        ),
        field("workspaces", Kind::List(&Kind::Record(Record::Workspace)), "Workspaces that use it.", |e, r| {
            workspaces(e, &e.databricks.credentials.row(r.row).place, &e.databricks.credentials.row(r.row).id)
        }),
        field("vpcs", Kind::List(&Kind::Record(Record::Vpc)), "Customer-managed VPCs of those workspaces.", |e, r| {
            let mut vpcs = std::collections::BTreeSet::new();
            for row in super::vpc::edges(&e.graph.workspaces_naming, &e.databricks.credentials.row(r.row).id) {
                let row = e.databricks.workspaces.row(row);
                let Some(network) = &row.body.known()?.network_id else { continue };
                vpcs.extend(e.databricks.networks.body(network, &row.place)?.vpc_id.clone());
            }
            super::find_all(Record::Vpc, &e.aws.vpcs, &Place::default(), &vpcs)
        }),
        field("aws_account", Kind::Text, "AWS account in the ARN of the role.", |e, r| {
            maybe_text(arn_account(role_arn(e, r)?))
        }),
        field("partition", Kind::Text, "Partition in the ARN of the role.", |e, r| {
            maybe_text(role_arn(e, r)?.split(':').nth(1))
        }),
    ],
};

pub(super) static FLOW_LOG: Schema = Schema {
    name: "FlowLog",
    doc: "A flow log of a VPC that Databricks uses.",
    fields: &[
        field("id", Kind::Text, "`fl-…`.", |e, r| text(&e.aws.flow_logs.row(r.row).id)),
        field("resource_id", Kind::Text, "The VPC, subnet or interface that it records.", |e, r| {
            maybe_text(flow_log(e, r)?.resource_id.as_ref())
        }),
        field("active", Kind::Bool, "Whether it is active and was delivered last time.", |e, r| {
            let log = flow_log(e, r)?;
            let Some(status) = log.flow_log_status.as_deref() else {
                return Err(unsaid(&e.aws.flow_logs, r.row, "the state of the flow log"));
            };
            bool(status == "ACTIVE" && log.deliver_logs_status.as_deref() != Some("FAILED"))
        }),
        field("error", Kind::Text, "Why delivery fails.", |e, r| {
            maybe_text(flow_log(e, r)?.deliver_logs_error_message.as_ref())
        }),
        field("traffic_type", Kind::Text, "`ALL`, `ACCEPT` or `REJECT`.", |e, r| {
            flow_log(e, r)?
                .traffic_type
                .as_ref()
                .map_or_else(|| Err(unsaid(&e.aws.flow_logs, r.row, "which traffic it records")), text)
        }),
    ],
};

// ------------------------------------------------------------------ readers that others share

pub(super) fn configuration(e: &Estate, r: Ref) -> Known<&KeyConfiguration> {
    e.databricks.key_configurations.row(r.row).body.known()
}

/// ARN of the key of a key configuration.
pub(crate) fn arn(e: &Estate, r: Ref) -> Known<&str> {
    Ok(&configuration(e, r)?.aws_key_info.key_arn)
}

fn storage(e: &Estate, r: Ref) -> Known<&StorageConfiguration> {
    e.databricks.storage_configurations.row(r.row).body.known()
}

pub(super) fn bucket(e: &Estate, r: Ref) -> Known<&str> {
    Ok(&storage(e, r)?.root_bucket_info.bucket_name)
}

/// ARN of a root bucket, in the partition of its region.
pub(crate) fn bucket_arn(e: &Estate, r: Ref) -> Known<String> {
    let name = bucket(e, r)?;
    let region = e.aws.bucket_regions.body(name, &anywhere()).ok();
    let gov = region.is_some_and(|region| region.starts_with("us-gov-"));
    Ok(format!("arn:{}:s3:::{name}", if gov { "aws-us-gov" } else { "aws" }))
}

/// Restrictive bucket policies let Databricks write under the prefix of the workspace only.
fn write_keys(e: &Estate, r: Ref) -> Known<Vec<String>> {
    let row = e.databricks.storage_configurations.row(r.row);
    e.databricks.workspaces.complete(&row.place)?;
    let mut keys = vec!["object".to_owned()];
    for number in super::vpc::edges(&e.graph.workspaces_naming, &row.id) {
        let workspace = e.databricks.workspaces.row(number);
        let region = workspace.body.known()?.aws_region.as_deref().and_then(Region::named);
        if let Some(name) = region.and_then(|region| region.region_name.as_deref()) {
            keys.push(format!("ephemeral/{name}-prod/{}/object", workspace.id));
        }
    }
    Ok(keys)
}

pub(in crate::engine) fn role_arn(e: &Estate, r: Ref) -> Known<&str> {
    Ok(&e.databricks.credentials.row(r.row).body.known()?.aws_credentials.sts_role.role_arn)
}

pub(super) fn role_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn role_row(e: &Estate, r: Ref) -> Known<u32> {
    let arn = role_arn(e, r)?;
    e.aws.roles.find(role_name(arn), &Place { account: arn_account(arn).map(str::to_owned), region: None })
}

/// The trust policy of a role.
pub(crate) fn trust_of(e: &Estate, r: Ref) -> Known<&Policy> {
    let role: &Role = e.aws.roles.row(role_row(e, r)?).body.known()?;
    Ok(&role.trust)
}

/// The identity policies of a role.
pub(crate) fn identity_policies(e: &Estate, r: Ref) -> Known<&[Policy]> {
    let name = role_name(role_arn(e, r)?);
    let account = arn_account(role_arn(e, r)?).map(str::to_owned);
    e.aws.role_policies.body(name, &Place { account, region: None }).map(Vec::as_slice)
}

fn flow_log(e: &Estate, r: Ref) -> Known<&FlowLog> {
    e.aws.flow_logs.row(r.row).body.known()
}

/// The resource policy of a key configuration, a bucket or an endpoint; `None` when the API says
/// that there is none.
pub(crate) fn policy_of(e: &Estate, r: Ref) -> Known<Option<&Policy>> {
    match r.kind {
        Record::KeyConfiguration => key::body(&e.aws.key_policies, arn(e, r)?).map(Some),
        Record::Bucket => e.aws.bucket_policies.body(bucket(e, r)?, &anywhere()).map(Option::as_ref),
        _ => Ok(None),
    }
}

/// The policy of an endpoint; `None` for the kinds that have none.
pub(crate) fn endpoint_policy(e: &Estate, r: Ref) -> Known<Option<&Policy>> {
    let endpoint = super::endpoint::endpoint(e, r)?;
    endpoint.policy().transpose().map_err(|problem| {
        let scope = super::endpoint::place(e, r).scope().of(&endpoint.vpc_endpoint_id);
        Gap::new(Operation::DescribeVpcEndpoints, scope, Reason::Undecodable)
            .because(format!("its policy: {problem}"))
            .shared()
    })
}

/// Principals that Databricks may act as in the partition of an ARN: one in the commercial
/// partition, one for each shard of GovCloud.
pub(crate) fn databricks_principals(arn: &str) -> Vec<String> {
    let partition = arn.split(':').nth(1).unwrap_or("aws");
    let mut principals: Vec<String> = ["eu-west-1", "us-gov-west-1"]
        .into_iter()
        .filter_map(Region::named)
        .filter(|region| region.partition == partition)
        .map(Region::databricks_principal)
        .collect();
    if partition == "aws-us-gov" {
        principals.extend(Region::named_in_shard("us-gov-west-1", "dod").map(Region::databricks_principal));
    }
    principals
}

fn open<T>(policy: Option<&Policy>, table: &crate::estate::Table<T>, row: u32) -> super::Read {
    match policy.map(Policy::open_to_everyone) {
        None | Some(Openness::Closed) => Ok(Fact::Null),
        Some(Openness::Open(statement)) => text(format!("{} ({})", statement.name, statement.actions.join(", "))),
        Some(Openness::Uncertain(why)) => {
            let row = table.row(row);
            Err(Gap::new(table.operation(), row.place.scope().of(&row.id), Reason::Undecodable).because(why).shared())
        }
    }
}

pub(super) fn workspaces(e: &Estate, place: &Place, id: &str) -> super::Read {
    e.databricks.workspaces.complete(place)?;
    records(Record::Workspace, super::vpc::edges(&e.graph.workspaces_naming, id))
}

/// Buckets and their answers are found by name alone: names are unique in a partition.
fn anywhere() -> Place {
    Place::default()
}
