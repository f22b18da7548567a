//! One packet through the network, there and back: the semantics of the AWS documentation, in one
//! place for both views. Order: source/destination check, security groups out, network ACL out,
//! route table, gateway …, network ACL in, security groups in; the reply walks back past every
//! network ACL and route table, and past no security group.
//!
//! The walk finds the way; what a filter on the way says is left to the recorder: see [`record`].
//! It refuses to go on where the way itself is not known: the answer is then unknown.

mod deliver;
mod gateway;
pub(crate) mod quick;
pub(crate) mod record;
mod step;
pub(crate) mod trace;
mod transit;

use std::sync::Arc;

use record::{AclUse, Addr, End, GroupUse, Link, Port, Record, Whose};

use super::address::{Ip, IpSet};
use super::code::Code;
use super::flow::{Arrival, Blocker, Component, Flow, Goal, Hop, Leg, Node, Passage, Start};
use super::index::{Index, Kind};
use super::service::Service;
use super::traffic::Direction;
use super::world::{At, Told, World};
use crate::estate::Gap;

/// How many components a packet may pass; AWS networks are far shallower.
const STEPS: usize = 40;

/// A translation that the reply must undo.
#[derive(Clone, Copy, Debug)]
enum Session {
    /// An internet gateway made `client` public.
    Internet { vpc: u32, client: Addr },
    /// An egress-only internet gateway let it out.
    EgressOnly { vpc: u32, row: Option<u32> },
    /// A NAT gateway (number) took its own address.
    Nat { nat: u32, client: Addr, port: Port },
}

/// Something that keeps state and must see the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inspector {
    /// Row of the interface.
    Appliance(u32),
    /// Row of the endpoint.
    Firewall(u32),
}

/// Where the packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// About to leave something in a subnet.
    Subnet { vpc: u32, subnet: u32 },
    /// Came in through a gateway or a peering connection: only the VPC itself is beyond.
    Edge { vpc: u32, table: Option<u32> },
    /// Reached a transit gateway through this attachment (number).
    Transit { attachment: u32, zone: Option<u32> },
}

/// How a leg ends.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// It arrives.
    Arrived(Arrival),
    /// It is dropped; the blocker is recorded.
    Dropped,
    /// Where it goes is not known; the gap is recorded.
    Lost,
}

/// What one step leads to.
enum Next {
    Go(Spot),
    End(Outcome),
}

/// How the packet came into the VPC where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entered {
    Started,
    Transit,
    Peering,
    Vpn,
    Internet,
}

/// One walk.
pub(crate) struct Walk<'w, 'e, R> {
    w: &'w World<'e>,
    r: R,
    flow: Flow,
    service: Service,
    leg: Leg,
    src: Addr,
    dst: Addr,
    port: Port,
    sessions: Vec<Session>,
    inspectors: Vec<Inspector>,
    link: Link,
    entered: Entered,
    visited: Vec<(Spot, Ip)>,
}

impl<'w, 'e, R: Record> Walk<'w, 'e, R> {
    /// Walks a flow there and back.
    pub(crate) fn run(w: &'w World<'e>, flow: Flow, recorder: R) -> (R, Arrival) {
        let src = Addr { ip: w.start_address(&flow.from), end: Some(End::Client) };
        let dst = Addr { ip: w.goal_address(&flow.to, &flow.from, src.ip), end: Some(End::Server) };
        let service = Service::new(flow.protocol, flow.port);
        let mut walk = Self {
            w,
            r: recorder,
            flow,
            service,
            leg: Leg::Forward,
            src,
            dst,
            port: Port::Request,
            sessions: Vec::new(),
            inspectors: Vec::new(),
            link: Link::Kept,
            entered: Entered::Started,
            visited: Vec::new(),
        };
        let arrival = walk.both_ways();
        (walk.r, arrival)
    }

