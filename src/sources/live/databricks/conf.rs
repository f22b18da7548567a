//! `workspace-conf`: which keys are asked for, and what to do when a workspace does not know one
//! of them, because then it answers none. Pure.

/// The keys that the rules read, and those that rules of others may want. A workspace that does
/// not know one leaves it out of the evidence; a rule that reads it is then unknown.
pub(super) const KEYS: &[&str] = &[
    "enableDbfsFileBrowser",
    "enableDeprecatedClusterNamedInitScripts",
    "enableDeprecatedGlobalInitScripts",
    "enableEnforceImdsV2",
    "enableExportNotebook",
    "enableIpAccessLists",
    "enableNotebookTableClipboard",
    "enableResultsDownloading",
    "enableTokensConfig",
    "enableVerboseAuditLogs",
    "enableWebTerminal",
    "enforceUserIsolation",
    "maxTokenLifetimeDays",
    "storeInteractiveNotebookResultsInCustomerAccount",
];

/// The keys without those that a refusal names; `None` when it names none of them, or all.
pub(super) fn without_refused<'a>(keys: &[&'a str], message: &str) -> Option<Vec<&'a str>> {
    let listed = message.split_once("Invalid keys: [").and_then(|(_, rest)| rest.split_once(']'));
    let listed = listed.map(|(names, _)| names.split(',').map(str::trim).collect::<Vec<_>>()).unwrap_or_default();
    // «unauthorized to perform ReadAction on /org_admin_conf/<key>»
    let mut paths = message.split("/org_admin_conf/").skip(1);
    let single = paths.next().map(|rest| rest.split(|char: char| !char.is_ascii_alphanumeric()).next().unwrap_or(rest));
    let refused = |key: &&str| listed.contains(key) || single == Some(*key);
    let left: Vec<&str> = keys.iter().copied().filter(|key| !refused(key)).collect();
    (!left.is_empty() && left.len() < keys.len()).then_some(left)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{KEYS, without_refused};

    #[test]
    fn refused_keys_are_left_out() {
        let keys = ["a", "b", "c"];
        assert_eq!(without_refused(&keys, "Invalid keys: [a, c]"), Some(vec!["b"]));
        assert_eq!(without_refused(&keys, "x /org_admin_conf/b."), Some(vec!["a", "c"]));
        for message in ["Invalid keys: [x]", "Invalid keys: [a,b,c]", "Invalid keys: [a", "no", "Invalid keys: []"] {
            assert_eq!(without_refused(&keys, message), None, "{message}");
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test reads the rule pack")]
    fn every_key_that_a_rule_reads_is_asked_for() {
        let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
        let mut found = 0;
        for area in fs::read_dir(rules).unwrap().map(|area| area.unwrap().path()).filter(|path| path.is_dir()) {
            for file in fs::read_dir(area).unwrap() {
                let text = fs::read_to_string(file.unwrap().path()).unwrap();
                for rest in text.split("conf(").skip(1).filter(|rest| rest.starts_with(['"', '\''])) {
                    let key = rest[1..].split(['"', '\'']).next().unwrap();
                    assert!(KEYS.contains(&key), "{key}");
                    found += 1;
                }
            }
        }
        assert!(found > 5);
        assert!(KEYS.contains(&"enableIpAccessLists"), "engine/facts reads it");
    }
}
