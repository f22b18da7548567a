//! What was asked and what came back: the evidence file while it grows. Input: questions with
//! their replies, perhaps an earlier file. Output: the file's text, and for any question what of
//! it is still open. A question that got no answer is a gap; it is never an empty answer.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value, json};

use super::ask::{ASKED, About, Ask, Reply};
use super::refusal::Refusal;
use crate::estate::operation::Answer as Layout;
use crate::estate::{Gap, Operation, Reason, Scope};
use crate::sources::failure::{Failure, Meaning};
use crate::sources::gap::{self, Noted};
use crate::sources::secret::drop_secrets;
use crate::sources::{FORMAT, file};

/// What stays in a list that broke off. Such a list has a gap beside it.
const MARKS: &[&str] = &["NextToken", "next_page_token"];

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    tree: Map<String, Value>,
    /// Of this run.
    gaps: BTreeSet<Gap>,
    /// Of the earlier file, until the question is asked again.
    carried: BTreeSet<Gap>,
    /// When the earlier file was collected.
    since: Option<String>,
    /// Every question of this run: none is asked twice.
    asked: BTreeSet<Ask>,
}

impl Ledger {
    /// A ledger that goes on where an evidence file ended.
    pub(super) fn resume(text: &str) -> Result<Self, String> {
        let mut tree: Map<String, Value> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match tree.remove("format") {
            Some(Value::String(format)) if format == FORMAT => {}
            _ => return Err(format!("no evidence file: `format` is not {FORMAT}")),
        }
        tree.remove("tool");
        let since = tree.remove("collected_at").and_then(|time| time.as_str().map(str::to_owned));
        let mut carried = BTreeSet::new();
        for noted in tree.remove("gaps").and_then(|gaps| gaps.as_array().cloned()).unwrap_or_default() {
            carried.extend(gap::read(&noted.to_string()).map_err(|error| format!("a gap cannot be read: {error}"))?);
        }
        Ok(Self { tree, carried, since, ..Self::default() })
    }

    /// What of a question is still to be asked, if anything.
    pub(super) fn open(&self, ask: &Ask) -> Option<Ask> {
        let rest = match (&ask.about, self.answered(ask)) {
            (_, None) => ask.clone(),
            (About::Within(ids), Some(Answered::Within(known))) => {
                let ids: BTreeSet<String> = ids.iter().filter(|id| !known.contains(id.as_str())).cloned().collect();
                if ids.is_empty() {
                    return None;
                }
                Ask { about: About::Within(ids), ..ask.clone() }
            }
            (About::All, Some(Answered::Within(_))) => ask.clone(),
            (_, Some(_)) => return None,
        };
        (!self.asked.contains(&rest)).then_some(rest)
    }

    fn answered(&self, ask: &Ask) -> Option<Answered<'_>> {
        let scope = ask.scope();
        if gaps_at(&self.carried, ask.operation, &scope).next().is_some() {
            return None;
        }
        let mut path = ask.path(None);
        if has_parts(ask.operation) {
            path.pop();
        }
        let value = at(&self.tree, &path)?;
        if MARKS.iter().any(|mark| value.get(mark).is_some()) || refused(ask.operation, value) {
            return None;
        }
        match value.get(ASKED).and_then(Value::as_array) {
            Some(ids) => Some(Answered::Within(ids.iter().filter_map(Value::as_str).collect())),
            None => Some(Answered::Whole),
        }
    }

    /// That a question is asked now.
    pub(super) fn ask(&mut self, ask: &Ask) {
        self.asked.insert(ask.clone());
        let closed: Vec<Gap> = gaps_at(&self.carried, ask.operation, &ask.scope()).cloned().collect();
        for gap in &closed {
            self.carried.remove(gap);
        }
    }

    /// What came back.
    pub(super) fn settle(&mut self, ask: &Ask, reply: Reply) {
        let within = matches!(ask.about, About::Within(_));
        for (part, mut answer) in reply.answers {
            drop_secrets(&mut answer);
            let place = slot(&mut self.tree, &ask.path(part.as_deref()));
            if within && place.is_object() { join(place, answer) } else { *place = answer }
        }
        let (operation, scope) = (ask.operation, ask.scope());
        for refusal in reply.refusals {
            let failure = Failure::new(&refusal.code, &refusal.message, None);
            if failure.meaning(ask.operation) == Meaning::None {
                *slot(&mut self.tree, &ask.path(None)) = failure.to_json();
            } else {
                self.gaps.insert(gap_of(ask, &refusal));
            }
        }
        // what an earlier run left at a page is whole now
        if gaps_at(&self.gaps, operation, &scope).next().is_none()
            && let Some(Value::Object(members)) = at_mut(&mut self.tree, &ask.path(None))
        {
            MARKS.iter().for_each(|mark| drop(members.remove(*mark)));
        }
    }

    /// That something is tried again which is no question of the plan.
    pub(super) fn retry(&mut self, operation: Operation, account: Option<&str>) {
        let same = |gap: &Gap| account.is_none_or(|account| gap.scope.account.as_deref() == Some(account));
        self.carried.retain(|gap| gap.operation != operation || !same(gap));
    }

    /// A gap of no question: a list of accounts, a token.
    pub(super) fn note(&mut self, gap: Gap) {
        self.gaps.insert(gap);
    }

    /// The answer at the path of a question.
    pub(super) fn answer(&self, ask: &Ask) -> Option<&Value> {
        at(&self.tree, &ask.path(None))
    }

    /// Whether nothing was answered.
    pub(super) fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    /// Every gap, sorted.
    pub(super) fn gaps(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.union(&self.carried)
    }

    /// The evidence file. Evidence is as old as its oldest part.
    pub(super) fn text(&self, now: &str) -> std::io::Result<String> {
        let head = json!({
            "format": FORMAT,
            "tool": concat!("plaudit/", env!("CARGO_PKG_VERSION")),
            "collected_at": self.since.as_deref().unwrap_or(now),
        });
        // two calls that share a name are one entry
        let mut gaps: Vec<Value> = self.gaps().map(|gap| json!(Noted::from(gap))).collect();
        gaps.dedup();
        gaps.iter_mut().for_each(drop_secrets);
        let bytes = file::document(&head, &self.tree, gaps)?;
        String::from_utf8(bytes).map_err(std::io::Error::other)
    }
}

