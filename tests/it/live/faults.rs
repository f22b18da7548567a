//! Bad days: what AWS refuses, breaks or delays becomes a gap with its call, its place and its
//! reason, and never an empty list; what passes by itself is asked again.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::fault::{Fault, Rule};
use super::stage::Stage;

/// The gaps of an evidence file: call, account, region and reason.
fn gaps(evidence: &Value) -> BTreeSet<[String; 4]> {
    let gap = |gap: &Value| {
        ["operation", "account", "region", "reason"].map(|part| gap[part].as_str().unwrap_or_default().to_owned())
    };
    evidence["gaps"].as_array().map(|gaps| gaps.iter().map(gap).collect()).unwrap_or_default()
}

/// What was collected, whatever happened on the way.
fn collected(stage: &Stage, name: &str) -> Value {
    let mut evidence = stage.evidence(name);
    let members = evidence.as_object_mut().unwrap();
    members.remove("collected_at");
    evidence
}

#[test]
fn what_passes_is_asked_again() {
    let stage = Stage::of(2, &[]);
    assert_eq!(stage.collect(&stage.proxy([]), "calm.json", &[]).code, 0);
    let calm = collected(&stage, "calm.json");
    for (name, fault) in [
        ("throttled", Fault::Throttle),
        ("failed", Fault::ServerError),
        ("cut", Fault::Truncate),
        ("torn", Fault::Reset),
    ] {
        let actions =
            ["ec2:DescribeSubnets", "kms:DescribeKey", "s3:GetBucketLocation", "iam:GetRole", "route53:GetHostedZone"];
        let proxy = stage.proxy(actions.map(|action| Rule::on(action, fault.clone()).times(1)));
        let ran = stage.collect(&proxy, "rough.json", &[]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        assert!(collected(&stage, "rough.json") == calm, "{name}: the evidence differs");
    }
    let proxy = stage.proxy([Rule::on("ec2:DescribeVpcs", Fault::Drip(Duration::from_millis(10)))]);
    assert_eq!(stage.collect(&proxy, "slow.json", &[]).code, 0);
    assert!(collected(&stage, "slow.json") == calm, "a slow answer is an answer");
}

#[test]
fn what_stays_broken_is_a_gap_with_its_reason() {
    let stage = Stage::of(2, &[]);
    for (fault, reasons) in [
        (Fault::Deny, &["access-denied"][..]),
        (Fault::Throttle, &["throttled"]),
        (Fault::ServerError, &["undecodable", "timed-out", "skipped"]),
        (Fault::Truncate, &["undecodable", "timed-out"]),
        (Fault::Hang, &["timed-out"]),
    ] {
        let proxy = stage.proxy([Rule::on("ec2:DescribeSubnets", fault.clone()).in_region("eu-west-1")]);
        let ran = stage.collect(&proxy, "e.json", &["--call-timeout", "1"]);
        assert_eq!(ran.code, 3, "{fault:?}: {}", ran.err);
        let gaps = gaps(&stage.evidence("e.json"));
        let subnets: Vec<&[String; 4]> = gaps.iter().filter(|gap| gap[0] == "ec2:DescribeSubnets").collect();
        assert!(!subnets.is_empty(), "{fault:?}: {gaps:?}");
        for [_, _, region, reason] in subnets {
            assert_eq!(region, "eu-west-1", "{fault:?}");
            assert!(reasons.contains(&reason.as_str()), "{fault:?}: {reason}");
        }
        assert!(gaps.iter().all(|gap| gap[2] != "us-east-1"), "{fault:?} spread: {gaps:?}");
        assert!(ran.err.contains("ec2:DescribeSubnets"), "{fault:?}: {}", ran.err);
    }
}

#[test]
fn a_list_that_breaks_off_is_no_whole_list() {
    let stage = Stage::of(2, &[]);
    let rules = [Rule::on("ec2:DescribeSubnets", Fault::Deny).after(1), Rule::on("ec2:*", Fault::Pages(1))];
    let ran = stage.collect(&stage.proxy(rules), "e.json", &[]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(
        gaps(&stage.evidence("e.json")).iter().any(|gap| gap[0] == "ec2:DescribeSubnets" && gap[3] == "access-denied")
    );
}

#[test]
fn every_second_call_denied_is_listed_and_nothing_leans_on_it() {
    let stage = Stage::of(2, &[]);
    let calm = stage.proxy([]);
    assert_eq!(stage.collect(&calm, "calm.json", &[]).code, 0);
    let denied: Vec<String> =
        calm.actions().into_iter().filter(|action| action.starts_with("ec2:")).step_by(2).collect();
    assert!(denied.len() > 10, "{denied:?}");
    let proxy = stage.proxy(denied.iter().map(|action| Rule::on(action, Fault::Deny)));
    let ran = stage.collect(&proxy, "denied.json", &[]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let gaps = gaps(&stage.evidence("denied.json"));
    let asked = proxy.actions();
    for action in denied.iter().filter(|action| asked.contains(*action)) {
        assert!(gaps.iter().any(|gap| gap[0] == *action && gap[3] == "access-denied"), "{action} left no gap");
        assert!(ran.err.contains(action.as_str()), "{action} is not in the summary:\n{}", ran.err);
    }
    let verdicts = |name: &str| {
        let file = stage.file(name).display().to_string();
        let args = ["audit", &file, "-f", "json", "--all-results", "--profile", "isolated"];
        let report: Value = serde_json::from_str(&stage.plaudit(&proxy, &args).out).unwrap();
        let findings = report["findings"].as_array().unwrap().clone();
        findings.into_iter().map(|f| (f["fingerprint"].to_string(), f)).collect::<std::collections::BTreeMap<_, _>>()
    };
    let before = verdicts("calm.json");
    let improved: Vec<Value> = verdicts("denied.json")
        .into_iter()
        .filter(|(id, finding)| {
            let earlier = before.get(id).map(|finding| &finding["verdict"]);
            finding["verdict"] == "pass" && earlier.is_some_and(|verdict| verdict != "pass")
        })
        .map(|(_, finding)| finding)
        .collect();
    assert!(improved.is_empty(), "{improved:#?}");
}

#[test]
fn one_account_that_refuses_does_not_touch_the_other() {
    let stage = Stage::of(2, &[]);
    let proxy = stage.proxy([Rule::on("*", Fault::Deny).in_account("444455556666")]);
    let ran = stage.collect(&proxy, "e.json", &[]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let gaps = gaps(&stage.evidence("e.json"));
    assert!(!gaps.is_empty());
    let elsewhere: Vec<&[String; 4]> = gaps.iter().filter(|gap| gap[1] != "444455556666").collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

#[test]
fn a_role_that_cannot_be_assumed_is_why_its_account_is_missing() {
    let stage = Stage::of(2, &[]);
    let ran = stage.collect(&stage.proxy([Rule::on("sts:AssumeRole", Fault::Deny)]), "e.json", &[]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let evidence = stage.evidence("e.json");
    let gaps = evidence["gaps"].as_array().unwrap();
    assert!(gaps.len() > 10, "{gaps:?}");
    for gap in gaps {
        assert_eq!((&gap["account"], &gap["reason"]), (&json!("444455556666"), &json!("access-denied")), "{gap}");
        assert!(gap["detail"].as_str().is_some_and(|detail| detail.contains("sts:AssumeRole")), "{gap}");
    }
    assert!(ran.err.contains("sts:AssumeRole"), "{}", ran.err);
}

#[test]
fn credentials_that_expire_on_the_way_leave_gaps_and_what_was_collected() {
    let stage = Stage::of(2, &[]);
    let ran = stage.collect(&stage.proxy([Rule::on("*", Fault::Expired).after(12)]), "e.json", &[]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let evidence = stage.evidence("e.json");
    assert!(evidence["aws"].as_object().is_some_and(|accounts| !accounts.is_empty()), "nothing is left");
    assert!(!gaps(&evidence).is_empty());
}
