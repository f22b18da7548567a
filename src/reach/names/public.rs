//! The public DNS, as far as its answers are published: names of endpoints, the chains of workspace
//! names, the control plane's addresses, those of S3 and DynamoDB. Sources: `region.json`;
//! Databricks, "Configure DNS for AWS PrivateLink".

use super::service::{aws_name, relay_name};
use super::walk::{Seat, Walk};
use super::{Outcome, endpoint};
use crate::estate::databricks::Workspace;
use crate::estate::region::Region;
use crate::estate::{Gap, Known, Operation, Reason, Row};
use crate::reach::address::{Block, IpSet};
use crate::reach::flow::Passage;

/// What the public DNS answers a client in the VPC, where some of its names lead back into the VPC.
pub(super) fn answer(walk: &mut Walk<'_>, seat: Seat, host: &str) -> Outcome {
    if let Some((id, zone)) = endpoint::own_name(host) {
        let vpc = walk.vpc(seat);
        return match walk.estate.aws.vpc_endpoints.find(&id, &vpc.place) {
            Ok(number) => endpoint::answer(walk, number, host, zone),
            Err(gap) => walk.unknown(&id, vpc.origin, format!("{host} leads to {id}, which is not known"), vec![gap]),
        };
    }
    if let Some(outcome) = workspace(walk, seat, host) {
        return outcome;
    }
    let vpc = walk.vpc(seat);
    if is_load_balancer(host) {
        let detail = format!("{host} is a load balancer, whose addresses no evidence describes");
        let scope = vpc.place.scope().of(host);
        let gap = Gap::new(Operation::DescribeNetworkInterfaces, scope, Reason::Undetermined).because(&detail);
        return walk.unknown(&vpc.id, vpc.origin, detail, vec![gap.shared()]);
    }
    if host.contains(".databricks.") {
        // the name itself may say its region: `tunnel.privatelink.<region>.cloud.databricks.com`
        walk.regions.extend(host.split('.').flat_map(Region::shards));
    }
    let (decision, addresses) = control_plane(&walk.regions, host)
        .or_else(|| service(walk, seat, host))
        .unwrap_or_else(|| (format!("no private source answers {host}: the public DNS does"), IpSet::default()));
    walk.hop(&vpc.id, vpc.origin, Passage::Passed, decision);
    Outcome::Public(addresses)
}

/// The chain of a workspace name: over the PrivateLink name of the region once private access
/// settings are attached. The name that it leads to is asked inside the VPC again.
fn workspace(walk: &mut Walk<'_>, seat: Seat, host: &str) -> Option<Outcome> {
    let label = host.strip_suffix(".cloud.databricks.com").or_else(|| host.strip_suffix(".cloud.databricks.us"))?;
    let vpc = walk.vpc(seat);
    let (estate, workspaces) = (walk.estate, &walk.estate.databricks.workspaces);
    let number = match label.strip_prefix("dbc-dp-") {
        Some(id) => workspaces.number(id),
        None => estate.graph.workspace_of_deployment.get(label).copied(),
    };
    let Some(number) = number else {
        return (label.starts_with("dbc-") && !label.contains('.')).then(|| {
            let decision = format!("{host} is of a workspace that no evidence describes: the public DNS answers");
            walk.hop(&vpc.id, vpc.origin, Passage::Passed, decision);
            Outcome::Public(IpSet::default())
        });
    };
    let row = workspaces.row(number);
    let (region, private) = match region_of(row) {
        Ok(found) => found,
        Err(gap) => {
            let decision = format!("where {host} leads is not known");
            return Some(walk.unknown(&row.id, row.origin, decision, vec![gap]));
        }
    };
    walk.regions.push(region);
    let (name, with) = match private {
        true => (region.privatelink_name(), "has private access settings"),
        false => (region.webapp_hostname.as_deref(), "has no private access settings"),
    };
    match name {
        Some(name) => {
            let decision = format!("the public DNS leads {host} to {name}: workspace {} {with}", row.id);
            walk.hop(&row.id, row.origin, Passage::Passed, decision);
            Some(walk.ask(seat, name))
        }
        None if private => {
            let detail = format!("nobody publishes the PrivateLink name of workspaces in {}", region.region);
            let scope = row.place.scope().of(&row.id);
            let gap = Gap::new(Operation::ListWorkspaces, scope, Reason::Undetermined).because(&detail);
            Some(walk.unknown(&row.id, row.origin, detail, vec![gap.shared()]))
        }
        None => {
            let decision = format!("the public DNS answers {host}: workspace {} {with}", row.id);
            walk.hop(&row.id, row.origin, Passage::Passed, decision);
            Some(Outcome::Public(inbound(region)))
        }
    }
}

