//! Rows 1 to 11: network ACLs and security groups.

use plaudit::reach::Code;
use plaudit::reach::Leg::{Forward, Return};
use plaudit::reach::Verdict::Reachable;

use super::ask::{echo, icmp, node, protocol, speaking_as, tcp, udp};
use super::build::World;

const REFERENCE: &[Code] = &[Code::ReferenceNotPreserved, Code::GroupMismatch];

/// A VPC with a client and a server in subnets of their own.
struct Pair {
    w: World,
    vpc: String,
    /// Subnets of client and server.
    s: String,
    t: String,
    a: String,
    b: String,
}

/// Client and server with these groups; an open group is `""`.
fn pair_with(client: &str, server: &str) -> Pair {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let group = |w: &mut World, rules: &str| if rules.is_empty() { w.open(&vpc) } else { w.sg(&vpc, rules) };
    let (client, server) = (group(&mut w, client), group(&mut w, server));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&client]), w.eni(&t, "10.0.2.10", &[&server]));
    Pair { w, vpc, s, t, a, b }
}

fn pair() -> Pair {
    pair_with("", "")
}

// ---- 1: inside a subnet --------------------------------------------------------------------

#[test]
fn row_01_no_acl_counts_inside_a_subnet() {
    let Pair { mut w, vpc, s, a, b, .. } = pair();
    let acl = w.acl(&s, "");
    let open = w.open(&vpc);
    let next = w.eni(&s, "10.0.1.11", &[&open]);
    w.ask(tcp(&a, &next, 443)).reachable().at(&next);
    w.ask(tcp(&a, "10.0.1.11", 443)).reachable().at(&next).not_via(Forward, &acl).not_via(Return, &acl);
    w.ask(tcp(&a, node(&s, "10.0.1.12", &[&open]), 443)).reachable().at("node");
    w.ask(tcp(&a, &b, 443)).blocked(Code::AclRestriction, Forward, &acl);
    w.ask(tcp(&b, &a, 443)).blocked(Code::AclRestriction, Forward, &acl);
}

#[test]
fn row_01_no_route_counts_inside_a_subnet() {
    let Pair { mut w, vpc, s, t, a, .. } = pair();
    let open = w.open(&vpc);
    let next = w.eni(&s, "10.0.1.11", &[&open]);
    // an appliance that drops what is not for it
    let appliance = w.eni(&t, "10.0.2.99", &[&open]);
    w.route(&s, "10.0.1.0/24", &appliance);
    w.ask(tcp(&a, &next, 443)).reachable().not_via(Forward, &appliance);
}

#[test]
fn row_01_groups_count_inside_a_subnet() {
    let Pair { mut w, vpc, s, a, .. } = pair();
    let closed = w.sg(&vpc, "in tcp 22 0.0.0.0/0; out all 0.0.0.0/0");
    let next = w.eni(&s, "10.0.1.11", &[&closed]);
    w.ask(tcp(&a, &next, 22)).reachable();
    w.ask(tcp(&a, &next, 443)).blocked_by(&[Code::GroupMismatch], Forward, &[&closed, &next]).sole();
}

// ---- 2: the order of entries ---------------------------------------------------------------

#[test]
fn row_02_the_lowest_number_decides_in_any_order_of_the_list() {
    for (rules, admitted) in [
        ("in 200 allow all 0.0.0.0/0; in 100 deny tcp 443 10.0.1.0/24", false),
        ("in 100 deny tcp 443 10.0.1.0/24; in 200 allow all 0.0.0.0/0", false),
        ("in 200 deny all 0.0.0.0/0; in 100 allow tcp 443 10.0.1.0/24", true),
        ("in 90 allow tcp 443 10.0.1.10/32; in 100 deny all 10.0.1.0/24", true),
        ("in 32000 allow all 0.0.0.0/0", true),
        ("in 100 allow tcp 80 0.0.0.0/0", false),
        ("", false),
    ] {
        let Pair { mut w, t, a, b, .. } = pair();
        let acl = w.acl(&t, &format!("{rules}; out 100 allow all 0.0.0.0/0"));
        for seed in 0..4 {
            let told = w.shuffled(seed).ask(tcp(&a, &b, 443));
            if admitted {
                told.reachable();
            } else {
                told.blocked(Code::AclRestriction, Forward, &acl).sole();
            }
        }
    }
}

