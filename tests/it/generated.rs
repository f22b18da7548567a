//! What is generated is committed, and current: the rule catalogue, the vocabulary, the schemas,
//! the permissions, the command line reference. `just generate` writes them.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;

#[test]
fn generated_files_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let write = std::env::var_os("PLAUDIT_WRITE_GENERATED").is_some();
    let mut stale = Vec::new();
    for (name, text) in [
        ("rules/README.md", output(&["rules", "docs"])),
        ("rules/VOCABULARY.md", output(&["rules", "schema"])),
        ("docs/rule.schema.json", output(&["rules", "schema", "rule"])),
        ("docs/settings.schema.json", output(&["rules", "schema", "settings"])),
        ("docs/findings.schema.json", output(&["rules", "schema", "findings"])),
        ("docs/permissions.md", output(&["permissions", "-f", "markdown"])),
        ("docs/CLI.md", reference()),
    ] {
        let path = root.join(name);
        if fs::read_to_string(&path).unwrap_or_default() == text {
            continue;
        }
        if write {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        } else {
            stale.push(name);
        }
    }
    assert!(stale.is_empty(), "stale: {stale:?}; `just generate` writes them");
}

fn output(args: &[&str]) -> String {
    let output = assert_cmd::Command::cargo_bin("plaudit").unwrap().args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// `--help` of every command.
fn reference() -> String {
    let mut text = String::from("# Command line\n\nGenerated from `--help`; do not edit.\n");
    let mut command = plaudit::cli::Cli::command().term_width(100);
    command.build();
    describe(&mut text, &command, "plaudit");
    text
}

fn describe(text: &mut String, command: &clap::Command, name: &str) {
    let help = command.clone().term_width(100).render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    text.push_str(&format!("\n## {name}\n\n```text\n{}\n```\n", help.join("\n").trim()));
    for child in command.get_subcommands().filter(|child| child.get_name() != "help") {
        describe(text, child, &format!("{name} {}", child.get_name()));
    }
}