    fn both_ways(&mut self) -> Arrival {
        let leaving = self.r.mark();
        let asked = self.dst;
        let mut outcome = self.depart();
        self.groups_out(leaving, asked, &outcome);
        if outcome == Outcome::Dropped && R::TELLS {
            outcome = self.presume();
        }
        self.r.turn();
        let Outcome::Arrived(arrival) = outcome else { return Arrival::Nowhere };
        if !self.r.is_settled() {
            self.come_back(&arrival);
        }
        arrival
    }

    /// The request, from where it starts.
    fn depart(&mut self) -> Outcome {
        let (ip, other) = (self.dst.ip, self.src.ip);
        for addr in [self.src, self.dst] {
            self.branch(addr, || {
                let itself = IpSet::one(if addr.end == Some(End::Client) { ip } else { other });
                if ip == other { itself } else { IpSet::all().without(&itself) }
            });
        }
        if ip == other {
            return self
                .drop(Code::NoPossibleDestination, |_| At::named(ip).says("source and destination are one address"));
        }
        match self.flow.from {
            Start::Interface(row, _) => self.depart_interface(row),
            Start::Node(node) => match self.index().subnet(node.subnet) {
                Some(subnet) => {
                    let spot = Spot::Subnet { vpc: subnet.vpc, subnet: node.subnet };
                    let from = self.src.ip;
                    self.hop(Component::Subnet, |w| w.at_subnet(node.subnet).says(format!("a node sends from {from}")));
                    self.travel(spot)
                }
                None => self.lose(&self.w.unread_subnet(node.subnet)),
            },
            Start::Internet(_) => self.arrive_from_internet(),
            Start::VpnGateway { vpc, .. } => {
                self.entered = Entered::Vpn;
                self.hop(Component::OnPremises, |w| {
                    w.at_vpn_gateway(vpc).says("starts behind the virtual private gateway")
                });
                let table = self.w.vpn_gateway(vpc).and_then(|id| self.w.edge_table(&id));
                self.travel(Spot::Edge { vpc, table })
            }
            Start::Attachment { row, .. } => match self.w.attachment_of_row(row) {
                Some(attachment) => {
                    self.entered = Entered::Vpn;
                    self.hop(Component::OnPremises, |w| {
                        w.at_attachment(attachment).says("starts behind the attachment")
                    });
                    self.travel(Spot::Transit { attachment, zone: None })
                }
                None => self.lose(&self.w.unread_attachment(row)),
            },
        }
    }

    fn depart_interface(&mut self, row: u32) -> Outcome {
        let Some(interface) = self.index().interface(row) else { return self.lose(&self.w.unread_interface(row)) };
        let (vpc, subnet) = (interface.vpc, interface.subnet.clone());
        let own = interface.addresses.contains(&self.src.ip);
        let (check, kind) = (interface.check, interface.kind);
        let from = self.src.ip;
        self.hop(Component::Interface, |w| w.at_interface(row).says(format!("sends from {from}")));
        if matches!(kind, Kind::Endpoint(_) | Kind::UnlistedEndpoint) {
            self.block(Code::EndpointCannotStart, |w| {
                w.at_interface(row).says("an endpoint answers, it never starts a connection")
            });
        }
        if !own && check {
            self.block(Code::SourceDestCheck, |w| {
                w.at_interface(row)
                    .says(format!("{from} is not its own address, and the source/destination check is on"))
            });
        }
        match subnet {
            Ok(subnet) => self.travel(Spot::Subnet { vpc, subnet }),
            Err(gap) => self.lose(&gap),
        }
    }

