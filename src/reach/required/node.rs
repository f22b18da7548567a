//! Node to node: every port of one protocol between all cluster subnets of a workspace.
//!
//! Ports are cut where a filter on the way draws an edge, so that one port of a piece stands for
//! all of it. Each filter looks at the address of one end alone; so every part of a subnet is held
//! against one part of the other, and not against all of them.

use std::sync::Arc;

use super::ask::Judged;
use super::site::Cluster;
use crate::estate::Gap;
use crate::reach::World;
use crate::reach::address::Ip;
use crate::reach::flow::{Blocker, Flow, Goal, Hop, Node, Start};
use crate::reach::service::Service;
use crate::reach::traffic::{Ports, Protocol};
use crate::reach::walk::Walk;
use crate::reach::walk::record::{AclUse, GroupUse, Mark, Port, Record};

impl Judged {
    /// Looks at every port of the protocol between the nodes of the subnets.
    pub(super) fn nodes(world: &World<'_>, subnets: &[Cluster<'_>], protocol: Protocol) -> Self {
        let mut judged = Self::default();
        for from in subnets {
            for to in subnets {
                for (sender, receiver) in pairs(world, &from.nodes, &to.nodes) {
                    let flow = |port| Flow {
                        from: Start::Node(sender),
                        to: Goal::Node(receiver),
                        protocol,
                        port,
                        source_port: None,
                    };
                    for ports in Edges::cut(world, flow(0)) {
                        judged.ask(world, from.id, &flow(ports.from), ports);
                    }
                }
            }
        }
        judged
    }
}

/// Every sender with the first receiver, and every receiver with the first sender.
fn pairs(world: &World<'_>, from: &[Node], to: &[Node]) -> Vec<(Node, Node)> {
    let (Some(first), Some(last)) = (from.first(), to.first()) else { return Vec::new() };
    let senders = from.iter().map(|node| (*node, *last));
    let receivers = to.iter().skip(1).map(|node| (*first, *node));
    // two nodes never share an address: the next one of the subnet stands for the other
    let apart = |(a, b): (Node, Node)| if a == b { Some((a, neighbour(world, b)?)) } else { Some((a, b)) };
    senders.chain(receivers).filter_map(apart).collect()
}

/// A node beside this one, in the same subnet.
fn neighbour(world: &World<'_>, node: Node) -> Option<Node> {
    let blocks = &world.index().subnet(node.subnet)?.blocks;
    let block = blocks.iter().find(|block| block.contains(node.address))?;
    let next = [node.address.0.checked_add(1), node.address.0.checked_sub(1)];
    let address = next.into_iter().flatten().map(Ip).find(|ip| block.first < *ip && *ip < block.last)?;
    Some(Node { address, ..node })
}

/// A recorder that keeps the ports at which some filter on the way changes its mind.
struct Edges {
    protocol: Protocol,
    starts: Vec<u16>,
}

impl Edges {
    fn cut(world: &World<'_>, flow: Flow) -> Vec<Ports> {
        let edges = Self { protocol: flow.protocol, starts: vec![0] };
        let Self { mut starts, .. } = Walk::run(world, flow, edges).0;
        starts.sort_unstable();
        starts.dedup();
        let ends = starts.iter().skip(1).map(|start| start - 1).chain([u16::MAX]);
        starts.iter().zip(ends).map(|(from, to)| Ports { from: *from, to }).collect()
    }

    fn range(&mut self, first: Service, last: Service) {
        let whole = Service::new(self.protocol, 0)..=Service::new(self.protocol, u16::MAX);
        if whole.contains(&first) {
            self.starts.push(first.port());
        }
        if whole.contains(&last) {
            self.starts.extend(last.port().checked_add(1));
        }
    }
}

impl Record for Edges {
    fn acl(&mut self, world: &World<'_>, r#use: &AclUse) {
        // replies go to ports that the request does not choose
        if r#use.port != Port::Request {
            return;
        }
        let row = world.index().subnet(r#use.subnet).and_then(|subnet| subnet.acl.as_ref().ok());
        let acl = row.and_then(|row| world.index().acls.get(*row as usize)?.as_ref());
        for rule in acl.into_iter().flat_map(|acl| acl.rules_of(r#use.direction)) {
            self.range(Service(*rule.services.start()), Service(*rule.services.end()));
        }
    }

    fn groups(&mut self, world: &World<'_>, r#use: &GroupUse, _at: Option<Mark>) {
        let side = world.index().groups.set(r#use.set).side(r#use.direction);
        let rules = side.rules.iter().map(|rule| &rule.services);
        let references = side.references.iter().map(|(services, _, _)| services);
        let unknown = side.unknown.iter().map(|(services, _)| services);
        for services in rules.chain(references).chain(unknown) {
            self.range(Service(*services.start()), Service(*services.end()));
        }
    }

    fn hop(&mut self, _make: impl FnOnce() -> Hop) {}

    fn block(&mut self, _make: impl FnOnce() -> Blocker) {}

    fn gap(&mut self, _gap: &Arc<Gap>) {}

    fn turn(&mut self) {}
}
