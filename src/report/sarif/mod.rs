//! The SARIF 2.1.0 report, for code scanning.
//!
//! Input: an outcome in order, the directory that paths start from, a category. Output: one run
//! with whole rules, taxonomies, results, and a notification for every piece of evidence that is
//! missing. It follows the OASIS schema and GitHub's limits, and refuses what GitHub rejects a
//! whole file for: absolute or empty URIs, results without a place, empty strings. It also
//! refuses to be silent about results that do not fit.
//!
//! Waived findings stay, with a suppression, and findings that are gone since the baseline stay
//! with `baselineState: absent`: an alert that vanishes and returns loses its history.

mod flow;
mod place;
mod results;
mod rules;

use std::collections::BTreeMap;
use std::io;

use serde_json::Value;
use serde_sarif::sarif;

use super::{HOME, count, escape};
use crate::estate::{Gap, Reason};
use crate::finding::{Outcome, RuleInfo, Verdict, stops};
use place::Places;
use results::Results;
use rules::{Book, sentence};

/// Where the schema is.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// What GitHub takes of the results of a run.
const RESULTS: usize = 25_000;

/// How the report is written.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Absolute path of the directory that relative paths start from, and that URIs are relative
    /// to: the root of the checkout.
    pub base: String,
    /// Keeps the alerts of several runs on one commit apart; `plaudit/<profile>` otherwise.
    pub category: Option<String>,
    /// Also passes, and subjects that a rule does not concern.
    pub all_results: bool,
}

/// Writes the report.
pub fn write(outcome: &Outcome, options: &Options, out: &mut impl io::Write) -> io::Result<()> {
    let log = sarif::Sarif::builder().schema(SCHEMA).version("2.1.0").runs(vec![run(outcome, options)]).build();
    escape::write_json(&log, out)
}

fn run(outcome: &Outcome, options: &Options) -> sarif::Run {
    let book = Book::of(outcome);
    let places = Places::new(&options.base, &outcome.inputs);
    let mut writer = Results {
        book: &book,
        places,
        stops: stops::of(&outcome.findings),
        artifacts: Vec::new(),
        known: BTreeMap::new(),
    };
    let listed = |verdict| options.all_results || matches!(verdict, Verdict::Fail | Verdict::Unknown);
    // findings come worst first, so what does not fit is what matters least
    let mut findings = outcome.findings.iter().filter(|finding| listed(finding.verdict));
    let results: Vec<_> = findings.by_ref().take(RESULTS).map(|finding| writer.result(finding)).collect();
    let left_out = findings.count();
    let artifacts = writer.artifacts.into_iter().map(|uri| {
        let location = sarif::ArtifactLocation::builder().uri(uri).build();
        sarif::Artifact::builder().location(location).roles(vec![Value::from("analysisTarget")]).build()
    });
    let category = options.category.as_deref().map(|category| category.trim_matches('/')).and_then(filled);
    let category = category.unwrap_or_else(|| format!("plaudit/{}", outcome.profile));

    let mut run = sarif::Run::builder()
        .tool(sarif::Tool::builder().driver(driver(&book)).build())
        // a run without an id of its own is a category with a slash at the end
        .automation_details(sarif::RunAutomationDetails::builder().id(format!("{category}/")).build())
        .column_kind("utf16CodeUnits")
        .language("en")
        .invocations(vec![invocation(outcome, left_out)])
        .results(results)
        .build();
    run.artifacts = Some(artifacts.collect::<Vec<_>>()).filter(|artifacts| !artifacts.is_empty());
    run.taxonomies = Some(book.taxonomies()).filter(|taxonomies| !taxonomies.is_empty());
    run
}

