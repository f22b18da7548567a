//! The paths that a workspace needs, judged: from its cluster subnets to the REST API, the relay,
//! the buckets, the services of AWS, each other and the resolver, and from its users to the front
//! end. Source of each need: see `need`.
//!
//! Input: the network. Output: for each workspace and need one [`RequiredPath`] with its verdict,
//! every blocker, where the packets leave, and every gap. A need whose source is weak says so. A
//! workspace without a network of the customer's has no paths: nodes, if any, run elsewhere.
//!
//! ```text
//! need (table) ─► plan (this workspace) ─► aim (names to addresses) ─► ask (flows) ─► merge ─► path
//!                    site (senders)            resolver, front, node       policy
//! ```

mod aim;
pub(crate) mod around;
pub(crate) mod ask;
mod front;
mod merge;
mod need;
mod node;
mod parallel;
mod path;
mod plan;
mod policy;
mod resolver;
pub(crate) mod sight;
pub(crate) mod site;

#[cfg(test)]
pub(super) mod tests;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::World;
use super::flow::{Blocker, Flow, Hop, Verdict};
use super::traffic::{Ports, Protocol};
use crate::estate::Gap;

pub use need::{NEEDS, Need};
pub use policy::Vetted;

/// How well a need is documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trust {
    /// In the documentation of Databricks or in its APIs.
    Documented,
    /// In code or templates that Databricks maintains.
    Reference,
    /// Reported from the field, not verified.
    Unverified,
}

impl Trust {
    /// `documented`, `reference` or `unverified`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Reference => "reference",
            Self::Unverified => "unverified",
        }
    }
}

/// Where the packets of a path leave the VPC of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// They stay: another node, the resolver.
    Inside,
    /// An interface endpoint.
    Endpoint,
    /// A gateway endpoint.
    GatewayEndpoint,
    /// A NAT gateway, then the internet.
    Nat,
    /// The internet, by an address of the node's own.
    Internet,
    /// The internet, past a firewall that inspects.
    Inspected,
    /// Another VPC that is no endpoint.
    OtherVpc,
    /// A network outside AWS.
    OnPremises,
    /// Nobody knows.
    Unknown,
}

impl Exit {
    /// As rules name it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::Endpoint => "endpoint",
            Self::GatewayEndpoint => "gateway-endpoint",
            Self::Nat => "nat",
            Self::Internet => "internet",
            Self::Inspected => "inspected",
            Self::OtherVpc => "other-vpc",
            Self::OnPremises => "on-premises",
            Self::Unknown => "unknown",
        }
    }
}

/// One need of one workspace, over all its cluster subnets, ports and addresses.
#[derive(Clone, Debug)]
pub struct RequiredPath {
    /// Row of the workspace.
    pub workspace: u32,
    /// Row of its network configuration.
    pub network: u32,
    /// `relay`, `rest`, `s3-root` …: as `plaudit path --to` takes it.
    pub name: &'static str,
    /// What it is for, in words: `the secure cluster connectivity relay`.
    pub title: &'static str,
    /// What stops working without it.
    pub breaks: &'static str,
    /// How well the need is documented.
    pub trust: Trust,
    /// The protocol.
    pub protocol: Protocol,
    /// Destination ports.
    pub ports: Vec<Ports>,
    /// Host names, as they are resolved inside the VPC.
    pub hosts: Vec<String>,
    /// All subnets, addresses and ports together.
    pub verdict: Verdict,
    /// Every reason against it, each once, in the order of the path.
    pub blockers: Vec<Blocker>,
    /// What is not known, sorted, each once.
    pub gaps: Vec<Arc<Gap>>,
    /// Where its packets leave, as far as they get through, or may.
    pub exits: BTreeSet<Exit>,
    /// Ids of the subnets from which it fails, sorted.
    pub blocked_subnets: Vec<String>,
    /// Ports that fail, in words: `8443, 8445-8451`; empty when all or none do.
    pub blocked_ports: String,
    /// How the hosts resolved.
    pub names: Vec<Hop>,
    /// What the policies of the endpoints on the way say.
    pub policies: Vec<Hop>,
    /// A flow that shows the worst of it: [`super::World::ask`] traces it.
    pub example: Option<Flow>,
}

/// The required paths of an estate.
#[derive(Debug, Default)]
pub struct Required {
    /// By workspace row, then in the order of the table of needs.
    pub paths: Vec<RequiredPath>,
    /// Rows of workspaces whose paths are not known, and why.
    pub unknown: Vec<(u32, Arc<Gap>)>,
    by_workspace: HashMap<u32, (usize, usize)>,
}

impl Required {
    /// Those of one workspace.
    pub fn of_workspace(&self, row: u32) -> &[RequiredPath] {
        let (from, to) = self.by_workspace.get(&row).copied().unwrap_or_default();
        self.paths.get(from..to).unwrap_or_default()
    }

    /// One of them, by the name of its need.
    pub fn of_need(&self, row: u32, name: &str) -> Option<&RequiredPath> {
        self.of_workspace(row).iter().find(|path| path.name == name)
    }
}

impl World<'_> {
    /// The paths that the workspaces of the estate need; judged once, then kept with it.
    pub fn required(&self) -> Arc<Required> {
        let judge = || {
            let shared = path::Shared::default();
            let count = self.estate().databricks.workspaces.rows().len();
            let judged =
                parallel::map(count, |row| path::of_workspace(self, u32::try_from(row).unwrap_or(u32::MAX), &shared));
            let mut required = Required::default();
            for (row, paths) in (0u32..).zip(judged) {
                match paths {
                    Ok(paths) => {
                        let from = required.paths.len();
                        required.paths.extend(paths);
                        required.by_workspace.insert(row, (from, required.paths.len()));
                    }
                    Err(gap) => required.unknown.push((row, gap)),
                }
            }
            Arc::new(required)
        };
        Arc::clone(self.index().required.get_or_init(judge))
    }
}
