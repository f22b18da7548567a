//! The assertions of the settings, asked of the network: each becomes a finding of PTH001.
//!
//! It refuses words that name nothing in lists that were collected: that is a mistake in the
//! settings, and must not pass for a verdict. What nobody collected makes the finding unknown.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::commands::Error;
use crate::engine::facts::{Record, Ref, workspaces_of};
use crate::estate::graph::known;
use crate::estate::{Estate, Gap, Location};
use crate::finding::assertion::{Assertion, Expectation};
use crate::finding::fingerprint::fingerprint;
use crate::finding::{Blame, Finding, RuleInfo, Step, Verdict};
use crate::hint::nearest;
use crate::reach::question::{Asker, Case, Question, QuestionError, Reply, Side};
use crate::reach::{self, Component, Hop, Leg, World};
use crate::report::{escape, some_of};

/// How many blockers a message names; blame names all of them.
const BLOCKERS: usize = 3;
/// How many components a message names.
const COMPONENTS: usize = 6;

/// Judges assertions, in their order.
pub(super) fn judge(assertions: &[Assertion], rule: &RuleInfo, estate: &Estate) -> Result<Vec<Finding>, Error> {
    if assertions.is_empty() {
        return Ok(Vec::new());
    }
    let world = World::of(estate);
    let asker = Asker::new(&world);
    let finding = |assertion: &Assertion| {
        let reply = asker.ask(&question(assertion)).map_err(|error| refusal(&asker, assertion, &error))?;
        Ok(finding(assertion, &reply, rule, estate))
    };
    assertions.iter().map(finding).collect()
}

fn question(assertion: &Assertion) -> Question {
    Question {
        from: assertion.from.clone(),
        to: assertion.to.clone(),
        protocol: assertion.protocol.clone(),
        port: assertion.port,
        ..Question::default()
    }
}

fn finding(assertion: &Assertion, reply: &Reply, rule: &RuleInfo, estate: &Estate) -> Finding {
    let verdict = match reply.meets(assertion.expect.verdict()) {
        Some(true) => Verdict::Pass,
        Some(false) => Verdict::Fail,
        None => Verdict::Unknown,
    };
    let case = telling(assertion.expect, verdict, reply);
    let message = match verdict {
        Verdict::Fail => format!("{}. {}", assertion.demand(), contrary(assertion.expect, reply, case)),
        Verdict::Unknown => format!("{}, and nobody knows whether it is.", assertion.demand()),
        Verdict::Pass | Verdict::NotApplicable => format!("{}, and it is{}.", assertion.demand(), but(reply)),
    };
    let hops = case.into_iter().flat_map(|case| &case.answer.hops);
    let gaps: BTreeSet<&Arc<Gap>> = reply.cases.iter().flat_map(|case| &case.answer.gaps).collect();
    let gaps = gaps.into_iter().filter(|_| verdict == Verdict::Unknown);
    let workspaces = serves(estate, &assertion.from).into_iter().chain(serves(estate, &assertion.to));
    let subject = assertion.subject(workspaces.collect::<BTreeSet<_>>().into_iter().collect());
    Finding {
        rule: rule.id.clone(),
        name: rule.name.clone(),
        verdict,
        severity: rule.severity,
        profile: rule.profile,
        message,
        locations: vec![assertion.position.clone()],
        blame: if verdict == Verdict::Fail { blame(assertion, reply, estate) } else { Vec::new() },
        path: hops.map(|hop| Step::of(estate, hop)).collect(),
        gaps: gaps.map(|gap| (**gap).clone()).collect(),
        waived: None,
        baseline: None,
        fingerprint: fingerprint(&rule.id, &subject.kind, &subject.id),
        subject: Arc::new(subject),
    }
}

/// The pair that shows why the assertion does not hold, or why nobody knows.
fn telling(expect: Expectation, verdict: Verdict, reply: &Reply) -> Option<&Case> {
    let wanted = match (verdict, expect) {
        (Verdict::Fail, Expectation::Reachable) => reach::Verdict::Unreachable,
        (Verdict::Fail, Expectation::Unreachable) => reach::Verdict::Reachable,
        (Verdict::Unknown, _) => reach::Verdict::Unknown,
        (Verdict::Pass | Verdict::NotApplicable, _) => return None,
    };
    reply.cases.iter().find(|case| case.answer.verdict == wanted).or_else(|| reply.decisive())
}

/// What is so instead: what blocks, or which way it goes.
fn contrary(expect: Expectation, reply: &Reply, case: Option<&Case>) -> String {
    let (all, through) = (reply.cases.len(), reply.count(reach::Verdict::Reachable));
    let pair = case.filter(|_| all > 1).map(|case| format!(": {} → {}", case.from, case.to)).unwrap_or_default();
    let part = format!("{through} of {all} pairs {} through", if through == 1 { "gets" } else { "get" });
    match expect {
        Expectation::Reachable => {
            let back = match reply.forward {
                reach::Verdict::Reachable => ", the request arrives and the reply does not",
                _ => "",
            };
            let part = if through > 0 { format!(", {part}") } else { String::new() };
            let why = stopped(case);
            format!("It is {}{part}{back}{}{why}", reply.verdict, if why.is_empty() { "" } else { ": " })
        }
        Expectation::Unreachable if through < all => format!("{part}{pair}{}", way(case)),
        Expectation::Unreachable => format!("It is {}{pair}{}", reply.verdict, way(case)),
    }
}

