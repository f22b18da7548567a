//! The run: plan, ask everything that is planned at once, note what came back, plan again, until
//! nothing new is called for. Input: a request, credentials, perhaps an earlier evidence file.
//! Output: an evidence file and an account of what is missing. A run that is stopped keeps what it
//! has, and the rest as gaps.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::{JoinSet, LocalSet};

use super::ask::{Ask, Reply};
use super::aws::Aws;
use super::databricks::{Databricks, Unavailable};
use super::ledger::Ledger;
use super::manners::{Manners, Watch};
use super::plan::wanted;
use super::refusal::Refusal;
use super::request::Request;
use super::scope::Bounds;
use crate::estate::{Estate, Gap, Operation, Reason, Scope};
use crate::sources::{Cause, SourceError, file, read_text};

/// More rounds than evidence can call for: workspaces, VPCs, neighbours, what those name.
const ROUNDS: usize = 12;

/// What a run brought.
#[derive(Debug)]
pub struct Collection {
    text: String,
    /// Whether anything was answered.
    pub is_empty: bool,
    /// Every gap, sorted.
    pub gaps: Vec<Gap>,
    /// Every kind of question that was asked.
    pub tried: BTreeSet<Operation>,
    /// What could not be asked at all, for want of credentials: for people, not a gap of a call.
    pub notes: Vec<String>,
}

