//! `plaudit collect`: evidence into one file, asked of AWS and Databricks, or packed from answers
//! that were gathered with the vendors' own command lines.

use std::path::{Path, PathBuf};

use super::{Error, live, say};
use crate::cli::CollectArgs;
use crate::exit::Exit;

pub(super) fn run(args: &CollectArgs) -> Result<Exit, Error> {
    let output = args.output.as_deref().unwrap_or_else(|| Path::new(""));
    if !args.from.is_empty() {
        return pack(args, &args.from, output);
    }
    let earlier = args.resume.as_deref().map(live::earlier).transpose()?;
    if args.dry_run {
        return live::list(&args.live, earlier.as_deref());
    }
    let collected = live::collect(&args.live, earlier.as_deref())?;
    collected.tell();
    if collected.is_empty() {
        say(&format!("nothing could be collected; {} was not written", output.display()));
        return Ok(Exit::NothingCollected);
    }
    collected.save(output)?;
    say(&format!("wrote {}", output.display()));
    Ok(if collected.is_whole() { Exit::Clean } else { Exit::Unknown })
}

fn pack(args: &CollectArgs, from: &[PathBuf], output: &Path) -> Result<Exit, Error> {
    if args.live != crate::cli::LiveArgs::default() {
        return Err(Error::Usage("--from asks nobody: leave out the flags of AWS, Databricks and limits".to_owned()));
    }
    crate::sources::write(from, output)?;
    say(&format!("wrote {}", output.display()));
    Ok(Exit::Clean)
}
