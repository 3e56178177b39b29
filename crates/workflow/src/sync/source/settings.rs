//! The `[source]` table of a mapping.

use std::fmt;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::SourceError;
use crate::sync::value::{DateFormat, DecimalMark};

/// Where records come from and how they are spelled.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSettings {
    /// What it is.
    pub kind: SourceKind,
    /// IANA time zone of dates and times without offset, such as `Europe/Moscow`.
    pub zone: String,
    /// The file, for every kind but `postgres` and `command`.
    pub path: Option<PathBuf>,
    /// Encoding of a text, such as `utf-8` or `windows-1251`.
    pub encoding: Option<String>,
    /// Between the cells of CSV.
    pub delimiter: Option<char>,
    /// The columns of CSV without a heading.
    pub columns: Option<Vec<String>>,
    /// A text that means "no value", such as `NULL`.
    pub null: Option<String>,
    /// Decimal mark of numbers: `point` or `comma`.
    pub decimal_mark: Option<DecimalMark>,
    /// Format of dates beside ISO 8601, such as `dd.mm.yyyy` or `%d.%m.%Y`.
    pub date_format: Option<String>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The query of a database; `:cursor` stands for where to go on.
    pub query: Option<String>,
    /// The database server.
    pub host: Option<String>,
    /// Its port.
    pub port: Option<u16>,
    /// The database on it.
    pub database: Option<String>,
    /// Its user.
    pub user: Option<String>,
    /// The environment variable with the user's password.
    pub password_env: Option<String>,
    /// The file with the user's password.
    pub password_file: Option<PathBuf>,
    /// Certificates that the server's may be signed with, beside the system's.
    pub ca_file: Option<PathBuf>,
    /// A program and its arguments; no shell reads them.
    pub command: Option<Vec<String>>,
    /// What the program prints.
    pub output: Option<OutputFormat>,
    /// What to read of it; without it everything is read in each run.
    pub cursor: Option<CursorSettings>,
}

/// Kinds of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// A text with delimiters.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// A sheet of a workbook.
    Xlsx,
    /// A query of an SQLite file.
    Sqlite,
    /// A query of a PostgreSQL database.
    Postgres,
    /// What a program prints.
    Command,
}

/// What a program prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputFormat {
    /// One JSON object a line.
    Jsonl,
    /// CSV.
    Csv,
}

/// The `[source.cursor]` table: only what changed since the last run is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CursorSettings {
    /// The column that says when (or at which number) a row changed.
    pub column: String,
    /// How its values are compared.
    #[serde(rename = "type")]
    pub kind: CursorType,
    /// How far before the committed cursor the next run begins: a duration such as `15m`, or a number.
    #[serde(default, deserialize_with = "text_or_number")]
    pub overlap: Option<String>,
    /// Where the first run begins; without it at the beginning.
    #[serde(default, deserialize_with = "text_or_number")]
    pub initial: Option<String>,
    /// How a time is spelled for the query or the program, such as `%Y-%m-%d %H:%M:%S` (in the source's zone).
    pub format: Option<String>,
}

/// How the values of a cursor column are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CursorType {
    /// Dates and times.
    Time,
    /// Numbers.
    Number,
}

