//! Hosted zones, their records, resolver endpoints.

use super::{Fact, Kind, Read, Record, Ref, Schema, TEXTS, bool, field, int, maybe_text, records, text, texts, unsaid};
use crate::estate::aws::{HostedZone, RecordSet, ResolverEndpoint, host_name};
use crate::estate::region::{Region, Service};
use crate::estate::{Estate, Known};
use crate::reach::names::untold;

pub(super) static HOSTED_ZONE: Schema = Schema {
    name: "HostedZone",
    doc: "A private hosted zone that a VPC of Databricks sees.",
    fields: &[
        field("id", Kind::Text, "Zone id.", |e, r| text(&e.aws.hosted_zones.row(r.row).id)),
        field("name", Kind::Text, "Its name, without trailing dot.", |e, r| text(&zone(e, r)?.name)),
        field("vpc_ids", TEXTS, "VPCs that see it.", |e, r| texts(vpcs(e, r)?)),
        field(
            "above_databricks",
            Kind::Bool,
            "Whether it swallows every Databricks name: `cloud.databricks.com` or a parent of it.",
            |e, r| {
                let name = &zone(e, r)?.name;
                bool(
                    ["cloud.databricks.com", "databricks.com", "com", "cloud.databricks.us", "databricks.us"]
                        .contains(&name.as_str()),
                )
            },
        ),
        field(
            "records",
            Kind::List(&Kind::Record(Record::DnsRecord)),
            "Its records that answer with addresses or names: A, AAAA, CNAME.",
            |e, r| {
                Ok(Fact::List(
                    address_records(e, r)?
                        .into_iter()
                        .map(|part| Fact::Record(Ref::part(Record::DnsRecord, r.row, part)))
                        .collect(),
                ))
            },
        ),
        field("names", TEXTS, "The name of the zone and of its records.", |e, r| {
            let mut names = vec![zone(e, r)?.name.clone()];
            let sets = record_sets(e, r)?;
            names.extend(address_records(e, r)?.into_iter().filter_map(|part| sets.get(part)).map(RecordSet::host));
            names.sort();
            names.dedup();
            texts(names)
        }),
        field(
            "stray_addresses",
            TEXTS,
            "Records of Databricks workspace names whose answer is no address of a registered workspace endpoint, as `name → answer`.",
            stray_addresses,
        ),
        field(
            "workspace_hosts",
            TEXTS,
            "Workspace host names (`dbc-…`, or of a known deployment) that it answers for, `dbc-dp-…` left out.",
            |e, r| texts(workspace_hosts(e, r)?),
        ),
        field(
            "region_code_names",
            TEXTS,
            "Names in it that use an AWS region code before `privatelink.cloud.databricks.com`, which no Databricks name does.",
            |e, r| {
                let sets = record_sets(e, r)?;
                let records = address_records(e, r)?.into_iter().filter_map(|part| sets.get(part)).map(RecordSet::host);
                let mut names: Vec<String> =
                    records.chain([zone(e, r)?.name.clone()]).filter(|name| has_region_code(name)).collect();
                names.sort();
                names.dedup();
                texts(names)
            },
        ),
        field("driver_proxy_hosts", TEXTS, "`dbc-dp-…` names that it answers for.", |e, r| {
            let sets = record_sets(e, r)?;
            let hosts = address_records(e, r)?.into_iter().filter_map(|part| sets.get(part)).map(RecordSet::host);
            texts(
                hosts
                    .chain([zone(e, r)?.name.clone()])
                    .filter(|host| host.starts_with("dbc-dp-") || host.starts_with("*.")),
            )
        }),
        field(
            "hosts_without_driver_proxy",
            TEXTS,
            "Workspace host names that it answers for, while no private zone of its VPCs answers for the `dbc-dp-…` name of the same workspace.",
            hosts_without_driver_proxy,
        ),
        field(
            "sibling_driver_proxy_zones",
            TEXTS,
            "Other private zones of its VPCs that answer for `dbc-dp-…` names.",
            |e, r| {
                let mut names = Vec::new();
                for vpc in vpcs(e, r)? {
                    for row in super::vpc::edges(&e.graph.zones_of_vpc, &vpc) {
                        names.push(e.aws.hosted_zones.row(row).body.known()?.name.clone());
                    }
                }
                names.retain(|name| name.starts_with("dbc-dp-"));
                names.sort();
                names.dedup();
                texts(names)
            },
        ),
    ],
};