fn driver(book: &Book<'_>) -> sarif::ToolComponent {
    let mut driver = sarif::ToolComponent::builder()
        .name(env!("CARGO_PKG_NAME"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .full_description(text(&sentence(env!("CARGO_PKG_DESCRIPTION"))))
        .language("en")
        .rules(book.descriptors())
        .notifications(NOTICES.iter().map(|notice| notice.descriptor()).collect::<Vec<_>>())
        .build();
    driver.information_uri = HOME.map(str::to_owned);
    driver.supported_taxonomies = Some(book.supported()).filter(|supported| !supported.is_empty());
    driver
}

/// A kind of notification.
struct Notice {
    id: &'static str,
    name: &'static str,
    meaning: &'static str,
    help: &'static str,
}

const NOTICES: [Notice; 3] = [
    Notice {
        id: "NOTE001",
        name: "EvidenceMissing",
        meaning: "A call that rules may need was not answered.",
        help: "Grant the permission or add the file that the message names, and audit again.",
    },
    Notice {
        id: "NOTE002",
        name: "RuleSwitchedOff",
        meaning: "A rule did not run, because it was switched off.",
        help: "Remove it from the settings or the command line to run it.",
    },
    Notice {
        id: "NOTE003",
        name: "ResultsLeftOut",
        meaning: "There are more results than a run may hold.",
        help: "Audit fewer workspaces at once, each with a category of its own.",
    },
];

impl Notice {
    fn descriptor(&self) -> sarif::ReportingDescriptor {
        sarif::ReportingDescriptor::builder()
            .id(self.id)
            .name(self.name)
            .short_description(text(self.meaning))
            .full_description(text(self.meaning))
            .help(text(self.help))
            .build()
    }
}

fn notification(kind: usize, level: &str, said: &str) -> sarif::Notification {
    let descriptor = sarif::ReportingDescriptorReference::builder().id(NOTICES[kind].id).index(index(kind)).build();
    sarif::Notification::builder().descriptor(descriptor).level(level).message(message(said)).build()
}

fn invocation(outcome: &Outcome, left_out: usize) -> sarif::Invocation {
    let mut execution: Vec<_> = outcome.gaps.iter().map(missing).collect();
    if left_out > 0 {
        let said =
            format!("{} left out: a run holds {RESULTS} at most, and the worst are kept.", count(left_out, "result"));
        execution.push(notification(2, "warning", &said));
    }
    let switched_off = outcome.switched_off.iter();
    let configuration: Vec<_> = switched_off
        .map(|rule| notification(1, "note", &format!("Rule {} is switched off.", escape::line(rule))))
        .collect();
    let mut invocation = sarif::Invocation::builder().execution_successful(true).build();
    invocation.tool_execution_notifications = Some(execution).filter(|list| !list.is_empty());
    invocation.tool_configuration_notifications = Some(configuration).filter(|list| !list.is_empty());
    invocation
}

fn missing(gap: &Gap) -> sarif::Notification {
    let level = if gap.reason == Reason::RuleFault { "error" } else { "warning" };
    let closing = format!("It takes the permission {} or the file {}.", gap.operation.name(), gap.operation.file());
    notification(0, level, &format!("{} {closing}", sentence(&escape::line(&gap.to_string()))))
}

fn references(rule: &RuleInfo) -> impl Iterator<Item = &str> {
    rule.references.iter().map(String::as_str).filter(|reference| !reference.is_empty())
}

fn text(text: &str) -> sarif::MultiformatMessageString {
    sarif::MultiformatMessageString::builder().text(text).build()
}

fn message(text: &str) -> sarif::Message {
    sarif::Message::builder().text(text).build()
}

/// Text, unless there is none.
fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn index(position: usize) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

/// The properties that say something: no nulls, empty strings or empty lists.
fn dense(value: Value) -> BTreeMap<String, Value> {
    let Value::Object(object) = value else { return BTreeMap::new() };
    object.into_iter().filter_map(|(key, value)| Some((key, dense_value(value)?))).collect()
}

fn dense_value(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.is_empty()).then_some(Value::String(text)),
        Value::Array(items) => {
            let items: Vec<Value> = items.into_iter().filter_map(dense_value).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(_) => {
            let object = dense(value);
            (!object.is_empty()).then(|| object.into_iter().collect())
        }
        other => Some(other),
    }
}
