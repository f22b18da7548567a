//! Security groups and security group rules tell the same thing twice. Where both were
//! collected they have to agree, else the group is unknown; where only rules were, the group is
//! put together from them.
//!
//! A group is compared only when at least one of its rules was collected: an empty list of
//! rules may come from a call that was filtered for another group.

use std::collections::{BTreeMap, BTreeSet};

use super::assembly::{Assembly, set};
use crate::estate::aws as a;
use crate::estate::{Estate, Evidence, Gap, Operation, Place, Reason, Row};

/// One permission for one peer: (outbound, protocol, first port, last port, peer). A group is a
/// peer by its id alone: what else the two calls say of it, they say at different length.
type Grant = (bool, String, i64, i64, String);

impl Assembly<'_> {
    /// Compares groups with rules, and makes the groups that only rules tell of.
    pub(super) fn reconcile_groups(&mut self) {
        let mut rules: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (number, row) in (0u32..).zip(self.estate.aws.group_rules.rows()) {
            if let Evidence::Known(rule) = &row.body {
                rules.entry(rule.group_id.clone()).or_default().push(number);
            }
        }
        for (group, numbers) in rules {
            match self.estate.aws.security_groups.number(&group) {
                Some(number) => self.compare_group(&group, number, &numbers),
                None => self.make_group(&group, &numbers),
            }
        }
    }

    fn compare_group(&mut self, id: &str, number: u32, rules: &[u32]) {
        let aws = &self.estate.aws;
        let row = aws.security_groups.row(number);
        let Evidence::Known(group) = &row.body else { return };
        let whole = rules_are_whole(&self.estate, &row.place);
        let told: BTreeSet<Grant> = of_rules(&self.estate, rules).filter_map(of_rule).collect();
        let had = of_group(group);
        let extra = told.difference(&had).next();
        let Some(grant) = extra.or_else(|| had.difference(&told).next().filter(|_| whole)) else { return };
        let only = if extra.is_some() { "rules" } else { "group" };
        let first = self.cited(Operation::DescribeSecurityGroups, number);
        let second =
            rules.first().map(|rule| self.cited(Operation::DescribeSecurityGroupRules, *rule)).unwrap_or_default();
        let (egress, protocol, from, to, peer) = grant;
        let direction = if *egress { "outbound" } else { "inbound" };
        let detail =
            format!("{first} and {second} differ: {direction} {protocol} {from}-{to} {peer} is in the {only} only");
        let gap =
            Gap::new(Operation::DescribeSecurityGroups, row.place.scope().of(id), Reason::Disagreement).because(detail);
        set(&mut self.estate.aws.security_groups, id, Evidence::Unknown(gap.shared()));
    }

    fn cited(&self, operation: Operation, number: u32) -> String {
        let seen = self.seen.get(&operation).and_then(|all| all.get(number as usize));
        seen.map(|seen| self.cite(seen.document, seen.text)).unwrap_or_default()
    }

    fn make_group(&mut self, id: &str, rules: &[u32]) {
        let Some(first) = rules.first().map(|number| self.estate.aws.group_rules.row(*number)) else { return };
        let (place, origin) = (first.place.clone(), first.origin);
        if self.estate.aws.security_groups.complete(&place).is_ok() {
            // The group list is there and does not name it: its rules are left over.
            return;
        }
        let body = if rules_are_whole(&self.estate, &place) {
            let owner_id = of_rules(&self.estate, rules).find_map(|rule| rule.group_owner_id.clone());
            let permissions = |egress| {
                of_rules(&self.estate, rules).filter(|rule| rule.is_egress == egress).map(permission).collect()
            };
            Evidence::Known(a::SecurityGroup {
                group_id: id.to_owned(),
                owner_id,
                ip_permissions: permissions(false),
                ip_permissions_egress: permissions(true),
                ..a::SecurityGroup::default()
            })
        } else {
            let gap = Gap::new(Operation::DescribeSecurityGroupRules, place.scope().of(id), Reason::Skipped);
            Evidence::Unknown(gap.because("only a part of its rules was collected").shared())
        };
        self.estate.aws.security_groups.push(Row { id: id.to_owned(), place, origin, body });
    }
}

/// Whether every rule of the place was collected and could be read.
fn rules_are_whole(estate: &Estate, place: &Place) -> bool {
    let table = &estate.aws.group_rules;
    table.complete(place).is_ok() && table.rows().iter().all(|row| row.body.known().is_ok())
}

fn of_rules<'e>(estate: &'e Estate, rules: &'e [u32]) -> impl Iterator<Item = &'e a::GroupRule> {
    rules.iter().filter_map(|number| estate.aws.group_rules.row(*number).body.known().ok())
}

fn permission(rule: &a::GroupRule) -> a::IpPermission {
    let group = rule.referenced_group_info.as_ref();
    a::IpPermission {
        ip_protocol: rule.ip_protocol.clone(),
        from_port: rule.from_port,
        to_port: rule.to_port,
        ip_ranges: rule.cidr_ipv4.iter().map(|cidr| a::IpRange { cidr_ip: cidr.clone() }).collect(),
        ipv6_ranges: rule.cidr_ipv6.iter().map(|cidr| a::Ipv6Range { cidr_ipv6: cidr.clone() }).collect(),
        user_id_group_pairs: group.into_iter().map(pair).collect(),
        prefix_list_ids: rule.prefix_list_id.iter().map(|id| a::PrefixListRef { prefix_list_id: id.clone() }).collect(),
    }
}

fn pair(group: &a::ReferencedGroup) -> a::GroupPair {
    a::GroupPair {
        group_id: group.group_id.clone(),
        user_id: group.user_id.clone(),
        vpc_id: group.vpc_id.clone(),
        vpc_peering_connection_id: group.vpc_peering_connection_id.clone(),
        peering_status: group.peering_status.clone(),
    }
}

fn of_rule(rule: &a::GroupRule) -> Option<Grant> {
    grants(rule.is_egress, &permission(rule)).into_iter().next()
}

fn of_group(group: &a::SecurityGroup) -> BTreeSet<Grant> {
    let inbound = group.ip_permissions.iter().flat_map(|permission| grants(false, permission));
    let outbound = group.ip_permissions_egress.iter().flat_map(|permission| grants(true, permission));
    inbound.chain(outbound).collect()
}

fn grants(egress: bool, permission: &a::IpPermission) -> Vec<Grant> {
    let protocol = match permission.ip_protocol.as_str() {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        other => other,
    };
    // All protocols have all ports, however the two calls write that.
    let port = |port: Option<i64>| if protocol == "-1" { -1 } else { port.unwrap_or(-1) };
    let v4 = permission.ip_ranges.iter().map(|range| range.cidr_ip.clone());
    let v6 = permission.ipv6_ranges.iter().map(|range| range.cidr_ipv6.clone());
    let groups = permission.user_id_group_pairs.iter().map(|pair| pair.group_id.clone());
    let lists = permission.prefix_list_ids.iter().map(|list| list.prefix_list_id.clone());
    let peers = v4.chain(v6).chain(groups).chain(lists);
    let grant =
        |peer| (egress, protocol.to_ascii_lowercase(), port(permission.from_port), port(permission.to_port), peer);
    peers.map(grant).collect()
}
