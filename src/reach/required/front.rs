//! The front end: whether somebody in the evidence comes to an endpoint that users are to come
//! through. Users are whoever the network lets in: in the VPC of the endpoint, in VPCs that are
//! joined to it, and on premises behind its gateways.

use std::sync::Arc;

use super::Exit;
use super::around::Outside;
use super::ask::Judged;
use super::merge::Stopped;
use super::site::Site;
use crate::estate::Gap;
use crate::reach::World;
use crate::reach::address::{Ip, IpSet};
use crate::reach::flow::{Flow, Goal, Start, Verdict};
use crate::reach::set::FlowSet;
use crate::reach::traffic::{Ports, Protocol};

const HTTPS: u16 = 443;

impl Site<'_, '_> {
    /// Looks at every interface of the front-end endpoints: each needs somebody who reaches it.
    pub(super) fn front(&self, registrations: &[String]) -> Judged {
        let mut judged = Judged::default();
        for id in registrations {
            match self.endpoint_behind(id).and_then(|endpoint| self.interfaces_of(endpoint)) {
                Ok(rows) => rows.into_iter().for_each(|row| self.door(&mut judged, row)),
                Err(gap) => {
                    judged.verdict = judged.verdict.and(Verdict::Unknown);
                    judged.gaps.push(gap);
                }
            }
        }
        judged
    }

    fn interfaces_of(&self, endpoint: u32) -> Result<Vec<u32>, Arc<Gap>> {
        let row = self.estate().aws.vpc_endpoints.row(endpoint);
        let interfaces = &self.estate().aws.interfaces;
        let ids = &row.body.known()?.network_interface_ids;
        if ids.is_empty() {
            return Err(self.world.gap_of_endpoint(endpoint).because("the answer names no interface of it").shared());
        }
        ids.iter()
            .map(|id| {
                let row = interfaces.find(id, &row.place)?;
                interfaces.row(row).body.known().map(|_| row)
            })
            .collect()
    }

    /// Looks at one interface.
    fn door(&self, judged: &mut Judged, row: u32) {
        let world = self.world;
        let Some(interface) = world.index().interface(row) else { return };
        let ports = Ports::one(HTTPS);
        let flow =
            |from| Flow { from, to: Goal::Interface(row), protocol: Protocol::TCP, port: HTTPS, source_port: None };
        let around = world.around(interface.vpc);
        let (mut first, mut unknown): (Option<Flow>, Option<Flow>) = (None, None);
        let outside = around.outside.iter().filter_map(|outside| {
            let (verdict, client) = users_behind(world, *outside, row);
            Some((verdict, flow(outside.start(client?))))
        });
        let vpcs = std::iter::once(interface.vpc).chain(around.vpcs.iter().copied());
        let subnets = vpcs.flat_map(|vpc| world.index().vpc(vpc).subnets.iter());
        let inside = subnets.flat_map(|(_, subnet)| world.nodes(*subnet, None)).map(|node| {
            let flow = flow(Start::Node(node));
            first = first.or(Some(flow));
            (world.look(&flow).verdict, flow)
        });
        for (verdict, flow) in outside.chain(inside) {
            match verdict {
                Verdict::Reachable => return reached(judged, &flow),
                Verdict::Unknown => unknown = unknown.or(Some(flow)),
                Verdict::Unreachable => {}
            }
        }
        let mut gaps: Vec<Arc<Gap>> = around.gaps.clone();
        gaps.extend(around.unseen.values().map(|unseen| Arc::clone(&unseen.gap)));
        let subnet = interface.subnet.as_ref().map(|subnet| world.at_subnet(*subnet).resource).unwrap_or_default();
        match (unknown.or(first), unknown.is_some() || !gaps.is_empty()) {
            (Some(flow), open) => {
                let answer = world.ask(&flow);
                let verdict = if open { Verdict::Unknown } else { Verdict::Unreachable };
                judged.note(verdict, &flow, ports);
                judged.gaps.extend(answer.gaps);
                judged.gaps.extend(gaps);
                if !open {
                    let to = interface.addresses.first().copied();
                    judged.fail(&subnet, ports);
                    judged.merge.add(answer.blockers, Stopped { ports, subnet: &subnet, to });
                }
            }
            (None, _) => {
                judged.verdict = judged.verdict.and(Verdict::Unknown);
                gaps.extend(interface.subnet.as_ref().err().cloned());
                gaps.push(world.unread_interface(row));
                judged.gaps.extend(gaps);
            }
        }
    }
}

fn reached(judged: &mut Judged, flow: &Flow) {
    judged.note(Verdict::Reachable, flow, Ports::one(HTTPS));
    judged.exits.insert(Exit::Endpoint);
}

/// Whether somebody behind a gateway reaches the interface, and at which address.
fn users_behind(world: &World<'_>, outside: Outside, row: u32) -> (Verdict, Option<Ip>) {
    let https = Some((Protocol::TCP, Ports::one(HTTPS)));
    let reach = world.reachers_from(&IpSet::family(Ip(0)), |ip| outside.start(ip), Goal::Interface(row), https);
    let client = |set: &FlowSet| set.addresses().first();
    let sure = reach.parts.iter().find_map(|part| client(&part.sure));
    let open = reach.parts.iter().map(|part| &part.unsure).chain([&reach.lost]).find_map(client);
    match (sure, open) {
        (Some(ip), _) => (Verdict::Reachable, Some(ip)),
        (None, Some(ip)) => (Verdict::Unknown, Some(ip)),
        (None, None) => (Verdict::Unreachable, None),
    }
}
