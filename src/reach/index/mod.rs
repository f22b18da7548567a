//! The estate as a network: every id resolved to a number, every filter and route table cut into
//! ranges, every address found by its VPC. Made once for an estate; owns what it holds, and refers
//! to the estate by row numbers.
//!
//! What nobody collected stands as the gap that names it. Nothing here decides a flow.

pub(crate) mod filter;
mod place;
mod route;
pub(crate) mod table;
mod transit;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::address::{Block, Ip, IpSet};
use super::required::Required;
use crate::estate::graph::known;
use crate::estate::{Estate, Gap, Known, Operation, Place, Reason, Scope};

pub(crate) use filter::{Acl, GroupSets, Rule, Says};
pub(crate) use place::{Exposure, Holder, Interface, Kind, Nat, Subnet, Vpc};
pub(crate) use route::{RouteTable, Target};
pub(crate) use transit::{Attached, Attachment, Transit, TransitTable};

/// Everything that a walk looks up.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) lists: PrefixLists,
    pub(crate) groups: GroupSets,
    pub(crate) vpcs: Vec<Vpc>,
    pub(crate) vpc_numbers: HashMap<String, u32>,
    /// By row of the subnets; none for a row that cannot be read.
    pub(crate) subnets: Vec<Option<Subnet>>,
    /// By row of the interfaces.
    pub(crate) interfaces: Vec<Option<Interface>>,
    pub(crate) nats: Vec<Nat>,
    pub(crate) nat_numbers: HashMap<String, u32>,
    /// Who has a private address, by VPC.
    pub(crate) holders: HashMap<(u32, Ip), Holder>,
    /// Who has an address in a subnet (row).
    pub(crate) members: HashMap<u32, Vec<(Ip, Holder)>>,
    /// Who has a public address: the VPC, the private address behind it.
    pub(crate) publics: HashMap<Ip, (u32, Ip)>,
    /// By row of the network ACLs.
    pub(crate) acls: Vec<Option<Acl>>,
    /// By row of the route tables.
    pub(crate) tables: Vec<Option<RouteTable>>,
    pub(crate) transits: Vec<Transit>,
    pub(crate) transit_numbers: HashMap<String, u32>,
    pub(crate) attachments: Vec<Attachment>,
    /// Numbers of the attachments of an id: a peering is on two gateways.
    pub(crate) attachment_numbers: HashMap<String, Vec<u32>>,
    /// By row of the transit gateway route tables' routes.
    pub(crate) transit_tables: Vec<Option<TransitTable>>,
    /// Every boundary that some rule, route or entry draws, sorted.
    pub(crate) edges: Vec<u128>,
    /// Public addresses that nobody owns and no narrow rule names: IPv4, IPv6.
    pub(crate) internet: Option<[Ip; 2]>,
    /// Every public address that somebody in the evidence owns.
    pub(crate) owned: IpSet,
    /// The required paths, once somebody asked.
    pub(crate) required: OnceLock<Arc<Required>>,
    /// What each network configuration is exposed to, once somebody asked.
    pub(crate) exposures: OnceLock<Vec<OnceLock<Arc<super::exposure::Exposure>>>>,
}

impl Index {
    /// Reads the whole estate once.
    pub(crate) fn new(e: &Estate) -> Self {
        let mut index = Self { lists: PrefixLists::new(e), ..Self::default() };
        index.acls = e.aws.network_acls.rows().iter().map(|row| Acl::new(row.body.known().ok()?)).collect();
        index.read_places(e);
        index.read_tables(e);
        index.read_transits(e);
        for row in e.aws.security_groups.rows() {
            index.groups.intern(e, &index.lists, &[&row.id], &row.place);
        }
        for (row, network) in known(&e.databricks.networks) {
            let ids: Vec<&str> = network.security_group_ids.iter().map(String::as_str).collect();
            let vpc = network.vpc_id.as_ref().and_then(|id| e.aws.vpcs.number(id));
            let own = &e.databricks.networks.row(row).place;
            let place = vpc.map_or(own, |row| &e.aws.vpcs.row(row).place);
            index.groups.intern(e, &index.lists, &ids, place);
        }
        index.draw_edges(e);
        for ((vpc, ip), holder) in &index.holders {
            if let Some(subnet) = index.vpcs[*vpc as usize].subnet_at(*ip) {
                index.members.entry(subnet).or_default().push((*ip, *holder));
            }
        }
        index.members.values_mut().for_each(|members| members.sort_unstable_by_key(|(ip, _)| *ip));
        index
    }

    pub(crate) fn subnet(&self, row: u32) -> Option<&Subnet> {
        self.subnets.get(row as usize)?.as_ref()
    }

    pub(crate) fn interface(&self, row: u32) -> Option<&Interface> {
        self.interfaces.get(row as usize)?.as_ref()
    }

    pub(crate) fn vpc(&self, number: u32) -> &Vpc {
        &self.vpcs[number as usize]
    }

    pub(crate) fn table(&self, row: u32) -> Option<&RouteTable> {
        self.tables.get(row as usize)?.as_ref()
    }

    /// The number of a VPC, new if need be: a VPC may be known by name alone.
    pub(crate) fn vpc_number(&mut self, e: &Estate, id: &str, place: &Place) -> u32 {
        if let Some(number) = self.vpc_numbers.get(id) {
            return *number;
        }
        let number = u32::try_from(self.vpcs.len()).unwrap_or(u32::MAX);
        self.vpc_numbers.insert(id.to_owned(), number);
        self.vpcs.push(Vpc::new(e, id, place));
        number
    }

