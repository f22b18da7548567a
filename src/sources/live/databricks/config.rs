//! Which host, which account and which credentials, by the rules of Databricks' unified
//! authentication: what the caller said, then the environment, then a profile, attribute by
//! attribute. Pure: environment and file come in as values.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::super::request::DatabricksRequest;
use super::host::Host;
use super::profile::Profiles;
use super::secret::{MASK, Secret};

/// The variables of the environment.
pub(super) type Variables = BTreeMap<String, String>;

/// What the account and its workspaces are asked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Config {
    /// The account console, or one workspace.
    pub(super) host: Host,
    /// The account, when somebody said it.
    pub(super) account: Option<String>,
    /// The workspace of the host, when somebody said it.
    pub(super) workspace: Option<String>,
    /// Credentials.
    pub(super) auth: Auth,
}

/// Credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Auth {
    /// A token that is good for its own host.
    Token(Secret),
    /// A service principal, which gets a token for each host.
    Principal {
        /// Its application id.
        client: String,
        /// Its OAuth secret.
        secret: Secret,
    },
}

impl Auth {
    /// The name that Databricks gives it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Token(_) => PAT,
            Self::Principal { .. } => M2M,
        }
    }
}

/// Why there is no configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nobody configured anything.
    Unconfigured,
    /// In words, with what is configured and without secrets.
    Settings(String),
}

const PAT: &str = "pat";
const M2M: &str = "oauth-m2m";
/// Where profiles are, when nobody says so.
const FILE: &str = "~/.databrickscfg";

struct Attribute {
    /// Its key in a profile.
    name: &'static str,
    /// The variables that set it, the first before the second.
    variables: &'static [&'static str],
    /// The way to authenticate that it belongs to.
    group: Option<&'static str>,
    /// Whether it is never shown.
    secret: bool,
}

const fn plain(name: &'static str, variables: &'static [&'static str]) -> Attribute {
    Attribute { name, variables, group: None, secret: false }
}

const fn of(group: &'static str, name: &'static str, variables: &'static [&'static str], secret: bool) -> Attribute {
    Attribute { name, variables, group: Some(group), secret }
}

/// Databricks' attributes as far as they choose a host or credentials. Those of other clouds are
/// left out, so that an environment prepared for Azure too does not get into the way.
const ATTRIBUTES: &[Attribute] = &[
    plain("host", &["DATABRICKS_HOST"]),
    plain("account_id", &["DATABRICKS_ACCOUNT_ID"]),
    plain("workspace_id", &["DATABRICKS_WORKSPACE_ID"]),
    of("pat", "token", &["DATABRICKS_TOKEN"], true),
    of("env-oidc", "oidc_token_env", &["DATABRICKS_OIDC_TOKEN_ENV"], false),
    of("file-oidc", "oidc_token_filepath", &["DATABRICKS_OIDC_TOKEN_FILEPATH", "DATABRICKS_OIDC_TOKEN_FILE"], false),
    of("basic", "username", &["DATABRICKS_USERNAME"], false),
    of("basic", "password", &["DATABRICKS_PASSWORD"], true),
    of("oauth", "client_id", &["DATABRICKS_CLIENT_ID"], false),
    of("oauth", "client_secret", &["DATABRICKS_CLIENT_SECRET"], true),
    plain("profile", &["DATABRICKS_CONFIG_PROFILE"]),
    plain("config_file", &["DATABRICKS_CONFIG_FILE"]),
    plain("auth_type", &["DATABRICKS_AUTH_TYPE"]),
    of("metadata-service", "metadata_service_url", &["DATABRICKS_METADATA_SERVICE_URL"], true),
];

/// Finds out what is configured. `load` reads the file of profiles, `None` when there is none; it
/// is called only when a profile is named, or nothing else is configured.
pub(super) fn resolve(
    request: &DatabricksRequest,
    variables: &Variables,
    load: impl FnOnce(&Path) -> Result<Option<String>, String>,
) -> Result<Config, Trouble> {
    let mut draft = Draft::of(request, variables);
    let named = draft.get("profile").is_some();
    if named || (draft.get("host").is_none() && draft.groups().is_empty()) {
        draft.read(load).map_err(|message| draft.trouble(&message))?;
    }
    let nothing = draft.get("host").is_none() && draft.groups().is_empty() && draft.get("auth_type").is_none();
    if nothing && draft.get("profile").is_none() {
        return Err(Trouble::Unconfigured);
    }
    draft.finish().map_err(|message| draft.trouble(&message))
}

/// What is known of the attributes so far.
struct Draft<'a> {
    values: BTreeMap<&'static str, Secret>,
    variables: &'a Variables,
}

impl<'a> Draft<'a> {
    /// What the caller says, then the environment; an empty variable is one that is not set.
    fn of(request: &DatabricksRequest, variables: &'a Variables) -> Self {
        let said = [("profile", &request.profile), ("account_id", &request.account_id)];
        let said = said.into_iter().filter_map(|(name, value)| Some((name, Secret::new(value.as_deref()?))));
        let mut draft = Self { values: said.collect(), variables };
        for attribute in ATTRIBUTES {
            if let Some((_, value)) = draft.variable(attribute) {
                draft.values.entry(attribute.name).or_insert_with(|| Secret::new(value));
            }
        }
        draft
    }

