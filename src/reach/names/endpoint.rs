//! Interface endpoints as sources of names. With private DNS, AWS keeps a zone for the service's
//! name in the VPC of the endpoint; the endpoint's own names (`vpce-…`) are in the public DNS.
//! Both lead to the addresses of its interfaces. Source: AWS, "Access an AWS service using an
//! interface VPC endpoint" and "AWS PrivateLink for Amazon S3".

use std::sync::Arc;

use super::walk::Walk;
use super::{Outcome, Target, service, under};
use crate::estate::aws::{Interface, Vpc, VpcEndpoint, host_name};
use crate::estate::{Estate, Gap, Known, Reason, Row, Table};
use crate::reach::address::{Block, Ip};
use crate::reach::code::Code;
use crate::reach::flow::Passage;

/// Whether an endpoint has the name among the private names of its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// Yes, in a zone with a name of this length.
    Yes(usize),
    /// The evidence does not say which names it has, and this may be one.
    Unsaid,
    /// No.
    No,
}

/// The private names of an endpoint that its answer lists: those that are not AWS's own for it.
pub fn private_names(endpoint: &VpcEndpoint) -> impl Iterator<Item = String> {
    let names = endpoint.dns_entries.iter().filter_map(|entry| entry.dns_name.as_deref());
    let names = names.map(|name| host_name(name).replace("\\052", "*"));
    names.filter(|name| !name.starts_with("vpce-") && !name.contains(".vpce."))
}

/// Whether the private names of an endpoint cover `host`, were they in force.
pub(super) fn claim(endpoint: &VpcEndpoint, host: &str) -> Claim {
    if !matches!(endpoint.vpc_endpoint_type.as_deref(), None | Some("Interface")) {
        return Claim::No;
    }
    let mut listed = private_names(endpoint).peekable();
    if listed.peek().is_none() {
        return service::published(&endpoint.service_name, host);
    }
    let covering = listed.filter_map(|name| match name.strip_prefix("*.") {
        Some(parent) => (host != parent && under(host, parent)).then_some(parent.len()),
        None => (name == host).then_some(name.len()),
    });
    covering.max().map_or(Claim::No, Claim::Yes)
}

/// Why the private names of an endpoint are not in force.
pub(super) fn silent(endpoint: &VpcEndpoint, inbound: bool) -> Option<&'static str> {
    let options = endpoint.dns_options.as_ref();
    let inbound_only = options.and_then(|options| options.private_dns_only_for_inbound_resolver_endpoint);
    if !endpoint.private_dns_enabled {
        Some("its private DNS is off")
    } else if !endpoint.state.eq_ignore_ascii_case("available") {
        Some("it is not in the state available")
    } else if inbound_only == Some(true) && !inbound {
        Some("its private DNS answers inbound resolver endpoints only")
    } else {
        None
    }
}

/// The endpoint that a name is AWS's own for (`vpce-<id>-<suffix>[-<zone>].….vpce.amazonaws.com`,
/// or below it), and the availability zone if it names one.
pub(super) fn own_name(host: &str) -> Option<(String, Option<&str>)> {
    if !host.ends_with(".vpce.amazonaws.com") && !host.ends_with(".vpce.amazonaws.com.cn") {
        return None;
    }
    let label = host.split('.').find(|label| label.starts_with("vpce-") && !label.starts_with("vpce-svc-"))?;
    let mut parts = label.splitn(4, '-').skip(1);
    let id = parts.next()?;
    Some((format!("vpce-{id}"), parts.nth(1)))
}

/// The answer of an endpoint: its addresses, those in one availability zone if one is named.
pub(super) fn answer(walk: &mut Walk<'_>, number: u32, host: &str, zone: Option<&str>) -> Outcome {
    let row = walk.estate.aws.vpc_endpoints.row(number);
    match addresses(walk.estate, number, zone) {
        Ok(targets) if targets.is_empty() => {
            let detail = format!("{} has no interface in {}", row.id, zone.unwrap_or("any zone"));
            walk.nothing(Code::NameNotResolved, &row.id, row.origin, detail)
        }
        Ok(targets) => {
            let words: Vec<String> = targets.iter().map(|target| target.ip.to_string()).collect();
            let decision = format!("{} answers {host} with {}", row.id, words.join(", "));
            walk.hop(&row.id, row.origin, Passage::Passed, decision);
            Outcome::Private(targets)
        }
        Err(gap) => {
            let decision = format!("{host} leads to {}, whose addresses are not known", row.id);
            walk.unknown(&row.id, row.origin, decision, vec![gap])
        }
    }
}

