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
    /// Who else tells them.
    pub(super) near: Near,
}

/// What tells the place of a resource when it says only a part of it itself, the first that
/// knows before the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Near {
    /// The VPC, the transit gateway or its route table that it lies in: their place is its own.
    pub(super) within: Option<String>,
    /// The account of what a transit gateway serves.
    pub(super) owner: Option<String>,
    /// A VPC or a transit gateway in the same region, perhaps of another account.
    pub(super) beside: Option<String>,
}

impl Near {
    /// Nothing but what it lies in.
    pub(super) fn within(id: &str) -> Self {
        Self { within: Some(id.to_owned()), ..Self::default() }
    }
}

/// The hints of a resource; none when it is not an object.
pub(super) fn hints(text: &str) -> Hints {
    let mut hints = Hints::default();
    let Ok(members) = json::members(text) else { return hints };
    let (mut service, mut vpc, mut gateway, mut served, mut owner) = (None, None, None, None, None);
    for (key, value) in &members {
        let text = || serde_json::from_str::<String>(value.get()).ok();
        match key.as_str() {
            "OwnerId" | "GroupOwnerId" | "AWSAccountId" | "AwsAccountId" | "VpcOwnerId" | "TransitGatewayOwnerId" => {
                hints.merge(text().filter(|account| is_account(account)), None);
            }
            "AvailabilityZone" => hints.merge(None, text().as_deref().and_then(zone_region).map(str::to_owned)),
            "NetworkBorderGroup" | "AwsRegion" => hints.merge(None, text().filter(|region| is_region(region))),
            "Arn" | "SubnetArn" | "SecurityGroupArn" | "TransitGatewayArn" | "PrefixListArn" | "FirewallArn"
            | "ResourceArn" => {
                let arn = text().unwrap_or_default();
                let account = arn_account(&arn).filter(|account| is_account(account));
                hints.merge(account.map(str::to_owned), arn_region(&arn).map(str::to_owned));
            }
            "VpcId" | "VPCId" | "HostVPCId" => vpc = vpc.or_else(text),
            "TransitGatewayId" => gateway = text(),
            "ResourceId" => served = text().filter(|id| id.starts_with("vpc-")),
            "ResourceOwnerId" => owner = text().filter(|account| is_account(account)),
            "Attachments" | "VpcAttachments" => {
                let first = json::items(value.get()).ok().and_then(|items| items.first().copied());
                vpc = vpc.or_else(|| self::hints(first?.get()).near.within);
            }
            "Placement" => hints.merge(None, self::hints(value.get()).place.region),
            "ServiceName" => service = text(),
            _ => {}
        }
    }
    if vpc.is_none() && gateway.is_none() && served.is_none() {
        // com.amazonaws.vpce.<region>.vpce-svc-…
        let region = service.as_deref().and_then(|name| name.split('.').nth(3));
        hints.merge(None, region.filter(|region| is_region(region)).map(str::to_owned));
    }
    // What is attached to a transit gateway lies in the gateway's region; the attachment is the
    // gateway's, but for the row that describes the VPC's side of it.
    hints.near = match (vpc, gateway, served) {
        (Some(vpc), gateway, _) => Near { within: Some(vpc), owner: None, beside: gateway },
        (None, Some(gateway), served) => Near { within: Some(gateway), owner, beside: served },
        (None, None, served) => Near { within: served, owner: None, beside: None },
    };
    hints
}

impl Hints {
    fn merge(&mut self, account: Option<String>, region: Option<String>) {
        self.place = std::mem::take(&mut self.place).or(&Place { account, region });
    }
}

#[cfg(test)]
mod tests {
    use super::{Near, hints, is_region, is_uuid, of_folders};
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
        assert_eq!((subnet.place, subnet.near), (Place::new("111122223333", "eu-west-1"), Near::within("vpc-1")));
        assert_eq!(hints("{\"Attachments\":[{\"VpcId\":\"vpc-2\"}]}").near, Near::within("vpc-2"));
        assert_eq!(hints("{\"VpcAttachments\":[{\"VpcId\":\"vpc-2\"}]}").near, Near::within("vpc-2"));
        let list = hints("{\"PrefixListArn\":\"arn:aws:ec2:eu-west-1:aws:prefix-list/pl-1\",\"OwnerId\":\"AWS\"}");
        assert_eq!(list.place, Place { account: None, region: Some("eu-west-1".to_owned()) });
        assert_eq!(hints("[1]"), hints("{}"));
        let exclusion = hints("{\"ResourceArn\":\"arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-1\"}");
        assert_eq!(exclusion.place, Place::new("111122223333", "eu-west-1"));
    }

    #[test]
    fn an_attachment_lies_at_its_transit_gateway() {
        let attachment = "\"TransitGatewayId\":\"tgw-1\",\"ResourceOwnerId\":\"444455556666\"";
        let own =
            hints(&format!("{{{attachment},\"ResourceId\":\"vpc-1\",\"TransitGatewayOwnerId\":\"111122223333\"}}"));
        assert_eq!(own.place.account.as_deref(), Some("111122223333"), "not the account of the VPC");
        let (owner, beside) = (Some("444455556666".to_owned()), Some("vpc-1".to_owned()));
        assert_eq!(own.near, Near { owner: owner.clone(), beside, ..Near::within("tgw-1") });
        // the other side of a peering lies in another region
        let peering = hints(&format!("{{{attachment},\"ResourceId\":\"tgw-2\"}}"));
        assert_eq!(peering.near, Near { owner, ..Near::within("tgw-1") });
        let of_vpc = hints("{\"TransitGatewayId\":\"tgw-1\",\"VpcId\":\"vpc-1\",\"VpcOwnerId\":\"444455556666\"}");
        assert_eq!(of_vpc.near, Near { beside: Some("tgw-1".to_owned()), ..Near::within("vpc-1") });
    }
}
