//! Route tables with their targets resolved. Priority between routes for one block: static before
//! prefix list before propagated; a propagated route never takes over an address of the VPC, a
//! static one may. Source: AWS, "Route priority".

use std::sync::Arc;

use super::super::address::Block;
use super::Index;
use super::table::{Entry, Lookup, Pick};
use crate::estate::aws::{Route, RouteTarget};
use crate::estate::{Estate, Gap, Operation, Place, Reason};

/// A route table, cut into ranges.
#[derive(Debug)]
pub(crate) struct RouteTable {
    pub(crate) lookup: Lookup,
    /// By number of the route; the implied local route of each block of the VPC comes last.
    pub(crate) routes: Vec<Compiled>,
    /// Routes for prefix lists that nobody collected, and the local ones of an answer that leaves
    /// them out, of a VPC whose blocks are not known.
    pub(crate) unknown: Vec<Unlisted>,
}

/// A route.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub(crate) target: Target,
    pub(crate) blackhole: bool,
    /// A static route for one address, which no prefix list can beat.
    pub(crate) host: bool,
    /// Destination in words.
    pub(crate) destination: String,
}

impl Compiled {
    /// Whether packets fare alike by both.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.target == other.target && self.blackhole == other.blackhole && self.host == other.host
    }
}

/// A route whose destination is not known.
#[derive(Clone, Debug)]
pub(crate) struct Unlisted {
    pub(crate) gap: Arc<Gap>,
    /// The list of a gateway endpoint holds public addresses alone.
    pub(crate) public_only: bool,
    pub(crate) target: Target,
}

/// Where a route leads.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Target {
    Local,
    InternetGateway(String),
    EgressOnly(String),
    /// Number of the NAT gateway.
    Nat(u32),
    /// Number of the transit gateway.
    Transit(u32),
    /// Row of the peering connection.
    Peering(u32),
    /// Row of the interface.
    Interface(u32),
    /// Row of the gateway endpoint.
    GatewayEndpoint(u32),
    /// Row of the Gateway Load Balancer endpoint, also of a Network Firewall.
    Firewall(u32),
    VpnGateway(String),
    /// A kind that is not followed.
    Unsupported(String),
    /// Something that was not collected.
    Missing(String, Arc<Gap>),
}

impl RouteTable {
    /// The route for an address.
    pub(crate) fn pick(&self, ip: super::super::address::Ip) -> &Pick {
        self.lookup.find(ip)
    }
}

impl Index {
    pub(super) fn read_tables(&mut self, e: &Estate) {
        for row in e.aws.route_tables.rows() {
            let table = row.body.known().ok().map(|body| {
                let vpc = self.vpc_number(e, &body.vpc_id, &row.place);
                self.compile(e, vpc, &body.routes, &row.place)
            });
            self.tables.push(table);
        }
    }

