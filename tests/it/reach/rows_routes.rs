//! Rows 12 to 15 and 34 to 37: which route decides, and what an address belongs to.

use plaudit::reach::Code;
use plaudit::reach::Leg::{Forward, Return};
use plaudit::reach::Verdict::{Reachable, Unreachable};

use super::ask::{behind_vgw, speaking_as, tcp, udp};
use super::build::World;

/// A VPC 10.0.0.0/16 with a client, a virtual private gateway and a peer 192.168.0.0/16 that
/// answers from 192.168.5.5.
struct Crossroads {
    w: World,
    vpc: String,
    s: String,
    a: String,
    vgw: String,
    pcx: String,
    peer: String,
}

fn crossroads() -> Crossroads {
    let mut w = World::new();
    let (vpc, other) = (w.vpc("a", "10.0.0.0/16"), w.vpc("peer", "192.168.0.0/16"));
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&other, "192.168.5.0/24"));
    let pcx = w.peering(&vpc, &other);
    w.route(&t, "10.0.0.0/16", &pcx);
    let vgw = w.vgw(&vpc);
    let (open, open_there) = (w.open(&vpc), w.open(&other));
    let (a, peer) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "192.168.5.5", &[&open_there]));
    Crossroads { w, vpc, s, a, vgw, pcx, peer }
}

// ---- 12: which route wins ------------------------------------------------------------------

#[test]
fn row_12_the_longest_prefix_wins_before_any_priority() {
    let Crossroads { mut w, s, a, vgw, pcx, peer, .. } = crossroads();
    w.route(&s, "192.168.0.0/16", &pcx);
    w.propagated(&s, "192.168.5.0/24", &vgw);
    w.ask(tcp(&a, "192.168.5.5", 443)).reachable().on_premises(&vgw);
    w.unroute(&s, "192.168.5.0/24");
    w.ask(tcp(&a, "192.168.5.5", 443)).reachable().at(&peer);
}

#[test]
fn row_12_static_beats_propagated() {
    let Crossroads { mut w, s, a, vgw, pcx, peer, .. } = crossroads();
    w.propagated(&s, "192.168.0.0/16", &vgw);
    w.ask(tcp(&a, "192.168.5.5", 443)).reachable().on_premises(&vgw);
    w.route(&s, "192.168.0.0/16", &pcx);
    for seed in 0..4 {
        w.shuffled(seed).ask(tcp(&a, "192.168.5.5", 443)).reachable().at(&peer);
    }
}

#[test]
fn row_12_static_beats_a_prefix_list() {
    let Crossroads { mut w, s, a, vgw, pcx, peer, .. } = crossroads();
    let list = w.prefix_list("on-premises", &["192.168.0.0/16"]);
    w.route(&s, &list, &vgw);
    w.ask(tcp(&a, "192.168.5.5", 443)).reachable().on_premises(&vgw);
    w.route(&s, "192.168.0.0/16", &pcx);
    for seed in 0..4 {
        w.shuffled(seed).ask(tcp(&a, "192.168.5.5", 443)).reachable().at(&peer);
    }
}

#[test]
fn row_12_a_prefix_list_beats_propagated() {
    let Crossroads { mut w, s, a, vgw, pcx, peer, .. } = crossroads();
    let list = w.prefix_list("peer", &["192.168.0.0/16"]);
    w.propagated(&s, "192.168.0.0/16", &vgw);
    w.route(&s, &list, &pcx);
    for seed in 0..4 {
        w.shuffled(seed).ask(tcp(&a, "192.168.5.5", 443)).reachable().at(&peer);
    }
}

#[test]
fn row_12_a_longer_entry_of_a_prefix_list_beats_a_static_route() {
    let Crossroads { mut w, s, a, vgw, pcx, .. } = crossroads();
    let list = w.prefix_list("on-premises", &["10.200.0.0/16", "192.168.5.0/24"]);
    w.route(&s, "192.168.0.0/16", &pcx);
    w.route(&s, &list, &vgw);
    w.ask(tcp(&a, "192.168.5.5", 443)).reachable().on_premises(&vgw);
}

#[test]
fn row_12_no_route_at_all() {
    let Crossroads { mut w, s, a, .. } = crossroads();
    let table = w.table_of(&s);
    w.ask(tcp(&a, "192.168.5.5", 443))
        .forward(Unreachable)
        .blocked(Code::NoRoute, Forward, &table)
        .sole()
        .at("nowhere");
}

