//! How the text of a path is set: marks, indents, wrapped and escaped lines.

use std::io::{self, Write};

use anstyle::Style;

use super::text::Options;
use crate::reach::{Passage, Verdict};
use crate::report::text::Styles;
use crate::report::{escape, wrapped};

/// The page that a reply is written on.
pub(super) struct Page<'w, W> {
    out: &'w mut W,
    width: usize,
    ascii: bool,
    pub(super) styles: Styles,
}

impl<'w, W: Write> Page<'w, W> {
    pub(super) fn new(options: &Options, out: &'w mut W) -> Self {
        Self { out, width: options.width.clamp(40, 100), ascii: options.ascii, styles: options.styles }
    }

    /// The style of a verdict.
    pub(super) fn verdict(&self, verdict: Verdict) -> Style {
        match verdict {
            Verdict::Reachable => self.styles.good,
            Verdict::Unreachable => self.styles.critical,
            Verdict::Unknown => self.styles.unknown,
        }
    }

    /// The mark of a hop.
    pub(super) fn mark(&self, passage: Passage) -> (&'static str, Style) {
        match (passage, self.ascii) {
            (Passage::Passed, false) => ("✓ ", self.styles.good),
            (Passage::Passed, true) => ("+ ", self.styles.good),
            (Passage::Blocked, false) => ("✗ ", self.styles.critical),
            (Passage::Blocked, true) => ("x ", self.styles.critical),
            (Passage::Unknown, _) => ("? ", self.styles.unknown),
        }
    }

    /// The heading of a section, with a free line above.
    pub(super) fn heading(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out)?;
        self.line(0, self.styles.heading, text)
    }

    /// A free line.
    pub(super) fn space(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// A paragraph in one style.
    pub(super) fn line(&mut self, indent: usize, style: Style, text: &str) -> io::Result<()> {
        for line in self.wrapped(text, self.width.saturating_sub(indent)) {
            writeln!(self.out, "{:indent$}{style}{line}{style:#}", "")?;
        }
        Ok(())
    }

    /// A paragraph behind a mark; further lines stand below the first.
    pub(super) fn item(&mut self, indent: usize, mark: &str, style: Style, text: &str) -> io::Result<()> {
        let below = mark.chars().count();
        let mut mark = mark.to_owned();
        for line in self.wrapped(text, self.width.saturating_sub(indent + below)) {
            writeln!(self.out, "{:indent$}{style}{mark}{style:#}{line}", "")?;
            mark = " ".repeat(below);
        }
        Ok(())
    }

    /// Escaped, and broken at spaces.
    fn wrapped(&self, text: &str, width: usize) -> Vec<String> {
        let mut text = escape::line(text).into_owned();
        if self.ascii {
            text = text.replace('→', "->").replace('…', "...");
        }
        wrapped(text.trim_start(), width)
    }
}
