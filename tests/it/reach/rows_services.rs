//! Rows 28 to 31: endpoints and appliances.

use plaudit::reach::Code;
use plaudit::reach::Leg::{Forward, Return};
use plaudit::reach::Verdict::{Reachable, Unreachable};

use super::ask::{behind, behind_vgw, echo, node, speaking_as, tcp, udp};
use super::build::World;

/// An address of S3, and one of another region.
const S3: &str = "52.216.0.1";
const S3_ELSEWHERE: &str = "52.95.170.1";

/// A VPC with a private host, a gateway endpoint for S3 in its table, and its prefix list.
struct Gateway {
    w: World,
    vpc: String,
    s: String,
    a: String,
    endpoint: String,
    list: String,
}

fn gateway() -> Gateway {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let s = w.subnet(&vpc, "10.0.1.0/24");
    let list = w.prefix_list("com.amazonaws.us-east-1.s3", &["52.216.0.0/15", "3.5.0.0/19"]);
    let endpoint = w.gateway_endpoint(&vpc, &list, &[&s]);
    let open = w.open(&vpc);
    let a = w.eni(&s, "10.0.1.10", &[&open]);
    Gateway { w, vpc, s, a, endpoint, list }
}

// ---- 28: gateway endpoints -----------------------------------------------------------------

#[test]
fn row_28_the_prefix_list_beats_the_default_route() {
    let Gateway { mut w, vpc, s, a, endpoint, .. } = gateway();
    w.ask(tcp(&a, S3, 443)).reachable().at(&endpoint);
    let igw = w.igw(&vpc);
    w.route(&s, "0.0.0.0/0", &igw);
    w.ask(tcp(&a, S3, 443)).reachable().at(&endpoint).not_via(Forward, &igw);
    w.ask(tcp(&a, "3.5.1.1", 443)).reachable().at(&endpoint);
    // the rest takes the default route, and has no public address for it
    w.ask(tcp(&a, "8.8.8.8", 443)).blocked(Code::IgwPublicForEgress, Forward, &igw);
}

#[test]
fn row_28_a_more_specific_route_beats_the_prefix_list() {
    let Gateway { mut w, vpc, s, a, endpoint, .. } = gateway();
    let igw = w.igw(&vpc);
    w.route(&s, "52.216.0.0/24", &igw);
    w.eip(&a, "198.51.100.10");
    w.ask(tcp(&a, S3, 443)).reachable().at("internet").not_via(Forward, &endpoint);
    w.ask(tcp(&a, "52.217.0.1", 443)).reachable().at(&endpoint);
    // as long as the entry itself it wins too: static before prefix list
    w.route(&s, "52.216.0.0/15", &igw);
    w.ask(tcp(&a, "52.217.0.1", 443)).reachable().at("internet");
}

#[test]
fn row_28_another_region_is_not_in_the_list() {
    let Gateway { mut w, s, a, .. } = gateway();
    let table = w.table_of(&s);
    w.ask(tcp(&a, S3_ELSEWHERE, 443)).forward(Unreachable).blocked(Code::NoRoute, Forward, &table).sole();
}

#[test]
fn row_28_a_gateway_endpoint_takes_tcp_and_echo() {
    let Gateway { w, a, endpoint, .. } = gateway();
    w.ask(echo(&a, S3)).reachable().at(&endpoint);
    w.ask(udp(&a, S3, 443)).forward(Unreachable).blocked(Code::GatewayEndpointProtocol, Forward, &endpoint).sole();
}

#[test]
fn row_28_groups_admit_by_prefix_list_or_block() {
    let Gateway { mut w, vpc, s, endpoint, list, .. } = gateway();
    let other = w.prefix_list("com.amazonaws.us-east-1.dynamodb", &["52.94.0.0/22"]);
    for (number, (rules, admitted)) in [
        (format!("out tcp 443 {list}"), true),
        ("out tcp 443 52.216.0.0/15".to_owned(), true),
        ("out all 0.0.0.0/0".to_owned(), true),
        (format!("out tcp 443 {other}"), false),
        ("out all 10.0.0.0/8".to_owned(), false),
        (format!("out tcp 80 {list}"), false),
    ]
    .iter()
    .enumerate()
    {
        let group = w.sg(&vpc, rules);
        let host = w.eni(&s, &format!("10.0.1.{}", 20 + number), &[&group]);
        let told = w.ask(tcp(&host, S3, 443));
        if *admitted {
            told.reachable().at(&endpoint);
        } else {
            told.blocked_by(&[Code::GroupMismatch], Forward, &[&group, &host]).sole();
        }
    }
}

