//! Security groups and network ACLs.

use serde::{Deserialize, Serialize};

use super::Tag;

/// `aws ec2 describe-security-groups`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SecurityGroup {
    /// `sg-…`.
    pub group_id: String,
    /// Name, `default` for the VPC's default group.
    pub group_name: String,
    /// Account.
    pub owner_id: Option<String>,
    /// The VPC; `None` when only rules of the group were collected.
    pub vpc_id: Option<String>,
    /// Inbound permissions.
    pub ip_permissions: Vec<IpPermission>,
    /// Outbound permissions.
    pub ip_permissions_egress: Vec<IpPermission>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A permission: protocol and ports, with every peer that has them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct IpPermission {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all, or a protocol number as text.
    pub ip_protocol: String,
    /// First port, or ICMP type; absent or -1 for all.
    pub from_port: Option<i64>,
    /// Last port, or ICMP code; absent or -1 for all.
    pub to_port: Option<i64>,
    /// IPv4 peers.
    pub ip_ranges: Vec<IpRange>,
    /// IPv6 peers.
    pub ipv6_ranges: Vec<Ipv6Range>,
    /// Peers by group.
    pub user_id_group_pairs: Vec<GroupPair>,
    /// Peers by prefix list.
    pub prefix_list_ids: Vec<PrefixListRef>,
}

/// An IPv4 peer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct IpRange {
    /// Block.
    pub cidr_ip: String,
}

/// An IPv6 peer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Ipv6Range {
    /// Block.
    pub cidr_ipv6: String,
}

/// A peer by group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GroupPair {
    /// `sg-…`.
    pub group_id: String,
    /// Account of the group.
    pub user_id: Option<String>,
    /// VPC of the group, when it is another one.
    pub vpc_id: Option<String>,
    /// `pcx-…` that leads to the group.
    pub vpc_peering_connection_id: Option<String>,
    /// State of that peering connection.
    pub peering_status: Option<String>,
}

/// A peer by prefix list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PrefixListRef {
    /// `pl-…`.
    pub prefix_list_id: String,
}

/// `aws ec2 describe-security-group-rules`: one object a peer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GroupRule {
    /// `sgr-…`.
    pub security_group_rule_id: String,
    /// The group it belongs to.
    pub group_id: String,
    /// Account.
    pub group_owner_id: Option<String>,
    /// Outbound.
    pub is_egress: bool,
    /// As in [`IpPermission::ip_protocol`].
    pub ip_protocol: String,
    /// First port.
    pub from_port: Option<i64>,
    /// Last port.
    pub to_port: Option<i64>,
    /// IPv4 peer.
    pub cidr_ipv4: Option<String>,
    /// IPv6 peer.
    pub cidr_ipv6: Option<String>,
    /// Peer by prefix list.
    pub prefix_list_id: Option<String>,
    /// Peer by group.
    pub referenced_group_info: Option<ReferencedGroup>,
}

/// The group that a rule refers to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ReferencedGroup {
    /// `sg-…`.
    pub group_id: String,
    /// As in [`GroupPair::user_id`].
    pub user_id: Option<String>,
    /// As in [`GroupPair::vpc_id`].
    pub vpc_id: Option<String>,
    /// As in [`GroupPair::vpc_peering_connection_id`].
    pub vpc_peering_connection_id: Option<String>,
    /// As in [`GroupPair::peering_status`].
    pub peering_status: Option<String>,
}

/// `aws ec2 describe-network-acls`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworkAcl {
    /// `acl-…`.
    pub network_acl_id: String,
    /// Account.
    pub owner_id: Option<String>,
    /// The VPC.
    pub vpc_id: String,
    /// The VPC's default ACL.
    pub is_default: bool,
    /// Entries; the order of the list means nothing, the rule number does.
    pub entries: Vec<AclEntry>,
    /// Subnets that it guards.
    pub associations: Vec<AclAssociation>,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// One numbered entry of a network ACL.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AclEntry {
    /// Lowest first; 32767 is the implicit deny.
    pub rule_number: i64,
    /// Outbound.
    pub egress: bool,
    /// `allow` or `deny`.
    pub rule_action: String,
    /// Protocol number as text, `-1` for all.
    pub protocol: String,
    /// IPv4 peer.
    pub cidr_block: Option<String>,
    /// IPv6 peer.
    pub ipv6_cidr_block: Option<String>,
    /// Destination ports; absent for all.
    pub port_range: Option<PortBounds>,
    /// ICMP type and code.
    pub icmp_type_code: Option<IcmpTypeCode>,
}

/// First and last port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PortBounds {
    /// First.
    pub from: i64,
    /// Last.
    pub to: i64,
}

/// ICMP type and code, -1 for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct IcmpTypeCode {
    /// Type.
    #[serde(rename = "Type")]
    pub kind: i64,
    /// Code.
    pub code: i64,
}

/// A subnet that a network ACL guards.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AclAssociation {
    /// The subnet.
    pub subnet_id: String,
}
