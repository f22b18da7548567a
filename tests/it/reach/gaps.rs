//! Missing evidence: unknown, with the call that would answer; never a guess. What is certain
//! without it stays certain.

use plaudit::reach::Code;
use plaudit::reach::Leg::{Forward, Return};
use plaudit::reach::Verdict::{Reachable, Unknown, Unreachable};

use super::ask::{behind, node, tcp};
use super::build::{STRANGER, World};
use super::rows_private::{Transit, transit};

/// A VPC with a public subnet, a private subnet behind NAT, and a host in each.
struct Home {
    w: World,
    vpc: String,
    s: String,
    /// The public host and a neighbour of it.
    a: String,
    next: String,
    /// The private host.
    b: String,
}

fn home() -> Home {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, p) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let igw = w.igw(&vpc);
    let nat = w.nat(&s, "10.0.1.9", Some("198.51.100.99"));
    w.route(&s, "0.0.0.0/0", &igw);
    w.route(&p, "0.0.0.0/0", &nat);
    let open = w.open(&vpc);
    let (a, next, b) =
        (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&s, "10.0.1.11", &[&open]), w.eni(&p, "10.0.2.10", &[&open]));
    w.eip(&a, "198.51.100.10");
    Home { w, vpc, s, a, next, b }
}

#[test]
fn route_tables() {
    let Home { w, a, next, b, .. } = home();
    let w = w.without("RouteTables.json");
    w.ask(tcp(&a, "internet", 443)).unknown(&["ec2:DescribeRouteTables"]);
    w.ask(tcp("internet", &a, 443)).unknown(&["ec2:DescribeRouteTables"]);
    w.ask(tcp(&b, "internet", 443)).unknown(&["ec2:DescribeRouteTables"]);
    // a static route inside the VPC may lead elsewhere; inside a subnet none counts
    w.ask(tcp(&a, &b, 443)).unknown(&["ec2:DescribeRouteTables"]);
    w.ask(tcp(&a, &next, 443)).reachable();
}

#[test]
fn network_acls() {
    let Home { w, a, next, b, .. } = home();
    let w = w.without("NetworkAcls.json");
    w.ask(tcp(&a, &b, 443)).unknown(&["ec2:DescribeNetworkAcls"]);
    w.ask(tcp(&a, "internet", 443)).unknown(&["ec2:DescribeNetworkAcls"]);
    w.ask(tcp(&a, &next, 443)).reachable();
}

#[test]
fn security_groups() {
    let Home { mut w, vpc, s, a, next, .. } = home();
    w.ask(tcp(&a, &next, 443)).reachable();
    w.without("SecurityGroups.json").ask(tcp(&a, &next, 443)).unknown(&["ec2:DescribeSecurityGroups"]);
    // the unknown groups do not matter where the ACL drops everything
    let acl = w.acl(&s, "");
    w.without("SecurityGroups.json").ask(tcp(&a, "internet", 443)).blocked(Code::AclRestriction, Forward, &acl);
    // one unknown group of two: the other may admit it alone
    let (known, lost) = (w.sg(&vpc, "in tcp 443 0.0.0.0/0"), w.sg(&vpc, ""));
    let c = w.eni(&s, "10.0.1.12", &[&known, &lost]);
    w.remove(&lost);
    w.ask(tcp(&a, &c, 443)).reachable();
    w.ask(tcp(&a, &c, 22)).unknown(&["ec2:DescribeSecurityGroups"]);
}

#[test]
fn interfaces() {
    let Home { w, s, b, .. } = home();
    w.ask(tcp(node(&s, "10.0.1.77", &["sg-001"]), "10.0.2.10", 443)).reachable().at(&b);
    let without = w.without("NetworkInterfaces.json");
    without.ask(tcp(node(&s, "10.0.1.77", &["sg-001"]), "10.0.2.10", 443)).unknown(&["ec2:DescribeNetworkInterfaces"]);
    // an address that is public here is not just anybody's
    without.ask(tcp("internet", "198.51.100.10", 443)).unknown(&["ec2:DescribeNetworkInterfaces"]);
}

#[test]
fn subnets_and_vpcs() {
    let Home { w, a, b, .. } = home();
    for file in ["Subnets.json", "Vpcs.json"] {
        for ask in [tcp(&a, &b, 443), tcp(&a, "internet", 443), tcp(&b, "internet", 443), tcp("internet", &a, 443)] {
            let told = w.without(file).ask(ask);
            assert_ne!(told.answer.verdict, Unreachable, "without {file}: {told}");
        }
    }
}

