//! Sends rows in requests of fifty, several at once, each an intent on disk before it is a request.

use b24_client::{ApiError, BatchError, Call, CallError, Client, Params};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use serde_json::value::RawValue;

use super::entry::{IntentRow, RowOutcome, written};
use super::ledger::Verdict;
use super::rows::{Content, Row, Rows};
use super::scan::{params, same_key};
use super::verb::{Verb, id_of};
use super::{Import, ImportEvent, Now};
use crate::Error;
use crate::sending::{self, Answer, Answers, answered, chain, proves_not_executed, useless};

/// Rows of a request.
const WINDOW: usize = 50;
/// Requests under way at once.
const IN_FLIGHT: usize = 4;

/// A row on its way.
pub(super) struct Traveller {
    pub(super) line: u64,
    pub(super) fingerprint: u64,
    pub(super) key: Option<String>,
    pub(super) id: Option<u64>,
    /// Names of the fields it sets.
    fields: Vec<String>,
    params: Params,
    before: Option<Box<RawValue>>,
}

/// What has come back.
enum Landed {
    /// The records that are to be updated, as they are.
    Old(Vec<(Traveller, Answer)>),
    /// The answers to rows.
    Sent(Vec<(Traveller, Answer)>),
    /// The calls of these rows could not be put together.
    Unsent(Vec<Traveller>, BatchError),
}

impl Landed {
    fn of(window: Vec<Traveller>, answers: Answers, of: fn(Vec<(Traveller, Answer)>) -> Self) -> Self {
        match answers {
            Ok(answers) => of(window.into_iter().zip(answers).collect()),
            Err(error) => Self::Unsent(window, error),
        }
    }
}

impl Import {
    /// Sends every row that has no outcome yet.
    pub(super) async fn sweep(
        &mut self,
        now: Now<'_>,
        on_event: &mut (dyn FnMut(ImportEvent) + Send),
    ) -> Result<(), Error> {
        let mut rows = self.rows()?;
        let mut flying: FuturesUnordered<BoxFuture<'static, Landed>> = FuturesUnordered::new();
        let mut exhausted = false;
        loop {
            while flying.len() < IN_FLIGHT && !exhausted && self.stopped.is_none() {
                let window = self.next_window(&mut rows, on_event)?;
                if window.is_empty() {
                    exhausted = true;
                } else if self.method.verb == Verb::Update {
                    let (client, method) = (self.client.clone(), self.method.sibling("get"));
                    flying.push(Box::pin(read_old(client, method, self.order.params.clone(), window)));
                } else {
                    flying.push(self.launch(window, now)?);
                }
            }
            match flying.next().await {
                None => return Ok(()),
                Some(Landed::Old(read)) => {
                    let window = self.with_old_values(read)?;
                    if !window.is_empty() && self.stopped.is_none() {
                        flying.push(self.launch(window, now)?);
                    }
                }
                Some(Landed::Sent(sent)) => {
                    let rows = sent.len() as u64;
                    self.stop_if_useless(&sent);
                    for (row, answer) in sent {
                        self.absorb(row, answer, now)?;
                    }
                    on_event(ImportEvent::Settled { rows });
                }
                Some(Landed::Unsent(window, error)) => {
                    let reason = chain(&error);
                    for row in &window {
                        self.left(row, error.code(), &reason)?;
                    }
                    on_event(ImportEvent::Settled { rows: window.len() as u64 });
                }
            }
        }
    }

    /// The next rows to be sent; rows that cannot be sent get their outcome here.
    fn next_window(
        &mut self,
        rows: &mut Rows,
        on_event: &mut (dyn FnMut(ImportEvent) + Send),
    ) -> Result<Vec<Traveller>, Error> {
        let mut window = Vec::new();
        while window.len() < WINDOW {
            let Some(row) = rows.next_row()? else { break };
            if !self.is_due(&row) {
                continue;
            }
            match &row.content {
                Ok(content) if !self.repeated.contains_key(&row.line) => {
                    let is_new = !self.resend.contains(&row.line);
                    if is_new && self.order.limit.is_some_and(|limit| self.tally.sent >= limit) {
                        self.tally.left += u64::from(!self.swept);
                        continue;
                    }
                    self.tally.sent += u64::from(is_new);
                    window.push(self.traveller(&row, content));
                }
                _ => {
                    self.refuse(&row)?;
                    on_event(ImportEvent::Settled { rows: 1 });
                }
            }
        }
        Ok(window)
    }

    /// Whether a row has no outcome that stands.
    fn is_due(&self, row: &Row) -> bool {
        if self.ledger.pending.contains_key(&row.line) {
            return false;
        }
        match self.ledger.settled.get(&row.line) {
            None => true,
            Some(settled) => match settled.outcome {
                RowOutcome::Ok | RowOutcome::Unknown => false,
                // Not again in the same run.
                RowOutcome::NotSent => !self.swept || self.resend.contains(&row.line),
                RowOutcome::Rejected => {
                    !self.swept && (self.order.retry_rejected || settled.fingerprint != row.fingerprint)
                }
            },
        }
    }

    fn traveller(&self, row: &Row, content: &Content) -> Traveller {
        Traveller {
            line: row.line,
            fingerprint: row.fingerprint,
            key: content.key.clone(),
            id: content.id,
            fields: content.fields.iter().map(|(name, _)| name.to_owned()).collect(),
            params: params(&self.order, &self.method, content),
            before: None,
        }
    }