// ---- 13: the local route -------------------------------------------------------------------

/// Client and server of one VPC, a virtual private gateway and an appliance in a third subnet.
struct Inside {
    w: World,
    s: String,
    t: String,
    a: String,
    b: String,
    vgw: String,
    appliance: String,
}

fn inside() -> Inside {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let m = w.subnet(&vpc, "10.0.9.0/24");
    let vgw = w.vgw(&vpc);
    let open = w.open(&vpc);
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "10.0.2.10", &[&open]));
    let appliance = w.eni(&m, "10.0.9.9", &[&open]);
    Inside { w, s, t, a, b, vgw, appliance }
}

#[test]
fn row_13_local_beats_a_more_specific_propagated_route() {
    let Inside { mut w, s, a, b, vgw, .. } = inside();
    w.propagated(&s, "10.0.2.0/24", &vgw);
    w.propagated(&s, "10.0.2.10/32", &vgw);
    w.ask(tcp(&a, "10.0.2.10", 443)).reachable().at(&b).not_via(Forward, &vgw);
}

#[test]
fn row_13_a_more_specific_static_route_beats_local() {
    let Inside { mut w, s, t, a, b, appliance, .. } = inside();
    w.forwards(&appliance);
    w.route(&s, "10.0.2.0/24", &appliance);
    w.route(&t, "10.0.1.0/24", &appliance);
    w.ask(tcp(&a, "10.0.2.10", 443)).reachable().at(&b).via(Forward, &appliance).via(Return, &appliance);
    w.set(&appliance, "/SourceDestCheck", true);
    w.ask(tcp(&a, "10.0.2.10", 443)).blocked(Code::SourceDestCheck, Forward, &appliance);
}

// ---- 14: ambiguous prefix lists ------------------------------------------------------------

const AMBIGUOUS: &[&str] =
    &["ec2:DescribeRouteTables", "ec2:GetManagedPrefixListEntries", "ec2:DescribeManagedPrefixLists"];

#[test]
fn row_14_two_lists_with_one_block_and_two_targets_are_ambiguous() {
    let Crossroads { mut w, s, a, vgw, pcx, .. } = crossroads();
    let (one, two) =
        (w.prefix_list("one", &["192.168.5.0/24"]), w.prefix_list("two", &["192.168.5.0/24", "192.168.9.0/24"]));
    w.route(&s, &one, &vgw);
    w.route(&s, &two, &pcx);
    w.ask(tcp(&a, "192.168.5.5", 443)).unknown(AMBIGUOUS);
    // what only one of them holds is not
    w.ask(tcp(&a, "192.168.9.9", 443)).blocked_by(&[Code::DestinationDoesNotExist], Forward, &[]);
}

#[test]
fn row_14_two_lists_with_one_block_and_one_target_are_not() {
    let Crossroads { mut w, s, a, vgw, pcx, peer, .. } = crossroads();
    let (one, two) = (w.prefix_list("one", &["192.168.5.0/24"]), w.prefix_list("two", &["192.168.5.0/24"]));
    w.route(&s, &one, &pcx);
    w.route(&s, &two, &pcx);
    w.ask(tcp(&a, "192.168.5.5", 443)).reachable().at(&peer);
    // nor are two blocks of different length
    let (narrow, wide) = (w.prefix_list("narrow", &["192.168.5.0/25"]), w.prefix_list("wide", &["192.168.0.0/16"]));
    w.route(&s, &narrow, &vgw);
    w.route(&s, &wide, &vgw);
    w.ask(tcp(&a, "192.168.5.5", 443)).reachable().on_premises(&vgw);
}

#[test]
fn row_14_what_is_blocked_whichever_list_wins_is_blocked() {
    let Crossroads { mut w, vpc, s, vgw, pcx, .. } = crossroads();
    let (one, two) = (w.prefix_list("one", &["192.168.5.0/24"]), w.prefix_list("two", &["192.168.5.0/24"]));
    w.route(&s, &one, &vgw);
    w.route(&s, &two, &pcx);
    let closed = w.sg(&vpc, "out tcp 22 0.0.0.0/0");
    let c = w.eni(&s, "10.0.1.11", &[&closed]);
    w.ask(tcp(&c, "192.168.5.5", 443)).blocked_by(&[Code::GroupMismatch], Forward, &[&closed, &c]);
    w.ask(tcp(&c, "192.168.5.5", 22)).unknown(AMBIGUOUS);
}