/// Answers of AWS list the local routes; one that leaves them out is not taken for all there is.
#[test]
fn local_routes_that_no_answer_tells() {
    let Home { mut w, s, a, b, .. } = home();
    let table = w.table_of(&s);
    for table in w.ids("rtb-") {
        w.unroute(&table, "10.0.0.0/16");
    }
    w.ask(tcp(&a, &b, 443)).reachable();
    w.ask(tcp(&a, "10.0.77.7", 443)).unreachable();
    let without = w.without("Vpcs.json");
    for to in [b.as_str(), "10.0.77.7", "internet"] {
        without.ask(tcp(&a, to, 443)).unknown(&["ec2:DescribeVpcs"]).forward(Unknown);
    }
    // without a default route the answer would be certain
    w.unroute(&table, "0.0.0.0/0");
    w.ask(tcp(&a, "internet", 443)).blocked(Code::NoRoute, Forward, &table);
    w.without("Vpcs.json").ask(tcp(&a, "internet", 443)).unknown(&["ec2:DescribeVpcs"]).forward(Unknown);
}

#[test]
fn gateways() {
    let Home { w, a, b, .. } = home();
    w.without("InternetGateways.json").ask(tcp(&a, "internet", 443)).unknown(&["ec2:DescribeInternetGateways"]);
    w.without("InternetGateways.json").ask(tcp("internet", &a, 443)).unknown(&["ec2:DescribeInternetGateways"]);
    w.without("NatGateways.json").ask(tcp(&b, "internet", 443)).unknown(&["ec2:DescribeNatGateways"]);
    w.without("InternetGateways.json").ask(tcp(&a, &b, 443)).reachable();
    w.without("NatGateways.json").ask(tcp(&a, "internet", 443)).reachable();
}

#[test]
fn block_public_access() {
    let Home { mut w, a, b, .. } = home();
    let call = "ec2:DescribeVpcBlockPublicAccessOptions";
    let without = w.without("VpcBlockPublicAccessOptions.json");
    without.ask(tcp(&a, "internet", 443)).unknown(&[call]);
    without.ask(tcp("internet", &a, 443)).unknown(&[call]);
    without.ask(tcp(&b, "internet", 443)).unknown(&[call]);
    without.ask(tcp(&a, &b, 443)).reachable();
    // exclusions matter only where something is to be excluded from
    w.without("VpcBlockPublicAccessExclusions.json").ask(tcp(&a, "internet", 443)).reachable();
    w.block_public_access("block-bidirectional");
    w.ask(tcp(&a, "internet", 443)).unreachable();
    w.without("VpcBlockPublicAccessExclusions.json")
        .ask(tcp(&a, "internet", 443))
        .unknown(&["ec2:DescribeVpcBlockPublicAccessExclusions"]);
}

#[test]
fn prefix_lists() {
    let Home { mut w, vpc, s, a, next, .. } = home();
    let list = w.prefix_list("com.amazonaws.us-east-1.s3", &["52.216.0.0/15"]);
    let endpoint = w.gateway_endpoint(&vpc, &list, &[&s]);
    w.ask(tcp(&a, "52.216.0.1", 443)).reachable().at(&endpoint);
    let entries = format!("managed-prefix-lists/{list}/entries.json");
    let call = "ec2:GetManagedPrefixListEntries";
    // nobody knows whether an address is in the list; what is in the subnet does not ask
    w.without(&entries).ask(tcp(&a, "52.216.0.1", 443)).unknown(&[call]);
    w.without(&entries).ask(tcp(&a, "8.8.8.8", 443)).unknown(&[call]);
    w.without(&entries).ask(tcp(&a, &next, 443)).reachable();
    // in a group
    let clients = w.prefix_list("clients", &["10.0.1.0/24"]);
    let group = w.sg(&vpc, &format!("in tcp 443 {clients}; in tcp 80 0.0.0.0/0"));
    let c = w.eni(&s, "10.0.1.20", &[&group]);
    let entries = format!("managed-prefix-lists/{clients}/entries.json");
    w.without(&entries).ask(tcp(&a, &c, 443)).unknown(&[call]);
    w.without(&entries).ask(tcp(&a, &c, 80)).reachable();
    w.without(&entries).ask(tcp(&a, &c, 22)).blocked_by(&[Code::GroupMismatch], Forward, &[&group, &c]);
}

/// No entry is longer than a host route, and of equal ones the static route wins (row 12).
#[test]
fn a_host_route_asks_no_prefix_list() {
    let Home { mut w, vpc, s, a, .. } = home();
    let list = w.prefix_list("com.amazonaws.us-east-1.s3", &["52.216.0.0/15"]);
    w.gateway_endpoint(&vpc, &list, &[&s]);
    let igw = w.ids("igw-")[0].clone();
    w.route(&s, "8.8.8.8/32", &igw);
    let without = w.without(&format!("managed-prefix-lists/{list}/entries.json"));
    without.ask(tcp(&a, "8.8.8.8", 443)).reachable().at("internet");
}

