//! The text report, for people: failures by workspace, worst first, then what could not be
//! decided and why, then what the verdicts rest on, and last one line that counts everything,
//! also what was not said.
//!
//! Input: an outcome, a width, styles. Output: text that can be compared from run to run. It
//! refuses to let names steer the terminal and to let colour carry a meaning of its own.

mod closing;
mod layout;
mod path;
mod unknown;

use std::collections::BTreeMap;
use std::io;

pub use layout::Styles;

use crate::estate::Location;
use crate::finding::{BaselineState, Finding, Outcome, RuleInfo, Verdict, stops};
use crate::report::some_of;
use layout::Page;

/// How the report is set.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Columns; 40 to 100 are used.
    pub width: usize,
    /// Prints rationale, references and the whole path of each failure, and every gap.
    pub verbose: bool,
    /// Colours.
    pub styles: Styles,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: 80, verbose: false, styles: Styles::default() }
    }
}

/// How many other resources a failure names, unless the report is verbose.
const BLAMED: usize = 5;

/// Writes the report.
pub fn write(outcome: &Outcome, options: &Options, out: &mut impl io::Write) -> io::Result<()> {
    let page = &mut Page { out, styles: options.styles, width: options.width.clamp(40, 100), started: false };
    let rules: BTreeMap<&str, &RuleInfo> = outcome.rules.iter().map(|rule| (rule.id.as_str(), rule)).collect();
    let present = || outcome.findings.iter().filter(|f| f.baseline != Some(BaselineState::Absent));
    let counted = |verdict| present().filter(move |f| f.verdict == verdict && f.waived.is_none());

    let mut groups: Vec<(String, Vec<&Finding>)> = Vec::new();
    for finding in counted(Verdict::Fail) {
        let heading = group(finding);
        // findings come worst first, so groups do too
        match groups.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, findings)) => findings.push(finding),
            None => groups.push((heading, vec![finding])),
        }
    }
    let stops = stops::of(&outcome.findings);
    for (heading, findings) in groups {
        page.heading(&heading)?;
        for finding in findings {
            let stops = stops.get(finding.fingerprint.as_str()).map_or(&[][..], Vec::as_slice);
            failure(page, finding, stops, rules.get(finding.rule.as_str()).copied(), options.verbose)?;
        }
    }
    unknown::write(page, &counted(Verdict::Unknown).collect::<Vec<_>>(), options.verbose)?;
    waived(page, &present().filter(|f| f.waived.is_some()).collect::<Vec<_>>())?;
    closing::write(page, outcome, options.verbose)
}

/// The heading that a failure stands under.
fn group(finding: &Finding) -> String {
    let subject = &finding.subject;
    match subject.workspaces.as_slice() {
        [one] => format!("workspace {one}"),
        [] if subject.kind == "account" => format!("account {}", subject.name),
        [] => "no workspace".to_owned(),
        several => format!("shared by {}", some_of(several.iter().map(String::as_str), 6)),
    }
}

fn failure<W: io::Write>(
    page: &mut Page<'_, W>,
    finding: &Finding,
    stops: &[String],
    rule: Option<&RuleInfo>,
    verbose: bool,
) -> io::Result<()> {
    writeln!(page.out)?;
    let severity = finding.severity;
    let state = finding.baseline.map(|state| format!(" ({})", state.word())).unwrap_or_default();
    let style = page.styles.severity(severity);
    page.styled(2, style, &format!("{severity} {} {}{state}", finding.rule, finding.name))?;
    page.text(4, &subject(finding))?;
    page.text(4, &finding.message)?;
    for location in &finding.locations {
        page.labelled(4, "at", &place(location))?;
    }
    path::write(page, finding, verbose)?;
    if !stops.is_empty() {
        page.labelled(4, "stops", &some_of(stops.iter().map(String::as_str), BLAMED))?;
    }
    let shown = if verbose { finding.blame.len() } else { BLAMED };
    for blame in finding.blame.iter().take(shown) {
        page.labelled(4, "with", &format!("{}, {}", blame.label, place(&blame.location)))?;
    }
    if let Some(more) = finding.blame.len().checked_sub(shown).filter(|more| *more > 0) {
        page.labelled(4, "with", &format!("{more} more"))?;
    }
    let Some(rule) = rule else { return Ok(()) };
    page.prose(4, "fix", &rule.remediation.summary)?;
    if verbose {
        page.prose(4, "why", &rule.rationale)?;
        for reference in &rule.references {
            page.labelled(4, "see", reference)?;
        }
    }
    Ok(())
}

/// Kind, name and id of the subject; the id once when it is the name too.
fn subject(finding: &Finding) -> String {
    let subject = &finding.subject;
    if subject.name == subject.id {
        format!("{} {}", subject.kind, subject.id)
    } else {
        format!("{} {} ({})", subject.kind, subject.name, subject.id)
    }
}

fn place(location: &Location) -> String {
    format!("{}:{}", location.file, location.line)
}

fn waived<W: io::Write>(page: &mut Page<'_, W>, findings: &[&Finding]) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    page.heading("Waived")?;
    for finding in findings {
        let Some(waived) = &finding.waived else { continue };
        let undecided = if finding.verdict == Verdict::Unknown { " (undecided)" } else { "" };
        page.text(
            2,
            &format!("{} {} {}{undecided}: {}", finding.severity, finding.rule, finding.name, subject(finding)),
        )?;
        page.labelled(4, "until", &format!("{}: {}", waived.expires, waived.reason))?;
    }
    Ok(())
}
