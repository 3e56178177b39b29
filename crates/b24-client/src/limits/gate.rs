//! Where requests wait for their turn: the pure machines of this folder with a clock and a queue around them.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::bucket::{Bucket, Turn};
use super::durations::Durations;
use super::operating::{Operating, Usage};
use super::{LimitView, Pace};

/// One gate per client.
#[derive(Debug)]
pub(crate) struct Gate {
    start: Instant,
    /// Held by the one that waits for the bucket; the others queue for it, first come, first served.
    turnstile: tokio::sync::Mutex<()>,
    bucket: Option<Mutex<Bucket>>,
    operating: Mutex<Operating>,
    durations: Mutex<Durations>,
    /// A longer wait for execution time is not made: the portal is to say itself that it refuses.
    longest_wait: Duration,
    answered: Notify,
}

/// A request under way. It begins to leak when this is dropped.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    gate: &'a Gate,
    /// How long it waited.
    pub(crate) waited: Duration,
}

impl Gate {
    /// A gate that knows nothing of the portal's use yet. Time is counted from here.
    pub(crate) fn new(pace: Pace, longest_wait: Duration) -> Self {
        Self {
            start: Instant::now(),
            turnstile: tokio::sync::Mutex::new(()),
            bucket: Bucket::new(pace).map(Mutex::new),
            operating: Mutex::default(),
            durations: Mutex::default(),
            longest_wait,
            answered: Notify::new(),
        }
    }

    /// Waits until a request with these methods may go.
    pub(crate) async fn enter(&self, methods: &[&str]) -> Permit<'_> {
        let arrived = self.now();
        while let Some(wait) = self.operating_hold(methods) {
            crate::observed::tell(|| {
                tracing::info!(seconds = wait.as_secs(), "waiting for the portal's execution time");
            });
            tokio::time::sleep(wait).await;
        }
        if let Some(bucket) = &self.bucket {
            let _first = self.turnstile.lock().await;
            loop {
                let answered = self.answered.notified();
                tokio::pin!(answered);
                // From here on no answer is missed.
                answered.as_mut().enable();
                let turn = lock(bucket).ask(self.now());
                match turn {
                    Turn::Go => break,
                    Turn::AfterAnswer => answered.await,
                    Turn::At(at) => {
                        tokio::select! {
                            () = tokio::time::sleep_until(self.start + at) => {}
                            () = answered => {}
                        }
                    }
                }
            }
        }
        Permit { gate: self, waited: self.now().saturating_sub(arrived) }
    }

    fn operating_hold(&self, methods: &[&str]) -> Option<Duration> {
        let now = self.now();
        let until = lock(&self.operating).hold(methods.iter().copied(), now)?;
        Some(until.saturating_sub(now)).filter(|wait| *wait <= self.longest_wait)
    }

    /// The portal says its bucket is full.
    pub(crate) fn bucket_refused(&self) {
        if let Some(bucket) = &self.bucket {
            lock(bucket).refused(self.now());
        }
    }

    /// The portal refused to start a method; gives the time to wait.
    pub(crate) fn method_refused(&self, method: &str, pause: Duration) -> Duration {
        lock(&self.operating).refused(method, self.now(), pause)
    }

    /// Notes what an answer says about a method.
    pub(crate) fn used(&self, method: &str, usage: Usage) {
        lock(&self.operating).record(method, self.now(), usage);
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
        let (level, capacity) = self.bucket.as_ref().map_or((0.0, 0), |bucket| {
            let bucket = lock(bucket);
            (bucket.level(self.now()), bucket.capacity())
        });
        LimitView { level, capacity, operating: lock(&self.operating).used() }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if let Some(bucket) = &self.gate.bucket {
            lock(bucket).answered(self.gate.now());
            self.gate.answered.notify_waiters();
        }
    }
}

/// The machines hold plain numbers, which a panic elsewhere cannot leave half written.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
