//! Route 53 hosted zones and records, Resolver endpoints and rules.

use serde::{Deserialize, Serialize};

/// A hosted zone with the VPCs that see it (`get-hosted-zone`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostedZone {
    /// Zone id without the `/hostedzone/` prefix.
    pub id: String,
    /// Name without the trailing dot, in lower case.
    pub name: String,
    /// Private zone.
    pub private: bool,
    /// VPCs that see it: all of them, or those that were asked for their zones; `None` when only the
    /// list of zones was collected.
    pub vpcs: Option<Vec<ZoneVpc>>,
}

/// A VPC that sees a private zone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ZoneVpc {
    /// Region.
    #[serde(rename = "VPCRegion")]
    pub region: Option<String>,
    /// The VPC.
    #[serde(rename = "VPCId")]
    pub vpc_id: String,
}

/// A record of a zone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RecordSet {
    /// Name with the trailing dot, as Route 53 writes it.
    pub name: String,
    /// `A`, `AAAA`, `CNAME` …
    #[serde(rename = "Type")]
    pub kind: String,
    /// Seconds.
    #[serde(rename = "TTL")]
    pub ttl: Option<i64>,
    /// Values.
    pub resource_records: Vec<RecordValue>,
    /// Alias, instead of values.
    pub alias_target: Option<AliasTarget>,
}

/// A value of a record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RecordValue {
    /// The value.
    pub value: String,
}

/// What an alias record points at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AliasTarget {
    /// The name.
    #[serde(rename = "DNSName")]
    pub dns_name: String,
    /// The zone of the name.
    #[serde(rename = "HostedZoneId")]
    pub hosted_zone_id: Option<String>,
}

impl RecordSet {
    /// The name without trailing dot and in lower case, the escape of `*` undone.
    pub fn host(&self) -> String {
        host_name(&self.name).replace("\\052", "*")
    }

    /// The values without trailing dots.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.resource_records.iter().map(|record| record.value.trim_end_matches('.'))
    }
}

/// A DNS name without trailing dot and in lower case.
pub fn host_name(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// `aws route53resolver list-resolver-endpoints`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ResolverEndpoint {
    /// `rslvr-in-…` or `rslvr-out-…`.
    pub id: String,
    /// ARN.
    pub arn: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Security groups.
    pub security_group_ids: Vec<String>,
    /// `INBOUND`, `OUTBOUND` …
    pub direction: String,
    /// How many addresses, each in a subnet of its own.
    pub ip_address_count: Option<i64>,
    /// The VPC.
    #[serde(rename = "HostVPCId")]
    pub host_vpc_id: Option<String>,
    /// `OPERATIONAL` …
    pub status: Option<String>,
}

/// `aws route53resolver list-resolver-rules`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ResolverRule {
    /// `rslvr-rr-…`.
    pub id: String,
    /// ARN.
    pub arn: Option<String>,
    /// The domain that it forwards.
    pub domain_name: Option<String>,
    /// `FORWARD`, `SYSTEM`, `RECURSIVE`.
    pub rule_type: Option<String>,
    /// The outbound endpoint.
    pub resolver_endpoint_id: Option<String>,
    /// Name servers that it forwards to.
    pub target_ips: Vec<ResolverTarget>,
    /// `COMPLETE`, `DELETING`, `UPDATING` or `FAILED`.
    pub status: Option<String>,
}

/// A name server that a rule forwards to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ResolverTarget {
    /// IPv4 address.
    pub ip: Option<String>,
    /// IPv6 address.
    pub ipv6: Option<String>,
    /// Port; 53 when nothing is said.
    pub port: Option<i64>,
}

/// `aws route53resolver list-resolver-rule-associations`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ResolverRuleAssociation {
    /// `rslvr-rrassoc-…`.
    pub id: String,
    /// The rule.
    pub resolver_rule_id: String,
    /// The VPC.
    #[serde(rename = "VPCId")]
    pub vpc_id: String,
    /// `CREATING`, `COMPLETE`, `DELETING`, `FAILED` or `OVERRIDDEN`.
    pub status: Option<String>,
}
