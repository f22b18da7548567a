//! Several causes at once: every one is listed, in the order of the path.

use plaudit::reach::Code;
use plaudit::reach::Leg::{Forward, Return};

use super::ask::{tcp, udp};
use super::build::World;

/// Two hosts of one VPC behind these groups, in subnets behind these ACLs.
struct Pair {
    w: World,
    a: String,
    b: String,
    near: String,
    far: String,
}

fn pair(client: &str, server: &str, near: &str, far: &str) -> Pair {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let (near, far) = (w.acl(&s, near), w.acl(&t, far));
    let (client, server) = (w.sg(&vpc, client), w.sg(&vpc, server));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&client]), w.eni(&t, "10.0.2.10", &[&server]));
    Pair { w, a, b, near, far }
}

const ALL: &str = "in 100 allow all 0.0.0.0/0; out 100 allow all 0.0.0.0/0";
const OPEN: &str = "in all 0.0.0.0/0; out all 0.0.0.0/0";

#[test]
fn group_then_acl_of_the_sender() {
    let Pair { w, a, b, near, .. } = pair("out tcp 22 0.0.0.0/0", OPEN, "in 100 allow all 0.0.0.0/0", ALL);
    let told = w.ask(tcp(&a, &b, 443));
    let told = told.in_order(&[(Code::GroupMismatch, Forward, ""), (Code::AclRestriction, Forward, &near)]);
    assert_eq!(told.answer.blockers.len(), 2, "{told}");
}

#[test]
fn acl_of_the_receiver_both_ways() {
    let Pair { w, a, b, far, .. } = pair(OPEN, OPEN, ALL, "");
    let told = w.ask(tcp(&a, &b, 443));
    let told = told.in_order(&[(Code::AclRestriction, Forward, &far), (Code::AclRestriction, Return, &far)]);
    assert_eq!(told.answer.blockers.len(), 2, "{told}");
}

#[test]
fn groups_of_both_sides_and_the_acl_of_the_reply() {
    let near = "out 100 allow all 0.0.0.0/0; in 100 allow tcp 443 0.0.0.0/0";
    let Pair { w, a, b, near, .. } = pair("out udp 53 0.0.0.0/0", "in tcp 80 0.0.0.0/0", near, ALL);
    let told = w.ask(tcp(&a, &b, 443)).in_order(&[
        (Code::GroupMismatch, Forward, ""),
        (Code::GroupMismatch, Forward, ""),
        (Code::AclRestriction, Return, &near),
    ]);
    assert_eq!(told.answer.blockers.len(), 3, "{told}");
}

#[test]
fn both_acls_both_ways_and_both_groups() {
    let Pair { w, a, b, near, far } = pair("", "", "", "");
    let told = w.ask(udp(&a, &b, 53)).in_order(&[
        (Code::GroupEmpty, Forward, ""),
        (Code::AclRestriction, Forward, &near),
        (Code::AclRestriction, Forward, &far),
        (Code::GroupEmpty, Forward, ""),
        (Code::AclRestriction, Return, &far),
        (Code::AclRestriction, Return, &near),
    ]);
    assert_eq!(told.answer.blockers.len(), 6, "{told}");
}

#[test]
fn acl_then_the_missing_route() {
    let Pair { mut w, a, near, .. } = pair(OPEN, OPEN, "in 100 allow all 0.0.0.0/0", ALL);
    let main = w.table_of("vpc-a");
    let told = w.ask(tcp(&a, "192.168.5.5", 443));
    told.in_order(&[(Code::AclRestriction, Forward, &near), (Code::NoRoute, Forward, &main)]).at("nowhere");
}

#[test]
fn group_of_a_peer_and_its_missing_route_back() {
    let mut w = World::new();
    let (va, vb) = (w.vpc("a", "10.0.0.0/16"), w.vpc("b", "10.1.0.0/16"));
    let (s, t) = (w.subnet(&va, "10.0.1.0/24"), w.subnet(&vb, "10.1.1.0/24"));
    let pcx = w.peering(&va, &vb);
    w.route(&s, "10.1.0.0/16", &pcx);
    let table = w.table_of(&t);
    let (open, closed) = (w.open(&va), w.sg(&vb, "in tcp 22 0.0.0.0/0"));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "10.1.1.10", &[&closed]));
    let told = w.ask(tcp(&a, &b, 443));
    let told = told.in_order(&[(Code::GroupMismatch, Forward, ""), (Code::NoRoute, Return, &table)]);
    assert_eq!(told.answer.blockers.len(), 2, "{told}");
}

