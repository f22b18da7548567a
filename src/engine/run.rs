//! Rules over an estate: one verdict for each rule and subject. Subjects are judged in
//! parallel; the order of the findings does not depend on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use cel::{Context, Env, ExecutionError, IdedExpr, Value};
use rayon::prelude::*;

use super::facts::{self, Described, Fact, Ref};
use super::load::{Check, Piece, Rule};
use super::path;
use super::value::{EVIDENCE, Trace};
use crate::estate::{Estate, Gap, Location, Operation, Origin, Reason, Scope};
use crate::finding::fingerprint::fingerprint;
use crate::finding::{Blame, Finding, Profile, Step, Subject, Verdict};

/// How many elements of a list a message shows; an IP access list may hold a thousand.
const SHOWN: usize = 12;

/// Who claims which posture.
pub trait Profiles: Sync {
    /// The profile of a subject that serves these workspaces; none when it serves none that is
    /// known.
    fn of(&self, workspaces: &[String]) -> Profile;
}

impl Profiles for Profile {
    fn of(&self, _workspaces: &[String]) -> Profile {
        *self
    }
}

/// Judges every subject of every rule. Findings are sorted.
pub fn run(env: &Arc<Env>, rules: &[&Rule], estate: &Arc<Estate>, profiles: &dyn Profiles) -> Vec<Finding> {
    let mut subjects: BTreeMap<&str, Vec<Judged>> = BTreeMap::new();
    for rule in rules {
        subjects.entry(rule.collection.name).or_insert_with(|| prepare(rule, estate));
    }
    let work: Vec<(&Rule, &Judged)> = rules
        .iter()
        .filter_map(|rule| Some((*rule, subjects.get(rule.collection.name)?)))
        .flat_map(|(rule, subjects)| subjects.iter().map(move |subject| (rule, subject)))
        .filter(|(rule, judged)| rule.info.profile <= profiles.of(&judged.subject.workspaces))
        .collect();
    let judge = |(rule, judged): &(&Rule, &Judged)| judge(env, rule, judged, estate);
    let mut findings: Vec<Finding> = work.par_iter().map(judge).collect();
    findings.par_sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    findings
}

/// A subject with its description, made once for all rules.
struct Judged {
    record: Result<Ref, Arc<Gap>>,
    subject: Arc<Subject>,
    origin: Origin,
}

fn prepare(rule: &Rule, estate: &Estate) -> Vec<Judged> {
    let describe = |described: Described| match described {
        Described::Present(record) => {
            let (subject, origin) = facts::describe(estate, record);
            Judged { record: Ok(record), subject: Arc::new(subject), origin }
        }
        Described::Missing { id, origin, gap, workspaces } => {
            let kind = rule.collection.record.singular().to_owned();
            let subject = Subject { kind, name: id.clone(), id, workspaces, arn: None };
            Judged { record: Err(gap), subject: Arc::new(subject), origin }
        }
    };
    rule.collection.subjects(estate).into_par_iter().map(describe).collect()
}

fn judge(env: &Arc<Env>, rule: &Rule, judged: &Judged, estate: &Arc<Estate>) -> Finding {
    let origin = estate.locate(judged.origin);
    let Judgement { verdict, message, blame, path, gaps } = match &judged.record {
        Err(gap) => Judgement::unknown(rule, vec![(**gap).clone()]),
        Ok(record) => evaluate(env, rule, *record, &origin, estate),
    };
    let subject = Arc::clone(&judged.subject);
    let fingerprint = fingerprint(&rule.info.id, &subject.kind, &subject.id);
    Finding {
        rule: rule.info.id.clone(),
        name: rule.info.name.clone(),
        verdict,
        severity: rule.info.severity,
        profile: rule.info.profile,
        subject,
        message,
        locations: vec![origin],
        blame,
        path,
        gaps,
        waived: None,
        baseline: None,
        fingerprint,
    }
}

/// What a rule says of one subject.
struct Judgement {
    verdict: Verdict,
    message: String,
    blame: Vec<Blame>,
    path: Vec<Step>,
    gaps: Vec<Gap>,
}

impl Judgement {
    fn quiet(verdict: Verdict, message: String) -> Self {
        Self { verdict, message, blame: Vec::new(), path: Vec::new(), gaps: Vec::new() }
    }

    fn unknown(rule: &Rule, gaps: Vec<Gap>) -> Self {
        let title = rule.info.title.trim_end_matches('.');
        let message = format!("Not decided, evidence is missing: {title}.");
        Self { gaps, ..Self::quiet(Verdict::Unknown, message) }
    }
}