impl SourceSettings {
    /// The time zone.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn time_zone(&self) -> Result<TimeZone, SourceError> {
        TimeZone::get(&self.zone).map_err(|_| SourceError::Setting {
            key: "zone",
            reason: format!("there is no time zone `{}`", self.zone),
        })
    }

    /// The format of dates.
    pub(super) fn dates(&self) -> Result<Option<DateFormat>, SourceError> {
        let Some(text) = &self.date_format else { return Ok(None) };
        let no_format =
            || wrong("date_format", &format!("`{text}` does not say where year, month and day stand"));
        DateFormat::parse(text).map(Some).ok_or_else(no_format)
    }

    /// Checks what can be checked without looking at the source.
    ///
    /// # Errors
    /// A key that is missing, of another kind of source, or has a value that cannot be.
    pub fn check(&self) -> Result<(), SourceError> {
        self.time_zone()?;
        self.dates()?;
        for (key, is_there, kinds, is_needed) in self.keys() {
            if is_there && !kinds.contains(&self.kind) {
                return Err(wrong(key, &format!("a source of kind `{}` has no such key", self.kind.name())));
            }
            if !is_there && is_needed && kinds.contains(&self.kind) {
                return Err(wrong(key, &format!("a source of kind `{}` needs it", self.kind.name())));
            }
        }
        if self.command.as_ref().is_some_and(|argv| argv.first().is_none_or(String::is_empty)) {
            return Err(wrong("command", "it names no program"));
        }
        if self.password_env.is_some() && self.password_file.is_some() {
            return Err(wrong("password_file", "there is password_env already"));
        }
        if self.delimiter.is_some_and(|c| !c.is_ascii() || matches!(c, '"' | '\n' | '\r')) {
            return Err(wrong("delimiter", "it must be one ASCII character, and no quote"));
        }
        if self.is_json() && (self.delimiter.is_some() || self.columns.is_some()) {
            let key = if self.delimiter.is_some() { "delimiter" } else { "columns" };
            return Err(wrong(key, "JSON lines have no such thing"));
        }
        Ok(())
    }

    /// Whether the columns are the same in every row.
    pub(crate) fn has_heading(&self) -> bool {
        !self.is_json()
    }

    /// Whether rows are JSON objects.
    pub(super) fn is_json(&self) -> bool {
        self.kind == SourceKind::Jsonl || self.output == Some(OutputFormat::Jsonl)
    }

    /// Each key, whether it is there, which kinds know it, and whether they need it.
    fn keys(&self) -> [(&'static str, bool, &'static [SourceKind], bool); 15] {
        use SourceKind::{Command, Csv, Jsonl, Postgres, Sqlite, Xlsx};
        const TEXTS: &[SourceKind] = &[Csv, Jsonl, Command];
        const QUERIES: &[SourceKind] = &[Sqlite, Postgres];
        const SERVERS: &[SourceKind] = &[Postgres];
        const PROGRAMS: &[SourceKind] = &[Command];
        [
            ("path", self.path.is_some(), &[Csv, Jsonl, Xlsx, Sqlite], true),
            ("encoding", self.encoding.is_some(), TEXTS, false),
            ("delimiter", self.delimiter.is_some(), &[Csv, Command], false),
            ("columns", self.columns.is_some(), &[Csv, Command], false),
            ("sheet", self.sheet.is_some(), &[Xlsx], false),
            ("query", self.query.is_some(), QUERIES, true),
            ("host", self.host.is_some(), SERVERS, true),
            ("port", self.port.is_some(), SERVERS, false),
            ("database", self.database.is_some(), SERVERS, true),
            ("user", self.user.is_some(), SERVERS, true),
            ("password_env", self.password_env.is_some(), SERVERS, false),
            ("password_file", self.password_file.is_some(), SERVERS, false),
            ("ca_file", self.ca_file.is_some(), SERVERS, false),
            ("command", self.command.is_some(), PROGRAMS, true),
            ("output", self.output.is_some(), PROGRAMS, true),
        ]
    }
}

impl SourceKind {
    /// Whether every row is read, whatever the reading is to begin with: others leave out rows that nobody counts.
    pub(in crate::sync) fn is_file(self) -> bool {
        matches!(self, Self::Csv | Self::Jsonl | Self::Xlsx)
    }

    /// As it is written in a mapping.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Xlsx => "xlsx",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Command => "command",
        }
    }
}

pub(super) fn wrong(key: &'static str, reason: &str) -> SourceError {
    SourceError::Setting { key, reason: reason.to_owned() }
}

/// Durations are texts, numbers may be either.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct TextOrNumber;
    impl Visitor<'_> for TextOrNumber {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text or a whole number")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }

        fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
            Ok(number.to_string())
        }
    }
    deserializer.deserialize_any(TextOrNumber).map(Some)
}
