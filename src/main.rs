//! The `plaudit` binary: parse, run, exit code.

use std::panic::{self, PanicHookInfo};
use std::process::ExitCode;

use clap::Parser as _;
use plaudit::cli::Cli;
use plaudit::commands;
use plaudit::exit::Exit;

fn main() -> ExitCode {
    panic::set_hook(Box::new(report_bug));
    let cli = Cli::parse();
    panic::catch_unwind(|| commands::run(cli)).unwrap_or(Exit::Bug).into()
}

/// A panic is ours, never the user's: say so, and what would help.
fn report_bug(info: &PanicHookInfo<'_>) {
    anstream::eprintln!("error: plaudit has a bug: {info}");
    anstream::eprintln!("  help: please report it with the command line and, if you can, the evidence that causes it");
}
