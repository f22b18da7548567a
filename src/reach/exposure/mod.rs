//! What the nodes of one network configuration are exposed to: what they reach on the internet and
//! by which way, who on the internet reaches them, which joined networks and which other workspaces
//! do. Exact sets, sure and unsure apart.
//!
//! Input: the network and a row of the network configurations. Output: an [`Exposure`]. An empty
//! set with no gap beside it is empty; what was not collected is never taken for nobody.

mod admitted;
mod egress;
mod ingress;
mod neighbour;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::World;
use super::address::Ip;
use super::flow::Node;
use super::required::Exit;
use super::required::site::{Cluster, place_of, senders};
use super::set::{FlowSet, Reach};
use crate::estate::databricks::Network;
use crate::estate::{Gap, Known, Operation, Place, Reason};

/// Flows that certainly pass, and those that pass unless something that is not known stops them;
/// the sure ones are left out of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Certainly.
    pub sure: FlowSet,
    /// Perhaps.
    pub unsure: FlowSet,
}

impl Span {
    /// Whether nothing passes, for all that is known.
    pub fn is_empty(&self) -> bool {
        self.sure.is_empty() && self.unsure.is_empty()
    }

    /// The services that pass for sure, or else perhaps, in words: `tcp/443`.
    pub fn words(&self) -> String {
        let set = if self.sure.is_empty() { &self.unsure } else { &self.sure };
        set.pieces().into_iter().map(|(services, _)| services).collect::<Vec<_>>().join(", ")
    }

    fn add(&mut self, sure: &FlowSet, unsure: &FlowSet) {
        self.sure = self.sure.or(sure);
        self.unsure = self.unsure.or(unsure).without(&self.sure);
    }

    /// Every part of a reach, and what is lost of it.
    fn add_all(&mut self, reach: &Reach) {
        for part in &reach.parts {
            self.add(&part.sure, &part.unsure);
        }
        self.add(&FlowSet::default(), &reach.lost);
    }
}

/// What is exposed of one network configuration.
#[derive(Clone, Debug, Default)]
pub struct Exposure {
    /// What nodes reach on the internet.
    pub egress: Egress,
    /// Who on the internet reaches nodes.
    pub ingress_internet: Ingress,
    /// Who in VPCs that are joined to the VPC, and on premises, reaches nodes. Other subnets of the
    /// VPC itself are not among them.
    pub ingress_networks: Neighbours,
    /// Nodes of other workspaces that reach nodes of this one.
    pub other_workspaces: Neighbours,
    /// Subnets that a firewall inspects beside others that go past it.
    pub firewall_bypass: FirewallBypass,
}

/// What nodes reach on the internet: public addresses that nobody in the evidence has.
#[derive(Clone, Debug, Default)]
pub struct Egress {
    /// Past no firewall.
    pub uninspected: Span,
    /// Past a firewall that inspects.
    pub inspected: Span,
    /// By which ways: NAT, the internet gateway itself, past a firewall.
    pub to_internet_by: BTreeSet<Exit>,
    /// The same by subnet, in the order of the network configuration.
    pub subnets: Vec<SubnetEgress>,
    /// What is not known.
    pub gaps: Vec<Arc<Gap>>,
}

/// What nodes of one subnet reach on the internet.
#[derive(Clone, Debug, Default)]
pub struct SubnetEgress {
    /// Id of the subnet.
    pub subnet: String,
    /// Past no firewall.
    pub uninspected: Span,
    /// Past a firewall that inspects.
    pub inspected: Span,
}

/// Who on the internet reaches nodes.
#[derive(Clone, Debug, Default)]
pub struct Ingress {
    /// Interfaces, and subnets where a node that is started would be reached; sorted.
    pub doors: Vec<Door>,
    /// What is not known.
    pub gaps: Vec<Arc<Gap>>,
}

/// Where the internet comes in.
#[derive(Clone, Debug)]
pub struct Door {
    /// Id of the interface; of the subnet for a node that may be started there.
    pub resource: String,
    /// Public address of the interface.
    pub address: Option<Ip>,
    /// Services, and the addresses that reach them.
    pub span: Span,
}

/// Networks that reach nodes.
#[derive(Clone, Debug, Default)]
pub struct Neighbours {
    /// Those that do, sorted.
    pub list: Vec<Neighbour>,
    /// What is not known.
    pub gaps: Vec<Arc<Gap>>,
}

