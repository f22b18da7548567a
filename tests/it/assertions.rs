//! Assertions of the settings, judged by the binary: exit codes, reports, mistakes.

use std::fs;

use plaudit::report;
use serde_json::Value;

use crate::audit::{Run, fixture, plaudit_in};
use crate::report::assert_sound;

/// One `[[assert]]`.
fn assertion(from: &str, to: &str, expect: &str, more: &str) -> String {
    format!("[[assert]]\nfrom = \"{from}\"\nto = \"{to}\"\nexpect = \"{expect}\"\nreason = \"ticket 7.\"\n{more}\n")
}

/// Audits evidence with settings; only assertions, unless the arguments select something.
fn audit(settings: &str, evidence: &str, args: &[&str]) -> Run {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("plaudit.toml"), settings).unwrap();
    let select: &[&str] = if args.contains(&"--select") { &[] } else { &["--select", "PTH001"] };
    let args: Vec<&str> = ["audit", evidence].iter().chain(select).chain(args).copied().collect();
    plaudit_in(place.path(), &args)
}

/// The findings about assertions, passes too.
fn judged(settings: &str, name: &str) -> Vec<Value> {
    let run = audit(settings, &fixture(name), &["-f", "json", "--all-results"]);
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.err));
    let schema = report::json::schema();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&report));
    report["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == "PTH001").cloned().collect()
}

#[test]
fn the_exit_code_follows_the_assertions() {
    for (name, settings, args, code) in [
        // no way out, as it should be
        ("isolated", assertion("heron-prod", "internet", "unreachable", ""), vec![], 0),
        ("isolated", assertion("heron-prod", "internet", "reachable", ""), vec![], 1),
        ("managed-nat", assertion("magpie-analytics", "internet", "reachable", "port = 443"), vec![], 0),
        // no group of the nodes lets anything but tcp out
        ("managed-nat", assertion("magpie-analytics", "internet", "unreachable", "protocol = \"icmp\""), vec![], 0),
        ("managed-nat", assertion("magpie-analytics", "internet", "unreachable", "port = 443"), vec![], 1),
        // nobody collected the routes of analytics
        ("denied", assertion("analytics", "internet", "unreachable", ""), vec![], 3),
        ("denied", assertion("analytics", "internet", "reachable", ""), vec![], 3),
        ("denied", assertion("analytics", "internet", "reachable", ""), vec!["--allow-unknown"], 0),
        // nobody could read the subnets, so that nobody can say that this one is not there
        ("conflicting", assertion("subnet-0123456789abcdef0", "internet", "reachable", ""), vec![], 3),
        ("isolated", assertion("heron-prd", "internet", "reachable", ""), vec![], 2),
        ("isolated", assertion("heron-prd", "internet", "reachable", ""), vec!["--select", "VPC001"], 0),
        ("isolated", assertion("heron-prod", "internet", "reachable", ""), vec!["--fail-on", "critical"], 0),
        ("isolated", assertion("heron-prod", "internet", "reachable", ""), vec!["--ignore", "PTH"], 0),
    ] {
        let run = audit(&settings, &fixture(name), &args);
        assert_eq!(run.code, code, "{name} {settings} {args:?}\n{}\n{}", run.out, run.err);
    }
}

#[test]
fn a_failure_says_what_was_expected_why_and_what_is_so() {
    let found = judged(&assertion("heron-prod", "internet", "reachable", "port = 80"), "isolated");
    let [finding] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((finding["severity"].as_str(), finding["name"].as_str()), (Some("high"), Some("assertion-failed")));
    assert_eq!(finding["subject"]["kind"], "assertion");
    assert_eq!(finding["subject"]["id"], "heron-prod → internet tcp/80");
    assert_eq!(finding["subject"]["workspaces"], serde_json::json!(["heron-prod"]));
    // the assertion is what the finding is about, and the evidence has a part in it
    assert_eq!(
        (&finding["locations"][0]["file"], &finding["locations"][0]["line"]),
        (&"plaudit.toml".into(), &1.into())
    );
    let message = finding["message"].as_str().unwrap();
    let expected =
        "heron-prod → internet tcp/80 should be reachable (ticket 7). It is unreachable: ENI_SG_RULES_MISMATCH sg-";
    assert!(message.starts_with(expected), "{message}");
    assert!(message.contains("; NO_ROUTE_TO_DESTINATION rtb-"), "{message}");
    let blame = finding["blame"].as_array().unwrap();
    assert!(blame.iter().any(|blame| blame["label"].as_str().unwrap().starts_with("NO_ROUTE_TO_DESTINATION rtb-")));
    assert!(blame[0]["location"]["file"].as_str().unwrap().ends_with("describe-security-groups.json"), "{blame:?}");
    let path = finding["path"].as_array().unwrap();
    let blocked: Vec<&str> = path
        .iter()
        .filter(|step| step["passage"] == "blocked")
        .map(|step| step["component"].as_str().unwrap())
        .collect();
    assert_eq!(blocked, ["security group", "route table"]);
}

