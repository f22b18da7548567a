//! The only place that reads the process's own environment and the file of profiles.

use std::io::{ErrorKind, Read};
use std::path::Path;

use super::config::Variables;
use super::profile::LARGEST;

/// The variables that are texts.
pub(super) fn variables() -> Variables {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

/// The text of the file of profiles, when there is one.
#[expect(clippy::disallowed_methods, reason = "profiles are read where Databricks' own tools look for them")]
pub(super) fn load(path: &Path) -> Result<Option<String>, String> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let mut text = String::new();
    // one byte more than is read, so that the reader notices
    file.take(LARGEST as u64 + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    Ok(Some(text))
}
