//! Rows 16 to 20, 32, 33 and 38: everything that leaves to the internet or comes from there.

use plaudit::reach::Leg::{Forward, Return};
use plaudit::reach::Verdict::{Reachable, Unreachable};
use plaudit::reach::{Code, Component, Protocol};

use super::ask::{End, behind_vgw, echo, flow, node, protocol, speaking_as, tcp, udp};
use super::build::World;

const PUBLIC: &str = "198.51.100.10";
const NAT_PUBLIC: &str = "198.51.100.99";

/// A VPC with an internet gateway, a public subnet that routes to it, and a host there with a
/// public address.
struct Public {
    w: World,
    vpc: String,
    s: String,
    igw: String,
    a: String,
    group: String,
}

fn public() -> Public {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let s = w.subnet(&vpc, "10.0.1.0/24");
    let igw = w.igw(&vpc);
    w.route(&s, "0.0.0.0/0", &igw);
    let group = w.open(&vpc);
    let a = w.eni(&s, "10.0.1.10", &[&group]);
    w.eip(&a, PUBLIC);
    Public { w, vpc, s, igw, a, group }
}

/// The same with a private subnet behind a NAT gateway in a subnet of its own.
struct Natted {
    w: World,
    vpc: String,
    /// The private subnet and its host.
    p: String,
    a: String,
    /// The subnet of the NAT gateway.
    n: String,
    nat: String,
    igw: String,
}

fn natted() -> Natted {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (p, n) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.9.0/24"));
    let igw = w.igw(&vpc);
    let nat = w.nat(&n, "10.0.9.9", Some(NAT_PUBLIC));
    w.route(&p, "0.0.0.0/0", &nat);
    w.route(&n, "0.0.0.0/0", &igw);
    let open = w.open(&vpc);
    let a = w.eni(&p, "10.0.1.10", &[&open]);
    Natted { w, vpc, p, a, n, nat, igw }
}

/// A VPC of its own with a server that has a public address, behind this group.
fn server(w: &mut World, rules: &str) -> String {
    let vpc = w.vpc("server", "10.50.0.0/16");
    let s = w.subnet(&vpc, "10.50.1.0/24");
    let igw = w.igw(&vpc);
    w.route(&s, "0.0.0.0/0", &igw);
    let group = w.sg(&vpc, rules);
    let eni = w.eni(&s, "10.50.1.10", &[&group]);
    w.eip(&eni, "198.51.100.50");
    eni
}

// ---- 16: out through an internet gateway ---------------------------------------------------

#[test]
fn row_16_leaving_needs_a_public_address() {
    let Public { mut w, s, igw, a, group, .. } = public();
    w.ask(tcp(&a, "internet", 443)).reachable().at("internet").via(Forward, &igw).via(Return, &igw);
    w.ask(tcp(&a, "8.8.8.8", 53)).reachable().at("internet");
    w.ask(udp(&a, "internet", 53)).reachable();
    w.ask(echo(&a, "internet")).reachable();
    w.ask(protocol(&a, "internet", 50)).reachable();
    let b = w.eni(&s, "10.0.1.11", &[&group]);
    w.ask(tcp(&b, "internet", 443)).forward(Unreachable).blocked(Code::IgwPublicForEgress, Forward, &igw);
    // the second private address has none either
    w.also(&a, "10.0.1.12");
    w.ask(tcp(speaking_as(&a, "10.0.1.12"), "internet", 443)).blocked(Code::IgwPublicForEgress, Forward, &igw);
}

#[test]
fn row_16_leaving_needs_an_attached_gateway() {
    let Public { mut w, igw, a, .. } = public();
    w.set(&igw, "/Attachments", serde_json::json!([]));
    w.ask(tcp(&a, "internet", 443)).blocked(Code::IgwMissing, Forward, &igw);
}

#[test]
fn row_16_private_and_shared_destinations_do_not_leave() {
    let Public { w, igw, a, .. } = public();
    for destination in ["192.168.1.1", "10.99.0.1", "172.31.255.255"] {
        w.ask(tcp(&a, destination, 443)).forward(Unreachable).blocked(Code::IgwDestinationRfc1918, Forward, &igw);
    }
    w.ask(tcp(&a, "100.64.0.1", 443)).forward(Unreachable).blocked(Code::IgwDestinationRfc6598, Forward, &igw);
    w.ask(tcp(&a, "172.32.0.1", 443)).reachable();
    w.ask(tcp(&a, "100.128.0.1", 443)).reachable();
}

