//! The binary itself: exit codes, both streams, files, and what users stumble over.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

use crate::fixtures::folder;

pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The binary in an empty folder, with an environment that tells it nothing.
pub(crate) fn plaudit_in(place: &Path, args: &[&str]) -> Run {
    let mut command = Command::cargo_bin("plaudit").unwrap();
    for name in ["PLAUDIT_PROFILE", "PLAUDIT_CONFIG", "PLAUDIT_FAIL_ON", "NO_COLOR", "CLICOLOR_FORCE", "CI"] {
        command.env_remove(name);
    }
    let output = command.current_dir(place).args(args).output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn plaudit(args: &[&str]) -> Run {
    let place = tempfile::tempdir().unwrap();
    plaudit_in(place.path(), args)
}

pub(crate) fn fixture(name: &str) -> String {
    folder(name).display().to_string()
}

#[test]
fn exit_codes_follow_the_table() {
    let (isolated, leaky, denied) = (fixture("isolated"), fixture("leaky"), fixture("denied"));
    for (args, code) in [
        (vec!["audit", &isolated, "--profile", "isolated"], 0),
        (vec!["audit", &leaky], 1),
        (vec!["audit", &leaky, "--exit-zero"], 0),
        (vec!["audit", &leaky, "--select", "SGR002", "--fail-on", "critical"], 0),
        (vec!["audit", &denied], 1),
        (vec!["audit", &denied, "--select", "VPC001"], 3),
        (vec!["audit", &denied, "--select", "VPC001", "--allow-unknown"], 0),
        (vec!["audit", "no/such/file"], 2),
        (vec!["audit"], 2),
        (vec!["audit", &leaky, "--select", "PLB04"], 2),
        (vec!["audit", &leaky, "--workspace", "prodd"], 2),
        (vec!["rules", "show", "PLB004"], 0),
        (vec!["rules", "show", "PLB999"], 2),
        (vec!["collect"], 2),
    ] {
        let run = plaudit(&args);
        assert_eq!(run.code, code, "{args:?}\n{}\n{}", run.out, run.err);
        assert!(!run.err.contains("panicked") && !run.err.contains("backtrace"), "{}", run.err);
    }
}

#[test]
fn one_run_feeds_people_and_machines() {
    let place = tempfile::tempdir().unwrap();
    let run = plaudit_in(
        place.path(),
        &["audit", &fixture("leaky"), "-o", "sarif=out.sarif", "-o", "json=out.json", "-f", "text"],
    );
    assert_eq!(run.code, 1);
    assert!(run.out.contains("critical") && run.out.lines().last().unwrap().contains("failed"), "{}", run.out);
    let sarif: Value = serde_json::from_str(&fs::read_to_string(place.path().join("out.sarif")).unwrap()).unwrap();
    let json: Value = serde_json::from_str(&fs::read_to_string(place.path().join("out.json")).unwrap()).unwrap();
    let fails = |findings: &Value, key: &str, value: &str| {
        findings.as_array().unwrap().iter().filter(|f| f[key] == value).count()
    };
    assert_eq!(json["format"], "plaudit-findings/1");
    assert_eq!(fails(&sarif["runs"][0]["results"], "kind", "fail"), fails(&json["findings"], "verdict", "fail"));
    assert!(fails(&json["findings"], "verdict", "fail") >= 30);
}

/// The SARIF of the leaky estate, as CI would upload it from the root of the repository.
pub(crate) fn leaky_sarif() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    plaudit_in(root, &["audit", "fixtures/leaky", "-f", "sarif", "--all-results"]).out
}

#[test]
fn the_sarif_of_a_whole_estate_is_valid_and_points_into_the_repository() {
    let log: Value = serde_json::from_str(&leaky_sarif()).unwrap();
    crate::report::assert_sound(&log);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let place = &result["locations"][0]["physicalLocation"];
        let file = root.join(place["artifactLocation"]["uri"].as_str().unwrap());
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        let line = place["region"]["startLine"].as_u64().unwrap();
        assert!((1..=lines as u64).contains(&line), "{}:{line}", file.display());
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let leaky = fixture("leaky");
    for format in ["text", "json", "sarif"] {
        let args = ["audit", &leaky, "-f", format, "--today", "2026-01-01"];
        assert_eq!(plaudit(&args).out, plaudit(&args).out, "{format}");
    }
}

