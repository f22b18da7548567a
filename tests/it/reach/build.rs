//! A small world of AWS resources, told as `aws … --output json` tells it: every list of every
//! place, empty ones too, so that nothing is missing unless a test forgets it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::Ipv4Addr;

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::random::Rng;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "us-east-1";
/// An account that worlds use for what they do not collect.
pub(crate) const STRANGER: &str = "444455556666";

/// Lists of one account and region, by their top-level key, which is their file name too.
const LISTS: &[&str] = &[
    "Vpcs",
    "DhcpOptions",
    "Subnets",
    "RouteTables",
    "SecurityGroups",
    "NetworkAcls",
    "NetworkInterfaces",
    "Reservations",
    "Addresses",
    "NatGateways",
    "InternetGateways",
    "EgressOnlyInternetGateways",
    "VpcPeeringConnections",
    "TransitGateways",
    "TransitGatewayAttachments",
    "TransitGatewayVpcAttachments",
    "TransitGatewayRouteTables",
    "PrefixLists",
    "VpcEndpoints",
    "ServiceConfigurations",
    "VpcBlockPublicAccessExclusions",
    "VpnGateways",
    "FlowLogs",
    "Firewalls",
    "ResolverEndpoints",
    "ResolverRules",
    "ResolverRuleAssociations",
];

/// The lists that hold a kind of id, and the member that it stands in.
const HOMES: &[(&str, &[&str], &str)] = &[
    ("tgw-attach-", &["TransitGatewayAttachments", "TransitGatewayVpcAttachments"], "TransitGatewayAttachmentId"),
    ("tgw-rtb-", &["TransitGatewayRouteTables"], "TransitGatewayRouteTableId"),
    ("tgw-", &["TransitGateways"], "TransitGatewayId"),
    ("vpce-", &["VpcEndpoints"], "VpcEndpointId"),
    ("vpc-", &["Vpcs"], "VpcId"),
    ("subnet-", &["Subnets"], "SubnetId"),
    ("rtb-", &["RouteTables"], "RouteTableId"),
    ("sg-", &["SecurityGroups"], "GroupId"),
    ("acl-", &["NetworkAcls"], "NetworkAclId"),
    ("eni-", &["NetworkInterfaces"], "NetworkInterfaceId"),
    ("nat-", &["NatGateways"], "NatGatewayId"),
    ("igw-", &["InternetGateways"], "InternetGatewayId"),
    ("eigw-", &["EgressOnlyInternetGateways"], "EgressOnlyInternetGatewayId"),
    ("pcx-", &["VpcPeeringConnections"], "VpcPeeringConnectionId"),
    ("vgw-", &["VpnGateways"], "VpnGatewayId"),
    ("pl-", &["PrefixLists"], "PrefixListId"),
];