#[test]
fn row_02_an_entry_for_another_source_decides_nothing() {
    let Pair { mut w, t, a, b, .. } = pair();
    w.acl(&t, "in 100 deny all 10.0.3.0/24; in 200 allow all 10.0.1.0/24; out 100 allow all 0.0.0.0/0");
    w.ask(tcp(&a, &b, 443)).reachable();
}

#[test]
fn row_02_entries_of_a_direction_decide_that_direction() {
    let Pair { mut w, s, a, b, .. } = pair();
    let acl = w.acl(&s, "in 100 allow all 0.0.0.0/0; out 50 deny tcp 443 10.0.2.0/24; out 100 allow all 0.0.0.0/0");
    w.ask(tcp(&a, &b, 443)).blocked(Code::AclRestriction, Forward, &acl).sole();
    w.ask(tcp(&a, &b, 444)).reachable();
    // the reply of this one goes to the ephemeral port
    w.ask(tcp(&b, &a, 443)).reachable();
}

// ---- 3: ACLs are stateless -----------------------------------------------------------------

#[test]
fn row_03_acl_replies_need_ephemeral_ports() {
    let Pair { mut w, t, a, b, .. } = pair();
    let acl = w.acl(&t, "in 100 allow tcp 443 0.0.0.0/0; out 100 allow tcp 443 0.0.0.0/0");
    w.ask(tcp(&a, &b, 443)).only_the_reply().blocked(Code::AclRestriction, Return, &acl).sole();
    w.enter(&acl, "out 110 allow tcp 1024-65535 0.0.0.0/0");
    w.ask(tcp(&a, &b, 443)).reachable().ports(&[]);
}

#[test]
fn row_03_the_acl_of_the_client_judges_the_reply() {
    let Pair { mut w, s, a, b, .. } = pair();
    let acl = w.acl(&s, "in 100 allow tcp 443 0.0.0.0/0; out 100 allow tcp 443 0.0.0.0/0");
    w.ask(tcp(&a, &b, 443)).only_the_reply().blocked(Code::AclRestriction, Return, &acl).sole();
    w.enter(&acl, "in 110 allow tcp 1024-65535 10.0.2.0/24");
    w.ask(tcp(&a, &b, 443)).reachable().ports(&[]);
}

#[test]
fn row_03_ephemeral_ports_of_tcp_admit_no_udp_reply() {
    let Pair { mut w, t, a, b, .. } = pair();
    let acl = w.acl(&t, "in 100 allow udp 53 0.0.0.0/0; out 100 allow tcp 1024-65535 0.0.0.0/0");
    w.ask(udp(&a, &b, 53)).only_the_reply().blocked(Code::AclRestriction, Return, &acl).sole();
    w.enter(&acl, "out 110 allow udp 1024-65535 0.0.0.0/0");
    w.ask(udp(&a, &b, 53)).reachable();
}

#[test]
fn row_03_replies_to_some_ephemeral_ports_are_enough_and_named() {
    let Pair { mut w, t, a, b, .. } = pair();
    let acl = w.acl(&t, "in 100 allow tcp 443 0.0.0.0/0; out 100 allow tcp 32768-65535 0.0.0.0/0");
    w.ask(tcp(&a, &b, 443)).reachable().ports(&[(32768, 65535)]);
    w.ask(tcp(&a, &b, 443).source_port(40000)).reachable().ports(&[]);
    w.ask(tcp(&a, &b, 443).source_port(2000)).only_the_reply().blocked(Code::AclRestriction, Return, &acl).sole();
}

