//! Databricks account and workspace objects in the shape of the REST API. Enumerations stay
//! text, because the API adds values; booleans and lists that the API leaves out at their zero
//! value default to it.
//!
//! Source: <https://docs.databricks.com/api/account/introduction>.

mod serverless;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::region::{Region, Service, service_id};

pub use serverless::{
    Authentication, CrossWorkspaceAccess, EgressAccess, InternetDestination, IpRanges, Ncc, NccDefaults, NccEgress,
    NccRule, NccTargets, NetworkPolicy, PolicyEgress, PolicyEnforcement, PolicyIngress, PrivateAccess, PublicAccess,
    PublicOrigin, PublicRule, StableIpRule, StorageDestination, WorkspaceNetwork,
};

/// A workspace, or one that was inferred from AWS alone.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Workspace {
    /// Up to 16 digits.
    pub workspace_id: i64,
    /// Name given by people.
    pub workspace_name: String,
    /// First label of the host name.
    pub deployment_name: Option<String>,
    /// AWS region.
    pub aws_region: Option<String>,
    /// `RUNNING` …
    pub workspace_status: Option<String>,
    /// `STANDARD`, `PREMIUM`, `ENTERPRISE`, `DEDICATED` …
    pub pricing_tier: Option<String>,
    /// Credential configuration.
    pub credentials_id: Option<String>,
    /// Storage configuration.
    pub storage_configuration_id: Option<String>,
    /// Network configuration; none for a VPC that Databricks manages.
    pub network_id: Option<String>,
    /// Private access settings.
    pub private_access_settings_id: Option<String>,
    /// Key configuration for managed services.
    pub managed_services_customer_managed_key_id: Option<String>,
    /// Key configuration for workspace storage.
    pub storage_customer_managed_key_id: Option<String>,
    /// Network connectivity configuration.
    pub network_connectivity_config_id: Option<String>,
    /// `HYBRID` or `SERVERLESS`; absent for older workspaces.
    pub compute_mode: Option<String>,
    /// `CUSTOMER_HOSTED` or `DEFAULT_STORAGE`.
    pub storage_mode: Option<String>,
    /// Old answers only; the current API does not say.
    pub is_no_public_ip_enabled: Option<bool>,
}

/// A network configuration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Network {
    /// Id.
    pub network_id: String,
    /// Name.
    pub network_name: String,
    /// The VPC; none for a network that Databricks manages.
    pub vpc_id: Option<String>,
    /// Subnets.
    pub subnet_ids: Vec<String>,
    /// Security groups of the nodes.
    pub security_group_ids: Vec<String>,
    /// Back-end PrivateLink.
    pub vpc_endpoints: Option<NetworkEndpoints>,
    /// `UNATTACHED`, `VALID`, `BROKEN`, `WARNED`, at the time of the last validation.
    pub vpc_status: Option<String>,
    /// One of the workspaces that use it.
    pub workspace_id: Option<i64>,
    /// What validation refused.
    pub error_messages: Vec<NetworkError>,
    /// What validation warned of.
    pub warning_messages: Vec<NetworkWarning>,
}

/// The registered endpoints of a network, by Databricks id.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NetworkEndpoints {
    /// To the REST API.
    pub rest_api: Vec<String>,
    /// To the secure cluster connectivity relay.
    pub dataplane_relay: Vec<String>,
}

/// An error of network validation.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NetworkError {
    /// `credentials`, `networkAcl`, `securityGroup`, `subnet`, `vpc`.
    pub error_type: String,
    /// In words.
    pub error_message: String,
}

/// A warning of network validation.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NetworkWarning {
    /// `securityGroup`, `subnet`.
    pub warning_type: String,
    /// In words.
    pub warning_message: String,
}

/// A VPC endpoint registered with the Databricks account.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Registration {
    /// Databricks id, not `vpce-…`.
    pub vpc_endpoint_id: String,
    /// Name.
    pub vpc_endpoint_name: String,
    /// `vpce-…`.
    pub aws_vpc_endpoint_id: Option<String>,
    /// AWS account of the endpoint.
    pub aws_account_id: Option<String>,
    /// `vpce-svc-…`.
    pub aws_endpoint_service_id: Option<String>,
    /// AWS region.
    pub region: Option<String>,
    /// The AWS state when Databricks last looked.
    pub state: Option<String>,
    /// `WORKSPACE_ACCESS`, `GENERAL_ACCESS`, `DATAPLANE_RELAY_ACCESS` …
    pub use_case: Option<String>,
}