/// The gaps of one call in one scope: gaps are sorted by both.
fn gaps_at<'g>(gaps: &'g BTreeSet<Gap>, operation: Operation, scope: &Scope) -> impl Iterator<Item = &'g Gap> {
    let first = Gap::new(operation, scope.clone(), Reason::FIRST);
    let (operation, scope) = (operation, scope.clone());
    gaps.range(first..).take_while(move |gap| gap.operation == operation && gap.scope == scope)
}

/// How a question was answered.
enum Answered<'a> {
    Whole,
    Within(HashSet<&'a str>),
}

/// Whether the answer to one question is a folder of answers.
fn has_parts(operation: Operation) -> bool {
    matches!(operation.answer(), Layout::Path(pattern) if pattern.iter().filter(|part| **part == "*").count() > 1)
        && !operation.is_databricks()
}

/// Whether an error stands in place of the answer, one that does not mean "there is none".
fn refused(operation: Operation, value: &Value) -> bool {
    if value.get("Error").or_else(|| value.get("error_code")).or_else(|| value.get("__type")).is_none() {
        return false;
    }
    let text = value.to_string();
    let failure = crate::sources::json::members(&text).ok().and_then(|members| Failure::of_object(&members));
    failure.is_some_and(|failure| failure.meaning(operation) != Meaning::None)
}

fn gap_of(ask: &Ask, refusal: &Refusal) -> Gap {
    let parts = [refusal.call.unwrap_or_default(), &refusal.code, &refusal.message];
    let detail: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Gap::new(ask.operation, ask.scope(), refusal.reason).because(detail.join(": "))
}

fn at<'t>(tree: &'t Map<String, Value>, path: &[String]) -> Option<&'t Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(tree.get(first)?, |value, name| value.get(name))
}

fn at_mut<'t>(tree: &'t mut Map<String, Value>, path: &[String]) -> Option<&'t mut Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(tree.get_mut(first)?, |value, name| value.get_mut(name))
}

/// The place at a path, made where it is not.
fn slot<'t>(tree: &'t mut Map<String, Value>, path: &[String]) -> &'t mut Value {
    let mut names = path.iter();
    let first = names.next().map(String::as_str).unwrap_or_default();
    names.fold(tree.entry(first).or_insert(Value::Null), |value, name| {
        if !value.is_object() {
            *value = Value::Object(Map::new());
        }
        &mut value[name.as_str()]
    })
}

