//! AWS answers about one resource that the path names: attributes, entries, routes, policies.
//! The row is keyed by that resource; an answer that is broken, denied or one page of
//! several leaves a gap for it and no row.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::answer::{Answer, Attribution, Content};
use super::assembly::{Assembly, Pick, Seen};
use super::aws::Switch;
use super::guard::{EncryptionRules, policy, region};
use super::json::{self, Members};
use super::list::{self, PAGE};
use super::place::{Hints, Near};
use crate::estate::aws as a;
use crate::estate::{Evidence, Operation, Reason};

/// What an answer about one resource says.
pub(super) enum Said<'x, 'a> {
    /// These members.
    Members(&'x Members<'a>),
    /// The service answered that there is none.
    None,
}

impl<'a> Assembly<'a> {
    /// The members of an answer about `id`; notes why when there are none.
    pub(super) fn said<'x>(&mut self, answer: &'x Answer<'a>, at: &Attribution, id: &str) -> Option<Said<'x, 'a>> {
        match &answer.content {
            Ok(Content::Object(members)) if list::is_page(members) => {
                let detail = format!("{}: {PAGE}", self.cite(answer.document, answer.text));
                self.unreadable(at, Some(id), Reason::Skipped, detail);
                None
            }
            Ok(Content::Object(members)) => Some(Said::Members(members)),
            Ok(Content::Failure(failure)) => self.failed(answer, at, Some(id), failure).then_some(Said::None),
            Ok(Content::List | Content::Null) => {
                let detail = self.broken(answer, "expected an object");
                self.unreadable(at, Some(id), Reason::Undecodable, detail);
                None
            }
            Err(broken) => {
                let detail = self.broken(answer, &broken.detail);
                self.unreadable(at, Some(id), broken.reason, detail);
                None
            }
        }
    }

    /// Adds the row of `id`, read from a slice of the answer, or notes why it cannot be read.
    pub(super) fn own<T>(
        &mut self,
        at: &Attribution,
        table: Pick<T>,
        id: &str,
        seen: Seen<'a>,
        body: Result<T, String>,
    ) {
        match body {
            Ok(_) if id.is_empty() || id.ends_with('/') => {
                let detail = format!("{}: nothing names its resource", self.cite(seen.document, seen.text));
                self.unreadable(at, None, Reason::Undecodable, detail);
            }
            Ok(body) => {
                let hints = Hints { place: at.place.clone(), near: seen.near.clone() };
                self.add(table, id, hints, seen, Evidence::Known(body));
            }
            Err(detail) => self.unreadable(at, Some(id), Reason::Undecodable, detail),
        }
    }

    /// The member `key` of an answer, decoded by `read`.
    pub(super) fn member<T>(
        &mut self,
        answer: &Answer<'a>,
        at: &Attribution,
        table: Pick<T>,
        id: &str,
        key: &str,
        read: impl FnOnce(&'a RawValue) -> Result<T, Trouble<'a>>,
    ) {
        let Some(Said::Members(members)) = self.said(answer, at, id) else { return };
        let Some(value) = json::member(members, key) else { return self.wrong_shape(answer, at, key) };
        let body = read(value).map_err(|trouble| self.tell(answer.document, &trouble));
        let routes = at.operation == Operation::SearchTransitGatewayRoutes;
        let near = if routes { Near::within(id) } else { Near::default() };
        self.own(at, table, id, Seen { document: answer.document, text: value.get(), near }, body);
    }

    pub(super) fn tell(&self, document: u32, trouble: &Trouble<'_>) -> String {
        match trouble {
            Trouble::Json(text, error) => self.explain(document, text, error),
            Trouble::Other(text, problem) => format!("{}: {problem}", self.cite(document, text)),
        }
    }

    /// Reads an answer whose path names its resource.
    pub(super) fn aws_owned(&mut self, answer: &Answer<'a>, at: &Attribution) {
        let id = at.owner.clone().unwrap_or_default();
        match at.operation {
            Operation::DescribeVpcDnsSupport => {
                self.attribute(answer, at, |e| &mut e.aws.dns_support, &id, "EnableDnsSupport")
            }
            Operation::DescribeVpcDnsHostnames => {
                self.attribute(answer, at, |e| &mut e.aws.dns_hostnames, &id, "EnableDnsHostnames")
            }
            Operation::SearchTransitGatewayRoutes => {
                self.member(answer, at, |e| &mut e.aws.transit_routes, &id, "Routes", every)
            }
            Operation::GetManagedPrefixListEntries => {
                let read =
                    |value| every::<Block>(value).map(|blocks| blocks.into_iter().map(|block| block.cidr).collect());
                self.member(answer, at, |e| &mut e.aws.prefix_list_entries, &id, "Entries", read);
            }
            Operation::DescribeVpcEndpointServicePermissions => {
                let read = |value| {
                    every::<Allowed>(value).map(|all| all.into_iter().map(|allowed| allowed.principal).collect())
                };
                self.member(answer, at, |e| &mut e.aws.endpoint_service_permissions, &id, "AllowedPrincipals", read);
            }
            Operation::DescribeFirewall => self.firewall(answer, at),
            Operation::DescribeFirewallPolicy => self.firewall_policy(answer, at),
            Operation::DescribeKey => self.key(answer, at),
            Operation::GetKeyPolicy => self.about_key(answer, at, |e| &mut e.aws.key_policies, "Policy", policy),
            Operation::GetKeyRotationStatus => {
                self.about_key(answer, at, |e| &mut e.aws.key_rotations, "KeyRotationEnabled", plain);
            }
            Operation::ListGrants => self.about_key(answer, at, |e| &mut e.aws.key_grants, "Grants", every),
            Operation::GetBucketPolicy => {
                self.about_bucket(
                    answer,
                    at,
                    |e| &mut e.aws.bucket_policies,
                    "Policy",
                    |value| policy(value).map(Some),
                );
            }
            Operation::GetBucketEncryption => self.about_bucket(
                answer,
                at,
                |e| &mut e.aws.bucket_encryptions,
                "ServerSideEncryptionConfiguration",
                |value| one::<EncryptionRules>(value).map(EncryptionRules::first),
            ),
            Operation::GetPublicAccessBlock => {
                let read = |value| one::<a::PublicAccessBlock>(value).map(Some);
                self.about_bucket(
                    answer,
                    at,
                    |e| &mut e.aws.public_access_blocks,
                    "PublicAccessBlockConfiguration",
                    read,
                );
            }
            Operation::GetBucketLocation => {
                let read = |value| plain::<Option<String>>(value).map(|name| region(name.as_deref()));
                self.member(answer, at, |e| &mut e.aws.bucket_regions, &id, "LocationConstraint", read);
            }
            Operation::GetHostedZone => self.zone(answer, at),
            Operation::ListResourceRecordSets => {
                let id = super::zone::zone_id(&id);
                self.member(answer, at, |e| &mut e.aws.records, &id, "ResourceRecordSets", every);
            }
            Operation::GetRole => self.role(answer, at),
            Operation::GetRolePolicies => self.role_policy(answer, at),
            _ => {}
        }
    }

    fn attribute(&mut self, answer: &Answer<'a>, at: &Attribution, table: Pick<bool>, id: &str, key: &str) {
        let Some(Said::Members(members)) = self.said(answer, at, id) else { return };
        let Some(value) = json::member(members, key) else { return self.wrong_shape(answer, at, key) };
        let id = json::text_of(members, "VpcId").unwrap_or_else(|| id.to_owned());
        let body =
            one::<Switch>(value).map(|switch| switch.value).map_err(|trouble| self.tell(answer.document, &trouble));
        let seen = Seen { document: answer.document, text: value.get(), near: Near::within(&id) };
        self.own(at, table, &id, seen, body);
    }
}

/// Why a slice of a document cannot be read.
pub(super) enum Trouble<'a> {
    /// serde's reason.
    Json(&'a str, serde_json::Error),
    /// Another.
    Other(&'a str, String),
}

/// An object.
pub(super) fn one<T: DeserializeOwned>(value: &RawValue) -> Result<T, Trouble<'_>> {
    json::decode(value.get()).map_err(|error| Trouble::Json(value.get(), error))
}

/// A plain value.
pub(super) fn plain<T: DeserializeOwned>(value: &RawValue) -> Result<T, Trouble<'_>> {
    serde_json::from_str(value.get()).map_err(|error| Trouble::Json(value.get(), error))
}

/// Every item of a list: one that cannot be read spoils it.
pub(super) fn every<T: DeserializeOwned>(value: &RawValue) -> Result<Vec<T>, Trouble<'_>> {
    let items = json::items(value.get()).map_err(|error| Trouble::Json(value.get(), error))?;
    items.into_iter().map(one).collect()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Block {
    cidr: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Allowed {
    principal: String,
}