#[test]
fn endpoints() {
    let Home { mut w, vpc, s, a, .. } = home();
    let list = w.prefix_list("com.amazonaws.us-east-1.s3", &["52.216.0.0/15"]);
    w.gateway_endpoint(&vpc, &list, &[&s]);
    w.without("VpcEndpoints.json").ask(tcp(&a, "52.216.0.1", 443)).unknown(&["ec2:DescribeVpcEndpoints"]);
}

/// The interface says what it belongs to; what that is allowed to do does not change because
/// nobody collected it.
#[test]
fn the_interface_of_an_endpoint_or_a_nat_gateway_is_no_host() {
    let Home { mut w, vpc, s, a, .. } = home();
    let group = w.open(&vpc);
    let (endpoint, enis) = w.interface_endpoint(&vpc, &[(&s, "10.0.1.50")], &[&group]);
    w.ask(tcp(&enis[0], &a, 443)).blocked_by(&[Code::EndpointCannotStart], Forward, &[]);
    let told = w.without("VpcEndpoints.json").ask(tcp(&enis[0], &a, 443));
    assert_ne!(told.answer.verdict, Reachable, "{told}");
    // nor does it answer when it may have been rejected
    w.ask(tcp(&a, &enis[0], 443)).reachable();
    w.set(&endpoint, "/State", "rejected");
    w.ask(tcp(&a, &enis[0], 443)).unreachable();
    let told = w.without("VpcEndpoints.json").ask(tcp(&a, &enis[0], 443));
    assert_ne!(told.answer.verdict, Reachable, "{told}");
    // nobody comes in through NAT
    w.ask(tcp("internet", "198.51.100.99", 443)).blocked_by(&[Code::NatNoSession], Forward, &[]);
    let told = w.without("NatGateways.json").ask(tcp("internet", "198.51.100.99", 443));
    assert_ne!(told.answer.verdict, Reachable, "{told}");
}

#[test]
fn peerings() {
    let Home { mut w, vpc, s, a, .. } = home();
    let other = w.vpc("b", "10.1.0.0/16");
    let t = w.subnet(&other, "10.1.1.0/24");
    let pcx = w.peering(&vpc, &other);
    w.route(&s, "10.1.0.0/16", &pcx);
    w.route(&t, "10.0.0.0/16", &pcx);
    let there = w.open(&other);
    let b = w.eni(&t, "10.1.1.10", &[&there]);
    w.ask(tcp(&a, "10.1.1.10", 443)).reachable().at(&b);
    w.without("VpcPeeringConnections.json")
        .ask(tcp(&a, "10.1.1.10", 443))
        .unknown(&["ec2:DescribeVpcPeeringConnections"]);
}

/// The answers of the account that nobody collected.
const THERE: &[&str] = &[
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeSecurityGroups",
];

/// The home beside a peer of another account.
struct Abroad {
    home: Home,
    /// The other VPC, and a subnet of it.
    other: String,
    t: String,
    pcx: String,
}

fn abroad() -> Abroad {
    let mut home = home();
    let w = &mut home.w;
    let other = w.vpc_at("b", "10.1.0.0/16", STRANGER, "us-east-1");
    let t = w.subnet(&other, "10.1.1.0/24");
    let pcx = w.peering(&home.vpc, &other);
    w.route(&home.s, "10.1.0.0/16", &pcx);
    w.route(&t, "10.0.0.0/16", &pcx);
    Abroad { home, other, t, pcx }
}

#[test]
fn a_peer_vpc_that_nobody_collected() {
    let Abroad { home: Home { mut w, vpc, s, a, .. }, other, t, pcx } = abroad();
    let there = w.open(&other);
    let b = w.eni(&t, "10.1.1.10", &[&there]);
    w.ask(tcp(&a, "10.1.1.10", 443)).reachable().at(&b);
    let without = w.without(&format!("{STRANGER}/"));
    without.ask(tcp(&a, "10.1.1.10", 443)).unknown(THERE);
    // certain on this side, whatever the other looks like
    let closed = w.sg(&vpc, "out tcp 22 0.0.0.0/0");
    let c = w.eni(&s, "10.0.1.12", &[&closed]);
    let without = w.without(&format!("{STRANGER}/"));
    without.ask(tcp(&c, "10.1.1.10", 443)).forward(Unreachable).blocked_by(
        &[Code::GroupMismatch],
        Forward,
        &[&closed, &c],
    );
    // an address outside the block that the peering tells of
    w.route(&s, "10.2.0.0/16", &pcx);
    let without = w.without(&format!("{STRANGER}/"));
    let told = without.ask(tcp(&a, "10.2.1.10", 443));
    assert_ne!(told.answer.verdict, Reachable, "{told}");
    w.set(&pcx, "/Status/Code", "pending-acceptance");
    w.without(&format!("{STRANGER}/")).ask(tcp(&a, "10.1.1.10", 443)).blocked(Code::BadState, Forward, &pcx);
}

