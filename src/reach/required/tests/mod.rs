//! Expected answers are those of the AWS and Databricks documentation, for one workspace in
//! us-east-1: two cluster subnets with a NAT gateway, back-end PrivateLink, S3 by a gateway
//! endpoint. Everything was collected unless a test says otherwise.

mod endpoint;
mod filter;
mod missing;
mod outward;
mod user;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::RequiredPath;
use crate::estate::{Estate, Evidence, Operation, Origin, Place, Row, Table};
use crate::reach::World;
use crate::reach::flow::Verdict;

pub(in crate::reach) const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-east-1";
pub(in crate::reach) const REST: &str = "com.amazonaws.vpce.us-east-1.vpce-svc-09143d1e626de2f04";
const RELAY: &str = "com.amazonaws.vpce.us-east-1.vpce-svc-00018a8c3ff62ffdf";
const DATABRICKS: &str = "414351767826";

/// Adds a row, or replaces it.
pub(in crate::reach) fn put<T: DeserializeOwned>(table: &mut Table<T>, id: &str, value: Value) {
    let body = serde_json::from_value(value).unwrap_or_else(|problem| panic!("{id}: {problem}"));
    let place = Place::new(ACCOUNT, REGION);
    match table.existing(id) {
        Some(row) => row.body = Evidence::Known(body),
        None => table.push(Row { id: id.to_owned(), place, origin: Origin::default(), body: Evidence::Known(body) }),
    }
}

/// The same in a table of the Databricks account.
pub(in crate::reach) fn put_account<T: DeserializeOwned>(table: &mut Table<T>, id: &str, value: Value) {
    put(table, id, value);
    table.existing(id).unwrap().place = Place { account: Some("account".to_owned()), region: None };
}

/// Changes a row.
pub(in crate::reach) fn edit<T>(table: &mut Table<T>, id: &str, change: impl FnOnce(&mut T)) {
    match &mut table.existing(id).unwrap_or_else(|| panic!("no {id}")).body {
        Evidence::Known(body) => change(body),
        Evidence::Unknown(gap) => panic!("{gap}"),
    }
}

/// An estate in which every list was collected, and nothing is.
pub(in crate::reach) fn empty() -> Estate {
    let mut estate = Estate::default();
    for operation in Operation::ALL {
        let place = if operation.is_global() { Place::new(ACCOUNT, "global") } else { Place::new(ACCOUNT, REGION) };
        estate.aws.cover(*operation, &place);
        estate.databricks.cover(*operation, &Place { account: Some("account".to_owned()), region: None });
    }
    put(&mut estate.aws.block_public_access, "111122223333/us-east-1", json!({"InternetGatewayBlockMode": "off"}));
    estate
}

