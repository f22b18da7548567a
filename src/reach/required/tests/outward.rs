//! Networks of other shapes: without PrivateLink, without a way out, other regions, name servers of
//! their own.

use serde_json::json;

use super::{compliance, edit, estate, group, path, paths, put, subnet, tell};
use crate::estate::Estate;

fn without_private_link(e: &mut Estate) {
    edit(&mut e.databricks.networks, "net-1", |network| network.vpc_endpoints = None);
    edit(&mut e.databricks.workspaces, "1", |ws| ws.private_access_settings_id = None);
}

#[test]
fn without_private_link_everything_leaves_by_nat() {
    let mut e = estate();
    without_private_link(&mut e);
    assert_eq!(tell(&e, "rest"), "reachable nat");
    assert_eq!(path(&e, "rest").names.last().unwrap().resource, "vpc-1");
    let relay = path(&e, "relay");
    assert_eq!((relay.ports[0].from, relay.hosts[0].as_str()), (443, "tunnel.us-east-1.cloud.databricks.com"));
    assert_eq!(tell(&e, "relay"), "reachable nat");
}

/// The control plane is 3.237.73.224/28 and 18.97.15.0/28; both must be admitted.
#[test]
fn every_published_block_of_the_control_plane_is_asked() {
    let mut e = estate();
    without_private_link(&mut e);
    group(&mut e, "vpc-1", "sg-nodes", &["out tcp 443 3.237.73.224/28"]);
    let rest = path(&e, "rest");
    assert_eq!(tell(&e, "rest"), "unreachable nat | ENI_SG_RULES_MISMATCH sg-nodes");
    assert!(rest.blockers[0].detail.contains("18.97.15.0"), "{}", rest.blockers[0].detail);
}

/// Addresses of STS are not published: that one public address is closed tells nothing of them, that
/// all are does. What the S3 endpoint takes is not STS.
#[test]
fn addresses_that_nobody_publishes() {
    let mut e = estate();
    group(&mut e, "vpc-1", "sg-nodes", &["out tcp 443 52.0.0.0/8"]);
    assert_eq!(tell(&e, "sts"), "unknown unknown | ec2:DescribeManagedPrefixLists");
    group(&mut e, "vpc-1", "sg-nodes", &["out tcp 443 10.0.0.0/16", "out tcp 443 pl-s3"]);
    assert_eq!(tell(&e, "sts"), "unreachable  | ENI_SG_RULES_MISMATCH sg-nodes");
    assert_eq!(tell(&e, "s3-root"), "reachable gateway-endpoint");
}

#[test]
fn without_a_way_out_only_endpoints_are_reached() {
    let mut e = estate();
    for id in ["subnet-a", "subnet-b"] {
        let block = if id == "subnet-a" { "10.0.1.0/24" } else { "10.0.2.0/24" };
        subnet(&mut e, "vpc-1", id, block, &["pl-s3 vpce-s3"]);
    }
    assert_eq!(tell(&e, "rest"), "reachable endpoint");
    assert_eq!(tell(&e, "s3-artifacts"), "reachable gateway-endpoint");
    let sts = tell(&e, "sts");
    assert_eq!(
        sts,
        "unreachable  | NO_ROUTE_TO_DESTINATION rtb-subnet-a | NO_ROUTE_TO_DESTINATION rtb-subnet-b".to_owned()
    );
}

#[test]
fn a_list_without_a_name_is_found_by_the_route_to_the_endpoint() {
    let mut e = estate();
    put(&mut e.aws.prefix_lists, "pl-s3", json!("some other name"));
    assert_eq!(tell(&e, "s3-root"), "reachable gateway-endpoint");
}

#[test]
fn nodes_with_public_addresses_leave_by_the_internet_gateway() {
    let mut e = estate();
    for (id, block) in [("subnet-a", "10.0.1.0/24"), ("subnet-b", "10.0.2.0/24")] {
        subnet(&mut e, "vpc-1", id, block, &["0.0.0.0/0 igw-1"]);
    }
    assert!(
        tell(&e, "sts").starts_with("unreachable  | IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw-1"),
        "{}",
        tell(&e, "sts")
    );
    edit(&mut e.databricks.workspaces, "1", |ws| ws.is_no_public_ip_enabled = Some(false));
    assert_eq!(tell(&e, "sts"), "reachable internet");
}

/// Databricks' streams and artifacts for us-west-1 are in us-west-2.
#[test]
fn us_west_1_shares_services_of_us_west_2() {
    let mut e = estate();
    edit(&mut e.databricks.workspaces, "1", |ws| ws.aws_region = Some("us-west-1".to_owned()));
    let hosts = |name: &str| path(&e, name).hosts.join(" ");
    assert_eq!(hosts("kinesis"), "kinesis.us-west-2.amazonaws.com");
    assert_eq!(hosts("sts"), "sts.us-west-1.amazonaws.com");
    assert_eq!(hosts("s3-artifacts"), "databricks-prod-artifacts-us-west-2.s3.us-west-2.amazonaws.com");
    assert_eq!(hosts("s3-logs"), "databricks-prod-storage-oregon.s3.us-west-2.amazonaws.com");
    assert_eq!(
        hosts("s3-system-tables"),
        "system-tables-prod-us-west-1-uc-metastore-bucket.s3.us-west-1.amazonaws.com"
    );
}