#[test]
fn row_03_the_ephemeral_ports_of_two_acls_meet() {
    let Pair { mut w, s, t, a, b, .. } = pair();
    w.acl(&t, "in 100 allow all 0.0.0.0/0; out 100 allow tcp 20000-40000 0.0.0.0/0");
    let client = w.acl(&s, "out 100 allow all 0.0.0.0/0; in 100 allow tcp 30000-50000 0.0.0.0/0");
    w.ask(tcp(&a, &b, 443)).reachable().ports(&[(30000, 40000)]);
    w.set(&client, "/Entries/1/PortRange", serde_json::json!({"From": 50000, "To": 60000}));
    w.ask(tcp(&a, &b, 443)).only_the_reply().blocked_by(&[Code::AclRestriction], Return, &[]);
}

#[test]
fn row_03_a_deny_in_the_midst_of_the_ephemeral_ports_leaves_two_ranges() {
    let Pair { mut w, t, a, b, .. } = pair();
    w.acl(
        &t,
        "in 100 allow all 0.0.0.0/0; out 90 deny tcp 3000-3999 0.0.0.0/0; out 100 allow tcp 1024-65535 0.0.0.0/0",
    );
    w.ask(tcp(&a, &b, 443)).reachable().ports(&[(1024, 2999), (4000, 65535)]);
    w.ask(tcp(&a, &b, 443).source_port(3389)).only_the_reply();
}

#[test]
fn row_03_a_source_port_below_the_ephemeral_ones_counts_when_it_is_said() {
    let Pair { mut w, t, a, b, .. } = pair();
    w.acl(&t, "in 100 allow udp 123 0.0.0.0/0; out 100 allow udp 123 0.0.0.0/0");
    w.ask(udp(&a, &b, 123).source_port(123)).reachable();
    w.ask(udp(&a, &b, 123)).only_the_reply();
}

// ---- 4: ICMP in ACLs -----------------------------------------------------------------------

#[test]
fn row_04_an_echo_needs_its_reply_type_on_the_way_back() {
    let Pair { mut w, t, a, b, .. } = pair();
    let acl = w.acl(&t, "in 100 allow icmp 8/-1 0.0.0.0/0; out 100 allow icmp 8/-1 0.0.0.0/0");
    w.ask(echo(&a, &b)).only_the_reply().blocked(Code::AclRestriction, Return, &acl).sole();
    w.enter(&acl, "out 110 allow icmp 0/-1 0.0.0.0/0");
    w.ask(echo(&a, &b)).reachable();
}

#[test]
fn row_04_every_type_and_another_type() {
    let Pair { mut w, t, a, b, .. } = pair();
    let acl = w.acl(&t, "in 100 allow icmp 0.0.0.0/0; out 100 allow icmp 0.0.0.0/0");
    w.ask(echo(&a, &b)).reachable();
    w.ask(tcp(&a, &b, 8)).blocked(Code::AclRestriction, Forward, &acl);
    let Pair { mut w, t, a, b, .. } = pair();
    let acl = w.acl(&t, "in 100 allow icmp 3/4 0.0.0.0/0; out 100 allow all 0.0.0.0/0");
    w.ask(echo(&a, &b)).blocked(Code::AclRestriction, Forward, &acl).sole();
}

#[test]
fn row_04_a_code_is_matched_too() {
    let Pair { mut w, t, a, b, .. } = pair();
    let acl = w.acl(&t, "in 100 allow icmp 8/0 0.0.0.0/0; out 100 allow icmp 0/0 0.0.0.0/0");
    w.ask(echo(&a, &b)).reachable();
    w.ask(icmp(&a, &b, 8, 1)).blocked(Code::AclRestriction, Forward, &acl);
}

#[test]
fn row_04_a_number_is_a_protocol() {
    let Pair { mut w, t, a, b, .. } = pair();
    let acl = w.acl(&t, "in 100 allow 50 0.0.0.0/0; out 100 allow 50 0.0.0.0/0");
    w.ask(protocol(&a, &b, 50)).reachable();
    w.ask(protocol(&a, &b, 51)).blocked(Code::AclRestriction, Forward, &acl);
}

// ---- 5: the union of groups ----------------------------------------------------------------