#[test]
fn row_28_acls_admit_the_prefixes_out_and_their_replies_in() {
    let Gateway { mut w, s, a, .. } = gateway();
    let acl = w.acl(&s, "out 100 allow tcp 443 52.216.0.0/15; in 100 allow tcp 1024-65535 52.216.0.0/15");
    w.ask(tcp(&a, S3, 443)).reachable();
    w.ask(tcp(&a, "3.5.1.1", 443)).blocked(Code::AclRestriction, Forward, &acl);
    let acl = w.acl(&s, "out 100 allow all 0.0.0.0/0; in 100 allow all 10.0.0.0/8");
    w.ask(tcp(&a, S3, 443)).only_the_reply().blocked(Code::AclRestriction, Return, &acl).sole();
}

#[test]
fn row_28_only_tables_with_its_route_use_it() {
    let Gateway { mut w, vpc, .. } = gateway();
    let t = w.subnet(&vpc, "10.0.2.0/24");
    let main = w.table_of(&vpc);
    let open = w.open(&vpc);
    let b = w.eni(&t, "10.0.2.10", &[&open]);
    w.ask(tcp(&b, S3, 443)).blocked(Code::NoRoute, Forward, &main).sole();
}

#[test]
fn row_28_a_gateway_endpoint_serves_its_own_vpc_only() {
    let Gateway { mut w, vpc, s, list, .. } = gateway();
    let other = w.vpc("b", "10.1.0.0/16");
    let t = w.subnet(&other, "10.1.1.0/24");
    let there = w.open(&other);
    let b = w.eni(&t, "10.1.1.10", &[&there]);
    // over a transit gateway, with the route of the attachment subnet
    let tgw = w.tgw();
    let table = w.tgw_table(&tgw);
    let (near, far) = (w.attach(&tgw, &vpc, &[&s]), w.attach(&tgw, &other, &[&t]));
    for attachment in [&near, &far] {
        w.associate(attachment, &table);
        w.propagate(attachment, &table);
    }
    w.tgw_route(&table, "0.0.0.0/0", &near);
    w.route(&t, &list, &tgw);
    w.route(&s, "10.1.0.0/16", &tgw);
    w.ask(tcp(&b, S3, 443)).forward(Unreachable).blocked_by(&[Code::GatewayEndpointSource], Forward, &[]);
    // from on-premises
    let vgw = w.vgw(&vpc);
    w.propagated(&s, "172.16.0.0/12", &vgw);
    let codes =
        [Code::GatewayEndpointSource, Code::NoRoute, Code::NoPossibleDestination, Code::DestinationDoesNotExist];
    w.ask(tcp(behind_vgw(&vpc, "172.16.3.4"), S3, 443)).forward(Unreachable).blocked_by(&codes, Forward, &[]);
}

#[test]
fn row_28_an_endpoint_that_is_not_available() {
    for state in ["pending", "deleted", "failed"] {
        let Gateway { mut w, a, endpoint, .. } = gateway();
        w.set(&endpoint, "/State", state);
        w.ask(tcp(&a, S3, 443)).forward(Unreachable).blocked(Code::BadState, Forward, &endpoint);
    }
}

// ---- 29: interface endpoints ---------------------------------------------------------------

/// A VPC with a host in a subnet and an interface endpoint in another.
struct Interface {
    w: World,
    vpc: String,
    s: String,
    e: String,
    a: String,
    endpoint: String,
    eni: String,
    group: String,
}

