//! Credentials: the caller's own, found as AWS's own tools find them, and those of a role in
//! every other account; and with them, a [`Post`] for each account and region.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_organizations::types::{Account, AccountState};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{Builder, ConnectorBuilder, tls};
use tokio::time::Instant;

use super::pages::more;
use super::{AwsRequest, Lane, Manners, Page, Post, Refusal, pages, refusal};
use crate::estate::{Operation, Reason};

/// Asked when neither the environment nor the profile names a region.
const SOME_REGION: &str = "us-east-1";
/// AWS lets a session live for an hour when nobody asks for more; a role that assumes another
/// gets no more either.
const SESSION: Duration = Duration::from_secs(45 * 60);
/// What the trail of the other account shows.
const SESSION_NAME: &str = "plaudit";
/// To a service that is there, a connection takes no longer.
const CONNECT: Duration = Duration::from_secs(5);

/// See the module.
pub(super) struct Clients {
    config: SdkConfig,
    home: String,
    own: String,
    partition: String,
    role: Option<String>,
    external_id: Option<String>,
    accounts: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<Session>>>>>,
}

/// What one account lets the caller do.
struct Session {
    since: Instant,
    config: Result<SdkConfig, Refusal>,
    posts: HashMap<String, Arc<Post>>,
}

/// One client for all services, as the SDK makes one for each: its TLS, and the proxy that the
/// environment names.
fn http_client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
        let mut connector = ConnectorBuilder::default().tls_provider(tls);
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.set_proxy_config(Some(ProxyConfig::from_env()));
        connector.build()
    })
}

