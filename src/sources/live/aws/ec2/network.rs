//! VPCs, subnets, DHCP options, flow logs.

use aws_sdk_ec2::types as t;
use serde_json::{Map, Value};

use super::words::{each, tags, text, word};
use crate::estate::aws as a;

pub(super) fn vpc(vpc: t::Vpc) -> a::Vpc {
    a::Vpc {
        vpc_id: text(vpc.vpc_id),
        owner_id: vpc.owner_id,
        cidr_block: vpc.cidr_block,
        cidr_block_association_set: each(vpc.cidr_block_association_set, |block| a::CidrAssociation {
            cidr_block: block.cidr_block,
            ipv6_cidr_block: None,
            cidr_block_state: state(block.cidr_block_state.and_then(|state| state.state)),
        }),
        ipv6_cidr_block_association_set: each(vpc.ipv6_cidr_block_association_set, |block| a::CidrAssociation {
            cidr_block: None,
            ipv6_cidr_block: block.ipv6_cidr_block,
            cidr_block_state: state(block.ipv6_cidr_block_state.and_then(|state| state.state)),
        }),
        dhcp_options_id: vpc.dhcp_options_id,
        is_default: vpc.is_default.unwrap_or_default(),
        tags: tags(vpc.tags),
    }
}

/// `{"State": "associated"}`.
fn state(state: Option<impl AsRef<str>>) -> Option<Map<String, Value>> {
    word(state).map(|state| Map::from_iter([("State".to_owned(), Value::String(state))]))
}

pub(super) fn subnet(subnet: t::Subnet) -> a::Subnet {
    a::Subnet {
        subnet_id: text(subnet.subnet_id),
        owner_id: subnet.owner_id,
        vpc_id: text(subnet.vpc_id),
        cidr_block: text(subnet.cidr_block),
        availability_zone: subnet.availability_zone,
        availability_zone_id: subnet.availability_zone_id,
        available_ip_address_count: subnet.available_ip_address_count.map(i64::from),
        map_public_ip_on_launch: subnet.map_public_ip_on_launch,
        ipv6_cidr_block_association_set: each(subnet.ipv6_cidr_block_association_set, |block| a::CidrAssociation {
            cidr_block: None,
            ipv6_cidr_block: block.ipv6_cidr_block,
            cidr_block_state: state(block.ipv6_cidr_block_state.and_then(|state| state.state)),
        }),
        subnet_arn: subnet.subnet_arn,
        tags: tags(subnet.tags),
    }
}

pub(super) fn dhcp_options(options: t::DhcpOptions) -> a::DhcpOptions {
    a::DhcpOptions {
        dhcp_options_id: text(options.dhcp_options_id),
        owner_id: options.owner_id,
        dhcp_configurations: each(options.dhcp_configurations, |entry| a::DhcpConfiguration {
            key: text(entry.key),
            values: each(entry.values, |value| a::DhcpValue { value: text(value.value) }),
        }),
    }
}

pub(super) fn flow_log(log: t::FlowLog) -> a::FlowLog {
    a::FlowLog {
        flow_log_id: text(log.flow_log_id),
        resource_id: log.resource_id,
        flow_log_status: log.flow_log_status,
        deliver_logs_status: log.deliver_logs_status,
        deliver_logs_error_message: log.deliver_logs_error_message,
        traffic_type: word(log.traffic_type),
        tags: tags(log.tags),
    }
}
