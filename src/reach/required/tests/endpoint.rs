//! Names that lead to endpoints, and what their policies say.

use serde_json::{Value, json};

use super::{ACCOUNT, DATABRICKS, RELAY, REST, edit, endpoint, estate, path, put, register, tell};
use crate::estate::aws::{HostedZone, ZoneVpc};
use crate::estate::{Estate, Evidence, Origin, Place, Row};
use crate::reach::World;

fn zone(e: &mut Estate, name: &str, ip: &str) {
    let vpcs = Some(vec![ZoneVpc { region: Some("us-east-1".to_owned()), vpc_id: "vpc-1".to_owned() }]);
    let body = Evidence::Known(HostedZone { id: "Z1".to_owned(), name: name.to_owned(), private: true, vpcs });
    let place = Place::new(ACCOUNT, "global");
    e.aws.hosted_zones.push(Row { id: "Z1".to_owned(), place, origin: Origin::default(), body });
    put(
        &mut e.aws.records,
        "Z1",
        json!([{"Name": format!("{name}."), "Type": "A", "ResourceRecords": [{"Value": ip}]}]),
    );
}

fn policy(e: &mut Estate, id: &str, statements: &Value) {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    edit(&mut e.aws.vpc_endpoints, id, |endpoint| endpoint.policy_document = Some(text));
}

const TUNNEL: &str = "tunnel.privatelink.us-east-1.cloud.databricks.com";

#[test]
fn a_relay_that_the_rest_endpoint_answers_is_no_relay() {
    let mut e = estate();
    edit(&mut e.aws.vpc_endpoints, "vpce-relay", |endpoint| endpoint.private_dns_enabled = false);
    zone(&mut e, TUNNEL, "10.0.9.10");
    assert_eq!(tell(&e, "relay"), "unreachable  | DNS_UNEXPECTED_ANSWER vpce-rest");
    assert!(path(&e, "relay").blockers[0].detail.contains("leads to 10.0.9.10 of vpce-rest"));
    assert_eq!(tell(&e, "rest"), "reachable endpoint");
}

#[test]
fn an_endpoint_that_the_network_does_not_name_serves_the_rest_api_if_it_is_admitted() {
    let mut e = estate();
    endpoint(&mut e, "vpc-1", "vpce-other", REST, "subnet-ends", "sg-ends", &["10.0.9.30"]);
    edit(&mut e.aws.vpc_endpoints, "vpce-rest", |endpoint| endpoint.private_dns_enabled = false);
    // nobody registered it
    assert_eq!(tell(&e, "rest"), "unreachable  | DNS_UNEXPECTED_ANSWER vpce-other");
    register(&mut e, "reg-other", "vpce-other", REST);
    assert_eq!(tell(&e, "rest"), "reachable endpoint");
    edit(&mut e.databricks.private_access_settings, "pas-1", |settings| {
        settings.private_access_level = Some("ENDPOINT".to_owned());
        settings.allowed_vpc_endpoint_ids = vec!["reg-rest".to_owned()];
    });
    assert_eq!(tell(&e, "rest"), "unreachable  | DNS_UNEXPECTED_ANSWER vpce-other");
}

#[test]
fn a_relay_endpoint_must_be_the_one_of_the_network() {
    let mut e = estate();
    endpoint(&mut e, "vpc-1", "vpce-other", RELAY, "subnet-ends", "sg-ends", &["10.0.9.30"]);
    register(&mut e, "reg-other", "vpce-other", RELAY);
    edit(&mut e.aws.vpc_endpoints, "vpce-relay", |endpoint| endpoint.private_dns_enabled = false);
    assert_eq!(tell(&e, "relay"), "unreachable  | DNS_UNEXPECTED_ANSWER vpce-other");
    // a registration that nobody collected may be that endpoint
    edit(&mut e.databricks.networks, "net-1", |network| {
        network.vpc_endpoints.as_mut().unwrap().dataplane_relay = vec!["reg-unseen".to_owned()];
    });
    assert_eq!(tell(&e, "relay"), "unknown endpoint | GET /accounts/{account}/vpc-endpoints");
}

#[test]
fn a_name_that_leads_to_an_address_of_nobody_is_no_endpoint() {
    let mut e = estate();
    edit(&mut e.aws.vpc_endpoints, "vpce-relay", |endpoint| endpoint.private_dns_enabled = false);
    zone(&mut e, TUNNEL, "10.0.9.99");
    assert_eq!(tell(&e, "relay"), "unreachable  | DNS_UNEXPECTED_ANSWER no endpoint");
}

/// Whether the public DNS knows the private name of the relay is not documented.
#[test]
fn a_private_relay_name_that_nobody_answers_in_the_vpc_is_not_known() {
    let mut e = estate();
    edit(&mut e.aws.vpc_endpoints, "vpce-relay", |endpoint| endpoint.private_dns_enabled = false);
    assert_eq!(tell(&e, "relay"), "unknown nat | GET /accounts/{account}/workspaces");
}

/// Public access is on, so that the public answer works; a rule says that it is not private.
#[test]
fn a_workspace_name_that_resolves_publicly_leaves_by_nat() {
    let mut e = estate();
    edit(&mut e.aws.vpc_endpoints, "vpce-rest", |endpoint| endpoint.private_dns_enabled = false);
    assert_eq!(tell(&e, "rest"), "reachable nat");
}

