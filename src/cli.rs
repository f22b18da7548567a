//! The command line: clap types only. What the flags mean is in [`crate::settings`].

mod live;
mod path;
mod permissions;

use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};

use crate::finding::{Profile, Severity};

pub use live::{CollectArgs, LiveArgs};
pub use path::{Expect, PathArgs, PathFormat};
pub use permissions::{PermissionsArgs, PermissionsFormat};

const EXIT_CODES: &str = "Exit codes:
   0  judged; nothing at or above --fail-on failed
   1  a failure at or above the threshold
   2  usage, settings or rule-file error, unreadable evidence; nothing was judged
   3  no failure, but a verdict at or above the threshold is unknown (--allow-unknown makes it 0)
   4  collection failed so that nothing could be judged
  70  a bug in plaudit";

/// Tells whether Databricks workspaces on AWS are really private, and whether they really work.
#[derive(Debug, Parser)]
#[command(name = "plaudit", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// When to use colour.
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge evidence: directories of CLI answers, evidence files; the kind is detected.
    Audit(Box<AuditArgs>),
    /// Trace a path through the evidence: what stops it there and on the way back, and what is not known.
    Path(Box<PathArgs>),
    /// Gather evidence from AWS and Databricks into one file, without secrets; or pack answers into it.
    Collect(CollectArgs),
    /// Print what collect must be allowed to do: the IAM policy, and the roles in Databricks.
    Permissions(PermissionsArgs),
    /// Look at the rules, test them, write their documentation.
    Rules(RulesArgs),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Flags of `audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Evidence: directories and files. Several are merged; answers that disagree are a gap.
    #[arg(required_unless_present = "live", value_name = "EVIDENCE", value_hint = clap::ValueHint::AnyPath)]
    pub evidence: Vec<PathBuf>,

    /// Collect from AWS and Databricks first, as `collect` does, and judge that too.
    #[arg(long)]
    pub live: bool,

    /// Keep what --live collected.
    #[arg(long, value_name = "FILE", requires = "live", value_hint = clap::ValueHint::FilePath)]
    pub keep_evidence: Option<PathBuf>,

    /// What --live asks for.
    #[command(flatten)]
    pub ask: LiveArgs,

    /// The posture that is claimed [default: hardened].
    #[arg(long, value_name = "PROFILE", help_heading = "Rules", env = "PLAUDIT_PROFILE")]
    pub profile: Option<Profile>,

    /// Only these rules, by id, name, area or tag.
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub select: Vec<String>,

    /// Not these rules, by id, name, area or tag.
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub ignore: Vec<String>,

    /// Only these workspaces, by name or id.
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "Rules")]
    pub workspace: Vec<String>,

    /// A directory of rules that add to the pack, or replace rules of the same id.
    #[arg(long, value_name = "DIR", help_heading = "Rules", value_hint = clap::ValueHint::DirPath)]
    pub rules: Vec<PathBuf>,

    /// Settings [default: plaudit.toml, if there is one].
    #[arg(long, value_name = "FILE", help_heading = "Rules", env = "PLAUDIT_CONFIG", value_hint = clap::ValueHint::FilePath)]
    pub config: Option<PathBuf>,

    /// The date that waivers are judged by [default: today, UTC].
    #[arg(long, value_name = "DATE", help_heading = "Rules")]
    pub today: Option<String>,

    /// An earlier SARIF report: tell new, unchanged, updated and absent findings apart.
    #[arg(long, value_name = "SARIF", help_heading = "Gate", value_hint = clap::ValueHint::FilePath)]
    pub baseline: Option<PathBuf>,

    /// Only findings that the baseline does not have move the exit code.
    #[arg(long, requires = "baseline", help_heading = "Gate")]
    pub fail_on_new: bool,

    /// The lowest severity that moves the exit code [default: medium].
    #[arg(long, value_name = "SEVERITY", help_heading = "Gate", env = "PLAUDIT_FAIL_ON")]
    pub fail_on: Option<Severity>,

    /// Unknown verdicts do not move the exit code.
    #[arg(long, help_heading = "Gate")]
    pub allow_unknown: bool,

    /// Exit with 0 whatever was found; errors still exit with 2.
    #[arg(long, help_heading = "Gate")]
    pub exit_zero: bool,

    /// Format of the report on standard output [default: text, or none when -o is given].
    #[arg(short, long, value_name = "FORMAT", help_heading = "Output")]
    pub format: Option<Format>,

    /// Write a report to a file too, as FORMAT=FILE; may be repeated.
    #[arg(short, long, value_name = "FORMAT=FILE", value_parser = output::<Format>, help_heading = "Output")]
    pub output: Vec<(Format, PathBuf)>,

    /// Report passes and subjects that rules do not concern, too.
    #[arg(long, help_heading = "Output")]
    pub all_results: bool,

    /// More words: rationale, references, every gap.
    #[arg(short, long, help_heading = "Output")]
    pub verbose: bool,
}

/// A report format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// plaudit-findings/1.
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

fn output<F: ValueEnum>(text: &str) -> Result<(F, PathBuf), String> {
    let known = F::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let known: Vec<String> = known.map(|value| value.get_name().to_owned()).collect();
    let example = known.last().map(String::as_str).unwrap_or_default();
    let (format, file) =
        text.split_once('=').ok_or_else(|| format!("write FORMAT=FILE, such as {example}=plaudit.{example}"))?;
    let format = F::from_str(format, true).map_err(|_| format!("`{format}` is no format; {}", known.join(", ")))?;
    if file.is_empty() {
        return Err("the file name is missing".to_owned());
    }
    Ok((format, PathBuf::from(file)))
}

/// Flags of `rules`.
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// What to do with them.
    #[command(subcommand)]
    pub command: RulesCommand,

    /// A directory of rules that add to the pack, or replace rules of the same id.
    #[arg(long, value_name = "DIR", global = true, value_hint = clap::ValueHint::DirPath)]
    pub rules: Vec<PathBuf>,
}

/// The commands of `rules`.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List the rules.
    List,
    /// Show one rule with its words and its tests.
    Show {
        /// Id or name.
        rule: String,
    },
    /// Run the tests inside the rule files, and mutants that they must notice.
    Test {
        /// Only these rules, by id, name or area.
        rule: Vec<String>,
    },
    /// Write the catalogue as Markdown.
    Docs,
    /// Print a schema.
    Schema {
        /// Which one.
        #[arg(value_enum, default_value_t = SchemaKind::Vocabulary)]
        kind: SchemaKind,
    },
}

/// The schemas that `rules schema` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaKind {
    /// The facts and functions that expressions read, as Markdown.
    Vocabulary,
    /// JSON Schema of a rule file.
    Rule,
    /// JSON Schema of plaudit.toml.
    Settings,
    /// JSON Schema of `-f json`.
    Findings,
}
