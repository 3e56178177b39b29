//! Where requests wait for their turn: the pure machines of this folder with a clock and a queue around them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::bucket::{Bucket, Turn};
use super::durations::Durations;
use super::operating::{Operating, Usage};
use super::shared::SharedLimiter;
use super::{LimitView, Pace};

/// How long to wait for an answer to a request of another process before looking again.
const LOOK_AGAIN: Duration = Duration::from_millis(40);

/// One gate per client.
#[derive(Debug)]
pub(crate) struct Gate {
    start: Instant,
    /// Held by the one that waits for the bucket; the others queue for it, first come, first served.
    turnstile: tokio::sync::Mutex<()>,
    bucket: Option<Mutex<Bucket>>,
    /// The bucket that other processes of this machine use, too. Without its file the own one is used.
    shared: Option<SharedLimiter>,
    /// Whether the shared bucket could be had when it was asked for last.
    sharing: AtomicBool,
    operating: Mutex<Operating>,
    durations: Mutex<Durations>,
    /// Nothing goes before this, because a server asked for it.
    paused_until: Mutex<Duration>,
    /// A longer wait is not made: the portal is to say itself that it refuses.
    longest_wait: Duration,
    answered: Notify,
}

/// Which bucket a request is counted in, and when it went by that bucket's time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Counted {
    Nowhere,
    Own(Duration),
    Shared(Duration),
}

/// A request under way. It begins to leak when this is dropped.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    gate: &'a Gate,
    /// How long it waited.
    pub(crate) waited: Duration,
    pub(crate) counted: Counted,
}

impl Gate {
    /// A gate that knows nothing of the portal's use yet. Time is counted from here.
    pub(crate) fn new(pace: Pace, longest_wait: Duration, shared: Option<SharedLimiter>) -> Self {
        let gate = Self {
            start: Instant::now(),
            turnstile: tokio::sync::Mutex::new(()),
            bucket: Bucket::new(pace).map(Mutex::new),
            sharing: AtomicBool::new(shared.is_some()),
            shared,
            operating: Mutex::default(),
            durations: Mutex::default(),
            paused_until: Mutex::default(),
            longest_wait,
            answered: Notify::new(),
        };
        if let Some(shared) = &gate.shared {
            gate.adopt(shared.holds());
        }
        gate
    }

