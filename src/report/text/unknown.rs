//! The undecided verdicts, grouped by what would decide them: ten of them usually wait for one
//! permission.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::layout::Page;
use crate::estate::{Gap, Operation, Reason};
use crate::finding::{Finding, Severity};
use crate::report::{count, needs, some_of};

/// How many resources, details or rules a line names.
const SHOWN: usize = 6;

/// The verdicts that wait for one call in one place.
#[derive(Default)]
struct Waiting<'a> {
    severity: Option<Severity>,
    verdicts: Vec<&'a Finding>,
    rules: BTreeMap<&'a str, usize>,
    resources: BTreeSet<&'a str>,
    details: BTreeSet<&'a str>,
}

type Call<'a> = (Operation, Option<&'a str>, Option<&'a str>, Reason);

/// Writes the section; nothing when every verdict was decided.
pub(super) fn write<W: io::Write>(page: &mut Page<'_, W>, unknown: &[&Finding], verbose: bool) -> io::Result<()> {
    if unknown.is_empty() {
        return Ok(());
    }
    page.heading(&format!("Undecided for want of evidence: {}", count(unknown.len(), "verdict")))?;
    let mut calls: Vec<_> = grouped(unknown).into_iter().collect();
    calls.sort_by_key(|(_, waiting)| std::cmp::Reverse((waiting.severity, waiting.verdicts.len())));
    for (call, waiting) in &calls {
        call_block(page, call, waiting)?;
        for finding in waiting.verdicts.iter().filter(|_| verbose) {
            page.labelled(4, "asks", &format!("{} {}", finding.rule, finding.message))?;
        }
    }
    for finding in unknown.iter().filter(|finding| finding.gaps.is_empty()) {
        page.styled(2, page.styles.unknown, &format!("{} {}", finding.rule, finding.name))?;
        page.text(4, &format!("{} '{}': no reason was recorded", finding.subject.kind, finding.subject.name))?;
    }
    Ok(())
}

fn grouped<'a>(unknown: &[&'a Finding]) -> BTreeMap<Call<'a>, Waiting<'a>> {
    let mut calls: BTreeMap<Call<'a>, Waiting<'a>> = BTreeMap::new();
    for &finding in unknown {
        let mut counted = BTreeSet::new();
        for gap in &finding.gaps {
            let Gap { operation, scope, reason, detail } = gap;
            let call = (*operation, scope.account.as_deref(), scope.region.as_deref(), *reason);
            let waiting = calls.entry(call).or_default();
            waiting.resources.extend(scope.resource.as_deref());
            waiting.details.extend(Some(detail.as_str()).filter(|detail| !detail.is_empty()));
            // one verdict may miss several resources of the same call
            if counted.insert(call) {
                waiting.verdicts.push(finding);
                waiting.severity = waiting.severity.max(Some(finding.severity));
                *waiting.rules.entry(&finding.rule).or_default() += 1;
            }
        }
    }
    calls
}

fn call_block<W: io::Write>(page: &mut Page<'_, W>, call: &Call<'_>, waiting: &Waiting<'_>) -> io::Result<()> {
    let &(operation, account, region, reason) = call;
    let place = [account, region].into_iter().flatten().collect::<Vec<_>>().join("/");
    let place = if place.is_empty() { place } else { format!(" in {place}") };
    page.styled(2, page.styles.unknown, &format!("{}{place}: {}", operation.name(), reason.describe()))?;
    let severity = waiting.severity.map(|severity| format!(", up to {severity}")).unwrap_or_default();
    let rules: Vec<String> = waiting
        .rules
        .iter()
        .map(|(rule, times)| if *times == 1 { (*rule).to_owned() } else { format!("{rule} ×{times}") })
        .collect();
    let rules = some_of(rules.iter().map(String::as_str), 2 * SHOWN);
    page.labelled(4, "holds", &format!("{}{severity}: {rules}", count(waiting.verdicts.len(), "verdict")))?;
    if !waiting.resources.is_empty() {
        page.labelled(4, "for", &some_of(waiting.resources.iter().copied(), SHOWN))?;
    }
    for detail in waiting.details.iter().take(SHOWN) {
        page.labelled(4, "says", detail)?;
    }
    page.labelled(4, "needs", &needs(operation, reason))
}