    fn compile(&mut self, e: &Estate, vpc: u32, routes: &[Route], place: &Place) -> RouteTable {
        let mut compiled: Vec<Compiled> = Vec::with_capacity(routes.len() + 1);
        let mut entries: Vec<Entry> = Vec::new();
        let mut unknown = Vec::new();
        let blocks = self.vpc(vpc).blocks.clone();
        let mut local: Vec<Block> = blocks.as_deref().unwrap_or_default().to_vec();
        for (number, route) in (0u32..).zip(routes) {
            let target = self.target(e, route.target(), place);
            let blackhole = route.is_blackhole();
            let propagated = route.origin.as_deref() == Some("EnableVgwRoutePropagation");
            let block = route.destination_cidr_block.as_deref().or(route.destination_ipv6_cidr_block.as_deref());
            if let Some(block) = block.and_then(Block::parse) {
                if target == Target::Local {
                    local.push(block);
                }
                entries.push(Entry { block, priority: if propagated { 3 } else { 0 }, route: number });
            } else if let Some(list) = &route.destination_prefix_list_id {
                match self.lists.blocks(list) {
                    Ok(blocks) => {
                        let entry = |block: &Block| Entry { block: *block, priority: 1, route: number };
                        entries.extend(blocks.iter().map(entry));
                    }
                    Err(gap) => {
                        let public_only = matches!(target, Target::GatewayEndpoint(_));
                        unknown.push(Unlisted { gap, public_only, target: target.clone() });
                    }
                }
            }
            let host = !propagated && block.and_then(Block::parse).is_some_and(|block| block.first == block.last);
            compiled.push(Compiled { target, blackhole, host, destination: route.destination().to_owned() });
        }
        if let (Err(gap), true) = (blocks, local.is_empty()) {
            unknown.push(Unlisted { gap, public_only: false, target: Target::Local });
        }
        local.sort_unstable();
        local.dedup();
        // a propagated route never takes an address of the VPC away
        entries.retain(|entry| entry.priority != 3 || !local.iter().any(|block| block.covers(entry.block)));
        // answers that leave the implied local routes out still have them
        let implied: Vec<Block> =
            local.into_iter().filter(|block| !entries.iter().any(|entry| entry.block == *block)).collect();
        for block in implied {
            let number = u32::try_from(compiled.len()).unwrap_or(u32::MAX);
            entries.push(Entry { block, priority: 0, route: number });
            compiled.push(Compiled {
                target: Target::Local,
                blackhole: false,
                host: false,
                destination: block.to_string(),
            });
        }
        let same = |a: u32, b: u32| match (compiled.get(a as usize), compiled.get(b as usize)) {
            (Some(a), Some(b)) => a.target == b.target && a.blackhole == b.blackhole,
            _ => false,
        };
        RouteTable { lookup: Lookup::new(entries, same), routes: compiled, unknown }
    }

    pub(super) fn target(&mut self, e: &Estate, target: RouteTarget<'_>, place: &Place) -> Target {
        let id = target.id().to_owned();
        let found = |found: Result<Target, Arc<Gap>>| found.unwrap_or_else(|gap| Target::Missing(id.clone(), gap));
        match target {
            RouteTarget::Local => Target::Local,
            RouteTarget::InternetGateway(_) => Target::InternetGateway(id),
            RouteTarget::EgressOnlyGateway(_) => Target::EgressOnly(id),
            RouteTarget::VpnGateway(_) => Target::VpnGateway(id),
            RouteTarget::NatGateway(_) => match self.nat_numbers.get(&id) {
                Some(nat) => Target::Nat(*nat),
                None => found(e.aws.nat_gateways.body(&id, place).and_then(|_| Err(gone(&id, place)))),
            },
            RouteTarget::TransitGateway(_) => Target::Transit(self.transit_number(&id)),
            RouteTarget::Peering(_) => found(
                e.aws
                    .peerings
                    .find(&id, place)
                    .and_then(|row| e.aws.peerings.row(row).body.known().map(|_| Target::Peering(row))),
            ),
            RouteTarget::Interface(_) if id.starts_with("i-") => found(self.interface_of(e, &id, place)),
            RouteTarget::Interface(_) => found(
                e.aws
                    .interfaces
                    .find(&id, place)
                    .and_then(|row| e.aws.interfaces.row(row).body.known().map(|_| Target::Interface(row))),
            ),
            RouteTarget::VpcEndpoint(_) => found(e.aws.vpc_endpoints.find(&id, place).and_then(|row| {
                let body = e.aws.vpc_endpoints.row(row).body.known()?;
                Ok(match body.vpc_endpoint_type.as_deref() {
                    Some("GatewayLoadBalancer") => Target::Firewall(row),
                    _ => Target::GatewayEndpoint(row),
                })
            })),
            RouteTarget::Other(_) => Target::Unsupported(id),
        }
    }

    /// The interface of an instance that a route leads to.
    fn interface_of(&self, e: &Estate, instance: &str, place: &Place) -> Result<Target, Arc<Gap>> {
        let body = e.aws.instances.body(instance, place)?;
        let id = body.network_interfaces.iter().find_map(|interface| interface.network_interface_id.as_ref());
        let id = id.ok_or_else(|| gone(instance, place))?;
        e.aws.interfaces.find(id, place).map(Target::Interface)
    }
}

fn gone(id: &str, place: &Place) -> Arc<Gap> {
    Gap::new(Operation::DescribeNetworkInterfaces, place.scope().of(id), Reason::Absent).shared()
}
