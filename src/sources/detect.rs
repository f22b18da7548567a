//! What an input is, told from its content, and the documents in it.
//!
//! Input: the paths that the user gave. Output: texts with their shape. A file inside a
//! directory that cannot be read becomes a document that says why; an input that cannot be
//! read, or that is nothing plaudit knows, is an error.
#![expect(clippy::disallowed_methods, reason = "sources are where files are read")]

use std::path::{Component, Path};

use super::answer::{self, Broken, Content};
use super::document::{Document, Shape};
use super::error::{Cause, SourceError};
use super::json::{self, Members};
use super::place::{AWS, DATABRICKS, is_trunk};
use super::{FORMAT, load, walk};
use crate::estate::Reason;

/// Segments of the longest path that names a call.
const LONGEST: usize = 5;

/// The documents of an input.
pub(super) fn documents(input: &Path) -> Result<Vec<Document>, SourceError> {
    let fail = |cause| SourceError::new(input, cause);
    let kind = std::fs::metadata(input).map_err(|error| fail(error.into()))?;
    if kind.is_dir() {
        return directory(input);
    }
    let text = load::file(input).map_err(fail)?;
    let shape = shape(input, load::json(&text)).map_err(fail)?;
    Ok(vec![Document { input: input.to_path_buf(), name: name(input), text: Ok(text), shape }])
}

fn directory(root: &Path) -> Result<Vec<Document>, SourceError> {
    let above = context(root);
    let found = walk::files(root)?.into_iter().map(|found| {
        let text = match found.passed_over {
            Some(why) => Err(Broken { reason: Reason::Skipped, detail: why.to_owned() }),
            None => load::file(&found.path).map_err(|cause| Broken::unreadable(cause.to_string())),
        };
        let segments = above.iter().chain(&found.segments).cloned().collect();
        Document { input: root.to_path_buf(), name: name(&found.path), text, shape: Shape::Answer(segments) }
    });
    Ok(found.collect())
}

fn shape(path: &Path, text: &str) -> Result<Shape, Cause> {
    if let Some(members) = text.starts_with('{').then(|| json::members(text).ok()).flatten() {
        if let Some(format) = json::text_of(&members, "format") {
            return if format == FORMAT { Ok(Shape::Evidence) } else { Err(Cause::UnknownVersion(format)) };
        }
        if is_terraform(&members) {
            return Err(Cause::Terraform);
        }
    }
    match answer::content(text) {
        _ if text.is_empty() => Err(Cause::Empty),
        Err(broken) => Err(Cause::NotJson(broken.detail.trim_start_matches("not JSON: ").to_owned())),
        Ok(content) => single(path, &content).map(Shape::Answer).ok_or(Cause::Unrecognised),
    }
}

/// The path of a lone answer: from the trunk on, else as much of it as names the call.
fn single(path: &Path, content: &Content<'_>) -> Option<Vec<String>> {
    let mut parts = components(path);
    if let Some(last) = parts.last_mut() {
        for suffix in [".gz", ".zst", ".json"] {
            *last = last.strip_suffix(suffix).unwrap_or(last).to_owned();
        }
    }
    let trunk = parts.iter().rposition(|name| name == AWS || name == DATABRICKS);
    let trunk = trunk.or_else(|| parts.iter().position(|name| is_trunk(name)));
    let shorter = (1..=parts.len().min(LONGEST)).map(|length| parts.len() - length);
    let mut paths = trunk.into_iter().chain(shorter).map(|start| &parts[start..]);
    paths.find(|path| answer::attribution(path, Some(content)).is_some()).map(<[String]>::to_vec)
}

fn is_terraform(members: &Members<'_>) -> bool {
    let has = |key| json::member(members, key).is_some();
    has("terraform_version") || (has("format_version") && (has("planned_values") || has("values")))
}

/// The trunk that a directory is itself a part of: `aws`, `111122223333` of `…/aws/111122223333`.
fn context(path: &Path) -> Vec<String> {
    let mut parts = components(path);
    let databricks = parts.iter().rposition(|name| name == DATABRICKS).filter(|index| index + 3 >= parts.len());
    let trunk = parts.iter().rposition(|name| !is_trunk(name)).map_or(0, |index| index + 1);
    parts.split_off(databricks.unwrap_or(trunk))
}

fn components(path: &Path) -> Vec<String> {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let parts = real.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    parts.collect()
}

fn name(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