/// The world. Ids are text; what is not said is as AWS makes it by default.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    lists: BTreeMap<(String, &'static str), Vec<Value>>,
    /// Answers about one resource, by path.
    owned: BTreeMap<String, Value>,
    /// `<account>/<region>` by id.
    places: BTreeMap<String, String>,
    main_tables: BTreeMap<String, String>,
    default_acls: BTreeMap<String, String>,
    own_tables: BTreeMap<String, String>,
    block_modes: BTreeMap<String, String>,
    counts: BTreeMap<&'static str, usize>,
    used: BTreeMap<String, u32>,
    forgotten: BTreeSet<String>,
    shuffled: Option<u64>,
}

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self::default();
        world.place(ACCOUNT, REGION);
        world
    }

    // ---- the store ---------------------------------------------------------------------------

    fn place(&mut self, account: &str, region: &str) -> String {
        let place = format!("{account}/{region}");
        if !self.block_modes.contains_key(&place) {
            self.block_modes.insert(place.clone(), "off".to_owned());
            let id = self.id("dopt", &place);
            let configuration = json!([{"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}]);
            self.put("DhcpOptions", &id, json!({"DhcpOptionsId": id, "DhcpConfigurations": configuration}));
        }
        place
    }

    fn id(&mut self, kind: &'static str, place: &str) -> String {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let id = format!("{kind}-{count:03}");
        self.places.insert(id.clone(), place.to_owned());
        id
    }

    fn place_of(&self, id: &str) -> String {
        self.places.get(id).unwrap_or_else(|| panic!("the world has no {id}")).clone()
    }

    fn account_of(&self, id: &str) -> String {
        self.place_of(id).split('/').next().unwrap().to_owned()
    }

    fn region_of(&self, id: &str) -> String {
        self.place_of(id).split('/').nth(1).unwrap().to_owned()
    }

    fn put(&mut self, list: &'static str, id: &str, mut item: Value) {
        let place = self.place_of(id);
        let own = item.as_object_mut().unwrap();
        if !own.contains_key("OwnerId") && !list.starts_with("TransitGateway") && list != "Addresses" {
            own.insert("OwnerId".to_owned(), json!(self.account_of(id)));
        }
        own.entry("Tags").or_insert_with(|| json!([]));
        self.lists.entry((place, list)).or_default().push(item);
    }

    fn items<'w>(&'w mut self, id: &str) -> impl Iterator<Item = &'w mut Value> + use<'w> {
        let home = HOMES.iter().find(|(prefix, _, _)| id.starts_with(prefix));
        let (_, lists, key) = home.unwrap_or_else(|| panic!("no list holds {id}"));
        let lists = self.lists.iter_mut().filter(|((_, list), _)| lists.contains(list));
        let id = id.to_owned();
        lists.flat_map(|(_, items)| items).filter(move |item| item[*key] == id.as_str())
    }

    fn item(&mut self, id: &str) -> &mut Value {
        self.items(id).next().unwrap()
    }

    fn text(&mut self, id: &str, member: &str) -> String {
        self.item(id)[member].as_str().unwrap().to_owned()
    }

    /// Sets a member of a resource by JSON pointer, wherever the resource is told of.
    pub(crate) fn set(&mut self, id: &str, pointer: &str, value: impl Into<Value>) {
        let (above, member) = pointer.rsplit_once('/').unwrap();
        let value = value.into();
        let mut found = false;
        for item in self.items(id) {
            if let Some(Value::Object(members)) = item.pointer_mut(above) {
                members.insert(member.to_owned(), value.clone());
                found = true;
            }
        }
        assert!(found, "{id} has no {above}");
    }

    /// Takes a resource out of its lists.
    pub(crate) fn remove(&mut self, id: &str) {
        let (_, lists, key) = HOMES.iter().find(|(prefix, _, _)| id.starts_with(prefix)).unwrap();
        for ((_, list), items) in &mut self.lists {
            if lists.contains(list) {
                items.retain(|item| item[*key] != id);
            }
        }
    }

    /// Every id of a kind, in the order of the places and lists.
    pub(crate) fn ids(&self, prefix: &str) -> Vec<String> {
        let (_, lists, key) = HOMES.iter().find(|(known, _, _)| *known == prefix).unwrap();
        let lists = self.lists.iter().filter(|((_, list), _)| *list == lists[0]);
        lists.flat_map(|(_, items)| items).map(|item| item[*key].as_str().unwrap().to_owned()).collect()
    }

    /// What the world tells of a resource.
    pub(crate) fn told(&self, id: &str) -> Value {
        self.clone().item(id).clone()
    }

    // ---- VPCs, subnets, interfaces -------------------------------------------------------------

    pub(crate) fn vpc(&mut self, name: &str, block: &str) -> String {
        self.vpc_at(name, block, ACCOUNT, REGION)
    }

    pub(crate) fn vpc_in(&mut self, name: &str, block: &str, region: &str) -> String {
        self.vpc_at(name, block, ACCOUNT, region)
    }

    pub(crate) fn vpc_at(&mut self, name: &str, block: &str, account: &str, region: &str) -> String {
        let place = self.place(account, region);
        let vpc = format!("vpc-{name}");
        self.places.insert(vpc.clone(), place.clone());
        let dhcp = self.lists[&(place.clone(), "DhcpOptions")][0]["DhcpOptionsId"].clone();
        self.put(
            "Vpcs",
            &vpc,
            json!({
                "VpcId": vpc, "CidrBlock": block, "State": "available", "IsDefault": false,
                "DhcpOptionsId": dhcp, "CidrBlockAssociationSet": [], "Ipv6CidrBlockAssociationSet": [],
            }),
        );
        let main = self.table(&vpc);
        self.item(&main)["Associations"] =
            json!([{"Main": true, "RouteTableId": main, "AssociationState": {"State": "associated"}}]);
        self.main_tables.insert(vpc.clone(), main);
        let acl = self.id("acl", &place);
        let entries = entries("in 100 allow all 0.0.0.0/0; out 100 allow all 0.0.0.0/0");
        self.put(
            "NetworkAcls",
            &acl,
            json!({"NetworkAclId": acl, "VpcId": vpc, "IsDefault": true, "Entries": entries, "Associations": []}),
        );
        self.default_acls.insert(vpc.clone(), acl);
        self.second_block(&vpc, block);
        for (name, key) in [("enableDnsSupport", "EnableDnsSupport"), ("enableDnsHostnames", "EnableDnsHostnames")] {
            self.owned
                .insert(format!("{place}/vpc-attributes/{vpc}/{name}"), json!({"VpcId": vpc, key: {"Value": true}}));
        }
        vpc
    }

    /// Adds an IPv4 or IPv6 block to a VPC, with its local routes.
    pub(crate) fn second_block(&mut self, vpc: &str, block: &str) {
        let v6 = block.contains(':');
        let (set, state, key) = if v6 {
            ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlockState", "Ipv6CidrBlock")
        } else {
            ("CidrBlockAssociationSet", "CidrBlockState", "CidrBlock")
        };
        let association = json!({key: block, state: {"State": "associated"}});
        self.item(vpc)[set].as_array_mut().unwrap().push(association);
        let tables: Vec<String> = self.ids("rtb-");
        for table in tables {
            if self.text(&table, "VpcId") == vpc {
                self.route(&table, block, "local");
            }
        }
    }

    fn blocks(&mut self, vpc: &str) -> Vec<String> {
        let vpc = self.item(vpc);
        let v4 = vpc["CidrBlockAssociationSet"].as_array().unwrap().iter().map(|set| &set["CidrBlock"]);
        let v6 = vpc["Ipv6CidrBlockAssociationSet"].as_array().unwrap().iter().map(|set| &set["Ipv6CidrBlock"]);
        v4.chain(v6).map(|block| block.as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn subnet(&mut self, vpc: &str, block: &str) -> String {
        self.subnet_in(vpc, block, "a")
    }

    pub(crate) fn subnet_in(&mut self, vpc: &str, block: &str, zone: &str) -> String {
        let place = self.place_of(vpc);
        let region = self.region_of(vpc);
        let subnet = self.id("subnet", &place);
        let number = zone.as_bytes()[0] - b'a' + 1;
        let short: String =
            region.split('-').flat_map(|part| part.chars().take(if part.len() > 4 { 1 } else { 2 })).collect();
        let account = self.account_of(vpc);
        self.put(
            "Subnets",
            &subnet,
            json!({
                "SubnetId": subnet, "VpcId": vpc, "CidrBlock": block, "State": "available",
                "AvailabilityZone": format!("{region}{zone}"), "AvailabilityZoneId": format!("{short}-az{number}"),
                "AvailableIpAddressCount": 200, "MapPublicIpOnLaunch": false, "Ipv6CidrBlockAssociationSet": [],
                "SubnetArn": format!("arn:aws:ec2:{region}:{account}:subnet/{subnet}"),
            }),
        );
        let acl = self.default_acls[vpc].clone();
        self.guard(&subnet, &acl);
        subnet
    }

    pub(crate) fn subnet_v6(&mut self, subnet: &str, block: &str) {
        self.item(subnet)["Ipv6CidrBlockAssociationSet"] =
            json!([{"Ipv6CidrBlock": block, "Ipv6CidrBlockState": {"State": "associated"}}]);
    }

    pub(crate) fn eni(&mut self, subnet: &str, address: &str, groups: &[&str]) -> String {
        let instance_place = self.place_of(subnet);
        let instance = self.id("i", &instance_place);
        let vpc = self.text(subnet, "VpcId");
        let eni = self.interface(subnet, address, groups, "interface");
        self.set(&eni, "/Attachment", json!({"InstanceId": instance, "Status": "attached", "DeviceIndex": 0}));
        let groups: Vec<Value> = groups.iter().map(|group| json!({"GroupId": group})).collect();
        let account = self.account_of(subnet);
        let body = json!({
            "InstanceId": instance, "SubnetId": subnet, "VpcId": vpc, "PrivateIpAddress": address,
            "State": {"Name": "running", "Code": 16}, "SecurityGroups": groups,
            "NetworkInterfaces": [{"NetworkInterfaceId": eni, "OwnerId": account}], "Tags": [],
        });
        self.put("Reservations", &instance, json!({"Instances": [body]}));
        eni
    }

    fn interface(&mut self, subnet: &str, address: &str, groups: &[&str], kind: &str) -> String {
        let place = self.place_of(subnet);
        let eni = self.id("eni", &place);
        let (vpc, zone) = (self.text(subnet, "VpcId"), self.text(subnet, "AvailabilityZone"));
        let groups: Vec<Value> = groups.iter().map(|group| json!({"GroupId": group, "GroupName": group})).collect();
        self.put(
            "NetworkInterfaces",
            &eni,
            json!({
                "NetworkInterfaceId": eni, "SubnetId": subnet, "VpcId": vpc, "AvailabilityZone": zone,
                "InterfaceType": kind, "PrivateIpAddress": address, "Groups": groups, "Status": "in-use",
                "SourceDestCheck": kind == "interface" || kind == "vpc_endpoint", "Description": "",
                "RequesterManaged": kind != "interface",
                "PrivateIpAddresses": [{"Primary": true, "PrivateIpAddress": address}],
                "Ipv6Addresses": [], "TagSet": [],
            }),
        );
        eni
    }

    /// Adds a private or IPv6 address to an interface.
    pub(crate) fn also(&mut self, eni: &str, address: &str) {
        let (list, item) = if address.contains(':') {
            ("Ipv6Addresses", json!({"Ipv6Address": address, "IsPrimaryIpv6": false}))
        } else {
            ("PrivateIpAddresses", json!({"Primary": false, "PrivateIpAddress": address}))
        };
        self.item(eni)[list].as_array_mut().unwrap().push(item);
    }

    /// Gives the primary address of an interface an elastic address.
    pub(crate) fn eip(&mut self, eni: &str, public: &str) {
        let place = self.place_of(eni);
        let (allocation, association) = (self.id("eipalloc", &place), self.id("eipassoc", &place));
        let account = self.account_of(eni);
        let private = self.text(eni, "PrivateIpAddress");
        let told =
            json!({"PublicIp": public, "AllocationId": allocation, "AssociationId": association, "IpOwnerId": account});
        self.item(eni)["PrivateIpAddresses"][0]["Association"] = told.clone();
        self.set(eni, "/Association", told);
        self.put(
            "Addresses",
            &allocation,
            json!({
                "PublicIp": public, "AllocationId": allocation, "AssociationId": association, "Domain": "vpc",
                "NetworkInterfaceId": eni, "NetworkInterfaceOwnerId": account, "PrivateIpAddress": private,
                "NetworkBorderGroup": self.region_of(eni),
            }),
        );
    }

    /// Takes an elastic address away.
    pub(crate) fn release(&mut self, eni: &str) {
        let public = self.item(eni)["Association"]["PublicIp"].clone();
        for told in self.items(eni) {
            told.as_object_mut().unwrap().remove("Association");
            told["PrivateIpAddresses"][0].as_object_mut().unwrap().remove("Association");
        }
        for ((_, list), items) in &mut self.lists {
            if *list == "Addresses" {
                items.retain(|address| address["PublicIp"] != public);
            }
        }
    }

    /// Switches the source/destination check of an interface off.
    pub(crate) fn forwards(&mut self, eni: &str) {
        self.set(eni, "/SourceDestCheck", false);
    }

    // ---- filters -------------------------------------------------------------------------------

    /// A group of `in tcp 443 10.0.0.0/16; out all 0.0.0.0/0`: direction, protocol, ports (for
    /// ICMP `type/code`; `*` writes -1; none leaves them out), peers.
    pub(crate) fn sg(&mut self, vpc: &str, rules: &str) -> String {
        let place = self.place_of(vpc);
        let group = self.id("sg", &place);
        let account = self.account_of(vpc);
        let rules = rules.replace("self", &group);
        let (inbound, outbound) = (permissions(&rules, "in", &account), permissions(&rules, "out", &account));
        self.put(
            "SecurityGroups",
            &group,
            json!({
                "GroupId": group, "GroupName": group, "VpcId": vpc, "Description": "",
                "IpPermissions": inbound, "IpPermissionsEgress": outbound,
            }),
        );
        group
    }

    /// A group that admits everything.
    pub(crate) fn open(&mut self, vpc: &str) -> String {
        self.sg(vpc, "in all 0.0.0.0/0 ::/0; out all 0.0.0.0/0 ::/0")
    }

    /// Adds rules to a group.
    pub(crate) fn admit(&mut self, group: &str, rules: &str) {
        let account = self.account_of(group);
        for (direction, list) in [("in", "IpPermissions"), ("out", "IpPermissionsEgress")] {
            let more = permissions(rules, direction, &account);
            self.item(group)[list].as_array_mut().unwrap().extend(more);
        }
    }

    /// An ACL of its own for a subnet: `in 100 allow tcp 443 0.0.0.0/0; out 100 deny all 0.0.0.0/0`.
    pub(crate) fn acl(&mut self, subnet: &str, rules: &str) -> String {
        let place = self.place_of(subnet);
        let acl = self.id("acl", &place);
        let vpc = self.text(subnet, "VpcId");
        let entries = entries(rules);
        self.put(
            "NetworkAcls",
            &acl,
            json!({"NetworkAclId": acl, "VpcId": vpc, "IsDefault": false, "Entries": entries, "Associations": []}),
        );
        self.guard(subnet, &acl);
        acl
    }

    /// Adds entries to an ACL.
    pub(crate) fn enter(&mut self, acl: &str, rules: &str) {
        let more = rules.split(';').map(str::trim).filter(|rule| !rule.is_empty()).map(entry);
        let more: Vec<Value> = more.collect();
        self.item(acl)["Entries"].as_array_mut().unwrap().extend(more);
    }

    /// Puts a subnet behind an ACL, and behind no other.
    pub(crate) fn guard(&mut self, subnet: &str, acl: &str) {
        self.unguard(subnet);
        let association =
            json!({"NetworkAclAssociationId": format!("aclassoc-{subnet}"), "NetworkAclId": acl, "SubnetId": subnet});
        self.item(acl)["Associations"].as_array_mut().unwrap().push(association);
    }

    /// Takes a subnet out of the associations of every ACL.
    pub(crate) fn unguard(&mut self, subnet: &str) {
        for acl in self.ids("acl-") {
            self.item(&acl)["Associations"]
                .as_array_mut()
                .unwrap()
                .retain(|association| association["SubnetId"] != subnet);
        }
    }

    pub(crate) fn default_acl(&self, vpc: &str) -> String {
        self.default_acls[vpc].clone()
    }

    // ---- routes --------------------------------------------------------------------------------

    /// A table that serves nobody yet.
    pub(crate) fn table(&mut self, vpc: &str) -> String {
        let place = self.place_of(vpc);
        let table = self.id("rtb", &place);
        self.put(
            "RouteTables",
            &table,
            json!({"RouteTableId": table, "VpcId": vpc, "Routes": [], "Associations": [], "PropagatingVgws": []}),
        );
        for block in self.blocks(vpc) {
            self.route(&table, &block, "local");
        }
        table
    }

    /// Lets a subnet or a gateway use a table, and no other.
    pub(crate) fn serve(&mut self, table: &str, who: &str) {
        let key = if who.starts_with("subnet-") { "SubnetId" } else { "GatewayId" };
        if let Some(old) = self.own_tables.insert(who.to_owned(), table.to_owned()) {
            self.item(&old)["Associations"].as_array_mut().unwrap().retain(|association| association[key] != who);
        }
        let id = format!("rtbassoc-{who}");
        let association = json!({"Main": false, "RouteTableAssociationId": id, "RouteTableId": table, key: who, "AssociationState": {"State": "associated"}});
        self.item(table)["Associations"].as_array_mut().unwrap().push(association);
    }

    /// The table of `at`: itself, the main one of a VPC, or the own one of a subnet or a gateway,
    /// made on the first request.
    pub(crate) fn table_of(&mut self, at: &str) -> String {
        if at.starts_with("rtb-") {
            return at.to_owned();
        }
        if at.starts_with("vpc-") {
            return self.main_tables[at].clone();
        }
        if let Some(table) = self.own_tables.get(at) {
            return table.clone();
        }
        let vpc = if at.starts_with("subnet-") { self.text(at, "VpcId") } else { self.attached_vpc(at) };
        let table = self.table(&vpc);
        self.serve(&table, at);
        table
    }

    fn attached_vpc(&mut self, gateway: &str) -> String {
        let gateway = self.item(gateway);
        let attachments =
            if gateway["VpcAttachments"].is_array() { &gateway["VpcAttachments"] } else { &gateway["Attachments"] };
        attachments[0]["VpcId"].as_str().unwrap().to_owned()
    }

    /// A route of the table of `at` to a block or a prefix list.
    pub(crate) fn route(&mut self, at: &str, destination: &str, target: &str) {
        self.any_route(
            at,
            destination,
            target,
            "active",
            if target == "local" { "CreateRouteTable" } else { "CreateRoute" },
        );
    }

    /// A route whose target is gone.
    pub(crate) fn blackhole(&mut self, at: &str, destination: &str, target: &str) {
        self.any_route(at, destination, target, "blackhole", "CreateRoute");
    }

    /// A route that a virtual private gateway propagates.
    pub(crate) fn propagated(&mut self, at: &str, destination: &str, gateway: &str) {
        self.any_route(at, destination, gateway, "active", "EnableVgwRoutePropagation");
    }

    fn any_route(&mut self, at: &str, destination: &str, target: &str, state: &str, origin: &str) {
        let to = match destination {
            list if list.starts_with("pl-") => "DestinationPrefixListId",
            block if block.contains(':') => "DestinationIpv6CidrBlock",
            _ => "DestinationCidrBlock",
        };
        let through = match target.split('-').next().unwrap() {
            "nat" => "NatGatewayId",
            "tgw" => "TransitGatewayId",
            "pcx" => "VpcPeeringConnectionId",
            "eni" => "NetworkInterfaceId",
            "eigw" => "EgressOnlyInternetGatewayId",
            _ => "GatewayId",
        };
        let table = self.table_of(at);
        let route = json!({to: destination, through: target, "State": state, "Origin": origin});
        self.item(&table)["Routes"].as_array_mut().unwrap().push(route);
    }

    /// Takes the routes of the table of `at` to a destination away.
    pub(crate) fn unroute(&mut self, at: &str, destination: &str) {
        let table = self.table_of(at);
        let keys = ["DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"];
        let to = |route: &Value| keys.iter().any(|key| route[*key] == destination);
        self.item(&table)["Routes"].as_array_mut().unwrap().retain(|route| !to(route));
    }

    // ---- gateways ------------------------------------------------------------------------------

    pub(crate) fn igw(&mut self, vpc: &str) -> String {
        let igw = self.id("igw", &self.place_of(vpc));
        self.put(
            "InternetGateways",
            &igw,
            json!({"InternetGatewayId": igw, "Attachments": [{"VpcId": vpc, "State": "available"}]}),
        );
        igw
    }

    pub(crate) fn eigw(&mut self, vpc: &str) -> String {
        let eigw = self.id("eigw", &self.place_of(vpc));
        self.put(
            "EgressOnlyInternetGateways",
            &eigw,
            json!({"EgressOnlyInternetGatewayId": eigw, "Attachments": [{"VpcId": vpc, "State": "attached"}]}),
        );
        eigw
    }

    pub(crate) fn vgw(&mut self, vpc: &str) -> String {
        let vgw = self.id("vgw", &self.place_of(vpc));
        self.put(
            "VpnGateways",
            &vgw,
            json!({
                "VpnGatewayId": vgw, "State": "available", "Type": "ipsec.1", "AmazonSideAsn": 64512,
                "VpcAttachments": [{"VpcId": vpc, "State": "attached"}],
            }),
        );
        vgw
    }

    /// A NAT gateway: a public one, if it gets a public address.
    pub(crate) fn nat(&mut self, subnet: &str, private: &str, public: Option<&str>) -> String {
        let nat = self.id("nat", &self.place_of(subnet));
        let vpc = self.text(subnet, "VpcId");
        let eni = self.interface(subnet, private, &[], "nat_gateway");
        let mut address =
            json!({"NetworkInterfaceId": eni, "PrivateIp": private, "IsPrimary": true, "Status": "succeeded"});
        if let Some(public) = public {
            self.eip(&eni, public);
            address["PublicIp"] = json!(public);
            address["AllocationId"] = self.item(&eni)["Association"]["AllocationId"].clone();
        }
        self.set(&eni, "/Description", format!("Interface for NAT Gateway {nat}"));
        self.put(
            "NatGateways",
            &nat,
            json!({
                "NatGatewayId": nat, "VpcId": vpc, "SubnetId": subnet, "State": "available",
                "ConnectivityType": if public.is_some() { "public" } else { "private" },
                "NatGatewayAddresses": [address],
            }),
        );
        nat
    }

    pub(crate) fn peering(&mut self, requester: &str, accepter: &str) -> String {
        let pcx = self.id("pcx", &self.place_of(requester));
        let side = |world: &mut Self, vpc: &str| {
            let (owner, region, block) = (world.account_of(vpc), world.region_of(vpc), world.text(vpc, "CidrBlock"));
            let blocks = world.blocks(vpc);
            let v4: Vec<Value> = blocks.iter().filter(|b| !b.contains(':')).map(|b| json!({"CidrBlock": b})).collect();
            let v6: Vec<Value> =
                blocks.iter().filter(|b| b.contains(':')).map(|b| json!({"Ipv6CidrBlock": b})).collect();
            json!({
                "VpcId": vpc, "OwnerId": owner, "Region": region, "CidrBlock": block,
                "CidrBlockSet": v4, "Ipv6CidrBlockSet": v6,
            })
        };
        let (from, to) = (side(self, requester), side(self, accepter));
        let told = json!({
            "VpcPeeringConnectionId": pcx, "RequesterVpcInfo": from, "AccepterVpcInfo": to,
            "Status": {"Code": "active", "Message": "Active"}, "Tags": [],
        });
        // both sides list it
        let places: BTreeSet<String> = [self.place_of(requester), self.place_of(accepter)].into();
        for place in places {
            self.lists.entry((place, "VpcPeeringConnections")).or_default().push(told.clone());
        }
        pcx
    }

    // ---- transit gateways ----------------------------------------------------------------------

    pub(crate) fn tgw(&mut self) -> String {
        self.tgw_in(REGION)
    }

    pub(crate) fn tgw_in(&mut self, region: &str) -> String {
        let place = self.place(ACCOUNT, region);
        let tgw = self.id("tgw", &place);
        self.put(
            "TransitGateways",
            &tgw,
            json!({
                "TransitGatewayId": tgw, "OwnerId": ACCOUNT, "State": "available",
                "TransitGatewayArn": format!("arn:aws:ec2:{region}:{ACCOUNT}:transit-gateway/{tgw}"),
                "Options": {
                    "AutoAcceptSharedAttachments": "disable", "DefaultRouteTableAssociation": "disable",
                    "DefaultRouteTablePropagation": "disable", "DnsSupport": "enable", "VpnEcmpSupport": "enable",
                    "MulticastSupport": "disable", "SecurityGroupReferencingSupport": "disable",
                },
            }),
        );
        tgw
    }

    /// Attaches a VPC with these subnets, without a table.
    pub(crate) fn attach(&mut self, tgw: &str, vpc: &str, subnets: &[&str]) -> String {
        let attachment = self.attach_other(tgw, "vpc", vpc);
        let owner = self.account_of(vpc);
        self.set(&attachment, "/ResourceOwnerId", owner.clone());
        self.put(
            "TransitGatewayVpcAttachments",
            &attachment,
            json!({
                "TransitGatewayAttachmentId": attachment, "TransitGatewayId": tgw, "VpcId": vpc, "VpcOwnerId": owner,
                "State": "available", "SubnetIds": subnets,
                "Options": {
                    "DnsSupport": "enable", "SecurityGroupReferencingSupport": "enable",
                    "Ipv6Support": "disable", "ApplianceModeSupport": "disable",
                },
            }),
        );
        for subnet in subnets {
            let address = self.spare(subnet);
            let eni = self.interface(subnet, &address, &[], "transit_gateway");
            self.set(&eni, "/Description", format!("Network Interface for Transit Gateway Attachment {attachment}"));
        }
        attachment
    }

    /// An attachment of another type: `vpn`, `direct-connect-gateway`, `connect`.
    pub(crate) fn attach_other(&mut self, tgw: &str, kind: &str, resource: &str) -> String {
        let attachment = self.id("tgw-attach", &self.place_of(tgw));
        self.attachment(tgw, &attachment, kind, resource);
        attachment
    }

    fn attachment(&mut self, tgw: &str, id: &str, kind: &str, resource: &str) {
        let place = self.place_of(tgw);
        let told = json!({
            "TransitGatewayAttachmentId": id, "TransitGatewayId": tgw, "TransitGatewayOwnerId": ACCOUNT,
            "ResourceOwnerId": ACCOUNT, "ResourceType": kind, "ResourceId": resource, "State": "available", "Tags": [],
        });
        self.lists.entry((place, "TransitGatewayAttachments")).or_default().push(told);
    }

    /// Peers two transit gateways. The attachment has one id, and each side tells of it as its own.
    pub(crate) fn tgw_peering(&mut self, one: &str, other: &str) -> String {
        let attachment = self.attach_other(one, "peering", other);
        self.attachment(other, &attachment, "peering", one);
        attachment
    }

    pub(crate) fn tgw_table(&mut self, tgw: &str) -> String {
        let place = self.place_of(tgw);
        let table = self.id("tgw-rtb", &place);
        self.put(
            "TransitGatewayRouteTables",
            &table,
            json!({
                "TransitGatewayRouteTableId": table, "TransitGatewayId": tgw, "State": "available",
                "DefaultAssociationRouteTable": false, "DefaultPropagationRouteTable": false,
            }),
        );
        self.owned.insert(
            format!("{place}/search-transit-gateway-routes/{table}"),
            json!({"Routes": [], "AdditionalRoutesAvailable": false}),
        );
        table
    }

    /// Lets a table judge what comes from an attachment.
    pub(crate) fn associate(&mut self, attachment: &str, table: &str) {
        let tgw = self.text(table, "TransitGatewayId");
        let association = json!({"TransitGatewayRouteTableId": table, "State": "associated"});
        for ((_, list), items) in &mut self.lists {
            let here = |item: &&mut Value| {
                item["TransitGatewayAttachmentId"] == attachment && item["TransitGatewayId"] == tgw.as_str()
            };
            if *list == "TransitGatewayAttachments" {
                items.iter_mut().filter(here).for_each(|item| item["Association"] = association.clone());
            }
        }
    }

    fn tgw_routes(&mut self, table: &str) -> &mut Vec<Value> {
        let path = format!("{}/search-transit-gateway-routes/{table}", self.place_of(table));
        self.owned.get_mut(&path).unwrap()["Routes"].as_array_mut().unwrap()
    }

    fn leads_to(&mut self, attachment: &str, table: &str) -> Value {
        let tgw = self.text(table, "TransitGatewayId");
        let mut told = self.items(attachment);
        let told =
            told.find(|item| item["TransitGatewayId"] == tgw.as_str() && item["ResourceType"].is_string()).unwrap();
        json!([{
            "TransitGatewayAttachmentId": attachment, "ResourceId": told["ResourceId"], "ResourceType": told["ResourceType"],
        }])
    }

    /// Lets a VPC attachment propagate its blocks to a table.
    pub(crate) fn propagate(&mut self, attachment: &str, table: &str) {
        let vpc = self.items(attachment).find_map(|item| item["VpcId"].as_str().map(str::to_owned)).unwrap();
        for block in self.blocks(&vpc) {
            self.propagate_block(attachment, table, &block);
        }
    }

    pub(crate) fn propagate_block(&mut self, attachment: &str, table: &str, block: &str) {
        let to = self.leads_to(attachment, table);
        let route = json!({"DestinationCidrBlock": block, "TransitGatewayAttachments": to, "Type": "propagated", "State": "active"});
        self.tgw_routes(table).push(route);
    }

    pub(crate) fn tgw_route(&mut self, table: &str, block: &str, attachment: &str) {
        let to = self.leads_to(attachment, table);
        let route = json!({"DestinationCidrBlock": block, "TransitGatewayAttachments": to, "Type": "static", "State": "active"});
        self.tgw_routes(table).push(route);
    }

    /// A route of a prefix list reference, as the search answers it: one an entry.
    pub(crate) fn tgw_list_route(&mut self, table: &str, list: &str, block: &str, attachment: &str) {
        self.tgw_route(table, block, attachment);
        let routes = self.tgw_routes(table);
        routes.last_mut().unwrap()["PrefixListId"] = json!(list);
    }

    pub(crate) fn tgw_blackhole(&mut self, table: &str, block: &str) {
        let route = json!({"DestinationCidrBlock": block, "Type": "static", "State": "blackhole"});
        self.tgw_routes(table).push(route);
    }

    /// Takes the routes to a block out of a transit gateway table.
    pub(crate) fn tgw_unroute(&mut self, table: &str, block: &str) {
        self.tgw_routes(table).retain(|route| route["DestinationCidrBlock"] != block);
    }

    // ---- services ------------------------------------------------------------------------------

    /// A prefix list with entries, in the region of the first account.
    pub(crate) fn prefix_list(&mut self, name: &str, blocks: &[&str]) -> String {
        let place = self.place(ACCOUNT, REGION);
        let list = self.id("pl", &place);
        let owner = if name.starts_with("com.amazonaws") { "AWS" } else { ACCOUNT };
        self.put("PrefixLists", &list, json!({
            "PrefixListId": list, "PrefixListName": name, "AddressFamily": "IPv4", "OwnerId": owner,
            "State": "create-complete", "PrefixListArn": format!("arn:aws:ec2:{REGION}:{}:prefix-list/{list}", owner.to_lowercase()),
        }));
        let entries: Vec<Value> = blocks.iter().map(|block| json!({"Cidr": block})).collect();
        self.owned.insert(format!("{place}/managed-prefix-lists/{list}/entries"), json!({"Entries": entries}));
        list
    }

    /// A gateway endpoint for S3 with routes for its prefix list in the tables of `at`.
    pub(crate) fn gateway_endpoint(&mut self, vpc: &str, list: &str, at: &[&str]) -> String {
        let tables: Vec<String> = at.iter().map(|at| self.table_of(at)).collect();
        let endpoint = self.endpoint(vpc, "Gateway", "s3");
        self.set(&endpoint, "/RouteTableIds", json!(tables));
        for table in tables {
            self.route(&table, list, &endpoint);
        }
        endpoint
    }

    /// An interface endpoint; comes with its interfaces.
    pub(crate) fn interface_endpoint(
        &mut self,
        vpc: &str,
        at: &[(&str, &str)],
        groups: &[&str],
    ) -> (String, Vec<String>) {
        let endpoint = self.endpoint(vpc, "Interface", "kinesis-streams");
        let mut interfaces = Vec::new();
        for (subnet, address) in at {
            let eni = self.interface(subnet, address, groups, "vpc_endpoint");
            self.set(&eni, "/Description", format!("VPC Endpoint Interface {endpoint}"));
            interfaces.push(eni);
        }
        let subnets: Vec<&str> = at.iter().map(|(subnet, _)| *subnet).collect();
        let groups: Vec<Value> = groups.iter().map(|group| json!({"GroupId": group, "GroupName": group})).collect();
        self.set(&endpoint, "/SubnetIds", json!(subnets));
        self.set(&endpoint, "/NetworkInterfaceIds", json!(interfaces));
        self.set(&endpoint, "/Groups", json!(groups));
        self.set(&endpoint, "/PrivateDnsEnabled", true);
        (endpoint, interfaces)
    }

    /// The endpoint of a firewall or of a Gateway Load Balancer in a subnet.
    pub(crate) fn firewall_endpoint(&mut self, subnet: &str) -> String {
        let vpc = self.text(subnet, "VpcId");
        let endpoint = self.endpoint(&vpc, "GatewayLoadBalancer", "firewall");
        let address = self.spare(subnet);
        let eni = self.interface(subnet, &address, &[], "gateway_load_balancer_endpoint");
        self.set(&endpoint, "/ServiceName", format!("com.amazonaws.vpce.{REGION}.vpce-svc-0firewall"));
        self.set(&endpoint, "/SubnetIds", json!([subnet]));
        self.set(&endpoint, "/NetworkInterfaceIds", json!([eni]));
        endpoint
    }

    fn endpoint(&mut self, vpc: &str, kind: &str, service: &str) -> String {
        let endpoint = self.id("vpce", &self.place_of(vpc));
        let region = self.region_of(vpc);
        self.put("VpcEndpoints", &endpoint, json!({
            "VpcEndpointId": endpoint, "VpcEndpointType": kind, "VpcId": vpc, "State": "available",
            "ServiceName": format!("com.amazonaws.{region}.{service}"), "PrivateDnsEnabled": false,
            "PolicyDocument": "{\"Version\":\"2008-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}",
            "RouteTableIds": [], "SubnetIds": [], "Groups": [], "NetworkInterfaceIds": [], "DnsEntries": [],
        }));
        endpoint
    }

    /// Sets VPC Block Public Access of the first account's home region.
    pub(crate) fn block_public_access(&mut self, mode: &str) {
        self.block_modes.insert(format!("{ACCOUNT}/{REGION}"), mode.to_owned());
    }

    /// Excludes a VPC or a subnet from it: `allow-bidirectional` or `allow-egress`.
    pub(crate) fn exclude(&mut self, id: &str, mode: &str) {
        let place = self.place_of(id);
        let exclusion = self.id("vpcbpa-exclude", &place);
        let kind = id.split('-').next().unwrap();
        let arn = format!("arn:aws:ec2:{}:{}:{kind}/{id}", self.region_of(id), self.account_of(id));
        let told = json!({"ExclusionId": exclusion, "InternetGatewayExclusionMode": mode, "ResourceArn": arn, "State": "create-complete", "Tags": []});
        self.lists.entry((place, "VpcBlockPublicAccessExclusions")).or_default().push(told);
    }

    /// A private address of a subnet that nothing else takes, from its end.
    fn spare(&mut self, subnet: &str) -> String {
        let block = self.text(subnet, "CidrBlock");
        let (network, length) = block.split_once('/').unwrap();
        let first = u32::from(network.parse::<Ipv4Addr>().unwrap());
        let size = 1u32 << (32 - length.parse::<u32>().unwrap());
        let used = self.used.entry(subnet.to_owned()).or_default();
        *used += 1;
        Ipv4Addr::from(first + size - 1 - *used).to_string()
    }

    // ---- answers -------------------------------------------------------------------------------

    /// Leaves answers out: a file by its name (`RouteTables.json`) or by its whole path below the
    /// directory, or a folder by its path (`444455556666/`).
    pub(crate) fn forget(&mut self, what: &str) {
        self.forgotten.insert(what.to_owned());
    }

    /// The same world with one more answer left out.
    pub(crate) fn without(&self, what: &str) -> Self {
        let mut world = self.clone();
        world.forget(what);
        world
    }

    /// The same world with every list in another order.
    pub(crate) fn shuffled(&self, seed: u64) -> Self {
        Self { shuffled: Some(seed), ..self.clone() }
    }

    /// Every answer by its path, without `.json`.
    fn answers(&self) -> BTreeMap<String, Value> {
        let mut answers = self.owned.clone();
        for (place, mode) in &self.block_modes {
            let (account, region) = place.split_once('/').unwrap();
            for list in LISTS {
                let items = self.lists.get(&(place.clone(), *list)).cloned().unwrap_or_default();
                answers.insert(format!("{place}/{list}"), json!({*list: items}));
            }
            let options = json!({
                "AwsAccountId": account, "AwsRegion": region, "State": "update-complete",
                "InternetGatewayBlockMode": mode, "ExclusionsAllowed": "allowed", "ManagedBy": "account",
            });
            answers.insert(
                format!("{place}/VpcBlockPublicAccessOptions"),
                json!({"VpcBlockPublicAccessOptions": options}),
            );
            answers.insert(format!("{account}/global/HostedZones"), json!({"HostedZones": []}));
        }
        answers.retain(|path, _| !self.forgotten.iter().any(|what| forgets(what, &format!("{path}.json"))));
        if let Some(seed) = self.shuffled {
            let mut rng = Rng::new(seed);
            answers.values_mut().for_each(|answer| shuffle(answer, &mut rng));
        }
        answers
    }

    /// Every file of the directory of answers.
    pub(crate) fn files(&self) -> Vec<String> {
        self.answers().into_keys().map(|path| format!("{path}.json")).collect()
    }

    /// Writes the directory of answers.
    pub(crate) fn write(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, answer) in self.answers() {
            let path = folder.path().join(format!("{path}.json"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, serde_json::to_string_pretty(&answer).unwrap()).unwrap();
        }
        folder
    }

    /// The same answers as the text of one evidence file, which needs no disk.
    pub(crate) fn evidence(&self) -> String {
        let mut aws = Value::Object(Map::new());
        for (path, answer) in self.answers() {
            let mut folder = &mut aws;
            for name in path.split('/') {
                folder = folder.as_object_mut().unwrap().entry(name).or_insert_with(|| json!({}));
            }
            *folder = answer;
        }
        json!({"format": plaudit::sources::FORMAT, "aws": aws}).to_string()
    }
}

fn forgets(what: &str, path: &str) -> bool {
    if what.ends_with('/') { path.starts_with(what) } else { path == what || path.ends_with(&format!("/{what}")) }
}

fn shuffle(value: &mut Value, rng: &mut Rng) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(|item| shuffle(item, rng));
            for last in (1..items.len()).rev() {
                items.swap(last, rng.below(last + 1));
            }
        }
        Value::Object(members) => members.values_mut().for_each(|member| shuffle(member, rng)),
        _ => {}
    }
}