/// In the policy of a gateway endpoint an account is its root user, which never asks.
#[test]
fn a_gateway_policy_must_name_databricks_by_condition() {
    let mut e = estate();
    let by_account = |key: &str, id: &str| json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {key: id}}}]);
    policy(&mut e, "vpce-s3", &by_account("aws:PrincipalAccount", DATABRICKS));
    assert_eq!(tell(&e, "s3-root"), "reachable gateway-endpoint");
    policy(&mut e, "vpce-s3", &by_account("aws:PrincipalAccount", ACCOUNT));
    assert_eq!(tell(&e, "s3-root"), "unreachable gateway-endpoint | VPCE_POLICY_RESTRICTION vpce-s3");
    // instance profiles of the account may fetch what Databricks gives to everyone
    assert_eq!(tell(&e, "s3-artifacts"), "reachable gateway-endpoint");
    policy(&mut e, "vpce-s3", &by_account("aws:ResourceAccount", ACCOUNT));
    assert_eq!(tell(&e, "s3-artifacts"), "unreachable gateway-endpoint | VPCE_POLICY_RESTRICTION vpce-s3");
    let root = json!([{"Effect": "Allow", "Principal": {"AWS": DATABRICKS}, "Action": "s3:*", "Resource": "*"}]);
    policy(&mut e, "vpce-s3", &root);
    assert_eq!(tell(&e, "s3-root"), "unreachable gateway-endpoint | VPCE_POLICY_RESTRICTION vpce-s3");
}

/// Databricks' reference policy gives the log bucket PutObject alone.
#[test]
fn each_bucket_needs_its_own_actions() {
    let mut e = estate();
    let on = |actions: Value, bucket: &str| json!([{"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": format!("arn:aws:s3:::{bucket}/*")}]);
    policy(&mut e, "vpce-s3", &on(json!("s3:PutObject"), "databricks-prod-storage-virginia"));
    assert_eq!(tell(&e, "s3-logs"), "reachable gateway-endpoint");
    assert!(tell(&e, "s3-system-tables").starts_with("unreachable"));
    policy(&mut e, "vpce-s3", &on(json!(["s3:GetObject", "s3:ListBucket"]), "root-1"));
    let root = path(&e, "s3-root");
    assert!(root.blockers[0].detail.contains("s3:PutObject") && !root.blockers[0].detail.contains("s3:GetObject"));
    assert_eq!((root.policies.len(), root.policies[0].passage.word()), (1, "blocked"));
}

#[test]
fn a_policy_that_cannot_be_decided_leaves_the_path_open() {
    let mut e = estate();
    let odd = json!([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringResembles": {"aws:PrincipalAccount": DATABRICKS}}}]);
    policy(&mut e, "vpce-s3", &odd);
    assert_eq!(tell(&e, "s3-root"), "unknown gateway-endpoint | ec2:DescribeVpcEndpoints");
    edit(&mut e.aws.vpc_endpoints, "vpce-s3", |endpoint| endpoint.policy_document = Some("{".to_owned()));
    assert_eq!(tell(&e, "s3-root"), "unknown gateway-endpoint | ec2:DescribeVpcEndpoints");
}

#[test]
fn sts_and_kinesis_are_asked_by_those_who_call_them() {
    let mut e = estate();
    endpoint(&mut e, "vpc-1", "vpce-sts", "com.amazonaws.us-east-1.sts", "subnet-ends", "sg-ends", &["10.0.9.40"]);
    endpoint(
        &mut e,
        "vpc-1",
        "vpce-kin",
        "com.amazonaws.us-east-1.kinesis-streams",
        "subnet-ends",
        "sg-ends",
        &["10.0.9.50"],
    );
    let only =
        |account: &str| json!([{"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*", "Resource": "*"}]);
    policy(&mut e, "vpce-sts", &only(ACCOUNT));
    policy(&mut e, "vpce-kin", &only(DATABRICKS));
    assert_eq!(
        (tell(&e, "sts"), tell(&e, "kinesis")),
        ("reachable endpoint".to_owned(), "reachable endpoint".to_owned())
    );
    policy(&mut e, "vpce-sts", &only(DATABRICKS));
    policy(&mut e, "vpce-kin", &only(ACCOUNT));
    assert_eq!(tell(&e, "sts"), "unreachable endpoint | VPCE_POLICY_RESTRICTION vpce-sts");
    assert_eq!(tell(&e, "kinesis"), "unreachable endpoint | VPCE_POLICY_RESTRICTION vpce-kin");
}

#[test]
fn a_policy_can_be_asked_for_by_itself() {
    let mut e = estate();
    policy(&mut e, "vpce-s3", &json!([{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]));
    e.seal();
    let world = World::of(&e);
    let (workspace, s3) =
        (e.databricks.workspaces.number("1").unwrap(), e.aws.vpc_endpoints.number("vpce-s3").unwrap());
    assert_eq!(world.policy_hops("s3-root", workspace, s3).blockers.len(), 1);
    let rest = world.policy_hops("rest", workspace, s3);
    assert!(rest.hops.is_empty() && rest.blockers.is_empty() && rest.gaps.is_empty());
}

/// AWS calls KMS for EBS and S3: nodes themselves need it only where somebody built the way.
#[test]
fn kms_is_a_need_where_the_network_has_an_endpoint_for_it() {
    let mut e = estate();
    edit(&mut e.databricks.workspaces, "1", |ws| ws.storage_customer_managed_key_id = Some("key-1".to_owned()));
    assert!(!super::paths(&e).iter().any(|path| path.name == "kms"));
    endpoint(&mut e, "vpc-1", "vpce-kms", "com.amazonaws.us-east-1.kms", "subnet-ends", "sg-ends", &["10.0.9.60"]);
    assert_eq!(tell(&e, "kms"), "reachable endpoint");
}