pub(super) static DNS_RECORD: Schema = Schema {
    name: "DnsRecord",
    doc: "A record of a hosted zone.",
    fields: &[
        field("name", Kind::Text, "Host name, without trailing dot.", |e, r| text(record_set(e, r)?.host())),
        field("type", Kind::Text, "`A`, `AAAA` or `CNAME`.", |e, r| text(&record_set(e, r)?.kind)),
        field("values", TEXTS, "Its values.", |e, r| texts(record_set(e, r)?.values())),
        field("alias", Kind::Text, "What it is an alias of, null when it is none.", |e, r| {
            maybe_text(record_set(e, r)?.alias_target.as_ref().map(|alias| host_name(&alias.dns_name)))
        }),
    ],
};

pub(super) static RESOLVER_ENDPOINT: Schema = Schema {
    name: "ResolverEndpoint",
    doc: "A Route 53 Resolver endpoint in a VPC that Databricks uses.",
    fields: &[
        field("id", Kind::Text, "`rslvr-in-…` or `rslvr-out-…`.", |e, r| {
            text(&e.aws.resolver_endpoints.row(r.row).id)
        }),
        field("name", Kind::Text, "Its name.", |e, r| maybe_text(resolver(e, r)?.name.as_ref())),
        field("inbound", Kind::Bool, "Whether other networks ask it.", |e, r| {
            bool(resolver(e, r)?.direction == "INBOUND")
        }),
        field("address_count", Kind::Int, "How many addresses it has.", |e, r| {
            resolver(e, r)?
                .ip_address_count
                .map_or_else(|| Err(unsaid(&e.aws.resolver_endpoints, r.row, "how many addresses it has")), int)
        }),
    ],
};

pub(super) fn zone(e: &Estate, r: Ref) -> Known<&HostedZone> {
    e.aws.hosted_zones.row(r.row).body.known()
}

fn resolver(e: &Estate, r: Ref) -> Known<&ResolverEndpoint> {
    e.aws.resolver_endpoints.row(r.row).body.known()
}

fn vpcs(e: &Estate, r: Ref) -> Known<Vec<String>> {
    match &zone(e, r)?.vpcs {
        Some(vpcs) => Ok(vpcs.iter().map(|vpc| vpc.vpc_id.clone()).collect()),
        None => Err(super::not_collected(
            crate::estate::Operation::GetHostedZone,
            &e.aws.hosted_zones.row(r.row).place,
            &zone(e, r)?.id,
        )),
    }
}

fn record_sets(e: &Estate, r: Ref) -> Known<&Vec<RecordSet>> {
    let row = e.aws.hosted_zones.row(r.row);
    e.aws.records.body(&row.id, &row.place)
}

fn record_set(e: &Estate, r: Ref) -> Known<&RecordSet> {
    record_sets(e, r)?.get(r.part as usize).ok_or_else(|| unsaid(&e.aws.hosted_zones, r.row, "this record"))
}

fn address_records(e: &Estate, r: Ref) -> Known<Vec<usize>> {
    let sets = record_sets(e, r)?.iter().enumerate();
    Ok(sets.filter(|(_, set)| ["A", "AAAA", "CNAME"].contains(&set.kind.as_str())).map(|(part, _)| part).collect())
}

/// Private zones that a VPC sees. Either the VPC told them, or every zone of the collected accounts
/// must have told its VPCs, and the account of the VPC must have listed its zones.
pub(super) fn zones_of_vpc(e: &Estate, r: Ref) -> Read {
    let row = e.aws.vpcs.row(r.row);
    e.aws.hosted_zones.complete_of(&row.id, &row.place)?;
    let found = || records(Record::HostedZone, super::vpc::edges(&e.graph.zones_of_vpc, &row.id));
    if e.aws.hosted_zones.asked(&row.id, &row.place) {
        return found();
    }
    if let Some(gap) = untold(e) {
        return Err(gap);
    }
    found()
}

/// Whether a host name leads to a workspace: a workspace's own, the name behind it over
/// PrivateLink, or the driver proxy.
fn is_workspace_name(e: &Estate, name: &str) -> bool {
    let under = name.ends_with(".cloud.databricks.com") || name.ends_with(".cloud.databricks.us");
    let label = name.split('.').next().unwrap_or_default();
    let relay = label == "tunnel" || name.contains(".service-direct.");
    let privatelink = name.contains(".privatelink.") && !label.starts_with("accounts");
    let deployment = e.graph.workspace_of_deployment.contains_key(label);
    under && !relay && (privatelink || label.starts_with("dbc-") || label == "*" || deployment)
}