/// The permissions of one direction of the rules of a group.
fn permissions(rules: &str, direction: &str, account: &str) -> Vec<Value> {
    let rules = rules.split(';').map(str::trim).filter(|rule| !rule.is_empty());
    rules
        .filter_map(|rule| rule.strip_prefix(direction)?.strip_prefix(' '))
        .map(|rule| permission(rule, account))
        .collect()
}

fn permission(rule: &str, account: &str) -> Value {
    let mut words = rule.split_whitespace().peekable();
    let protocol = words.next().unwrap();
    let is_peer = |word: &str| word.contains(['.', ':']) || word.starts_with("sg-") || word.starts_with("pl-");
    let ports = words.next_if(|word| !is_peer(word));
    let mut told = json!({
        "IpProtocol": if protocol == "all" { "-1" } else { protocol },
        "IpRanges": [], "Ipv6Ranges": [], "UserIdGroupPairs": [], "PrefixListIds": [],
    });
    if let Some(ports) = ports {
        let (from, to) = bounds(ports);
        (told["FromPort"], told["ToPort"]) = (json!(from), json!(to));
    }
    for peer in words {
        let (list, item) = match peer {
            group if group.starts_with("sg-") => ("UserIdGroupPairs", json!({"GroupId": group, "UserId": account})),
            list if list.starts_with("pl-") => ("PrefixListIds", json!({"PrefixListId": list})),
            block if block.contains(':') => ("Ipv6Ranges", json!({"CidrIpv6": block})),
            block => ("IpRanges", json!({"CidrIp": block})),
        };
        told[list].as_array_mut().unwrap().push(item);
    }
    told
}

