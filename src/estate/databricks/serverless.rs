//! Serverless compute: network connectivity configurations and network policies.

use std::collections::BTreeMap;

use serde::Deserialize;

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
