//! Expected answers are those of the AWS documentation, for the workspace of
//! [`crate::reach::required::tests`]: a NAT gateway, and groups that let out 443, 2443, 6666 and
//! 8443-8451.

use std::sync::Arc;

use serde_json::json;

use super::{Exposure, Neighbours};
use crate::estate::{Estate, Operation, Table};
use crate::reach::required::Exit;
use crate::reach::required::tests::{CLUSTER, NODES, edit, estate, group, put, put_account, subnet, vpc};
use crate::reach::set::FlowSet;
use crate::reach::{Ip, Protocol, Service, World};

fn expose(estate: &Estate) -> Arc<Exposure> {
    let mut estate = estate.clone();
    estate.seal();
    World::of(&estate).exposure(estate.databricks.networks.number("net-1").unwrap())
}

fn holds(set: &FlowSet, port: u16, ip: &str) -> bool {
    set.contains(Service::new(Protocol::TCP, port), Ip::parse(ip).unwrap())
}

fn words(set: &FlowSet) -> String {
    set.pieces().into_iter().map(|(services, _)| services).collect::<Vec<_>>().join("; ")
}

/// `<id> <services>` of each, then the calls that are missing.
fn told(neighbours: &Neighbours) -> String {
    let list = neighbours.list.iter().map(|neighbour| {
        let sure = if neighbour.span.unsure.is_empty() { "" } else { "?" };
        format!("{} {}{sure}", neighbour.id, neighbour.span.words())
    });
    let gaps = neighbours.gaps.iter().map(|gap| gap.operation.name().to_owned());
    list.chain(gaps).collect::<Vec<_>>().join(" | ")
}

/// The groups of the nodes with more permissions.
fn open(e: &mut Estate, more: &[&str]) {
    let all: Vec<&str> = NODES.iter().chain(more).copied().collect();
    group(e, "vpc-1", "sg-nodes", &all);
}

#[test]
fn nodes_reach_the_internet_by_nat_as_far_as_their_groups_let_them() {
    let exposure = expose(&estate());
    let egress = &exposure.egress;
    assert_eq!(words(&egress.uninspected.sure), "tcp/443, tcp/2443, tcp/6666, tcp/8443-8451");
    assert!(holds(&egress.uninspected.sure, 443, "8.8.8.8") && !holds(&egress.uninspected.sure, 22, "8.8.8.8"));
    // what the S3 endpoint takes, and what is private, is not the internet
    assert!(!holds(&egress.uninspected.sure, 443, "52.216.0.1") && !holds(&egress.uninspected.sure, 443, "10.9.0.1"));
    assert!(egress.uninspected.unsure.is_empty() && egress.inspected.is_empty() && egress.gaps.is_empty());
    assert_eq!(egress.to_internet_by, [Exit::Nat].into());
    assert_eq!(
        egress.subnets.iter().map(|subnet| subnet.subnet.as_str()).collect::<Vec<_>>(),
        ["subnet-a", "subnet-b"]
    );
    assert!(exposure.firewall_bypass.inspected.is_empty() && exposure.firewall_bypass.bypassing.is_empty());
}

#[test]
fn without_a_way_out_nothing_is_reached_and_nothing_is_missing() {
    let mut e = estate();
    subnet(&mut e, "vpc-1", "subnet-a", "10.0.1.0/24", &["pl-s3 vpce-s3"]);
    subnet(&mut e, "vpc-1", "subnet-b", "10.0.2.0/24", &[]);
    let exposure = expose(&e);
    assert!(exposure.egress.uninspected.is_empty() && exposure.egress.to_internet_by.is_empty());
    assert!(exposure.egress.gaps.is_empty(), "{:?}", exposure.egress.gaps);
}

