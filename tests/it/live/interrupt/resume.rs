//! Going on where a file ended, and asking without asking: `--resume`, `--dry-run`,
//! `permissions --check`.

use std::collections::BTreeSet;

use super::super::fault::{Fault, Proxy, Rule};
use super::super::stage::{Ran, Stage};
use super::{came, gaps};

const DENIED: &[&str] = &["ec2:DescribeSubnets", "ec2:DescribeNatGateways"];
const SETTINGS: &str = "GET /accounts/{account}/private-access-settings";

/// A run in which these calls are denied.
fn denied(stage: &Stage, aws: &[Rule], databricks: &[&str]) -> Ran {
    stage.databricks.faults().deny.extend(databricks.iter().map(|call| (*call).to_owned()));
    let ran = stage.collect(&stage.proxy(aws.to_vec()), "denied.json", &[]);
    stage.databricks.faults().deny.clear();
    assert_eq!(ran.code, 3, "{}", ran.err);
    ran
}

fn deny(actions: &[&str]) -> Vec<Rule> {
    actions.iter().map(|action| Rule::on(action, Fault::Deny)).collect()
}

fn resume(stage: &Stage, proxy: &Proxy, name: &str) -> Ran {
    let file = stage.file(name).display().to_string();
    stage.collect(proxy, "resumed.json", &["--resume", &file])
}

