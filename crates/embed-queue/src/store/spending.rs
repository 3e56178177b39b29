//! What embedding costs, and what it does not cost because a text was known.

use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::Store;
use crate::embedder::Usage;
use crate::error::Error;

const MINUTE: i64 = 60;

/// What a lane did in some time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spent {
    /// Provider and model.
    pub lane: String,
    /// Texts that became READY.
    pub ready: u64,
    /// Calls to the provider.
    pub calls: u64,
    /// Tokens it was sent, as it counts them where it does.
    pub tokens: u64,
    /// Tokens of texts that were known already and were not sent again, estimated.
    pub saved: u64,
}

impl Store {
    /// What each lane did since then.
    ///
    /// # Errors
    /// The file fails.
    pub fn spent(&self, since: Timestamp) -> Result<Vec<Spent>, Error> {
        self.read("sum up the spending", |transaction| {
            transaction
                .prepare_cached(
                    "SELECT lane, sum(ready), sum(calls), sum(tokens), sum(saved) FROM spending
                     WHERE minute >= ?1 GROUP BY lane ORDER BY lane",
                )?
                .query_map([since.as_second().div_euclid(MINUTE)], |row| {
                    let number = |at| row.get::<_, i64>(at).map(|number| u64::try_from(number).unwrap_or(0));
                    Ok(Spent {
                        lane: row.get(0)?,
                        ready: number(1)?,
                        calls: number(2)?,
                        tokens: number(3)?,
                        saved: number(4)?,
                    })
                })?
                .collect()
        })
    }

    /// Books what was used outside of a worker.
    pub(crate) fn book(&self, lane: &str, usage: Usage, now: Timestamp) -> Result<(), Error> {
        if usage == Usage::default() {
            return Ok(());
        }
        self.write("book the spending", |transaction| book(transaction, lane, now, &usage.into()))
    }
}

impl From<Usage> for Spent {
    fn from(usage: Usage) -> Self {
        Self { calls: usage.calls, tokens: usage.tokens, ..Self::default() }
    }
}

/// Adds to the lane's minute.
pub(super) fn book(
    transaction: &Transaction<'_>,
    lane: &str,
    now: Timestamp,
    spent: &Spent,
) -> rusqlite::Result<()> {
    let &Spent { ready, calls, tokens, saved, .. } = spent;
    if (ready, calls, tokens, saved) == (0, 0, 0, 0) {
        return Ok(());
    }
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    transaction
        .prepare_cached(
            "INSERT INTO spending (lane, minute, ready, calls, tokens, saved) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET ready = ready + excluded.ready, calls = calls + excluded.calls,
                 tokens = tokens + excluded.tokens, saved = saved + excluded.saved",
        )?
        .execute(params![
            lane,
            now.as_second().div_euclid(MINUTE),
            number(ready),
            number(calls),
            number(tokens),
            number(saved)
        ])
        .map(drop)
}
