//! A small world as one evidence file: a workspace in two subnets, a REST endpoint in two more, a
//! public subnet with a NAT gateway, a virtual private gateway that no route leads to.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(super) struct Run {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

/// `plaudit path` in a folder, with an environment that tells it nothing.
pub(super) fn plaudit(folder: &Path, args: &[&str], input: &str) -> Run {
    let mut command = Command::cargo_bin("plaudit").unwrap();
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CI"] {
        command.env_remove(name);
    }
    let output = command.current_dir(folder).arg("path").args(args).write_stdin(input).output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A world on disk.
pub(super) struct Place(TempDir);

impl Place {
    pub(super) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// A question to the world.
    pub(super) fn ask(&self, args: &[&str]) -> Run {
        self.ask_with(args, "")
    }

    /// The same, with standard input.
    pub(super) fn ask_with(&self, args: &[&str], input: &str) -> Run {
        plaudit(self.folder(), &[&["world.json"], args].concat(), input)
    }
}

/// Writes the world after a change; answers that are null were never collected.
pub(super) fn world(change: impl FnOnce(&mut Value)) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let mut world = base();
    change(&mut world);
    place_of(&mut world).as_object_mut().unwrap().retain(|_, answer| !answer.is_null());
    fs::write(folder.path().join("world.json"), serde_json::to_string_pretty(&world).unwrap()).unwrap();
    Place(folder)
}

/// The answers of the one AWS account and region.
pub(super) fn place_of(world: &mut Value) -> &mut Value {
    &mut world["aws"]["111122223333"]["eu-central-1"]
}

/// Adds a route.
pub(super) fn route(world: &mut Value, table: &str, to: &str, kind: &str, target: &str) {
    let tables = place_of(world)["describe-route-tables"]["RouteTables"].as_array_mut().unwrap();
    let table = tables.iter_mut().find(|known| known["RouteTableId"] == table).unwrap();
    let route = json!({"DestinationCidrBlock": to, kind: target, "State": "active"});
    table["Routes"].as_array_mut().unwrap().push(route);
}

fn subnet(id: &str, block: &str) -> Value {
    json!({"SubnetId": id, "VpcId": "vpc-1", "CidrBlock": block, "AvailabilityZone": "eu-central-1a", "OwnerId": "111122223333"})
}

fn table(id: &str, subnets: &[&str]) -> Value {
    let associations: Vec<Value> = subnets.iter().map(|id| json!({"Main": false, "SubnetId": id})).collect();
    let local = json!({"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"});
    json!({"RouteTableId": id, "VpcId": "vpc-1", "Associations": associations, "Routes": [local], "OwnerId": "111122223333"})
}

fn interface(id: &str, subnet: &str, ip: &str, group: &str, kind: &str) -> Value {
    json!({
        "NetworkInterfaceId": id, "SubnetId": subnet, "VpcId": "vpc-1", "InterfaceType": kind, "Status": "in-use",
        "PrivateIpAddress": ip, "PrivateIpAddresses": [{"PrivateIpAddress": ip, "Primary": true}],
        "Groups": [{"GroupId": group}], "SourceDestCheck": true, "OwnerId": "111122223333",
    })
}

fn group(id: &str, ingress: Value, egress: Value) -> Value {
    json!({"GroupId": id, "GroupName": id, "VpcId": "vpc-1", "IpPermissions": ingress, "IpPermissionsEgress": egress, "OwnerId": "111122223333"})
}

fn rule(port: u16, block: &str) -> Value {
    json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": block}]})
}

