//! AWS lists to rows: which table takes the items of which call, and where each keeps its id.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::answer::{Answer, Attribution, Content};
use super::assembly::{Assembly, Seen};
use super::json::{self, Members};
use super::list::{Kind, PLAUDIT_ASKED, asked};
use super::place::{Hints, Near};
use crate::estate::aws as a;
use crate::estate::operation::Answer as Layout;
use crate::estate::{Evidence, Operation, Place, Reason};

/// Dispatches on the call: table, member with the id, field with the id.
macro_rules! lists {
    ($assembly:ident, $answer:ident, $at:ident, $items:ident, { $($operation:ident: $table:ident, $key:literal, $field:ident;)* }, $other:expr) => {
        match $at.operation {
            $(Operation::$operation => {
                let kind = Kind { table: |estate| &mut estate.aws.$table, key: $key, id: |item| item.$field.clone() };
                $assembly.list($answer, $at, &kind, &$items);
            })*
            _ => $other,
        }
    };
}

impl<'a> Assembly<'a> {
    /// Reads an answer that has a list of its own.
    pub(super) fn aws_list(&mut self, answer: &Answer<'a>, at: &Attribution) {
        let Layout::Key(key) = at.operation.answer() else { return };
        let members = match &answer.content {
            Ok(Content::Object(members)) => members,
            Ok(Content::Failure(failure)) => {
                let of_vpc = at.operation == Operation::ListHostedZonesByVpc;
                let folder = answer.segments.iter().rev().nth(1).filter(|name| of_vpc && name.starts_with("vpc-"));
                self.failed(answer, at, folder.map(String::as_str), failure);
                return;
            }
            Ok(_) => return self.wrong_shape(answer, at, key),
            Err(broken) => {
                let detail = self.broken(answer, &broken.detail);
                return self.unreadable(at, None, broken.reason, detail);
            }
        };
        if let Err(problem) = asked(answer) {
            let detail = self.broken(answer, &format!("`{PLAUDIT_ASKED}` {problem}"));
            return self.unreadable(at, None, Reason::Undecodable, detail);
        }
        let Some(list) = json::member(members, key) else { return self.wrong_shape(answer, at, key) };
        if at.operation == Operation::DescribeVpcBlockPublicAccess {
            return self.block_public_access(answer, at, list);
        }
        let items = match json::items(list.get()) {
            Ok(items) => items,
            Err(error) => {
                let detail = self.explain(answer.document, list.get(), &error);
                return self.unreadable(at, None, Reason::Undecodable, detail);
            }
        };
        lists!(self, answer, at, items, {
            DescribeVpcs: vpcs, "VpcId", vpc_id;
            DescribeDhcpOptions: dhcp_options, "DhcpOptionsId", dhcp_options_id;
            DescribeSubnets: subnets, "SubnetId", subnet_id;
            DescribeRouteTables: route_tables, "RouteTableId", route_table_id;
            DescribeSecurityGroups: security_groups, "GroupId", group_id;
            DescribeSecurityGroupRules: group_rules, "SecurityGroupRuleId", security_group_rule_id;
            DescribeNetworkAcls: network_acls, "NetworkAclId", network_acl_id;
            DescribeNetworkInterfaces: interfaces, "NetworkInterfaceId", network_interface_id;
            DescribeNatGateways: nat_gateways, "NatGatewayId", nat_gateway_id;
            DescribeInternetGateways: internet_gateways, "InternetGatewayId", internet_gateway_id;
            DescribeEgressOnlyInternetGateways: egress_only_gateways, "EgressOnlyInternetGatewayId", egress_only_internet_gateway_id;
            DescribeVpnGateways: vpn_gateways, "VpnGatewayId", vpn_gateway_id;
            DescribeVpcPeeringConnections: peerings, "VpcPeeringConnectionId", vpc_peering_connection_id;
            DescribeTransitGateways: transit_gateways, "TransitGatewayId", transit_gateway_id;
            DescribeTransitGatewayVpcAttachments: transit_vpc_attachments, "TransitGatewayAttachmentId", transit_gateway_attachment_id;
            DescribeTransitGatewayRouteTables: transit_route_tables, "TransitGatewayRouteTableId", transit_gateway_route_table_id;
            DescribeVpcEndpoints: vpc_endpoints, "VpcEndpointId", vpc_endpoint_id;
            DescribeVpcEndpointServices: endpoint_services, "ServiceId", service_id;
            DescribeFlowLogs: flow_logs, "FlowLogId", flow_log_id;
            DescribeVpcBlockPublicAccessExclusions: block_public_access_exclusions, "ExclusionId", exclusion_id;
            ListFirewalls: firewalls, "FirewallArn", firewall_arn;
            ListResolverEndpoints: resolver_endpoints, "Id", id;
            ListResolverRules: resolver_rules, "Id", id;
            ListResolverRuleAssociations: resolver_rule_associations, "Id", id;
        }, self.other_list(answer, at, &items));
    }

