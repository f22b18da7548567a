//! From the text of an expression to something that can be evaluated: parse, check, inline
//! `let`. A `let` is substituted by its tree where it is used, never evaluated early, because an
//! early value would lose the evidence error inside it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use cel::common::ast::{EntryExpr, Expr, SourceInfo};
use cel::{Env, IdedExpr};

use super::check::{Checker, Mistake};
use super::facts::Kind;
use super::path::KINDS;

/// The longest expression, in bytes.
const LENGTH: usize = 4096;
/// The largest expression with its lets inlined, in nodes.
const NODES: usize = 4000;

/// A parsed and checked expression, `let` not yet inlined.
#[derive(Debug)]
pub(super) struct Checked {
    pub tree: IdedExpr,
    pub kind: Kind,
}

/// What an expression must give.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    Truth,
    Path,
    Any,
}

impl Wanted {
    /// Whether it may be of this type; what is not known at load shows itself later.
    pub(super) fn takes(self, kind: Kind) -> bool {
        match (self, kind) {
            (Self::Any, _) | (_, Kind::Any) => true,
            (Self::Truth, kind) => kind == Kind::Bool,
            (Self::Path, Kind::Record(record)) => KINDS.contains(&record),
            (Self::Path, _) => false,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Truth => "a truth value",
            Self::Path => "one path",
            Self::Any => "a value",
        }
    }
}

/// Parses and checks an expression over the given variables.
pub(super) fn parse(env: &Env, text: &str) -> Result<(IdedExpr, SourceInfoHandle), Vec<Mistake>> {
    let mistake = |message: String| vec![Mistake { start: 0, end: text.len(), message, help: None }];
    if text.len() > LENGTH {
        return Err(mistake(format!("the expression is longer than {LENGTH} bytes")));
    }
    // the parser has panicked on bad input before: a rule file must never take the tool down
    let parsed = catch_unwind(AssertUnwindSafe(|| env.compile(text)));
    match parsed {
        Err(_) => Err(mistake("the CEL parser gave up on this expression".to_owned())),
        Ok(Err(errors)) => Err(errors.errors.iter().map(|error| syntax_mistake(text, error)).collect()),
        Ok(Ok(program)) => Ok((program.expression().clone(), SourceInfoHandle(program))),
    }
}

/// Keeps the positions of a parsed expression.
pub(super) struct SourceInfoHandle(cel::Program);

impl SourceInfoHandle {
    fn info(&self) -> &SourceInfo {
        self.0.source_info()
    }
}

fn syntax_mistake(text: &str, error: &cel::ParseError) -> Mistake {
    let (line, column) = error.pos;
    let line = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    let column = usize::try_from(column).unwrap_or(1).saturating_sub(1);
    let start = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>() + column;
    let start = start.min(text.len());
    let message = error.msg.lines().next().unwrap_or("syntax error").to_owned();
    Mistake { start, end: start + 1, message: format!("not CEL: {message}"), help: None }
}

/// Checks a parsed expression.
pub(super) fn check(
    (tree, source): (IdedExpr, SourceInfoHandle),
    variables: Vec<(String, Kind)>,
) -> Result<Checked, Vec<Mistake>> {
    let kind = Checker::new(source.info(), variables).check(&tree)?;
    Ok(Checked { tree, kind })
}

/// Replaces names by the trees that `lets` give them, except where a walk binds the same name.
/// The lets themselves hold no names of other lets any more.
pub(super) fn inline(tree: IdedExpr, lets: &BTreeMap<String, IdedExpr>) -> IdedExpr {
    substitute(tree, lets, &mut Vec::new())
}

