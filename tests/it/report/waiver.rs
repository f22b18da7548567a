//! Waivers.

use std::sync::Arc;

use jiff::civil::{Date, date};
use plaudit::finding::waiver::{self, ProblemKind, Waiver};
use plaudit::finding::{Severity, Verdict};

use super::sample::{at, finding, outcome, rule};
use super::{as_sarif, assert_sound, parsed};

fn waiver(rule: &str, subject: &str, expires: Date) -> Waiver {
    Waiver {
        rule: rule.to_owned(),
        subject: subject.to_owned(),
        reason: "agreed".to_owned(),
        expires,
        position: at("plaudit.toml", 7),
    }
}

const TODAY: Date = date(2026, 11, 22);

#[test]
fn waivers_match_id_name_and_area_and_count_on_their_last_day() {
    let relay = rule("PLB004", "relay-endpoint-closed", Severity::Critical);
    let mut subject = finding(&relay, Verdict::Fail, "vpc endpoint", "vpce-1", &[]);
    Arc::make_mut(&mut subject.subject).name = "relay-prod".to_owned();
    for (rule, glob) in [("PLB004", "vpce-1"), ("relay-endpoint-closed", "vpce-?"), ("PLB", "*"), ("PLB004", "*-prod")]
    {
        let mut findings = vec![subject.clone()];
        assert_eq!(waiver::apply(&[waiver(rule, glob, TODAY)], &mut findings, TODAY), []);
        let waived = findings[0].waived.as_ref().unwrap();
        assert_eq!((waived.reason.as_str(), waived.expires), ("agreed", TODAY));
        assert!(!findings[0].counts(false));
    }
    for (rule, glob) in [("PL", "*"), ("PLB00", "*"), ("PLF", "*"), ("*", "*"), ("PLB004", "vpce"), ("PLB004", "")] {
        let mut findings = vec![subject.clone()];
        let problems = waiver::apply(&[waiver(rule, glob, TODAY)], &mut findings, TODAY);
        assert_eq!(problems[0].kind, ProblemKind::Unused, "{rule} {glob}");
        assert!(findings[0].waived.is_none());
    }
}

#[test]
fn an_expired_waiver_waives_nothing_and_is_a_finding() {
    let relay = rule("PLB004", "relay-endpoint-closed", Severity::Critical);
    let mut findings = vec![
        finding(&relay, Verdict::Fail, "workspace", "1", &[]),
        finding(&relay, Verdict::Unknown, "workspace", "2", &[]),
    ];
    let yesterday = TODAY.yesterday().unwrap();
    let problems = waiver::apply(&[waiver("PLB", "*", yesterday)], &mut findings, TODAY);
    assert!(findings.iter().all(|finding| finding.waived.is_none()));
    let expired = problems[0].finding();
    assert_eq!((expired.rule.as_str(), expired.name.as_str()), ("EVD004", "expired-waiver"));
    assert_eq!((expired.verdict, expired.severity), (Verdict::Fail, Severity::Medium));
    assert_eq!(expired.message, "The waiver of PLB for '*' expired on 2026-11-21: 2 findings count again.");
    assert_eq!((expired.subject.kind.as_str(), expired.subject.id.as_str()), ("waiver", "PLB *"));
    assert_eq!(expired.locations, [at("plaudit.toml", 7)]);
}

#[test]
fn an_unused_waiver_is_a_finding_and_a_pass_cannot_be_waived() {
    let relay = rule("PLB004", "relay-endpoint-closed", Severity::Critical);
    let mut findings = vec![
        finding(&relay, Verdict::Pass, "workspace", "1", &[]),
        finding(&relay, Verdict::NotApplicable, "workspace", "2", &[]),
    ];
    let problems = waiver::apply(&[waiver("PLB004", "*", TODAY)], &mut findings, TODAY);
    assert!(findings.iter().all(|finding| finding.waived.is_none()));
    let unused = problems[0].finding();
    assert_eq!((unused.rule.as_str(), unused.severity), ("EVD005", Severity::Low));
    // the tool's own rules are described like any other
    let described = waiver::rules();
    assert!(described.iter().any(|rule| rule.id == unused.rule && rule.severity == unused.severity));
    assert_sound(&parsed(&as_sarif(&outcome(described.to_vec(), vec![unused]))));
}