/// A VPC with its resolver on and an ACL that lets everything pass.
pub(in crate::reach) fn vpc(estate: &mut Estate, id: &str, block: &str) {
    put(&mut estate.aws.vpcs, id, json!({"VpcId": id, "CidrBlock": block, "DhcpOptionsId": "default"}));
    put(&mut estate.aws.dns_support, id, json!(true));
    put(&mut estate.aws.dns_hostnames, id, json!(true));
    let entry = |egress: bool| json!({"RuleNumber": 100, "Egress": egress, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"});
    let acl = format!("acl-{id}");
    put(
        &mut estate.aws.network_acls,
        &acl,
        json!({"NetworkAclId": acl, "VpcId": id, "IsDefault": true, "Entries": [entry(true), entry(false)]}),
    );
}

/// A subnet with a route table of its own. Routes are written `<block or list> <target>`.
pub(in crate::reach) fn subnet(estate: &mut Estate, vpc: &str, id: &str, block: &str, routes: &[&str]) {
    put(
        &mut estate.aws.subnets,
        id,
        json!({"SubnetId": id, "VpcId": vpc, "CidrBlock": block, "AvailabilityZoneId": "use1-az1", "MapPublicIpOnLaunch": false}),
    );
    let base = block.rsplitn(3, '.').last().unwrap_or_default();
    let local = format!("{base}.0.0/16 local");
    let routes: Vec<Value> = routes.iter().copied().chain([local.as_str()]).map(route).collect();
    let table = format!("rtb-{id}");
    put(
        &mut estate.aws.route_tables,
        &table,
        json!({"RouteTableId": table, "VpcId": vpc, "Routes": routes, "Associations": [{"SubnetId": id}]}),
    );
}

fn route(route: &str) -> Value {
    let (to, target) = route.split_once(' ').unwrap();
    let destination = if to.starts_with("pl-") { "DestinationPrefixListId" } else { "DestinationCidrBlock" };
    let kind = match target.split('-').next().unwrap() {
        "nat" => "NatGatewayId",
        "pcx" => "VpcPeeringConnectionId",
        "tgw" => "TransitGatewayId",
        _ => "GatewayId",
    };
    json!({destination: to, kind: target, "State": "active"})
}

/// A security group. Permissions are written `in tcp 443 10.0.0.0/8`, `out udp 0-65535 sg-nodes`.
pub(in crate::reach) fn group(estate: &mut Estate, vpc: &str, id: &str, permissions: &[&str]) {
    let of = |way: &str| -> Vec<Value> {
        permissions.iter().filter_map(|permission| permission.strip_prefix(way)).map(permission).collect()
    };
    let body = json!({"GroupId": id, "VpcId": vpc, "IpPermissions": of("in "), "IpPermissionsEgress": of("out ")});
    put(&mut estate.aws.security_groups, id, body);
}

fn permission(text: &str) -> Value {
    let words: Vec<&str> = text.split(' ').collect();
    let [protocol, ports, peer] = words.as_slice() else { panic!("{text}") };
    let (from, to) = ports.split_once('-').unwrap_or((ports, ports));
    let (from, to): (i64, i64) = (from.parse().unwrap(), to.parse().unwrap());
    let peer = if peer.starts_with("sg-") {
        ("UserIdGroupPairs", json!([{"GroupId": peer}]))
    } else if peer.starts_with("pl-") {
        ("PrefixListIds", json!([{"PrefixListId": peer}]))
    } else {
        ("IpRanges", json!([{"CidrIp": peer}]))
    };
    json!({"IpProtocol": protocol, "FromPort": from, "ToPort": to, peer.0: peer.1})
}

/// An interface endpoint with private DNS, one interface for each address.
pub(in crate::reach) fn endpoint(
    estate: &mut Estate,
    vpc: &str,
    id: &str,
    service: &str,
    subnet: &str,
    group: &str,
    ips: &[&str],
) {
    let enis: Vec<String> = (1..=ips.len()).map(|at| format!("eni-{}-{at}", id.trim_start_matches("vpce-"))).collect();
    for (eni, ip) in enis.iter().zip(ips) {
        put(
            &mut estate.aws.interfaces,
            eni,
            json!({"NetworkInterfaceId": eni, "SubnetId": subnet, "VpcId": vpc, "PrivateIpAddress": ip, "Groups": [{"GroupId": group}]}),
        );
    }
    put(
        &mut estate.aws.vpc_endpoints,
        id,
        json!({
            "VpcEndpointId": id, "VpcEndpointType": "Interface", "VpcId": vpc, "ServiceName": service, "State": "available",
            "PrivateDnsEnabled": true, "NetworkInterfaceIds": enis, "SubnetIds": [subnet], "Groups": [{"GroupId": group}],
        }),
    );
}

pub(in crate::reach) const NODES: &[&str] = &[
    "in tcp 0-65535 sg-nodes",
    "in udp 0-65535 sg-nodes",
    "out tcp 0-65535 sg-nodes",
    "out udp 0-65535 sg-nodes",
    "out tcp 443 0.0.0.0/0",
    "out tcp 2443 0.0.0.0/0",
    "out tcp 6666 0.0.0.0/0",
    "out tcp 8443-8451 0.0.0.0/0",
];

pub(in crate::reach) const CLUSTER: &[&str] = &["0.0.0.0/0 nat-1", "pl-s3 vpce-s3"];

/// The workspace of the module's words.
pub(in crate::reach) fn estate() -> Estate {
    let mut estate = empty();
    let e = &mut estate;
    vpc(e, "vpc-1", "10.0.0.0/16");
    subnet(e, "vpc-1", "subnet-a", "10.0.1.0/24", CLUSTER);
    subnet(e, "vpc-1", "subnet-b", "10.0.2.0/24", CLUSTER);
    subnet(e, "vpc-1", "subnet-nat", "10.0.8.0/24", &["0.0.0.0/0 igw-1"]);
    subnet(e, "vpc-1", "subnet-ends", "10.0.9.0/24", &[]);
    put(
        &mut e.aws.internet_gateways,
        "igw-1",
        json!({"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1"}]}),
    );
    let address = json!([{"PrivateIp": "10.0.8.5", "PublicIp": "198.51.100.5", "IsPrimary": true}]);
    put(
        &mut e.aws.nat_gateways,
        "nat-1",
        json!({"NatGatewayId": "nat-1", "VpcId": "vpc-1", "SubnetId": "subnet-nat", "State": "available", "NatGatewayAddresses": address}),
    );
    put(&mut e.aws.prefix_lists, "pl-s3", json!("com.amazonaws.us-east-1.s3"));
    put(&mut e.aws.prefix_list_entries, "pl-s3", json!(["52.216.0.0/15", "3.5.0.0/19"]));
    put(
        &mut e.aws.vpc_endpoints,
        "vpce-s3",
        json!({"VpcEndpointId": "vpce-s3", "VpcEndpointType": "Gateway", "VpcId": "vpc-1", "ServiceName": "com.amazonaws.us-east-1.s3", "State": "available"}),
    );
    group(e, "vpc-1", "sg-nodes", NODES);
    group(
        e,
        "vpc-1",
        "sg-ends",
        &["in tcp 443 sg-nodes", "in tcp 2443 sg-nodes", "in tcp 6666 sg-nodes", "in tcp 8443-8451 sg-nodes"],
    );
    endpoint(e, "vpc-1", "vpce-rest", REST, "subnet-ends", "sg-ends", &["10.0.9.10", "10.0.9.11"]);
    endpoint(e, "vpc-1", "vpce-relay", RELAY, "subnet-ends", "sg-ends", &["10.0.9.20"]);
    for (id, service) in [("rest", REST), ("relay", RELAY)] {
        register(e, &format!("reg-{id}"), &format!("vpce-{id}"), service);
    }
    let names = |list: &[&str]| json!(list);
    put_account(
        &mut e.databricks.networks,
        "net-1",
        json!({
            "network_id": "net-1", "network_name": "net-1", "vpc_id": "vpc-1", "subnet_ids": names(&["subnet-a", "subnet-b"]),
            "security_group_ids": names(&["sg-nodes"]), "vpc_endpoints": {"rest_api": ["reg-rest"], "dataplane_relay": ["reg-relay"]},
        }),
    );
    put_account(
        &mut e.databricks.private_access_settings,
        "pas-1",
        json!({"private_access_settings_id": "pas-1", "public_access_enabled": true, "private_access_level": "ACCOUNT"}),
    );
    put_account(
        &mut e.databricks.storage_configurations,
        "store-1",
        json!({"storage_configuration_id": "store-1", "root_bucket_info": {"bucket_name": "root-1"}}),
    );
    put_account(
        &mut e.databricks.workspaces,
        "1",
        json!({
            "workspace_id": 1, "workspace_name": "prod", "deployment_name": "dbc-1", "aws_region": REGION, "network_id": "net-1",
            "private_access_settings_id": "pas-1", "storage_configuration_id": "store-1",
        }),
    );
    compliance(e, false);
    estate
}