    /// The security groups of the sender, judged once it is known whom they may refer to.
    fn groups_out(&mut self, at: record::Mark, asked: Addr, outcome: &Outcome) {
        let (set, holder) = match self.flow.from {
            Start::Interface(row, _) => (self.index().interface(row).and_then(|i| i.groups), Whose::Interface(row)),
            Start::Node(node) => (node.groups, Whose::Node(node.subnet)),
            _ => return,
        };
        let Some(set) = set else { return };
        let other = match outcome {
            Outcome::Arrived(Arrival::Interface(row)) => self.index().interface(*row).and_then(|i| i.groups),
            Outcome::Arrived(Arrival::Node) => match self.flow.to {
                Goal::Node(node) => node.groups,
                _ => None,
            },
            // whom it does not reach it may still be meant for: a reference is not the blocker then
            _ => match self.flow.to {
                Goal::Interface(row) => self.index().interface(row).and_then(|i| i.groups),
                Goal::Node(node) => node.groups,
                _ => None,
            },
        };
        let link = if self.link == Link::Inbound { Link::Unsupported } else { self.link };
        let unseen = *outcome == Outcome::Lost && self.link != Link::Lost;
        let groups = GroupUse { set, direction: Direction::Egress, peer: asked, other, link, unseen, holder };
        // after the hop of the interface itself
        let at = record::Mark { hops: at.hops + 1, blockers: at.blockers + usize::from(self.starts_blocked()) };
        self.r.groups(self.w, &groups, Some(at));
    }

    /// Whether the start itself was a blocker, which then stands before its groups.
    fn starts_blocked(&self) -> bool {
        let Start::Interface(row, _) = self.flow.from else { return false };
        let Some(interface) = self.index().interface(row) else { return false };
        matches!(interface.kind, Kind::Endpoint(_) | Kind::UnlistedEndpoint)
            || interface.check && !interface.addresses.contains(&self.w.start_address(&self.flow.from))
    }

    /// After a drop on the way: what the named destination would say, so that every blocker is told.
    fn presume(&mut self) -> Outcome {
        let (vpc, subnet) = match self.flow.to {
            Goal::Interface(row) => match self.index().interface(row) {
                Some(interface) => (interface.vpc, interface.subnet.clone().ok()),
                None => return Outcome::Dropped,
            },
            Goal::Node(node) => match self.index().subnet(node.subnet) {
                Some(subnet) => (subnet.vpc, Some(node.subnet)),
                None => return Outcome::Dropped,
            },
            _ => return Outcome::Dropped,
        };
        let here = self.start_vpc();
        let translated = self.src.end.is_none() || self.dst.end.is_none();
        let (Some(subnet), Some(here), false) = (subnet, here, translated) else { return Outcome::Dropped };
        let direct = here == vpc || self.w.are_peers(here, vpc) || self.w.share_transit(here, vpc);
        if !direct || self.r.mark().blockers == 0 {
            return Outcome::Dropped;
        }
        self.link = if here == vpc { self.link } else { self.w.link_between(here, vpc) };
        self.enter_subnet(subnet);
        match self.deliver(vpc, subnet) {
            Next::End(outcome) => outcome,
            Next::Go(_) => Outcome::Dropped,
        }
    }

    fn start_vpc(&self) -> Option<u32> {
        match self.flow.from {
            Start::Interface(row, _) => self.index().interface(row).map(|interface| interface.vpc),
            Start::Node(node) => self.index().subnet(node.subnet).map(|subnet| subnet.vpc),
            _ => None,
        }
    }