#[test]
fn row_14_a_static_route_of_the_same_block_settles_it() {
    let Crossroads { mut w, vpc, s, a, vgw, pcx, peer, .. } = crossroads();
    let (one, two) = (w.prefix_list("one", &["192.168.5.0/24"]), w.prefix_list("two", &["192.168.5.0/24"]));
    let igw = w.igw(&vpc);
    w.route(&s, &one, &vgw);
    w.route(&s, &two, &igw);
    w.route(&s, "192.168.5.0/24", &pcx);
    w.ask(tcp(&a, "192.168.5.5", 443)).reachable().at(&peer);
}

// ---- 15: blackholes ------------------------------------------------------------------------

#[test]
fn row_15_a_blackhole_drops_what_a_wider_route_would_carry() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let s = w.subnet(&vpc, "10.0.1.0/24");
    let igw = w.igw(&vpc);
    w.route(&s, "0.0.0.0/0", &igw);
    w.blackhole(&s, "8.8.8.0/24", "nat-0gone");
    let table = w.table_of(&s);
    let open = w.open(&vpc);
    let a = w.eni(&s, "10.0.1.10", &[&open]);
    w.eip(&a, "198.51.100.10");
    w.ask(tcp(&a, "8.8.8.8", 53)).forward(Unreachable).blocked(Code::BadStateRoute, Forward, &table).sole();
    w.ask(tcp(&a, "8.8.4.4", 53)).reachable().at("internet");
}

#[test]
fn row_15_a_blackhole_on_the_way_back() {
    let Crossroads { mut w, s, a, pcx, peer, .. } = crossroads();
    w.route(&s, "192.168.0.0/16", &pcx);
    w.ask(tcp(&a, &peer, 443)).reachable();
    let t = w.told(&peer)["SubnetId"].as_str().unwrap().to_owned();
    w.blackhole(&t, "10.0.1.0/24", "pcx-0gone");
    let table = w.table_of(&t);
    w.ask(tcp(&a, &peer, 443)).only_the_reply().blocked(Code::BadStateRoute, Return, &table).sole();
}

#[test]
fn row_15_a_blackhole_loses_to_a_longer_live_route() {
    let Crossroads { mut w, s, a, pcx, peer, .. } = crossroads();
    w.blackhole(&s, "192.168.0.0/16", "pcx-0gone");
    w.route(&s, "192.168.5.0/24", &pcx);
    w.ask(tcp(&a, "192.168.5.5", 443)).reachable().at(&peer);
}

// ---- on-premises exits ---------------------------------------------------------------------

#[test]
fn on_premises_is_never_the_internet() {
    let Crossroads { mut w, s, a, vgw, .. } = crossroads();
    w.propagated(&s, "0.0.0.0/0", &vgw);
    w.ask(tcp(&a, "172.16.3.4", 443)).reachable().on_premises(&vgw);
    let told = w.ask(tcp(&a, "internet", 443));
    assert_ne!(told.arrival, "internet", "{told}");
}

#[test]
fn on_premises_starts_need_a_way_back() {
    let Crossroads { mut w, vpc, s, a, vgw, .. } = crossroads();
    let table = w.table_of(&s);
    let from = behind_vgw(&vpc, "172.16.3.4");
    w.ask(tcp(from.clone(), &a, 443)).only_the_reply().blocked(Code::NoRoute, Return, &table).sole();
    w.propagated(&s, "172.16.0.0/12", &vgw);
    w.ask(tcp(from, &a, 443)).reachable().at(&a).via(Forward, &vgw);
}

#[test]
fn on_premises_replies_pass_the_acl() {
    let Crossroads { mut w, s, a, vgw, .. } = crossroads();
    w.propagated(&s, "172.16.0.0/12", &vgw);
    let acl = w.acl(&s, "out 100 allow all 0.0.0.0/0; in 100 allow all 10.0.0.0/8");
    w.ask(udp(&a, "172.16.3.4", 53)).only_the_reply().blocked(Code::AclRestriction, Return, &acl).sole();
}

// ---- 34: overlapping blocks ----------------------------------------------------------------

