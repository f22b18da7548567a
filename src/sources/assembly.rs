//! The estate while it is put together: rows with their origins, the raw text of each row for
//! comparison with a second answer, gaps, and the answers whose place is not known yet.
//!
//! Decoders call [`Assembly::add`] and [`Assembly::gap`]; nothing here knows a resource type.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

use super::answer::{Answer, Attribution};
use super::document::Document;
use super::failure::Failure;
use super::merge;
use super::place::{Hints, Near, is_whole};
use super::position::Lines;
use super::{failure::Meaning, json};
use crate::estate::{Estate, Evidence, Gap, Operation, Origin, Place, Reason, Row, Scope, Table};

/// The table that a row goes to.
pub(super) type Pick<T> = fn(&mut Estate) -> &mut Table<T>;

/// What a row was read from.
#[derive(Clone, Debug)]
pub(super) struct Seen<'a> {
    /// The document.
    pub(super) document: u32,
    /// The text of the resource, a slice of the document.
    pub(super) text: &'a str,
    /// What tells its place, when it does not say the whole of it.
    pub(super) near: Near,
}

/// A list answer whose place its folders do not tell.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    /// The call.
    pub(super) operation: Operation,
    /// What the folders do tell.
    pub(super) place: Place,
    /// See [`Assembly::cover`].
    pub(super) asked: Option<BTreeSet<String>>,
    /// The rows that it named.
    pub(super) rows: Vec<u32>,
    /// See [`Assembly::folder`].
    pub(super) folder: Vec<String>,
}

/// See the module.
pub(super) struct Assembly<'a> {
    documents: &'a [Document],
    lines: Vec<OnceLock<Lines>>,
    /// What is read so far.
    pub(super) estate: Estate,
    /// What each row was read from, by its number.
    pub(super) seen: HashMap<Operation, Vec<Seen<'a>>>,
    /// Lists to be covered at the end.
    pub(super) listed: Vec<Listed>,
    /// Row ids of keys by the folder that `describe-key` lay in.
    pub(super) keys: HashMap<Vec<String>, String>,
    /// Row ids and places of firewalls by the folder that `describe-firewall` lay in.
    pub(super) firewalls: HashMap<Vec<String>, (String, Place)>,
    /// Answers that told the zones of a VPC, by VPC.
    pub(super) zone_lists: BTreeMap<String, Seen<'a>>,
    /// Zones that told all of their VPCs themselves.
    pub(super) whole_zones: HashSet<String>,
    /// Policies by role and name, for comparison.
    pub(super) policies: HashMap<(String, String), Seen<'a>>,
}

impl<'a> Assembly<'a> {
    /// Nothing read yet.
    pub(super) fn new(documents: &'a [Document]) -> Self {
        let estate =
            Estate { files: documents.iter().map(|document| document.name.clone()).collect(), ..Estate::default() };
        Self {
            documents,
            lines: documents.iter().map(|_| OnceLock::new()).collect(),
            estate,
            seen: HashMap::new(),
            listed: Vec::new(),
            keys: HashMap::new(),
            firewalls: HashMap::new(),
            zone_lists: BTreeMap::new(),
            whole_zones: HashSet::new(),
            policies: HashMap::new(),
        }
    }