fn interface(rules: &str) -> Interface {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, e) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.5.0/24"));
    let group = w.sg(&vpc, rules);
    let (endpoint, enis) = w.interface_endpoint(&vpc, &[(&e, "10.0.5.5")], &[&group]);
    let open = w.open(&vpc);
    let a = w.eni(&s, "10.0.1.10", &[&open]);
    Interface { w, vpc, s, e, a, endpoint, eni: enis[0].clone(), group }
}

#[test]
fn row_29_the_groups_of_an_endpoint_admit_a_subnet() {
    let Interface { mut w, vpc, s, a, eni, group, .. } = interface("in tcp 443 10.0.1.0/24");
    w.ask(tcp(&a, "10.0.5.5", 443)).reachable().at(&eni);
    w.ask(tcp(&a, &eni, 443)).reachable();
    w.ask(tcp(node(&s, "10.0.1.99", &[&group]), &eni, 22)).blocked_by(
        &[Code::GroupMismatch, Code::GroupEmpty],
        Forward,
        &[],
    );
    w.ask(tcp(&a, &eni, 6666)).blocked_by(&[Code::GroupMismatch], Forward, &[&group, &eni]).sole();
    let t = w.subnet(&vpc, "10.0.2.0/24");
    let open = w.open(&vpc);
    let b = w.eni(&t, "10.0.2.10", &[&open]);
    w.ask(tcp(&b, &eni, 443)).blocked_by(&[Code::GroupMismatch], Forward, &[&group, &eni]).sole();
}

#[test]
fn row_29_the_acl_of_the_endpoint_subnet_counts() {
    let Interface { mut w, e, a, eni, .. } = interface("in all 0.0.0.0/0");
    let acl = w.acl(&e, "in 100 allow tcp 443 10.0.0.0/16; out 100 allow tcp 443 10.0.0.0/16");
    w.ask(tcp(&a, &eni, 443)).only_the_reply().blocked(Code::AclRestriction, Return, &acl).sole();
}

#[test]
fn row_29_an_endpoint_starts_nothing() {
    let Interface { w, a, eni, .. } = interface("in all 0.0.0.0/0; out all 0.0.0.0/0");
    w.ask(tcp(&eni, &a, 443)).forward(Unreachable).blocked_by(&[Code::EndpointCannotStart], Forward, &[]);
}

#[test]
fn row_29_an_endpoint_is_reached_by_address_over_a_peering() {
    let Interface { mut w, vpc, e, eni, .. } = interface("in tcp 443 10.1.0.0/16");
    let other = w.vpc("b", "10.1.0.0/16");
    let t = w.subnet(&other, "10.1.1.0/24");
    let pcx = w.peering(&vpc, &other);
    w.route(&t, "10.0.0.0/16", &pcx);
    w.route(&e, "10.1.0.0/16", &pcx);
    let there = w.open(&other);
    let b = w.eni(&t, "10.1.1.10", &[&there]);
    w.ask(tcp(&b, "10.0.5.5", 443)).reachable().at(&eni);
}

#[test]
fn row_29_an_endpoint_is_reached_by_address_over_a_transit_gateway_and_a_vpn() {
    let Interface { mut w, vpc, e, eni, .. } = interface("in tcp 443 172.16.0.0/12 192.168.0.0/16");
    let vgw = w.vgw(&vpc);
    w.propagated(&e, "172.16.0.0/12", &vgw);
    w.ask(tcp(behind_vgw(&vpc, "172.16.3.4"), "10.0.5.5", 443)).reachable().at(&eni);
    let tgw = w.tgw();
    let table = w.tgw_table(&tgw);
    let (near, vpn) = (w.attach(&tgw, &vpc, &[&e]), w.attach_other(&tgw, "vpn", "vpn-0a"));
    for attachment in [&near, &vpn] {
        w.associate(attachment, &table);
    }
    w.propagate(&near, &table);
    w.propagate_block(&vpn, &table, "192.168.0.0/16");
    w.route(&e, "192.168.0.0/16", &tgw);
    w.ask(tcp(behind(&vpn, "192.168.5.5"), "10.0.5.5", 443)).reachable().at(&eni);
}

