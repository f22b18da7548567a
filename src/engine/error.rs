//! A mistake in a rule file: where, what, and what was probably meant.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// A rule file that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The file.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// 1-based column, in characters.
    pub column: usize,
    /// What is wrong, as a sentence fragment.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The text of the file, to show the place.
    pub source: String,
    /// The place, in bytes of `source`.
    pub span: std::ops::Range<usize>,
}

impl RuleError {
    /// A mistake at a byte range of a file.
    pub fn at(file: &str, source: &str, span: std::ops::Range<usize>, message: impl Into<String>) -> Self {
        let start = source.floor_char_boundary(span.start);
        let end = source.floor_char_boundary(span.end).max(start);
        let before = &source[..start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self {
            file: file.to_owned(),
            line,
            column,
            message: message.into(),
            help: None,
            source: source.to_owned(),
            span: start..end,
        }
    }

    /// The same with a hint.
    #[must_use]
    pub fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// The mistake as rustc would print it.
    pub fn render(&self, colour: bool) -> String {
        let title = format!("{}:{}:{}: {}", self.file, self.line, self.column, self.message);
        let snippet = Snippet::source(self.source.as_str())
            .path(self.file.as_str())
            .annotation(AnnotationKind::Primary.span(self.span.clone()));
        let mut report = Level::ERROR.primary_title(title).element(snippet);
        if let Some(help) = &self.help {
            report = report.element(Level::HELP.message(help.clone()));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[report]).clone()
    }
}

impl std::fmt::Display for RuleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "\n  help: {help}"))
    }
}

impl std::error::Error for RuleError {}

#[cfg(test)]
mod tests {
    use super::RuleError;

    #[test]
    fn the_place_is_counted_from_one() {
        let error = RuleError::at("x.yaml", "id: A\nname: é!\n", 14..15, "wrong");
        assert_eq!((error.line, error.column), (2, 8));
        assert!(error.render(false).contains("x.yaml:2:8"));
    }
}
