//! One question to AWS or Databricks, where its answer lies in an evidence file, and what came
//! back. Pure: no I/O.

use std::collections::BTreeSet;

use serde_json::Value;

use super::refusal::Refusal;
use crate::estate::operation::Answer as Layout;
use crate::estate::{Operation, Place, Scope};
use crate::sources::place::{AWS, DATABRICKS};

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Ask {
    /// The call.
    pub(super) operation: Operation,
    /// AWS: account and the region whose endpoint is asked, for global services too. Databricks:
    /// account and, for what a workspace answers, the workspace id.
    pub(super) place: Place,
    /// What of it.
    pub(super) about: About,
}

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum About {
    /// The whole list.
    All,
    /// The part of a list that belongs to these ids: VPCs, transit gateways, or the items themselves.
    Within(BTreeSet<String>),
    /// One resource: a VPC, a key id, a bucket, a role name, a zone id, a type of setting.
    One(String),
}

/// What came back. A list of which only the first pages came has both an answer, which says that
/// there is more, and a refusal.
#[derive(Clone, Debug, Default)]
pub(super) struct Reply {
    /// Answers in the vendor's shape. The text completes the path where a question has several
    /// answers: the name of a role's policy.
    pub(super) answers: Vec<(Option<String>, Value)>,
    /// What was not answered.
    pub(super) refusals: Vec<Refusal>,
}

impl Reply {
    /// One answer.
    pub(super) fn answer(value: Value) -> Self {
        Self { answers: vec![(None, value)], refusals: Vec::new() }
    }

    /// No answer.
    pub(super) fn refused(refusal: Refusal) -> Self {
        Self { answers: Vec::new(), refusals: vec![refusal] }
    }
}

impl From<Result<Value, Refusal>> for Reply {
    fn from(result: Result<Value, Refusal>) -> Self {
        result.map_or_else(Self::refused, Self::answer)
    }
}

impl Ask {
    /// Where the answer lies in an evidence file.
    pub(super) fn path(&self, part: Option<&str>) -> Vec<String> {
        let place = |name: &Option<String>| name.clone().unwrap_or_default();
        let one = match &self.about {
            About::One(id) => Some(id.as_str()),
            About::All | About::Within(_) => None,
        };
        let mut names = one.into_iter().chain(part);
        let databricks = self.operation.is_databricks();
        let mut path = vec![if databricks { DATABRICKS } else { AWS }.to_owned(), place(&self.place.account)];
        if !databricks {
            path.push(if self.operation.is_global() { "global".to_owned() } else { place(&self.place.region) });
        }
        match self.operation.answer() {
            Layout::Path(pattern) => {
                let workspace = databricks.then(|| self.place.region.as_deref()).flatten();
                let mut names = workspace.into_iter().chain(names);
                let fill = |part: &&str| match *part {
                    "*" => names.next().unwrap_or_default().to_owned(),
                    part => part.to_owned(),
                };
                path.extend(pattern.iter().map(fill));
            }
            Layout::Key(_) | Layout::None => {
                path.extend(names.by_ref().map(str::to_owned));
                path.push(self.operation.file().trim_end_matches(".json").to_owned());
            }
        }
        path
    }

    /// Where a gap of this question lies.
    pub(super) fn scope(&self) -> Scope {
        let scope = self.place.scope();
        match &self.about {
            About::One(id) => scope.of(id),
            About::All | About::Within(_) => scope,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{About, Ask};
    use crate::estate::{Operation, Place};
    use crate::sources::answer::attribution;

    #[test]
    fn every_answer_lies_where_it_is_looked_for() {
        for operation in Operation::ALL.iter().copied() {
            if operation.file() == "" || matches!(operation.answer(), crate::estate::operation::Answer::None) {
                continue;
            }
            let place = if operation.is_databricks() {
                let of_workspace = operation.file().contains("<workspace-id>");
                Place { account: Some("acct".to_owned()), region: of_workspace.then(|| "42".to_owned()) }
            } else {
                Place::new("111122223333", "eu-west-1")
            };
            let ask = Ask { operation, place, about: About::One("thing".to_owned()) };
            let found = attribution(&ask.path(Some("part")), None).map(|found| found.operation);
            assert_eq!(found, Some(operation), "{:?}", ask.path(Some("part")));
        }
    }
}