/// Registers an endpoint of the account's own.
pub(in crate::reach) fn register(e: &mut Estate, id: &str, endpoint: &str, service: &str) {
    let service = service.rsplit('.').next().unwrap();
    put_account(
        &mut e.databricks.registrations,
        id,
        json!({"vpc_endpoint_id": id, "aws_vpc_endpoint_id": endpoint, "aws_account_id": ACCOUNT, "aws_endpoint_service_id": service, "region": REGION}),
    );
}

/// Switches the compliance security profile.
fn compliance(e: &mut Estate, on: bool) {
    put_account(
        &mut e.databricks.workspace_settings,
        "1/shield_csp_enablement_ws_db",
        json!({"compliance_security_profile_workspace": {"is_enabled": on}}),
    );
}

/// A network ACL for some subnets. Entries are written `90 out deny tcp 6666 0.0.0.0/0`.
fn acl(e: &mut Estate, id: &str, subnets: &[&str], entries: &[&str]) {
    let all = ["100 in allow -1 0 0.0.0.0/0", "100 out allow -1 0 0.0.0.0/0"];
    let entries: Vec<Value> = entries.iter().copied().chain(all).map(|entry| {
        let words: Vec<&str> = entry.split(' ').collect();
        let [number, way, action, protocol, ports, block] = words.as_slice() else { panic!("{entry}") };
        let (from, to) = ports.split_once('-').unwrap_or((ports, ports));
        let number: i64 = number.parse().unwrap();
        let (from, to): (i64, i64) = (from.parse().unwrap(), to.parse().unwrap());
        let protocol = if *protocol == "tcp" { "6" } else { protocol };
        json!({"RuleNumber": number, "Egress": *way == "out", "RuleAction": action, "Protocol": protocol, "CidrBlock": block, "PortRange": {"From": from, "To": to}})
    }).collect();
    let associations: Vec<Value> = subnets.iter().map(|subnet| json!({"SubnetId": subnet})).collect();
    put(
        &mut e.aws.network_acls,
        id,
        json!({"NetworkAclId": id, "VpcId": "vpc-1", "Entries": entries, "Associations": associations}),
    );
}