    /// The reply, from where the request ended.
    fn come_back(&mut self, arrival: &Arrival) {
        self.leg = Leg::Return;
        std::mem::swap(&mut self.src, &mut self.dst);
        self.port =
            if self.sessions.iter().any(|s| matches!(s, Session::Nat { .. })) { Port::Nat } else { Port::Client };
        self.visited.clear();
        self.entered = Entered::Started;
        let outcome = match arrival {
            Arrival::Interface(row) => match self.index().interface(*row) {
                Some(interface) => match &interface.subnet {
                    Ok(subnet) => self.travel(Spot::Subnet { vpc: interface.vpc, subnet: *subnet }),
                    Err(gap) => {
                        let gap = Arc::clone(gap);
                        self.lose(&gap)
                    }
                },
                None => return,
            },
            Arrival::Node => {
                let Goal::Node(node) = self.flow.to else { return };
                let Some(subnet) = self.index().subnet(node.subnet) else { return };
                self.travel(Spot::Subnet { vpc: subnet.vpc, subnet: node.subnet })
            }
            Arrival::Internet => self.reply_from_internet(),
            Arrival::OnPremises(id) => self.reply_from_outside(id),
            Arrival::Service(row) => {
                let vpc = self.w.vpc_of_endpoint(*row);
                self.hop(Component::GatewayEndpoint, |w| w.at_endpoint(*row).says("the service answers"));
                match vpc {
                    Some(vpc) => self.travel(Spot::Edge { vpc, table: None }),
                    None => return,
                }
            }
            Arrival::Nowhere => return,
        };
        if let Outcome::Arrived(arrival) = outcome {
            self.check_return(&arrival);
        }
    }

    /// Whether the reply ended where the request began.
    fn check_return(&mut self, arrival: &Arrival) {
        let home = match (self.flow.from, arrival) {
            (Start::Interface(row, _), Arrival::Interface(at)) => row == *at,
            (Start::Node(_), Arrival::Node) => true,
            (Start::Internet(_), Arrival::Internet) => true,
            (Start::VpnGateway { .. } | Start::Attachment { .. }, Arrival::OnPremises(_)) => true,
            _ => false,
        };
        let to = self.dst.ip;
        if !home {
            self.block(Code::ReturnMismatch, |w| {
                let at = w.at_arrival(arrival);
                let detail = format!("the reply to {to} ends at {}, not where the request came from", at.resource);
                at.says(detail)
            });
        } else if let Some(left) = self.inspectors.last().copied() {
            self.block(Code::ReturnMismatch, |w| {
                w.at_inspector(left).says(
                    "the request passed it and the reply does not: what keeps state drops one half of a connection",
                )
            });
        }
    }

    // -------------------------------------------------------------- what every step needs

    fn index(&self) -> &'w Index {
        self.w.index()
    }

    /// Judges the ACL of a subnet that the packet leaves.
    fn leave_subnet(&mut self, subnet: u32) {
        let acl = AclUse { subnet, direction: Direction::Egress, peer: self.dst, port: self.port };
        self.r.acl(self.w, &acl);
    }

    /// Judges the ACL of a subnet that the packet enters.
    fn enter_subnet(&mut self, subnet: u32) {
        let acl = AclUse { subnet, direction: Direction::Ingress, peer: self.src, port: self.port };
        self.r.acl(self.w, &acl);
    }

    /// Narrows the addresses for which the walk goes this way.
    fn branch(&mut self, addr: Addr, region: impl FnOnce() -> IpSet) {
        if addr.end.is_some() {
            self.r.branch(addr, region);
        }
    }

    fn hop(&mut self, component: Component, tell: impl FnOnce(&World<'e>) -> Told) {
        let (leg, w) = (self.leg, self.w);
        self.r.hop(|| {
            let Told { resource, detail, origin } = tell(w);
            Hop { leg, component, resource, decision: detail, passage: Passage::Passed, origin }
        });
    }

    fn block(&mut self, code: Code, tell: impl FnOnce(&World<'e>) -> Told) {
        let (leg, w) = (self.leg, self.w);
        self.r.block(|| {
            let Told { resource, detail, origin } = tell(w);
            Blocker { code, resource, leg, detail, origin }
        });
    }

    fn drop(&mut self, code: Code, tell: impl FnOnce(&World<'e>) -> Told) -> Outcome {
        self.block(code, tell);
        Outcome::Dropped
    }

    fn lose(&mut self, gap: &Arc<Gap>) -> Outcome {
        self.r.gap(gap);
        Outcome::Lost
    }
}

impl Node {
    /// The address by which the internet knows it.
    pub(crate) fn public_address(&self) -> Ip {
        self.public.unwrap_or(self.address)
    }
}
