//! A proxy in front of moto that does what AWS does on a bad day: it denies, throttles, fails,
//! breaks off, hangs, forgets the caller, and cuts lists into pages, which moto never does. It
//! writes down every request.
//!
//! ```text
//! client ─► http ─► wire: which action, whose ─► rules ─┬─► shape: the service's own refusal
//!                                                       └─► moto ─► pages ─► whole, cut, dripping
//! ```

mod http;
mod lacks;
mod pages;
mod shape;
mod tests;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use http::{Answer, Call};
pub(crate) use wire::Request;

/// What goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// 403 with the service's own words.
    Deny,
    /// The service's own words for too many requests.
    Throttle,
    /// The credentials have expired.
    Expired,
    /// 500 with a page for people.
    ServerError,
    /// The length of the whole, and half of it.
    Truncate,
    /// A few bytes at a time, with this pause between them.
    Drip(Duration),
    /// The connection is torn down.
    Reset,
    /// Nothing comes.
    Hang,
    /// Lists come in pages of so many items.
    Pages(usize),
    /// This answer in place of moto's: status, type and body.
    Answer(u16, &'static str, String),
}

/// Which requests a fault meets; the first rule that meets a request decides.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    action: String,
    account: Option<String>,
    region: Option<String>,
    after: usize,
    times: usize,
    fault: Fault,
}

impl Rule {
    /// A fault of an IAM action: `ec2:DescribeVpcs`, `ec2:*`, `*`.
    pub(crate) fn on(action: &str, fault: Fault) -> Self {
        Self { action: action.to_owned(), account: None, region: None, after: 0, times: usize::MAX, fault }
    }

    /// Only the first so many times, later ones go through.
    pub(crate) fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Not the first so many times.
    pub(crate) fn after(mut self, requests: usize) -> Self {
        self.after = requests;
        self
    }

    /// Only where the request is signed for this region.
    pub(crate) fn in_region(mut self, region: &str) -> Self {
        self.region = Some(region.to_owned());
        self
    }

    /// Only with credentials of this account.
    pub(crate) fn in_account(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }

    fn meets(&self, request: &Request) -> bool {
        let action = match self.action.strip_suffix('*') {
            Some(start) => request.action.starts_with(start),
            None => request.action == self.action,
        };
        let account = self.account.is_none() || self.account == request.account;
        action && account && self.region.as_ref().is_none_or(|region| *region == request.region)
    }
}

/// The proxy; it ends when it is dropped.
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
}

struct Shared {
    upstream: u16,
    over: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    rules: Vec<(Rule, usize)>,
    seen: Vec<Request>,
    /// Which account an access key belongs to.
    accounts: BTreeMap<String, String>,
}

