//! The network that questions are asked of: the estate and its index. What its parts are called
//! is in `name`, why something is not known in `gap`.

mod gap;
mod name;

use std::sync::Arc;

use super::address::{Block, Ip, IpSet};
use super::flow::{Answer, Flow, Goal, Node, Start, Verdict};
use super::index::{Attached, Holder, Index, Target};
pub(crate) use name::{At, Told};

use super::walk::{Inspector, Walk, quick::Quick, trace::Trace};
use crate::estate::aws::{Peering, PeeringSide, VpcEndpoint};
use crate::estate::{Estate, Gap, Known, Operation, Reason, Scope};

/// The network of an estate.
#[derive(Clone, Debug)]
pub struct World<'e> {
    estate: &'e Estate,
    index: Arc<Index>,
}

impl<'e> World<'e> {
    /// The network of an estate; read once, then kept with it.
    pub fn of(estate: &'e Estate) -> Self {
        Self { estate, index: estate.memo.get(|| Index::new(estate)) }
    }

    /// The verdict on a flow, with every hop, blocker and gap.
    pub fn ask(&self, flow: &Flow) -> Answer {
        let (trace, arrival) = Walk::run(self, *flow, Trace::new(flow));
        trace.answer(arrival)
    }

    /// The verdict on a flow, and nothing else.
    pub fn verdict(&self, flow: &Flow) -> Verdict {
        Walk::run(self, *flow, Quick::new(flow)).0.verdict()
    }

    /// A public IPv4 address that nobody in the evidence owns and no narrow rule names.
    pub fn internet(&self) -> Ip {
        self.index.internet.map_or(Ip(0x5DB8_0009), |[v4, _]| v4)
    }

    /// The same for IPv6.
    pub fn internet_v6(&self) -> Ip {
        self.index.internet.map_or(Ip(0x2600_9000 << 96), |[_, v6]| v6)
    }

    /// The row of an interface.
    pub fn interface(&self, id: &str) -> Option<u32> {
        self.estate.aws.interfaces.number(id).filter(|row| self.index.interface(*row).is_some())
    }

    /// The number of a VPC, for [`Start::VpnGateway`].
    pub fn vpc(&self, id: &str) -> Option<u32> {
        self.index.vpc_numbers.get(id).copied()
    }

    /// The row of a subnet.
    pub fn subnet(&self, id: &str) -> Option<u32> {
        self.estate.aws.subnets.number(id).filter(|row| self.index.subnet(*row).is_some())
    }

    /// The number of an attachment, for [`Start::Attachment`].
    pub fn attachment(&self, id: &str) -> Option<u32> {
        self.attachment_named(id)
    }

    /// The VPC (row in the VPCs) that a subnet lies in.
    pub fn vpc_of_subnet(&self, subnet: u32) -> Option<u32> {
        self.index.vpc(self.index.subnet(subnet)?.vpc).row
    }

    /// The number of a set of security groups that an interface, a network configuration or a
    /// question may have; a set that nobody uses has none.
    pub fn group_set(&self, ids: &[&str]) -> Option<u32> {
        let mut ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        ids.sort_unstable();
        ids.dedup();
        self.index.groups.number(&ids)
    }

    /// Nodes that stand for all that may run in a subnet: one for each part of its block that
    /// some rule, route or entry in the evidence tells from the rest.
    pub fn nodes(&self, subnet: u32, groups: Option<u32>) -> Vec<Node> {
        let Some(body) = self.index.subnet(subnet) else { return Vec::new() };
        let Some(block) = body.blocks.first() else { return Vec::new() };
        let from = self.index.edges.partition_point(|edge| *edge <= block.first.0);
        let to = self.index.edges.partition_point(|edge| *edge <= block.last.0);
        let starts =
            std::iter::once(block.first.0).chain(self.index.edges.get(from..to).unwrap_or_default().iter().copied());
        let ends = self.index.edges.get(from..to).unwrap_or_default().iter().map(|edge| edge - 1).chain([block.last.0]);
        starts
            .zip(ends)
            .filter_map(|(first, last)| {
                let address = self.free_address(body.vpc, *block, first, last)?;
                Some(Node { subnet, address: Ip(address), groups, public: None })
            })
            .collect()
    }

