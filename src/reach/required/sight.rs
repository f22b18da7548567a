//! A quick look at one flow: the verdict, where the request ends, and by what kind of gateway it
//! left. The words are left to [`World::ask`]: most flows of a sound network need none.

use std::sync::Arc;

use super::Exit;
use crate::estate::Gap;
use crate::reach::World;
use crate::reach::flow::{Arrival, Blocker, Flow, Goal, Hop, Start, Verdict};
use crate::reach::index::Kind;
use crate::reach::walk::Walk;
use crate::reach::walk::quick::Quick;
use crate::reach::walk::record::{AclUse, GroupUse, Mark, Record};

/// What a quick look tells.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) verdict: Verdict,
    pub(crate) arrival: Arrival,
    inspected: bool,
    translated: bool,
}

impl Seen {
    /// Where the packets of the flow leave; none for what certainly does not get through.
    pub(crate) fn exit(&self, world: &World<'_>, flow: &Flow) -> Option<Exit> {
        (self.verdict != Verdict::Unreachable).then(|| match &self.arrival {
            Arrival::Nowhere => Exit::Unknown,
            Arrival::Node => match (flow.from, flow.to) {
                (Start::Node(from), Goal::Node(to)) if vpc(world, from.subnet) != vpc(world, to.subnet) => {
                    Exit::OtherVpc
                }
                _ => Exit::Inside,
            },
            Arrival::Interface(row) => match world.index().interface(*row) {
                Some(interface) if matches!(interface.kind, Kind::Endpoint(_)) => Exit::Endpoint,
                Some(interface) => match flow.from {
                    Start::Node(node) if vpc(world, node.subnet) == Some(interface.vpc) => Exit::Inside,
                    _ => Exit::OtherVpc,
                },
                None => Exit::Unknown,
            },
            Arrival::Service(_) => Exit::GatewayEndpoint,
            Arrival::OnPremises(_) => Exit::OnPremises,
            Arrival::Internet if self.inspected => Exit::Inspected,
            Arrival::Internet if self.translated => Exit::Nat,
            Arrival::Internet => Exit::Internet,
        })
    }

    /// The endpoint (row) that takes the flow.
    pub(crate) fn endpoint(&self, world: &World<'_>) -> Option<u32> {
        match self.arrival {
            Arrival::Service(row) => Some(row),
            Arrival::Interface(row) => match world.index().interface(row)?.kind {
                Kind::Endpoint(endpoint) => Some(endpoint),
                _ => None,
            },
            _ => None,
        }
    }
}

fn vpc(world: &World<'_>, subnet: u32) -> Option<u32> {
    world.index().subnet(subnet).map(|subnet| subnet.vpc)
}

impl World<'_> {
    /// Looks at a flow.
    pub(crate) fn look(&self, flow: &Flow) -> Seen {
        let sight = Sight { quick: Quick::new(flow), inspected: false, translated: false };
        let (sight, arrival) = Walk::run(self, *flow, sight);
        let Sight { quick, inspected, translated } = sight;
        Seen { verdict: quick.verdict(), arrival, inspected, translated }
    }
}

/// [`Quick`], and what it passes over.
struct Sight {
    quick: Quick,
    inspected: bool,
    /// On the way to the internet only a NAT gateway asks for the protocol.
    translated: bool,
}

impl Record for Sight {
    fn acl(&mut self, world: &World<'_>, acl: &AclUse) {
        self.quick.acl(world, acl);
    }

    fn groups(&mut self, world: &World<'_>, groups: &GroupUse, at: Option<Mark>) {
        self.quick.groups(world, groups, at);
    }

    fn inspected(&mut self) {
        self.inspected = true;
    }

    fn by_protocol(&mut self) {
        self.translated = true;
    }

    fn hop(&mut self, _make: impl FnOnce() -> Hop) {}

    fn block(&mut self, make: impl FnOnce() -> Blocker) {
        self.quick.block(make);
    }

    fn gap(&mut self, gap: &Arc<Gap>) {
        self.quick.gap(gap);
    }

    fn turn(&mut self) {}

    fn is_settled(&self) -> bool {
        self.quick.is_settled()
    }
}