/// GovCloud has one port for the relay, and no published names.
#[test]
fn gov_cloud_relays_on_2443() {
    let mut e = estate();
    compliance(&mut e, true);
    edit(&mut e.databricks.workspaces, "1", |ws| ws.aws_region = Some("us-gov-west-1".to_owned()));
    let relay = path(&e, "relay");
    assert_eq!((relay.ports[0].from, relay.verdict.word()), (2443, "unknown"));
    assert_eq!(path(&e, "rest").hosts, ["dbc-1.cloud.databricks.us"]);
    assert!(!paths(&e).iter().any(|path| path.name == "relay-fips"));
}

#[test]
fn the_fips_tunnel_is_needed_with_the_compliance_security_profile() {
    let mut e = estate();
    compliance(&mut e, true);
    assert_eq!(tell(&e, "relay-fips"), "reachable endpoint");
    group(&mut e, "vpc-1", "sg-ends", &["in tcp 443 sg-nodes", "in tcp 6666 sg-nodes"]);
    assert_eq!(tell(&e, "relay-fips"), "unreachable  | ENI_SG_RULES_MISMATCH sg-ends");
    // while nobody asked for the setting, what fails may not be needed
    let mut unasked = estate();
    unasked.databricks.workspace_settings = crate::estate::Table::new(crate::estate::Operation::GetWorkspaceSetting);
    assert_eq!(tell(&unasked, "relay-fips"), "reachable endpoint");
    group(&mut unasked, "vpc-1", "sg-ends", &["in tcp 443 sg-nodes"]);
    assert_eq!(tell(&unasked, "relay-fips"), "unknown  | GET /settings/types/{type}");
}

fn dhcp(e: &mut Estate, servers: &[&str]) {
    let values: Vec<_> = servers.iter().map(|server| json!({"Value": server})).collect();
    put(
        &mut e.aws.dhcp_options,
        "dopt-1",
        json!({"DhcpOptionsId": "dopt-1", "DhcpConfigurations": [{"Key": "domain-name-servers", "Values": values}]}),
    );
    edit(&mut e.aws.vpcs, "vpc-1", |vpc| vpc.dhcp_options_id = Some("dopt-1".to_owned()));
}

#[test]
fn name_servers_of_ones_own_must_be_reached() {
    let mut e = estate();
    dhcp(&mut e, &["10.0.9.53"]);
    let server = json!({"NetworkInterfaceId": "eni-dns", "SubnetId": "subnet-ends", "VpcId": "vpc-1", "PrivateIpAddress": "10.0.9.53", "Groups": [{"GroupId": "sg-dns"}]});
    put(&mut e.aws.interfaces, "eni-dns", server);
    group(&mut e, "vpc-1", "sg-dns", &["in udp 53 10.0.0.0/16"]);
    assert_eq!(tell(&e, "dns"), "unreachable  | ENI_SG_RULES_MISMATCH sg-nodes");
    let mut open: Vec<&str> = super::NODES.to_vec();
    open.extend(["out udp 53 10.0.9.53/32", "out tcp 53 10.0.9.53/32"]);
    group(&mut e, "vpc-1", "sg-nodes", &open);
    assert_eq!(tell(&e, "dns"), "reachable inside");
    assert_eq!(tell(&e, "dns-tcp"), "unreachable  | ENI_SG_RULES_MISMATCH sg-dns");
}

#[test]
fn a_resolver_that_is_switched_off_answers_nobody() {
    let mut e = estate();
    put(&mut e.aws.dns_support, "vpc-1", json!(false));
    assert_eq!(tell(&e, "dns"), "unreachable  | DNS_SUPPORT_DISABLED vpc-1");
    assert_eq!(tell(&e, "rest"), "unreachable  | DNS_SUPPORT_DISABLED vpc-1");
    // the resolver's own address in the options is the same resolver
    put(&mut e.aws.dns_support, "vpc-1", json!(true));
    dhcp(&mut e, &["10.0.0.2", "169.254.169.253"]);
    assert_eq!(tell(&e, "dns"), "reachable inside");
}

#[test]
fn default_storage_has_no_root_bucket() {
    let mut e = estate();
    edit(&mut e.databricks.workspaces, "1", |ws| ws.storage_configuration_id = None);
    assert!(!paths(&e).iter().any(|path| path.name == "s3-root"));
    // a bucket elsewhere is asked for where it is
    let mut e = estate();
    put(&mut e.aws.bucket_regions, "root-1", json!("eu-west-1"));
    assert_eq!(path(&e, "s3-root").hosts, ["root-1.s3.eu-west-1.amazonaws.com"]);
    assert_eq!(tell(&e, "s3-root"), "reachable nat");
}
