//! NAT, internet, egress-only and VPN gateways, peering, exclusions from Block Public Access.

use aws_sdk_ec2::types as t;

use super::list::{Job, page};
use super::words::{each, tags, text, word};
use super::{Reply, refusal};
use crate::estate::aws as a;

pub(super) fn nat(gateway: t::NatGateway) -> a::NatGateway {
    a::NatGateway {
        nat_gateway_id: text(gateway.nat_gateway_id),
        vpc_id: gateway.vpc_id,
        subnet_id: gateway.subnet_id,
        availability_mode: word(gateway.availability_mode),
        route_table_id: gateway.route_table_id,
        state: text(gateway.state),
        connectivity_type: word(gateway.connectivity_type),
        nat_gateway_addresses: each(gateway.nat_gateway_addresses, |address| a::NatAddress {
            public_ip: address.public_ip,
            private_ip: address.private_ip,
            network_interface_id: address.network_interface_id,
            is_primary: address.is_primary,
            status: word(address.status),
            availability_zone: address.availability_zone,
        }),
        failure_message: gateway.failure_message,
        tags: tags(gateway.tags),
    }
}

pub(super) fn internet(gateway: t::InternetGateway) -> a::InternetGateway {
    a::InternetGateway {
        internet_gateway_id: text(gateway.internet_gateway_id),
        owner_id: gateway.owner_id,
        attachments: each(gateway.attachments, attachment),
    }
}

pub(super) fn egress_only(gateway: t::EgressOnlyInternetGateway) -> a::EgressOnlyGateway {
    a::EgressOnlyGateway {
        egress_only_internet_gateway_id: text(gateway.egress_only_internet_gateway_id),
        attachments: each(gateway.attachments, attachment),
    }
}

fn attachment(attachment: t::InternetGatewayAttachment) -> a::GatewayAttachment {
    a::GatewayAttachment { vpc_id: attachment.vpc_id, state: word(attachment.state) }
}

/// VPN gateways come in one answer.
pub(super) async fn vpn_gateways(job: &Job<'_>) -> Reply {
    let fetch = |filters, _| async move {
        let output = job.post.ec2().describe_vpn_gateways().set_filters(filters).send().await.map_err(refusal)?;
        Ok(page(output.vpn_gateways, vpn, None))
    };
    job.read(|row: &a::VpnGateway| row.vpn_gateway_id.clone(), fetch).await.reply(job)
}

fn vpn(gateway: t::VpnGateway) -> a::VpnGateway {
    a::VpnGateway {
        vpn_gateway_id: text(gateway.vpn_gateway_id),
        state: word(gateway.state),
        vpc_attachments: each(gateway.vpc_attachments, |attachment| a::GatewayAttachment {
            vpc_id: attachment.vpc_id,
            state: word(attachment.state),
        }),
        tags: tags(gateway.tags),
    }
}

pub(super) fn peering(peering: t::VpcPeeringConnection) -> a::Peering {
    a::Peering {
        vpc_peering_connection_id: text(peering.vpc_peering_connection_id),
        requester_vpc_info: peering.requester_vpc_info.map(side).unwrap_or_default(),
        accepter_vpc_info: peering.accepter_vpc_info.map(side).unwrap_or_default(),
        status: peering
            .status
            .map(|status| a::PeeringStatus { code: text(status.code), message: status.message })
            .unwrap_or_default(),
        tags: tags(peering.tags),
    }
}

fn side(side: t::VpcPeeringConnectionVpcInfo) -> a::PeeringSide {
    a::PeeringSide {
        vpc_id: side.vpc_id,
        owner_id: side.owner_id,
        region: side.region,
        cidr_block: side.cidr_block,
        cidr_block_set: each(side.cidr_block_set, |block| a::PeeringBlock {
            cidr_block: block.cidr_block,
            ipv6_cidr_block: None,
        }),
        ipv6_cidr_block_set: each(side.ipv6_cidr_block_set, |block| a::PeeringBlock {
            cidr_block: None,
            ipv6_cidr_block: block.ipv6_cidr_block,
        }),
        peering_options: side.peering_options.map(|options| a::PeeringOptions {
            allow_dns_resolution_from_remote_vpc: options.allow_dns_resolution_from_remote_vpc,
        }),
    }
}

pub(super) fn exclusion(exclusion: t::VpcBlockPublicAccessExclusion) -> a::BlockPublicAccessExclusion {
    a::BlockPublicAccessExclusion {
        exclusion_id: text(exclusion.exclusion_id),
        internet_gateway_exclusion_mode: word(exclusion.internet_gateway_exclusion_mode),
        resource_arn: exclusion.resource_arn,
        state: word(exclusion.state),
    }
}