#[test]
fn row_16_a_node_leaves_when_nodes_there_get_public_addresses() {
    let Public { w, s, igw, group, .. } = public();
    let mut runner = node(&s, "10.0.1.77", &[&group]);
    w.ask(tcp(runner.clone(), "internet", 443)).blocked(Code::IgwPublicForEgress, Forward, &igw);
    let End::Node { public, groups, .. } = &mut runner else { unreachable!() };
    *public = Some("198.51.100.77".to_owned());
    *groups = None;
    w.ask(tcp(runner, "internet", 443)).reachable().at("internet");
}

#[test]
fn row_16_groups_and_acls_see_the_private_source_and_the_public_destination() {
    let Public { mut w, vpc, s, .. } = public();
    let group = w.sg(&vpc, "out tcp 443 8.8.8.0/24");
    let b = w.eni(&s, "10.0.1.11", &[&group]);
    w.eip(&b, "198.51.100.11");
    w.acl(&s, "out 100 allow tcp 443 8.8.8.8/32; in 100 allow tcp 1024-65535 8.8.8.8/32");
    w.ask(tcp(&b, "8.8.8.8", 443)).reachable();
    w.ask(tcp(&b, "8.8.8.9", 443)).blocked_by(&[Code::AclRestriction], Forward, &[]);
    w.ask(tcp(&b, "8.8.4.4", 443)).blocked_by(&[Code::GroupMismatch], Forward, &[]);
}

// ---- 17: in through an internet gateway ----------------------------------------------------

#[test]
fn row_17_entering_needs_the_public_address() {
    let Public { mut w, s, igw, a, group, .. } = public();
    w.ask(tcp("internet", &a, 443)).reachable().at(&a).via(Forward, &igw).via(Return, &igw);
    w.ask(tcp("internet", PUBLIC, 443)).reachable().at(&a);
    w.ask(tcp("203.0.113.9", &a, 443)).reachable();
    let b = w.eni(&s, "10.0.1.11", &[&group]);
    w.ask(tcp("internet", &b, 443)).forward(Unreachable).blocked_by(&[Code::IgwPrivateForIngress], Forward, &[]);
}

#[test]
fn row_17_a_private_address_is_nowhere_on_the_internet() {
    let Public { w, .. } = public();
    let codes = [
        Code::IgwPrivateForIngress,
        Code::NoPossibleDestination,
        Code::UnknownDestination,
        Code::DestinationDoesNotExist,
    ];
    w.ask(tcp("internet", "10.0.1.10", 443)).forward(Unreachable).blocked_by(&codes, Forward, &[]);
}

#[test]
fn row_17_private_and_shared_sources_do_not_enter() {
    let Public { w, igw, a, .. } = public();
    w.ask(tcp("192.168.1.1", &a, 443)).forward(Unreachable).blocked(Code::IgwSourceRfc1918, Forward, &igw);
    w.ask(tcp("100.64.0.9", &a, 443)).forward(Unreachable).blocked(Code::IgwSourceRfc6598, Forward, &igw);
}

#[test]
fn row_17_entering_needs_an_attached_gateway() {
    let Public { mut w, igw, a, .. } = public();
    w.set(&igw, "/Attachments", serde_json::json!([]));
    w.ask(tcp("internet", &a, 443)).forward(Unreachable).blocked_by(&[Code::IgwMissing], Forward, &[]);
    w.remove(&igw);
    w.ask(tcp("internet", &a, 443)).forward(Unreachable);
}

#[test]
fn row_17_groups_and_acls_see_the_public_source_and_the_private_destination() {
    let Public { mut w, vpc, s, .. } = public();
    let group = w.sg(&vpc, "in tcp 443 203.0.113.0/24");
    let b = w.eni(&s, "10.0.1.11", &[&group]);
    w.eip(&b, "198.51.100.11");
    let acl = w.acl(&s, "in 100 allow tcp 443 203.0.113.9/32; out 100 allow tcp 1024-65535 203.0.113.9/32");
    w.ask(tcp("203.0.113.9", &b, 443)).reachable();
    w.ask(tcp("203.0.113.8", &b, 443)).blocked(Code::AclRestriction, Forward, &acl);
    w.ask(tcp("8.8.8.8", &b, 443)).blocked_by(&[Code::GroupMismatch], Forward, &[&group, &b]);
}