#[test]
fn row_05_the_groups_of_an_interface_add_up() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let (out, nothing) = (w.sg(&vpc, "out all 0.0.0.0/0"), w.sg(&vpc, ""));
    let (https, ssh) = (w.sg(&vpc, "in tcp 443 10.0.0.0/16"), w.sg(&vpc, "in tcp 22 10.0.0.0/16"));
    let a = w.eni(&s, "10.0.1.10", &[&nothing, &out]);
    let b = w.eni(&t, "10.0.2.10", &[&https, &ssh]);
    w.ask(tcp(&a, &b, 443)).reachable();
    w.ask(tcp(&a, &b, 22)).reachable();
    w.ask(tcp(&a, &b, 80)).blocked(Code::GroupMismatch, Forward, "").sole();
}

#[test]
fn row_05_a_group_without_rules_denies_all() {
    let Pair { mut w, vpc, t, a, .. } = pair();
    let empty = w.sg(&vpc, "");
    let c = w.eni(&t, "10.0.2.11", &[&empty]);
    w.ask(tcp(&a, &c, 443)).blocked_by(&[Code::GroupEmpty], Forward, &[&empty, &c]).sole();
    w.ask(tcp(&c, &a, 443)).blocked_by(&[Code::GroupEmpty], Forward, &[&empty, &c]).sole();
}

#[test]
fn row_05_the_source_port_is_not_matched() {
    let Pair { w, a, b, .. } = pair_with("out tcp 443 0.0.0.0/0", "in tcp 443 0.0.0.0/0");
    w.ask(tcp(&a, &b, 443).source_port(22)).reachable();
    w.ask(tcp(&a, &b, 22).source_port(443)).blocked_by(&[Code::GroupMismatch], Forward, &[]);
}

#[test]
fn row_05_several_permissions_with_several_peers() {
    let rules = "in tcp 80 192.168.0.0/16; in tcp 443 192.168.0.0/16 10.0.1.0/25; in tcp 443 10.0.1.128/25";
    let Pair { mut w, vpc, s, a, b, .. } = pair_with("", rules);
    let open = w.open(&vpc);
    let upper = w.eni(&s, "10.0.1.200", &[&open]);
    w.ask(tcp(&a, &b, 443)).reachable();
    w.ask(tcp(&upper, &b, 443)).reachable();
    w.ask(tcp(&a, &b, 80)).blocked_by(&[Code::GroupMismatch], Forward, &[]);
}

// ---- 6: groups are stateful ----------------------------------------------------------------

#[test]
fn row_06_a_server_answers_without_a_rule_out() {
    let Pair { w, a, b, .. } = pair_with("out tcp 443 10.0.2.0/24", "in tcp 443 10.0.1.0/24");
    w.ask(tcp(&a, &b, 443)).reachable();
    // and starts nothing itself: neither group admits it
    w.ask(tcp(&b, &a, 443)).blocked_by(&[Code::GroupMismatch, Code::GroupEmpty], Forward, &[]);
}

#[test]
fn row_06_a_client_without_a_rule_out_sends_nothing() {
    let Pair { mut w, vpc, s, b, .. } = pair();
    let silent = w.sg(&vpc, "in all 0.0.0.0/0");
    let c = w.eni(&s, "10.0.1.11", &[&silent]);
    w.ask(tcp(&c, &b, 443)).blocked_by(&[Code::GroupMismatch, Code::GroupEmpty], Forward, &[&silent, &c]).sole();
    w.ask(tcp(&b, &c, 443)).reachable();
}

#[test]
fn row_06_udp_and_echo_are_tracked_too() {
    let Pair { w, a, b, .. } =
        pair_with("out udp 53 0.0.0.0/0; out icmp 8/-1 0.0.0.0/0", "in udp 53 0.0.0.0/0; in icmp 8/-1 0.0.0.0/0");
    w.ask(udp(&a, &b, 53)).reachable();
    w.ask(echo(&a, &b)).reachable();
}

// ---- 7: ports and protocols of rules -------------------------------------------------------

