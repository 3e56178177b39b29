//! Reads the whole input once before anything is sent.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use b24_client::params::Param;
use serde::Serialize;

use super::entry::RowOutcome;
use super::ledger::Ledger;
use super::rows::{Content, Rows, fingerprint};
use super::verb::{RowMethod, Verb};
use super::{ImportError, Order};

/// What a run is going to do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// Rows of the input.
    pub rows: u64,
    /// Rows that will be sent.
    pub to_send: u64,
    /// Rows that were added or updated by earlier runs.
    pub done: u64,
    /// Rows that earlier runs reported as rejected and that are not sent again.
    pub rejected_before: u64,
    /// Rows that were perhaps executed.
    pub unknown: u64,
    /// Rows that cannot be sent, with reasons; the first of them.
    pub unfit: Vec<(u64, String)>,
    /// How many rows cannot be sent.
    pub unfit_count: u64,
    /// Delimiter of a CSV file.
    pub delimiter: Option<char>,
    /// Columns and what they are sent as.
    pub columns: Vec<(String, String)>,
    /// Parameters of the first row to be sent, as JSON.
    pub sample: Option<String>,
}

/// So many unfit rows are told one by one.
const TOLD: usize = 20;

pub(super) fn scan(
    order: &Order,
    method: &RowMethod,
    known: Option<BTreeSet<String>>,
    ledger: &Ledger,
) -> Result<(Forecast, HashMap<u64, u64>), ImportError> {
    let mut rows = Rows::open(order, method.verb, known)?;
    let mut forecast =
        Forecast { delimiter: rows.delimiter(), columns: rows.columns(), ..Forecast::default() };
    // One hash and one line number per row: what grows with the job, beside the ledger.
    let mut keys: HashMap<u64, u64> = HashMap::new();
    let mut repeated: HashMap<u64, u64> = HashMap::new();
    while let Some(row) = rows.next_row()? {
        forecast.rows += 1;
        let settled = ledger.settled.get(&row.line);
        let pending = ledger.pending.get(&row.line);
        let was_sent = match (settled, pending) {
            (Some(settled), _) if settled.outcome == RowOutcome::Ok => Some(settled.fingerprint),
            (_, Some(pending)) => Some(pending.fingerprint),
            _ => None,
        };
        if was_sent.is_some_and(|fingerprint| fingerprint != row.fingerprint) {
            return Err(ImportError::InputChanged { path: order.input.clone(), line: row.line });
        }
        let key = row.content.as_ref().ok().and_then(|content| content.key.as_deref());
        if let Some(key) = key {
            match keys.entry(fingerprint(key.as_bytes())) {
                Entry::Occupied(first) => {
                    repeated.insert(row.line, *first.get());
                }
                Entry::Vacant(place) => {
                    place.insert(row.line);
                }
            }
        }
        let rejected = settled.is_some_and(|settled| {
            settled.outcome == RowOutcome::Rejected && settled.fingerprint == row.fingerprint
        });
        if pending.is_some() {
            forecast.unknown += 1;
        } else if was_sent.is_some() {
            forecast.done += 1;
        } else if rejected && !order.retry_rejected {
            forecast.rejected_before += 1;
        } else {
            match (&row.content, repeated.get(&row.line)) {
                (Err(unfit), _) => forecast.unfit(row.line, unfit.reason.clone()),
                (Ok(_), Some(first)) => forecast.unfit(row.line, same_key(*first)),
                (Ok(content), None) => forecast.send(order, method, content),
            }
        }
    }
    Ok((forecast, repeated))
}

pub(super) fn same_key(first: u64) -> String {
    format!("its key stands in line {first} already")
}

impl Forecast {
    fn unfit(&mut self, line: u64, reason: String) {
        self.unfit_count += 1;
        if self.unfit.len() < TOLD {
            self.unfit.push((line, reason));
        }
    }

    fn send(&mut self, order: &Order, method: &RowMethod, content: &Content) {
        if order.limit.is_some_and(|limit| self.to_send >= limit) {
            return;
        }
        self.to_send += 1;
        if self.sample.is_none() {
            self.sample = params(order, method, content).to_json().ok();
        }
    }
}

/// The parameters of a row's call.
pub(super) fn params(order: &Order, method: &RowMethod, content: &Content) -> b24_client::Params {
    let mut params = order.params.clone();
    if let (Verb::Update, Some(id)) = (method.verb, content.id) {
        params.put("id", id);
    }
    params.put("fields", Param::Map(content.fields.clone()));
    params
}
