//! Resolver rules and name servers of DHCP options.

use super::*;
use crate::estate::aws::{GroupPair, ResolverEndpoint, ResolverTarget};

/// vpc-1 with an endpoint to the REST API and a private zone.
fn linked() -> Estate {
    let mut estate = estate();
    endpoint(&mut estate, "vpce-rest", "vpc-1", REST, &["10.0.9.4"]);
    zone(&mut estate, "Z1", "corp.example", &["vpc-1"], &["a.corp.example A 10.0.9.4", "a.b.corp.example A 10.0.9.4"]);
    estate
}

const REST_IP: &str = "private 10.0.9.4@vpce-rest";

#[test]
fn a_rule_wins_over_a_zone_of_the_same_name_and_of_a_shorter_one() {
    for domain in ["corp.example", "a.corp.example."] {
        let mut estate = linked();
        rule(&mut estate, "rslvr-rr-1", "FORWARD", domain, "vpc-1");
        assert_eq!(told(&estate, "a.corp.example"), "unknown ListResolverRules", "{domain}");
        assert!(way(&estate, "a.corp.example").contains("rslvr-rr-1"));
    }
}

#[test]
fn a_rule_for_a_longer_list_of_names_loses_to_the_zone() {
    for domain in [".", "example"] {
        let mut estate = linked();
        rule(&mut estate, "rslvr-rr-1", "FORWARD", domain, "vpc-1");
        assert_eq!(told(&estate, "a.corp.example"), REST_IP, "{domain}");
    }
    let mut estate = linked();
    rule(&mut estate, "rslvr-rr-1", "FORWARD", ".", "vpc-1");
    // the workspace's own name is public, and so it is forwarded
    assert_eq!(told(&estate, PRIVATE), "unknown ListResolverRules");
    assert_eq!(told(&estate, PRIVATELINK), REST_IP);
    assert_eq!(told(&estate, "ip-10-0-0-1.ec2.internal"), "public");
}

#[test]
fn a_system_rule_exempts_what_lies_below_it() {
    let mut estate = linked();
    rule(&mut estate, "rslvr-rr-1", "FORWARD", "corp.example", "vpc-1");
    rule(&mut estate, "rslvr-rr-2", "SYSTEM", "b.corp.example", "vpc-1");
    assert_eq!(told(&estate, "a.corp.example"), "unknown ListResolverRules");
    assert_eq!(told(&estate, "a.b.corp.example"), REST_IP);
    rule(&mut estate, "rslvr-rr-3", "FORWARD", "a.b.corp.example", "vpc-1");
    assert_eq!(told(&estate, "a.b.corp.example"), "unknown ListResolverRules");
}

#[test]
fn rules_of_other_vpcs_and_that_of_the_internet_forward_nothing() {
    let mut estate = linked();
    rule(&mut estate, "rslvr-rr-1", "FORWARD", ".", "vpc-2");
    associate(&mut estate, "rslvr-autodefined-rr-internet-resolver", "vpc-1");
    assert_eq!(told(&estate, PRIVATE), REST_IP);
    rule(&mut estate, "rslvr-rr-2", "RECURSIVE", ".", "vpc-1");
    assert_eq!(told(&estate, PRIVATE), REST_IP);
}

#[test]
fn custom_name_servers_answer_nobody_knows_what() {
    let mut estate = linked();
    dhcp(&mut estate, &["10.5.0.2", "10.5.0.3"]);
    assert_eq!(told(&estate, PRIVATE), "unknown DescribeDhcpOptions");
    let Outcome::Unknown(gaps) = ask(&estate, PRIVATE).outcome else { panic!("known") };
    assert!(gaps[0].detail.contains("10.5.0.2, 10.5.0.3"), "{}", gaps[0]);
    // nor does it matter then whether the resolver of the VPC answers
    set(&mut estate.aws.dns_support, "vpc-1", |on| *on = false);
    assert_eq!(told(&estate, PRIVATE), "unknown DescribeDhcpOptions");
}

#[test]
fn the_resolver_of_the_vpc_has_several_names() {
    for server in ["AmazonProvidedDNS", "10.0.0.2", "169.254.169.253"] {
        let mut estate = linked();
        dhcp(&mut estate, &[server]);
        assert_eq!(told(&estate, PRIVATE), REST_IP, "{server}");
    }
}

#[test]
fn the_first_name_server_is_asked_first() {
    let mut estate = linked();
    dhcp(&mut estate, &["AmazonProvidedDNS", "10.5.0.2"]);
    assert_eq!(told(&estate, PRIVATE), REST_IP);
    assert!(way(&estate, PRIVATE).contains("10.5.0.2 only if it is silent"));
    set(&mut estate.aws.dns_support, "vpc-1", |on| *on = false);
    assert_eq!(told(&estate, PRIVATE), "unknown DescribeDhcpOptions");
    let mut estate = linked();
    dhcp(&mut estate, &["10.5.0.2", "AmazonProvidedDNS"]);
    assert_eq!(told(&estate, PRIVATE), "unknown DescribeDhcpOptions");
}