#[test]
fn row_07_every_form_of_a_rule() {
    let yes: &[&str] = &[
        "in tcp 443 0.0.0.0/0",
        "in 6 443 0.0.0.0/0",
        "in tcp 0-65535 0.0.0.0/0",
        "in tcp 400-500 0.0.0.0/0",
        "in tcp * 0.0.0.0/0",
        "in tcp 0.0.0.0/0",
        "in all 0.0.0.0/0",
        // -1 ignores ports
        "in all 22 0.0.0.0/0",
        "in -1 22-23 0.0.0.0/0",
        "in tcp 443 10.0.1.10/32",
    ];
    let no: &[&str] = &[
        "in udp 443 0.0.0.0/0",
        "in 17 443 0.0.0.0/0",
        "in tcp 442 0.0.0.0/0",
        "in tcp 444-65535 0.0.0.0/0",
        "in icmp * 0.0.0.0/0",
        "in 50 0.0.0.0/0",
        "in tcp 443 10.0.1.11/32",
        "in all ::/0",
    ];
    for (rules, admitted) in yes.iter().map(|rule| (rule, true)).chain(no.iter().map(|rule| (rule, false))) {
        let Pair { w, a, b, .. } = pair_with("", rules);
        let told = w.ask(tcp(&a, &b, 443));
        if admitted {
            told.reachable();
        } else {
            told.blocked_by(&[Code::GroupMismatch], Forward, &[]).sole();
        }
    }
}

#[test]
fn row_07_icmp_ports_are_type_and_code() {
    for (rules, admitted) in [
        ("in icmp 8/-1 0.0.0.0/0", true),
        ("in icmp 8/0 0.0.0.0/0", true),
        ("in icmp * 0.0.0.0/0", true),
        ("in icmp 0.0.0.0/0", true),
        ("in 1 8/-1 0.0.0.0/0", true),
        ("in all 0.0.0.0/0", true),
        ("in icmp 0/-1 0.0.0.0/0", false),
        ("in icmp 3/-1 0.0.0.0/0", false),
        ("in icmp 8/1 0.0.0.0/0", false),
        ("in tcp 8 0.0.0.0/0", false),
        ("in tcp 0-65535 0.0.0.0/0", false),
    ] {
        let Pair { w, a, b, .. } = pair_with("", rules);
        let told = w.ask(echo(&a, &b));
        if admitted {
            told.reachable();
        } else {
            told.blocked_by(&[Code::GroupMismatch], Forward, &[]).sole();
        }
    }
}

#[test]
fn row_07_a_protocol_may_be_a_number() {
    for (rules, admitted) in [
        ("in 50 0.0.0.0/0", true),
        ("in 50 * 0.0.0.0/0", true),
        ("in all 0.0.0.0/0", true),
        ("in 51 0.0.0.0/0", false),
        ("in tcp 0-65535 0.0.0.0/0", false),
    ] {
        let Pair { w, a, b, .. } = pair_with("", rules);
        let told = w.ask(protocol(&a, &b, 50));
        if admitted {
            told.reachable();
        } else {
            told.blocked_by(&[Code::GroupMismatch], Forward, &[]).sole();
        }
    }
}

#[test]
fn row_07_a_prefix_list_is_its_blocks() {
    let Pair { mut w, vpc, t, a, .. } = pair();
    let (inside, outside) =
        (w.prefix_list("clients", &["192.168.0.0/16", "10.0.1.0/24"]), w.prefix_list("others", &["10.0.3.0/24"]));
    let by_list = w.sg(&vpc, &format!("in tcp 443 {inside}; in tcp 80 {outside}"));
    let c = w.eni(&t, "10.0.2.11", &[&by_list]);
    w.ask(tcp(&a, &c, 443)).reachable();
    w.ask(tcp(&a, &c, 80)).blocked_by(&[Code::GroupMismatch], Forward, &[&by_list, &c]).sole();
}

// ---- 8: references to groups ---------------------------------------------------------------

