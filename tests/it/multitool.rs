//! SARIF under Microsoft's own validator, where it is installed:
//!
//! ```text
//! npm install @microsoft/sarif-multitool@5.7.0
//! chmod u+x node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
//! SARIF_MULTITOOL=$PWD/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool cargo test multitool
//! ```

use std::fs;
use std::io::Write as _;
use std::process::Command;

use plaudit::report::HOME;
use serde_json::Value;

use super::audit::leaky_sarif;
use super::report::as_sarif;
use super::report::hostile::hostile;
use super::report::path::with_path;
use super::report::sample::sample;

#[test]
fn multitool_finds_no_fault() {
    let Some(binary) = std::env::var_os("SARIF_MULTITOOL") else {
        // not captured, so that a green run does not hide it
        let _ = writeln!(std::io::stderr(), "skipped: SARIF_MULTITOOL does not name the validator");
        return;
    };
    let logs = [
        ("sample", as_sarif(&sample())),
        ("hostile", as_sarif(&hostile())),
        ("path", as_sarif(&with_path())),
        ("leaky", leaky_sarif()),
    ];
    for (name, log) in logs {
        let folder = tempfile::tempdir().unwrap();
        let (input, output) = (folder.path().join("in.sarif"), folder.path().join("out.sarif"));
        fs::write(&input, log).unwrap();
        let run = Command::new(&binary)
            .arg("validate")
            .arg(&input)
            .args(["--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note", "--log", "ForceOverwrite", "--output"])
            .arg(&output)
            // its runtime asks for ICU, which is not everywhere
            .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
            .output()
            .unwrap();
        // its exit code is 0 whatever it found
        let log: Value = serde_json::from_slice(&fs::read(&output).unwrap_or_else(|error| {
            panic!("{error}: {}", String::from_utf8_lossy(&run.stderr));
        }))
        .unwrap();
        let faults: Vec<String> = log["runs"][0]["results"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|result| {
                let id = result["ruleId"].as_str().unwrap_or_default();
                // the home page is asked for once there is one
                !(EXPECTED.contains(&id) || id == "SARIF2005" && HOME.is_none())
            })
            .map(|result| format!("{} {} {}", result["ruleId"], result["message"], result["locations"][0]))
            .collect();
        assert!(faults.is_empty(), "{name}: {faults:#?}");
    }
}

/// Advice that does not fit, all of it notes.
const EXPECTED: &[&str] = &[
    "SARIF2002", // messages by id: GitHub wants the text
    "SARIF2003", // version control: evidence is not built from a commit
    "SARIF2006", // reachable URLs: tests run offline
    "SARIF2009", // rule ids of letters and digits: S3B is an area
    "SARIF2010", // snippets and
    "SARIF2011", // their context: evidence may hold what a report should not spread
    "SARIF2013", // contents of files: the same
];
