//! Who may import whom: the table of `ARCHITECTURE.md`, held against the `crate::` paths in the
//! source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A layer, and the layers that it may name.
const TABLE: &[(&str, &[&str])] = &[
    ("estate", &[]),
    ("hint", &[]),
    ("reach", &["estate"]),
    ("finding", &["estate", "reach"]),
    ("sources", &["estate", "whole"]),
    ("engine", &["estate", "finding", "hint", "reach"]),
    ("report", &["estate", "finding", "reach"]),
    ("cli", &["finding"]),
    ("exit", &[]),
    ("whole", &[]),
    ("settings", &["cli", "estate", "finding", "hint"]),
    (
        "commands",
        &["cli", "engine", "estate", "exit", "finding", "hint", "reach", "report", "settings", "sources", "whole"],
    ),
];

#[test]
fn data_flows_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let table: BTreeMap<&str, BTreeSet<&str>> =
        TABLE.iter().map(|(layer, allowed)| (*layer, allowed.iter().copied().collect())).collect();
    let mut trespasses = Vec::new();
    for file in rust_files(&root) {
        let below = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let layer = below.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        if layer == "lib" || layer == "main" {
            continue;
        }
        let allowed = table.get(layer.as_str()).unwrap_or_else(|| panic!("src/{below}: add `{layer}` to the table"));
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            for used in named(line) {
                if used != layer && !allowed.contains(used.as_str()) {
                    trespasses.push(format!("src/{below}:{}: {layer} must not use {used}", number + 1));
                }
            }
        }
    }
    assert!(trespasses.is_empty(), "{}", trespasses.join("\n"));
}

#[test]
fn the_table_in_the_documentation_is_this_one() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    for (layer, allowed) in TABLE {
        let names = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
        let row = format!("| `{layer}` | {names} |");
        assert!(page.contains(&row), "ARCHITECTURE.md lacks the row {row}");
    }
}

/// Layers that a line names as `crate::<layer>`; comments do not count.
fn named(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or_default();
    let names = code.match_indices("crate::").filter(|(index, _)| {
        // `$crate::` and `plaudit_crate::` are not ours
        !code[..*index].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$')
    });
    names
        .map(|(index, _)| {
            code[index + "crate::".len()..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
        })
        .collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