#[test]
fn row_17_a_node_is_entered_at_its_public_address() {
    let Public { w, s, group, .. } = public();
    let mut runner = node(&s, "10.0.1.77", &[&group]);
    w.ask(tcp("internet", runner.clone(), 443)).forward(Unreachable).blocked_by(
        &[Code::IgwPrivateForIngress],
        Forward,
        &[],
    );
    let End::Node { public, .. } = &mut runner else { unreachable!() };
    *public = Some("198.51.100.77".to_owned());
    w.ask(tcp("internet", runner, 443)).reachable().at("node");
}

// ---- 18: the reply to the internet ---------------------------------------------------------

#[test]
fn row_18_a_host_without_a_route_to_the_gateway_receives_and_cannot_answer() {
    let Public { mut w, s, a, .. } = public();
    let table = w.table_of(&s);
    w.unroute(&s, "0.0.0.0/0");
    w.ask(tcp("internet", &a, 443)).only_the_reply().blocked(Code::NoRoute, Return, &table).sole().at(&a);
}

#[test]
fn row_18_a_route_to_a_nat_gateway_does_not_answer() {
    let Public { mut w, vpc, s, igw, a, .. } = public();
    let n = w.subnet(&vpc, "10.0.9.0/24");
    let nat = w.nat(&n, "10.0.9.9", Some(NAT_PUBLIC));
    w.route(&n, "0.0.0.0/0", &igw);
    w.unroute(&s, "0.0.0.0/0");
    w.route(&s, "0.0.0.0/0", &nat);
    let told = w.ask(tcp("internet", &a, 443)).only_the_reply();
    told.blocked_by(&[Code::NatNoSession, Code::ReturnMismatch], Return, &[]);
}

#[test]
fn row_18_a_route_for_some_sources_answers_those() {
    let Public { mut w, s, igw, a, .. } = public();
    w.unroute(&s, "0.0.0.0/0");
    w.route(&s, "203.0.113.0/24", &igw);
    w.ask(tcp("203.0.113.9", &a, 443)).reachable();
    w.ask(tcp("8.8.8.8", &a, 443)).only_the_reply().blocked_by(&[Code::NoRoute], Return, &[]);
}

// ---- 19: from public address to public address ---------------------------------------------

#[test]
fn row_19_public_addresses_meet_outside_and_groups_see_the_public_source() {
    let Public { mut w, igw, a, .. } = public();
    let b = server(&mut w, "in tcp 443 198.51.100.10/32; in tcp 80 10.0.0.0/16");
    w.ask(tcp(&a, "198.51.100.50", 443)).reachable().at(&b).via(Forward, &igw);
    w.ask(tcp(&a, "198.51.100.50", 80))
        .blocked_by(&[Code::GroupMismatch, Code::ReferenceNotPreserved], Forward, &[])
        .sole();
}

#[test]
fn row_19_a_nat_gateway_is_the_public_source() {
    let Natted { mut w, nat, a, .. } = natted();
    let b = server(&mut w, &format!("in tcp 443 {NAT_PUBLIC}/32; in tcp 80 10.0.0.0/16"));
    w.ask(tcp(&a, "198.51.100.50", 443)).reachable().at(&b).via(Forward, &nat).via(Return, &nat);
    w.ask(tcp(&a, "198.51.100.50", 80))
        .blocked_by(&[Code::GroupMismatch, Code::ReferenceNotPreserved], Forward, &[])
        .sole();
}

#[test]
fn row_19_the_other_side_has_to_answer_through_its_gateway() {
    let Public { mut w, a, .. } = public();
    let b = server(&mut w, "in all 0.0.0.0/0");
    let t = w.told(&b)["SubnetId"].as_str().unwrap().to_owned();
    w.unroute(&t, "0.0.0.0/0");
    let table = w.table_of(&t);
    w.ask(tcp(&a, "198.51.100.50", 443)).only_the_reply().blocked(Code::NoRoute, Return, &table).sole();
}

