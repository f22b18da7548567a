//! The denial matrix: every call of the table is refused in turn. Whatever rests on its answer is
//! undecided, nothing else changes, and the report names the permission that would decide it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plaudit::commands::catalogue;
use plaudit::engine::{Rule, run};
use plaudit::estate::operation::Answer;
use plaudit::estate::{Operation, Reason};
use plaudit::finding::{Finding, Outcome, Profile, RuleInfo, Verdict};
use plaudit::{report, sources};
use serde_json::{Value, json};

use crate::fixtures::{by_fingerprint, copy_tree, folder, unsound};

/// Whole estates: private, with NAT, and with a fault of every kind.
const FIXTURES: &[(&str, Profile)] =
    &[("isolated", Profile::Isolated), ("managed-nat", Profile::Managed), ("leaky", Profile::Isolated)];

/// Calls that no verdict on these estates waits for, and why.
const UNREAD: &[(Operation, &str)] = &[
    (Operation::DescribeAddresses, "interfaces and NAT gateways tell their public addresses themselves"),
    (Operation::DescribeEgressOnlyInternetGateways, "it only gives the gateway of an IPv6 route its name"),
    (
        Operation::DescribeTransitGatewayRouteTables,
        "attachments name their table, and its routes are an answer of their own",
    ),
    (Operation::DescribeVpcBlockPublicAccessExclusions, "it is read where Block Public Access is on: in no fixture"),
    (Operation::ListFirewalls, "where a firewall's endpoints lie is in its own answer"),
    (Operation::DescribeFirewall, "no fixture has a firewall"),
    (Operation::DescribeFirewallPolicy, "no fixture has a firewall"),
    (Operation::ListHostedZonesByVpc, "the fixtures list zones by account, with the VPCs of each"),
    (Operation::ListGrants, "no rule reads grants yet"),
    (Operation::ListWarehouses, "no rule reads warehouses yet"),
    (Operation::GetCallerIdentity, "it leads to other calls"),
    (Operation::AssumeRole, "it leads to other calls"),
    (Operation::ListAccounts, "it leads to other calls"),
    (Operation::DescribeRegions, "it leads to other calls"),
    (Operation::GetToken, "it leads to other calls"),
];

/// A fixture whose answers can be denied.
struct Matrix {
    root: PathBuf,
    files: Vec<PathBuf>,
    places: BTreeSet<(String, Option<String>)>,
    _copy: tempfile::TempDir,
}

/// An answer that is taken away: its file and text, and the gap in its place.
struct Denied {
    file: PathBuf,
    text: String,
    gap: Value,
}

impl Matrix {
    fn of(fixture: &str) -> Self {
        let copy = tempfile::tempdir().unwrap();
        let root = copy.path().join(fixture);
        let mut files = copy_tree(&folder(fixture), &root);
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        let mut places = BTreeSet::new();
        for parts in files.iter().map(|file| segments(&root, file)).filter(|parts| parts[0] == "aws") {
            let region = Some(parts[2].clone()).filter(|region| region != "global");
            places.insert((parts[1].clone(), region));
        }
        Self { root, files, places, _copy: copy }
    }

    /// The answers of a call, with the gaps that a collector would have noted for them.
    fn answers(&self, operation: Operation) -> Vec<Denied> {
        let denied = |file: &PathBuf| {
            let text = fs::read_to_string(file).unwrap();
            let parts = segments(&self.root, file);
            let (account, below) = (parts[1].clone(), &parts[2..]);
            let databricks = parts[0] == "databricks";
            if databricks != operation.is_databricks() {
                return None;
            }
            let (region, names) = match operation.answer() {
                Answer::Key(key) if !databricks => {
                    let value: Value = serde_json::from_str(&text).unwrap();
                    value.get(key)?;
                    (Some(below[0].clone()), Vec::new())
                }
                Answer::Path(pattern) if databricks => {
                    let mut names = matched(pattern, below)?;
                    let of_workspace = pattern[0] == "*";
                    let workspace = of_workspace.then(|| names.remove(0));
                    (workspace, names)
                }
                Answer::Path(pattern) => (Some(below[0].clone()), matched(pattern, &below[1..])?),
                _ => return None,
            };
            let region = region.filter(|region| region != "global");
            let gap = gap(operation, &account, region.as_deref(), names.first().map(String::as_str));
            Some(Denied { file: file.clone(), text, gap })
        };
        self.files.iter().filter_map(denied).collect()
    }