fn workspace_hosts(e: &Estate, r: Ref) -> Known<Vec<String>> {
    let sets = record_sets(e, r)?;
    let mut hosts: Vec<String> =
        address_records(e, r)?.into_iter().filter_map(|part| sets.get(part)).map(RecordSet::host).collect();
    hosts.retain(|host| {
        is_workspace_name(e, host)
            && !host.contains(".privatelink.")
            && !host.starts_with("dbc-dp-")
            && !host.starts_with("*.")
    });
    hosts.sort();
    hosts.dedup();
    Ok(hosts)
}

fn has_region_code(name: &str) -> bool {
    let Some(label) = name.strip_suffix(".privatelink.cloud.databricks.com") else { return false };
    let label = label.rsplit('.').next().unwrap_or(label);
    // `tunnel.privatelink.<region>…` has the code on the other side and is right
    Region::named(label).is_some() || crate::estate::aws::zone_region(&format!("{label}a")) == Some(label)
}

fn stray_addresses(e: &Estate, r: Ref) -> Read {
    let mut stray = Vec::new();
    for set in address_records(e, r)?.into_iter().filter_map(|part| record_sets(e, r).ok()?.get(part)) {
        let host = set.host();
        if !is_workspace_name(e, &host)
            || set.kind == "CNAME" && set.values().all(|value| is_workspace_name(e, &host_name(value)))
        {
            continue;
        }
        for answer in answers(set) {
            if !leads_to_workspace_endpoint(e, &answer)? {
                stray.push(format!("{host} → {answer}"));
            }
        }
    }
    texts(stray)
}

/// Whether an answer is an address or a name of an endpoint to the workspace service that EC2
/// has or that a Databricks account registered.
fn leads_to_workspace_endpoint(e: &Estate, answer: &str) -> Known<bool> {
    let mut missing = None;
    for (row, endpoint) in crate::estate::graph::known(&e.aws.vpc_endpoints) {
        let workspace =
            Region::service(&endpoint.service_name).is_some_and(|(_, service)| service == Service::Workspace);
        if !workspace && !registered_for_workspaces(e, &endpoint.vpc_endpoint_id) {
            continue;
        }
        match leads_to(e, Ref::row(Record::VpcEndpoint, row), answer) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(gap) => missing = Some(gap),
        }
    }
    for (_, registration) in crate::estate::graph::known(&e.databricks.registrations) {
        let Some(id) = registration.aws_vpc_endpoint_id.as_deref().filter(|id| registered_for_workspaces(e, id)) else {
            continue;
        };
        if is_name_of(id, answer) {
            return Ok(true);
        }
        if let Err(gap) = e.aws.vpc_endpoints.exists(id, &super::network::registered_place(registration)) {
            missing = Some(gap);
        }
    }
    for place in e.aws.vpcs.covered() {
        if let Err(gap) = e.aws.vpc_endpoints.complete(place) {
            missing = Some(gap);
        }
    }
    missing.map_or(Ok(false), Err)
}

fn registered_for_workspaces(e: &Estate, endpoint: &str) -> bool {
    let rows = super::vpc::edges(&e.graph.registrations_of_endpoint, endpoint).into_iter();
    let mut registrations = rows.filter_map(|row| e.databricks.registrations.row(row).body.known().ok());
    registrations.any(|registration| registration.service() == Some(Service::Workspace))
}

/// Whether a host name is one that AWS gives to this endpoint: `vpce-…-<suffix>.<service>…`.
fn is_name_of(endpoint: &str, name: &str) -> bool {
    let name = name.strip_prefix("dualstack.").unwrap_or(name);
    name.strip_prefix(endpoint).is_some_and(|rest| rest.starts_with(['-', '.']))
}

/// Whether an answer of a record is a name or an address of this endpoint.
fn leads_to(e: &Estate, endpoint: Ref, answer: &str) -> Known<bool> {
    let body = super::endpoint::endpoint(e, endpoint)?;
    if is_name_of(&body.vpc_endpoint_id, answer) {
        return Ok(true);
    }
    if answer.parse::<std::net::IpAddr>().is_err() {
        return Ok(false);
    }
    Ok(super::endpoint::addresses(e, endpoint)?.iter().any(|address| address == answer))
}

/// What a record answers with: addresses or host names.
fn answers(set: &RecordSet) -> Vec<String> {
    match &set.alias_target {
        Some(alias) => vec![host_name(&alias.dns_name)],
        None => set.values().map(host_name).collect(),
    }
}

