//! Rows of one kind with their place and origin, and what is known about the whole list.
//!
//! A lookup never answers "empty" for a list that nobody collected: it answers with the row,
//! or with the gap that says which call would hold it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

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
    fn covers(&self, other: &Self, global: bool) -> bool {
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

/// All rows of one kind, sorted by id, and the places whose whole list was collected.
#[derive(Clone, Debug)]
pub struct Table<T> {
    operation: Operation,
    rows: Vec<Row<T>>,
    index: HashMap<String, u32>,
    covered: BTreeSet<Place>,
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
            covered: BTreeSet::new(),
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
        self.covered.insert(place);
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

    /// Whether the row exists: true, false when the whole list of `place` was collected without
    /// it, else the gap.
    pub fn exists(&self, id: &str, place: &Place) -> Known<bool> {
        if self.number(id).is_some() {
            return Ok(true);
        }
        self.listed(place).map(|()| false)
    }

    /// Whether the whole list of `place` was collected and every row of it could be read, so that
    /// what no row says is not so; else the gap that says why not.
    pub fn complete(&self, place: &Place) -> Known<()> {
        self.listed(place)?;
        let here = |number: &&u32| {
            gap_concerns(
                &Gap::new(self.operation, self.row(**number).place.scope(), Reason::Absent),
                place,
                self.operation.is_global(),
            )
        };
        self.unknown.iter().find(here).map_or(Ok(()), |number| self.row(*number).body.known().map(|_| ()))
    }

    /// Whether the whole list of `place` was collected, so that an id without a row does not
    /// exist; else the gap that says why not.
    pub fn listed(&self, place: &Place) -> Known<()> {
        let global = self.operation.is_global();
        if let Some(gap) = self.gaps.iter().find(|gap| gap.scope.resource.is_none() && gap_concerns(gap, place, global))
        {
            return Err(Arc::clone(gap));
        }
        // the same place is found at once; whoever knows less of it has to look at all
        let same = place.covers(place, global) && self.covered.contains(place);
        if same || self.covered.iter().any(|covered| covered.covers(place, global)) {
            return Ok(());
        }
        Err(Gap::new(self.operation, place.scope(), Reason::NotCollected).shared())
    }

    /// Whether any place was collected at all.
    pub fn collected_anywhere(&self) -> bool {
        !self.covered.is_empty() || !self.rows.is_empty()
    }

    /// The places whose whole list was collected.
    pub fn covered(&self) -> impl Iterator<Item = &Place> {
        self.covered.iter()
    }

    /// The gaps that sources noted for this list.
    pub fn gaps(&self) -> impl Iterator<Item = &Arc<Gap>> {
        self.gaps.iter()
    }

    fn missing(&self, id: &str, place: &Place) -> Arc<Gap> {
        let noted = self.gaps.iter().find(|gap| gap.scope.resource.as_deref() == Some(id));
        match (noted, self.listed(place)) {
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
