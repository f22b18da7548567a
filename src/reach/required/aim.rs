//! From host names to addresses: what the names of a need lead to inside the VPC of the nodes,
//! and whether that is what serves them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::plan::{Expect, Plan, admits};
use super::site::{Site, registered_endpoint};
use crate::estate::region::{Region, Service};
use crate::estate::{Gap, Known, Origin};
use crate::reach::address::Ip;
use crate::reach::code::Code;
use crate::reach::flow::{Blocker, Hop, Leg};
use crate::reach::names::{self, Outcome, Resolution};

/// One end of flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Target {
    /// This address.
    Address(Ip),
    /// Some public address that nobody publishes.
    Unpublished,
    /// An address of S3 in the region of the VPC, whose list nobody collected.
    Bucket,
}

/// What the hosts of a need lead to.
#[derive(Debug, Default)]
pub(super) struct Aim {
    pub(super) targets: BTreeSet<Target>,
    /// Endpoints (rows) that a name leads to.
    pub(super) endpoints: BTreeSet<u32>,
    /// Names that lead nowhere, or to something else.
    pub(super) blockers: Vec<Blocker>,
    pub(super) gaps: Vec<Arc<Gap>>,
    /// How the names were resolved.
    pub(super) names: Vec<Hop>,
}

impl Site<'_, '_> {
    /// Resolves a host as a node does.
    pub(super) fn resolve(&self, host: &str) -> Known<Resolution> {
        self.vpc.clone().map(|vpc| names::resolve(self.estate(), vpc, host))
    }

    /// What the hosts of a plan lead to; `resolve` may remember what it was asked before.
    pub(super) fn aim(&self, plan: &Plan, mut resolve: impl FnMut(&str) -> Known<Arc<Resolution>>) -> Aim {
        let mut aim = Aim { gaps: plan.gaps.clone(), ..Aim::default() };
        for host in &plan.hosts {
            let resolution = match resolve(host) {
                Ok(resolution) => resolution,
                Err(gap) => {
                    aim.gaps.push(gap);
                    continue;
                }
            };
            for hop in &resolution.hops {
                if !aim.names.contains(hop) {
                    aim.names.push(hop.clone());
                }
            }
            match &resolution.outcome {
                Outcome::Private(targets) => self.private(&mut aim, host, targets, plan.expect),
                Outcome::Public(set) => {
                    let blocks = set.blocks().into_iter().filter(|block| block.first.is_v4());
                    aim.targets.extend(blocks.map(|block| Target::Address(block.first)));
                    if set.is_empty() {
                        aim.targets.insert(if self.is_near(host) { Target::Bucket } else { Target::Unpublished });
                        if plan.expect == Expect::Registered(Service::Relay) {
                            aim.gaps.push(self.unpublished(&format!("what the public DNS answers {host}")));
                        }
                    }
                }
                Outcome::Nothing(blocker) => aim.blockers.push(blocker.clone()),
                Outcome::Unknown(gaps) => aim.gaps.extend(gaps.iter().cloned()),
            }
        }
        aim
    }

    /// Whether a host is a bucket in the region of the VPC.
    fn is_near(&self, host: &str) -> bool {
        let near = self.place.region.as_deref().map(|region| format!(".s3.{region}.amazonaws.com"));
        near.is_some_and(|near| host.ends_with(&near))
    }

    /// A private answer: each address must belong to what serves the name.
    fn private(&self, aim: &mut Aim, host: &str, targets: &[names::Target], expect: Expect) {
        let v4: Vec<&names::Target> = targets.iter().filter(|target| target.ip.is_v4()).collect();
        if v4.is_empty() {
            let detail = format!("{host} has IPv6 addresses alone, and nodes have none");
            aim.blockers.push(self.elsewhere(Code::NameNotResolved, host.to_owned(), Origin::default(), detail));
        }
        for target in v4 {
            let wrong = match expect {
                Expect::Anything => Ok(None),
                Expect::Aws(service) => Ok(self.other_service(target, service)),
                Expect::Registered(service) => self.unregistered(target, service),
            };
            match wrong {
                Ok(None) => {
                    aim.targets.insert(Target::Address(target.ip));
                    aim.endpoints.extend(target.endpoint);
                }
                Ok(Some(what)) => {
                    let (resource, origin) = self.holder(target);
                    let detail = format!("{host} leads to {} of {resource}, {what}", target.ip);
                    let blocker = self.elsewhere(Code::NameLeadsElsewhere, resource, origin, detail);
                    let same = |known: &Blocker| known.code == blocker.code && known.resource == blocker.resource;
                    if !aim.blockers.iter().any(same) {
                        aim.blockers.push(blocker);
                    }
                }
                Err(gap) => {
                    aim.targets.insert(Target::Address(target.ip));
                    aim.gaps.push(gap);
                }
            }
        }
    }