#[test]
fn a_packed_evidence_file_is_judged_like_its_directory() {
    let place = tempfile::tempdir().unwrap();
    for name in ["evidence.json", "evidence.json.gz", "evidence.json.zst"] {
        let run = plaudit_in(place.path(), &["collect", "--from", &fixture("leaky"), "-o", name]);
        assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
        let verdicts = |input: &str| {
            let run = plaudit_in(place.path(), &["audit", input, "-f", "json", "--all-results"]);
            let json: Value = serde_json::from_str(&run.out).unwrap();
            let findings = json["findings"].as_array().unwrap().iter();
            findings
                .map(|f| (f["fingerprint"].to_string(), f["verdict"].to_string(), f["message"].to_string()))
                .collect::<Vec<_>>()
        };
        assert_eq!(verdicts(name), verdicts(&fixture("leaky")), "{name}");
    }
}

#[test]
fn settings_change_profile_severity_and_rules() {
    let place = tempfile::tempdir().unwrap();
    fs::write(
        place.path().join("plaudit.toml"),
        "profile = \"managed\"\nignore = [\"WSC\", \"LOG\"]\n[severity]\nPLB004 = \"low\"\n[[workspace]]\nname = \"prod\"\nprofile = \"isolated\"\n",
    )
    .unwrap();
    let run = plaudit_in(place.path(), &["audit", &fixture("leaky"), "-f", "json"]);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    let findings = json["findings"].as_array().unwrap();
    assert!(findings.iter().all(|f| !f["rule"].as_str().unwrap().starts_with("WSC")));
    assert!(findings.iter().filter(|f| f["rule"] == "PLB004").all(|f| f["severity"] == "low"));
    let profiles = |profile: &str| findings.iter().filter(|f| f["profile"] == profile).count();
    assert!(profiles("isolated") > 0 && profiles("managed") > 0);
    for finding in findings.iter().filter(|f| f["profile"] == "isolated") {
        assert!(finding["subject"]["workspaces"].to_string().contains("prod"), "{finding}");
    }
}

