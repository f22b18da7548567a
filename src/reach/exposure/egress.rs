//! What nodes reach on the internet, and by which way.

use std::collections::BTreeSet;

use super::{Egress, FirewallBypass, Scene, SubnetEgress, sorted};
use crate::reach::flow::{Flow, Goal, Node, Start};
use crate::reach::index::table::Pick;
use crate::reach::required::Exit;
use crate::reach::set::{FlowSet, Zone};

impl Scene<'_, '_> {
    pub(super) fn egress(&self) -> Egress {
        let mut egress = Egress { gaps: self.gaps.clone(), ..Egress::default() };
        for cluster in &self.clusters {
            let mut own = SubnetEgress { subnet: cluster.id.to_owned(), ..SubnetEgress::default() };
            for node in &cluster.nodes {
                let reach = self.world.strangers_reached(Start::Node(*node), None);
                let mut reached = FlowSet::default();
                let mut unsure = !reach.lost.is_empty();
                for part in reach.parts.iter().filter(|part| part.zone == Zone::Internet) {
                    reached = reached.or(&part.sure).or(&part.unsure);
                    unsure |= !part.unsure.is_empty();
                    if part.inspected { &mut own.inspected } else { &mut own.uninspected }
                        .add(&part.sure, &part.unsure);
                }
                // nobody knows where it goes: perhaps there
                own.uninspected.add(&FlowSet::default(), &reach.lost);
                egress.to_internet_by.extend(self.exits(node, &reached));
                if unsure {
                    egress.gaps.extend(reach.gaps);
                }
            }
            egress.uninspected.add(&own.uninspected.sure, &own.uninspected.unsure);
            egress.inspected.add(&own.inspected.sure, &own.inspected.unsure);
            egress.subnets.push(own);
        }
        egress.gaps = sorted(egress.gaps);
        egress
    }

    /// By which ways a node reaches these flows: one for each route of its subnet is asked.
    fn exits(&self, node: &Node, reached: &FlowSet) -> BTreeSet<Exit> {
        let index = self.world.index();
        let table = index.subnet(node.subnet).and_then(|subnet| index.table(*subnet.table.as_ref().ok()?));
        let Some(table) = table else { return BTreeSet::new() };
        let addresses = reached.addresses();
        let mut exits = BTreeSet::new();
        let mut asked = Vec::new();
        for route in &table.routes {
            if asked.contains(&&route.target) {
                continue;
            }
            asked.push(&route.target);
            let leads = |pick: &Pick| match pick {
                Pick::One(number) => {
                    table.routes.get(*number as usize).is_some_and(|other| other.target == route.target)
                }
                _ => false,
            };
            let Some(ip) = table.lookup.region(leads).and(&addresses).first_beside(&index.owned) else { continue };
            let service = reached.ranges().find(|(_, _, set)| set.contains(ip)).map(|(first, _, _)| first);
            let Some(service) = service else { continue };
            let (protocol, port) = (service.protocol(), service.port());
            let flow = Flow { from: Start::Node(*node), to: Goal::Address(ip), protocol, port, source_port: None };
            exits.extend(self.world.look(&flow).exit(self.world, &flow));
        }
        exits
    }
}

impl FirewallBypass {
    /// Of the subnets of one network.
    pub(super) fn of(subnets: &[SubnetEgress]) -> Self {
        let names = |holds: fn(&SubnetEgress) -> bool| -> Vec<String> {
            subnets.iter().filter(|subnet| holds(subnet)).map(|subnet| subnet.subnet.clone()).collect()
        };
        let inspected = names(|subnet| !subnet.inspected.is_empty());
        if inspected.is_empty() {
            return Self::default();
        }
        Self {
            inspected,
            bypassing: names(|subnet| !subnet.uninspected.sure.is_empty()),
            unsure: names(|subnet| subnet.uninspected.sure.is_empty() && !subnet.uninspected.unsure.is_empty()),
        }
    }
}
