//! The calls by what they are made for, as long as nobody was asked: `collect --dry-run`.

use super::{BY_ID, BY_REGION, BY_VPC, OF_ACCOUNT, OF_BUCKET, OF_KEY, OF_WORKSPACE};
use crate::estate::Operation as O;

/// The calls by what they are made for, as long as nobody was asked: for people.
pub fn outline() -> Vec<String> {
    let of_vpc = [O::DescribeVpcDnsSupport, O::DescribeVpcDnsHostnames, O::ListHostedZonesByVpc];
    let groups: [(&str, &[&[O]]); 16] = [
        ("once", &[&[O::GetCallerIdentity, O::GetToken]]),
        ("with --organization, --all-regions, --assume-role", &[&[O::ListAccounts, O::DescribeRegions, O::AssumeRole]]),
        ("for the Databricks account", &[OF_ACCOUNT, &[O::GetAccountSetting]]),
        ("for each workspace", &[OF_WORKSPACE, &[O::GetWorkspaceSetting]]),
        ("for each AWS account and region, by VPC", &[&[O::DescribeVpcs], BY_VPC]),
        ("for each AWS account and region with a VPC of Databricks", &[BY_REGION]),
        ("for each AWS account and region, by what the answers name", &[BY_ID]),
        ("for each VPC", &[&of_vpc]),
        ("for each prefix list", &[&[O::GetManagedPrefixListEntries]]),
        ("for each transit gateway route table", &[&[O::SearchTransitGatewayRoutes]]),
        ("for each private hosted zone", &[&[O::ListResourceRecordSets]]),
        ("with --whole-account, for each AWS account", &[&[O::ListHostedZones, O::GetHostedZone]]),
        ("for each firewall", &[&[O::DescribeFirewall, O::DescribeFirewallPolicy]]),
        ("for each endpoint service that serverless compute uses", &[&[O::DescribeVpcEndpointServicePermissions]]),
        ("for each key and each root bucket of Databricks", &[OF_KEY, OF_BUCKET]),
        ("for each cross-account role of Databricks", &[&[O::GetRole, O::GetRolePolicies]]),
    ];
    let mut lines = Vec::new();
    for (what, operations) in groups {
        lines.push(format!("{what}:"));
        for operation in operations.iter().copied().flatten() {
            let calls = operation.actions();
            let calls = if calls.is_empty() { vec![operation.name()] } else { calls };
            lines.extend(calls.iter().map(|call| format!("  {call}")));
        }
    }
    lines.dedup();
    lines
}
