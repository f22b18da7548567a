//! Lists that come in pages: read to the end, as far as there is one.

use std::collections::HashSet;
use std::future::Future;
use std::hash::Hash;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Lane, Manners, Refusal, Reply};
use crate::estate::Reason;

/// One page of a list.
pub(super) struct Page<T, K = String> {
    /// Its rows.
    pub(super) rows: Vec<T>,
    /// What asks for the next page; none after the last.
    pub(super) next: Option<K>,
}

/// The pages of a list, as far as they came.
pub(super) struct Pages<T> {
    /// Their rows.
    pub(super) rows: Vec<T>,
    /// How many came.
    pub(super) read: usize,
    /// Why it broke off, if it did.
    pub(super) broken: Option<Refusal>,
}

/// More pages than any list has that a rule could judge.
const LONGEST: usize = 10_000;
/// What stands for the page that was not read.
const NOT_READ: &str = "not read";

/// Reads a list page by page. A page that asks for one that came before ends it: nobody knows
/// what was left out.
pub(super) async fn pages<T, K, F>(manners: &Manners, lane: &Lane, fetch: impl Fn(Option<K>) -> F) -> Pages<T>
where
    K: Clone + Eq + Hash,
    F: Future<Output = Result<Page<T, K>, Refusal>>,
{
    let mut all = Pages { rows: Vec::new(), read: 0, broken: None };
    let (mut seen, mut token) = (HashSet::new(), None);
    loop {
        let page = match manners.call(lane, || fetch(token.clone())).await {
            Ok(page) => page,
            Err(refusal) => {
                all.broken = Some(refusal);
                return all;
            }
        };
        all.rows.extend(page.rows);
        all.read += 1;
        let Some(next) = page.next else { return all };
        if all.read >= LONGEST || !seen.insert(next.clone()) {
            let message = format!("the list has no end: page {} asks for one that came before", all.read);
            all.broken = Some(Refusal::new(Reason::Undecodable, "", message));
            return all;
        }
        token = Some(next);
    }
}

/// A token of AWS: the empty one says that there is no more.
pub(super) fn more(token: Option<String>) -> Option<String> {
    token.filter(|token| !token.is_empty())
}

/// The marker of the next page, of calls that say apart from it whether there is one.
pub(super) fn next(truncated: bool, marker: Option<String>) -> Result<Option<String>, Refusal> {
    let unmarked = || Refusal::new(Reason::Undecodable, "", "there is a next page, but nothing that asks for it");
    if truncated { more(marker).ok_or_else(unmarked).map(Some) } else { Ok(None) }
}

/// A list as the AWS CLI writes it: `{"Grants": […]}`. See the module above for one that broke
/// off.
pub(super) fn list<T: Serialize>(key: &str, pages: Pages<T>) -> Reply {
    let Pages { rows, read, broken } = pages;
    let mut answer = Map::new();
    answer.insert(key.to_owned(), rows.iter().map(json).collect());
    reply(answer, read, broken)
}

/// An answer of which `read` pages came.
pub(super) fn reply(mut answer: Map<String, Value>, read: usize, broken: Option<Refusal>) -> Reply {
    let Some(refusal) = broken else { return Reply::answer(Value::Object(answer)) };
    if read == 0 {
        return Reply::refused(refusal);
    }
    answer.insert("NextToken".to_owned(), NOT_READ.into());
    Reply { answers: vec![(None, Value::Object(answer))], refusals: vec![refusal] }
}

/// A value of the estate as AWS writes it: what is not there is left out.
pub(super) fn json<T: Serialize>(row: &T) -> Value {
    // The estate's types have texts for keys, and nothing else makes serde_json fail.
    let mut value = serde_json::to_value(row).unwrap_or_default();
    prune(&mut value);
    value
}

fn prune(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(prune),
        Value::Object(members) => {
            members.values_mut().for_each(prune);
            members.retain(|_, value| match value {
                Value::Null => false,
                Value::String(text) => !text.is_empty(),
                Value::Array(items) => !items.is_empty(),
                _ => true,
            });
        }
        _ => {}
    }
}
