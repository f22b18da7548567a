//! What groups and network ACLs stop, told once.

use super::{NODES, acl, edit, estate, group, path, tell};

#[test]
fn a_closed_group_is_one_blocker_a_path() {
    let mut e = estate();
    group(&mut e, "vpc-1", "sg-ends", &["in tcp 443 sg-nodes"]);
    assert_eq!(tell(&e, "rest"), "reachable endpoint");
    assert_eq!(tell(&e, "internal-api"), "unreachable  | ENI_SG_RULES_MISMATCH sg-ends");
    assert_eq!(tell(&e, "relay"), "unreachable  | ENI_SG_RULES_MISMATCH sg-ends");
    let wide = path(&e, "extendability");
    assert_eq!(wide.blockers.len(), 1);
    let detail = &wide.blockers[0].detail;
    assert!(detail.ends_with("in all for tcp/8445-8451 from subnet-a, subnet-b to 10.0.9.10, 10.0.9.11"), "{detail}");
}

#[test]
fn only_the_ports_that_fail_are_named() {
    let mut e = estate();
    group(&mut e, "vpc-1", "sg-ends", &["in tcp 443-8446 sg-nodes", "in tcp 8450 sg-nodes"]);
    assert_eq!(
        tell(&e, "extendability"),
        "unreachable endpoint | ENI_SG_RULES_MISMATCH sg-ends | ports 8447-8449, 8451"
    );
}

#[test]
fn only_the_subnets_that_fail_are_named() {
    let mut e = estate();
    acl(&mut e, "acl-b", &["subnet-b"], &["90 out deny tcp 6666 0.0.0.0/0"]);
    assert_eq!(tell(&e, "relay"), "unreachable endpoint | SUBNET_ACL_RESTRICTION acl-b | from subnet-b");
    assert_eq!(tell(&e, "rest"), "reachable endpoint");
}

/// ACLs are stateless: replies go to 1024-65535.
#[test]
fn an_acl_that_drops_replies_stops_what_leaves_the_subnet() {
    let mut e = estate();
    acl(&mut e, "acl-a", &["subnet-a"], &["90 in deny tcp 1024-65535 0.0.0.0/0"]);
    assert_eq!(tell(&e, "rest"), "unreachable endpoint | SUBNET_ACL_RESTRICTION acl-a | from subnet-a");
    assert_eq!(tell(&e, "sts"), "unreachable nat | SUBNET_ACL_RESTRICTION acl-a | from subnet-a");
    // the resolver of AWS is not filtered
    assert_eq!(tell(&e, "dns"), "reachable inside");
}

#[test]
fn nodes_need_each_other_on_every_port_of_both_protocols() {
    let mut e = estate();
    let narrow: Vec<&str> = NODES.iter().copied().filter(|permission| !permission.contains(" udp ")).collect();
    group(&mut e, "vpc-1", "sg-nodes", &narrow);
    assert_eq!(tell(&e, "nodes"), "reachable inside");
    // out of the one, into the other
    assert_eq!(tell(&e, "nodes-udp"), "unreachable  | ENI_SG_RULES_MISMATCH sg-nodes | ENI_SG_RULES_MISMATCH sg-nodes");
}

/// Inside one subnet no ACL is passed.
#[test]
fn a_range_that_an_acl_cuts_out_between_subnets_is_told_exactly() {
    let mut e = estate();
    acl(&mut e, "acl-b", &["subnet-b"], &["90 in deny tcp 7000-7010 10.0.0.0/16"]);
    assert_eq!(
        tell(&e, "nodes"),
        "unreachable inside | SUBNET_ACL_RESTRICTION acl-b | from subnet-a | ports 7000-7010"
    );
}

#[test]
fn a_network_without_groups_in_its_answer_is_not_judged_by_none() {
    let mut e = estate();
    edit(&mut e.databricks.networks, "net-1", |network| network.security_group_ids.clear());
    assert_eq!(tell(&e, "sts"), "unknown nat | GET /accounts/{account}/networks");
}

/// The addresses of a subnet are not alike to every rule.
#[test]
fn every_part_of_a_subnet_is_a_sender() {
    let mut e = estate();
    group(&mut e, "vpc-1", "sg-ends", &["in tcp 443 10.0.1.0/24", "in tcp 443 10.0.2.0/25", "in tcp 6666 10.0.0.0/16"]);
    assert_eq!(tell(&e, "rest"), "unreachable endpoint | ENI_SG_RULES_MISMATCH sg-ends | from subnet-b");
    assert_eq!(tell(&e, "relay"), "reachable endpoint");
}
