//! Sources: the evidence that paths are computed from, in the vendor's own shape, and the edges
//! that are drawn from it.

use plaudit::estate::aws::{FirewallDetails, TransitAttachment};
use plaudit::estate::{Estate, Operation, Place, Reason};
use serde_json::{Value, json};

use super::{directory, estate, gap, here, in_region, read};

const A: &str = "111122223333";
const B: &str = "444455556666";

/// An estate from answers of one place, each under its path.
fn of(answers: &[(&str, Value)]) -> Estate {
    at(&answers.iter().map(|(path, answer)| (in_region(path), answer.clone())).collect::<Vec<_>>())
}

fn at(answers: &[(String, Value)]) -> Estate {
    let texts: Vec<(String, String)> =
        answers.iter().map(|(path, answer)| (format!("{path}.json"), answer.to_string())).collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    estate(&files)
}

// ---- shapes ------------------------------------------------------------------------------

#[test]
fn interfaces_and_gateways_keep_every_address() {
    let estate = of(&[
        (
            "describe-network-interfaces",
            json!({ "NetworkInterfaces": [{
                "NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "VpcId": "vpc-1", "PrivateIpAddress": "10.0.0.5",
                "PrivateIpAddresses": [
                    { "PrivateIpAddress": "10.0.0.5", "Primary": true, "Association": { "PublicIp": "203.0.113.1" } },
                    { "PrivateIpAddress": "10.0.0.6", "Primary": false },
                ],
                "Ipv6Addresses": [{ "Ipv6Address": "2001:db8::5", "IsPrimaryIpv6": false }],
            }] }),
        ),
        (
            "describe-nat-gateways",
            json!({ "NatGateways": [{
                "NatGatewayId": "nat-1", "VpcId": "vpc-1", "State": "available", "AvailabilityMode": "regional",
                "RouteTableId": "rtb-1",
                "NatGatewayAddresses": [{
                    "PublicIp": "203.0.113.2", "IsPrimary": true, "Status": "succeeded", "AvailabilityZone": "eu-west-1a",
                }],
            }] }),
        ),
        (
            "describe-vpn-gateways",
            json!({ "VpnGateways": [{
                "VpnGatewayId": "vgw-1", "State": "available", "Tags": [{ "Key": "Name", "Value": "office" }],
                "VpcAttachments": [{ "VpcId": "vpc-0", "State": "detached" }, { "VpcId": "vpc-1", "State": "attached" }],
            }] }),
        ),
        (
            "describe-vpc-block-public-access-exclusions",
            json!({ "VpcBlockPublicAccessExclusions": [{
                "ExclusionId": "vpcbpa-exclude-1", "InternetGatewayExclusionMode": "allow-egress",
                "ResourceArn": format!("arn:aws:ec2:eu-west-1:{A}:vpc/vpc-1"), "State": "create-complete",
            }] }),
        ),
    ]);
    let aws = &estate.aws;
    let interface = aws.interfaces.body("eni-1", &here()).unwrap();
    let private: Vec<_> = interface
        .private_ip_addresses
        .iter()
        .map(|a| {
            (a.private_ip_address.as_deref(), a.primary, a.association.as_ref().and_then(|a| a.public_ip.as_deref()))
        })
        .collect();
    assert_eq!(private, [(Some("10.0.0.5"), Some(true), Some("203.0.113.1")), (Some("10.0.0.6"), Some(false), None)]);
    assert_eq!(interface.ipv6_addresses[0].ipv6_address.as_deref(), Some("2001:db8::5"));
    let nat = aws.nat_gateways.body("nat-1", &here()).unwrap();
    assert_eq!((nat.availability_mode.as_deref(), &nat.subnet_id), (Some("regional"), &None));
    assert_eq!(nat.route_table_id.as_deref(), Some("rtb-1"));
    let address = &nat.nat_gateway_addresses[0];
    assert_eq!((address.is_primary, address.status.as_deref()), (Some(true), Some("succeeded")));
    assert_eq!(address.availability_zone.as_deref(), Some("eu-west-1a"));
    let vpn = aws.vpn_gateways.body("vgw-1", &here()).unwrap();
    assert_eq!((vpn.vpc_attachments.len(), vpn.tags.len()), (2, 1));
    let exclusion = aws.block_public_access_exclusions.body("vpcbpa-exclude-1", &here()).unwrap();
    assert_eq!(exclusion.internet_gateway_exclusion_mode.as_deref(), Some("allow-egress"));
    assert_eq!(exclusion.state.as_deref(), Some("create-complete"));
}

