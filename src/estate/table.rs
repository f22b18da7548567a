//! Rows of one kind with their place and origin, and what is known about the whole list.
//!
//! A lookup never answers "empty" for a list that nobody collected: it answers with the row,
//! or with the gap that says which call would hold it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::coverage::{Coverage, Extent, Inhabitants};
use super::evidence::{Evidence, Gap, Known, Reason, Scope};
use super::operation::Operation;
use super::origin::Origin;

/// The account and region that an answer speaks for; `None` means not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// AWS account number or Databricks account id.
    pub account: Option<String>,
    /// AWS region, `global` for global services; the workspace id for lists of one workspace.
    pub region: Option<String>,
}

impl Place {
    /// A place with both parts known.
    pub fn new(account: &str, region: &str) -> Self {
        Self { account: Some(account.to_owned()), region: Some(region.to_owned()) }
    }

    /// What `self` knows, completed by `other`.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        Self {
            account: self.account.or_else(|| other.account.clone()),
            region: self.region.or_else(|| other.region.clone()),
        }
    }

    /// Whether an answer for `self` speaks for `other` too. A part that either side does not
    /// know does not match: coverage is never assumed.
    pub(super) fn covers(&self, other: &Self, global: bool) -> bool {
        let account = self.account.is_some() && self.account == other.account;
        account && (global || (self.region.is_some() && self.region == other.region))
    }

    /// As the scope of a gap.
    pub fn scope(&self) -> Scope {
        Scope {
            account: self.account.clone(),
            region: self.region.clone().filter(|region| region != "global"),
            resource: None,
        }
    }
}

/// One resource as a source gave it.
#[derive(Clone, Debug)]
pub struct Row<T> {
    /// The id that others refer to it by.
    pub id: String,
    /// Whose it is and where it lies.
    pub place: Place,
    /// Where it was read.
    pub origin: Origin,
    /// The resource, or why two answers about it cannot both be true.
    pub body: Evidence<T>,
}

/// All rows of one kind, sorted by id, and the places whose list, or a part of it, was collected.
#[derive(Clone, Debug)]
pub struct Table<T> {
    operation: Operation,
    rows: Vec<Row<T>>,
    index: HashMap<String, u32>,
    coverage: Coverage,
    gaps: Vec<Arc<Gap>>,
    unknown: Vec<u32>,
}

