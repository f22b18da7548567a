//! The commands, one file each: the only layer that knows every other. Each reads its inputs,
//! calls the layers below, and writes; what went wrong is said on standard error with a hint.

mod audit;
mod collect;
mod live;
mod pack;
mod path;
mod permissions;
mod rules;

use std::io::{self, Write};
use std::path::Path;

use clap::{ColorChoice, CommandFactory as _};
use thiserror::Error;

use crate::cli::{Cli, Command};
use crate::engine::RuleError;
use crate::exit::Exit;
use crate::finding::baseline::BaselineError;
use crate::settings::SettingsError;
use crate::sources::SourceError;

pub use pack::{build, catalogue, world};

/// Why a command did not do what it was asked.
#[derive(Debug, Error)]
pub enum Error {
    /// Evidence that cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Settings that cannot be followed.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Rule files that were refused.
    #[error("{} of the rule files cannot be used", .0.len())]
    Rules(Vec<RuleError>),
    /// A baseline that cannot be compared with.
    #[error("failed to read the baseline {file}: {source}")]
    Baseline {
        /// The file.
        file: String,
        /// Why.
        source: BaselineError,
    },
    /// A file that cannot be read or written.
    #[error("failed to {verb} {file}: {source}")]
    Io {
        /// `read`, `write`, `start`.
        verb: &'static str,
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// Evidence that could not be asked for.
    #[cfg(feature = "live")]
    #[error(transparent)]
    Collect(#[from] crate::sources::live::CollectError),
    /// A request that makes no sense, with a hint.
    #[error("{0}")]
    Usage(String),
}

impl Error {
    fn io(verb: &'static str, file: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let file = file.into();
        move |source| Self::Io { verb, file, source }
    }

    /// The exit code: whoever reads the other end of a pipe may stop reading.
    fn exit(&self) -> Exit {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe => Exit::Clean,
            #[cfg(feature = "live")]
            Self::Collect(_) => Exit::Usage,
            Self::Source(_)
            | Self::Settings(_)
            | Self::Rules(_)
            | Self::Baseline { .. }
            | Self::Io { .. }
            | Self::Usage(_) => Exit::Usage,
        }
    }
}

/// Runs a command line.
pub fn run(cli: Cli) -> Exit {
    match cli.color {
        ColorChoice::Auto => {}
        ColorChoice::Always => anstream::ColorChoice::Always.write_global(),
        ColorChoice::Never => anstream::ColorChoice::Never.write_global(),
    }
    let result = match cli.command {
        Command::Audit(args) => audit::run(&args),
        Command::Path(args) => path::run(&args),
        Command::Collect(args) => collect::run(&args),
        Command::Permissions(args) => permissions::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "plaudit", &mut script);
            stdout(&script).map(|()| Exit::Clean)
        }
    };
    result.unwrap_or_else(|error| {
        let exit = error.exit();
        if exit != Exit::Clean {
            complain(&error);
        }
        exit
    })
}

fn complain(error: &Error) {
    let mut stderr = anstream::stderr().lock();
    let colour = anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
    if let Error::Rules(mistakes) = error {
        for mistake in mistakes {
            let _ = writeln!(stderr, "{}\n", mistake.render(colour));
        }
    }
    let mut message = crate::report::escape::block(&error.to_string()).into_owned();
    if let Error::Source(error) = error {
        message.push_str("\n  help: ");
        message.push_str(error.hint());
    }
    let _ = writeln!(stderr, "error: {message}");
}

/// Writes a whole report to standard output.
fn stdout(bytes: &[u8]) -> Result<(), Error> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(Error::io("write", "standard output"))
}

/// A report in a file.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    crate::whole::write(path, bytes).map_err(Error::io("write", path.display().to_string()))
}

/// A line for people, beside the report.
fn say(line: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{}", crate::report::escape::line(line));
}
