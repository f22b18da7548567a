//! `plaudit collect` and `plaudit audit --live` against moto and the Databricks server: what went
//! in comes out, and nothing else.

use std::collections::BTreeSet;
use std::fs;

use plaudit::sources;
use serde_json::Value;

use super::databricks::server::{CLIENT_SECRET, TOKEN};
use super::fault::{Fault, Rule};
use super::stage::{Ran, Stage};
use crate::sources::rows;

/// Rows of an estate that hold one of these texts.
fn about<'a>(rows: &'a BTreeSet<String>, names: &'a [String]) -> impl Iterator<Item = &'a String> {
    rows.iter().filter(|row| names.iter().any(|name| row.contains(name.as_str())))
}

fn texts<'a>(values: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
    values.into_iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Ids that lead to everything which must be collected: VPCs, keys, buckets, roles.
fn scope(estate: &Value) -> Vec<String> {
    let workspaces = estate["workspaces"].as_object().unwrap().values();
    let hubs = estate["hubs"].as_object().unwrap().values();
    let mut names = Vec::new();
    for made in workspaces {
        names.extend(texts([&made["vpc"], &made["bucket"], &made["role"], &made["neighbour"]]));
        names.extend(texts(made["keys"].as_object().unwrap().values()));
        names.extend(texts([&made["prefix_list"], &made["transit_gateway"]]));
    }
    names.extend(hubs.flat_map(|hub| texts([&hub["vpc"], &hub["zone"], &hub["transit_table"], &hub["service"]])));
    names
}