impl Registration {
    /// Its service: by service id, else, or where sources disagree on the id, by use case, which
    /// cannot tell service direct from the REST API.
    pub fn service(&self) -> Option<Service> {
        let by_id = self.aws_endpoint_service_id.as_deref().and_then(|id| Region::service(service_id(id)));
        match by_id {
            Some((region, service)) if !region.services_disputed() => Some(service),
            _ => match self.use_case.as_deref() {
                Some("DATAPLANE_RELAY_ACCESS") => Some(Service::Relay),
                Some("WORKSPACE_ACCESS" | "GENERAL_ACCESS") => Some(Service::Workspace),
                _ => None,
            },
        }
    }
}

/// Private access settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PrivateAccessSettings {
    /// Id.
    pub private_access_settings_id: String,
    /// Name.
    pub private_access_settings_name: String,
    /// AWS region.
    pub region: Option<String>,
    /// Whether the workspace answers on the public path; left out when false.
    pub public_access_enabled: bool,
    /// `ACCOUNT`, `ENDPOINT`, and `ANY` in old answers.
    pub private_access_level: Option<String>,
    /// Databricks endpoint ids, read at level `ENDPOINT` only.
    pub allowed_vpc_endpoint_ids: Vec<String>,
}

/// A key configuration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct KeyConfiguration {
    /// Id.
    pub customer_managed_key_id: String,
    /// `MANAGED_SERVICES`, `STORAGE`.
    pub use_cases: Vec<String>,
    /// The key.
    pub aws_key_info: AwsKeyInfo,
}

/// The KMS key of a key configuration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct AwsKeyInfo {
    /// ARN.
    pub key_arn: String,
    /// `alias/…`.
    pub key_alias: Option<String>,
    /// AWS region.
    pub key_region: Option<String>,
    /// Whether cluster volumes use the key too; absent means yes.
    pub reuse_key_for_cluster_volumes: Option<bool>,
}

/// A credential configuration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Credential {
    /// Id.
    pub credentials_id: String,
    /// Name.
    pub credentials_name: String,
    /// The role.
    pub aws_credentials: AwsCredentials,
}

/// AWS part of a credential configuration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct AwsCredentials {
    /// The cross-account role.
    pub sts_role: StsRole,
}

/// The cross-account role.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct StsRole {
    /// ARN.
    pub role_arn: String,
}

/// A storage configuration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct StorageConfiguration {
    /// Id.
    pub storage_configuration_id: String,
    /// Name.
    pub storage_configuration_name: String,
    /// The root bucket.
    pub root_bucket_info: RootBucket,
}

/// The root bucket of a storage configuration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RootBucket {
    /// Name.
    pub bucket_name: String,
}

/// An IP access list, of a workspace or of the account console.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct IpAccessList {
    /// Id.
    pub list_id: String,
    /// Name.
    pub label: String,
    /// `ALLOW` or `BLOCK`.
    pub list_type: String,
    /// Addresses and blocks.
    pub ip_addresses: Vec<String>,
    /// A disabled list is not evaluated.
    pub enabled: bool,
}

/// `workspace-conf`: keys with text, or null when never set.
pub type WorkspaceConf = BTreeMap<String, Option<String>>;

/// A cluster: only what concerns the network and encryption.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Cluster {
    /// Id.
    pub cluster_id: String,
    /// Name.
    pub cluster_name: String,
    /// `RUNNING` …
    pub state: Option<String>,
    /// Who made it: `UI`, `API`, `JOB` …
    pub cluster_source: Option<String>,
    /// The driver.
    pub driver: Option<Node>,
    /// The executors.
    pub executors: Vec<Node>,
    /// Whether local disks are encrypted.
    pub enable_local_disk_encryption: Option<bool>,
    /// Keys that may log in to the nodes.
    pub ssh_public_keys: Vec<String>,
}

/// A node of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Node {
    /// Empty with secure cluster connectivity.
    pub public_dns: Option<String>,
    /// Private address.
    pub private_ip: Option<String>,
    /// `i-…`.
    pub instance_id: Option<String>,
}

/// A SQL warehouse.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Warehouse {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Whether it runs on serverless compute.
    pub enable_serverless_compute: bool,
    /// `CLASSIC`, `PRO` …
    pub warehouse_type: Option<String>,
}

/// A log delivery configuration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LogDelivery {
    /// Id.
    pub config_id: String,
    /// `AUDIT_LOGS`, `BILLABLE_USAGE`.
    pub log_type: String,
    /// `ENABLED` or `DISABLED`.
    pub status: String,
    /// Workspaces it is limited to; empty means all.
    pub workspace_ids_filter: Vec<i64>,
}

/// A setting of the account or of a workspace: a tree that depends on its type.
pub type Setting = serde_json::Map<String, serde_json::Value>;
