//! Who else reaches nodes: VPCs that are joined to their VPC, networks on premises, and the nodes of
//! other workspaces. Whoever the groups of the nodes cannot admit is not walked.

use std::sync::Arc;

use super::admitted::Admitted;
use super::{Neighbour, Neighbours, Scene, Span, sorted};
use crate::estate::Gap;
use crate::reach::address::{Block, Ip, IpSet};
use crate::reach::flow::Goal;
use crate::reach::required::around::Around;
use crate::reach::set::Reach;

impl Neighbours {
    fn add(&mut self, id: String, workspaces: Vec<u32>, span: Span) {
        if !span.is_empty() {
            self.list.push(Neighbour { id, workspaces, span });
        }
    }

    fn finish(mut self) -> Self {
        self.list.sort_by(|a, b| a.id.cmp(&b.id));
        self.gaps = sorted(self.gaps);
        self
    }
}

/// Adds who reaches one node, and why that is not sure where it is not.
fn add(span: &mut Span, gaps: &mut Vec<Arc<Gap>>, reach: Reach) {
    span.add_all(&reach);
    if !reach.lost.is_empty() || reach.parts.iter().any(|part| !part.unsure.is_empty()) {
        gaps.extend(reach.gaps);
    }
}

impl Scene<'_, '_> {
    /// What the VPC is joined to, if the groups of the nodes may admit anybody beyond it.
    fn surroundings(&self, admitted: &Admitted) -> Option<Around> {
        let inside = self.world.addresses_of(self.vpc);
        let own: Vec<String> =
            admitted.groups_in(self, &self.world.index().vpc(self.vpc).id).map(str::to_owned).collect();
        admitted.beyond(&inside, &own).then(|| self.world.around(self.vpc))
    }

    pub(super) fn ingress_networks(&self) -> Neighbours {
        let mut found = Neighbours { gaps: self.gaps.clone(), ..Neighbours::default() };
        let admitted = Admitted::of(self);
        let Some(around) = self.surroundings(&admitted) else { return found.finish() };
        found.gaps.extend(around.gaps.iter().cloned());
        for unseen in around.unseen.values() {
            if unseen.blocks.as_ref().is_none_or(|blocks| admitted.some_of(blocks)) {
                found.gaps.push(Arc::clone(&unseen.gap));
            }
        }
        for vpc in &around.vpcs {
            let (id, mut span) = (self.world.index().vpc(*vpc).id.clone(), Span::default());
            self.add_vpc(&admitted, *vpc, &mut span, &mut found.gaps);
            found.add(id, Vec::new(), span);
        }
        let within = admitted.addresses().and(&IpSet::family(Ip(0)));
        for outside in &around.outside {
            let mut span = Span::default();
            for node in self.nodes() {
                let reach = self.world.reachers_from(&within, |ip| outside.start(ip), Goal::Node(node), None);
                add(&mut span, &mut found.gaps, reach);
            }
            found.add(outside.id(self.world), Vec::new(), span);
        }
        found.finish()
    }

    /// Who in another VPC reaches nodes: whoever has an address there, and holders of groups that
    /// are referred to.
    fn add_vpc(&self, admitted: &Admitted, vpc: u32, span: &mut Span, gaps: &mut Vec<Arc<Gap>>) {
        let there = self.world.index().vpc(vpc);
        let mut groups = vec![None];
        groups.extend(admitted.groups_in(self, &there.id).map(|group| self.world.group_set(&[group])));
        for (block, subnet) in &there.subnets {
            for set in &groups {
                if set.is_none() && !admitted.some_of(&[*block]) {
                    continue;
                }
                for node in self.nodes() {
                    add(span, gaps, self.world.reachers_in_subnet(*subnet, *set, Goal::Node(node)));
                }
            }
        }
    }

    pub(super) fn other_workspaces(&self) -> Neighbours {
        let mut found = Neighbours { gaps: self.gaps.clone(), ..Neighbours::default() };
        let (world, estate) = (self.world, self.world.estate());
        let databricks = &estate.databricks.networks.row(self.network).place;
        found.gaps.extend(estate.databricks.networks.complete(databricks).err());
        found.gaps.extend(estate.databricks.workspaces.complete(databricks).err());
        let admitted = Admitted::of(self);
        let around = self.surroundings(&admitted).unwrap_or_default();
        for vpc in std::iter::once(&self.vpc).chain(&around.vpcs) {
            let networks = estate.graph.networks_of_vpc.get(&world.index().vpc(*vpc).id).into_iter().flatten();
            for row in networks.copied().filter(|row| *row != self.network) {
                self.add_network(&admitted, row, &mut found);
            }
        }
        found.finish()
    }

    /// Whether nodes of another network configuration reach nodes of this one.
    fn add_network(&self, admitted: &Admitted, row: u32, found: &mut Neighbours) {
        let (world, estate) = (self.world, self.world.estate());
        let network = estate.databricks.networks.row(row);
        let users = estate.graph.workspaces_of_network.get(&network.id).cloned().unwrap_or_default();
        let Ok(config) = network.body.known() else { return };
        if users.is_empty() {
            return;
        }
        let groups: Vec<&str> = config.security_group_ids.iter().map(String::as_str).collect();
        let referred = admitted.refers_to(&config.security_group_ids);
        let mut span = Span::default();
        for id in &config.subnet_ids {
            let Some(subnet) = world.subnet(id) else {
                found.gaps.extend(estate.aws.subnets.find(id, &self.place).err());
                continue;
            };
            let blocks: Vec<Block> =
                world.index().subnet(subnet).map(|subnet| subnet.blocks.clone()).unwrap_or_default();
            if !referred && !admitted.some_of(&blocks) {
                continue;
            }
            for node in self.nodes() {
                let reach = world.reachers_in_subnet(subnet, world.group_set(&groups), Goal::Node(node));
                add(&mut span, &mut found.gaps, reach);
            }
        }
        found.add(network.id.clone(), users, span);
    }
}
