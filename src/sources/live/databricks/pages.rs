//! Lists, page by page, as one answer. It knows the three styles of Databricks: a bare array, an
//! object that wraps the list, and an object with a mark for the next page. A list of which only
//! the first pages came keeps the mark, so that nobody takes it for the whole.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::super::ask::Reply;
use super::super::refusal::{Refusal, Retry};
use crate::estate::Reason;

/// The member that says where the next page begins.
pub(super) const NEXT: &str = "next_page_token";
/// More pages than any list has.
const MOST_PAGES: usize = 10_000;

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `[…]`, in one piece.
    Bare,
    /// `{"clusters": […], "next_page_token": "…"}`; without items the member is left out.
    Wrapped(&'static str),
}

/// One page.
#[derive(Debug, Default, PartialEq)]
struct Page {
    items: Vec<Value>,
    next: Option<String>,
}

/// A list while its pages come.
#[derive(Debug)]
pub(super) struct List {
    style: Style,
    items: Vec<Value>,
    /// Every mark so far.
    marks: HashSet<String>,
    /// Where the next page begins.
    next: Option<String>,
    /// What ended the list, once it has ended.
    end: Option<Result<(), Refusal>>,
}

impl List {
    /// Nothing came yet.
    pub(super) fn new(style: Style) -> Self {
        Self { style, items: Vec::new(), marks: HashSet::new(), next: None, end: None }
    }

