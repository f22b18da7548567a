//! Facts as CEL values. A record is bound as a value of our own, so that reading a field that
//! is not known raises an *evidence error*: CEL's `&&`, `||`, `all` and `exists` absorb it when
//! it cannot change the answer, and otherwise it makes the verdict unknown.
//!
//! Every gap that an evaluation meets is written down in its [`Trace`], because the error that
//! reaches the top carries only one of them.

use std::any::Any;
use std::sync::{Arc, Mutex};

use cel::ExecutionError;
use cel::common::traits::Indexer;
use cel::common::types::{CelBool, CelInt, CelList, CelMap, CelNull, CelString, Type};
use cel::common::value::{CowVal, StaticVal, Val};

use super::facts::{Fact, Read, Ref};
use crate::estate::{Estate, Gap, Known};

/// The name under which evidence errors travel through CEL.
pub const EVIDENCE: &str = "evidence";

static RECORD: Type = Type::new_unspecified_type("record");

/// One evaluation: the estate that it reads and the gaps that it met.
#[derive(Debug)]
pub struct Trace {
    estate: Arc<Estate>,
    gaps: Mutex<Vec<Arc<Gap>>>,
}

impl Trace {
    /// A fresh trace over an estate.
    pub fn new(estate: &Arc<Estate>) -> Arc<Self> {
        Arc::new(Self { estate: Arc::clone(estate), gaps: Mutex::new(Vec::new()) })
    }

    /// The gaps that were met since the last call, sorted, each once.
    pub fn take_gaps(&self) -> Vec<Gap> {
        let mut met = self.gaps.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut gaps: Vec<Gap> = met.drain(..).map(|gap| (*gap).clone()).collect();
        gaps.sort();
        gaps.dedup();
        gaps
    }

    /// The estate.
    pub fn estate(&self) -> &Estate {
        &self.estate
    }

    fn evidence_error(&self, gap: &Arc<Gap>) -> ExecutionError {
        self.gaps.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(Arc::clone(gap));
        ExecutionError::FunctionError { function: EVIDENCE.to_owned(), message: gap.to_string() }
    }

    /// A fact, or an evidence error, as a CEL value.
    pub fn value<'b>(self: &Arc<Self>, read: Read) -> Result<CowVal<'b, 'static>, ExecutionError> {
        read.map(|fact| CowVal::Owned(self.boxed(fact))).map_err(|gap| self.evidence_error(&gap))
    }

    /// A fact as a CEL value.
    pub fn boxed(self: &Arc<Self>, fact: Fact) -> Box<dyn Val> {
        match fact {
            Fact::Null => Box::new(CelNull),
            Fact::Bool(value) => Box::new(CelBool::from(value)),
            Fact::Int(value) => Box::new(CelInt::from(value)),
            Fact::Text(value) => Box::new(CelString::from(value)),
            Fact::Record(record) => Box::new(Node { trace: Arc::clone(self), record: Ok(record) }),
            Fact::Missing(gap) => Box::new(Node { trace: Arc::clone(self), record: Err(gap) }),
            Fact::List(facts) => {
                Box::new(CelList::from(facts.into_iter().map(|fact| self.boxed(fact)).collect::<Vec<_>>()))
            }
        }
    }

    /// A CEL value as a fact; what is no fact is a mistake in the rule.
    pub fn fact(&self, value: &dyn Val) -> Result<Fact, ExecutionError> {
        if let Some(text) = value.downcast_ref::<CelString<'_>>() {
            Ok(Fact::Text(text.inner().to_owned()))
        } else if let Some(node) = value.downcast_ref::<Node>() {
            node.record.clone().map(Fact::Record).map_err(|gap| self.evidence_error(&gap))
        } else if let Some(number) = value.downcast_ref::<CelInt>() {
            Ok(Fact::Int(*number.inner()))
        } else if let Some(value) = value.downcast_ref::<CelBool>() {
            Ok(Fact::Bool(*value.inner()))
        } else if let Some(list) = value.downcast_ref::<CelList<'_>>() {
            list.inner().iter().map(|value| self.fact(value.as_ref())).collect::<Result<_, _>>().map(Fact::List)
        } else if value.downcast_ref::<CelNull>().is_some() {
            Ok(Fact::Null)
        } else {
            Err(ExecutionError::UnexpectedType { got: value.get_type().name().to_owned(), want: "a fact".to_owned() })
        }
    }
}

/// The trace of the first record among some values: functions find the estate through it.
pub fn trace_of(values: &[CowVal<'_, '_>]) -> Option<Arc<Trace>> {
    values.iter().find_map(|value| trace_in(value.as_ref()))
}

fn trace_in(value: &dyn Val) -> Option<Arc<Trace>> {
    if let Some(node) = value.downcast_ref::<Node>() {
        Some(Arc::clone(&node.trace))
    } else {
        let list = value.downcast_ref::<CelList<'_>>()?;
        list.inner().iter().find_map(|value| trace_in(value.as_ref()))
    }
}

/// Texts of a map literal: key to values, a text or a list of texts.
pub fn text_map(value: &dyn Val) -> Option<Vec<(String, Vec<String>)>> {
    let map = value.downcast_ref::<CelMap<'_>>()?;
    let mut entries = Vec::new();
    for (key, value) in map.inner() {
        let key = key.inner().downcast_ref::<CelString<'_>>()?.inner().to_owned();
        let values = match value.downcast_ref::<CelString<'_>>() {
            Some(text) => vec![text.inner().to_owned()],
            None => {
                let list = value.downcast_ref::<CelList<'_>>()?;
                let texts = list.inner().iter().map(|value| value.downcast_ref::<CelString<'_>>());
                texts.map(|text| text.map(|text| text.inner().to_owned())).collect::<Option<_>>()?
            }
        };
        entries.push((key, values));
    }
    entries.sort();
    Some(entries)
}

/// A record of the estate, or an element of a list that exists and is otherwise unknown:
/// whatever is asked of the latter is an evidence error.
#[derive(Clone, Debug)]
struct Node {
    trace: Arc<Trace>,
    record: Known<Ref>,
}

impl Val for Node {
    fn get_type(&self) -> &Type {
        &RECORD
    }

    fn cel_type() -> &'static Type {
        &RECORD
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| other.record.is_ok() && other.record == self.record)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Node {}

impl Indexer for Node {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let record = self.record.as_ref().map_err(|gap| self.trace.evidence_error(gap))?;
        let name = index.downcast_ref::<CelString<'_>>().map(CelString::inner).unwrap_or_default();
        match record.kind.schema().field(name) {
            Some(field) => self.trace.value((field.read)(&self.trace.estate, *record)),
            None => Err(ExecutionError::NoSuchKey(Arc::new(name.to_owned()))),
        }
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}
