//! A reply for people: the verdict, the hops there and back, what blocks, what is not known, what
//! to do.
//!
//! Words carry every meaning; marks and colours only help, and marks have an ASCII form.

use std::io::{self, Write};

use anstyle::Style;

use super::layout::Page;
use super::{blockers, codes, distinct, headline, hops, remedies, title};
use crate::estate::{Estate, Gap, Location};
use crate::reach::question::{Case, Group, Reply};
use crate::reach::{Blocker, Code, Hop, Leg, Passage};
use crate::report::{needs, some_of, text::Styles};

/// How the text is set.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Columns; 40 to 100 are used.
    pub width: usize,
    /// Colours.
    pub styles: Styles,
    /// Marks and arrows that every terminal has.
    pub ascii: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: 80, styles: Styles::default(), ascii: false }
    }
}

/// How many of what is alike a line names.
const ALIKE: usize = 6;

/// Writes a reply.
pub fn write(reply: &Reply, estate: &Estate, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let page = &mut Page::new(options, out);
    page.line(0, page.verdict(reply.verdict), &headline(reply))?;
    let groups = reply.groups();
    for group in &groups {
        let (from, to) = (reply.question.from.trim(), reply.question.to.trim());
        let same = |case: &&Case| case.from == from && case.to == to;
        trace(page, group, groups.len() > 1 || !reply.cases.iter().all(|case| same(&case)))?;
    }
    for note in &reply.notes {
        page.space()?;
        page.item(0, "note: ", Style::new(), note)?;
    }
    let blockers = blockers(&reply.cases);
    reasons(page, &blockers, estate)?;
    missing(page, reply.cases.iter().flat_map(|case| &case.answer.gaps).map(AsRef::as_ref))?;
    let remedies = remedies(&blockers);
    if !remedies.is_empty() {
        page.heading("What to do")?;
    }
    for remedy in remedies {
        page.item(2, "- ", Style::new(), remedy)?;
    }
    Ok(())
}

/// The blockers by code, component and way; what differs in their details stands below.
fn reasons<W: Write>(page: &mut Page<'_, W>, blockers: &[&Blocker], estate: &Estate) -> io::Result<()> {
    if blockers.is_empty() {
        return Ok(());
    }
    page.heading("What blocks it")?;
    let mut kinds: Vec<Vec<&Blocker>> = Vec::new();
    for blocker in blockers {
        let same = |kind: &&mut Vec<&Blocker>| kind.first().is_some_and(|first| is_like(first, blocker));
        match kinds.iter_mut().find(same) {
            Some(kind) => kind.push(blocker),
            None => kinds.push(vec![blocker]),
        }
    }
    for (number, kind) in (1..).zip(&kinds) {
        let Some(first) = kind.first() else { continue };
        let text = format!("{} {}, {}: {}", first.code.name(), first.resource, first.leg.word(), first.detail);
        page.item(2, &format!("{number}. "), Style::new(), &text)?;
        for other in kind.iter().skip(1).take(ALIKE) {
            page.item(5, "also ", page.styles.dim, &other.detail)?;
        }
        if let Some(more) = kind.len().checked_sub(ALIKE + 1).filter(|more| *more > 0) {
            page.item(5, "also ", page.styles.dim, &format!("{more} more"))?;
        }
        if let Some(place) = estate.place(first.origin) {
            page.item(5, "at   ", page.styles.dim, &position(&place))?;
        }
    }
    Ok(())
}

fn is_like(a: &Blocker, b: &Blocker) -> bool {
    a.code == b.code && a.resource == b.resource && a.leg == b.leg
}

fn position(place: &Location) -> String {
    format!("{}:{}", place.file, place.line)
}

/// The hops of one group, forward and back.
fn trace<W: Write>(page: &mut Page<'_, W>, group: &Group<'_>, named: bool) -> io::Result<()> {
    let Some(case) = group.cases.first() else { return Ok(()) };
    page.space()?;
    if named {
        page.line(0, page.verdict(case.answer.verdict), &title(group))?;
    }
    if group.cases.len() > 1 {
        let ends =
            [("from ", distinct(group, |case| case.from.clone())), ("to   ", distinct(group, |case| case.to.clone()))];
        for (mark, ends) in ends {
            page.item(2, mark, page.styles.dim, &some_of(ends.iter().map(String::as_str), ALIKE))?;
        }
    }
    for leg in [Leg::Forward, Leg::Return] {
        leg_lines(page, case, leg)?;
    }
    if let Some(ports) = &case.answer.source_ports {
        page.item(
            2,
            "",
            Style::new(),
            &format!("replies return to the source ports {} only", super::json::ports(ports)),
        )?;
    }
    Ok(())
}

fn leg_lines<W: Write>(page: &mut Page<'_, W>, case: &Case, leg: Leg) -> io::Result<()> {
    let hops = hops(case, leg);
    let (codes, elsewhere) = codes(case, leg);
    if hops.is_empty() && elsewhere.is_empty() {
        return Ok(());
    }
    page.line(2, page.styles.heading, leg.word())?;
    for (hop, codes) in hops.iter().zip(&codes) {
        hop_line(page, hop, codes)?;
    }
    for blocker in elsewhere {
        let (mark, style) = page.mark(Passage::Blocked);
        let way = if hops.is_empty() { "" } else { " on another way" };
        page.item(4, mark, style, &format!("{}{way} [{}]", blocker.resource, blocker.code.name()))?;
    }
    Ok(())
}

fn hop_line<W: Write>(page: &mut Page<'_, W>, hop: &Hop, codes: &[Code]) -> io::Result<()> {
    let mut line = hop.component.word().to_owned();
    if !hop.resource.is_empty() && hop.resource != line {
        line = format!("{line} {}", hop.resource);
    }
    if !hop.decision.is_empty() {
        line = format!("{line}: {}", hop.decision);
    }
    if !codes.is_empty() {
        let names: Vec<&str> = codes.iter().map(|code| code.name()).collect();
        line = format!("{line} [{}]", names.join(", "));
    }
    let (mark, style) = page.mark(hop.passage);
    page.item(4, mark, style, &line)
}

/// The evidence that would decide, each call with the file that answers it.
pub(super) fn missing<'a, W: Write>(page: &mut Page<'_, W>, gaps: impl Iterator<Item = &'a Gap>) -> io::Result<()> {
    let gaps: std::collections::BTreeSet<&Gap> = gaps.collect();
    if gaps.is_empty() {
        return Ok(());
    }
    page.heading("What is not known")?;
    for gap in gaps {
        page.item(2, "", page.styles.unknown, &gap.to_string())?;
        page.item(4, "needs ", Style::new(), &needs(gap.operation, gap.reason))?;
    }
    Ok(())
}