#[test]
fn what_was_not_collected_is_not_nothing() {
    let mut e = estate();
    e.aws.security_groups = Table::new(Operation::DescribeSecurityGroups);
    let exposure = expose(&e);
    assert!(exposure.egress.uninspected.sure.is_empty() && holds(&exposure.egress.uninspected.unsure, 22, "8.8.8.8"));
    assert!(exposure.egress.gaps.iter().all(|gap| gap.operation == Operation::DescribeSecurityGroups));
    e.aws.route_tables = Table::new(Operation::DescribeRouteTables);
    let lost = expose(&e);
    assert!(holds(&lost.egress.uninspected.unsure, 443, "8.8.8.8") && !lost.egress.gaps.is_empty());
    e.aws.subnets = Table::new(Operation::DescribeSubnets);
    let none = expose(&e);
    for gaps in
        [&none.egress.gaps, &none.ingress_internet.gaps, &none.ingress_networks.gaps, &none.other_workspaces.gaps]
    {
        assert!(gaps.iter().any(|gap| gap.operation == Operation::DescribeSubnets), "{gaps:?}");
    }
}

/// AWS Network Firewall between the nodes of one subnet and the NAT gateway, both ways.
#[test]
fn a_subnet_beside_the_firewall_goes_past_it() {
    let mut e = estate();
    subnet(&mut e, "vpc-1", "subnet-a", "10.0.1.0/24", &["0.0.0.0/0 vpce-fw"]);
    subnet(&mut e, "vpc-1", "subnet-fw", "10.0.7.0/24", &["0.0.0.0/0 nat-1"]);
    subnet(&mut e, "vpc-1", "subnet-nat", "10.0.8.0/24", &["0.0.0.0/0 igw-1", "10.0.1.0/24 vpce-fw"]);
    let service = "com.amazonaws.vpce.us-east-1.vpce-svc-0f1";
    put(
        &mut e.aws.vpc_endpoints,
        "vpce-fw",
        json!({"VpcEndpointId": "vpce-fw", "VpcEndpointType": "GatewayLoadBalancer", "VpcId": "vpc-1", "ServiceName": service, "State": "available", "SubnetIds": ["subnet-fw"]}),
    );
    let exposure = expose(&e);
    assert_eq!(exposure.firewall_bypass.inspected, ["subnet-a"]);
    assert_eq!(exposure.firewall_bypass.bypassing, ["subnet-b"]);
    assert_eq!(exposure.egress.to_internet_by, [Exit::Nat, Exit::Inspected].into());
    // what the firewall makes of it is in no answer
    assert!(exposure.egress.inspected.sure.is_empty() && holds(&exposure.egress.inspected.unsure, 443, "8.8.8.8"));
}

/// A node with an Elastic IP in a subnet with a route to the internet gateway.
fn public_node() -> Estate {
    let mut e = estate();
    subnet(&mut e, "vpc-1", "subnet-a", "10.0.1.0/24", &["0.0.0.0/0 igw-1"]);
    put(
        &mut e.aws.interfaces,
        "eni-node",
        json!({
            "NetworkInterfaceId": "eni-node", "SubnetId": "subnet-a", "VpcId": "vpc-1", "PrivateIpAddress": "10.0.1.50",
            "Groups": [{"GroupId": "sg-nodes"}], "Association": {"PublicIp": "198.51.100.50"},
        }),
    );
    e
}

#[test]
fn the_internet_comes_in_where_a_node_has_an_address_and_an_open_group() {
    let mut e = public_node();
    let closed = expose(&e);
    assert!(closed.ingress_internet.doors.is_empty() && closed.ingress_internet.gaps.is_empty());
    open(&mut e, &["in tcp 22 0.0.0.0/0"]);
    let exposure = expose(&e);
    let [door] = exposure.ingress_internet.doors.as_slice() else { panic!("{:?}", exposure.ingress_internet) };
    assert_eq!(
        (door.resource.as_str(), door.address, door.span.words().as_str()),
        ("eni-node", Ip::parse("198.51.100.50"), "tcp/22")
    );
    // an interface that is no node of theirs
    edit(&mut e.aws.interfaces, "eni-node", |eni| eni.groups[0].group_id = "sg-ends".to_owned());
    assert!(expose(&e).ingress_internet.doors.is_empty());
    e.aws.interfaces = Table::new(Operation::DescribeNetworkInterfaces);
    assert!(!expose(&e).ingress_internet.gaps.is_empty());
}

