//! Route tables and prefix lists.

use aws_sdk_ec2::types as t;
use serde::Serialize;

use super::words::{each, tags, text, word};
use crate::estate::aws as a;

pub(super) fn table(table: t::RouteTable) -> a::RouteTable {
    a::RouteTable {
        route_table_id: text(table.route_table_id),
        owner_id: table.owner_id,
        vpc_id: text(table.vpc_id),
        routes: each(table.routes, route),
        associations: each(table.associations, |association| a::Association {
            main: association.main.unwrap_or_default(),
            subnet_id: association.subnet_id,
            gateway_id: association.gateway_id,
        }),
        tags: tags(table.tags),
    }
}

fn route(route: t::Route) -> a::Route {
    a::Route {
        destination_cidr_block: route.destination_cidr_block,
        destination_ipv6_cidr_block: route.destination_ipv6_cidr_block,
        destination_prefix_list_id: route.destination_prefix_list_id,
        gateway_id: route.gateway_id,
        nat_gateway_id: route.nat_gateway_id,
        transit_gateway_id: route.transit_gateway_id,
        vpc_peering_connection_id: route.vpc_peering_connection_id,
        network_interface_id: route.network_interface_id,
        instance_id: route.instance_id,
        egress_only_internet_gateway_id: route.egress_only_internet_gateway_id,
        carrier_gateway_id: route.carrier_gateway_id,
        local_gateway_id: route.local_gateway_id,
        core_network_arn: route.core_network_arn,
        state: word(route.state),
        origin: word(route.origin),
    }
}

/// What the estate keeps of a prefix list: its name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PrefixList {
    /// `pl-…`.
    pub(super) prefix_list_id: String,
    prefix_list_name: String,
}

pub(super) fn prefix_list(list: t::ManagedPrefixList) -> PrefixList {
    PrefixList { prefix_list_id: text(list.prefix_list_id), prefix_list_name: text(list.prefix_list_name) }
}
