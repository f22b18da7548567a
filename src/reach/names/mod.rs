//! What a host name leads to inside a VPC, from the evidence alone: the first part of a predicted
//! path.
//!
//! Input: a VPC and a host name. Output: addresses with the endpoints that have them, the public
//! DNS, no answer, or the gaps that stand in the way; every step as a hop. It refuses to guess what
//! a name server outside AWS answers, and never takes a list that nobody collected for an empty
//! one. It asks no name server.
//!
//! The order of a question is that of the Route 53 Resolver: which name server the client asks
//! (`server`), resolver rules against private sources, the most specific name first (`rule`,
//! `source`), private hosted zones (`zone`, `record`), private names of interface endpoints (`endpoint`,
//! `service`), and at last the public DNS (`public`). Sources: AWS, "Considerations when
//! working with a private hosted zone", "How Resolver determines whether the domain name in a query
//! matches any rules", "Domain names that Resolver creates autodefined system rules for", "DNS
//! attributes for your VPC"; RFC 4592 for wildcards.

mod endpoint;
mod public;
mod record;
mod rule;
mod server;
mod service;
mod source;
mod walk;
mod zone;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::address::{Ip, IpSet};
use super::flow::{Blocker, Hop};
use crate::estate::aws::host_name;
use crate::estate::{Estate, Gap};

pub use endpoint::private_names;
pub use server::own_servers;
pub use zone::untold;

/// The answer to one question, with every step to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// The name in lower case, without trailing dot.
    pub host: String,
    /// What was asked and what it answered, in order.
    pub hops: Vec<Hop>,
    /// What came out.
    pub outcome: Outcome,
}

/// What a name leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// These addresses, sorted, each once. They are private, or lie in the VPC.
    Private(Vec<Target>),
    /// The public DNS answers, with one of the addresses that are published for the name; the set
    /// is empty when nobody publishes them.
    Public(IpSet),
    /// There is certainly no address.
    Nothing(Blocker),
    /// Not known, and why.
    Unknown(Vec<Arc<Gap>>),
}

/// An address that a name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// The address.
    pub ip: Ip,
    /// Row of the endpoint that has it; none when no collected endpoint is known to have it, or
    /// several in different VPCs do. None proves nothing.
    pub endpoint: Option<u32>,
}

/// Resolves `host` as a client in this VPC (row of the VPCs) would, that asks the name servers of
/// its DHCP options.
pub fn resolve(estate: &Estate, vpc: u32, host: &str) -> Resolution {
    let host = host_name(host.trim());
    if let Some(ip) = Ip::parse(&host) {
        let public = || Outcome::Public(IpSet::one(ip));
        let outcome = endpoint::inside(estate, vpc, ip).map_or_else(public, |target| Outcome::Private(vec![target]));
        return Resolution { host, hops: Vec::new(), outcome };
    }
    let mut walk = walk::Walk::new(estate, vpc);
    let seat = walk::Seat { vpc, inbound: false };
    let outcome = match server::first(&mut walk, seat) {
        Ok(()) => walk.ask(seat, &host),
        Err(outcome) => outcome,
    };
    Resolution { host, hops: walk.hops, outcome }
}

/// Whether `host` is `domain` or lies below it; everything lies below the root, which is empty.
fn under(host: &str, domain: &str) -> bool {
    domain.is_empty() || host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
