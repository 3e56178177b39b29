//! Executes received calls: faults, latency, authorisation, limits, methods, the journal.

mod run;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::bucket::{Buckets, Rate};
use crate::clock::{Clock, Moment};
use crate::faults::{Armed, FaultPlan};
use crate::journal::{Journal, Recent};
use crate::method::Refusal;
use crate::oauth::OAuth;
use crate::operating::Operating;
use crate::portal::Portal;
use crate::route::Route;
use crate::value::Map;
use crate::webhooks::WEBHOOKS;

/// Limits and delays.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The leaky bucket.
    pub(crate) rate: Rate,
    /// The operating budget of a method; `None` without limit.
    pub(crate) operating_limit: Option<Duration>,
    /// Whether a batch is charged to the method `batch` instead of to the methods of its commands.
    pub(crate) charge_batch: bool,
    /// An execution ends here.
    pub(crate) execution_cap: Duration,
    /// Added to every request.
    pub(crate) latency: Duration,
    /// Added to every method execution, on its own or in a batch.
    pub(crate) command_latency: Duration,
    /// Faults from the start on.
    pub(crate) faults: FaultPlan,
    /// How long an access token is valid.
    pub(crate) token_lifetime: Duration,
}

/// A call as received.
#[derive(Debug)]
pub(crate) struct Call {
    /// Where to.
    pub(crate) route: Route,
    /// The access token of an application's call.
    pub(crate) token: Option<String>,
    /// Decoded parameters.
    pub(crate) params: Map,
    /// When its head was received.
    pub(crate) arrived: Moment,
}

/// What the client gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A JSON body.
    Json {
        /// HTTP status.
        status: u16,
        /// The body.
        body: String,
    },
    /// A page of the gateway.
    Html {
        /// HTTP status.
        status: u16,
        /// The page.
        body: &'static str,
    },
    /// The connection is reset.
    Reset,
}

impl Outcome {
    /// An error body with its status.
    pub(crate) fn refused(refusal: &Refusal) -> Self {
        Self::Json { status: refusal.status, body: crate::envelope::refusal(refusal) }
    }

    fn status(&self) -> u16 {
        match self {
            Self::Json { status, .. } | Self::Html { status, .. } => *status,
            Self::Reset => 0,
        }
    }
}

/// A portal behind its limits.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) portal: Portal,
    pub(crate) oauth: OAuth,
    renamed: AtomicBool,
    settings: Settings,
    clock: Clock,
    buckets: Mutex<Buckets>,
    operating: Mutex<Vec<Operating>>,
    faults: Mutex<Armed>,
    journal: Mutex<Journal>,
}

/// A poisoned lock only means that a test's assertion failed elsewhere.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    /// Starts the clock.
    pub(crate) fn new(portal: Portal, settings: Settings) -> Self {
        Self {
            portal,
            oauth: OAuth::new(settings.token_lifetime),
            renamed: AtomicBool::new(false),
            clock: Clock::start(),
            buckets: Mutex::new(Buckets::new(settings.rate)),
            operating: Mutex::new(budgets(settings.operating_limit)),
            faults: Mutex::new(Armed::new(settings.faults.clone())),
            journal: Mutex::default(),
            settings,
        }
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Counts an arriving request and asks the bucket of its source.
    ///
    /// # Errors
    ///
    /// 503 `QUERY_LIMIT_EXCEEDED` when the bucket is full.
    pub(crate) fn admit(&self, source: IpAddr, now: Moment) -> Result<(), Refusal> {
        let admitted = lock(&self.buckets).admit(source, now.unix);
        let mut journal = lock(&self.journal);
        journal.requests += 1;
        if admitted {
            return Ok(());
        }
        journal.rejected += 1;
        Err(query_limit_exceeded())
    }

    /// Whether the portal is called `localhost` from now on, and its number is its old name.
    pub(crate) fn rename(&self, renamed: bool) {
        self.renamed.store(renamed, Ordering::SeqCst);
    }

    /// The new name of the portal for a request that used the old one.
    pub(crate) fn new_name(&self, host: &str) -> Option<String> {
        let old = self.renamed.load(Ordering::SeqCst) && !host.starts_with("localhost");
        old.then(|| {
            host.rsplit_once(':').map_or("localhost".to_owned(), |(_, port)| format!("localhost:{port}"))
        })
    }

    /// Notes a request that was sent to the portal's old name.
    pub(crate) fn sent_on(&self, route: &Route, arrived: Moment) {
        lock(&self.journal).requests += 1;
        self.refused(route, 302, arrived);
    }

    /// Notes a request that was refused before anything was executed.
    pub(crate) fn refused(&self, route: &Route, status: u16, arrived: Moment) {
        let ms = self.ms_since(arrived);
        let method = route.method().to_owned();
        lock(&self.journal).answered(Recent { method, status, commands: 0, ms, fault: None });
    }

    /// Executes a call to its end. The journal has it before this returns.
    pub(crate) async fn execute(&self, call: Call) -> Outcome {
        let arrived = call.arrived;
        let method = call.route.method().to_owned();
        let mut run = run::Run::new(self, arrived);
        let outcome = run.execute(call).await;
        let recent = Recent {
            method,
            status: outcome.status(),
            commands: run.commands,
            ms: self.ms_since(arrived),
            fault: run.fault.map(crate::faults::Kind::name),
        };
        let mut journal = lock(&self.journal);
        journal.rows += run.rows;
        journal.rejected += run.rejected;
        journal.work_seconds += run.work.as_secs_f64();
        journal.answered(recent);
        outcome
    }

    /// A copy of the journal.
    pub(crate) fn journal(&self) -> Journal {
        let mut journal = lock(&self.journal).clone();
        let starts = self.portal.robots();
        journal.robots = starts.values().flat_map(BTreeMap::values).sum();
        journal.robot_starts = starts;
        journal
    }

    /// Replaces the faults; their counting starts now.
    pub(crate) fn inject(&self, plan: FaultPlan) {
        *lock(&self.faults) = Armed::new(plan);
    }

    /// Back to the start: data, limits, counters, faults.
    pub(crate) fn reset(&self) {
        self.portal.reset();
        self.oauth.reset();
        self.rename(false);
        lock(&self.buckets).clear();
        *lock(&self.operating) = budgets(self.settings.operating_limit);
        self.inject(self.settings.faults.clone());
        *lock(&self.journal) = Journal::default();
    }

    fn ms_since(&self, arrived: Moment) -> u64 {
        u64::try_from(self.now().unix.saturating_sub(arrived.unix).as_millis()).unwrap_or(u64::MAX)
    }
}

fn budgets(limit: Option<Duration>) -> Vec<Operating> {
    WEBHOOKS.iter().map(|_| Operating::new(limit)).collect()
}

fn query_limit_exceeded() -> Refusal {
    Refusal::with_status(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
}

fn operation_time_limit() -> Refusal {
    Refusal::with_status(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.")
}

fn internal_error() -> Refusal {
    Refusal::with_status(500, "INTERNAL_SERVER_ERROR", "Internal server error")
}

fn method_not_found() -> Refusal {
    Refusal::with_status(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
}
