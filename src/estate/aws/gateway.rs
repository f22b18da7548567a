//! NAT, internet, egress-only and VPN gateways, peering, and the region's Block Public Access.

use serde::{Deserialize, Serialize};

use super::Tag;

/// `aws ec2 describe-nat-gateways`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NatGateway {
    /// `nat-…`.
    pub nat_gateway_id: String,
    /// The VPC.
    pub vpc_id: Option<String>,
    /// The subnet it sits in; a regional one sits in none.
    pub subnet_id: Option<String>,
    /// `zonal` (default) or `regional`.
    pub availability_mode: Option<String>,
    /// The route table of a regional one, which decides where its packets go.
    pub route_table_id: Option<String>,
    /// `pending`, `failed`, `available`, `deleting` or `deleted`.
    pub state: String,
    /// `public` (default) or `private`.
    pub connectivity_type: Option<String>,
    /// Its addresses.
    pub nat_gateway_addresses: Vec<NatAddress>,
    /// Why it failed.
    pub failure_message: Option<String>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// An address of a NAT gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NatAddress {
    /// Public IPv4 address.
    pub public_ip: Option<String>,
    /// Private IPv4 address.
    pub private_ip: Option<String>,
    /// `eni-…`.
    pub network_interface_id: Option<String>,
    /// Whether it is the first address of its zone.
    pub is_primary: Option<bool>,
    /// `succeeded`, `failed`, `associating`, `disassociating` …
    pub status: Option<String>,
    /// `eu-west-1a`, for a regional gateway.
    pub availability_zone: Option<String>,
}

/// `aws ec2 describe-internet-gateways`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct InternetGateway {
    /// `igw-…`.
    pub internet_gateway_id: String,
    /// Account.
    pub owner_id: Option<String>,
    /// VPCs.
    pub attachments: Vec<GatewayAttachment>,
}

/// A VPC that a gateway is attached to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GatewayAttachment {
    /// The VPC.
    pub vpc_id: Option<String>,
    /// `available` or `attached`.
    pub state: Option<String>,
}

/// `aws ec2 describe-egress-only-internet-gateways`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EgressOnlyGateway {
    /// `eigw-…`.
    pub egress_only_internet_gateway_id: String,
    /// VPCs.
    pub attachments: Vec<GatewayAttachment>,
}

/// `aws ec2 describe-vpn-gateways`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct VpnGateway {
    /// `vgw-…`.
    pub vpn_gateway_id: String,
    /// `available` …
    pub state: Option<String>,
    /// VPCs; one that it was taken off stays here as `detached`.
    pub vpc_attachments: Vec<GatewayAttachment>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// `aws ec2 describe-vpc-peering-connections`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Peering {
    /// `pcx-…`.
    pub vpc_peering_connection_id: String,
    /// Who asked.
    pub requester_vpc_info: PeeringSide,
    /// Who was asked.
    pub accepter_vpc_info: PeeringSide,
    /// State.
    pub status: PeeringStatus,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// One side of a peering connection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PeeringSide {
    /// The VPC.
    pub vpc_id: Option<String>,
    /// Account.
    pub owner_id: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Primary IPv4 block.
    pub cidr_block: Option<String>,
    /// Every IPv4 block, the primary one included.
    pub cidr_block_set: Vec<PeeringBlock>,
    /// Every IPv6 block.
    pub ipv6_cidr_block_set: Vec<PeeringBlock>,
    /// Switches.
    pub peering_options: Option<PeeringOptions>,
}

/// A block of one side of a peering connection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PeeringBlock {
    /// IPv4 block.
    pub cidr_block: Option<String>,
    /// IPv6 block.
    pub ipv6_cidr_block: Option<String>,
}

/// Switches of one side of a peering connection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PeeringOptions {
    /// Public names of this side resolve to private addresses on the other.
    pub allow_dns_resolution_from_remote_vpc: Option<bool>,
}

/// State of a peering connection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PeeringStatus {
    /// `active`, `pending-acceptance`, `deleted`, `rejected`, `failed`, `expired` …
    pub code: String,
    /// In words.
    pub message: Option<String>,
}

/// `aws ec2 describe-vpc-block-public-access-options`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct BlockPublicAccess {
    /// Account.
    pub aws_account_id: Option<String>,
    /// Region.
    pub aws_region: Option<String>,
    /// `off`, `block-bidirectional` or `block-ingress`.
    pub internet_gateway_block_mode: Option<String>,
}

/// `aws ec2 describe-vpc-block-public-access-exclusions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct BlockPublicAccessExclusion {
    /// `vpcbpa-exclude-…`.
    pub exclusion_id: String,
    /// `allow-bidirectional` or `allow-egress`.
    pub internet_gateway_exclusion_mode: Option<String>,
    /// The VPC or subnet that is excluded.
    pub resource_arn: Option<String>,
    /// `create-complete`, `update-complete`, `delete-complete`, `disable-complete` …
    pub state: Option<String>,
}
