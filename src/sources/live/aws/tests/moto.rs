//! The same against moto, which plays AWS over the wire; passed over where `moto_server` is not
//! installed.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws_sdk_route53::types as r;

use super::super::wire::{REGION, Wire, estate};
use super::{About, here, one};
use crate::estate::{Operation, key};

/// A server that ends with the test.
struct Moto(Child);

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn moto() -> Option<(Moto, Wire)> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new("moto_server");
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
    let moto = Moto(command.spawn().ok()?);
    for _ in 0..600 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Some((moto, Wire::of(&format!("http://127.0.0.1:{port}"))));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("moto_server does not answer");
}

const TRUST: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;
const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;

#[tokio::test]
async fn what_moto_holds_is_read() {
    let Some((_moto, wire)) = moto().await else { return };
    let post = wire.post();
    let key = post.kms().create_key().send().await.unwrap().key_metadata.unwrap().key_id;
    post.kms().enable_key_rotation().key_id(&key).send().await.unwrap();
    post.s3()
        .create_bucket()
        .bucket("root")
        .create_bucket_configuration(
            aws_sdk_s3::types::CreateBucketConfiguration::builder().location_constraint(REGION.into()).build(),
        )
        .send()
        .await
        .unwrap();
    post.s3().put_bucket_policy().bucket("root").policy(ALLOW).send().await.unwrap();
    let iam = post.iam();
    iam.create_role().role_name("r").assume_role_policy_document(TRUST).send().await.unwrap();
    iam.create_role().role_name("bare").assume_role_policy_document(TRUST).send().await.unwrap();
    iam.put_role_policy().role_name("r").policy_name("in").policy_document(ALLOW).send().await.unwrap();
    let policy = iam.create_policy().policy_name("out").policy_document(ALLOW).send().await.unwrap().policy.unwrap();
    iam.attach_role_policy().role_name("r").policy_arn(policy.arn.unwrap()).send().await.unwrap();
    let vpc = post.ec2().create_vpc().cidr_block("10.0.0.0/16").send().await.unwrap().vpc.unwrap().vpc_id.unwrap();
    let zone = zone(&wire, &vpc).await;

    let mut replies = Vec::new();
    for operation in
        [Operation::DescribeKey, Operation::GetKeyPolicy, Operation::GetKeyRotationStatus, Operation::ListGrants]
    {
        replies.push(wire.ask(operation, one(&key)).await);
    }
    for operation in [Operation::GetBucketPolicy, Operation::GetBucketLocation] {
        replies.push(wire.ask(operation, one("root")).await);
    }
    for role in ["r", "bare"] {
        replies.push(wire.ask(Operation::GetRole, one(role)).await);
        replies.push(wire.ask(Operation::GetRolePolicies, one(role)).await);
    }
    replies.push(wire.ask(Operation::ListHostedZonesByVpc, one(&vpc)).await);
    replies.push(wire.ask(Operation::ListResourceRecordSets, one(&zone)).await);
    replies.push(wire.ask(Operation::ListResolverEndpoints, About::All).await);
    replies.push(wire.ask(Operation::ListResolverRules, About::All).await);
    let within = About::Within([vpc.clone()].into());
    replies.push(wire.ask(Operation::ListResolverRuleAssociations, within.clone()).await);
    replies.push(wire.ask(Operation::ListFirewalls, within).await);
    let read = estate(&replies);
    let id = key::row_id(Some(REGION), &key);
    assert_eq!(read.aws.keys.body(&id, &here()).unwrap().key_state.as_deref(), Some("Enabled"));
    assert_eq!(read.aws.key_rotations.body(&id, &here()), Ok(&true));
    assert!(read.aws.key_policies.body(&id, &here()).is_ok());
    assert_eq!(read.aws.bucket_regions.body("root", &here()).unwrap(), REGION);
    assert!(read.aws.bucket_policies.body("root", &here()).unwrap().is_some());
    assert_eq!(read.aws.role_policies.body("r", &here()).unwrap().len(), 2);
    assert_eq!(read.aws.role_policies.body("bare", &here()).unwrap().len(), 0);
    assert!(read.aws.roles.body("r", &here()).is_ok());
    assert!(read.aws.hosted_zones.complete_of(&vpc, &here()).is_ok());
    assert_eq!(read.graph.zones_of_vpc[&vpc].len(), 1);
    let records = read.aws.records.body(&zone, &here()).unwrap();
    assert!(records.iter().any(|set| set.host() == "a.example.com" && set.kind == "A"));
    assert!(read.aws.resolver_rule_associations.complete_of(&vpc, &here()).is_ok());
    assert!(read.aws.firewalls.complete_of(&vpc, &here()).is_ok());

    let (_, none) = wire.ask(Operation::GetPublicAccessBlock, one("root")).await;
    assert_eq!(none.refusals[0].code, "NoSuchPublicAccessBlockConfiguration");
    let (_, gone) = wire.ask(Operation::GetRole, one("nobody")).await;
    assert_eq!(gone.refusals[0].code, "NoSuchEntity");
}

/// A private zone of a VPC with one address.
async fn zone(wire: &Wire, vpc: &str) -> String {
    let route53 = wire.post().route53();
    let seen_by = r::Vpc::builder().vpc_id(vpc).vpc_region(REGION.into()).build();
    let created = route53.create_hosted_zone().name("example.com").caller_reference("x").vpc(seen_by);
    let config = r::HostedZoneConfig::builder().private_zone(true).build();
    let zone = created.hosted_zone_config(config).send().await.unwrap().hosted_zone.unwrap().id;
    let zone = zone.trim_start_matches("/hostedzone/").to_owned();
    let address = r::ResourceRecord::builder().value("10.0.0.1").build().unwrap();
    let set = r::ResourceRecordSet::builder().name("a.example.com").r#type(r::RrType::A).ttl(60);
    let set = set.resource_records(address).build().unwrap();
    let change = r::Change::builder().action(r::ChangeAction::Create).resource_record_set(set).build().unwrap();
    let batch = r::ChangeBatch::builder().changes(change).build().unwrap();
    route53.change_resource_record_sets().hosted_zone_id(&zone).change_batch(batch).send().await.unwrap();
    zone
}
