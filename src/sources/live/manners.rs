//! How services are asked: a few requests at a time, slower than their limits, each with a
//! deadline, again after a pause when that may help, and not at all once the run was stopped.
//!
//! Input: a request that can be sent again. Output: its answer, or the refusal that it ended in.
//! It knows no protocol.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::refusal::{Refusal, Retry};
use crate::estate::Reason;

/// Who is asked: limits of services are counted by account, region and service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    /// AWS account or Databricks account.
    pub account: String,
    /// Region, `global`, or the workspace.
    pub region: String,
    /// `ec2`, `kms` …, `databricks`.
    pub service: &'static str,
}

/// What may be spent.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests at a time in one lane.
    pub at_once: usize,
    /// Tries of one request, the first one included.
    pub tries: u32,
    /// Second and later tries of the whole run.
    pub retries: u32,
    /// The pause before the second try; each further one may be twice as long.
    pub pause: Duration,
    /// The longest that one request may take.
    pub call: Duration,
    /// The longest that the run may take.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            at_once: 8,
            tries: 5,
            retries: 1000,
            pause: Duration::from_millis(200),
            call: Duration::from_secs(30),
            total: Duration::from_secs(30 * 60),
        }
    }
}

/// What happens to requests, for whoever looks on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A request went out.
    Sent,
    /// It was answered.
    Answered,
    /// It will be sent again.
    Retried,
    /// The caller may not ask.
    Denied,
    /// It got no answer.
    Failed,
}

/// Whoever looks on while evidence is collected.
pub trait Watch: Send + Sync {
    /// A new part of the run begins.
    fn phase(&self, name: &str);
    /// Something happened to a request.
    fn event(&self, lane: &Lane, event: Event);
}

/// The longest pause that is made without having been asked for it.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Requests at a time, over all lanes: sockets and memory are the caller's.
const AT_ONCE: usize = 64;

/// See the module.
pub(super) struct Manners {
    limits: Limits,
    until: Instant,
    retries_left: AtomicU32,
    tracks: Mutex<HashMap<Lane, Arc<Track>>>,
    /// Requests in flight anywhere.
    room: Semaphore,
    stopped: watch::Receiver<bool>,
    watch: Arc<dyn Watch>,
}

/// What a lane has of its own.
struct Track {
    seats: Semaphore,
    /// When the bucket will be full again: see [`Track::turn`].
    full_at: Mutex<Instant>,
    pace: Pace,
}

/// A token bucket, below the limit that the service documents or is known for.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// Between two requests in the long run.
    every: Duration,
    /// Requests that may go out at once after a rest.
    burst: u32,
}

impl Pace {
    /// Half of what AWS grants by default, where it says so: EC2 refills 20 describing requests a
    /// second, Route 53 takes five, Resolver five. The SDKs of Databricks keep to 15.
    fn of(service: &str) -> Self {
        let (a_second, burst) = match service {
            "ec2" => (10, 20),
            "route53" | "route53resolver" | "organizations" => (3, 3),
            "network-firewall" | "iam" => (5, 10),
            "kms" | "s3" | "sts" => (20, 20),
            _ => (10, 10),
        };
        Self { every: Duration::from_secs(1) / a_second, burst }
    }
}

impl Track {
    /// When the next request may go out; it counts as sent.
    fn turn(&self, now: Instant) -> Instant {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let rest = self.pace.every * (self.pace.burst - 1);
        let turn = full_at.checked_sub(rest).map_or(now, |turn| turn.max(now));
        *full_at = (*full_at).max(now) + self.pace.every;
        turn
    }
}

impl Manners {
    /// Manners of a run that begins now and ends when `stopped` becomes true.
    pub(super) fn new(limits: Limits, stopped: watch::Receiver<bool>, watch: Arc<dyn Watch>) -> Self {
        let until = Instant::now() + limits.total;
        let retries_left = AtomicU32::new(limits.retries);
        Self { limits, until, retries_left, tracks: Mutex::default(), room: Semaphore::new(AT_ONCE), stopped, watch }
    }

