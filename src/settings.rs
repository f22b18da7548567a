//! What a run is asked to do: `plaudit.toml` and the flags, resolved once. Nothing downstream
//! reads a flag.
#![expect(clippy::disallowed_methods, reason = "settings are read from a file, and know the date")]

mod error;
mod file;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::Date;

use crate::cli::AuditArgs;
use crate::finding::assertion::Assertion;
use crate::finding::waiver::{Waiver, glob};
use crate::finding::{Profile, RuleInfo, Severity};
use file::{Read, date, read};

pub use error::SettingsError;
pub use file::{AssertSettings, SettingsFile, WaiverSettings, WorkspaceSettings};

/// The file that is read when none is named.
pub const FILE: &str = "plaudit.toml";

/// Settings and flags, resolved.
#[derive(Debug)]
pub struct Settings {
    /// Posture of everything that has no other.
    pub profile: Profile,
    /// Postures by workspace name pattern.
    pub workspaces: Vec<WorkspaceSettings>,
    /// The lowest severity that moves the exit code.
    pub fail_on: Severity,
    /// Severities by rule id or name.
    pub severity: BTreeMap<String, Severity>,
    /// Rules to run; all when empty.
    pub select: Vec<String>,
    /// Rules not to run.
    pub ignore: Vec<String>,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
    /// Paths that must be there, or must not be.
    pub assertions: Vec<Assertion>,
    /// The day that waivers are judged by.
    pub today: Date,
    /// The settings file, for messages.
    pub file: String,
}

impl Settings {
    /// Reads the settings file and puts the flags over it.
    pub fn resolve(args: &AuditArgs) -> Result<Self, SettingsError> {
        let path = args.config.clone().or_else(|| Some(PathBuf::from(FILE)).filter(|path| path.exists()));
        let Read { file, waivers, assertions, name } = match &path {
            Some(path) => read(path)?,
            None => Read { name: FILE.to_owned(), ..Read::default() },
        };
        let today = match &args.today {
            Some(text) => date(text, "--today")?,
            None => jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date(),
        };
        Ok(Self {
            profile: args.profile.or(file.profile).unwrap_or_default(),
            workspaces: file.workspace,
            fail_on: args.fail_on.or(file.fail_on).unwrap_or(Severity::Medium),
            severity: file.severity,
            select: args.select.clone(),
            ignore: file.ignore.into_iter().chain(args.ignore.iter().cloned()).collect(),
            waivers,
            assertions,
            today,
            file: name,
        })
    }

    /// Refuses names that no rule has, so that a typo never switches a rule off in silence.
    pub fn check_names<'a>(&self, rules: impl Iterator<Item = &'a RuleInfo> + Clone) -> Result<(), SettingsError> {
        let flags = [("--select", &self.select), ("--ignore or ignore", &self.ignore)];
        let named = flags.into_iter().flat_map(|(place, names)| names.iter().map(move |name| (place.to_owned(), name)));
        let overrides = self.severity.keys().map(|name| (format!("{} [severity]", self.file), name));
        let waived = self
            .waivers
            .iter()
            .map(|waiver| (format!("{}:{}", waiver.position.file, waiver.position.line), &waiver.rule));
        for (place, name) in named.chain(overrides).chain(waived) {
            if !rules.clone().any(|rule| matches(rule, name)) {
                let known = rules.clone().flat_map(|rule| [rule.id.as_str(), rule.name.as_str(), rule.area()]);
                let hint = crate::hint::nearest(name, known).map(str::to_owned);
                return Err(SettingsError::NoRule { place, name: name.clone(), hint });
            }
        }
        Ok(())
    }

    /// Whether a rule is to run.
    pub fn wants(&self, rule: &RuleInfo) -> bool {
        let selected = self.select.is_empty() || self.select.iter().any(|name| matches(rule, name));
        selected && !self.ignore.iter().any(|name| matches(rule, name))
    }

    /// The strictest profile of the workspaces that a subject serves.
    pub fn profile_of(&self, workspaces: &[String]) -> Profile {
        let one = |name: &String| {
            let own = self.workspaces.iter().find(|settings| glob(&settings.name, name));
            own.map_or(self.profile, |settings| settings.profile)
        };
        workspaces.iter().map(one).max().unwrap_or(self.profile)
    }

    /// The severity of a rule.
    pub fn severity_of(&self, rule: &RuleInfo) -> Severity {
        self.severity.get(&rule.id).or_else(|| self.severity.get(&rule.name)).copied().unwrap_or(rule.severity)
    }
}

/// Whether `name` is the id, the name, the area or a tag of a rule.
pub fn matches(rule: &RuleInfo, name: &str) -> bool {
    rule.id.eq_ignore_ascii_case(name)
        || rule.name == name
        || rule.area().eq_ignore_ascii_case(name)
        || rule.tags.iter().any(|tag| tag == name)
}