    /// Waits until a request with these methods may go.
    pub(crate) async fn enter(&self, methods: &[&str]) -> Permit<'_> {
        let arrived = self.now();
        let mut counted = Counted::Nowhere;
        loop {
            while let Some(wait) = self.operating_hold(methods).max(self.pause()) {
                crate::observed::tell(|| {
                    tracing::info!(seconds = wait.as_secs(), "waiting as the portal wants it");
                });
                tokio::time::sleep(wait).await;
            }
            let Some(bucket) = &self.bucket else { break };
            if let Some(turn) = self.turn(bucket, methods).await {
                counted = turn;
                break;
            }
        }
        Permit { gate: self, waited: self.now().saturating_sub(arrived), counted }
    }

    /// Waits for a place in the bucket; `None` when one of the methods has come to be held.
    async fn turn(&self, bucket: &Mutex<Bucket>, methods: &[&str]) -> Option<Counted> {
        let _first = self.turnstile.lock().await;
        loop {
            let answered = self.answered.notified();
            tokio::pin!(answered);
            // From here on no answer is missed.
            answered.as_mut().enable();
            let (turn, now, counted) = self.ask(bucket).await;
            let wait = match turn {
                Turn::Go => return Some(counted),
                Turn::AfterAnswer if matches!(counted, Counted::Own(_)) => Duration::MAX,
                Turn::AfterAnswer => LOOK_AGAIN,
                Turn::At(at) => at.saturating_sub(now),
            };
            // Nobody else is to wait for a method that another process has used up.
            if self.operating_hold(methods).is_some() {
                return None;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = answered => {}
            }
        }
    }

    /// One look at the bucket: the turn, the bucket's time, and the bucket.
    async fn ask(&self, bucket: &Mutex<Bucket>) -> (Turn, Duration, Counted) {
        if let Some(shared) = &self.shared {
            let said = shared.ask(self.sharing.load(Ordering::Relaxed)).await;
            self.sharing.store(said.is_some(), Ordering::Relaxed);
            if let Some(said) = said {
                self.adopt(said.holds);
                return (said.turn, said.now, Counted::Shared(said.now));
            }
        }
        let now = self.now();
        (lock(bucket).ask(now), now, Counted::Own(now))
    }

    fn operating_hold(&self, methods: &[&str]) -> Option<Duration> {
        let now = self.now();
        let until = lock(&self.operating).hold(methods.iter().copied(), now)?;
        Some(until.saturating_sub(now)).filter(|wait| *wait <= self.longest_wait)
    }

    /// What is left of the pause that a server asked for.
    fn pause(&self) -> Option<Duration> {
        let left = lock(&self.paused_until).saturating_sub(self.now());
        Some(left).filter(|left| !left.is_zero())
    }

    /// A server asks to be left alone for a while.
    pub(crate) fn throttled(&self, wait: Duration) {
        if wait <= self.longest_wait {
            let until = self.now() + wait;
            let mut paused = lock(&self.paused_until);
            *paused = until.max(*paused);
        }
    }

    /// What other processes know about execution times.
    fn adopt(&self, holds: Vec<(String, Duration)>) {
        let now = self.now();
        for (method, wait) in holds {
            lock(&self.operating).hold_until(&method, now + wait);
        }
    }

    /// The portal says that its bucket was full when a request came.
    pub(crate) fn bucket_refused(&self, counted: Counted) {
        match (counted, &self.bucket, &self.shared) {
            (Counted::Shared(sent), _, Some(shared)) => shared.refused(sent),
            (Counted::Own(sent), Some(bucket), _) => lock(bucket).refused(sent, self.now()),
            _ => {}
        }
    }

    /// The portal refused to start a method; gives the time to wait.
    pub(crate) fn method_refused(&self, method: &str, pause: Duration) -> Duration {
        let wait = lock(&self.operating).refused(method, self.now(), pause);
        self.tell(method, wait);
        wait
    }

    /// Notes what an answer says about a method.
    pub(crate) fn used(&self, method: &str, usage: Usage) {
        let now = self.now();
        let held = {
            let mut operating = lock(&self.operating);
            operating.record(method, now, usage);
            operating.hold([method], now)
        };
        if let Some(until) = held {
            self.tell(method, until.saturating_sub(now));
        }
    }

    /// Tells the other processes that a method's execution time is used up.
    fn tell(&self, method: &str, wait: Duration) {
        if let Some(shared) = &self.shared {
            shared.hold(method, wait);
        }
    }

    /// Notes how long a command took.
    pub(crate) fn took(&self, method: &str, seconds: f64) {
        lock(&self.durations).record(method, seconds);
    }

    /// The share of a request's time that a command of this method takes.
    pub(crate) fn share(&self, method: &str) -> f64 {
        lock(&self.durations).share(method)
    }

    pub(crate) fn view(&self) -> LimitView {
        let operating = lock(&self.operating).used();
        let shared = self.shared.as_ref().filter(|_| self.sharing.load(Ordering::Relaxed));
        if let Some((level, capacity, users)) = shared.and_then(SharedLimiter::view) {
            let processes = Some(u32::try_from(users).unwrap_or(u32::MAX).max(1));
            return LimitView { level, capacity, processes, operating };
        }
        let now = self.now();
        let (level, capacity) = self.bucket.as_ref().map_or((0.0, 0), |bucket| {
            let bucket = lock(bucket);
            (bucket.filled(now), bucket.capacity(now))
        });
        LimitView { level, capacity, processes: None, operating }
    }

    /// Requests for which there is room now; `None` without a limit.
    pub(crate) fn at_once(&self) -> Option<u64> {
        self.bucket.as_ref()?;
        let LimitView { level, capacity, .. } = self.view();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to the capacity"
        )]
        let room = (f64::from(capacity) - level).clamp(0.0, f64::from(capacity)) as u64;
        Some(room)
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        match (self.counted, &self.gate.bucket, &self.gate.shared) {
            (Counted::Own(_), Some(bucket), _) => lock(bucket).answered(self.gate.now()),
            (Counted::Shared(_), _, Some(shared)) => shared.answered(),
            _ => return,
        }
        self.gate.answered.notify_waiters();
    }
}

/// The machines hold plain numbers, which a panic elsewhere cannot leave half written.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