#[test]
fn row_08_a_reference_admits_who_carries_the_group() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let (clients, open) = (w.sg(&vpc, "out all 0.0.0.0/0"), w.open(&vpc));
    let servers = w.sg(&vpc, &format!("in tcp 443 {clients}"));
    let (a, stranger) = (w.eni(&s, "10.0.1.10", &[&open, &clients]), w.eni(&s, "10.0.1.11", &[&open]));
    let b = w.eni(&t, "10.0.2.10", &[&servers]);
    w.ask(tcp(&a, &b, 443)).reachable();
    w.ask(tcp(&a, &b, 80)).blocked_by(REFERENCE, Forward, &[&servers, &b]);
    w.ask(tcp(&stranger, &b, 443)).blocked_by(REFERENCE, Forward, &[&servers, &b]).sole();
    // nodes that may run there carry what the question says
    w.ask(tcp(node(&s, "10.0.1.77", &[&clients]), &b, 443)).reachable();
    w.ask(tcp(node(&s, "10.0.1.77", &[&open]), &b, 443)).blocked_by(REFERENCE, Forward, &[&servers, &b]);
}

#[test]
fn row_08_a_reference_in_a_rule_out() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let (servers, open) = (w.sg(&vpc, "in tcp 443 10.0.0.0/16"), w.open(&vpc));
    let clients = w.sg(&vpc, &format!("out tcp 443 {servers}"));
    let a = w.eni(&s, "10.0.1.10", &[&clients]);
    let (b, other) = (w.eni(&t, "10.0.2.10", &[&servers]), w.eni(&t, "10.0.2.11", &[&open]));
    w.ask(tcp(&a, &b, 443)).reachable();
    w.ask(tcp(&a, "10.0.2.10", 443)).reachable();
    w.ask(tcp(&a, &other, 443)).blocked_by(REFERENCE, Forward, &[&clients, &a]).sole();
}

#[test]
fn row_08_a_group_may_refer_to_itself() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let (cluster, open) = (w.sg(&vpc, "in all self; out all self"), w.open(&vpc));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&cluster]), w.eni(&t, "10.0.2.10", &[&cluster]));
    let next = w.eni(&s, "10.0.1.11", &[&cluster]);
    let stranger = w.eni(&s, "10.0.1.12", &[&open]);
    for to in [&b, &next] {
        w.ask(tcp(&a, to, 4040)).reachable();
        w.ask(udp(&a, to, 53)).reachable();
        w.ask(echo(&a, to)).reachable();
    }
    w.ask(tcp(&stranger, &b, 4040)).blocked_by(REFERENCE, Forward, &[&cluster, &b]).sole();
    w.ask(tcp(&b, &stranger, 4040)).blocked_by(REFERENCE, Forward, &[&cluster, &b]).sole();
}

#[test]
fn row_08_a_reference_never_admits_public_addresses() {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let igw = w.igw(&vpc);
    w.route(&vpc, "0.0.0.0/0", &igw);
    let clients = w.sg(&vpc, "out all 0.0.0.0/0");
    let servers = w.sg(&vpc, &format!("in tcp 443 {clients}"));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&clients]), w.eni(&t, "10.0.2.10", &[&servers]));
    w.eip(&a, "198.51.100.10");
    w.eip(&b, "198.51.100.20");
    w.ask(tcp(&a, "10.0.2.10", 443)).reachable().at(&b);
    w.ask(tcp(&a, "198.51.100.20", 443)).blocked_by(REFERENCE, Forward, &[&servers, &b]);
    w.admit(&servers, "in tcp 443 198.51.100.10/32");
    w.ask(tcp(&a, "198.51.100.20", 443)).reachable().at(&b);
}

#[test]
fn row_08_a_spoofed_address_carries_no_group() {
    let Pair { mut w, vpc, s, t, .. } = pair();
    let clients = w.sg(&vpc, "out all 0.0.0.0/0");
    let servers = w.sg(&vpc, &format!("in tcp 443 {clients}"));
    let a = w.eni(&s, "10.0.1.20", &[&clients]);
    w.also(&a, "10.0.1.21");
    let b = w.eni(&t, "10.0.2.20", &[&servers]);
    // a second address of its own is as good as the first
    w.ask(tcp(speaking_as(&a, "10.0.1.21"), &b, 443)).reachable();
}