/// Rules that failed, with the id of their subject.
fn failed(ran: &Ran) -> BTreeSet<(String, String)> {
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let failures = findings.filter(|finding| finding["verdict"] == "fail");
    failures
        .map(|f| (f["rule"].as_str().unwrap().to_owned(), f["subject"]["id"].as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn what_went_in_comes_out_and_what_is_planted_is_found() {
    let stage = Stage::of(4, &["--faults", "--answers"]);
    let proxy = stage.proxy([]);
    let ran = stage.collect(&proxy, "e.json", &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);

    // field by field, as far as the estate has fields; what boto3 read loses its secrets, too
    let came = rows(&sources::read(&[stage.file("e.json")]).unwrap());
    sources::write(&[stage.answers()], &stage.file("went.json")).unwrap();
    let went = rows(&sources::read(&[stage.file("went.json")]).unwrap());
    // the collector leaves out texts without content
    let went: BTreeSet<String> =
        went.iter().map(|row| row.replace("description: Some(\"\")", "description: None")).collect();
    let mut scope = scope(&stage.estate);
    scope.push(stage.estate["databricks"]["account_id"].as_str().unwrap().to_owned());
    // zones are asked by VPC, which says less of each; NS and SOA records are left out; a workspace is
    // asked for more keys than it has set; and no rule reads the setting
    let apart = ["ListHostedZones ", "ListResourceRecordSets ", "GetWorkspaceConf "];
    let elsewhere =
        |row: &str| apart.iter().any(|call| row.starts_with(call)) || row.contains("/shield_csp_enablement_ac ");
    let missing: Vec<&String> = about(&went, &scope).filter(|row| !came.contains(*row) && !elsewhere(row)).collect();
    assert!(missing.is_empty(), "went in and did not come out:\n{missing:#?}");
    for hub in stage.estate["hubs"].as_object().unwrap().values() {
        let records = format!("ListResourceRecordSets {} ", hub["zone"].as_str().unwrap());
        let net = if hub["region"] == "eu-west-1" { "10.8.0.10" } else { "10.9.0.10" };
        assert!(came.iter().any(|row| row.starts_with(&records) && row.contains(net)), "{records}");
    }
    for made in stage.estate["workspaces"].as_object().unwrap().values() {
        let conf = format!("GetWorkspaceConf {} ", made["workspace_id"]);
        let lifetime = "\"maxTokenLifetimeDays\": Some(\"90\")";
        assert!(came.iter().any(|row| row.starts_with(&conf) && row.contains(lifetime)), "{conf}");
    }

    // nothing of what Databricks does not lead to, and no secret
    let bytes = fs::read_to_string(stage.file("e.json")).unwrap();
    for stranger in texts(stage.estate["strangers"].as_array().unwrap()) {
        assert!(!bytes.contains(&stranger), "{stranger} is none of Databricks' affair");
    }
    let credentials = stage.estate["credentials"].as_object().unwrap();
    let planted = stage.estate["secrets"].as_object().unwrap();
    for secret in
        texts(credentials.values().chain(planted.values())).iter().map(String::as_str).chain([CLIENT_SECRET, TOKEN])
    {
        assert!(!bytes.contains(secret), "{secret} is in the evidence");
        assert!(!ran.err.contains(secret), "{secret} is in the log");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(stage.file("e.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    // rule ids by hand, from the pages of the rules
    let file = stage.file("e.json").display().to_string();
    let audit = ["-f", "json", "--profile", "isolated"];
    let audited = stage.plaudit(&proxy, &[&["audit", file.as_str()], &audit[..]].concat());
    let failures = failed(&audited);
    for (rule, planted) in [
        ("SGR001", "nodes-open-to-internet"),
        ("PLB004", "relay-endpoint-closed"),
        ("KMS004", "rotation-off"),
        ("S3B001", "public-access-not-blocked"),
        ("PAS001", "public-access-on"),
    ] {
        let subject = stage.estate["planted"][planted].as_str().unwrap().to_owned();
        let of_rule: Vec<&(String, String)> = failures.iter().filter(|(failed, _)| failed == rule).collect();
        assert_eq!(of_rule, [&(rule.to_owned(), subject)], "{planted}");
    }
    let live = ["audit", "--live", "--assume-role", "plaudit"];
    let live = stage.plaudit(&proxy, &[&live[..], &audit[..]].concat());
    assert_eq!((live.code, failed(&live)), (audited.code, failures), "{}", live.err);
}

#[test]
fn every_action_is_in_the_policy_and_the_policy_in_use() {
    let stage = Stage::of(4, &[]);
    let proxy = stage.proxy([]);
    let ran = stage.collect(&proxy, "e.json", &["--whole-account"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let mut allowed = BTreeSet::new();
    for args in [&["permissions"][..], &["permissions", "--hub"]] {
        let policy: Value = serde_json::from_str(&stage.plaudit(&proxy, args).out).unwrap();
        let statements = policy["Statement"].as_array().unwrap().iter();
        allowed.extend(statements.flat_map(|statement| texts(statement["Action"].as_array().unwrap())));
    }
    // everybody may
    allowed.insert("sts:GetCallerIdentity".to_owned());
    let asked = proxy.actions();
    let strange: Vec<&String> = asked.difference(&allowed).collect();
    assert!(strange.is_empty(), "asked, and not in the policy: {strange:?}");
    let idle: Vec<&str> = allowed.difference(&asked).map(String::as_str).collect();
    let only_elsewhere = [
        // no firewall
        "network-firewall:DescribeFirewall",
        "network-firewall:DescribeFirewallPolicy",
        // --organization, --all-regions, and zones by VPC where the whole account is not asked for
        "organizations:ListAccounts",
        "ec2:DescribeRegions",
        "route53:ListHostedZonesByVPC",
    ];
    let unused: Vec<&&str> = idle.iter().filter(|action| !only_elsewhere.contains(action)).collect();
    assert!(unused.is_empty(), "in the policy, and never asked: {unused:?}");
}

#[test]
fn calls_grow_with_workspaces_and_nothing_else() {
    let counts: Vec<usize> = [4, 8, 12]
        .into_iter()
        .map(|workspaces| {
            let stage = Stage::of(workspaces, &[]);
            let proxy = stage.proxy([]);
            let ran = stage.collect(&proxy, "e.json", &[]);
            assert_eq!(ran.code, 0, "{}", ran.err);
            proxy.seen().len()
        })
        .collect();
    assert!(counts[2] - counts[1] <= counts[1] - counts[0] + 2, "{counts:?}");
}

#[test]
fn pages_change_nothing() {
    let stage = Stage::of(4, &[]);
    let whole = stage.collect(&stage.proxy([]), "whole.json", &[]);
    let proxy = stage.proxy([Rule::on("ec2:*", Fault::Pages(1))]);
    let paged = stage.collect(&proxy, "paged.json", &[]);
    assert_eq!((whole.code, paged.code), (0, 0), "{}", paged.err);
    let tree = |name: &str| {
        let mut evidence = stage.evidence(name);
        evidence.as_object_mut().unwrap().remove("collected_at");
        evidence
    };
    assert!(tree("whole.json") == tree("paged.json"), "the evidence differs when lists come in pages");
    assert!(proxy.seen().iter().any(|request| request.form.contains_key("NextToken")));
}
