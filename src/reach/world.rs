//! The network that questions are asked of: the estate and its index, with the names of things.

use std::fmt::Display;
use std::sync::Arc;

use super::address::{Block, Ip, IpSet};
use super::flow::{Answer, Arrival, Flow, Goal, Node, Start, Verdict};
use super::index::{Attached, Exposure, Holder, Index, Target};
use super::walk::{Inspector, Walk, quick::Quick, trace::Trace};
use crate::estate::aws::{Peering, PeeringSide, VpcEndpoint};
use crate::estate::{Estate, Gap, Known, Operation, Origin, Place, Reason, Scope};

/// The network of an estate.
#[derive(Clone, Debug)]
pub struct World<'e> {
    estate: &'e Estate,
    index: Arc<Index>,
}

/// A component in a sentence about it.
#[derive(Clone, Debug)]
pub(crate) struct At {
    pub(crate) resource: String,
    pub(crate) origin: Origin,
}

/// What is said of a component.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) resource: String,
    pub(crate) detail: String,
    pub(crate) origin: Origin,
}

impl At {
    /// Something that has no row.
    pub(crate) fn named(name: impl Display) -> Self {
        Self { resource: name.to_string(), origin: Origin::default() }
    }

    pub(crate) fn says(self, detail: impl Into<String>) -> Told {
        Told { resource: self.resource, detail: detail.into(), origin: self.origin }
    }
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
        !vpc.subnets.is_empty() || self.estate.aws.subnets.complete(&vpc.place).is_ok()
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

    // -------------------------------------------------------------- names

    pub(crate) fn at_interface(&self, row: u32) -> At {
        at(&self.estate.aws.interfaces, row)
    }

    pub(crate) fn at_subnet(&self, row: u32) -> At {
        at(&self.estate.aws.subnets, row)
    }

    pub(crate) fn at_table(&self, row: u32) -> At {
        at(&self.estate.aws.route_tables, row)
    }

    pub(crate) fn at_acl(&self, row: u32) -> At {
        at(&self.estate.aws.network_acls, row)
    }

    pub(crate) fn at_endpoint(&self, row: u32) -> At {
        at(&self.estate.aws.vpc_endpoints, row)
    }

    pub(crate) fn at_peering(&self, row: u32) -> At {
        at(&self.estate.aws.peerings, row)
    }

    pub(crate) fn at_internet_gateway(&self, row: u32) -> At {
        at(&self.estate.aws.internet_gateways, row)
    }

    pub(crate) fn at_egress_only_gateway(&self, row: u32) -> At {
        at(&self.estate.aws.egress_only_gateways, row)
    }

    pub(crate) fn at_transit_table(&self, row: u32) -> At {
        at(&self.estate.aws.transit_routes, row)
    }

    pub(crate) fn at_nat(&self, number: u32) -> At {
        at(&self.estate.aws.nat_gateways, self.index.nats[number as usize].row)
    }

    pub(crate) fn at_vpc(&self, number: u32) -> At {
        let vpc = &self.index.vpc(number);
        vpc.row.map_or_else(|| At::named(&vpc.id), |row| at(&self.estate.aws.vpcs, row))
    }

    pub(crate) fn at_vpn_gateway(&self, vpc: u32) -> At {
        let id = self.vpn_gateway(vpc);
        id.map_or_else(|| At::named("virtual private gateway"), At::named)
    }

    pub(crate) fn at_transit(&self, number: u32) -> At {
        let transit = &self.index.transits[number as usize];
        transit.row.map_or_else(|| At::named(&transit.id), |row| at(&self.estate.aws.transit_gateways, row))
    }

    pub(crate) fn at_attachment(&self, number: u32) -> At {
        let attachment = &self.index.attachments[number as usize];
        let origin = attachment.row.map(|row| self.estate.aws.transit_attachments.row(row).origin);
        let by_vpc = || attachment.vpc_row.map(|row| self.estate.aws.transit_vpc_attachments.row(row).origin);
        At { resource: attachment.id.clone(), origin: origin.or_else(by_vpc).unwrap_or_default() }
    }

