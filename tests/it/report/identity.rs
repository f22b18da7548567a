//! Fingerprints: what changes them, and what must not.

use std::sync::Arc;

use plaudit::estate::Location;
use plaudit::finding::fingerprint::fingerprint;
use plaudit::finding::{Finding, Profile, Severity, Verdict};

use super::sample::{finding, outcome, rule};
use super::{as_sarif, parsed};

#[test]
fn a_fingerprint_is_rule_kind_and_id_and_nothing_else() {
    let relay = rule("PLB004", "relay-endpoint-closed", Severity::Critical);
    let before = finding(&relay, Verdict::Fail, "workspace", "1", &["prod"]);
    // what must not change it: wording, name of the rule, severity, profile, verdict, name and
    // workspaces of the subject, file, line, order, tool version
    let mut after = before.clone();
    after.message = "other words".to_owned();
    after.name = "renamed".to_owned();
    after.severity = Severity::Low;
    after.profile = Profile::Isolated;
    after.verdict = Verdict::Unknown;
    Arc::make_mut(&mut after.subject).name = "renamed".to_owned();
    Arc::make_mut(&mut after.subject).workspaces.clear();
    Arc::make_mut(&mut after.subject).arn = Some("arn:aws:x".to_owned());
    after.locations = vec![Location { file: "other.json".to_owned(), line: 99, column: 1, end_line: 99 }];
    let identity = |finding: &Finding| fingerprint(&finding.rule, &finding.subject.kind, &finding.subject.id);
    assert_eq!(identity(&before), identity(&after));
    // a release that changes this value closes and reopens every alert
    assert_eq!(identity(&before), "08caeeea69177fc05723ff105353fb2a8773e4537e1f349bd8c5ac6085c765bd");
    // what must change it
    let others = [
        ("PLB005", "workspace", "1"),
        ("PLB004", "network", "1"),
        ("PLB004", "workspace", "2"),
        ("PLB004w", "orkspace", "1"),
    ];
    for (rule, kind, id) in others {
        assert_ne!(fingerprint(rule, kind, id), identity(&before));
    }
    // and SARIF carries it unshortened, the part for GitHub derived from it
    let result = &parsed(&as_sarif(&outcome(vec![relay], vec![before.clone()])))["runs"][0]["results"][0];
    assert_eq!(result["fingerprints"]["plaudit/v1"], before.fingerprint.as_str());
    assert_eq!(
        result["partialFingerprints"]["primaryLocationLineHash"],
        format!("{}:1", &before.fingerprint[..16]).as_str()
    );
}
