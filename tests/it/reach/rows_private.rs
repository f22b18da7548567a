//! Rows 21 to 27: peering connections and transit gateways.

use plaudit::reach::Code;
use plaudit::reach::Leg::{Forward, Return};
use plaudit::reach::Verdict::{Reachable, Unreachable};

use super::ask::{behind, behind_vgw, node, tcp};
use super::build::World;

/// Two VPCs, 10.0.0.0/16 and 10.1.0.0/16, with a host each, peered and routed both ways.
struct Peered {
    w: World,
    va: String,
    vb: String,
    s: String,
    t: String,
    a: String,
    b: String,
    pcx: String,
}

fn peered() -> Peered {
    let mut w = World::new();
    let (va, vb) = (w.vpc("a", "10.0.0.0/16"), w.vpc("b", "10.1.0.0/16"));
    let (s, t) = (w.subnet(&va, "10.0.1.0/24"), w.subnet(&vb, "10.1.1.0/24"));
    let pcx = w.peering(&va, &vb);
    w.route(&s, "10.1.0.0/16", &pcx);
    w.route(&t, "10.0.0.0/16", &pcx);
    let (open, there) = (w.open(&va), w.open(&vb));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "10.1.1.10", &[&there]));
    Peered { w, va, vb, s, t, a, b, pcx }
}

// ---- 21: peering ---------------------------------------------------------------------------

#[test]
fn row_21_a_peering_joins_two_vpcs() {
    let Peered { w, a, b, pcx, .. } = peered();
    w.ask(tcp(&a, &b, 443)).reachable().at(&b).via(Forward, &pcx).via(Return, &pcx);
    w.ask(tcp(&b, "10.0.1.10", 443)).reachable().at(&a);
}

#[test]
fn row_21_a_peering_needs_routes_on_both_sides() {
    let Peered { mut w, s, t, a, b, .. } = peered();
    let (near, far) = (w.table_of(&s), w.table_of(&t));
    w.unroute(&t, "10.0.0.0/16");
    w.ask(tcp(&a, &b, 443)).only_the_reply().blocked(Code::NoRoute, Return, &far).sole();
    w.ask(tcp(&b, &a, 443)).forward(Unreachable).blocked(Code::NoRoute, Forward, &far);
    w.unroute(&s, "10.1.0.0/16");
    w.ask(tcp(&a, "10.1.1.10", 443)).forward(Unreachable).blocked(Code::NoRoute, Forward, &near).at("nowhere");
}

#[test]
fn row_21_a_peering_passes_groups_and_acls_of_both_sides() {
    let Peered { mut w, vb, s, t, a, .. } = peered();
    let closed = w.sg(&vb, "in tcp 443 10.0.1.0/24");
    let c = w.eni(&t, "10.1.1.11", &[&closed]);
    w.ask(tcp(&a, &c, 443)).reachable();
    w.ask(tcp(&a, &c, 22)).blocked_by(&[Code::GroupMismatch], Forward, &[&closed, &c]).sole();
    let acl = w.acl(&s, "out 100 allow all 0.0.0.0/0; in 100 allow all 10.0.0.0/16");
    w.ask(tcp(&a, &c, 443)).only_the_reply().blocked(Code::AclRestriction, Return, &acl).sole();
}

#[test]
fn row_21_a_peering_is_not_transitive() {
    let Peered { mut w, vb, s, a, pcx, .. } = peered();
    let vc = w.vpc("c", "10.2.0.0/16");
    let u = w.subnet(&vc, "10.2.1.0/24");
    let second = w.peering(&vb, &vc);
    w.route(&vb, "10.2.0.0/16", &second);
    w.route(&u, "10.0.0.0/8", &second);
    w.route(&s, "10.2.0.0/16", &pcx);
    let open = w.open(&vc);
    let c = w.eni(&u, "10.2.1.10", &[&open]);
    let told = w.ask(tcp(&a, "10.2.1.10", 443)).forward(Unreachable).blocked(Code::PeeringAddresses, Forward, &pcx);
    assert_ne!(told.arrival, c);
}