fn base() -> Value {
    let entry = |egress: bool| json!({"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": egress, "CidrBlock": "0.0.0.0/0"});
    let subnets = ["subnet-a", "subnet-b", "subnet-endpoint", "subnet-public"];
    let acl = json!({
        "NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true, "Entries": [entry(false), entry(true)],
        "Associations": subnets.map(|id| json!({"SubnetId": id})), "OwnerId": "111122223333",
    });
    let mut public = table("rtb-public", &["subnet-public"]);
    public["Routes"]
        .as_array_mut()
        .unwrap()
        .push(json!({"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}));
    let mut main = table("rtb-main", &[]);
    main["Associations"] = json!([{"Main": true}]);
    let nodes = json!([rule(443, "10.0.0.0/16"), rule(8443, "0.0.0.0/0")]);
    let endpoint = json!({
        "VpcEndpointId": "vpce-rest", "VpcEndpointType": "Interface", "VpcId": "vpc-1", "State": "available",
        "ServiceName": "com.amazonaws.vpce.eu-central-1.vpce-svc-081f78503812597f7", "PrivateDnsEnabled": true,
        "SubnetIds": ["subnet-endpoint"], "Groups": [{"GroupId": "sg-rest"}],
        "NetworkInterfaceIds": ["eni-rest-a", "eni-rest-b"], "OwnerId": "111122223333",
        "DnsEntries": [{"DnsName": "frankfurt.privatelink.cloud.databricks.com"}],
    });
    let nat = json!({
        "NatGatewayId": "nat-1", "VpcId": "vpc-1", "SubnetId": "subnet-public", "State": "available", "ConnectivityType": "public",
        "NatGatewayAddresses": [{"PublicIp": "203.0.113.10", "PrivateIp": "10.0.9.5", "NetworkInterfaceId": "eni-nat"}],
    });
    let mut answers = json!({
        "describe-vpcs": {"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "DhcpOptionsId": "dopt-1", "OwnerId": "111122223333",
            "CidrBlockAssociationSet": [{"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}}]}]},
        "vpc-attributes": {"vpc-1": {
            "enableDnsSupport": {"VpcId": "vpc-1", "EnableDnsSupport": {"Value": true}},
            "enableDnsHostnames": {"VpcId": "vpc-1", "EnableDnsHostnames": {"Value": true}},
        }},
        "describe-dhcp-options": {"DhcpOptions": [{"DhcpOptionsId": "dopt-1", "DhcpConfigurations":
            [{"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}]}]},
        "describe-subnets": {"Subnets": [
            subnet("subnet-a", "10.0.1.0/24"), subnet("subnet-b", "10.0.2.0/24"),
            subnet("subnet-endpoint", "10.0.8.0/24"), subnet("subnet-public", "10.0.9.0/24"),
        ]},
        "describe-route-tables": {"RouteTables": [
            table("rtb-a", &["subnet-a"]), table("rtb-b", &["subnet-b"]), table("rtb-endpoint", &["subnet-endpoint"]), public, main,
        ]},
        "describe-security-groups": {"SecurityGroups": [
            group("sg-nodes", json!([]), nodes), group("sg-other", json!([]), json!([])),
            group("sg-rest", json!([rule(443, "10.0.0.0/16")]), json!([])),
        ]},
        "describe-network-acls": {"NetworkAcls": [acl]},
        "describe-network-interfaces": {"NetworkInterfaces": [
            interface("eni-node", "subnet-a", "10.0.1.10", "sg-nodes", "interface"),
            interface("eni-rest-a", "subnet-endpoint", "10.0.8.4", "sg-rest", "vpc_endpoint"),
            interface("eni-rest-b", "subnet-endpoint", "10.0.8.5", "sg-rest", "vpc_endpoint"),
        ]},
        "describe-instances": {"Reservations": [{"Instances": [{"InstanceId": "i-node", "PrivateIpAddress": "10.0.1.10",
            "NetworkInterfaces": [{"NetworkInterfaceId": "eni-node"}]}]}]},
        "describe-nat-gateways": {"NatGateways": [nat]},
        "describe-internet-gateways": {"InternetGateways": [{"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1", "State": "available"}]}]},
        "describe-vpc-endpoints": {"VpcEndpoints": [endpoint]},
        "describe-vpn-gateways": {"VpnGateways": [{"VpnGatewayId": "vgw-1", "State": "available", "VpcAttachments": [{"VpcId": "vpc-1", "State": "attached"}]}]},
        "describe-vpc-block-public-access-options": {"VpcBlockPublicAccessOptions": {"AwsAccountId": "111122223333", "AwsRegion": "eu-central-1", "InternetGatewayBlockMode": "off"}},
    });
    for (name, key) in [
        ("describe-addresses", "Addresses"),
        ("describe-egress-only-internet-gateways", "EgressOnlyInternetGateways"),
        ("describe-vpc-peering-connections", "VpcPeeringConnections"),
        ("describe-transit-gateways", "TransitGateways"),
        ("describe-transit-gateway-attachments", "TransitGatewayAttachments"),
        ("describe-managed-prefix-lists", "PrefixLists"),
        ("describe-transit-gateway-vpc-attachments", "TransitGatewayVpcAttachments"),
        ("list-resolver-rules", "ResolverRules"),
        ("describe-vpc-block-public-access-exclusions", "VpcBlockPublicAccessExclusions"),
        ("list-firewalls", "Firewalls"),
        ("list-resolver-rule-associations", "ResolverRuleAssociations"),
        ("list-resolver-endpoints", "ResolverEndpoints"),
        ("describe-transit-gateway-route-tables", "TransitGatewayRouteTables"),
    ] {
        answers[name] = json!({key: []});
    }
    json!({
        "format": "plaudit-evidence/1",
        "aws": {"111122223333": {"eu-central-1": answers, "global": {"list-hosted-zones": {"HostedZones": []}}}},
        "databricks": {"00000000-0000-4000-8000-000000000001": {
            "workspaces": [{"workspace_id": 1001, "workspace_name": "prod", "deployment_name": "dbc-prod", "aws_region": "eu-central-1", "network_id": "network-1"}],
            "networks": [{"network_id": "network-1", "network_name": "net", "vpc_id": "vpc-1", "subnet_ids": ["subnet-a", "subnet-b"], "security_group_ids": ["sg-nodes"]}],
        }},
    })
}