fn substitute(node: IdedExpr, lets: &BTreeMap<String, IdedExpr>, bound: &mut Vec<String>) -> IdedExpr {
    let IdedExpr { id, expr } = node;
    let expr = match expr {
        Expr::Ident(name) => match lets.get(&name) {
            Some(tree) if !bound.contains(&name) => return tree.clone(),
            _ => Expr::Ident(name),
        },
        Expr::Call(mut call) => {
            call.target = call.target.map(|target| Box::new(substitute(*target, lets, bound)));
            call.args = call.args.into_iter().map(|argument| substitute(argument, lets, bound)).collect();
            Expr::Call(call)
        }
        Expr::Select(mut select) => {
            select.operand = Box::new(substitute(*select.operand, lets, bound));
            Expr::Select(select)
        }
        Expr::List(mut list) => {
            list.elements = list.elements.into_iter().map(|element| substitute(element, lets, bound)).collect();
            Expr::List(list)
        }
        Expr::Map(mut map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    entry.key = substitute(std::mem::take(&mut entry.key), lets, bound);
                    entry.value = substitute(std::mem::take(&mut entry.value), lets, bound);
                }
            }
            Expr::Map(map)
        }
        Expr::Comprehension(mut walk) => {
            walk.iter_range = substitute(walk.iter_range, lets, bound);
            walk.accu_init = substitute(walk.accu_init, lets, bound);
            bound.push(walk.iter_var.clone());
            walk.loop_cond = substitute(walk.loop_cond, lets, bound);
            walk.loop_step = substitute(walk.loop_step, lets, bound);
            walk.result = substitute(walk.result, lets, bound);
            bound.pop();
            Expr::Comprehension(walk)
        }
        other => other,
    };
    IdedExpr { id, expr }
}

/// Names that an expression uses and does not bind.
pub(super) fn free_names(tree: &IdedExpr) -> Vec<String> {
    let mut names = Vec::new();
    collect(tree, &mut Vec::new(), &mut names);
    names
}

fn collect(node: &IdedExpr, bound: &mut Vec<String>, names: &mut Vec<String>) {
    match &node.expr {
        Expr::Ident(name) if !bound.contains(name) => names.push(name.clone()),
        Expr::Call(call) => {
            for part in call.target.iter().map(AsRef::as_ref).chain(&call.args) {
                collect(part, bound, names);
            }
        }
        Expr::Select(select) => collect(&select.operand, bound, names),
        Expr::List(list) => list.elements.iter().for_each(|element| collect(element, bound, names)),
        Expr::Map(map) => {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(entry) = &entry.expr {
                    collect(&entry.key, bound, names);
                    collect(&entry.value, bound, names);
                }
            }
        }
        Expr::Comprehension(walk) => {
            collect(&walk.iter_range, bound, names);
            collect(&walk.accu_init, bound, names);
            bound.push(walk.iter_var.clone());
            bound.push(walk.accu_var.clone());
            for part in [&walk.loop_cond, &walk.loop_step, &walk.result] {
                collect(part, bound, names);
            }
            bound.truncate(bound.len() - 2);
        }
        _ => {}
    }
}

/// Whether the expression is small enough to be evaluated on every subject.
pub(super) fn is_affordable(tree: &IdedExpr) -> bool {
    let mut left = NODES;
    count(tree, &mut left);
    left > 0
}

fn count(node: &IdedExpr, left: &mut usize) {
    *left = left.saturating_sub(1);
    if *left == 0 {
        return;
    }
    match &node.expr {
        Expr::Call(call) => call.target.iter().map(AsRef::as_ref).chain(&call.args).for_each(|part| count(part, left)),
        Expr::Select(select) => count(&select.operand, left),
        Expr::List(list) => list.elements.iter().for_each(|element| count(element, left)),
        Expr::Map(map) => {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(entry) = &entry.expr {
                    count(&entry.key, left);
                    count(&entry.value, left);
                }
            }
        }
        Expr::Comprehension(walk) => {
            for part in [&walk.iter_range, &walk.accu_init, &walk.loop_cond, &walk.loop_step, &walk.result] {
                count(part, left);
            }
        }
        _ => {}
    }
}
