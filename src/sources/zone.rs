//! Hosted zones: the list gives them without their VPCs, `get-hosted-zone` with them. The
//! fuller answer wins, which is no disagreement. The zones of one VPC, where the answer says which
//! VPC was asked about, tell that this VPC sees them: that is all that the VPC needs, and several
//! such answers about one zone add up.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::answer::{Answer, Attribution, Content};
use super::assembly::{Assembly, Seen};
use super::json;
use super::list;
use super::owned::{Said, every, one};
use super::place::{Hints, Near};
use crate::estate::aws::{self as a, host_name};
use crate::estate::{Evidence, Gap, Operation, Reason};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Listed {
    id: String,
    hosted_zone_id: String,
    name: String,
    config: Config,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Config {
    private_zone: bool,
}

/// The id without the `/hostedzone/` that Route 53 writes before it.
pub(super) fn zone_id(id: &str) -> String {
    id.trim_start_matches("/hostedzone/").to_owned()
}

impl Listed {
    fn zone(self, vpcs: Option<Vec<a::ZoneVpc>>, by_vpc: bool) -> a::HostedZone {
        let id = zone_id(if self.id.is_empty() { &self.hosted_zone_id } else { &self.id });
        a::HostedZone { id, name: host_name(&self.name), private: by_vpc || self.config.private_zone, vpcs }
    }
}

impl<'a> Assembly<'a> {
    /// A list of zones. The list of one VPC's zones adds what the list of all lacks, and is
    /// never the whole.
    pub(super) fn zones(&mut self, answer: &Answer<'a>, at: &Attribution, items: &[&'a RawValue]) {
        if at.operation == Operation::ListHostedZonesByVpc {
            return self.zones_of_vpc(answer, at, items);
        }
        let rows = items.iter().filter_map(|item| self.listed_zone(answer, at, item.get(), None)).collect();
        self.end_list(answer, at, rows);
    }

    /// The zones of one VPC. Without the name of the VPC they only tell that the zones are there.
    fn zones_of_vpc(&mut self, answer: &Answer<'a>, at: &Attribution, items: &[&'a RawValue]) {
        let asked = list::asked(answer).unwrap_or_default().filter(|asked| !asked.is_empty());
        // what is wrong here concerns the VPC alone
        let vpc = asked.as_ref().and_then(|asked| asked.first()).cloned();
        let at = &Attribution { owner: vpc.clone().or_else(|| at.owner.clone()), ..at.clone() };
        let mut whole = true;
        for item in items.iter().filter(|item| !is_of_endpoint(item)) {
            whole &= self.listed_zone(answer, at, item.get(), Some(asked.as_ref())).is_some();
        }
        let (Some(asked), Some(vpc)) = (asked, vpc) else { return };
        match &answer.content {
            Ok(Content::Object(members)) if list::is_page(members) => {
                let detail = format!("{}: {}", self.cite(answer.document, answer.text), list::PAGE);
                self.unreadable(at, Some(&vpc), Reason::Skipped, detail);
            }
            _ if whole => {
                let seen = Seen { document: answer.document, text: answer.text, near: Near::default() };
                for vpc in &asked {
                    self.zone_lists.entry(vpc.clone()).or_insert_with(|| seen.clone());
                }
                self.cover(at.operation, at.place.clone(), Some(asked), Vec::new(), self.folder(answer));
            }
            _ => {}
        }
    }

    /// One zone of a list; `by_vpc` with the VPCs that are known to see it, when such a list gave it.
    /// Its row, when it has an id.
    fn listed_zone(
        &mut self,
        answer: &Answer<'a>,
        at: &Attribution,
        text: &'a str,
        by_vpc: Option<Option<&BTreeSet<String>>>,
    ) -> Option<u32> {
        let listed = match json::decode::<Listed>(text) {
            Ok(listed) => listed,
            Err(error) => {
                let detail = self.explain(answer.document, text, &error);
                self.unreadable(at, at.owner.as_deref(), Reason::Undecodable, detail);
                return None;
            }
        };
        let vpcs = by_vpc.flatten().map(|vpcs| vpcs.iter().map(|vpc| seen_by(vpc)).collect::<Vec<_>>());
        let zone = listed.zone(vpcs, by_vpc.is_some());
        if zone.id.is_empty() {
            self.wrong_shape(answer, at, "Id");
            return None;
        }
        let row = self.estate.aws.hosted_zones.number(&zone.id).filter(|_| by_vpc.is_some());
        if let Some(row) = row {
            self.add_vpcs(&zone);
            return Some(row);
        }
        let hints = list::hints(at, text, None);
        let seen = Seen { document: answer.document, text, near: Near::default() };
        Some(self.add(|estate| &mut estate.aws.hosted_zones, &zone.id.clone(), hints, seen, Evidence::Known(zone)))
    }

    /// Adds the VPCs of another answer to a zone.
    fn add_vpcs(&mut self, zone: &a::HostedZone) {
        let (Some(row), Some(vpcs)) = (self.estate.aws.hosted_zones.existing(&zone.id), &zone.vpcs) else { return };
        if let Evidence::Known(known) = &mut row.body {
            known.private = true;
            let all = known.vpcs.get_or_insert_default();
            for vpc in vpcs {
                if !all.iter().any(|known| known.vpc_id == vpc.vpc_id) {
                    all.push(vpc.clone());
                }
            }
        }
    }

    /// One zone with its VPCs.
    pub(super) fn zone(&mut self, answer: &Answer<'a>, at: &Attribution) {
        let folder = zone_id(at.owner.as_deref().unwrap_or_default());
        let Some(Said::Members(members)) = self.said(answer, at, &folder) else { return };
        let Some(value) = json::member(members, "HostedZone") else {
            return self.wrong_shape(answer, at, "HostedZone");
        };
        let vpcs = json::member(members, "VPCs").map_or_else(|| Ok(Vec::new()), every::<a::ZoneVpc>);
        let zone = one::<Listed>(value).and_then(|listed| vpcs.map(|vpcs| listed.zone(Some(vpcs), false)));
        let zone = match zone {
            Ok(zone) => zone,
            Err(trouble) => {
                let detail = self.tell(answer.document, &trouble);
                return self.unreadable(at, Some(&folder), Reason::Undecodable, detail);
            }
        };
        let id = if zone.id.is_empty() { folder } else { zone.id.clone() };
        let seen = Seen { document: answer.document, text: answer.text, near: Near::default() };
        let origin = self.origin(answer.document, value.get());
        let row = self.estate.aws.hosted_zones.number(&id);
        let body = row.and_then(|row| self.estate.aws.hosted_zones.row(row).body.known().ok().cloned());
        let (Some(row), Some(listed), true) = (row, body, self.whole_zones.insert(id.clone())) else {
            let hints = Hints { place: at.place.clone(), near: Near::default() };
            self.add(|estate| &mut estate.aws.hosted_zones, &id, hints, seen, Evidence::Known(zone));
            return;
        };
        let body = match self.zone_contradicted(&listed, &zone, &seen) {
            Some(detail) => {
                let scope = self.estate.aws.hosted_zones.row(row).place.scope().of(&id);
                let gap = Gap::new(Operation::ListHostedZones, scope, Reason::Disagreement).because(detail);
                Evidence::Unknown(gap.shared())
            }
            None => Evidence::Known(zone),
        };
        if let Some(existing) = self.estate.aws.hosted_zones.existing(&id) {
            existing.body = body;
            existing.origin = origin;
        }
        let all = self.seen.get_mut(&Operation::ListHostedZones);
        if let Some(first) = all.and_then(|all| all.get_mut(row as usize)) {
            *first = seen;
        }
    }

    /// Whether a zone names a VPC that does not see it, or lacks one that does.
    fn zone_contradicted(&self, listed: &a::HostedZone, zone: &a::HostedZone, seen: &Seen<'_>) -> Option<String> {
        let names = |zone: &a::HostedZone, vpc: &String| zone.vpcs.iter().flatten().any(|named| named.vpc_id == *vpc);
        let (vpc, other) = self.zone_lists.iter().find(|(vpc, _)| names(listed, vpc) != names(zone, vpc))?;
        let (first, second) = (self.cite(other.document, other.text), self.cite(seen.document, seen.text));
        Some(format!("{first} and {second} differ at whether {vpc} sees the zone"))
    }
}

/// Whether AWS keeps the zone for the private DNS of an interface endpoint: nobody may read it, and
/// the endpoint tells what is in it.
fn is_of_endpoint(item: &RawValue) -> bool {
    let service = json::members(item.get()).ok().and_then(|zone| {
        let owner = json::members(json::member(&zone, "Owner")?.get()).ok()?;
        json::text_of(&owner, "OwningService")
    });
    service.is_some_and(|service| service.starts_with("vpce."))
}

fn seen_by(vpc: &str) -> a::ZoneVpc {
    a::ZoneVpc { region: None, vpc_id: vpc.to_owned() }
}
