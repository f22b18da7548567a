//! Of which places a list was collected: the whole of it, or what belongs to the ids that were
//! asked for. Several answers about one place unite.
//!
//! Input: places and ids, and, once the estate is sealed, which VPCs and transit gateways each
//! place has. Output: what the list can say. It refuses to take a part for the whole: a part is
//! enough only when it holds everything that the evidence knows of the place.

use std::collections::{BTreeMap, BTreeSet};

use super::Aws;
use super::operation::Operation;
use super::table::{Place, Table};

/// Ids that a gap names before it only counts them.
const NAMED: usize = 3;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Coverage {
    whole: BTreeSet<Place>,
    parts: BTreeMap<Place, Part>,
}

/// What was asked for in one place.
#[derive(Clone, Debug, Default)]
struct Part {
    asked: BTreeSet<String>,
    /// Whether that is everything that the evidence knows there: see [`Coverage::settle`].
    enough: bool,
}

/// What a list can say of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Everything.
    Whole,
    /// Everything that matters, as far as the evidence knows.
    Enough,
    /// What belongs to a few ids, in words.
    Part(String),
    /// Nothing.
    Nothing,
}

/// What a list is cut by when only a part of it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// By VPCs.
    Vpc,
    /// By transit gateways.
    TransitGateway,
    /// By its own ids: whoever reads it looks ids up.
    Own,
}

impl Cut {
    fn of(operation: Operation) -> Self {
        match operation {
            Operation::DescribeTransitGatewayAttachments | Operation::DescribeTransitGatewayRouteTables => {
                Self::TransitGateway
            }
            Operation::DescribeTransitGateways
            | Operation::DescribePrefixLists
            | Operation::DescribeDhcpOptions
            | Operation::DescribeVpcEndpointServices => Self::Own,
            _ => Self::Vpc,
        }
    }
}

/// What the evidence knows of each place: a part of a list that lacks one of these is not enough.
#[derive(Debug, Default)]
pub(super) struct Inhabitants {
    vpcs: Ids,
    gateways: Ids,
}

/// Ids by place.
type Ids = BTreeMap<Place, BTreeSet<String>>;

impl Inhabitants {
    /// The VPCs that rows of their own or things in them tell of, and the same of transit gateways.
    pub(super) fn of(aws: &Aws) -> Self {
        let mut known = Self::default();
        note(&mut known.vpcs, &aws.vpcs, |vpc| Some(&vpc.vpc_id));
        note(&mut known.vpcs, &aws.subnets, |subnet| Some(&subnet.vpc_id));
        note(&mut known.vpcs, &aws.interfaces, |interface| interface.vpc_id.as_ref());
        note(&mut known.vpcs, &aws.vpc_endpoints, |endpoint| Some(&endpoint.vpc_id));
        note(&mut known.gateways, &aws.transit_gateways, |gateway| Some(&gateway.transit_gateway_id));
        note(&mut known.gateways, &aws.transit_attachments, |attachment| Some(&attachment.transit_gateway_id));
        known
    }
}

fn note<T>(ids: &mut Ids, table: &Table<T>, id: fn(&T) -> Option<&String>) {
    for row in table.rows() {
        // a row that cannot be read is known by its own id at least
        let id = row.body.known().map_or(Some(&row.id), id);
        if let Some(id) = id {
            let there = ids.entry(row.place.clone()).or_default();
            if !there.contains(id) {
                there.insert(id.clone());
            }
        }
    }
}

impl Coverage {
    pub(super) fn add(&mut self, place: Place) {
        self.whole.insert(place);
    }

    pub(super) fn add_part(&mut self, place: Place, asked: &BTreeSet<String>) {
        self.parts.entry(place).or_default().asked.extend(asked.iter().cloned());
    }

    /// Whether anything was asked for in part.
    pub(super) fn has_parts(&self) -> bool {
        !self.parts.is_empty()
    }

