//! Route 53: private zones, by the VPCs that see them, and their records.
//!
//! Of records, only those that lead to addresses keep their values. Of the others the name and the
//! type stay, because a name that exists stops a wildcard; a TXT record may hold a secret.

use aws_sdk_route53::types as t;
use serde_json::{Map, Value, json};

use super::pages::{json as written, list, more, next, pages, reply};
use super::{Ask, Lane, Manners, Page, Post, Reply, not_asked, one, refusal, unsaid};
use crate::estate::Operation;
use crate::estate::aws as a;
use crate::sources::live::ask::ASKED;

/// The most rows on a page of most calls.
const MOST: i32 = 100;
/// The same of records.
const RECORDS: i32 = 300;

/// Puts one question.
pub(super) async fn ask(post: &Post, manners: &Manners, ask: &Ask) -> Reply {
    // one limit for all regions
    let lane = Lane { region: "global".to_owned(), ..post.lane("route53") };
    match (ask.operation, one(ask)) {
        (Operation::ListHostedZones, None) => zones(post, manners, &lane).await,
        (Operation::ListHostedZonesByVpc, Some(vpc)) => zones_of(post, manners, &lane, vpc).await,
        (Operation::GetHostedZone, Some(zone)) => {
            let send = || async {
                let output = post.route53().get_hosted_zone().id(zone).send().await.map_err(refusal)?;
                let described = output.hosted_zone.ok_or_else(unsaid)?;
                let vpcs = output.vpcs.unwrap_or_default().into_iter().map(|vpc| written(&seen_by(vpc)));
                Ok(json!({ "HostedZone": hosted(described), "VPCs": vpcs.collect::<Vec<_>>() }))
            };
            manners.call(&lane, send).await.into()
        }
        (Operation::ListResourceRecordSets, Some(zone)) => records(post, manners, &lane, zone).await,
        (operation, _) => Reply::refused(not_asked(operation)),
    }
}

async fn zones(post: &Post, manners: &Manners, lane: &Lane) -> Reply {
    let fetch = |marker: Option<String>| async move {
        let request = post.route53().list_hosted_zones().max_items(MOST).set_marker(marker);
        let output = request.send().await.map_err(refusal)?;
        let rows = output.hosted_zones.into_iter().map(hosted).collect();
        Ok(Page { rows, next: next(output.is_truncated, output.next_marker)? })
    };
    list("HostedZones", pages(manners, lane, fetch).await)
}

/// The zones of one VPC, in the region of the post.
async fn zones_of(post: &Post, manners: &Manners, lane: &Lane, vpc: &str) -> Reply {
    let fetch = |token: Option<String>| async move {
        let request = post.route53().list_hosted_zones_by_vpc().vpc_id(vpc);
        let request = request.vpc_region(post.region.as_str().into()).max_items(MOST).set_next_token(token);
        let output = request.send().await.map_err(refusal)?;
        let rows = output.hosted_zone_summaries.into_iter().map(summary).collect();
        Ok(Page { rows, next: more(output.next_token) })
    };
    let all = pages(manners, lane, fetch).await;
    let mut answer = Map::new();
    answer.insert("HostedZoneSummaries".to_owned(), Value::Array(all.rows));
    answer.insert(ASKED.to_owned(), json!([vpc]));
    reply(answer, all.read, all.broken)
}

/// Where the next page of records begins: Route 53 has no token for it.
type Start = (String, Option<String>, Option<String>);

async fn records(post: &Post, manners: &Manners, lane: &Lane, zone: &str) -> Reply {
    let fetch = |start: Option<Start>| async move {
        let mut request = post.route53().list_resource_record_sets().hosted_zone_id(zone).max_items(RECORDS);
        if let Some((name, kind, identifier)) = start {
            request = request
                .start_record_name(name)
                .set_start_record_type(kind.as_deref().map(t::RrType::from))
                .set_start_record_identifier(identifier);
        }
        let output = request.send().await.map_err(refusal)?;
        let rows = output.resource_record_sets.into_iter().map(record).collect();
        let kind = output.next_record_type.map(|kind| kind.as_str().to_owned());
        let name = next(output.is_truncated, output.next_record_name)?;
        Ok(Page { rows, next: name.map(|name| (name, kind, output.next_record_identifier)) })
    };
    list("ResourceRecordSets", pages(manners, lane, fetch).await)
}

fn hosted(zone: t::HostedZone) -> Value {
    let private = zone.config.is_some_and(|config| config.private_zone);
    json!({ "Id": zone.id, "Name": zone.name, "Config": { "PrivateZone": private } })
}

fn summary(zone: t::HostedZoneSummary) -> Value {
    let mut owner = Map::new();
    if let Some(told) = zone.owner {
        owner.extend(told.owning_account.map(|account| ("OwningAccount".to_owned(), account.into())));
        owner.extend(told.owning_service.map(|service| ("OwningService".to_owned(), service.into())));
    }
    json!({ "HostedZoneId": zone.hosted_zone_id, "Name": zone.name, "Owner": owner })
}

fn seen_by(vpc: t::Vpc) -> a::ZoneVpc {
    a::ZoneVpc {
        region: vpc.vpc_region.map(|region| region.as_str().to_owned()),
        vpc_id: vpc.vpc_id.unwrap_or_default(),
    }
}

fn record(set: t::ResourceRecordSet) -> a::RecordSet {
    let leads = matches!(set.r#type, t::RrType::A | t::RrType::Aaaa | t::RrType::Cname);
    let bare = a::RecordSet { name: set.name, kind: set.r#type.as_str().to_owned(), ..a::RecordSet::default() };
    if !leads {
        return bare;
    }
    let values = set.resource_records.unwrap_or_default();
    a::RecordSet {
        ttl: set.ttl,
        resource_records: values.into_iter().map(|record| a::RecordValue { value: record.value }).collect(),
        alias_target: set
            .alias_target
            .map(|alias| a::AliasTarget { dns_name: alias.dns_name, hosted_zone_id: Some(alias.hosted_zone_id) }),
        ..bare
    }
}
