//! Flags that say what to ask AWS and Databricks for: of `collect`, and of `audit --live`.

use std::path::PathBuf;

use clap::Args;

const AWS: &str = "AWS";
const DATABRICKS: &str = "Databricks";
const LIMITS: &str = "Limits";

/// What to ask for, and with which credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct LiveArgs {
    /// A profile of AWS's configuration files [default: AWS's standard chain].
    #[arg(long, value_name = "NAME", help_heading = AWS)]
    pub aws_profile: Option<String>,

    /// The role to take in every other account: a name, or an ARN.
    #[arg(long, value_name = "NAME_OR_ARN", help_heading = AWS)]
    pub assume_role: Option<String>,

    /// The external id that the role's trust policy asks for.
    #[arg(long, value_name = "ID", requires = "assume_role", help_heading = AWS)]
    pub external_id: Option<String>,

    /// AWS accounts beside those that Databricks names.
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',', value_parser = account, help_heading = AWS)]
    pub accounts: Vec<String>,

    /// Every account of the organization.
    #[arg(long, help_heading = AWS)]
    pub organization: bool,

    /// Regions beside those that Databricks names.
    #[arg(long, value_name = "REGION", value_delimiter = ',', help_heading = AWS)]
    pub regions: Vec<String>,

    /// Every region that an account has switched on.
    #[arg(long, conflicts_with = "regions", help_heading = AWS)]
    pub all_regions: bool,

    /// Everything in those accounts and regions, not only what Databricks uses and its neighbours.
    #[arg(long, help_heading = AWS)]
    pub whole_account: bool,

    /// A profile of ~/.databrickscfg [default: the environment, then the default profile].
    #[arg(long, value_name = "NAME", help_heading = DATABRICKS)]
    pub databricks_profile: Option<String>,

    /// The Databricks account [default: DATABRICKS_ACCOUNT_ID, then the profile].
    #[arg(long, value_name = "UUID", help_heading = DATABRICKS)]
    pub databricks_account: Option<String>,

    /// Requests at a time to one service in one account and region [default: 8].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64), help_heading = LIMITS)]
    pub at_once: Option<u16>,

    /// The longest that one request may take [default: 30].
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=600), help_heading = LIMITS)]
    pub call_timeout: Option<u32>,

    /// The longest that collecting may take; the rest is a gap [default: 1800].
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86400), help_heading = LIMITS)]
    pub deadline: Option<u32>,
}

/// Flags of `collect`.
#[derive(Debug, Args)]
pub struct CollectArgs {
    /// The evidence file: .json, .json.gz or .json.zst.
    #[arg(short, long, value_name = "FILE", required_unless_present = "dry_run", value_hint = clap::ValueHint::FilePath)]
    pub output: Option<PathBuf>,

    /// Pack answers that were gathered with the vendors' own command lines; ask nobody.
    #[arg(long, value_name = "PATH", num_args = 1.., conflicts_with_all = ["resume", "dry_run"], value_hint = clap::ValueHint::AnyPath)]
    pub from: Vec<PathBuf>,

    /// Go on where an evidence file ended: only what it lacks is asked for.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub resume: Option<PathBuf>,

    /// List the calls; make none.
    #[arg(long)]
    pub dry_run: bool,

    /// What to ask for.
    #[command(flatten)]
    pub live: LiveArgs,
}

fn account(text: &str) -> Result<String, String> {
    let whole = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole { Ok(text.to_owned()) } else { Err("an AWS account number has twelve digits".to_owned()) }
}