#[test]
fn row_19_a_private_address_of_another_vpc_is_not_met_outside() {
    let Public { mut w, igw, a, .. } = public();
    let b = server(&mut w, "in all 0.0.0.0/0");
    let told = w.ask(tcp(&a, "10.50.1.10", 443)).blocked(Code::IgwDestinationRfc1918, Forward, &igw);
    assert_ne!(told.arrival, b);
}

// ---- 20: NAT gateways ----------------------------------------------------------------------

#[test]
fn row_20_a_private_host_leaves_through_nat() {
    let Natted { w, a, nat, igw, .. } = natted();
    for ask in [tcp(&a, "internet", 443), udp(&a, "internet", 53), echo(&a, "internet"), tcp(&a, "8.8.8.8", 443)] {
        let told = w.ask(ask).reachable().at("internet");
        told.via(Forward, &nat).via(Forward, &igw).via(Return, &nat);
    }
}

#[test]
fn row_20_nat_carries_tcp_udp_and_icmp_only() {
    let Natted { w, a, nat, .. } = natted();
    w.ask(protocol(&a, "internet", 50)).forward(Unreachable).blocked(Code::ProtocolRestriction, Forward, &nat);
    w.ask(protocol(&a, "internet", 47)).forward(Unreachable).blocked(Code::ProtocolRestriction, Forward, &nat);
}

#[test]
fn row_20_the_acl_of_the_nat_subnet_is_judged_on_both_legs_and_both_directions() {
    // what the NAT gateway gets from the host and sends on; what it gets back and sends on
    let all = "in 100 allow tcp 443 10.0.1.0/24; out 100 allow tcp 443 0.0.0.0/0; \
               in 110 allow tcp 1024-65535 0.0.0.0/0; out 110 allow tcp 1024-65535 10.0.1.0/24";
    for (deny, leg) in [
        ("in 50 deny tcp 443 10.0.1.0/24", Forward),
        ("out 50 deny tcp 443 8.8.8.8/32", Forward),
        ("in 50 deny tcp 1024-65535 8.8.8.8/32", Return),
        ("out 50 deny tcp 1024-65535 10.0.1.10/32", Return),
    ] {
        let Natted { mut w, n, a, .. } = natted();
        let acl = w.acl(&n, all);
        w.ask(tcp(&a, "8.8.8.8", 443)).reachable();
        w.enter(&acl, deny);
        let told = w.ask(tcp(&a, "8.8.8.8", 443)).blocked(Code::AclRestriction, leg, &acl);
        told.forward(if leg == Forward { Unreachable } else { Reachable });
    }
}

#[test]
fn row_20_the_acl_of_the_host_subnet_sees_the_host_and_the_internet() {
    let Natted { mut w, p, a, .. } = natted();
    let acl = w.acl(&p, "out 100 allow tcp 443 0.0.0.0/0; in 100 allow tcp 1024-65535 8.8.8.8/32");
    w.ask(tcp(&a, "8.8.8.8", 443)).reachable();
    w.ask(tcp(&a, "8.8.4.4", 443)).only_the_reply().blocked(Code::AclRestriction, Return, &acl).sole();
}

#[test]
fn row_20_the_ports_of_the_host_count_between_nat_and_host() {
    let Natted { mut w, p, a, .. } = natted();
    let acl = w.acl(&p, "out 100 allow all 0.0.0.0/0; in 100 allow tcp 32768-65535 0.0.0.0/0");
    w.ask(tcp(&a, "internet", 443)).reachable().ports(&[(32768, 65535)]);
    w.ask(tcp(&a, "internet", 443).source_port(40000)).reachable();
    w.ask(tcp(&a, "internet", 443).source_port(2000))
        .only_the_reply()
        .blocked(Code::AclRestriction, Return, &acl)
        .sole();
}

#[test]
fn row_20_nobody_comes_in_through_nat() {
    let Natted { w, a, .. } = natted();
    w.ask(tcp("internet", &a, 443)).forward(Unreachable).blocked_by(&[Code::IgwPrivateForIngress], Forward, &[]);
    w.ask(tcp("internet", NAT_PUBLIC, 443)).forward(Unreachable).blocked_by(&[Code::NatNoSession], Forward, &[]);
}

