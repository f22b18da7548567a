//! What a run is asked to do: `plaudit.toml` and the flags, resolved once. Nothing downstream
//! reads a flag.
#![expect(clippy::disallowed_methods, reason = "settings are read from a file, and know the date")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use crate::cli::AuditArgs;
use crate::estate::Location;
use crate::finding::waiver::{Waiver, glob};
use crate::finding::{Profile, RuleInfo, Severity};

/// The file that is read when none is named.
pub const FILE: &str = "plaudit.toml";
const BYTES: u64 = 4 << 20;

/// A mistake in the settings.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("failed to read {}: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is too large to be settings.
    #[error("{} is larger than {BYTES} bytes\n  help: settings are a few lines; is this the right file?", .0.display())]
    TooLarge(PathBuf),
    /// The file does not say what it may say.
    #[error("{file}:{line}:{column}: {message}\n  help: `plaudit rules schema settings` prints what may stand here")]
    Content {
        /// The file.
        file: String,
        /// 1-based line.
        line: usize,
        /// 1-based column.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A date that is none.
    #[error("{place}: `{text}` is no date\n  help: write it as 2027-01-31")]
    Date {
        /// Where.
        place: String,
        /// What stands there.
        text: String,
    },
    /// Two waivers say the same.
    #[error("{file}:{line}: a second waiver of {rule} for {subject}\n  help: keep one of them")]
    Twice {
        /// The file.
        file: String,
        /// 1-based line.
        line: u32,
        /// Rule.
        rule: String,
        /// Subject pattern.
        subject: String,
    },
    /// A rule that does not exist.
    #[error("{place}: there is no rule, area or tag `{name}`{}", hint.as_ref().map(|hint| format!("\n  help: did you mean `{hint}`?")).unwrap_or_default())]
    NoRule {
        /// Where.
        place: String,
        /// What stands there.
        name: String,
        /// What was probably meant.
        hint: Option<String>,
    },
}

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
    /// The day that waivers are judged by.
    pub today: Date,
    /// The settings file, for messages.
    pub file: String,
}

impl Settings {
    /// Reads the settings file and puts the flags over it.
    pub fn resolve(args: &AuditArgs) -> Result<Self, SettingsError> {
        let path = args.config.clone().or_else(|| Some(PathBuf::from(FILE)).filter(|path| path.exists()));
        let (file, waivers, name) = match &path {
            Some(path) => read(path)?,
            None => (SettingsFile::default(), Vec::new(), FILE.to_owned()),
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

fn read(path: &Path) -> Result<(SettingsFile, Vec<Waiver>, String), SettingsError> {
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
    let waivers = file.waiver.iter().map(|waiver| {
        let (line, column) = position(&text, waiver.span().start);
        let place = format!("{name}:{line}:{column}");
        let waiver = waiver.get_ref();
        let written = match &waiver.expires {
            toml::Value::String(text) => text.clone(),
            toml::Value::Datetime(date) => date.to_string(),
            other => other.type_str().to_owned(),
        };
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let position =
            Location { file: name.clone(), line: number(line), column: number(column), end_line: number(line) };
        let (rule, subject, reason) = (waiver.rule.clone(), waiver.subject.clone(), waiver.reason.clone());
        Ok(Waiver { rule, subject, reason, expires: date(&written, &place)?, position })
    });
    let waivers: Vec<Waiver> = waivers.collect::<Result<_, SettingsError>>()?;
    for (index, waiver) in waivers.iter().enumerate() {
        if waivers[..index].iter().any(|other| other.rule == waiver.rule && other.subject == waiver.subject) {
            let (rule, subject) = (waiver.rule.clone(), waiver.subject.clone());
            return Err(SettingsError::Twice { file: name, line: waiver.position.line, rule, subject });
        }
    }
    Ok((file, waivers, name))
}

fn date(text: &str, place: &str) -> Result<Date, SettingsError> {
    text.trim().parse().map_err(|_| SettingsError::Date { place: place.to_owned(), text: text.to_owned() })
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    (before.matches('\n').count() + 1, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
}