    /// Every boundary that something in the evidence draws between addresses, and from that two
    /// public addresses that stand for the internet at large.
    fn draw_edges(&mut self, e: &Estate) {
        let mut blocks: Vec<Block> = Vec::new();
        let mut add = |text: Option<&str>| blocks.extend(text.and_then(Block::parse));
        for (_, group) in known(&e.aws.security_groups) {
            for permission in group.ip_permissions.iter().chain(&group.ip_permissions_egress) {
                super::group::blocks(permission).for_each(|block| add(Some(block)));
            }
        }
        for (_, acl) in known(&e.aws.network_acls) {
            for entry in &acl.entries {
                add(entry.cidr_block.as_deref());
                add(entry.ipv6_cidr_block.as_deref());
            }
        }
        for (_, table) in known(&e.aws.route_tables) {
            for route in &table.routes {
                add(route.destination_cidr_block.as_deref());
                add(route.destination_ipv6_cidr_block.as_deref());
            }
        }
        for (_, routes) in known(&e.aws.transit_routes) {
            routes.iter().for_each(|route| add(route.destination_cidr_block.as_deref()));
        }
        for (_, list) in known(&e.aws.prefix_list_entries) {
            list.iter().for_each(|block| add(Some(block)));
        }
        self.edges =
            blocks.iter().flat_map(|block| [Some(block.first.0), block.last.0.checked_add(1)]).flatten().collect();
        self.edges.sort_unstable();
        self.edges.dedup();
        // a stranger: nobody's address, and in no block that somebody names on purpose
        let named = IpSet::of(blocks.into_iter().filter(|block| block.length > 4));
        self.owned = IpSet(self.publics.keys().map(|ip| ip.0).collect());
        let free = IpSet::all().without(&named).without(super::address::not_public()).without(&self.owned);
        let stranger = |from: &str, to: &str| {
            let (from, to) = (Ip::parse(from)?, Ip::parse(to)?);
            let range = IpSet(range_set_blaze::RangeSetBlaze::from_iter([from.0..=to.0]));
            free.and(&range).first()
        };
        // from the middle of the space, where no default and no half begins
        let v4 = stranger("93.184.0.9", "223.255.255.255").or_else(|| stranger("1.0.0.1", "223.255.255.255"));
        let v6 = stranger("2600:9000::9", "3fff:ffff::");
        self.internet =
            v4.or_else(|| Ip::parse("93.184.0.9")).zip(v6.or_else(|| Ip::parse("2600:9000::9"))).map(|(a, b)| [a, b]);
    }
}

/// The blocks of prefix lists, or why they are not known.
#[derive(Debug, Default)]
pub(crate) struct PrefixLists {
    lists: HashMap<String, Known<Vec<Block>>>,
    missing: HashMap<String, Arc<Gap>>,
}

impl PrefixLists {
    fn new(e: &Estate) -> Self {
        let mut lists = HashMap::new();
        for row in e.aws.prefix_list_entries.rows() {
            let blocks = row.body.known().map(|texts| texts.iter().filter_map(|text| Block::parse(text)).collect());
            lists.insert(row.id.clone(), blocks);
        }
        let mut missing = HashMap::new();
        let mut want = |id: &str, place: &Place| {
            if !lists.contains_key(id)
                && !missing.contains_key(id)
                && let Err(gap) = e.aws.prefix_list_entries.find(id, place)
            {
                missing.insert(id.to_owned(), gap);
            }
        };
        for row in e.aws.security_groups.rows() {
            let Ok(group) = row.body.known() else { continue };
            for permission in group.ip_permissions.iter().chain(&group.ip_permissions_egress) {
                permission.prefix_list_ids.iter().for_each(|list| want(&list.prefix_list_id, &row.place));
            }
        }
        for row in e.aws.route_tables.rows() {
            let Ok(table) = row.body.known() else { continue };
            let lists = table.routes.iter().filter_map(|route| route.destination_prefix_list_id.as_deref());
            lists.for_each(|id| want(id, &row.place));
        }
        for row in e.aws.transit_routes.rows() {
            let Ok(routes) = row.body.known() else { continue };
            routes.iter().filter_map(|route| route.prefix_list_id.as_deref()).for_each(|id| want(id, &row.place));
        }
        Self { lists, missing }
    }

    pub(crate) fn blocks(&self, id: &str) -> Result<&[Block], Arc<Gap>> {
        match self.lists.get(id) {
            Some(Ok(blocks)) => Ok(blocks),
            Some(Err(gap)) => Err(Arc::clone(gap)),
            None => Err(self.missing.get(id).cloned().unwrap_or_else(|| {
                let scope = Scope::default().of(id);
                Gap::new(Operation::GetManagedPrefixListEntries, scope, Reason::NotCollected).shared()
            })),
        }
    }
}

/// A rule that no one can read may say anything.
fn unreadable_rule(group: &str, what: &str) -> Arc<Gap> {
    let gap = Gap::new(Operation::DescribeSecurityGroups, Scope::default().of(group), Reason::Undecodable);
    gap.because(format!("`{what}` is no protocol and no block")).shared()
}