#[test]
fn group_acl_of_the_nat_subnet_and_acl_of_the_reply() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (p, n) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.9.0/24"));
    let igw = w.igw(&vpc);
    let nat = w.nat(&n, "10.0.9.9", Some("198.51.100.99"));
    w.route(&p, "0.0.0.0/0", &nat);
    w.route(&n, "0.0.0.0/0", &igw);
    let own = w.acl(&p, "out 100 allow all 0.0.0.0/0; in 100 allow all 10.0.0.0/8");
    let nats = w.acl(&n, "in 100 allow all 0.0.0.0/0; out 100 allow tcp 80 0.0.0.0/0; out 110 allow all 10.0.0.0/8");
    let group = w.sg(&vpc, "out tcp 80 0.0.0.0/0");
    let a = w.eni(&p, "10.0.1.10", &[&group]);
    let told = w.ask(tcp(&a, "8.8.8.8", 443)).in_order(&[
        (Code::GroupMismatch, Forward, ""),
        (Code::AclRestriction, Forward, &nats),
        (Code::AclRestriction, Return, &own),
    ]);
    assert_eq!(told.answer.blockers.len(), 3, "{told}");
}

#[test]
fn acl_of_the_attachment_and_propagation_of_the_reply() {
    let mut w = World::new();
    let tgw = w.tgw();
    let (va, vb) = (w.vpc("a", "10.0.0.0/16"), w.vpc("b", "10.1.0.0/16"));
    let (s, t) = (w.subnet(&va, "10.0.1.0/24"), w.subnet(&vb, "10.1.1.0/24"));
    let u = w.subnet(&va, "10.0.9.0/28");
    let (one, two) = (w.tgw_table(&tgw), w.tgw_table(&tgw));
    let (near, far) = (w.attach(&tgw, &va, &[&u]), w.attach(&tgw, &vb, &[&t]));
    w.associate(&near, &one);
    w.associate(&far, &two);
    w.propagate(&far, &one);
    w.route(&s, "10.1.0.0/16", &tgw);
    w.route(&t, "10.0.0.0/16", &tgw);
    let acl = w.acl(&u, "out 100 allow all 0.0.0.0/0");
    let (open, closed) = (w.open(&va), w.sg(&vb, "in tcp 22 0.0.0.0/0"));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "10.1.1.10", &[&closed]));
    let told = w.ask(tcp(&a, &b, 443)).in_order(&[
        (Code::AclRestriction, Forward, &acl),
        (Code::GroupMismatch, Forward, ""),
        (Code::TransitNoRoute, Return, &two),
    ]);
    assert_eq!(told.answer.blockers.len(), 3, "{told}");
}

#[test]
fn group_of_a_public_host_and_its_missing_way_back() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let s = w.subnet(&vpc, "10.0.1.0/24");
    w.igw(&vpc);
    let acl = w.acl(&s, "in 100 allow all 0.0.0.0/0; out 100 allow tcp 443 0.0.0.0/0");
    let main = w.table_of(&vpc);
    let closed = w.sg(&vpc, "in tcp 22 0.0.0.0/0");
    let a = w.eni(&s, "10.0.1.10", &[&closed]);
    w.eip(&a, "198.51.100.10");
    let told = w.ask(tcp("internet", &a, 443)).in_order(&[
        (Code::GroupMismatch, Forward, ""),
        (Code::AclRestriction, Return, &acl),
        (Code::NoRoute, Return, &main),
    ]);
    assert_eq!(told.answer.blockers.len(), 3, "{told}");
}

#[test]
fn appliance_check_group_and_the_server() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let m = w.subnet(&vpc, "10.0.9.0/24");
    let (open, closed, silent) =
        (w.open(&vpc), w.sg(&vpc, "in tcp 22 0.0.0.0/0"), w.sg(&vpc, "in tcp 22 0.0.0.0/0; out all 0.0.0.0/0"));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "10.0.2.10", &[&closed]));
    let appliance = w.eni(&m, "10.0.9.9", &[&silent]);
    w.route(&s, "10.0.2.0/24", &appliance);
    w.route(&t, "10.0.1.0/24", &appliance);
    let told = w.ask(tcp(&a, &b, 443)).unreachable();
    let codes: Vec<Code> =
        told.answer.blockers.iter().filter(|blocker| blocker.leg == Forward).map(|blocker| blocker.code).collect();
    let count = |code| codes.iter().filter(|known| **known == code).count();
    // the groups of the appliance and of the server, and the check between them
    assert_eq!((count(Code::GroupMismatch), count(Code::SourceDestCheck)), (2, 1), "{told}");
    assert_eq!(codes.last(), Some(&Code::GroupMismatch), "the server is last: {told}");
}