    fn variable(&self, attribute: &Attribute) -> Option<(&'static str, &'a str)> {
        let read = |name: &&'static str| Some((*name, self.variables.get(*name)?.as_str()));
        attribute.variables.iter().filter_map(read).find(|(_, value)| !value.is_empty())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(Secret::reveal).filter(|value| !value.is_empty())
    }

    /// The ways to authenticate of which anything is configured.
    fn groups(&self) -> BTreeSet<&'static str> {
        let set = ATTRIBUTES.iter().filter(|attribute| self.get(attribute.name).is_some());
        set.filter_map(|attribute| attribute.group).collect()
    }

    /// Fills what is open from a profile.
    fn read(&mut self, load: impl FnOnce(&Path) -> Result<Option<String>, String>) -> Result<(), String> {
        let name = self.get("profile").map(str::to_owned);
        let path = self.file();
        let shown = path.display();
        let Some(text) = load(&path).map_err(|error| format!("{shown}: {error}"))? else {
            return match name {
                Some(name) => Err(format!("resolve: {shown} does not exist, so there is no profile {name}")),
                None => Ok(()),
            };
        };
        let profiles = Profiles::read(&text).map_err(|error| format!("{shown}: {error}"))?;
        let (name, profile) = profiles.choose(name.as_deref()).map_err(|error| format!("resolve: {shown} {error}"))?;
        for attribute in ATTRIBUTES {
            if let Some(value) = profile.get(attribute.name) {
                self.values.entry(attribute.name).or_insert_with(|| value.clone());
            }
        }
        if let Some(name) = name {
            self.values.entry("profile").or_insert_with(|| Secret::new(name));
        }
        Ok(())
    }

    fn file(&self) -> PathBuf {
        let file = self.get("config_file").unwrap_or(FILE);
        match (file.strip_prefix("~/"), self.variables.get("HOME").filter(|home| !home.is_empty())) {
            (Some(below), Some(home)) => Path::new(home).join(below),
            _ => PathBuf::from(file),
        }
    }

    fn finish(&self) -> Result<Config, String> {
        let auth = self.auth()?;
        let host = self.get("host").ok_or("host is missing; set DATABRICKS_HOST, or `host` in the profile")?;
        let host = Host::parse(host)?;
        let account = self.get("account_id").map(str::to_owned);
        if account.as_deref().is_some_and(|id| !is_id(id)) {
            return Err("account_id is not an account id, which has digits, letters and dashes".to_owned());
        }
        if host.is_account() && account.is_none() {
            return Err(format!(
                "{host} needs the account id; set DATABRICKS_ACCOUNT_ID, or `account_id` in the profile"
            ));
        }
        let workspace = self.get("workspace_id").map(str::to_owned);
        if workspace.as_deref().is_some_and(|id| !id.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err("workspace_id is not a number".to_owned());
        }
        Ok(Config { host, account, workspace, auth })
    }

    fn auth(&self) -> Result<Auth, String> {
        let groups: Vec<&str> = self.groups().into_iter().collect();
        let kind = match (self.get("auth_type"), groups.as_slice()) {
            (Some(kind), _) => kind,
            (None, []) => {
                return Err("default auth: cannot configure default credentials; set DATABRICKS_CLIENT_ID and \
                            DATABRICKS_CLIENT_SECRET of a service principal, or DATABRICKS_TOKEN"
                    .to_owned());
            }
            (None, ["pat"]) => PAT,
            (None, ["oauth"]) => M2M,
            (None, [other]) => other,
            (None, groups) => {
                let groups = groups.join(" and ");
                return Err(format!(
                    "validate: more than one authorization method configured: {groups}; \
                     unset all but one, or say which with DATABRICKS_AUTH_TYPE"
                ));
            }
        };
        let need = |name: &str| self.get(name).ok_or_else(|| format!("{kind} auth: {name} is missing"));
        match kind {
            PAT => Ok(Auth::Token(Secret::new(need("token")?))),
            M2M => {
                let client = need("client_id")?.to_owned();
                Ok(Auth::Principal { client, secret: Secret::new(need("client_secret")?) })
            }
            other => Err(format!(
                "{other} auth is not supported; use a service principal with an OAuth secret (oauth-m2m), or an \
                 access token (pat)"
            )),
        }
    }

    /// A message with everything that is configured, as Databricks' own tools write it.
    fn trouble(&self, message: &str) -> Trouble {
        let shown = |attribute: &Attribute| {
            let value = self.get(attribute.name)?;
            // a host with a password in it is one of the mistakes that are told here
            let hidden = attribute.secret || value.contains('@');
            Some(format!("{}={}", attribute.name, if hidden { MASK } else { value }))
        };
        let attributes: Vec<String> = ATTRIBUTES.iter().filter_map(shown).collect();
        let variables: Vec<&str> =
            ATTRIBUTES.iter().filter_map(|attribute| Some(self.variable(attribute)?.0)).collect();
        let mut parts = vec![message.trim_end_matches('.').to_owned()];
        if !attributes.is_empty() {
            parts.push(format!("Config: {}", attributes.join(", ")));
        }
        if !variables.is_empty() {
            parts.push(format!("Env: {}", variables.join(", ")));
        }
        Trouble::Settings(parts.join(". "))
    }
}

/// Whether a text can be an account id; it becomes part of paths.
pub(super) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests;
