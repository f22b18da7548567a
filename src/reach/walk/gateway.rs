//! Out to the internet and in from it: internet gateways with public addresses, egress-only
//! gateways, VPC Block Public Access. Source: AWS, "Connect to the internet using an internet
//! gateway", "Block public access to VPCs and subnets".

use super::super::address::{Ip, IpSet, not_public};
use super::super::code::Code;
use super::super::flow::{Arrival, Component, Leg, Start};
use super::super::index::Exposure;
use super::super::world::At;
use super::record::{Addr, Link, Record};
use super::{Entered, Next, Outcome, Session, Spot, Walk};

impl<R: Record> Walk<'_, '_, R> {
    /// From the VPC through its internet gateway.
    pub(super) fn out_to_internet(&mut self, id: &str, vpc: u32, subnet: Option<u32>) -> Next {
        let (src, dst) = (self.src, self.dst);
        for (is_in, code) in [
            (Ip::is_rfc1918 as fn(Ip) -> bool, Code::IgwDestinationRfc1918),
            (Ip::is_rfc6598, Code::IgwDestinationRfc6598),
        ] {
            if is_in(dst.ip) {
                self.branch(dst, || super::super::address::range_of(is_in));
                return Next::End(
                    self.drop(code, |w| w.at_gateway(id).says(format!("the internet does not carry {}", dst.ip))),
                );
            }
            self.branch(dst, || IpSet::all().without(&super::super::address::range_of(is_in)));
        }
        let attached = match &self.index().vpc(vpc).internet_gateway {
            Ok(Some(row)) => self.w.estate().aws.internet_gateways.row(*row).id == id,
            Ok(None) => false,
            // an active route leads to a gateway that is there; the reply will ask for it
            Err(_) => true,
        };
        if !attached {
            self.block(Code::IgwMissing, |w| {
                w.at_gateway(id).says(format!("it is not attached to {}", w.at_vpc(vpc).resource))
            });
        }
        let natted = self.is_nat(vpc, src.ip);
        self.block_public_access(id, vpc, subnet, natted, self.leg == Leg::Forward);
        self.hop(Component::InternetGateway, |w| w.at_gateway(id).says(format!("to {}", dst.ip)));
        if src.ip.is_v4() {
            match self.public_of(vpc, src.ip) {
                Some(public) => {
                    if self.leg == Leg::Forward {
                        self.sessions.push(Session::Internet { vpc, client: src });
                    }
                    self.src = Addr { ip: public, end: None };
                }
                None => {
                    if let Some(gap) = self.w.may_translate(&self.inspectors) {
                        return Next::End(self.lose(&gap));
                    }
                    self.block(Code::IgwPublicForEgress, |w| {
                        w.at_gateway(id).says(format!("{} has no public address", src.ip))
                    });
                    if self.leg == Leg::Forward {
                        self.sessions.push(Session::Internet { vpc, client: src });
                    }
                }
            }
        } else if self.leg == Leg::Forward {
            self.sessions.push(Session::Internet { vpc, client: src });
        }
        self.link = Link::Lost;
        self.on_the_internet(dst)
    }

    /// Beyond the gateway: the internet, or the internet gateway of another VPC.
    fn on_the_internet(&mut self, dst: Addr) -> Next {
        if let Some((vpc, private)) = self.index().publics.get(&dst.ip) {
            self.branch(dst, || IpSet::one(dst.ip));
            return self.in_from_internet(*vpc, *private);
        }
        let owned = &self.index().owned;
        self.r.beside_owned(dst, || IpSet::all().without(owned));
        if self.leg == Leg::Return && !matches!(self.flow.from, Start::Internet(_)) {
            let to = dst.ip;
            return Next::End(self.drop(Code::ReturnMismatch, |_| {
                At::named("internet")
                    .says(format!("the reply to {to} leaves for the internet, where nobody waits for it"))
            }));
        }
        self.hop(Component::Internet, |_| At::named("internet").says(dst.ip.to_string()));
        Next::End(Outcome::Arrived(Arrival::Internet))
    }