/// vpc-2 with an endpoint to the REST API and an inbound resolver endpoint that vpc-1 forwards to.
fn central() -> Estate {
    let mut estate = estate();
    vpc(&mut estate, "vpc-2", "10.2.0.0/16");
    endpoint(&mut estate, "vpce-far", "vpc-2", REST, &["10.2.9.4"]);
    endpoint(&mut estate, "vpce-s3", "vpc-2", "com.amazonaws.us-east-1.s3", &["10.2.9.5"]);
    set(&mut estate.aws.vpc_endpoints, "vpce-s3", |endpoint| {
        let options = endpoint.dns_options.get_or_insert_default();
        options.private_dns_only_for_inbound_resolver_endpoint = Some(true);
    });
    inbound(&mut estate, "rslvr-in-2", "vpc-2", &["10.2.0.53", "10.2.1.53"]);
    forward(&mut estate, "rslvr-rr-1", ".", "vpc-1", &["10.2.0.53", "10.2.1.53"]);
    estate
}

fn inbound(estate: &mut Estate, id: &str, vpc: &str, ips: &[&str]) {
    let group_id = format!("sg-{id}");
    for (ip, number) in ips.iter().zip(1..) {
        let interface = Interface {
            private_ip_address: Some((*ip).to_owned()),
            description: Some(format!("Route 53 Resolver: {id}:rni-{number}")),
            groups: vec![GroupPair { group_id: group_id.clone(), ..GroupPair::default() }],
            ..Interface::default()
        };
        put(&mut estate.aws.interfaces, &format!("eni-{id}-{number}"), interface);
    }
    let (direction, host_vpc_id, security_group_ids) = ("INBOUND".to_owned(), Some(vpc.to_owned()), vec![group_id]);
    let body = ResolverEndpoint {
        id: id.to_owned(),
        direction,
        host_vpc_id,
        security_group_ids,
        ..ResolverEndpoint::default()
    };
    put(&mut estate.aws.resolver_endpoints, id, body);
}

fn forward(estate: &mut Estate, id: &str, domain: &str, vpc: &str, targets: &[&str]) {
    rule(estate, id, "FORWARD", domain, vpc);
    let target = |ip: &&str| ResolverTarget { ip: Some((*ip).to_owned()), ..ResolverTarget::default() };
    set(&mut estate.aws.resolver_rules, id, |rule| rule.target_ips = targets.iter().map(target).collect());
}

#[test]
fn an_inbound_endpoint_answers_with_what_its_own_vpc_resolves() {
    let estate = central();
    assert_eq!(told(&estate, PRIVATE), "private 10.2.9.4@vpce-far");
    let way = way(&estate, PRIVATE);
    assert!(
        way.contains("the resolver rule rslvr-rr-1 forwards . to 10.2.0.53, 10.2.1.53: rslvr-in-2 in vpc-2"),
        "{way}"
    );
    assert_eq!(told(&estate, PUBLIC), format!("public {INBOUND}"));
    // private DNS that is for inbound endpoints alone
    assert_eq!(told(&estate, "b.s3.us-east-1.amazonaws.com"), "private 10.2.9.5@vpce-s3");
}

#[test]
fn an_address_that_no_inbound_endpoint_has_may_answer_anything() {
    let mut estate = central();
    set(&mut estate.aws.resolver_rules, "rslvr-rr-1", |rule| rule.target_ips[1].ip = Some("10.9.0.53".to_owned()));
    assert_eq!(told(&estate, PRIVATE), "unknown ListResolverRules");
    let mut estate = central();
    set(&mut estate.aws.resolver_endpoints, "rslvr-in-2", |endpoint| endpoint.host_vpc_id = None);
    assert_eq!(told(&estate, PRIVATE), "unknown ListResolverRules");
    let mut estate = central();
    set(&mut estate.aws.dns_support, "vpc-2", |on| *on = false);
    assert_eq!(told(&estate, PRIVATE), "nothing off vpc-2");
}

#[test]
fn resolvers_that_forward_to_each_other_never_answer() {
    let mut estate = central();
    inbound(&mut estate, "rslvr-in-1", "vpc-1", &["10.0.0.53"]);
    forward(&mut estate, "rslvr-rr-2", ".", "vpc-2", &["10.0.0.53"]);
    assert_eq!(told(&estate, PRIVATE), "nothing unresolved vpc-1");
}
