//! AWS resources in the vendor's own shape: field names on the wire are those of
//! `aws … --output json`. Only fields that a rule or a path reads are kept; unknown fields are
//! ignored, because AWS adds some every month.

mod compute;
mod dns;
mod endpoint;
mod filter;
mod firewall;
mod gateway;
mod guard;
mod network;
mod route;
mod transit;

pub use compute::{
    Address, Attachment, Instance, InstanceInterface, Interface, Ipv6Address, PrivateAddress, PublicAssociation,
};
pub use dns::{
    AliasTarget, HostedZone, RecordSet, RecordValue, ResolverEndpoint, ResolverRule, ResolverRuleAssociation,
    ResolverTarget, ZoneVpc, host_name,
};
pub use endpoint::{DnsEntry, DnsOptions, EndpointService, EndpointServiceType, VpcEndpoint};
pub use filter::{
    AclAssociation, AclEntry, GroupPair, GroupRule, IcmpTypeCode, IpPermission, IpRange, Ipv6Range, NetworkAcl,
    PortBounds, PrefixListRef, ReferencedGroup, SecurityGroup,
};
pub use firewall::{
    Firewall, FirewallAttachment, FirewallConfiguration, FirewallDetails, FirewallPolicy, FirewallStatus,
    FirewallSyncState, RuleGroupReference, StatefulEngineOptions, SubnetMapping,
};
pub use gateway::{
    BlockPublicAccess, BlockPublicAccessExclusion, EgressOnlyGateway, GatewayAttachment, InternetGateway, NatAddress,
    NatGateway, Peering, PeeringBlock, PeeringOptions, PeeringSide, PeeringStatus, VpnGateway,
};
pub use guard::{BucketEncryption, FlowLog, Grant, KmsKey, PublicAccessBlock, Role};
pub use network::{CidrAssociation, DhcpConfiguration, DhcpOptions, DhcpValue, Subnet, Vpc};
pub use route::{Association, Route, RouteTable, RouteTarget};
pub use transit::{
    TransitAssociation, TransitAttachment, TransitGateway, TransitGatewayOptions, TransitRoute, TransitRouteAttachment,
    TransitRouteTable, TransitVpcAttachment, TransitVpcOptions,
};

use serde::{Deserialize, Serialize};

/// A tag. Values that look like secrets are dropped by the sources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Tag {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

/// The value of a tag.
pub fn tag<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
}

/// The account of an ARN, if it names one.
pub fn arn_account(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

/// The region of an ARN, if it names one.
pub fn arn_region(arn: &str) -> Option<&str> {
    arn.split(':').nth(3).filter(|region| !region.is_empty())
}

/// The region of an availability zone name (`eu-west-1a` → `eu-west-1`), local zones included.
pub fn zone_region(zone: &str) -> Option<&str> {
    let mut end = 0;
    for part in zone.split_inclusive('-') {
        if part.starts_with(|c: char| c.is_ascii_digit()) {
            let digits = part.chars().take_while(char::is_ascii_digit).count();
            return zone.get(..end + digits);
        }
        end += part.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{arn_account, arn_region, zone_region};

    #[test]
    fn a_zone_names_its_region() {
        assert_eq!(zone_region("eu-west-1a"), Some("eu-west-1"));
        assert_eq!(zone_region("us-gov-west-1b"), Some("us-gov-west-1"));
        assert_eq!(zone_region("us-west-2-lax-1a"), Some("us-west-2"));
        assert_eq!(zone_region("nonsense"), None);
    }

    #[test]
    fn an_arn_names_account_and_region() {
        let arn = "arn:aws:kms:eu-west-1:111122223333:key/1";
        assert_eq!(arn_account(arn), Some("111122223333"));
        assert_eq!(arn_region(arn), Some("eu-west-1"));
        assert_eq!(arn_region("arn:aws:iam::111122223333:role/x"), None);
        assert_eq!(arn_account("not an arn"), None);
    }
}
