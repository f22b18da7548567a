//! What both benches measure on.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The evidence file of an estate; made once.
pub(crate) fn estate(workspaces: usize) -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(format!("estate-{workspaces}.json"));
    if !file.exists() {
        let fresh = folder.join("estate.part");
        let run =
            ["run", "--quiet", "--release", "--example", "estate", "--", "--workspaces", &workspaces.to_string(), "-o"];
        let made =
            Command::new(env!("CARGO")).current_dir(env!("CARGO_MANIFEST_DIR")).args(run).arg(&fresh).status()?;
        if !made.success() {
            return Err("examples/estate.rs failed".into());
        }
        std::fs::rename(fresh, &file)?;
    }
    Ok(file)
}