/// The paths of workspace 1.
fn paths(estate: &Estate) -> Vec<RequiredPath> {
    let mut estate = estate.clone();
    estate.seal();
    let row = estate.databricks.workspaces.number("1").unwrap();
    World::of(&estate).required().of_workspace(row).to_vec()
}

fn path(estate: &Estate, name: &str) -> RequiredPath {
    paths(estate).into_iter().find(|path| path.name == name).unwrap_or_else(|| panic!("no path {name}"))
}

/// `<verdict> <exits>`, then `<code> <resource>` of each blocker, then what else is told.
fn told(path: &RequiredPath) -> String {
    let exits: Vec<&str> = path.exits.iter().map(|exit| exit.word()).collect();
    let mut told = format!("{} {}", path.verdict, exits.join("+"));
    for blocker in &path.blockers {
        told += &format!(" | {} {}", blocker.code.name(), blocker.resource);
    }
    for gap in &path.gaps {
        told += &format!(" | {}", gap.operation.name());
    }
    if path.verdict == Verdict::Unreachable && path.blocked_subnets != ["subnet-a", "subnet-b"] {
        told += &format!(" | from {}", path.blocked_subnets.join(", "));
    }
    if !path.blocked_ports.is_empty() {
        told += &format!(" | ports {}", path.blocked_ports);
    }
    told
}

/// What a path of the estate comes to.
fn tell(estate: &Estate, name: &str) -> String {
    told(&path(estate, name))
}

#[test]
fn a_sound_workspace_reaches_what_it_needs() {
    let told: Vec<String> = paths(&estate()).iter().map(|path| format!("{} {}", path.name, told(path))).collect();
    let wanted = [
        "rest reachable endpoint",
        "internal-api reachable endpoint",
        "unity-catalog reachable endpoint",
        "extendability reachable endpoint",
        "relay reachable endpoint",
        "s3-root reachable gateway-endpoint",
        "s3-artifacts reachable gateway-endpoint",
        "s3-logs reachable gateway-endpoint",
        "s3-system-tables reachable gateway-endpoint",
        "sts reachable nat",
        "kinesis reachable nat",
        "nodes reachable inside",
        "nodes-udp reachable inside",
        "dns reachable inside",
        "dns-tcp reachable inside",
    ];
    assert_eq!(told, wanted);
}

#[test]
fn a_path_says_what_it_is_about() {
    let relay = path(&estate(), "relay");
    assert_eq!((relay.ports[0].from, relay.ports[0].to), (6666, 6666));
    assert_eq!(relay.hosts, ["tunnel.privatelink.us-east-1.cloud.databricks.com"]);
    assert!(relay.names.iter().any(|hop| hop.resource == "vpce-relay"), "{:?}", relay.names);
    let artifacts = path(&estate(), "s3-artifacts");
    assert_eq!(artifacts.hosts, ["databricks-prod-artifacts-us-east-1.s3.us-east-1.amazonaws.com"]);
    assert!(artifacts.example.is_some() && artifacts.blocked_subnets.is_empty());
}
