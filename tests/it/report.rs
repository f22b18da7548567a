//! Reports: snapshots, each beside an assertion made by hand; SARIF against the OASIS schema and
//! against GitHub's rules; waivers, baselines, fingerprints, and names that mean harm.

mod baseline;
mod framework;
mod github;
pub(crate) mod hostile;
mod identity;
mod json;
pub(crate) mod path;
pub(crate) mod sample;
mod sarif;
mod text;
mod waiver;

use plaudit::finding::Outcome;
use plaudit::report;
use serde_json::Value;

fn as_text(outcome: &Outcome, options: &report::text::Options) -> String {
    let mut bytes = Vec::new();
    report::text::write(outcome, options, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn as_json(outcome: &Outcome, all_results: bool) -> String {
    let mut bytes = Vec::new();
    report::json::write(outcome, all_results, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

pub(crate) fn sarif_options() -> report::sarif::Options {
    report::sarif::Options { base: "/home/ann/repo".to_owned(), ..Default::default() }
}

pub(crate) fn as_sarif(outcome: &Outcome) -> String {
    let mut bytes = Vec::new();
    report::sarif::write(outcome, &sarif_options(), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Asserts that SARIF holds to the OASIS schema and to GitHub's rules.
pub(crate) fn assert_sound(log: &Value) {
    // the schema has one pattern that is no regular expression of JSON Schema
    let broken = "^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$";
    let schema = include_str!("../schemas/sarif-2.1.0.json").replace(broken, "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$");
    let schema = parsed(&schema);
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(log).map(|error| format!("{}: {error}", error.instance_path())).take(5).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let breaches = github::breaches(log);
    assert!(breaches.is_empty(), "{breaches:#?}");
}