#[test]
fn row_21_a_peering_leads_to_no_gateway_of_the_peer() {
    let Peered { mut w, vb, s, t, a, pcx, .. } = peered();
    let igw = w.igw(&vb);
    let n = w.subnet(&vb, "10.1.9.0/24");
    let nat = w.nat(&n, "10.1.9.9", Some("198.51.100.99"));
    w.route(&n, "0.0.0.0/0", &igw);
    w.route(&t, "0.0.0.0/0", &nat);
    w.route(&vb, "0.0.0.0/0", &igw);
    let list = w.prefix_list("com.amazonaws.us-east-1.s3", &["52.216.0.0/15"]);
    w.gateway_endpoint(&vb, &list, &[&t, &n, &vb]);
    let vgw = w.vgw(&vb);
    w.propagated(&t, "172.16.0.0/12", &vgw);
    w.route(&s, "0.0.0.0/0", &pcx);
    for destination in ["internet", "8.8.8.8", "52.216.0.1", "172.16.3.4"] {
        w.ask(tcp(&a, destination, 443)).forward(Unreachable).blocked(Code::PeeringAddresses, Forward, &pcx);
    }
}

#[test]
fn row_21_a_peering_takes_no_source_from_outside_its_vpcs() {
    let Peered { mut w, va, t, b, pcx, .. } = peered();
    let vgw = w.vgw(&va);
    w.route(&vgw, "10.1.0.0/16", &pcx);
    w.route(&t, "172.16.0.0/12", &pcx);
    let codes = [Code::PeeringAddresses, Code::NoRoute, Code::NoPossibleDestination];
    w.ask(tcp(behind_vgw(&va, "172.16.3.4"), &b, 443)).forward(Unreachable).blocked_by(&codes, Forward, &[]);
}

// ---- 22: the state of a peering ------------------------------------------------------------

#[test]
fn row_22_only_an_active_peering_carries() {
    for state in ["pending-acceptance", "provisioning", "expired", "rejected", "failed", "deleted"] {
        let Peered { mut w, a, b, pcx, .. } = peered();
        w.set(&pcx, "/Status/Code", state);
        w.ask(tcp(&a, &b, 443)).forward(Unreachable).blocked(Code::BadState, Forward, &pcx);
    }
}

#[test]
fn row_22_a_deleted_peering_leaves_a_blackhole() {
    let Peered { mut w, s, t, a, pcx, .. } = peered();
    w.remove(&pcx);
    for (subnet, block) in [(&s, "10.1.0.0/16"), (&t, "10.0.0.0/16")] {
        w.unroute(subnet, block);
        w.blackhole(subnet, block, &pcx);
    }
    let table = w.table_of(&s);
    w.ask(tcp(&a, "10.1.1.10", 443)).forward(Unreachable).blocked(Code::BadStateRoute, Forward, &table).at("nowhere");
}

// ---- transit gateways ----------------------------------------------------------------------

/// Two VPCs, 10.0.0.0/16 and 10.1.0.0/16, over a transit gateway, each with a host in a subnet
/// of its own, an attachment subnet in zone a, and a transit gateway table of its own.
pub(crate) struct Transit {
    pub(crate) w: World,
    pub(crate) tgw: String,
    pub(crate) va: String,
    pub(crate) vb: String,
    /// Subnets of the hosts.
    pub(crate) s: String,
    pub(crate) t: String,
    /// Subnets of the attachments.
    pub(crate) u: String,
    pub(crate) v: String,
    pub(crate) a: String,
    pub(crate) b: String,
    /// The attachment of the first VPC, and the tables that judge what comes from the attachments.
    pub(crate) near: String,
    pub(crate) near_table: String,
    pub(crate) far_table: String,
}

pub(crate) fn transit() -> Transit {
    let mut w = World::new();
    let tgw = w.tgw();
    let (va, vb) = (w.vpc("a", "10.0.0.0/16"), w.vpc("b", "10.1.0.0/16"));
    let (s, t) = (w.subnet(&va, "10.0.1.0/24"), w.subnet(&vb, "10.1.1.0/24"));
    let (u, v) = (w.subnet(&va, "10.0.9.0/28"), w.subnet(&vb, "10.1.9.0/28"));
    let (near_table, far_table) = (w.tgw_table(&tgw), w.tgw_table(&tgw));
    let (near, far) = (w.attach(&tgw, &va, &[&u]), w.attach(&tgw, &vb, &[&v]));
    w.associate(&near, &near_table);
    w.associate(&far, &far_table);
    w.propagate(&far, &near_table);
    w.propagate(&near, &far_table);
    w.route(&s, "10.1.0.0/16", &tgw);
    w.route(&t, "10.0.0.0/16", &tgw);
    let (open, there) = (w.open(&va), w.open(&vb));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "10.1.1.10", &[&there]));
    Transit { w, tgw, va, vb, s, t, u, v, a, b, near, near_table, far_table }
}