    /// Sends a request when it is its turn, and again while that may help.
    pub(super) async fn call<T, F>(&self, lane: &Lane, mut send: impl FnMut() -> F) -> Result<T, Refusal>
    where
        F: Future<Output = Result<T, Refusal>>,
    {
        let mut pauses = Pauses { first: self.limits.pause, made: 0 };
        loop {
            let refusal = match self.once(lane, &mut send).await {
                Ok(answer) => {
                    self.watch.event(lane, Event::Answered);
                    return Ok(answer);
                }
                Err(refusal) => refusal,
            };
            let Some(again_at) = self.again(&mut pauses, &refusal) else {
                let denied = refusal.reason == Reason::AccessDenied;
                self.watch.event(lane, if denied { Event::Denied } else { Event::Failed });
                return Err(refusal);
            };
            self.watch.event(lane, Event::Retried);
            self.or_stopped(sleep_until(again_at)).await?;
        }
    }

    /// One try.
    async fn once<T, F>(&self, lane: &Lane, send: &mut impl FnMut() -> F) -> Result<T, Refusal>
    where
        F: Future<Output = Result<T, Refusal>>,
    {
        let track = self.track(lane);
        let _seat = self.or_stopped(track.seats.acquire()).await?;
        self.or_stopped(sleep_until(track.turn(Instant::now()))).await?;
        let _room = self.or_stopped(self.room.acquire()).await?;
        self.watch.event(lane, Event::Sent);
        let deadline = (Instant::now() + self.limits.call).min(self.until);
        match self.or_stopped(timeout_at(deadline, send())).await? {
            Ok(result) => result,
            Err(_) => {
                let message = format!("no answer within {} s", self.limits.call.as_secs());
                Err(Refusal::new(Reason::TimedOut, "", message).again(Retry::Later))
            }
        }
    }

    /// When to try again, if at all.
    fn again(&self, pauses: &mut Pauses, refusal: &Refusal) -> Option<Instant> {
        let pause = match refusal.retry {
            Retry::Never => return None,
            Retry::Later => pauses.next(),
            Retry::After(pause) => pauses.next().max(pause),
        };
        let at = Instant::now() + pause;
        let left = |left: u32| left.checked_sub(1);
        let tries_left = pauses.made < self.limits.tries && at < self.until;
        (tries_left && self.retries_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_ok()).then_some(at)
    }

    /// Waits, but no longer than the run goes on.
    async fn or_stopped<T>(&self, wait: impl Future<Output = T>) -> Result<T, Refusal> {
        let mut stopped = self.stopped.clone();
        tokio::select! {
            biased;
            // a sender that is gone never stops anyone
            _ = async { if stopped.wait_for(|stopped| *stopped).await.is_err() { std::future::pending::<()>().await } } =>
                Err(Refusal::new(Reason::Skipped, "", "the run was interrupted")),
            () = sleep_until(self.until) => {
                let message = format!("the run took longer than {} s", self.limits.total.as_secs());
                Err(Refusal::new(Reason::TimedOut, "", message))
            }
            done = wait => Ok(done),
        }
    }

    fn track(&self, lane: &Lane) -> Arc<Track> {
        let mut tracks = self.tracks.lock().unwrap_or_else(PoisonError::into_inner);
        let track = tracks.entry(lane.clone()).or_insert_with(|| {
            Arc::new(Track {
                seats: Semaphore::new(self.limits.at_once),
                full_at: Mutex::new(Instant::now()),
                pace: Pace::of(lane.service),
            })
        });
        Arc::clone(track)
    }
}

/// Pauses between tries: each somewhere between half and the whole of twice the last.
struct Pauses {
    first: Duration,
    made: u32,
}

impl Pauses {
    fn next(&mut self) -> Duration {
        let longest = self.first.saturating_mul(1 << self.made.min(16)).min(LONGEST_PAUSE);
        self.made += 1;
        longest.mul_f64(fastrand::f64().mul_add(0.5, 0.5))
    }
}

/// Nobody looks on.
#[cfg(test)]
pub(super) struct Nobody;

#[cfg(test)]
impl Watch for Nobody {
    fn phase(&self, _: &str) {}
    fn event(&self, _: &Lane, _: Event) {}
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn lane(service: &'static str) -> Lane {
        Lane { account: "111122223333".to_owned(), region: "eu-west-1".to_owned(), service }
    }

    fn manners(limits: Limits) -> (watch::Sender<bool>, Manners) {
        let (stop, stopped) = watch::channel(false);
        (stop, Manners::new(limits, stopped, Arc::new(Nobody)))
    }

    fn quick() -> Limits {
        Limits { pause: Duration::from_millis(1), ..Limits::default() }
    }

    fn busy() -> Refusal {
        Refusal::new(Reason::Throttled, "RequestLimitExceeded", "slow down").again(Retry::Later)
    }

