//! What a collection is doing, on standard error: a line for each account and region on a
//! terminal, else one plain line a phase.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::super::say;
use crate::sources::live::{Event, Lane, Watch};

/// See the module.
pub(super) struct Progress {
    terminal: Option<MultiProgress>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    phase: String,
    of_phase: Counts,
    all: Counts,
    lines: BTreeMap<(String, String), (Counts, Option<ProgressBar>)>,
}

/// What happened to requests.
#[derive(Clone, Copy, Default)]
struct Counts {
    sent: u64,
    answered: u64,
    retried: u64,
    denied: u64,
    failed: u64,
}

impl Counts {
    fn count(&mut self, event: Event) {
        match event {
            Event::Sent => self.sent += 1,
            Event::Answered => self.answered += 1,
            Event::Retried => self.retried += 1,
            Event::Denied => self.denied += 1,
            Event::Failed => self.failed += 1,
        }
    }

    fn in_flight(self) -> u64 {
        self.sent.saturating_sub(self.answered + self.retried + self.denied + self.failed)
    }

    fn words(self) -> String {
        let rest = [(self.retried, "retried"), (self.denied, "denied"), (self.failed, "failed")];
        let rest = rest.into_iter().filter(|(count, _)| *count > 0);
        let rest: String = rest.map(|(count, word)| format!(", {count} {word}")).collect();
        format!("{} call{}{rest}", self.sent, if self.sent == 1 { "" } else { "s" })
    }
}

impl Progress {
    /// Nothing happened yet.
    pub(super) fn new() -> Self {
        let terminal = std::io::stderr().is_terminal().then(MultiProgress::new);
        Self { terminal, state: Mutex::default() }
    }

    /// Every request of the run.
    pub(super) fn totals(&self) -> String {
        self.state().all.words()
    }

    /// Takes the lines off the terminal.
    pub(super) fn end(&self) {
        self.say_phase(&mut self.state());
        if let Some(terminal) = &self.terminal {
            // a terminal that cannot be cleared keeps its last lines
            let _ = terminal.clear();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say_phase(&self, state: &mut State) {
        if self.terminal.is_none() && state.of_phase.sent > 0 {
            say(&format!("{}: {}", state.phase, state.of_phase.words()));
        }
        state.of_phase = Counts::default();
    }
}

impl Watch for Progress {
    fn phase(&self, name: &str) {
        let mut state = self.state();
        self.say_phase(&mut state);
        name.clone_into(&mut state.phase);
    }

    fn event(&self, lane: &Lane, event: Event) {
        let mut state = self.state();
        state.of_phase.count(event);
        state.all.count(event);
        let Some(terminal) = &self.terminal else { return };
        let place = (lane.account.clone(), lane.region.clone());
        let (counts, bar) = state.lines.entry(place).or_default();
        counts.count(event);
        let bar = bar.get_or_insert_with(|| {
            let bar = terminal.add(ProgressBar::new_spinner());
            bar.set_style(ProgressStyle::default_spinner());
            bar.set_prefix(format!("{}/{}", lane.account, lane.region));
            bar
        });
        let words = format!("{}/{}: {}, {} in flight", lane.account, lane.region, counts.words(), counts.in_flight());
        bar.set_message(crate::report::escape::line(&words).into_owned());
    }
}
