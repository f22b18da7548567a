//! VPCs, subnets and DHCP options.

use serde::{Deserialize, Serialize};

use super::Tag;

/// `aws ec2 describe-vpcs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Vpc {
    /// `vpc-…`.
    pub vpc_id: String,
    /// Account.
    pub owner_id: Option<String>,
    /// Primary block.
    pub cidr_block: Option<String>,
    /// Every IPv4 block, the primary one included.
    pub cidr_block_association_set: Vec<CidrAssociation>,
    /// Every IPv6 block.
    pub ipv6_cidr_block_association_set: Vec<CidrAssociation>,
    /// `dopt-…` or `default`.
    pub dhcp_options_id: Option<String>,
    /// The account's default VPC.
    pub is_default: bool,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// One CIDR block of a VPC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CidrAssociation {
    /// IPv4 block.
    pub cidr_block: Option<String>,
    /// IPv6 block.
    pub ipv6_cidr_block: Option<String>,
    /// `{"State": "associated"}`.
    #[serde(alias = "Ipv6CidrBlockState")]
    pub cidr_block_state: Option<serde_json::Map<String, serde_json::Value>>,
}

impl CidrAssociation {
    /// Whether the block is in force.
    pub fn is_associated(&self) -> bool {
        let state = self.cidr_block_state.as_ref().and_then(|state| state.get("State")).and_then(|s| s.as_str());
        state.is_none_or(|state| state == "associated")
    }
}

/// `aws ec2 describe-subnets`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Subnet {
    /// `subnet-…`.
    pub subnet_id: String,
    /// Account.
    pub owner_id: Option<String>,
    /// The VPC it lies in.
    pub vpc_id: String,
    /// IPv4 block.
    pub cidr_block: String,
    /// `eu-west-1a`.
    pub availability_zone: Option<String>,
    /// `euw1-az2`, the same zone in every account.
    pub availability_zone_id: Option<String>,
    /// Free IPv4 addresses at the time of the answer.
    pub available_ip_address_count: Option<i64>,
    /// Whether instances get a public IPv4 address when launched.
    pub map_public_ip_on_launch: Option<bool>,
    /// IPv6 blocks.
    pub ipv6_cidr_block_association_set: Vec<CidrAssociation>,
    /// `arn:aws:ec2:…`.
    pub subnet_arn: Option<String>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// `aws ec2 describe-dhcp-options`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DhcpOptions {
    /// `dopt-…`.
    pub dhcp_options_id: String,
    /// Account.
    pub owner_id: Option<String>,
    /// Keys with their values.
    pub dhcp_configurations: Vec<DhcpConfiguration>,
}

/// One key of a DHCP option set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DhcpConfiguration {
    /// `domain-name-servers` …
    pub key: String,
    /// Values.
    pub values: Vec<DhcpValue>,
}

/// One value of a DHCP option.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DhcpValue {
    /// The value.
    pub value: String,
}

impl DhcpOptions {
    /// The name servers that it hands out, `AmazonProvidedDNS` for the VPC's own resolver.
    pub fn name_servers(&self) -> Vec<String> {
        let servers = self.dhcp_configurations.iter().filter(|entry| entry.key == "domain-name-servers");
        servers.flat_map(|entry| entry.values.iter().map(|value| value.value.clone())).collect()
    }
}
