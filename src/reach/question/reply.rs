//! The reply: every pair of a source and a target with its answer, and the verdict over all.

use super::Question;
use super::source::Source;
use crate::reach::flow::{Answer, Blocker, Verdict};
use crate::reach::service::{Service, describe};
use crate::reach::traffic::{Ports, Protocol};

/// What the engine says of a question.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The question.
    pub question: Question,
    /// Request and reply: every source must get through, to every target where all count, to one
    /// where one is enough.
    pub verdict: Verdict,
    /// The same for requests alone.
    pub forward: Verdict,
    /// Every pair of source and target, in order.
    pub cases: Vec<Case>,
    /// What was assumed, or left out, sorted.
    pub notes: Vec<String>,
}

/// One source and one target.
#[derive(Clone, Debug)]
pub struct Case {
    /// The source.
    pub from: String,
    /// The target.
    pub to: String,
    /// Protocol.
    pub protocol: Protocol,
    /// Destination ports, nearly always one; for ICMP type and code.
    pub ports: Ports,
    /// The engine's answer.
    pub answer: Answer,
}

/// Cases that are answered alike.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// The cases; the trace of the first stands for all.
    pub cases: Vec<&'a Case>,
}

impl Case {
    pub(super) fn new(source: &Source, to: &str, (protocol, port): (Protocol, u16), answer: Answer) -> Self {
        Self { from: source.label.clone(), to: to.to_owned(), protocol, ports: Ports::one(port), answer }
    }

    /// `tcp/443`, `udp/1024-65535`, or the protocol alone when it has no ports.
    pub fn service(&self) -> String {
        let (Service(first), Service(last)) =
            (Service::new(self.protocol, self.ports.from), Service::new(self.protocol, self.ports.to));
        describe(&(first..=last))
    }

    /// Whether both are answered alike: the same things stop them, or are not known.
    fn is_like(&self, other: &Self) -> bool {
        let (a, b) = (&self.answer, &other.answer);
        let same = |a: &Blocker, b: &Blocker| a.code == b.code && a.resource == b.resource && a.leg == b.leg;
        let blockers =
            a.blockers.len() == b.blockers.len() && a.blockers.iter().zip(&b.blockers).all(|(a, b)| same(a, b));
        (a.verdict, a.forward) == (b.verdict, b.forward)
            && blockers
            && a.gaps == b.gaps
            && a.source_ports == b.source_ports
    }
}

impl Reply {
    /// The cases, those that are answered alike together, the worst first.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        for case in &self.cases {
            match groups.iter_mut().find(|group| group.cases.first().is_some_and(|first| first.is_like(case))) {
                Some(group) => group.cases.push(case),
                None => groups.push(Group { cases: vec![case] }),
            }
        }
        groups.sort_by_key(|group| group.cases.first().map(|case| rank(case.answer.verdict)));
        groups
    }

    /// The case that decides the verdict.
    pub fn decisive(&self) -> Option<&Case> {
        self.cases.iter().find(|case| case.answer.verdict == self.verdict).or_else(|| self.cases.first())
    }

    /// How many cases have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.cases.iter().filter(|case| case.answer.verdict == verdict).count()
    }

    /// Whether it is as someone expects; none when that is not known. `reachable` is the verdict.
    /// `unreachable` wants every pair stopped: one node of three that gets through is a breach,
    /// although the workspace as a whole does not get through.
    pub fn meets(&self, expected: Verdict) -> Option<bool> {
        if expected == Verdict::Unreachable && self.count(Verdict::Reachable) > 0 {
            return Some(false);
        }
        let verdict = if expected == Verdict::Unreachable && self.count(Verdict::Unknown) > 0 {
            Verdict::Unknown
        } else {
            self.verdict
        };
        (verdict != Verdict::Unknown || expected == Verdict::Unknown).then_some(verdict == expected)
    }
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Unreachable => 0,
        Verdict::Unknown => 1,
        Verdict::Reachable => 2,
    }
}

/// Joins verdicts: over the targets of a source, and then over the sources.
#[derive(Debug, Default)]
pub(super) struct Tally {
    before: Option<(Verdict, Verdict)>,
    current: Option<(Verdict, Verdict)>,
    all: bool,
}

impl Tally {
    /// The targets of another source follow; `all` of them must be reached, or one.
    pub(super) fn source(&mut self, all: bool) {
        self.before = joined(self.before, self.current, true);
        self.current = None;
        self.all = all;
    }

    pub(super) fn add(&mut self, answer: &Answer) {
        self.current = joined(self.current, Some((answer.verdict, answer.forward)), self.all);
    }

    /// Both ways, and forward alone; unknown when nothing was asked.
    pub(super) fn total(self) -> (Verdict, Verdict) {
        joined(self.before, self.current, true).unwrap_or((Verdict::Unknown, Verdict::Unknown))
    }
}

fn joined(a: Option<(Verdict, Verdict)>, b: Option<(Verdict, Verdict)>, all: bool) -> Option<(Verdict, Verdict)> {
    let join = |a: Verdict, b: Verdict| if all { a.and(b) } else { a.or(b) };
    match (a, b) {
        (Some(a), Some(b)) => Some((join(a.0, b.0), join(a.1, b.1))),
        (one, None) | (None, one) => one,
    }
}

#[cfg(test)]
mod tests {
    use super::{Tally, Verdict};
    use crate::reach::question::empty;

    fn total(sources: &[(bool, &[Verdict])]) -> Verdict {
        let mut tally = Tally::default();
        for (all, verdicts) in sources {
            tally.source(*all);
            for verdict in *verdicts {
                tally.add(&empty(*verdict));
            }
        }
        tally.total().0
    }

    #[test]
    fn one_target_may_be_enough_and_every_source_counts() {
        use Verdict::{Reachable as R, Unknown as K, Unreachable as U};
        assert_eq!(total(&[(false, &[U, R])]), R);
        assert_eq!(total(&[(true, &[U, R])]), U);
        assert_eq!(total(&[(false, &[U, R]), (false, &[U, U])]), U);
        assert_eq!(total(&[(false, &[U, R]), (false, &[K, U])]), K);
        assert_eq!(total(&[]), K);
    }
}
