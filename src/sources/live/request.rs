//! What to collect: plain values, filled from the command line. No I/O.

use super::manners::Limits;

/// What to collect, and with which credentials.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// From AWS.
    pub aws: AwsRequest,
    /// From Databricks.
    pub databricks: DatabricksRequest,
    /// What may be spent.
    pub limits: Limits,
    /// One question of each kind an account, to see whether it may be asked.
    pub sample: bool,
}

/// What to collect from AWS.
#[derive(Clone, Debug, Default)]
pub struct AwsRequest {
    /// A profile of AWS's own configuration files.
    pub profile: Option<String>,
    /// The role in every account but the caller's own: a name, or an ARN.
    pub assume_role: Option<String>,
    /// What the role's trust policy asks for.
    pub external_id: Option<String>,
    /// Accounts beside those that Databricks names.
    pub accounts: Vec<String>,
    /// Every account of the organization.
    pub organization: bool,
    /// Regions beside those that Databricks names.
    pub regions: Vec<String>,
    /// Every region that the account has switched on.
    pub all_regions: bool,
    /// Everything in those places, not only what Databricks uses and its neighbours.
    pub whole_account: bool,
}

/// What to collect from Databricks.
#[derive(Clone, Debug, Default)]
pub struct DatabricksRequest {
    /// A profile of `~/.databrickscfg`.
    pub profile: Option<String>,
    /// The account, before what the environment and the profile say.
    pub account_id: Option<String>,
}