/// Workspace names that private zones lead to the endpoint; see `VpcEndpoint.zone_names`.
pub(super) fn names_leading_to(e: &Estate, r: Ref) -> Read {
    let endpoint = super::endpoint::endpoint(e, r)?;
    let mut vpcs = vec![endpoint.vpc_id.clone()];
    let mut missing = e.aws.resolver_endpoints.complete(super::endpoint::place(e, r)).err();
    let resolvers =
        crate::estate::graph::known(&e.aws.resolver_endpoints).filter(|(_, resolver)| resolver.direction == "INBOUND");
    vpcs.extend(resolvers.filter_map(|(_, resolver)| resolver.host_vpc_id.clone()));
    let mut names = std::collections::BTreeSet::new();
    for vpc in vpcs {
        let zones = e
            .aws
            .vpcs
            .find(&vpc, super::endpoint::place(e, r))
            .and_then(|row| zones_of_vpc(e, Ref::row(Record::Vpc, row)));
        let zones = match zones {
            Ok(Fact::List(zones)) => zones,
            Ok(_) => Vec::new(),
            Err(gap) => {
                missing = Some(gap);
                continue;
            }
        };
        for zone in zones {
            let Fact::Record(zone) = zone else { continue };
            if let Err(gap) = collect_names(e, zone, r, &mut names) {
                missing = Some(gap);
            }
        }
    }
    match missing {
        Some(gap) if names.is_empty() => Err(gap),
        _ => texts(names),
    }
}

fn collect_names(e: &Estate, zone: Ref, endpoint: Ref, names: &mut std::collections::BTreeSet<String>) -> Known<()> {
    let sets = record_sets(e, zone)?;
    for set in address_records(e, zone)?.into_iter().filter_map(|part| sets.get(part)) {
        let host = set.host();
        if !is_workspace_name(e, &host) || has_region_code(&host) {
            continue;
        }
        for answer in answers(set) {
            if leads_to(e, endpoint, &answer)? {
                names.insert(host.clone());
            }
        }
    }
    Ok(())
}

/// Workspace hosts of a zone whose driver proxy no zone beside it answers for.
fn hosts_without_driver_proxy(e: &Estate, r: Ref) -> Read {
    let mut zones = std::collections::BTreeSet::from([r.row]);
    let mut missing = None;
    for vpc in vpcs(e, r)? {
        zones.extend(super::vpc::edges(&e.graph.zones_of_vpc, &vpc));
        if let Some(row) = e.aws.vpcs.number(&vpc) {
            missing = zones_of_vpc(e, Ref::row(Record::Vpc, row)).err().or(missing);
        }
    }
    let mut left = Vec::new();
    for host in workspace_hosts(e, r)? {
        let mut answered = false;
        for zone in &zones {
            match answers_for_driver_proxy(e, Ref::row(Record::HostedZone, *zone), &host) {
                Ok(answer) => answered |= answer,
                Err(gap) => missing = Some(gap),
            }
        }
        if !answered {
            left.push(host);
        }
    }
    match missing {
        Some(gap) if !left.is_empty() => Err(gap),
        _ => texts(left),
    }
}

/// Whether a zone answers for the driver proxy of the workspace of this host name; for a
/// workspace that no answer names, whether it answers for any driver proxy.
fn answers_for_driver_proxy(e: &Estate, zone_ref: Ref, host: &str) -> Known<bool> {
    let (label, domain) = host.split_once('.').unwrap_or((host, ""));
    match e.graph.workspace_of_deployment.get(label) {
        Some(row) => zone_answers(e, zone_ref, &format!("dbc-dp-{}.{domain}", e.databricks.workspaces.row(*row).id)),
        None => {
            let sets = record_sets(e, zone_ref)?;
            let mut records =
                address_records(e, zone_ref)?.into_iter().filter_map(|part| sets.get(part)).map(RecordSet::host);
            Ok(records.any(|record| record.starts_with("dbc-dp-") || record == format!("*.{domain}")))
        }
    }
}

/// Whether some private zone that the VPC sees answers for `host`.
pub(in crate::engine) fn vpc_answers(e: &Estate, vpc: Ref, host: &str) -> Known<bool> {
    let Fact::List(zones) = zones_of_vpc(e, vpc)? else { return Ok(false) };
    for fact in zones {
        let Fact::Record(zone) = fact else { continue };
        if zone_answers(e, zone, host)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a zone has an address or a name for `host`, by its own record or by a wildcard.
fn zone_answers(e: &Estate, zone_ref: Ref, host: &str) -> Known<bool> {
    let name = &zone(e, zone_ref)?.name;
    if host != name && !host.ends_with(&format!(".{name}")) {
        return Ok(false);
    }
    let sets = record_sets(e, zone_ref)?;
    let answers = |set: &RecordSet| {
        let record = set.host();
        record == host || record.strip_prefix("*.").is_some_and(|parent| host.ends_with(&format!(".{parent}")))
    };
    Ok(address_records(e, zone_ref)?.into_iter().filter_map(|part| sets.get(part)).any(answers))
}
