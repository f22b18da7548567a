//! The flows of a need, looked at one by one: from every part of every cluster subnet, to every
//! address, on every port. All of them must work. What does not is asked again, for its reasons.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use range_set_blaze::RangeSetBlaze;

use super::Exit;
use super::aim::Target;
use super::merge::{Merge, Stopped};
use super::site::Cluster;
use crate::estate::{Gap, Operation, Reason};
use crate::reach::World;
use crate::reach::address::{Ip, IpSet};
use crate::reach::flow::{Flow, Goal, Node, Start, Verdict};
use crate::reach::index::Target as RouteTarget;
use crate::reach::index::table::Pick;
use crate::reach::set::Zone;
use crate::reach::traffic::{Ports, Protocol};

/// What became of flows.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) merge: Merge,
    pub(super) gaps: Vec<Arc<Gap>>,
    pub(super) exits: BTreeSet<Exit>,
    /// Endpoints (rows) that took a flow, with the subnets that it came from.
    pub(super) endpoints: BTreeMap<u32, BTreeSet<String>>,
    pub(super) asked: RangeSetBlaze<u16>,
    pub(super) failed: RangeSetBlaze<u16>,
    pub(super) subnets: BTreeSet<String>,
    /// The first of the worst.
    pub(super) example: Option<(Verdict, Flow)>,
}

impl Default for Judged {
    fn default() -> Self {
        Self {
            verdict: Verdict::Reachable,
            merge: Merge::default(),
            gaps: Vec::new(),
            exits: BTreeSet::new(),
            endpoints: BTreeMap::new(),
            asked: RangeSetBlaze::new(),
            failed: RangeSetBlaze::new(),
            subnets: BTreeSet::new(),
            example: None,
        }
    }
}

/// Worse is lower: what fails, then what is not known.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Unreachable => 0,
        Verdict::Unknown => 1,
        Verdict::Reachable => 2,
    }
}

impl Judged {
    /// Looks at the flows from every node of the subnets to every target.
    pub(super) fn of(
        world: &World<'_>,
        subnets: &[Cluster<'_>],
        targets: &BTreeSet<Target>,
        protocol: Protocol,
        units: &[Ports],
    ) -> Self {
        let mut judged = Self::default();
        for subnet in subnets {
            for node in &subnet.nodes {
                for target in targets {
                    let to = match target {
                        Target::Address(ip) => Some(*ip),
                        Target::Unpublished => None,
                        Target::Bucket => behind_gateway_endpoint(world, node),
                    };
                    for ports in units {
                        let goal = to.map_or(Goal::Internet, Goal::Address);
                        let flow =
                            Flow { from: Start::Node(*node), to: goal, protocol, port: ports.from, source_port: None };
                        match to {
                            Some(_) => judged.ask(world, subnet.id, &flow, *ports),
                            None => judged.stand_in(world, subnet.id, node, &flow, *ports),
                        }
                    }
                }
            }
        }
        judged
    }

    /// Looks at one flow, which stands for these ports.
    pub(super) fn ask(&mut self, world: &World<'_>, subnet: &str, flow: &Flow, ports: Ports) {
        let seen = world.look(flow);
        self.exits.extend(seen.exit(world, flow));
        if let Some(endpoint) = seen.endpoint(world) {
            // most flows of a subnet take the same one
            let from = self.endpoints.entry(endpoint).or_default();
            if !from.contains(subnet) {
                from.insert(subnet.to_owned());
            }
        }
        self.note(seen.verdict, flow, ports);
        if seen.verdict == Verdict::Reachable {
            return;
        }
        let answer = world.ask(flow);
        self.gaps.extend(answer.gaps);
        if seen.verdict == Verdict::Unreachable {
            self.fail(subnet, ports);
            let to = match flow.to {
                Goal::Address(ip) => Some(ip),
                Goal::Node(node) => Some(node.address),
                _ => None,
            };
            self.merge.add(answer.blockers, Stopped { ports, subnet, to });
        }
    }

    /// Looks at an address that stands for one that nobody publishes. That it fails tells nothing
    /// where some other public address does not.
    fn stand_in(&mut self, world: &World<'_>, subnet: &str, node: &Node, flow: &Flow, ports: Ports) {
        if world.look(flow).verdict != Verdict::Unreachable || !some_public(world, node, flow.protocol, ports) {
            return self.ask(world, subnet, flow, ports);
        }
        self.note(Verdict::Unknown, flow, ports);
        self.exits.insert(Exit::Unknown);
        let row = world.estate().aws.subnets.row(node.subnet);
        let gap = Gap::new(Operation::DescribePrefixLists, row.place.scope(), Reason::Undetermined);
        let why = "no answer tells the addresses behind the name, and nodes reach only a part of the internet";
        self.gaps.push(gap.because(why).shared());
    }

    /// Notes a verdict, and the flow if none was worse.
    pub(super) fn note(&mut self, verdict: Verdict, flow: &Flow, ports: Ports) {
        self.verdict = self.verdict.and(verdict);
        self.asked.ranges_insert(ports.from..=ports.to);
        if self.example.as_ref().is_none_or(|(worst, _)| rank(verdict) < rank(*worst)) {
            self.example = Some((verdict, *flow));
        }
    }

    /// Notes that ports fail from a subnet.
    pub(super) fn fail(&mut self, subnet: &str, ports: Ports) {
        self.failed.ranges_insert(ports.from..=ports.to);
        if !self.subnets.contains(subnet) {
            self.subnets.insert(subnet.to_owned());
        }
    }
}

/// Whether a node may reach some public address: on the internet, or behind it on premises. What a
/// gateway endpoint takes is not meant.
fn some_public(world: &World<'_>, node: &Node, protocol: Protocol, ports: Ports) -> bool {
    let reach = world.strangers_reached(Start::Node(*node), Some((protocol, ports)));
    let counts = |zone: &Zone| matches!(zone, Zone::Internet | Zone::OnPremises(_));
    !reach.lost.is_empty() || reach.parts.iter().any(|part| counts(&part.zone))
}

/// An address that the routes of a node's subnet lead to a gateway endpoint of S3.
fn behind_gateway_endpoint(world: &World<'_>, node: &Node) -> Option<Ip> {
    let subnet = world.index().subnet(node.subnet)?;
    let table = world.index().table(*subnet.table.as_ref().ok()?)?;
    let is_s3 = |target: &RouteTarget| match target {
        RouteTarget::GatewayEndpoint(row) => world.endpoint(*row).is_ok_and(|body| body.service_name.ends_with(".s3")),
        _ => false,
    };
    let led = table.lookup.region(|pick| match pick {
        Pick::One(number) => table.routes.get(*number as usize).is_some_and(|route| is_s3(&route.target)),
        _ => false,
    });
    led.and(&IpSet::family(Ip(0))).first()
}
