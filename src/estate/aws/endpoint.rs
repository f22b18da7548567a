//! VPC endpoints and endpoint services.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::{GroupPair, Tag};
use crate::estate::policy::Policy;

/// `aws ec2 describe-vpc-endpoints`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct VpcEndpoint {
    /// `vpce-…`.
    pub vpc_endpoint_id: String,
    /// `Interface`, `Gateway`, `GatewayLoadBalancer` …
    pub vpc_endpoint_type: Option<String>,
    /// The VPC.
    pub vpc_id: String,
    /// `com.amazonaws.<region>.s3`, `com.amazonaws.vpce.<region>.vpce-svc-…`.
    pub service_name: String,
    /// Region of the service, when the answer says it.
    pub service_region: Option<String>,
    /// `available`, `pendingAcceptance`, `rejected` … (AWS writes several spellings).
    pub state: String,
    /// The policy document as text.
    pub policy_document: Option<String>,
    /// Route tables of a gateway endpoint.
    pub route_table_ids: Vec<String>,
    /// Subnets of an interface endpoint.
    pub subnet_ids: Vec<String>,
    /// Security groups of an interface endpoint.
    pub groups: Vec<GroupPair>,
    /// Whether the service's names resolve to it inside the VPC.
    pub private_dns_enabled: bool,
    /// Its interfaces.
    pub network_interface_ids: Vec<String>,
    /// Its names.
    pub dns_entries: Vec<DnsEntry>,
    /// Address family and scope of its names.
    pub dns_options: Option<DnsOptions>,
    /// Account.
    pub owner_id: Option<String>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// See [`VpcEndpoint::policy`].
    #[serde(skip)]
    pub parsed: OnceLock<Result<Policy, String>>,
}

impl VpcEndpoint {
    /// The policy, or why it cannot be read; none for the kinds of endpoint that have none.
    /// Many rules ask for it, so it is parsed once.
    pub fn policy(&self) -> Option<Result<&Policy, &str>> {
        let document = self.policy_document.as_deref()?;
        let parsed = self.parsed.get_or_init(|| Policy::parse(document).map_err(|problem| problem.to_string()));
        Some(parsed.as_ref().map_err(String::as_str))
    }
}

/// A name of an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DnsEntry {
    /// The name.
    pub dns_name: Option<String>,
    /// The zone that holds it.
    pub hosted_zone_id: Option<String>,
}

/// DNS options of an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DnsOptions {
    /// `ipv4`, `dualstack` …
    pub dns_record_ip_type: Option<String>,
    /// Private DNS only for inbound resolver endpoints (S3).
    pub private_dns_only_for_inbound_resolver_endpoint: Option<bool>,
}

/// `aws ec2 describe-vpc-endpoint-service-configurations`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EndpointService {
    /// `vpce-svc-…`.
    pub service_id: String,
    /// `com.amazonaws.vpce.<region>.vpce-svc-…`.
    pub service_name: String,
    /// `Available` …
    pub service_state: Option<String>,
    /// Whether its owner accepts each connection by hand.
    pub acceptance_required: Option<bool>,
    /// Interface, gateway.
    pub service_type: Vec<EndpointServiceType>,
    /// Names that it may own.
    pub private_dns_name: Option<String>,
}

/// Type of an endpoint service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EndpointServiceType {
    /// `Interface` …
    pub service_type: Option<String>,
}