impl Collection {
    /// The evidence file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Writes the evidence file, whole or not at all, readable by its owner alone.
    pub fn save(&self, output: &Path) -> Result<(), SourceError> {
        file::save(output, self.text.clone().into_bytes()).map_err(|error| SourceError::new(output, Cause::Io(error)))
    }
}

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The earlier evidence file cannot be gone on with.
    #[error("cannot go on with the earlier file: {0}")]
    Resume(String),
    /// Settings of Databricks that contradict each other or cannot be read.
    #[error("{0}")]
    Settings(String),
    /// The evidence cannot be written.
    #[error("cannot write the evidence: {0}")]
    Io(#[from] std::io::Error),
    /// What was collected cannot be read again.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// Collects evidence until nothing more is called for, or `stopped` becomes true.
pub async fn collect(
    request: &Request,
    earlier: Option<&str>,
    now: &str,
    stopped: watch::Receiver<bool>,
    looker: Arc<dyn Watch>,
) -> Result<Collection, CollectError> {
    let ledger = earlier.map(Ledger::resume).transpose().map_err(CollectError::Resume)?.unwrap_or_default();
    let manners = Arc::new(Manners::new(request.limits, stopped, Arc::clone(&looker)));
    let mut run = Run {
        ledger,
        notes: Vec::new(),
        bounds: Bounds::default(),
        sample: request.sample,
        tried: BTreeSet::new(),
        looker,
    };
    let vendors = run.open(request, &manners).await?;
    // all on this thread: the work is waiting
    LocalSet::new().run_until(run.rounds(&vendors, now)).await?;
    let text = run.ledger.text(now)?;
    let gaps = run.ledger.gaps().cloned().collect();
    let tried = run.tried.into_iter().map(|(operation, _)| operation).collect();
    Ok(Collection { text, is_empty: run.ledger.is_empty(), gaps, tried, notes: run.notes })
}

/// Every question that an evidence file leaves open, as far as it tells without asking anyone.
pub fn open_questions(request: &Request, earlier: &str) -> Result<Vec<String>, CollectError> {
    let ledger = Ledger::resume(earlier).map_err(CollectError::Resume)?;
    let estate = read_text("evidence", earlier.to_owned())?;
    let bounds = Bounds {
        own_account: estate
            .collected()
            .into_iter()
            .find(|(operation, _)| !operation.is_databricks())
            .and_then(|(_, place)| place.account),
        home_region: request.aws.regions.first().cloned().unwrap_or_default(),
        databricks: estate.graph.accounts.first().cloned(),
        ..bounds(request)
    };
    let open = wanted(&estate, &ledger, &bounds).into_iter().filter_map(|ask| ledger.open(&ask));
    Ok(open.map(|ask| ask.to_string()).collect())
}

fn bounds(request: &Request) -> Bounds {
    Bounds {
        accounts: request.aws.accounts.iter().cloned().collect(),
        regions: request.aws.regions.iter().cloned().collect(),
        whole_account: request.aws.whole_account,
        ..Bounds::default()
    }
}

struct Run {
    ledger: Ledger,
    notes: Vec<String>,
    bounds: Bounds,
    sample: bool,
    /// Kinds of questions, with the account that was asked.
    tried: BTreeSet<(Operation, Option<String>)>,
    looker: Arc<dyn Watch>,
}

/// Who can be asked.
struct Vendors {
    aws: Option<Arc<Aws>>,
    databricks: Option<Arc<Databricks>>,
}

impl Run {
    /// Finds credentials on both sides; one side alone is worth a run.
    async fn open(&mut self, request: &Request, manners: &Arc<Manners>) -> Result<Vendors, CollectError> {
        self.looker.phase("credentials");
        self.bounds = bounds(request);
        let databricks = match Databricks::open(&request.databricks, Arc::clone(manners)).await {
            Ok(databricks) => {
                self.ledger.retry(Operation::GetToken, None);
                self.bounds.databricks = Some(databricks.account().to_owned());
                self.bounds.workspace = databricks.workspace().map(str::to_owned);
                Some(Arc::new(databricks))
            }
            Err(Unavailable::Unconfigured) => {
                self.notes.push(NO_DATABRICKS.to_owned());
                None
            }
            Err(Unavailable::Refused(refusal)) => {
                self.ledger.retry(Operation::GetToken, None);
                self.note(Operation::GetToken, Scope::default(), refusal);
                None
            }
            Err(Unavailable::Settings(problem)) => return Err(CollectError::Settings(problem)),
        };
        self.ledger.retry(Operation::GetCallerIdentity, None);
        let aws = match Aws::open(&request.aws, Arc::clone(manners)).await {
            Ok(aws) => Some(Arc::new(aws)),
            Err(refusal) => {
                self.note(Operation::GetCallerIdentity, Scope::default(), refusal);
                None
            }
        };
        if let Some(aws) = &aws {
            self.bounds.own_account = Some(aws.own_account().to_owned());
            aws.home_region().clone_into(&mut self.bounds.home_region);
            self.widen(request, aws).await;
        }
        Ok(Vendors { aws, databricks })
    }

    /// The accounts of the organization and the regions of each account, where they were asked for.
    async fn widen(&mut self, request: &Request, aws: &Aws) {
        let own = Scope { account: self.bounds.own_account.clone(), ..Scope::default() };
        if request.aws.organization {
            self.ledger.retry(Operation::ListAccounts, None);
            match aws.accounts().await {
                Ok(accounts) => self.bounds.accounts.extend(accounts),
                Err(refusal) => self.note(Operation::ListAccounts, own.clone(), refusal),
            }
        }
        if request.aws.all_regions {
            let accounts: BTreeSet<String> =
                self.bounds.accounts.iter().chain(&self.bounds.own_account).cloned().collect();
            let mut all = BTreeMap::new();
            for account in accounts {
                self.ledger.retry(Operation::DescribeRegions, Some(&account));
                match aws.regions(&account).await {
                    Ok(regions) => drop(all.insert(account, regions.into_iter().collect())),
                    Err(refusal) => self.note(
                        Operation::DescribeRegions,
                        Scope { account: Some(account), ..Scope::default() },
                        refusal,
                    ),
                }
            }
            self.bounds.all_regions = all;
        }
    }

    fn note(&mut self, operation: Operation, scope: Scope, refusal: Refusal) {
        let detail = [refusal.code, refusal.message].into_iter().filter(|part| !part.is_empty());
        let detail = detail.collect::<Vec<_>>().join(": ");
        self.ledger.note(Gap::new(operation, scope, refusal.reason).because(detail));
    }

    async fn rounds(&mut self, vendors: &Vendors, now: &str) -> Result<(), CollectError> {
        for round in 1..=ROUNDS {
            // read as an audit would read it, so that the plan sees what rules will see
            let estate = match self.ledger.is_empty() {
                true => Estate::default(),
                false => read_text("evidence", self.ledger.text(now)?)?,
            };
            self.introduce(vendors);
            let planned = wanted(&estate, &self.ledger, &self.bounds);
            drop(estate);
            let mut open: Vec<Ask> = planned.iter().filter_map(|ask| self.ledger.open(ask)).collect();
            let kind = |ask: &Ask| (ask.operation, ask.place.account.clone());
            open.retain(|ask| !(self.sample && self.tried.contains(&kind(ask))));
            // where to look in AWS is what Databricks says first
            let lists = |ask: &Ask| ask.operation.is_databricks() && ask.place.region.is_none();
            if open.iter().any(lists) {
                open.retain(lists);
            }
            open.retain(|ask| self.tried.insert(kind(ask)) || !self.sample);
            if open.is_empty() {
                return Ok(());
            }
            self.looker.phase(&format!("round {round}"));
            self.ask_all(vendors, open).await;
        }
        let detail = format!("evidence called for more than {ROUNDS} rounds of questions");
        self.ledger.note(Gap::new(Operation::ReadEvidence, Scope::default(), Reason::Skipped).because(detail));
        Ok(())
    }

    /// Tells the Databricks client where the workspaces answer.
    fn introduce(&self, vendors: &Vendors) {
        let Some(databricks) = &vendors.databricks else { return };
        let place = crate::estate::Place { account: Some(databricks.account().to_owned()), region: None };
        let list = Ask { operation: Operation::ListWorkspaces, place, about: super::ask::About::All };
        if let Some(workspaces) = self.ledger.answer(&list) {
            databricks.know(workspaces);
        }
    }

    async fn ask_all(&mut self, vendors: &Vendors, asks: Vec<Ask>) {
        let mut replies: JoinSet<Reply> = JoinSet::new();
        let mut asked = HashMap::new();
        for ask in asks {
            self.ledger.ask(&ask);
            let (aws, databricks, question) = (vendors.aws.clone(), vendors.databricks.clone(), ask.clone());
            let task = replies.spawn_local(async move {
                match (question.operation.is_databricks(), aws, databricks) {
                    (true, _, Some(databricks)) => databricks.ask(&question).await,
                    (false, Some(aws), _) => aws.ask(&question).await,
                    _ => Reply::refused(Refusal::new(Reason::Skipped, "", "no credentials")),
                }
            });
            asked.insert(task.id(), ask);
        }
        while let Some(done) = replies.join_next_with_id().await {
            let (id, reply) = done.unwrap_or_else(|error| {
                // a fault of ours, and a gap like any other
                (error.id(), Reply::refused(Refusal::new(Reason::Undecodable, "", error.to_string())))
            });
            if let Some(ask) = asked.remove(&id) {
                self.ledger.settle(&ask, reply);
            }
        }
    }
}

const NO_DATABRICKS: &str =
    "no Databricks credentials: VPCs were found by endpoints to Databricks and by the tag Vendor=Databricks";
