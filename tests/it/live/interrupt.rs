//! Runs that do not come to their end: killed, interrupted, out of time. Whatever file was there
//! before stays until a whole one can take its place, and what was not answered is a gap.

mod resume;
mod wide;

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use plaudit::sources;
use serde_json::Value;

use super::fault::{Fault, Rule};
use super::stage::Stage;
use crate::sources::rows;

/// A run that is told to stop has stopped by then.
const SOON: Duration = Duration::from_secs(5);
/// An evidence file from before.
const EARLIER: &str = "{\"format\": \"plaudit-evidence/1\", \"tool\": \"plaudit/0.0.1\", \
    \"collected_at\": \"2020-01-01T00:00:00Z\", \
    \"aws\": {\"111122223333\": {\"eu-west-1\": {\"describe-vpcs\": {\"Vpcs\": []}}}}}";

/// One call in one region that never ends.
fn hangs(action: &str) -> Rule {
    Rule::on(action, Fault::Hang).in_region("eu-west-1")
}

/// Every row of an evidence file of the stage.
fn came(stage: &Stage, name: &str) -> BTreeSet<String> {
    rows(&sources::read(&[stage.file(name)]).unwrap())
}

fn gaps(evidence: &Value) -> Vec<&Value> {
    evidence["gaps"].as_array().into_iter().flatten().collect()
}

/// The names of everything that lies in the folder of the stage.
fn folder(stage: &Stage) -> BTreeSet<String> {
    let entries = fs::read_dir(stage.file("e.json").parent().unwrap()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_run_that_is_killed_leaves_the_earlier_file_and_nothing_else() {
    let stage = Stage::of(2, &[]);
    fs::write(stage.file("e.json"), EARLIER).unwrap();
    sources::read(&[stage.file("e.json")]).unwrap();
    let before = folder(&stage);
    for fault in [Fault::Hang, Fault::Drip(Duration::from_millis(50))] {
        let proxy = stage.proxy([Rule::on("ec2:DescribeRouteTables", fault).in_region("eu-west-1")]);
        let mut run = stage.spawn_collect(&proxy, "e.json", &[]);
        run.until(|| proxy.count("ec2:DescribeRouteTables") > 0);
        run.kill();
        assert_ne!(run.end(SOON).code, 0);
        assert_eq!(fs::read_to_string(stage.file("e.json")).unwrap(), EARLIER);
        assert_eq!(folder(&stage), before);
    }
    let ran = stage.collect(&stage.proxy([]), "e.json", &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!came(&stage, "e.json").is_empty());
    assert_eq!(folder(&stage), before);
}

#[test]
#[cfg(unix)]
fn a_run_that_is_interrupted_keeps_what_it_has_and_can_be_gone_on_with() {
    let stage = Stage::of(2, &[]);
    let calm = stage.collect(&stage.proxy([]), "calm.json", &[]);
    assert_eq!(calm.code, 0, "{}", calm.err);
    for signal in ["INT", "TERM"] {
        // the one stops the run in its middle, the other while lists of VPCs are still read
        let action = if signal == "INT" { "ec2:DescribeSubnets" } else { "ec2:DescribeVpcs" };
        let proxy = stage.proxy([hangs(action)]);
        fs::write(stage.file("e.json"), EARLIER).unwrap();
        let mut run = stage.spawn_collect(&proxy, "e.json", &[]);
        run.until(|| proxy.count(action) > 0);
        run.signal(signal);
        let ran = run.end(SOON);
        assert_eq!(ran.code, 3, "{signal}: {}", ran.err);
        assert!(ran.err.contains(&format!("skipped: {action}")), "{signal}: {}", ran.err);

        let evidence = stage.evidence("e.json");
        let gaps = gaps(&evidence);
        assert!(gaps.iter().any(|gap| gap["operation"] == action && gap["region"] == "eu-west-1"), "{gaps:?}");
        for gap in gaps {
            assert_eq!(gap["reason"], "skipped", "{signal}: {gap}");
            assert!(gap["detail"].as_str().unwrap().contains("interrupted"), "{signal}: {gap}");
        }
        let estate = sources::read(&[stage.file("e.json")]).unwrap();
        assert!(
            estate.noted.iter().all(|(gap, _)| gap.reason == plaudit::estate::Reason::Skipped),
            "{signal}: {:?}",
            estate.noted
        );
        // what came before the signal is there; nothing is there that is not so
        let (came_now, whole) = (came(&stage, "e.json"), came(&stage, "calm.json"));
        let known: Vec<&String> = came_now.iter().filter(|row| !row.contains(" unknown: ")).collect();
        assert!(known.iter().any(|row| row.starts_with("ListWorkspaces ")), "{signal}: {known:#?}");
        let strange: Vec<&&String> = known.iter().filter(|row| !whole.contains(**row)).collect();
        assert!(strange.is_empty(), "{signal}: {strange:#?}");

        let file = stage.file("e.json").display().to_string();
        let audit = stage.plaudit(&proxy, &["audit", &file, "-f", "json"]);
        assert!([1, 3].contains(&audit.code), "{signal}: {}", audit.err);
        serde_json::from_str::<Value>(&audit.out).unwrap();

        let ran = stage.collect(&stage.proxy([]), "rest.json", &["--resume", &file]);
        assert_eq!(ran.code, 0, "{signal}: {}", ran.err);
        assert!(came(&stage, "rest.json") == whole, "{signal}: the evidence differs from that of a run in one go");
    }
}

#[test]
#[cfg(unix)]
fn a_run_that_is_interrupted_before_anything_came_writes_nothing() {
    let stage = Stage::of(1, &[]);
    fs::write(stage.file("e.json"), EARLIER).unwrap();
    let proxy = stage.proxy([Rule::on("sts:GetCallerIdentity", Fault::Hang)]);
    let mut run = stage.spawn_collect(&proxy, "e.json", &[]);
    run.until(|| proxy.count("sts:GetCallerIdentity") > 0);
    run.signal("TERM");
    let ran = run.end(SOON);
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(ran.err.contains("interrupted"), "{}", ran.err);
    assert_eq!(fs::read_to_string(stage.file("e.json")).unwrap(), EARLIER);
}

#[test]
fn a_run_ends_at_its_deadline_and_the_rest_is_a_gap() {
    let stage = Stage::of(2, &[]);
    let proxy = stage.proxy([hangs("ec2:DescribeSubnets")]);
    let began = Instant::now();
    let run = stage.spawn_collect(&proxy, "e.json", &["--deadline", "3"]);
    let ran = run.end(Duration::from_secs(3) + SOON);
    assert!(began.elapsed() >= Duration::from_secs(3), "{}", ran.err);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let evidence = stage.evidence("e.json");
    let gaps = gaps(&evidence);
    assert!(gaps.iter().any(|gap| gap["operation"] == "ec2:DescribeSubnets"), "{gaps:?}");
    for gap in gaps {
        assert_eq!(gap["reason"], "timed-out", "{gap}");
        assert!(gap["detail"].as_str().unwrap().contains("longer than 3 s"), "{gap}");
    }
    assert!(came(&stage, "e.json").iter().any(|row| row.starts_with("ListWorkspaces ")));
}
