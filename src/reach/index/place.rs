//! VPCs, subnets, interfaces and NAT gateways: who has which address where.

use std::sync::Arc;

use super::super::address::{Block, Ip};
use super::Index;
use crate::estate::graph::known;
use crate::estate::{Estate, Gap, Known, Operation, Place, Reason};

/// A VPC, collected or only named.
#[derive(Debug)]
pub(crate) struct Vpc {
    pub(crate) id: String,
    pub(crate) row: Option<u32>,
    pub(crate) place: Place,
    /// Every block in force, both families.
    pub(crate) blocks: Known<Vec<Block>>,
    /// Blocks of its subnets, sorted by their first address.
    pub(crate) subnets: Vec<(Block, u32)>,
    /// Its internet gateway, none when it has none.
    pub(crate) internet_gateway: Known<Option<u32>>,
    /// What VPC Block Public Access does to it: see [`Exposure`].
    pub(crate) exposure: Known<Exposure>,
}

/// VPC Block Public Access of the place of a VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exposure {
    /// Not blocked.
    Open,
    /// Requests from the internet are dropped; NAT gateways and egress-only gateways still work.
    Ingress,
    /// Nothing passes.
    Both,
}

/// A subnet.
#[derive(Debug)]
pub(crate) struct Subnet {
    pub(crate) vpc: u32,
    pub(crate) blocks: Vec<Block>,
    /// The zone by its id, which is the same in every account, else by its name.
    pub(crate) zone: Option<String>,
    pub(crate) acl: Known<u32>,
    pub(crate) table: Known<u32>,
}

/// An interface.
#[derive(Debug)]
pub(crate) struct Interface {
    pub(crate) vpc: u32,
    pub(crate) subnet: Known<u32>,
    /// Private addresses, the primary one first; IPv6 addresses after them.
    pub(crate) addresses: Vec<Ip>,
    /// Private address and public address.
    pub(crate) publics: Vec<(Ip, Ip)>,
    /// Number of its set of security groups; none for kinds that have none.
    pub(crate) groups: Option<u32>,
    /// Whether packets for others are dropped.
    pub(crate) check: bool,
    pub(crate) kind: Kind,
}

/// What an interface belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    /// Number of the NAT gateway.
    Nat(u32),
    /// Row of the endpoint.
    Endpoint(u32),
    /// A NAT gateway that nobody listed.
    UnlistedNat,
    /// An endpoint that nobody listed.
    UnlistedEndpoint,
    /// An attachment of a transit gateway: nobody's address.
    Transit,
}

/// A NAT gateway.
#[derive(Debug)]
pub(crate) struct Nat {
    pub(crate) row: u32,
    pub(crate) vpc: Option<u32>,
    pub(crate) subnet: Known<u32>,
    pub(crate) address: Option<Ip>,
    pub(crate) public: Option<Ip>,
    pub(crate) is_public: bool,
    pub(crate) available: bool,
}

/// Who has an address in a VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Row of the interface.
    Interface(u32),
    /// Number of the NAT gateway.
    Nat(u32),
}

impl Vpc {
    pub(super) fn new(e: &Estate, id: &str, place: &Place) -> Self {
        let row = e.aws.vpcs.number(id);
        let place = row.map_or_else(|| place.clone(), |row| e.aws.vpcs.row(row).place.clone());
        let blocks = e.aws.vpcs.body(id, &place).map(|vpc| {
            let v4 = vpc.cidr_block_association_set.iter().filter(|block| block.is_associated());
            let v6 = vpc.ipv6_cidr_block_association_set.iter().filter(|block| block.is_associated());
            let mut blocks: Vec<Block> = v4.filter_map(|block| Block::parse(block.cidr_block.as_deref()?)).collect();
            if blocks.is_empty() {
                blocks.extend(vpc.cidr_block.as_deref().and_then(Block::parse));
            }
            blocks.extend(v6.filter_map(|block| Block::parse(block.ipv6_cidr_block.as_deref()?)));
            blocks
        });
        let gateway = e.graph.internet_gateways_of_vpc.get(id).and_then(|rows| rows.first()).copied();
        let internet_gateway = match gateway {
            Some(row) => Ok(Some(row)),
            None => e.aws.internet_gateways.complete_of(id, &place).map(|()| None),
        };
        let exposure = exposure(e, &place);
        Self { id: id.to_owned(), row, place, blocks, subnets: Vec::new(), internet_gateway, exposure }
    }

    /// The subnet that an address lies in.
    pub(crate) fn subnet_at(&self, ip: Ip) -> Option<u32> {
        let at = self.subnets.partition_point(|(block, _)| block.first <= ip);
        let (block, row) = self.subnets.get(at.checked_sub(1)?)?;
        block.contains(ip).then_some(*row)
    }

    /// Whether the address lies in a block of the VPC.
    pub(crate) fn holds(&self, ip: Ip) -> Known<bool> {
        match &self.blocks {
            Ok(blocks) => Ok(blocks.iter().any(|block| block.contains(ip))),
            Err(gap) => Err(Arc::clone(gap)),
        }
    }
}

