//! Which account and region an answer speaks for: from the folders above it, else from what
//! its resources say of themselves. It never assumes: a part that nobody names stays unknown.

use super::json;
use crate::estate::aws::{arn_account, arn_region, zone_region};
use crate::estate::{Operation, Place};

/// `aws` and `databricks`, the trunk of the layout.
pub(super) const AWS: &str = "aws";
/// See [`AWS`].
pub(super) const DATABRICKS: &str = "databricks";

/// Whether a folder name is an AWS account number.
pub(super) fn is_account(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a folder name is an AWS region, or `global`.
pub(super) fn is_region(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let [first, middle @ .., last] = parts.as_slice() else { return name == "global" };
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    letters(first)
        && first.len() <= 4
        && !middle.is_empty()
        && middle.iter().all(|part| letters(part))
        && (1..=2).contains(&last.len())
        && last.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a folder name is a Databricks account id.
pub(super) fn is_uuid(name: &str) -> bool {
    let lengths = name.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && name.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// Whether a folder name is a Databricks workspace id.
pub(super) fn is_workspace(name: &str) -> bool {
    (1..=19).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a name is one of the trunk: the folders that every layout shares.
pub(super) fn is_trunk(name: &str) -> bool {
    name == AWS || name == DATABRICKS || is_account(name) || is_region(name) || is_uuid(name)
}

/// The account and region that the folders name, for an answer to `operation`.
pub(super) fn of_folders(folders: &[String], operation: Operation) -> Place {
    let last = |is: fn(&str) -> bool| folders.iter().rev().find(|name| is(name)).cloned();
    let region = last(is_region).filter(|region| operation.is_global() || region != "global");
    Place { account: last(is_account), region }
}

/// Whether nothing is missing for an answer to `operation`.
pub(super) fn is_whole(place: &Place, operation: Operation) -> bool {
    place.account.is_some() && (operation.is_global() || place.region.is_some())
}

/// What a resource says of its place, in the members that AWS uses for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hints {
    /// Account and region.
    pub(super) place: Place,
    /// Its VPC, whose place is its own.
    pub(super) vpc: Option<String>,
}

/// The hints of a resource; none when it is not an object.
pub(super) fn hints(text: &str) -> Hints {
    let mut hints = Hints::default();
    let Ok(members) = json::members(text) else { return hints };
    let mut service = None;
    for (key, value) in &members {
        let text = || serde_json::from_str::<String>(value.get()).ok();
        match key.as_str() {
            "OwnerId" | "GroupOwnerId" | "AWSAccountId" | "AwsAccountId" | "VpcOwnerId" => {
                hints.merge(text().filter(|account| is_account(account)), None);
            }
            "AvailabilityZone" => hints.merge(None, text().as_deref().and_then(zone_region).map(str::to_owned)),
            "NetworkBorderGroup" | "AwsRegion" => hints.merge(None, text().filter(|region| is_region(region))),
            "Arn" | "SubnetArn" | "SecurityGroupArn" | "TransitGatewayArn" | "PrefixListArn" | "FirewallArn" => {
                let arn = text().unwrap_or_default();
                let account = arn_account(&arn).filter(|account| is_account(account));
                hints.merge(account.map(str::to_owned), arn_region(&arn).map(str::to_owned));
            }
            "VpcId" | "VPCId" | "HostVPCId" => hints.vpc = hints.vpc.take().or_else(text),
            "ResourceId" => hints.vpc = hints.vpc.take().or_else(|| text().filter(|id| id.starts_with("vpc-"))),
            "Attachments" => {
                let first = json::items(value.get()).ok().and_then(|items| items.first().copied());
                hints.vpc = hints.vpc.take().or_else(|| self::hints(first?.get()).vpc);
            }
            "Placement" => hints.merge(None, self::hints(value.get()).place.region),
            "ServiceName" => service = text(),
            _ => {}
        }
    }
    if hints.vpc.is_none() {
        // com.amazonaws.vpce.<region>.vpce-svc-…
        let region = service.as_deref().and_then(|name| name.split('.').nth(3));
        hints.merge(None, region.filter(|region| is_region(region)).map(str::to_owned));
    }
    hints
}

impl Hints {
    fn merge(&mut self, account: Option<String>, region: Option<String>) {
        self.place = std::mem::take(&mut self.place).or(&Place { account, region });
    }
}

#[cfg(test)]
mod tests {
    use super::{hints, is_region, is_uuid, of_folders};
    use crate::estate::{Operation, Place};

    #[test]
    fn folders_are_known_by_their_names() {
        assert!(is_region("us-gov-west-1") && is_region("eusc-de-east-1") && is_region("global"));
        assert!(!is_region("describe-vpcs") && !is_region("a-1") && !is_region("route53"));
        assert!(is_uuid("00000000-0000-0000-0000-00000000000a") && !is_uuid("00000000"));
    }

    #[test]
    fn the_nearest_folder_counts_and_global_is_no_region_of_a_regional_call() {
        let folders: Vec<String> = ["111122223333", "x", "global"].map(str::to_owned).to_vec();
        assert_eq!(of_folders(&folders, Operation::ListHostedZones), Place::new("111122223333", "global"));
        assert_eq!(of_folders(&folders, Operation::DescribeVpcs).region, None);
    }

    #[test]
    fn resources_tell_their_place() {
        let subnet = hints("{\"OwnerId\":\"111122223333\",\"VpcId\":\"vpc-1\",\"AvailabilityZone\":\"eu-west-1a\"}");
        assert_eq!((subnet.place, subnet.vpc.as_deref()), (Place::new("111122223333", "eu-west-1"), Some("vpc-1")));
        assert_eq!(hints("{\"Attachments\":[{\"VpcId\":\"vpc-2\"}]}").vpc.as_deref(), Some("vpc-2"));
        let list = hints("{\"PrefixListArn\":\"arn:aws:ec2:eu-west-1:aws:prefix-list/pl-1\",\"OwnerId\":\"AWS\"}");
        assert_eq!(list.place, Place { account: None, region: Some("eu-west-1".to_owned()) });
        assert_eq!(hints("[1]"), hints("{}"));
    }
}
