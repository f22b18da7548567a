//! The planner against small worlds: what it asks for, and what it leaves alone.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;
use crate::sources::{FORMAT, read_text};

const DATABRICKS: &str = "75a6eb99-30f5-4088-b51c-1bc2893bc1c3";
const OWN: &str = "111122223333";

fn planned(evidence: &Value, bounds: &Bounds) -> Vec<String> {
    let text = evidence.to_string();
    let estate = read_text("e.json", text.clone()).unwrap_or_default();
    let ledger = Ledger::resume(&text).unwrap();
    let open = wanted(&estate, &ledger, bounds).into_iter().filter_map(|ask| ledger.open(&ask));
    open.map(|ask| ask.to_string()).collect()
}

fn bounds() -> Bounds {
    Bounds {
        own_account: Some(OWN.to_owned()),
        home_region: "eu-west-1".to_owned(),
        databricks: Some(DATABRICKS.to_owned()),
        ..Bounds::default()
    }
}

/// One workspace in one VPC, in an account that is not the caller's.
fn account() -> Value {
    json!({
        "workspaces": [{ "workspace_id": 42, "workspace_name": "prod", "aws_region": "eu-west-1",
            "credentials_id": "c", "network_id": "n", "storage_configuration_id": "s" }],
        "networks": [{ "network_id": "n", "vpc_id": "vpc-1", "subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"] }],
        "credentials": [{ "credentials_id": "c", "aws_credentials": { "sts_role": { "role_arn": "arn:aws:iam::444455556666:role/path/cross" } } }],
        "storage-configurations": [{ "storage_configuration_id": "s", "root_bucket_info": { "bucket_name": "root" } }],
        "customer-managed-keys": [{ "customer_managed_key_id": "k", "aws_key_info": { "key_arn": "arn:aws:kms:eu-west-1:777788889999:key/1234" } }],
    })
}

fn evidence(aws: Value) -> Value {
    json!({ "format": FORMAT, "databricks": { DATABRICKS: account() }, "aws": aws })
}

fn has(planned: &[String], ask: &str) -> bool {
    planned.iter().any(|one| one == ask)
}

#[test]
fn at_first_only_databricks_is_asked() {
    let planned = planned(&json!({ "format": FORMAT, "databricks": {} }), &bounds());
    assert!(has(&planned, &format!("GET /accounts/{{account}}/workspaces in {DATABRICKS}")), "{planned:#?}");
    assert!(!planned.iter().any(|ask| ask.starts_with("ec2:")), "{planned:#?}");
}

#[test]
fn aws_is_asked_for_what_databricks_names_where_it_lies() {
    let planned = planned(&evidence(json!({})), &bounds());
    for ask in [
        "ec2:DescribeVpcs in 444455556666/eu-west-1, for vpc-1",
        "ec2:DescribeSubnets in 444455556666/eu-west-1, for subnet-1, vpc-1",
        "iam:GetRole in 444455556666/eu-west-1, for cross",
        "s3:GetBucketPolicy in 444455556666/eu-west-1, for root",
        "kms:GetKeyPolicy in 777788889999/eu-west-1, for 1234",
        &format!("GET /workspace-conf in {DATABRICKS}/42"),
    ] {
        assert!(has(&planned, ask), "{ask} is not among {planned:#?}");
    }
    assert!(!planned.iter().any(|ask| ask.contains(OWN)), "the caller's own account has nothing of it: {planned:#?}");
}