    pub(crate) fn at_spot(&self, spot: super::walk::Spot) -> At {
        use super::walk::Spot;
        match spot {
            Spot::Subnet { subnet, .. } => match self.index.subnet(subnet).map(|subnet| &subnet.table) {
                Some(Ok(table)) => self.at_table(*table),
                _ => self.at_subnet(subnet),
            },
            Spot::Edge { vpc, .. } => self.at_vpc(vpc),
            Spot::Transit { attachment, .. } => self.at_attachment(attachment),
        }
    }

    pub(crate) fn at_inspector(&self, inspector: Inspector) -> At {
        match inspector {
            Inspector::Appliance(row) => self.at_interface(row),
            Inspector::Firewall(row) => self.at_endpoint(row),
        }
    }

    pub(crate) fn at_arrival(&self, arrival: &Arrival) -> At {
        match arrival {
            Arrival::Interface(row) => self.at_interface(*row),
            Arrival::Node => At::named("a node"),
            Arrival::Internet => At::named("internet"),
            Arrival::OnPremises(id) => At::named(id),
            Arrival::Service(row) => self.at_endpoint(*row),
            Arrival::Nowhere => At::named("nowhere"),
        }
    }

    /// The id of what a route leads to.
    pub(crate) fn target_id(&self, target: &Target) -> String {
        match target {
            Target::Local => "local".to_owned(),
            Target::InternetGateway(id)
            | Target::EgressOnly(id)
            | Target::VpnGateway(id)
            | Target::Unsupported(id)
            | Target::Missing(id, _) => id.clone(),
            Target::Nat(number) => self.at_nat(*number).resource,
            Target::Transit(number) => self.at_transit(*number).resource,
            Target::Peering(row) => self.at_peering(*row).resource,
            Target::Interface(row) => self.at_interface(*row).resource,
            Target::GatewayEndpoint(row) | Target::Firewall(row) => self.at_endpoint(*row).resource,
        }
    }

    // -------------------------------------------------------------- gaps

    pub(crate) fn gap_of_table(&self, row: u32, reason: Reason) -> Gap {
        gap(&self.estate.aws.route_tables, row, reason)
    }

    pub(crate) fn gap_of_acl(&self, row: u32) -> Arc<Gap> {
        unread(&self.estate.aws.network_acls, row)
    }

    pub(crate) fn gap_of_transit_table(&self, row: u32, reason: Reason) -> Gap {
        gap(&self.estate.aws.transit_routes, row, reason)
    }

    pub(crate) fn gap_of_nat(&self, number: u32) -> Gap {
        gap(&self.estate.aws.nat_gateways, self.index.nats[number as usize].row, Reason::NotCollected)
    }

    pub(crate) fn gap_of_endpoint(&self, row: u32) -> Gap {
        gap(&self.estate.aws.vpc_endpoints, row, Reason::NotCollected)
    }

    /// Why the endpoint behind an interface is not known.
    pub(crate) fn gap_of_endpoint_of(&self, interface: u32) -> Arc<Gap> {
        let row = self.estate.aws.interfaces.row(interface);
        let named = |gap: Arc<Gap>| Gap { scope: gap.scope.clone().of(&row.id), ..(*gap).clone() }.shared();
        self.estate.aws.vpc_endpoints.complete(&row.place).map_or_else(named, |()| {
            Gap::new(Operation::DescribeVpcEndpoints, row.place.scope().of(&row.id), Reason::Absent)
                .because("no endpoint names this interface as its own")
                .shared()
        })
    }

    pub(crate) fn gap_of_attachment(&self, number: u32) -> Gap {
        let id = &self.index.attachments[number as usize].id;
        Gap::new(Operation::DescribeTransitGatewayVpcAttachments, Scope::default().of(id), Reason::NotCollected)
    }

