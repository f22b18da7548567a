//! Everything that a run of plaudit talks to, and the run itself: moto with an estate, the
//! Databricks server with the account that goes with it, a proxy before moto.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::databricks::server::{CLIENT_ID, CLIENT_SECRET, Server};
use super::fault::{Proxy, Rule};
use super::moto::Moto;

/// See the module.
pub(crate) struct Stage {
    /// What `tests/live/estate.py` says went in.
    pub(crate) estate: Value,
    /// Databricks.
    pub(crate) databricks: Server,
    moto: Moto,
    folder: tempfile::TempDir,
}

/// How a run ended.
pub(crate) struct Ran {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// A run of plaudit that goes on; it is killed when it is dropped.
pub(crate) struct Running(Child);

impl Stage {
    /// An estate of so many workspaces, with the flags of the script.
    pub(crate) fn of(workspaces: usize, flags: &[&str]) -> Self {
        let moto = Moto::empty();
        let estate = moto.estate(workspaces, flags);
        let databricks = Server::start(estate["databricks"].clone());
        Self { estate, databricks, moto, folder: tempfile::tempdir().unwrap() }
    }

    /// A proxy before moto that breaks what the rules say, and answers what moto cannot.
    pub(crate) fn proxy(&self, rules: impl IntoIterator<Item = Rule>) -> Proxy {
        let proxy = Proxy::before(self.moto.port(), rules.into_iter().chain(Proxy::unknown_to_moto()));
        proxy.knows(self.credential("AWS_ACCESS_KEY_ID"), "111122223333");
        proxy
    }

    fn credential(&self, name: &str) -> &str {
        self.estate["credentials"][name].as_str().unwrap()
    }

    /// A file of this stage.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs plaudit, with nothing in its environment but the way to this stage.
    pub(crate) fn plaudit(&self, proxy: &Proxy, args: &[&str]) -> Ran {
        let output = self.command(proxy, args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// The same, and does not wait for its end.
    pub(crate) fn spawn(&self, proxy: &Proxy, args: &[&str]) -> Running {
        let mut command = self.command(proxy, args);
        Running(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    fn command(&self, proxy: &Proxy, args: &[&str]) -> Command {
        let account = self.estate["databricks"]["account_id"].as_str().unwrap();
        let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
        let mut environment: BTreeMap<&str, String> =
            names.into_iter().map(|name| (name, self.credential(name).to_owned())).collect();
        environment.extend([
            ("AWS_ENDPOINT_URL", proxy.endpoint()),
            ("AWS_REGION", "eu-west-1".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("DATABRICKS_HOST", self.databricks.console()),
            ("DATABRICKS_ACCOUNT_ID", account.to_owned()),
            ("DATABRICKS_CLIENT_ID", CLIENT_ID.to_owned()),
            ("DATABRICKS_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
            ("HOME", self.folder.path().display().to_string()),
        ]);
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("plaudit"));
        command.env_clear().envs(environment).args(args);
        command
    }

    /// `plaudit collect` with the role in every account, into a file of this name.
    pub(crate) fn collect(&self, proxy: &Proxy, name: &str, more: &[&str]) -> Ran {
        let file = self.file(name).display().to_string();
        self.plaudit(proxy, &[&collecting(&file)[..], more].concat())
    }

    /// The same, and does not wait for its end.
    pub(crate) fn spawn_collect(&self, proxy: &Proxy, name: &str, more: &[&str]) -> Running {
        let file = self.file(name).display().to_string();
        self.spawn(proxy, &[&collecting(&file)[..], more].concat())
    }

    /// An evidence file of this stage.
    pub(crate) fn evidence(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.file(name)).unwrap()).unwrap()
    }

    /// What boto3 and the script say, as a directory of answers.
    pub(crate) fn answers(&self) -> PathBuf {
        let root = self.file("answers");
        let account = self.estate["databricks"]["account_id"].as_str().unwrap();
        let mut all: Vec<(String, Value)> = Vec::new();
        for (path, answer) in self.estate["answers"].as_object().unwrap() {
            all.push((path.clone(), answer.clone()));
        }
        flatten(&format!("databricks/{account}"), &self.estate["databricks"], &mut all);
        for (path, answer) in all {
            let file = root.join(format!("{path}.json"));
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, answer.to_string()).unwrap();
        }
        root
    }
}

fn collecting(file: &str) -> [&str; 5] {
    ["collect", "-o", file, "--assume-role", "plaudit"]
}

impl Running {
    /// Waits until something happened, while the run goes on; no longer than a minute.
    pub(crate) fn until(&mut self, happened: impl Fn() -> bool) {
        let began = Instant::now();
        while !happened() {
            if let Some(status) = self.0.try_wait().unwrap() {
                panic!("the run ended before, with {status}: {}", self.said().1);
            }
            assert!(began.elapsed() < Duration::from_secs(60), "nothing happened");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it without a word: `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
    }

    /// Sends a signal: `INT`, `TERM`.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.0.id().to_string()]).status().unwrap();
        assert!(status.success(), "kill -{name}: {status}");
    }

    /// Its end, which must come within this time. The code of a run that a signal ended is -1.
    pub(crate) fn end(mut self, within: Duration) -> Ran {
        let began = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                let (out, err) = self.said();
                return Ran { code: status.code().unwrap_or(-1), out, err };
            }
            assert!(began.elapsed() < within, "the run goes on after {within:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What a run said that has ended.
    fn said(&mut self) -> (String, String) {
        let (mut out, mut err) = (String::new(), String::new());
        self.0.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        self.0.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        (out, err)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // a run that has ended cannot be killed
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The answers of the Databricks account: settings and workspaces are folders.
fn flatten(root: &str, answers: &Value, all: &mut Vec<(String, Value)>) {
    for (name, answer) in answers.as_object().unwrap() {
        match name.as_str() {
            "account_id" | "deployment_name" => {}
            "settings" => {
                for (kind, setting) in answer.as_object().unwrap() {
                    all.push((format!("{root}/settings/{kind}"), setting.clone()));
                }
            }
            "workspace" => {
                for (id, workspace) in answer.as_object().unwrap() {
                    flatten(&format!("{root}/{id}"), workspace, all);
                }
            }
            _ => all.push((format!("{root}/{name}"), answer.clone())),
        }
    }
}
