//! A document to its answers: a file of a directory is one; an evidence file is the same tree
//! of folders in one JSON object, whose keys are the names of folders and files.
//!
//! ```text
//! {"format": "plaudit-evidence/1", "tool": …, "collected_at": …,
//!  "aws": {"<account>": {"<region>": {"describe-vpcs": {"Vpcs": […]}, "kms": {"<key>": {"describe-key": {…}}}}}},
//!  "databricks": {"<account>": {"workspaces": […], "settings": {"<type>": {…}}, "<workspace>": {…}}},
//!  "gaps": [{"operation": …, "account": …, "region": …, "resource": …, "reason": …, "detail": …}]}
//! ```

use std::fmt;
use std::path::PathBuf;

use rayon::prelude::*;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::answer::{self, Answer, Broken, Content};
use super::json::{self, Members};
use super::limits::FOLDERS;
use super::load;
use super::place::{DATABRICKS, is_trunk, is_workspace};

/// A text that was read, and how to take it apart.
#[derive(Debug)]
pub(super) struct Document {
    /// The input that it belongs to.
    pub(super) input: PathBuf,
    /// Its path, for people.
    pub(super) name: String,
    /// The text, or why there is none.
    pub(super) text: Result<String, Broken>,
    /// What it is.
    pub(super) shape: Shape,
}

impl Document {
    /// The folder that an answer lies in: that of its file, or the keys around it in an evidence
    /// file.
    pub(super) fn folder(&self, answer: &Answer<'_>) -> Vec<String> {
        let folders = answer.segments.split_last().map_or(&[][..], |(_, folders)| folders);
        match self.shape {
            Shape::Evidence => std::iter::once(&self.name).chain(folders).cloned().collect(),
            Shape::Answer(_) => vec![above(&self.name, 1).to_owned()],
        }
    }

    /// What the path of an answer begins in: a folder, or the evidence file.
    pub(super) fn root(&self, answer: &Answer<'_>) -> &str {
        match self.shape {
            Shape::Evidence => &self.name,
            Shape::Answer(_) => above(&self.name, answer.segments.len()),
        }
    }
}

/// A path without its last parts.
fn above(path: &str, parts: usize) -> &str {
    (0..parts).fold(path, |path, _| path.rsplit_once('/').map_or("", |(folder, _)| folder))
}

/// What a document is.
#[derive(Debug)]
pub(super) enum Shape {
    /// An evidence file.
    Evidence,
    /// One answer, at this path.
    Answer(Vec<String>),
}

/// What documents hold.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    /// Answers, in the order of the text.
    pub(super) answers: Vec<Answer<'a>>,
    /// Gaps that the collector noted, with their document.
    pub(super) gaps: Vec<(u32, &'a str)>,
    /// When evidence files were collected.
    pub(super) collected_at: Vec<String>,
}

impl<'a> Parts<'a> {
    /// Takes a document apart.
    pub(super) fn add(&mut self, number: u32, document: &'a Document) -> Result<(), serde_json::Error> {
        let text = document.text.as_ref().map(|text| load::json(text)).map_err(Clone::clone);
        match (&document.shape, text) {
            (Shape::Answer(segments), Ok(text)) => {
                self.answers.push(Answer {
                    document: number,
                    segments: segments.clone(),
                    text,
                    content: answer::content(text),
                });
            }
            (Shape::Answer(segments), Err(broken)) => {
                self.answers.push(Answer {
                    document: number,
                    segments: segments.clone(),
                    text: "",
                    content: Err(broken),
                });
            }
            (Shape::Evidence, Ok(text)) => self.evidence(number, text)?,
            (Shape::Evidence, Err(_)) => {}
        }
        Ok(())
    }

    fn evidence(&mut self, number: u32, text: &'a str) -> Result<(), serde_json::Error> {
        // Once for all: most files are nowhere deep.
        let read: Reader = if json::too_deep(text) { answer::content } else { answer::outermost };
        let mut leaves = Vec::new();
        let mut source = serde_json::Deserializer::from_str(text);
        Trunk { path: Vec::new(), leaves: &mut leaves }.deserialize(&mut source)?;
        source.end()?;
        let mut answers = Vec::new();
        for (path, value) in leaves {
            match path.as_slice() {
                [key] if key == "format" || key == "tool" => {}
                [key] if key == "collected_at" => self.collected_at.extend(serde_json::from_str::<String>(value.get())),
                [key] if key == "gaps" => match json::items(value.get()) {
                    Ok(items) => self.gaps.extend(items.iter().map(|item| (number, item.get()))),
                    Err(_) => self.gaps.push((number, value.get())),
                },
                _ => answers.push((path, value.get())),
            }
        }
        let leaf = |(path, text)| {
            let mut answers = Vec::new();
            leaf(number, path, text, read, &mut answers);
            answers
        };
        let answers: Vec<Vec<Answer<'a>>> = answers.into_par_iter().map(leaf).collect();
        self.answers.extend(answers.into_iter().flatten());
        Ok(())
    }
}

type Reader = for<'t> fn(&'t str) -> Result<Content<'t>, Broken>;

/// A value below the trunk: an answer, or a folder of them.
fn leaf<'a>(document: u32, segments: Vec<String>, text: &'a str, read: Reader, answers: &mut Vec<Answer<'a>>) {
    let content = read(text);
    let known = |members: &Members<'_>| {
        !answer::are_files(members) && answer::attribution(&segments, content.as_ref().ok()).is_some()
    };
    let folder = |members: &Members<'_>| segments.len() <= FOLDERS && is_folder(members) && !known(members);
    let open = matches!(&content, Ok(Content::Object(members)) if folder(members));
    match content {
        Ok(Content::Object(members)) if open => {
            for (name, value) in members {
                let mut path = segments.clone();
                path.push(name);
                leaf(document, path, value.get(), read, answers);
            }
        }
        content => answers.push(Answer { document, segments, text, content }),
    }
}

/// Databricks folders hold lists, AWS folders objects; an answer holds a plain value or is known.
fn is_folder(members: &Members<'_>) -> bool {
    members.iter().all(|(_, value)| value.get().starts_with(['{', '[']) || value.get() == "null")
}

/// Walks the folders that every layout shares in one pass and takes what lies below as text.
struct Trunk<'p, 'a> {
    path: Vec<String>,
    leaves: &'p mut Vec<(Vec<String>, &'a RawValue)>,
}

impl<'a> DeserializeSeed<'a> for Trunk<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Trunk<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a folder of answers")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let parent = self.path.last().map(String::as_str);
            let inside = self.path.iter().any(|folder| folder == DATABRICKS);
            let folder = is_trunk(&name) || parent == Some(DATABRICKS) || (inside && is_workspace(&name));
            self.path.push(name);
            if folder && self.path.len() <= FOLDERS {
                map.next_value_seed(Trunk { path: self.path.clone(), leaves: self.leaves })?;
            } else {
                self.leaves.push((self.path.clone(), map.next_value()?));
            }
            self.path.pop();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}
