//! Sources: one folder with answers that are named by their keys only, of one place or merged from
//! several; what covers what there, and where its rows lie.

use std::fs;
use std::path::{Path, PathBuf};

use plaudit::estate::{Estate, Operation, Place, Reason, Table};
use plaudit::sources;
use serde_json::{Value, json};

use super::{directory, gap, read, rows};

const A: &str = "111122223333";
const B: &str = "444455556666";
const C: &str = "777788889999";

/// An estate from answers under their keys, as `<key>.json`, in one folder.
fn flat(answers: &Value) -> Estate {
    read(folder(answers).path())
}

fn folder(answers: &Value) -> tempfile::TempDir {
    let root = directory(&[]);
    fill(root.path(), answers);
    root
}

/// `/` in a name makes a path of its own; else the name is the key of the answer too.
fn fill(root: &Path, answers: &Value) {
    for (name, value) in answers.as_object().unwrap() {
        let path = root.join(format!("{name}.json"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let whole = name.contains('/') || value.get("Error").is_some();
        let text = if whole { value.clone() } else { json!({ name.as_str(): value }) };
        fs::write(path, text.to_string()).unwrap();
    }
}

fn vpc(id: &str, owner: &str) -> Value {
    json!({ "VpcId": id, "OwnerId": owner, "CidrBlock": "10.0.0.0/16" })
}

fn subnet(id: &str, vpc: &str, owner: &str, zone: &str) -> Value {
    json!({ "SubnetId": id, "VpcId": vpc, "OwnerId": owner, "AvailabilityZone": zone, "CidrBlock": "10.0.0.0/24" })
}

/// VPCs and subnets of three places: A and B in Ireland, A in Virginia.
fn three() -> Value {
    json!({
        "Vpcs": [vpc("vpc-1", A), vpc("vpc-2", B), vpc("vpc-3", A)],
        "Subnets": [
            subnet("subnet-1", "vpc-1", A, "eu-west-1a"),
            subnet("subnet-2", "vpc-2", B, "eu-west-1b"),
            subnet("subnet-3", "vpc-3", A, "us-east-1a"),
        ],
    })
}

fn places() -> [Place; 3] {
    [Place::new(A, "eu-west-1"), Place::new(B, "eu-west-1"), Place::new(A, "us-east-1")]
}

fn with(mut answers: Value, more: &Value) -> Value {
    answers.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    answers
}

fn place_of<T>(table: &Table<T>, id: &str) -> Place {
    table.row(table.number(id).unwrap_or_else(|| panic!("no row {id}"))).place.clone()
}

// ---- one place ---------------------------------------------------------------------------

#[test]
fn a_flat_folder_of_one_place_is_read_to_its_last_answer() {
    let answers = json!({
        "Vpcs": [vpc("vpc-1", A)],
        "Subnets": [subnet("subnet-1", "vpc-1", A, "eu-west-1a")],
        "SecurityGroups": [{ "GroupId": "sg-1", "OwnerId": A, "VpcId": "vpc-1" }],
        "NetworkInterfaces": [{ "NetworkInterfaceId": "eni-1", "OwnerId": A, "VpcId": "vpc-1", "SubnetId": "subnet-1" }],
        "TransitGatewayAttachments": [{
            "TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1", "TransitGatewayOwnerId": A,
            "ResourceOwnerId": A, "ResourceType": "vpc", "ResourceId": "vpc-1", "State": "available",
        }],
        "VpcBlockPublicAccessOptions": { "AwsAccountId": A, "AwsRegion": "eu-west-1", "InternetGatewayBlockMode": "off" },
        "VpcPeeringConnections": [],
        "VpcBlockPublicAccessExclusions": [],
        "NatGateways": [],
        "VpnGateways": [],
        "Firewalls": [],
        "ResolverRules": [],
        "HostedZones": [],
        "PrefixLists": [{ "PrefixListId": "pl-1", "PrefixListName": "corp", "OwnerId": A }],
        "search-transit-gateway-routes/tgw-rtb-1": { "Routes": [{ "DestinationCidrBlock": "0.0.0.0/0" }] },
        "managed-prefix-lists/pl-1/entries": { "Entries": [{ "Cidr": "10.0.0.0/8" }] },
        "vpc-attributes/vpc-1/enableDnsSupport": { "VpcId": "vpc-1", "EnableDnsSupport": { "Value": true } },
        "network-firewall/inspection/describe-firewall": { "Firewall": { "FirewallName": "inspection" } },
    });
    let estate = flat(&answers);
    let noted: Vec<String> = estate.noted.iter().map(|(gap, _)| gap.to_string()).collect();
    assert!(noted.is_empty(), "{noted:#?}");
    let (aws, here) = (&estate.aws, &places()[0]);
    for (name, complete) in [
        ("peerings", aws.peerings.complete(here)),
        ("exclusions", aws.block_public_access_exclusions.complete(here)),
        ("NAT", aws.nat_gateways.complete(here)),
        ("VPN", aws.vpn_gateways.complete(here)),
        ("firewalls", aws.firewalls.complete(here)),
        ("rules", aws.resolver_rules.complete(here)),
        ("zones", aws.hosted_zones.complete(here)),
        ("groups", aws.security_groups.complete(here)),
        ("interfaces", aws.interfaces.complete(here)),
        ("attachments", aws.transit_attachments.complete(here)),
        ("options", aws.block_public_access.complete(here)),
    ] {
        assert_eq!(complete, Ok(()), "{name}");
    }
    assert_eq!(gap(aws.addresses.complete(here)).0, Reason::NotCollected);
    assert_eq!(aws.transit_routes.body("tgw-rtb-1", here).map(Vec::len), Ok(1));
    assert_eq!(aws.prefix_list_entries.body("pl-1", here).map(Vec::len), Ok(1));
    assert_eq!(aws.dns_support.body("vpc-1", here), Ok(&true));
    assert_eq!(place_of(&aws.dns_support, "vpc-1"), *here);
    assert_eq!(place_of(&aws.transit_attachments, "tgw-1/tgw-attach-1"), *here);
    assert!(aws.block_public_access.number(&format!("{A}/eu-west-1")).is_some());
}

#[test]
fn what_another_account_shares_does_not_take_the_place_of_a_folder_away() {
    let answers = json!({
        "Vpcs": [vpc("vpc-1", A)],
        "Subnets": [subnet("subnet-1", "vpc-1", A, "eu-west-1a")],
        "TransitGateways": [{
            "TransitGatewayId": "tgw-1", "OwnerId": B,
            "TransitGatewayArn": format!("arn:aws:ec2:eu-west-1:{B}:transit-gateway/tgw-1"),
        }],
        "VpcPeeringConnections": [{ "VpcPeeringConnectionId": "pcx-1" }],
        "NatGateways": [],
    });
    let aws = flat(&answers).aws;
    let here = &places()[0];
    assert_eq!(aws.nat_gateways.complete(here), Ok(()));
    assert_eq!(place_of(&aws.peerings, "pcx-1"), *here);
    assert_eq!(aws.transit_gateways.complete(here), Ok(()));
    assert_eq!(gap(aws.nat_gateways.complete(&places()[1])).0, Reason::NotCollected);
}

#[test]
fn an_error_under_the_name_of_a_key_is_a_gap_of_its_call() {
    let answers = with(three(), &json!({ "NatGateways": { "Error": { "Code": "AccessDenied", "Message": "no" } } }));
    let root = folder(&answers);
    fs::write(root.path().join("VpnGateways.json"), "{\"VpnGateways\": [").unwrap();
    let aws = read(root.path()).aws;
    for place in &places() {
        assert_eq!(gap(aws.nat_gateways.complete(place)).0, Reason::AccessDenied);
        assert_eq!(gap(aws.vpn_gateways.complete(place)).0, Reason::Undecodable);
    }
}

// ---- several places ----------------------------------------------------------------------

#[test]
fn a_merged_folder_speaks_for_the_places_of_its_vpcs() {
    let nat = json!([{ "NatGatewayId": "nat-1", "VpcId": "vpc-1", "State": "available" }]);
    let aws = flat(&with(three(), &json!({ "NatGateways": nat, "InternetGateways": [], "HostedZones": [] }))).aws;
    for place in &places() {
        assert_eq!(aws.nat_gateways.complete(place), Ok(()), "the rows of the list lie in one place only");
        assert_eq!(aws.internet_gateways.complete(place), Ok(()));
        assert_eq!(aws.hosted_zones.complete(place), Ok(()));
        assert_eq!(gap(aws.network_acls.complete(place)).0, Reason::NotCollected, "a list that is not there");
    }
    for stranger in [Place::new(B, "us-east-1"), Place::new(C, "eu-west-1"), Place::new(A, "eu-west-2")] {
        assert_eq!(gap(aws.internet_gateways.complete(&stranger)).0, Reason::NotCollected, "{stranger:?}");
    }
}

#[test]
fn a_vpc_whose_place_is_not_known_adds_none() {
    let mut answers = with(three(), &json!({ "NatGateways": [] }));
    answers["Vpcs"].as_array_mut().unwrap().push(vpc("vpc-4", C));
    let aws = flat(&answers).aws;
    assert_eq!(aws.nat_gateways.complete(&places()[2]), Ok(()));
    assert_eq!(gap(aws.nat_gateways.complete(&Place::new(C, "eu-west-1"))).0, Reason::NotCollected);
}

#[test]
fn a_page_of_a_merged_folder_stays_a_gap() {
    let root = folder(&three());
    fs::write(root.path().join("nat.json"), "{\"NatGateways\": [], \"NextToken\": \"x\"}").unwrap();
    fs::write(root.path().join("nat-2.json"), "{\"NatGateways\": []}").unwrap();
    let aws = read(root.path()).aws;
    for place in &places() {
        assert_eq!(gap(aws.nat_gateways.complete(place)).0, Reason::Skipped);
    }
}

#[test]
fn a_folder_does_not_speak_for_the_vpcs_of_another() {
    let root = directory(&[]);
    let one = json!({ "Vpcs": [vpc("vpc-1", A)], "Subnets": [subnet("subnet-1", "vpc-1", A, "eu-west-1a")], "NatGateways": [] });
    let two = json!({ "Vpcs": [vpc("vpc-2", B)], "Subnets": [subnet("subnet-2", "vpc-2", B, "eu-west-1a")], "VpnGateways": [] });
    fill(&root.path().join("one"), &one);
    fill(&root.path().join("two"), &two);
    fill(&root.path().join(format!("three/{C}/eu-west-1")), &json!({ "NatGateways": [] }));
    fill(&root.path().join("four"), &json!({ "Addresses": [] }));
    // a folder that names the account only
    let regions = json!({
        "Vpcs": [vpc("vpc-5", B), vpc("vpc-6", B)],
        "Subnets": [subnet("subnet-5", "vpc-5", B, "us-east-1a"), subnet("subnet-6", "vpc-6", B, "us-west-2a")],
        "FlowLogs": [],
    });
    fill(&root.path().join(format!("five/{B}")), &regions);
    let estate = read(root.path());
    let asked = |operation| {
        let collected = estate.collected().into_iter().filter(move |(call, _)| *call == operation);
        collected.map(|(_, place)| place).collect::<Vec<_>>()
    };
    assert_eq!(asked(Operation::DescribeNatGateways), [Place::new(A, "eu-west-1"), Place::new(C, "eu-west-1")]);
    assert_eq!(asked(Operation::DescribeVpnGateways), [Place::new(B, "eu-west-1")]);
    assert_eq!(asked(Operation::DescribeFlowLogs), [Place::new(B, "us-east-1"), Place::new(B, "us-west-2")]);
    assert_eq!(asked(Operation::DescribeAddresses), [], "a folder without VPCs, beside places that differ");
}

#[test]
fn files_that_are_named_one_by_one_lie_in_their_folder_too() {
    let root = folder(&with(three(), &json!({ "NatGateways": [] })));
    let files: Vec<PathBuf> =
        ["Vpcs", "Subnets", "NatGateways"].iter().map(|name| root.path().join(format!("{name}.json"))).collect();
    let aws = sources::read(&files).unwrap().aws;
    assert!(places().iter().all(|place| aws.nat_gateways.complete(place).is_ok()));
}

#[test]
fn who_is_lent_a_subnet_does_not_speak_for_its_owner() {
    let group = |id: &str, owner: &str| json!({ "GroupId": id, "OwnerId": owner, "VpcId": "vpc-1" });
    let lent = json!({
        "Vpcs": [vpc("vpc-1", A)],
        "Subnets": [subnet("subnet-1", "vpc-1", A, "eu-west-1a")],
        "SecurityGroups": [group("sg-2", B)],
        "NatGateways": [],
    });
    let aws = flat(&lent).aws;
    assert_eq!(gap(aws.nat_gateways.complete(&places()[0])).0, Reason::NotCollected);
    // the owner is shown what others have in its VPC, and its own groups besides
    let owner = with(lent, &json!({ "SecurityGroups": [group("sg-2", B), group("sg-1", A)] }));
    assert_eq!(flat(&owner).aws.nat_gateways.complete(&places()[0]), Ok(()));
}

#[test]
fn block_public_access_of_several_places_is_a_list() {
    let options = |account: &str, region: &str| json!({ "AwsAccountId": account, "AwsRegion": region });
    let aws = flat(&json!({ "VpcBlockPublicAccessOptions": [options(A, "eu-west-1"), options(B, "eu-west-1")] })).aws;
    assert_eq!(aws.block_public_access.rows().len(), 2);
    assert_eq!(aws.block_public_access.complete(&places()[1]), Ok(()));
    assert_eq!(gap(aws.block_public_access.complete(&places()[2])).0, Reason::NotCollected);
}

// ---- transit gateways --------------------------------------------------------------------

#[test]
fn what_belongs_to_a_transit_gateway_lies_where_it_lies() {
    let attachment = |gateway: &str, id: &str, kind: &str, resource: &str, owner: &str| {
        json!({
            "TransitGatewayAttachmentId": id, "TransitGatewayId": gateway, "TransitGatewayOwnerId": C,
            "ResourceOwnerId": owner, "ResourceType": kind, "ResourceId": resource, "State": "available",
        })
    };
    let gateway = |id: &str, region: &str| {
        let arn = format!("arn:aws:ec2:{region}:{C}:transit-gateway/{id}");
        json!({ "TransitGatewayId": id, "OwnerId": C, "TransitGatewayArn": arn })
    };
    let of_vpc = |gateway: &str, id: &str, vpc: &str, owner: &str| json!({ "TransitGatewayAttachmentId": id, "TransitGatewayId": gateway, "VpcId": vpc, "VpcOwnerId": owner });
    let table = |id: &str, gateway: &str| json!({ "TransitGatewayRouteTableId": id, "TransitGatewayId": gateway });
    let more = json!({
        "TransitGateways": [
            gateway("tgw-1", "eu-west-1"),
            gateway("tgw-2", "us-east-1"),
            { "TransitGatewayId": "tgw-3", "OwnerId": C },
        ],
        "TransitGatewayAttachments": [
            attachment("tgw-1", "tgw-attach-1", "vpc", "vpc-1", A),
            attachment("tgw-1", "tgw-attach-2", "peering", "tgw-2", C),
            attachment("tgw-2", "tgw-attach-2", "peering", "tgw-1", C),
        ],
        "TransitGatewayVpcAttachments": [
            of_vpc("tgw-1", "tgw-attach-1", "vpc-1", A),
            of_vpc("tgw-1", "tgw-attach-9", "vpc-nobody-collected", B),
            of_vpc("tgw-3", "tgw-attach-3", "vpc-3", A),
        ],
        "TransitGatewayRouteTables": [table("tgw-rtb-1", "tgw-1"), table("tgw-rtb-2", "tgw-2")],
        "search-transit-gateway-routes/tgw-rtb-2": { "Routes": [] },
    });
    let estate = flat(&with(three(), &more));
    let (aws, ireland, virginia) = (&estate.aws, Place::new(C, "eu-west-1"), Place::new(C, "us-east-1"));
    assert_eq!(place_of(&aws.transit_gateways, "tgw-2"), virginia);
    assert_eq!(place_of(&aws.transit_gateways, "tgw-3"), virginia, "its VPC lies there");
    assert_eq!(place_of(&aws.transit_attachments, "tgw-1/tgw-attach-1"), ireland, "not where the VPC's owner is");
    assert_eq!(place_of(&aws.transit_attachments, "tgw-1/tgw-attach-2"), ireland);
    assert_eq!(place_of(&aws.transit_attachments, "tgw-2/tgw-attach-2"), virginia);
    assert_eq!(place_of(&aws.transit_vpc_attachments, "tgw-attach-1"), places()[0]);
    assert_eq!(place_of(&aws.transit_vpc_attachments, "tgw-attach-9"), places()[1], "the region of its gateway");
    assert_eq!(place_of(&aws.transit_route_tables, "tgw-rtb-1"), ireland);
    assert_eq!(place_of(&aws.transit_route_tables, "tgw-rtb-2"), virginia);
    assert_eq!(place_of(&aws.transit_routes, "tgw-rtb-2"), virginia);
    assert_eq!(aws.transit_route_tables.complete(&virginia), Ok(()));
}

// ---- evidence files ----------------------------------------------------------------------

#[test]
fn flat_folders_stay_apart_in_an_evidence_file() {
    let one = with(three(), &json!({ "NatGateways": [] }));
    let two = json!({
        "Vpcs": [vpc("vpc-7", C)],
        "Subnets": [subnet("subnet-7", "vpc-7", C, "eu-west-1a")],
        "InternetGateways": [],
        "network-firewall/inspection/describe-firewall": { "Firewall": {
            "FirewallName": "inspection", "FirewallArn": format!("arn:aws:network-firewall:eu-west-1:{C}:firewall/inspection"),
        } },
        "network-firewall/inspection/describe-firewall-policy": { "FirewallPolicy": {} },
    });
    let (first, second) = (folder(&one), folder(&two));
    let nested = directory(&[]);
    fill(
        &nested.path().join("sweep"),
        &json!({ "Addresses": [], "VpnGateways": { "Error": { "Code": "Throttling" } } }),
    );
    let inputs: Vec<PathBuf> = [&first, &second, &nested].iter().map(|root| root.path().to_path_buf()).collect();
    let before = sources::read(&inputs).unwrap();
    let out = tempfile::tempdir().unwrap();
    let (file, again) = (out.path().join("1.json"), out.path().join("2.json"));
    sources::write(&inputs, &file).unwrap();
    sources::write(&[file.clone(), second.path().to_path_buf()], &again).unwrap();
    for after in [read(&file), read(&again)] {
        assert_eq!(rows(&before), rows(&after));
        assert_eq!(before.collected(), after.collected());
        let here = Place::new(C, "eu-west-1");
        assert_eq!(gap(after.aws.nat_gateways.complete(&here)).0, Reason::NotCollected, "of the first folder only");
        assert_eq!(after.aws.internet_gateways.complete(&here), Ok(()));
        assert_eq!(gap(after.aws.vpn_gateways.complete(&here)).0, Reason::Throttled);
        assert!(after.aws.firewall_policies.number(&format!("{C}/eu-west-1/inspection")).is_some());
    }
}
