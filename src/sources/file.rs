//! Writing an evidence file: the answers of every input in one JSON document, without secrets,
//! whole or not at all (temporary file beside the output, then rename).
//!
//! Answers keep the vendor's shape and their path. An error in place of an answer stays one;
//! what could not be read at all becomes an entry of `gaps`. Compression follows the name of
//! the output: `.gz`, `.zst`.
#![expect(clippy::disallowed_methods, reason = "an evidence file says when it was written")]

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::answer::{Answer, Content};
use super::document::Document;
use super::error::{Cause, SourceError};
use super::gap::Noted;
use super::place::is_whole;
use super::secret::drop_secrets;
use super::{FORMAT, documents, parts};
use crate::estate::{Gap, Operation, Place, Scope};
use crate::whole;

/// Writes what the inputs hold as one evidence file.
pub fn write(inputs: &[PathBuf], output: &Path) -> Result<(), SourceError> {
    let documents = documents(inputs)?;
    let parts = parts(inputs, &documents)?;
    let mut tree = Map::new();
    let mut gaps: Vec<Value> = Vec::new();
    let mut apart = Apart::new(&parts.answers);
    for answer in &parts.answers {
        match plain(answer) {
            Ok(mut value) => {
                drop_secrets(&mut value);
                put(&mut tree, &apart.path(answer, &documents), value);
            }
            Err(gap) => gaps.push(json!(Noted::from(&gap))),
        }
    }
    for (_, text) in &parts.gaps {
        gaps.push(serde_json::from_str(text).unwrap_or(Value::Null));
    }
    gaps.iter_mut().for_each(drop_secrets);
    // Evidence is as old as its oldest part.
    let collected_at = parts.collected_at.iter().min().cloned().unwrap_or_else(|| jiff::Timestamp::now().to_string());
    let head = json!({ "format": FORMAT, "tool": concat!("plaudit/", env!("CARGO_PKG_VERSION")), "collected_at": collected_at });
    let bytes = document(&head, &tree, gaps).map_err(|error| SourceError::new(output, Cause::Io(error)))?;
    save(output, bytes).map_err(|error| SourceError::new(output, Cause::Io(error)))
}

/// The JSON of an answer, or the gap that it leaves.
fn plain(answer: &Answer<'_>) -> Result<Value, Gap> {
    let gap = |reason, detail: String| {
        let gap = match answer.attribution() {
            Some(at) => Gap::new(at.operation, Scope { resource: at.owner, ..at.place.scope() }, reason),
            None => {
                let Place { account, region } = super::place::of_folders(&answer.segments, Operation::ReadEvidence);
                Gap::new(Operation::ReadEvidence, Scope { account, region, resource: None }, reason)
            }
        };
        gap.because(format!("{}.json: {detail}", answer.path()))
    };
    match &answer.content {
        Ok(Content::Failure(failure)) if !answer.text.starts_with('{') => Ok(failure.to_json()),
        Ok(_) => serde_json::from_str(answer.text)
            .map_err(|error| gap(crate::estate::Reason::Undecodable, error.to_string())),
        Err(broken) => Err(gap(broken.reason, broken.detail.clone())),
    }
}

/// Keeps folders apart that name no account and region: what lies in one folder is taken for one
/// collection, so that two must not become one. The second gets a folder `~2` around it.
struct Apart<'a> {
    taken: BTreeSet<&'a str>,
    roots: Vec<(&'a str, Option<String>)>,
}

impl<'a> Apart<'a> {
    fn new(answers: &'a [Answer<'_>]) -> Self {
        let taken = answers.iter().filter_map(|answer| answer.segments.first()).map(String::as_str).collect();
        Self { taken, roots: Vec::new() }
    }

    /// The path of an answer in the file.
    fn path(&mut self, answer: &Answer<'_>, documents: &'a [Document]) -> Vec<String> {
        let placeless =
            answer.attribution().is_some_and(|at| !at.operation.is_databricks() && !is_whole(&at.place, at.operation));
        let document = documents.get(answer.document as usize).filter(|_| placeless);
        let root = document.map(|document| document.root(answer));
        let around = root.and_then(|root| self.folder(root));
        around.into_iter().chain(answer.segments.iter().cloned()).collect()
    }

    fn folder(&mut self, root: &'a str) -> Option<String> {
        if let Some((_, folder)) = self.roots.iter().find(|(known, _)| *known == root) {
            return folder.clone();
        }
        let used = |name: &String| {
            self.taken.contains(name.as_str()) || self.roots.iter().any(|(_, folder)| folder.as_ref() == Some(name))
        };
        let fresh = (2u32..).map(|copy| format!("~{copy}")).find(|name| !used(name));
        let folder = fresh.filter(|_| !self.roots.is_empty());
        self.roots.push((root, folder.clone()));
        folder
    }
}

/// Puts an answer at its path; a second, different one beside it as `<name>~2`.
fn put(tree: &mut Map<String, Value>, path: &[String], value: Value) {
    let Some((name, rest)) = path.split_first() else { return };
    if !rest.is_empty() {
        let folder = tree.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(folder) = folder {
            put(folder, rest, value);
        }
        return;
    }
    let copies = std::iter::once(name.clone()).chain((2u32..).map(|copy| format!("{name}~{copy}")));
    for name in copies {
        match tree.get(&name) {
            Some(there) if *there == value => return,
            Some(_) => {}
            None => {
                tree.insert(name, value);
                return;
            }
        }
    }
}

/// The document, pretty-printed: findings point at its lines.
pub(super) fn document(head: &Value, tree: &Map<String, Value>, gaps: Vec<Value>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let gaps = Value::Array(gaps);
    let head_members = ["format", "tool", "collected_at"].map(|key| (key, &head[key]));
    let answers = tree.iter().map(|(key, value)| (key.as_str(), value));
    let answers = answers.filter(|(key, _)| head.get(key).is_none() && *key != "gaps");
    let members: Vec<(&str, &Value)> = head_members.into_iter().chain(answers).chain([("gaps", &gaps)]).collect();
    bytes.extend_from_slice(b"{\n");
    for (index, (key, value)) in members.iter().enumerate() {
        let separator = if index + 1 < members.len() { ",\n" } else { "\n" };
        let text = serde_json::to_string_pretty(value)?.replace('\n', "\n  ");
        write!(bytes, "  {}: {text}{separator}", serde_json::to_string(key)?)?;
    }
    bytes.extend_from_slice(b"}\n");
    Ok(bytes)
}

/// Writes the bytes as the name of the output wants them, readable by their owner alone.
pub(super) fn save(output: &Path, bytes: Vec<u8>) -> std::io::Result<()> {
    whole::write(output, &packed(output, bytes)?)
}

/// The bytes as the name of the output wants them.
fn packed(output: &Path, bytes: Vec<u8>) -> std::io::Result<Vec<u8>> {
    match output.extension().and_then(|extension| extension.to_str()) {
        Some("gz") => {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            gzip.write_all(&bytes)?;
            gzip.finish()
        }
        Some("zst") => {
            let level = ruzstd::encoding::CompressionLevel::Fastest;
            Ok(ruzstd::encoding::compress_to_vec(bytes.as_slice(), level))
        }
        _ => Ok(bytes),
    }
}
