//! The tests inside rule files, and mutants of the rules. A test is the base world with a few
//! values changed or answers taken away; a mutant is a rule with one check negated, or with its
//! `applies` negated, that some test of the rule must notice.

use std::sync::Arc;

use cel::common::ast::{CallExpr, Expr, operators};
use cel::{Env, IdedExpr};
use serde_json::Value;

use super::file::{Expect, TestFile};
use super::load::{Check, Rule};
use super::run::run;
use crate::estate::Estate;
use crate::finding::{Finding, Profile, Verdict};

/// Builds an estate from an evidence document; given by the caller, because the engine reads no
/// sources.
pub type Build<'a> = &'a (dyn Fn(&Value) -> Result<Estate, String> + Sync);

/// What the tests of one rule said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleReport {
    /// Rule id.
    pub rule: String,
    /// How many tests ran.
    pub tests: usize,
    /// How many mutants ran.
    pub mutants: usize,
    /// What went wrong, in the order of the file.
    pub failures: Vec<String>,
}

/// Runs the tests of a rule, then its mutants.
pub fn test(env: &Arc<Env>, rule: &Rule, world: &Value, build: Build<'_>) -> RuleReport {
    let mut report =
        RuleReport { rule: rule.info.id.clone(), tests: rule.tests.len(), mutants: 0, failures: Vec::new() };
    let mut cases = Vec::new();
    for test in &rule.tests {
        match changed(world, test).and_then(|world| build(&world)) {
            Ok(estate) => cases.push((test, Arc::new(estate))),
            Err(problem) => report.failures.push(format!("{}: {problem}", test.name)),
        }
    }
    for (test, estate) in &cases {
        if let Some(problem) = disappointment(&test.expect, &run(env, &[rule], estate, &Profile::Isolated)) {
            report.failures.push(format!("{}: {problem}", test.name));
        }
    }
    report.failures.extend(missing_kinds(rule));
    if !report.failures.is_empty() {
        return report;
    }
    for (name, mutant) in mutants(rule) {
        report.mutants += 1;
        let noticed = cases.iter().any(|(test, estate)| {
            disappointment(&test.expect, &run(env, &[&mutant], estate, &Profile::Isolated)).is_some()
        });
        if !noticed {
            report.failures.push(format!("no test notices when {name} is negated"));
        }
    }
    report
}

/// Verdicts that no test of the rule expects.
fn missing_kinds(rule: &Rule) -> Vec<String> {
    let expected: Vec<Verdict> = rule.tests.iter().flat_map(|test| verdicts(&test.expect)).collect();
    let mut needed = vec![Verdict::Pass, Verdict::Fail];
    // what the sources noted as missing is itself never missing
    if rule.collection.record != super::facts::Record::Gap {
        needed.push(Verdict::Unknown);
    }
    if rule.applies.is_some() {
        needed.push(Verdict::NotApplicable);
    }
    let absent = needed.into_iter().filter(|verdict| !expected.contains(verdict));
    absent.map(|verdict| format!("no test expects {verdict}")).collect()
}

fn verdicts(expect: &Expect) -> Vec<Verdict> {
    match expect {
        Expect::All(verdict) => vec![*verdict],
        Expect::Each(verdicts) => verdicts.values().copied().collect(),
    }
}

