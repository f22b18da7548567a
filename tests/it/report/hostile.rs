//! Names that mean harm, in every report.

use jiff::civil::date;
use plaudit::estate::{Operation, Reason};
use plaudit::finding::{Blame, Outcome, Severity, Step, Verdict};
use plaudit::reach::{Leg, Passage};
use plaudit::report::text;

use super::sample::{at, finding, gap, outcome, rule};
use super::{as_json, as_sarif, as_text, assert_sound, parsed};

/// A workspace whose name, message, file and tags try to forge a report.
pub(crate) fn hostile() -> Outcome {
    let nasty = "a\u{1b}[2K\u{202e}b\"%{0}\\\n0 failed\u{200b}[x](https://evil.example)\u{9b}31m<script>";
    let mut relay = rule("PLB004", "relay-endpoint-closed", Severity::Critical);
    relay.tags = vec![nasty.to_owned(), "\u{7}".to_owned()];
    relay.title = nasty.to_owned();
    relay.rationale = format!("{nasty} {}", "é".repeat(2_000));
    relay.references =
        vec!["javascript:alert(1)".to_owned(), nasty.to_owned(), "https://docs.databricks.com".to_owned()];
    let mut failure = finding(&relay, Verdict::Fail, "workspace", nasty, &[nasty]);
    failure.locations = vec![at(nasty, 0), at("/etc/50 %/é.json", 3), at("../../up.json", 3), at("", 0)];
    failure.blame = vec![Blame { label: nasty.to_owned(), location: at("/etc/passwd", 1) }];
    let step = |word: &str, location| Step {
        component: word.to_owned(),
        resource: word.to_owned(),
        direction: Leg::Forward,
        decision: word.to_owned(),
        passage: Passage::Blocked,
        location,
    };
    failure.path = vec![step(nasty, Some(at("/etc/passwd", 0))), step("", None), step("\u{7}", Some(at("", 0)))];
    let mut undecided = finding(&relay, Verdict::Unknown, "workspace", "2", &[]);
    undecided.gaps = vec![gap(Operation::DescribeVpcs, Reason::Undecodable, nasty).because(nasty)];
    let mut accepted = finding(&relay, Verdict::Fail, "workspace", "3", &[]);
    accepted.message = String::new();
    accepted.waived = Some(plaudit::finding::Waived { reason: nasty.to_owned(), expires: date(2027, 1, 1) });
    let mut outcome = outcome(vec![relay], vec![failure, undecided, accepted]);
    outcome.inputs = vec![nasty.to_owned()];
    outcome.switched_off = vec![nasty.to_owned()];
    outcome
}

fn acts(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
}

#[test]
fn hostile_names_cannot_steer_a_terminal() {
    let report = as_text(&hostile(), &text::Options { verbose: true, ..Default::default() });
    assert!(!report.contains(acts), "{report}");
    assert!(report.contains(r"a\u{1b}[2K\u{202e}b"), "{report}");
    // a line break in a name starts no line of its own
    assert!(!report.lines().any(|line| line.starts_with("0 failed")), "{report}");
}

#[test]
fn hostile_names_cannot_break_sarif_or_plant_a_link() {
    let text = as_sarif(&hostile());
    assert!(!text.contains(acts));
    let log = parsed(&text);
    assert_sound(&log);
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let message = result["message"]["text"].as_str().unwrap();
        assert!(!message.contains("](") && !message.contains(acts) && !message.contains('\n'), "{message}");
    }
    let results = log["runs"][0]["results"].as_array().unwrap();
    let hops = results.iter().find_map(|result| result.pointer("/codeFlows/0/threadFlows/0/locations")).unwrap();
    for hop in hops.as_array().unwrap() {
        let message = hop["location"]["message"]["text"].as_str().unwrap();
        assert!(!message.contains("](") && !message.contains(acts) && !message.contains('\n'), "{message}");
    }
    assert!(!text.contains("/etc/"), "a path outside the base is in the file");
    // what programs read is the name as it is
    let subject = &log["runs"][0]["results"][0]["properties"]["subject"];
    assert_eq!(subject["id"], hostile().findings[0].subject.id.as_str());
}

#[test]
fn hostile_names_survive_json() {
    let text = as_json(&hostile(), true);
    assert!(!text.contains(acts));
    assert_eq!(parsed(&text)["findings"][0]["subject"]["id"], hostile().findings[0].subject.id.as_str());
}
