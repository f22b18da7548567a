//! A policy document: JSON in, statements out.
//!
//! Input: text or a JSON value from an AWS account, so possibly hostile: at most 256 KiB,
//! 1,000 statements and 10,000 values (AWS's own largest policy is 32 KiB), nested no deeper
//! than serde_json reads. Output: a [`Policy`], or an error that names the statement and the
//! element. Element names are read in any case, because a condition that is overlooked for its
//! spelling would open a policy. Unknown elements are ignored; unknown condition operators are
//! kept and make their statement's match uncertain.

use serde_json::{Map, Value};

use super::condition::Condition;
use super::pattern::Pattern;
use super::principal::{Named, Principals};

const MAX_BYTES: usize = 256 * 1024;
const MAX_STATEMENTS: usize = 1_000;
const MAX_VALUES: usize = 10_000;

/// A policy, ready to be evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub(super) statements: Vec<Statement>,
}

/// Why a text is not a policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// More text than any AWS policy has.
    #[error("policy is larger than {MAX_BYTES} bytes")]
    TooLong,
    /// More statements than any AWS policy has.
    #[error("policy has {0} statements, more than {MAX_STATEMENTS}")]
    TooManyStatements(usize),
    /// More values than any AWS policy has.
    #[error("policy has more than {MAX_VALUES} values")]
    TooManyValues,
    /// Not JSON.
    #[error("policy is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The document itself is malformed.
    #[error("policy: {0}")]
    Document(String),
    /// A statement is malformed.
    #[error("Statement[{statement}].{element}: {problem}")]
    Statement {
        /// Its position, from 0.
        statement: usize,
        /// The element at fault.
        element: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Statement {
    /// The Sid, or the position, as findings quote it.
    pub(super) label: String,
    pub(super) index: usize,
    pub(super) allow: bool,
    pub(super) principals: Principals,
    pub(super) actions: Selector,
    /// None in a trust policy, whose resource is the role itself.
    pub(super) resources: Option<Selector>,
    pub(super) conditions: Vec<Condition>,
}

/// Action or NotAction, Resource or NotResource.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Selector {
    /// Whether it was the Not form.
    pub(super) except: bool,
    pub(super) patterns: Vec<Pattern>,
}

