//! What was not collected never makes a path work, and never proves that it does not.

use super::{edit, estate, paths};
use crate::estate::{Estate, Operation, Table};
use crate::reach::World;
use crate::reach::flow::Verdict;

#[test]
fn lists_that_nobody_collected_leave_paths_open() {
    type Taker = (&'static str, fn(&mut Estate));
    let takers: &[Taker] = &[
        ("groups", |e| e.aws.security_groups = Table::new(Operation::DescribeSecurityGroups)),
        ("ACLs", |e| e.aws.network_acls = Table::new(Operation::DescribeNetworkAcls)),
        ("routes", |e| e.aws.route_tables = Table::new(Operation::DescribeRouteTables)),
        ("subnets", |e| e.aws.subnets = Table::new(Operation::DescribeSubnets)),
        ("interfaces", |e| e.aws.interfaces = Table::new(Operation::DescribeNetworkInterfaces)),
        ("endpoints", |e| e.aws.vpc_endpoints = Table::new(Operation::DescribeVpcEndpoints)),
        ("NATs", |e| e.aws.nat_gateways = Table::new(Operation::DescribeNatGateways)),
        ("VPCs", |e| e.aws.vpcs = Table::new(Operation::DescribeVpcs)),
        ("support", |e| e.aws.dns_support = Table::new(Operation::DescribeVpcDnsSupport)),
        ("names", |e| e.aws.dns_hostnames = Table::new(Operation::DescribeVpcDnsHostnames)),
        ("zones", |e| e.aws.hosted_zones = Table::new(Operation::ListHostedZones)),
        ("rules", |e| e.aws.resolver_rules = Table::new(Operation::ListResolverRules)),
        ("lists", |e| e.aws.prefix_lists = Table::new(Operation::DescribePrefixLists)),
        ("entries", |e| e.aws.prefix_list_entries = Table::new(Operation::GetManagedPrefixListEntries)),
        ("gateways", |e| e.aws.internet_gateways = Table::new(Operation::DescribeInternetGateways)),
        ("exposure", |e| e.aws.block_public_access = Table::new(Operation::DescribeVpcBlockPublicAccess)),
        ("registrations", |e| e.databricks.registrations = Table::new(Operation::ListRegistrations)),
        ("storage", |e| e.databricks.storage_configurations = Table::new(Operation::ListStorageConfigurations)),
    ];
    for (what, take) in takers {
        let mut e = estate();
        take(&mut e);
        for path in paths(&e) {
            assert_ne!(path.verdict, Verdict::Unreachable, "without {what}: {} {:?}", path.name, path.blockers);
            assert_eq!(path.verdict == Verdict::Unknown, !path.gaps.is_empty(), "without {what}: {}", path.name);
        }
    }
}

#[test]
fn the_lists_that_filters_and_ways_are_in_are_needed() {
    let open = |take: fn(&mut Estate), name: &str| {
        let mut e = estate();
        take(&mut e);
        super::path(&e, name).verdict
    };
    let unknown = Verdict::Unknown;
    assert_eq!(open(|e| e.aws.security_groups = Table::new(Operation::DescribeSecurityGroups), "nodes"), unknown);
    assert_eq!(open(|e| e.aws.network_acls = Table::new(Operation::DescribeNetworkAcls), "rest"), unknown);
    assert_eq!(open(|e| e.aws.subnets = Table::new(Operation::DescribeSubnets), "dns"), unknown);
    assert_eq!(open(|e| e.aws.vpc_endpoints = Table::new(Operation::DescribeVpcEndpoints), "sts"), unknown);
    assert_eq!(
        open(|e| e.aws.prefix_list_entries = Table::new(Operation::GetManagedPrefixListEntries), "s3-logs"),
        unknown
    );
    assert_eq!(
        open(|e| e.databricks.storage_configurations = Table::new(Operation::ListStorageConfigurations), "s3-root"),
        unknown
    );
}

#[test]
fn a_workspace_whose_network_nobody_collected_is_named() {
    let mut e = estate();
    e.databricks.networks = Table::new(Operation::ListNetworks);
    e.seal();
    let required = World::of(&e).required();
    assert!(required.paths.is_empty());
    assert_eq!(required.unknown.len(), 1);
    assert_eq!(required.unknown[0].1.operation, Operation::ListNetworks);
}

#[test]
fn networks_of_databricks_have_no_paths() {
    let told = |change: fn(&mut Estate)| {
        let mut e = estate();
        change(&mut e);
        e.seal();
        let required = World::of(&e).required();
        (required.paths.len(), required.unknown.len())
    };
    assert_eq!(told(|e| edit(&mut e.databricks.workspaces, "1", |ws| ws.network_id = None)), (0, 0));
    assert_eq!(
        told(|e| edit(&mut e.databricks.workspaces, "1", |ws| ws.compute_mode = Some("SERVERLESS".to_owned()))),
        (0, 0)
    );
    assert_eq!(told(|e| edit(&mut e.databricks.networks, "net-1", |network| network.vpc_id = None)), (0, 0));
}
