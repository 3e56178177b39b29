//! One call from its receipt to its answer.

use tokio::time::{Duration, Instant, sleep_until};

use super::{
    Call, Engine, Outcome, internal_error, lock, method_not_found, operation_time_limit, query_limit_exceeded,
};
use crate::batch::Batch;
use crate::clock::Moment;
use crate::envelope;
use crate::faults::{Kind, Strike};
use crate::method::{Caller, Refusal, Reply};
use crate::operating::Usage;
use crate::route::Route;
use crate::value::Map;
use crate::webhooks::{APPLICATION, WEBHOOKS, authenticate, insufficient_scope, invalid_credentials};

/// Why an execution ends without a result.
enum Stop {
    Refused(Refusal),
    /// The execution cap was reached.
    Overrun,
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A call without its batch.
#[derive(Clone, Copy)]
struct Asked<'a> {
    route: &'a Route,
    token: Option<&'a str>,
    params: &'a Map,
}

/// The state of one execution and what the journal wants to know of it.
pub(super) struct Run<'a> {
    engine: &'a Engine,
    deadline: Instant,
    pub(super) commands: u64,
    pub(super) rows: u64,
    pub(super) rejected: u64,
    pub(super) work: Duration,
    pub(super) fault: Option<Kind>,
}

impl<'a> Run<'a> {
    pub(super) fn new(engine: &'a Engine, arrived: Moment) -> Self {
        let waited = engine.now().unix.saturating_sub(arrived.unix);
        let deadline = Instant::now() + engine.settings.execution_cap.saturating_sub(waited);
        Self { engine, deadline, commands: 0, rows: 0, rejected: 0, work: Duration::ZERO, fault: None }
    }

    /// Faults around, the call itself inside.
    pub(super) async fn execute(&mut self, call: Call) -> Outcome {
        let is_batch = call.route.method() == "batch";
        let (params, batch) =
            if is_batch { (Map::new(), Some(Batch::new(call.params))) } else { (call.params, None) };
        let strike = self.strike(&call.route, batch.as_ref());
        self.fault = strike.request;
        match strike.request {
            Some(Kind::Busy) => return Outcome::refused(&query_limit_exceeded()),
            Some(Kind::OverBudget) => return Outcome::refused(&operation_time_limit()),
            Some(Kind::Unauthorized) => return Outcome::refused(&invalid_credentials()),
            Some(Kind::Internal) => return Outcome::refused(&internal_error()),
            Some(Kind::Html) => return Outcome::Html { status: 502, body: envelope::BAD_GATEWAY },
            Some(Kind::ResetBefore) => return Outcome::Reset,
            Some(Kind::Slow(_) | Kind::ResetAfter | Kind::Truncate) | None => {}
        }
        let asked = Asked { route: &call.route, token: call.token.as_deref(), params: &params };
        let outcome = match self.answer(asked, batch, &strike).await {
            Ok(body) => Outcome::Json { status: 200, body },
            Err(Stop::Refused(refusal)) => Outcome::refused(&refusal),
            Err(Stop::Overrun) => Outcome::Html { status: 504, body: envelope::GATEWAY_TIMEOUT },
        };
        match (strike.request, outcome) {
            (Some(Kind::ResetAfter), _) => Outcome::Reset,
            (Some(Kind::Truncate), Outcome::Json { status, mut body }) => {
                body.truncate(body.floor_char_boundary(body.len() / 2));
                Outcome::Json { status, body }
            }
            (_, outcome) => outcome,
        }
    }

    fn strike(&self, route: &Route, batch: Option<&Batch>) -> Strike {
        let mut faults = lock(&self.engine.faults);
        if faults.is_empty() {
            return Strike::default();
        }
        faults.strike(route.method(), &batch.map(Batch::methods).unwrap_or_default())
    }

    /// The order of a real portal: is there such a method, who asks, then the method with its own checks.
    async fn answer(
        &mut self,
        asked: Asked<'_>,
        batch: Option<Batch>,
        strike: &Strike,
    ) -> Result<String, Stop> {
        let slow = if let Some(Kind::Slow(time)) = strike.request { time } else { Duration::ZERO };
        self.pause(self.engine.settings.latency + slow).await?;
        let Asked { route, token, params } = asked;
        let method = route.method();
        if matches!(route, Route::Version3) {
            return Err(no_version_3().into());
        }
        if !self.knows(method) {
            return Err(method_not_found().into());
        }
        let webhook = match route {
            Route::Webhook { user, code, .. } => authenticate(user, code)?,
            _ => self.engine.oauth.admit(token, self.engine.now().unix).map(|()| APPLICATION)?,
        };
        let Some(batch) = batch else {
            self.commands = 1;
            let (reply, time) = self.method(webhook, method, params, None, true).await?;
            return Ok(envelope::success(&reply, time));
        };
        let charged = self.engine.settings.charge_batch;
        let start = self.engine.now();
        if charged {
            self.afford(webhook, method, start)?;
        }
        let result = self.batch(webhook, batch, strike).await?;
        let finish = self.engine.now();
        let usage =
            if charged { self.account(webhook, method, start, finish) } else { Usage::none(finish.unix) };
        Ok(envelope::success(&Reply::of(result), envelope::time(start, finish, usage)))
    }

