//! Databricks: credentials by the rules of unified authentication, tokens, and the account and
//! workspace REST API. Answers stay as the API gives them, but for members that are not needed.
//!
//! ```text
//! environment ─► config ─► Databricks ─ question ─► token, http ─► the wire
//!      profile ──┘             ▲                                     │
//!                       pages, kept, conf ◄────────── said ◄─────────┘
//! ```

mod conf;
mod config;
mod environment;
mod host;
mod http;
mod kept;
mod open;
mod pages;
mod profile;
mod question;
mod said;
mod secret;
mod token;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Url;
use serde_json::Value;

use super::ask::{Ask, Reply};
use super::manners::{Lane, Manners};
use super::refusal::Refusal;
use crate::estate::{Operation, Reason};
use host::Host;
use http::{Answer, Http};
pub(super) use open::Unavailable;
use pages::{List, Style};
pub(super) use question::{ACCOUNT_SETTINGS, WORKSPACE_SETTINGS};
use secret::Secret;
use token::{Realm, Tokens};

/// The service of every lane.
const SERVICE: &str = "databricks";
/// The lane of what the account answers.
const ACCOUNT: &str = "account";

/// A Databricks account, or one workspace of it, that can be asked.
pub(super) struct Databricks {
    http: Http,
    manners: Arc<Manners>,
    credentials: Credentials,
    /// The account's id.
    account: String,
    /// Where the account answers; none when the credentials are those of a workspace.
    console: Option<Host>,
    /// The id of the workspace that the credentials are of, when they are of one.
    own: Option<String>,
    /// Where workspaces answer, by id.
    hosts: Mutex<BTreeMap<String, Host>>,
}

/// What requests carry.
enum Credentials {
    /// A token that is sent to one host only.
    Token { host: Host, token: Secret },
    /// A service principal.
    Principal(Tokens),
}

impl Databricks {
    /// The account's id; [`open::UNKNOWN_ACCOUNT`] when nobody knows it.
    pub(super) fn account(&self) -> &str {
        &self.account
    }

    /// The workspace that the credentials are of, when they are of one and not of the account: what
    /// can be asked for when the account does not list its workspaces.
    pub(super) fn workspace(&self) -> Option<&str> {
        self.own.as_deref()
    }