#[test]
fn row_29_an_endpoint_that_is_not_available() {
    for state in ["pendingAcceptance", "rejected", "failed"] {
        let Interface { mut w, a, endpoint, eni, .. } = interface("in all 0.0.0.0/0");
        w.set(&endpoint, "/State", state);
        w.ask(tcp(&a, "10.0.5.5", 443)).forward(Unreachable).blocked_by(&[Code::BadState], Forward, &[&endpoint, &eni]);
    }
}

// ---- 30: appliances ------------------------------------------------------------------------

/// Client and server of one VPC, with an appliance between them.
struct Middle {
    w: World,
    s: String,
    t: String,
    /// The subnet of the appliance.
    m: String,
    a: String,
    b: String,
    appliance: String,
    group: String,
}

fn middle() -> Middle {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let m = w.subnet(&vpc, "10.0.9.0/24");
    let (open, group) = (w.open(&vpc), w.open(&vpc));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "10.0.2.10", &[&open]));
    let appliance = w.eni(&m, "10.0.9.9", &[&group]);
    w.forwards(&appliance);
    w.route(&s, "10.0.2.0/24", &appliance);
    w.route(&t, "10.0.1.0/24", &appliance);
    Middle { w, s, t, m, a, b, appliance, group }
}

#[test]
fn row_30_an_appliance_forwards_without_its_check() {
    let Middle { mut w, a, b, appliance, .. } = middle();
    w.ask(tcp(&a, &b, 443)).reachable().at(&b).via(Forward, &appliance).via(Return, &appliance);
    w.set(&appliance, "/SourceDestCheck", true);
    w.ask(tcp(&a, &b, 443)).blocked(Code::SourceDestCheck, Forward, &appliance);
}

#[test]
fn row_30_the_groups_of_an_appliance_judge_in_and_out() {
    for (rules, admitted) in [
        ("in tcp 443 10.0.1.0/24; out tcp 443 10.0.2.0/24", true),
        ("in tcp 443 10.0.1.0/24", false),
        ("out tcp 443 10.0.2.0/24", false),
        ("in tcp 443 10.0.2.0/24; out tcp 443 10.0.2.0/24", false),
        ("in tcp 443 10.0.1.0/24; out tcp 443 10.0.1.0/24", false),
    ] {
        let Middle { mut w, a, b, appliance, group, .. } = middle();
        w.set(&group, "/IpPermissions", serde_json::json!([]));
        w.set(&group, "/IpPermissionsEgress", serde_json::json!([]));
        w.admit(&group, rules);
        let told = w.ask(tcp(&a, &b, 443));
        if admitted {
            told.reachable();
        } else {
            told.blocked_by(&[Code::GroupMismatch, Code::GroupEmpty], Forward, &[&group, &appliance]);
        }
    }
}

#[test]
fn row_30_the_acl_of_the_appliance_subnet_judges_in_and_out_both_ways() {
    for (deny, leg) in [
        ("in 50 deny tcp 443 10.0.1.0/24", Forward),
        ("out 50 deny tcp 443 10.0.2.0/24", Forward),
        ("in 50 deny tcp 1024-65535 10.0.2.0/24", Return),
        ("out 50 deny tcp 1024-65535 10.0.1.0/24", Return),
    ] {
        let Middle { mut w, m, a, b, .. } = middle();
        let acl = w.acl(&m, "in 100 allow all 0.0.0.0/0; out 100 allow all 0.0.0.0/0");
        w.ask(tcp(&a, &b, 443)).reachable();
        w.enter(&acl, deny);
        let told = w.ask(tcp(&a, &b, 443)).blocked(Code::AclRestriction, leg, &acl).sole();
        told.forward(if leg == Forward { Unreachable } else { Reachable });
    }
}

