//! The rule pack: embedded at build time, completed and replaced by `--rules DIR`.
#![expect(clippy::disallowed_methods, reason = "rules of the user are read from a directory")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cel::Env;
use serde_json::Value;

use super::Error;
use crate::engine::{Rule, environment, load};
use crate::estate::Estate;
use crate::finding::Framework;

include!(concat!(env!("OUT_DIR"), "/pack.rs"));

const FRAMEWORKS: &str = "compliance/";
const WORLD: &str = "testing/world.yaml";
const DEPTH: usize = 8;

/// Rules that can be run, and the environment to run them in.
pub struct Pack {
    /// For compiling and evaluating expressions.
    pub env: Arc<Env>,
    /// The rules, by id.
    pub rules: Vec<Rule>,
    /// Compliance frameworks.
    pub frameworks: Vec<Framework>,
}

/// The embedded pack, with the rules of `directories` over it.
pub fn catalogue(directories: &[PathBuf]) -> Result<Pack, Error> {
    let mut files: Vec<(String, String)> = Vec::new();
    let embedded = FILES.iter().filter(|(name, _)| !name.starts_with(FRAMEWORKS) && *name != WORLD);
    files.extend(embedded.map(|(name, text)| (format!("rules/{name}"), (*text).to_owned())));
    for directory in directories {
        let before = files.len();
        read(directory, 0, &mut files)?;
        if files.len() == before {
            return Err(Error::Usage(format!("there is no rule file (*.yaml) in {}", directory.display())));
        }
    }
    let env = environment();
    let rules = load(&env, files.iter().map(|(name, text)| (name.as_str(), text.as_str()))).map_err(Error::Rules)?;
    let frameworks = FILES.iter().filter(|(name, _)| name.starts_with(FRAMEWORKS)).map(|(name, text)| {
        serde_saphyr::from_str(text).map_err(|error| Error::Usage(format!("rules/{name}: {error}")))
    });
    Ok(Pack { env, rules, frameworks: frameworks.collect::<Result<_, _>>()? })
}

fn read(directory: &Path, depth: usize, files: &mut Vec<(String, String)>) -> Result<(), Error> {
    let fail = |path: &Path| Error::io("read", path.display().to_string());
    let entries = fs::read_dir(directory).map_err(fail(directory))?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(fail(directory))?;
    paths.sort();
    for path in paths {
        if path.is_dir() && depth < DEPTH {
            read(&path, depth + 1, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            let text = fs::read_to_string(&path).map_err(fail(&path))?;
            files.push((path.display().to_string(), text));
        }
    }
    Ok(())
}

/// The base world of rule tests, as an evidence document.
pub fn world() -> Result<Value, Error> {
    let text = FILES.iter().find(|(name, _)| *name == WORLD).map_or("", |(_, text)| text);
    serde_saphyr::from_str(text).map_err(|error| Error::Usage(format!("rules/{WORLD}: {error}")))
}

/// An estate out of a changed base world.
pub fn build(world: &Value) -> Result<Estate, String> {
    crate::sources::read_text("world.json", world.to_string()).map_err(|error| error.to_string())
}
