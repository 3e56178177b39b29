//! Writes that were perhaps executed.

use jiff::Timestamp;
use rusqlite::{Row, params};
use serde::Serialize;

use super::names::words;
use super::{Journal, JournalError, Pen, RunId, instant, list, signed, unsigned};

words! {
    /// What is sent for a record.
    Command {
        /// Its contact is created.
        ContactAdd = "contact-add",
        /// Its contact is changed.
        ContactUpdate = "contact-update",
        /// Its deal is created.
        DealAdd = "deal-add",
        /// Its deal is changed.
        DealUpdate = "deal-update",
        /// Its comment is posted.
        CommentAdd = "comment-add",
        /// The lead it was found by is changed.
        LeadUpdate = "lead-update",
    }
}

/// A write that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIntent {
    /// Key of the record.
    pub key: String,
    /// What is sent.
    pub command: Command,
    /// What is written to, when it exists already.
    pub target: Option<u64>,
    /// Identity of the contact, hash of the comment.
    pub mark: Option<String>,
}

/// When writes are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sending {
    /// On this machine's clock.
    pub at: Timestamp,
    /// On the portal's clock, or before; none when it has not told the time yet.
    pub portal_at: Option<Timestamp>,
}

impl From<Timestamp> for Sending {
    fn from(at: Timestamp) -> Self {
        Self { at, portal_at: None }
    }
}

/// A write without an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Intent {
    /// Key of the record.
    pub key: String,
    /// What was sent.
    pub command: Command,
    /// What is written to, when it existed already.
    pub target: Option<u64>,
    /// Identity of the contact, hash of the comment.
    #[serde(skip)]
    pub mark: Option<String>,
    /// The run that sent it.
    pub run: RunId,
    /// Name of the source.
    pub source: String,
    /// When it was written down, just before it was sent.
    pub sent_at: Timestamp,
    /// The same on the portal's clock, or before: what it created is not older. None when nobody knows.
    #[serde(skip)]
    pub portal_at: Option<Timestamp>,
    /// When nobody was sending it any more; none while it is under way.
    pub since: Option<Timestamp>,
}

impl Journal {
    /// Writes down what is about to be sent. On disk when this returns. A write whose outcome is not known yet cannot be
    /// intended again: that is an error, and nothing may be sent.
    ///
    /// # Errors
    /// The journal cannot be written, or one of the writes is open already.
    pub fn intend(
        &self,
        run: RunId,
        source: &str,
        intents: &[NewIntent],
        sending: impl Into<Sending>,
    ) -> Result<(), JournalError> {
        let Sending { at, portal_at } = sending.into();
        self.write("write down what is about to be sent", |transaction| {
            let mut statement = transaction.prepare_cached(
                "INSERT INTO intents (run, source, key, command, target, mark, sent_at, portal_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?;
            for intent in intents {
                statement.execute(params![
                    run,
                    source,
                    intent.key,
                    intent.command,
                    intent.target.map(signed),
                    intent.mark,
                    at.as_millisecond(),
                    portal_at.map(Timestamp::as_millisecond)
                ])?;
            }
            Ok(())
        })
    }

    /// Every write without an outcome, in the order they were sent.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn open_intents(&self) -> Result<Vec<Intent>, JournalError> {
        self.read("read what was perhaps executed", |transaction| {
            transaction
                .prepare_cached(&format!("SELECT {COLUMNS} FROM intents ORDER BY id"))?
                .query_map([], stored)?
                .collect()
        })
    }

    /// The writes without an outcome of these records.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn intents_of(&self, keys: &[&str]) -> Result<Vec<Intent>, JournalError> {
        self.read("read what was perhaps executed", |transaction| {
            transaction
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM intents WHERE key IN (SELECT value FROM json_each(?1)) ORDER BY id"
                ))?
                .query_map([list(keys)?], stored)?
                .collect()
        })
    }
}

const COLUMNS: &str = "key, command, target, mark, run, source, sent_at, since, portal_at";

fn stored(row: &Row<'_>) -> rusqlite::Result<Intent> {
    Ok(Intent {
        key: row.get(0)?,
        command: row.get(1)?,
        target: row.get::<_, Option<i64>>(2)?.map(unsigned),
        mark: row.get(3)?,
        run: row.get(4)?,
        source: row.get(5)?,
        sent_at: instant(row.get(6)?),
        since: row.get::<_, Option<i64>>(7)?.map(instant),
        portal_at: row.get::<_, Option<i64>>(8)?.map(instant),
    })
}

impl Pen<'_> {
    /// The write has an outcome.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn close(&self, key: &str, command: Command) -> Result<(), JournalError> {
        self.execute("DELETE FROM intents WHERE key = ?1 AND command = ?2", params![key, command]).map(drop)
    }

    /// A comment that was to follow a deal which is not there was never posted.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn close_homeless(&self, key: &str) -> Result<(), JournalError> {
        self.execute(
            "DELETE FROM intents WHERE key = ?1 AND command = ?2 AND target IS NULL",
            params![key, Command::CommentAdd],
        )
        .map(drop)
    }

    /// The answer to the write is lost: it was executed, is being executed, or never will be.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn lose(&self, key: &str, command: Command, now: Timestamp) -> Result<(), JournalError> {
        self.execute(
            "UPDATE intents SET since = ?3 WHERE key = ?1 AND command = ?2",
            params![key, command, now.as_millisecond()],
        )
        .map(drop)
    }

    /// What the write goes to is known now.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn aim(&self, key: &str, command: Command, target: u64) -> Result<(), JournalError> {
        self.execute(
            "UPDATE intents SET target = ?3 WHERE key = ?1 AND command = ?2",
            params![key, command, signed(target)],
        )
        .map(drop)
    }
}