    /// Learns where workspaces answer, from the answer of [`Operation::ListWorkspaces`].
    pub(super) fn know(&self, workspaces: &Value) {
        let Some(console) = &self.console else { return };
        let host = |workspace: &Value| {
            let id = workspace.get("workspace_id")?.as_i64()?;
            let deployment = workspace.get("deployment_name")?.as_str()?;
            Some((id.to_string(), console.workspace(deployment)?))
        };
        let known = workspaces.as_array().into_iter().flatten().filter_map(host);
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner).extend(known);
    }

    /// Puts a question.
    pub(super) async fn ask(&self, ask: &Ask) -> Reply {
        let realm = match self.realm(ask) {
            Ok(realm) => realm,
            Err(refusal) => return Reply::refused(refusal),
        };
        let lane = self.lane(ask);
        if ask.operation == Operation::GetToken {
            let token = self.manners.call(&lane, || self.bearer(&realm)).await;
            return token.map_or_else(Reply::refused, |_| Reply::default());
        }
        let Some(path) = question::path(ask) else {
            let message = format!("{} cannot be asked for this", ask.operation.name());
            return Reply::refused(Refusal::new(Reason::Undecodable, "", message));
        };
        let to = To { lane: &lane, realm: &realm, path: &path };
        let reply = match (ask.operation, question::style(ask.operation)) {
            (Operation::GetWorkspaceConf, _) => self.conf(&to).await.into(),
            (Operation::ListNccs, Some(style)) => self.nccs(&to, style).await,
            (operation, Some(style)) => self.list(&to, operation, style).await,
            (_, None) => self.object(&to, &[]).await.into(),
        };
        let answers = reply.answers.into_iter().map(|(part, body)| (part, kept::clean(body)));
        Reply { answers: answers.collect(), refusals: reply.refusals }
    }

    /// Who answers.
    fn realm(&self, ask: &Ask) -> Result<Realm, Refusal> {
        let of_account = question::is_of_account(ask.operation)
            || (ask.operation == Operation::GetToken && ask.place.region.is_none());
        if of_account {
            let console = self.console.clone().ok_or_else(|| {
                let message = "the credentials are of a workspace; the account answers OAuth of an account admin";
                Refusal::new(Reason::AccessDenied, "", message)
            })?;
            return Ok(Realm::account(console, &self.account));
        }
        let workspace = ask.place.region.as_deref().unwrap_or_default();
        let host = self.hosts.lock().unwrap_or_else(PoisonError::into_inner).get(workspace).cloned();
        host.map(Realm::workspace).ok_or_else(|| {
            let message = if self.console.is_some() {
                format!("the account names no host for workspace {workspace}")
            } else {
                format!("the credentials are not of workspace {workspace}")
            };
            Refusal::new(Reason::AccessDenied, "", message)
        })
    }

    fn lane(&self, ask: &Ask) -> Lane {
        let workspace = ask.place.region.as_ref().filter(|_| !question::is_of_account(ask.operation));
        let region = workspace.map_or(ACCOUNT, String::as_str).to_owned();
        Lane { account: self.account.clone(), region, service: SERVICE }
    }

    /// A list of any length.
    async fn list(&self, to: &To<'_>, operation: Operation, style: Style) -> Reply {
        let mut list = List::new(style);
        while list.is_open() {
            let size = Some(question::PAGE_SIZE).filter(|_| operation == Operation::ListClusters);
            let query: Vec<_> = size.into_iter().chain(list.mark().map(|mark| ("page_token", mark))).collect();
            let mut page = self.get(to, &query).await;
            if let (Ok(body), Style::Wrapped(member)) = (&mut page, style) {
                kept::trim_items(operation, body, member);
            }
            list.add(page);
        }
        list.reply()
    }

    /// Network connectivity configurations, each with its private endpoint rules. One whose rules
    /// cannot be had is left out, and the list says that it is not whole.
    async fn nccs(&self, to: &To<'_>, style: Style) -> Reply {
        let mut reply = self.list(to, Operation::ListNccs, style).await;
        let Some((_, body)) = reply.answers.first_mut() else { return reply };
        let items = body.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
        let mut next = body.get(pages::NEXT).and_then(Value::as_str).map(str::to_owned);
        let mut whole = Vec::with_capacity(items.len());
        for mut ncc in items {
            let id = ncc.get("network_connectivity_config_id").and_then(Value::as_str).unwrap_or_default().to_owned();
            if question::lacks_rules(&ncc) {
                match self.rules(to, style, &id).await {
                    // one that cannot hold them cannot be read either, and is a gap of its own
                    Ok(rules) => drop(question::put_rules(&mut ncc, rules)),
                    Err(refusal) => {
                        reply.refusals.push(refusal.of(question::RULES));
                        next.get_or_insert(id);
                        continue;
                    }
                }
            }
            whole.push(ncc);
        }
        *body = pages::whole(style, whole, next.as_deref());
        reply
    }

    /// The private endpoint rules of one configuration, all of them.
    async fn rules(&self, to: &To<'_>, style: Style, ncc: &str) -> Result<Value, Refusal> {
        let path = question::path_of_rules(&self.account, ncc);
        let path = path.ok_or_else(|| Refusal::new(Reason::Undecodable, "", "a configuration without an id"))?;
        let reply = self.list(&To { path: &path, ..*to }, Operation::ListNccs, style).await;
        match (reply.refusals.into_iter().next(), reply.answers.into_iter().next()) {
            (None, Some((_, mut body))) => Ok(body.get_mut("items").map(Value::take).unwrap_or_default()),
            (refusal, _) => Err(refusal.unwrap_or_else(|| Refusal::new(Reason::Undecodable, "", "no answer"))),
        }
    }

    /// `workspace-conf`, without the keys that the workspace does not know.
    async fn conf(&self, to: &To<'_>) -> Result<Value, Refusal> {
        let mut keys = conf::KEYS.to_vec();
        loop {
            let refusal = match self.object(to, &[("keys", keys.join(",").as_str())]).await {
                Ok(body) => return Ok(body),
                Err(refusal) => refusal,
            };
            keys = conf::without_refused(&keys, &refusal.message).ok_or(refusal)?;
        }
    }

    /// An answer that is one object.
    async fn object(&self, to: &To<'_>, query: &[(&str, &str)]) -> Result<Value, Refusal> {
        let body = self.get(to, query).await?;
        if body.is_object() { Ok(body) } else { Err(Refusal::new(Reason::Undecodable, "", "expected an object")) }
    }

    /// One request, again while that may help.
    async fn get(&self, to: &To<'_>, query: &[(&str, &str)]) -> Result<Value, Refusal> {
        let mut url = to.realm.host.at(to.path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.manners.call(to.lane, || self.once(to.realm, url.clone())).await
    }

    /// One try, with a new token when the service wants one.
    async fn once(&self, realm: &Realm, url: Url) -> Result<Value, Refusal> {
        let (answer, bearer) = self.carried(realm, url).await?;
        let secrets: Vec<&Secret> = match &self.credentials {
            Credentials::Token { token, .. } => vec![&bearer, token],
            Credentials::Principal(tokens) => vec![&bearer, tokens.secret()],
        };
        said::read(&answer, &secrets)
    }

    /// The answer to a request, and the token that it carried.
    async fn carried(&self, realm: &Realm, url: Url) -> Result<(Answer, Secret), Refusal> {
        let bearer = self.bearer(realm).await?;
        let answer = self.http.get(url.clone(), Some(&bearer)).await?;
        match &self.credentials {
            Credentials::Principal(tokens) if said::wants_new_token(&answer) => {
                let bearer = tokens.renew(realm, &bearer).await?;
                Ok((self.http.get(url, Some(&bearer)).await?, bearer))
            }
            _ => Ok((answer, bearer)),
        }
    }

    /// A token for a host.
    async fn bearer(&self, realm: &Realm) -> Result<Secret, Refusal> {
        match &self.credentials {
            Credentials::Token { host, token } if *host == realm.host => Ok(token.clone()),
            Credentials::Token { host, .. } => {
                let message = format!("the token is for {host} and is not sent to {}; use OAuth", realm.host);
                Err(Refusal::new(Reason::AccessDenied, "", message))
            }
            Credentials::Principal(tokens) => tokens.get(realm).await,
        }
    }
}

/// Where a request goes.
#[derive(Clone, Copy)]
struct To<'a> {
    lane: &'a Lane,
    realm: &'a Realm,
    path: &'a str,
}
