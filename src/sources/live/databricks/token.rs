//! OAuth tokens of a service principal: one for the account and one for each workspace, fetched
//! once however many requests wait for it, and again when it is about to expire or was refused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use serde_json::Value;
use tokio::time::Instant;

use super::super::refusal::{Refusal, Retry};
use super::host::Host;
use super::http::Http;
use super::said;
use super::secret::Secret;
use crate::estate::{Operation, Reason};

/// How long before its end a token is replaced; a quarter of its life when that is shorter.
const MARGIN: Duration = Duration::from_secs(60);
/// The longest that a token is believed to be good.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 3600);
/// How long it is good when nobody says so.
const USUAL_LIFE: Duration = Duration::from_secs(3600);

/// Who gives a token, and on which host it is good.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Realm {
    /// The host.
    pub(super) host: Host,
    /// The path before `/v1/token`.
    issuer: String,
}

impl Realm {
    /// The account.
    pub(super) fn account(host: Host, account: &str) -> Self {
        Self { host, issuer: format!("/oidc/accounts/{account}") }
    }

    /// A workspace.
    pub(super) fn workspace(host: Host) -> Self {
        Self { host, issuer: "/oidc".to_owned() }
    }
}

/// The tokens of a service principal.
#[derive(Debug)]
pub(super) struct Tokens {
    http: Http,
    client: String,
    secret: Secret,
    slots: Mutex<HashMap<Realm, Arc<tokio::sync::Mutex<Slot>>>>,
}

/// What is known of one token. Whoever holds the lock fetches it; the others wait.
#[derive(Debug, Default)]
enum Slot {
    #[default]
    Empty,
    Token {
        token: Secret,
        until: Instant,
    },
    /// The issuer will say the same to everybody who asks.
    Refused(Refusal),
}

impl Tokens {
    /// No token yet.
    pub(super) fn new(http: Http, client: String, secret: Secret) -> Self {
        Self { http, client, secret, slots: Mutex::default() }
    }

    /// What must not show up in messages beside the token itself.
    pub(super) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// A token that is good for some time.
    pub(super) async fn get(&self, realm: &Realm) -> Result<Secret, Refusal> {
        self.fill(realm, None).await
    }

    /// Another token than `old`, which was refused.
    pub(super) async fn renew(&self, realm: &Realm, old: &Secret) -> Result<Secret, Refusal> {
        self.fill(realm, Some(old)).await
    }

    async fn fill(&self, realm: &Realm, old: Option<&Secret>) -> Result<Secret, Refusal> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(realm.clone()).or_default())
        };
        let mut slot = slot.lock().await;
        match &*slot {
            Slot::Token { token, until } if *until > Instant::now() && old != Some(token) => return Ok(token.clone()),
            Slot::Refused(refusal) => return Err(refusal.clone()),
            _ => *slot = Slot::Empty,
        }
        match self.fetch(realm).await.map_err(|refusal| refusal.of(Operation::GetToken.name())) {
            Ok((token, life)) => {
                let until = Instant::now() + life.saturating_sub(MARGIN.min(life / 4));
                *slot = Slot::Token { token: token.clone(), until };
                Ok(token)
            }
            Err(refusal) => {
                if refusal.retry == Retry::Never {
                    *slot = Slot::Refused(refusal.clone());
                }
                Err(refusal)
            }
        }
    }

    async fn fetch(&self, realm: &Realm) -> Result<(Secret, Duration), Refusal> {
        let endpoint = self.endpoint(realm).await?;
        let answer = self.http.token(endpoint, &self.client, &self.secret).await?;
        let body = said::read(&answer, &[&self.secret]).map_err(|refusal| match answer.status {
            400 | 401 | 403 => Refusal { reason: Reason::AccessDenied, ..refusal },
            _ => refusal,
        })?;
        let token = body.get("access_token").and_then(Value::as_str).unwrap_or_default();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Refusal::new(Reason::Undecodable, "", "the answer holds no access_token"));
        }
        Ok((Secret::new(token), life(&body)))
    }

    /// Where tokens are given: as the issuer's own document says, else where they are documented
    /// to be. A document that leads to another host is not followed: the secret would go there.
    async fn endpoint(&self, realm: &Realm) -> Result<Url, Refusal> {
        let document = realm.host.at(&format!("{}/.well-known/oauth-authorization-server", realm.issuer));
        let answer = self.http.get(document, None).await?;
        let body = match said::read(&answer, &[]) {
            Ok(body) => body,
            Err(refusal) if matches!(refusal.reason, Reason::Throttled | Reason::TimedOut) => return Err(refusal),
            // the workspace refuses this network, and will refuse the token as well
            Err(refusal) if (300..400).contains(&answer.status) && refusal.reason == Reason::AccessDenied => {
                return Err(refusal);
            }
            Err(_) => Value::Null,
        };
        let Some(endpoint) = body.get("token_endpoint").and_then(Value::as_str) else {
            return Ok(realm.host.at(&format!("{}/v1/token", realm.issuer)));
        };
        let url = Url::parse(endpoint).ok().filter(|url| realm.host.holds(url));
        url.ok_or_else(|| {
            let message =
                format!("{} names a token endpoint on another host; the secret is not sent there", realm.host);
            Refusal::new(Reason::Undecodable, "", message)
        })
    }
}

/// How long a token is good: seconds, as a number or as text.
fn life(body: &Value) -> Duration {
    let seconds = body.get("expires_in").and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()));
    seconds.map_or(USUAL_LIFE, Duration::from_secs).min(LONGEST_LIFE)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::life;

    #[test]
    fn the_life_of_a_token_is_a_number_or_a_text() {
        assert_eq!(life(&json!({"expires_in": 300})), Duration::from_secs(300));
        assert_eq!(life(&json!({"expires_in": "300"})), Duration::from_secs(300));
        assert_eq!(life(&json!({})), Duration::from_secs(3600));
        assert_eq!(life(&json!({"expires_in": 1e12})), Duration::from_secs(3600));
        assert_eq!(life(&json!({"expires_in": 99_999_999})), Duration::from_secs(24 * 3600));
    }
}
