//! One workspace: each need planned, aimed, asked and told as one path.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::aim::{Aim, Target};
use super::ask::Judged;
use super::merge::words;
use super::need::{NEEDS, Need, To};
use super::plan::Plan;
use super::site::Site;
use super::{Exit, RequiredPath};
use crate::estate::{Gap, Known};
use crate::reach::World;
use crate::reach::flow::{Blocker, Hop, Verdict};
use crate::reach::names::Resolution;
use crate::reach::traffic::{Ports, Protocol};

/// Ports of a need that are asked one by one.
const FEW: u16 = 16;

/// Front ends, by account and registrations.
type Fronts = HashMap<(Option<String>, Vec<String>), Arc<Judged>>;

/// What workspaces share.
#[derive(Default)]
pub(super) struct Shared {
    fronts: Mutex<Fronts>,
}

/// The paths of a workspace (row), in the order of the table.
pub(super) fn of_workspace(world: &World<'_>, row: u32, shared: &Shared) -> Known<Vec<RequiredPath>> {
    let Some(site) = Site::of(world, row)? else { return Ok(Vec::new()) };
    let mut judge = Judge { site: &site, shared, names: HashMap::new(), asked: HashMap::new() };
    Ok(NEEDS.iter().filter_map(|need| judge.path(need)).collect())
}

type Question = (Vec<Target>, Protocol, Vec<(u16, u16)>);

/// One workspace under way: what was resolved and asked for one need serves the next.
struct Judge<'s, 'w, 'e> {
    site: &'s Site<'w, 'e>,
    shared: &'s Shared,
    names: HashMap<String, Known<Arc<Resolution>>>,
    asked: HashMap<Question, Arc<Judged>>,
}

impl Judge<'_, '_, '_> {
    /// The path of a need; none when the workspace does not have it.
    fn path(&mut self, need: &'static Need) -> Option<RequiredPath> {
        let plan = self.site.plan(need)?;
        let ports = plan.ports.unwrap_or(need.ports);
        let (aim, judged, exit) = match need.to {
            To::Nodes => {
                (Aim::default(), Arc::new(Judged::nodes(self.site.world, &self.site.subnets, need.protocol)), None)
            }
            To::FrontEnd => (Aim::default(), self.front(&plan.front), None),
            To::Resolver => {
                let (aim, exit) = self.site.resolver();
                let judged = self.ask(&aim.targets, need.protocol, ports);
                (aim, judged, exit)
            }
            _ => {
                let (site, names) = (self.site, &mut self.names);
                let aim = site.aim(&plan, |host| {
                    let known = names.entry(host.to_owned());
                    known.or_insert_with(|| site.resolve(host).map(Arc::new)).clone()
                });
                let judged = self.ask(&aim.targets, need.protocol, ports);
                (aim, judged, None)
            }
        };
        Some(self.tell(need, plan, ports, aim, &judged, exit))
    }

    fn ask(&mut self, targets: &BTreeSet<Target>, protocol: Protocol, ports: Ports) -> Arc<Judged> {
        let units = units(ports);
        let ranges = units.iter().map(|ports| (ports.from, ports.to)).collect();
        let question = (targets.iter().copied().collect(), protocol, ranges);
        let site = self.site;
        let judged = self
            .asked
            .entry(question)
            .or_insert_with(|| Arc::new(Judged::of(site.world, &site.subnets, targets, protocol, &units)));
        Arc::clone(judged)
    }

    fn front(&self, registrations: &[String]) -> Arc<Judged> {
        let fronts = || self.shared.fronts.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (self.site.databricks.account.clone(), registrations.to_vec());
        if let Some(known) = fronts().get(&key) {
            return Arc::clone(known);
        }
        let judged = Arc::new(self.site.front(registrations));
        Arc::clone(fronts().entry(key).or_insert(judged))
    }

    /// Joins what is known of a need.
    fn tell(
        &self,
        need: &'static Need,
        plan: Plan,
        ports: Ports,
        aim: Aim,
        judged: &Judged,
        exit: Option<Exit>,
    ) -> RequiredPath {
        let site = self.site;
        let outward = need.to != To::FrontEnd;
        let every = || site.subnets.iter().map(|subnet| subnet.id.to_owned());
        let mut told = Told { gaps: judged.gaps.clone(), blockers: aim.blockers, ..Told::default() };
        let named = !told.blockers.is_empty();
        told.blockers.extend(judged.merge.told(need.protocol));
        told.subnets.clone_from(&judged.subnets);
        if named {
            told.subnets.extend(every());
        }
        told.gaps.extend(aim.gaps);
        if outward {
            told.gaps.extend(site.gaps.iter().cloned());
        }
        for endpoint in judged.endpoints.keys().chain(&aim.endpoints).copied().collect::<BTreeSet<_>>() {
            let vetted = site.vet(need, endpoint);
            if !vetted.blockers.is_empty() {
                match judged.endpoints.get(&endpoint) {
                    Some(subnets) => told.subnets.extend(subnets.iter().cloned()),
                    None => told.subnets.extend(every()),
                }
            }
            told.policies.extend(vetted.hops);
            told.blockers.extend(vetted.blockers);
            told.gaps.extend(vetted.gaps);
        }
        let mut verdict = judged.verdict;
        if judged.example.is_none() && exit.is_none() && told.blockers.is_empty() && told.gaps.is_empty() {
            told.gaps.push(site.unsaid("where its nodes are"));
        }
        if !told.blockers.is_empty() {
            verdict = Verdict::Unreachable;
        } else if !told.gaps.is_empty() {
            verdict = verdict.and(Verdict::Unknown);
        }
        if let Some(doubt) = plan.doubt.filter(|_| verdict != Verdict::Reachable) {
            // perhaps the workspace does not need it
            verdict = Verdict::Unknown;
            told = Told { gaps: vec![doubt], policies: told.policies, ..Told::default() };
        }
        told.gaps.sort();
        told.gaps.dedup();
        let part = !judged.failed.is_empty() && judged.failed != judged.asked && !told.subnets.is_empty();
        RequiredPath {
            workspace: site.workspace,
            network: site.network,
            name: need.name,
            title: need.title,
            breaks: need.breaks,
            trust: need.trust,
            protocol: need.protocol,
            ports: vec![ports],
            hosts: plan.hosts,
            verdict,
            blockers: told.blockers,
            gaps: told.gaps,
            exits: judged.exits.iter().copied().chain(exit).collect(),
            blocked_subnets: told.subnets.into_iter().collect(),
            blocked_ports: if part && !named { words(&judged.failed) } else { String::new() },
            names: aim.names,
            policies: told.policies,
            example: judged.example.map(|(_, flow)| flow),
        }
    }
}

/// What a path says of its verdict.
#[derive(Default)]
struct Told {
    blockers: Vec<Blocker>,
    gaps: Vec<Arc<Gap>>,
    policies: Vec<Hop>,
    subnets: BTreeSet<String>,
}

/// The ports to ask: each on its own where they are few.
fn units(ports: Ports) -> Vec<Ports> {
    if ports.to - ports.from < FEW { (ports.from..=ports.to).map(Ports::one).collect() } else { vec![ports] }
}
