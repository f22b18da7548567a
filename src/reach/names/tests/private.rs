//! Private zones and private names of endpoints.

use super::*;
use crate::estate::aws::Ipv6Address;

/// vpc-1 with endpoints to both services of the control plane.
fn linked() -> Estate {
    let mut estate = estate();
    endpoint(&mut estate, "vpce-rest", "vpc-1", REST, &["10.0.9.4", "10.0.9.20"]);
    endpoint(&mut estate, "vpce-relay", "vpc-1", RELAY, &["10.0.9.5"]);
    estate
}

/// The regional name of an endpoint, as AWS writes it.
const REST_NAME: &str = "vpce-rest-x1.vpce-svc-09143d1e626de2f04.us-east-1.vpce.amazonaws.com";
const REST_IPS: &str = "private 10.0.9.4@vpce-rest 10.0.9.20@vpce-rest";

#[test]
fn with_private_access_settings_a_workspace_name_leads_to_the_endpoint() {
    let estate = linked();
    assert_eq!(told(&estate, PRIVATE), REST_IPS);
    assert_eq!(told(&estate, "dbc-dp-1.cloud.databricks.com"), REST_IPS);
    assert_eq!(told(&estate, TUNNEL), "private 10.0.9.5@vpce-relay");
    let way = way(&estate, PRIVATE);
    assert!(way.contains("leads dbc-1.cloud.databricks.com to nvirginia.privatelink.cloud.databricks.com"), "{way}");
    assert!(
        way.ends_with("vpce-rest answers nvirginia.privatelink.cloud.databricks.com with 10.0.9.4, 10.0.9.20"),
        "{way}"
    );
}

#[test]
fn without_private_access_settings_it_leads_past_the_endpoint() {
    assert_eq!(told(&linked(), PUBLIC), format!("public {INBOUND}"));
}

#[test]
fn an_endpoint_answers_only_with_private_dns_and_once_available() {
    let mut estate = linked();
    set(&mut estate.aws.vpc_endpoints, "vpce-rest", |endpoint| endpoint.private_dns_enabled = false);
    assert_eq!(told(&estate, PRIVATE), format!("public {INBOUND}"));
    assert!(way(&estate, PRIVATE).contains("vpce-rest does not answer"));
    let mut estate = linked();
    set(&mut estate.aws.vpc_endpoints, "vpce-rest", |endpoint| endpoint.state = "pendingAcceptance".to_owned());
    assert_eq!(told(&estate, PRIVATE), format!("public {INBOUND}"));
}

#[test]
fn host_names_off_silence_endpoints_and_zones() {
    let mut estate = linked();
    zone(&mut estate, "Z1", "dbc-2.cloud.databricks.com", &["vpc-1"], &["dbc-2.cloud.databricks.com A 10.0.9.4"]);
    assert_eq!(told(&estate, PUBLIC), "private 10.0.9.4@vpce-rest");
    set(&mut estate.aws.dns_hostnames, "vpc-1", |on| *on = false);
    assert_eq!(told(&estate, PRIVATE), format!("public {INBOUND}"));
    assert_eq!(told(&estate, PUBLIC), format!("public {INBOUND}"));
    assert!(way(&estate, PRIVATE).contains("enableDnsHostnames of vpc-1 is false"));
}

#[test]
fn dns_support_off_answers_nobody() {
    let mut estate = linked();
    set(&mut estate.aws.dns_support, "vpc-1", |on| *on = false);
    assert_eq!(told(&estate, PRIVATE), "nothing off vpc-1");
}

#[test]
fn listed_names_of_an_endpoint_are_the_ones_it_answers() {
    let mut estate = linked();
    endpoint(&mut estate, "vpce-sts", "vpc-1", "com.amazonaws.us-east-1.sts", &["10.0.9.6"]);
    assert_eq!(told(&estate, "sts.us-east-1.amazonaws.com"), "private 10.0.9.6@vpce-sts");
    assert_eq!(told(&estate, "sts.us-west-2.amazonaws.com"), "public");
    endpoint(&mut estate, "vpce-kds", "vpc-1", "com.amazonaws.us-east-1.kinesis-streams", &["10.0.9.7"]);
    assert_eq!(told(&estate, "kinesis.us-east-1.amazonaws.com"), "private 10.0.9.7@vpce-kds");
    endpoint(&mut estate, "vpce-own", "vpc-1", "com.amazonaws.vpce.us-east-1.vpce-svc-0ab", &["10.0.9.8"]);
    names(&mut estate, "vpce-own", &["vpce-own-x.vpce-svc-0ab.us-east-1.vpce.amazonaws.com", "api.partner.example"]);
    assert_eq!(told(&estate, "api.partner.example"), "private 10.0.9.8@vpce-own");
    assert_eq!(told(&estate, "v2.api.partner.example"), "public");
}