impl Proxy {
    /// A proxy in front of a server on this machine.
    pub(crate) fn before(upstream: u16, rules: impl IntoIterator<Item = Rule>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State { rules: rules.into_iter().map(|rule| (rule, 0)).collect(), ..State::default() };
        let shared = Arc::new(Shared { upstream, over: AtomicBool::new(false), state: Mutex::new(state) });
        let accepting = Arc::clone(&shared);
        let listener = thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.over.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(stream), shared) = (stream, Arc::clone(&accepting)) else { continue };
                // a client that goes away is no error of the test
                thread::spawn(move || shared.serve(&stream));
            }
        });
        Self { port, shared, listener: Some(listener) }
    }

    /// The two calls that moto does not know, answered as an account does that never used VPC
    /// Block Public Access.
    pub(crate) fn unknown_to_moto() -> [Rule; 2] {
        let answer = |name: &str, inside: &str| {
            let body = format!(
                "<{name}Response xmlns=\"{}\"><requestId>1</requestId>{inside}</{name}Response>",
                shape::EC2_NAMESPACE
            );
            Rule::on(&format!("ec2:{name}"), Fault::Answer(200, "text/xml;charset=UTF-8", body))
        };
        let options = "<vpcBlockPublicAccessOptions><internetGatewayBlockMode>off</internetGatewayBlockMode>\
            <state>default-state</state><exclusionsAllowed>allowed</exclusionsAllowed></vpcBlockPublicAccessOptions>";
        [
            answer("DescribeVpcBlockPublicAccessOptions", options),
            answer("DescribeVpcBlockPublicAccessExclusions", "<vpcBlockPublicAccessExclusionSet/>"),
        ]
    }

    /// `http://127.0.0.1:…`, as `AWS_ENDPOINT_URL` takes it.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Tells it whose an access key is. It learns the keys of assumed roles by itself.
    pub(crate) fn knows(&self, access_key: &str, account: &str) {
        self.shared.state().accounts.insert(access_key.to_owned(), account.to_owned());
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.shared.state().seen.clone()
    }

    /// The IAM actions of the requests so far.
    pub(crate) fn actions(&self) -> BTreeSet<String> {
        self.shared.state().seen.iter().map(|request| request.action.clone()).collect()
    }

    /// How often an action was asked for.
    pub(crate) fn count(&self, action: &str) -> usize {
        self.shared.state().seen.iter().filter(|request| request.action == action).count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        // wakes the listener
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One connection, to its end.
    fn serve(&self, stream: &TcpStream) -> Option<()> {
        let mut reader = http::reader(stream);
        while !self.over.load(Ordering::Relaxed) {
            let call = Call::read(&mut reader)?;
            self.answer(stream, call)?;
        }
        None
    }

    /// One request; nothing when the connection is over.
    fn answer(&self, stream: &TcpStream, call: Call) -> Option<()> {
        let (request, fault, pages) = self.judge(&call);
        let answer = match fault.as_ref().and_then(|fault| shape::refusal(fault, &request)) {
            Some(answer) => answer,
            None => self.forward(&call, &request, pages)?,
        };
        match fault {
            Some(Fault::Reset) => reset(stream),
            Some(Fault::Hang) => self.hang(),
            Some(Fault::Truncate) => {
                let bytes = answer.bytes();
                let head = bytes.len() - answer.body.len();
                send(stream, &bytes[..head + answer.body.len() / 2]).ok()?;
                stream.shutdown(std::net::Shutdown::Both).ok()?;
                None
            }
            Some(Fault::Drip(pause)) => {
                for part in answer.bytes().chunks(64) {
                    send(stream, part).ok()?;
                    thread::sleep(pause);
                }
                Some(())
            }
            _ => send(stream, &answer.bytes()).ok(),
        }
    }

    /// Who asks for what, and what becomes of it.
    fn judge(&self, call: &Call) -> (Request, Option<Fault>, Option<usize>) {
        let mut state = self.state();
        let request = wire::request(call, &state.accounts);
        state.seen.push(request.clone());
        let (mut fault, mut pages) = (None, None);
        for (rule, met) in state.rules.iter_mut().filter(|(rule, _)| rule.meets(&request)) {
            *met += 1;
            let now = *met > rule.after && *met - rule.after <= rule.times;
            match &rule.fault {
                Fault::Pages(size) if now => pages = pages.or(Some(*size)),
                other if now && fault.is_none() => fault = Some(other.clone()),
                _ => {}
            }
        }
        (request, fault, pages)
    }

    fn forward(&self, call: &Call, request: &Request, pages: Option<usize>) -> Option<Answer> {
        let page = pages.filter(|_| pages::has_pages(&request.action));
        let token = page.map(|_| pages::offset(&request.form));
        let (call, wanted) = lacks::known(call, request);
        let call = if page.is_some() { pages::without_token(&call) } else { call };
        let mut answer = call.send(self.upstream).ok()?;
        if let (Some(wanted), 200) = (wanted, answer.status) {
            answer.body = pages::only(&answer.text(), &wanted).into_bytes();
        }
        let assumed = (request.action == "sts:AssumeRole").then(|| wire::assumed(&answer.text())).flatten();
        if let Some((key, account)) = assumed {
            self.state().accounts.insert(key, account);
        }
        if let (Some(size), Some(offset), 200) = (page, token, answer.status) {
            answer.body = pages::page(&answer.text(), offset, size).into_bytes();
        }
        Some(answer)
    }

    /// Until the proxy ends, or longer than any client should wait.
    fn hang(&self) -> Option<()> {
        let began = Instant::now();
        while !self.over.load(Ordering::Relaxed) && began.elapsed() < Duration::from_secs(120) {
            thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

fn send(mut stream: &TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)?;
    stream.flush()
}

/// Ends the connection with RST, which the standard library alone cannot.
fn reset(stream: &TcpStream) -> Option<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().ok()?;
    let _inside = runtime.enter();
    stream.set_nonblocking(true).ok()?;
    let stream = tokio::net::TcpStream::from_std(stream.try_clone().ok()?).ok()?;
    stream.set_zero_linger().ok()?;
    None
}