/// `443`, `80-90`, `8/-1` (ICMP type and code), `*`.
fn bounds(ports: &str) -> (i64, i64) {
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("no port: {text}"));
    match (ports, ports.split_once('/'), ports.split_once('-')) {
        ("*", _, _) => (-1, -1),
        (_, Some((kind, code)), _) => (number(kind), number(code)),
        (_, _, Some((from, to))) if !from.is_empty() => (number(from), number(to)),
        _ => (number(ports), number(ports)),
    }
}

/// Entries of an ACL, with the implicit denies that AWS lists.
fn entries(rules: &str) -> Vec<Value> {
    let rules = rules.split(';').map(str::trim).filter(|rule| !rule.is_empty());
    let implicit = ["in 32767 deny all 0.0.0.0/0", "out 32767 deny all 0.0.0.0/0"];
    rules.chain(implicit).map(entry).collect()
}

fn entry(rule: &str) -> Value {
    let words: Vec<&str> = rule.split_whitespace().collect();
    let [direction, number, action, protocol, rest @ ..] = words.as_slice() else { panic!("no entry: {rule}") };
    let (ports, block) = match rest {
        [ports, block] => (Some(*ports), *block),
        [block] => (None, *block),
        _ => panic!("no entry: {rule}"),
    };
    let protocol = match *protocol {
        "all" => "-1",
        "icmp" => "1",
        "tcp" => "6",
        "udp" => "17",
        "icmpv6" => "58",
        number => number,
    };
    let mut told = json!({
        "RuleNumber": number.parse::<i64>().unwrap(), "RuleAction": action, "Egress": *direction == "out", "Protocol": protocol,
        (if block.contains(':') { "Ipv6CidrBlock" } else { "CidrBlock" }): block,
    });
    let bounds = ports.map(bounds);
    match protocol {
        "1" | "58" => {
            let (kind, code) = bounds.unwrap_or((-1, -1));
            told["IcmpTypeCode"] = json!({"Type": kind, "Code": code});
        }
        _ => {
            if let Some((from, to)) = bounds {
                told["PortRange"] = json!({"From": from, "To": to});
            }
        }
    }
    told
}