#[test]
fn own_names_of_an_endpoint_lead_to_its_interfaces_everywhere() {
    let mut estate = linked();
    vpc(&mut estate, "vpc-2", "10.2.0.0/16");
    endpoint(&mut estate, "vpce-far", "vpc-2", REST, &["10.2.9.4", "10.2.9.20"]);
    assert_eq!(told(&estate, REST_NAME), REST_IPS);
    let far = REST_NAME.replace("vpce-rest", "vpce-far");
    assert_eq!(told(&estate, &far), "private 10.2.9.4@vpce-far 10.2.9.20@vpce-far");
    assert_eq!(told(&estate, &far.replace("-x1", "-x1-us-east-1b")), "private 10.2.9.20@vpce-far");
    assert_eq!(told(&estate, &REST_NAME.replace("vpce-rest", "vpce-none")), "unknown DescribeVpcEndpoints");
}

#[test]
fn the_zone_with_the_longest_name_speaks_and_nobody_else() {
    let mut estate = linked();
    set(&mut estate.aws.vpc_endpoints, "vpce-rest", |endpoint| endpoint.private_dns_enabled = false);
    let alias = format!("{PRIVATELINK} ALIAS {REST_NAME}");
    zone(&mut estate, "Z1", "privatelink.cloud.databricks.com", &["vpc-1"], &[&alias]);
    assert_eq!(told(&estate, PRIVATE), REST_IPS);
    assert!(way(&estate, PRIVATE).contains(
        "the private zone privatelink.cloud.databricks.com (Z1) answers nvirginia.privatelink.cloud.databricks.com with an alias of vpce-rest"
    ));
    // a zone that another VPC sees is nothing to this one
    zone(&mut estate, "Z2", PRIVATELINK, &["vpc-2"], &[]);
    assert_eq!(told(&estate, PRIVATE), REST_IPS);
    zone(&mut estate, "Z3", PRIVATELINK, &["vpc-1"], &[]);
    assert_eq!(told(&estate, PRIVATE), "nothing shadowed Z3");
}

#[test]
fn a_zone_at_the_apex_swallows_every_other_name() {
    let mut estate = linked();
    let own = format!("{PRIVATE} ALIAS {REST_NAME}");
    zone(&mut estate, "Z1", "cloud.databricks.com", &["vpc-1"], &[&own]);
    assert_eq!(told(&estate, PRIVATE), REST_IPS);
    for host in [PUBLIC, "accounts.cloud.databricks.com", "dbc-dp-1.cloud.databricks.com"] {
        assert_eq!(told(&estate, host), "nothing shadowed Z1", "{host}");
    }
    // the zones that AWS keeps for the endpoints are longer
    assert_eq!(told(&estate, TUNNEL), "private 10.0.9.5@vpce-relay");
    assert_eq!(told(&estate, PRIVATELINK), REST_IPS);
}

#[test]
fn a_wildcard_covers_names_that_do_not_exist() {
    let mut estate = linked();
    let records = [
        "*.cloud.databricks.com A 10.0.9.4",
        "note.cloud.databricks.com TXT hello",
        "a.deep.cloud.databricks.com A 10.0.9.20",
    ];
    zone(&mut estate, "Z1", "cloud.databricks.com", &["vpc-1"], &records);
    for host in [PUBLIC, "x.dbc-2.cloud.databricks.com"] {
        assert_eq!(told(&estate, host), "private 10.0.9.4@vpce-rest", "{host}");
    }
    // RFC 4592: a name that exists, be it without records of its own, has no wildcard for itself or below
    for host in [
        "note.cloud.databricks.com",
        "x.note.cloud.databricks.com",
        "deep.cloud.databricks.com",
        "b.deep.cloud.databricks.com",
    ] {
        assert_eq!(told(&estate, host), "nothing shadowed Z1", "{host}");
    }
    assert_eq!(told(&estate, "cloud.databricks.com"), "nothing shadowed Z1");
}

