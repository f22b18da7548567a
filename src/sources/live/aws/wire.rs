//! A service of AWS played by a few lines: an HTTP server that gives each request to a test, and
//! the estate that its answers become.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::retry::RetryConfig;
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::{Ask, Manners, Post, Reply};
use crate::estate::{Estate, Operation, Place};
use crate::sources::live::manners::Nobody;
use crate::sources::live::{About, Limits};

/// The account that is asked.
pub(super) const ACCOUNT: &str = "111122223333";
/// The region that is asked.
pub(super) const REGION: &str = "eu-west-1";

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Got {
    /// `GET /bucket`, or `DescribeKey` of protocols that name the call.
    pub(super) line: String,
    /// Query or form, as it was sent.
    pub(super) query: String,
    /// The body.
    pub(super) body: String,
    /// The region that it was signed for.
    pub(super) region: String,
}

/// What is answered: status, a header or nothing, body.
pub(super) type Said = (u16, &'static str, String);

/// A good answer.
pub(super) fn good(body: impl Into<String>) -> Said {
    (200, "", body.into())
}

/// See the module.
pub(super) struct Wire {
    got: Arc<Mutex<Vec<Got>>>,
    post: Post,
    manners: Manners,
    // who stops a run: nobody here
    _stop: watch::Sender<bool>,
}

impl Wire {
    /// A service that answers as `say` does, which learns how many requests came before.
    pub(super) async fn start(say: impl Fn(&Got, usize) -> Said + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let got = Arc::<Mutex<Vec<Got>>>::default();
        let (seen, say) = (Arc::clone(&got), Arc::new(say));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, say) = (Arc::clone(&seen), Arc::clone(&say));
                tokio::spawn(async move { serve(stream, &seen, &*say).await });
            }
        });
        Self::at(endpoint, got)
    }

    /// A service that is there.
    pub(super) fn of(endpoint: &str) -> Self {
        Self::at(endpoint.to_owned(), Arc::default())
    }

    fn at(endpoint: String, got: Arc<Mutex<Vec<Got>>>) -> Self {
        let keys = Credentials::new("key", "secret-of-the-caller", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .retry_config(RetryConfig::disabled())
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .endpoint_url(endpoint)
            .build();
        let (stop, stopped) = watch::channel(false);
        let limits = Limits { tries: 2, call: Duration::from_secs(5), ..Limits::default() };
        let manners = Manners::new(limits, stopped, Arc::new(Nobody));
        Self { got, post: Post::new(ACCOUNT, REGION, &config), manners, _stop: stop }
    }

    /// Puts a question, as `Aws` would.
    pub(super) async fn ask(&self, operation: Operation, about: About) -> (Ask, Reply) {
        let ask = Ask { operation, place: Place::new(ACCOUNT, REGION), about };
        let reply = super::put(&self.post, &self.manners, &ask).await;
        (ask, reply)
    }

    /// What of an estate the answer to a question about one resource becomes.
    pub(super) async fn one(&self, operation: Operation, id: &str) -> Estate {
        let (ask, reply) = self.ask(operation, About::One(id.to_owned())).await;
        estate(&[(ask, reply)])
    }

    /// The clients, for a service that is there to be filled.
    pub(super) fn post(&self) -> &Post {
        &self.post
    }

    /// The requests so far.
    pub(super) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

/// The estate of some questions with their replies, without one refusal.
pub(super) fn estate(replies: &[(Ask, Reply)]) -> Estate {
    let mut tree = Map::from_iter([("format".to_owned(), json!("plaudit-evidence/1"))]);
    for (ask, reply) in replies {
        assert_eq!(reply.refusals, [], "{ask}");
        for (part, answer) in &reply.answers {
            let path = ask.path(part.as_deref());
            let (last, folders) = path.split_last().unwrap();
            let mut folder = &mut tree;
            for name in folders {
                let inner = folder.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
                folder = inner.as_object_mut().unwrap();
            }
            folder.insert(last.clone(), answer.clone());
        }
    }
    crate::sources::read_text("e.json", Value::Object(tree).to_string()).unwrap()
}

async fn serve(mut stream: TcpStream, seen: &Mutex<Vec<Got>>, say: &(impl Fn(&Got, usize) -> Said + Send + Sync)) {
    let Some(got) = read(&mut stream).await else { return };
    let before = {
        let mut seen = seen.lock().unwrap();
        seen.push(got.clone());
        seen.len() - 1
    };
    let (status, header, body) = say(&got, before);
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    let length = body.len();
    let head = format!("HTTP/1.1 {status} x\r\nConnection: close\r\n{header}Content-Length: {length}\r\n\r\n");
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<Got> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = header(head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                return Some(got(head, body));
            }
        }
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

fn got(head: &str, body: &str) -> Got {
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let named = header(head, "x-amz-target");
    let named = named.as_deref().and_then(|target| target.rsplit_once('.')).map(|(_, call)| call.to_owned());
    let form = body.split('&').find_map(|pair| pair.strip_prefix("Action=")).map(str::to_owned);
    let query = if form.is_some() { body } else { query };
    // …/<date>/<region>/<service>/aws4_request
    let signed = header(head, "authorization").unwrap_or_default();
    Got {
        line: named.or_else(|| form.clone()).unwrap_or_else(|| format!("{method} {path}")),
        query: query.to_owned(),
        body: body.to_owned(),
        region: signed.split('/').nth(2).unwrap_or_default().to_owned(),
    }
}