// ---- 23: over a transit gateway ------------------------------------------------------------

#[test]
fn row_23_a_transit_gateway_joins_vpcs() {
    let Transit { w, a, b, near_table, far_table, .. } = transit();
    let told = w.ask(tcp(&a, &b, 443)).reachable().at(&b);
    told.via(Forward, &near_table).via(Return, &far_table).not_via(Forward, &far_table);
    w.ask(tcp(&b, "10.0.1.10", 443)).reachable().at(&a);
}

/// A subnet whose zone has no attachment sends nothing over the transit gateway. It can be
/// reached all the same; its reply cannot leave.
#[test]
fn row_23_the_zone_of_the_sender_needs_an_attachment_subnet() {
    let Transit { mut w, tgw, va, u, b, near, .. } = transit();
    let second = w.subnet_in(&va, "10.0.2.0/24", "b");
    w.route(&second, "10.1.0.0/16", &tgw);
    let open = w.open(&va);
    let a2 = w.eni(&second, "10.0.2.10", &[&open]);
    w.ask(tcp(&a2, &b, 443)).forward(Unreachable).blocked_by(&[Code::TransitZone], Forward, &[]);
    w.ask(tcp(&b, &a2, 443)).only_the_reply().blocked_by(&[Code::TransitZone], Return, &[]).sole();
    let more = w.subnet_in(&va, "10.0.8.0/28", "b");
    w.set(&near, "/SubnetIds", serde_json::json!([u, more]));
    w.ask(tcp(&a2, &b, 443)).reachable();
    w.ask(tcp(&b, &a2, 443)).reachable();
}

#[test]
fn row_23_the_attachment_needs_an_association() {
    let Transit { mut w, a, b, near, .. } = transit();
    w.set(&near, "/Association", serde_json::Value::Null);
    w.ask(tcp(&a, &b, 443)).forward(Unreachable).blocked_by(&[Code::TransitNoAssociation], Forward, &[&near]);
    w.ask(tcp(&b, &a, 443)).only_the_reply().blocked_by(&[Code::TransitNoAssociation], Return, &[&near]).sole();
}

#[test]
fn row_23_the_vpc_needs_an_attachment() {
    let Transit { mut w, a, b, near, .. } = transit();
    w.remove(&near);
    let codes = [Code::TransitNoAttachment, Code::TransitZone];
    w.ask(tcp(&a, &b, 443)).forward(Unreachable).blocked_by(&codes, Forward, &[]);
}

#[test]
fn row_23_the_attachment_needs_to_be_available() {
    for state in ["pendingAcceptance", "pending", "failed", "rejected", "deleting", "deleted"] {
        let Transit { mut w, a, b, near, .. } = transit();
        w.set(&near, "/State", state);
        w.ask(tcp(&a, &b, 443)).forward(Unreachable).blocked_by(
            &[Code::BadStateAttachment, Code::BadState],
            Forward,
            &[&near],
        );
    }
}

#[test]
fn row_23_a_transit_gateway_table_is_longest_prefix_first() {
    let Transit { mut w, a, b, near_table, .. } = transit();
    w.tgw_blackhole(&near_table, "10.1.1.0/24");
    w.ask(tcp(&a, &b, 443)).forward(Unreachable).blocked(Code::TransitBlackhole, Forward, &near_table).sole();
    w.tgw_unroute(&near_table, "10.1.1.0/24");
    w.tgw_blackhole(&near_table, "10.0.0.0/8");
    w.ask(tcp(&a, &b, 443)).reachable();
}

