//! A build without the feature `live` says so in one line, and says how to get one that asks.

use assert_cmd::Command;

#[test]
fn collecting_needs_a_build_that_asks() {
    for args in [
        &["collect", "-o", "e.json"][..],
        &["collect", "--dry-run"],
        &["collect", "-o", "e.json", "--resume", "e.json"],
        &["audit", "--live"],
        &["permissions", "--check"],
    ] {
        let output = Command::cargo_bin("plaudit").unwrap().args(args).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains("--features live"), "{args:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{args:?}: {said}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn flags_that_ask_need_to_be_told_so() {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/isolated");
    for args in [
        &["audit", fixture, "--assume-role", "reader"][..],
        &["collect", "--from", fixture, "-o", "e.json", "--all-regions"],
        &["permissions", "--accounts", "111122223333"],
    ] {
        let output = Command::cargo_bin("plaudit").unwrap().args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
}