#[test]
fn row_20_nat_needs_its_own_way_out() {
    let Natted { mut w, n, a, .. } = natted();
    let table = w.table_of(&n);
    w.unroute(&n, "0.0.0.0/0");
    w.ask(tcp(&a, "internet", 443)).forward(Unreachable).blocked(Code::NoRoute, Forward, &table);
}

#[test]
fn row_20_a_private_nat_gateway_has_no_public_address() {
    let Natted { mut w, n, p, a, igw, .. } = natted();
    let private = w.nat(&n, "10.0.9.10", None);
    w.unroute(&p, "0.0.0.0/0");
    w.route(&p, "0.0.0.0/0", &private);
    w.ask(tcp(&a, "internet", 443)).forward(Unreachable).blocked(Code::IgwPublicForEgress, Forward, &igw);
}

#[test]
fn row_20_a_private_nat_gateway_is_the_source_in_another_vpc() {
    let Natted { mut w, vpc, n, p, a, .. } = natted();
    let private = w.nat(&n, "10.0.9.10", None);
    let other = w.vpc("b", "10.1.0.0/16");
    let t = w.subnet(&other, "10.1.1.0/24");
    let pcx = w.peering(&vpc, &other);
    w.route(&p, "10.1.0.0/16", &private);
    w.route(&n, "10.1.0.0/16", &pcx);
    w.route(&t, "10.0.9.0/24", &pcx);
    let group = w.sg(&other, "in tcp 443 10.0.9.10/32; in tcp 80 10.0.1.0/24");
    let b = w.eni(&t, "10.1.1.10", &[&group]);
    w.ask(tcp(&a, "10.1.1.10", 443)).reachable().at(&b).via(Forward, &private).via(Return, &private);
    w.ask(tcp(&a, "10.1.1.10", 80)).blocked_by(
        &[Code::GroupMismatch, Code::ReferenceNotPreserved],
        Forward,
        &[&group, &b],
    );
}

#[test]
fn row_20_a_broken_nat_gateway() {
    for state in ["pending", "failed", "deleting", "deleted"] {
        let Natted { mut w, a, nat, .. } = natted();
        w.set(&nat, "/State", state);
        w.ask(tcp(&a, "internet", 443)).forward(Unreachable).blocked(Code::BadState, Forward, &nat);
    }
}

#[test]
fn row_20_nat_behind_its_own_route_is_a_loop() {
    let Natted { mut w, n, a, nat, .. } = natted();
    w.unroute(&n, "0.0.0.0/0");
    w.route(&n, "0.0.0.0/0", &nat);
    w.ask(tcp(&a, "internet", 443)).forward(Unreachable).blocked_by(&[Code::RouteLoop], Forward, &[]);
    // and for a host in that same subnet
    let Natted { mut w, vpc, n, nat, .. } = natted();
    w.unroute(&n, "0.0.0.0/0");
    w.route(&n, "0.0.0.0/0", &nat);
    let open = w.open(&vpc);
    let c = w.eni(&n, "10.0.9.20", &[&open]);
    w.ask(tcp(&c, "internet", 443)).forward(Unreachable).blocked_by(&[Code::RouteLoop], Forward, &[]);
}

#[test]
fn row_20_two_nat_gateways_that_route_to_each_other_are_a_loop() {
    let Natted { mut w, vpc, n, a, nat, .. } = natted();
    let m = w.subnet(&vpc, "10.0.8.0/24");
    let second = w.nat(&m, "10.0.8.8", Some("198.51.100.98"));
    w.unroute(&n, "0.0.0.0/0");
    w.route(&n, "0.0.0.0/0", &second);
    w.route(&m, "0.0.0.0/0", &nat);
    w.ask(tcp(&a, "internet", 443)).forward(Unreachable).blocked_by(&[Code::RouteLoop], Forward, &[]);
}

