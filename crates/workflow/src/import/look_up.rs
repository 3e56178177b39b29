//! Finds out whether rows whose answer was lost were executed.

use b24_client::{Call, Params};
use jiff::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;

use super::dispatch::old_values;
use super::entry::RowOutcome;
use super::ledger::Verdict;
use super::verb::Verb;
use super::{Import, Now};
use crate::Error;

/// Look-ups of one request.
const WINDOW: usize = 50;

/// What the portal says about a row.
enum Finding {
    /// It was executed.
    Executed(Option<u64>),
    /// A complete answer without it.
    Absent,
    /// The answer proves nothing.
    Unclear(String),
    /// There was no answer.
    Unanswered,
}

impl Import {
    /// Looks up what was perhaps executed. Gives the moment when rows that were not found can be looked up again.
    pub(super) async fn look_up(&mut self, now: Now<'_>) -> Result<Option<Timestamp>, Error> {
        let lines: Vec<u64> = self
            .ledger
            .pending
            .iter()
            .filter(|(line, row)| {
                let has_key = match self.method.verb {
                    Verb::Add => self.order.key.is_some() && row.key.is_some(),
                    Verb::Update => row.before.is_some(),
                };
                has_key && !self.hopeless.contains(line)
            })
            .map(|(line, _)| *line)
            .collect();
        let mut due: Option<Timestamp> = None;
        for window in lines.chunks(WINDOW) {
            // Taken before asking: what is not there now was not there then.
            let asked_at = now();
            for (line, finding) in self.ask(window).await? {
                let again = self.conclude(line, finding, asked_at)?;
                due = match (due, again) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                };
            }
        }
        Ok(due)
    }

    async fn ask(&self, lines: &[u64]) -> Result<Vec<(u64, Finding)>, Error> {
        let mut batch = self.client.batch();
        let slots: Vec<_> = lines.iter().map(|line| batch.add(self.question(*line))).collect();
        let mut reply = batch.send().await.map_err(|error| Error::PortalBatch {
            what: "rows whose answer was lost",
            source: Box::new(error),
        })?;
        let mut findings = Vec::with_capacity(lines.len());
        for (line, slot) in lines.iter().zip(slots) {
            let finding = match reply.page(slot).ok() {
                Ok(page) => self.read(*line, &page.result, page.total),
                Err(error) => match error.api() {
                    Some(api) => Finding::Unclear(format!("the look-up was refused: {api}")),
                    None => Finding::Unanswered,
                },
            };
            findings.push((*line, finding));
        }
        Ok(findings)
    }

    fn question(&self, line: u64) -> Call<Box<RawValue>> {
        let pending = self.ledger.pending.get(&line);
        let params = self.order.params.clone();
        if self.method.verb == Verb::Update {
            let id = pending.and_then(|row| row.id);
            return Call::read(self.method.sibling("get"), params).set("id", id);
        }
        let key = self.order.key.clone().unwrap_or_default();
        let id = self.method.id_field();
        let value = pending.and_then(|row| row.key.clone()).unwrap_or_default();
        let params = params
            .set("filter", Params::new().set(key.clone(), value))
            .set("select", [id.to_owned(), key])
            .set("order", Params::new().set(id, "ASC"));
        Call::read(self.method.sibling("list"), params)
    }

    fn read(&self, line: u64, result: &RawValue, total: Option<u64>) -> Finding {
        let Some(pending) = self.ledger.pending.get(&line) else { return Finding::Unanswered };
        if self.method.verb == Verb::Update {
            return updated(result, pending.before.as_deref(), pending.id);
        }
        let (Some(field), Some(key)) = (self.order.key.as_deref(), pending.key.as_deref()) else {
            return Finding::Unanswered;
        };
        match rows_of(result.get()) {
            Some(rows) => match listed(&rows, total, field, key, self.method.id_field()) {
                Finding::Absent if !self.order.sees_everything => Finding::Unclear(
                    "not found, but the user does not see every record: only an administrator's look-up proves it"
                        .to_owned(),
                ),
                finding => finding,
            },
            None => Finding::Unclear("the look-up was answered with something else than rows".to_owned()),
        }
    }

    /// Writes what a finding means. Absence counts when nothing can be executing the row any more.
    fn conclude(
        &mut self,
        line: u64,
        finding: Finding,
        asked_at: Timestamp,
    ) -> Result<Option<Timestamp>, Error> {
        let Some(pending) = self.ledger.pending.get_mut(&line) else { return Ok(None) };
        let settled_at = pending.since.saturating_add(self.order.settle_after).unwrap_or(Timestamp::MAX);
        let (outcome, id, reason) = match finding {
            Finding::Executed(id) => (RowOutcome::Ok, id, "found in the portal after its answer was lost"),
            Finding::Absent if asked_at < settled_at => return Ok(Some(settled_at)),
            Finding::Absent => (RowOutcome::NotSent, pending.id, "looked up: it was not executed"),
            Finding::Unclear(reason) => {
                pending.reason = reason;
                self.hopeless.insert(line);
                return Ok(None);
            }
            Finding::Unanswered => {
                self.hopeless.insert(line);
                return Ok(None);
            }
        };
        let (fingerprint, key, before) = (pending.fingerprint, pending.key.clone(), pending.before.clone());
        self.ledger.settle(&Verdict {
            line,
            fingerprint,
            key: key.as_deref(),
            outcome,
            id,
            code: None,
            reason: Some(reason),
            before: before.as_deref(),
            text: None,
        })?;
        if outcome == RowOutcome::Ok {
            self.tally.found += 1;
        } else {
            self.resend.insert(line);
        }
        Ok(None)
    }
}

