//! Rejects that a later reading of their source has settled.

use rusqlite::params;

use super::cursors::compare;
use super::twins::DUPLICATE;
use super::{Journal, JournalError, Pen, RunId};

/// A reading of a source, whose plan was written to its end.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The run that read.
    pub run: RunId,
    /// Name of the source.
    pub source: &'a str,
}

/// How much of its source a reading has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What stands from some place on.
    On,
    /// Everything from where the mapping lets the source begin.
    Whole,
    /// Every row there is: the mapping's beginning left none out.
    EveryRow,
}

/// What a reading that went to its end has seen.
struct Seen {
    /// Rows before it were left out; none: no row was.
    bound: Option<String>,
    /// Whether it began where the source begins.
    is_whole: bool,
}

/// A row that an earlier run put aside, and this one did not.
struct Earlier {
    id: i64,
    key: Option<String>,
    of_reading: bool,
    /// Whether its key stood in another row, too.
    is_twin: bool,
    cursor: Option<String>,
    /// Bounds of the runs that met it first and last.
    bounds: [Option<String>; 2],
    /// Whether this reading has seen the key.
    is_seen: bool,
}

impl Seen {
    /// Whether the reading answers what an earlier one put aside: the row is gone, or is another one now.
    fn settles(&self, earlier: &Earlier) -> bool {
        match earlier.key {
            None => self.covers(earlier),
            // The other rows of its key may stand where this reading has not been.
            Some(_) if earlier.is_twin => self.covers(earlier),
            Some(_) if earlier.is_seen => earlier.of_reading,
            Some(_) => self.is_whole && self.covers(earlier),
        }
    }

    fn covers(&self, earlier: &Earlier) -> bool {
        let Some(bound) = &self.bound else { return true };
        earlier.place().is_some_and(|place| compare(place, bound).is_ge())
    }
}

impl Earlier {
    /// A place before which the row does not stand. One that does not tell its own may stand anywhere once it is mended: a
    /// reading that begins later than the first that met it may pass over it. A query may give a row that tells an earlier
    /// place than it was asked for, because of what moved it last.
    fn place(&self) -> Option<&str> {
        let [first, last] = self.bounds.each_ref().map(Option::as_deref);
        match self.cursor.as_deref() {
            None => first,
            cursor => [cursor, first, last].into_iter().flatten().max_by(|one, other| compare(one, other)),
        }
    }
}

impl Journal {
    /// Notes that a run read its source to the end and found rows there.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn has_read(&self, run: RunId, extent: Extent) -> Result<(), JournalError> {
        let sql = match extent {
            Extent::On => "UPDATE runs SET reading = 'on' WHERE id = ?1",
            Extent::Whole => "UPDATE runs SET reading = 'whole' WHERE id = ?1",
            Extent::EveryRow => "UPDATE runs SET reading = 'whole', bound = NULL WHERE id = ?1",
        };
        self.commit(|pen| pen.execute(sql, [run]).map(drop))
    }

    /// Notes that the plan of a run does not come from its source: what it achieves says nothing about rows that were put
    /// aside or wait, which may be newer.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn reads_nothing(&self, run: RunId) -> Result<(), JournalError> {
        self.commit(|pen| pen.execute("UPDATE runs SET reading = 'nothing' WHERE id = ?1", [run]).map(drop))
    }

    /// Closes rejects of earlier runs that a reading did not meet again, if it went to its end. A row that was put aside as
    /// it was read is closed when its key was read well, or when the reading covers its place; what a plan or the portal
    /// refused is closed by its next outcome, or when a whole reading no longer has the key. Gives how many.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn close_rejects(&self, reading: Reading<'_>) -> Result<u64, JournalError> {
        self.commit(|pen| {
            let Some(seen) = pen.seen(reading.run)? else { return Ok(0) };
            let settled: Vec<i64> = pen
                .not_met_again(reading)?
                .into_iter()
                .filter(|earlier| seen.settles(earlier))
                .map(|earlier| earlier.id)
                .collect();
            for id in &settled {
                pen.execute("DELETE FROM rejects WHERE id = ?1", [id])?;
            }
            Ok(settled.len() as u64)
        })
    }
}

impl Pen<'_> {
    /// Whether a run knows its source: only then its outcomes answer what earlier readings put aside or let wait.
    pub(super) fn knows_source(&self, run: RunId) -> Result<bool, JournalError> {
        let sql = "SELECT 1 FROM runs WHERE id = ?1 AND reading = 'nothing'";
        self.one(sql, [run], |_| Ok(())).map(|found| found.is_none())
    }

    /// What a run has seen of its source; none when it did not come to the end.
    fn seen(&self, run: RunId) -> Result<Option<Seen>, JournalError> {
        let sql = "SELECT bound, reading = 'whole' FROM runs WHERE id = ?1 AND reading IN ('on', 'whole')";
        self.one(sql, [run], |row| Ok(Seen { bound: row.get(0)?, is_whole: row.get(1)? }))
    }

    fn not_met_again(&self, reading: Reading<'_>) -> Result<Vec<Earlier>, JournalError> {
        let bound = |run: &str| format!("(SELECT bound FROM runs WHERE runs.id = {run})");
        let sql = format!(
            "SELECT id, key, of_reading, cursor, {}, {},
                       EXISTS (SELECT 1 FROM entries WHERE entries.run = ?1 AND entries.key = rejects.key)
                       OR EXISTS (SELECT 1 FROM rejects AS met WHERE met.key = rejects.key AND met.last_run = ?1),
                       code = ?3
                   FROM rejects WHERE source = ?2 AND last_run <> ?1",
            bound("first_run"),
            bound("last_run")
        );
        self.all(&sql, params![reading.run, reading.source, DUPLICATE], |row| {
            Ok(Earlier {
                id: row.get(0)?,
                key: row.get(1)?,
                of_reading: row.get(2)?,
                cursor: row.get(3)?,
                bounds: [row.get(4)?, row.get(5)?],
                is_seen: row.get(6)?,
                is_twin: row.get(7)?,
            })
        })
    }
}