#[test]
fn row_30_the_reply_has_to_pass_the_same_appliance() {
    let Middle { mut w, t, a, b, .. } = middle();
    w.unroute(&t, "10.0.1.0/24");
    w.ask(tcp(&a, &b, 443)).only_the_reply().blocked_by(&[Code::ReturnMismatch], Return, &[]);
    let Middle { mut w, s, a, b, .. } = middle();
    w.unroute(&s, "10.0.2.0/24");
    w.ask(tcp(&a, &b, 443)).only_the_reply().blocked_by(&[Code::ReturnMismatch], Return, &[]);
}

#[test]
fn row_30_another_appliance_is_not_the_same() {
    let Middle { mut w, m, t, a, b, .. } = middle();
    let group = w.ids("sg-")[0].clone();
    let second = w.eni(&m, "10.0.9.8", &[&group]);
    w.forwards(&second);
    w.unroute(&t, "10.0.1.0/24");
    w.route(&t, "10.0.1.0/24", &second);
    w.ask(tcp(&a, &b, 443)).only_the_reply().blocked_by(&[Code::ReturnMismatch], Return, &[]);
}

#[test]
fn row_30_the_table_of_the_appliance_subnet_leads_on() {
    let Middle { mut w, m, a, appliance, .. } = middle();
    // its own route for the server leads to itself
    w.route(&m, "10.0.2.0/24", &appliance);
    w.ask(tcp(&a, "10.0.2.10", 443)).forward(Unreachable).blocked_by(&[Code::RouteLoop], Forward, &[]);
}

#[test]
fn row_30_an_appliance_that_is_not_there() {
    let Middle { mut w, s, a, b, appliance, .. } = middle();
    w.remove(&appliance);
    // it may belong to another account, which shares the subnet
    w.ask(tcp(&a, &b, 443)).unknown(&["ec2:DescribeNetworkInterfaces"]);
    w.unroute(&s, "10.0.2.0/24");
    w.blackhole(&s, "10.0.2.0/24", &appliance);
    w.ask(tcp(&a, &b, 443)).forward(Unreachable).blocked_by(&[Code::BadStateRoute], Forward, &[]);
}

/// A server with a public address, whose internet gateway hands its traffic to an appliance.
fn edge() -> (World, String, String, String) {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (t, m) = (w.subnet(&vpc, "10.0.2.0/24"), w.subnet(&vpc, "10.0.9.0/24"));
    let igw = w.igw(&vpc);
    let open = w.open(&vpc);
    let b = w.eni(&t, "10.0.2.10", &[&open]);
    w.eip(&b, "198.51.100.20");
    let appliance = w.eni(&m, "10.0.9.9", &[&open]);
    w.forwards(&appliance);
    w.eip(&appliance, "198.51.100.9");
    w.route(&igw, "10.0.2.0/24", &appliance);
    w.route(&t, "0.0.0.0/0", &appliance);
    w.route(&m, "0.0.0.0/0", &igw);
    (w, igw, b, appliance)
}

#[test]
fn row_30_an_edge_table_redirects_to_an_appliance() {
    let (w, igw, b, appliance) = edge();
    let told = w.ask(tcp("internet", &b, 443)).reachable().at(&b);
    told.via(Forward, &igw).via(Forward, &appliance).via(Return, &appliance);
    // and what the server starts comes back the same way
    w.ask(tcp(&b, "internet", 443)).reachable().at("internet").via(Forward, &appliance).via(Return, &appliance);
}

#[test]
fn row_30_an_edge_table_needs_an_appliance_with_a_public_address() {
    let (mut w, _, b, appliance) = edge();
    w.release(&appliance);
    w.ask(tcp("internet", &b, 443)).forward(Unreachable).blocked_by(&[Code::IngressRedirection], Forward, &[]);
}

#[test]
fn row_30_an_edge_table_needs_an_appliance_without_its_check() {
    let (mut w, _, b, appliance) = edge();
    w.set(&appliance, "/SourceDestCheck", true);
    w.ask(tcp("internet", &b, 443)).forward(Unreachable).blocked(Code::SourceDestCheck, Forward, &appliance);
}