/// The NAT gateway has 198.51.100.5.
#[test]
fn public_addresses_of_the_estate_are_no_strangers() {
    let mut e = public_node();
    open(&mut e, &["in tcp 22 198.51.100.5/32", "out tcp 22 198.51.100.5/32"]);
    let own = expose(&e);
    assert!(own.ingress_internet.doors.is_empty() && own.ingress_internet.gaps.is_empty());
    assert!(!words(&own.egress.uninspected.sure).contains("tcp/22"), "{}", words(&own.egress.uninspected.sure));
    open(&mut e, &["in tcp 22 198.51.100.5/32", "in tcp 22 8.8.8.8/32", "out tcp 22 198.51.100.4/31"]);
    let both = expose(&e);
    let [door] = both.ingress_internet.doors.as_slice() else { panic!("{:?}", both.ingress_internet) };
    assert!(holds(&door.span.sure, 22, "8.8.8.8") && !holds(&door.span.sure, 22, "198.51.100.5"));
    assert!(holds(&both.egress.uninspected.sure, 22, "198.51.100.4"));
}

#[test]
fn a_node_that_is_to_get_a_public_address_is_a_door_before_it_runs() {
    let mut e = estate();
    subnet(&mut e, "vpc-1", "subnet-a", "10.0.1.0/24", &["0.0.0.0/0 igw-1"]);
    open(&mut e, &["in tcp 8787 0.0.0.0/0"]);
    assert!(expose(&e).ingress_internet.doors.is_empty());
    edit(&mut e.aws.subnets, "subnet-a", |subnet| subnet.map_public_ip_on_launch = Some(true));
    let mapped = expose(&e);
    assert_eq!(
        mapped.ingress_internet.doors.iter().map(|door| door.resource.as_str()).collect::<Vec<_>>(),
        ["subnet-a"]
    );
    edit(&mut e.aws.subnets, "subnet-a", |subnet| subnet.map_public_ip_on_launch = None);
    assert!(expose(&e).ingress_internet.doors.is_empty() && !expose(&e).ingress_internet.gaps.is_empty());
    edit(&mut e.databricks.workspaces, "1", |ws| ws.is_no_public_ip_enabled = Some(true));
    assert!(expose(&e).ingress_internet.gaps.is_empty());
}

/// vpc-5 peered with the VPC of the nodes, routed both ways.
fn peered() -> Estate {
    let mut e = estate();
    let routes = [CLUSTER, &["10.5.0.0/16 pcx-1"]].concat();
    subnet(&mut e, "vpc-1", "subnet-a", "10.0.1.0/24", &routes);
    vpc(&mut e, "vpc-5", "10.5.0.0/16");
    subnet(&mut e, "vpc-5", "subnet-5", "10.5.1.0/24", &["10.0.0.0/16 pcx-1"]);
    let side = |id: &str, block: &str| json!({"VpcId": id, "CidrBlock": block, "OwnerId": "111122223333", "Region": "us-east-1"});
    let body = json!({"VpcPeeringConnectionId": "pcx-1", "Status": {"Code": "active"}, "RequesterVpcInfo": side("vpc-1", "10.0.0.0/16"), "AccepterVpcInfo": side("vpc-5", "10.5.0.0/16")});
    put(&mut e.aws.peerings, "pcx-1", body);
    e
}

#[test]
fn a_peer_reaches_what_the_groups_admit() {
    let mut e = peered();
    assert_eq!(told(&expose(&e).ingress_networks), "");
    open(&mut e, &["in tcp 22 10.5.0.0/16"]);
    assert_eq!(told(&expose(&e).ingress_networks), "vpc-5 tcp/22");
    open(&mut e, &["in tcp 22 10.6.0.0/16"]);
    assert_eq!(told(&expose(&e).ingress_networks), "");
    // by reference to a group of the peer
    group(&mut e, "vpc-5", "sg-peer", &["out tcp 22 10.0.0.0/16"]);
    open(&mut e, &["in tcp 22-23 sg-peer"]);
    assert_eq!(told(&expose(&e).ingress_networks), "vpc-5 tcp/22");
}