#[test]
fn row_23_static_beats_propagated_in_a_transit_gateway_table() {
    let Transit { mut w, tgw, a, near_table, .. } = transit();
    let vpn = w.attach_other(&tgw, "vpn", "vpn-0a");
    w.tgw_route(&near_table, "10.1.0.0/16", &vpn);
    for seed in 0..4 {
        w.shuffled(seed).ask(tcp(&a, "10.1.1.10", 443)).on_premises(&vpn).forward(Reachable);
    }
    let Transit { mut w, a, b, near_table, .. } = transit();
    w.tgw_blackhole(&near_table, "10.1.0.0/16");
    for seed in 0..4 {
        w.shuffled(seed).ask(tcp(&a, &b, 443)).blocked(Code::TransitBlackhole, Forward, &near_table);
    }
}

#[test]
fn row_23_a_vpc_beats_direct_connect_and_that_beats_vpn() {
    let Transit { mut w, tgw, s, a, b, near_table, .. } = transit();
    let vpn = w.attach_other(&tgw, "vpn", "vpn-0a");
    let direct = w.attach_other(&tgw, "direct-connect-gateway", "dxgw-0a");
    for attachment in [&vpn, &direct] {
        w.propagate_block(attachment, &near_table, "10.1.0.0/16");
        w.propagate_block(attachment, &near_table, "192.168.0.0/16");
    }
    w.route(&s, "192.168.0.0/16", &tgw);
    for seed in 0..4 {
        let shuffled = w.shuffled(seed);
        shuffled.ask(tcp(&a, "10.1.1.10", 443)).reachable().at(&b);
        shuffled.ask(tcp(&a, "192.168.5.5", 443)).on_premises(&direct).forward(Reachable);
    }
}

#[test]
fn row_23_a_prefix_list_stands_between_static_and_propagated() {
    let Transit { mut w, tgw, a, b, near_table, .. } = transit();
    let list = w.prefix_list("far", &["10.1.0.0/16"]);
    let vpn = w.attach_other(&tgw, "vpn", "vpn-0a");
    w.tgw_list_route(&near_table, &list, "10.1.0.0/16", &vpn);
    for seed in 0..4 {
        w.shuffled(seed).ask(tcp(&a, "10.1.1.10", 443)).on_premises(&vpn);
    }
    let far = w.ids("tgw-attach-")[1].clone();
    w.tgw_route(&near_table, "10.1.0.0/16", &far);
    for seed in 0..4 {
        w.shuffled(seed).ask(tcp(&a, "10.1.1.10", 443)).reachable().at(&b);
    }
}

#[test]
fn row_23_the_transit_gateway_needs_to_be_available() {
    for state in ["pending", "deleting", "deleted"] {
        let Transit { mut w, tgw, a, b, .. } = transit();
        w.set(&tgw, "/State", state);
        w.ask(tcp(&a, &b, 443)).forward(Unreachable).blocked_by(
            &[Code::BadState, Code::BadStateAttachment],
            Forward,
            &[],
        );
    }
}

/// The second VPC with an attachment subnet in each of zones a and b, and a host in this zone.
fn two_zones(zone: &str) -> (Transit, String, [String; 2]) {
    let mut transit = transit();
    let Transit { w, vb, v, tgw, .. } = &mut transit;
    let second = w.subnet_in(vb, "10.1.8.0/28", "b");
    let far = w.ids("tgw-attach-")[1].clone();
    w.set(&far, "/SubnetIds", serde_json::json!([v.clone(), second.clone()]));
    let there = w.open(vb);
    let hosts = w.subnet_in(vb, "10.1.5.0/24", zone);
    w.route(&hosts, "10.0.0.0/8", tgw);
    let host = w.eni(&hosts, "10.1.5.5", &[&there]);
    let doors = [v.clone(), second];
    (transit, host, doors)
}

/// Traffic enters through the attachment subnet in the zone of the sender.
#[test]
fn row_23_the_zone_of_the_sender_chooses_the_attachment_subnet() {
    for (zone, deny, reachable) in [("b", 0, false), ("b", 1, true), ("a", 0, false), ("a", 1, true)] {
        let (Transit { mut w, a, .. }, host, doors) = two_zones(zone);
        w.ask(tcp(&a, &host, 443)).reachable().at(&host);
        let acl = w.acl(
            &doors[deny],
            "out 50 deny tcp 443 10.1.5.0/24; out 100 allow all 0.0.0.0/0; in 100 allow all 0.0.0.0/0",
        );
        let told = w.ask(tcp(&a, &host, 443));
        if reachable {
            told.reachable();
        } else {
            told.blocked(Code::AclRestriction, Forward, &acl);
        }
    }
}

