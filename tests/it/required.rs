//! The required paths of whole estates. What the fixtures must give is written from their READMEs
//! and the facts, not from what the engine answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use plaudit::estate::Estate;
use plaudit::reach::required::RequiredPath;
use plaudit::reach::{Verdict, World};
use plaudit::sources;

use crate::fixtures::folder;

fn read(fixture: &str) -> Estate {
    sources::read(&[folder(fixture)]).unwrap()
}

/// `<name> <verdict> by <exits>`, and what stops it or is missing.
fn told(path: &RequiredPath) -> String {
    let exits: Vec<&str> = path.exits.iter().map(|exit| exit.word()).collect();
    let blockers = path.blockers.iter().map(|blocker| format!("\n  {} {}", blocker.code.name(), blocker.resource));
    let gaps = path.gaps.iter().map(|gap| format!("\n  {gap}"));
    let more: String = blockers.chain(gaps).collect();
    format!("{} {} by {}{more}", path.name, path.verdict, exits.join("+"))
}

fn all(fixture: &str) -> Vec<String> {
    let estate = read(fixture);
    let required = World::of(&estate).required();
    assert!(required.unknown.is_empty(), "{:?}", required.unknown);
    required.paths.iter().map(told).collect()
}

/// By the endpoints of a workspace whose back end is private.
const BACK_END: &[&str] = &[
    "rest reachable by endpoint",
    "internal-api reachable by endpoint",
    "unity-catalog reachable by endpoint",
    "extendability reachable by endpoint",
    "relay reachable by endpoint",
    "s3-root reachable by gateway-endpoint",
    "s3-artifacts reachable by gateway-endpoint",
    "s3-logs reachable by gateway-endpoint",
    "s3-system-tables reachable by gateway-endpoint",
];

const INSIDE: &[&str] = &[
    "nodes reachable by inside",
    "nodes-udp reachable by inside",
    "dns reachable by inside",
    "dns-tcp reachable by inside",
];

/// README: no internet gateway, no NAT; endpoints for everything; offices behind Direct Connect. The
/// compliance security profile is off.
#[test]
fn an_isolated_workspace_reaches_everything_by_endpoints() {
    let services = ["sts reachable by endpoint", "kinesis reachable by endpoint"];
    let wanted = [BACK_END, &services, INSIDE, &["front-end reachable by endpoint"]].concat();
    assert_eq!(all("isolated"), wanted);
}

/// README: back-end PrivateLink, S3 by a gateway endpoint, the rest by NAT; no STS nor Kinesis
/// endpoint, no front end.
#[test]
fn a_managed_workspace_reaches_the_services_of_aws_by_nat() {
    let services = ["sts reachable by nat", "kinesis reachable by nat"];
    let wanted = [BACK_END, &services, INSIDE].concat();
    assert_eq!(all("managed-nat"), wanted);
}