impl<T> Table<T> {
    /// An empty table: nothing collected.
    pub fn new(operation: Operation) -> Self {
        Self {
            operation,
            rows: Vec::new(),
            index: HashMap::new(),
            coverage: Coverage::default(),
            gaps: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// The call that fills the table.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// Every row, sorted by id once [`Table::seal`] ran.
    pub fn rows(&self) -> &[Row<T>] {
        &self.rows
    }

    /// Every row, to complete it while the estate is assembled.
    pub fn rows_mut(&mut self) -> &mut [Row<T>] {
        &mut self.rows
    }

    /// The row with this number.
    pub fn row(&self, number: u32) -> &Row<T> {
        &self.rows[number as usize]
    }

    /// Adds a row. A second row of the same id is the caller's to reconcile: see
    /// [`Table::existing`].
    pub fn push(&mut self, row: Row<T>) {
        let number = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.index.insert(row.id.clone(), number);
        self.rows.push(row);
    }

    /// The row of this id that is already there, to be compared with another answer.
    pub fn existing(&mut self, id: &str) -> Option<&mut Row<T>> {
        let number = *self.index.get(id)?;
        self.rows.get_mut(number as usize)
    }

    /// Notes that the whole list of `place` was collected.
    pub fn cover(&mut self, place: Place) {
        self.coverage.add(place);
    }

    /// Notes that everything in the list of `place` was collected that belongs to one of these
    /// ids, or is one of them. Several such notes of one place unite.
    pub fn cover_within(&mut self, place: Place, asked: &BTreeSet<String>) {
        let region = place.region.filter(|_| !self.operation.is_global());
        self.coverage.add_part(Place { region, ..place }, asked);
    }

    pub(super) fn has_parts(&self) -> bool {
        self.coverage.has_parts()
    }

    /// Decides whether the parts that were collected are enough for a place: see
    /// [`Table::listed`].
    pub(super) fn settle(&mut self, known: &Inhabitants) {
        self.coverage.settle(self.operation, known);
    }

    /// Notes that the list, or a part of it, could not be collected.
    pub fn note_gap(&mut self, gap: Gap) {
        self.gaps.push(gap.shared());
    }

    /// Sorts the rows, so that every later walk is in the same order for the same evidence.
    pub fn seal(&mut self) {
        self.rows.sort_by(|a, b| a.id.cmp(&b.id));
        self.index = (0u32..).zip(&self.rows).map(|(number, row)| (row.id.clone(), number)).collect();
        self.unknown =
            (0u32..).zip(&self.rows).filter(|(_, row)| row.body.known().is_err()).map(|(number, _)| number).collect();
    }

    /// The number of the row with this id, if any answer holds one.
    pub fn number(&self, id: &str) -> Option<u32> {
        self.index.get(id).copied()
    }

    /// The row with this id, or the gap: never collected in `place`, or collected and not there.
    pub fn find(&self, id: &str, place: &Place) -> Known<u32> {
        self.number(id).ok_or_else(|| self.missing(id, place))
    }

    /// The body of the row with this id.
    pub fn body(&self, id: &str, place: &Place) -> Known<&T> {
        self.row(self.find(id, place)?).body.known()
    }

    /// Whether the row exists: true, false when the whole list of `place`, or what belongs to this
    /// id, was collected without it, else the gap.
    pub fn exists(&self, id: &str, place: &Place) -> Known<bool> {
        if self.number(id).is_some() {
            return Ok(true);
        }
        self.listed_of(id, place).map(|()| false)
    }

    /// Whether the whole list of `place` was collected and every row of it could be read, so that
    /// what no row says is not so; else the gap that says why not. A list of which only a part was
    /// asked for is whole as far as the VPCs go that the evidence knows in `place`: who asks about
    /// one VPC, perhaps another, asks [`Table::complete_of`].
    pub fn complete(&self, place: &Place) -> Known<()> {
        self.listed(place)?;
        self.readable(place)
    }

    /// The same for what belongs to `id`: to a VPC, to a transit gateway, or to the thing itself.
    pub fn complete_of(&self, id: &str, place: &Place) -> Known<()> {
        self.listed_of(id, place)?;
        self.readable(place)
    }

    /// Whether the list of `place` lacks nothing at all, also outside the VPCs that were asked for.
    pub fn complete_everywhere(&self, place: &Place) -> Known<()> {
        self.unbroken(place)?;
        match self.extent(place) {
            Extent::Whole => self.readable(place),
            Extent::Nothing => Err(self.uncollected(place)),
            Extent::Enough => Err(self.skipped(place, "only what belongs to known VPCs was asked for")),
            Extent::Part(only) => Err(self.skipped(place, only)),
        }
    }

    /// Whether the whole list of `place` was collected, or all of it that belongs to what the
    /// evidence knows there; else the gap that says why not.
    pub fn listed(&self, place: &Place) -> Known<()> {
        self.unbroken(place)?;
        match self.extent(place) {
            Extent::Whole | Extent::Enough => Ok(()),
            Extent::Nothing => Err(self.uncollected(place)),
            Extent::Part(only) => Err(self.skipped(place, only)),
        }
    }

    /// Whether all of the list was collected that belongs to `id`, so that it does not exist when
    /// it has no row; else the gap that says why not.
    pub fn listed_of(&self, id: &str, place: &Place) -> Known<()> {
        self.unbroken(place)?;
        let extent = self.extent(place);
        if extent == Extent::Whole || self.asked(id, place) {
            return Ok(());
        }
        let noted = self.gaps.iter().find(|gap| gap.scope.resource.as_deref() == Some(id));
        let noted = noted.filter(|gap| gap_concerns(gap, place, self.operation.is_global()));
        Err(match (noted, extent) {
            (Some(gap), _) => Arc::clone(gap),
            (None, Extent::Nothing) => self.uncollected(place),
            (None, _) => {
                let gap = Gap::new(self.operation, place.scope().of(id), Reason::Skipped);
                gap.because("not among what was asked for").shared()
            }
        })
    }

    /// Whether a part of the list was asked for that has what belongs to `id`.
    pub fn asked(&self, id: &str, place: &Place) -> bool {
        self.coverage.asked(id, place, self.operation.is_global())
    }

    fn extent(&self, place: &Place) -> Extent {
        self.coverage.extent(place, self.operation.is_global())
    }

    /// The gap of the list in `place`, if a source noted one.
    fn unbroken(&self, place: &Place) -> Known<()> {
        let global = self.operation.is_global();
        let mut gaps = self.gaps.iter().filter(|gap| gap.scope.resource.is_none());
        gaps.find(|gap| gap_concerns(gap, place, global)).map_or(Ok(()), |gap| Err(Arc::clone(gap)))
    }

    /// The gap of a row in `place` that could not be read, if there is one.
    fn readable(&self, place: &Place) -> Known<()> {
        let global = self.operation.is_global();
        let here = |number: &&u32| {
            let row = self.row(**number).place.scope();
            gap_concerns(&Gap::new(self.operation, row, Reason::Absent), place, global)
        };
        self.unknown.iter().find(here).map_or(Ok(()), |number| self.row(*number).body.known().map(|_| ()))
    }

    fn uncollected(&self, place: &Place) -> Arc<Gap> {
        Gap::new(self.operation, place.scope(), Reason::NotCollected).shared()
    }

    fn skipped(&self, place: &Place, why: impl Into<String>) -> Arc<Gap> {
        Gap::new(self.operation, place.scope(), Reason::Skipped).because(why).shared()
    }

    /// Whether any place was collected at all.
    pub fn collected_anywhere(&self) -> bool {
        self.covered().next().is_some() || !self.rows.is_empty()
    }

    /// The places whose list was collected, the whole or a part of it.
    pub fn covered(&self) -> impl Iterator<Item = &Place> {
        self.coverage.places()
    }

    /// The gaps that sources noted for this list.
    pub fn gaps(&self) -> impl Iterator<Item = &Arc<Gap>> {
        self.gaps.iter()
    }

    fn missing(&self, id: &str, place: &Place) -> Arc<Gap> {
        let noted = self.gaps.iter().find(|gap| gap.scope.resource.as_deref() == Some(id));
        match (noted, self.listed_of(id, place)) {
            (Some(gap), _) => Arc::clone(gap),
            (None, Ok(())) => Gap::new(self.operation, place.scope().of(id), Reason::Absent).shared(),
            (None, Err(gap)) if gap.reason == Reason::NotCollected => {
                Gap::new(self.operation, gap.scope.clone().of(id), Reason::NotCollected).shared()
            }
            (None, Err(gap)) => gap,
        }
    }
}

fn gap_concerns(gap: &Gap, place: &Place, global: bool) -> bool {
    let same = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
    same(&gap.scope.account, &place.account) && (global || same(&gap.scope.region, &place.region))
}
