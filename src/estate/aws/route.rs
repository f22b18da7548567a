//! Route tables, their routes and what subnets they serve.

use serde::{Deserialize, Serialize};

use super::Tag;

/// `aws ec2 describe-route-tables`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RouteTable {
    /// `rtb-…`.
    pub route_table_id: String,
    /// Account.
    pub owner_id: Option<String>,
    /// The VPC.
    pub vpc_id: String,
    /// Routes, in no order that matters.
    pub routes: Vec<Route>,
    /// Subnets and gateways that it serves.
    pub associations: Vec<Association>,
    /// Tags.
    pub tags: Vec<Tag>,
}

impl RouteTable {
    /// Whether subnets without a table of their own use it.
    pub fn is_main(&self) -> bool {
        self.associations.iter().any(|association| association.main)
    }
}

/// An association of a route table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Association {
    /// The main table of the VPC.
    pub main: bool,
    /// The subnet, for an explicit association.
    pub subnet_id: Option<String>,
    /// The gateway, for an edge association.
    pub gateway_id: Option<String>,
}

/// One route. AWS gives one destination and one target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Route {
    /// IPv4 destination.
    pub destination_cidr_block: Option<String>,
    /// IPv6 destination.
    pub destination_ipv6_cidr_block: Option<String>,
    /// Prefix list destination.
    pub destination_prefix_list_id: Option<String>,
    /// `igw-…`, `vgw-…`, `vpce-…` (gateway endpoint) or `local`.
    pub gateway_id: Option<String>,
    /// `nat-…`.
    pub nat_gateway_id: Option<String>,
    /// `tgw-…`.
    pub transit_gateway_id: Option<String>,
    /// `pcx-…`.
    pub vpc_peering_connection_id: Option<String>,
    /// `eni-…`.
    pub network_interface_id: Option<String>,
    /// `i-…`.
    pub instance_id: Option<String>,
    /// `eigw-…`.
    pub egress_only_internet_gateway_id: Option<String>,
    /// `cagw-…`.
    pub carrier_gateway_id: Option<String>,
    /// `lgw-…`.
    pub local_gateway_id: Option<String>,
    /// Cloud WAN.
    pub core_network_arn: Option<String>,
    /// `active` or `blackhole`.
    pub state: Option<String>,
    /// `CreateRoute`, `CreateRouteTable` or `EnableVgwRoutePropagation`.
    pub origin: Option<String>,
}

/// What a route sends packets to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteTarget<'a> {
    /// Inside the VPC.
    Local,
    /// Internet gateway.
    InternetGateway(&'a str),
    /// NAT gateway.
    NatGateway(&'a str),
    /// Gateway endpoint (S3, DynamoDB) or Gateway Load Balancer endpoint.
    VpcEndpoint(&'a str),
    /// Transit gateway.
    TransitGateway(&'a str),
    /// Peering connection.
    Peering(&'a str),
    /// Network interface of an appliance.
    Interface(&'a str),
    /// Virtual private gateway.
    VpnGateway(&'a str),
    /// Egress-only internet gateway.
    EgressOnlyGateway(&'a str),
    /// Another kind, by its id.
    Other(&'a str),
}

impl<'a> RouteTarget<'a> {
    /// The kind as rules name it.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::InternetGateway(_) => "internet-gateway",
            Self::NatGateway(_) => "nat-gateway",
            Self::VpcEndpoint(_) => "vpc-endpoint",
            Self::TransitGateway(_) => "transit-gateway",
            Self::Peering(_) => "peering",
            Self::Interface(_) => "network-interface",
            Self::VpnGateway(_) => "vpn-gateway",
            Self::EgressOnlyGateway(_) => "egress-only-internet-gateway",
            Self::Other(_) => "other",
        }
    }

    /// The id of the target, `local` inside the VPC.
    pub fn id(self) -> &'a str {
        match self {
            Self::Local => "local",
            Self::InternetGateway(id)
            | Self::NatGateway(id)
            | Self::VpcEndpoint(id)
            | Self::TransitGateway(id)
            | Self::Peering(id)
            | Self::Interface(id)
            | Self::VpnGateway(id)
            | Self::EgressOnlyGateway(id)
            | Self::Other(id) => id,
        }
    }
}

impl Route {
    /// Where packets go.
    pub fn target(&self) -> RouteTarget<'_> {
        if let Some(id) = self.gateway_id.as_deref() {
            return match id.split_once('-').map_or(id, |(prefix, _)| prefix) {
                "local" => RouteTarget::Local,
                "igw" => RouteTarget::InternetGateway(id),
                "vgw" => RouteTarget::VpnGateway(id),
                "vpce" => RouteTarget::VpcEndpoint(id),
                _ => RouteTarget::Other(id),
            };
        }
        if let Some(id) = self.nat_gateway_id.as_deref() {
            RouteTarget::NatGateway(id)
        } else if let Some(id) = self.transit_gateway_id.as_deref() {
            RouteTarget::TransitGateway(id)
        } else if let Some(id) = self.vpc_peering_connection_id.as_deref() {
            RouteTarget::Peering(id)
        } else if let Some(id) = self.egress_only_internet_gateway_id.as_deref() {
            RouteTarget::EgressOnlyGateway(id)
        } else if let Some(id) = self.network_interface_id.as_deref().or(self.instance_id.as_deref()) {
            RouteTarget::Interface(id)
        } else {
            let other = self.carrier_gateway_id.as_deref().or(self.local_gateway_id.as_deref());
            RouteTarget::Other(other.or(self.core_network_arn.as_deref()).unwrap_or("unknown"))
        }
    }

    /// The destination as AWS writes it: a block or a prefix list id.
    pub fn destination(&self) -> &str {
        let block = self.destination_cidr_block.as_deref().or(self.destination_ipv6_cidr_block.as_deref());
        block.or(self.destination_prefix_list_id.as_deref()).unwrap_or_default()
    }

    /// Whether the target is gone, so that packets are dropped.
    pub fn is_blackhole(&self) -> bool {
        self.state.as_deref() == Some("blackhole")
    }
}