    /// The verdicts on an evidence file without these answers, and the report in words.
    fn audit(&self, judge: &dyn Fn(&Path) -> (Vec<Finding>, String), operation: Operation) -> (Vec<Finding>, String) {
        let answers = self.answers(operation);
        let mut gaps: Vec<Value> = answers.iter().map(|answer| answer.gap.clone()).collect();
        if gaps.is_empty() && !operation.is_databricks() {
            let asked = |(_, region): &&(String, Option<String>)| region.is_none() == operation.is_global();
            let places = self.places.iter().filter(asked);
            gaps.extend(places.map(|(account, region)| gap(operation, account, region.as_deref(), None)));
        }
        answers.iter().for_each(|answer| fs::remove_file(&answer.file).unwrap());
        let mut inputs = vec![self.root.clone()];
        if !gaps.is_empty() {
            inputs.push(self.root.with_file_name("noted.json"));
            fs::write(&inputs[1], json!({ "format": sources::FORMAT, "gaps": gaps }).to_string()).unwrap();
        }
        let evidence = self.root.with_file_name("evidence.json");
        sources::write(&inputs, &evidence).unwrap();
        let judged = judge(&evidence);
        answers.iter().for_each(|answer| fs::write(&answer.file, &answer.text).unwrap());
        judged
    }
}

/// The parts of a path below the fixture, without `.json`.
fn segments(root: &Path, file: &Path) -> Vec<String> {
    let below = file.strip_prefix(root).unwrap().with_extension("");
    below.iter().map(|part| part.to_string_lossy().into_owned()).collect()
}

/// What stands in the places of `*`, if the path is of this pattern.
fn matched(pattern: &[&str], parts: &[String]) -> Option<Vec<String>> {
    let fits =
        pattern.len() == parts.len() && pattern.iter().zip(parts).all(|(want, have)| *want == "*" || want == have);
    let names = pattern.iter().zip(parts).filter(|(want, _)| **want == "*").map(|(_, have)| have.clone());
    fits.then(|| names.collect())
}

fn gap(operation: Operation, account: &str, region: Option<&str>, resource: Option<&str>) -> Value {
    json!({ "operation": operation.name(), "account": account, "region": region, "resource": resource, "reason": Reason::AccessDenied })
}

#[test]
fn every_call_that_is_denied_leaves_what_rests_on_it_undecided_and_is_named() {
    let pack = catalogue(&[]).unwrap();
    let rules: Vec<&Rule> = pack.rules.iter().collect();
    let infos: Vec<RuleInfo> = rules.iter().map(|rule| rule.info.clone()).collect();
    let judge = |evidence: &Path, profile: Profile| {
        let estate = Arc::new(sources::read(&[evidence.to_path_buf()]).unwrap());
        let mut findings = run(&pack.env, &rules, &estate, &profile);
        // these judge the gaps themselves, each of which is a subject of its own
        findings.retain(|finding| !finding.rule.starts_with("EVD"));
        let outcome = Outcome {
            findings: findings.clone(),
            rules: infos.clone(),
            frameworks: Vec::new(),
            profile,
            switched_off: Vec::new(),
            collected: Vec::new(),
            gaps: estate.noted.iter().map(|(gap, _)| gap.clone()).collect(),
            inputs: Vec::new(),
        };
        let mut text = Vec::new();
        report::text::write(&outcome, &report::text::Options { width: 400, ..Default::default() }, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        (findings, text.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let mut wrong = Vec::new();
    let mut waited_for: BTreeSet<Operation> = BTreeSet::new();
    for (fixture, profile) in FIXTURES {
        let matrix = Matrix::of(fixture);
        let judge = |evidence: &Path| judge(evidence, *profile);
        let before = by_fingerprint(&matrix.audit(&judge, Operation::ReadEvidence).0);
        for operation in Operation::ALL.iter().copied().filter(|operation| operation.is_asked()) {
            let name = operation.name();
            let (mut findings, text) = matrix.audit(&judge, operation);
            if operation == Operation::ListWorkspaces {
                // a network configuration that no workspace uses is judged too: one of them may
                findings.retain(|f| f.verdict != Verdict::Pass || before.contains_key(&f.fingerprint));
            }
            wrong.extend(unsound(&before, &findings).iter().map(|change| format!("{fixture}, {name}: {change}")));
            let undecided = |finding: &Finding| {
                finding.verdict == Verdict::Unknown && before.get(&finding.fingerprint) != Some(&Verdict::Unknown)
            };
            if !findings.iter().any(undecided) {
                continue;
            }
            waited_for.insert(operation);
            if !text.contains(&format!("{name} in ")) {
                wrong.push(format!("{fixture}: the report does not name {name}:\n{text}"));
            }
        }
    }
    for operation in Operation::ALL.iter().filter(|operation| operation.is_asked()) {
        match (waited_for.contains(operation), UNREAD.iter().any(|(unread, _)| unread == operation)) {
            (false, false) => wrong.push(format!("{operation:?}: no verdict waits for {}", operation.name())),
            (true, true) => wrong.push(format!("{operation:?}: a verdict does wait for {}", operation.name())),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