#[test]
fn row_20_nat_does_not_carry_what_a_vpn_brings() {
    let Natted { mut w, vpc, p, n, nat, .. } = natted();
    let vgw = w.vgw(&vpc);
    for subnet in [&p, &n] {
        w.propagated(subnet, "172.16.0.0/12", &vgw);
    }
    w.route(&vgw, "0.0.0.0/0", &nat);
    let codes = [Code::NatSourceInVpc, Code::NoRoute];
    w.ask(tcp(behind_vgw(&vpc, "172.16.3.4"), "8.8.8.8", 443)).forward(Unreachable).blocked_by(&codes, Forward, &[]);
}

#[test]
fn row_20_nat_does_not_carry_what_a_peer_sends() {
    let Natted { mut w, vpc, .. } = natted();
    let other = w.vpc("b", "10.1.0.0/16");
    let t = w.subnet(&other, "10.1.1.0/24");
    let pcx = w.peering(&vpc, &other);
    w.route(&t, "0.0.0.0/0", &pcx);
    let open = w.open(&other);
    let b = w.eni(&t, "10.1.1.10", &[&open]);
    let codes = [Code::PeeringAddresses, Code::NatSourceInVpc];
    w.ask(tcp(&b, "internet", 443)).forward(Unreachable).blocked_by(&codes, Forward, &[]);
}

// ---- 32: egress-only gateways --------------------------------------------------------------

const V6: &str = "2600:1f18:1:101::10";

/// A host with an IPv6 address.
fn v6() -> (World, String, String, String) {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    w.second_block(&vpc, "2600:1f18:1:100::/56");
    let s = w.subnet(&vpc, "10.0.1.0/24");
    w.subnet_v6(&s, "2600:1f18:1:101::/64");
    let open = w.open(&vpc);
    let a = w.eni(&s, "10.0.1.10", &[&open]);
    w.also(&a, V6);
    let default = w.default_acl(&vpc);
    w.enter(&default, "in 101 allow all ::/0; out 101 allow all ::/0");
    (w, vpc, s, a)
}

const FAR: &str = "2001:4860:4860::8888";

#[test]
fn row_32_an_egress_only_gateway_lets_out() {
    let (mut w, vpc, s, a) = v6();
    let eigw = w.eigw(&vpc);
    w.route(&s, "::/0", &eigw);
    w.ask(tcp(speaking_as(&a, V6), FAR, 443)).reachable().at("internet").via(Forward, &eigw).via(Return, &eigw);
    let icmp6 = flow(speaking_as(&a, V6), FAR, Protocol::ICMP_V6, 128 << 8);
    w.ask(icmp6).reachable();
}

#[test]
fn row_32_an_egress_only_gateway_lets_nobody_in() {
    let (mut w, vpc, s, _) = v6();
    let eigw = w.eigw(&vpc);
    w.route(&s, "::/0", &eigw);
    w.ask(tcp(End::InternetV6, V6, 443)).forward(Unreachable).blocked_by(
        &[Code::EgressOnly, Code::IgwMissing],
        Forward,
        &[],
    );
}

// ---- 33: IPv6 ------------------------------------------------------------------------------

#[test]
fn row_33_ipv6_needs_no_association_and_its_own_route() {
    let (mut w, vpc, s, a) = v6();
    let igw = w.igw(&vpc);
    w.route(&s, "0.0.0.0/0", &igw);
    let table = w.table_of(&s);
    w.ask(tcp(speaking_as(&a, V6), FAR, 443)).forward(Unreachable).blocked(Code::NoRoute, Forward, &table).sole();
    w.route(&s, "::/0", &igw);
    w.ask(tcp(speaking_as(&a, V6), FAR, 443)).reachable().at("internet");
    w.ask(tcp(End::InternetV6, V6, 443)).reachable().at(&a);
    // the other family still needs its public address
    w.ask(tcp(&a, "8.8.8.8", 443)).blocked(Code::IgwPublicForEgress, Forward, &igw);
}

