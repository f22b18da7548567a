//! Whom a statement names.

use serde_json::{Value, json};

use super::super::{Decision, Missing, Principal, Request};
use super::{OURS, ROLE, policy, role};

const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/cross-account/i-1";

fn decide(element: &str, value: &Value, effect: &str, principal: Principal) -> Decision {
    let mut statement = json!({ "Effect": effect, "Action": "*", "Resource": "*" });
    statement[element] = value.clone();
    policy(json!([statement])).decide(&Request::new(principal, "s3:GetObject", "*"), Missing::Absent)
}

fn named(value: &Value, principal: Principal) -> bool {
    decide("Principal", value, "Allow", principal) == Decision::Allowed
}

fn aws(arn: &str) -> Principal {
    Principal::Aws(arn.to_owned())
}

#[test]
fn an_account_is_its_root_and_everyone_in_it() {
    for spelling in ["123456789012", "arn:aws:iam::123456789012:root"] {
        let value = json!({ "AWS": spelling });
        assert!(named(&value, role()));
        assert!(named(&value, aws(SESSION)));
        assert!(named(&value, aws("arn:aws:iam::123456789012:root")));
        assert!(named(&value, Principal::Account(OURS.to_owned())));
        assert!(!named(&value, aws("arn:aws:iam::999999999999:role/x")));
        assert!(!named(&value, Principal::Account("999999999999".to_owned())));
        assert!(!named(&value, Principal::Anyone));
    }
}

#[test]
fn partitions_are_kept_apart() {
    let gov = json!({ "AWS": "arn:aws-us-gov:iam::123456789012:root" });
    assert!(named(&gov, aws("arn:aws-us-gov:iam::123456789012:role/x")));
    assert!(!named(&gov, role()));
    assert!(named(&gov, Principal::Account(OURS.to_owned())));
    let gov_session = aws("arn:aws-us-gov:sts::123456789012:assumed-role/cross-account/i-1");
    assert!(!named(&json!({ "AWS": ROLE }), gov_session));
    let any = json!({ "AWS": [OURS] });
    assert!(named(&any, aws("arn:aws-cn:iam::123456789012:role/x")));
}

#[test]
fn a_role_is_its_sessions_but_not_its_account() {
    let value = json!({ "AWS": ROLE });
    assert!(named(&value, role()));
    assert!(named(&value, aws(SESSION)), "whatever the role's path");
    assert!(!named(&value, aws("arn:aws:sts::123456789012:assumed-role/other/i-1")));
    assert!(!named(&value, aws("arn:aws:sts::999999999999:assumed-role/cross-account/i-1")));
    assert!(!named(&value, Principal::Account(OURS.to_owned())));
    assert!(!named(&json!({ "AWS": SESSION }), role()), "one session is not the role");
    assert!(!named(&json!({ "AWS": "AROAEXAMPLEEXAMPLE" }), role()), "a deleted role");
}

#[test]
fn everyone_and_services() {
    for value in [json!("*"), json!({ "AWS": "*" }), json!({ "Service": "x", "AWS": ["*"] })] {
        assert!(named(&value, Principal::Anyone) && named(&value, role()));
    }
    let service = json!({ "Service": ["ec2.amazonaws.com", "s3.amazonaws.com"] });
    assert!(named(&service, Principal::Service("s3.amazonaws.com".to_owned())));
    assert!(!named(&service, Principal::Service("kms.amazonaws.com".to_owned())));
    assert!(!named(&service, Principal::Anyone) && !named(&service, role()));
    assert!(!named(&json!({ "Federated": "accounts.google.com" }), role()));
}

#[test]
fn what_cannot_be_told_is_uncertain() {
    for value in [json!({ "CanonicalUser": "79a5" }), json!({ "Martian": "x" })] {
        assert!(matches!(decide("Principal", &value, "Allow", role()), Decision::Uncertain(_)));
        assert!(matches!(decide("NotPrincipal", &value, "Deny", role()), Decision::Uncertain(_)));
    }
    assert!(!named(&json!({ "CanonicalUser": "79a5" }), Principal::Anyone));
}

#[test]
fn not_principal_exempts_those_listed_at_every_level() {
    let deny = |value: Value, principal| decide("NotPrincipal", &value, "Deny", principal);
    let root = "arn:aws:iam::123456789012:root";
    let all = json!({ "AWS": [SESSION, ROLE, root] });
    assert_eq!(deny(all.clone(), aws(SESSION)), Decision::NotAllowed);
    assert_eq!(deny(all.clone(), role()), Decision::NotAllowed);
    assert_eq!(deny(all.clone(), aws(root)), Decision::NotAllowed);
    assert_eq!(deny(all.clone(), Principal::Anyone), Decision::Denied);
    assert_eq!(deny(all, aws("arn:aws:iam::999999999999:role/x")), Decision::Denied);
    assert!(matches!(deny(json!({ "AWS": ROLE }), role()), Decision::Uncertain(_)));
    assert!(matches!(deny(json!({ "AWS": root }), role()), Decision::Uncertain(_)));
    assert_eq!(deny(json!("*"), role()), Decision::NotAllowed);

    let allow = |principal| decide("NotPrincipal", &json!({ "AWS": OURS }), "Allow", principal);
    assert_eq!(allow(Principal::Account(OURS.to_owned())), Decision::NotAllowed);
    assert_eq!(allow(Principal::Anyone), Decision::Allowed);
}

#[test]
fn by_name_an_account_gives_nothing_to_those_in_it() {
    let allow = |principal: Value| json!({ "Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*" });
    let request = Request::new(role(), "kms:Decrypt", "*");
    let decide = |statements: Value| policy(statements).by_name().decide(&request, Missing::Absent);
    assert_eq!(decide(json!([allow(json!({ "AWS": OURS }))])), Decision::NotAllowed);
    assert_eq!(decide(json!([allow(json!({ "AWS": [OURS, ROLE] }))])), Decision::Allowed);
    assert_eq!(decide(json!([allow(json!("*"))])), Decision::Allowed);
    let deny = json!({ "Effect": "Deny", "Principal": { "AWS": OURS }, "Action": "*", "Resource": "*" });
    assert_eq!(decide(json!([allow(json!("*")), deny])), Decision::Denied);
}
