//! A directory to the JSON files in it, in the order of their names.
//!
//! It takes `*.json` only, follows no link out of the directory and no linked folder, opens
//! nothing but regular files, and counts files and folders. What it passed over although it
//! may have been meant as evidence is reported with the reason.
#![expect(clippy::disallowed_methods, reason = "sources are where files are read")]

use std::fs;
use std::path::{Path, PathBuf};

use super::error::{Cause, SourceError};
use super::limits::{FILES, FOLDERS};

/// A JSON file of a directory.
pub(super) struct Found {
    /// Its path.
    pub(super) path: PathBuf,
    /// Folders and file name below the directory, without `.json`.
    pub(super) segments: Vec<String>,
    /// Why it was passed over, if it was.
    pub(super) passed_over: Option<&'static str>,
}

/// Every JSON file below `root`.
pub(super) fn files(root: &Path) -> Result<Vec<Found>, SourceError> {
    let real = fs::canonicalize(root).map_err(|error| SourceError::new(root, error.into()))?;
    let mut walk = Walk { real, found: Vec::new() };
    walk.folder(root, &mut Vec::new())?;
    Ok(walk.found)
}

struct Walk {
    real: PathBuf,
    found: Vec<Found>,
}

impl Walk {
    fn folder(&mut self, folder: &Path, segments: &mut Vec<String>) -> Result<(), SourceError> {
        let refuse = |error: std::io::Error| SourceError::new(folder, error.into());
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).map_err(refuse)? {
            names.push(entry.map_err(refuse)?.file_name());
            // Other files count too: the walk itself has to end.
            if names.len() + self.found.len() > FILES {
                return Err(SourceError::new(folder, Cause::TooLarge { limit: FILES as u64, what: "files" }));
            }
        }
        names.sort();
        for name in names {
            let path = folder.join(&name);
            let name = name.to_string_lossy().into_owned();
            let kind = fs::symlink_metadata(&path).map_err(refuse)?.file_type();
            if kind.is_dir() {
                segments.push(name);
                if segments.len() > FOLDERS {
                    self.push(path, segments.clone(), Some("more folders inside each other than are read"));
                } else {
                    self.folder(&path, segments)?;
                }
                segments.pop();
            } else if let Some(stem) = name.strip_suffix(".json") {
                let passed_over = if kind.is_symlink() {
                    self.link(&path)
                } else {
                    (!kind.is_file()).then_some("not a regular file")
                };
                let mut segments = segments.clone();
                segments.push(stem.to_owned());
                self.push(path, segments, passed_over);
            }
        }
        Ok(())
    }

    fn push(&mut self, path: PathBuf, segments: Vec<String>, passed_over: Option<&'static str>) {
        self.found.push(Found { path, segments, passed_over });
    }

    fn link(&self, path: &Path) -> Option<&'static str> {
        match fs::canonicalize(path) {
            Ok(target) if !target.starts_with(&self.real) => Some("a link out of the directory is not followed"),
            Ok(target) if !target.is_file() => Some("not a link to a regular file"),
            Ok(_) => None,
            Err(_) => Some("a link to nothing"),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::files;

    #[test]
    fn links_out_of_the_directory_are_passed_over() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret.json"), "{}").unwrap();
        let inside = tempfile::tempdir().unwrap();
        std::fs::write(inside.path().join("b.json"), "{}").unwrap();
        std::fs::write(inside.path().join("README.md"), "").unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret.json"), inside.path().join("a.json")).unwrap();
        std::os::unix::fs::symlink(inside.path(), inside.path().join("loop")).unwrap();
        let found = files(inside.path()).unwrap();
        let seen: Vec<_> = found.iter().map(|f| (f.segments.join("/"), f.passed_over.is_some())).collect();
        assert_eq!(seen, [("a".to_owned(), true), ("b".to_owned(), false)]);
    }
}