#[test]
fn row_30_an_edge_table_with_nothing_but_the_local_route() {
    let (mut w, igw, b, appliance) = edge();
    let t = w.told(&b)["SubnetId"].as_str().unwrap().to_owned();
    w.unroute(&igw, "10.0.2.0/24");
    w.unroute(&t, "0.0.0.0/0");
    w.route(&t, "0.0.0.0/0", &igw);
    w.ask(tcp("internet", &b, 443)).reachable().at(&b).not_via(Forward, &appliance);
    // and one that drops
    w.blackhole(&igw, "10.0.2.0/24", "eni-0gone");
    let table = w.table_of(&igw);
    w.ask(tcp("internet", &b, 443)).forward(Unreachable).blocked(Code::BadStateRoute, Forward, &table);
}

#[test]
fn row_30_an_edge_table_of_a_virtual_private_gateway() {
    let Middle { mut w, t, m, b, appliance, .. } = middle();
    let vgw = w.vgw("vpc-a");
    w.route(&vgw, "10.0.2.0/24", &appliance);
    w.propagated(&m, "172.16.0.0/12", &vgw);
    w.route(&t, "172.16.0.0/12", &appliance);
    let from = behind_vgw("vpc-a", "172.16.3.4");
    w.ask(tcp(from.clone(), &b, 443)).reachable().at(&b).via(Forward, &appliance).via(Return, &appliance);
    w.unroute(&t, "172.16.0.0/12");
    w.propagated(&t, "172.16.0.0/12", &vgw);
    w.ask(tcp(from, &b, 443)).only_the_reply().blocked_by(&[Code::ReturnMismatch], Return, &[]);
}

#[test]
fn row_30_a_reply_past_the_appliance_of_the_edge_table() {
    let (mut w, igw, b, _) = edge();
    let t = w.told(&b)["SubnetId"].as_str().unwrap().to_owned();
    w.unroute(&t, "0.0.0.0/0");
    w.route(&t, "0.0.0.0/0", &igw);
    w.ask(tcp("internet", &b, 443)).only_the_reply().blocked_by(&[Code::ReturnMismatch], Return, &[]);
}

// ---- firewall endpoints --------------------------------------------------------------------

#[test]
fn a_firewall_endpoint_is_unknown_unless_something_else_blocks() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t, m) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"), w.subnet(&vpc, "10.0.9.0/24"));
    let firewall = w.firewall_endpoint(&m);
    w.route(&s, "10.0.2.0/24", &firewall);
    w.route(&t, "10.0.1.0/24", &firewall);
    let (open, closed) = (w.open(&vpc), w.sg(&vpc, "in tcp 443 10.0.1.0/24"));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "10.0.2.10", &[&closed]));
    let told = w.ask(tcp(&a, &b, 443));
    assert_eq!(told.answer.verdict, plaudit::reach::Verdict::Unknown, "{told}");
    assert!(!told.answer.gaps.is_empty(), "{told}");
    w.ask(tcp(&a, &b, 22)).blocked_by(&[Code::GroupMismatch], Forward, &[&closed, &b]);
}

// ---- 31: the source/destination check ------------------------------------------------------

#[test]
fn row_31_a_sender_speaks_from_its_own_address() {
    let Middle { mut w, s, t, a, b, .. } = middle();
    w.unroute(&s, "10.0.2.0/24");
    w.unroute(&t, "10.0.1.0/24");
    for spoofed in ["10.0.1.99", "10.0.2.77", "192.0.2.9"] {
        let told = w.ask(tcp(speaking_as(&a, spoofed), &b, 443));
        told.forward(Unreachable).blocked(Code::SourceDestCheck, Forward, &a);
    }
    w.forwards(&a);
    w.ask(tcp(speaking_as(&a, "10.0.1.99"), &b, 443)).never(Code::SourceDestCheck).forward(Reachable);
}

#[test]
fn row_31_every_address_of_the_interface_is_its_own() {
    let Middle { mut w, a, b, .. } = middle();
    w.also(&a, "10.0.1.11");
    w.ask(tcp(speaking_as(&a, "10.0.1.10"), &b, 443)).reachable();
    w.ask(tcp(speaking_as(&a, "10.0.1.11"), &b, 443)).reachable();
}
