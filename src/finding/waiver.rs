//! Waivers: findings that someone accepted, with a reason and an end.
//!
//! Input: the waivers of `plaudit.toml`, the findings of a run and the date. Output: the same
//! findings, some of them marked, and a problem for each waiver that expired or accepts nothing,
//! so that a list of waivers cannot rot. It refuses to waive for ever (`expires` is not
//! optional), to waive a pass, and to hide anything: a waived finding stays in every report.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::fingerprint::fingerprint;
use super::{BaselineState, Finding, Profile, Remediation, RuleInfo, Severity, Subject, Verdict};
use crate::estate::Location;

/// An accepted defect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Id, name or area of the rules that it waives.
    pub rule: String,
    /// Glob (`*`, `?`) for the id or the name of the subject.
    pub subject: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Date,
    /// Where it is written.
    pub position: Location,
}

/// What a finding says of the waiver that accepts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waived {
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which that holds.
    pub expires: Date,
}

impl Waiver {
    /// Whether it is about this finding; only failures and undecided verdicts can be waived.
    pub fn covers(&self, finding: &Finding) -> bool {
        let subject = &finding.subject;
        matches!(finding.verdict, Verdict::Fail | Verdict::Unknown)
            && finding.baseline != Some(BaselineState::Absent)
            && (self.rule == finding.rule || self.rule == finding.name || self.rule == area(&finding.rule))
            && (glob(&self.subject, &subject.id) || glob(&self.subject, &subject.name))
    }
}

/// A waiver that needs attention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiverProblem {
    /// The waiver.
    pub waiver: Waiver,
    /// What is the matter with it.
    pub kind: ProblemKind,
}

/// What can be the matter with a waiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// Its last day is over; so many findings that it covers count again.
    Expired(usize),
    /// It covers no finding.
    Unused,
}

/// Marks every finding that a waiver covers; the first waiver in the file wins. `today` still
/// counts when it is the last day.
pub fn apply(waivers: &[Waiver], findings: &mut [Finding], today: Date) -> Vec<WaiverProblem> {
    let mut problems = Vec::new();
    for waiver in waivers {
        let expired = waiver.expires < today;
        let mut covered = 0;
        for finding in findings.iter_mut().filter(|finding| waiver.covers(finding)) {
            covered += 1;
            if !expired && finding.waived.is_none() {
                finding.waived = Some(Waived { reason: waiver.reason.clone(), expires: waiver.expires });
            }
        }
        let kind = match covered {
            _ if expired => ProblemKind::Expired(covered),
            0 => ProblemKind::Unused,
            _ => continue,
        };
        problems.push(WaiverProblem { waiver: waiver.clone(), kind });
    }
    problems
}

impl WaiverProblem {
    /// The finding that says it, under the rule of [`rules`] that it breaks.
    pub fn finding(&self) -> Finding {
        let Waiver { rule, subject, expires, position, .. } = &self.waiver;
        let [expired, unused] = rules();
        let id = format!("{rule} {subject}");
        let (info, message) = match self.kind {
            ProblemKind::Expired(0) => {
                (expired, format!("The waiver of {rule} for '{subject}' expired on {expires} and covers nothing."))
            }
            ProblemKind::Expired(count) => (
                expired,
                format!(
                    "The waiver of {rule} for '{subject}' expired on {expires}: {} again.",
                    if count == 1 { "1 finding counts".to_owned() } else { format!("{count} findings count") }
                ),
            ),
            ProblemKind::Unused => (unused, format!("The waiver of {rule} for '{subject}' covers no finding.")),
        };
        Finding {
            verdict: Verdict::Fail,
            severity: info.severity,
            profile: info.profile,
            subject: Arc::new(Subject {
                kind: "waiver".to_owned(),
                name: id.clone(),
                id: id.clone(),
                workspaces: Vec::new(),
                arn: None,
            }),
            message,
            locations: vec![position.clone()],
            blame: Vec::new(),
            path: Vec::new(),
            gaps: Vec::new(),
            waived: None,
            baseline: None,
            fingerprint: fingerprint(&info.id, "waiver", &id),
            rule: info.id,
            name: info.name,
        }
    }
}

/// The two rules that the tool itself applies to waivers: EVD004 and EVD005.
pub fn rules() -> [RuleInfo; 2] {
    let rule = |id: &str, name: &str, severity, title: &str, rationale: &str, summary: &str| RuleInfo {
        id: id.to_owned(),
        name: name.to_owned(),
        title: title.to_owned(),
        severity,
        profile: Profile::Managed,
        since: "0.1.0".to_owned(),
        each: "waivers".to_owned(),
        rationale: rationale.to_owned(),
        remediation: Remediation { summary: summary.to_owned(), terraform: None, cli: None },
        references: vec!["https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html".to_owned()],
        compliance: BTreeMap::new(),
        failure_modes: Vec::new(),
        tags: Vec::new(),
    };
    [
        rule(
            "EVD004",
            "expired-waiver",
            Severity::Medium,
            "A waiver is past its last day",
            "An exception that nobody renewed is not accepted any more. It waives nothing, and the findings \
             that it covered count again.",
            "Fix what it covered and remove the waiver, or decide anew and give it a later `expires`.",
        ),
        rule(
            "EVD005",
            "unused-waiver",
            Severity::Low,
            "A waiver covers no finding",
            "A waiver without a finding is left over or misspelt. Left in place, it would hide the next defect \
             that happens to match it.",
            "Remove it, or correct its `rule` or `subject`.",
        ),
    ]
}

/// The letters of a rule id.
fn area(rule: &str) -> &str {
    rule.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// Whether a text matches a pattern of `*` (any characters) and `?` (one character).
pub fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // where to resume when the last star has to swallow one character more
    let mut star = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, swallowed)) = star else { return false };
                star = Some((at, swallowed + 1));
                p = at + 1;
                t = swallowed + 1;
            }
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("sg-*", "sg-0a1b", true),
            ("sg-?", "sg-0a", false),
            ("*prod*eu", "x-prod-prod-eu", true),
            ("*prod*eu", "x-prod-eu-2", false),
            ("arn:*:s3:::b?cket", "arn:aws:s3:::bücket", true),
            ("[a]", "a", false),
            ("*a*a*a*a*a*a*a*a*b", &"a".repeat(4000), false),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn an_area_is_the_letters_of_the_id() {
        assert_eq!(area("PLB004"), "PLB");
        assert_eq!(area("S3B010"), "S3B");
    }
}
