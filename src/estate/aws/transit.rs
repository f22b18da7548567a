//! Transit gateways: attachments, route tables, routes.

use serde::{Deserialize, Serialize};

use super::Tag;

/// `aws ec2 describe-transit-gateways`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TransitGateway {
    /// `tgw-…`.
    pub transit_gateway_id: String,
    /// ARN.
    pub transit_gateway_arn: Option<String>,
    /// Account.
    pub owner_id: Option<String>,
    /// `available` …
    pub state: String,
    /// Switches.
    pub options: TransitGatewayOptions,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// Switches of a transit gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TransitGatewayOptions {
    /// `enable`: attachments of other accounts join without being asked.
    pub auto_accept_shared_attachments: Option<String>,
    /// `enable`: attachments join the default table.
    pub default_route_table_association: Option<String>,
    /// `enable`: attachments propagate to the default table.
    pub default_route_table_propagation: Option<String>,
    /// `enable`: groups can be referred to across it.
    pub security_group_referencing_support: Option<String>,
}

/// `aws ec2 describe-transit-gateway-attachments`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TransitAttachment {
    /// `tgw-attach-…`.
    pub transit_gateway_attachment_id: String,
    /// `tgw-…`.
    pub transit_gateway_id: String,
    /// `vpc`, `vpn`, `direct-connect-gateway`, `peering` …
    pub resource_type: String,
    /// What is attached.
    pub resource_id: Option<String>,
    /// Account of what is attached.
    pub resource_owner_id: Option<String>,
    /// `available` …
    pub state: String,
    /// The route table that judges its packets.
    pub association: Option<TransitAssociation>,
}

impl TransitAttachment {
    /// The id of the row of an attachment on one transit gateway. The two sides of a peering
    /// attachment have one attachment id and two transit gateways.
    pub fn row_id(gateway: &str, attachment: &str) -> String {
        format!("{gateway}/{attachment}")
    }
}

/// The route table of an attachment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TransitAssociation {
    /// `tgw-rtb-…`.
    pub transit_gateway_route_table_id: Option<String>,
    /// `associated` …
    pub state: Option<String>,
}

/// `aws ec2 describe-transit-gateway-vpc-attachments`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TransitVpcAttachment {
    /// `tgw-attach-…`.
    pub transit_gateway_attachment_id: String,
    /// `tgw-…`.
    pub transit_gateway_id: String,
    /// The VPC.
    pub vpc_id: String,
    /// Account of the VPC.
    pub vpc_owner_id: Option<String>,
    /// `available` …
    pub state: String,
    /// One subnet a zone.
    pub subnet_ids: Vec<String>,
    /// Switches.
    pub options: Option<TransitVpcOptions>,
}

/// Switches of a VPC attachment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TransitVpcOptions {
    /// `enable`: a flow stays in the zone that it began in.
    pub appliance_mode_support: Option<String>,
    /// `enable`: groups can be referred to across it.
    pub security_group_referencing_support: Option<String>,
    /// `enable`: IPv6 passes.
    pub ipv6_support: Option<String>,
    /// `enable`: public names of attached VPCs resolve to private addresses.
    pub dns_support: Option<String>,
}

/// `aws ec2 describe-transit-gateway-route-tables`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TransitRouteTable {
    /// `tgw-rtb-…`.
    pub transit_gateway_route_table_id: String,
    /// `tgw-…`.
    pub transit_gateway_id: String,
    /// `available` …
    pub state: String,
}

/// A route of `aws ec2 search-transit-gateway-routes`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TransitRoute {
    /// Destination.
    pub destination_cidr_block: Option<String>,
    /// Destination by prefix list.
    pub prefix_list_id: Option<String>,
    /// Where it leads.
    pub transit_gateway_attachments: Vec<TransitRouteAttachment>,
    /// `static` or `propagated`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// `active` or `blackhole`.
    pub state: String,
}

/// Where a transit gateway route leads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TransitRouteAttachment {
    /// `tgw-attach-…`.
    pub transit_gateway_attachment_id: String,
    /// What is attached.
    pub resource_id: Option<String>,
    /// As in [`TransitAttachment::resource_type`].
    pub resource_type: Option<String>,
}
