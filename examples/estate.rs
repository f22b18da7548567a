//! Writes an evidence file of many workspaces, to measure with: the same bytes for the same
//! number, and nothing wrong but a closed relay port in every 50th workspace.
//!
//! ```text
//! cargo run --release --example estate -- --workspaces 1000 -o estate.json
//! ```

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::iter::once_with;
use std::path::PathBuf;

use clap::Parser;
use plaudit::estate::region::{Region, service_id};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

const DATABRICKS: &str = "0c7d1f3e-0000-4000-8000-000000000001";
const REGIONS: [&str; 4] = ["eu-central-1", "us-east-1", "eu-west-1", "us-west-2"];
const AN_ACCOUNT: usize = 50;
const OFFICES: &str = "198.51.100.0/25";

// What a workspace has several of, by number: subnets, security groups, endpoints, keys.
const CLUSTER_SUBNETS: [usize; 2] = [0, 1];
const ENDPOINT_SUBNETS: [usize; 2] = [2, 3];
const NODES: usize = 0;
const DATABRICKS_ENDPOINTS: usize = 1;
const AWS_ENDPOINTS: usize = 2;
const REST: usize = 0;
const RELAY: usize = 1;
const STS: usize = 2;
const KINESIS: usize = 3;
const S3: usize = 4;
const NODE: usize = 9;
const SERVICES: usize = 0;
const STORAGE: usize = 1;

/// Writes an evidence file (plaudit-evidence/1) of many workspaces, for measurements. The same
/// number gives the same bytes. The relay endpoint of every 50th workspace refuses tcp/6666.
#[derive(Parser)]
struct Args {
    /// How many workspaces; 50 share an AWS account and a region.
    #[arg(short, long, value_name = "N")]
    workspaces: usize,

    /// Where to write [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn main() -> io::Result<()> {
    let args = Args::parse();
    match &args.output {
        Some(path) => write(args.workspaces, File::create(path)?),
        None => write(args.workspaces, io::stdout().lock()),
    }
}

/// Writes the evidence with one AWS account, or one list, in memory at a time.
fn write(workspaces: usize, output: impl Write) -> io::Result<()> {
    let mut output = BufWriter::new(output);
    serde_json::to_writer_pretty(&mut output, &Evidence(workspaces))?;
    output.write_all(b"\n")?;
    output.flush()
}

/// An object whose members are made while they are written.
struct Object<F>(F);

impl<F: Fn() -> I, I: IntoIterator<Item = (K, V)>, K: Serialize, V: Serialize> Serialize for Object<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map((self.0)())
    }
}

/// The evidence of this many workspaces.
struct Evidence(usize);

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all: Vec<Workspace> = (0..self.0).map(Workspace::numbered).collect();
        let aws = Object(|| all.chunks(AN_ACCOUNT).map(|some| (&some[0].account, aws(some))));
        let account = Object(|| lists(&all).chain(all.iter().map(|w| (w.id.to_string(), w.folder()))));
        let mut file = serializer.serialize_map(None)?;
        file.serialize_entry("format", plaudit::sources::FORMAT)?;
        file.serialize_entry("tool", "examples/estate.rs")?;
        file.serialize_entry("collected_at", "2026-11-22T06:00:00Z")?;
        file.serialize_entry("aws", &aws)?;
        file.serialize_entry("databricks", &Object(|| [(DATABRICKS, &account)]))?;
        file.serialize_entry("gaps", &[(); 0])?;
        file.end()
    }
}

// ------------------------------------------------------------------ AWS