#[test]
fn row_34_an_address_is_looked_up_in_the_vpc_of_the_sender() {
    let mut w = World::new();
    let mut hosts = Vec::new();
    for name in ["a", "b"] {
        let vpc = w.vpc(name, "10.0.0.0/16");
        let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
        let open = w.open(&vpc);
        hosts.push((w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "10.0.2.10", &[&open])));
    }
    for (client, server) in &hosts {
        w.ask(tcp(client, "10.0.2.10", 443)).reachable().at(server);
    }
    // the server of the other VPC is not the one that answers there
    let told = w.ask(tcp(&hosts[0].0, &hosts[1].1, 443)).unreachable();
    assert_ne!(told.arrival, hosts[1].1, "{told}");
}

#[test]
fn row_34_the_local_route_wins_over_a_peer_with_the_same_block() {
    let mut w = World::new();
    let (va, vb) = (w.vpc("a", "10.0.0.0/16"), w.vpc("b", "10.0.0.0/16"));
    let tgw = w.tgw();
    let (s, t) = (w.subnet(&va, "10.0.1.0/24"), w.subnet(&vb, "10.0.2.0/24"));
    let table = w.tgw_table(&tgw);
    let far = w.attach(&tgw, &vb, &[&t]);
    let near = w.attach(&tgw, &va, &[&s]);
    for attachment in [&near, &far] {
        w.associate(attachment, &table);
    }
    w.tgw_route(&table, "10.0.2.0/24", &far);
    w.route(&s, "10.0.0.0/8", &tgw);
    let (open, there) = (w.open(&va), w.open(&vb));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "10.0.2.10", &[&there]));
    let told = w
        .ask(tcp(&a, "10.0.2.10", 443))
        .blocked_by(&[Code::DestinationDoesNotExist], Forward, &[])
        .not_via(Forward, &tgw);
    assert_ne!(told.arrival, b);
}

// ---- 35: secondary blocks ------------------------------------------------------------------

#[test]
fn row_35_every_block_of_a_vpc_is_local() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    w.second_block(&vpc, "100.64.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "100.64.1.0/24"));
    let open = w.open(&vpc);
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "100.64.1.10", &[&open]));
    w.ask(tcp(&a, "100.64.1.10", 443)).reachable().at(&b);
    w.ask(tcp(&b, "10.0.1.10", 443)).reachable().at(&a);
}

#[test]
fn row_35_every_block_is_propagated_to_transit_gateway_tables() {
    let mut w = World::new();
    let (va, vb) = (w.vpc("a", "10.0.0.0/16"), w.vpc("b", "10.1.0.0/16"));
    w.second_block(&va, "100.64.0.0/16");
    let (s, t) = (w.subnet(&va, "100.64.1.0/24"), w.subnet(&vb, "10.1.1.0/24"));
    let tgw = w.tgw();
    let table = w.tgw_table(&tgw);
    for (vpc, subnet) in [(&va, &s), (&vb, &t)] {
        let attachment = w.attach(&tgw, vpc, &[subnet]);
        w.associate(&attachment, &table);
        w.propagate(&attachment, &table);
        w.route(subnet, "0.0.0.0/0", &tgw);
    }
    let (open, there) = (w.open(&va), w.open(&vb));
    let (a, b) = (w.eni(&s, "100.64.1.10", &[&open]), w.eni(&t, "10.1.1.10", &[&there]));
    w.ask(tcp(&b, "100.64.1.10", 443)).reachable().at(&a);
    w.ask(tcp(&a, "10.1.1.10", 443)).reachable().at(&b);
    w.tgw_unroute(&table, "100.64.0.0/16");
    w.ask(tcp(&b, "100.64.1.10", 443)).blocked(Code::TransitNoRoute, Forward, &table);
    w.ask(tcp(&a, "10.1.1.10", 443)).only_the_reply().blocked(Code::TransitNoRoute, Return, &table).sole();
}

#[test]
fn row_35_a_peering_carries_every_block_of_both_vpcs() {
    let mut w = World::new();
    let (va, vb) = (w.vpc("a", "10.0.0.0/16"), w.vpc("b", "10.1.0.0/16"));
    w.second_block(&vb, "100.64.0.0/16");
    let (s, t) = (w.subnet(&va, "10.0.1.0/24"), w.subnet(&vb, "100.64.1.0/24"));
    let pcx = w.peering(&va, &vb);
    w.route(&s, "100.64.0.0/16", &pcx);
    w.route(&t, "10.0.0.0/16", &pcx);
    let (open, there) = (w.open(&va), w.open(&vb));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "100.64.1.10", &[&there]));
    w.ask(tcp(&a, &b, 443)).reachable();
    w.ask(tcp(&b, &a, 443)).reachable();
}

