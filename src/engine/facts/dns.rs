//! Hosted zones, their records, resolver endpoints.

use super::{Fact, Kind, Read, Record, Ref, Schema, TEXTS, bool, field, int, maybe_text, records, text, texts, unsaid};
use crate::estate::aws::{HostedZone, RecordSet, ResolverEndpoint, host_name};
use crate::estate::region::{Region, Service};
use crate::estate::{Estate, Known};

pub(super) static HOSTED_ZONE: Schema = Schema {
    name: "HostedZone",
    doc: "A private hosted zone that a VPC of Databricks sees.",
    fields: &[
        field("id", Kind::Text, "Zone id.", |e, r| text(&e.aws.hosted_zones.row(r.row).id)),
        field("name", Kind::Text, "Its name, without trailing dot.", |e, r| text(&zone(e, r)?.name)),
        field("vpc_ids", TEXTS, "VPCs that see it.", |e, r| texts(vpcs(e, r)?)),
        field("above_databricks", Kind::Bool, "Whether it swallows every Databricks name: `cloud.databricks.com` or a parent of it.", |e, r| {
            let name = &zone(e, r)?.name;
            bool(["cloud.databricks.com", "databricks.com", "com", "cloud.databricks.us", "databricks.us"].contains(&name.as_str()))
        }),
        field("records", Kind::List(&Kind::Record(Record::DnsRecord)), "Its records that answer with addresses or names: A, AAAA, CNAME.", |e, r| {
            Ok(Fact::List(address_records(e, r)?.into_iter().map(|part| Fact::Record(Ref::part(Record::DnsRecord, r.row, part))).collect()))
        }),
        field("names", TEXTS, "The name of the zone and of its records.", |e, r| {
            let mut names = vec![zone(e, r)?.name.clone()];
            let sets = record_sets(e, r)?;
            names.extend(address_records(e, r)?.into_iter().filter_map(|part| sets.get(part)).map(RecordSet::host));
            names.sort();
            names.dedup();
            texts(names)
        }),
        field("stray_addresses", TEXTS, "Records of Databricks workspace names whose answer is no address of a registered workspace endpoint, as `name → answer`.", stray_addresses),
        field("workspace_hosts", TEXTS, "Workspace host names (`dbc-…`, or of a known deployment) that it answers for, `dbc-dp-…` left out.", |e, r| {
            texts(workspace_hosts(e, r)?)
        }),
        field("region_code_names", TEXTS, "Names in it that use an AWS region code before `privatelink.cloud.databricks.com`, which no Databricks name does.", |e, r| {
            let sets = record_sets(e, r)?;
            let records = address_records(e, r)?.into_iter().filter_map(|part| sets.get(part)).map(RecordSet::host);
            let mut names: Vec<String> = records.chain([zone(e, r)?.name.clone()]).filter(|name| has_region_code(name)).collect();
            names.sort();
            names.dedup();
            texts(names)
        }),
        field("driver_proxy_hosts", TEXTS, "`dbc-dp-…` names that it answers for.", |e, r| {
            let sets = record_sets(e, r)?;
            let hosts = address_records(e, r)?.into_iter().filter_map(|part| sets.get(part)).map(RecordSet::host);
            texts(hosts.chain([zone(e, r)?.name.clone()]).filter(|host| host.starts_with("dbc-dp-") || host.starts_with("*.")))
        }),
        field("sibling_driver_proxy_zones", TEXTS, "Other private zones of its VPCs that answer for `dbc-dp-…` names.", |e, r| {
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
        }),
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
        field("id", Kind::Text, "`rslvr-in-…` or `rslvr-out-…`.", |e, r| text(&e.aws.resolver_endpoints.row(r.row).id)),
        field("name", Kind::Text, "Its name.", |e, r| maybe_text(resolver(e, r)?.name.as_ref())),
        field("inbound", Kind::Bool, "Whether other networks ask it.", |e, r| bool(resolver(e, r)?.direction == "INBOUND")),
        field("address_count", Kind::Int, "How many addresses it has.", |e, r| {
            resolver(e, r)?.ip_address_count.map_or_else(|| Err(unsaid(&e.aws.resolver_endpoints, r.row, "how many addresses it has")), int)
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
        None => Err(super::not_collected(crate::estate::Operation::GetHostedZone, &e.aws.hosted_zones.row(r.row).place, &zone(e, r)?.id)),
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

/// Private zones that a VPC sees. Every zone of the collected accounts must have told its VPCs,
/// and the account of the VPC must have listed its zones.
pub(super) fn zones_of_vpc(e: &Estate, r: Ref) -> Read {
    let row = e.aws.vpcs.row(r.row);
    e.aws.hosted_zones.complete(&row.place)?;
    for number in 0..e.aws.hosted_zones.rows().len() {
        let zone = Ref::row(Record::HostedZone, u32::try_from(number).unwrap_or(u32::MAX));
        if self::zone(e, zone)?.private {
            vpcs(e, zone)?;
        }
    }
    records(Record::HostedZone, super::vpc::edges(&e.graph.zones_of_vpc, &row.id))
}

/// Whether a host name leads to a workspace: a workspace's own, the name behind it over
/// PrivateLink, or the driver proxy.
fn is_workspace_name(e: &Estate, name: &str) -> bool {
    let under = name.ends_with(".cloud.databricks.com") || name.ends_with(".cloud.databricks.us");
    let label = name.split('.').next().unwrap_or_default();
    let relay = label == "tunnel" || name.contains(".service-direct.");
    let privatelink = name.contains(".privatelink.") && !label.starts_with("accounts");
    let deployment = e.databricks.workspaces.rows().iter().any(|row| {
        row.body.known().is_ok_and(|workspace| workspace.deployment_name.as_deref() == Some(label))
    });
    under && !relay && (privatelink || label.starts_with("dbc-") || label == "*" || deployment)
}

fn workspace_hosts(e: &Estate, r: Ref) -> Known<Vec<String>> {
    let sets = record_sets(e, r)?;
    let mut hosts: Vec<String> = address_records(e, r)?.into_iter().filter_map(|part| sets.get(part)).map(RecordSet::host).collect();
    hosts.retain(|host| is_workspace_name(e, host) && !host.contains(".privatelink.") && !host.starts_with("dbc-dp-") && !host.starts_with("*."));
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
        if !is_workspace_name(e, &host) || set.kind == "CNAME" && set.values().all(|value| is_workspace_name(e, &host_name(value))) {
            continue;
        }
        let answers: Vec<String> = match &set.alias_target {
            Some(alias) => vec![host_name(&alias.dns_name)],
            None => set.values().map(str::to_owned).collect(),
        };
        for answer in answers {
            if !leads_to_workspace_endpoint(e, &answer)? {
                stray.push(format!("{host} → {answer}"));
            }
        }
    }
    texts(stray)
}

/// Whether an answer is an address or a name of an endpoint to the workspace service that a
/// Databricks account registered.
fn leads_to_workspace_endpoint(e: &Estate, answer: &str) -> Known<bool> {
    let mut missing = None;
    for (row, endpoint) in crate::estate::graph::known(&e.aws.vpc_endpoints) {
        let by_name = Region::service(&endpoint.service_name).is_some_and(|(_, service)| service == Service::Workspace);
        if !by_name {
            continue;
        }
        let names = endpoint.dns_entries.iter().filter_map(|entry| entry.dns_name.as_deref()).map(host_name);
        if names.into_iter().any(|name| name == answer || answer == format!("dualstack.{name}")) {
            return Ok(true);
        }
        match super::endpoint::addresses(e, Ref::row(Record::VpcEndpoint, row)) {
            Ok(addresses) if addresses.iter().any(|address| address == answer) => return Ok(true),
            Ok(_) => {}
            Err(gap) => missing = Some(gap),
        }
    }
    for place in e.aws.vpcs.covered() {
        if let Err(gap) = e.aws.vpc_endpoints.complete(place) {
            missing = Some(gap);
        }
    }
    missing.map_or(Ok(false), Err)
}

/// Whether some private zone that the VPC sees answers for `host`.
pub(in crate::engine) fn vpc_answers(e: &Estate, vpc: Ref, host: &str) -> Known<bool> {
    let Fact::List(zones) = zones_of_vpc(e, vpc)? else { return Ok(false) };
    for fact in zones {
        let Fact::Record(zone_ref) = fact else { continue };
        let name = &zone(e, zone_ref)?.name;
        if host != name && !host.ends_with(&format!(".{name}")) {
            continue;
        }
        let sets = record_sets(e, zone_ref)?;
        let answers = |set: &RecordSet| {
            let record = set.host();
            record == host || record.strip_prefix("*.").is_some_and(|parent| host.ends_with(&format!(".{parent}")))
        };
        if address_records(e, zone_ref)?.into_iter().filter_map(|part| sets.get(part)).any(answers) {
            return Ok(true);
        }
    }
    Ok(false)
}
