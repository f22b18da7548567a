//! Wide runs: every account of an organization, every region that an account has switched on.
//! None of them is left out in silence.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::super::fault::{Fault, Rule};
use super::super::python::python;
use super::super::stage::Stage;
use super::gaps;

/// Makes an organization of the caller's account, two accounts that are open and one that is
/// closed, and says which.
const ORGANIZATION: &str = "import json, os, boto3\n\
    client = boto3.client('organizations', region_name='us-east-1')\n\
    client.create_organization(FeatureSet='ALL')\n\
    made = lambda name: client.create_account(AccountName=name, Email=name + '@example.com')['CreateAccountStatus']['AccountId']\n\
    out = {'open': [made('one'), made('two')], 'closed': made('three')}\n\
    client.close_account(AccountId=out['closed'])\n\
    regions = boto3.client('ec2', region_name='us-east-1').describe_regions()['Regions']\n\
    out['regions'] = [region['RegionName'] for region in regions]\n\
    print(json.dumps(out))";

fn organization(stage: &Stage) -> Value {
    let keys = stage.estate["credentials"].as_object().unwrap();
    let keys = keys.iter().map(|(name, value)| (name, value.as_str().unwrap()));
    let proxy = stage.proxy([]);
    let mut command = Command::new(python());
    command.args(["-c", ORGANIZATION]).envs(keys).env("AWS_ENDPOINT_URL", proxy.endpoint());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn texts(values: &Value) -> BTreeSet<String> {
    values.as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// Account and region of every answer and every gap.
fn places(evidence: &Value) -> BTreeSet<(String, String)> {
    let mut places = BTreeSet::new();
    for (account, regions) in evidence["aws"].as_object().unwrap() {
        places.extend(regions.as_object().unwrap().keys().map(|region| (account.clone(), region.clone())));
    }
    for gap in gaps(evidence) {
        let part = |name: &str| gap[name].as_str().unwrap_or_default().to_owned();
        places.insert((part("account"), part("region")));
    }
    places
}

#[test]
fn every_account_of_the_organization_is_asked_or_a_gap() {
    let stage = Stage::of(2, &[]);
    let made = organization(&stage);
    let open = texts(&made["open"]);
    let closed = made["closed"].as_str().unwrap();
    let lost = open.first().unwrap();
    let proxy = stage.proxy([Rule::on("*", Fault::Deny).in_account(lost)]);
    let ran = stage.collect(&proxy, "e.json", &["--organization"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let evidence = stage.evidence("e.json");
    let there = places(&evidence);
    for account in open.iter().map(String::as_str).chain(["111122223333", "444455556666"]) {
        // both workspaces are there
        let place = (account.to_owned(), "eu-west-1".to_owned());
        assert!(there.contains(&place), "{place:?}: {there:?}");
    }
    assert!(there.iter().all(|(account, _)| account != closed), "{closed} is closed");
    assert!(gaps(&evidence).iter().all(|gap| gap["account"] == lost.as_str()), "{:?}", gaps(&evidence));
    assert!(evidence["aws"].get(lost).is_none(), "{lost} refuses everything");
}

#[test]
fn every_region_of_every_account_is_asked_or_a_gap() {
    let stage = Stage::of(1, &[]);
    let regions = texts(&organization(&stage)["regions"]);
    assert!(regions.len() > 10, "{regions:?}");
    let proxy = stage.proxy([Rule::on("*", Fault::Deny).in_region("ap-south-1")]);
    let ran = stage.collect(&proxy, "e.json", &["--all-regions", "--accounts", "444455556666"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let evidence = stage.evidence("e.json");
    let there = places(&evidence);
    for account in ["111122223333", "444455556666"] {
        for region in &regions {
            assert!(there.contains(&(account.to_owned(), region.clone())), "{account}/{region}: {there:?}");
        }
    }
    assert!(gaps(&evidence).iter().all(|gap| gap["region"] == "ap-south-1"), "{:?}", gaps(&evidence));
}

/// The calls of all gaps.
fn missing(evidence: &Value) -> BTreeSet<&str> {
    gaps(evidence).into_iter().map(|gap| gap["operation"].as_str().unwrap()).collect()
}

#[test]
fn accounts_and_regions_that_may_not_be_listed_are_gaps() {
    let stage = Stage::of(1, &[]);
    organization(&stage);
    let calls = ["organizations:ListAccounts", "ec2:DescribeRegions"];
    let proxy = stage.proxy(calls.map(|action| Rule::on(action, Fault::Deny)));
    let ran = stage.collect(&proxy, "e.json", &["--organization", "--all-regions"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert_eq!(missing(&stage.evidence("e.json")), calls.into());
    assert!(calls.iter().all(|call| ran.err.contains(&format!("access denied: {call}"))), "{}", ran.err);
}

#[test]
fn accounts_and_regions_that_may_be_listed_after_all_are_no_gaps() {
    let stage = Stage::of(1, &[]);
    let made = organization(&stage);
    let file = stage.file("e.json").display().to_string();
    for (call, flag) in [("organizations:ListAccounts", "--organization"), ("ec2:DescribeRegions", "--all-regions")] {
        let ran = stage.collect(&stage.proxy([Rule::on(call, Fault::Deny)]), "e.json", &[flag]);
        assert_eq!(ran.code, 3, "{}", ran.err);
        let ran = stage.collect(&stage.proxy([]), "rest.json", &[flag, "--resume", &file]);
        let evidence = stage.evidence("rest.json");
        let there = places(&evidence);
        let wanted: Vec<(String, String)> = match flag {
            "--organization" => texts(&made["open"]).into_iter().map(|id| (id, "eu-west-1".to_owned())).collect(),
            _ => texts(&made["regions"]).into_iter().map(|region| ("111122223333".to_owned(), region)).collect(),
        };
        assert!(wanted.iter().all(|place| there.contains(place)), "{there:?}");
        assert_eq!((ran.code, missing(&evidence)), (0, BTreeSet::new()), "{}", ran.err);
    }
}
