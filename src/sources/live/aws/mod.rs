//! AWS: credentials and clients by account and region, and one function a call that turns the
//! SDK's answer into the estate's own types, written as the AWS CLI writes them.
//!
//! Lists are read to their last page. A list that broke off is answered as far as it came, with
//! `NextToken` left in it, beside the refusal, so that nobody takes it for the whole. The answer
//! to a question about [`About::Within`](super::About) says so: `"PlauditAsked": [ids]`.

mod batch;
mod client;
mod ec2;
mod failure;
#[cfg(test)]
mod fake;
mod firewall;
mod iam;
mod kms;
mod pages;
mod post;
mod resolver;
mod route53;
mod s3;
#[cfg(test)]
mod tests;
mod whole;
#[cfg(test)]
mod wire;

use std::sync::Arc;

use super::{About, Ask, AwsRequest, Lane, Manners, Refusal, Reply};
use crate::estate::{Operation, Reason};
use client::Clients;
use failure::refusal;
use pages::{Page, list, pages};
use post::Post;

/// AWS, with the caller's credentials.
pub(super) struct Aws {
    manners: Arc<Manners>,
    clients: Clients,
}

impl Aws {
    /// Finds credentials as AWS's own tools do, and asks whose they are.
    pub(super) async fn open(request: &AwsRequest, manners: Arc<Manners>) -> Result<Self, Refusal> {
        let clients = Clients::open(request, &manners).await?;
        Ok(Self { manners, clients })
    }

    /// AWS as `config` finds it.
    #[cfg(test)]
    pub(super) async fn at(
        config: aws_config::SdkConfig,
        request: &AwsRequest,
        manners: Arc<Manners>,
    ) -> Result<Self, Refusal> {
        let clients = Clients::with(config, request, &manners).await?;
        Ok(Self { manners, clients })
    }

    /// The caller's account.
    pub(super) fn own_account(&self) -> &str {
        self.clients.own_account()
    }

    /// The region that the caller's environment or profile names, else some region.
    pub(super) fn home_region(&self) -> &str {
        self.clients.home_region()
    }

    /// The active accounts of the organization.
    pub(super) async fn accounts(&self) -> Result<Vec<String>, Refusal> {
        self.clients.accounts(&self.manners).await
    }

    /// The regions that an account has switched on.
    pub(super) async fn regions(&self, account: &str) -> Result<Vec<String>, Refusal> {
        let post = self.clients.home(&self.manners, account).await?;
        ec2::regions(&post, &self.manners).await
    }

    /// Puts one question, in the account and region of its place.
    pub(super) async fn ask(&self, ask: &Ask) -> Reply {
        let (Some(account), Some(region)) = (&ask.place.account, &ask.place.region) else {
            return Reply::refused(Refusal::new(Reason::Skipped, "", "neither account nor region is known"));
        };
        let post = match self.clients.post(&self.manners, account, region).await {
            Ok(post) => post,
            Err(refusal) => return Reply::refused(refusal),
        };
        put(&post, &self.manners, ask).await
    }
}

/// Puts one question to the service that answers it.
async fn put(post: &Post, manners: &Manners, ask: &Ask) -> Reply {
    match ask.operation.name().split_once(':').map(|(service, _)| service) {
        Some("ec2") => ec2::ask(post, manners, ask).await,
        Some("iam") => iam::ask(post, manners, ask).await,
        Some("kms") => kms::ask(post, manners, ask).await,
        Some("network-firewall") => firewall::ask(post, manners, ask).await,
        Some("route53") => route53::ask(post, manners, ask).await,
        Some("route53resolver") => resolver::ask(post, manners, ask).await,
        Some("s3") => s3::ask(post, manners, ask).await,
        _ => Reply::refused(not_asked(ask.operation)),
    }
}

/// The resource that a question is about, if it is about one.
fn one(ask: &Ask) -> Option<&str> {
    match &ask.about {
        About::One(id) => Some(id),
        About::All | About::Within(_) => None,
    }
}

/// An answer without what was asked for.
fn unsaid() -> Refusal {
    Refusal::new(Reason::Undecodable, "", "the answer does not hold what was asked for")
}

/// What nobody asks of a service.
fn not_asked(operation: Operation) -> Refusal {
    Refusal::new(Reason::Skipped, "", format!("plaudit does not ask {} this way", operation.name()))
}
