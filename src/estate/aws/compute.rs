//! Network interfaces, instances and elastic addresses.

use serde::{Deserialize, Serialize};

use super::{GroupPair, Tag};

/// `aws ec2 describe-network-interfaces`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Interface {
    /// `eni-…`.
    pub network_interface_id: String,
    /// Account.
    pub owner_id: Option<String>,
    /// The subnet.
    pub subnet_id: Option<String>,
    /// The VPC.
    pub vpc_id: Option<String>,
    /// `eu-west-1a`.
    pub availability_zone: Option<String>,
    /// `interface`, `vpc_endpoint`, `nat_gateway`, `transit_gateway` …
    pub interface_type: Option<String>,
    /// Primary private IPv4 address.
    pub private_ip_address: Option<String>,
    /// Every private IPv4 address, the primary one included.
    pub private_ip_addresses: Vec<PrivateAddress>,
    /// Every IPv6 address.
    pub ipv6_addresses: Vec<Ipv6Address>,
    /// Security groups.
    pub groups: Vec<GroupPair>,
    /// Public IPv4 address, if it has one.
    pub association: Option<PublicAssociation>,
    /// What it is attached to.
    pub attachment: Option<Attachment>,
    /// Whether packets for others are dropped.
    pub source_dest_check: Option<bool>,
    /// `VPC Endpoint Interface vpce-…` and the like.
    pub description: Option<String>,
    /// Tags.
    pub tag_set: Vec<Tag>,
}

/// A private IPv4 address of an interface.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PrivateAddress {
    /// The address.
    pub private_ip_address: Option<String>,
    /// Whether it is the one that the interface was made with.
    pub primary: Option<bool>,
    /// Public IPv4 address that stands for it, if any.
    pub association: Option<PublicAssociation>,
}

/// An IPv6 address of an interface.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Ipv6Address {
    /// The address.
    pub ipv6_address: Option<String>,
}

/// The public address of an interface.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PublicAssociation {
    /// Public IPv4 address.
    pub public_ip: Option<String>,
}

/// What an interface is attached to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Attachment {
    /// `i-…`.
    pub instance_id: Option<String>,
    /// `attached` …
    pub status: Option<String>,
}

/// An instance of `aws ec2 describe-instances`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Instance {
    /// `i-…`.
    pub instance_id: String,
    /// The subnet.
    pub subnet_id: Option<String>,
    /// The VPC.
    pub vpc_id: Option<String>,
    /// Public IPv4 address, if it has one.
    pub public_ip_address: Option<String>,
    /// Primary private IPv4 address.
    pub private_ip_address: Option<String>,
    /// Security groups.
    pub security_groups: Vec<GroupPair>,
    /// Its interfaces, in short.
    pub network_interfaces: Vec<InstanceInterface>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// An interface as an instance lists it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct InstanceInterface {
    /// `eni-…`.
    pub network_interface_id: Option<String>,
    /// Account.
    pub owner_id: Option<String>,
    /// Public IPv4 address, if it has one.
    pub association: Option<PublicAssociation>,
}

/// `aws ec2 describe-addresses`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Address {
    /// The address itself.
    pub public_ip: String,
    /// `eipalloc-…`.
    pub allocation_id: Option<String>,
    /// `eni-…` that has it.
    pub network_interface_id: Option<String>,
    /// `i-…` that has it.
    pub instance_id: Option<String>,
    /// Account of the interface.
    pub network_interface_owner_id: Option<String>,
}
