//! Mistakes in the settings, each with its place and what to do.

use std::path::PathBuf;

use thiserror::Error;

use super::file::BYTES;

/// A mistake in the settings.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("failed to read {}: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is too large to be settings.
    #[error("{} is larger than {BYTES} bytes\n  help: settings are a few lines; is this the right file?", .0.display())]
    TooLarge(PathBuf),
    /// The file does not say what it may say.
    #[error("{file}:{line}:{column}: {message}\n  help: `plaudit rules schema settings` prints what may stand here")]
    Content {
        /// The file.
        file: String,
        /// 1-based line.
        line: usize,
        /// 1-based column.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A date that is none.
    #[error("{place}: `{text}` is no date\n  help: write it as 2027-01-31")]
    Date {
        /// Where.
        place: String,
        /// What stands there.
        text: String,
    },
    /// Two entries say the same, or the opposite.
    #[error("{file}:{line}: a second {what}\n  help: keep one of them")]
    Twice {
        /// The file.
        file: String,
        /// 1-based line.
        line: u32,
        /// What there are two of.
        what: String,
    },
    /// A rule that does not exist.
    #[error("{place}: there is no rule, area or tag `{name}`{}", hint.as_ref().map(|hint| format!("\n  help: did you mean `{hint}`?")).unwrap_or_default())]
    NoRule {
        /// Where.
        place: String,
        /// What stands there.
        name: String,
        /// What was probably meant.
        hint: Option<String>,
    },
}
