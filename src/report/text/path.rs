//! The way of a packet under a failure: a few numbered hops, so that a hop that is left out shows
//! as a gap in the numbers. It refuses to leave out what blocks for what passes.

use std::collections::BTreeSet;
use std::io;

use super::layout::Page;
use crate::finding::{Finding, Severity, Step};
use crate::reach::{Leg, Passage};
use crate::report::count;

/// How many hops a failure shows, unless the report is verbose: some take two lines, and eight are
/// enough.
const SHOWN: usize = 6;

/// Writes the path; nothing for what is no path, and for what is not bad enough.
pub(super) fn write<W: io::Write>(page: &mut Page<'_, W>, finding: &Finding, verbose: bool) -> io::Result<()> {
    let path = finding.path.as_slice();
    if path.is_empty() || !(verbose || finding.severity >= Severity::High) {
        return Ok(());
    }
    let shown = if verbose { (0..path.len()).collect() } else { chosen(path) };
    let mut label = "path";
    for (at, step) in path.iter().enumerate().filter(|(at, _)| shown.contains(at)) {
        page.labelled(4, label, &format!("{}. {}{}", at + 1, step.words(), remark(step)))?;
        label = "";
    }
    match path.len() - shown.len() {
        0 => Ok(()),
        more => page.labelled(4, label, &format!("and {}: plaudit path shows the whole way", count(more, "more hop"))),
    }
}

/// The hops up to the last that blocks; where those are too many, what blocks and then the first.
fn chosen(path: &[Step]) -> BTreeSet<usize> {
    let blocked = |step: &Step| step.passage == Passage::Blocked;
    let end = path.iter().rposition(blocked).map_or(path.len(), |last| last + 1);
    let stops = (0..end).filter(|at| path.get(*at).is_some_and(blocked));
    let mut shown: BTreeSet<usize> = stops.take(SHOWN).collect();
    for at in 0..end {
        if shown.len() == SHOWN {
            break;
        }
        shown.insert(at);
    }
    shown
}

/// What does not go without saying: the way back, and that a hop does not pass.
fn remark(step: &Step) -> String {
    let back = (step.direction == Leg::Return).then(|| step.direction.word());
    let stopped = (step.passage != Passage::Passed).then(|| step.passage.word());
    let words: Vec<&str> = [back, stopped].into_iter().flatten().collect();
    if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(passages: &[Passage]) -> Vec<Step> {
        let step = |passage: &Passage| Step {
            component: "route table".to_owned(),
            resource: "rtb-1".to_owned(),
            direction: Leg::Forward,
            decision: String::new(),
            passage: *passage,
            location: None,
        };
        passages.iter().map(step).collect()
    }

    #[test]
    fn what_blocks_is_never_left_out_for_what_passes() {
        use Passage::{Blocked as B, Passed as P, Unknown as U};
        let shown = |passages: &[Passage]| chosen(&path(passages)).into_iter().collect::<Vec<_>>();
        assert_eq!(shown(&[P, B, P, P]), [0, 1]);
        assert_eq!(shown(&[P, U, P]), [0, 1, 2]);
        assert_eq!(shown(&[P; 12]), [0, 1, 2, 3, 4, 5]);
        assert_eq!(shown(&[P, P, P, P, P, P, P, P, P, P, B, P]), [0, 1, 2, 3, 4, 10]);
        assert_eq!(shown(&[B; 12]), [0, 1, 2, 3, 4, 5]);
    }
}
