//! Whole estates: what is planted is found, and nothing else. The expectations are tables in
//! the README of each fixture, written from the facts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use cel::Env;
use plaudit::commands::catalogue;
use plaudit::engine::{Rule, run};
use plaudit::finding::{Finding, Profile, Verdict};
use plaudit::sources;
use serde_json::{Value, json};

/// The folder of a fixture.
pub(crate) fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// Every verdict of some rules on a fixture.
pub(crate) fn judge(env: &Arc<Env>, rules: &[&Rule], fixture: &str, profile: Profile) -> Vec<Finding> {
    let estate = Arc::new(sources::read(&[folder(fixture)]).unwrap());
    run(env, rules, &estate, &profile)
}

/// Every verdict of the pack on a fixture.
fn verdicts(fixture: &str, profile: Profile) -> Vec<Finding> {
    let pack = catalogue(&[]).unwrap();
    let rules: Vec<&Rule> = pack.rules.iter().collect();
    judge(&pack.env, &rules, fixture, profile)
}

pub(crate) fn shown(finding: &Finding) -> String {
    let gaps: Vec<String> = finding.gaps.iter().map(ToString::to_string).collect();
    format!("{} {} {}: {} {}", finding.verdict, finding.rule, finding.subject.id, finding.message, gaps.join("; "))
}

/// The cells of the rows of a Markdown table, head and rule left out.
fn table(fixture: &str) -> Vec<Vec<String>> {
    let page = fs::read_to_string(folder(fixture).join("README.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let cells = rows.map(|row| {
        row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect::<Vec<_>>()
    });
    cells.filter(|cells| !cells[0].starts_with("---") && !cells[0].starts_with(":--")).skip(1).collect()
}

#[test]
fn clean_estates_give_no_finding_and_no_unknown() {
    for (fixture, profile) in [("isolated", Profile::Isolated), ("managed-nat", Profile::Managed)] {
        let verdicts = verdicts(fixture, profile);
        let wrong: Vec<String> =
            verdicts.iter().filter(|f| matches!(f.verdict, Verdict::Fail | Verdict::Unknown)).map(shown).collect();
        assert!(wrong.is_empty(), "{fixture} at {profile}:\n{}", wrong.join("\n"));
        let passed = verdicts.iter().filter(|finding| finding.verdict == Verdict::Pass).count();
        assert!(passed > 80, "{fixture}: only {passed} passes");
    }
}

#[test]
fn the_leaky_estate_gives_every_planted_fault_and_nothing_else() {
    let expected: BTreeSet<(String, String)> =
        table("leaky").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    assert!(expected.len() >= 100, "only {} rows", expected.len());
    let verdicts = verdicts("leaky", Profile::Hardened);
    let found: BTreeMap<(String, String), &Finding> = verdicts
        .iter()
        .filter(|finding| finding.verdict == Verdict::Fail)
        .map(|finding| ((finding.rule.clone(), finding.subject.id.clone()), finding))
        .collect();
    let missed: Vec<String> = expected
        .iter()
        .filter(|row| !found.contains_key(*row))
        .map(|(rule, subject)| format!("{rule} {subject}"))
        .collect();
    let extra: Vec<String> =
        found.iter().filter(|(key, _)| !expected.contains(*key)).map(|(_, finding)| shown(finding)).collect();
    let unknown: Vec<String> =
        verdicts.iter().filter(|finding| finding.verdict == Verdict::Unknown).map(shown).collect();
    assert!(
        missed.is_empty() && extra.is_empty() && unknown.is_empty(),
        "missed:\n{}\nextra:\n{}\nunknown:\n{}",
        missed.join("\n"),
        extra.join("\n"),
        unknown.join("\n")
    );
}

