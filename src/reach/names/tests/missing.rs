//! Evidence that nobody collected.

use super::*;

/// An answer that is there no more: neither rows nor lists.
fn lose<T>(table: &mut Table<T>) {
    *table = Table::new(table.operation());
}

fn linked() -> Estate {
    let mut estate = estate();
    endpoint(&mut estate, "vpce-rest", "vpc-1", REST, &["10.0.9.4"]);
    zone(&mut estate, "Z1", "corp.example", &["vpc-1"], &["a.corp.example A 10.0.9.4"]);
    rule(&mut estate, "rslvr-rr-1", "FORWARD", "fwd.example", "vpc-1");
    dhcp(&mut estate, &["AmazonProvidedDNS"]);
    estate
}

#[test]
fn every_answer_on_the_way_is_needed() {
    type Case = (&'static str, fn(&mut Estate), &'static str);
    let cases: &[Case] = &[
        (PRIVATE, |e| lose(&mut e.aws.dns_support), "unknown DescribeVpcAttribute"),
        (PRIVATE, |e| lose(&mut e.aws.dns_hostnames), "unknown DescribeVpcAttribute"),
        (PRIVATE, |e| lose(&mut e.aws.dhcp_options), "unknown DescribeDhcpOptions"),
        (PRIVATE, |e| lose(&mut e.aws.hosted_zones), "unknown ListHostedZones"),
        (PRIVATE, |e| lose(&mut e.aws.vpc_endpoints), "unknown DescribeVpcEndpoints"),
        (PRIVATE, |e| lose(&mut e.aws.interfaces), "unknown DescribeNetworkInterfaces"),
        (PRIVATE, |e| lose(&mut e.aws.resolver_rule_associations), "unknown ListResolverRuleAssociations"),
        (PRIVATE, |e| lose(&mut e.aws.resolver_rules), "unknown ListResolverRules"),
        ("a.corp.example", |e| lose(&mut e.aws.records), "unknown ListResourceRecordSets"),
        (TUNNEL, |e| lose(&mut e.aws.hosted_zones), "unknown ListHostedZones"),
    ];
    for (host, change, expected) in cases {
        let mut estate = linked();
        change(&mut estate);
        assert_eq!(told(&estate, host), *expected, "{host}");
    }
}

#[test]
fn a_source_of_the_whole_name_needs_no_list() {
    // nothing can be more specific, and AWS refuses a second one of the same name
    let mut estate = linked();
    lose(&mut estate.aws.hosted_zones);
    assert_eq!(told(&estate, PRIVATELINK), "private 10.0.9.4@vpce-rest");
    let mut estate = linked();
    zone(&mut estate, "Z2", PRIVATE, &["vpc-1"], &[&format!("{PRIVATE} A 10.0.9.4")]);
    lose(&mut estate.aws.vpc_endpoints);
    assert_eq!(told(&estate, PRIVATE), "private 10.0.9.4");
    lose(&mut estate.aws.resolver_rule_associations);
    assert_eq!(told(&estate, PRIVATE), "unknown ListResolverRuleAssociations");
}

#[test]
fn a_zone_that_does_not_tell_its_vpcs_matters_where_it_would_win() {
    for (name, expected) in [
        ("other.example", "private 10.0.9.4@vpce-rest"),
        ("example", "private 10.0.9.4@vpce-rest"),
        ("a.corp.example", "unknown GetHostedZone"),
    ] {
        let mut estate = linked();
        zone(&mut estate, "Z9", name, &[], &[]);
        set(&mut estate.aws.hosted_zones, "Z9", |zone| zone.vpcs = None);
        assert_eq!(told(&estate, "a.corp.example"), expected, "{name}");
        set(&mut estate.aws.hosted_zones, "Z9", |zone| zone.private = false);
        assert_eq!(told(&estate, "a.corp.example"), "private 10.0.9.4@vpce-rest", "{name}");
    }
}

#[test]
fn an_endpoint_that_lists_no_names_may_have_any_of_its_owner() {
    let mut estate = linked();
    endpoint(&mut estate, "vpce-own", "vpc-1", "com.amazonaws.vpce.us-east-1.vpce-svc-0ab", &["10.0.9.8"]);
    assert_eq!(told(&estate, "api.partner.example"), "unknown DescribeVpcEndpoints");
    assert_eq!(told(&estate, PRIVATE), "private 10.0.9.4@vpce-rest");
    endpoint(&mut estate, "vpce-ecr", "vpc-1", "com.amazonaws.us-east-1.ecr.dkr", &["10.0.9.9"]);
    assert_eq!(told(&estate, "1.dkr.ecr.us-east-1.amazonaws.com"), "unknown DescribeVpcEndpoints");
    assert_eq!(told(&estate, "sts.us-east-1.amazonaws.com"), "public");
}

#[test]
fn an_endpoint_without_interfaces_is_unknown() {
    let mut estate = linked();
    set(&mut estate.aws.vpc_endpoints, "vpce-rest", |endpoint| endpoint.network_interface_ids.clear());
    assert_eq!(told(&estate, PRIVATE), "unknown DescribeVpcEndpoints");
    let mut estate = linked();
    // an address alone still tells whose it is
    set(&mut estate.aws.vpc_endpoints, "vpce-rest", |endpoint| endpoint.network_interface_ids.push("eni-9".to_owned()));
    assert_eq!(told(&estate, PRIVATE), "unknown DescribeNetworkInterfaces");
    assert_eq!(told(&estate, "a.corp.example"), "private 10.0.9.4@vpce-rest");
    set(&mut estate.aws.interfaces, "eni-rest-a", |interface| interface.private_ip_address = None);
    assert_eq!(told(&estate, PRIVATE), "unknown DescribeNetworkInterfaces");
}

#[test]
fn a_workspace_that_says_no_region_is_unknown() {
    let mut estate = linked();
    set(&mut estate.databricks.workspaces, "1", |workspace| workspace.aws_region = None);
    assert_eq!(told(&estate, PRIVATE), "unknown GET /accounts/{account}/workspaces");
}