    #[tokio::test]
    async fn a_request_is_sent_again_until_it_is_answered_or_its_tries_are_spent() {
        let (_stop, manners) = manners(quick());
        let ec2 = lane("ec2");
        let sent = Cell::new(0);
        let answer = manners.call(&ec2, async || {
            sent.set(sent.get() + 1);
            if sent.get() < 4 { Err(busy()) } else { Ok("vpcs") }
        });
        assert_eq!(answer.await, Ok("vpcs"));
        assert_eq!(sent.get(), 4);
        sent.set(0);
        let never = manners.call(&ec2, async || {
            sent.set(sent.get() + 1);
            Err::<(), _>(busy())
        });
        assert_eq!(never.await.unwrap_err().reason, Reason::Throttled);
        assert_eq!(sent.get(), 5);
    }

    #[tokio::test]
    async fn a_denial_is_final_and_retry_after_is_kept() {
        let (_stop, manners) = manners(quick());
        let databricks = lane("databricks");
        let ec2 = lane("ec2");
        let sent = Cell::new(0);
        let denied = manners.call(&ec2, async || {
            sent.set(sent.get() + 1);
            Err::<(), _>(Refusal::new(Reason::AccessDenied, "UnauthorizedOperation", "no"))
        });
        assert_eq!(denied.await.unwrap_err().reason, Reason::AccessDenied);
        assert_eq!(sent.get(), 1);
        let began = Instant::now();
        let mut first = true;
        let pause = Duration::from_millis(60);
        let later = manners.call(&databricks, || {
            let wait = std::mem::take(&mut first);
            async move { if wait { Err(busy().again(Retry::After(pause))) } else { Ok(()) } }
        });
        later.await.unwrap();
        assert!(began.elapsed() >= pause);
    }

    #[tokio::test]
    async fn the_budget_is_one_for_the_whole_run() {
        let (_stop, manners) = manners(Limits { retries: 3, ..quick() });
        let ec2 = lane("ec2");
        let sent = Cell::new(0);
        for _ in 0..4 {
            let call = manners.call(&ec2, async || {
                sent.set(sent.get() + 1);
                Err::<(), _>(busy())
            });
            call.await.unwrap_err();
        }
        assert_eq!(sent.get(), 4 + 3);
    }

    #[tokio::test]
    async fn what_never_answers_ends_at_its_deadline_and_the_run_at_its_own() {
        let total = Duration::from_millis(120);
        let limits = Limits { tries: 2, call: Duration::from_millis(40), total, ..quick() };
        let (_stop, manners) = manners(limits);
        let ec2 = lane("ec2");
        let sent = Cell::new(0);
        let hangs = manners.call(&ec2, async || {
            sent.set(sent.get() + 1);
            std::future::pending::<Result<(), Refusal>>().await
        });
        assert_eq!(hangs.await.unwrap_err().reason, Reason::TimedOut);
        assert_eq!(sent.get(), 2);
        tokio::time::sleep(total).await;
        let late = manners.call(&ec2, async || {
            sent.set(sent.get() + 1);
            Ok(())
        });
        assert_eq!(late.await.unwrap_err().reason, Reason::TimedOut);
        assert_eq!(sent.get(), 2, "nothing goes out after the end");
    }

    #[tokio::test]
    async fn a_stopped_run_sends_nothing_more() {
        let (stop, manners) = manners(quick());
        let ec2 = lane("ec2");
        stop.send(true).unwrap();
        let sent = Cell::new(0);
        let call = manners.call(&ec2, async || {
            sent.set(sent.get() + 1);
            Ok(())
        });
        assert_eq!(call.await.unwrap_err().reason, Reason::Skipped);
        assert_eq!(sent.get(), 0);
    }

    #[tokio::test]
    async fn requests_keep_below_the_rate_of_their_service() {
        let (_stop, manners) = manners(quick());
        let track = manners.track(&lane("route53"));
        let now = Instant::now();
        let turns: Vec<Duration> = (0..33).map(|_| track.turn(now).duration_since(now)).collect();
        // three at once, then three a second
        assert!(turns[..3].iter().all(|turn| turn.is_zero()));
        let last = turns[32].as_millis();
        assert!((9_990..=10_010).contains(&last), "{last}");
        let rested = now + Duration::from_secs(60);
        assert_eq!(track.turn(rested), rested, "a lane that rested waits for nobody");
        assert_eq!(manners.track(&lane("ec2")).turn(rested), rested, "nor does another lane");
    }
}
