//! Words to rows. What is not found was either never collected, which is a gap, or is not there.

use std::collections::HashMap;
use std::sync::Arc;

use super::Asker;
use super::error::{QuestionError, Side};
use crate::estate::graph::known;
use crate::estate::{Estate, Gap, Known, Operation, Place, Reason, Scope, Table};

/// Why a word has no row.
#[derive(Clone, Debug)]
pub(super) enum Miss {
    /// Every list that it could stand in was collected, and it is in none.
    Nothing,
    /// A list is missing, or answers disagree about the row.
    Unknown(Arc<Gap>),
    /// It is there, and no flow can use it.
    Refused(QuestionError),
}

impl Miss {
    /// What has a row, and cannot be used.
    pub(super) fn refused(side: Side, word: &str, reason: impl Into<String>) -> Self {
        Self::Refused(QuestionError::unusable(side, word, reason))
    }
}

impl From<QuestionError> for Miss {
    fn from(error: QuestionError) -> Self {
        Self::Refused(error)
    }
}

impl From<Arc<Gap>> for Miss {
    fn from(gap: Arc<Gap>) -> Self {
        Self::Unknown(gap)
    }
}

/// Rows by a text that is no id.
type Index<'a> = HashMap<&'a str, Vec<u32>>;

/// Workspaces by name, and interfaces by instance.
pub(super) fn index(estate: &Estate) -> (Index<'_>, Index<'_>) {
    let (mut names, mut instances) = (Index::new(), Index::new());
    for (row, workspace) in known(&estate.databricks.workspaces) {
        names.entry(workspace.workspace_name.as_str()).or_default().push(row);
    }
    for (row, interface) in known(&estate.aws.interfaces) {
        let instance = interface.attachment.as_ref().and_then(|attachment| attachment.instance_id.as_deref());
        if let Some(instance) = instance {
            instances.entry(instance).or_default().push(row);
        }
    }
    (names, instances)
}

impl<'a> Asker<'a> {
    /// The row of an id in a list of AWS.
    pub(super) fn row<T>(&self, table: &'a Table<T>, id: &str) -> Result<(u32, &'a T), Miss> {
        match table.number(id) {
            Some(row) => Ok((row, table.row(row).body.known()?)),
            None => Err(self.unlisted(table, id).map_or(Miss::Nothing, Miss::Unknown)),
        }
    }

    /// Why an id without a row may exist all the same.
    pub(super) fn unlisted<T>(&self, table: &Table<T>, id: &str) -> Option<Arc<Gap>> {
        if self.places.is_empty() {
            return Some(Gap::new(table.operation(), Scope::default().of(id), Reason::NotCollected).shared());
        }
        self.places.iter().find_map(|place| table.listed_of(id, place).err()).map(|gap| about(gap, id))
    }

    /// The row of an id that something else names: where it is not, that is a gap.
    pub(super) fn named<T>(&self, table: &'a Table<T>, id: &str) -> Known<(u32, &'a T)> {
        self.row(table, id).map_err(|miss| match miss {
            Miss::Unknown(gap) => gap,
            _ => Gap::new(table.operation(), Scope::default().of(id), Reason::Absent).shared(),
        })
    }

    /// The workspace of this name, id or deployment name.
    pub(super) fn workspace(&self, side: Side, word: &str) -> Result<u32, Miss> {
        let workspaces = &self.estate.databricks.workspaces;
        if let Some(row) = workspaces.number(word) {
            return Ok(workspaces.row(row).body.known().map(|_| row)?);
        }
        match self.names.get(word).map(Vec::as_slice) {
            Some([row]) => return Ok(*row),
            Some(rows) => {
                let candidates = rows.iter().map(|row| format!("the workspace {}", workspaces.row(*row).id)).collect();
                return Err(QuestionError::Several { side, word: word.to_owned(), candidates }.into());
            }
            None => {}
        }
        if let Some(row) = self.estate.graph.workspace_of_deployment.get(word) {
            return Ok(*row);
        }
        let accounts = &self.estate.graph.accounts;
        if accounts.is_empty() {
            return Err(Gap::new(Operation::ListWorkspaces, Scope::default().of(word), Reason::NotCollected)
                .shared()
                .into());
        }
        let place = |account: &String| Place { account: Some(account.clone()), region: None };
        let missing = accounts.iter().find_map(|account| workspaces.listed(&place(account)).err());
        Err(missing.map_or(Miss::Nothing, |gap| Miss::Unknown(about(gap, word))))
    }

    /// Words that exist, for a hint.
    pub fn candidates(&self, side: Side) -> Vec<&'a str> {
        fn ids<T>(table: &Table<T>) -> impl Iterator<Item = &str> {
            table.rows().iter().map(|row| row.id.as_str())
        }
        let aws = &self.estate.aws;
        let mut words: Vec<&str> = vec!["internet"];
        words.extend(self.names.keys());
        words.extend(ids(&self.estate.databricks.workspaces));
        words.extend(self.estate.graph.workspace_of_deployment.keys().map(String::as_str));
        words.extend(
            ids(&aws.subnets).chain(ids(&aws.interfaces)).chain(ids(&aws.instances)).chain(ids(&aws.vpc_endpoints)),
        );
        match side {
            Side::From => {
                words.extend(self.estate.graph.transit_attachments_named.keys().map(String::as_str));
                words.extend(ids(&aws.vpn_gateways));
            }
            Side::To => words.extend(crate::reach::required::NEEDS.iter().map(|need| need.name)),
        }
        words.sort_unstable();
        words.dedup();
        words
    }
}

/// The same gap, for one resource.
fn about(gap: Arc<Gap>, id: &str) -> Arc<Gap> {
    let mut gap = Arc::unwrap_or_clone(gap);
    gap.scope = gap.scope.of(id);
    gap.shared()
}

/// A gap of a call about one resource, with what is to be said of it.
pub(super) fn gap(operation: Operation, id: &str, detail: &str) -> Arc<Gap> {
    Gap::new(operation, Scope::default().of(id), Reason::Absent).because(detail).shared()
}
