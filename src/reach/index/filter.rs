//! Network ACLs and sets of security groups as boxes: a range of services times a block of
//! addresses. Read once; a packet is then compared with plain numbers.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, OnceLock};

use range_set_blaze::RangeSetBlaze;

use super::super::address::{Block, Ip};
use super::super::group;
use super::super::service::{Service, describe};
use super::super::set::FlowSet;
use super::super::traffic::Direction;
use super::PrefixLists;
use crate::estate::aws::{AclEntry, IpPermission, NetworkAcl, SecurityGroup};
use crate::estate::{Estate, Gap, Place};

/// What a filter says of one packet.
#[derive(Clone, Debug)]
pub(crate) enum Says<'a> {
    /// Pass, by this rule.
    Pass(&'a Rule),
    /// Drop: by this entry of an ACL, or because nothing admits it.
    Drop(Option<&'a Rule>),
    /// Not known.
    Unknown(&'a Arc<Gap>),
}

/// One rule: services times addresses.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) services: RangeInclusive<u32>,
    pub(crate) block: Block,
    pub(crate) allow: bool,
    /// Number of the ACL entry; for a group its place in [`GroupSet::ids`].
    pub(crate) number: i64,
}

impl Rule {
    fn covers(&self, service: Service, peer: Ip) -> bool {
        self.services.contains(&service.0) && self.block.contains(peer)
    }

    /// `tcp/443 with 10.0.0.0/16`.
    pub(crate) fn words(&self, with: &str) -> String {
        format!("{} {with} {}", describe(&self.services), self.block)
    }
}

/// A network ACL, one list a direction, in the order of the numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Acl {
    ingress: Vec<Rule>,
    egress: Vec<Rule>,
    /// What each direction admits as a set, once it was asked for.
    sets: [OnceLock<FlowSet>; 2],
}

impl Acl {
    /// None when an entry cannot be read: then the ACL may do anything.
    pub(crate) fn new(acl: &NetworkAcl) -> Option<Self> {
        let read = |direction| {
            let entries = super::super::acl::ordered(acl, direction);
            entries.into_iter().map(Self::rules).collect::<Option<Vec<_>>>().map(|rules| rules.concat())
        };
        Some(Self { ingress: read(Direction::Ingress)?, egress: read(Direction::Egress)?, sets: Default::default() })
    }

    fn rules(entry: &AclEntry) -> Option<Vec<Rule>> {
        let (from, to) = match (&entry.icmp_type_code, entry.port_range) {
            (Some(icmp), _)
                if super::super::Protocol::named(&entry.protocol).is_some_and(super::super::Protocol::is_icmp) =>
            {
                (Some(icmp.kind), Some(icmp.code))
            }
            (_, Some(ports)) => (Some(ports.from), Some(ports.to)),
            _ => (None, None),
        };
        let services = Service::of_rule(&entry.protocol, from, to)?;
        let blocks = entry.cidr_block.as_deref().into_iter().chain(entry.ipv6_cidr_block.as_deref());
        blocks
            .map(|block| {
                let (allow, number) = (entry.rule_action == "allow", entry.rule_number);
                Some(Rule { services: services.clone(), block: Block::parse(block)?, allow, number })
            })
            .collect()
    }

    /// The rules of one direction, in their order.
    pub(crate) fn rules_of(&self, direction: Direction) -> &[Rule] {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }

    /// What one direction admits, as a set.
    pub(crate) fn admitted(&self, direction: Direction) -> &FlowSet {
        self.sets[usize::from(direction == Direction::Egress)].get_or_init(|| FlowSet::of_acl(self.rules_of(direction)))
    }

    /// Whether the packet passes.
    pub(crate) fn says(&self, direction: Direction, service: Service, peer: Ip) -> Says<'_> {
        match self.rules_of(direction).iter().find(|rule| rule.covers(service, peer)) {
            Some(rule) if rule.allow => Says::Pass(rule),
            rule => Says::Drop(rule),
        }
    }

    /// Those of the services `wanted` that pass, as ports.
    pub(crate) fn ports(&self, direction: Direction, wanted: &RangeInclusive<u32>, peer: Ip) -> RangeSetBlaze<u16> {
        let mut left = RangeSetBlaze::from_iter([wanted.clone()]);
        let mut passed = RangeSetBlaze::new();
        let base = wanted.start() & !0xFFFF;
        for rule in self.rules_of(direction).iter().filter(|rule| rule.block.contains(peer)) {
            let (first, last) = (*rule.services.start().max(wanted.start()), *rule.services.end().min(wanted.end()));
            if first > last {
                continue;
            }
            let decided = &left & &RangeSetBlaze::from_iter([first..=last]);
            if rule.allow {
                // the protocol is the same all along, so that what is left is a port
                let port = |service: u32| u16::try_from(service - base).unwrap_or(u16::MAX);
                passed.extend(decided.ranges().map(|range| port(*range.start())..=port(*range.end())));
            }
            left = &left - &decided;
            if left.is_empty() {
                break;
            }
        }
        passed
    }

    /// Whether every service of `wanted` passes by one entry: the common case, without sets.
    pub(crate) fn passes_all(&self, direction: Direction, wanted: &RangeInclusive<u32>, peer: Ip) -> bool {
        let touching = |rule: &&Rule| {
            rule.block.contains(peer) && rule.services.start() <= wanted.end() && wanted.start() <= rule.services.end()
        };
        self.rules_of(direction).iter().find(touching).is_some_and(|rule| {
            rule.allow && rule.services.start() <= wanted.start() && wanted.end() <= rule.services.end()
        })
    }
}