    /// An address of the part that no interface has, AWS's own five left out where there is room.
    fn free_address(&self, vpc: u32, block: Block, first: u128, last: u128) -> Option<u128> {
        let lowest = first.max(block.first.0 + 4).min(last);
        let highest = if last == block.last.0 && last > lowest { last - 1 } else { last };
        if highest < lowest || lowest < first {
            return None;
        }
        let free = |ip: &u128| !self.index.holders.contains_key(&(vpc, Ip(*ip)));
        // a part of reserved addresses alone holds no node
        if last < block.first.0 + 4 || first == block.last.0 && block.first != block.last {
            return None;
        }
        (lowest..=highest).find(free).or(Some(lowest))
    }

    // -------------------------------------------------------------- for the layers of this module

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    pub(crate) fn estate(&self) -> &'e Estate {
        self.estate
    }

    pub(crate) fn start_address(&self, start: &Start) -> Ip {
        match start {
            Start::Interface(_, Some(ip)) => *ip,
            Start::Interface(row, None) => {
                let interface = self.index.interface(*row);
                interface.and_then(|interface| interface.addresses.first().copied()).unwrap_or(Ip(0))
            }
            Start::Node(node) => node.address,
            Start::Internet(address) | Start::VpnGateway { address, .. } | Start::Attachment { address, .. } => {
                *address
            }
        }
    }

    pub(crate) fn goal_address(&self, goal: &Goal, start: &Start, from: Ip) -> Ip {
        let outside = matches!(start, Start::Internet(_));
        match goal {
            Goal::Address(ip) => *ip,
            Goal::Internet if from.is_v4() => self.internet(),
            Goal::Internet => self.internet_v6(),
            Goal::Node(node) if outside => node.public_address(),
            Goal::Node(node) => node.address,
            Goal::Interface(row) => {
                let Some(interface) = self.index.interface(*row) else { return Ip(0) };
                let own = interface.addresses.iter().copied();
                let same = own.clone().find(|ip| ip.same_family(from));
                let public =
                    interface.publics.first().map(|(_, public)| *public).filter(|ip| outside && ip.same_family(from));
                public.or(same).or_else(|| own.clone().next()).unwrap_or(Ip(0))
            }
        }
    }

    pub(crate) fn edge_table(&self, gateway: &str) -> Option<u32> {
        self.estate.graph.route_table_of_gateway.get(gateway).copied()
    }

    /// The virtual private gateway of a VPC.
    pub(crate) fn vpn_gateway(&self, vpc: u32) -> Option<String> {
        let row = self.estate.graph.vpn_gateways_of_vpc.get(&self.index.vpc(vpc).id)?.first().copied()?;
        Some(self.estate.aws.vpn_gateways.row(row).id.clone())
    }

    pub(crate) fn vpc_of_vpn_gateway(&self, id: &str) -> Option<u32> {
        let by_row = self.estate.aws.vpn_gateways.number(id).and_then(|row| {
            let body = self.estate.aws.vpn_gateways.row(row).body.known().ok()?;
            body.vpc_attachments.iter().find_map(|attached| self.vpc(attached.vpc_id.as_deref()?))
        });
        // whoever routes to it is attached to it
        by_row.or_else(|| {
            let tables = (0u32..).zip(&self.index.tables);
            let mut routes = tables.filter_map(|(row, table)| Some((row, table.as_ref()?)));
            let (row, _) = routes.find(|(_, table)| {
                table.routes.iter().any(|route| matches!(&route.target, Target::VpnGateway(own) if own == id))
            })?;
            let table = self.estate.aws.route_tables.row(row).body.known().ok()?;
            self.vpc(&table.vpc_id)
        })
    }

    pub(crate) fn attachment_of_row(&self, number: u32) -> Option<u32> {
        ((number as usize) < self.index.attachments.len()).then_some(number)
    }

    pub(crate) fn attachment_named(&self, id: &str) -> Option<u32> {
        self.index.attachment_numbers.get(id)?.first().copied()
    }

    /// The attachment of this id on this transit gateway: a peering attachment is on two.
    pub(crate) fn attachment_on(&self, transit: u32, id: &str) -> Option<u32> {
        let numbers = self.index.attachment_numbers.get(id)?;
        numbers.iter().copied().find(|number| self.index.attachments[*number as usize].transit == transit)
    }

    /// The other end of a peering of transit gateways.
    pub(crate) fn other_side(&self, number: u32) -> Known<u32> {
        let near = &self.index.attachments[number as usize];
        let own = &self.index.transits[near.transit as usize].id;
        let twin = self.index.attachment_numbers.get(&near.id).into_iter().flatten().copied();
        let mut twins = twin.filter(|other| self.index.attachments[*other as usize].transit != near.transit);
        let Attached::Peering(far) = &near.attached else { return Err(self.gap_of_attachment(number).shared()) };
        let by_name = || {
            let transit = (0u32..).zip(&self.index.transits).find(|(_, transit)| transit.id == *far)?.0;
            (0u32..).zip(&self.index.attachments).find_map(|(other, attachment)| {
                let back = matches!(&attachment.attached, Attached::Peering(back) if back == own);
                (attachment.transit == transit && back).then_some(other)
            })
        };
        twins.next().or_else(by_name).ok_or_else(|| {
            let scope = Scope::default().of(far);
            Gap::new(Operation::DescribeTransitGatewayAttachments, scope, Reason::NotCollected).shared()
        })
    }

    pub(crate) fn endpoint(&self, row: u32) -> Known<&'e VpcEndpoint> {
        self.estate.aws.vpc_endpoints.row(row).body.known()
    }

    pub(crate) fn vpc_of_endpoint(&self, row: u32) -> Option<u32> {
        self.vpc(&self.endpoint(row).ok()?.vpc_id)
    }

    /// What an endpoint leads to: the last part of its service name.
    pub(crate) fn service_of(&self, row: u32) -> String {
        self.endpoint(row).map(|endpoint| format!("to {}", endpoint.service_name)).unwrap_or_default()
    }

    /// The blocks of one side of a peering connection: as its VPC has them, else as the connection
    /// tells them.
    pub(crate) fn peering_blocks(&self, side: &PeeringSide, vpc: Option<u32>) -> Known<Vec<Block>> {
        if let Some(Ok(blocks)) = vpc.map(|vpc| &self.index.vpc(vpc).blocks) {
            return Ok(blocks.clone());
        }
        let v4 = side.cidr_block_set.iter().filter_map(|block| block.cidr_block.as_deref());
        let v6 = side.ipv6_cidr_block_set.iter().filter_map(|block| block.ipv6_cidr_block.as_deref());
        let mut blocks: Vec<Block> = v4.chain(v6).filter_map(Block::parse).collect();
        if blocks.is_empty() {
            blocks.extend(side.cidr_block.as_deref().and_then(Block::parse));
        }
        if blocks.is_empty() { Err(self.gap_of_peer(side)) } else { Ok(blocks) }
    }

    /// Whether rules may refer to groups of the peer: only within one region.
    pub(crate) fn peering_keeps_references(&self, peering: &Peering) -> bool {
        let region = |side: &PeeringSide| {
            let by_vpc = || self.index.vpc(self.vpc(side.vpc_id.as_deref()?)?).place.region.clone();
            side.region.clone().or_else(by_vpc)
        };
        let (a, b) = (region(&peering.requester_vpc_info), region(&peering.accepter_vpc_info));
        a.is_none() || b.is_none() || a == b
    }

    /// Whether anything inside the VPC is known: one that is only named has no subnets.
    pub(crate) fn is_collected(&self, vpc: u32) -> bool {
        let vpc = self.index.vpc(vpc);
        !vpc.subnets.is_empty() || self.estate.aws.subnets.complete_of(&vpc.id, &vpc.place).is_ok()
    }

    pub(crate) fn are_peers(&self, a: u32, b: u32) -> bool {
        self.peering_between(a, b).is_some()
    }

    fn peering_between(&self, a: u32, b: u32) -> Option<&Peering> {
        let ids = [Some(&self.index.vpc(a).id), Some(&self.index.vpc(b).id)];
        let rows = self.estate.graph.peerings_of_vpc.get(ids[0]?)?;
        rows.iter().filter_map(|row| self.estate.aws.peerings.row(*row).body.known().ok()).find(|peering| {
            let sides = [peering.requester_vpc_info.vpc_id.as_ref(), peering.accepter_vpc_info.vpc_id.as_ref()];
            sides.contains(&ids[0]) && sides.contains(&ids[1]) && peering.status.code == "active"
        })
    }

    pub(crate) fn share_transit(&self, a: u32, b: u32) -> bool {
        self.index.transits.iter().any(|transit| transit.vpcs.contains_key(&a) && transit.vpcs.contains_key(&b))
    }

    /// What a group reference may do between two VPCs that are joined directly.
    pub(crate) fn link_between(&self, a: u32, b: u32) -> super::walk::record::Link {
        use super::walk::record::Link;
        match self.peering_between(a, b) {
            Some(peering) if self.peering_keeps_references(peering) => Link::Kept,
            Some(_) => Link::Lost,
            None => Link::Unsupported,
        }
    }

    /// Whether VPC Block Public Access leaves the VPC or the subnet out.
    pub(crate) fn is_excluded(&self, vpc: u32, subnet: Option<u32>, outbound: bool) -> Known<bool> {
        let vpc = self.index.vpc(vpc);
        let subnet = subnet.map(|row| self.estate.aws.subnets.row(row).id.as_str());
        let excluded =
            crate::estate::graph::known(&self.estate.aws.block_public_access_exclusions).any(|(_, exclusion)| {
                let resource = exclusion.resource_arn.as_deref().unwrap_or_default();
                let resource = resource.rsplit('/').next().unwrap_or_default();
                let mode = exclusion.internet_gateway_exclusion_mode.as_deref();
                let active = exclusion.state.as_deref().is_none_or(|state| {
                    matches!(state, "create-complete" | "update-in-progress" | "update-complete" | "update-failed")
                });
                active
                    && (resource == vpc.id || subnet == Some(resource))
                    && (mode == Some("allow-bidirectional") || outbound && mode == Some("allow-egress"))
            });
        if excluded {
            return Ok(true);
        }
        self.estate.aws.block_public_access_exclusions.complete(&vpc.place).map(|()| false)
    }

    /// Whether an appliance on the way may translate addresses: one with a public address of its
    /// own may, and no evidence says so.
    pub(crate) fn may_translate(&self, inspectors: &[Inspector]) -> Option<Arc<Gap>> {
        let Some(Inspector::Appliance(row)) = inspectors.last() else { return None };
        let interface = self.index.interface(*row)?;
        if interface.publics.is_empty() {
            return None;
        }
        let row = self.estate.aws.interfaces.row(*row);
        let gap = Gap::new(Operation::DescribeNetworkInterfaces, row.place.scope().of(&row.id), Reason::Undetermined);
        Some(gap.because("whether the appliance translates addresses is in no answer").shared())
    }

    /// Addresses of interfaces that behave alike as a destination: same subnet, groups and kind.
    pub(crate) fn alike(&self, subnet: u32, row: u32) -> IpSet {
        let Some(like) = self.index.interface(row) else { return IpSet::default() };
        let members = self.members(subnet).filter(|(_, holder)| match holder {
            Holder::Interface(other) => self.index.interface(*other).is_some_and(|other| {
                other.groups == like.groups && other.kind == like.kind && other.check == like.check
            }),
            Holder::Nat(_) => false,
        });
        IpSet(members.map(|(ip, _)| ip.0).collect())
    }

    /// Addresses of the subnet that nobody has.
    pub(crate) fn unheld(&self, subnet: u32) -> IpSet {
        let blocks =
            self.index.subnet(subnet).map(|subnet| IpSet::of(subnet.blocks.iter().copied())).unwrap_or_default();
        blocks.without(&IpSet(self.members(subnet).map(|(ip, _)| ip.0).collect()))
    }

    fn members(&self, subnet: u32) -> impl Iterator<Item = (Ip, Holder)> + '_ {
        self.index.members.get(&subnet).into_iter().flatten().copied()
    }
}
