//! From one component to the next inside a VPC: layer 2, route tables, and the targets of routes.

use std::sync::Arc;

use super::super::address::IpSet;
use super::super::code::Code;
use super::super::flow::{Arrival, Component, Leg};
use super::super::index::table::Pick;
use super::super::index::{Nat, Target};
use super::super::traffic::{Direction, Protocol};
use super::super::world::At;
use super::record::{Addr, GroupUse, Link, Port, Record, Whose};
use super::{Entered, Inspector, Next, Outcome, STEPS, Session, Spot, Walk};
use crate::estate::{Gap, Operation, Reason};

impl<R: Record> Walk<'_, '_, R> {
    /// Moves on until the leg ends.
    pub(super) fn travel(&mut self, mut spot: Spot) -> Outcome {
        for _ in 0..STEPS {
            if self.r.is_settled() {
                return Outcome::Dropped;
            }
            let here = (spot, self.src.ip);
            if self.visited.contains(&here) {
                break;
            }
            self.visited.push(here);
            let next = match spot {
                Spot::Subnet { vpc, subnet } => self.step_subnet(vpc, subnet),
                Spot::Edge { vpc, table } => self.step_edge(vpc, table),
                Spot::Transit { attachment, zone } => self.step_transit(attachment, zone),
            };
            match next {
                Next::Go(onward) => spot = onward,
                Next::End(outcome) => return outcome,
            }
        }
        let to = self.dst.ip;
        self.drop(Code::RouteLoop, |w| w.at_spot(spot).says(format!("the way to {to} leads back to where it was")))
    }

    fn step_subnet(&mut self, vpc: u32, subnet: u32) -> Next {
        let Some(here) = self.index().subnet(subnet) else {
            let gap = self.w.unread_subnet(subnet);
            return Next::End(self.lose(&gap));
        };
        let dst = self.dst;
        let inside = here.blocks.iter().any(|block| block.contains(dst.ip));
        let blocks = || IpSet::of(here.blocks.iter().copied());
        if inside {
            // layer 2: no ACL, no route table
            self.branch(dst, blocks);
            return self.deliver(vpc, subnet);
        }
        self.branch(dst, || IpSet::all().without(&blocks()));
        self.leave_subnet(subnet);
        match &here.table {
            Ok(table) => self.follow(vpc, *table, Some(subnet)),
            Err(gap) => {
                let gap = Arc::clone(gap);
                Next::End(self.lose(&gap))
            }
        }
    }

    fn step_edge(&mut self, vpc: u32, table: Option<u32>) -> Next {
        match table {
            Some(table) => self.follow(vpc, table, None),
            None => self.local(vpc, None),
        }
    }

    /// Looks the destination up and takes the route.
    fn follow(&mut self, vpc: u32, table: u32, subnet: Option<u32>) -> Next {
        let Some(compiled) = self.index().table(table) else {
            let gap = self.w.unread_table(table);
            return Next::End(self.lose(&gap));
        };
        let dst = self.dst;
        let pick = compiled.pick(dst.ip);
        let route = match pick {
            Pick::One(route) => compiled.routes.get(*route as usize),
            Pick::None | Pick::Many(_) => None,
        };
        // every address with the same choice goes the same way
        self.branch(dst, || {
            compiled.lookup.region(|other| match (other, route) {
                (Pick::One(number), Some(route)) => {
                    compiled.routes.get(*number as usize).is_some_and(|other| other.is_like(route))
                }
                _ => other == pick,
            })
        });
        // a list that nobody collected may hold the address, with a longer prefix
        for unlisted in &compiled.unknown {
            let decided = route.is_some_and(|route| route.host || route.target == unlisted.target && !route.blackhole);
            let outside = unlisted.public_only && dst.ip.is_private();
            if unlisted.public_only {
                self.branch(dst, || {
                    let private = super::super::address::not_public();
                    if outside { private.clone() } else { IpSet::all().without(private) }
                });
            }
            if !decided && !outside {
                let gap = Arc::clone(&unlisted.gap);
                return Next::End(self.lose(&gap));
            }
        }
        let Some(route) = route else {
            if let Pick::Many(routes) = pick {
                let names: Vec<String> = routes
                    .iter()
                    .filter_map(|route| compiled.routes.get(*route as usize))
                    .map(|route| format!("{} → {}", route.destination, self.w.target_id(&route.target)))
                    .collect();
                let gap = self.w.gap_of_table(table, Reason::Undetermined).because(format!(
                    "{} are of one rank for {}, and AWS picks one of them",
                    names.join(" and "),
                    dst.ip
                ));
                return Next::End(self.lose(&gap.shared()));
            }
            let to = dst.ip;
            return Next::End(self.drop(Code::NoRoute, |w| w.at_table(table).says(format!("no route for {to}"))));
        };
        if route.blackhole {
            return Next::End(self.drop(Code::BadStateRoute, |w| {
                w.at_table(table).says(format!(
                    "the route {} → {} is a blackhole, and no wider route takes its place",
                    route.destination,
                    w.target_id(&route.target)
                ))
            }));
        }
        self.hop(Component::RouteTable, |w| {
            w.at_table(table).says(format!("route {} → {}", route.destination, w.target_id(&route.target)))
        });
        let target = route.target.clone();
        self.take(&target, vpc, subnet)
    }

