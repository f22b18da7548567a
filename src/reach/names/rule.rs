//! Resolver rules: which of them speaks for a name, and what becomes of a name that one forwards.
//! The rule with the longest matching name decides; SYSTEM and RECURSIVE rules leave the question to
//! the resolver. What name servers outside AWS answer is not known; an inbound resolver endpoint
//! answers with what its own VPC resolves. Source: AWS, "Using rules to control which queries are
//! forwarded to your network".

use std::collections::BTreeSet;

use super::walk::{Seat, Walk};
use super::{Outcome, public, server, under};
use crate::estate::aws::{ResolverRule, ResolverTarget, Vpc, host_name};
use crate::estate::graph::known;
use crate::estate::{Estate, Gap, Known, Operation, Reason, Row};
use crate::reach::address::Ip;
use crate::reach::flow::Passage;

/// The rule that speaks for a name.
pub(super) struct Best<'a> {
    /// The rule; none for one that AWS defines itself.
    row: Option<(&'a Row<ResolverRule>, &'a ResolverRule)>,
    /// Whether it sends the question elsewhere.
    pub(super) forwards: bool,
    /// Length of its domain name.
    pub(super) specific: usize,
}

/// The most specific rule of a VPC that matches a name.
pub(super) fn best<'a>(estate: &'a Estate, vpc: &Row<Vpc>, host: &str) -> Known<Option<Best<'a>>> {
    estate.aws.resolver_rule_associations.complete_of(&vpc.id, &vpc.place)?;
    estate.aws.resolver_rules.complete(&vpc.place)?;
    let mut best = internal(host).map(|specific| Best { row: None, forwards: false, specific });
    for number in estate.graph.resolver_rules_of_vpc.get(&vpc.id).into_iter().flatten() {
        let row = estate.aws.resolver_rules.row(*number);
        let rule = row.body.known()?;
        let Some(domain) = rule.domain_name.as_deref().map(host_name).filter(|domain| under(host, domain)) else {
            continue;
        };
        if best.as_ref().is_none_or(|best| domain.len() >= best.specific) {
            let forwards = !matches!(rule.rule_type.as_deref(), Some("SYSTEM" | "RECURSIVE"));
            best = Some(Best { row: Some((row, rule)), forwards, specific: domain.len() });
        }
    }
    Ok(best)
}

/// Length of the domain that AWS keeps for itself in every VPC and that the name lies below.
fn internal(host: &str) -> Option<usize> {
    let kept =
        ["compute.internal", "compute.amazonaws.com", "ec2.internal", "compute-1.internal", "compute-1.amazonaws.com"];
    kept.iter().find(|domain| under(host, domain)).map(|domain| domain.len())
}

/// What becomes of a name that a rule sends elsewhere.
pub(super) fn forward(walk: &mut Walk<'_>, seat: Seat, best: &Best<'_>, host: &str) -> Outcome {
    let Some((row, rule)) = best.row else { return public::answer(walk, seat, host) };
    let targets: Vec<&str> = rule.target_ips.iter().filter_map(address).collect();
    let servers = if targets.is_empty() { "name servers".to_owned() } else { targets.join(", ") };
    let told =
        format!("the resolver rule {} forwards {} to {servers}", row.id, rule.domain_name.as_deref().unwrap_or("."));
    if let Some((endpoint, vpc)) = inbound(walk.estate, &targets) {
        let onward = Seat { vpc, inbound: true };
        walk.hop(&row.id, row.origin, Passage::Passed, format!("{told}: {endpoint} in {}", walk.vpc(onward).id));
        return match server::support(walk, onward, endpoint) {
            Ok(()) => walk.ask(onward, host),
            Err(outcome) => outcome,
        };
    }
    let told = format!("{told}, which no evidence describes");
    let scope = walk.vpc(seat).place.scope().of(&row.id);
    let gap = Gap::new(Operation::ListResolverRules, scope, Reason::Undetermined).because(&told);
    walk.unknown(&row.id, row.origin, told, vec![gap.shared()])
}

fn address(target: &ResolverTarget) -> Option<&str> {
    target.ip.as_deref().or(target.ipv6.as_deref())
}

/// The VPC whose inbound resolver endpoints have all of these addresses, and one of the endpoints.
fn inbound<'a>(estate: &'a Estate, targets: &[&str]) -> Option<(&'a str, u32)> {
    let mut asked: BTreeSet<Ip> = targets.iter().map(|target| Ip::parse(target)).collect::<Option<_>>()?;
    let mut vpcs = BTreeSet::new();
    let mut found = None;
    let inbound = known(&estate.aws.resolver_endpoints).filter(|(_, endpoint)| endpoint.direction == "INBOUND");
    for (_, endpoint) in inbound {
        let groups = endpoint.security_group_ids.iter().filter_map(|group| estate.graph.interfaces_of_group.get(group));
        for number in groups.flatten() {
            let Ok(interface) = estate.aws.interfaces.row(*number).body.known() else { continue };
            // AWS writes `Route 53 Resolver: <endpoint>:<address id>`
            let described = interface.description.as_deref().unwrap_or_default();
            let first = interface.private_ip_address.as_ref();
            let v6 = interface.ipv6_addresses.iter().filter_map(|address| address.ipv6_address.as_ref());
            let ips = first.into_iter().chain(v6).filter_map(|ip| Ip::parse(ip));
            let its = described.split([':', ' ']).any(|word| word == endpoint.id);
            if its && ips.filter(|ip| asked.remove(ip)).count() > 0 {
                vpcs.insert(endpoint.host_vpc_id.as_deref()?);
                found = Some(endpoint.id.as_str());
            }
        }
    }
    let vpc = estate.aws.vpcs.number(vpcs.first()?)?;
    found.filter(|_| asked.is_empty() && vpcs.len() == 1).map(|endpoint| (endpoint, vpc))
}