// ---- 36: main table and default ACL --------------------------------------------------------

#[test]
fn row_36_a_subnet_without_a_table_uses_the_main_one() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let igw = w.igw(&vpc);
    w.route(&vpc, "0.0.0.0/0", &igw);
    let own = w.table_of(&t);
    let main = w.table_of(&vpc);
    let open = w.open(&vpc);
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "10.0.2.10", &[&open]));
    w.eip(&a, "198.51.100.10");
    w.eip(&b, "198.51.100.20");
    w.ask(tcp(&a, "internet", 443)).reachable().via(Forward, &main);
    w.ask(tcp(&b, "internet", 443)).blocked(Code::NoRoute, Forward, &own).not_via(Forward, &main).sole();
}

#[test]
fn row_36_another_table_of_the_vpc_is_not_the_main_one() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let s = w.subnet(&vpc, "10.0.1.0/24");
    let igw = w.igw(&vpc);
    let idle = w.table(&vpc);
    w.route(&idle, "0.0.0.0/0", &igw);
    let main = w.table_of(&vpc);
    let open = w.open(&vpc);
    let a = w.eni(&s, "10.0.1.10", &[&open]);
    w.eip(&a, "198.51.100.10");
    for seed in 0..4 {
        w.shuffled(seed).ask(tcp(&a, "internet", 443)).blocked(Code::NoRoute, Forward, &main).sole();
    }
}

#[test]
fn row_36_a_subnet_without_an_acl_uses_the_default_one() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let open = w.open(&vpc);
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "10.0.2.10", &[&open]));
    w.unguard(&t);
    w.ask(tcp(&a, &b, 443)).reachable();
    let default = w.default_acl(&vpc);
    w.enter(&default, "in 50 deny tcp 443 0.0.0.0/0");
    w.ask(tcp(&a, &b, 443)).blocked(Code::AclRestriction, Forward, &default).sole();
    let own = w.acl(&t, "in 100 allow all 0.0.0.0/0; out 100 allow all 0.0.0.0/0");
    w.ask(tcp(&a, &b, 443)).reachable().via(Forward, &own);
}

// ---- 37: addresses on no interface ---------------------------------------------------------

#[test]
fn row_37_an_address_in_no_subnet_and_one_on_no_interface() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let open = w.open(&vpc);
    let a = w.eni(&s, "10.0.1.10", &[&open]);
    let detail = |address: &str| {
        let told = w.ask(tcp(&a, address, 443)).forward(Unreachable).blocked_by(
            &[Code::DestinationDoesNotExist],
            Forward,
            &[],
        );
        let blocker = &told.answer.blockers[0];
        format!("{} {}", blocker.resource, blocker.detail)
    };
    let (no_subnet, no_interface, next_door) = (detail("10.0.7.7"), detail("10.0.2.77"), detail("10.0.1.77"));
    assert_ne!(no_subnet, no_interface);
    assert!(no_subnet.contains("subnet"), "{no_subnet}");
    assert!(no_interface.contains("interface") && next_door.contains("interface"), "{no_interface}; {next_door}");
    assert!(no_interface.contains(&t) && next_door.contains(&s), "the subnet is known: {no_interface}; {next_door}");
}

#[test]
fn row_37_secondary_addresses_are_on_their_interface() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let open = w.open(&vpc);
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "10.0.2.10", &[&open]));
    w.also(&b, "10.0.2.11");
    w.also(&a, "10.0.1.11");
    w.ask(tcp(&a, "10.0.2.11", 443)).reachable().at(&b);
    w.ask(tcp(speaking_as(&a, "10.0.1.11"), &b, 443)).reachable().forward(Reachable);
}

#[test]
fn row_37_an_address_over_a_peering_that_nobody_has() {
    let Crossroads { mut w, s, a, pcx, .. } = crossroads();
    w.route(&s, "192.168.0.0/16", &pcx);
    w.ask(tcp(&a, "192.168.5.99", 443)).blocked_by(&[Code::DestinationDoesNotExist], Forward, &[]);
    w.ask(tcp(&a, "192.168.77.1", 443)).blocked_by(&[Code::DestinationDoesNotExist], Forward, &[]);
}