    fn take(&mut self, target: &Target, vpc: u32, subnet: Option<u32>) -> Next {
        let end = match target {
            Target::Local => return self.local(vpc, subnet),
            Target::Nat(nat) => return self.through_nat(*nat, subnet),
            Target::Interface(row) => return self.through_appliance(*row, subnet),
            Target::Firewall(row) => return self.through_firewall(*row, vpc, subnet),
            Target::Peering(row) => return self.through_peering(*row, vpc),
            Target::Transit(transit) => return self.enter_transit(*transit, vpc, subnet),
            Target::InternetGateway(id) => return self.out_to_internet(id, vpc, subnet),
            Target::EgressOnly(id) => self.out_egress_only(id, vpc, subnet),
            Target::GatewayEndpoint(row) => self.out_to_service(*row, vpc),
            Target::VpnGateway(id) => self.out_to_vpn(id),
            Target::Missing(_, gap) => self.lose(gap),
            Target::Unsupported(id) => {
                let gap = Gap::new(
                    Operation::DescribeRouteTables,
                    self.index().vpc(vpc).place.scope().of(id),
                    Reason::Undetermined,
                );
                self.lose(&gap.because("a kind of gateway that is not followed").shared())
            }
        };
        Next::End(end)
    }

    /// Inside the VPC, to the subnet of the destination.
    pub(super) fn local(&mut self, vpc: u32, from: Option<u32>) -> Next {
        let dst = self.dst;
        let here = self.index().vpc(vpc);
        let Some(subnet) = here.subnet_at(dst.ip) else {
            if let Err(gap) = self.w.estate().aws.subnets.complete_of(&here.id, &here.place) {
                return Next::End(self.lose(&gap));
            }
            self.branch(dst, || {
                let all = IpSet::of(here.subnets.iter().map(|(block, _)| *block));
                IpSet::all().without(&all)
            });
            let to = dst.ip;
            return Next::End(self.drop(Code::DestinationDoesNotExist, |w| {
                w.at_vpc(vpc).says(format!("no subnet of the VPC holds {to}"))
            }));
        };
        let region = || {
            let all = here.subnets.iter().filter(|(_, row)| *row == subnet).map(|(block, _)| *block);
            IpSet::of(all)
        };
        self.branch(dst, region);
        if from != Some(subnet) {
            self.enter_subnet(subnet);
        }
        self.deliver(vpc, subnet)
    }

    // -------------------------------------------------------------- what routes lead to

    fn through_nat(&mut self, number: u32, from: Option<u32>) -> Next {
        let nat: &Nat = &self.index().nats[number as usize];
        if self.leg == Leg::Return {
            return Next::End(self.drop(Code::NatNoSession, |w| {
                w.at_nat(number).says("the reply is routed here, and the request never came this way")
            }));
        }
        if matches!(self.entered, Entered::Peering | Entered::Vpn) {
            self.block(Code::NatSourceInVpc, |w| {
                w.at_nat(number).says("it does not carry what comes from a peer or a VPN")
            });
        }
        self.r.by_protocol();
        if !matches!(self.flow.protocol, Protocol::TCP | Protocol::UDP | Protocol::ICMP) {
            let protocol = self.flow.protocol;
            self.block(Code::ProtocolRestriction, |w| w.at_nat(number).says(format!("it does not carry {protocol}")));
        }
        if !nat.available {
            self.block(Code::BadState, |w| w.at_nat(number).says("it is not available"));
        }
        let subnet = match &nat.subnet {
            Ok(subnet) => *subnet,
            Err(gap) => {
                let gap = Arc::clone(gap);
                return Next::End(self.lose(&gap));
            }
        };
        let (Some(vpc), Some(address)) = (nat.vpc, nat.address) else {
            let gap = self.w.gap_of_nat(number).because("the answer does not say its private address").shared();
            return Next::End(self.lose(&gap));
        };
        if from != Some(subnet) {
            self.enter_subnet(subnet);
        }
        self.hop(Component::NatGateway, |w| w.at_nat(number).says(format!("translates the source to {address}")));
        self.sessions.push(Session::Nat { nat: number, client: self.src, port: self.port_of_client() });
        self.src = Addr { ip: address, end: None };
        self.entered = Entered::Started;
        self.link = Link::Lost;
        Next::Go(Spot::Subnet { vpc, subnet })
    }

