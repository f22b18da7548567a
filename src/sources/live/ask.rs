//! One question to AWS or Databricks, where its answer lies in an evidence file, and what came
//! back. Pure: no I/O.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::refusal::Refusal;
use crate::estate::aws::FirewallDetails;
use crate::estate::operation::Answer as Layout;
use crate::estate::{Operation, Place, Scope, key};
use crate::sources::place::{AWS, DATABRICKS};

/// The member of an answer that names what was asked for, when it is not the whole list.
pub(super) const ASKED: &str = "PlauditAsked";

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

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place: Vec<&str> =
            [&self.place.account, &self.place.region].into_iter().flatten().map(String::as_str).collect();
        write!(f, "{} in {}", self.operation.name(), place.join("/"))?;
        match &self.about {
            About::All => Ok(()),
            About::Within(ids) => write!(f, ", for {}", ids.iter().map(String::as_str).collect::<Vec<_>>().join(", ")),
            About::One(id) => write!(f, ", for {id}"),
        }
    }
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
                let workspace = self.place.region.as_deref().filter(|_| databricks);
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

    /// Where a gap of this question lies: the row that it leaves open, as its table names it.
    pub(super) fn scope(&self) -> Scope {
        use Operation as O;
        let scope = self.place.scope();
        let (account, region) = (self.place.account.as_deref(), self.place.region.as_deref());
        let resource = match (self.operation, &self.about) {
            (O::DescribeKey | O::GetKeyPolicy | O::GetKeyRotationStatus | O::ListGrants, About::One(id)) => {
                Some(key::row_id(region, id))
            }
            (O::DescribeFirewall | O::DescribeFirewallPolicy, About::One(name)) => {
                Some(FirewallDetails::row_id(account, region, name))
            }
            (O::GetAccountSetting, About::One(kind)) => Some(format!("{}/{kind}", account.unwrap_or_default())),
            (O::GetWorkspaceSetting, About::One(kind)) => Some(format!("{}/{kind}", region.unwrap_or_default())),
            (O::ListAccountIpAccessLists, _) => account.map(str::to_owned),
            (O::ListClusters | O::ListWarehouses, _) => None,
            (operation, _) if operation.is_databricks() => region.map(str::to_owned),
            (_, About::One(id)) => Some(id.clone()),
            (_, About::All | About::Within(_)) => None,
        };
        let in_region = match self.operation {
            O::ListClusters | O::ListWarehouses => true,
            operation => !operation.is_databricks() && !operation.is_global(),
        };
        Scope { resource, region: scope.region.filter(|_| in_region), ..scope }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{About, Ask, Layout};
    use crate::estate::{Operation, Place};
    use crate::sources::answer::attribution;
    use crate::sources::{FORMAT, read_text};

    /// One question of every operation that has an answer of its own.
    fn questions() -> impl Iterator<Item = Ask> {
        let answered = |operation: &Operation| !matches!(operation.answer(), Layout::None);
        Operation::ALL.iter().copied().filter(answered).map(|operation| {
            let of_workspace = operation.file().contains("<workspace-id>");
            let place = if operation.is_databricks() {
                let account = "75a6eb99-30f5-4088-b51c-1bc2893bc1c3".to_owned();
                Place { account: Some(account), region: of_workspace.then(|| "42".to_owned()) }
            } else {
                Place::new("111122223333", "eu-west-1")
            };
            let one = matches!(operation.answer(), Layout::Path(_));
            let about = if one { About::One("thing".to_owned()) } else { About::All };
            Ask { operation, place, about }
        })
    }

    #[test]
    fn every_answer_lies_where_it_is_looked_for() {
        for ask in questions() {
            let path = ask.path(Some("part"));
            let found = attribution(&path, None).map(|found| found.operation);
            assert_eq!(found, Some(ask.operation), "{path:?}");
        }
    }

    #[test]
    fn a_gap_lies_where_an_error_in_place_of_the_answer_would_put_it() {
        for ask in questions() {
            let denied = json!({ "Error": { "Code": "AccessDenied", "Message": "no" } });
            let nested = ask.path(Some("part")).iter().rev().fold(denied, |value, name| json!({ name: value }));
            let mut file = json!({ "format": FORMAT });
            file.as_object_mut().unwrap().extend(nested.as_object().unwrap().clone());
            let estate = read_text("e.json", file.to_string()).unwrap();
            let found = estate.noted.iter().find(|(gap, _)| gap.operation == ask.operation);
            let (gap, _) = found.unwrap_or_else(|| panic!("{ask}: no gap of it in {:?}", estate.noted));
            assert_eq!(gap.scope, ask.scope(), "{ask}");
        }
    }
}