#[test]
fn a_reference_to_a_group_of_a_peer_that_nobody_collected() {
    let Abroad { home: Home { mut w, vpc, s, .. }, other, t, .. } = abroad();
    let servers = w.sg(&other, "in all 0.0.0.0/0");
    w.eni(&t, "10.1.1.10", &[&servers]);
    let clients = w.sg(&vpc, &format!("out tcp 443 {servers}"));
    let c = w.eni(&s, "10.0.1.12", &[&clients]);
    w.ask(tcp(&c, "10.1.1.10", 443)).reachable();
    w.without(&format!("{STRANGER}/")).ask(tcp(&c, "10.1.1.10", 443)).unknown(THERE);
}

#[test]
fn transit_gateway_routes() {
    let Transit { w, a, b, near_table, far_table, .. } = transit();
    let call = "ec2:SearchTransitGatewayRoutes";
    let routes = |table: &str| format!("search-transit-gateway-routes/{table}.json");
    w.ask(tcp(&a, &b, 443)).reachable();
    w.without(&routes(&near_table)).ask(tcp(&a, &b, 443)).unknown(&[call]).forward(Unknown);
    w.without(&routes(&far_table)).ask(tcp(&a, &b, 443)).unknown(&[call]).forward(Reachable);
    w.without(&routes(&far_table)).ask(tcp(&b, &a, 443)).unknown(&[call]).forward(Unknown);
}

#[test]
fn transit_gateway_attachments() {
    let Transit { w, a, b, .. } = transit();
    for (file, call) in [
        ("TransitGatewayAttachments.json", "ec2:DescribeTransitGatewayAttachments"),
        ("TransitGatewayVpcAttachments.json", "ec2:DescribeTransitGatewayVpcAttachments"),
    ] {
        w.without(file).ask(tcp(&a, &b, 443)).unknown(&[call, "ec2:DescribeTransitGatewayAttachments"]);
    }
}

#[test]
fn what_is_certain_before_the_gap_and_behind_it() {
    let Transit { mut w, a, b, near_table, far_table, near, .. } = transit();
    let routes = |table: &str| format!("search-transit-gateway-routes/{table}.json");
    // the reply certainly has no route, whatever happens on the way there
    w.tgw_unroute(&far_table, "10.0.0.0/16");
    w.ask(tcp(&a, &b, 443)).blocked(Code::TransitNoRoute, Return, &far_table);
    let told = w.without(&routes(&near_table)).ask(tcp(&a, &b, 443));
    assert_ne!(told.answer.verdict, Reachable, "{told}");
    w.set(&near, "/State", "failed");
    let told = w.without(&routes(&near_table)).ask(tcp(&a, &b, 443));
    told.forward(Unreachable).blocked_by(&[Code::BadStateAttachment, Code::BadState], Forward, &[&near]);
}

#[test]
fn a_vpn_attachment_needs_no_evidence_behind_it() {
    let mut w = World::new();
    let tgw = w.tgw();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let s = w.subnet(&vpc, "10.0.1.0/24");
    let table = w.tgw_table(&tgw);
    let (near, vpn) = (w.attach(&tgw, &vpc, &[&s]), w.attach_other(&tgw, "vpn", "vpn-0a"));
    w.associate(&near, &table);
    w.associate(&vpn, &table);
    w.propagate(&near, &table);
    w.propagate_block(&vpn, &table, "192.168.0.0/16");
    w.route(&s, "0.0.0.0/0", &tgw);
    let open = w.open(&vpc);
    let a = w.eni(&s, "10.0.1.10", &[&open]);
    w.ask(tcp(&a, "192.168.5.5", 443)).reachable().on_premises(&vpn);
    w.ask(tcp(behind(&vpn, "192.168.5.5"), &a, 443)).reachable();
}

#[test]
fn nothing_but_the_start() {
    let Home { w, b, .. } = home();
    let mut only = w.clone();
    for file in w.files().iter().filter(|file| !file.ends_with("NetworkInterfaces.json")) {
        only.forget(file);
    }
    for ask in [tcp(&b, "internet", 443), tcp(&b, "10.0.1.10", 443), tcp("internet", "198.51.100.10", 443)] {
        let told = only.ask(ask);
        assert_eq!(told.answer.verdict, Unknown, "{told}");
    }
}