#[test]
fn connections_between_vpcs_keep_their_blocks_and_switches() {
    let side = |vpc: &str| {
        json!({
            "VpcId": vpc, "CidrBlock": "10.0.0.0/16", "CidrBlockSet": [{ "CidrBlock": "10.0.0.0/16" }, { "CidrBlock": "10.1.0.0/16" }],
            "Ipv6CidrBlockSet": [{ "Ipv6CidrBlock": "2001:db8::/56" }],
            "PeeringOptions": { "AllowDnsResolutionFromRemoteVpc": true, "AllowEgressFromLocalVpcToRemoteClassicLink": false },
        })
    };
    let estate = of(&[
        (
            "describe-vpc-peering-connections",
            json!({ "VpcPeeringConnections": [
                { "VpcPeeringConnectionId": "pcx-1", "RequesterVpcInfo": side("vpc-1"), "AccepterVpcInfo": { "VpcId": "vpc-2" } },
            ] }),
        ),
        (
            "describe-transit-gateway-vpc-attachments",
            json!({ "TransitGatewayVpcAttachments": [{
                "TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1", "VpcId": "vpc-1",
                "Options": { "DnsSupport": "enable", "SecurityGroupReferencingSupport": "disable", "Ipv6Support": "disable", "ApplianceModeSupport": "enable" },
            }] }),
        ),
        (
            "search-transit-gateway-routes/tgw-rtb-1",
            json!({ "AdditionalRoutesAvailable": false, "Routes": [{
                "DestinationCidrBlock": "10.0.0.0/16", "Type": "static", "State": "active",
                "TransitGatewayAttachments": [{ "TransitGatewayAttachmentId": "tgw-attach-1", "ResourceId": "vpc-1", "ResourceType": "vpc" }],
            }] }),
        ),
    ]);
    let peering = estate.aws.peerings.body("pcx-1", &here()).unwrap();
    let requester = &peering.requester_vpc_info;
    let blocks: Vec<_> = requester.cidr_block_set.iter().filter_map(|block| block.cidr_block.as_deref()).collect();
    assert_eq!(blocks, ["10.0.0.0/16", "10.1.0.0/16"]);
    assert_eq!(requester.ipv6_cidr_block_set[0].ipv6_cidr_block.as_deref(), Some("2001:db8::/56"));
    let dns = requester.peering_options.as_ref().and_then(|options| options.allow_dns_resolution_from_remote_vpc);
    assert_eq!((dns, &peering.accepter_vpc_info.peering_options), (Some(true), &None));
    let attachment = estate.aws.transit_vpc_attachments.body("tgw-attach-1", &here()).unwrap();
    let options = attachment.options.as_ref().unwrap();
    assert_eq!(options.appliance_mode_support.as_deref(), Some("enable"));
    assert_eq!(options.security_group_referencing_support.as_deref(), Some("disable"));
    assert_eq!((options.ipv6_support.as_deref(), options.dns_support.as_deref()), (Some("disable"), Some("enable")));
    let routes = estate.aws.transit_routes.body("tgw-rtb-1", &here()).unwrap();
    assert_eq!(routes[0].transit_gateway_attachments[0].resource_type.as_deref(), Some("vpc"));
}

#[test]
fn resolver_rules_keep_their_name_servers() {
    let estate = of(&[
        (
            "list-resolver-rules",
            json!({ "ResolverRules": [{
                "Id": "rslvr-rr-1", "DomainName": "corp.example.", "RuleType": "FORWARD", "Status": "COMPLETE",
                "TargetIps": [{ "Ip": "10.0.0.2", "Port": 53, "Protocol": "Do53" }, { "Ipv6": "2001:db8::2" }],
            }] }),
        ),
        (
            "list-resolver-rule-associations",
            json!({ "ResolverRuleAssociations": [
                { "Id": "rslvr-rrassoc-1", "ResolverRuleId": "rslvr-rr-1", "VPCId": "vpc-1", "Status": "COMPLETE" },
                { "Id": "rslvr-rrassoc-2", "ResolverRuleId": "rslvr-rr-2", "VPCId": "vpc-1", "Status": "CREATING" },
            ] }),
        ),
    ]);
    let rule = estate.aws.resolver_rules.body("rslvr-rr-1", &here()).unwrap();
    let targets: Vec<_> = rule.target_ips.iter().map(|t| (t.ip.as_deref(), t.ipv6.as_deref(), t.port)).collect();
    assert_eq!(targets, [(Some("10.0.0.2"), None, Some(53)), (None, Some("2001:db8::2"), None)]);
    assert_eq!(rule.status.as_deref(), Some("COMPLETE"));
    let association = estate.aws.resolver_rule_associations.body("rslvr-rrassoc-2", &here()).unwrap();
    assert_eq!(association.status.as_deref(), Some("CREATING"));
    let number = estate.aws.resolver_rules.number("rslvr-rr-1").unwrap();
    assert_eq!(estate.graph.resolver_rules_of_vpc["vpc-1"], [number], "the other rule has no row");
    assert_eq!(estate.graph.resolver_associations_of_vpc["vpc-1"].len(), 2);
}