impl Policy {
    /// Reads a policy from its JSON text.
    ///
    /// # Errors
    /// If it is not JSON, not a policy, or larger than any policy that AWS would hold.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        if text.len() > MAX_BYTES {
            return Err(PolicyError::TooLong);
        }
        Self::read(&serde_json::from_str(text)?)
    }

    /// Reads a policy from a JSON value, as answers that embed policies hold it.
    ///
    /// # Errors
    /// As [`Policy::parse`].
    pub fn from_value(value: &Value) -> Result<Self, PolicyError> {
        if value.to_string().len() > MAX_BYTES {
            return Err(PolicyError::TooLong);
        }
        Self::read(value)
    }

    fn read(value: &Value) -> Result<Self, PolicyError> {
        let document = value.as_object().ok_or_else(|| PolicyError::Document(expected("an object", value)))?;
        let version = element(document, "Version").map_err(PolicyError::Document)?;
        let statements = element(document, "Statement")
            .map_err(PolicyError::Document)?
            .ok_or_else(|| PolicyError::Document("no Statement".to_owned()))?;
        let statements = one_or_many(statements);
        if statements.len() > MAX_STATEMENTS {
            return Err(PolicyError::TooManyStatements(statements.len()));
        }
        let variables = version.and_then(Value::as_str) == Some("2012-10-17");
        let statements = statements
            .iter()
            .enumerate()
            .map(|(index, statement)| {
                Statement::read(index, statement, variables).map_err(|(element, problem)| PolicyError::Statement {
                    statement: index,
                    element,
                    problem,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        if statements.iter().map(Statement::values).sum::<usize>() > MAX_VALUES {
            return Err(PolicyError::TooManyValues);
        }
        Ok(Self { statements })
    }
}

/// The element at fault and what is wrong with it.
type Fault = (&'static str, String);

impl Statement {
    fn read(index: usize, value: &Value, variables: bool) -> Result<Self, Fault> {
        let statement = value.as_object().ok_or_else(|| ("Statement", expected("an object", value)))?;
        let get = |name| element(statement, name).map_err(|problem| (name, problem));
        let allow = match get("Effect")? {
            Some(Value::String(effect)) if effect == "Allow" => true,
            Some(Value::String(effect)) if effect == "Deny" => false,
            Some(other) => return Err(("Effect", expected("\"Allow\" or \"Deny\"", other))),
            None => return Err(("Effect", "missing".to_owned())),
        };
        let selector = |name, not_name, pattern: &dyn Fn(&str) -> Pattern| {
            let (value, except) = match (get(name)?, get(not_name)?) {
                (None, None) => return Ok(None),
                (Some(value), None) => (value, false),
                (None, Some(value)) => (value, true),
                (Some(_), Some(_)) => return Err((name, format!("given together with {not_name}"))),
            };
            let texts = strings(value).map_err(|fault| (if except { not_name } else { name }, fault))?;
            let patterns = texts.into_iter().map(pattern).collect();
            Ok(Some(Selector { except, patterns }))
        };
        let principals = match (get("Principal")?, get("NotPrincipal")?) {
            (None, None) => Principals::Holder,
            (Some(value), None) => Principals::Only(named(value).map_err(|e| ("Principal", e))?),
            (None, Some(value)) => Principals::Except(named(value).map_err(|e| ("NotPrincipal", e))?),
            (Some(_), Some(_)) => {
                return Err(("Principal", "given together with NotPrincipal".to_owned()));
            }
        };
        let label = match get("Sid")?.and_then(Value::as_str) {
            Some(sid) if !sid.is_empty() => sid.to_owned(),
            _ => format!("Statement[{index}]"),
        };
        Ok(Self {
            label,
            index,
            allow,
            principals,
            actions: selector("Action", "NotAction", &Pattern::action)?
                .ok_or_else(|| ("Action", "missing".to_owned()))?,
            resources: selector("Resource", "NotResource", &|text| Pattern::new(text, variables))?,
            conditions: match get("Condition")? {
                Some(block) => conditions(block, variables).map_err(|e| ("Condition", e))?,
                None => Vec::new(),
            },
        })
    }

    /// How many values it holds, and variables in them: what its evaluation costs.
    fn values(&self) -> usize {
        let principals = match &self.principals {
            Principals::Holder => 0,
            Principals::Only(named) | Principals::Except(named) => named.len(),
        };
        let weigh = |patterns: &[Pattern]| patterns.iter().map(Pattern::weight).sum::<usize>();
        principals
            + weigh(&self.actions.patterns)
            + self.resources.as_ref().map_or(0, |resources| weigh(&resources.patterns))
            + self.conditions.iter().map(|condition| 1 + weigh(&condition.operands)).sum::<usize>()
    }
}

fn named(value: &Value) -> Result<Vec<Named>, String> {
    let Value::Object(types) = value else {
        let texts = strings(value)?;
        return Ok(texts.into_iter().map(|text| Named::parse("AWS", text)).collect());
    };
    let mut named = Vec::new();
    for (kind, values) in types {
        let values = strings(values).map_err(|problem| format!("{kind}: {problem}"))?;
        named.extend(values.into_iter().map(|value| Named::parse(kind, value)));
    }
    Ok(named)
}

fn conditions(block: &Value, variables: bool) -> Result<Vec<Condition>, String> {
    let operators = block.as_object().ok_or_else(|| expected("an object", block))?;
    let mut conditions = Vec::new();
    for (operator, keys) in operators {
        let keys = keys.as_object().ok_or_else(|| format!("{operator}: {}", expected("an object", keys)))?;
        for (key, values) in keys {
            let operands = one_or_many(values)
                .iter()
                .map(|value| match value {
                    Value::String(text) => Ok(Pattern::new(text, variables)),
                    // People write true and 10 for "true" and "10", and AWS takes them so.
                    Value::Bool(_) | Value::Number(_) => Ok(Pattern::new(&value.to_string(), false)),
                    other => Err(format!("{operator}.{key}: {}", expected("a string", other))),
                })
                .collect::<Result<_, _>>()?;
            conditions.push(Condition::new(operator, key, operands));
        }
    }
    Ok(conditions)
}

/// The element `name`, in whichever case. Two spellings at once are an error: we could not tell
/// which one AWS heeds.
fn element<'a>(object: &'a Map<String, Value>, name: &str) -> Result<Option<&'a Value>, String> {
    let mut found = object.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
    let first = found.next();
    if found.next().is_some() {
        return Err(format!("{name} is given twice, in different case"));
    }
    Ok(first.map(|(_, value)| value))
}

fn one_or_many(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        single => std::slice::from_ref(single),
    }
}

fn strings<'a>(value: &'a Value) -> Result<Vec<&'a str>, String> {
    let string = |value: &'a Value| value.as_str().ok_or_else(|| expected("a string or a list of strings", value));
    one_or_many(value).iter().map(string).collect()
}

fn expected(what: &str, found: &Value) -> String {
    match found {
        Value::Null => format!("expected {what}, found null"),
        Value::Bool(_) => format!("expected {what}, found a boolean"),
        Value::Number(_) => format!("expected {what}, found a number"),
        // Long text is quoted in part: it is somebody else's, and errors are read by people.
        Value::String(text) => {
            format!("expected {what}, found {:?}", text.chars().take(40).collect::<String>())
        }
        Value::Array(_) => format!("expected {what}, found a list"),
        Value::Object(_) => format!("expected {what}, found an object"),
    }
}