fn exposure(e: &Estate, place: &Place) -> Known<Exposure> {
    let id =
        format!("{}/{}", place.account.as_deref().unwrap_or_default(), place.region.as_deref().unwrap_or_default());
    if e.aws.block_public_access.number(&id).is_none() {
        // one answer a region: the region is all that there is to name
        e.aws.block_public_access.listed(place)?;
    }
    let body = e.aws.block_public_access.body(&id, place)?;
    Ok(match body.internet_gateway_block_mode.as_deref() {
        Some("block-bidirectional") => Exposure::Both,
        Some("block-ingress") => Exposure::Ingress,
        _ => Exposure::Open,
    })
}

impl Index {
    pub(super) fn read_places(&mut self, e: &Estate) {
        for row in e.aws.vpcs.rows() {
            self.vpc_number(e, &row.id, &row.place);
        }
        for (number, row) in (0u32..).zip(e.aws.subnets.rows()) {
            let subnet = row.body.known().ok().map(|body| {
                let vpc = self.vpc_number(e, &body.vpc_id, &row.place);
                let v6 = body.ipv6_cidr_block_association_set.iter().filter(|block| block.is_associated());
                let v6 = v6.filter_map(|block| Block::parse(block.ipv6_cidr_block.as_deref()?));
                let blocks: Vec<Block> = Block::parse(&body.cidr_block).into_iter().chain(v6).collect();
                self.vpcs[vpc as usize].subnets.extend(blocks.iter().map(|block| (*block, number)));
                let zone = body.availability_zone_id.clone().or_else(|| body.availability_zone.clone());
                Subnet { vpc, blocks, zone, acl: acl_of(e, number), table: table_of(e, number) }
            });
            self.subnets.push(subnet);
        }
        for vpc in &mut self.vpcs {
            vpc.subnets.sort_unstable();
        }
        self.read_nats(e);
        self.read_interfaces(e);
        for (_, address) in known(&e.aws.addresses) {
            let holder = address.network_interface_id.as_ref().and_then(|id| e.aws.interfaces.number(id));
            let interface = holder.and_then(|row| self.interfaces.get_mut(row as usize)?.as_mut());
            if let (Some(interface), Some(public)) = (interface, Ip::parse(&address.public_ip))
                && let Some(private) = interface.addresses.first().copied()
                && !interface.publics.iter().any(|(_, known)| *known == public)
                && interface.publics.is_empty()
            {
                interface.publics.push((private, public));
                self.publics.insert(public, (interface.vpc, private));
            }
        }
    }

    fn read_nats(&mut self, e: &Estate) {
        for (row, body) in known(&e.aws.nat_gateways) {
            let place = &e.aws.nat_gateways.row(row).place;
            let vpc = body.vpc_id.as_ref().map(|vpc| self.vpc_number(e, vpc, place));
            let addresses = || body.nat_gateway_addresses.iter().filter(|address| address.private_ip.is_some());
            let primary = addresses().find(|address| address.is_primary == Some(true)).or_else(|| addresses().next());
            let address = primary.and_then(|address| Ip::parse(address.private_ip.as_deref()?));
            let public = primary.and_then(|address| Ip::parse(address.public_ip.as_deref()?));
            let subnet = match &body.subnet_id {
                Some(id) => e.aws.subnets.find(id, place),
                None => {
                    let scope = place.scope().of(&body.nat_gateway_id);
                    let gap = Gap::new(Operation::DescribeNatGateways, scope, Reason::NotCollected);
                    Err(gap.because("a regional NAT gateway has no subnet to follow").shared())
                }
            };
            let number = u32::try_from(self.nats.len()).unwrap_or(u32::MAX);
            if let (Some(vpc), Some(address)) = (vpc, address) {
                self.holders.insert((vpc, address), Holder::Nat(number));
                if let Some(public) = public {
                    self.publics.insert(public, (vpc, address));
                }
            }
            self.nat_numbers.insert(body.nat_gateway_id.clone(), number);
            let is_public = body.connectivity_type.as_deref() != Some("private");
            let available = body.state == "available" || body.state.is_empty();
            self.nats.push(Nat { row, vpc, subnet, address, public, is_public, available });
        }
    }

