//! Roles with everything that they may do.

use serde_json::json;

use super::super::wire::{Wire, estate, good};
use super::{here, one};
use crate::estate::{Operation, Reason};

/// An answer as IAM writes it.
fn xml(action: &str, inside: &str) -> String {
    format!("<{action}Response xmlns=\"x\"><{action}Result>{inside}</{action}Result></{action}Response>")
}

const DOCUMENT: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";

/// A role with these inline policies and attached ones, of which each call is refused for `denied`.
async fn role(inline: &'static [&'static str], attached: &'static [&'static str], denied: &'static str) -> Wire {
    Wire::start(move |got, _| {
        if got.line == denied {
            let error = "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>";
            return (403, "", format!("<ErrorResponse>{error}</ErrorResponse>"));
        }
        good(match got.line.as_str() {
            "GetRole" => xml(
                "GetRole",
                &format!(
                    "<Role><Path>/</Path><RoleName>r</RoleName><RoleId>x</RoleId><Arn>arn:aws:iam::111122223333:role/r</Arn>\
                     <CreateDate>2024-01-01T00:00:00Z</CreateDate><AssumeRolePolicyDocument>{DOCUMENT}</AssumeRolePolicyDocument></Role>"
                ),
            ),
            "ListRolePolicies" => {
                // one name a page
                let at = got.query.split("Marker=").nth(1).map_or(0, |at| at[..1].parse::<usize>().unwrap());
                let name = inline.get(at).map(|name| format!("<member>{name}</member>")).unwrap_or_default();
                let more = if at + 1 < inline.len() {
                    format!("<IsTruncated>true</IsTruncated><Marker>{}</Marker>", at + 1)
                } else {
                    "<IsTruncated>false</IsTruncated>".to_owned()
                };
                xml("ListRolePolicies", &format!("<PolicyNames>{name}</PolicyNames>{more}"))
            }
            "ListAttachedRolePolicies" => {
                let member = |arn: &&str| {
                    let name = arn.rsplit('/').next().unwrap();
                    format!("<member><PolicyName>{name}</PolicyName><PolicyArn>{arn}</PolicyArn></member>")
                };
                let all: String = attached.iter().map(member).collect();
                xml("ListAttachedRolePolicies", &format!("<AttachedPolicies>{all}</AttachedPolicies>"))
            }
            "GetRolePolicy" => xml(
                "GetRolePolicy",
                &format!("<RoleName>r</RoleName><PolicyName>p</PolicyName><PolicyDocument>{DOCUMENT}</PolicyDocument>"),
            ),
            "GetPolicy" => xml("GetPolicy", "<Policy><DefaultVersionId>v7</DefaultVersionId></Policy>"),
            _ => {
                assert!(got.query.contains("VersionId=v7"), "{}", got.query);
                xml("GetPolicyVersion", &format!("<PolicyVersion><Document>{DOCUMENT}</Document></PolicyVersion>"))
            }
        })
    })
    .await
}

const MANAGED: &str = "arn:aws:iam::aws:policy/both";

#[tokio::test]
async fn inline_and_attached_policies_are_one_list() {
    let wire = role(&["a", "b", "both"], &["arn:aws:iam::111122223333:policy/c", MANAGED], "").await;
    let read =
        estate(&[wire.ask(Operation::GetRole, one("r")).await, wire.ask(Operation::GetRolePolicies, one("r")).await]);
    assert_eq!(read.aws.role_policies.body("r", &here()).unwrap().len(), 5);
    assert_eq!(read.aws.roles.body("r", &here()).unwrap().arn, "arn:aws:iam::111122223333:role/r");
    let (_, reply) = wire.ask(Operation::GetRolePolicies, one("r")).await;
    let names: Vec<_> = reply.answers.iter().filter_map(|(name, _)| name.as_deref()).collect();
    assert_eq!(names, ["a", MANAGED, "b", "both", "c"], "two policies of one name are two");
    assert_eq!(reply.answers[0].1["PolicyDocument"]["Statement"][0]["Action"], json!("s3:*"));
}

#[tokio::test]
async fn a_role_without_policies_says_so() {
    let wire = role(&[], &[], "").await;
    let read = wire.one(Operation::GetRolePolicies, "r").await;
    assert!(read.aws.role_policies.body("r", &here()).unwrap().is_empty());
    // and what contradicts it is believed no more
    let other = role(&["a"], &[], "").await;
    let none = wire.ask(Operation::GetRolePolicies, one("r")).await;
    let some = other.ask(Operation::GetRolePolicies, one("r")).await;
    for both in [[none.clone(), some.clone()], [some, none]] {
        let read = estate(&both);
        assert_eq!(read.aws.role_policies.body("r", &here()).unwrap_err().reason, Reason::Disagreement);
    }
}

#[tokio::test]
async fn one_policy_that_cannot_be_read_leaves_none() {
    for (denied, call) in [
        ("ListRolePolicies", Some("iam:ListRolePolicies")),
        ("GetRolePolicy", None),
        ("ListAttachedRolePolicies", Some("iam:ListAttachedRolePolicies")),
        ("GetPolicy", Some("iam:GetPolicy")),
        ("GetPolicyVersion", Some("iam:GetPolicyVersion")),
    ] {
        let wire = role(&["a"], &[MANAGED], denied).await;
        let (_, reply) = wire.ask(Operation::GetRolePolicies, one("r")).await;
        assert_eq!(reply.answers, [], "{denied}");
        assert_eq!((reply.refusals[0].reason, reply.refusals[0].call), (Reason::AccessDenied, call), "{denied}");
    }
}