/// The answers of one AWS account, whose workspaces lie in one region.
fn aws(some: &[Workspace]) -> Value {
    let (account, name, list) = (&some[0].account, &some[0].region.region, some[0].prefix_list());
    let every = |of: fn(&Workspace) -> Vec<Value>| some.iter().flat_map(of).collect::<Vec<_>>();
    let folder = |of: fn(&Workspace) -> Vec<(String, Value)>| some.iter().flat_map(of).collect::<Map<_, _>>();
    let regional = json!({
        "describe-vpcs": {"Vpcs": every(Workspace::vpc)},
        "vpc-attributes": folder(Workspace::vpc_attributes),
        "describe-dhcp-options": {"DhcpOptions": [{
            "DhcpOptionsId": some[0].dhcp_options(), "OwnerId": account,
            "DhcpConfigurations": [{"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}],
        }]},
        "describe-subnets": {"Subnets": every(Workspace::subnets)},
        "describe-route-tables": {"RouteTables": every(Workspace::route_tables)},
        "describe-security-groups": {"SecurityGroups": every(Workspace::security_groups)},
        "describe-network-acls": {"NetworkAcls": every(Workspace::network_acl)},
        "describe-network-interfaces": {"NetworkInterfaces": every(Workspace::interfaces)},
        "describe-instances": {"Reservations": every(Workspace::instances)},
        "describe-vpc-endpoints": {"VpcEndpoints": every(Workspace::endpoints)},
        "describe-flow-logs": {"FlowLogs": every(Workspace::flow_log)},
        "describe-managed-prefix-lists": {"PrefixLists": [{
            "PrefixListId": list, "PrefixListName": format!("com.amazonaws.{name}.s3"), "OwnerId": "AWS",
        }]},
        "managed-prefix-lists": {list: {"entries": {"Entries": [{"Cidr": "198.51.100.128/25"}]}}},
        "describe-vpc-block-public-access-options": {"VpcBlockPublicAccessOptions": {
            "AwsAccountId": account, "AwsRegion": name, "InternetGatewayBlockMode": "block-bidirectional",
        }},
        "kms": folder(Workspace::keys),
        "describe-addresses": {"Addresses": []},
        "describe-nat-gateways": {"NatGateways": []},
        "describe-internet-gateways": {"InternetGateways": []},
        "describe-egress-only-internet-gateways": {"EgressOnlyInternetGateways": []},
        "describe-vpc-peering-connections": {"VpcPeeringConnections": []},
        "describe-transit-gateways": {"TransitGateways": []},
        "describe-transit-gateway-attachments": {"TransitGatewayAttachments": []},
        "describe-transit-gateway-vpc-attachments": {"TransitGatewayVpcAttachments": []},
        "describe-transit-gateway-route-tables": {"TransitGatewayRouteTables": []},
        "describe-vpc-endpoint-service-configurations": {"ServiceConfigurations": []},
        "list-firewalls": {"Firewalls": []},
        "list-resolver-endpoints": {"ResolverEndpoints": []},
        "list-resolver-rules": {"ResolverRules": []},
        "list-resolver-rule-associations": {"ResolverRuleAssociations": []},
    });
    let global = json!({
        "list-hosted-zones": {"HostedZones": every(Workspace::zone)},
        "route53": folder(Workspace::zone_folder),
        "s3": folder(Workspace::bucket_folder),
        "iam": folder(Workspace::role_folder),
    });
    json!({name: regional, "global": global})
}

/// A workspace with all that is its own.
struct Workspace {
    number: usize,
    id: usize,
    account: String,
    region: &'static Region,
}

impl Workspace {
    fn numbered(number: usize) -> Self {
        let account = number / AN_ACCOUNT;
        let region = Region::named(REGIONS[account % REGIONS.len()]).unwrap_or_else(|| unreachable!("a known region"));
        Self { number, id: 1_000_000_000_000_000 + number, account: (100_000_000_001 + account).to_string(), region }
    }

    fn name(&self) -> String {
        format!("ws-{:05}", self.number)
    }

    /// The id of the nth resource of a kind: `vpc-0a000000000010002`.
    fn aws(&self, kind: &str, nth: usize) -> String {
        format!("{kind}-0a{:011x}{nth:04x}", self.number)
    }

    /// The id of the nth Databricks object of a kind, or of the nth key.
    fn uuid(&self, kind: usize, nth: usize) -> String {
        format!("{kind:08x}-0000-4000-8{nth:03x}-{:012x}", self.number)
    }

    /// The prefix list of S3, one for each region.
    fn prefix_list(&self) -> String {
        format!("pl-{:08x}", 0x6ea5_4000 + self.number / AN_ACCOUNT % REGIONS.len())
    }

    /// The DHCP options, one set for each AWS account.
    fn dhcp_options(&self) -> String {
        format!("dopt-0a{:015x}", self.number / AN_ACCOUNT)
    }

    fn tags(&self, what: &str) -> Value {
        json!([{"Key": "Name", "Value": format!("{}-{what}", self.name())}, {"Key": "Environment", "Value": "prod"}, {"Key": "Owner", "Value": "data-platform@example.com"}])
    }

    /// An address in 10.n.0.0/16, the workspace's own within its AWS account.
    fn address(&self, third: usize, fourth: usize) -> String {
        format!("10.{}.{third}.{fourth}", self.number % AN_ACCOUNT)
    }

    fn cidr(&self) -> String {
        self.address(0, 0) + "/16"
    }

    fn zone_name(&self, nth: usize) -> String {
        format!("{}{}", self.region.region, ["a", "b"][nth % 2])
    }

    fn arn(&self, what: &str) -> String {
        format!("arn:aws:ec2:{}:{}:{what}", self.region.region, self.account)
    }

    fn role(&self) -> String {
        format!("{}-databricks", self.name())
    }

    fn bucket(&self) -> String {
        format!("{}-root-{}", self.name(), self.account)
    }

    fn key_arn(&self, nth: usize) -> String {
        format!("arn:aws:kms:{}:{}:key/{}", self.region.region, self.account, self.uuid(KEY, nth))
    }

    fn databricks(&self) -> &str {
        &self.region.databricks_aws_account_id
    }

    fn vpc(&self) -> Vec<Value> {
        vec![json!({
            "VpcId": self.aws("vpc", 0), "OwnerId": self.account, "CidrBlock": self.cidr(), "InstanceTenancy": "default",
            "CidrBlockAssociationSet": [{"AssociationId": self.aws("vpc-cidr-assoc", 0), "CidrBlock": self.cidr(), "CidrBlockState": {"State": "associated"}}],
            "DhcpOptionsId": self.dhcp_options(), "IsDefault": false, "State": "available", "Tags": self.tags("compute"),
        })]
    }

    fn vpc_attributes(&self) -> Vec<(String, Value)> {
        let vpc = self.aws("vpc", 0);
        let attributes = json!({
            "enableDnsSupport": {"VpcId": vpc, "EnableDnsSupport": {"Value": true}},
            "enableDnsHostnames": {"VpcId": vpc, "EnableDnsHostnames": {"Value": true}},
        });
        vec![(vpc, attributes)]
    }

    fn subnets(&self) -> Vec<Value> {
        let blocks = [
            (self.address(0, 0) + "/20", 4080),
            (self.address(16, 0) + "/20", 4091),
            (self.address(255, 0) + "/27", 23),
            (self.address(255, 32) + "/27", 23),
        ];
        let subnet = |(nth, (block, free)): (usize, (String, i32))| {
            json!({
                "SubnetId": self.aws("subnet", nth), "SubnetArn": self.arn(&format!("subnet/{}", self.aws("subnet", nth))),
                "VpcId": self.aws("vpc", 0), "OwnerId": self.account, "CidrBlock": block, "AvailabilityZone": self.zone_name(nth),
                "AvailableIpAddressCount": free, "MapPublicIpOnLaunch": false, "AssignIpv6AddressOnCreation": false,
                "DefaultForAz": false, "Ipv6CidrBlockAssociationSet": [], "State": "available", "Tags": self.tags("subnet"),
            })
        };
        blocks.into_iter().enumerate().map(subnet).collect()
    }

    fn route_tables(&self) -> Vec<Value> {
        let table = |nth: usize, associations: Value, mut routes: Vec<Value>| {
            routes.push(json!({"DestinationCidrBlock": self.cidr(), "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"}));
            json!({
                "RouteTableId": self.aws("rtb", nth), "VpcId": self.aws("vpc", 0), "OwnerId": self.account,
                "Associations": associations, "PropagatingVgws": [], "Routes": routes, "Tags": self.tags("routes"),
            })
        };
        let explicit = CLUSTER_SUBNETS.map(|nth| json!({"Main": false, "RouteTableAssociationId": self.aws("rtbassoc", nth), "SubnetId": self.aws("subnet", nth), "AssociationState": {"State": "associated"}}));
        let main = json!([{"Main": true, "RouteTableAssociationId": self.aws("rtbassoc", 9), "AssociationState": {"State": "associated"}}]);
        let s3 = json!({"DestinationPrefixListId": self.prefix_list(), "GatewayId": self.aws("vpce", S3), "Origin": "CreateRoute", "State": "active"});
        vec![table(0, json!(explicit), vec![s3]), table(1, main, Vec::new())]
    }

    fn security_groups(&self) -> Vec<Value> {
        let group = |nth: usize, name: &str, ingress: Value, egress: Value| {
            json!({
                "GroupId": self.aws("sg", nth), "GroupName": format!("{}-{name}", self.name()), "Description": name,
                "VpcId": self.aws("vpc", 0), "OwnerId": self.account, "IpPermissions": ingress, "IpPermissionsEgress": egress, "Tags": self.tags(name),
            })
        };
        let peer = |protocol: &str, from: u16, to: u16, peer: usize| {
            json!({
                "IpProtocol": protocol, "FromPort": from, "ToPort": to, "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [],
                "UserIdGroupPairs": [{"Description": "Databricks", "UserId": self.account, "GroupId": self.aws("sg", peer)}],
            })
        };
        let s3 = json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [], "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [{"PrefixListId": self.prefix_list()}]});
        let node_to_node = || vec![peer("tcp", 0, 65535, NODES), peer("udp", 0, 65535, NODES)];
        let ports = [(443, 443), (6666, 6666), (2443, 2443), (8443, 8451)];
        let mut egress = node_to_node();
        egress.extend(ports.map(|(from, to)| peer("tcp", from, to, DATABRICKS_ENDPOINTS)));
        egress.extend([peer("tcp", 443, 443, AWS_ENDPOINTS), s3]);
        let mut ingress = ports.map(|(from, to)| peer("tcp", from, to, NODES)).to_vec();
        if self.number % 50 == 49 {
            ingress.remove(1); // the planted fault
        }
        vec![
            group(NODES, "nodes", json!(node_to_node()), json!(egress)),
            group(DATABRICKS_ENDPOINTS, "databricks-endpoints", json!(ingress), json!([])),
            group(AWS_ENDPOINTS, "aws-endpoints", json!([peer("tcp", 443, 443, NODES)]), json!([])),
        ]
    }

    fn network_acl(&self) -> Vec<Value> {
        let association = |nth: usize| json!({"NetworkAclAssociationId": self.aws("aclassoc", nth), "NetworkAclId": self.aws("acl", 0), "SubnetId": self.aws("subnet", nth)});
        let entry = |(egress, number, action)| json!({"CidrBlock": "0.0.0.0/0", "Egress": egress, "Protocol": "-1", "RuleAction": action, "RuleNumber": number});
        let entries =
            [(false, 100, "allow"), (false, 32767, "deny"), (true, 100, "allow"), (true, 32767, "deny")].map(entry);
        let associations = [0, 1, 2, 3].map(association);
        vec![json!({
            "NetworkAclId": self.aws("acl", 0), "VpcId": self.aws("vpc", 0), "OwnerId": self.account, "IsDefault": true,
            "Associations": associations, "Entries": entries, "Tags": [],
        })]
    }

    fn interface(&self, nth: usize, kind: &str, subnet: usize, group: usize, address: &str) -> Value {
        json!({
            "NetworkInterfaceId": self.aws("eni", nth), "InterfaceType": kind, "Description": self.name(), "VpcId": self.aws("vpc", 0),
            "SubnetId": self.aws("subnet", subnet), "AvailabilityZone": self.zone_name(subnet), "OwnerId": self.account,
            "Groups": [{"GroupId": self.aws("sg", group), "GroupName": self.name()}], "MacAddress": "02:ab:d2:82:41:d5",
            "PrivateIpAddress": address, "PrivateIpAddresses": [{"Primary": true, "PrivateIpAddress": address}],
            "Ipv6Addresses": [], "SourceDestCheck": kind == "interface", "Status": "in-use", "TagSet": [],
        })
    }

    fn interfaces(&self) -> Vec<Value> {
        let endpoint = |(nth, place): (usize, usize)| {
            let group = if nth == REST || nth == RELAY { DATABRICKS_ENDPOINTS } else { AWS_ENDPOINTS };
            self.interface(
                nth * 2 + place,
                "vpc_endpoint",
                ENDPOINT_SUBNETS[place],
                group,
                &self.address(255, 32 * place + 4 + nth),
            )
        };
        let nodes =
            CLUSTER_SUBNETS.map(|nth| self.interface(NODE + nth, "interface", nth, NODES, &self.address(16 * nth, 10)));
        let endpoints = [REST, RELAY, STS, KINESIS].into_iter().flat_map(|nth| [(nth, 0), (nth, 1)]);
        endpoints.map(endpoint).chain(nodes).collect()
    }

    fn instances(&self) -> Vec<Value> {
        let node = |nth: usize| {
            json!({"ReservationId": self.aws("r", nth), "OwnerId": self.account, "Instances": [{
                "InstanceId": self.aws("i", nth), "SubnetId": self.aws("subnet", nth), "VpcId": self.aws("vpc", 0), "InstanceType": "m6i.2xlarge",
                "PrivateIpAddress": self.address(16 * nth, 10), "PublicDnsName": "", "State": {"Code": 16, "Name": "running"},
                "SecurityGroups": [{"GroupId": self.aws("sg", NODES), "GroupName": self.name()}],
                "MetadataOptions": {"State": "applied", "HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 2},
                "NetworkInterfaces": [self.interface(NODE + nth, "interface", nth, NODES, &self.address(16 * nth, 10))],
                "Tags": [{"Key": "Vendor", "Value": "Databricks"}, {"Key": "databricks-environment", "Value": format!("workerenv-{}", self.id)}],
            }]})
        };
        CLUSTER_SUBNETS.map(node).to_vec()
    }

    fn endpoints(&self) -> Vec<Value> {
        let region = &self.region.region;
        let bucket = |name: &str| json!([format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")]);
        let read = ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:GetBucketLocation"];
        let write = [
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:ListBucket",
            "s3:GetBucketLocation",
        ];
        let databricks = |key: &str| json!({"StringEquals": {key: self.databricks()}});
        let mut s3 = vec![
            json!({"Sid": "root", "Effect": "Allow", "Principal": "*", "Action": write, "Resource": bucket(&self.bucket()), "Condition": {"StringEquals": {"aws:PrincipalAccount": [self.databricks(), self.account]}}}),
        ];
        for name in self.region.artifact_buckets.iter().flatten() {
            s3.push(json!({"Effect": "Allow", "Principal": "*", "Action": read, "Resource": bucket(name), "Condition": databricks("aws:ResourceAccount")}));
        }
        for name in self.region.system_tables_bucket.iter().chain(&self.region.log_bucket) {
            let action = if self.region.log_bucket.as_ref() == Some(name) {
                &["s3:PutObject", "s3:ListBucket", "s3:GetBucketLocation"][..]
            } else {
                &read
            };
            s3.push(json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": bucket(name), "Condition": databricks("aws:PrincipalAccount")}));
        }
        let sts = json!({"Effect": "Allow", "Principal": {"AWS": self.account}, "Action": ["sts:AssumeRole", "sts:GetAccessKeyInfo", "sts:GetSessionToken", "sts:DecodeAuthorizationMessage", "sts:TagSession"], "Resource": "*"});
        let kinesis = json!({"Effect": "Allow", "Principal": {"AWS": self.databricks()}, "Action": ["kinesis:PutRecord", "kinesis:PutRecords", "kinesis:DescribeStream"], "Resource": format!("arn:aws:kinesis:{region}:{}:stream/*", self.databricks())});
        let common = |nth: usize, service: &str, statements: &[Value]| {
            json!({
                "VpcEndpointId": self.aws("vpce", nth), "VpcId": self.aws("vpc", 0), "OwnerId": self.account, "ServiceName": service,
                "State": "available", "CreationTimestamp": "2026-02-10T09:41:07+00:00", "IpAddressType": "ipv4", "RequesterManaged": false,
                "ServiceRegion": region, "Tags": self.tags("endpoint"), "PolicyDocument": policy(statements),
            })
        };
        let interface = |nth: usize, group: usize, service: &str, name: &str, statements: &[Value]| {
            let mut endpoint = common(nth, service, statements);
            let own = format!("{}-d3d41dd4.{}.{region}.vpce.amazonaws.com", self.aws("vpce", nth), service_id(service));
            endpoint["VpcEndpointType"] = json!("Interface");
            endpoint["PrivateDnsEnabled"] = json!(true);
            endpoint["SubnetIds"] = json!(ENDPOINT_SUBNETS.map(|subnet| self.aws("subnet", subnet)));
            endpoint["Groups"] = json!([{"GroupId": self.aws("sg", group), "GroupName": self.name()}]);
            endpoint["NetworkInterfaceIds"] = json!([0, 1].map(|place| self.aws("eni", nth * 2 + place)));
            endpoint["DnsEntries"] = json!([{"DnsName": own, "HostedZoneId": "Z273ZU8SZ5RJPC"}, {"DnsName": name, "HostedZoneId": "ZONEIDHIDDEN"}]);
            endpoint
        };
        let mut gateway = common(S3, &format!("com.amazonaws.{region}.s3"), &s3);
        gateway["VpcEndpointType"] = json!("Gateway");
        gateway["PrivateDnsEnabled"] = json!(false);
        gateway["RouteTableIds"] = json!([self.aws("rtb", 0)]);
        let service = |name: &Option<String>| name.clone().unwrap_or_default();
        let relay_name = self.region.scc_relay_privatelink_hostname.as_deref();
        let relay_name =
            relay_name.or(self.region.scc_relay_privatelink_hostname_pattern_candidate.as_deref()).unwrap_or_default();
        let any = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
        vec![
            interface(
                REST,
                DATABRICKS_ENDPOINTS,
                &service(&self.region.workspace_vpce_service),
                self.region.privatelink_name().unwrap_or_default(),
                std::slice::from_ref(&any),
            ),
            interface(RELAY, DATABRICKS_ENDPOINTS, &service(&self.region.scc_relay_vpce_service), relay_name, &[any]),
            interface(
                STS,
                AWS_ENDPOINTS,
                &format!("com.amazonaws.{region}.sts"),
                &format!("sts.{region}.amazonaws.com"),
                &[sts],
            ),
            interface(
                KINESIS,
                AWS_ENDPOINTS,
                &format!("com.amazonaws.{region}.kinesis-streams"),
                &format!("kinesis.{region}.amazonaws.com"),
                &[kinesis],
            ),
            gateway,
        ]
    }

    fn flow_log(&self) -> Vec<Value> {
        vec![json!({
            "FlowLogId": self.aws("fl", 0), "ResourceId": self.aws("vpc", 0), "FlowLogStatus": "ACTIVE", "DeliverLogsStatus": "SUCCESS", "TrafficType": "ALL",
            "CreationTime": "2026-02-10T10:05:20+00:00", "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::hub-flow-logs", "MaxAggregationInterval": 60,
        })]
    }

    fn keys(&self) -> Vec<(String, Value)> {
        let owner = json!({"Sid": "admin", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{}:root", self.account)}, "Action": "kms:*", "Resource": "*"});
        let databricks = |actions: &[&str]| json!({"Sid": "databricks", "Effect": "Allow", "Principal": {"AWS": self.region.databricks_principal()}, "Action": actions, "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/DatabricksAccountId": [DATABRICKS]}}});
        let volumes = json!({
            "Sid": "volumes", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{}:role/{}", self.account, self.role())}, "Resource": "*",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"], "Condition": {"ForAnyValue:StringLike": {"kms:ViaService": "ec2.*.amazonaws.com"}},
        });
        let key = |nth: usize, statements: &[Value]| {
            let metadata = json!({
                "AWSAccountId": self.account, "KeyId": self.uuid(KEY, nth), "Arn": self.key_arn(nth), "Description": self.name(), "Enabled": true,
                "KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS", "KeyManager": "CUSTOMER",
            });
            let answers = json!({
                "describe-key": {"KeyMetadata": metadata},
                "get-key-policy": {"PolicyName": "default", "Policy": policy(statements)},
                "get-key-rotation-status": {"KeyRotationEnabled": true, "KeyId": self.key_arn(nth), "RotationPeriodInDays": 365},
                "list-grants": {"Grants": []},
            });
            (self.uuid(KEY, nth), answers)
        };
        let storage =
            databricks(&["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]);
        vec![
            key(SERVICES, &[owner.clone(), databricks(&["kms:Encrypt", "kms:Decrypt"])]),
            key(STORAGE, &[owner, storage, volumes]),
        ]
    }

    fn zone(&self) -> Vec<Value> {
        let name = format!("{}.data.example.", self.name());
        vec![
            json!({"Id": format!("/hostedzone/Z{:015}", self.number), "Name": name, "Config": {"PrivateZone": true}, "ResourceRecordSetCount": 3}),
        ]
    }

    fn zone_folder(&self) -> Vec<(String, Value)> {
        let zone = self.zone().remove(0);
        let record = |label: &str, kind: &str, value: &str| json!({"Name": format!("{label}{}.data.example.", self.name()), "Type": kind, "TTL": 300, "ResourceRecords": [{"Value": value}]});
        let answers = json!({
            "get-hosted-zone": {"HostedZone": zone, "VPCs": [{"VPCRegion": self.region.region, "VPCId": self.aws("vpc", 0)}]},
            "list-resource-record-sets": {"ResourceRecordSets": [record("", "NS", "ns-0.awsdns-00.com."), record("warehouse.", "A", "10.200.0.10"), record("lake.", "A", "10.200.0.11")]},
        });
        vec![(format!("Z{:015}", self.number), answers)]
    }

    fn bucket_folder(&self) -> Vec<(String, Value)> {
        let arns = [format!("arn:aws:s3:::{}", self.bucket()), format!("arn:aws:s3:::{}/*", self.bucket())];
        let databricks = json!({
            "Sid": "databricks", "Effect": "Allow", "Principal": {"AWS": self.region.databricks_principal()}, "Resource": arns,
            "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:GetBucketLocation"],
            "Condition": {"StringEquals": {"aws:PrincipalTag/DatabricksAccountId": [DATABRICKS]}},
        });
        let tls = json!({"Sid": "tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": arns, "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
        let location = Some(&self.region.region).filter(|region| *region != "us-east-1");
        let answers = json!({
            "get-bucket-location": {"LocationConstraint": location},
            "get-bucket-policy": {"Policy": policy(&[databricks, tls])},
            "get-public-access-block": {"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true}},
            "get-bucket-encryption": {"ServerSideEncryptionConfiguration": {"Rules": [{"BucketKeyEnabled": true, "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self.key_arn(STORAGE)}}]}},
        });
        vec![(self.bucket(), answers)]
    }

    fn role_folder(&self) -> Vec<(String, Value)> {
        let document = |statements: Value| json!({"Version": "2012-10-17", "Statement": statements});
        let trust = json!([{"Effect": "Allow", "Principal": {"AWS": self.region.databricks_principal()}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": DATABRICKS}}}]);
        let read = [
            "AvailabilityZones",
            "Instances",
            "InstanceStatus",
            "InternetGateways",
            "NatGateways",
            "NetworkAcls",
            "PrefixLists",
            "RouteTables",
            "SecurityGroups",
            "SpotPriceHistory",
            "Subnets",
            "Volumes",
            "VpcAttribute",
            "Vpcs",
        ];
        let image = format!("arn:aws:ec2:{}::image/*", self.region.region);
        let statements = json!([
            {"Sid": "read", "Effect": "Allow", "Action": read.map(|what| format!("ec2:Describe{what}")), "Resource": "*"},
            {"Sid": "network", "Effect": "Allow", "Action": "ec2:RunInstances", "Resource": [self.arn("subnet/*"), self.arn("security-group/*")], "Condition": {"StringEquals": {"ec2:vpc": self.arn(&format!("vpc/{}", self.aws("vpc", 0)))}}},
            {"Sid": "launch", "Effect": "Allow", "Action": "ec2:RunInstances", "Resource": [self.arn("instance/*"), self.arn("volume/*"), self.arn("network-interface/*"), image]},
            {"Sid": "manage", "Effect": "Allow", "Action": ["ec2:TerminateInstances", "ec2:CreateVolume", "ec2:AttachVolume", "ec2:DetachVolume", "ec2:DeleteVolume", "ec2:CreateTags", "ec2:DeleteTags"], "Resource": self.arn("*")},
        ]);
        let answers = json!({
            "get-role": {"Role": {"RoleName": self.role(), "Arn": format!("arn:aws:iam::{}:role/{}", self.account, self.role()), "AssumeRolePolicyDocument": document(trust)}},
            "policies": {"databricks": {"RoleName": self.role(), "PolicyName": "databricks", "PolicyDocument": document(statements)}},
        });
        vec![(self.role(), answers)]
    }
}

/// A policy document as AWS gives it: a text.
fn policy(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

// ------------------------------------------------------------------ Databricks

/// The answers about the account, each made when it is written.
fn lists(all: &[Workspace]) -> impl Iterator<Item = (String, Value)> + '_ {
    let every = move |of: fn(&Workspace) -> Vec<Value>| Value::Array(all.iter().flat_map(of).collect());
    let list = move |name: &str, of: fn(&Workspace) -> Vec<Value>| {
        let name = name.to_owned();
        once_with(move || (name, every(of)))
    };
    let ncc = |region: &str| {
        json!({"network_connectivity_config_id": format!("ncc-{region}"), "account_id": DATABRICKS, "name": region, "region": region,
            "egress_config": {"default_rules": {"aws_stable_ip_rule": {"cidr_blocks": ["203.0.113.128/28"]}}, "target_rules": {"aws_private_endpoint_rules": []}}})
    };
    let network_policy = |id: &str| {
        json!({"network_policy_id": id, "account_id": DATABRICKS,
            "egress": {"network_access": {"restriction_mode": "RESTRICTED_ACCESS", "policy_enforcement": {"enforcement_mode": "ENFORCED"}}},
            "ingress": {"public_access": {"restriction_mode": "RESTRICTED_ACCESS", "allow_rules": [{"label": "offices", "origin": {"included_ip_ranges": {"ip_ranges": [OFFICES]}}, "destination": {"all_destinations": true}}]},
                "private_access": {"restriction_mode": "ALLOW_ALL_REGISTERED_ENDPOINTS"}, "cross_workspace_access": {"restriction_mode": "FULL_ACCESS"}}})
    };
    let (nccs, policies) = (REGIONS.map(ncc), ["default-policy", "prod"].map(network_policy));
    let rest = json!({
        "network-connectivity-configs": {"items": nccs},
        "network-policies": {"items": policies},
        "ip-access-lists": {"ip_access_lists": [{"list_id": "offices", "label": "offices", "list_type": "ALLOW", "ip_addresses": [OFFICES], "enabled": true}]},
        "log-delivery": {"log_delivery_configurations": [{"config_id": "log-1", "config_name": "audit-logs", "log_type": "AUDIT_LOGS", "status": "ENABLED", "log_delivery_status": {"status": "SUCCEEDED"}}]},
        "settings": {
            "acct_ip_acl_enable": {"setting_name": "default", "acct_ip_acl_enable": {"value": true}},
            "disable_legacy_features": {"setting_name": "default", "disable_legacy_features": {"value": true}},
            "shield_csp_enablement_ac": {"setting_name": "default", "csp_enablement_account": {"is_enforced": false}},
        },
    });
    let rest = rest.as_object().cloned().unwrap_or_default();
    list("workspaces", Workspace::workspace)
        .chain(list("networks", Workspace::network))
        .chain(list("vpc-endpoints", Workspace::registrations))
        .chain(list("private-access-settings", Workspace::private_access_settings))
        .chain(list("customer-managed-keys", Workspace::key_configurations))
        .chain(list("credentials", Workspace::credential))
        .chain(list("storage-configurations", Workspace::storage))
        .chain(rest)
}

// Kinds of Databricks objects, and keys, in their ids.
const NETWORK: usize = 1;
const REGISTRATION: usize = 2;
const ACCESS: usize = 3;
const KEY_CONFIGURATION: usize = 4;
const CREDENTIAL: usize = 5;
const STORAGE_CONFIGURATION: usize = 6;
const KEY: usize = 7;

impl Workspace {
    fn workspace(&self) -> Vec<Value> {
        vec![json!({
            "account_id": DATABRICKS, "workspace_id": self.id, "workspace_name": self.name(), "deployment_name": format!("dbc-{}", self.name()),
            "aws_region": self.region.region, "workspace_status": "RUNNING", "pricing_tier": "ENTERPRISE", "compute_mode": "HYBRID", "storage_mode": "CUSTOMER_HOSTED",
            "creation_time": 1_770_713_400_000_u64, "network_id": self.uuid(NETWORK, 0), "private_access_settings_id": self.uuid(ACCESS, 0),
            "credentials_id": self.uuid(CREDENTIAL, 0), "storage_configuration_id": self.uuid(STORAGE_CONFIGURATION, 0),
            "managed_services_customer_managed_key_id": self.uuid(KEY_CONFIGURATION, SERVICES), "storage_customer_managed_key_id": self.uuid(KEY_CONFIGURATION, STORAGE),
            "network_connectivity_config_id": format!("ncc-{}", self.region.region), "custom_tags": {"Environment": "prod"},
        })]
    }

    fn network(&self) -> Vec<Value> {
        vec![json!({
            "account_id": DATABRICKS, "network_id": self.uuid(NETWORK, 0), "network_name": self.name(), "vpc_id": self.aws("vpc", 0), "vpc_status": "VALID",
            "subnet_ids": CLUSTER_SUBNETS.map(|nth| self.aws("subnet", nth)), "security_group_ids": [self.aws("sg", NODES)], "workspace_id": self.id,
            "vpc_endpoints": {"rest_api": [self.uuid(REGISTRATION, REST)], "dataplane_relay": [self.uuid(REGISTRATION, RELAY)]},
        })]
    }

    fn registrations(&self) -> Vec<Value> {
        let registration = |(nth, service, usage): (usize, &Option<String>, &str)| {
            json!({
                "account_id": DATABRICKS, "vpc_endpoint_id": self.uuid(REGISTRATION, nth), "vpc_endpoint_name": format!("{}-{nth}", self.name()),
                "aws_vpc_endpoint_id": self.aws("vpce", nth), "aws_account_id": self.account, "region": self.region.region, "state": "available",
                "aws_endpoint_service_id": service.as_deref().map(service_id), "use_case": usage,
            })
        };
        let services = [
            (REST, &self.region.workspace_vpce_service, "WORKSPACE_ACCESS"),
            (RELAY, &self.region.scc_relay_vpce_service, "DATAPLANE_RELAY_ACCESS"),
        ];
        services.map(registration).to_vec()
    }

    fn private_access_settings(&self) -> Vec<Value> {
        vec![json!({
            "account_id": DATABRICKS, "private_access_settings_id": self.uuid(ACCESS, 0), "private_access_settings_name": self.name(), "region": self.region.region,
            "public_access_enabled": true, "private_access_level": "ENDPOINT", "allowed_vpc_endpoint_ids": [self.uuid(REGISTRATION, REST)],
        })]
    }

    fn key_configurations(&self) -> Vec<Value> {
        let key = |(nth, usage): (usize, &str)| {
            json!({
                "account_id": DATABRICKS, "customer_managed_key_id": self.uuid(KEY_CONFIGURATION, nth), "use_cases": [usage],
                "aws_key_info": {"key_arn": self.key_arn(nth), "key_region": self.region.region, "reuse_key_for_cluster_volumes": nth == STORAGE},
            })
        };
        [(SERVICES, "MANAGED_SERVICES"), (STORAGE, "STORAGE")].map(key).to_vec()
    }

    fn credential(&self) -> Vec<Value> {
        let arn = format!("arn:aws:iam::{}:role/{}", self.account, self.role());
        vec![
            json!({"account_id": DATABRICKS, "credentials_id": self.uuid(CREDENTIAL, 0), "credentials_name": self.name(), "aws_credentials": {"sts_role": {"role_arn": arn, "external_id": DATABRICKS}}}),
        ]
    }

    fn storage(&self) -> Vec<Value> {
        vec![
            json!({"account_id": DATABRICKS, "storage_configuration_id": self.uuid(STORAGE_CONFIGURATION, 0), "storage_configuration_name": self.name(), "root_bucket_info": {"bucket_name": self.bucket()}}),
        ]
    }

    /// The answers of the workspace itself.
    fn folder(&self) -> Value {
        let node = |nth: usize| json!({"private_ip": self.address(16 * nth, 11), "host_private_ip": self.address(16 * nth, 10), "instance_id": self.aws("i", nth), "public_dns": ""});
        json!({
            "ip-access-lists": {"ip_access_lists": [{"list_id": self.uuid(0, 0), "label": "offices", "list_type": "ALLOW", "ip_addresses": [OFFICES], "address_count": 1, "enabled": true}]},
            "workspace-conf": {
                "enableIpAccessLists": "true", "maxTokenLifetimeDays": "90", "enableTokensConfig": "true", "enableWebTerminal": "false", "enableVerboseAuditLogs": "true", "enableEnforceImdsV2": "true",
                "enableResultsDownloading": "false", "enableDbfsFileBrowser": "false", "enableExportNotebook": "false", "enableNotebookTableClipboard": "false",
            },
            "clusters": {"clusters": [{
                "cluster_id": format!("1104-081522-{:08x}", self.number), "cluster_name": "etl", "state": "RUNNING", "cluster_source": "UI", "enable_local_disk_encryption": true,
                "data_security_mode": "USER_ISOLATION", "spark_version": "16.4.x-scala2.12", "node_type_id": "m6i.2xlarge", "driver": node(0), "executors": [node(1)],
            }]},
            "warehouses": {"warehouses": [{"id": format!("{:016x}", self.number), "name": "bi", "enable_serverless_compute": true, "warehouse_type": "PRO"}]},
            "network-policy": {"network_policy_id": "prod", "workspace_id": self.id},
            "settings": {
                "shield_csp_enablement_ws_db": {"setting_name": "default", "compliance_security_profile_workspace": {"is_enabled": true}},
                "disable_legacy_dbfs": {"setting_name": "default", "disable_legacy_dbfs": {"value": true}},
                "restrict_workspace_admins": {"setting_name": "default", "restrict_workspace_admins": {"status": "RESTRICT_TOKENS_AND_JOB_RUN_AS"}},
            },
        })
    }
}
