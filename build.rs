//! Embeds the rule pack: every YAML file under `rules/`, in the order of its path, as text.
#![expect(clippy::disallowed_methods, reason = "a build script reads the pack and writes code")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=rules");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let mut files = Vec::new();
    walk(&root.join("rules"), &mut files)?;
    files.sort();
    let mut code = String::from(
        "/// Path below `rules/` and text of every file of the pack.\npub(super) static FILES: &[(&str, &str)] = &[\n",
    );
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.strip_prefix(root.join("rules")).map_err(io::Error::other)?;
        let name = name.to_string_lossy().replace('\\', "/");
        writeln!(code, "    ({name:?}, include_str!({:?})),", file.display().to_string()).map_err(io::Error::other)?;
    }
    code.push_str("];\n");
    let output = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    fs::write(output.join("pack.rs"), code)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}
