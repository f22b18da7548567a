//! Everything that becomes an [`Estate`]: directories of CLI answers, evidence files, single
//! answers; told apart by their content.
//!
//! Input: paths. Output: a sealed estate, or a [`SourceError`] when an input cannot be read at
//! all. What is wrong with one answer among many is a gap in the estate. It asks nobody but the
//! file system, follows no link out of a directory, and never believes one of two answers that
//! contradict each other.
//!
//! ```text
//! paths ─ detect, walk, load ─► documents ─ document ─► answers ─ answer ─► call, place, resource
//!                                                                   │
//!   estate ◄─ finish, groups ─ assembly, merge ◄─ aws, owned, guard, firewall, zone, role, databricks, list
//! ```

mod answer;
mod assembly;
mod aws;
mod databricks;
mod detect;
mod document;
mod error;
mod failure;
mod file;
mod finish;
mod firewall;
mod gap;
mod groups;
mod guard;
mod json;
mod limits;
mod list;
#[cfg(feature = "live")]
pub mod live;
mod load;
mod merge;
mod owned;
mod place;
mod position;
mod role;
mod secret;
mod walk;
mod zone;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::estate::operation::Answer as Layout;
use crate::estate::{Estate, Gap, Operation, Place, Reason, Scope};

use answer::{Answer, Attribution, Content};
use assembly::Assembly;
use document::{Document, Parts, Shape};
pub use error::{Cause, SourceError};
pub use file::write;

/// The version of evidence files that is read and written.
pub const FORMAT: &str = "plaudit-evidence/1";

/// Reads every input into one estate.
pub fn read(inputs: &[PathBuf]) -> Result<Estate, SourceError> {
    assemble(inputs, &documents(inputs)?)
}

/// Reads the text of one evidence file, such as the base world of rule tests.
pub fn read_text(name: &str, text: String) -> Result<Estate, SourceError> {
    read_with(&[], Path::new(name), text)
}

/// Reads every input, and the text of one evidence file beside them.
pub fn read_with(inputs: &[PathBuf], name: &Path, text: String) -> Result<Estate, SourceError> {
    let mut documents = documents(inputs)?;
    let shown = name.display().to_string();
    documents.push(Document { name: shown, text: Ok(text), shape: Shape::Evidence, input: name.to_path_buf() });
    let inputs: Vec<PathBuf> = inputs.iter().cloned().chain([name.to_path_buf()]).collect();
    assemble(&inputs, &documents)
}

/// The text of one file, decompressed, within the limits of evidence.
pub fn text(file: &Path) -> Result<String, SourceError> {
    load::file(file).map(|text| load::json(&text).to_owned()).map_err(|cause| SourceError::new(file, cause))
}

fn assemble(inputs: &[PathBuf], documents: &[Document]) -> Result<Estate, SourceError> {
    let parts = parts(inputs, documents)?;
    let mut assembly = Assembly::new(documents);
    let mut known: Vec<(Attribution, &Answer<'_>)> = Vec::new();
    for answer in &parts.answers {
        match answer.attribution() {
            Some(at) => known.push((at, answer)),
            None => assembly.gap(unattributed(&assembly, answer)),
        }
    }
    // Lists before the answers about their items: a zone before its VPCs, a key before its policy.
    known.sort_by_key(|(at, _)| at.operation);
    for (at, answer) in known {
        assembly.read(answer, &at);
    }
    for (document, text) in &parts.gaps {
        match gap::read(text) {
            Ok(gaps) => gaps.into_iter().for_each(|gap| assembly.gap(gap)),
            Err(error) => {
                let detail = assembly.explain(*document, text, &error);
                assembly.gap(Gap::new(Operation::ReadEvidence, Scope::default(), Reason::Undecodable).because(detail));
            }
        }
    }
    Ok(assembly.finish())
}

impl<'a> Assembly<'a> {
    fn read(&mut self, answer: &Answer<'a>, at: &Attribution) {
        if at.operation.is_databricks() {
            self.databricks(answer, at);
        } else if matches!(at.operation.answer(), Layout::Key(_)) {
            self.aws_list(answer, at);
        } else {
            self.aws_owned(answer, at);
        }
    }
}

/// The gap of a text that answers no call that plaudit knows.
fn unattributed(assembly: &Assembly<'_>, answer: &Answer<'_>) -> Gap {
    let (reason, detail) = match &answer.content {
        Err(broken) => (broken.reason, broken.detail.clone()),
        Ok(Content::Failure(failure)) => (Reason::Undecodable, failure.describe()),
        Ok(_) => (Reason::Skipped, format!("`{}` is no answer that plaudit reads", answer.path())),
    };
    let Place { account, region } = place::of_folders(&answer.segments, Operation::ReadEvidence);
    let scope = Scope { account, region, resource: None };
    let cited = assembly.cite(answer.document, answer.text);
    Gap::new(Operation::ReadEvidence, scope, reason).because(format!("{cited}: {detail}"))
}

/// Every document of every input.
fn documents(inputs: &[PathBuf]) -> Result<Vec<Document>, SourceError> {
    let mut documents = Vec::new();
    for input in inputs {
        documents.extend(detect::documents(input)?);
    }
    Ok(documents)
}

/// The answers and gaps of documents. An input without any is a mistake of the user's.
fn parts<'a>(inputs: &[PathBuf], documents: &'a [Document]) -> Result<Parts<'a>, SourceError> {
    let mut parts = Parts::default();
    for (number, document) in (0u32..).zip(documents) {
        let broken =
            |error: serde_json::Error| SourceError::new(Path::new(&document.name), Cause::NotJson(error.to_string()));
        parts.add(number, document).map_err(broken)?;
    }
    let mut useful: BTreeSet<&Path> = BTreeSet::new();
    for answer in parts.answers.iter().filter(|answer| answer.attribution().is_some()) {
        useful.extend(documents.get(answer.document as usize).map(|document| document.input.as_path()));
    }
    for (document, _) in &parts.gaps {
        useful.extend(documents.get(*document as usize).map(|document| document.input.as_path()));
    }
    match inputs.iter().find(|input| !useful.contains(input.as_path())) {
        Some(input) => Err(SourceError::new(input, Cause::NoAnswer)),
        None if inputs.is_empty() => Err(SourceError::new(Path::new("."), Cause::NoAnswer)),
        None => Ok(parts),
    }
}
