//! NAT, internet and egress-only gateways, peering, and the region's Block Public Access.

use serde::Deserialize;

use super::Tag;

/// `aws ec2 describe-nat-gateways`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NatGateway {
    /// `nat-…`.
    pub nat_gateway_id: String,
    /// The VPC.
    pub vpc_id: Option<String>,
    /// The subnet it sits in.
    pub subnet_id: Option<String>,
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
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NatAddress {
    /// Public IPv4 address.
    pub public_ip: Option<String>,
    /// Private IPv4 address.
    pub private_ip: Option<String>,
    /// `eni-…`.
    pub network_interface_id: Option<String>,
}

/// `aws ec2 describe-internet-gateways`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GatewayAttachment {
    /// The VPC.
    pub vpc_id: Option<String>,
    /// `available` or `attached`.
    pub state: Option<String>,
}

/// `aws ec2 describe-egress-only-internet-gateways`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EgressOnlyGateway {
    /// `eigw-…`.
    pub egress_only_internet_gateway_id: String,
    /// VPCs.
    pub attachments: Vec<GatewayAttachment>,
}

/// `aws ec2 describe-vpc-peering-connections`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
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
}

/// State of a peering connection.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PeeringStatus {
    /// `active`, `pending-acceptance`, `deleted`, `rejected`, `failed`, `expired` …
    pub code: String,
    /// In words.
    pub message: Option<String>,
}

/// `aws ec2 describe-vpc-block-public-access-options`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct BlockPublicAccess {
    /// Account.
    pub aws_account_id: Option<String>,
    /// Region.
    pub aws_region: Option<String>,
    /// `off`, `block-bidirectional` or `block-ingress`.
    pub internet_gateway_block_mode: Option<String>,
}