    /// A request that starts on the internet.
    pub(super) fn arrive_from_internet(&mut self) -> Outcome {
        let (src, dst) = (self.src, self.dst);
        self.hop(Component::Internet, |_| At::named("internet").says(format!("sends from {}", src.ip)));
        self.entered = Entered::Internet;
        self.link = Link::Lost;
        let owner = match self.flow.to {
            super::Goal::Node(node) => {
                let vpc = self.index().subnet(node.subnet).map(|subnet| subnet.vpc);
                vpc.map(|vpc| (vpc, node.address, node.public.is_some() || !node.address.is_v4()))
            }
            super::Goal::Interface(row) => self.index().interface(row).and_then(|interface| {
                let known = self.index().publics.get(&dst.ip);
                known.map_or_else(
                    || interface.addresses.first().map(|ip| (interface.vpc, *ip, false)),
                    |(vpc, private)| Some((*vpc, *private, true)),
                )
            }),
            _ => self.index().publics.get(&dst.ip).map(|(vpc, private)| (*vpc, *private, true)),
        };
        let next = match owner {
            Some((vpc, private, is_public)) => {
                self.branch(dst, || IpSet::one(dst.ip));
                if !is_public {
                    self.block(Code::IgwPrivateForIngress, |_| {
                        At::named(dst.ip)
                            .says("it has no public address, so that nobody on the internet can send to it")
                    });
                }
                self.in_from_internet(vpc, private)
            }
            None if not_public().contains(dst.ip) => {
                self.branch(dst, || not_public().clone());
                Next::End(self.drop(Code::IgwPrivateForIngress, |_| {
                    At::named(dst.ip).says("it is a private address, which nobody on the internet can send to")
                }))
            }
            None => {
                let owned = &self.index().owned;
                self.branch(dst, || IpSet::all().without(owned).without(not_public()));
                match self.w.unlisted_addresses() {
                    Some(gap) => Next::End(self.lose(&gap)),
                    None => Next::End(self.drop(Code::DestinationDoesNotExist, |_| {
                        At::named(dst.ip).says("no interface in the evidence has this public address")
                    })),
                }
            }
        };
        match next {
            Next::Go(spot) => self.travel(spot),
            Next::End(outcome) => outcome,
        }
    }

    /// Into a VPC through its internet gateway, to the private address behind the public one.
    fn in_from_internet(&mut self, vpc: u32, private: Ip) -> Next {
        let here = self.index().vpc(vpc);
        let gateway = match &here.internet_gateway {
            Ok(gateway) => *gateway,
            Err(gap) => {
                let gap = std::sync::Arc::clone(gap);
                return Next::End(self.lose(&gap));
            }
        };
        let Some(gateway) = gateway else {
            return Next::End(
                self.drop(Code::IgwMissing, |w| w.at_vpc(vpc).says("no internet gateway is attached to it")),
            );
        };
        if self.leg == Leg::Forward && !self.comes_from_outside(gateway) {
            return Next::End(Outcome::Dropped);
        }
        let id = self.w.estate().aws.internet_gateways.row(gateway).id.clone();
        self.hop(Component::InternetGateway, |w| w.at_internet_gateway(gateway).says(format!("in to {private}")));
        let session = self.sessions.iter().rposition(
            |s| matches!(s, Session::Internet { vpc: own, client, .. } if *own == vpc && client.ip == private),
        );
        self.dst = match (self.leg, session) {
            (Leg::Return, Some(at)) => match self.sessions.remove(at) {
                Session::Internet { client, .. } => client,
                _ => Addr { ip: private, end: None },
            },
            _ => Addr { ip: private, end: None },
        };
        if self.leg == Leg::Forward {
            let natted = self.is_nat(vpc, private);
            let subnet = here.subnet_at(private);
            self.block_public_access(&id, vpc, subnet, natted, false);
        }
        self.entered = Entered::Internet;
        let table = self.w.edge_table(&id);
        Next::Go(Spot::Edge { vpc, table })
    }

    /// Whether the source is one that the internet carries.
    fn comes_from_outside(&mut self, gateway: u32) -> bool {
        let src = self.src;
        for (is_in, code) in
            [(Ip::is_rfc1918 as fn(Ip) -> bool, Code::IgwSourceRfc1918), (Ip::is_rfc6598, Code::IgwSourceRfc6598)]
        {
            if is_in(src.ip) {
                self.branch(src, || super::super::address::range_of(is_in));
                self.block(code, |w| {
                    w.at_internet_gateway(gateway).says(format!("{} never comes from the internet", src.ip))
                });
                return false;
            }
            self.branch(src, || IpSet::all().without(&super::super::address::range_of(is_in)));
        }
        true
    }