#[test]
fn row_33_rules_of_one_family_say_nothing_of_the_other() {
    let (mut w, vpc, s, _) = v6();
    let igw = w.igw(&vpc);
    w.route(&s, "::/0", &igw);
    let (four, six) = (w.sg(&vpc, "in all 0.0.0.0/0; out all 0.0.0.0/0"), w.sg(&vpc, "in all ::/0; out all ::/0"));
    let (b, c) = (w.eni(&s, "10.0.1.11", &[&four]), w.eni(&s, "10.0.1.12", &[&six]));
    let (b6, c6) = ("2600:1f18:1:101::11", "2600:1f18:1:101::12");
    w.also(&b, b6);
    w.also(&c, c6);
    w.ask(tcp(speaking_as(&c, c6), FAR, 443)).reachable();
    w.ask(tcp(speaking_as(&b, b6), FAR, 443)).blocked_by(&[Code::GroupMismatch], Forward, &[&four, &b]).sole();
    w.ask(tcp(speaking_as(&c, c6), b6, 443)).blocked_by(&[Code::GroupMismatch], Forward, &[&four, &b]).sole();
    w.ask(tcp(&b, "10.0.1.12", 443)).blocked_by(&[Code::GroupMismatch], Forward, &[&six, &c]).sole();
}

#[test]
fn row_33_acls_need_entries_for_ipv6() {
    let (mut w, vpc, s, a) = v6();
    let igw = w.igw(&vpc);
    w.route(&s, "::/0", &igw);
    let acl = w.acl(&s, "in 100 allow all 0.0.0.0/0; out 100 allow all 0.0.0.0/0");
    w.ask(tcp(speaking_as(&a, V6), FAR, 443)).blocked(Code::AclRestriction, Forward, &acl);
    w.enter(&acl, "out 101 allow tcp 443 ::/0");
    w.ask(tcp(speaking_as(&a, V6), FAR, 443)).only_the_reply().blocked(Code::AclRestriction, Return, &acl).sole();
    w.enter(&acl, "in 101 allow tcp 1024-65535 ::/0");
    w.ask(tcp(speaking_as(&a, V6), FAR, 443)).reachable();
}

#[test]
fn row_33_ipv6_inside_a_vpc() {
    let (mut w, vpc, _, a) = v6();
    let t = w.subnet(&vpc, "10.0.2.0/24");
    w.subnet_v6(&t, "2600:1f18:1:102::/64");
    let open = w.open(&vpc);
    let b = w.eni(&t, "10.0.2.10", &[&open]);
    w.also(&b, "2600:1f18:1:102::10");
    w.ask(tcp(speaking_as(&a, V6), "2600:1f18:1:102::10", 443)).reachable().at(&b);
    w.ask(tcp(speaking_as(&a, V6), "2600:1f18:1:102::99", 443)).blocked_by(
        &[Code::DestinationDoesNotExist],
        Forward,
        &[],
    );
}

// ---- 38: VPC Block Public Access -----------------------------------------------------------

#[test]
fn row_38_bidirectional_blocks_both_ways() {
    let Public { mut w, vpc, s, a, group, .. } = public();
    let neighbour = w.eni(&s, "10.0.1.11", &[&group]);
    w.block_public_access("block-bidirectional");
    w.ask(tcp(&a, "internet", 443)).blocked_by(&[Code::BlockPublicAccess], Forward, &[]);
    w.ask(tcp("internet", &a, 443)).blocked_by(&[Code::BlockPublicAccess], Forward, &[]);
    w.ask(tcp(&a, &neighbour, 443)).reachable();
    w.exclude(&vpc, "allow-bidirectional");
    w.ask(tcp(&a, "internet", 443)).reachable();
    w.ask(tcp("internet", &a, 443)).reachable();
}

#[test]
fn row_38_bidirectional_blocks_nat_and_egress_only_gateways_too() {
    let Natted { mut w, a, .. } = natted();
    w.block_public_access("block-bidirectional");
    w.ask(tcp(&a, "internet", 443)).blocked_by(&[Code::BlockPublicAccess], Forward, &[]);
    let (mut w, vpc, s, a) = v6();
    let eigw = w.eigw(&vpc);
    w.route(&s, "::/0", &eigw);
    w.block_public_access("block-bidirectional");
    w.ask(tcp(speaking_as(&a, V6), FAR, 443)).blocked_by(&[Code::BlockPublicAccess], Forward, &[]);
}