#[test]
fn a_way_that_should_be_closed_is_named() {
    let found = judged(&assertion("magpie-analytics", "internet", "unreachable", ""), "managed-nat");
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.contains("should be unreachable (ticket 7). It is reachable: node in subnet-"), "{message}");
    assert!(message.contains("NAT gateway nat-"), "{message}");
    assert!(found[0]["path"].as_array().unwrap().iter().all(|step| step["passage"] == "passed"));
    // one pair is a breach: nodes of a workspace reach each other by their group
    let found = judged(&assertion("magpie-analytics", "magpie-analytics", "unreachable", ""), "managed-nat");
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.contains(" → node in subnet-") && message.contains("security group sg-"), "{message}");
}

#[test]
fn what_is_not_known_names_the_gaps_and_a_pass_has_no_path() {
    let found = judged(&assertion("analytics", "internet", "unreachable", ""), "denied");
    assert_eq!(found[0]["verdict"], "unknown");
    let gaps: Vec<&str> =
        found[0]["gaps"].as_array().unwrap().iter().map(|gap| gap["operation"].as_str().unwrap()).collect();
    assert!(gaps.contains(&"ec2:DescribeRouteTables"), "{gaps:?}");
    let found = judged(&assertion("heron-prod", "internet", "unreachable", ""), "isolated");
    assert_eq!((found[0]["verdict"].as_str(), &found[0]["path"]), (Some("pass"), &Value::Array(Vec::new())));
    assert_eq!(found[0]["message"], "heron-prod → internet tcp should be unreachable (ticket 7), and it is.");
}