/// The Databricks requests since the last call, without discovery and tokens.
fn of_databricks(stage: &Stage) -> BTreeSet<String> {
    let seen = stage.databricks.seen().into_iter().map(|seen| seen.name);
    seen.filter(|name| !name.contains("/oidc/") && !name.contains("/.well-known/")).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn only_what_was_denied_is_asked_again() {
    let stage = Stage::of(2, &[]);
    let calm = stage.proxy([]);
    assert_eq!(stage.collect(&calm, "calm.json", &[]).code, 0);
    denied(&stage, &deny(DENIED), &[SETTINGS]);
    of_databricks(&stage);

    let proxy = stage.proxy([]);
    let ran = resume(&stage, &proxy, "denied.json");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let asked: BTreeSet<String> = proxy.actions();
    assert_eq!(asked, set(&[&["sts:GetCallerIdentity", "sts:AssumeRole"], DENIED].concat()));
    assert_eq!(of_databricks(&stage), set(&[SETTINGS]));
    let (seen, all) = (proxy.seen().len(), calm.seen().len());
    assert!(seen * 10 < all, "{seen} requests of {all}");
    assert_eq!(gaps(&stage.evidence("resumed.json")), Vec::<&serde_json::Value>::new());
    assert!(came(&stage, "resumed.json") == came(&stage, "calm.json"), "the evidence differs");
}

#[test]
fn a_whole_file_leaves_nothing_to_ask_but_whose_the_credentials_are() {
    let stage = Stage::of(2, &[]);
    assert_eq!(stage.collect(&stage.proxy([]), "calm.json", &[]).code, 0);
    of_databricks(&stage);
    let proxy = stage.proxy([]);
    let ran = resume(&stage, &proxy, "calm.json");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!((proxy.actions(), of_databricks(&stage)), (set(&["sts:GetCallerIdentity"]), BTreeSet::new()));
    let [before, after] = ["calm.json", "resumed.json"].map(|name| std::fs::read(stage.file(name)).unwrap());
    assert!(before == after, "the evidence differs");
}

/// A run with these calls denied and one that goes on with it come to what one run comes to.
fn come_to_the_same(aws: &[Rule], databricks: &[&str], stage: &Stage) {
    let before = denied(stage, aws, databricks).err;
    let ran = resume(stage, &stage.proxy([]), "denied.json");
    let case = format!("{aws:?} {databricks:?}\n{before}\n{}", ran.err);
    assert_eq!(ran.code, 0, "{case}");
    let (now, whole) = (came(stage, "resumed.json"), came(stage, "calm.json"));
    let missing: Vec<&String> = whole.difference(&now).collect();
    let more: Vec<&String> = now.difference(&whole).collect();
    assert!(missing.is_empty() && more.is_empty(), "{case}\n{missing:#?}\n{more:#?}");
}

#[test]
fn what_follows_from_what_was_denied_is_asked_too() {
    let stage = Stage::of(2, &[]);
    assert_eq!(stage.collect(&stage.proxy([]), "calm.json", &[]).code, 0);
    for aws in [&["ec2:DescribeVpcs", "ec2:DescribeTransitGatewayVpcAttachments"][..], &["sts:AssumeRole"], &["ec2:*"]]
    {
        come_to_the_same(&deny(aws), &[], &stage);
    }
    for databricks in ["credentials", "customer-managed-keys", "networks", "vpc-endpoints"] {
        come_to_the_same(&[], &[&format!("GET /accounts/{{account}}/{databricks}")], &stage);
    }
    come_to_the_same(&[], &["GET /clusters/list", "GET /settings/types/{type}", "GET /workspace-conf"], &stage);
}

#[test]
fn a_bucket_that_was_looked_for_in_the_wrong_account_is_no_gap() {
    let stage = Stage::of(2, &[]);
    // without workspaces, nobody says whose the bucket of the second one is
    let closed = Rule::on("s3:*", Fault::Deny).in_account("111122223333");
    denied(&stage, std::slice::from_ref(&closed), &["GET /accounts/{account}/workspaces"]);
    let ran = resume(&stage, &stage.proxy([closed]), "denied.json");
    assert_eq!(ran.code, 3, "{}", ran.err);
    let evidence = stage.evidence("resumed.json");
    let buckets = gaps(&evidence).into_iter().map(|gap| gap["resource"].as_str().unwrap().to_owned());
    assert_eq!(buckets.collect::<BTreeSet<_>>(), set(&["ws-000-root-111122223333"]), "{}", ran.err);
}

#[test]
fn credentials_that_were_refused_and_are_not_any_more_are_no_gap() {
    let stage = Stage::of(1, &[]);
    assert_eq!(stage.collect(&stage.proxy([]), "calm.json", &[]).code, 0);
    come_to_the_same(&deny(&["sts:GetCallerIdentity"]), &[], &stage);
    come_to_the_same(&[], &["POST /oidc/v1/token"], &stage);
}

#[test]
fn a_dry_run_asks_nobody() {
    let stage = Stage::of(2, &[]);
    denied(&stage, &deny(DENIED), &[SETTINGS]);
    of_databricks(&stage);
    let proxy = stage.proxy([]);
    let outline = stage.plaudit(&proxy, &["collect", "--dry-run"]);
    assert_eq!(outline.code, 0, "{}", outline.err);
    for call in ["sts:GetCallerIdentity", "ec2:DescribeVpcs", "kms:GetKeyPolicy", SETTINGS] {
        assert!(outline.out.contains(call), "{call} is not in\n{}", outline.out);
    }
    let file = stage.file("denied.json").display().to_string();
    let open = stage.plaudit(&proxy, &["collect", "--dry-run", "--resume", &file, "--assume-role", "plaudit"]);
    assert_eq!(open.code, 0, "{}", open.err);
    let calls: BTreeSet<String> =
        open.out.lines().filter_map(|line| line.split_once(" in ")).map(|(call, _)| call.to_owned()).collect();
    assert_eq!(calls, set(&[DENIED, &[SETTINGS]].concat()), "{}", open.out);
    assert_eq!((proxy.seen(), stage.databricks.seen()), (Vec::new(), Vec::new()));
}

#[test]
fn a_check_names_what_is_denied_and_what_was_not_tried() {
    let stage = Stage::of(2, &[]);
    let check = ["permissions", "--check", "--assume-role", "plaudit"];
    let proxy = stage.proxy([Rule::on("ec2:DescribeNatGateways", Fault::Deny)]);
    let ran = stage.plaudit(&proxy, &check);
    assert_eq!((ran.code, ran.out.as_str()), (1, "permissions are missing\n"), "{}", ran.err);
    assert!(ran.err.contains("access denied: ec2:DescribeNatGateways in "), "{}", ran.err);
    assert_eq!(ran.err.matches("access denied").count(), 1, "{}", ran.err);

    stage.databricks.faults().deny.insert(SETTINGS.to_owned());
    let ran = stage.plaudit(&stage.proxy([]), &check);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains(&format!("access denied: {SETTINGS}")), "{}", ran.err);
    stage.databricks.faults().deny.clear();

    let proxy = stage.proxy([]);
    let ran = stage.plaudit(&proxy, &check);
    assert!(!ran.err.contains("denied"), "{}", ran.err);
    // there is no firewall in the estate
    assert_eq!(ran.code, 3, "{}", ran.err);
    let untried = ran.err.lines().find(|line| line.contains("not tried")).unwrap_or_else(|| panic!("{}", ran.err));
    assert!(untried.contains("network-firewall:DescribeFirewall"), "{untried}");
    let asked: Vec<String> = proxy.actions().into_iter().filter(|action| untried.contains(action.as_str())).collect();
    assert!(asked.is_empty(), "tried after all: {asked:?}");
    let seen = proxy.seen().into_iter().filter(|request| request.action == "ec2:DescribeSubnets");
    let places: BTreeSet<(Option<String>, String)> = seen.map(|request| (request.account, request.region)).collect();
    let accounts: BTreeSet<&Option<String>> = places.iter().map(|(account, _)| account).collect();
    assert_eq!((places.len(), accounts.len()), (2, 2), "once an account is enough: {places:?}");
}
