//! What a large estate costs: `cargo test --release --lib required::tests::cost -- --ignored --nocapture`.

use std::time::Instant;

use serde_json::json;

use super::{CLUSTER, NODES, RELAY, REST, empty, endpoint, group, put, put_account, register, subnet, vpc};
use crate::estate::Estate;
use crate::reach::World;
use crate::reach::flow::Verdict;

/// As many workspaces, each in a VPC of its own with the endpoints of the hardened architecture.
fn many(count: u32) -> Estate {
    let mut estate = empty();
    let e = &mut estate;
    put(&mut e.aws.prefix_lists, "pl-s3", json!("com.amazonaws.us-east-1.s3"));
    put(
        &mut e.aws.prefix_list_entries,
        "pl-s3",
        json!(["52.216.0.0/15", "3.5.0.0/19", "54.231.0.0/16", "16.182.0.0/16", "18.34.0.0/19"]),
    );
    put_account(&mut e.databricks.private_access_settings, "pas-1", json!({"private_access_settings_id": "pas-1"}));
    for at in 0..count {
        let own = |text: &str| format!("{text}-{at}");
        let base = format!("10.{}", at % 250);
        let (id, nodes, ends) = (own("vpc"), own("sg-nodes"), own("sg-ends"));
        vpc(e, &id, &format!("{base}.0.0/16"));
        let routes: Vec<String> = CLUSTER
            .iter()
            .map(|route| route.replace("nat-1", &own("nat")).replace("vpce-s3", &own("vpce-s3")))
            .collect();
        let routes: Vec<&str> = routes.iter().map(String::as_str).collect();
        for (name, third) in [("subnet-a", 1), ("subnet-b", 2)] {
            subnet(e, &id, &own(name), &format!("{base}.{third}.0/24"), &routes);
        }
        subnet(e, &id, &own("subnet-nat"), &format!("{base}.8.0/24"), &[&format!("0.0.0.0/0 {}", own("igw"))]);
        subnet(e, &id, &own("subnet-ends"), &format!("{base}.9.0/24"), &[]);
        put(
            &mut e.aws.internet_gateways,
            &own("igw"),
            json!({"InternetGatewayId": own("igw"), "Attachments": [{"VpcId": id}]}),
        );
        let public = format!("198.{}.{}.5", 18 + at / 250, at % 250);
        put(
            &mut e.aws.nat_gateways,
            &own("nat"),
            json!({"NatGatewayId": own("nat"), "VpcId": id, "SubnetId": own("subnet-nat"), "State": "available", "NatGatewayAddresses": [{"PrivateIp": format!("{base}.8.5"), "PublicIp": public}]}),
        );
        let policy = json!({"Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["arn:aws:s3:::root/*"], "Condition": {"StringEquals": {"aws:PrincipalAccount": "414351767826"}}},
            {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::databricks-prod-artifacts-us-east-1/*"], "Condition": {"StringEquals": {"aws:ResourceAccount": "414351767826"}}},
            {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::system-tables-prod-us-east-1-uc-metastore-bucket/*"]},
            {"Effect": "Allow", "Principal": "*", "Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::databricks-prod-storage-virginia/*"]},
        ]}).to_string();
        put(
            &mut e.aws.vpc_endpoints,
            &own("vpce-s3"),
            json!({"VpcEndpointId": own("vpce-s3"), "VpcEndpointType": "Gateway", "VpcId": id, "ServiceName": "com.amazonaws.us-east-1.s3", "State": "available", "PolicyDocument": policy}),
        );
        let permissions: Vec<String> = NODES.iter().map(|text| text.replace("sg-nodes", &nodes)).collect();
        group(e, &id, &nodes, &permissions.iter().map(String::as_str).collect::<Vec<_>>());
        let permissions: Vec<String> =
            ["443", "2443", "6666", "8443-8451"].iter().map(|ports| format!("in tcp {ports} {nodes}")).collect();
        group(e, &id, &ends, &permissions.iter().map(String::as_str).collect::<Vec<_>>());
        let services = [
            ("rest", REST),
            ("relay", RELAY),
            ("sts", "com.amazonaws.us-east-1.sts"),
            ("kin", "com.amazonaws.us-east-1.kinesis-streams"),
        ];
        for (number, (name, service)) in services.into_iter().enumerate() {
            let ips = [format!("{base}.9.{}", 10 + number * 2), format!("{base}.9.{}", 11 + number * 2)];
            endpoint(e, &id, &own(&format!("vpce-{name}")), service, &own("subnet-ends"), &ends, &[&ips[0], &ips[1]]);
        }
        for (name, service) in [("rest", REST), ("relay", RELAY)] {
            register(e, &own(&format!("reg-{name}")), &own(&format!("vpce-{name}")), service);
        }
        put_account(
            &mut e.databricks.networks,
            &own("net"),
            json!({
                "network_id": own("net"), "vpc_id": id, "subnet_ids": [own("subnet-a"), own("subnet-b")], "security_group_ids": [nodes],
                "vpc_endpoints": {"rest_api": [own("reg-rest")], "dataplane_relay": [own("reg-relay")]},
            }),
        );
        put_account(
            &mut e.databricks.storage_configurations,
            &own("store"),
            json!({"root_bucket_info": {"bucket_name": "root"}}),
        );
        put_account(
            &mut e.databricks.workspaces,
            &at.to_string(),
            json!({
                "workspace_id": at, "deployment_name": own("dbc"), "aws_region": "us-east-1", "network_id": own("net"),
                "private_access_settings_id": "pas-1", "storage_configuration_id": own("store"),
            }),
        );
        put_account(
            &mut e.databricks.workspace_settings,
            &format!("{at}/shield_csp_enablement_ws_db"),
            json!({"x": {"is_enabled": true}}),
        );
    }
    estate.seal();
    estate
}

#[test]
#[ignore = "a measurement"]
fn a_thousand_workspaces() {
    for count in [10, 100, 300, 1_000] {
        let start = Instant::now();
        let estate = many(count);
        let built = start.elapsed();
        eprintln!("{count} workspaces: built {built:?}");
        let start = Instant::now();
        let world = World::of(&estate);
        let index = start.elapsed();
        eprintln!("  index {index:?}");
        let start = Instant::now();
        let required = world.required();
        let paths = start.elapsed();
        let open = required.paths.iter().filter(|path| path.verdict == Verdict::Reachable).count();
        eprintln!("  {} paths ({open} reachable) {paths:?}", required.paths.len());
        let start = Instant::now();
        let mut doors = 0;
        for row in (0u32..).take(estate.databricks.networks.rows().len()) {
            doors += world.exposure(row).ingress_networks.list.len();
        }
        eprintln!("  exposures {:?} {doors}", start.elapsed());
        assert_eq!(open, required.paths.len());
    }
}