    /// Why the inside of a peer is not known.
    pub(crate) fn gap_of_peer(&self, side: &PeeringSide) -> Arc<Gap> {
        let place = Place { account: side.owner_id.clone(), region: side.region.clone() };
        let id = side.vpc_id.as_deref().unwrap_or_default();
        let subnets = self.estate.aws.subnets.complete(&place).err();
        self.estate
            .aws
            .vpcs
            .body(id, &place)
            .err()
            .or(subnets)
            .unwrap_or_else(|| Gap::new(Operation::DescribeVpcs, place.scope().of(id), Reason::NotCollected).shared())
    }

    /// Why it is not known what stands behind an inspecting endpoint.
    pub(crate) fn gap_of_inspection(&self, row: u32) -> Arc<Gap> {
        let endpoint = self.estate.aws.vpc_endpoints.row(row);
        let scope = endpoint.place.scope();
        let firewall = self.estate.graph.firewall_of_endpoint.get(&endpoint.id).copied();
        match firewall {
            Some(row) => {
                let name = &self.estate.aws.firewall_details.row(row).id;
                let policy = self.estate.aws.firewall_policies.find(name, &endpoint.place);
                let undetermined = |_| {
                    Gap::new(Operation::DescribeFirewallPolicy, scope.clone().of(name), Reason::Undetermined)
                        .because("what the rules of the firewall policy make of the packet is not predicted")
                        .shared()
                };
                policy.map_or_else(|gap| gap, undetermined)
            }
            None => Gap::new(Operation::DescribeFirewall, scope.of(&endpoint.id), Reason::NotCollected)
                .because("what stands behind this endpoint inspects the packet")
                .shared(),
        }
    }

    /// Why nobody can say that a public address belongs to no one here.
    pub(crate) fn unlisted_addresses(&self) -> Option<Arc<Gap>> {
        let places = self.index.vpcs.iter().map(|vpc| &vpc.place);
        places.into_iter().find_map(|place| self.estate.aws.interfaces.complete(place).err())
    }

    pub(crate) fn unread_interface(&self, row: u32) -> Arc<Gap> {
        unread(&self.estate.aws.interfaces, row)
    }

    pub(crate) fn unread_subnet(&self, row: u32) -> Arc<Gap> {
        unread(&self.estate.aws.subnets, row)
    }

    pub(crate) fn unread_table(&self, row: u32) -> Arc<Gap> {
        unread(&self.estate.aws.route_tables, row)
    }

    pub(crate) fn unread_transit_table(&self, row: u32) -> Arc<Gap> {
        unread(&self.estate.aws.transit_routes, row)
    }

    pub(crate) fn unread_attachment(&self, number: u32) -> Arc<Gap> {
        let scope = Scope::default().of(&number.to_string());
        Gap::new(Operation::DescribeTransitGatewayAttachments, scope, Reason::NotCollected).shared()
    }

    /// Whether VPC Block Public Access of the VPC's place is on, for reports.
    pub fn blocks_public_access(&self, vpc: u32) -> Known<bool> {
        match &self.index.vpc(vpc).exposure {
            Ok(exposure) => Ok(*exposure != Exposure::Open),
            Err(gap) => Err(Arc::clone(gap)),
        }
    }
}

fn at<T>(table: &crate::estate::Table<T>, row: u32) -> At {
    let row = table.row(row);
    At { resource: row.id.clone(), origin: row.origin }
}

fn gap<T>(table: &crate::estate::Table<T>, row: u32, reason: Reason) -> Gap {
    let body = table.row(row);
    Gap::new(table.operation(), body.place.scope().of(&body.id), reason)
}

fn unread<T>(table: &crate::estate::Table<T>, row: u32) -> Arc<Gap> {
    table.row(row).body.known().err().unwrap_or_else(|| gap(table, row, Reason::Undecodable).shared())
}