/// A network that reaches nodes.
#[derive(Clone, Debug)]
pub struct Neighbour {
    /// The VPC, the gateway or attachment of a network outside AWS, or the network configuration.
    pub id: String,
    /// Rows of the workspaces whose nodes run there, when it is a network configuration.
    pub workspaces: Vec<u32>,
    /// Services, and the addresses that reach them.
    pub span: Span,
}

/// Subnets of one network of which some go past a firewall and others do not.
#[derive(Clone, Debug, Default)]
pub struct FirewallBypass {
    /// Whose way to the internet is inspected.
    pub inspected: Vec<String>,
    /// From which the internet is reached past the firewall; empty when no subnet is inspected.
    pub bypassing: Vec<String>,
    /// From which it may be.
    pub unsure: Vec<String>,
}

/// What every part of an exposure looks at.
struct Scene<'w, 'e> {
    world: &'w World<'e>,
    network: u32,
    config: &'e Network,
    place: Place,
    /// Number of the VPC.
    vpc: u32,
    clusters: Vec<Cluster<'e>>,
    /// Number of the set of the nodes' groups.
    groups: Option<u32>,
    /// What the workspaces say of public addresses.
    no_public_ip: Option<bool>,
    /// What is missing for all parts.
    gaps: Vec<Arc<Gap>>,
}

impl World<'_> {
    /// What the nodes of a network configuration (row) are exposed to; computed once, then kept.
    pub fn exposure(&self, network: u32) -> Arc<Exposure> {
        let count = self.estate().databricks.networks.rows().len();
        let kept = self.index().exposures.get_or_init(|| (0..count).map(|_| OnceLock::new()).collect());
        let compute =
            || Arc::new(Scene::of(self, network).map_or_else(|gap| Exposure::unknown(&gap), |scene| scene.exposure()));
        kept.get(network as usize).map_or_else(compute, |place| Arc::clone(place.get_or_init(compute)))
    }
}

impl Exposure {
    fn unknown(gap: &Arc<Gap>) -> Self {
        let gaps = vec![Arc::clone(gap)];
        Self {
            egress: Egress { gaps: gaps.clone(), ..Egress::default() },
            ingress_internet: Ingress { gaps: gaps.clone(), ..Ingress::default() },
            ingress_networks: Neighbours { gaps: gaps.clone(), ..Neighbours::default() },
            other_workspaces: Neighbours { gaps, ..Neighbours::default() },
            firewall_bypass: FirewallBypass::default(),
        }
    }
}

impl<'w, 'e> Scene<'w, 'e> {
    fn of(world: &'w World<'e>, network: u32) -> Known<Self> {
        let estate = world.estate();
        let row = estate.databricks.networks.row(network);
        let config = row.body.known()?;
        let users = estate.graph.workspaces_of_network.get(&row.id).into_iter().flatten();
        let bodies = users.filter_map(|row| estate.databricks.workspaces.row(*row).body.known().ok());
        let no_public_ip = bodies.clone().filter_map(|body| body.is_no_public_ip_enabled).min();
        let region = bodies.clone().find_map(|body| body.aws_region.as_deref());
        let place = place_of(estate, config, region);
        let id = config.vpc_id.as_deref().ok_or_else(|| {
            let gap = Gap::new(Operation::ListNetworks, row.place.scope().of(&row.id), Reason::NotCollected);
            gap.because("Databricks manages its VPC, which no answer describes").shared()
        })?;
        estate.aws.vpcs.body(id, &place)?;
        let vpc = world
            .vpc(id)
            .ok_or_else(|| Gap::new(Operation::DescribeVpcs, place.scope().of(id), Reason::NotCollected).shared())?;
        let (clusters, gaps) = senders(world, network, &place, no_public_ip)?;
        let ids: Vec<&str> = config.security_group_ids.iter().map(String::as_str).collect();
        let groups = world.group_set(&ids).filter(|_| !ids.is_empty());
        Ok(Self { world, network, config, place, vpc, clusters, groups, no_public_ip, gaps })
    }

    fn exposure(&self) -> Exposure {
        let egress = self.egress();
        let firewall_bypass = FirewallBypass::of(&egress.subnets);
        Exposure {
            egress,
            ingress_internet: self.ingress_internet(),
            ingress_networks: self.ingress_networks(),
            other_workspaces: self.other_workspaces(),
            firewall_bypass,
        }
    }

    fn nodes(&self) -> impl Iterator<Item = Node> + '_ {
        self.clusters.iter().flat_map(|cluster| cluster.nodes.iter().copied())
    }
}

fn sorted(mut gaps: Vec<Arc<Gap>>) -> Vec<Arc<Gap>> {
    gaps.sort();
    gaps.dedup();
    gaps
}
