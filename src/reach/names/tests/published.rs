//! The public DNS, and addresses instead of names.

use super::*;

const S3: &str = "com.amazonaws.us-east-1.s3";

#[test]
fn an_address_resolves_to_itself() {
    let mut estate = estate();
    endpoint(&mut estate, "vpce-rest", "vpc-1", REST, &["10.0.9.4"]);
    assert_eq!(told(&estate, "10.0.9.4"), "private 10.0.9.4@vpce-rest");
    assert_eq!(told(&estate, "10.0.9.5"), "private 10.0.9.5");
    assert_eq!(told(&estate, "203.0.113.7"), "public 203.0.113.7/32");
    assert_eq!(told(&estate, "fd00::1"), "private fd00::1");
    assert!(ask(&estate, "10.0.9.4").hops.is_empty());
    // a VPC may own a block that looks public
    set(&mut estate.aws.vpcs, "vpc-1", |vpc| vpc.cidr_block = Some("203.0.113.0/24".to_owned()));
    assert_eq!(told(&estate, "203.0.113.7"), "private 203.0.113.7");
}

#[test]
fn names_of_the_control_plane_lie_in_its_inbound_range() {
    for host in [PRIVATE, PUBLIC, PRIVATELINK, "nvirginia.cloud.databricks.com", "NVirginia.cloud.databricks.com."] {
        assert_eq!(told(&estate(), host), format!("public {INBOUND}"), "{host}");
    }
}

#[test]
fn a_workspace_follows_the_names_of_its_own_region() {
    let mut estate = estate();
    set(&mut estate.databricks.workspaces, "1", |workspace| workspace.aws_region = Some("ap-southeast-2".to_owned()));
    assert_eq!(told(&estate, PRIVATE), "public 3.26.4.0/28 18.98.192.128/28");
    assert!(way(&estate, PRIVATE).contains("sydney.privatelink.cloud.databricks.com"));
}

#[test]
fn nobody_publishes_where_the_rest_leads() {
    for host in [
        "dbc-unknown.cloud.databricks.com",
        "dbc-dp-99.cloud.databricks.com",
        "accounts.cloud.databricks.com",
        "tunnel.us-east-1.cloud.databricks.com",
        TUNNEL,
        "pypi.org",
    ] {
        assert_eq!(told(&estate(), host), "public", "{host}");
    }
    assert!(way(&estate(), TUNNEL).contains("not documented"));
}

#[test]
fn gov_cloud_publishes_no_name_behind_a_workspace() {
    let mut estate = estate();
    for id in ["1", "2"] {
        set(&mut estate.databricks.workspaces, id, |workspace| workspace.aws_region = Some("us-gov-west-1".to_owned()));
    }
    assert_eq!(told(&estate, "dbc-1.cloud.databricks.us"), "unknown GET /accounts/{account}/workspaces");
    assert_eq!(told(&estate, "dbc-2.cloud.databricks.us"), "public 3.30.186.128/28");
}

#[test]
fn s3_names_lie_in_the_prefix_list_of_their_region() {
    let mut estate = estate();
    put(&mut estate.aws.prefix_lists, "pl-63a5400a", S3.to_owned());
    put(&mut estate.aws.prefix_list_entries, "pl-63a5400a", vec!["52.216.0.0/15".to_owned(), "3.5.0.0/19".to_owned()]);
    for host in
        ["s3.us-east-1.amazonaws.com", "my.bucket.s3.us-east-1.amazonaws.com", "b.s3.dualstack.us-east-1.amazonaws.com"]
    {
        assert_eq!(told(&estate, host), "public 3.5.0.0/19 52.216.0.0/15", "{host}");
    }
    for host in ["s3.us-west-2.amazonaws.com", "b.s3.amazonaws.com"] {
        assert_eq!(told(&estate, host), "public", "{host}");
    }
}

#[test]
fn an_s3_interface_endpoint_answers_for_every_bucket() {
    let mut estate = estate();
    endpoint(&mut estate, "vpce-s3", "vpc-1", S3, &["10.0.9.8"]);
    for listed in [false, true] {
        if listed {
            let own = "*.vpce-s3-x.s3.us-east-1.vpce.amazonaws.com";
            names(&mut estate, "vpce-s3", &[own, "s3.us-east-1.amazonaws.com", "*.s3.us-east-1.amazonaws.com"]);
        }
        for host in ["s3.us-east-1.amazonaws.com", "my.bucket.s3.us-east-1.amazonaws.com"] {
            assert_eq!(told(&estate, host), "private 10.0.9.8@vpce-s3", "{host}");
        }
        assert_eq!(told(&estate, "s3.us-west-2.amazonaws.com"), "public");
    }
    assert_eq!(told(&estate, "b.vpce-s3-x.s3.us-east-1.vpce.amazonaws.com"), "private 10.0.9.8@vpce-s3");
    set(&mut estate.aws.vpc_endpoints, "vpce-s3", |endpoint| {
        let options = endpoint.dns_options.get_or_insert_default();
        options.private_dns_only_for_inbound_resolver_endpoint = Some(true);
    });
    assert_eq!(told(&estate, "b.s3.us-east-1.amazonaws.com"), "public");
}

#[test]
fn a_gateway_endpoint_changes_no_name() {
    let mut estate = estate();
    endpoint(&mut estate, "vpce-s3", "vpc-1", S3, &[]);
    set(&mut estate.aws.vpc_endpoints, "vpce-s3", |endpoint| endpoint.vpc_endpoint_type = Some("Gateway".to_owned()));
    assert_eq!(told(&estate, "b.s3.us-east-1.amazonaws.com"), "public");
}