/// What a set of security groups admits in one direction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Side {
    /// By address.
    pub(crate) rules: Vec<Rule>,
    /// By group: services, the group that is referred to, and which of the own groups says so.
    pub(crate) references: Vec<(RangeInclusive<u32>, String, i64)>,
    /// By something that nobody collected.
    pub(crate) unknown: Vec<(RangeInclusive<u32>, Arc<Gap>)>,
    /// What the rules admit as a set, once it was asked for.
    set: OnceLock<FlowSet>,
}

impl Side {
    /// What is admitted by address, as a set.
    pub(crate) fn admitted(&self) -> &FlowSet {
        self.set.get_or_init(|| FlowSet::of_rules(&self.rules))
    }

    /// Whether the packet passes by address alone.
    pub(crate) fn says(&self, service: Service, peer: Ip) -> Says<'_> {
        if let Some(rule) = self.rules.iter().find(|rule| rule.covers(service, peer)) {
            return Says::Pass(rule);
        }
        match self.unknown.iter().find(|(services, _)| services.contains(&service.0)) {
            Some((_, gap)) => Says::Unknown(gap),
            None => Says::Drop(None),
        }
    }

    /// The reference that admits an interface with these groups.
    pub(crate) fn reference<'a>(&'a self, service: Service, groups: &[String]) -> Option<(&'a String, i64)> {
        let admits = |(services, group, _): &&(RangeInclusive<u32>, String, i64)| {
            services.contains(&service.0) && groups.contains(group)
        };
        self.references.iter().find(admits).map(|(_, group, by)| (group, *by))
    }

    fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.references.is_empty() && self.unknown.is_empty()
    }
}

/// The security groups of an interface, joined.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupSet {
    /// Their ids, sorted.
    pub(crate) ids: Vec<String>,
    /// Rows of those that were collected.
    pub(crate) rows: Vec<Option<u32>>,
    pub(crate) ingress: Side,
    pub(crate) egress: Side,
}

impl GroupSet {
    pub(crate) fn side(&self, direction: Direction) -> &Side {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }

    /// Whether no group of the set has any rule in this direction.
    pub(crate) fn is_closed(&self, direction: Direction) -> bool {
        self.side(direction).is_empty()
    }
}

/// Joined sets of groups, each once.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupSets {
    sets: Vec<GroupSet>,
    numbers: HashMap<Vec<String>, u32>,
}

impl GroupSets {
    pub(crate) fn set(&self, number: u32) -> &GroupSet {
        &self.sets[number as usize]
    }

    pub(crate) fn number(&self, ids: &[String]) -> Option<u32> {
        self.numbers.get(ids).copied()
    }

    /// The number of the set of these groups, joined now if it is new.
    pub(crate) fn intern(&mut self, e: &Estate, lists: &PrefixLists, ids: &[&str], place: &Place) -> u32 {
        let mut sorted: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        sorted.sort_unstable();
        sorted.dedup();
        if let Some(number) = self.numbers.get(&sorted) {
            return *number;
        }
        let number = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
        self.sets.push(join(e, lists, &sorted, place));
        self.numbers.insert(sorted, number);
        number
    }
}

fn join(e: &Estate, lists: &PrefixLists, ids: &[String], place: &Place) -> GroupSet {
    let mut set = GroupSet { ids: ids.to_vec(), ..GroupSet::default() };
    for (by, id) in (0i64..).zip(ids) {
        let found = e.aws.security_groups.find(id, place);
        set.rows.push(found.as_ref().ok().copied());
        let group = found.and_then(|row| e.aws.security_groups.row(row).body.known());
        match group {
            Ok(group) => {
                add(&mut set.ingress, lists, group, Direction::Ingress, by);
                add(&mut set.egress, lists, group, Direction::Egress, by);
            }
            Err(gap) => {
                for side in [&mut set.ingress, &mut set.egress] {
                    side.unknown.push((super::super::service::ALL, Arc::clone(&gap)));
                }
            }
        }
    }
    set
}

fn add(side: &mut Side, lists: &PrefixLists, group: &SecurityGroup, direction: Direction, by: i64) {
    for permission in group::permissions(group, direction) {
        let Some(services) = services_of(permission) else {
            side.unknown
                .push((super::super::service::ALL, super::unreadable_rule(&group.group_id, &permission.ip_protocol)));
            continue;
        };
        let rule = |block: Block| Rule { services: services.clone(), block, allow: true, number: by };
        for text in group::blocks(permission) {
            match Block::parse(text) {
                Some(block) => side.rules.push(rule(block)),
                None => side.unknown.push((services.clone(), super::unreadable_rule(&group.group_id, text))),
            }
        }
        for list in &permission.prefix_list_ids {
            match lists.blocks(&list.prefix_list_id) {
                Ok(blocks) => side.rules.extend(blocks.iter().map(|block| rule(*block))),
                Err(gap) => side.unknown.push((services.clone(), gap)),
            }
        }
        for pair in &permission.user_id_group_pairs {
            side.references.push((services.clone(), pair.group_id.clone(), by));
        }
    }
}

fn services_of(permission: &IpPermission) -> Option<RangeInclusive<u32>> {
    Service::of_rule(&permission.ip_protocol, permission.from_port, permission.to_port)
}