/// Why the findings are not what a test expects.
fn disappointment(expect: &Expect, findings: &[Finding]) -> Option<String> {
    let shown = || {
        let shown: Vec<String> =
            findings.iter().map(|f| format!("{} {}{}", f.subject.id, f.verdict, gaps(f))).collect();
        if shown.is_empty() { "no subject at all".to_owned() } else { shown.join("; ") }
    };
    let has = |verdict: Verdict| findings.iter().any(|finding| finding.verdict == verdict);
    match expect {
        Expect::All(verdict) => {
            let met = match verdict {
                Verdict::Fail => has(Verdict::Fail),
                Verdict::Unknown => has(Verdict::Unknown) && !has(Verdict::Fail),
                Verdict::Pass => has(Verdict::Pass) && !has(Verdict::Fail) && !has(Verdict::Unknown),
                Verdict::NotApplicable => {
                    !findings.is_empty() && findings.iter().all(|f| f.verdict == Verdict::NotApplicable)
                }
            };
            (!met).then(|| format!("expected {verdict}, got {}", shown()))
        }
        Expect::Each(expected) => {
            for (subject, verdict) in expected {
                let found =
                    findings.iter().find(|finding| finding.subject.id == *subject || finding.subject.name == *subject);
                if found.map(|finding| finding.verdict) != Some(*verdict) {
                    return Some(format!("expected {subject} {verdict}, got {}", shown()));
                }
            }
            let stray = findings.iter().find(|finding| {
                finding.verdict == Verdict::Fail
                    && !expected.contains_key(&finding.subject.id)
                    && !expected.contains_key(&finding.subject.name)
            });
            stray.map(|finding| format!("{} fails too: {}", finding.subject.id, finding.message))
        }
    }
}

fn gaps(finding: &Finding) -> String {
    let gaps: Vec<String> = finding.gaps.iter().map(ToString::to_string).collect();
    if gaps.is_empty() { String::new() } else { format!(" ({})", gaps.join("; ")) }
}

fn mutants(rule: &Rule) -> Vec<(String, Rule)> {
    let with = |applies: Option<IdedExpr>, checks: Vec<Check>| Rule {
        info: rule.info.clone(),
        collection: rule.collection,
        variable: rule.variable.clone(),
        applies,
        checks,
        tests: Vec::new(),
        file: rule.file.clone(),
    };
    let mut mutants = Vec::new();
    if let Some(applies) = &rule.applies {
        mutants.push(("`applies`".to_owned(), with(Some(negated(applies)), rule.checks.clone())));
    }
    for index in 0..rule.checks.len() {
        let mut checks = rule.checks.clone();
        checks[index].assert = negated(&rule.checks[index].assert);
        mutants.push((format!("check {}", index + 1), with(rule.applies.clone(), checks)));
    }
    mutants
}

fn negated(expression: &IdedExpr) -> IdedExpr {
    let call = CallExpr { func_name: operators::LOGICAL_NOT.to_owned(), target: None, args: vec![expression.clone()] };
    IdedExpr { id: 0, expr: Expr::Call(call) }
}

// ------------------------------------------------------------------ the base world, changed

/// The base world as a test wants it.
pub fn changed(world: &Value, test: &TestFile) -> Result<Value, String> {
    let mut world = world.clone();
    for (path, value) in &test.given {
        let (parent, last) = parent(&mut world, path)?;
        set(parent, &last, value.clone()).ok_or_else(|| format!("nothing at `{path}` in the base world"))?;
    }
    for path in &test.without {
        let (parent, last) = parent(&mut world, path)?;
        remove(parent, &last).ok_or_else(|| format!("nothing at `{path}` in the base world"))?;
    }
    stringify_policies(&mut world);
    Ok(world)
}

/// The value that holds the last step of a path. The first step names an answer anywhere in the
/// document; the others are keys, indexes, or ids of list elements.
fn parent<'w>(world: &'w mut Value, path: &str) -> Result<(&'w mut Value, String), String> {
    let mut steps: Vec<&str> = path.split('/').collect();
    let last = steps.pop().unwrap_or_default().to_owned();
    let first = *steps.first().unwrap_or(&last.as_str());
    let missing = || format!("nothing at `{path}` in the base world");
    let mut value = holder(world, first).ok_or_else(missing)?;
    for step in steps {
        value = child(value, step).ok_or_else(missing)?;
    }
    Ok((value, last))
}