    /// Where a slice of a document begins.
    fn position(&self, document: u32, text: &str) -> Option<(&Lines, usize)> {
        let index = document as usize;
        let whole = self.documents.get(index)?.text.as_ref().ok()?;
        let offset = (text.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
        (offset <= whole.len()).then(|| (self.lines[index].get_or_init(|| Lines::of(whole)), offset))
    }

    /// The origin of a slice of a document.
    pub(super) fn origin(&self, document: u32, text: &str) -> Origin {
        let origin = self.position(document, text).map(|(lines, offset)| lines.origin(document, offset, text.len()));
        origin.unwrap_or(Origin { file: document, line: 1, column: 1, end_line: 1 })
    }

    /// `file:line` of a slice of a document.
    pub(super) fn cite(&self, document: u32, text: &str) -> String {
        format!("{}:{}", self.name(document), self.origin(document, text).line)
    }

    /// The folder that an answer lies in, on the disk or in an evidence file.
    pub(super) fn folder(&self, answer: &Answer<'_>) -> Vec<String> {
        self.documents.get(answer.document as usize).map(|document| document.folder(answer)).unwrap_or_default()
    }

    fn name(&self, document: u32) -> &str {
        self.documents.get(document as usize).map_or("", |document| &document.name)
    }

    /// What serde said about a slice of a document, with the position in the file.
    pub(super) fn explain(&self, document: u32, text: &str, error: &serde_json::Error) -> String {
        let origin = self.origin(document, text);
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let line = origin.line.saturating_add(number(error.line()).saturating_sub(1));
        let column = match error.line() {
            0 | 1 => origin.column.saturating_add(number(error.column()).saturating_sub(1)),
            _ => number(error.column()),
        };
        format!("{}:{line}:{column}: {}", self.name(document), json::message(error))
    }

    /// Adds a row, or compares it with the row of this id that is there already. The row's
    /// number comes back.
    pub(super) fn add<T>(&mut self, pick: Pick<T>, id: &str, hints: Hints, seen: Seen<'a>, body: Evidence<T>) -> u32 {
        let origin = self.origin(seen.document, seen.text);
        let table = pick(&mut self.estate);
        let operation = table.operation();
        let Some(number) = table.number(id) else {
            table.push(Row { id: id.to_owned(), place: hints.place, origin, body });
            let all = self.seen.entry(operation).or_default();
            all.push(Seen { near: hints.near, ..seen });
            return u32::try_from(all.len() - 1).unwrap_or(u32::MAX);
        };
        let place = table.row(number).place.clone();
        let shared = place.account.is_some() && hints.place.account.is_some() && place.account != hints.place.account;
        let first = self.seen.get(&operation).and_then(|all| all.get(number as usize)).cloned();
        if let Some(gap) = first.and_then(|first| self.disagreement(operation, id, &place, &first, &seen, shared)) {
            set(pick(&mut self.estate), id, Evidence::Unknown(gap.shared()));
        }
        number
    }

    /// The gap of two answers that differ.
    pub(super) fn disagreement(
        &self,
        operation: Operation,
        id: &str,
        place: &Place,
        first: &Seen<'_>,
        second: &Seen<'_>,
        shared: bool,
    ) -> Option<Gap> {
        let path = merge::difference(first.text, second.text, merge::ignored(id, shared))?;
        let (first, second) = (self.cite(first.document, first.text), self.cite(second.document, second.text));
        let gap = Gap::new(operation, place.scope().of(id), Reason::Disagreement);
        Some(gap.because(format!("{first} and {second} differ at {path}")))
    }

    /// Notes a gap in the table of its operation, else among those of no table.
    pub(super) fn gap(&mut self, gap: Gap) {
        // What is missing of one zone, or of the zones of one VPC, belongs to the zones; the list of
        // them is whole all the same.
        let of_zones = matches!(gap.operation, Operation::GetHostedZone | Operation::ListHostedZonesByVpc);
        if of_zones && gap.scope.resource.is_some() {
            self.estate.aws.hosted_zones.note_gap(gap);
            return;
        }
        let rest = self.estate.aws.note_gap(gap).and_then(|gap| self.estate.databricks.note_gap(gap));
        self.estate.gaps.extend(rest);
    }

    /// Notes that an answer, or its part about `resource`, could not be read.
    pub(super) fn unreadable(&mut self, at: &Attribution, resource: Option<&str>, reason: Reason, detail: String) {
        let resource = resource.filter(|id| !id.is_empty()).map(str::to_owned);
        let scope = Scope { resource, ..at.place.scope() };
        self.gap(Gap::new(at.operation, scope, reason).because(detail));
    }

    /// Notes an error in place of an answer; true when it means "there is none".
    pub(super) fn failed(
        &mut self,
        answer: &Answer<'a>,
        at: &Attribution,
        resource: Option<&str>,
        failure: &Failure,
    ) -> bool {
        match failure.meaning(at.operation) {
            Meaning::None => true,
            Meaning::Gap(reason) => {
                // A whole list cannot be absent from itself.
                let reason = if reason == Reason::Absent && resource.is_none() { Reason::Undecodable } else { reason };
                let detail = format!("{}: {}", self.cite(answer.document, answer.text), failure.describe());
                self.unreadable(at, resource, reason, detail);
                false
            }
        }
    }

    /// Notes that a list was read to its end, here or once its place is known: the whole of it, or
    /// what belongs to the ids that were asked for.
    pub(super) fn cover(
        &mut self,
        operation: Operation,
        place: Place,
        asked: Option<BTreeSet<String>>,
        rows: Vec<u32>,
        folder: Vec<String>,
    ) {
        if is_whole(&place, operation) {
            self.cover_place(operation, &place, asked.as_ref());
        } else {
            self.listed.push(Listed { operation, place, asked, rows, folder });
        }
    }

    /// The same of a place that is known.
    pub(super) fn cover_place(&mut self, operation: Operation, place: &Place, asked: Option<&BTreeSet<String>>) {
        // the zones of a VPC are a part of the zones
        let of_vpc = operation == Operation::ListHostedZonesByVpc;
        let operation = if of_vpc { Operation::ListHostedZones } else { operation };
        match asked {
            Some(asked) => self.estate.aws.cover_within(operation, place, asked),
            None => {
                self.estate.aws.cover(operation, place);
                self.estate.databricks.cover(operation, place);
            }
        }
    }
}

/// Replaces the body of a row.
pub(super) fn set<T>(table: &mut Table<T>, id: &str, body: Evidence<T>) {
    if let Some(row) = table.existing(id) {
        row.body = body;
    }
}
