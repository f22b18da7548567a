//! VPC endpoints and endpoint services.

use std::sync::OnceLock;

use aws_sdk_ec2::types as t;

use super::words::{each, tags, text, word};
use crate::estate::aws as a;

pub(super) fn endpoint(endpoint: t::VpcEndpoint) -> a::VpcEndpoint {
    a::VpcEndpoint {
        vpc_endpoint_id: text(endpoint.vpc_endpoint_id),
        vpc_endpoint_type: word(endpoint.vpc_endpoint_type),
        vpc_id: text(endpoint.vpc_id),
        service_name: text(endpoint.service_name),
        service_region: endpoint.service_region,
        state: text(endpoint.state),
        policy_document: endpoint.policy_document,
        route_table_ids: endpoint.route_table_ids.unwrap_or_default(),
        subnet_ids: endpoint.subnet_ids.unwrap_or_default(),
        groups: each(endpoint.groups, |group| a::GroupPair {
            group_id: text(group.group_id),
            user_id: None,
            vpc_id: None,
            vpc_peering_connection_id: None,
            peering_status: None,
        }),
        private_dns_enabled: endpoint.private_dns_enabled.unwrap_or_default(),
        network_interface_ids: endpoint.network_interface_ids.unwrap_or_default(),
        dns_entries: each(endpoint.dns_entries, |entry| a::DnsEntry {
            dns_name: entry.dns_name,
            hosted_zone_id: entry.hosted_zone_id,
        }),
        dns_options: endpoint.dns_options.map(|options| a::DnsOptions {
            dns_record_ip_type: word(options.dns_record_ip_type),
            private_dns_only_for_inbound_resolver_endpoint: options.private_dns_only_for_inbound_resolver_endpoint,
        }),
        owner_id: endpoint.owner_id,
        tags: tags(endpoint.tags),
        parsed: OnceLock::new(),
    }
}

pub(super) fn service(service: t::ServiceConfiguration) -> a::EndpointService {
    a::EndpointService {
        service_id: text(service.service_id),
        service_name: text(service.service_name),
        service_state: word(service.service_state),
        acceptance_required: service.acceptance_required,
        service_type: each(service.service_type, |kind| a::EndpointServiceType {
            service_type: word(kind.service_type),
        }),
        private_dns_name: service.private_dns_name,
    }
}
