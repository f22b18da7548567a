//! How the text report is set: styles, and paragraphs that are wrapped and escaped.
//!
//! It refuses to write text that was not escaped: every way in goes through
//! [`escape`](crate::report::escape).

use std::io;

use anstyle::{AnsiColor, Style};

use crate::finding::Severity;
use crate::report::{escape, wrapped};

/// Styles of the text report; the default has none. Words carry the meaning, styles only help.
#[derive(Clone, Copy, Debug, Default)]
pub struct Styles {
    /// Headings of sections.
    pub heading: Style,
    /// Critical failures.
    pub critical: Style,
    /// High failures.
    pub high: Style,
    /// Medium failures.
    pub medium: Style,
    /// Low failures.
    pub low: Style,
    /// Undecided verdicts.
    pub unknown: Style,
    /// Good news.
    pub good: Style,
    /// Labels and places.
    pub dim: Style,
}

impl Styles {
    /// The styles of a terminal that wants colour.
    pub fn coloured() -> Self {
        let colour = |colour: AnsiColor| colour.on_default();
        Self {
            heading: Style::new().bold(),
            critical: colour(AnsiColor::Red).bold(),
            high: colour(AnsiColor::Red),
            medium: colour(AnsiColor::Yellow),
            low: colour(AnsiColor::Blue),
            unknown: colour(AnsiColor::Magenta),
            good: colour(AnsiColor::Green),
            dim: Style::new().dimmed(),
        }
    }

    pub(super) fn severity(&self, severity: Severity) -> Style {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
        }
    }
}

/// The page that a report is written on.
pub(super) struct Page<'w, W> {
    pub(super) out: &'w mut W,
    pub(super) styles: Styles,
    pub(super) width: usize,
    /// Whether something stands above, so that a section leaves a line free.
    pub(super) started: bool,
}

/// Width of the label column of a finding.
const LABEL: usize = 6;

impl<W: io::Write> Page<'_, W> {
    /// Leaves a line free, except at the top.
    pub(super) fn gap(&mut self) -> io::Result<()> {
        if self.started {
            writeln!(self.out)?;
        }
        self.started = true;
        Ok(())
    }

    /// The heading of a section.
    pub(super) fn heading(&mut self, text: &str) -> io::Result<()> {
        self.gap()?;
        self.styled(0, self.styles.heading, text)
    }

    /// A paragraph in one style.
    pub(super) fn styled(&mut self, indent: usize, style: Style, text: &str) -> io::Result<()> {
        for line in wrapped(&escape::line(text), self.width.saturating_sub(indent)) {
            writeln!(self.out, "{:indent$}{style}{line}{style:#}", "")?;
        }
        Ok(())
    }

    /// A line that is never broken.
    pub(super) fn whole(&mut self, style: Style, text: &str) -> io::Result<()> {
        writeln!(self.out, "{style}{}{style:#}", escape::line(text))
    }

    /// A paragraph.
    pub(super) fn text(&mut self, indent: usize, text: &str) -> io::Result<()> {
        self.styled(indent, Style::new(), text)
    }

    /// A paragraph behind a label; further lines stand below the first.
    pub(super) fn labelled(&mut self, indent: usize, label: &str, text: &str) -> io::Result<()> {
        self.below(indent, label, &escape::line(text))
    }

    /// Text of a rule behind a label: its line breaks stay, because no account wrote them.
    pub(super) fn prose(&mut self, indent: usize, label: &str, text: &str) -> io::Result<()> {
        self.below(indent, label, &escape::block(text))
    }

    fn below(&mut self, indent: usize, label: &str, escaped: &str) -> io::Result<()> {
        let dim = self.styles.dim;
        let room = self.width.saturating_sub(indent + LABEL);
        let mut label = label;
        for line in escaped.trim().split('\n').flat_map(|line| wrapped(line, room)) {
            writeln!(self.out, "{:indent$}{dim}{label:<LABEL$}{dim:#}{line}", "")?;
            label = "";
        }
        Ok(())
    }
}
