//! Hosted zones: the list gives them without their VPCs, `get-hosted-zone` with them. The
//! fuller answer wins, which is no disagreement.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::answer::{Answer, Attribution};
use super::assembly::{Assembly, Seen};
use super::json;
use super::list::{self, Kind};
use super::owned::{Said, every, one};
use super::place::{Hints, Near};
use crate::estate::aws::{self as a, host_name};
use crate::estate::{Evidence, Operation};

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
        let by_vpc = at.operation == Operation::ListHostedZonesByVpc;
        let kind = Kind {
            table: |estate| &mut estate.aws.hosted_zones,
            key: "Id",
            id: |zone: &a::HostedZone| zone.id.clone(),
        };
        let mut rows = Vec::new();
        for item in items {
            let text = item.get();
            match json::decode::<Listed>(text).map(|listed| listed.zone(None, by_vpc)) {
                Ok(zone) if !zone.id.is_empty() => {
                    if !by_vpc || self.estate.aws.hosted_zones.number(&zone.id).is_none() {
                        let hints = list::hints(at, text, None);
                        let seen = Seen { document: answer.document, text, near: Near::default() };
                        rows.push(self.add(kind.table, &zone.id.clone(), hints, seen, Evidence::Known(zone)));
                    }
                }
                Ok(_) => self.wrong_shape(answer, at, "Id"),
                Err(error) => {
                    let detail = self.explain(answer.document, text, &error);
                    self.unreadable(at, None, crate::estate::Reason::Undecodable, detail);
                }
            }
        }
        if !by_vpc {
            self.end_list(answer, at, rows);
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
        let zone = zone.map_err(|trouble| self.tell(answer.document, &trouble));
        let id = zone.as_ref().ok().map(|zone| zone.id.clone()).filter(|id| !id.is_empty()).unwrap_or(folder);
        let seen = Seen { document: answer.document, text: answer.text, near: Near::default() };
        let origin = self.origin(answer.document, value.get());
        let row = self.estate.aws.hosted_zones.number(&id);
        let body = row.map(|row| &self.estate.aws.hosted_zones.row(row).body);
        let short = matches!(body, Some(Evidence::Known(a::HostedZone { vpcs: None, .. })));
        match (row, zone) {
            (Some(row), Ok(zone)) if short => {
                if let Some(existing) = self.estate.aws.hosted_zones.existing(&id) {
                    existing.body = Evidence::Known(zone);
                    existing.origin = origin;
                }
                let all = self.seen.get_mut(&Operation::ListHostedZones);
                if let Some(first) = all.and_then(|all| all.get_mut(row as usize)) {
                    *first = seen;
                }
            }
            (_, Ok(zone)) => {
                let hints = Hints { place: at.place.clone(), near: Near::default() };
                self.add(|estate| &mut estate.aws.hosted_zones, &id, hints, seen, Evidence::Known(zone));
            }
            (_, Err(detail)) => self.unreadable(at, Some(&id), crate::estate::Reason::Undecodable, detail),
        }
    }
}
