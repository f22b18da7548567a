//! Databricks account and workspace objects in the shape of the REST API. Enumerations stay
//! text, because the API adds values; booleans and lists that the API leaves out at their zero
//! value default to it.
//!
//! Source: <https://docs.databricks.com/api/account/introduction>.

use serde::Deserialize;
use std::collections::BTreeMap;

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

/// A network connectivity configuration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Ncc {
    /// Id.
    pub network_connectivity_config_id: String,
    /// Name.
    pub name: String,
    /// AWS region.
    pub region: Option<String>,
    /// Rules.
    pub egress_config: Option<NccEgress>,
}

/// Egress rules of a network connectivity configuration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NccEgress {
    /// What applies by default.
    pub default_rules: Option<NccDefaults>,
    /// What applies to destinations.
    pub target_rules: Option<NccTargets>,
}

/// Default rules.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NccDefaults {
    /// The former stable addresses.
    pub aws_stable_ip_rule: Option<StableIpRule>,
}

/// Addresses that serverless compute used to leave from.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct StableIpRule {
    /// Blocks.
    pub cidr_blocks: Vec<String>,
}

/// Rules for destinations.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NccTargets {
    /// Private endpoints on AWS.
    pub aws_private_endpoint_rules: Vec<NccRule>,
}

/// A private endpoint rule.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NccRule {
    /// Id.
    pub rule_id: String,
    /// The configuration it belongs to.
    pub network_connectivity_config_id: Option<String>,
    /// `com.amazonaws.<region>.s3` or `com.amazonaws.vpce.<region>.vpce-svc-…`.
    pub endpoint_service: Option<String>,
    /// Names that lead there.
    pub domain_names: Vec<String>,
    /// Buckets, for S3.
    pub resource_names: Vec<String>,
    /// The endpoint that Databricks made.
    pub vpc_endpoint_id: Option<String>,
    /// Only `ESTABLISHED` works.
    pub connection_state: Option<String>,
    /// S3 only: whether traffic may use it.
    pub enabled: Option<bool>,
    /// Switched off.
    pub deactivated: bool,
    /// Why it failed.
    pub error_message: Option<String>,
}

/// A network policy of the account.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NetworkPolicy {
    /// `default-policy`, `account-policy` or one of the customer's.
    pub network_policy_id: String,
    /// Serverless egress.
    pub egress: Option<PolicyEgress>,
    /// Context-based ingress.
    pub ingress: Option<PolicyIngress>,
    /// Ingress that only logs.
    pub ingress_dry_run: Option<PolicyIngress>,
}

/// Egress part of a network policy.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PolicyEgress {
    /// Internet access.
    pub network_access: Option<EgressAccess>,
}

/// Internet access of serverless compute.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct EgressAccess {
    /// `FULL_ACCESS` or `RESTRICTED_ACCESS`.
    pub restriction_mode: Option<String>,
    /// Names that may be reached.
    pub allowed_internet_destinations: Vec<InternetDestination>,
    /// Buckets that may be reached.
    pub allowed_storage_destinations: Vec<StorageDestination>,
    /// Whether it blocks or only logs.
    pub policy_enforcement: Option<PolicyEnforcement>,
}

/// An internet destination.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct InternetDestination {
    /// A name.
    pub destination: String,
}

/// A storage destination.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct StorageDestination {
    /// A bucket.
    pub bucket_name: Option<String>,
    /// Its region.
    pub region: Option<String>,
}

/// Whether a policy blocks or only logs.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PolicyEnforcement {
    /// `ENFORCED` (default) or `DRY_RUN`.
    pub enforcement_mode: Option<String>,
    /// Products that only log; empty with `DRY_RUN` means all.
    pub dry_run_mode_product_filter: Vec<String>,
}

/// Ingress part of a network policy.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PolicyIngress {
    /// From the internet.
    pub public_access: Option<PublicAccess>,
    /// From registered endpoints.
    pub private_access: Option<PrivateAccess>,
    /// From other workspaces.
    pub cross_workspace_access: Option<CrossWorkspaceAccess>,
}

/// Ingress from the internet.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PublicAccess {
    /// `FULL_ACCESS` or `RESTRICTED_ACCESS`.
    pub restriction_mode: Option<String>,
    /// Evaluated after the deny rules.
    pub allow_rules: Vec<PublicRule>,
    /// Evaluated first.
    pub deny_rules: Vec<PublicRule>,
}

/// A rule for requests from the internet.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PublicRule {
    /// Name.
    pub label: String,
    /// Where from.
    pub origin: Option<PublicOrigin>,
    /// Where to.
    pub destination: Option<BTreeMap<String, serde_json::Value>>,
    /// Who; absent means everyone.
    pub authentication: Option<Authentication>,
}

/// Where a request comes from.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PublicOrigin {
    /// From anywhere.
    pub all_ip_ranges: bool,
    /// From these.
    pub included_ip_ranges: Option<IpRanges>,
    /// From anywhere but these.
    pub excluded_ip_ranges: Option<IpRanges>,
}

/// Address ranges.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct IpRanges {
    /// IPv4 addresses and blocks.
    pub ip_ranges: Vec<String>,
}

/// Who a request comes from.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Authentication {
    /// `IDENTITY_TYPE_ALL_USERS` …
    pub identity_type: Option<String>,
}

/// Ingress from registered endpoints.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PrivateAccess {
    /// `ALLOW_ALL_REGISTERED_ENDPOINTS` or `RESTRICTED_ACCESS`.
    pub restriction_mode: Option<String>,
    /// Evaluated after the deny rules.
    pub allow_rules: Vec<serde_json::Value>,
}

/// Ingress from other workspaces.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct CrossWorkspaceAccess {
    /// `FULL_ACCESS`, `LEGACY_MODE` or `RESTRICTED_ACCESS`.
    pub restriction_mode: Option<String>,
    /// Evaluated after the deny rules.
    pub allow_rules: Vec<serde_json::Value>,
}

/// Which network policy a workspace uses.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct WorkspaceNetwork {
    /// The policy.
    pub network_policy_id: Option<String>,
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
