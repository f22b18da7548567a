//! Databricks over the wire: an HTTP server that speaks the account and workspace REST API with
//! discovery and tokens, under `accounts.localhost` and `<deployment>.localhost`, and breaks in
//! the ways in which the real one does. [`sdk`](super::sdk) holds it against Databricks' own SDK.
//!
//! It serves an estate in the shape of a directory of answers, as one JSON object:
//! `{"account_id", "workspaces", …, "settings": {…}, "workspace": {"<id>": {"deployment_name",
//! "clusters", …, "settings": {…}}}}`.

mod api;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

/// The service principal that the server knows.
pub(crate) const CLIENT_ID: &str = "4e8b1c6e-6a0e-4a41-9d2b-2f2f7a1f0c11";
/// Its secret.
pub(crate) const CLIENT_SECRET: &str = "planted-client-secret";
/// How every token begins.
pub(crate) const TOKEN: &str = "planted-token";

/// A server on a port of its own, until the process ends.
pub(crate) struct Server {
    /// Its port on this machine.
    pub(crate) port: u16,
    state: Arc<State>,
}

/// What breaks. Requests are named as in the table of operations.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Requests that the caller may not make.
    pub(crate) deny: BTreeSet<String>,
    /// Requests that are refused for load, so many times.
    pub(crate) throttle: BTreeMap<String, u32>,
    /// What `Retry-After` says then, in seconds.
    pub(crate) retry_after: u32,
    /// Requests that end badly, so many times.
    pub(crate) breaks: BTreeMap<String, (Break, u32)>,
    /// Items on a page; 0 for all.
    pub(crate) page_size: usize,
    /// Whether `error_code` is a number.
    pub(crate) numeric_codes: bool,
    /// Workspaces that refuse the network of the caller.
    pub(crate) closed: BTreeSet<String>,
    /// Keys of workspace-conf that no workspace knows.
    pub(crate) unknown_keys: BTreeSet<String>,
    /// Whether the list of network connectivity configurations leaves out their rules.
    pub(crate) rules_apart: bool,
    /// Whether hosts say nothing of themselves, as old ones do.
    pub(crate) no_discovery: bool,
    /// Where discovery sends whoever wants a token.
    pub(crate) token_endpoint: Option<String>,
}

/// How a request ends badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    /// 500 with a page in HTML.
    Html,
    /// 200 with a page in HTML.
    SignIn,
    /// The body stops half way.
    Truncated,
    /// The connection is closed without an answer.
    Reset,
    /// No answer, and no end.
    Hang,
    /// The same mark for every page.
    SamePage,
}

/// A request that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Host name without port.
    pub(crate) host: String,
    /// `GET /accounts/{account}/networks`, or the path itself.
    pub(crate) name: String,
    /// What the caller calls itself.
    pub(crate) user_agent: String,
}

struct State {
    port: u16,
    estate: Value,
    faults: Mutex<Faults>,
    seen: Mutex<Vec<Seen>>,
    /// Tokens of earlier generations have expired.
    generation: AtomicU32,
}

impl Server {
    /// Serves an estate.
    pub(crate) fn start(estate: Value) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (faults, seen) = (Mutex::default(), Mutex::default());
        let state = Arc::new(State { port, estate, faults, seen, generation: AtomicU32::new(1) });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || wire::serve(&state, stream));
            }
        });
        Self { port, state }
    }

    /// `http://accounts.localhost:…`.
    pub(crate) fn console(&self) -> String {
        format!("http://accounts.localhost:{}", self.port)
    }

    /// The host of a workspace.
    pub(crate) fn workspace(&self, id: &str) -> String {
        let deployment = self.state.estate["workspace"][id]["deployment_name"].as_str().unwrap();
        format!("http://{deployment}.localhost:{}", self.port)
    }

    /// A personal access token of a workspace.
    pub(crate) fn token(id: &str) -> String {
        format!("{TOKEN}-personal-{id}")
    }

    /// What it serves.
    pub(crate) fn estate(&self) -> &Value {
        &self.state.estate
    }

    /// Changes what breaks.
    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.state.faults)
    }

    /// Ends the life of every token that was given.
    pub(crate) fn expire_tokens(&self) {
        self.state.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// The requests since the last call.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *lock(&self.state.seen))
    }
}

/// The estate of `databricks/<account-id>/` in a directory of answers.
pub(crate) fn estate_of(directory: &Path) -> Value {
    let mut estate = folder(directory);
    let is_workspace = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
    let all = estate.as_object_mut().unwrap();
    let ids: Vec<String> = all.keys().filter(|name| is_workspace(name)).cloned().collect();
    let mut workspaces = Map::new();
    for id in ids {
        let mut workspace = all.remove(&id).unwrap();
        let listed = all["workspaces"].as_array().unwrap().iter();
        let named = listed.filter(|listed| listed["workspace_id"].as_i64() == id.parse().ok());
        workspace["deployment_name"] = named.map(|listed| listed["deployment_name"].clone()).next().unwrap_or_default();
        workspaces.insert(id, workspace);
    }
    all.insert("workspace".to_owned(), workspaces.into());
    let account = directory.file_name().unwrap().to_str().unwrap();
    all.insert("account_id".to_owned(), json!(account));
    estate
}

fn folder(directory: &Path) -> Value {
    let mut members = Map::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let value =
            if path.is_dir() { folder(&path) } else { serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap() };
        members.insert(name, value);
    }
    members.into()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