impl Clients {
    /// Finds credentials, and asks whose they are.
    pub(super) async fn open(request: &AwsRequest, manners: &Manners) -> Result<Self, Refusal> {
        let profile = request.profile.as_deref();
        let mut of_profile = ProfileFileRegionProvider::builder();
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        if let Some(name) = profile {
            of_profile = of_profile.profile_name(name);
            loader = loader.profile_name(name);
        }
        let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
            .or_else(of_profile.build())
            .or_else(Region::new(SOME_REGION));
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).build();
        let loader = loader
            .http_client(http_client())
            .region(region)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts);
        Self::with(loader.load().await, request, manners).await
    }

    /// The same with credentials and a region that were found.
    pub(super) async fn with(config: SdkConfig, request: &AwsRequest, manners: &Manners) -> Result<Self, Refusal> {
        let home = config.region().map_or(SOME_REGION, Region::as_ref).to_owned();
        let post = Post::new("", &home, &config);
        let send = || async { post.sts().get_caller_identity().send().await.map_err(refusal) };
        let lane = Lane { account: String::new(), region: home.clone(), service: "sts" };
        let of_call = |refusal: Refusal| refusal.of(Operation::GetCallerIdentity.name());
        let identity = manners.call(&lane, send).await.map_err(of_call)?;
        let own = identity.account.unwrap_or_default();
        let partition = identity.arn.as_deref().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws").to_owned();
        let (role, external_id) = (request.assume_role.clone(), request.external_id.clone());
        Ok(Self { config, home, own, partition, role, external_id, accounts: Mutex::default() })
    }

    /// The caller's account.
    pub(super) fn own_account(&self) -> &str {
        &self.own
    }

    /// The region that the caller's environment or profile names, else some region.
    pub(super) fn home_region(&self) -> &str {
        &self.home
    }

    /// An account in that region.
    pub(super) async fn home(&self, manners: &Manners, account: &str) -> Result<Arc<Post>, Refusal> {
        self.post(manners, account, &self.home).await
    }

    /// The clients for one account and region.
    pub(super) async fn post(&self, manners: &Manners, account: &str, region: &str) -> Result<Arc<Post>, Refusal> {
        let session = {
            let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(accounts.entry(account.to_owned()).or_default())
        };
        // whoever comes second waits for the credentials that the first one fetches
        let mut session = session.lock().await;
        let fresh = session.take().filter(|session| session.since.elapsed() < SESSION);
        let session = match fresh {
            Some(fresh) => session.insert(fresh),
            None => {
                let since = Instant::now();
                let config = self.config_of(manners, account).await;
                session.insert(Session { since, config, posts: HashMap::new() })
            }
        };
        let config = match &session.config {
            Ok(config) => config,
            Err(refusal) => return Err(refusal.clone()),
        };
        let post =
            session.posts.entry(region.to_owned()).or_insert_with(|| Arc::new(Post::new(account, region, config)));
        Ok(Arc::clone(post))
    }

    /// The credentials for one account.
    async fn config_of(&self, manners: &Manners, account: &str) -> Result<SdkConfig, Refusal> {
        let Some(role) = self.role_in(account)? else { return Ok(self.config.clone()) };
        let post = Post::new(&self.own, &self.home, &self.config);
        let send = || async {
            let request = post.sts().assume_role().role_arn(&role).role_session_name(SESSION_NAME);
            request.set_external_id(self.external_id.clone()).send().await.map_err(refusal)
        };
        let assumed = manners.call(&post.lane("sts"), send).await.map_err(|refusal| refused(refusal, &role))?;
        let Some(keys) = assumed.credentials else {
            let refusal = Refusal::new(Reason::Undecodable, "", "no credentials in the answer");
            return Err(refused(refusal, &role));
        };
        let token = Some(keys.session_token);
        let keys = Credentials::new(keys.access_key_id, keys.secret_access_key, token, None, "plaudit");
        Ok(self.config.to_builder().credentials_provider(SharedCredentialsProvider::new(keys)).build())
    }

    /// The role to use in an account; none where the caller's own credentials do.
    fn role_in(&self, account: &str) -> Result<Option<String>, Refusal> {
        let own = account == self.own;
        let Some(given) = &self.role else {
            let message = format!(
                "the caller belongs to {}; name a role of {account} that trusts it with --assume-role",
                self.own
            );
            let refusal = Refusal::new(Reason::AccessDenied, "", message).of(Operation::AssumeRole.name());
            return if own { Ok(None) } else { Err(refusal) };
        };
        let arn = given.starts_with("arn:").then(|| given.splitn(6, ':').collect::<Vec<_>>());
        let of_arn = arn.as_deref().and_then(|parts| Some((*parts.get(4)?, parts.get(5)?.strip_prefix("role/")?)));
        Ok(match of_arn {
            Some((its, _)) if its == account => Some(given.clone()),
            _ if own => None,
            Some((_, name)) => Some(self.role_arn(account, name)),
            None => Some(self.role_arn(account, given)),
        })
    }

    fn role_arn(&self, account: &str, name: &str) -> String {
        format!("arn:{}:iam::{account}:role/{name}", self.partition)
    }

    /// The active accounts of the organization.
    pub(super) async fn accounts(&self, manners: &Manners) -> Result<Vec<String>, Refusal> {
        let post = self.home(manners, &self.own).await?;
        let post = post.as_ref();
        let fetch = |token: Option<String>| async move {
            let request = post.organizations().list_accounts().set_next_token(token);
            let output = request.send().await.map_err(refusal)?;
            let rows = output.accounts.unwrap_or_default();
            Ok(Page { rows, next: more(output.next_token) })
        };
        let all = pages(manners, &post.lane("organizations"), fetch).await;
        match all.broken {
            Some(refusal) => Err(refusal.of(Operation::ListAccounts.name())),
            None => Ok(all.rows.into_iter().filter(is_active).filter_map(|account| account.id).collect()),
        }
    }
}

/// Whether an account can be asked: AWS says so in a new field and, for as long as it lasts, in
/// an old one.
fn is_active(account: &Account) -> bool {
    let status = account.status.as_ref().map(|status| status.as_str());
    let state = account.state.as_ref().map(AccountState::as_str);
    state.or(status).is_none_or(|state| state == "ACTIVE")
}

/// A role that could not be assumed.
fn refused(mut refusal: Refusal, role: &str) -> Refusal {
    refusal.message = format!("{} (role {role}; --assume-role names another)", refusal.message).trim_start().to_owned();
    refusal.of(Operation::AssumeRole.name())
}
