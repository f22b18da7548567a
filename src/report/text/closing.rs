//! The end of the text report: the comparison with the baseline, what the verdicts rest on, and
//! the tally. It refuses to call anything clean that was not judged.

use std::collections::BTreeSet;
use std::io;

use super::layout::Page;
use super::subject;
use crate::finding::{BaselineState, Outcome, Severity, Tally, Verdict};
use crate::report::{count, some_of};

/// How many calls or places a line names.
const SHOWN: usize = 4;

pub(super) fn write<W: io::Write>(page: &mut Page<'_, W>, outcome: &Outcome, verbose: bool) -> io::Result<()> {
    baseline(page, outcome)?;
    page.gap()?;
    evidence(page, outcome, verbose)?;
    let tally = Tally::of(&outcome.findings);
    let (style, verdict) = summary(page, outcome, &tally);
    if let Some(verdict) = verdict {
        page.styled(0, style, &verdict)?;
    }
    page.whole(page.styles.heading, &counts(outcome, &tally))
}

/// What changed since the baseline, when there is one.
fn baseline<W: io::Write>(page: &mut Page<'_, W>, outcome: &Outcome) -> io::Result<()> {
    let of = |state| outcome.findings.iter().filter(move |finding| finding.baseline == Some(state));
    if !outcome.findings.iter().any(|finding| finding.baseline.is_some()) {
        return Ok(());
    }
    let states = [BaselineState::New, BaselineState::Updated, BaselineState::Unchanged];
    let known = states.map(|state| format!("{} {}", of(state).count(), state.word())).join(", ");
    page.heading(&format!("Since the baseline: {known}, {} gone", of(BaselineState::Absent).count()))?;
    for finding in of(BaselineState::Absent) {
        page.text(2, &format!("gone: {} {} {}, {}", finding.severity, finding.rule, finding.name, subject(finding)))?;
    }
    Ok(())
}

/// What the verdicts rest on.
fn evidence<W: io::Write>(page: &mut Page<'_, W>, outcome: &Outcome, verbose: bool) -> io::Result<()> {
    let places: BTreeSet<String> = outcome
        .collected
        .iter()
        .map(|c| [&c.account, &c.region].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("/"))
        .filter(|place| !place.is_empty())
        .collect();
    let mut line = format!(
        "Evidence: {} from {}",
        count(outcome.collected.len(), "answer"),
        if outcome.inputs.is_empty() {
            "no input".to_owned()
        } else {
            some_of(outcome.inputs.iter().map(String::as_str), SHOWN)
        },
    );
    if !places.is_empty() {
        line += &format!(", of {}", some_of(places.iter().map(String::as_str), SHOWN));
    }
    page.text(0, &line)?;
    if outcome.gaps.is_empty() {
        return Ok(());
    }
    let gaps: Vec<String> = outcome.gaps.iter().map(ToString::to_string).collect();
    let shown = if verbose { gaps.len() } else { SHOWN };
    let named = some_of(gaps.iter().map(String::as_str), shown);
    page.text(0, &format!("Not collected: {} ({named})", count(gaps.len(), "call")))
}

/// What the numbers mean, where they could be misread.
fn summary<W>(page: &Page<'_, W>, outcome: &Outcome, tally: &Tally) -> (anstyle::Style, Option<String>) {
    let judged = |verdict: Verdict| verdict != Verdict::NotApplicable;
    let present = outcome.findings.iter().filter(|f| f.baseline != Some(BaselineState::Absent) && judged(f.verdict));
    let subjects: BTreeSet<_> = present.map(|f| (&f.subject.kind, &f.subject.id)).collect();
    let reach = format!("{} on {}", count(outcome.rules.len(), "rule"), count(subjects.len(), "subject"));
    match *tally {
        _ if subjects.is_empty() => (
            page.styles.unknown,
            Some(format!(
                "Nothing was judged: {} found no subject in the evidence.",
                count(outcome.rules.len(), "rule")
            )),
        ),
        Tally { failed: 1.., .. } => (page.styles.heading, None),
        Tally { unknown: 1.., .. } => {
            (page.styles.unknown, Some(format!("No failure, but not a pass: some verdicts are undecided ({reach}).")))
        }
        Tally { waived: 1.., .. } => (page.styles.good, Some(format!("No failure that is not waived ({reach})."))),
        _ => (page.styles.good, Some(format!("No failure ({reach})."))),
    }
}

/// The last line.
fn counts(outcome: &Outcome, tally: &Tally) -> String {
    let severities = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low].map(|severity| {
        let failed = |f: &&crate::finding::Finding| f.verdict == Verdict::Fail && f.severity == severity;
        (severity, outcome.findings.iter().filter(|f| f.counts(false)).filter(failed).count())
    });
    let severities: Vec<String> = severities
        .iter()
        .filter(|(_, number)| *number > 0)
        .map(|(severity, number)| format!("{number} {severity}"))
        .collect();
    let severities = if severities.is_empty() { String::new() } else { format!(" ({})", severities.join(", ")) };
    let mut line = format!(
        "{} failed{severities}, {} unknown, {} passed, {} not applicable",
        tally.failed, tally.unknown, tally.passed, tally.not_applicable
    );
    if tally.waived > 0 {
        line += &format!("; {} waived", tally.waived);
    }
    if tally.absent > 0 {
        line += &format!("; {} gone since the baseline", tally.absent);
    }
    if !outcome.switched_off.is_empty() {
        line += &format!("; {} switched off", count(outcome.switched_off.len(), "rule"));
    }
    line
}
