//! `plaudit collect`: evidence into one file. This build packs answers that were gathered with
//! the vendors' own command lines; asking AWS and Databricks needs the cargo feature `live`.

use super::{Error, say};
use crate::cli::CollectArgs;
use crate::exit::Exit;

pub(super) fn run(args: &CollectArgs) -> Result<Exit, Error> {
    if args.from.is_empty() {
        say("error: this build cannot ask AWS and Databricks: build it with `cargo build --release --features live`, or pack answers with --from PATH");
        return Ok(Exit::Usage);
    }
    crate::sources::write(&args.from, &args.output)?;
    say(&format!("wrote {}", args.output.display()));
    Ok(Exit::Clean)
}