/// What is not said by a path that is closed: a request that arrives may carry something out.
fn but(reply: &Reply) -> &'static str {
    let arrives = |case: &Case| {
        case.answer.verdict == reach::Verdict::Unreachable && case.answer.forward == reach::Verdict::Reachable
    };
    if reply.cases.iter().any(arrives) { ", though a request arrives and only its reply does not" } else { "" }
}

fn stopped(case: Option<&Case>) -> String {
    let blockers = case.map(|case| case.answer.blockers.as_slice()).unwrap_or_default();
    let words = blockers.iter().take(BLOCKERS);
    let mut words: Vec<String> =
        words.map(|blocker| format!("{} {}: {}", blocker.code.name(), blocker.resource, blocker.detail)).collect();
    if let Some(more) = blockers.len().checked_sub(BLOCKERS).filter(|more| *more > 0) {
        words.push(format!("and {more} more"));
    }
    words.join("; ")
}

/// `, by route table rtb-1, internet gateway igw-1`.
fn way(case: Option<&Case>) -> String {
    // both ends and the resolver let nothing through
    let between = |hop: &&Hop| {
        let is_end = matches!(hop.component, Component::Subnet | Component::Resolver | Component::Internet);
        hop.leg == Leg::Forward && !is_end && !hop.resource.is_empty()
    };
    let hops = case.into_iter().flat_map(|case| &case.answer.hops).filter(between);
    let mut components: Vec<String> = Vec::new();
    for hop in hops {
        let name = format!("{} {}", hop.component.word(), hop.resource);
        // a filter is met on the way out and again on the way in
        if !components.contains(&name) {
            components.push(name);
        }
    }
    if components.is_empty() {
        return String::new();
    }
    format!(", by {}", some_of(components.iter().map(String::as_str), COMPONENTS))
}

/// Everything that stops any pair, each once, in the order of the paths.
fn blame(assertion: &Assertion, reply: &Reply, estate: &Estate) -> Vec<Blame> {
    let mut all: Vec<Blame> = Vec::new();
    let stopped = reply.cases.iter().filter(|_| assertion.expect == Expectation::Reachable);
    for blocker in stopped.flat_map(|case| &case.answer.blockers) {
        let blame = Blame::of(estate, blocker, &assertion.position);
        if !all.contains(&blame) {
            all.push(blame);
        }
    }
    all
}

/// The workspaces that one end of an assertion serves, as far as its word says.
fn serves(estate: &Estate, word: &str) -> Vec<String> {
    let place = word.rsplit('@').next().unwrap_or(word);
    let (aws, workspaces) = (&estate.aws, &estate.databricks.workspaces);
    let named = || known(workspaces).find(|(_, body)| body.workspace_name == word).map(|(row, _)| row);
    let deployed = || estate.graph.workspace_of_deployment.get(word).copied();
    let record = |kind| move |row| Ref::row(kind, row);
    let found = workspaces.number(word).or_else(named).or_else(deployed).map(record(Record::Workspace));
    let found = found.or_else(|| aws.subnets.number(place).map(record(Record::Subnet)));
    let found = found.or_else(|| aws.vpcs.number(place).map(record(Record::Vpc)));
    let found = found.or_else(|| aws.vpc_endpoints.number(place).map(record(Record::VpcEndpoint)));
    let found = found.or_else(|| aws.instances.number(place).map(record(Record::Instance)));
    found.map(|record| workspaces_of(estate, record)).unwrap_or_default()
}

/// Why an assertion cannot be asked, and what to do about it.
fn refusal(asker: &Asker<'_>, assertion: &Assertion, error: &QuestionError) -> Error {
    let kinds = |side: &Side| format!("a {} is {}", side.word(), side.kinds());
    let help = match error {
        QuestionError::Nothing { side, word } => {
            nearest(word, asker.candidates(*side)).map_or_else(|| kinds(side), |near| format!("did you mean `{near}`?"))
        }
        QuestionError::Several { .. } => "name it by its id".to_owned(),
        QuestionError::Unusable { side, .. } => kinds(side),
        QuestionError::Protocol(_) => "write `tcp`, `udp`, `icmp` or the number as a text".to_owned(),
        QuestionError::Address(_) | QuestionError::Elsewhere { .. } => kinds(&Side::From),
    };
    let Location { file, line, .. } = &assertion.position;
    let error = error.to_string();
    Error::Usage(format!("{file}:{line}: {}\n  help: {}", escape::line(&error), escape::line(&help)))
}
