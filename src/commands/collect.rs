//! `plaudit collect`: evidence into one file. It packs answers that were gathered with the
//! vendors' own command lines; it does not ask AWS or Databricks itself.

use super::{Error, say};
use crate::cli::CollectArgs;
use crate::exit::Exit;

pub(super) fn run(args: &CollectArgs) -> Result<Exit, Error> {
    crate::sources::write(&args.from, &args.output)?;
    say(&format!("wrote {}", args.output.display()));
    Ok(Exit::Clean)
}