#[test]
fn nothing_passes_in_the_denied_estate_that_did_not_pass_in_the_leaky_one() {
    let before: BTreeMap<String, Verdict> = verdicts("leaky", Profile::Isolated)
        .into_iter()
        .map(|finding| (finding.fingerprint, finding.verdict))
        .collect();
    let mut wrong = Vec::new();
    for finding in verdicts("denied", Profile::Isolated) {
        let earlier = before.get(&finding.fingerprint);
        let better = matches!(
            (earlier, finding.verdict),
            (Some(Verdict::Fail | Verdict::Unknown), Verdict::Pass | Verdict::NotApplicable) | (None, Verdict::Pass)
        );
        if better {
            wrong.push(format!("{earlier:?} became {}", shown(&finding)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rules_that_wait_for_a_missing_answer_are_unknown() {
    let verdicts = verdicts("denied", Profile::Isolated);
    for row in table("denied") {
        let (missing, operation, rules) = (&row[0], &row[1], &row[2]);
        let name =
            operation.split([',', ' ']).find(|word| word.contains(':') || word.starts_with('/')).unwrap_or(operation);
        let name = name.trim_matches('`').rsplit('/').next().unwrap_or(name).to_owned();
        for rule in rules.split([',', ' ']).map(|rule| rule.trim_matches('`')).filter(|rule| rule.len() == 6) {
            let waits = verdicts.iter().any(|finding| finding.rule == rule && finding.verdict == Verdict::Unknown);
            assert!(waits, "{missing} is missing ({name}), but no verdict of {rule} is unknown");
        }
    }
}

#[test]
fn answers_that_contradict_each_other_are_a_finding_and_believed_by_no_rule() {
    let verdicts = verdicts("conflicting", Profile::Isolated);
    for row in table("conflicting") {
        let failed =
            verdicts.iter().filter(|finding| finding.rule == row[0] && finding.verdict == Verdict::Fail).count();
        assert_eq!(failed.to_string(), row[1], "{}", row[0]);
    }
    let disagreement =
        verdicts.iter().find(|finding| finding.rule == "EVD001" && finding.verdict == Verdict::Fail).unwrap();
    assert!(
        disagreement.message.contains("describe-vpcs.json:3")
            && disagreement.message.contains("describe-vpcs-of-last-week.json:3"),
        "{}",
        disagreement.message
    );
    let judged = verdicts.iter().filter(|finding| finding.subject.id == "vpc-0c0ffee0000000001");
    assert!(
        judged.clone().count() > 0 && judged.clone().all(|finding| finding.verdict != Verdict::Pass),
        "the VPC is unknown"
    );
}

#[test]
fn every_failure_names_its_subject_and_says_what_follows() {
    for finding in verdicts("leaky", Profile::Isolated).iter().filter(|finding| finding.verdict == Verdict::Fail) {
        let named =
            [&finding.subject.id, &finding.subject.name].iter().any(|name| finding.message.contains(name.as_str()));
        let serves = finding.subject.workspaces.iter().any(|name| finding.message.contains(name));
        let arn = finding
            .subject
            .arn
            .as_deref()
            .is_some_and(|arn| finding.message.contains(arn.rsplit('/').next().unwrap_or(arn)));
        assert!(named || serves || arn, "{} does not name its subject: {}", finding.rule, finding.message);
        assert!(finding.message.len() > 40, "{} says too little: {}", finding.rule, finding.message);
        assert!(!finding.message.contains("(unknown)"), "{}", finding.message);
        assert!(finding.locations.iter().all(|location| !location.file.is_empty()), "{} has no place", finding.rule);
    }
}

#[test]
fn one_side_alone_is_judged_and_says_what_it_lacks() {
    let pack = catalogue(&[]).unwrap();
    let rules: Vec<&Rule> = pack.rules.iter().collect();
    for (side, other) in [("aws", "GET /accounts/{account}/workspaces"), ("databricks", "ec2:DescribeVpcs")] {
        let estate = Arc::new(sources::read(&[folder("isolated").join(side)]).unwrap());
        let verdicts = run(&pack.env, &rules, &estate, &Profile::Isolated);
        let failed: Vec<String> = verdicts.iter().filter(|f| f.verdict == Verdict::Fail).map(shown).collect();
        assert!(failed.is_empty(), "{side} alone:\n{}", failed.join("\n"));
        let unknown: Vec<&Finding> = verdicts.iter().filter(|f| f.verdict == Verdict::Unknown).collect();
        assert!(
            unknown.iter().any(|f| f.gaps.iter().any(|gap| gap.operation.name() == other)),
            "{side}: nothing waits for {other}"
        );
        assert!(verdicts.iter().any(|f| f.verdict == Verdict::Pass), "{side}: nothing could be judged");
    }
    let estate = Arc::new(sources::read(&[folder("isolated").join("aws")]).unwrap());
    let verdicts = run(&pack.env, &rules, &estate, &Profile::Isolated);
    assert!(
        verdicts.iter().any(|f| f.subject.kind == "workspace" && f.subject.name.starts_with("workspace in vpc-")),
        "a workspace is inferred from its endpoints"
    );
}

/// Each answer of a clean estate is taken away in turn: whatever reads it may be unknown, but
/// nothing that did not fail before may fail, and nothing new may pass.
#[test]
fn taking_away_any_answer_never_improves_or_worsens_a_verdict() {
    let pack = catalogue(&[]).unwrap();
    let rules: Vec<&Rule> = pack.rules.iter().collect();
    let copy = tempfile::tempdir().unwrap();
    let root = copy.path().join("isolated");
    let files = copy_tree(&folder("isolated"), &root);
    let verdicts =
        || run(&pack.env, &rules, &Arc::new(sources::read(std::slice::from_ref(&root)).unwrap()), &Profile::Isolated);
    let before = by_fingerprint(&verdicts());
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let text = fs::read(file).unwrap();
        fs::remove_file(file).unwrap();
        let without = file.strip_prefix(&root).unwrap().display();
        wrong.extend(unsound(&before, &verdicts()).iter().map(|change| format!("without {without}: {change}")));
        fs::write(file, text).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What each subject of each rule was judged.
pub(crate) fn by_fingerprint(findings: &[Finding]) -> BTreeMap<String, Verdict> {
    findings.iter().map(|finding| (finding.fingerprint.clone(), finding.verdict)).collect()
}

/// Verdicts that less evidence must not give, held against those on more: a failure, or a pass
/// that was none.
pub(crate) fn unsound(before: &BTreeMap<String, Verdict>, after: &[Finding]) -> Vec<String> {
    let mut wrong = Vec::new();
    for finding in after {
        let earlier = before.get(&finding.fingerprint);
        let changed = match (earlier, finding.verdict) {
            (_, Verdict::Fail) => earlier != Some(&Verdict::Fail),
            (Some(earlier), Verdict::Pass) => *earlier != Verdict::Pass,
            (Some(earlier), Verdict::NotApplicable) => matches!(earlier, Verdict::Pass | Verdict::Fail),
            // a subject that is only known because something is missing says so; a path that the
            // workspace may need, and that certainly works, is sound either way
            (None, Verdict::Pass) => finding.subject.kind != "required path",
            _ => false,
        };
        if changed {
            wrong.push(format!("{earlier:?} became {}", shown(finding)));
        }
    }
    wrong
}

/// The sound estate of managed-nat with one thing changed: the paths that it spoils are found, and no
/// other. Expectations are written from the facts; PTH008 is there from the start, since nodes reach
/// everybody on tcp/443 by the NAT gateways.
#[test]
fn one_change_of_a_sound_estate_is_found_on_its_paths() {
    const ENDPOINTS: &str = "describe-vpc-endpoints.json";
    const ACLS: &str = "describe-network-acls.json";
    const NETWORK: &str = "34ce9e33-4205-49d4-98c4-72c2174cf411";
    let rest = ["rest", "internal-api", "unity-catalog", "extendability"];
    let paths = |rule: &str, names: &[&str]| -> Found {
        names.iter().map(|name| (rule.to_owned(), format!("5920473816250394/{name}"))).collect()
    };
    let private_dns_off: Change = (ENDPOINTS, |answer| {
        let endpoint = &mut answer["VpcEndpoints"][0];
        endpoint["PrivateDnsEnabled"] = json!(false);
        endpoint["DnsEntries"].as_array_mut().unwrap().retain(|entry| entry["HostedZoneId"] != "ZONEIDHIDDEN");
    });
    // from the endpoint subnets back into the cluster subnets
    let no_replies: Change = (ACLS, |answer| {
        let entry = json!({ "RuleNumber": 90, "Protocol": "6", "RuleAction": "deny", "Egress": false,
            "CidrBlock": "10.60.1.0/26", "PortRange": { "From": 1024, "To": 65535 } });
        answer["NetworkAcls"][0]["Entries"].as_array_mut().unwrap().insert(0, entry);
    });
    let no_relay_port: Change = (ACLS, |answer| {
        let entry = json!({ "RuleNumber": 90, "Protocol": "6", "RuleAction": "deny", "Egress": true,
            "CidrBlock": "10.60.1.0/26", "PortRange": { "From": 6666, "To": 6666 } });
        answer["NetworkAcls"][0]["Entries"].as_array_mut().unwrap().insert(0, entry);
    });
    let narrow_egress: Change = ("describe-security-groups.json", |answer| {
        let nodes =
            answer["SecurityGroups"].as_array_mut().unwrap().iter_mut().find(|g| g["GroupName"] == "magpie-nodes");
        for permission in nodes.unwrap()["IpPermissionsEgress"].as_array_mut().unwrap() {
            for range in permission["IpRanges"].as_array_mut().unwrap() {
                range["CidrIp"] = json!("10.60.0.0/16");
            }
        }
    });
    let mut replies = paths("PTH004", &rest);
    replies.extend(paths("PTH004", &["relay"]));
    let unlimited = BTreeSet::from([("PTH008".to_owned(), NETWORK.to_owned())]);
    // no S3 prefix list among the rules that are left
    let closed = paths("PTH002", &["s3-root", "s3-artifacts", "s3-logs", "s3-system-tables", "sts", "kinesis"]);
    let cases: [(&str, Option<Change>, Found); 5] = [
        ("nothing", None, unlimited.clone()),
        ("private DNS of REST off", Some(private_dns_off), &paths("PTH005", &rest) | &unlimited),
        ("no replies of endpoints", Some(no_replies), &replies | &unlimited),
        ("no relay port", Some(no_relay_port), &paths("PTH002", &["relay"]) | &unlimited),
        ("egress to the VPC alone", Some(narrow_egress), closed),
    ];
    let pack = catalogue(&[]).unwrap();
    let rules: Vec<&Rule> = pack.rules.iter().filter(|rule| rule.info.area() == "PTH").collect();
    for (name, change, expected) in cases {
        let copy = tempfile::tempdir().unwrap();
        let root = copy.path().join("managed-nat");
        let files = copy_tree(&folder("managed-nat"), &root);
        // the other answer about groups would contradict a change
        fs::remove_file(files.iter().find(|file| file.ends_with("describe-security-group-rules.json")).unwrap())
            .unwrap();
        if let Some((answer, change)) = change {
            let file = files.iter().find(|file| file.ends_with(answer)).unwrap();
            let mut value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
            change(&mut value);
            fs::write(file, value.to_string()).unwrap();
        }
        let estate = Arc::new(sources::read(&[root]).unwrap());
        let verdicts = run(&pack.env, &rules, &estate, &Profile::Hardened);
        let found: BTreeSet<(String, String)> = verdicts
            .iter()
            .filter(|finding| matches!(finding.verdict, Verdict::Fail | Verdict::Unknown))
            .map(|finding| (finding.rule.clone(), finding.subject.id.clone()))
            .collect();
        let shown: Vec<String> = verdicts.iter().filter(|f| f.verdict == Verdict::Fail).map(shown).collect();
        assert_eq!(found, expected, "{name}:\n{}", shown.join("\n"));
    }
}

/// Rules with the ids of their subjects.
type Found = BTreeSet<(String, String)>;

/// An answer by file name, and what becomes of it.
type Change = (&'static str, fn(&mut Value));

pub(crate) fn copy_tree(from: &std::path::Path, to: &std::path::Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            files.extend(copy_tree(&path, &target));
        } else {
            fs::copy(&path, &target).unwrap();
            files.push(target);
        }
    }
    files.sort();
    files
}