/// The addresses of an endpoint's interfaces, sorted.
fn addresses(estate: &Estate, number: u32, zone: Option<&str>) -> Known<Vec<Target>> {
    let row = estate.aws.vpc_endpoints.row(number);
    let endpoint = row.body.known()?;
    if endpoint.network_interface_ids.is_empty() {
        return Err(unsaid(&estate.aws.vpc_endpoints, number, "its interfaces"));
    }
    let families = endpoint.dns_options.as_ref().and_then(|options| options.dns_record_ip_type.as_deref());
    let mut targets = Vec::new();
    for id in &endpoint.network_interface_ids {
        let interfaces = &estate.aws.interfaces;
        let number_of = interfaces.find(id, &row.place)?;
        let interface = interfaces.row(number_of).body.known()?;
        let missing = |what| unsaid(interfaces, number_of, what);
        if let Some(zone) = zone {
            let lies_in = interface.availability_zone.as_deref().ok_or_else(|| missing("its availability zone"))?;
            if lies_in != zone {
                continue;
            }
        }
        let mut ips: Vec<Ip> = v4(interface).into_iter().filter(|_| families != Some("ipv6")).collect();
        if matches!(families, Some("ipv6" | "dualstack")) {
            ips.extend(v6(interface));
        }
        if ips.is_empty() {
            return Err(missing("its address"));
        }
        targets.extend(ips.into_iter().map(|ip| Target { ip, endpoint: Some(number) }));
    }
    targets.sort();
    targets.dedup();
    Ok(targets)
}

/// An address as a client in the VPC sees it; none for one on the internet.
pub(super) fn inside(estate: &Estate, vpc: u32, ip: Ip) -> Option<Target> {
    let endpoint = at(estate, vpc, ip);
    let inside = ip.is_private() || endpoint.is_some() || lies_in(estate.aws.vpcs.row(vpc), ip);
    inside.then_some(Target { ip, endpoint })
}

/// The endpoint that has an address: one of the VPC itself if the address lies in it, else the only
/// one of all other VPCs whose blocks hold it.
fn at(estate: &Estate, vpc: u32, ip: Ip) -> Option<u32> {
    let own = estate.aws.vpcs.row(vpc);
    if lies_in(own, ip) {
        return in_vpc(estate, &own.id, ip);
    }
    let others = estate.aws.vpcs.rows().iter().filter(|row| row.id != own.id && lies_in(row, ip));
    let mut found = others.filter_map(|row| in_vpc(estate, &row.id, ip));
    let only = found.next();
    only.filter(|_| found.next().is_none())
}

fn in_vpc(estate: &Estate, vpc: &str, ip: Ip) -> Option<u32> {
    let interfaces = &estate.aws.interfaces;
    let mut endpoints = estate.graph.endpoints_of_vpc.get(vpc)?.iter().copied();
    endpoints.find(|number| {
        let ids = estate.aws.vpc_endpoints.row(*number).body.known().map(|body| body.network_interface_ids.as_slice());
        let rows = ids.unwrap_or_default().iter().filter_map(|id| interfaces.number(id));
        let mut bodies = rows.filter_map(|row| interfaces.row(row).body.known().ok());
        bodies.any(|interface| v4(interface).into_iter().chain(v6(interface)).any(|own| own == ip))
    })
}

fn v4(interface: &Interface) -> Option<Ip> {
    interface.private_ip_address.as_deref().and_then(Ip::parse)
}

fn v6(interface: &Interface) -> impl Iterator<Item = Ip> {
    interface.ipv6_addresses.iter().filter_map(|address| address.ipv6_address.as_deref().and_then(Ip::parse))
}

/// Whether an address lies in a block of the VPC.
fn lies_in(vpc: &Row<Vpc>, ip: Ip) -> bool {
    let Ok(body) = vpc.body.known() else { return false };
    let more = body.cidr_block_association_set.iter().chain(&body.ipv6_cidr_block_association_set);
    let more = more.filter(|block| block.is_associated());
    let more = more.flat_map(|block| block.cidr_block.iter().chain(&block.ipv6_cidr_block));
    let mut blocks = body.cidr_block.iter().chain(more);
    blocks.any(|block| Block::parse(block).is_some_and(|block| block.contains(ip)))
}

/// A gap for something that the answer about a resource leaves out.
pub(super) fn unsaid<T>(table: &Table<T>, number: u32, what: &str) -> Arc<Gap> {
    let row = table.row(number);
    let gap = Gap::new(table.operation(), row.place.scope().of(&row.id), Reason::NotCollected);
    gap.because(format!("the answer does not say {what}")).shared()
}