    /// The port that the client has before the next translation.
    fn port_of_client(&self) -> Port {
        if self.sessions.iter().any(|session| matches!(session, Session::Nat { .. })) {
            Port::Nat
        } else {
            Port::Client
        }
    }

    fn through_appliance(&mut self, row: u32, from: Option<u32>) -> Next {
        let Some(interface) = self.index().interface(row) else {
            let gap = self.w.unread_interface(row);
            return Next::End(self.lose(&gap));
        };
        if self.leg == Leg::Return && self.flow.from == super::Start::Interface(row, Some(self.dst.ip)) {
            return Next::End(Outcome::Arrived(Arrival::Interface(row)));
        }
        let (vpc, set, check) = (interface.vpc, interface.groups, interface.check);
        let subnet = match &interface.subnet {
            Ok(subnet) => *subnet,
            Err(gap) => {
                let gap = Arc::clone(gap);
                return Next::End(self.lose(&gap));
            }
        };
        if from.is_none() && self.entered == Entered::Internet && interface.publics.is_empty() {
            self.block(Code::IngressRedirection, |w| {
                w.at_interface(row)
                    .says("what comes from the internet is redirected to it, and it has no public address")
            });
        }
        if from != Some(subnet) {
            self.enter_subnet(subnet);
        }
        if !self.pass_inspector(Inspector::Appliance(row)) {
            return Next::End(Outcome::Dropped);
        }
        let to = self.dst.ip;
        self.hop(Component::Appliance, |w| w.at_interface(row).says(format!("forwards to {to}")));
        if check {
            self.block(Code::SourceDestCheck, |w| {
                w.at_interface(row).says(format!("it is to forward for {to}, and the source/destination check is on"))
            });
        }
        if let (Some(set), Leg::Forward) = (set, self.leg) {
            self.link = Link::Lost;
            for (direction, peer) in [(Direction::Ingress, self.src), (Direction::Egress, self.dst)] {
                let groups = GroupUse {
                    set,
                    direction,
                    peer,
                    other: None,
                    link: Link::Lost,
                    unseen: false,
                    holder: Whose::Interface(row),
                };
                self.r.groups(self.w, &groups, None);
            }
        }
        Next::Go(Spot::Subnet { vpc, subnet })
    }

    fn through_firewall(&mut self, row: u32, vpc: u32, from: Option<u32>) -> Next {
        let endpoint = match self.w.endpoint(row) {
            Ok(endpoint) => endpoint,
            Err(gap) => return Next::End(self.lose(&gap)),
        };
        if !endpoint.state.eq_ignore_ascii_case("available") {
            let state = endpoint.state.clone();
            self.block(Code::BadState, |w| w.at_endpoint(row).says(format!("it is {state}")));
        }
        let subnet = match endpoint.subnet_ids.first() {
            Some(id) => self.w.estate().aws.subnets.find(id, &self.index().vpc(vpc).place),
            None => Err(self.w.gap_of_endpoint(row).because("the answer does not say its subnet").shared()),
        };
        let subnet = match subnet {
            Ok(subnet) => subnet,
            Err(gap) => return Next::End(self.lose(&gap)),
        };
        if from != Some(subnet) {
            self.enter_subnet(subnet);
        }
        if !self.pass_inspector(Inspector::Firewall(row)) {
            return Next::End(Outcome::Dropped);
        }
        self.hop(Component::Firewall, |w| w.at_endpoint(row).says("the packet is inspected behind it"));
        if self.leg == Leg::Forward {
            self.r.inspected();
            self.inspect(row);
            self.link = Link::Lost;
        }
        Next::Go(Spot::Subnet { vpc, subnet })
    }

    /// What the firewall policy says; what stands behind a Gateway Load Balancer is not known.
    fn inspect(&mut self, row: u32) {
        let gap = self.w.gap_of_inspection(row);
        self.r.gap(&gap);
    }

