//! Security groups and network ACLs.

use aws_sdk_ec2::types as t;

use super::words::{each, tags, text};
use crate::estate::aws as a;

pub(super) fn group(group: t::SecurityGroup) -> a::SecurityGroup {
    a::SecurityGroup {
        group_id: text(group.group_id),
        group_name: text(group.group_name),
        owner_id: group.owner_id,
        vpc_id: group.vpc_id,
        ip_permissions: each(group.ip_permissions, permission),
        ip_permissions_egress: each(group.ip_permissions_egress, permission),
        tags: tags(group.tags),
    }
}

fn permission(permission: t::IpPermission) -> a::IpPermission {
    a::IpPermission {
        ip_protocol: text(permission.ip_protocol),
        from_port: permission.from_port.map(i64::from),
        to_port: permission.to_port.map(i64::from),
        ip_ranges: each(permission.ip_ranges, |range| a::IpRange { cidr_ip: text(range.cidr_ip) }),
        ipv6_ranges: each(permission.ipv6_ranges, |range| a::Ipv6Range { cidr_ipv6: text(range.cidr_ipv6) }),
        user_id_group_pairs: each(permission.user_id_group_pairs, |pair| a::GroupPair {
            group_id: text(pair.group_id),
            user_id: pair.user_id,
            vpc_id: pair.vpc_id,
            vpc_peering_connection_id: pair.vpc_peering_connection_id,
            peering_status: pair.peering_status,
        }),
        prefix_list_ids: each(permission.prefix_list_ids, |list| a::PrefixListRef {
            prefix_list_id: text(list.prefix_list_id),
        }),
    }
}

pub(super) fn acl(acl: t::NetworkAcl) -> a::NetworkAcl {
    a::NetworkAcl {
        network_acl_id: text(acl.network_acl_id),
        owner_id: acl.owner_id,
        vpc_id: text(acl.vpc_id),
        is_default: acl.is_default.unwrap_or_default(),
        entries: each(acl.entries, entry),
        associations: each(acl.associations, |association| a::AclAssociation {
            subnet_id: text(association.subnet_id),
        }),
        tags: tags(acl.tags),
    }
}

fn entry(entry: t::NetworkAclEntry) -> a::AclEntry {
    let number = |number: Option<i32>| number.map(i64::from).unwrap_or_default();
    a::AclEntry {
        rule_number: number(entry.rule_number),
        egress: entry.egress.unwrap_or_default(),
        rule_action: text(entry.rule_action),
        protocol: text(entry.protocol),
        cidr_block: entry.cidr_block,
        ipv6_cidr_block: entry.ipv6_cidr_block,
        port_range: entry.port_range.map(|ports| a::PortBounds { from: number(ports.from), to: number(ports.to) }),
        icmp_type_code: entry
            .icmp_type_code
            .map(|icmp| a::IcmpTypeCode { kind: number(icmp.r#type), code: number(icmp.code) }),
    }
}
