//! What is published about Databricks in each AWS region: endpoint services, host names,
//! address ranges, bucket names. The data is embedded from `region.json`, with the source of
//! each value beside it; a value that no source gives is absent here, never guessed.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;

const DATA: &str = include_str!("region.json");

/// Databricks in one AWS region, or in one shard of it (GovCloud has two).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Region {
    /// AWS region.
    pub region: String,
    /// `civilian` or `dod` in GovCloud.
    pub shard: Option<String>,
    /// `aws` or `aws-us-gov`.
    pub partition: String,
    /// The AWS account that Databricks acts from.
    pub databricks_aws_account_id: String,
    /// What Databricks calls the region, in host names and in paths of root buckets.
    pub region_name: Option<String>,
    /// Endpoint service of the web application and REST API.
    pub workspace_vpce_service: Option<String>,
    /// Endpoint service of the secure cluster connectivity relay.
    pub scc_relay_vpce_service: Option<String>,
    /// Endpoint service for performance-intensive services.
    pub service_direct_vpce_service: Option<String>,
    /// Name that workspace names lead to while no private access settings are attached.
    pub webapp_hostname: Option<String>,
    /// Relay name on the public path.
    pub scc_relay_hostname: Option<String>,
    /// Relay name over PrivateLink.
    pub scc_relay_privatelink_hostname: Option<String>,
    /// The same after the pattern of other regions; not seen.
    pub scc_relay_privatelink_hostname_pattern_candidate: Option<String>,
    /// Name that workspace names lead to once private access settings are attached.
    pub privatelink_domain: Option<String>,
    /// The same after the pattern of other regions; not seen.
    pub privatelink_domain_pattern_candidate: Option<String>,
    /// Buckets that clusters fetch their images from.
    pub artifact_buckets: Option<Vec<String>>,
    /// Bucket that clusters write logs to.
    pub log_bucket: Option<String>,
    /// Bucket of system tables.
    pub system_tables_bucket: Option<String>,
    /// Addresses that the control plane answers on.
    pub control_plane_inbound_cidrs: Option<Vec<String>>,
    /// Addresses that the control plane calls from.
    pub control_plane_egress_cidrs: Option<Vec<String>>,
}

/// Which Databricks service an endpoint leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Web application and REST API.
    Workspace,
    /// Secure cluster connectivity relay.
    Relay,
    /// Performance-intensive services.
    ServiceDirect,
}

impl Service {
    /// As rules name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Workspace => "databricks-workspace",
            Self::Relay => "databricks-relay",
            Self::ServiceDirect => "databricks-service-direct",
        }
    }
}

impl Region {
    /// The region of this name; the civilian shard where there are two.
    pub fn named(name: &str) -> Option<&'static Self> {
        regions().iter().find(|region| region.region == name)
    }

    /// One shard of a region that has several.
    pub fn named_in_shard(name: &str, shard: &str) -> Option<&'static Self> {
        regions().iter().find(|region| region.region == name && region.shard.as_deref() == Some(shard))
    }

    /// The endpoint services of the region, by their names.
    pub fn services(&self) -> impl Iterator<Item = (&str, Service)> {
        let services = [
            (&self.workspace_vpce_service, Service::Workspace),
            (&self.scc_relay_vpce_service, Service::Relay),
            (&self.service_direct_vpce_service, Service::ServiceDirect),
        ];
        services.into_iter().filter_map(|(name, service)| Some((name.as_deref()?, service)))
    }

    /// The service behind an endpoint service id (`vpce-svc-…`) or a whole service name.
    pub fn service(id: &str) -> Option<(&'static Self, Service)> {
        static INDEX: OnceLock<HashMap<&'static str, (&'static Region, Service)>> = OnceLock::new();
        let index = INDEX.get_or_init(|| {
            let mut index = HashMap::new();
            for region in regions() {
                index.extend(region.services().map(|(name, service)| (service_id(name), (region, service))));
            }
            index
        });
        index.get(service_id(id)).copied()
    }

    /// Whether sources disagree which of the two services is which (GovCloud DoD).
    pub fn services_disputed(&self) -> bool {
        self.shard.as_deref() == Some("dod")
    }

    /// Whether this is GovCloud, where the relay answers on 2443 and not on 6666.
    pub fn is_gov(&self) -> bool {
        self.partition == "aws-us-gov"
    }

    /// The port of the relay over PrivateLink.
    pub fn relay_port(&self) -> u16 {
        if self.is_gov() { 2443 } else { 6666 }
    }

    /// The principal that Databricks acts as.
    pub fn databricks_principal(&self) -> String {
        format!("arn:{}:iam::{}:root", self.partition, self.databricks_aws_account_id)
    }

    /// The account that owns the artifact buckets.
    pub fn artifact_owner(&self) -> &str {
        if self.is_gov() { "282567162347" } else { &self.databricks_aws_account_id }
    }

    /// All shards of a region.
    pub fn shards(name: &str) -> impl Iterator<Item = &'static Self> {
        regions().iter().filter(move |region| region.region == name)
    }

    /// The name that workspace names lead to over PrivateLink, seen or after the pattern.
    pub fn privatelink_name(&self) -> Option<&str> {
        self.privatelink_domain.as_deref().or(self.privatelink_domain_pattern_candidate.as_deref())
    }
}

/// The last label of a service name: `vpce-svc-…`.
pub fn service_id(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// The region in a service name (`com.amazonaws.vpce.<region>.vpce-svc-…`, `com.amazonaws.<region>.s3`).
pub fn service_region(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("com.amazonaws.").or_else(|| name.strip_prefix("cn.com.amazonaws."))?;
    rest.strip_prefix("vpce.").unwrap_or(rest).split('.').next()
}

fn regions() -> &'static [Region] {
    static REGIONS: OnceLock<Vec<Region>> = OnceLock::new();
    REGIONS.get_or_init(|| serde_json::from_str(DATA).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{Region, Service, regions, service_region};

    #[test]
    fn the_embedded_data_is_read_whole() {
        assert_eq!(regions().len(), 19);
    }

    #[test]
    fn a_service_is_known_by_id_and_by_name() {
        let (region, service) = Region::service("vpce-svc-02691fd610d24fd64").unwrap_or_else(|| panic!("not found"));
        assert_eq!((region.region.as_str(), service), ("ap-northeast-1", Service::Workspace));
        let by_name = Region::service("com.amazonaws.vpce.ap-northeast-1.vpce-svc-02aa633bda3edbec0");
        assert_eq!(by_name.map(|(_, service)| service), Some(Service::Relay));
        assert!(Region::service("vpce-svc-0123").is_none());
    }

    #[test]
    fn gov_cloud_relays_on_2443() {
        assert_eq!(Region::named("us-gov-west-1").map(Region::relay_port), Some(2443));
        assert_eq!(Region::named("eu-west-1").map(Region::relay_port), Some(6666));
    }

    #[test]
    fn a_service_name_holds_its_region() {
        assert_eq!(service_region("com.amazonaws.vpce.eu-west-1.vpce-svc-0"), Some("eu-west-1"));
        assert_eq!(service_region("com.amazonaws.eu-west-1.s3"), Some("eu-west-1"));
        assert_eq!(service_region("aws.sagemaker.eu-west-1.notebook"), None);
    }
}
