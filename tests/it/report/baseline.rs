//! Baselines, read back from our own SARIF.

use plaudit::finding::baseline::{self, Baseline, BaselineError};
use plaudit::finding::{BaselineState, Finding, Tally, Verdict};
use plaudit::report::text;

use super::hostile::hostile;
use super::sample::{outcome, sample};
use super::{as_sarif, as_text, assert_sound, parsed};

#[test]
fn a_baseline_is_read_back_from_our_own_sarif() {
    let earlier = Baseline::parse(&as_sarif(&sample())).unwrap();
    assert_eq!(earlier.len(), 6);

    let mut again = sample();
    baseline::compare(&earlier, &mut again.findings);
    let judged = |f: &&Finding| matches!(f.verdict, Verdict::Fail | Verdict::Unknown);
    assert!(again.findings.iter().filter(judged).all(|f| f.baseline == Some(BaselineState::Unchanged)));
    assert_eq!(again.findings.len(), sample().findings.len());
}

#[test]
fn a_baseline_tells_new_from_updated_from_gone() {
    let earlier = Baseline::parse(&as_sarif(&sample())).unwrap();
    let mut now = sample();
    let gone = now.findings.iter().position(|f| f.rule == "PLB004" && f.verdict == Verdict::Fail).unwrap();
    let was = now.findings.remove(gone);
    for finding in &mut now.findings {
        match finding.subject.id.as_str() {
            "key-1" => finding.message = "other words".to_owned(),
            "subnet-1" => finding.verdict = Verdict::Fail,
            // passed then, fails now
            "subnet-3" => finding.verdict = Verdict::Fail,
            // failed then, passes now
            "subnet-9" => finding.verdict = Verdict::Pass,
            _ => {}
        }
    }
    baseline::compare(&earlier, &mut now.findings);
    now.findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    let state = |id: &str| now.findings.iter().rfind(|f| f.subject.id == id).and_then(|f| f.baseline);
    assert_eq!(state("key-1"), Some(BaselineState::Updated));
    assert_eq!(state("subnet-1"), Some(BaselineState::Updated));
    assert_eq!(state("subnet-2"), Some(BaselineState::Unchanged));
    assert_eq!(state("subnet-3"), Some(BaselineState::New));
    assert_eq!(Tally::of(&now.findings).absent, 2);
    let absent = now.findings.iter().find(|f| f.fingerprint == was.fingerprint).unwrap();
    // as it was, but for the blame and the full stop
    let (baseline, message) = (Some(BaselineState::Absent), format!("{}.", was.message));
    assert_eq!(*absent, Finding { baseline, message, blame: Vec::new(), ..was });

    let log = parsed(&as_sarif(&now));
    assert_sound(&log);
    let report = as_text(&now, &text::Options::default());
    assert!(report.contains("Since the baseline: 1 new, 2 updated, 2 unchanged, 2 gone"), "{report}");
    assert!(report.contains("gone: critical PLB004 relay-endpoint-closed"), "{report}");
    // what is gone already does not come back with the next baseline
    assert_eq!(Baseline::parse(&as_sarif(&now)).unwrap().len(), 6 - 2 + 1);
}

#[test]
fn a_result_that_is_gone_keeps_its_gaps_and_its_hostile_name() {
    let earlier = Baseline::parse(&as_sarif(&hostile())).unwrap();
    let mut gone = Vec::new();
    baseline::compare(&earlier, &mut gone);
    gone.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    for (then, now) in hostile().findings.iter().zip(&gone) {
        assert_eq!((&then.subject, &then.gaps, then.severity), (&now.subject, &now.gaps, now.severity));
    }
    // a rule that this version lacks is described nevertheless
    assert_sound(&parsed(&as_sarif(&outcome(Vec::new(), gone))));
}

#[test]
fn a_baseline_of_something_else_is_refused_with_help() {
    for text in ["", "{", "[]", "{\"findings\": []}", "{\"version\": \"1.0.0\", \"runs\": []}"] {
        let error = Baseline::parse(text).unwrap_err();
        assert!(matches!(error, BaselineError::NotSarif(_)), "{text}: {error}");
        assert!(error.to_string().contains("\nhelp: "), "{error}");
    }
    let other = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "CodeQL"}}}]}"#;
    let error = Baseline::parse(other).unwrap_err();
    assert!(error.to_string().contains("written by CodeQL"), "{error}");
    let bare = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "plaudit"}}, "results":
        [{"message": {"text": "a"}, "partialFingerprints": {"plaudit/v1": "f"}}, {"message": {"text": "no print"}}]}]}"#;
    assert_eq!(Baseline::parse(bare).unwrap().len(), 1);
}