/// The region of a workspace, and whether it has private access settings.
fn region_of(row: &Row<Workspace>) -> Known<(&'static Region, bool)> {
    let body = row.body.known()?;
    let gap = |reason, detail: String| {
        Gap::new(Operation::ListWorkspaces, row.place.scope().of(&row.id), reason).because(detail).shared()
    };
    let region = body.aws_region.as_deref();
    let region = region.ok_or_else(|| gap(Reason::NotCollected, "the answer does not say its region".to_owned()))?;
    let region = Region::named(region)
        .ok_or_else(|| gap(Reason::Undetermined, format!("nothing is published about Databricks in {region}")))?;
    Ok((region, body.private_access_settings_id.is_some()))
}

/// Names of Databricks that are published by region, and the addresses published for them.
fn control_plane(regions: &[&'static Region], host: &str) -> Option<(String, IpSet)> {
    let named = |name: Option<&str>| name == Some(host);
    regions.iter().find_map(|region| {
        let place = &region.region;
        if named(region.privatelink_name()) || named(region.webapp_hostname.as_deref()) {
            let decision =
                format!("no private source answers {host}: the public DNS leads to the control plane of {place}");
            Some((decision, inbound(region)))
        } else if named(relay_name(region)) {
            let decision = format!("no private source answers {host}; whether the public DNS does is not documented");
            Some((decision, IpSet::default()))
        } else if named(region.scc_relay_hostname.as_deref()) {
            let decision =
                format!("the public DNS leads {host} to the relay of {place}, whose addresses are not published");
            Some((decision, IpSet::default()))
        } else {
            None
        }
    })
}

/// Addresses that the control plane of a region answers on.
fn inbound(region: &Region) -> IpSet {
    IpSet::of(region.control_plane_inbound_cidrs.iter().flatten().filter_map(|block| Block::parse(block)))
}

/// Names of AWS services whose addresses AWS keeps in a managed prefix list.
fn service(walk: &Walk<'_>, seat: Seat, host: &str) -> Option<(String, IpSet)> {
    let name = aws_name(host).filter(|name| ["s3", "dynamodb"].contains(&name.service))?;
    let (aws, place) = (&walk.estate.aws, &walk.vpc(seat).place);
    let list = format!("com.amazonaws.{}.{}", name.region, name.service);
    let row = aws.prefix_lists.rows().iter().find(|row| row.body.known().is_ok_and(|title| *title == list));
    let entries = row.map(|row| (&row.id, aws.prefix_list_entries.body(&row.id, place)));
    Some(match entries {
        Some((id, Ok(entries))) => {
            let blocks = entries.iter().filter_map(|block| Block::parse(block));
            (
                format!("the public DNS answers {host} with an address of the prefix list {id} ({list})"),
                IpSet::of(blocks),
            )
        }
        _ => (format!("the public DNS answers {host}; the prefix list {list} is not known"), IpSet::default()),
    })
}

/// Whether a name is that of a load balancer, which may be internal.
fn is_load_balancer(host: &str) -> bool {
    host.strip_suffix(".amazonaws.com").is_some_and(|rest| rest.split('.').any(|label| label == "elb"))
}