#[test]
fn a_resolver_rule_is_one_rule_for_those_who_share_it() {
    let rule = |status: &str| json!({ "ResolverRules": [{ "Id": "rslvr-rr-1", "OwnerId": A, "ShareStatus": status }] });
    let estate = at(&[
        (format!("aws/{A}/eu-west-1/list-resolver-rules"), rule("SHARED_BY_ME")),
        (format!("aws/{B}/eu-west-1/list-resolver-rules"), rule("SHARED_WITH_ME")),
    ]);
    assert!(estate.aws.resolver_rules.body("rslvr-rr-1", &here()).is_ok());
}

// ---- answers that are not whole ----------------------------------------------------------

#[test]
fn routes_of_which_there_are_more_are_unknown_and_never_a_shorter_list() {
    let route = json!([{ "DestinationCidrBlock": "10.0.0.0/16", "Type": "static", "State": "active" }]);
    let answers = [
        ("search-transit-gateway-routes/tgw-rtb-1", json!({ "Routes": route, "AdditionalRoutesAvailable": true })),
        ("search-transit-gateway-routes/tgw-rtb-2", json!({ "Routes": route, "NextToken": "x" })),
        (
            "search-transit-gateway-routes/tgw-rtb-3",
            json!({ "Routes": route, "AdditionalRoutesAvailable": false, "NextToken": null }),
        ),
        ("describe-transit-gateway-route-tables", json!({ "TransitGatewayRouteTables": [] })),
    ];
    let texts: Vec<(String, String)> =
        answers.iter().map(|(path, answer)| (in_region(&format!("{path}.json")), answer.to_string())).collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let root = directory(&files);
    let file = root.path().join("evidence.bin");
    plaudit::sources::write(&[root.path().to_path_buf()], &file).unwrap();
    for estate in [read(root.path()), read(&file)] {
        for table in ["tgw-rtb-1", "tgw-rtb-2"] {
            assert!(estate.aws.transit_routes.number(table).is_none(), "{table}");
            assert_eq!(gap(estate.aws.transit_routes.body(table, &here())).0, Reason::Skipped, "{table}");
        }
        assert_eq!(estate.aws.transit_routes.body("tgw-rtb-3", &here()).map(Vec::len), Ok(1));
    }
}

#[test]
fn every_mark_of_more_makes_a_page() {
    let marks = [
        json!({ "NextToken": "x" }),
        json!({ "nextToken": "x" }),
        json!({ "NextToken": { "page": 2 } }),
        json!({ "NextToken": 7 }),
        json!({ "NextMarker": "x" }),
        json!({ "IsTruncated": true }),
        json!({ "IsTruncated": "true" }),
        json!({ "Truncated": true }),
        json!({ "AdditionalRoutesAvailable": true }),
    ];
    let whole = [
        json!({}),
        json!({ "NextToken": null }),
        json!({ "NextToken": "" }),
        json!({ "IsTruncated": false, "NextMarker": null }),
    ];
    let read = |mark: &Value, key: &str| {
        let mut answer = mark.clone();
        answer[key] = json!([]);
        of(&[("answer", answer)])
    };
    for mark in &marks {
        assert_eq!(gap(read(mark, "VpnGateways").aws.vpn_gateways.complete(&here())).0, Reason::Skipped, "{mark}");
        assert_eq!(gap(read(mark, "Reservations").aws.instances.complete(&here())).0, Reason::Skipped, "{mark}");
        assert_eq!(gap(read(mark, "PrefixLists").aws.prefix_lists.complete(&here())).0, Reason::Skipped, "{mark}");
    }
    for mark in &whole {
        assert_eq!(read(mark, "VpnGateways").aws.vpn_gateways.complete(&here()), Ok(()), "{mark}");
    }
}

