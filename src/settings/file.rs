//! The settings file: its shape, and how it is read.
//!
//! Input: TOML. Output: settings, waivers and assertions with the lines that they stand on. It
//! refuses unknown keys, files that are too large to be settings, and two entries on one thing.
#![expect(clippy::disallowed_methods, reason = "settings are read from a file")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::error::SettingsError;
use crate::estate::Location;
use crate::finding::assertion::{Assertion, Expectation};
use crate::finding::waiver::Waiver;
use crate::finding::{Profile, Severity};

/// The largest settings file.
pub(super) const BYTES: u64 = 4 << 20;

/// `plaudit.toml`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct SettingsFile {
    /// The posture that is claimed.
    pub profile: Option<Profile>,
    /// The lowest severity that moves the exit code.
    pub fail_on: Option<Severity>,
    /// Rules that do not run, by id, name, area or tag.
    pub ignore: Vec<String>,
    /// Severities that replace those of the rules, by rule id or name.
    pub severity: BTreeMap<String, Severity>,
    /// Settings of single workspaces; the first that matches counts.
    pub workspace: Vec<WorkspaceSettings>,
    /// Findings that are accepted, for a time.
    #[schemars(with = "Vec<WaiverSettings>")]
    pub waiver: Vec<Spanned<WaiverSettings>>,
    /// Paths that must be there, or must not be; each is a finding of PTH001.
    #[schemars(with = "Vec<AssertSettings>")]
    pub assert: Vec<Spanned<AssertSettings>>,
}

/// Settings of a workspace.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WorkspaceSettings {
    /// Name, with `*` and `?`.
    pub name: String,
    /// Its posture.
    pub profile: Profile,
}

/// A waiver as it is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WaiverSettings {
    /// Rule id or name, or area.
    pub rule: String,
    /// Subject id or name, with `*` and `?`.
    pub subject: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day that it counts, as 2027-01-31.
    #[schemars(with = "String")]
    pub expires: toml::Value,
}

/// An assertion as it is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AssertSettings {
    /// Source, as `plaudit path --from` takes it: a workspace, a subnet, an instance, `internet` …
    pub from: String,
    /// Destination, as `plaudit path --to` takes it: an address, a host, a workspace, `relay` …
    pub to: String,
    /// Destination port; without one 443, or what the destination needs.
    #[serde(default)]
    pub port: Option<u16>,
    /// `tcp`, `udp`, `icmp` or a number.
    #[serde(default = "tcp")]
    pub protocol: String,
    /// What must be so.
    pub expect: Expectation,
    /// Why.
    pub reason: String,
}

fn tcp() -> String {
    "tcp".to_owned()
}

/// A settings file, read.
#[derive(Default)]
pub(super) struct Read {
    pub(super) file: SettingsFile,
    pub(super) waivers: Vec<Waiver>,
    pub(super) assertions: Vec<Assertion>,
    /// Its name, for messages.
    pub(super) name: String,
}

/// Reads and understands a settings file.
pub(super) fn read(path: &Path) -> Result<Read, SettingsError> {
    let fail = |source| SettingsError::Read { file: path.to_owned(), source };
    if fs::metadata(path).map_err(fail)?.len() > BYTES {
        return Err(SettingsError::TooLarge(path.to_owned()));
    }
    let text = fs::read_to_string(path).map_err(fail)?;
    let name = path.display().to_string();
    let file: SettingsFile = toml::from_str(&text).map_err(|error| {
        let (line, column) = position(&text, error.span().map_or(0, |span| span.start));
        SettingsError::Content { file: name.clone(), line, column, message: error.message().to_owned() }
    })?;
    let place = |offset: usize| place(&name, &text, offset);
    let waivers = file.waiver.iter().map(|written| waiver(written.get_ref(), place(written.span().start)));
    let waivers: Vec<Waiver> = waivers.collect::<Result<_, SettingsError>>()?;
    let assertions = file.assert.iter().map(|written| assertion(written.get_ref(), place(written.span().start)));
    let assertions: Vec<Assertion> = assertions.collect();
    once(waivers.iter().map(|waiver| (format!("waiver of {} for {}", waiver.rule, waiver.subject), &waiver.position)))?;
    once(assertions.iter().map(|assertion| (format!("assertion of {}", assertion.id()), &assertion.position)))?;
    Ok(Read { file, waivers, assertions, name })
}

fn waiver(written: &WaiverSettings, position: Location) -> Result<Waiver, SettingsError> {
    let expires = match &written.expires {
        toml::Value::String(text) => text.clone(),
        toml::Value::Datetime(date) => date.to_string(),
        other => other.type_str().to_owned(),
    };
    let Location { file, line, column, .. } = &position;
    let expires = date(&expires, &format!("{file}:{line}:{column}"))?;
    let (rule, subject, reason) = (written.rule.clone(), written.subject.clone(), written.reason.clone());
    Ok(Waiver { rule, subject, reason, expires, position })
}

fn assertion(written: &AssertSettings, position: Location) -> Assertion {
    let protocol = written.protocol.trim().to_ascii_lowercase();
    Assertion {
        from: written.from.trim().to_owned(),
        to: written.to.trim().to_owned(),
        protocol: if protocol.is_empty() { tcp() } else { protocol },
        port: written.port,
        expect: written.expect,
        reason: written.reason.clone(),
        position,
    }
}

/// Refuses what is said twice: two findings must never have one identity.
fn once<'a>(entries: impl Iterator<Item = (String, &'a Location)>) -> Result<(), SettingsError> {
    let mut seen = BTreeSet::new();
    for (what, position) in entries {
        if seen.contains(&what) {
            return Err(SettingsError::Twice { file: position.file.clone(), line: position.line, what });
        }
        seen.insert(what);
    }
    Ok(())
}

/// A date as people write it.
pub(super) fn date(text: &str, place: &str) -> Result<Date, SettingsError> {
    text.trim().parse().map_err(|_| SettingsError::Date { place: place.to_owned(), text: text.to_owned() })
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    (before.matches('\n').count() + 1, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
}

fn place(file: &str, text: &str, offset: usize) -> Location {
    let (line, column) = position(text, offset);
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Location { file: file.to_owned(), line: number(line), column: number(column), end_line: number(line) }
}