/// Without an attachment subnet in the zone of the sender, that of the destination is used.
#[test]
fn row_23_else_the_zone_of_the_destination_does() {
    for (deny, reachable) in [(0, true), (1, false)] {
        let (Transit { mut w, tgw, va, near, .. }, host, doors) = two_zones("b");
        let s = w.subnet_in(&va, "10.0.3.0/24", "c");
        let door = w.subnet_in(&va, "10.0.8.0/28", "c");
        w.set(&near, "/SubnetIds", serde_json::json!([door]));
        w.route(&s, "10.1.0.0/16", &tgw);
        let open = w.open(&va);
        let c = w.eni(&s, "10.0.3.10", &[&open]);
        w.ask(tcp(&c, &host, 443)).forward(Reachable);
        let acl = w.acl(
            &doors[deny],
            "out 50 deny tcp 443 10.1.5.0/24; out 100 allow all 0.0.0.0/0; in 100 allow all 0.0.0.0/0",
        );
        let told = w.ask(tcp(&c, &host, 443));
        if reachable {
            told.forward(Reachable);
        } else {
            told.blocked(Code::AclRestriction, Forward, &acl);
        }
    }
}

#[test]
fn row_23_nodes_that_may_run_there() {
    let Transit { w, s, t, a, b, .. } = transit();
    let (open, there) = ("sg-001", "sg-002");
    w.ask(tcp(&a, node(&t, "10.1.1.77", &[there]), 443)).reachable().at("node");
    w.ask(tcp(node(&s, "10.0.1.77", &[open]), &b, 443)).reachable().at(&b);
    w.ask(tcp(node(&s, "10.0.1.77", &[open]), node(&t, "10.1.1.77", &[there]), 443)).reachable().at("node");
}

#[test]
fn row_23_no_route_in_the_transit_gateway_table() {
    let Transit { mut w, tgw, s, a, near_table, .. } = transit();
    w.route(&s, "172.16.0.0/12", &tgw);
    w.ask(tcp(&a, "172.16.3.4", 443)).forward(Unreachable).blocked(Code::TransitNoRoute, Forward, &near_table).sole();
}

#[test]
fn row_23_the_route_of_the_subnet_leads_to_the_transit_gateway() {
    let Transit { mut w, s, a, .. } = transit();
    let table = w.table_of(&s);
    w.unroute(&s, "10.1.0.0/16");
    w.ask(tcp(&a, "10.1.1.10", 443)).forward(Unreachable).blocked(Code::NoRoute, Forward, &table);
}

#[test]
fn row_23_on_premises_behind_a_vpn_attachment() {
    let Transit { mut w, tgw, s, a, near, near_table, .. } = transit();
    let vpn = w.attach_other(&tgw, "vpn", "vpn-0a");
    let table = w.tgw_table(&tgw);
    w.associate(&vpn, &table);
    w.propagate(&near, &table);
    w.propagate_block(&vpn, &near_table, "192.168.0.0/16");
    w.route(&s, "192.168.0.0/16", &tgw);
    w.ask(tcp(&a, "192.168.5.5", 443)).reachable().on_premises(&vpn);
    w.ask(tcp(behind(&vpn, "192.168.5.5"), &a, 443)).reachable().at(&a).via(Forward, &table).via(Return, &near_table);
    w.tgw_unroute(&near_table, "192.168.0.0/16");
    let told = w.ask(tcp(behind(&vpn, "192.168.5.5"), &a, 443)).only_the_reply();
    told.blocked(Code::TransitNoRoute, Return, &near_table).sole();
    w.tgw_unroute(&table, "10.0.0.0/16");
    w.ask(tcp(behind(&vpn, "192.168.5.5"), &a, 443)).forward(Unreachable).blocked(
        Code::TransitNoRoute,
        Forward,
        &table,
    );
}

// ---- 24: the reply over a transit gateway --------------------------------------------------