    /// A row that cannot be sent.
    fn refuse(&mut self, row: &Row) -> Result<(), Error> {
        let (code, reason, key) = match &row.content {
            Err(unfit) => (unfit.code, unfit.reason.clone(), None),
            Ok(content) => {
                let first = self.repeated.get(&row.line).copied().unwrap_or_default();
                ("import.key-duplicate", same_key(first), content.key.as_deref())
            }
        };
        self.ledger.settle(&Verdict {
            line: row.line,
            fingerprint: row.fingerprint,
            key,
            outcome: RowOutcome::Rejected,
            id: None,
            code: Some(code),
            reason: Some(&reason),
            before: None,
            text: Some(&row.raw),
        })?;
        Ok(())
    }

    /// Writes the intent of a request, then makes it.
    fn launch(
        &mut self,
        mut window: Vec<Traveller>,
        now: Now<'_>,
    ) -> Result<BoxFuture<'static, Landed>, Error> {
        let intent = window.iter_mut().map(Traveller::intent).collect();
        self.ledger.intend(intent, now())?;
        let (client, method) = (self.client.clone(), self.method.name.clone());
        Ok(Box::pin(async move {
            let calls = window.iter().map(|row| Call::write(method.clone(), row.params.clone()));
            let answers = answered(&client, calls).await;
            Landed::of(window, answers, Landed::Sent)
        }))
    }

    /// Keeps the values that will be replaced; rows whose record cannot be read are not sent.
    fn with_old_values(&mut self, read: Vec<(Traveller, Answer)>) -> Result<Vec<Traveller>, Error> {
        self.stop_if_useless(&read);
        let mut window = Vec::with_capacity(read.len());
        for (mut row, answer) in read {
            match answer.ok() {
                Ok(reply) => {
                    row.before = old_values(&reply.result, &row.fields);
                    window.push(row);
                }
                Err(CallError::Rejected(api)) if self.stopped.is_none() => self.rejected(&row, &api)?,
                Err(error) => self.not_sent(&row, &error)?,
            }
        }
        if self.stopped.is_some() {
            for row in window.drain(..) {
                self.tally.sent = self.tally.sent.saturating_sub(1);
                drop(row);
            }
        }
        Ok(window)
    }

    fn absorb(&mut self, row: Traveller, answer: Answer, now: Now<'_>) -> Result<(), Error> {
        let result = match answer.ok() {
            Ok(reply) => reply.result,
            Err(error) if self.stopped.is_some() && proves_not_executed(&error) => {
                return self.not_sent(&row, &error);
            }
            Err(error) => {
                return match sending::Verdict::of(error) {
                    sending::Verdict::NotSent(error) => self.not_sent(&row, &error),
                    sending::Verdict::Refused(api) => self.rejected(&row, &api),
                    sending::Verdict::Lost(reason) => {
                        Ok(self.ledger.lose(row.line, row.into_intent(), reason, now())?)
                    }
                };
            }
        };
        if self.method.verb == Verb::Update && result.get() == "false" {
            let reason = "the portal answered false";
            return self.settle(&row, RowOutcome::Rejected, None, Some(("client.rejected", reason)));
        }
        let id = if self.method.verb == Verb::Update { row.id } else { id_of(&result) };
        self.settle(&row, RowOutcome::Ok, id, None)
    }

    fn rejected(&mut self, row: &Traveller, api: &ApiError) -> Result<(), Error> {
        self.settle(row, RowOutcome::Rejected, None, Some(("client.rejected", &api.to_string())))
    }

    fn not_sent(&mut self, row: &Traveller, error: &CallError) -> Result<(), Error> {
        self.left(row, error.code(), &chain(error))
    }

    fn left(&mut self, row: &Traveller, code: &str, reason: &str) -> Result<(), Error> {
        self.tally.sent = self.tally.sent.saturating_sub(1);
        self.settle(row, RowOutcome::NotSent, None, Some((code, reason)))
    }

    fn settle(
        &mut self,
        row: &Traveller,
        outcome: RowOutcome,
        id: Option<u64>,
        why: Option<(&str, &str)>,
    ) -> Result<(), Error> {
        self.ledger.settle(&Verdict {
            line: row.line,
            fingerprint: row.fingerprint,
            key: row.key.as_deref(),
            outcome,
            id: id.or(row.id),
            code: why.map(|(code, _)| code),
            reason: why.map(|(_, reason)| reason),
            before: row.before.as_deref().filter(|_| outcome == RowOutcome::Ok),
            text: None,
        })?;
        Ok(())
    }

    fn stop_if_useless(&mut self, answers: &[(Traveller, Answer)]) {
        if self.stopped.is_none() {
            self.stopped = useless(answers.iter().map(|(_, answer)| answer));
        }
    }
}

impl Traveller {
    fn intent(&mut self) -> IntentRow {
        IntentRow {
            line: self.line,
            key: self.key.clone(),
            id: self.id,
            before: self.before.clone(),
            row: written(self.fingerprint),
        }
    }

    fn into_intent(mut self) -> IntentRow {
        self.intent()
    }
}

async fn read_old(client: Client, method: String, params: Params, window: Vec<Traveller>) -> Landed {
    let call = |row: &Traveller| Call::read(method.clone(), params.clone()).set("id", row.id);
    let answers = answered(&client, window.iter().map(call)).await;
    Landed::of(window, answers, Landed::Old)
}

/// The fields of a record that an update sets, as a JSON object.
pub(super) fn old_values(record: &RawValue, fields: &[String]) -> Option<Box<RawValue>> {
    type Members = std::collections::BTreeMap<String, Box<RawValue>>;
    let members: Members = serde_json::from_str(record.get()).ok()?;
    let members = match members.get("item") {
        Some(item) if members.len() == 1 => serde_json::from_str(item.get()).ok()?,
        _ => members,
    };
    let null = || RawValue::NULL.to_owned();
    let old: Members =
        fields.iter().map(|name| (name.clone(), members.get(name).cloned().unwrap_or_else(null))).collect();
    serde_json::value::to_raw_value(&old).ok()
}
