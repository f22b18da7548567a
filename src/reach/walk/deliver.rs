//! The last step: who has the address, and whether it takes the packet.

use std::sync::Arc;

use super::super::address::IpSet;
use super::super::code::Code;
use super::super::flow::{Arrival, Component, Goal, Leg, Node, Start};
use super::super::index::{Holder, Kind};
use super::super::traffic::Direction;
use super::record::{GroupUse, Link, Record, Whose};
use super::{Next, Outcome, Session, Spot, Walk};

impl<R: Record> Walk<'_, '_, R> {
    /// Hands the packet to whoever has its destination address in the subnet.
    pub(super) fn deliver(&mut self, vpc: u32, subnet: u32) -> Next {
        let dst = self.dst;
        if self.node_at(subnet, dst.ip) {
            self.branch(dst, || IpSet::one(dst.ip));
            return Next::End(self.deliver_to_node(subnet));
        }
        match self.index().holders.get(&(vpc, dst.ip)) {
            Some(Holder::Nat(nat)) => {
                self.branch(dst, || IpSet::one(dst.ip));
                self.deliver_to_nat(*nat)
            }
            Some(Holder::Interface(row)) => {
                let row = *row;
                self.branch(dst, || self.w.alike(subnet, row));
                Next::End(self.deliver_to_interface(row))
            }
            None => {
                let inside = self.index().vpc(vpc);
                if let Err(gap) = self.w.estate().aws.interfaces.complete_of(&inside.id, &inside.place) {
                    return Next::End(self.lose(&gap));
                }
                self.branch(dst, || self.w.unheld(subnet));
                Next::End(self.drop(Code::DestinationDoesNotExist, |w| {
                    w.at_subnet(subnet).says(format!("no interface in the subnet has {}", dst.ip))
                }))
            }
        }
    }

    /// Whether the node that the flow is about lies at this address.
    fn node_at(&self, subnet: u32, ip: super::super::address::Ip) -> bool {
        let here = |node: &Node| node.subnet == subnet && node.address == ip;
        match (self.leg, &self.flow.from, &self.flow.to) {
            (Leg::Forward, _, Goal::Node(node)) => here(node),
            (Leg::Return, Start::Node(node), _) => here(node),
            _ => false,
        }
    }

    fn deliver_to_node(&mut self, subnet: u32) -> Outcome {
        let at = self.dst.ip;
        if let (Leg::Forward, Goal::Node(Node { groups: Some(set), .. })) = (self.leg, self.flow.to) {
            self.groups_in(set, Whose::Node(subnet));
        }
        self.hop(Component::Subnet, |w| w.at_subnet(subnet).says(format!("a node takes it at {at}")));
        Outcome::Arrived(Arrival::Node)
    }

    fn deliver_to_nat(&mut self, nat: u32) -> Next {
        let session =
            self.sessions.iter().rposition(|s| matches!(s, Session::Nat { nat: number, .. } if *number == nat));
        let (Leg::Return, Some(at)) = (self.leg, session) else {
            return Next::End(self.drop(Code::NatNoSession, |w| {
                w.at_nat(nat).says("it takes replies alone, and nothing was asked from behind it")
            }));
        };
        let Session::Nat { client, port, .. } = self.sessions.remove(at) else { return Next::End(Outcome::Dropped) };
        let gateway = &self.index().nats[nat as usize];
        self.hop(Component::NatGateway, |w| {
            w.at_nat(nat).says(format!("translates the destination back to {}", client.ip))
        });
        self.dst = client;
        self.port = port;
        match (&gateway.subnet, gateway.vpc) {
            (Ok(subnet), Some(vpc)) => Next::Go(Spot::Subnet { vpc, subnet: *subnet }),
            (Err(gap), _) => {
                let gap = Arc::clone(gap);
                Next::End(self.lose(&gap))
            }
            (Ok(_), None) => Next::End(Outcome::Dropped),
        }
    }

    fn deliver_to_interface(&mut self, row: u32) -> Outcome {
        let Some(interface) = self.index().interface(row) else {
            let gap = self.w.unread_interface(row);
            return self.lose(&gap);
        };
        let at = self.dst.ip;
        if self.leg == Leg::Return {
            self.hop(Component::Interface, |w| w.at_interface(row).says(format!("takes the reply at {at}")));
            return Outcome::Arrived(Arrival::Interface(row));
        }
        if let Some(set) = interface.groups {
            self.groups_in(set, Whose::Interface(row));
        }
        if let Goal::Interface(wanted) = self.flow.to
            && wanted != row
        {
            return self.drop(Code::NoPossibleDestination, |w| {
                let wanted = w.at_interface(wanted).resource;
                w.at_interface(row).says(format!("{at} is this interface here, not {wanted}"))
            });
        }
        match interface.kind {
            Kind::Transit => {
                return self.drop(Code::NoPossibleDestination, |w| {
                    w.at_interface(row)
                        .says(format!("{at} belongs to a transit gateway attachment, which takes nothing itself"))
                });
            }
            Kind::UnlistedNat => {
                return self
                    .drop(Code::NatNoSession, |w| w.at_interface(row).says("a NAT gateway takes replies alone"));
            }
            Kind::UnlistedEndpoint => {
                let gap = self.w.gap_of_endpoint_of(row);
                self.r.gap(&gap);
            }
            Kind::Endpoint(endpoint) => self.deliver_to_endpoint(endpoint, row),
            Kind::Plain | Kind::Nat(_) => {
                self.hop(Component::Interface, |w| w.at_interface(row).says(format!("takes it at {at}")));
            }
        }
        Outcome::Arrived(Arrival::Interface(row))
    }

    fn deliver_to_endpoint(&mut self, endpoint: u32, interface: u32) {
        let (name, state) = match self.w.endpoint(endpoint) {
            Ok(body) => (&body.vpc_endpoint_id, &body.state),
            Err(gap) => return self.r.gap(&gap),
        };
        self.hop(Component::Endpoint, |w| {
            w.at_interface(interface).says(format!("{name}, {}", w.service_of(endpoint)))
        });
        if !state.eq_ignore_ascii_case("available") {
            self.block(Code::BadState, |w| w.at_endpoint(endpoint).says(format!("it is {state}, not available")));
        }
    }

    /// The security groups of the receiver.
    fn groups_in(&mut self, set: u32, holder: Whose) {
        let groups = GroupUse {
            set,
            direction: Direction::Ingress,
            peer: self.src,
            other: self.groups_of_sender(),
            link: self.link_inbound(),
            unseen: false,
            holder,
        };
        self.r.groups(self.w, &groups, None);
    }

    /// The security groups of the sender, as far as the receiver may refer to them.
    fn groups_of_sender(&self) -> Option<u32> {
        match self.flow.from {
            Start::Interface(row, _) => self.index().interface(row)?.groups,
            Start::Node(node) => node.groups,
            _ => None,
        }
    }

    fn link_inbound(&self) -> Link {
        match self.link {
            // what a gateway translated is no longer the address of the sender
            _ if self.src.end.is_none() => Link::Lost,
            Link::Inbound => Link::Kept,
            link => link,
        }
    }
}
