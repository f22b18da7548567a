//! Exposures: what the nodes of a network configuration reach on the internet, and who reaches
//! them from outside. Never unknown where what is known decides.

use std::sync::{Arc, LazyLock};

use super::vpc::edges;
use super::{Kind, Read, Record, Ref, Schema, TEXTS, bool, field, record, text, texts};
use crate::estate::{Estate, Gap};
use crate::reach::address::not_public;
use crate::reach::exposure::{Exposure, Neighbour, Neighbours, SubnetEgress};
use crate::reach::{Block, FlowSet, Ip, IpSet, World};

/// Lines that a list of addresses has at most.
const LINES: usize = 20;

pub(super) static EXPOSURE: Schema = Schema {
    name: "Exposure",
    doc: "What the nodes of a network configuration are exposed to, predicted: exact sets of services and addresses over all its subnets.",
    fields: &[
        field("id", Kind::Text, "Id of the network configuration.", |e, r| text(&e.databricks.networks.row(r.row).id)),
        field("name", Kind::Text, "Name of the network configuration.", |e, r| {
            text(&super::network::network(e, network(r))?.network_name)
        }),
        field("network", Kind::Record(Record::Network), "The network configuration.", |_, r| {
            record(Record::Network, r.row)
        }),
        field("workspaces", TEXTS, "Names of the workspaces whose nodes run there.", |e, r| {
            let rows = edges(&e.graph.workspaces_of_network, &e.databricks.networks.row(r.row).id);
            texts(rows.into_iter().map(|row| workspace(e, row)))
        }),
        field(
            "internet_destinations",
            TEXTS,
            "What nodes certainly reach on the internet past no firewall, the widest blocks first: `tcp/443 0.0.0.0/0`.",
            |e, r| texts(lines(&of(e, r).egress.uninspected.sure)),
        ),
        field("reaches_internet", Kind::Bool, "Whether nodes reach any public address past no firewall.", |e, r| {
            let exposure = of(e, r);
            let span = &exposure.egress.uninspected;
            let open = if span.unsure.is_empty() { unread(e, r, &exposure) } else { first(&exposure.egress.gaps) };
            decided(!span.sure.is_empty(), open)
        }),
        field(
            "reaches_all_internet",
            Kind::Bool,
            "Whether nodes reach half of the internet or more past no firewall, with some service.",
            |e, r| {
                let exposure = of(e, r);
                let span = &exposure.egress.uninspected;
                let may = is_wide(&span.sure.or(&span.unsure));
                let open = if may { first(&exposure.egress.gaps) } else { unread(e, r, &exposure) };
                decided(is_wide(&span.sure), open)
            },
        ),
        field(
            "internet_exits",
            TEXTS,
            "By which ways nodes reach the internet, for all that is known: `nat`, `internet`, `inspected`.",
            |e, r| texts(of(e, r).egress.to_internet_by.iter().map(|exit| exit.word())),
        ),
        field(
            "open_subnets",
            TEXTS,
            "Subnets from which nodes certainly reach the internet past no firewall.",
            |e, r| {
                let exposure = of(e, r);
                let open = exposure.egress.subnets.iter().filter(|subnet| !subnet.uninspected.sure.is_empty());
                texts(open.map(|subnet| &subnet.subnet))
            },
        ),
        field(
            "reached_from_internet",
            TEXTS,
            "Where the internet reaches nodes: an interface, or a subnet whose nodes get public addresses.",
            |e, r| {
                let exposure = of(e, r);
                let doors = exposure.ingress_internet.doors.iter().filter(|door| !door.span.sure.is_empty());
                let told = doors.map(|door| {
                    let address = door.address.map(|ip| format!(" ({ip})")).unwrap_or_default();
                    format!("{}{address}: {}", door.resource, lines(&door.span.sure).join(", "))
                });
                listed(told.collect(), first(&exposure.ingress_internet.gaps))
            },
        ),
        field(
            "reached_from_networks",
            TEXTS,
            "VPCs that are joined to its VPC, and networks on premises, that reach nodes, with services and addresses.",
            |e, r| {
                let exposure = of(e, r);
                neighbours(&exposure.ingress_networks, |neighbour| neighbour.id.clone())
            },
        ),
        field(
            "reached_from_workspaces",
            TEXTS,
            "Other workspaces whose nodes reach nodes, with services and addresses.",
            |e, r| {
                let exposure = of(e, r);
                neighbours(&exposure.other_workspaces, |neighbour| {
                    let names: Vec<String> = neighbour.workspaces.iter().map(|row| workspace(e, *row)).collect();
                    format!("{} ({})", names.join(", "), neighbour.id)
                })
            },
        ),
        field(
            "inspected_subnets",
            TEXTS,
            "Subnets whose way to the internet leads past a firewall, for all that is known.",
            |e, r| texts(&of(e, r).firewall_bypass.inspected),
        ),
        field(
            "firewall_bypass",
            TEXTS,
            "Subnets from which the internet is reached past the firewall that inspects others; empty without one.",
            |e, r| {
                let exposure = of(e, r);
                let bypass = &exposure.firewall_bypass;
                let open = if may_bypass(&exposure) { first(&exposure.egress.gaps) } else { unread(e, r, &exposure) };
                listed(bypass.bypassing.clone(), open)
            },
        ),
    ],
};