    /// The reply to what left through an internet gateway or an egress-only one.
    pub(super) fn reply_from_internet(&mut self) -> Outcome {
        let last =
            self.sessions.iter().rev().find(|s| matches!(s, Session::Internet { .. } | Session::EgressOnly { .. }));
        match last.copied() {
            Some(Session::Internet { vpc, client, .. }) => {
                self.hop(Component::Internet, |_| At::named("internet").says("the reply comes back"));
                match self.in_from_internet(vpc, client.ip) {
                    Next::Go(spot) => self.travel(spot),
                    Next::End(outcome) => outcome,
                }
            }
            Some(Session::EgressOnly { vpc, row }) => {
                self.hop(Component::EgressOnlyGateway, |w| {
                    row.map_or_else(|| w.at_vpc(vpc), |row| w.at_egress_only_gateway(row)).says("the reply comes back")
                });
                self.travel(Spot::Edge { vpc, table: None })
            }
            _ => Outcome::Dropped,
        }
    }

    pub(super) fn out_egress_only(&mut self, id: &str, vpc: u32, subnet: Option<u32>) -> Outcome {
        let dst = self.dst;
        if self.leg == Leg::Return {
            return self.drop(Code::EgressOnly, |w| {
                w.at_gateway(id).says("the reply is routed here, and the request did not come this way")
            });
        }
        self.block_public_access(id, vpc, subnet, true, true);
        self.hop(Component::EgressOnlyGateway, |w| w.at_gateway(id).says(format!("to {}", dst.ip)));
        let row = self.w.estate().aws.egress_only_gateways.number(id);
        self.sessions.push(Session::EgressOnly { vpc, row });
        self.link = Link::Lost;
        match self.on_the_internet(dst) {
            Next::Go(spot) => self.travel(spot),
            Next::End(outcome) => outcome,
        }
    }

    /// VPC Block Public Access at a gateway. `started_inside` tells a request from inside from one
    /// that comes in; `outbound_only` marks gateways that admit replies alone.
    fn block_public_access(
        &mut self,
        id: &str,
        vpc: u32,
        subnet: Option<u32>,
        outbound_only: bool,
        started_inside: bool,
    ) {
        if self.leg == Leg::Return {
            return;
        }
        let blocked = match &self.index().vpc(vpc).exposure {
            Ok(Exposure::Open) => return,
            Ok(Exposure::Both) => true,
            Ok(Exposure::Ingress) => !outbound_only,
            Err(gap) => {
                let gap = std::sync::Arc::clone(gap);
                return self.r.gap(&gap);
            }
        };
        if !blocked {
            return;
        }
        match self.w.is_excluded(vpc, subnet, started_inside) {
            Ok(true) => {}
            Ok(false) => self.block(Code::BlockPublicAccess, |w| {
                w.at_gateway(id).says(format!(
                    "VPC Block Public Access of the region stops it, and {} is not excluded",
                    w.at_vpc(vpc).resource
                ))
            }),
            Err(gap) => self.r.gap(&gap),
        }
    }

    /// The public IPv4 address behind which a private address stands on the internet.
    fn public_of(&self, vpc: u32, private: Ip) -> Option<Ip> {
        if let Start::Node(node) = self.flow.from
            && node.address == private
        {
            return node.public;
        }
        if let super::Goal::Node(node) = self.flow.to
            && node.address == private
        {
            return node.public;
        }
        match self.index().holders.get(&(vpc, private))? {
            super::super::index::Holder::Nat(nat) => {
                let nat = &self.index().nats[*nat as usize];
                nat.public.filter(|_| nat.is_public)
            }
            super::super::index::Holder::Interface(row) => {
                let interface = self.index().interface(*row)?;
                interface.publics.iter().find(|(own, _)| *own == private).map(|(_, public)| *public)
            }
        }
    }

    fn is_nat(&self, vpc: u32, ip: Ip) -> bool {
        matches!(self.index().holders.get(&(vpc, ip)), Some(super::super::index::Holder::Nat(_)))
    }
}