#[test]
fn an_assertion_is_a_rule_like_any_other() {
    let failing = assertion("heron-prod", "internet", "reachable", "");
    // waived, by a pattern that nobody has to type an arrow for
    let waiver =
        "[[waiver]]\nrule = \"PTH001\"\nsubject = \"heron-prod*internet*\"\nreason = \"later\"\nexpires = 2030-01-01\n";
    let run = audit(&format!("{failing}{waiver}"), &fixture("isolated"), &["--today", "2026-06-01"]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.out.contains("high PTH001 assertion-failed: assertion heron-prod → internet tcp"), "{}", run.out);
    // of another severity
    let run = audit(&format!("[severity]\nPTH001 = \"low\"\n{failing}"), &fixture("isolated"), &[]);
    assert_eq!((run.code, run.out.contains("low PTH001")), (0, true), "{}", run.out);
    // switched off, and said so
    let run = audit(&failing, &fixture("isolated"), &["--ignore", "PTH001", "-f", "json", "--select", "PTH,VPC001"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert!(report["coverage"]["switched_off"].as_array().unwrap().contains(&"PTH001".into()));
    // of one workspace
    let both = format!("{}{failing}", assertion("internet", "10.255.0.1", "reachable", ""));
    let run =
        audit(&both, &fixture("isolated"), &["--workspace", "heron-prod", "--select", "PTH,VPC,WSC", "-f", "json"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let ids: Vec<&Value> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["rule"] == "PTH001")
        .map(|f| &f["subject"]["id"])
        .collect();
    assert_eq!(ids, ["heron-prod → internet tcp"]);
}

#[test]
fn mistakes_in_assertions_have_a_place_and_a_hint() {
    let sound = assertion("heron-prod", "internet", "reachable", "");
    for (settings, expected, help) in [
        (
            assertion("heron-prd", "internet", "reachable", ""),
            "plaudit.toml:1: the source `heron-prd` is not in",
            "`heron-prod`",
        ),
        (
            assertion("heron-prod", "nowhere", "reachable", ""),
            "the destination `nowhere` is not in",
            "a destination is",
        ),
        (assertion("10.0.0.1", "internet", "reachable", ""), "the source `10.0.0.1` cannot be used", "a source is"),
        (assertion("", "internet", "reachable", ""), "cannot be used: it is empty", "a source is"),
        (assertion("heron-prod", "internet", "open", ""), "plaudit.toml:4:10: unknown variant `open`", "rules schema"),
        (
            assertion("heron-prod", "internet", "reachable", "prt = 1"),
            "plaudit.toml:6:1: unknown field `prt`",
            "rules schema",
        ),
        (
            assertion("heron-prod", "internet", "reachable", "port = 65536"),
            "plaudit.toml:6:8: invalid value",
            "rules schema",
        ),
        (assertion("heron-prod", "internet", "reachable", "protocol = \"tpc\""), "`tpc` is no protocol", "write `tcp`"),
        (
            "[[assert]]\nfrom = \"a\"\nto = \"b\"\nexpect = \"reachable\"\n".to_owned(),
            "missing field `reason`",
            "rules schema",
        ),
        // the same path twice would be two findings of one identity, whatever they expect
        (
            format!("{sound}{}", assertion(" heron-prod", "internet", "unreachable", "protocol = \"TCP\"")),
            "plaudit.toml:7: a second assertion of heron-prod → internet tcp",
            "keep one",
        ),
    ] {
        let run = audit(&settings, &fixture("isolated"), &[]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{settings}: {}", run.err);
        let hint = run.err.split_once("help: ").map(|(_, hint)| hint).unwrap_or_default();
        assert!(run.err.contains(expected) && hint.contains(help), "{settings}: {}", run.err);
    }
}

/// An estate in which the network ACL has a name that means harm.
#[test]
fn hostile_names_on_a_path_reach_no_terminal_and_no_link() {
    let place = tempfile::tempdir().unwrap();
    plaudit_in(place.path(), &["collect", "--from", &fixture("managed-nat"), "-o", "evidence.json"]);
    let evidence = fs::read_to_string(place.path().join("evidence.json")).unwrap();
    let hostile = r"acl\u001b[2K\u202e[x](https://evil.example)\n0 failed";
    let evidence = evidence.replace("acl-0b26217508e893a9e", hostile);
    assert!(evidence.contains(hostile));
    fs::write(place.path().join("evidence.json"), evidence).unwrap();
    fs::write(place.path().join("plaudit.toml"), assertion("magpie-analytics", "internet", "unreachable", "")).unwrap();
    let acts = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
    let run = |format| plaudit_in(place.path(), &["audit", "evidence.json", "--select", "PTH001", "-f", format]);
    let text = run("text");
    assert_eq!(text.code, 1, "{}", text.err);
    assert!(text.out.contains(r"network ACL acl\u{1b}[2K\u{202e}[x]") && !text.out.contains(acts), "{}", text.out);
    assert!(!text.out.lines().any(|line| line.starts_with("0 failed")), "{}", text.out);
    let sarif = run("sarif").out;
    assert!(!sarif.contains(acts));
    let log: Value = serde_json::from_str(&sarif).unwrap();
    assert_sound(&log);
    let result = &log["runs"][0]["results"][0];
    assert!(!result["message"]["text"].as_str().unwrap().contains("]("));
    let hops = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
    let messages: Vec<&str> = hops.iter().map(|hop| hop["location"]["message"]["text"].as_str().unwrap()).collect();
    assert!(messages.iter().any(|message| message.contains(r"acl\u{1b}[2K")), "{messages:?}");
    assert!(messages.iter().all(|message| !message.contains("](") && !message.contains('\n')), "{messages:?}");
    // programs read the name as it is
    let json: Value = serde_json::from_str(&run("json").out).unwrap();
    let named = |step: &Value| step["resource"].as_str().unwrap().contains("\u{1b}[2K\u{202e}");
    assert!(json["findings"][0]["path"].as_array().unwrap().iter().any(named));
}

#[test]
fn the_same_assertions_give_the_same_bytes() {
    let settings = format!(
        "{}{}",
        assertion("magpie-analytics", "internet", "unreachable", ""),
        assertion("magpie-analytics", "10.0.0.0/8", "unreachable", "")
    );
    for format in ["text", "json", "sarif"] {
        let run = || audit(&settings, &fixture("managed-nat"), &["-f", format]).out;
        assert_eq!(run(), run(), "{format}");
    }
}
