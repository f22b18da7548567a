//! What only the whole evidence tells: the region of a VPC from the zones of its subnets, the
//! place of a resource from its VPC or its transit gateway, and with that the places whose lists
//! are complete.

use std::collections::{BTreeMap, BTreeSet};

use super::assembly::Assembly;
use super::place::{Near, is_whole};
use crate::estate::{Estate, Operation, Place};

/// Places by the id of what lies there.
type Places = BTreeMap<String, Place>;
/// Places by the folder whose answers speak for them.
type Collections = BTreeMap<Vec<String>, BTreeSet<Place>>;

impl Assembly<'_> {
    /// Completes places, covers lists, reconciles groups, seals.
    pub(super) fn finish(mut self) -> Estate {
        let places = self.landmarks();
        self.complete_rows(&places);
        let collections = self.collections();
        self.complete_rows_of(&collections);
        let only = self.only_place();
        self.complete_rows_with(&only);
        self.cover_listed(&only);
        self.reconcile_groups();
        self.estate.seal();
        self.estate
    }

    /// The place of each VPC and transit gateway, which is that of everything in it.
    fn landmarks(&self) -> Places {
        let aws = &self.estate.aws;
        let mut places: Places = aws.vpcs.rows().iter().map(|row| (row.id.clone(), row.place.clone())).collect();
        // What its own row knows, completed by its subnets. Subnets of a shared VPC have the
        // VPC's owner, so that they cannot contradict each other on purpose.
        for row in aws.subnets.rows() {
            if let Ok(subnet) = row.body.known() {
                let place = places.entry(subnet.vpc_id.clone()).or_default();
                *place = std::mem::take(place).or(&row.place);
            }
        }
        places.extend(aws.transit_gateways.rows().iter().map(|row| (row.id.clone(), row.place.clone())));
        // A transit gateway has only VPCs of its own region.
        for row in aws.transit_vpc_attachments.rows() {
            if let Ok(attachment) = row.body.known() {
                let vpc = places.get(&attachment.vpc_id).cloned().unwrap_or_default().or(&row.place);
                let place = places.entry(attachment.transit_gateway_id.clone()).or_default();
                *place = std::mem::take(place).or(&Place { account: None, region: vpc.region });
            }
        }
        for row in aws.transit_route_tables.rows() {
            if let Ok(table) = row.body.known() {
                let gateway = places.get(&table.transit_gateway_id).cloned().unwrap_or_default();
                places.insert(row.id.clone(), row.place.clone().or(&gateway));
            }
        }
        places
    }

    fn complete_rows(&mut self, places: &Places) {
        for (operation, all) in &self.seen {
            for (number, seen) in (0u32..).zip(all) {
                if let Some(place) = self.estate.aws.place_mut(*operation, number) {
                    *place = completed(std::mem::take(place), &seen.near, places);
                }
            }
        }
    }

    /// Which places a folder that names none speaks for: those of its VPCs.
    ///
    /// A folder whose VPCs lie in three accounts and regions is the merged answer of three sweeps:
    /// no single call answers with VPCs of several places. Every list in it was merged from the
    /// same sweeps, so that it speaks for the same three, and one that is empty says that none of
    /// them has such a resource. A list that one of the sweeps could not get is a gap, which comes
    /// before any cover, if the folder tells of it; a list that is not there covers nothing.
    ///
    /// One thing breaks this: an account that another one shares subnets with is shown the VPC
    /// around them, too, and the lists of such a sweep lack nearly all that the owner has. A VPC
    /// in which other accounts have something therefore counts only when a security group of its
    /// owner shows that the owner was asked: every VPC has one, and strangers are not shown it.
    fn collections(&mut self) -> Collections {
        let (mut lent, mut owned) = (BTreeSet::new(), BTreeSet::new());
        for listed in &self.listed {
            for number in &listed.rows {
                let seen = self.seen.get(&listed.operation).and_then(|all| all.get(*number as usize));
                let vpc = seen.and_then(|seen| self.estate.aws.vpcs.number(seen.near.within.as_deref()?));
                let Some(vpc) = vpc else { continue };
                let owner = self.estate.aws.vpcs.row(vpc).place.account.clone();
                let own = self.estate.aws.place_mut(listed.operation, *number).and_then(|place| place.account.clone());
                if own.is_some() && own != owner {
                    lent.insert((&listed.folder, vpc));
                } else if own.is_some() && listed.operation == Operation::DescribeSecurityGroups {
                    owned.insert((&listed.folder, vpc));
                }
            }
        }
        let mut collections = Collections::new();
        for listed in self.listed.iter().filter(|listed| listed.operation == Operation::DescribeVpcs) {
            let rows = listed.rows.iter().map(|number| (&listed.folder, *number));
            for (folder, vpc) in rows.filter(|row| !lent.contains(row) || owned.contains(row)) {
                let place = self.estate.aws.vpcs.row(vpc).place.clone();
                collections.entry(folder.clone()).or_default().insert(place);
            }
        }
        collections
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
                    *place = std::mem::take(place).or(&at(only.clone(), listed.operation));
                }
            }
        }
    }

    /// The same for the rows of a folder that speaks for one place only.
    fn complete_rows_of(&mut self, collections: &Collections) {
        for listed in &self.listed {
            let mut places = collections.get(&listed.folder).into_iter().flatten();
            let (Some(only), None) = (places.next(), places.next()) else { continue };
            for number in &listed.rows {
                if let Some(place) = self.estate.aws.place_mut(listed.operation, *number) {
                    *place = std::mem::take(place).or(&at(only.clone(), listed.operation));
                }
            }
        }
    }

    /// A list covers its folder's place, else every place that its rows name and every place that
    /// the folder speaks for, else the only one.
    fn cover_listed(&mut self, only: &Place) {
        let collections = self.collections();
        for listed in std::mem::take(&mut self.listed) {
            let operation = listed.operation;
            let mut places: BTreeSet<Place> = BTreeSet::new();
            for number in listed.rows {
                places.extend(self.estate.aws.place_mut(operation, number).cloned());
            }
            let collected = collections.get(&listed.folder).into_iter().flatten();
            places.extend(collected.map(|place| at(place.clone(), operation)));
            places.retain(|place| is_whole(place, operation));
            if places.is_empty() {
                let place = Some(listed.place.or(only)).filter(|place| is_whole(place, operation));
                places.extend(place.map(|place| at(place, operation)));
            }
            for place in places {
                self.cover_place(operation, &place, listed.asked.as_ref());
            }
        }
    }
}

/// A place with what is near a resource telling the rest.
fn completed(place: Place, near: &Near, places: &Places) -> Place {
    let of = |id: &Option<String>| id.as_ref().and_then(|id| places.get(id)).cloned().unwrap_or_default();
    let owner = Place { account: near.owner.clone(), region: None };
    let beside = Place { account: None, region: of(&near.beside).region };
    place.or(&of(&near.within)).or(&owner).or(&beside)
}

/// A global call speaks for no region.
fn at(place: Place, operation: Operation) -> Place {
    Place { region: place.region.filter(|_| !operation.is_global()), ..place }
}