/// Blockers of each path of `prod`, after the rows of the README: DNS004 (the zone of the REST name
/// holds addresses of the Kinesis endpoint), SGR009, SGR010, SGR005 and SGR006 (groups), ACL001 to
/// ACL005, PEE002 and PEE004 (routes of clusters b and c), PLB015, PLB017, S3B009 to S3B012.
#[test]
fn a_leaky_workspace_is_blocked_by_what_is_planted() {
    let (name, group, acl, peering, transit, policy) = (
        "DNS_UNEXPECTED_ANSWER",
        "ENI_SG_RULES_MISMATCH",
        "SUBNET_ACL_RESTRICTION",
        "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
        "BAD_STATE_ATTACHMENT",
        "VPCE_POLICY_RESTRICTION",
    );
    let wanted: &[(&str, &str, &[&str])] = &[
        ("rest", "unreachable", &[name]),
        ("internal-api", "unreachable", &[name]),
        ("unity-catalog", "unreachable", &[name]),
        ("extendability", "unreachable", &[name]),
        ("relay", "unreachable", &[group, acl, peering, transit]),
        // 2443 is not among the ports that the ACL of clusters b and c denies; replies to clusters a are
        ("relay-fips", "unreachable", &[group, acl, peering, transit]),
        ("s3-root", "unreachable", &[transit, acl, policy]),
        ("s3-artifacts", "unreachable", &[transit, acl, policy]),
        ("s3-logs", "unreachable", &[transit, acl, policy]),
        ("s3-system-tables", "unreachable", &[transit, acl, policy]),
        ("sts", "unreachable", &[group, acl, policy]),
        ("kinesis", "unreachable", &[acl, peering, transit]),
        ("nodes", "unreachable", &[acl]),
        ("nodes-udp", "unreachable", &[group]),
        ("dns", "reachable", &[]),
        ("dns-tcp", "reachable", &[]),
    ];
    let estate = read("leaky");
    let required = World::of(&estate).required();
    let paths = required.of_workspace(estate.databricks.workspaces.number("2749018365510273").unwrap());
    let got: Vec<(&str, &str, BTreeSet<&str>)> = paths
        .iter()
        .map(|path| {
            let codes = path.blockers.iter().map(|blocker| blocker.code.name());
            (path.name, path.verdict.word(), codes.collect())
        })
        .collect();
    let wanted: Vec<(&str, &str, BTreeSet<&str>)> =
        wanted.iter().map(|(name, verdict, codes)| (*name, *verdict, codes.iter().copied().collect())).collect();
    assert_eq!(got, wanted);
    // VPC001: the resolver of the VPC of analytics is switched off, so that no name leads anywhere
    let analytics = estate.databricks.workspaces.number("6183407725914408").unwrap();
    let told = |name: &str| {
        let path = required.of_need(analytics, name).unwrap();
        (path.verdict, path.blockers.first().map(|blocker| blocker.code.name()))
    };
    let off = (Verdict::Unreachable, Some("DNS_SUPPORT_DISABLED"));
    assert_eq!((told("dns"), told("rest"), told("sts")), (off, off, off));
    assert_eq!(told("nodes"), (Verdict::Reachable, None));
}

/// Every path of every workspace, by workspace and need.
fn verdicts(root: &Path) -> BTreeMap<(String, &'static str), Verdict> {
    let estate = sources::read(&[root.to_path_buf()]).unwrap();
    let required = World::of(&estate).required();
    let id = |row: u32| estate.databricks.workspaces.row(row).id.clone();
    required.paths.iter().map(|path| ((id(path.workspace), path.name), path.verdict)).collect()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Each kind of answer is taken away in turn: no path that is blocked may work then, and none that
/// works may be blocked. Either may become unknown.
#[test]
fn a_missing_answer_proves_nothing() {
    for fixture in ["isolated", "leaky"] {
        let scratch = tempfile::tempdir().unwrap();
        copy(&folder(fixture), scratch.path());
        let whole = verdicts(scratch.path());
        let mut answers = Vec::new();
        files(scratch.path(), &mut answers);
        let mut kinds: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for answer in answers {
            let name = answer.file_name().unwrap().to_string_lossy();
            // answers about one thing are named by it
            let named = name.starts_with(|c: char| c.is_ascii_digit()) || name.starts_with("tgw-rtb-");
            kinds.entry(if named { "one thing".to_owned() } else { name.into_owned() }).or_default().push(answer);
        }
        let mut wrong = Vec::new();
        for (kind, answers) in kinds {
            let texts: Vec<Vec<u8>> = answers.iter().map(|answer| fs::read(answer).unwrap()).collect();
            answers.iter().for_each(|answer| fs::remove_file(answer).unwrap());
            for (key, verdict) in verdicts(scratch.path()) {
                let before = whole.get(&key).copied();
                let turned = match before {
                    Some(Verdict::Unreachable) => verdict == Verdict::Reachable,
                    // a need that the workspace may have now must not be said to fail
                    Some(Verdict::Reachable) | None => verdict == Verdict::Unreachable,
                    Some(Verdict::Unknown) => false,
                };
                if turned {
                    wrong.push(format!("{fixture} without {kind}: {key:?} {before:?} -> {verdict}"));
                }
            }
            answers.iter().zip(texts).for_each(|(answer, text)| fs::write(answer, text).unwrap());
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