    fn other_list(&mut self, answer: &Answer<'a>, at: &Attribution, items: &[&'a RawValue]) {
        match at.operation {
            Operation::DescribeAddresses => {
                let id =
                    |address: &a::Address| address.allocation_id.clone().unwrap_or_else(|| address.public_ip.clone());
                let kind = Kind { table: |estate| &mut estate.aws.addresses, key: "AllocationId", id };
                self.list(answer, at, &kind, items);
            }
            Operation::DescribeTransitGatewayAttachments => {
                let id = |attachment: &a::TransitAttachment| {
                    let (gateway, id) = (&attachment.transit_gateway_id, &attachment.transit_gateway_attachment_id);
                    let named = !gateway.is_empty() && !id.is_empty();
                    if named { a::TransitAttachment::row_id(gateway, id) } else { String::new() }
                };
                let key = "TransitGatewayId/TransitGatewayAttachmentId";
                let kind = Kind { table: |estate| &mut estate.aws.transit_attachments, key, id };
                self.list(answer, at, &kind, items);
            }
            Operation::DescribeInstances => self.reservations(answer, at, items),
            Operation::DescribePrefixLists => self.prefix_lists(answer, at, items),
            Operation::ListHostedZones | Operation::ListHostedZonesByVpc => self.zones(answer, at, items),
            _ => {}
        }
    }

    /// An answer without the member that it should have.
    pub(super) fn wrong_shape(&mut self, answer: &Answer<'a>, at: &Attribution, key: &str) {
        let detail = format!("{}: no `{key}`", self.cite(answer.document, answer.text));
        self.unreadable(at, at.owner.as_deref(), Reason::Undecodable, detail);
    }

    /// What is wrong with a text, with the name of its file.
    pub(super) fn broken(&self, answer: &Answer<'a>, detail: &str) -> String {
        let cited = self.cite(answer.document, answer.text);
        let file = cited.rsplit_once(':').map_or(cited.as_str(), |(file, _)| file);
        format!("{file}: {detail}")
    }

    /// Instances lie in reservations, which have the owner.
    fn reservations(&mut self, answer: &Answer<'a>, at: &Attribution, items: &[&'a RawValue]) {
        let kind = Kind {
            table: |estate| &mut estate.aws.instances,
            key: "InstanceId",
            id: |instance: &a::Instance| instance.instance_id.clone(),
        };
        let mut rows = Vec::new();
        for reservation in items {
            let owner = super::place::hints(reservation.get()).place.account;
            let instances = json::members(reservation.get()).and_then(|members| {
                json::member(&members, "Instances").map_or_else(|| Ok(Vec::new()), |list| json::items(list.get()))
            });
            match instances {
                Ok(instances) => {
                    rows.extend(
                        instances.iter().filter_map(|item| self.item(answer, at, &kind, item.get(), owner.clone())),
                    );
                }
                Err(error) => {
                    let detail = self.explain(answer.document, reservation.get(), &error);
                    self.unreadable(at, None, Reason::Undecodable, detail);
                }
            }
        }
        self.end_list(answer, at, rows);
    }

    /// Only the name of a prefix list is kept.
    fn prefix_lists(&mut self, answer: &Answer<'a>, at: &Attribution, items: &[&'a RawValue]) {
        let mut rows = Vec::new();
        for item in items {
            let text = item.get();
            let names = json::members(text).ok().map(|members| read_prefix_list(&members));
            match names {
                Some((Some(id), Some(name))) => {
                    let hints = super::list::hints(at, text, None);
                    let seen = Seen { document: answer.document, text, near: Near::default() };
                    rows.push(self.add(|estate| &mut estate.aws.prefix_lists, &id, hints, seen, Evidence::Known(name)));
                }
                _ => {
                    let detail = format!("{}: no `PrefixListId` or `PrefixListName`", self.cite(answer.document, text));
                    self.unreadable(at, None, Reason::Undecodable, detail);
                }
            }
        }
        self.end_list(answer, at, rows);
    }

    /// One object a region, which names it; a collection of several regions has a list of them.
    fn block_public_access(&mut self, answer: &Answer<'a>, at: &Attribution, options: &'a RawValue) {
        let all = if options.get().starts_with('[') { json::items(options.get()) } else { Ok(vec![options]) };
        match all {
            Ok(all) => all.into_iter().for_each(|one| self.block_public_access_of_one(answer, at, one.get())),
            Err(error) => {
                let detail = self.explain(answer.document, options.get(), &error);
                self.unreadable(at, None, Reason::Undecodable, detail);
            }
        }
    }

    fn block_public_access_of_one(&mut self, answer: &Answer<'a>, at: &Attribution, text: &'a str) {
        let body = match json::decode::<a::BlockPublicAccess>(text) {
            Ok(body) => body,
            Err(error) => {
                let detail = self.explain(answer.document, text, &error);
                return self.unreadable(at, None, Reason::Undecodable, detail);
            }
        };
        let own = Place { account: body.aws_account_id.clone(), region: body.aws_region.clone() };
        let place = at.place.clone().or(&own);
        let (Some(account), Some(region)) = (&place.account, &place.region) else {
            let detail = format!("{}: no `AwsAccountId` or `AwsRegion`", self.cite(answer.document, text));
            return self.unreadable(at, None, Reason::Undecodable, detail);
        };
        let id = format!("{account}/{region}");
        let hints = Hints { place: place.clone(), near: Near::default() };
        let seen = Seen { document: answer.document, text, near: Near::default() };
        let row = self.add(|estate| &mut estate.aws.block_public_access, &id, hints, seen, Evidence::Known(body));
        self.cover(at.operation, place, None, vec![row], self.folder(answer));
    }
}

fn read_prefix_list(members: &Members<'_>) -> (Option<String>, Option<String>) {
    (json::text_of(members, "PrefixListId"), json::text_of(members, "PrefixListName"))
}

/// A switch as AWS wraps it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Switch {
    /// On or off.
    pub(super) value: bool,
}