// ---- transit gateways --------------------------------------------------------------------

fn peering_side(gateway: &str, owner: &str, other: &str, table: &str) -> Value {
    json!({
        "TransitGatewayAttachmentId": "tgw-attach-p", "TransitGatewayId": gateway, "TransitGatewayOwnerId": owner,
        "ResourceType": "peering", "ResourceId": other, "State": "available",
        "Association": { "TransitGatewayRouteTableId": table, "State": "associated" },
    })
}

#[test]
fn both_sides_of_a_transit_peering_stand() {
    let list = |side: Value| json!({ "TransitGatewayAttachments": [side] });
    let estate = at(&[
        (
            format!("aws/{A}/eu-west-1/describe-transit-gateway-attachments"),
            list(peering_side("tgw-1", A, "tgw-2", "tgw-rtb-1")),
        ),
        (
            format!("aws/{B}/us-east-1/describe-transit-gateway-attachments"),
            list(peering_side("tgw-2", B, "tgw-1", "tgw-rtb-2")),
        ),
    ]);
    let table = &estate.aws.transit_attachments;
    for (gateway, place, routes) in [("tgw-1", here(), "tgw-rtb-1"), ("tgw-2", Place::new(B, "us-east-1"), "tgw-rtb-2")]
    {
        let id = TransitAttachment::row_id(gateway, "tgw-attach-p");
        let number = table.number(&id).unwrap();
        assert_eq!(table.row(number).place, place);
        let association = table.body(&id, &place).unwrap().association.as_ref().unwrap();
        assert_eq!(association.transit_gateway_route_table_id.as_deref(), Some(routes));
        assert_eq!(estate.graph.transit_attachments_of_gateway[gateway], [number]);
    }
    assert_eq!(estate.graph.transit_attachments_named["tgw-attach-p"].len(), 2);
}

#[test]
fn two_answers_about_one_side_still_have_to_agree() {
    let list = |table: &str| json!({ "TransitGatewayAttachments": [peering_side("tgw-1", A, "tgw-2", table)] });
    let estate = of(&[("monday", list("tgw-rtb-1")), ("tuesday", list("tgw-rtb-2"))]);
    assert_eq!(gap(estate.aws.transit_attachments.body("tgw-1/tgw-attach-p", &here())).0, Reason::Disagreement);
    assert!(estate.graph.transit_attachments_named.is_empty());
}

#[test]
fn a_broken_attachment_keeps_its_id() {
    let broken = json!({ "TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1", "State": 3 });
    let homeless = json!({ "TransitGatewayAttachmentId": "tgw-attach-2" });
    let estate = of(&[("x", json!({ "TransitGatewayAttachments": [broken] }))]);
    let table = &estate.aws.transit_attachments;
    assert_eq!(gap(table.body("tgw-1/tgw-attach-1", &here())).0, Reason::Undecodable);
    assert!(table.listed(&here()).is_ok() && table.complete(&here()).is_err());
    let estate = of(&[("x", json!({ "TransitGatewayAttachments": [homeless] }))]);
    assert_eq!(gap(estate.aws.transit_attachments.listed(&here())).0, Reason::Undecodable);
}

// ---- groups ------------------------------------------------------------------------------