fn of(e: &Estate, r: Ref) -> Arc<Exposure> {
    World::of(e).exposure(r.row)
}

fn network(r: Ref) -> Ref {
    Ref::row(Record::Network, r.row)
}

fn workspace(e: &Estate, row: u32) -> String {
    super::workspace::name(e, Ref::row(Record::Workspace, row))
}

fn first(gaps: &[Arc<Gap>]) -> Option<Arc<Gap>> {
    gaps.first().cloned()
}

/// True is never taken back; false only stands when nothing is open.
fn decided(sure: bool, open: Option<Arc<Gap>>) -> Read {
    match open.filter(|_| !sure) {
        Some(gap) => Err(gap),
        None => bool(sure),
    }
}

/// Whether one subnet may be inspected, for all that is known, and another go past it: who does not
/// know where packets leave does not know whether a firewall stands there.
fn may_bypass(exposure: &Exposure) -> bool {
    let subnets = &exposure.egress.subnets;
    let inspected = |subnet: &SubnetEgress| !subnet.inspected.is_empty() || !subnet.uninspected.unsure.is_empty();
    let open = |subnet: &SubnetEgress| !subnet.uninspected.is_empty();
    subnets.iter().any(|a| open(a) && subnets.iter().any(|b| !std::ptr::eq(a, b) && inspected(b)))
}

/// What is certain, or why nothing is.
fn listed(certain: Vec<String>, open: Option<Arc<Gap>>) -> Read {
    match open.filter(|_| certain.is_empty()) {
        Some(gap) => Err(gap),
        None => texts(certain),
    }
}

/// Why not every node of the network was looked at.
fn unread(e: &Estate, r: Ref, exposure: &Exposure) -> Option<Arc<Gap>> {
    let place = super::network::place_of(e, network(r));
    let config = match super::network::network(e, network(r)) {
        Ok(config) => config,
        Err(gap) => return Some(gap),
    };
    let read = |id: &String| e.aws.subnets.body(id, &place).map(|_| ());
    let unread = config.subnet_ids.iter().try_for_each(read).err();
    let unsaid = exposure.egress.subnets.is_empty() || config.security_group_ids.is_empty();
    unread.or_else(|| first(&exposure.egress.gaps).filter(|_| unsaid))
}

fn neighbours(found: &Neighbours, name: impl Fn(&Neighbour) -> String) -> Read {
    let certain = found.list.iter().filter(|neighbour| !neighbour.span.sure.is_empty());
    let told = certain.map(|neighbour| format!("{}: {}", name(neighbour), lines(&neighbour.span.sure).join(", ")));
    listed(told.collect(), first(&found.gaps))
}

/// `<services> <block>`, the widest blocks first. What never stands on the internet fills the holes
/// between what does, so that everybody is `0.0.0.0/0`.
fn lines(set: &FlowSet) -> Vec<String> {
    let mut found: Vec<(u128, String)> = Vec::new();
    for (services, addresses) in set.pieces() {
        let public = !addresses.without(not_public()).is_empty();
        let shown = if public { addresses.or(&not_public().and(&IpSet::family(Ip(0)))) } else { addresses.clone() };
        let met = shown.blocks().into_iter().filter(|block| !addresses.and(&IpSet::of([*block])).is_empty());
        found.extend(met.map(|block| (size(block), format!("{services} {block}"))));
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let more = found.len().saturating_sub(LINES);
    let told = found.into_iter().take(LINES).map(|(_, line)| line);
    told.chain((more > 0).then(|| format!("and {more} more"))).collect()
}

fn size(block: Block) -> u128 {
    (block.last.0 - block.first.0).saturating_add(1)
}

fn count(set: &IpSet) -> u128 {
    set.blocks().into_iter().map(size).sum()
}

/// Whether some service has half of the internet or more.
fn is_wide(set: &FlowSet) -> bool {
    static INTERNET: LazyLock<u128> = LazyLock::new(|| count(&IpSet::family(Ip(0)).without(not_public())));
    set.ranges().any(|(_, _, addresses)| count(addresses) * 2 >= *INTERNET)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::Block;

    #[test]
    fn the_internet_is_told_in_one_line() {
        let public = IpSet::family(Ip(0)).without(not_public());
        assert_eq!(lines(&FlowSet::of(0..=0xFF_FFFF, &public)), ["all 0.0.0.0/0"]);
        let block = IpSet::of(Block::parse("8.8.8.0/24"));
        assert_eq!(lines(&FlowSet::of(0x0006_01BB..=0x0006_01BB, &block)), ["tcp/443 8.8.8.0/24"]);
        let private = IpSet::of(Block::parse("10.9.0.0/16"));
        assert_eq!(lines(&FlowSet::of(0x0006_0016..=0x0006_0016, &private)), ["tcp/22 10.9.0.0/16"]);
    }

    #[test]
    fn half_of_the_internet_is_wide() {
        let wide = |text: &str| {
            let addresses = IpSet::of(Block::parse(text)).without(not_public());
            is_wide(&FlowSet::of(0x0006_01BB..=0x0006_01BB, &addresses))
        };
        assert!(wide("0.0.0.0/0") && wide("0.0.0.0/1") && !wide("128.0.0.0/2"));
    }
}
