//! Transit gateways: attachments, route tables, routes.

use aws_sdk_ec2::types as t;

use super::words::{each, tags, text, word};
use crate::estate::aws as a;

pub(super) fn gateway(gateway: t::TransitGateway) -> a::TransitGateway {
    a::TransitGateway {
        transit_gateway_id: text(gateway.transit_gateway_id),
        transit_gateway_arn: gateway.transit_gateway_arn,
        owner_id: gateway.owner_id,
        state: text(gateway.state),
        options: gateway
            .options
            .map(|options| a::TransitGatewayOptions {
                auto_accept_shared_attachments: word(options.auto_accept_shared_attachments),
                default_route_table_association: word(options.default_route_table_association),
                default_route_table_propagation: word(options.default_route_table_propagation),
                security_group_referencing_support: word(options.security_group_referencing_support),
            })
            .unwrap_or_default(),
        tags: tags(gateway.tags),
    }
}

pub(super) fn attachment(attachment: t::TransitGatewayAttachment) -> a::TransitAttachment {
    a::TransitAttachment {
        transit_gateway_attachment_id: text(attachment.transit_gateway_attachment_id),
        transit_gateway_id: text(attachment.transit_gateway_id),
        resource_type: text(attachment.resource_type),
        resource_id: attachment.resource_id,
        resource_owner_id: attachment.resource_owner_id,
        state: text(attachment.state),
        association: attachment.association.map(|association| a::TransitAssociation {
            transit_gateway_route_table_id: association.transit_gateway_route_table_id,
            state: word(association.state),
        }),
    }
}

/// Both sides of a peering have one attachment id.
pub(super) fn attachment_id(row: &a::TransitAttachment) -> String {
    a::TransitAttachment::row_id(&row.transit_gateway_id, &row.transit_gateway_attachment_id)
}

pub(super) fn vpc_attachment(attachment: t::TransitGatewayVpcAttachment) -> a::TransitVpcAttachment {
    a::TransitVpcAttachment {
        transit_gateway_attachment_id: text(attachment.transit_gateway_attachment_id),
        transit_gateway_id: text(attachment.transit_gateway_id),
        vpc_id: text(attachment.vpc_id),
        vpc_owner_id: attachment.vpc_owner_id,
        state: text(attachment.state),
        subnet_ids: attachment.subnet_ids.unwrap_or_default(),
        options: attachment.options.map(|options| a::TransitVpcOptions {
            appliance_mode_support: word(options.appliance_mode_support),
            security_group_referencing_support: word(options.security_group_referencing_support),
            ipv6_support: word(options.ipv6_support),
            dns_support: word(options.dns_support),
        }),
    }
}

pub(super) fn route_table(table: t::TransitGatewayRouteTable) -> a::TransitRouteTable {
    a::TransitRouteTable {
        transit_gateway_route_table_id: text(table.transit_gateway_route_table_id),
        transit_gateway_id: text(table.transit_gateway_id),
        state: text(table.state),
    }
}

pub(super) fn route(route: t::TransitGatewayRoute) -> a::TransitRoute {
    a::TransitRoute {
        destination_cidr_block: route.destination_cidr_block,
        prefix_list_id: route.prefix_list_id,
        transit_gateway_attachments: each(route.transit_gateway_attachments, |attachment| a::TransitRouteAttachment {
            transit_gateway_attachment_id: text(attachment.transit_gateway_attachment_id),
            resource_id: attachment.resource_id,
            resource_type: word(attachment.resource_type),
        }),
        kind: text(route.r#type),
        state: text(route.state),
    }
}