#[test]
fn row_24_the_reply_uses_the_table_of_the_other_attachment() {
    let Transit { mut w, a, b, far_table, .. } = transit();
    w.tgw_unroute(&far_table, "10.0.0.0/16");
    w.ask(tcp(&a, &b, 443))
        .forward(Reachable)
        .only_the_reply()
        .blocked(Code::TransitNoRoute, Return, &far_table)
        .sole()
        .at(&b);
    w.ask(tcp(&b, &a, 443)).forward(Unreachable).blocked(Code::TransitNoRoute, Forward, &far_table);
}

#[test]
fn row_24_the_reply_needs_a_route_out_of_its_subnet() {
    let Transit { mut w, t, a, b, .. } = transit();
    let table = w.table_of(&t);
    w.unroute(&t, "10.0.0.0/16");
    w.ask(tcp(&a, &b, 443)).only_the_reply().blocked(Code::NoRoute, Return, &table).sole();
}

// ---- 25: ACLs of attachment subnets --------------------------------------------------------

#[test]
fn row_25_in_of_the_attachment_subnet_judges_what_hosts_send() {
    let Transit { mut w, u, a, b, .. } = transit();
    let acl = w.acl(&u, "in 50 deny tcp 443 10.0.1.0/24; in 100 allow all 0.0.0.0/0; out 100 allow all 0.0.0.0/0");
    w.ask(tcp(&a, &b, 443)).forward(Unreachable).blocked(Code::AclRestriction, Forward, &acl).sole();
    w.ask(tcp(&a, &b, 444)).reachable();
    // the source counts: the attachment's own address does not
    let Transit { mut w, u, a, b, .. } = transit();
    w.acl(&u, "in 100 allow all 10.0.1.10/32; out 100 allow all 0.0.0.0/0");
    w.ask(tcp(&a, &b, 443)).reachable();
}

#[test]
fn row_25_out_of_the_attachment_subnet_judges_what_hosts_get() {
    let Transit { mut w, v, a, b, .. } = transit();
    let acl = w.acl(&v, "out 50 deny tcp 443 10.1.1.0/24; in 100 allow all 0.0.0.0/0; out 100 allow all 0.0.0.0/0");
    w.ask(tcp(&a, &b, 443)).forward(Unreachable).blocked(Code::AclRestriction, Forward, &acl).sole();
    let Transit { mut w, u, a, b, .. } = transit();
    let acl =
        w.acl(&u, "out 50 deny tcp 1024-65535 10.0.1.0/24; in 100 allow all 0.0.0.0/0; out 100 allow all 0.0.0.0/0");
    w.ask(tcp(&a, &b, 443)).only_the_reply().blocked(Code::AclRestriction, Return, &acl).sole();
}

#[test]
fn row_25_the_other_two_directions_are_not_judged() {
    let Transit { mut w, u, v, a, b, .. } = transit();
    // only what comes from hosts here, only what goes to hosts here
    w.acl(&u, "in 100 allow all 10.0.1.0/24; out 100 allow all 10.0.1.0/24");
    w.acl(&v, "in 100 allow all 10.1.1.0/24; out 100 allow all 10.1.1.0/24");
    w.ask(tcp(&a, &b, 443)).reachable();
    w.ask(tcp(&b, &a, 443)).reachable();
}

/// One subnet for the host and the attachment of the second VPC.
fn shared() -> (Transit, String, String) {
    let mut transit = transit();
    let Transit { w, vb, v, tgw, .. } = &mut transit;
    w.route(v, "10.0.0.0/16", tgw);
    let there = w.open(vb);
    let c = w.eni(v, "10.1.9.5", &[&there]);
    let subnet = v.clone();
    (transit, c, subnet)
}

#[test]
fn row_25_in_a_shared_subnet_both_directions_judge_what_hosts_send() {
    let (Transit { mut w, a, .. }, c, subnet) = shared();
    w.ask(tcp(&c, &a, 443)).reachable();
    let acl =
        w.acl(&subnet, "out 50 deny tcp 443 10.0.1.0/24; out 100 allow all 0.0.0.0/0; in 100 allow all 0.0.0.0/0");
    w.ask(tcp(&c, &a, 443)).forward(Unreachable).blocked(Code::AclRestriction, Forward, &acl);
    let acl = w.acl(&subnet, "in 50 deny tcp 443 10.1.9.0/28; in 100 allow all 0.0.0.0/0; out 100 allow all 0.0.0.0/0");
    w.ask(tcp(&c, &a, 443)).forward(Unreachable).blocked(Code::AclRestriction, Forward, &acl);
}