/// The object that has the key, looked for in the whole document.
fn holder<'w>(value: &'w mut Value, key: &str) -> Option<&'w mut Value> {
    if value.get(key).is_some() {
        return Some(value);
    }
    let found = value.as_object()?.iter().find(|(_, child)| contains(child, key)).map(|(name, _)| name.clone())?;
    holder(value.get_mut(&found)?, key)
}

fn contains(value: &Value, key: &str) -> bool {
    value
        .as_object()
        .is_some_and(|object| object.contains_key(key) || object.values().any(|child| contains(child, key)))
}

fn child<'w>(value: &'w mut Value, step: &str) -> Option<&'w mut Value> {
    let value = unwrap(value, step);
    match value {
        Value::Object(object) => object.get_mut(step),
        Value::Array(list) => {
            let index = index(list, step)?;
            list.get_mut(index)
        }
        _ => None,
    }
}

/// An answer is an object around one list: a step that is none of its keys means the list.
fn unwrap<'w>(value: &'w mut Value, step: &str) -> &'w mut Value {
    let inner = value
        .as_object()
        .filter(|object| object.len() == 1 && !object.contains_key(step))
        .and_then(|object| object.iter().next().filter(|(_, child)| child.is_array()).map(|(key, _)| key.clone()));
    match inner {
        Some(key) => &mut value[key.as_str()],
        None => value,
    }
}

fn index(list: &[Value], step: &str) -> Option<usize> {
    if let Some(index) = step.parse::<usize>().ok().filter(|index| *index < list.len()) {
        return Some(index);
    }
    let is_id = |key: &str| {
        key.ends_with("Id")
            || key.ends_with("_id")
            || key == "id"
            || key.ends_with("Name")
            || key.ends_with("_name")
            || key == "label"
    };
    let names = |value: &Value| match value {
        Value::String(text) => text == step,
        Value::Number(number) => number.to_string() == step,
        _ => false,
    };
    // an element's own id stands before ids of others that it names
    list.iter().position(|element| {
        element.as_object().is_some_and(|object| {
            object.iter().any(|(key, value)| is_id(key) && names(value) && !is_foreign(object, key))
        })
    })
}

/// `VpcId` of a subnet names another resource.
fn is_foreign(object: &serde_json::Map<String, Value>, key: &str) -> bool {
    ["VpcId", "SubnetId", "RouteTableId"].contains(&key)
        && object.keys().any(|other| {
            other != key
                && [
                    "SubnetId",
                    "RouteTableId",
                    "GroupId",
                    "NetworkAclId",
                    "VpcEndpointId",
                    "NatGatewayId",
                    "NetworkInterfaceId",
                    "InstanceId",
                    "TransitGatewayAttachmentId",
                ]
                .contains(&other.as_str())
                && (key == "VpcId" || other != "RouteTableId")
        })
}

fn set(parent: &mut Value, last: &str, value: Value) -> Option<()> {
    let parent = unwrap(parent, last);
    match parent {
        Value::Object(object) => {
            if value.is_null() {
                object.remove(last);
            } else {
                object.insert(last.to_owned(), value);
            }
            Some(())
        }
        Value::Array(list) if last == "+" => {
            list.push(value);
            Some(())
        }
        Value::Array(list) => {
            let index = index(list, last)?;
            if value.is_null() {
                list.remove(index);
            } else {
                list[index] = value;
            }
            Some(())
        }
        _ => None,
    }
}

fn remove(parent: &mut Value, last: &str) -> Option<()> {
    match unwrap(parent, last) {
        Value::Object(object) => object.remove(last).map(|_| ()),
        Value::Array(list) => index(list, last).map(|index| {
            list.remove(index);
        }),
        _ => None,
    }
}

/// AWS gives policies as text inside JSON; the base world and its tests write them as objects.
fn stringify_policies(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (key, child) in object.iter_mut() {
                if (key == "Policy" || key == "PolicyDocument") && child.is_object() {
                    *child = Value::String(child.to_string());
                } else {
                    stringify_policies(child);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(stringify_policies),
        _ => {}
    }
}