    /// Every place that anything was collected of.
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.whole.iter().chain(self.parts.keys().filter(|place| !self.whole.contains(place)))
    }

    /// Decides which parts are enough.
    pub(super) fn settle(&mut self, operation: Operation, known: &Inhabitants) {
        let there = match Cut::of(operation) {
            Cut::Vpc => &known.vpcs,
            Cut::TransitGateway => &known.gateways,
            Cut::Own => {
                self.parts.values_mut().for_each(|part| part.enough = true);
                return;
            }
        };
        let global = operation.is_global();
        for (place, part) in &mut self.parts {
            let here = there.iter().filter(|(other, _)| place.covers(other, global));
            part.enough = here.flat_map(|(_, ids)| ids).all(|id| part.asked.contains(id));
        }
    }

    /// Whether what belongs to `id` was asked for in `place`, the whole list aside.
    pub(super) fn asked(&self, id: &str, place: &Place, global: bool) -> bool {
        self.parts_of(place, global).any(|part| part.asked.contains(id))
    }

    /// What the list can say of `place`.
    pub(super) fn extent(&self, place: &Place, global: bool) -> Extent {
        // the same place is found at once; whoever knows less of it has to look at all
        let same = place.covers(place, global) && self.whole.contains(place);
        if same || self.whole.iter().any(|covered| covered.covers(place, global)) {
            return Extent::Whole;
        }
        let mut parts = self.parts_of(place, global).peekable();
        if parts.peek().is_none() {
            return Extent::Nothing;
        }
        let parts: Vec<&Part> = parts.collect();
        if parts.iter().any(|part| part.enough) {
            return Extent::Enough;
        }
        let asked: BTreeSet<&String> = parts.iter().flat_map(|part| &part.asked).collect();
        Extent::Part(in_words(&asked))
    }

    fn parts_of<'c>(&'c self, place: &'c Place, global: bool) -> impl Iterator<Item = &'c Part> {
        // the place itself is one step away; of global services any region of the account will do
        let exact = (!global).then(|| self.parts.get(place).filter(|_| place.covers(place, false))).flatten();
        let others = self.parts.iter().filter(move |(covered, _)| global && covered.covers(place, true));
        exact.into_iter().chain(others.map(|(_, part)| part))
    }
}

fn in_words(asked: &BTreeSet<&String>) -> String {
    let named: Vec<&str> = asked.iter().take(NAMED).map(|id| id.as_str()).collect();
    let more = asked.len().saturating_sub(NAMED);
    match (named.is_empty(), more) {
        (true, _) => "nothing of it was asked for".to_owned(),
        (_, 0) => format!("only what belongs to {} was asked for", named.join(", ")),
        _ => format!("only what belongs to {} and {more} more was asked for", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    fn settled(operation: Operation, parts: &[&[&str]], vpcs: &[&str], gateways: &[&str]) -> (Coverage, Place) {
        let place = Place::new("111122223333", "eu-west-1");
        let mut coverage = Coverage::default();
        for ids in parts {
            coverage.add_part(place.clone(), &asked(ids));
        }
        let there = |ids| BTreeMap::from([(place.clone(), asked(ids))]);
        coverage.settle(operation, &Inhabitants { vpcs: there(vpcs), gateways: there(gateways) });
        (coverage, place)
    }

    #[test]
    fn parts_unite_and_are_enough_when_they_hold_every_vpc() {
        let (coverage, place) =
            settled(Operation::DescribeSubnets, &[&["vpc-1"], &["vpc-2"]], &["vpc-1", "vpc-2"], &[]);
        assert_eq!(coverage.extent(&place, false), Extent::Enough);
        let (coverage, place) = settled(Operation::DescribeSubnets, &[&["vpc-1"]], &["vpc-1", "vpc-2"], &["tgw-1"]);
        let said = Extent::Part("only what belongs to vpc-1 was asked for".to_owned());
        assert_eq!(coverage.extent(&place, false), said);
        assert!(coverage.asked("vpc-1", &place, false) && !coverage.asked("vpc-2", &place, false));
    }

    #[test]
    fn each_list_is_cut_by_what_its_rows_belong_to() {
        let ids: &[&[&str]] = &[&["tgw-1"]];
        let of = |operation| {
            let (coverage, place) = settled(operation, ids, &["vpc-1"], &["tgw-1"]);
            coverage.extent(&place, false)
        };
        assert_eq!(of(Operation::DescribeTransitGatewayAttachments), Extent::Enough);
        assert_eq!(of(Operation::DescribePrefixLists), Extent::Enough);
        assert!(matches!(of(Operation::DescribeSubnets), Extent::Part(_)));
    }

    #[test]
    fn a_part_says_nothing_of_another_place_and_names_few_ids() {
        let many: Vec<String> = (0..50).map(|n| format!("vpc-{n:02}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let (coverage, place) = settled(Operation::DescribeSubnets, &[&many], &["vpc-99"], &[]);
        assert_eq!(coverage.extent(&Place::new("111122223333", "eu-west-2"), false), Extent::Nothing);
        let unknown = Place { account: place.account.clone(), region: None };
        assert_eq!(coverage.extent(&unknown, false), Extent::Nothing);
        let said = "only what belongs to vpc-00, vpc-01, vpc-02 and 47 more was asked for".to_owned();
        assert_eq!(coverage.extent(&place, false), Extent::Part(said));
        assert_eq!(coverage.extent(&unknown, true), coverage.extent(&place, true), "global lists know no region");
    }
}