// ---- 9: references across a peering --------------------------------------------------------

/// Two peered VPCs, the second in this region; the server admits `rules` (`{a}` is the group of the client).
fn peered(region: &str, rules: &str) -> (World, String, String, String, String) {
    let mut w = World::new();
    let (va, vb) = (w.vpc("a", "10.0.0.0/16"), w.vpc_in("b", "10.1.0.0/16", region));
    let (s, t) = (w.subnet(&va, "10.0.1.0/24"), w.subnet(&vb, "10.1.1.0/24"));
    let pcx = w.peering(&va, &vb);
    w.route(&s, "10.1.0.0/16", &pcx);
    w.route(&t, "10.0.0.0/16", &pcx);
    let clients = w.sg(&va, "out all 0.0.0.0/0");
    let servers = w.sg(&vb, &rules.replace("{a}", &clients));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&clients]), w.eni(&t, "10.1.1.10", &[&servers]));
    (w, pcx, a, b, servers)
}

#[test]
fn row_09_references_reach_across_a_peering_of_one_region_only() {
    let (w, _, a, b, _) = peered("us-east-1", "in tcp 443 {a}");
    w.ask(tcp(&a, &b, 443)).reachable();
    let (w, _, a, b, servers) = peered("us-west-2", "in tcp 443 {a}");
    w.ask(tcp(&a, &b, 443)).blocked_by(REFERENCE, Forward, &[&servers, &b]).sole();
    let (w, _, a, b, _) = peered("us-west-2", "in tcp 443 10.0.0.0/16");
    w.ask(tcp(&a, &b, 443)).reachable();
}

#[test]
fn row_09_a_reference_needs_an_active_peering() {
    let (mut w, pcx, a, b, _) = peered("us-east-1", "in tcp 443 {a}");
    w.set(&pcx, "/Status/Code", "pending-acceptance");
    w.ask(tcp(&a, &b, 443)).blocked(Code::BadState, Forward, &pcx);
}

#[test]
fn row_09_a_reference_out_across_a_peering() {
    for (region, reachable) in [("us-east-1", true), ("us-west-2", false)] {
        let (mut w, _, a, b, servers) = peered(region, "in all 0.0.0.0/0");
        let clients = w.told(&a)["Groups"][0]["GroupId"].as_str().unwrap().to_owned();
        w.set(&clients, "/IpPermissionsEgress", serde_json::json!([]));
        w.admit(&clients, &format!("out tcp 443 {servers}"));
        let told = w.ask(tcp(&a, &b, 443));
        if reachable {
            told.reachable();
        } else {
            told.blocked_by(REFERENCE, Forward, &[&clients, &a]);
        }
    }
}

// ---- 10: references across a transit gateway -----------------------------------------------

struct Transit {
    w: World,
    tgw: String,
    attachments: [String; 2],
    a: String,
    b: String,
    clients: String,
    servers: String,
}

fn over_tgw(client: &str, server: &str) -> Transit {
    let mut w = World::new();
    let tgw = w.tgw();
    let table = w.tgw_table(&tgw);
    let (va, vb) = (w.vpc("a", "10.0.0.0/16"), w.vpc("b", "10.1.0.0/16"));
    let (s, t) = (w.subnet(&va, "10.0.1.0/24"), w.subnet(&vb, "10.1.1.0/24"));
    let attachments = [w.attach(&tgw, &va, &[&s]), w.attach(&tgw, &vb, &[&t])];
    for attachment in &attachments {
        w.associate(attachment, &table);
        w.propagate(attachment, &table);
    }
    w.route(&s, "10.1.0.0/16", &tgw);
    w.route(&t, "10.0.0.0/16", &tgw);
    let (clients, servers) = (w.sg(&va, ""), w.sg(&vb, ""));
    w.admit(&clients, &client.replace("{b}", &servers));
    w.admit(&servers, &server.replace("{a}", &clients));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&clients]), w.eni(&t, "10.1.1.10", &[&servers]));
    Transit { w, tgw, attachments, a, b, clients, servers }
}

