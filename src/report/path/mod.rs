//! Reports of paths: a [`Reply`] of the engine as text, JSON, DOT or SVG, answers to a list of
//! flows, and what a source reaches.
//!
//! Input: replies, and the estate that says where their evidence stands. Output: the same bytes
//! every time, into any `impl Write`. It refuses to draw or print a name that could steer a
//! terminal or break out of the drawing.

pub mod dot;
pub mod flows;
pub mod json;
mod layout;
pub mod reach;
pub mod svg;
pub mod text;

use std::collections::BTreeSet;

use crate::reach::question::{Case, Group, Reply};
use crate::reach::{Blocker, Code, Hop, Leg, Passage, Verdict};

/// Every blocker of some cases, each once, in the order of the path.
fn blockers<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Vec<&'a Blocker> {
    let mut all: Vec<&Blocker> = Vec::new();
    for blocker in cases.into_iter().flat_map(|case| &case.answer.blockers) {
        if !all.contains(&blocker) {
            all.push(blocker);
        }
    }
    all
}

/// What to do about blockers, each remedy once, in their order.
fn remedies(blockers: &[&Blocker]) -> Vec<&'static str> {
    let mut seen = BTreeSet::new();
    blockers.iter().map(|blocker| blocker.code).filter(|code| seen.insert(*code)).map(Code::remedy).collect()
}

/// The hops of one way.
fn hops(case: &Case, leg: Leg) -> Vec<&Hop> {
    case.answer.hops.iter().filter(|hop| hop.leg == leg).collect()
}

/// The codes that belong to the hops, in their order: a blocked hop takes the blockers of its own
/// resource; those that no hop takes are met on another way than the one that is traced.
fn codes(case: &Case, leg: Leg) -> (Vec<Vec<Code>>, Vec<&Blocker>) {
    let hops = hops(case, leg);
    let mut codes = vec![Vec::new(); hops.len()];
    let mut elsewhere: Vec<&Blocker> = Vec::new();
    for blocker in case.answer.blockers.iter().filter(|blocker| blocker.leg == leg) {
        let blocked = |hop: &&Hop| hop.passage == Passage::Blocked && hop.resource == blocker.resource;
        let place = hops.iter().position(blocked).and_then(|place| codes.get_mut(place));
        match place {
            Some(codes) if codes.contains(&blocker.code) => {}
            Some(codes) => codes.push(blocker.code),
            None => elsewhere.push(blocker),
        }
    }
    (codes, elsewhere)
}

/// `unreachable: prod → relay (tcp/6666), 2 of 3 get through`.
pub fn headline(reply: &Reply) -> String {
    let mut services: Vec<String> = Vec::new();
    for service in reply.cases.iter().map(Case::service) {
        if !services.contains(&service) {
            services.push(service);
        }
    }
    let services = super::some_of(services.iter().map(String::as_str), 4);
    let part = match (reply.cases.len(), reply.count(Verdict::Reachable)) {
        (all, passed) if passed > 0 && passed < all => format!(", {passed} of {all} get through"),
        _ => String::new(),
    };
    let forward = match (reply.verdict, reply.forward) {
        (Verdict::Unreachable, Verdict::Reachable) => ", the request arrives and the reply does not",
        _ => "",
    };
    let (from, to) = (reply.question.from.trim(), reply.question.to.trim());
    format!("{}: {from} → {to} ({services}){part}{forward}", reply.verdict)
}

/// `unreachable: node in subnet-… → vpce-… (tcp/443)`, and how many more pairs are answered alike.
fn title(group: &Group<'_>) -> String {
    let Some(case) = group.cases.first() else { return String::new() };
    let first = format!("{}: {} → {} ({})", case.answer.verdict, case.from, case.to, case.service());
    match group.cases.len() - 1 {
        0 => first,
        more => format!("{first}, and {} alike", super::count(more, "pair")),
    }
}

/// Different values of the cases of a group, in their order.
fn distinct(group: &Group<'_>, value: impl Fn(&Case) -> String) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for value in group.cases.iter().map(|case| value(case)) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}