#[test]
fn neighbours_are_asked_for_and_their_neighbours_are_not() {
    let side = |vpc: &str, owner: &str| json!({ "VpcId": vpc, "OwnerId": owner, "Region": "eu-west-1" });
    let peering = |id: &str, from: Value, to: Value, code: &str| json!({ "VpcPeeringConnectionId": id, "RequesterVpcInfo": from, "AccepterVpcInfo": to, "Status": { "Code": code } });
    let peerings = json!([
        peering("pcx-1", side("vpc-1", "444455556666"), side("vpc-2", OWN), "active"),
        peering("pcx-2", side("vpc-2", OWN), side("vpc-3", OWN), "active"),
        peering("pcx-3", side("vpc-1", "444455556666"), side("vpc-4", OWN), "deleted"),
    ]);
    let aws = json!({ "444455556666": { "eu-west-1": {
        "describe-vpcs": { "Vpcs": [{ "VpcId": "vpc-1", "DhcpOptionsId": "dopt-1" }], "PlauditAsked": ["vpc-1"] },
        "describe-vpc-peering-connections": { "VpcPeeringConnections": peerings, "PlauditAsked": ["vpc-1"] },
    } } });
    let planned = planned(&evidence(aws), &bounds());
    assert!(has(&planned, &format!("ec2:DescribeRouteTables in {OWN}/eu-west-1, for vpc-2")), "{planned:#?}");
    assert!(has(&planned, "ec2:DescribeDhcpOptions in 444455556666/eu-west-1, for dopt-1"), "{planned:#?}");
    assert!(!planned.iter().any(|ask| ask.contains("vpc-3") || ask.contains("vpc-4")), "{planned:#?}");
}

#[test]
fn without_databricks_its_vpcs_are_searched_for() {
    let bounds = Bounds { databricks: None, ..bounds() };
    let planned = planned(&json!({ "format": FORMAT, "aws": {} }), &bounds);
    assert!(has(&planned, &format!("ec2:DescribeInstances in {OWN}/eu-west-1, for tag:Vendor=Databricks")));
    assert!(planned.iter().any(|ask| ask.starts_with("ec2:DescribeVpcEndpoints") && ask.contains("vpce-svc-")));
    let instance =
        json!({ "InstanceId": "i-1", "VpcId": "vpc-9", "Tags": [{ "Key": "Vendor", "Value": "Databricks" }] });
    let aws = json!({ OWN: { "eu-west-1": { "describe-instances": {
        "Reservations": [{ "OwnerId": OWN, "Instances": [instance] }], "PlauditAsked": [TAGGED] } } } });
    let next = self::planned(&json!({ "format": FORMAT, "aws": aws }), &bounds);
    assert!(has(&next, &format!("ec2:DescribeSubnets in {OWN}/eu-west-1, for vpc-9")), "{next:#?}");
}

#[test]
fn requested_places_are_always_asked() {
    let bounds = Bounds {
        accounts: BTreeSet::from(["777788889999".to_owned()]),
        regions: BTreeSet::from(["us-east-1".to_owned(), "us-west-2".to_owned()]),
        ..bounds()
    };
    let planned = planned(&evidence(json!({})), &bounds);
    for place in ["777788889999/us-east-1", "777788889999/us-west-2", "444455556666/us-west-2"] {
        assert!(has(&planned, &format!("ec2:DescribeVpcs in {place}, for {TAGGED}")), "{place}: {planned:#?}");
    }
}

#[test]
fn a_whole_estate_leaves_nothing_open_that_was_collected() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/isolated");
    let file = tempfile::NamedTempFile::new().unwrap();
    crate::sources::write(&[root], file.path()).unwrap();
    let text = crate::sources::text(file.path()).unwrap();
    let open = planned(&serde_json::from_str(&text).unwrap(), &bounds());
    // what the fixture does not hold: it is gathered with the command lines
    let known =
        ["ec2:DescribeVpcBlockPublicAccessExclusions", "route53:ListHostedZonesByVPC", "GET /clusters/list", "s3:"];
    let more: Vec<&String> = open.iter().filter(|ask| !known.iter().any(|call| ask.starts_with(call))).collect();
    assert!(more.is_empty(), "{more:#?}");
}

#[test]
fn the_outline_names_every_call_that_is_made() {
    let outline = outline().join("\n");
    for operation in O::ALL.iter().filter(|operation| operation.is_asked()) {
        for call in operation.actions() {
            assert!(outline.contains(call), "{call}");
        }
    }
}
