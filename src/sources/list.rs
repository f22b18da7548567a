//! Lists of resources that name themselves: `{"Vpcs": […]}`, `[{"network_id": …}]`.
//!
//! Each item is decoded from its own slice of the text. One that does not decode is a gap for
//! its id, or for the list when it has none; the others are kept. A list that is one page of
//! several is never taken for the whole, and neither is one that was asked for in part: it says
//! `"PlauditAsked": ["vpc-1", …]`, and then speaks of what belongs to these ids alone.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::answer::{Answer, Attribution, Content};
use super::assembly::{Assembly, Pick, Seen};
use super::json::{self, Members};
use super::limits::ASKED;
use super::place::{self, Hints, Near};
use crate::estate::{Evidence, Gap, Reason};

/// How a kind of resource is read.
pub(super) struct Kind<T> {
    /// Its table.
    pub(super) table: Pick<T>,
    /// The member that holds its id; two that make it together have a `/` between them.
    pub(super) key: &'static str,
    /// Its id, once decoded.
    pub(super) id: fn(&T) -> String,
}

impl<'a> Assembly<'a> {
    /// Reads items that were cut out of an answer, and notes whether the list is whole.
    pub(super) fn list<T: DeserializeOwned>(
        &mut self,
        answer: &Answer<'a>,
        at: &Attribution,
        kind: &Kind<T>,
        items: &[&'a RawValue],
    ) {
        let rows = items.iter().filter_map(|item| self.item(answer, at, kind, item.get(), None)).collect();
        self.end_list(answer, at, rows);
    }

    /// Covers the place of a list, unless it is a page.
    pub(super) fn end_list(&mut self, answer: &Answer<'a>, at: &Attribution, rows: Vec<u32>) {
        match &answer.content {
            Ok(Content::Object(members)) if is_page(members) => {
                let detail = format!("{}: {PAGE}", self.cite(answer.document, answer.text));
                self.unreadable(at, None, Reason::Skipped, detail);
            }
            _ => {
                // what is no list of ids covers nothing; it was refused when the answer was opened
                let asked = asked(answer).unwrap_or_else(|_| Some(BTreeSet::new()));
                self.cover(at.operation, at.place.clone(), asked, rows, self.folder(answer));
            }
        }
    }

    /// Reads one resource; its row, when it has an id. `owner` is the account that the answer
    /// gives for it from outside.
    pub(super) fn item<T: DeserializeOwned>(
        &mut self,
        answer: &Answer<'a>,
        at: &Attribution,
        kind: &Kind<T>,
        text: &'a str,
        owner: Option<String>,
    ) -> Option<u32> {
        let document = answer.document;
        let hints = hints(at, text, owner);
        let seen = Seen { document, text, near: Near::default() };
        let detail = match json::decode::<T>(text) {
            Ok(body) => {
                let id = (kind.id)(&body);
                if !id.is_empty() {
                    return Some(self.add(kind.table, &id, hints, seen, Evidence::Known(body)));
                }
                format!("{}: no `{}`", self.cite(document, text), kind.key)
            }
            Err(error) => self.explain(document, text, &error),
        };
        let named = json::members(text).ok().and_then(|members| {
            let parts: Option<Vec<String>> = kind.key.split('/').map(|key| json::text_of(&members, key)).collect();
            parts.map(|parts| parts.join("/"))
        });
        let Some(id) = named else {
            self.unreadable(at, None, Reason::Undecodable, detail);
            return None;
        };
        let gap = Gap::new(at.operation, hints.place.scope().of(&id), Reason::Undecodable).because(detail);
        Some(self.add(kind.table, &id, hints, seen, Evidence::Unknown(gap.shared())))
    }
}

/// The ids that an answer was asked for, if it says that it was not asked for everything; why they
/// cannot be read.
pub(super) fn asked(answer: &Answer<'_>) -> Result<Option<BTreeSet<String>>, String> {
    let Ok(Content::Object(members)) = &answer.content else { return Ok(None) };
    let Some(list) = json::member(members, PLAUDIT_ASKED) else { return Ok(None) };
    let ids = serde_json::from_str::<Vec<String>>(list.get()).map_err(|_| "is no list of ids".to_owned())?;
    if ids.len() > ASKED {
        return Err(format!("names more than {ASKED} ids"));
    }
    Ok(Some(ids.into_iter().collect()))
}

/// The member that names the ids which a list was asked for: the collector's, not the vendor's.
pub(super) const PLAUDIT_ASKED: &str = "PlauditAsked";

/// What a gap says of a page.
pub(super) const PAGE: &str = "the answer is one page of several";

/// The place of a resource: its folder's, else what it says itself.
pub(super) fn hints(at: &Attribution, text: &str, owner: Option<String>) -> Hints {
    if place::is_whole(&at.place, at.operation) || at.operation.is_databricks() {
        return Hints { place: at.place.clone(), near: Near::default() };
    }
    let own = place::hints(text);
    let outside = crate::estate::Place { account: owner, region: None };
    Hints { place: at.place.clone().or(&own.place).or(&outside), near: own.near }
}

/// Whether an answer says that there is more. A mark that is no text counts too: only an absent,
/// null or empty one says that this was all.
pub(super) fn is_page(members: &Members<'_>) -> bool {
    const TOKENS: &[&str] = &[
        "NextToken",
        "nextToken",
        "NextPageToken",
        "nextPageToken",
        "next_page_token",
        "NextMarker",
        "NextContinuationToken",
    ];
    const SWITCHES: &[&str] = &["IsTruncated", "Truncated", "AdditionalRoutesAvailable", "has_more"];
    let says = |keys: &[&str], none: &[&str]| {
        let mut values = keys.iter().filter_map(|key| json::member(members, key));
        values.any(|value| !none.contains(&value.get()))
    };
    says(TOKENS, &["null", "\"\""]) || says(SWITCHES, &["null", "false"])
}
