//! From settings to somebody who can be asked: which account, which workspace, and a first token,
//! so that wrong credentials are one message and not one a question.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::config::{self, Auth, Config, Trouble, Variables};
use super::http::Http;
use super::token::{Realm, Tokens};
use super::{ACCOUNT, Credentials, Databricks, SERVICE, environment, said};
use crate::estate::Reason;
use crate::sources::live::manners::{Lane, Manners};
use crate::sources::live::refusal::Refusal;
use crate::sources::live::request::DatabricksRequest;

/// What stands for the account when neither the settings nor the workspace say which one it is.
pub(super) const UNKNOWN_ACCOUNT: &str = "unknown-account";

/// Why Databricks cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Unavailable {
    /// No credentials at all are configured.
    Unconfigured,
    /// The credentials are not accepted, or the host does not answer.
    Refused(Refusal),
    /// Settings that contradict each other or cannot be read, in words, with a hint.
    Settings(String),
}

impl From<Trouble> for Unavailable {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Unconfigured => Self::Unconfigured,
            Trouble::Settings(message) => Self::Settings(message),
        }
    }
}

impl Databricks {
    /// Finds credentials as Databricks' own tools find them.
    pub(in super::super) async fn open(
        request: &DatabricksRequest,
        manners: Arc<Manners>,
    ) -> Result<Self, Unavailable> {
        let variables: Variables = environment::variables();
        let config = config::resolve(request, &variables, environment::load)?;
        Self::with(config, manners).await
    }

    /// Opens what is configured.
    pub(super) async fn with(config: Config, manners: Arc<Manners>) -> Result<Self, Unavailable> {
        let Config { host, account, workspace, auth } = config;
        let http = Http::new(&host, auth.kind()).map_err(Unavailable::Settings)?;
        // Who names the account with a service principal of a workspace wants the account, too.
        let console = match &auth {
            _ if host.is_account() => Some(host.clone()),
            Auth::Principal { .. } if account.is_some() => host.account(),
            _ => None,
        };
        let credentials = match auth {
            Auth::Token(token) => Credentials::Token { host: host.clone(), token },
            Auth::Principal { client, secret } => Credentials::Principal(Tokens::new(http.clone(), client, secret)),
        };
        let id = account.clone().unwrap_or_else(|| UNKNOWN_ACCOUNT.to_owned());
        let hosts = Mutex::new(BTreeMap::new());
        let mut databricks = Self { http, manners, credentials, account: id, console, own: None, hosts };
        let realm = match (&databricks.console, host.is_account()) {
            (Some(console), true) => Realm::account(console.clone(), &databricks.account),
            _ => Realm::workspace(host),
        };
        if let Credentials::Principal(tokens) = &databricks.credentials {
            let lane = databricks.lane_of(ACCOUNT);
            databricks.manners.call(&lane, || tokens.get(&realm)).await.map_err(Unavailable::Refused)?;
        }
        if realm.host.is_account() {
            return Ok(databricks);
        }
        let said = databricks.metadata(&realm).await;
        if account.is_none() {
            databricks.account = said.account.unwrap_or(databricks.account);
        }
        let own = match workspace.or(said.workspace) {
            Some(own) => own,
            None => databricks.org(&realm).await.map_err(Unavailable::Refused)?,
        };
        databricks.hosts = Mutex::new(BTreeMap::from([(own.clone(), realm.host)]));
        databricks.own = Some(own);
        Ok(databricks)
    }

    fn lane_of(&self, region: &str) -> Lane {
        Lane { account: self.account.clone(), region: region.to_owned(), service: SERVICE }
    }

    /// What a host says of itself to everybody; newer ones do.
    async fn metadata(&self, realm: &Realm) -> Metadata {
        let url = realm.host.at("/.well-known/databricks-config");
        let ask = || async {
            let answer = self.http.get(url.clone(), None).await?;
            said::read(&answer, &[])
        };
        let body = self.manners.call(&self.lane_of(ACCOUNT), ask).await.unwrap_or_default();
        Metadata::of(&body)
    }

    /// The id of a workspace, which it says with every answer.
    async fn org(&self, realm: &Realm) -> Result<String, Refusal> {
        let url = realm.host.at("/api/2.0/preview/scim/v2/Me");
        let ask = || async {
            let (answer, bearer) = self.carried(realm, url.clone()).await?;
            let is_id = |org: &String| org.bytes().all(|byte| byte.is_ascii_digit());
            match answer.org.clone().filter(is_id) {
                Some(org) if answer.status != 401 => Ok(org),
                _ => Err(said::read(&answer, &[&bearer]).err().unwrap_or_else(|| {
                    let message = "the workspace does not say its id; set DATABRICKS_WORKSPACE_ID";
                    Refusal::new(Reason::Undecodable, "", message)
                })),
            }
        };
        self.manners.call(&self.lane_of(ACCOUNT), ask).await
    }
}

/// What a host says of itself.
#[derive(Debug, Default, PartialEq)]
struct Metadata {
    account: Option<String>,
    workspace: Option<String>,
}

impl Metadata {
    fn of(body: &Value) -> Self {
        let text = |key: &str| {
            let value = body.get(key)?;
            value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|id| id.to_string()))
        };
        let is_number = |id: &String| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        Self {
            account: text("account_id").filter(|id| config::is_id(id)),
            workspace: text("workspace_id").filter(is_number),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Metadata;

    #[test]
    fn what_a_host_says_of_itself_is_checked() {
        let said = Metadata::of(&json!({"account_id": "a-1", "workspace_id": 42, "oidc_endpoint": "x"}));
        assert_eq!(said, Metadata { account: Some("a-1".to_owned()), workspace: Some("42".to_owned()) });
        assert_eq!(Metadata::of(&json!({"account_id": "../a", "workspace_id": "x"})), Metadata::default());
        assert_eq!(Metadata::of(&json!(null)), Metadata::default());
    }
}