#[test]
fn waivers_accept_expire_and_are_missed() {
    let place = tempfile::tempdir().unwrap();
    let waiver = |rule: &str, subject: &str, expires: &str| {
        format!("[[waiver]]\nrule = \"{rule}\"\nsubject = \"{subject}\"\nreason = \"ticket 1\"\nexpires = {expires}\n")
    };
    let text = [
        waiver("PLB004", "*", "2030-01-01"),
        waiver("VPC001", "vpc-*", "\"2020-01-01\""),
        waiver("KMS003", "nothing", "2030-01-01"),
    ]
    .concat();
    fs::write(place.path().join("plaudit.toml"), text).unwrap();
    let run = plaudit_in(place.path(), &["audit", &fixture("leaky"), "-f", "json", "--today", "2026-06-01"]);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    let findings = json["findings"].as_array().unwrap();
    assert!(findings.iter().filter(|f| f["rule"] == "PLB004").all(|f| f["waived"]["reason"] == "ticket 1"));
    let rules: Vec<&str> = findings.iter().map(|f| f["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"EVD004") && rules.contains(&"EVD005"), "{rules:?}");

    for (text, expected) in [
        (
            "[[waiver]]\nrule = \"PLB004\"\nsubject = \"*\"\nreason = \"x\"\nexpires = \"soon\"\n",
            "plaudit.toml:1:1: `soon` is no date",
        ),
        ("profil = \"managed\"\n", "plaudit.toml:1:1: unknown field `profil`"),
        ("ignore = [\"PLB04\"]\n", "there is no rule, area or tag `PLB04`"),
    ] {
        fs::write(place.path().join("plaudit.toml"), text).unwrap();
        let run = plaudit_in(place.path(), &["audit", &fixture("leaky")]);
        assert_eq!((run.code, run.err.contains(expected)), (2, true), "{text}: {}", run.err);
        assert!(run.err.contains("help:"), "{}", run.err);
    }
}

#[test]
fn a_baseline_tells_new_from_old() {
    let place = tempfile::tempdir().unwrap();
    let leaky = fixture("leaky");
    plaudit_in(place.path(), &["audit", &leaky, "--ignore", "PLB", "-o", "sarif=old.sarif"]);
    let run = plaudit_in(place.path(), &["audit", &leaky, "--baseline", "old.sarif", "-f", "json"]);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    for finding in json["findings"].as_array().unwrap() {
        let expected = if finding["rule"].as_str().unwrap().starts_with("PLB") { "new" } else { "unchanged" };
        assert_eq!(finding["baseline"], expected, "{finding}");
    }
    plaudit_in(place.path(), &["audit", &leaky, "-o", "sarif=old.sarif"]);
    let run = plaudit_in(place.path(), &["audit", &leaky, "--baseline", "old.sarif", "--fail-on-new"]);
    assert_eq!(run.code, 0, "{}", run.out);
    let run = plaudit_in(place.path(), &["audit", &fixture("isolated"), "--baseline", "old.sarif", "-f", "json"]);
    assert!(run.out.contains("\"absent\""));
    fs::write(place.path().join("old.sarif"), "{\"not\": \"sarif\"}").unwrap();
    let run = plaudit_in(place.path(), &["audit", &leaky, "--baseline", "old.sarif"]);
    assert_eq!((run.code, run.err.contains("help:")), (2, true), "{}", run.err);
}

#[test]
fn only_one_workspace_is_reported_when_asked() {
    let run = plaudit(&["audit", &fixture("leaky"), "--workspace", "sandbox", "-f", "json"]);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    for finding in json["findings"].as_array().unwrap() {
        assert!(finding["subject"]["workspaces"].to_string().contains("sandbox"), "{finding}");
    }
}

#[test]
fn broken_evidence_is_one_clear_error() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("bad.json");
    for text in [
        "",
        "{",
        "[1,2",
        "nonsense",
        "{\"a\": 1}",
        "{\"format\": \"plaudit-evidence/9\"}",
        "{\"terraform_version\": \"1.9\", \"format_version\": \"1.2\", \"planned_values\": {}}",
    ] {
        fs::write(&file, text).unwrap();
        let run = plaudit_in(place.path(), &["audit", "bad.json"]);
        assert_eq!(run.code, 2, "{text}: {}", run.err);
        assert!(
            run.err.starts_with("error: ") && run.err.contains("bad.json") && run.err.contains("help:"),
            "{text}: {}",
            run.err
        );
        assert_eq!(run.out, "", "{text}");
    }
}

#[test]
fn a_rule_file_with_a_typo_is_shown_with_its_line() {
    let place = tempfile::tempdir().unwrap();
    let rule =
        include_str!("../../rules/plb/relay-endpoint-closed.yaml").replace("ws.network.subnets", "ws.network.subnts");
    fs::create_dir(place.path().join("own")).unwrap();
    fs::write(place.path().join("own/relay-endpoint-closed.yaml"), rule).unwrap();
    let run = plaudit_in(place.path(), &["audit", &fixture("leaky"), "--rules", "own", "--color", "never"]);
    assert_eq!(run.code, 2);
    for expected in
        ["own/relay-endpoint-closed.yaml:", "Network has no field `subnts`", "did you mean `subnets`?", "^^^^^^"]
    {
        assert!(run.err.contains(expected), "{expected}: {}", run.err);
    }
}

#[test]
fn a_rule_that_calls_something_else_a_path_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let rule = include_str!("../../rules/plb/relay-endpoint-closed.yaml");
    let blame = rule.lines().find(|line| line.trim_start().starts_with("blame:")).unwrap();
    let indent = &blame[..blame.find("blame").unwrap()];
    let rule = rule.replace(blame, &format!("{blame}\n{indent}path: ws.network"));
    fs::create_dir(place.path().join("own")).unwrap();
    fs::write(place.path().join("own/relay-endpoint-closed.yaml"), rule).unwrap();
    let run = plaudit_in(place.path(), &["audit", &fixture("leaky"), "--rules", "own", "--color", "never"]);
    assert_eq!((run.code, run.err.contains("the expression gives a Network, not one path")), (2, true), "{}", run.err);
}

#[test]
fn completions_are_made_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(plaudit(&["completions", shell]).out.contains("plaudit"), "{shell}");
    }
}