fn evaluate(env: &Arc<Env>, rule: &Rule, record: Ref, origin: &Location, estate: &Arc<Estate>) -> Judgement {
    let trace = Trace::new(estate);
    let mut context = Context::with_env(Arc::clone(env));
    context.add_variable_as_val(&rule.variable, trace.boxed(Fact::Record(record)));
    let mut unknown: Vec<Gap> = Vec::new();
    if let Some(applies) = &rule.applies {
        match truth(applies, &context, &trace) {
            Ok(true) => {}
            Ok(false) => {
                return Judgement::quiet(Verdict::NotApplicable, format!("{} does not concern it.", rule.info.name));
            }
            Err(gaps) => return Judgement::unknown(rule, gaps),
        }
    }
    for check in &rule.checks {
        match truth(&check.assert, &context, &trace) {
            Ok(true) => {}
            Ok(false) => return failed(check, &context, &trace, origin),
            // a later check may still fail, and a failure says more than a gap
            Err(gaps) => unknown.extend(gaps),
        }
    }
    if unknown.is_empty() {
        return Judgement::quiet(Verdict::Pass, format!("{} was looked for and not found.", rule.info.name));
    }
    unknown.sort();
    unknown.dedup();
    Judgement::unknown(rule, unknown)
}

/// The truth of an expression, or the gaps that hide it.
fn truth(expression: &IdedExpr, context: &Context<'_, '_>, trace: &Trace) -> Result<bool, Vec<Gap>> {
    let value = Value::resolve(expression, context);
    let gaps = trace.take_gaps();
    match value {
        Ok(Value::Bool(value)) => Ok(value),
        Ok(other) => Err(vec![fault(format!("it gave {other:?} instead of a truth value"))]),
        Err(ExecutionError::FunctionError { function, .. }) if function == EVIDENCE && !gaps.is_empty() => Err(gaps),
        Err(error) => Err(vec![fault(error.to_string())]),
    }
}

fn fault(why: String) -> Gap {
    Gap::new(Operation::ReadEvidence, Scope::default(), Reason::RuleFault).because(why)
}

fn failed(check: &Check, context: &Context<'_, '_>, trace: &Arc<Trace>, origin: &Location) -> Judgement {
    let estate = trace.estate();
    let read = |expression| Value::resolve_val(expression, context).and_then(|value| trace.fact(value.as_ref()));
    let mut message = String::new();
    for piece in &check.message {
        match piece {
            Piece::Text(text) => message.push_str(text),
            Piece::Value(expression) => {
                let shown = read(expression).map_or_else(|_| "(unknown)".to_owned(), |fact| show(estate, &fact));
                message.push_str(&shown);
            }
        }
    }
    let mut judgement = Judgement::quiet(Verdict::Fail, message);
    if let Some(Ok(Fact::Record(record))) = check.path.as_ref().map(read) {
        judgement.path = path::steps(estate, record);
        judgement.blame = path::blockers(estate, record, origin);
    }
    let mut named = Vec::new();
    if let Some(Ok(fact)) = check.blame.as_ref().map(read) {
        collect_blame(estate, &fact, &mut named);
        named.sort();
        named.dedup();
    }
    // what stops a path stands in its order, before what only has a part in it
    judgement.blame.append(&mut named);
    trace.take_gaps();
    judgement
}

/// A fact as a message shows it.
fn show(estate: &Estate, fact: &Fact) -> String {
    match fact {
        Fact::Null => "none".to_owned(),
        Fact::Bool(value) => value.to_string(),
        Fact::Int(value) => value.to_string(),
        Fact::Text(value) => value.clone(),
        Fact::Record(record) => facts::describe(estate, *record).0.id,
        Fact::List(facts) if facts.is_empty() => "none".to_owned(),
        Fact::List(facts) => {
            let shown: Vec<String> = facts.iter().take(SHOWN).map(|fact| show(estate, fact)).collect();
            let more = facts.len().saturating_sub(SHOWN);
            if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
        }
        Fact::Missing(_) => "(unknown)".to_owned(),
    }
}

fn collect_blame(estate: &Estate, fact: &Fact, blame: &mut Vec<Blame>) {
    match fact {
        Fact::Record(record) => {
            let (subject, origin) = facts::describe(estate, *record);
            blame.push(Blame { label: format!("{} {}", subject.kind, subject.id), location: estate.locate(origin) });
        }
        Fact::List(facts) => facts.iter().for_each(|fact| collect_blame(estate, fact, blame)),
        _ => {}
    }
}