#[test]
fn row_25_in_a_shared_subnet_nothing_judges_what_hosts_get() {
    let (Transit { mut w, a, .. }, c, subnet) = shared();
    // the requests of c and its replies alone
    w.acl(&subnet, "out 100 allow all 10.0.1.0/24; in 100 allow all 10.1.9.0/28");
    w.ask(tcp(&a, &c, 443)).reachable();
    w.ask(tcp(&c, &a, 443)).reachable();
    let acl = w.acl(&subnet, "");
    w.ask(tcp(&a, &c, 443)).only_the_reply().blocked(Code::AclRestriction, Return, &acl);
}

// ---- 26: the table of the attachment subnet ------------------------------------------------

/// A spoke 10.1.0.0/16 that leaves through the NAT gateway of a hub 10.0.0.0/16.
struct Central {
    w: World,
    spoke: String,
    /// Subnets of the hub: of the attachment and of the NAT gateway.
    u: String,
    n: String,
    nat: String,
    spoke_table: String,
    hub_table: String,
}

fn central() -> Central {
    let mut w = World::new();
    let tgw = w.tgw();
    let (hub, vb) = (w.vpc("hub", "10.0.0.0/16"), w.vpc("spoke", "10.1.0.0/16"));
    let (u, n) = (w.subnet(&hub, "10.0.9.0/28"), w.subnet(&hub, "10.0.1.0/24"));
    let t = w.subnet(&vb, "10.1.1.0/24");
    let igw = w.igw(&hub);
    let nat = w.nat(&n, "10.0.1.9", Some("198.51.100.99"));
    let (spoke_table, hub_table) = (w.tgw_table(&tgw), w.tgw_table(&tgw));
    let (far, near) = (w.attach(&tgw, &vb, &[&t]), w.attach(&tgw, &hub, &[&u]));
    w.associate(&far, &spoke_table);
    w.associate(&near, &hub_table);
    w.tgw_route(&spoke_table, "0.0.0.0/0", &near);
    w.propagate(&far, &hub_table);
    w.route(&t, "0.0.0.0/0", &tgw);
    w.route(&u, "0.0.0.0/0", &nat);
    w.route(&n, "0.0.0.0/0", &igw);
    w.route(&n, "10.1.0.0/16", &tgw);
    let there = w.open(&vb);
    let spoke = w.eni(&t, "10.1.1.10", &[&there]);
    Central { w, spoke, u, n, nat, spoke_table, hub_table }
}

#[test]
fn row_26_central_egress() {
    let Central { w, spoke, nat, spoke_table, hub_table, u, .. } = central();
    let told = w.ask(tcp(&spoke, "internet", 443)).reachable().at("internet");
    let table = w.clone().table_of(&u);
    told.via(Forward, &spoke_table).via(Forward, &table).via(Forward, &nat).via(Return, &nat).via(Return, &hub_table);
}

#[test]
fn row_26_the_table_of_the_attachment_subnet_decides() {
    let Central { mut w, spoke, u, .. } = central();
    let table = w.table_of(&u);
    w.unroute(&u, "0.0.0.0/0");
    w.ask(tcp(&spoke, "internet", 443)).forward(Unreachable).blocked(Code::NoRoute, Forward, &table);
}

#[test]
fn row_26_the_nat_subnet_leads_replies_back_to_the_transit_gateway() {
    let Central { mut w, spoke, n, .. } = central();
    w.unroute(&n, "10.1.0.0/16");
    // 0.0.0.0/0 leads them to the internet gateway, which carries no private address
    let told = w.ask(tcp(&spoke, "internet", 443)).only_the_reply();
    assert!(told.answer.blockers.iter().all(|blocker| blocker.leg == Return), "{told}");
}

#[test]
fn row_26_the_hub_table_leads_replies_back_to_the_spoke() {
    let Central { mut w, spoke, hub_table, .. } = central();
    w.tgw_unroute(&hub_table, "10.1.0.0/16");
    w.ask(tcp(&spoke, "internet", 443)).only_the_reply().blocked(Code::TransitNoRoute, Return, &hub_table).sole();
}

