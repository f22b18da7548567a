//! Users and their endpoint.

use serde_json::json;

use super::{REST, edit, endpoint, estate, group, paths, put, register, subnet, tell, vpc};
use crate::estate::Estate;

/// A transit VPC with a front-end endpoint that admits this block.
fn front(admitted: &str) -> Estate {
    let mut e = estate();
    vpc(&mut e, "vpc-2", "10.2.0.0/16");
    subnet(&mut e, "vpc-2", "subnet-users", "10.2.1.0/24", &["10.100.0.0/16 vgw-1"]);
    subnet(&mut e, "vpc-2", "subnet-doors", "10.2.2.0/24", &["10.100.0.0/16 vgw-1"]);
    group(&mut e, "vpc-2", "sg-front", &[&format!("in tcp 443 {admitted}")]);
    endpoint(&mut e, "vpc-2", "vpce-front", REST, "subnet-doors", "sg-front", &["10.2.2.10", "10.2.2.11"]);
    register(&mut e, "reg-front", "vpce-front", REST);
    e
}

#[test]
fn users_of_the_transit_vpc_come_in() {
    assert_eq!(tell(&front("10.2.1.0/24"), "front-end"), "reachable endpoint");
}

#[test]
fn users_on_premises_come_in() {
    let mut e = front("10.100.0.0/16");
    put(
        &mut e.aws.vpn_gateways,
        "vgw-1",
        json!({"VpnGatewayId": "vgw-1", "State": "available", "VpcAttachments": [{"VpcId": "vpc-2", "State": "attached"}]}),
    );
    assert_eq!(tell(&e, "front-end"), "reachable endpoint");
    // no route leads the replies back
    subnet(&mut e, "vpc-2", "subnet-doors", "10.2.2.0/24", &[]);
    assert!(tell(&e, "front-end").starts_with("unreachable "));
}

#[test]
fn an_endpoint_that_admits_nobody_who_is_there_is_closed() {
    let e = front("192.168.7.0/24");
    let told = tell(&e, "front-end");
    assert_eq!(told, "unreachable  | ENI_SG_RULES_MISMATCH sg-front | from subnet-doors");
    // as long as nobody asked what the VPC is joined to, users may be there
    let mut e = front("192.168.7.0/24");
    e.aws.vpn_gateways = crate::estate::Table::new(crate::estate::Operation::DescribeVpnGateways);
    assert_eq!(tell(&e, "front-end"), "unknown  | ec2:DescribeVpnGateways");
}

#[test]
fn settings_decide_which_endpoints_are_front_ends() {
    let mut e = front("10.2.1.0/24");
    edit(&mut e.databricks.private_access_settings, "pas-1", |settings| {
        settings.private_access_level = Some("ENDPOINT".to_owned());
    });
    assert!(!paths(&e).iter().any(|path| path.name == "front-end"));
    edit(&mut e.databricks.private_access_settings, "pas-1", |settings| {
        settings.allowed_vpc_endpoint_ids = vec!["reg-front".to_owned()];
    });
    assert_eq!(tell(&e, "front-end"), "reachable endpoint");
    // without settings a workspace takes no PrivateLink
    edit(&mut e.databricks.workspaces, "1", |ws| ws.private_access_settings_id = None);
    assert!(!paths(&e).iter().any(|path| path.name == "front-end"));
}

#[test]
fn an_endpoint_that_nobody_collected_is_not_known() {
    let mut e = front("10.2.1.0/24");
    edit(&mut e.databricks.registrations, "reg-front", |registration| {
        registration.aws_vpc_endpoint_id = Some("vpce-gone".to_owned());
    });
    assert_eq!(tell(&e, "front-end"), "unknown  | ec2:DescribeVpcEndpoints");
}