    fn elsewhere(&self, code: Code, resource: String, origin: Origin, detail: String) -> Blocker {
        Blocker { code, resource, leg: Leg::Forward, detail, origin }
    }

    /// Who has the address: an endpoint, or nobody by name.
    fn holder(&self, target: &names::Target) -> (String, Origin) {
        target.endpoint.map_or_else(
            || ("no endpoint".to_owned(), Origin::default()),
            |row| {
                let row = self.estate().aws.vpc_endpoints.row(row);
                (row.id.clone(), row.origin)
            },
        )
    }

    fn service_name(&self, endpoint: u32) -> Option<&str> {
        Some(self.estate().aws.vpc_endpoints.row(endpoint).body.known().ok()?.service_name.as_str())
    }

    /// Why an endpoint does not serve a service of AWS.
    fn other_service(&self, target: &names::Target, service: &str) -> Option<String> {
        let name = self.service_name(target.endpoint?)?;
        (name.rsplit('.').next() != Some(service)).then(|| format!("which is an endpoint to {name}"))
    }

    /// Why an address is not that of an endpoint which the network configuration names for the
    /// service; a gap when that cannot be told.
    fn unregistered(&self, target: &names::Target, service: Service) -> Known<Option<String>> {
        let title = if service == Service::Relay { "the relay" } else { "the REST API" };
        let named = self.registered(service);
        let mut missing = None;
        let mut listed = Vec::new();
        for id in named {
            match self.endpoint_behind(id) {
                Ok(row) => listed.push(row),
                Err(gap) => missing = Some(gap),
            }
        }
        let Some(endpoint) = target.endpoint else {
            // of overlapping VPCs nobody says which endpoint has the address; the flow will tell
            for row in &listed {
                if self.has_address(*row, target.ip)? {
                    return Ok(None);
                }
            }
            return match missing {
                Some(gap) => Err(gap),
                None => {
                    self.estate().aws.vpc_endpoints.complete(&self.place)?;
                    self.estate().aws.interfaces.complete(&self.place)?;
                    Ok(Some(format!("where {title} is to be {}", self.ids(&listed))))
                }
            };
        };
        let leads = self.service_name(endpoint).and_then(Region::service);
        if let Some((_, other)) = leads.filter(|(region, other)| *other != service && !region.services_disputed()) {
            let other = if other == Service::Relay { "relay" } else { other.name() };
            return Ok(Some(format!("which leads to the service {other} and not to {title}")));
        }
        if leads.is_none() && self.service_name(endpoint).is_some_and(|name| !name.contains(".vpce-svc-")) {
            let name = self.service_name(endpoint).unwrap_or_default();
            return Ok(Some(format!("which is an endpoint to {name} and not to {title}")));
        }
        if listed.contains(&endpoint) || self.admitted(endpoint, service) {
            return Ok(None);
        }
        match missing {
            Some(gap) => Err(gap),
            None => Ok(Some(format!("and the network configuration names {} for {title}", self.ids(&listed)))),
        }
    }

    /// Whether an endpoint has an address.
    fn has_address(&self, endpoint: u32, ip: Ip) -> Known<bool> {
        let row = self.estate().aws.vpc_endpoints.row(endpoint);
        for id in &row.body.known()?.network_interface_ids {
            let interface = self.estate().aws.interfaces.body(id, &row.place)?;
            if interface.private_ip_address.as_deref().and_then(Ip::parse) == Some(ip) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the workspace admits an endpoint that its network configuration does not name: for
    /// the REST API any registered one may do, if the private access settings say so.
    fn admitted(&self, endpoint: u32, service: Service) -> bool {
        let estate = self.estate();
        let id = &estate.aws.vpc_endpoints.row(endpoint).id;
        let rows = estate.graph.registrations_of_endpoint.get(id).into_iter().flatten();
        let mut own = rows.map(|row| estate.databricks.registrations.row(*row));
        let Some(Ok(settings)) = self.settings() else { return false };
        service == Service::Workspace
            && own.any(|row| {
                row.place.account == self.databricks.account
                    && row.body.known().is_ok_and(|body| body.service() == Some(service))
                    && admits(settings, &row.id)
            })
    }

    pub(super) fn endpoint_behind(&self, registration: &str) -> Known<u32> {
        registered_endpoint(self.estate(), registration, self.databricks)
    }

    fn ids(&self, endpoints: &[u32]) -> String {
        let ids: Vec<&str> =
            endpoints.iter().map(|row| self.estate().aws.vpc_endpoints.row(*row).id.as_str()).collect();
        ids.join(", ")
    }
}
