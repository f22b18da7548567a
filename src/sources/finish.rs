//! What only the whole evidence tells: the region of a VPC from the zones of its subnets, the
//! place of a resource from its VPC, and with that the places whose lists are complete.

use std::collections::{BTreeMap, BTreeSet};

use super::assembly::Assembly;
use super::place::is_whole;
use crate::estate::{Estate, Operation, Place};

impl Assembly<'_> {
    /// Completes places, covers lists, reconciles groups, seals.
    pub(super) fn finish(mut self) -> Estate {
        let vpcs = self.vpc_places();
        self.complete_rows(&vpcs);
        let only = self.only_place();
        self.complete_rows_with(&only);
        self.cover_listed(&only);
        self.reconcile_groups();
        self.estate.seal();
        self.estate
    }

    /// The place of each VPC: what its own row knows, completed by its subnets. Subnets of a
    /// shared VPC have the VPC's owner, so that they cannot contradict each other on purpose.
    fn vpc_places(&self) -> BTreeMap<String, Place> {
        let aws = &self.estate.aws;
        let mut places: BTreeMap<String, Place> =
            aws.vpcs.rows().iter().map(|row| (row.id.clone(), row.place.clone())).collect();
        for row in aws.subnets.rows() {
            if let Ok(subnet) = row.body.known() {
                let place = places.entry(subnet.vpc_id.clone()).or_default();
                *place = std::mem::take(place).or(&row.place);
            }
        }
        places
    }

    fn complete_rows(&mut self, vpcs: &BTreeMap<String, Place>) {
        for (operation, all) in &self.seen {
            for (number, seen) in (0u32..).zip(all) {
                let vpc = seen.vpc.as_deref().and_then(|vpc| vpcs.get(vpc));
                if let (Some(vpc), Some(place)) = (vpc, self.estate.aws.place_mut(*operation, number)) {
                    *place = std::mem::take(place).or(vpc);
                }
            }
        }
    }

    /// The account of all AWS rows and lists, if it is one, and the region, if it is one.
    fn only_place(&mut self) -> Place {
        let mut places = BTreeSet::new();
        for (operation, all) in &self.seen {
            for number in (0u32..).zip(all).map(|(number, _)| number) {
                places.extend(self.estate.aws.place_mut(*operation, number).cloned());
            }
        }
        places.extend(
            self.estate
                .collected()
                .into_iter()
                .filter(|(operation, _)| !operation.is_databricks())
                .map(|(_, place)| place),
        );
        places.extend(self.listed.iter().map(|listed| listed.place.clone()));
        let accounts: BTreeSet<String> = places.iter().filter_map(|place| place.account.clone()).collect();
        let regions: BTreeSet<String> =
            places.into_iter().filter_map(|place| place.region).filter(|region| region != "global").collect();
        let one = |names: BTreeSet<String>| if names.len() == 1 { names.into_iter().next() } else { None };
        Place { account: one(accounts), region: one(regions) }
    }

    fn complete_rows_with(&mut self, only: &Place) {
        for listed in &self.listed {
            for number in &listed.rows {
                if let Some(place) = self.estate.aws.place_mut(listed.operation, *number) {
                    let region = only.region.clone().filter(|_| !listed.operation.is_global());
                    *place = std::mem::take(place).or(&Place { account: only.account.clone(), region });
                }
            }
        }
    }

    /// A list covers its folder's place, else every place that its rows name, else the only one.
    fn cover_listed(&mut self, only: &Place) {
        for listed in std::mem::take(&mut self.listed) {
            let operation = listed.operation;
            let mut places: BTreeSet<Place> = BTreeSet::new();
            for number in listed.rows {
                places.extend(self.estate.aws.place_mut(operation, number).cloned());
            }
            places.retain(|place| is_whole(place, operation));
            if places.is_empty() {
                let place = Some(listed.place.or(only)).filter(|place| is_whole(place, operation));
                places.extend(place.map(|place| at(place, operation)));
            }
            for place in places {
                self.estate.aws.cover(operation, &place);
            }
        }
    }
}

/// A global call speaks for no region.
fn at(place: Place, operation: Operation) -> Place {
    Place { region: place.region.filter(|_| !operation.is_global()), ..place }
}