#[test]
fn what_is_said_of_a_peer_group_is_no_disagreement() {
    let pair = json!({ "GroupId": "sg-2", "UserId": B, "VpcId": "vpc-2", "VpcPeeringConnectionId": "pcx-1", "PeeringStatus": "active" });
    let group = json!({ "SecurityGroups": [{ "GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissions": [
        { "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [pair] },
    ] }] });
    let rules = |referenced: Value| {
        json!({ "SecurityGroupRules": [{
            "SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": false, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
            "ReferencedGroupInfo": referenced,
        }] })
    };
    for referenced in
        [json!({ "GroupId": "sg-2" }), json!({ "GroupId": "sg-2", "UserId": B, "PeeringStatus": "deleted" })]
    {
        let estate = of(&[("groups", group.clone()), ("rules", rules(referenced))]);
        let read = &estate.aws.security_groups.body("sg-1", &here()).unwrap().ip_permissions[0].user_id_group_pairs[0];
        assert_eq!((read.user_id.as_deref(), read.vpc_id.as_deref()), (Some(B), Some("vpc-2")));
        assert_eq!(read.vpc_peering_connection_id.as_deref(), Some("pcx-1"));
        assert_eq!(read.peering_status.as_deref(), Some("active"));
    }
    let other = of(&[("groups", group), ("rules", rules(json!({ "GroupId": "sg-3" })))]);
    assert_eq!(gap(other.aws.security_groups.body("sg-1", &here())).0, Reason::Disagreement);
    // a group that only its rules tell of has it all from them
    let alone = of(&[("rules", rules(pair))]);
    let made = &alone.aws.security_groups.body("sg-1", &here()).unwrap().ip_permissions[0].user_id_group_pairs[0];
    assert_eq!((made.user_id.as_deref(), made.vpc_peering_connection_id.as_deref()), (Some(B), Some("pcx-1")));
}

// ---- firewalls ---------------------------------------------------------------------------

fn firewall(account: &str, endpoint: &str) -> Value {
    json!({
        "UpdateToken": endpoint,
        "Firewall": {
            "FirewallName": "inspection", "FirewallArn": format!("arn:aws:network-firewall:eu-west-1:{account}:firewall/inspection"),
            "FirewallPolicyArn": format!("arn:aws:network-firewall:eu-west-1:{account}:firewall-policy/strict"),
            "VpcId": "vpc-1", "SubnetMappings": [{ "SubnetId": "subnet-1", "IPAddressType": "IPV4" }],
        },
        "FirewallStatus": { "Status": "READY", "SyncStates": {
            "eu-west-1a": { "Attachment": { "SubnetId": "subnet-1", "EndpointId": endpoint, "Status": "READY" }, "Config": {} },
            "eu-west-1b": {},
        } },
    })
}

fn policy(action: &str) -> Value {
    json!({
        "FirewallPolicyResponse": { "FirewallPolicyName": "strict" },
        "FirewallPolicy": {
            "StatelessRuleGroupReferences": [{ "ResourceArn": "arn:1", "Priority": 10 }],
            "StatelessDefaultActions": [action], "StatelessFragmentDefaultActions": ["aws:drop"],
            "StatefulRuleGroupReferences": [{ "ResourceArn": "arn:2" }],
            "StatefulDefaultActions": ["aws:drop_strict"], "StatefulEngineOptions": { "RuleOrder": "STRICT_ORDER" },
        },
    })
}

#[test]
fn firewalls_of_one_name_in_two_accounts_are_two() {
    let under = |folder: &str, name: &str| format!("{folder}/network-firewall/inspection/{name}");
    // folders that tell the place, and folders that leave it to the ARN
    for (one, two) in [(format!("aws/{A}/eu-west-1"), format!("aws/{B}/eu-west-1")), ("one".into(), "two".into())] {
        let estate = at(&[
            (under(&one, "describe-firewall"), firewall(A, "vpce-1")),
            (under(&one, "describe-firewall-policy"), policy("aws:drop")),
            (under(&two, "describe-firewall"), firewall(B, "vpce-2")),
            (under(&two, "describe-firewall-policy"), policy("aws:pass")),
        ]);
        for (account, endpoint, action) in [(A, "vpce-1", "aws:drop"), (B, "vpce-2", "aws:pass")] {
            let row = estate.graph.firewall_of_endpoint[endpoint];
            let details = estate.aws.firewall_details.row(row);
            assert_eq!(details.id, FirewallDetails::row_id(Some(account), Some("eu-west-1"), "inspection"));
            assert_eq!(details.place, Place::new(account, "eu-west-1"));
            let policy = estate.firewall_policy_of(row).unwrap();
            assert_eq!(policy.stateless_default_actions, [action]);
        }
        let row = estate.graph.firewall_of_endpoint["vpce-1"];
        let body = estate.aws.firewall_details.row(row).body.known().unwrap();
        assert_eq!(body.firewall.subnet_mappings[0].subnet_id.as_deref(), Some("subnet-1"));
        assert_eq!(body.firewall_status.as_ref().and_then(|status| status.status.as_deref()), Some("READY"));
        let policy = estate.firewall_policy_of(row).unwrap();
        assert_eq!(policy.stateless_fragment_default_actions, ["aws:drop"]);
        assert_eq!(policy.stateless_rule_group_references[0].priority, Some(10));
        assert_eq!(policy.stateful_rule_group_references[0].resource_arn, "arn:2");
        assert_eq!(policy.stateful_default_actions, ["aws:drop_strict"]);
        let order = policy.stateful_engine_options.as_ref().and_then(|options| options.rule_order.as_deref());
        assert_eq!(order, Some("STRICT_ORDER"));
    }
}

#[test]
fn a_denied_policy_is_a_gap_of_its_firewall() {
    let denied = json!({ "Error": { "Code": "AccessDeniedException", "Message": "no" } });
    let estate = of(&[
        ("network-firewall/inspection/describe-firewall", firewall(A, "vpce-1")),
        ("network-firewall/inspection/describe-firewall-policy", denied.clone()),
        ("network-firewall/other/describe-firewall", denied),
        ("network-firewall/broken/describe-firewall", json!({ "Firewall": { "FirewallName": 3 } })),
    ]);
    let row = estate.graph.firewall_of_endpoint["vpce-1"];
    assert_eq!(gap(estate.firewall_policy_of(row)).0, Reason::AccessDenied);
    let id = |name: &str| FirewallDetails::row_id(Some(A), Some("eu-west-1"), name);
    assert_eq!(gap(estate.aws.firewall_details.find(&id("other"), &here())).0, Reason::AccessDenied);
    assert_eq!(gap(estate.aws.firewall_details.find(&id("broken"), &here())).0, Reason::Undecodable);
    assert_eq!(gap(estate.aws.firewall_details.find(&id("none"), &here())).0, Reason::NotCollected);
    assert_eq!(estate.aws.firewall_details.operation(), Operation::DescribeFirewall);
}

#[test]
fn a_second_look_at_a_firewall_is_no_disagreement() {
    let mut later = firewall(A, "vpce-1");
    later["UpdateToken"] = "another".into();
    let path = "network-firewall/inspection/describe-firewall";
    let estate = at(&[(in_region(path), firewall(A, "vpce-1")), (format!("later/{}", in_region(path)), later)]);
    assert!(estate.graph.firewall_of_endpoint.contains_key("vpce-1"));
}

// ---- edges -------------------------------------------------------------------------------

#[test]
fn edges_lead_from_networks_to_what_is_in_them() {
    let attached = |state: &str| json!([{ "VpcId": "vpc-1", "State": state }]);
    let estate = of(&[
        (
            "interfaces",
            json!({ "NetworkInterfaces": [
                { "NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "VpcId": "vpc-1" },
                { "NetworkInterfaceId": "eni-2", "SubnetId": "subnet-2", "VpcId": "vpc-1" },
            ] }),
        ),
        (
            "tables",
            json!({ "RouteTables": [
                { "RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{ "Main": true }] },
                { "RouteTableId": "rtb-2", "VpcId": "vpc-1", "Associations": [{ "Main": false, "GatewayId": "igw-1" }] },
            ] }),
        ),
        (
            "acls",
            json!({ "NetworkAcls": [
                { "NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": false },
                { "NetworkAclId": "acl-2", "VpcId": "vpc-1", "IsDefault": true },
            ] }),
        ),
        ("nat", json!({ "NatGateways": [{ "NatGatewayId": "nat-1", "VpcId": "vpc-1", "State": "deleted" }] })),
        (
            "eigw",
            json!({ "EgressOnlyInternetGateways": [
                { "EgressOnlyInternetGatewayId": "eigw-1", "Attachments": attached("attached") },
            ] }),
        ),
        (
            "vgw",
            json!({ "VpnGateways": [
                { "VpnGatewayId": "vgw-1", "VpcAttachments": attached("detached") },
                { "VpnGatewayId": "vgw-2", "VpcAttachments": attached("attached") },
            ] }),
        ),
    ]);
    let (graph, aws) = (&estate.graph, &estate.aws);
    assert_eq!(graph.interfaces_of_subnet["subnet-2"], [aws.interfaces.number("eni-2").unwrap()]);
    assert_eq!(graph.interfaces_of_vpc["vpc-1"].len(), 2);
    assert_eq!(graph.route_table_of_gateway["igw-1"], aws.route_tables.number("rtb-2").unwrap());
    assert_eq!(graph.default_acl_of_vpc["vpc-1"], aws.network_acls.number("acl-2").unwrap());
    assert_eq!(graph.nat_gateways_of_vpc["vpc-1"], [aws.nat_gateways.number("nat-1").unwrap()]);
    assert_eq!(graph.egress_only_gateways_of_vpc["vpc-1"], [aws.egress_only_gateways.number("eigw-1").unwrap()]);
    assert_eq!(graph.vpn_gateways_of_vpc["vpc-1"], [aws.vpn_gateways.number("vgw-2").unwrap()]);
}
