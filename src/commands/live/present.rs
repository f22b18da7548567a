//! Runs a collection: a runtime of one thread, Ctrl-C, progress; then the account of what is missing.
#![expect(clippy::disallowed_methods, reason = "evidence says when it was collected")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::super::{Error, say, stdout};
use super::progress::Progress;
use super::summary;
use crate::cli::LiveArgs;
use crate::estate::Reason;
use crate::exit::Exit;
use crate::sources::live::{self, AwsRequest, Collection, DatabricksRequest, Limits, Request};

/// What a run brought.
pub(in crate::commands) struct Collected {
    collection: Collection,
    progress: Arc<Progress>,
}

impl Collected {
    /// Whether nothing was answered.
    pub(in crate::commands) fn is_empty(&self) -> bool {
        self.collection.is_empty
    }

    /// Whether every question was answered.
    pub(in crate::commands) fn is_whole(&self) -> bool {
        self.collection.gaps.is_empty()
    }

    /// Says what was asked and what is missing.
    pub(in crate::commands) fn tell(&self) {
        for note in &self.collection.notes {
            say(note);
        }
        say(&self.progress.totals());
        for line in summary::lines(&self.collection.gaps) {
            say(&line);
        }
    }

    /// Writes the evidence file.
    pub(in crate::commands) fn save(&self, output: &Path) -> Result<(), Error> {
        Ok(self.collection.save(output)?)
    }

    /// The evidence file.
    pub(in crate::commands) fn text(&self) -> &str {
        self.collection.text()
    }
}

/// Collects what the flags ask for.
pub(in crate::commands) fn collect(args: &LiveArgs, earlier: Option<&str>) -> Result<Collected, Error> {
    run(&request(args), earlier)
}

/// Tries each permission once an account.
pub(in crate::commands) fn check(args: &LiveArgs) -> Result<Exit, Error> {
    let collected = run(&Request { sample: true, ..request(args) }, None)?;
    let Collection { gaps, tried, notes, .. } = &collected.collection;
    for line in notes.iter().chain([&collected.progress.totals()]).chain(&summary::lines(gaps)) {
        say(line);
    }
    let denied = gaps.iter().any(|gap| gap.reason == Reason::AccessDenied);
    let untried = summary::untried(tried);
    for line in &untried {
        say(line);
    }
    let verdict = match (denied, gaps.is_empty() && untried.is_empty()) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Clean,
        (false, false) => Exit::Unknown,
    };
    stdout(summary::verdict(verdict).as_bytes())?;
    Ok(verdict)
}

fn run(request: &Request, earlier: Option<&str>) -> Result<Collected, Error> {
    let progress = Arc::new(Progress::new());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Error::io("start", "the runtime"))?;
    let now = jiff::Timestamp::now().to_string();
    let collection = runtime.block_on(async {
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(async move {
            interrupted().await;
            // a run that has ended needs no stopping
            let _ = stop.send(true);
            std::future::pending::<()>().await;
        });
        live::collect(request, earlier, &now, stopped, Arc::clone(&progress) as Arc<dyn live::Watch>).await
    });
    progress.end();
    // requests that were left in flight are dropped, not waited for
    runtime.shutdown_background();
    Ok(Collected { collection: collection?, progress })
}

/// Ctrl-C, or the signal that schedulers end a job with.
async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        return;
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Prints the calls that `collect` would make.
pub(in crate::commands) fn list(args: &LiveArgs, earlier: Option<&str>) -> Result<Exit, Error> {
    let lines = match earlier {
        Some(earlier) => live::open_questions(&request(args), earlier)?,
        None => live::outline(),
    };
    let mut text = String::new();
    for line in lines {
        text.push_str(&crate::report::escape::line(&line));
        text.push('\n');
    }
    stdout(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// The text of an earlier evidence file.
pub(in crate::commands) fn earlier(file: &Path) -> Result<String, Error> {
    Ok(crate::sources::text(file)?)
}

fn request(args: &LiveArgs) -> Request {
    let mut limits = Limits::default();
    if let Some(at_once) = args.at_once {
        limits.at_once = usize::from(at_once);
    }
    if let Some(seconds) = args.call_timeout {
        limits.call = Duration::from_secs(u64::from(seconds));
    }
    if let Some(seconds) = args.deadline {
        limits.total = Duration::from_secs(u64::from(seconds));
    }
    Request {
        aws: AwsRequest {
            profile: args.aws_profile.clone(),
            assume_role: args.assume_role.clone(),
            external_id: args.external_id.clone(),
            accounts: args.accounts.clone(),
            organization: args.organization,
            regions: args.regions.clone(),
            all_regions: args.all_regions,
            whole_account: args.whole_account,
        },
        databricks: DatabricksRequest {
            profile: args.databricks_profile.clone(),
            account_id: args.databricks_account.clone(),
        },
        limits,
        sample: false,
    }
}
