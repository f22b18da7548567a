//! The pack as a whole: every rule is well named, documented and tested, and notices its own
//! mutants; a rule file with a mistake is refused with the place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use plaudit::commands::{build, catalogue, world};
use plaudit::engine::{environment, load, testing};

#[test]
fn every_rule_passes_its_tests_and_notices_its_mutants() {
    let pack = catalogue(&[]).unwrap();
    let world = world().unwrap();
    let mut problems = Vec::new();
    for rule in &pack.rules {
        let report = testing::test(&pack.env, rule, &world, &build);
        problems.extend(report.failures.into_iter().map(|failure| format!("{}: {failure}", report.rule)));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(pack.rules.len() >= 70, "only {} rules", pack.rules.len());
}

#[test]
fn every_rule_is_named_and_documented() {
    let pack = catalogue(&[]).unwrap();
    let frameworks: BTreeMap<&str, _> =
        pack.frameworks.iter().map(|framework| (framework.id.as_str(), framework)).collect();
    let mut names = BTreeSet::new();
    let mut problems = Vec::new();
    let mut numbers: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for rule in &pack.rules {
        let info = &rule.info;
        let mut problem = |what: &str| problems.push(format!("{} {}: {what}", info.id, info.name));
        if !names.insert(info.name.as_str().to_owned() + info.area()) {
            problem("the name is used twice in its area");
        }
        if ["no-", "disallow-", "ensure-", "must-"].iter().any(|prefix| info.name.starts_with(prefix))
            && info.name != "no-way-out"
            && info.name != "no-public-ip-disabled"
        {
            problem("name the defect, not the fix");
        }
        if !rule.file.starts_with(&format!("rules/{}/", info.area().to_lowercase())) {
            problem("the file is not in the folder of its area");
        }
        if info.title.is_empty() || info.title.ends_with('.') {
            problem("the title is a phrase without full stop");
        }
        if info.rationale.trim().len() < 60 || info.remediation.summary.trim().len() < 20 {
            problem("rationale or remediation says too little");
        }
        if info.references.is_empty() || !info.references.iter().all(|reference| reference.starts_with("https://")) {
            problem("needs an https reference");
        }
        if info.tags.iter().any(|tag| tag == "weak") && info.severity > plaudit::finding::Severity::Medium {
            problem("a weak fact is never above medium");
        }
        for (framework, controls) in &info.compliance {
            let known = frameworks.get(framework.as_str());
            for control in controls {
                if !known.is_some_and(|known| known.controls.contains_key(control)) {
                    problem(&format!("unknown control {framework} {control}"));
                }
            }
        }
        for row in &info.failure_modes {
            if !(1..=46).contains(row) {
                problem("there are 46 failure modes");
            }
        }
        numbers.entry(info.area()).or_default().push(info.id[3..].parse().unwrap());
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(numbers.len() >= 18, "areas: {:?}", numbers.keys());
}

#[test]
fn every_rule_is_asked_by_a_whole_estate() {
    let pack = catalogue(&[]).unwrap();
    let rules: Vec<_> = pack.rules.iter().collect();
    let mut asked = BTreeSet::new();
    for fixture in ["isolated", "managed-nat", "leaky", "denied", "conflicting"] {
        for finding in crate::fixtures::judge(&pack.env, &rules, fixture, plaudit::finding::Profile::Isolated) {
            asked.insert(finding.rule);
        }
    }
    let silent: Vec<_> = rules.iter().filter(|rule| !asked.contains(&rule.info.id)).map(|rule| &rule.info.id).collect();
    assert!(silent.is_empty(), "no fixture has a subject for {silent:?}");
}

const GOOD: &str = include_str!("../../rules/plb/relay-endpoint-closed.yaml");

/// The first mistake of a changed rule file.
fn refusal(from: &str, to: &str) -> plaudit::engine::RuleError {
    assert!(GOOD.contains(from), "{from}");
    let text = GOOD.replacen(from, to, 1);
    let refused = load(&environment(), [("rules/plb/relay-endpoint-closed.yaml", text.as_str())]);
    refused.err().unwrap_or_else(|| panic!("{to} was accepted")).remove(0)
}

#[test]
fn a_typo_is_refused_with_its_place_and_a_suggestion() {
    let error = refusal("ws.network.subnets.all", "ws.network.subnts.all");
    assert_eq!(error.message, "Network has no field `subnts`");
    assert_eq!(error.help.as_deref(), Some("did you mean `subnets`?"));
    let line = error.source.lines().nth(error.line - 1).unwrap();
    assert!(line[error.column - 1..].starts_with("subnts"), "{}:{} of {line}", error.line, error.column);

    let error = refusal("{ws.name}: no relay", "{ws.nmae}: no relay");
    assert_eq!(error.message, "Workspace has no field `nmae`");
    let line = error.source.lines().nth(error.line - 1).unwrap();
    assert!(line[error.column - 1..].starts_with("nmae"), "{}:{} of {line}", error.line, error.column);
}

#[test]
fn other_mistakes_are_refused_too() {
    for (from, to, message) in [
        ("each: workspaces", "each: workspace", "there is no collection `workspace`"),
        (
            "e.admits(\"tcp\", port, port, s)",
            "e.admitz(\"tcp\", port, port, s)",
            "VpcEndpoint has no function `admitz`",
        ),
        ("e.admits(\"tcp\", port, port, s)", "e.admits(\"tcp\", port, s)", "`admits` takes 4 arguments, not 3"),
        ("e.admits(\"tcp\", port, port, s)", "e.admits(\"tpc\", port, port, s)", "`protocol` is one of tcp, udp"),
        (
            "e.admits(\"tcp\", port, port, s)",
            "e.admits(\"tcp\", \"x\", port, s)",
            "`from_port` is a number, not a text",
        ),
        ("relay.exists(e, ", "rely.exists(e, ", "unknown name `rely`"),
        ("port: ws.relay_port", "port: relay.map(e, port)", "these lets need each other: port"),
        ("ws.network != null", "ws.network == 3", "a Network never equals a number"),
        (
            "applies: ws.network != null && ws.network.has_relay_endpoint",
            "applies: has(ws.network)",
            "has() turns missing evidence into false",
        ),
        (
            "applies: ws.network != null && ws.network.has_relay_endpoint",
            "applies: ws.name",
            "the expression gives a text, not a truth value",
        ),
        ("{port}", "{port", "a brace without its partner"),
        ("id: PLB004", "id: PLB4", "`PLB4` is no rule id"),
        (
            "name: relay-endpoint-closed",
            "name: relay-endpoint-shut",
            "the rule is named `relay-endpoint-shut` and its file `relay-endpoint-closed`",
        ),
    ] {
        assert_eq!(refusal(from, to).message, message, "{to}");
    }
    let error = refusal("severity: critical", "severity: fatal");
    assert_eq!((error.line, error.message.contains("fatal")), (4, true), "{error}");
    let error = refusal("applies: ws.network", "aplies: ws.network");
    assert!(error.message.contains("aplies"), "{error}");
    let error = refusal("relay.exists(e, e.admits(\"tcp\", port, port, s))", "relay.exists(e, e.admits(");
    assert!(error.message.starts_with("not CEL"), "{error}");
}

#[test]
fn an_expensive_expression_is_refused() {
    let deep = "relay.all(a, relay.all(b, relay.all(c, relay.all(d, true))))";
    assert!(refusal("relay.exists(e, e.admits(\"tcp\", port, port, s))", deep).message.contains("nested walks"));
    let long = format!("{} true", "true && ".repeat(600));
    assert!(refusal("relay.exists(e, e.admits(\"tcp\", port, port, s))", &long).message.contains("longer than"));
    // every let doubles the one before it
    let lets: String = (1..20).map(|n| format!("  a{n}: a{} + a{}\n", n - 1, n - 1)).collect();
    let text = format!("let:\n  a0: \"[1]\"\n{lets}  relay:");
    assert!(refusal("let:\n  relay:", &text).message.contains("too large"));
}

#[test]
fn a_rule_that_fails_on_a_subject_is_unknown_and_never_a_pass() {
    // the network is null for a VPC that Databricks manages, and null has no fields
    let text = GOOD.replace("applies: ws.network != null && ws.network.has_relay_endpoint\n", "");
    let env = environment();
    let rules = load(&env, [("rules/plb/relay-endpoint-closed.yaml", text.as_str())]).ok().unwrap();
    let findings = crate::fixtures::judge(&env, &[&rules[0]], "leaky", plaudit::finding::Profile::Managed);
    let managed = findings.iter().find(|finding| finding.subject.name == "sandbox").unwrap();
    assert_eq!(managed.verdict, plaudit::finding::Verdict::Unknown);
    assert_eq!(managed.gaps[0].reason, plaudit::estate::Reason::RuleFault);
    assert!(managed.gaps[0].detail.contains("null_type"), "{}", managed.gaps[0].detail);
}

#[test]
fn rules_of_a_directory_add_and_replace() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("relay-endpoint-closed.yaml"), GOOD.replace("severity: critical", "severity: low"))
        .unwrap();
    let own = GOOD.replace("PLB004", "PLB904").replace("name: relay-endpoint-closed", "name: ours");
    fs::write(folder.path().join("ours.yaml"), own).unwrap();
    let pack = catalogue(&[folder.path().to_path_buf()]).unwrap();
    let severity = |id: &str| pack.rules.iter().find(|rule| rule.info.id == id).map(|rule| rule.info.severity);
    assert_eq!(severity("PLB004"), Some(plaudit::finding::Severity::Low));
    assert_eq!(severity("PLB904"), Some(plaudit::finding::Severity::Critical));
    assert!(catalogue(&[Path::new("no/such/folder").to_path_buf()]).is_err());
}
