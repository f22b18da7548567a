//! One request and its whole answer: no redirect is followed, no body is endless, and no
//! credential is shown. What never arrived is a refusal; what arrived is for [`super::said`].

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, Url, redirect};

use super::super::refusal::{Refusal, Retry};
use super::host::{Host, is_local_name};
use super::secret::{Secret, plain};
use crate::estate::Reason;

/// The longest body that is read.
const LONGEST_BODY: usize = 64 << 20;
/// The longest wait for a connection; the whole request has the deadline of the run.
const CONNECT: Duration = Duration::from_secs(10);
/// Who answers a workspace's requests says its id.
const ORG: &str = "x-databricks-org-id";

/// What came back.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    /// HTTP status.
    pub(super) status: u16,
    /// Where a redirect leads.
    pub(super) location: Option<String>,
    /// When to come back.
    pub(super) retry_after: Option<Duration>,
    /// The workspace that answered.
    pub(super) org: Option<String>,
    /// The body.
    pub(super) body: Vec<u8>,
}

/// Sends requests.
#[derive(Clone, Debug)]
pub(super) struct Http(Client);

impl Http {
    /// A client for a host and those beside it.
    pub(super) fn new(host: &Host, auth: &str) -> Result<Self, String> {
        let version = env!("CARGO_PKG_VERSION");
        let mut builder = Client::builder()
            .user_agent(format!("plaudit/{version} os/{} auth/{auth}", std::env::consts::OS))
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT);
        builder = if host.is_loopback() { builder.no_proxy() } else { builder.https_only(true) };
        if host.is_local_name() {
            builder = builder.dns_resolver(Arc::new(Loopback));
        }
        builder.build().map(Self).map_err(|error| words(&error))
    }

    /// Asks for a page, with a token where the host wants one.
    pub(super) async fn get(&self, url: Url, bearer: Option<&Secret>) -> Result<Answer, Refusal> {
        let request = self.0.get(url);
        let request = match bearer {
            Some(bearer) => request.bearer_auth(bearer.reveal()),
            None => request,
        };
        send(request).await
    }

    /// Asks for a token.
    pub(super) async fn token(&self, url: Url, client: &str, secret: &Secret) -> Result<Answer, Refusal> {
        let request = self.0.post(url).basic_auth(client, Some(secret.reveal()));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        send(request.body("grant_type=client_credentials&scope=all-apis")).await
    }
}

async fn send(request: RequestBuilder) -> Result<Answer, Refusal> {
    let mut response = request.send().await.map_err(|error| lost(&error))?;
    let mut answer = head(&response);
    if response.content_length().is_some_and(|length| length > LONGEST_BODY as u64) {
        return Err(too_long());
    }
    while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
        if answer.body.len() + chunk.len() > LONGEST_BODY {
            return Err(too_long());
        }
        answer.body.extend_from_slice(&chunk);
    }
    Ok(answer)
}

fn head(response: &Response) -> Answer {
    let text = |headers: &HeaderMap, name: &str| Some(headers.get(name)?.to_str().ok()?.trim().to_owned());
    let seconds = text(response.headers(), RETRY_AFTER.as_str()).and_then(|seconds| seconds.parse().ok());
    Answer {
        status: response.status().as_u16(),
        location: text(response.headers(), LOCATION.as_str()),
        retry_after: seconds.map(Duration::from_secs),
        org: text(response.headers(), ORG).filter(|org| !org.is_empty()),
        body: Vec::new(),
    }
}

fn too_long() -> Refusal {
    Refusal::new(Reason::Undecodable, "", format!("the answer is longer than {} MiB", LONGEST_BODY >> 20))
}

/// No answer, or one that broke off.
fn lost(error: &reqwest::Error) -> Refusal {
    if error.is_builder() {
        return Refusal::new(Reason::Undecodable, "", words(error));
    }
    let reason = if error.is_body() || error.is_decode() { Reason::Undecodable } else { Reason::TimedOut };
    Refusal::new(reason, "", words(error)).again(Retry::Later)
}

/// An error with its causes; without its URL, which the gap names better.
fn words(error: &reqwest::Error) -> String {
    let mut words = Vec::new();
    let mut cause: Option<&dyn Error> = error.source();
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    words.dedup();
    let kind = if error.is_connect() { "no connection" } else { "the answer broke off" };
    let all = if words.is_empty() { kind.to_owned() } else { format!("{kind}: {}", words.join(": ")) };
    plain(&all, &[])
}

/// Names under `localhost` are this machine, whatever the resolver of the system knows of them.
struct Loopback;

impl Resolve for Loopback {
    fn resolve(&self, name: Name) -> Resolving {
        let known = is_local_name(name.as_str());
        Box::pin(async move {
            if !known {
                return Err("only names under localhost are known here".into());
            }
            let all = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
            let addresses: Addrs = Box::new(all.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}
