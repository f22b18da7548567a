//! EC2: networks and everything in them. This table says which call answers which question, and
//! how a row of its answer becomes one of the estate.

mod compute;
mod endpoint;
mod filter;
mod gateway;
mod list;
mod network;
mod one;
mod route;
#[cfg(test)]
mod tests;
mod transit;
mod within;
mod words;

use super::{Ask, Manners, Post, Refusal, Reply, not_asked, refusal};
use crate::estate::{Operation, aws as a};
use list::Job;

/// The most rows on a page, for most calls.
const MOST: i32 = 1000;
/// The same, for the calls that give fewer.
const FEW: i32 = 100;

/// One call a line: the rows on a page, the member that holds them, how one is read, its id.
macro_rules! lists {
    ($job:ident, $operation:expr, { $($name:ident: $call:ident.$filters:ident, $most:expr, $member:ident, $read:path, $id:expr;)* }, $other:expr) => {
        match $operation {
            $(Operation::$name => {
                let fetch = |filters, token| async move {
                    let request = $job.post.ec2().$call().$filters(filters).set_next_token(token).max_results($most);
                    let output = request.send().await.map_err(refusal)?;
                    Ok(list::page(output.$member, $read, output.next_token))
                };
                $job.read($id, fetch).await.reply($job)
            })*
            _ => $other,
        }
    };
}

/// Puts one question.
pub(super) async fn ask(post: &Post, manners: &Manners, ask: &Ask) -> Reply {
    let job = &Job { post, manners, ask };
    lists!(job, ask.operation, {
        DescribeVpcs: describe_vpcs.set_filters, MOST, vpcs, network::vpc, |row: &a::Vpc| row.vpc_id.clone();
        DescribeDhcpOptions: describe_dhcp_options.set_filters, MOST, dhcp_options, network::dhcp_options, |row: &a::DhcpOptions| row.dhcp_options_id.clone();
        DescribeSubnets: describe_subnets.set_filters, MOST, subnets, network::subnet, |row: &a::Subnet| row.subnet_id.clone();
        DescribeRouteTables: describe_route_tables.set_filters, FEW, route_tables, route::table, |row: &a::RouteTable| row.route_table_id.clone();
        DescribeSecurityGroups: describe_security_groups.set_filters, MOST, security_groups, filter::group, |row: &a::SecurityGroup| row.group_id.clone();
        DescribeNetworkAcls: describe_network_acls.set_filters, MOST, network_acls, filter::acl, |row: &a::NetworkAcl| row.network_acl_id.clone();
        DescribeNatGateways: describe_nat_gateways.set_filter, MOST, nat_gateways, gateway::nat, |row: &a::NatGateway| row.nat_gateway_id.clone();
        DescribeInternetGateways: describe_internet_gateways.set_filters, MOST, internet_gateways, gateway::internet, |row: &a::InternetGateway| row.internet_gateway_id.clone();
        DescribeEgressOnlyInternetGateways: describe_egress_only_internet_gateways.set_filters, FEW, egress_only_internet_gateways, gateway::egress_only, |row: &a::EgressOnlyGateway| row.egress_only_internet_gateway_id.clone();
        DescribeVpcPeeringConnections: describe_vpc_peering_connections.set_filters, MOST, vpc_peering_connections, gateway::peering, |row: &a::Peering| row.vpc_peering_connection_id.clone();
        DescribeTransitGateways: describe_transit_gateways.set_filters, MOST, transit_gateways, transit::gateway, |row: &a::TransitGateway| row.transit_gateway_id.clone();
        DescribeTransitGatewayAttachments: describe_transit_gateway_attachments.set_filters, MOST, transit_gateway_attachments, transit::attachment, transit::attachment_id;
        DescribeTransitGatewayVpcAttachments: describe_transit_gateway_vpc_attachments.set_filters, MOST, transit_gateway_vpc_attachments, transit::vpc_attachment, |row: &a::TransitVpcAttachment| row.transit_gateway_attachment_id.clone();
        DescribeTransitGatewayRouteTables: describe_transit_gateway_route_tables.set_filters, MOST, transit_gateway_route_tables, transit::route_table, |row: &a::TransitRouteTable| row.transit_gateway_route_table_id.clone();
        DescribePrefixLists: describe_managed_prefix_lists.set_filters, FEW, prefix_lists, route::prefix_list, |row: &route::PrefixList| row.prefix_list_id.clone();
        DescribeVpcEndpoints: describe_vpc_endpoints.set_filters, MOST, vpc_endpoints, endpoint::endpoint, |row: &a::VpcEndpoint| row.vpc_endpoint_id.clone();
        DescribeVpcEndpointServices: describe_vpc_endpoint_service_configurations.set_filters, MOST, service_configurations, endpoint::service, |row: &a::EndpointService| row.service_id.clone();
        DescribeFlowLogs: describe_flow_logs.set_filter, MOST, flow_logs, network::flow_log, |row: &a::FlowLog| row.flow_log_id.clone();
        DescribeVpcBlockPublicAccessExclusions: describe_vpc_block_public_access_exclusions.set_filters, MOST, vpc_block_public_access_exclusions, gateway::exclusion, |row: &a::BlockPublicAccessExclusion| row.exclusion_id.clone();
    }, other(job).await)
}

/// Calls that are not like most.
async fn other(job: &Job<'_>) -> Reply {
    match job.ask.operation {
        Operation::DescribeNetworkInterfaces => compute::interfaces(job).await,
        Operation::DescribeInstances => compute::instances(job).await,
        Operation::DescribeAddresses => compute::addresses(job).await,
        Operation::DescribeVpnGateways => gateway::vpn_gateways(job).await,
        _ => one::ask(job).await,
    }
}

/// The regions that the account has switched on.
pub(super) async fn regions(post: &Post, manners: &Manners) -> Result<Vec<String>, Refusal> {
    let send = || async { post.ec2().describe_regions().send().await.map_err(refusal) };
    let of_call = |refusal: Refusal| refusal.of(Operation::DescribeRegions.name());
    let output = manners.call(&post.lane("ec2"), send).await.map_err(of_call)?;
    Ok(output.regions.unwrap_or_default().into_iter().filter_map(|region| region.region_name).collect())
}