const REFERENCING: &str = "/Options/SecurityGroupReferencingSupport";
const TRANSIT_REFERENCE: &[Code] = &[Code::ReferencingSupport, Code::ReferenceNotPreserved, Code::GroupMismatch];

#[test]
fn row_10_references_across_a_transit_gateway_need_its_support() {
    let Transit { mut w, tgw, a, b, servers, .. } = over_tgw("out all 0.0.0.0/0", "in tcp 443 {a}");
    w.ask(tcp(&a, &b, 443)).blocked_by(&TRANSIT_REFERENCE[..2], Forward, &[]).sole();
    w.set(&tgw, REFERENCING, "enable");
    w.ask(tcp(&a, &b, 443)).reachable();
    w.admit(&servers, "in tcp 80 10.0.0.0/16");
    w.set(&tgw, REFERENCING, "disable");
    w.ask(tcp(&a, &b, 80)).reachable();
}

#[test]
fn row_10_references_need_the_support_of_both_attachments() {
    for side in [0, 1] {
        let Transit { mut w, tgw, attachments, a, b, .. } = over_tgw("out all 0.0.0.0/0", "in tcp 443 {a}");
        w.set(&tgw, REFERENCING, "enable");
        w.set(&attachments[side], REFERENCING, "disable");
        w.ask(tcp(&a, &b, 443)).blocked_by(&TRANSIT_REFERENCE[..2], Forward, &[]).sole();
    }
}

#[test]
fn row_10_only_rules_in_may_refer_across_a_transit_gateway() {
    let Transit { mut w, tgw, a, b, clients, .. } = over_tgw("out tcp 443 {b}", "in all 0.0.0.0/0");
    w.set(&tgw, REFERENCING, "enable");
    w.ask(tcp(&a, &b, 443)).blocked_by(TRANSIT_REFERENCE, Forward, &[&clients, &a]).sole();
}

// ---- 11: references across an appliance ----------------------------------------------------

/// A pair whose server admits `rules`, with an appliance that may be routed through.
fn with_appliance(rules: &str) -> (Pair, String) {
    let mut w = World::new();
    let vpc = w.vpc("a", "10.0.0.0/16");
    let (s, t) = (w.subnet(&vpc, "10.0.1.0/24"), w.subnet(&vpc, "10.0.2.0/24"));
    let m = w.subnet(&vpc, "10.0.9.0/24");
    let (clients, open) = (w.sg(&vpc, "out all 0.0.0.0/0"), w.open(&vpc));
    let servers = w.sg(&vpc, &rules.replace("{a}", &clients));
    let (a, b) = (w.eni(&s, "10.0.1.10", &[&clients]), w.eni(&t, "10.0.2.10", &[&servers]));
    let appliance = w.eni(&m, "10.0.9.9", &[&open]);
    w.forwards(&appliance);
    (Pair { w, vpc, s, t, a, b }, appliance)
}

#[test]
fn row_11_a_reference_does_not_admit_what_comes_through_an_appliance() {
    let (Pair { mut w, s, t, a, b, .. }, appliance) = with_appliance("in tcp 443 {a}");
    w.ask(tcp(&a, &b, 443)).reachable().not_via(Forward, &appliance);
    w.route(&s, "10.0.2.0/24", &appliance);
    w.route(&t, "10.0.1.0/24", &appliance);
    w.ask(tcp(&a, &b, 443)).blocked_by(REFERENCE, Forward, &[]).via(Forward, &appliance).sole();
}

#[test]
fn row_11_a_block_admits_what_comes_through_an_appliance() {
    let (Pair { mut w, s, t, a, b, .. }, appliance) = with_appliance("in tcp 443 10.0.1.0/24");
    w.route(&s, "10.0.2.0/24", &appliance);
    w.route(&t, "10.0.1.0/24", &appliance);
    w.ask(tcp(&a, &b, 443)).reachable().forward(Reachable).via(Forward, &appliance).via(Return, &appliance).at(&b);
}