#[test]
fn row_26_the_spoke_table_leads_requests_to_the_hub() {
    let Central { mut w, spoke, spoke_table, .. } = central();
    w.tgw_unroute(&spoke_table, "0.0.0.0/0");
    w.ask(tcp(&spoke, "internet", 443)).forward(Unreachable).blocked(Code::TransitNoRoute, Forward, &spoke_table);
}

#[test]
fn row_26_a_transit_gateway_brings_nothing_to_the_internet_gateway_itself() {
    let Central { mut w, spoke, u, .. } = central();
    w.unroute(&u, "0.0.0.0/0");
    let igw = w.ids("igw-")[0].clone();
    w.route(&u, "0.0.0.0/0", &igw);
    w.ask(tcp(&spoke, "internet", 443)).forward(Unreachable).blocked(Code::IgwPublicForEgress, Forward, &igw);
}

// ---- 27: peered transit gateways -----------------------------------------------------------

/// A VPC in each of two regions, each behind a transit gateway of its own; the two are peered.
struct Regions {
    w: World,
    a: String,
    b: String,
    near_table: String,
    far_table: String,
    peering_tables: [String; 2],
}

fn regions() -> Regions {
    let mut w = World::new();
    let (one, two) = (w.tgw(), w.tgw_in("us-west-2"));
    let (va, vb) = (w.vpc("a", "10.0.0.0/16"), w.vpc_in("b", "10.1.0.0/16", "us-west-2"));
    let (s, t) = (w.subnet(&va, "10.0.1.0/24"), w.subnet(&vb, "10.1.1.0/24"));
    let (near, far) = (w.attach(&one, &va, &[&s]), w.attach(&two, &vb, &[&t]));
    let peering = w.tgw_peering(&one, &two);
    let (near_table, far_table) = (w.tgw_table(&one), w.tgw_table(&two));
    let peering_tables = [w.tgw_table(&one), w.tgw_table(&two)];
    for (attachment, table) in
        [(&near, &near_table), (&far, &far_table), (&peering, &peering_tables[0]), (&peering, &peering_tables[1])]
    {
        w.associate(attachment, table);
    }
    w.tgw_route(&near_table, "10.1.0.0/16", &peering);
    w.tgw_route(&far_table, "10.0.0.0/16", &peering);
    w.propagate(&near, &peering_tables[0]);
    w.propagate(&far, &peering_tables[1]);
    w.route(&s, "10.1.0.0/16", &one);
    w.route(&t, "10.0.0.0/16", &two);
    let (open, there) = (w.open(&va), w.open(&vb));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&open]), w.eni(&t, "10.1.1.10", &[&there]));
    Regions { w, a, b, near_table, far_table, peering_tables }
}

#[test]
fn row_27_peered_transit_gateways_join_regions() {
    let Regions { w, a, b, near_table, far_table, peering_tables: [back, into] } = regions();
    let told = w.ask(tcp(&a, &b, 443)).reachable().at(&b);
    told.via(Forward, &near_table).via(Forward, &into).via(Return, &far_table).via(Return, &back);
    w.ask(tcp(&b, "10.0.1.10", 443)).reachable().at(&a);
}

#[test]
fn row_27_both_sides_need_a_static_route() {
    let Regions { mut w, a, b, near_table, .. } = regions();
    w.tgw_unroute(&near_table, "10.1.0.0/16");
    w.ask(tcp(&a, &b, 443)).forward(Unreachable).blocked(Code::TransitNoRoute, Forward, &near_table);
    let Regions { mut w, a, b, far_table, .. } = regions();
    w.tgw_unroute(&far_table, "10.0.0.0/16");
    w.ask(tcp(&a, &b, 443)).only_the_reply().blocked(Code::TransitNoRoute, Return, &far_table).sole();
}

#[test]
fn row_27_the_far_side_uses_the_table_of_the_peering_attachment() {
    let Regions { mut w, a, b, peering_tables: [_, into], .. } = regions();
    w.tgw_unroute(&into, "10.1.0.0/16");
    w.ask(tcp(&a, &b, 443)).forward(Unreachable).blocked(Code::TransitNoRoute, Forward, &into);
}