#[test]
fn row_38_ingress_only_leaves_nat_and_egress_only_gateways() {
    let Natted { mut w, a, .. } = natted();
    w.block_public_access("block-ingress");
    w.ask(tcp(&a, "internet", 443)).reachable();
    let (mut w, vpc, s, a) = v6();
    let eigw = w.eigw(&vpc);
    w.route(&s, "::/0", &eigw);
    w.block_public_access("block-ingress");
    w.ask(tcp(speaking_as(&a, V6), FAR, 443)).reachable();
}

/// "All internet traffic to the VPCs in this Region is blocked. Only traffic to and from NAT
/// gateways and egress-only internet gateways is allowed": the reply to a host with a public
/// address is no exception.
#[test]
fn row_38_ingress_only_blocks_hosts_with_public_addresses() {
    let Public { mut w, a, .. } = public();
    w.block_public_access("block-ingress");
    w.ask(tcp("internet", &a, 443)).forward(Unreachable).blocked_by(&[Code::BlockPublicAccess], Forward, &[]);
    let told = w.ask(tcp(&a, "internet", 443)).unreachable();
    assert!(told.answer.blockers.iter().all(|blocker| blocker.code == Code::BlockPublicAccess), "{told}");
}

#[test]
fn row_38_exclusions_are_of_a_vpc_or_a_subnet_and_of_one_direction() {
    let Public { mut w, vpc, s, a, igw, group } = public();
    let t = w.subnet(&vpc, "10.0.2.0/24");
    w.route(&t, "0.0.0.0/0", &igw);
    let b = w.eni(&t, "10.0.2.10", &[&group]);
    w.eip(&b, "198.51.100.20");
    w.block_public_access("block-bidirectional");
    w.exclude(&s, "allow-bidirectional");
    w.ask(tcp("internet", &a, 443)).reachable();
    w.ask(tcp("internet", &b, 443)).blocked_by(&[Code::BlockPublicAccess], Forward, &[]);
    // out is allowed, in is not
    let Natted { mut w, vpc, a, .. } = natted();
    let s = w.subnet(&vpc, "10.0.3.0/24");
    let igw = w.ids("igw-")[0].clone();
    w.route(&s, "0.0.0.0/0", &igw);
    let open = w.open(&vpc);
    let c = w.eni(&s, "10.0.3.10", &[&open]);
    w.eip(&c, "198.51.100.30");
    w.block_public_access("block-bidirectional");
    w.exclude(&vpc, "allow-egress");
    w.ask(tcp(&a, "internet", 443)).reachable();
    w.ask(tcp("internet", &c, 443)).blocked_by(&[Code::BlockPublicAccess], Forward, &[]);
}

#[test]
fn row_38_is_of_one_region() {
    let mut w = World::new();
    let vpc = w.vpc_in("west", "10.0.0.0/16", "us-west-2");
    let s = w.subnet(&vpc, "10.0.1.0/24");
    let igw = w.igw(&vpc);
    w.route(&s, "0.0.0.0/0", &igw);
    let open = w.open(&vpc);
    let a = w.eni(&s, "10.0.1.10", &[&open]);
    w.eip(&a, PUBLIC);
    w.block_public_access("block-bidirectional");
    w.ask(tcp(&a, "internet", 443)).reachable();
    // nobody asked there: the answer for the other region does not speak for it
    let without = w.without("111122223333/us-west-2/VpcBlockPublicAccessOptions.json");
    without.ask(tcp(&a, "internet", 443)).unknown(&["ec2:DescribeVpcBlockPublicAccessOptions"]);
}

#[test]
fn a_gateway_has_its_place_there_and_back_and_where_it_blocks() {
    let Public { mut w, s, a, igw, group, .. } = public();
    let told = w.ask(tcp(&a, "internet", 443)).reachable();
    let gateways = told.answer.hops.iter().filter(|hop| hop.component == Component::InternetGateway);
    assert_eq!(
        gateways.map(|hop| (hop.leg, hop.origin.line > 0)).collect::<Vec<_>>(),
        [(Forward, true), (Return, true)]
    );
    let bare = w.eni(&s, "10.0.1.12", &[&group]);
    let told = w.ask(tcp(&bare, "internet", 443)).blocked(Code::IgwPublicForEgress, Forward, &igw);
    assert!(told.answer.blockers.iter().all(|blocker| blocker.origin.line > 0), "{told}");
}
