//! AWS played by a few lines: an HTTP server that answers each call as a test says, and
//! remembers what was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_ec2::config::{Credentials, SharedCredentialsProvider};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::{Aws, AwsRequest, Manners};
use crate::sources::live::Limits;
use crate::sources::live::manners::Nobody;

/// The account of whoever asks.
pub(super) const OWN: &str = "111122223333";

/// The parameters of a call; `Action` names it.
pub(super) type Call = BTreeMap<String, String>;

/// What is said to a call.
pub(super) enum Say {
    /// A status and a body.
    Whole(u16, String),
    /// The beginning of a body that was announced as longer.
    Short(String),
    /// The beginning of a body of which nobody said how long it is.
    Cut(String),
}

/// See the module.
#[derive(Clone)]
pub(super) struct Fake {
    calls: Arc<Mutex<Vec<Call>>>,
    config: SdkConfig,
}

/// An error as EC2 writes it.
pub(super) fn error(status: u16, code: &str, message: &str) -> Say {
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    Say::Whole(status, format!("<Response><Errors>{error}</Errors><RequestID>1</RequestID></Response>"))
}

/// An answer of EC2.
pub(super) fn answer(action: &str, inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<{action}Response xmlns=\"x\">{inside}<requestId>1</requestId></{action}Response>"
    )
}

impl Fake {
    /// A server that says who calls, and leaves everything else to `say`: the call, and how
    /// often its like came before.
    pub(super) async fn start(say: impl Fn(&Call, usize) -> Say + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let keys = Credentials::new("key", "secret-of-the-caller", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .retry_config(RetryConfig::disabled())
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .endpoint_url(endpoint)
            .build();
        let fake = Self { calls: Arc::default(), config };
        let (calls, say) = (Arc::clone(&fake.calls), Arc::new(say));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (calls, say) = (Arc::clone(&calls), Arc::clone(&say));
                tokio::spawn(async move { serve(stream, &calls, &*say).await });
            }
        });
        fake
    }

    /// AWS, asked at this server.
    pub(super) async fn aws(&self, request: &AwsRequest) -> Aws {
        let pause = Duration::from_millis(1);
        let limits = Limits { tries: 3, call: Duration::from_secs(5), pause, ..Limits::default() };
        let manners = Arc::new(Manners::new(limits, watch::channel(false).1, Arc::new(Nobody)));
        Aws::at(self.config.clone(), request, manners).await.unwrap()
    }

    /// The calls so far, of one action.
    pub(super) fn calls(&self, action: &str) -> Vec<Call> {
        self.calls.lock().unwrap().iter().filter(|call| call["Action"] == action).cloned().collect()
    }
}

async fn serve(mut stream: TcpStream, calls: &Mutex<Vec<Call>>, say: &(impl Fn(&Call, usize) -> Say + Send + Sync)) {
    let Some(call) = read(&mut stream).await else { return };
    let before = {
        let mut calls = calls.lock().unwrap();
        let before = calls.iter().filter(|other| other["Action"] == call["Action"]).count();
        calls.push(call.clone());
        before
    };
    let said = if call["Action"] == "GetCallerIdentity" {
        let who = format!("<Arn>arn:aws:iam::{OWN}:user/x</Arn><UserId>x</UserId><Account>{OWN}</Account>");
        let result = format!("<GetCallerIdentityResult>{who}</GetCallerIdentityResult>");
        Say::Whole(200, answer("GetCallerIdentity", &result))
    } else {
        say(&call, before)
    };
    let head = |status: u16, more: &str| format!("HTTP/1.1 {status} x\r\nConnection: close\r\n{more}\r\n");
    let length = |length: usize| format!("Content-Length: {length}\r\n");
    let (head, body) = match said {
        Say::Whole(status, body) => (head(status, &length(body.len())), body),
        Say::Short(body) => (head(200, &length(body.len() + 100)), body),
        Say::Cut(body) => (head(200, ""), body),
    };
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
}

/// The parameters in the body of a request.
async fn read(stream: &mut TcpStream) -> Option<Call> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_ascii_lowercase();
            let length =
                lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                let target = lower.lines().position(|line| line.starts_with("x-amz-target: "));
                return Some(match target.and_then(|at| head.lines().nth(at)?.rsplit_once('.')) {
                    Some((_, action)) => json(action, body),
                    None => body.split('&').filter_map(|pair| pair.split_once('=')).map(decoded).collect(),
                });
            }
        }
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
    }
}

/// The texts in a body of JSON.
fn json(action: &str, body: &str) -> Call {
    let members: BTreeMap<String, Value> = serde_json::from_str(body).unwrap();
    let texts = members.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.to_owned())));
    texts.chain([("Action".to_owned(), action.to_owned())]).collect()
}

fn decoded((key, value): (&str, &str)) -> (String, String) {
    let decode = |text: &str| {
        let mut parts = text.split('%');
        let mut decoded = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            decoded.push(char::from(u8::from_str_radix(&part[..2], 16).unwrap()));
            decoded.push_str(&part[2..]);
        }
        decoded
    };
    (decode(key), decode(value))
}