/// An update was executed when a field no longer has its old value.
fn updated(record: &RawValue, before: Option<&RawValue>, id: Option<u64>) -> Finding {
    type Members = std::collections::BTreeMap<String, Box<RawValue>>;
    let Some(before) = before else { return Finding::Unanswered };
    let old: Option<Members> = serde_json::from_str(before.get()).ok();
    let fields: Vec<String> = old.map(|old| old.into_keys().collect()).unwrap_or_default();
    match old_values(record, &fields) {
        Some(now) if now.get() == before.get() => Finding::Absent,
        Some(_) => Finding::Executed(id),
        None => Finding::Unclear("the record could not be read".to_owned()),
    }
}

/// The rows of a list's answer, wrapped or not.
fn rows_of(result: &str) -> Option<Vec<Value>> {
    match serde_json::from_str(result).ok()? {
        Value::Array(rows) => Some(rows),
        Value::Object(members) => {
            let mut lists = members.into_iter().filter_map(|(_, inner)| match inner {
                Value::Array(rows) => Some(rows),
                _ => None,
            });
            let rows = lists.next()?;
            lists.next().is_none().then_some(rows)
        }
        _ => None,
    }
}

fn listed(rows: &[Value], total: Option<u64>, field: &str, key: &str, id: &str) -> Finding {
    let text = |row: &Value, name: &str| match row.get(name) {
        Some(Value::String(text)) => Some(text.trim().to_owned()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    // A filter that the portal does not know is dropped without a word, and everything comes.
    let strange = |row: &&Value| text(row, field).is_none_or(|own| own.to_lowercase() != key.to_lowercase());
    if rows.iter().any(|row| strange(&row)) {
        return Finding::Unclear(format!("the portal does not filter by {field}"));
    }
    if total.is_some_and(|total| total > rows.len() as u64) {
        return Finding::Unclear(format!("more records than one page have this {field}"));
    }
    let ids: Vec<u64> = rows
        .iter()
        .filter(|row| text(row, field).as_deref() == Some(key))
        .filter_map(|row| text(row, id)?.parse().ok())
        .collect();
    match ids.as_slice() {
        [] => Finding::Absent,
        [id] => Finding::Executed(Some(*id)),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            Finding::Unclear(format!("several records have this {field}: {}", ids.join(", ")))
        }
    }
}