#[test]
fn a_zone_of_one_workspace_leaves_the_others_alone() {
    let mut estate = linked();
    vpc(&mut estate, "vpc-2", "10.2.0.0/16");
    endpoint(&mut estate, "vpce-far", "vpc-2", REST, &["10.2.9.4"]);
    zone(&mut estate, "Z1", PRIVATE, &["vpc-1"], &[&format!("{PRIVATE} A 10.2.9.4")]);
    assert_eq!(told(&estate, PRIVATE), "private 10.2.9.4@vpce-far");
    assert_eq!(told(&estate, "dbc-dp-1.cloud.databricks.com"), REST_IPS);
    assert_eq!(told(&estate, PUBLIC), format!("public {INBOUND}"));
}

#[test]
fn a_record_may_lead_to_a_wrong_address() {
    let mut estate = linked();
    zone(&mut estate, "Z1", PRIVATE, &["vpc-1"], &[&format!("{PRIVATE} A 10.0.9.99")]);
    assert_eq!(told(&estate, PRIVATE), "private 10.0.9.99");
    zone(&mut estate, "Z2", PUBLIC, &["vpc-1"], &[&format!("{PUBLIC} A 203.0.113.7")]);
    assert_eq!(told(&estate, PUBLIC), "public 203.0.113.7/32");
    zone(&mut estate, "Z3", "x.example", &["vpc-1"], &["x.example A 203.0.113.7 10.0.9.4"]);
    assert_eq!(told(&estate, "x.example"), "unknown ListResourceRecordSets");
}

#[test]
fn names_and_aliases_are_followed_until_they_circle() {
    let mut estate = linked();
    let records = [
        "a.corp.example CNAME b.corp.example.",
        &format!("b.corp.example CNAME {PRIVATE}."),
        "c.corp.example SELF d.corp.example",
        "d.corp.example A 10.0.9.5",
        "e.corp.example CNAME f.corp.example",
        "f.corp.example SELF e.corp.example",
        "g.corp.example CNAME g.corp.example",
        "h.corp.example A nonsense",
        "i.corp.example ALIAS internal-x.us-east-1.elb.amazonaws.com",
    ];
    zone(&mut estate, "Z1", "corp.example", &["vpc-1"], &records);
    assert_eq!(told(&estate, "A.corp.example."), REST_IPS);
    assert_eq!(told(&estate, "c.corp.example"), "private 10.0.9.5@vpce-relay");
    assert_eq!(told(&estate, "e.corp.example"), "nothing unresolved vpc-1");
    assert_eq!(told(&estate, "g.corp.example"), "nothing unresolved vpc-1");
    assert_eq!(told(&estate, "h.corp.example"), "nothing unresolved Z1");
    assert_eq!(told(&estate, "i.corp.example"), "unknown DescribeNetworkInterfaces");
    let chain: Vec<String> =
        (0..30).map(|link| format!("n{link}.corp.example CNAME n{}.corp.example", link + 1)).collect();
    let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
    let mut estate = linked();
    zone(&mut estate, "Z1", "corp.example", &["vpc-1"], &chain);
    assert_eq!(told(&estate, "n0.corp.example"), "nothing unresolved vpc-1");
}

#[test]
fn two_sources_of_one_name_must_agree() {
    let mut estate = linked();
    zone(&mut estate, "Z1", PRIVATELINK, &["vpc-1"], &[&format!("{PRIVATELINK} ALIAS {REST_NAME}")]);
    assert_eq!(told(&estate, PRIVATE), REST_IPS);
    endpoint(&mut estate, "vpce-twin", "vpc-1", REST, &["10.0.9.30"]);
    assert_eq!(told(&estate, PRIVATE), "unknown DescribeVpcEndpoints");
}

#[test]
fn an_endpoint_of_both_families_answers_with_both() {
    let mut estate = linked();
    set(&mut estate.aws.interfaces, "eni-relay-a", |interface| {
        interface.ipv6_addresses = vec![Ipv6Address { ipv6_address: Some("2600:1f18::5".to_owned()) }];
    });
    for (families, expected) in [
        ("ipv4", "private 10.0.9.5@vpce-relay"),
        ("dualstack", "private 10.0.9.5@vpce-relay 2600:1f18::5@vpce-relay"),
        ("ipv6", "private 2600:1f18::5@vpce-relay"),
    ] {
        set(&mut estate.aws.vpc_endpoints, "vpce-relay", |endpoint| {
            endpoint.dns_options.get_or_insert_default().dns_record_ip_type = Some(families.to_owned());
        });
        assert_eq!(told(&estate, TUNNEL), expected);
    }
}