/// Two parts of one list: what both hold once, what was asked for from both.
fn join(list: &mut Value, part: Value) {
    let Value::Object(part) = part else { return };
    if !part.contains_key(ASKED)
        && let Value::Object(list) = &mut *list
    {
        // more was answered than was asked for: the whole
        list.remove(ASKED);
    }
    for (key, value) in part {
        match (list.get_mut(&key), value) {
            (Some(Value::Array(there)), Value::Array(more)) => {
                let known: HashSet<String> = there.iter().map(Value::to_string).collect();
                there.extend(more.into_iter().filter(|item| !known.contains(&item.to_string())));
                if key == ASKED {
                    there.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                }
            }
            (_, value) => list[key] = value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Place;

    fn subnets(ids: &[&str]) -> Ask {
        Ask {
            operation: Operation::DescribeSubnets,
            place: Place::new("111122223333", "eu-west-1"),
            about: About::Within(ids.iter().map(|id| (*id).to_owned()).collect()),
        }
    }

    fn answer(subnets: &[&str], asked: &[&str]) -> Reply {
        let subnets: Vec<Value> = subnets.iter().map(|id| json!({ "SubnetId": id })).collect();
        Reply::answer(json!({ "Subnets": subnets, ASKED: asked }))
    }

    #[test]
    fn only_what_was_not_asked_is_open_and_parts_become_one_list() {
        let mut ledger = Ledger::default();
        let first = subnets(&["vpc-1"]);
        ledger.ask(&first);
        ledger.settle(&first, answer(&["subnet-1"], &["vpc-1"]));
        assert_eq!(ledger.open(&first), None);
        let both = subnets(&["vpc-1", "vpc-2"]);
        let rest = ledger.open(&both).unwrap();
        assert_eq!(rest, subnets(&["vpc-2"]));
        ledger.ask(&rest);
        ledger.settle(&rest, answer(&["subnet-2"], &["vpc-2"]));
        assert_eq!(ledger.open(&both), None);
        let joined = ledger.answer(&both).unwrap();
        assert_eq!(joined["Subnets"], json!([{ "SubnetId": "subnet-1" }, { "SubnetId": "subnet-2" }]));
        assert_eq!(joined[ASKED], json!(["vpc-1", "vpc-2"]));
        assert!(ledger.open(&Ask { about: About::All, ..first }).is_some(), "a part is not the whole");
    }

    #[test]
    fn a_refused_question_is_a_gap_is_not_repeated_and_is_open_again_after_a_restart() {
        let mut ledger = Ledger::default();
        let ask = subnets(&["vpc-1"]);
        ledger.ask(&ask);
        let denied = Refusal::new(Reason::AccessDenied, "UnauthorizedOperation", "no");
        ledger.settle(&ask, Reply::refused(denied));
        assert_eq!(ledger.open(&ask), None);
        assert_eq!(ledger.gaps().count(), 1);
        let text = ledger.text("2026-01-01T00:00:00Z").unwrap();
        let mut later = Ledger::resume(&text).unwrap();
        assert_eq!(later.gaps().count(), 1, "carried until it is asked again");
        let open = later.open(&ask).unwrap();
        later.ask(&open);
        later.settle(&open, answer(&["subnet-1"], &["vpc-1"]));
        assert_eq!(later.gaps().count(), 0);
        assert!(later.text("2026-02-01T00:00:00Z").unwrap().contains("\"collected_at\": \"2026-01-01T00:00:00Z\""));
    }

    #[test]
    fn a_list_that_broke_off_keeps_its_rows_and_stays_open() {
        let mut ledger = Ledger::default();
        let ask = subnets(&["vpc-1"]);
        ledger.ask(&ask);
        let mut reply = answer(&["subnet-1"], &["vpc-1"]);
        reply.answers[0].1["NextToken"] = json!("page-2");
        reply.refusals.push(Refusal::new(Reason::Throttled, "RequestLimitExceeded", "busy"));
        ledger.settle(&ask, reply);
        let later = Ledger::resume(&ledger.text("now").unwrap()).unwrap();
        assert_eq!(later.open(&ask), Some(ask.clone()));
        assert_eq!(later.answer(&ask).unwrap()["Subnets"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn what_there_is_none_of_is_an_answer() {
        let mut ledger = Ledger::default();
        let ask = Ask {
            operation: Operation::GetBucketPolicy,
            place: Place::new("111122223333", "eu-west-1"),
            about: About::One("root".to_owned()),
        };
        ledger.ask(&ask);
        ledger.settle(&ask, Reply::refused(Refusal::new(Reason::Absent, "NoSuchBucketPolicy", "none")));
        assert_eq!(ledger.gaps().count(), 0);
        let later = Ledger::resume(&ledger.text("now").unwrap()).unwrap();
        assert_eq!(later.open(&ask), None);
    }

    #[test]
    fn another_file_is_refused() {
        for text in ["", "[]", "{}", "{\"format\":\"plaudit-evidence/2\"}"] {
            assert!(Ledger::resume(text).is_err(), "{text}");
        }
    }
}