    fn read_interfaces(&mut self, e: &Estate) {
        let endpoints: std::collections::HashMap<&str, u32> = known(&e.aws.vpc_endpoints)
            .flat_map(|(row, endpoint)| endpoint.network_interface_ids.iter().map(move |id| (id.as_str(), row)))
            .collect();
        for (number, row) in (0u32..).zip(e.aws.interfaces.rows()) {
            let Ok(body) = row.body.known() else {
                self.interfaces.push(None);
                continue;
            };
            let subnet = match &body.subnet_id {
                Some(id) => e.aws.subnets.find(id, &row.place),
                None => Err(Gap::new(
                    Operation::DescribeNetworkInterfaces,
                    row.place.scope().of(&row.id),
                    Reason::NotCollected,
                )
                .because("the answer does not say its subnet")
                .shared()),
            };
            let known_subnet = subnet.as_ref().ok().and_then(|row| self.subnet(*row));
            let vpc = match (known_subnet, &body.vpc_id) {
                (Some(subnet), _) => subnet.vpc,
                (None, Some(id)) => self.vpc_number(e, id, &row.place),
                (None, None) => {
                    self.interfaces.push(None);
                    continue;
                }
            };
            let mut addresses: Vec<Ip> = body.private_ip_address.as_deref().and_then(Ip::parse).into_iter().collect();
            let mut publics = Vec::new();
            for private in &body.private_ip_addresses {
                let Some(ip) = private.private_ip_address.as_deref().and_then(Ip::parse) else { continue };
                let public = private.association.as_ref().and_then(|a| Ip::parse(a.public_ip.as_deref()?));
                publics.extend(public.map(|public| (ip, public)));
                if private.primary == Some(true) {
                    addresses.retain(|known| *known != ip);
                    addresses.insert(0, ip);
                } else if !addresses.contains(&ip) {
                    addresses.push(ip);
                }
            }
            if let (Some(first), true) = (addresses.first(), publics.is_empty()) {
                let public = body.association.as_ref().and_then(|a| Ip::parse(a.public_ip.as_deref()?));
                publics.extend(public.map(|public| (*first, public)));
            }
            addresses.extend(body.ipv6_addresses.iter().filter_map(|v6| Ip::parse(v6.ipv6_address.as_deref()?)));
            let nat = addresses.first().and_then(|ip| match self.holders.get(&(vpc, *ip)) {
                Some(Holder::Nat(nat)) => Some(*nat),
                _ => None,
            });
            let kind = match (nat, endpoints.get(row.id.as_str()), body.interface_type.as_deref()) {
                (Some(nat), _, _) => Kind::Nat(nat),
                (_, Some(endpoint), _) => Kind::Endpoint(*endpoint),
                (_, _, Some("transit_gateway")) => Kind::Transit,
                (_, _, Some("nat_gateway")) => Kind::UnlistedNat,
                (_, _, Some("vpc_endpoint")) => Kind::UnlistedEndpoint,
                _ => Kind::Plain,
            };
            let ids: Vec<&str> = body.groups.iter().map(|pair| pair.group_id.as_str()).collect();
            // load balancers may have none, gateways never do: nothing filters them
            let managed = matches!(
                body.interface_type.as_deref(),
                Some("nat_gateway" | "gateway_load_balancer" | "gateway_load_balancer_endpoint")
            );
            let unguarded = ids.is_empty() && body.interface_type.as_deref() == Some("network_load_balancer");
            let has_groups = !matches!(kind, Kind::Nat(_) | Kind::Transit) && !managed && !unguarded;
            let groups = has_groups.then(|| self.groups.intern(e, &self.lists, &ids, &row.place));
            for ip in &addresses {
                self.holders.entry((vpc, *ip)).or_insert(Holder::Interface(number));
                if !ip.is_v4() {
                    self.publics.entry(*ip).or_insert((vpc, *ip));
                }
            }
            for (private, public) in &publics {
                self.publics.insert(*public, (vpc, *private));
            }
            let check = body.source_dest_check != Some(false);
            self.interfaces.push(Some(Interface { vpc, subnet, addresses, publics, groups, check, kind }));
        }
    }
}

/// The ACL of a subnet: the one that names it, else the default one of its VPC.
fn acl_of(e: &Estate, subnet: u32) -> Known<u32> {
    let row = e.aws.subnets.row(subnet);
    if let Some(acl) = e.graph.acl_of_subnet.get(&row.id) {
        return e.aws.network_acls.row(*acl).body.known().map(|_| *acl);
    }
    // only when every ACL of the VPC was read is the default one left
    let vpc = row.body.known().map(|subnet| &subnet.vpc_id)?;
    e.aws.network_acls.complete_of(vpc, &row.place)?;
    e.graph.default_acl_of_vpc.get(vpc).copied().ok_or_else(|| {
        Gap::new(Operation::DescribeNetworkAcls, row.place.scope().of(&row.id), Reason::NotCollected)
            .because("no answer names the ACL of this subnet")
            .shared()
    })
}

/// The route table of a subnet: the one that names it, else the main one of its VPC.
fn table_of(e: &Estate, subnet: u32) -> Known<u32> {
    let row = e.aws.subnets.row(subnet);
    let body = row.body.known()?;
    let table = match e.graph.route_table_of_subnet.get(&row.id) {
        Some(table) => *table,
        None => {
            e.aws.route_tables.complete_of(&body.vpc_id, &row.place)?;
            e.graph.main_route_table_of_vpc.get(&body.vpc_id).copied().ok_or_else(|| {
                Gap::new(Operation::DescribeRouteTables, row.place.scope().of(&row.id), Reason::NotCollected)
                    .because("no answer names the route table of this subnet")
                    .shared()
            })?
        }
    };
    e.aws.route_tables.row(table).body.known().map(|_| table)
}