    /// Notes who inspects the request, and holds the reply to the same. False for a reply that
    /// was never seen before.
    fn pass_inspector(&mut self, inspector: Inspector) -> bool {
        if self.leg == Leg::Forward {
            self.inspectors.push(inspector);
            return true;
        }
        if self.inspectors.last() == Some(&inspector) {
            self.inspectors.pop();
            return true;
        }
        self.block(Code::ReturnMismatch, |w| {
            w.at_inspector(inspector)
                .says("the reply passes it and the request did not: what keeps state drops the reply")
        });
        false
    }

    fn through_peering(&mut self, row: u32, vpc: u32) -> Next {
        let body = match self.w.estate().aws.peerings.row(row).body.known() {
            Ok(body) => body,
            Err(gap) => return Next::End(self.lose(&gap)),
        };
        if body.status.code != "active" {
            let code = body.status.code.clone();
            return Next::End(
                self.drop(Code::BadState, |w| w.at_peering(row).says(format!("it is {code}, not active"))),
            );
        }
        let mine = &self.index().vpc(vpc).id;
        let (near, far) = if body.requester_vpc_info.vpc_id.as_ref() == Some(mine) {
            (&body.requester_vpc_info, &body.accepter_vpc_info)
        } else {
            (&body.accepter_vpc_info, &body.requester_vpc_info)
        };
        let far_number = far.vpc_id.as_ref().and_then(|id| self.index().vpc_numbers.get(id)).copied();
        let (src, dst) = (self.src, self.dst);
        for (side, number, addr) in [(near, Some(vpc), src), (far, far_number, dst)] {
            let blocks = match self.w.peering_blocks(side, number) {
                Ok(blocks) => blocks,
                Err(gap) => return Next::End(self.lose(&gap)),
            };
            let inside = blocks.iter().any(|block| block.contains(addr.ip));
            self.branch(addr, || {
                let set = IpSet::of(blocks.iter().copied());
                if inside { set } else { IpSet::all().without(&set) }
            });
            if !inside {
                let name = side.vpc_id.clone().unwrap_or_default();
                return Next::End(self.drop(Code::PeeringAddresses, |w| {
                    w.at_peering(row)
                        .says(format!("{} is no address of {name}: a peering connection carries no transit", addr.ip))
                }));
            }
        }
        self.hop(Component::Peering, |w| {
            w.at_peering(row).says(format!("into {}", far.vpc_id.as_deref().unwrap_or("the peer")))
        });
        self.link = match (self.link, self.w.peering_keeps_references(body)) {
            (Link::Kept, true) => Link::Kept,
            _ => Link::Lost,
        };
        match far_number.filter(|number| self.w.is_collected(*number)) {
            Some(number) => {
                self.entered = Entered::Peering;
                Next::Go(Spot::Edge { vpc: number, table: None })
            }
            None => {
                let gap = self.w.gap_of_peer(far);
                Next::End(self.lose(&gap))
            }
        }
    }

    fn out_to_service(&mut self, row: u32, vpc: u32) -> Outcome {
        let endpoint = match self.w.endpoint(row) {
            Ok(endpoint) => endpoint,
            Err(gap) => return self.lose(&gap),
        };
        if !endpoint.state.eq_ignore_ascii_case("available") {
            let state = endpoint.state.clone();
            self.block(Code::BadState, |w| w.at_endpoint(row).says(format!("it is {state}")));
        }
        self.r.by_protocol();
        let carried = self.flow.protocol == Protocol::TCP
            || self.flow.protocol.is_icmp() && self.service == super::Service::echo(self.flow.protocol);
        if !carried {
            let protocol = self.flow.protocol;
            self.block(Code::GatewayEndpointProtocol, |w| {
                w.at_endpoint(row).says(format!("it does not carry {protocol}"))
            });
        }
        let src = self.src;
        match self.index().vpc(vpc).holds(src.ip) {
            Ok(true) => {}
            Ok(false) => self.block(Code::GatewayEndpointSource, |w| {
                w.at_endpoint(row).says(format!("{} is no address of its VPC", src.ip))
            }),
            Err(gap) => return self.lose(&gap),
        }
        self.hop(Component::GatewayEndpoint, |w| w.at_endpoint(row).says(w.service_of(row)));
        Outcome::Arrived(Arrival::Service(row))
    }

    fn out_to_vpn(&mut self, id: &str) -> Outcome {
        self.hop(Component::VpnGateway, |_| At::named(id).says("leaves AWS"));
        Outcome::Arrived(Arrival::OnPremises(id.to_owned()))
    }
}
