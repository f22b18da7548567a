//! Who on the internet reaches nodes: at interfaces that have a public address, and at nodes that
//! would get one if they were started.

use std::sync::Arc;

use super::{Door, Ingress, Scene, Span, sorted};
use crate::estate::aws::tag;
use crate::estate::{Gap, Operation, Reason};
use crate::reach::address::Ip;
use crate::reach::flow::{Goal, Node};
use crate::reach::index::{Holder, Kind};

impl Scene<'_, '_> {
    pub(super) fn ingress_internet(&self) -> Ingress {
        let mut ingress = Ingress { gaps: self.gaps.clone(), ..Ingress::default() };
        let world = self.world;
        ingress.gaps.extend(world.estate().aws.interfaces.complete(&self.place).err());
        for cluster in &self.clusters {
            let Some(first) = cluster.nodes.first() else { continue };
            for holder in world.index().members.get(&first.subnet).into_iter().flatten() {
                if let (_, Holder::Interface(row)) = holder {
                    self.interface(&mut ingress, *row);
                }
            }
            self.node_to_be(&mut ingress, cluster.id, &cluster.nodes);
        }
        ingress.doors.sort_by(|a, b| (&a.resource, a.address).cmp(&(&b.resource, b.address)));
        ingress.doors.dedup_by(|a, b| (&a.resource, a.address) == (&b.resource, b.address));
        ingress.gaps = sorted(ingress.gaps);
        ingress
    }

    /// An interface in a cluster subnet, if it is that of a node and has a public address.
    fn interface(&self, ingress: &mut Ingress, row: u32) {
        let Some(interface) = self.world.index().interface(row) else { return };
        let Some((_, address)) = interface.publics.first().copied() else { return };
        if interface.kind != Kind::Plain || !self.is_node(row) {
            return;
        }
        let reach = self.world.strangers_reaching(Goal::Interface(row));
        let mut span = Span::default();
        span.add_all(&reach);
        let resource = self.world.at_interface(row).resource;
        self.door(ingress, Door { resource, address: Some(address), span }, reach.gaps);
    }

    fn door(&self, ingress: &mut Ingress, door: Door, gaps: Vec<Arc<Gap>>) {
        if !door.span.unsure.is_empty() {
            ingress.gaps.extend(gaps);
        }
        if !door.span.is_empty() {
            ingress.doors.push(door);
        }
    }

    /// Whether an interface is that of a node: it has a group of the nodes, or Databricks launched
    /// its instance.
    fn is_node(&self, row: u32) -> bool {
        let aws = &self.world.estate().aws;
        let Ok(body) = aws.interfaces.row(row).body.known() else { return false };
        let grouped = body.groups.iter().any(|pair| self.config.security_group_ids.contains(&pair.group_id));
        let instance = body.attachment.as_ref().and_then(|attachment| attachment.instance_id.as_deref());
        let launched = || {
            let instance = aws.instances.number(instance?).map(|row| aws.instances.row(row).body.known());
            Some(tag(&instance?.ok()?.tags, "Vendor") == Some("Databricks"))
        };
        grouped || launched() == Some(true)
    }

    /// A node that may be started in a subnet, if it would get a public address.
    fn node_to_be(&self, ingress: &mut Ingress, id: &str, nodes: &[Node]) {
        let aws = &self.world.estate().aws;
        let Some(row) = aws.subnets.number(id).map(|row| aws.subnets.row(row)) else { return };
        let mapped = row.body.known().ok().and_then(|subnet| subnet.map_public_ip_on_launch);
        let told = self.no_public_ip == Some(false) || mapped == Some(true);
        if !told && (self.no_public_ip == Some(true) || mapped == Some(false)) {
            return;
        }
        let stranger = Ip(self.world.internet().0 ^ 1);
        let mut span = Span::default();
        for node in nodes {
            let node = Node { public: Some(stranger), ..*node };
            let reach = self.world.strangers_reaching(Goal::Node(node));
            span.add_all(&reach);
            if !reach.lost.is_empty() || reach.parts.iter().any(|part| !part.unsure.is_empty()) {
                ingress.gaps.extend(reach.gaps);
            }
        }
        if told {
            self.door(ingress, Door { resource: id.to_owned(), address: None, span }, Vec::new());
        } else if !span.is_empty() {
            let gap = Gap::new(Operation::DescribeSubnets, row.place.scope().of(id), Reason::NotCollected);
            ingress.gaps.push(gap.because("the answer does not say whether it gives out public addresses").shared());
        }
    }
}