/// Groups that admit each other alone let nobody in, whatever is joined.
#[test]
fn what_is_joined_matters_to_groups_that_admit_it() {
    let mut e = peered();
    e.aws.peerings = Table::new(Operation::DescribeVpcPeeringConnections);
    assert_eq!(told(&expose(&e).ingress_networks), "");
    open(&mut e, &["in tcp 22 10.0.0.0/8"]);
    assert_eq!(told(&expose(&e).ingress_networks), "ec2:DescribeVpcPeeringConnections");
    let mut e = peered();
    e.aws.vpcs = {
        let mut kept = Table::new(Operation::DescribeVpcs);
        e.aws.vpcs.rows().iter().filter(|row| row.id == "vpc-1").for_each(|row| kept.push(row.clone()));
        kept
    };
    e.aws.subnets = {
        let mut kept = Table::new(Operation::DescribeSubnets);
        e.aws.subnets.rows().iter().filter(|row| row.id != "subnet-5").for_each(|row| kept.push(row.clone()));
        kept
    };
    open(&mut e, &["in tcp 22 10.6.0.0/16"]);
    assert_eq!(told(&expose(&e).ingress_networks), "");
    open(&mut e, &["in tcp 22 10.5.0.0/16"]);
    assert_eq!(told(&expose(&e).ingress_networks), "ec2:DescribeVpcs");
}

#[test]
fn networks_on_premises_come_in_behind_the_gateway() {
    let mut e = estate();
    let routes = [CLUSTER, &["10.100.0.0/16 vgw-1"]].concat();
    subnet(&mut e, "vpc-1", "subnet-a", "10.0.1.0/24", &routes);
    put(
        &mut e.aws.vpn_gateways,
        "vgw-1",
        json!({"VpnGatewayId": "vgw-1", "State": "available", "VpcAttachments": [{"VpcId": "vpc-1", "State": "attached"}]}),
    );
    open(&mut e, &["in tcp 443 10.0.0.0/8"]);
    let exposure = expose(&e);
    assert_eq!(told(&exposure.ingress_networks), "vgw-1 tcp/443");
    let clients = exposure.ingress_networks.list[0].span.sure.addresses();
    assert!(clients.contains(Ip::parse("10.100.3.4").unwrap()) && !clients.contains(Ip::parse("10.99.0.1").unwrap()));
}

/// A second workspace in the VPC, with a subnet of its own.
fn second(groups: &[&str]) -> Estate {
    let mut e = estate();
    subnet(&mut e, "vpc-1", "subnet-c", "10.0.3.0/24", CLUSTER);
    group(&mut e, "vpc-1", "sg-other", &["out tcp 0-65535 0.0.0.0/0"]);
    put_account(
        &mut e.databricks.networks,
        "net-2",
        json!({"network_id": "net-2", "vpc_id": "vpc-1", "subnet_ids": ["subnet-c"], "security_group_ids": groups}),
    );
    put_account(
        &mut e.databricks.workspaces,
        "2",
        json!({"workspace_id": 2, "network_id": "net-2", "aws_region": "us-east-1"}),
    );
    e
}

#[test]
fn a_shared_group_joins_two_workspaces() {
    let exposure = expose(&second(&["sg-nodes"]));
    assert_eq!(told(&exposure.other_workspaces), "net-2 tcp, udp");
    assert_eq!(exposure.other_workspaces.list[0].workspaces.len(), 1);
    assert_eq!(told(&expose(&second(&["sg-other"])).other_workspaces), "");
    let mut e = second(&["sg-other"]);
    open(&mut e, &["in tcp 7077 10.0.0.0/16"]);
    assert_eq!(told(&expose(&e).other_workspaces), "net-2 tcp/7077");
    // a configuration that nobody uses starts no node
    e.databricks.workspaces.existing("2").unwrap().id = "3".to_owned();
    edit(&mut e.databricks.workspaces, "2", |ws| ws.network_id = None);
    assert_eq!(told(&expose(&e).other_workspaces), "");
}

#[test]
fn a_list_of_networks_that_was_not_collected_may_hold_others() {
    let mut e = estate();
    let mut kept = Table::new(Operation::ListNetworks);
    e.databricks.networks.rows().iter().for_each(|row| kept.push(row.clone()));
    e.databricks.networks = kept;
    assert_eq!(told(&expose(&e).other_workspaces), "GET /accounts/{account}/networks");
}
