//! Keys that stand in several rows of one reading. Nobody knows which row is meant, so none of them is written.

use jiff::Timestamp;
use rusqlite::params;

use super::{Journal, JournalError, NewReject, Pen, RecordOutcome, RunId, parsed, signed, unsigned};
use crate::sync::{Entry, Reject};

/// Code of rows whose key stands in another row, too.
pub(super) const DUPLICATE: &str = "sync.key-duplicate";

/// A row that takes no part in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its key.
    pub key: String,
    /// Where it stands in the source.
    pub line: u64,
    /// Where the source has to be read from to see it again.
    pub cursor: Option<String>,
}

/// The other rows of a reading with the same key.
#[derive(Debug, Default)]
pub(super) struct Twins {
    /// The row that was planned; it is planned no more.
    pub(super) withdrawn: Option<Entry>,
    /// Line and cursor of a row that was put aside.
    refused: Option<(u64, Option<String>)>,
}

impl Journal {
    /// Where the rows stand whose key stands in another row, too: a reading that passed over one of them would take the
    /// other for the only one. None for a row that may stand anywhere.
    pub(super) fn places_of_twins(&self, source: &str) -> Result<Vec<Option<String>>, JournalError> {
        let sql = "SELECT coalesce(cursor, (SELECT read_from FROM runs WHERE runs.id = first_run))
                   FROM rejects WHERE source = ?1 AND code = ?2";
        self.read("read which keys stand in several rows", |transaction| {
            transaction.prepare_cached(sql)?.query_map([source, DUPLICATE], |row| row.get(0))?.collect()
        })
    }

    /// A plan leaves rows out. Those whose key stands in a row that it has are put aside together with that one.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn leave_out(
        &self,
        run: RunId,
        source: &str,
        rows: &[LeftOut],
        now: Timestamp,
    ) -> Result<(), JournalError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.commit(|pen| {
            rows.iter().try_for_each(|LeftOut { key, line, cursor }| {
                match pen.twins(run, source, key, *line)? {
                    Some(twins) => {
                        pen.refuse_twins(run, source, (key, *line, cursor.as_deref()), &twins, now)
                    }
                    None => Ok(()),
                }
            })
        })
    }
}

impl Pen<'_> {
    /// The other rows of this reading with a key; none when it is the first.
    pub(super) fn twins(
        &self,
        run: RunId,
        source: &str,
        key: &str,
        line: u64,
    ) -> Result<Option<Twins>, JournalError> {
        let sql = "SELECT outcome IS NULL, body FROM entries WHERE run = ?1 AND key = ?2";
        let planned: Option<(bool, Option<String>)> =
            self.one(sql, params![run, key], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let sql =
            "SELECT line, cursor FROM rejects WHERE key = ?2 AND source = ?3 AND last_run = ?1 AND of_reading
                   AND line <> ?4 AND code <> ?5";
        let refused: Option<(i64, Option<String>)> =
            self.one(sql, params![run, key, source, signed(line), DUPLICATE], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        if planned.is_none() && refused.is_none() {
            return Ok(None);
        }
        let waiting = planned.and_then(|(is_open, body)| body.filter(|_| is_open));
        let withdrawn: Option<Entry> = waiting.map(|body| parsed("a planned record", &body)).transpose()?;
        let refused = refused.map(|(line, cursor)| (unsigned(line), cursor));
        Ok(Some(Twins { withdrawn, refused }))
    }

    /// Puts a row and its twins aside: nobody knows which of them is meant.
    pub(super) fn refuse_twins(
        &self,
        run: RunId,
        source: &str,
        (key, line, cursor): (&str, u64, Option<&str>),
        twins: &Twins,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let first = twins.withdrawn.as_ref().map(|first| (first.line, first.cursor.clone()));
        let others: Vec<(u64, Option<String>)> = first.into_iter().chain(twins.refused.clone()).collect();
        for (other, cursor) in &others {
            self.keep_twin(run, source, &twice(key, *other, line, cursor.as_deref()), now)?;
        }
        let other = others.first().map_or(0, |(line, _)| *line);
        self.keep_twin(run, source, &twice(key, line, other, cursor), now)?;
        self.unplanned(run, source, (key, line), (RecordOutcome::Rejected, DUPLICATE), now)
    }

    /// A row with the key of others is known by its turn among them: its line is another one as soon as a row is added
    /// before it.
    fn keep_twin(
        &self,
        run: RunId,
        source: &str,
        new: &NewReject,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let key = new.reject.key.as_deref().unwrap_or_default();
        let sql =
            "SELECT place, line FROM rejects WHERE key = ?1 AND source = ?2 AND code = ?3 AND last_run = ?4";
        let met: Vec<(String, i64)> =
            self.all(sql, params![key, source, DUPLICATE, run], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let known = met.iter().find(|(_, line)| unsigned(*line) == new.reject.line);
        let turn = |turn: usize| format!("{key} row {turn}");
        let free = (1..=met.len() + 1).map(turn).find(|place| met.iter().all(|(taken, _)| taken != place));
        let place = known.map(|(place, _)| place.clone()).or(free).unwrap_or_default();
        self.keep_unreadable(run, source, (new, &place), now)
    }
}

fn twice(key: &str, line: u64, other: u64, cursor: Option<&str>) -> NewReject {
    let message = if other == 0 {
        "the key stands in several rows".to_owned()
    } else {
        format!("the key stands in line {other}, too")
    };
    NewReject {
        reject: Reject {
            code: DUPLICATE.to_owned(),
            key: Some(key.to_owned()),
            line,
            field: None,
            value: None,
            message,
            hint: "make the source give one row per key: aggregate what multiplies its rows".to_owned(),
        },
        cursor: cursor.map(str::to_owned),
        row: None,
    }
}