    /// Whether another page is to be asked for.
    pub(super) fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// Where it begins; nothing for the first one.
    pub(super) fn mark(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// Takes a page, or what came in its place.
    pub(super) fn add(&mut self, body: Result<Value, Refusal>) {
        self.end = match body.and_then(|body| read(self.style, body)) {
            Err(refusal) => Some(Err(refusal)),
            Ok(page) => {
                self.items.extend(page.items);
                self.next = page.next;
                match &self.next {
                    None => Some(Ok(())),
                    Some(mark) if self.marks.len() < MOST_PAGES && self.marks.insert(mark.clone()) => None,
                    Some(_) => Some(Err(endless())),
                }
            }
        };
    }

    /// All pages as one answer; what came of them, when the list broke off.
    pub(super) fn reply(self) -> Reply {
        match self.end {
            Some(Err(refusal)) if self.marks.is_empty() => Reply::refused(refusal),
            Some(Err(refusal)) => {
                let part = whole(self.style, self.items, self.next.as_deref());
                Reply { answers: vec![(None, part)], refusals: vec![refusal] }
            }
            _ => Reply::answer(whole(self.style, self.items, self.next.as_deref())),
        }
    }
}

/// Items as the API would have written them on one page, with the mark of what is missing.
pub(super) fn whole(style: Style, items: Vec<Value>, next: Option<&str>) -> Value {
    let Style::Wrapped(key) = style else { return Value::Array(items) };
    let mut body = Map::new();
    body.insert(key.to_owned(), Value::Array(items));
    if let Some(next) = next {
        body.insert(NEXT.to_owned(), next.into());
    }
    Value::Object(body)
}

fn read(style: Style, body: Value) -> Result<Page, Refusal> {
    let body = match (style, body) {
        (_, Value::Null) => return Ok(Page::default()),
        (Style::Bare, Value::Array(items)) => return Ok(Page { items, next: None }),
        (Style::Bare, Value::Object(body)) if body.is_empty() => return Ok(Page::default()),
        (Style::Wrapped(_), Value::Object(body)) => body,
        (Style::Bare, _) => return Err(unexpected("a list")),
        (Style::Wrapped(key), _) => return Err(unexpected(&format!("an object with `{key}`"))),
    };
    let Style::Wrapped(key) = style else { return Err(unexpected("a list")) };
    page(key, body)
}

fn page(key: &str, mut body: Map<String, Value>) -> Result<Page, Refusal> {
    let items = match body.remove(key) {
        Some(Value::Array(items)) => items,
        None | Some(Value::Null) => Vec::new(),
        Some(_) => return Err(unexpected(&format!("a list in `{key}`"))),
    };
    let next = match body.remove(NEXT) {
        None | Some(Value::Null) => None,
        Some(Value::String(mark)) => Some(mark).filter(|mark| !mark.is_empty()),
        Some(_) => return Err(unexpected(&format!("text in `{NEXT}`"))),
    };
    if next.is_none() && body.get("has_more") == Some(&json!(true)) {
        return Err(unexpected(&format!("`{NEXT}`, because the answer says that there is more")));
    }
    // an object without the list is an empty list only when it holds nothing else either
    let paging = |key: &String| matches!(key.as_str(), "prev_page_token" | "has_more" | "total_count");
    if items.is_empty() && next.is_none() && !body.keys().all(paging) {
        return Err(unexpected(&format!("`{key}`")));
    }
    Ok(Page { items, next })
}

fn unexpected(what: &str) -> Refusal {
    Refusal::new(Reason::Undecodable, "", format!("expected {what}"))
}

fn endless() -> Refusal {
    Refusal { retry: Retry::Never, ..unexpected("the list to end, but its pages repeat") }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{List, Style};
    use crate::estate::Reason;
    use crate::sources::live::ask::Reply;
    use crate::sources::live::refusal::Refusal;

    const ITEMS: Style = Style::Wrapped("items");

    fn pages(style: Style, pages: Vec<Result<Value, Refusal>>) -> (Reply, Vec<Option<String>>) {
        let mut list = List::new(style);
        let mut asked = Vec::new();
        for page in pages {
            assert!(list.is_open());
            asked.push(list.mark().map(str::to_owned));
            list.add(page);
        }
        assert!(!list.is_open());
        (list.reply(), asked)
    }

    #[test]
    fn pages_become_one_answer() {
        let (reply, asked) = pages(
            ITEMS,
            vec![
                Ok(json!({"items": [1], "next_page_token": "a"})),
                Ok(json!({"next_page_token": "b"})),
                Ok(json!({"items": [2], "next_page_token": "", "prev_page_token": "x"})),
            ],
        );
        assert_eq!(reply.answers, [(None, json!({"items": [1, 2]}))]);
        assert!(reply.refusals.is_empty());
        assert_eq!(asked, [None, Some("a".to_owned()), Some("b".to_owned())]);
    }

    #[test]
    fn empty_lists_have_many_forms() {
        for (style, body, answer) in [
            (Style::Bare, json!([]), json!([])),
            (Style::Bare, json!(null), json!([])),
            (Style::Bare, json!({}), json!([])),
            (ITEMS, json!({}), json!({"items": []})),
            (ITEMS, json!(null), json!({"items": []})),
            (ITEMS, json!({"items": null, "next_page_token": null}), json!({"items": []})),
        ] {
            assert_eq!(pages(style, vec![Ok(body)]).0.answers, [(None, answer)]);
        }
    }

    #[test]
    fn what_is_no_list_is_not_taken_for_one() {
        for (style, body) in [
            (Style::Bare, json!({"networks": []})),
            (Style::Bare, json!("x")),
            (ITEMS, json!([1])),
            (ITEMS, json!({"items": {}})),
            (ITEMS, json!({"rules": [1]})),
            (ITEMS, json!({"items": [1], "next_page_token": 7})),
            (ITEMS, json!({"items": [1], "has_more": true})),
        ] {
            let (reply, _) = pages(style, vec![Ok(body.clone())]);
            assert!(reply.answers.is_empty(), "{body}");
            assert_eq!(reply.refusals[0].reason, Reason::Undecodable, "{body}");
        }
    }

    #[test]
    fn a_list_that_breaks_off_says_so() {
        let denied = Refusal::new(Reason::Throttled, "429", "slow down");
        let first = Ok(json!({"items": [1], "next_page_token": "a"}));
        let (reply, _) = pages(ITEMS, vec![first, Err(denied.clone())]);
        assert_eq!(reply.answers, [(None, json!({"items": [1], "next_page_token": "a"}))]);
        assert_eq!(reply.refusals[0], denied);
        let (reply, _) = pages(ITEMS, vec![Err(denied)]);
        assert!(reply.answers.is_empty() && reply.refusals.len() == 1);
    }

    #[test]
    fn a_mark_that_comes_again_ends_the_list() {
        let page = |mark: &str| Ok(json!({"items": [mark], "next_page_token": mark}));
        let (reply, asked) = pages(ITEMS, vec![page("a"), page("b"), page("a")]);
        assert_eq!(asked.len(), 3);
        assert_eq!(reply.answers[0].1["next_page_token"], "a");
        assert_eq!(reply.refusals[0].reason, Reason::Undecodable);
    }
}