    /// Asks the operating budget.
    fn afford(&mut self, webhook: usize, method: &str, now: Moment) -> Result<(), Stop> {
        if lock(&self.engine.operating)[webhook].admit(method, now.unix) {
            return Ok(());
        }
        self.rejected += 1;
        Err(operation_time_limit().into())
    }

    fn account(&self, webhook: usize, method: &str, start: Moment, finish: Moment) -> Usage {
        let took = finish.unix.saturating_sub(start.unix);
        lock(&self.engine.operating)[webhook].account(method, took, finish.unix)
    }

    fn knows(&self, method: &str) -> bool {
        method == "batch" || self.engine.portal.knows(method)
    }

    async fn batch(
        &mut self,
        webhook: usize,
        mut batch: Batch,
        strike: &Strike,
    ) -> Result<crate::value::Value, Stop> {
        while let Some(command) = batch.next_command() {
            let fault = strike.of_command(command.position);
            let charged = !self.engine.settings.charge_batch;
            let ran = self.method(webhook, &command.method, &command.params, fault, charged).await;
            match ran {
                Ok((reply, time)) => batch.succeed(reply, time),
                Err(Stop::Refused(refusal)) => batch.refuse(&within_batch(refusal)),
                Err(Stop::Overrun) => return Err(Stop::Overrun),
            }
            self.commands = batch.settled();
        }
        self.commands = batch.settled();
        Ok(batch.finish())
    }

    /// One method with its scope, its budget and its `time`.
    async fn method(
        &mut self,
        webhook: usize,
        method: &str,
        params: &Map,
        fault: Option<Kind>,
        charged: bool,
    ) -> Result<(Reply, Map), Stop> {
        let engine = self.engine;
        let hook = &WEBHOOKS[webhook];
        let start = engine.now();
        if !engine.portal.knows(method) {
            return Err(method_not_found().into());
        }
        if !hook.covers(engine.portal.scope_of(method)) {
            return Err(insufficient_scope().into());
        }
        self.fault = self.fault.or(fault);
        let slow = match fault {
            Some(Kind::Unauthorized) => return Err(invalid_credentials().into()),
            Some(Kind::OverBudget) => return Err(operation_time_limit().into()),
            Some(Kind::Internal) => return Err(internal_error().into()),
            Some(Kind::Slow(time)) => time,
            _ => Duration::ZERO,
        };
        if charged {
            self.afford(webhook, method, start)?;
        }
        let work = engine.settings.command_latency * engine.portal.items_in(method, params);
        self.work += work;
        self.pause(work + slow).await?;
        let caller = Caller { user_id: hook.user_id, now: engine.now().timestamp(), scopes: hook.scopes };
        let answered = engine.portal.call(method, params, &caller);
        let finish = engine.now();
        let usage =
            if charged { self.account(webhook, method, start, finish) } else { Usage::none(finish.unix) };
        let reply = answered?;
        self.rows += reply.rows;
        Ok((reply, envelope::time(start, finish, usage)))
    }

    /// Waits, but not beyond the execution cap: there the portal stops, whatever it was doing.
    async fn pause(&self, time: Duration) -> Result<(), Stop> {
        let wake = Instant::now() + time;
        if !time.is_zero() {
            sleep_until(wake.min(self.deadline)).await;
        }
        if wake >= self.deadline { Err(Stop::Overrun) } else { Ok(()) }
    }
}

/// Inside a batch a missing scope is told without a description (reference, section 2.3).
fn within_batch(refusal: Refusal) -> Refusal {
    if refusal == insufficient_scope() { Refusal { description: String::new(), ..refusal } } else { refusal }
}

/// REST 3.0 errors are objects; it has no methods of CRM.
fn no_version_3() -> Refusal {
    let mut error = Map::new();
    error.push("code", "BITRIX_REST_V3_EXCEPTION_METHODNOTFOUNDEXCEPTION");
    error.push("message", "Method not found");
    Refusal { status: 404, ..Refusal::coded(error, "Method not found") }
}
