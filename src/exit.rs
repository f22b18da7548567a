//! The exit codes. All others are reserved. The code never depends on the output format.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Judged; nothing at or above the threshold failed.
    Clean,
    /// A failure at or above the threshold.
    Failed,
    /// Usage, settings or rule-file error, or unreadable evidence; nothing was judged.
    Usage,
    /// No failure, but a verdict at or above the threshold is unknown.
    Unknown,
    /// Collection failed so that nothing could be judged.
    NothingCollected,
    /// A bug in the tool.
    Bug,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Unknown => 3,
            Self::NothingCollected => 4,
            Self::Bug => 70,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
