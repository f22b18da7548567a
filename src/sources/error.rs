//! Why evidence could not be read or written at all. What is wrong with one answer among many
//! is not an error but a [`Gap`](crate::estate::Gap).

use std::path::{Path, PathBuf};

/// A file that stopped the run, with the cause.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", file.display())]
pub struct SourceError {
    /// The file or directory.
    pub file: PathBuf,
    /// What is wrong with it.
    pub cause: Cause,
}

impl SourceError {
    pub(super) fn new(file: &Path, cause: Cause) -> Self {
        Self { file: file.to_path_buf(), cause }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        self.cause.hint()
    }
}

/// What is wrong with an input or an output.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The operating system refused.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// Too much of it.
    #[error("more than {limit} {what}")]
    TooLarge {
        /// The limit.
        limit: u64,
        /// What is counted.
        what: &'static str,
    },
    /// Compressed, but not to the end.
    #[error("the {format} stream is broken: {problem}")]
    Compression {
        /// `gzip` or `zstd`.
        format: &'static str,
        /// What the decoder said.
        problem: String,
    },
    /// Not UTF-8.
    #[error("not UTF-8 at byte {offset}")]
    NotUtf8 {
        /// The first bad byte.
        offset: usize,
    },
    /// UTF-16, as PowerShell's `>` writes it.
    #[error("UTF-16 text")]
    Utf16,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Not JSON, or cut off.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// An evidence file of another version.
    #[error("evidence format `{0}` is not read; this version reads `{format}`", format = super::FORMAT)]
    UnknownVersion(String),
    /// A Terraform plan or state.
    #[error("a Terraform plan or state; only a later version reads it")]
    Terraform,
    /// JSON of another kind.
    #[error("neither an evidence file nor an answer of the AWS CLI or the Databricks API")]
    Unrecognised,
    /// A directory or an evidence file without any answer.
    #[error("no answer of the AWS CLI or the Databricks API in it")]
    NoAnswer,
}

impl Cause {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Io(_) => "check the path and its permissions",
            Self::TooLarge { .. } => "split the evidence into several inputs",
            Self::Compression { .. } | Self::Empty | Self::NotJson(_) => "collect it again; the file may be cut off",
            Self::NotUtf8 { .. } | Self::Utf16 => "save the file as UTF-8",
            Self::UnknownVersion(_) => "collect the evidence again with this version",
            Self::Terraform => "give collected evidence: a directory of CLI answers or an evidence file",
            Self::Unrecognised | Self::NoAnswer => {
                "expected an evidence file (\"format\": \"plaudit-evidence/1\"), a directory of answers such as \
                 aws/<account>/<region>/describe-vpcs.json, or one such answer"
            }
        }
    }
}
