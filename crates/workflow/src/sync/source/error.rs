//! Why a source cannot be read. Rows that cannot be read are rejects, not errors.

use std::io;
use std::path::PathBuf;

/// A source that cannot be read, or not to its end. Nothing that was read of it counts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A key of `[source]` is missing, too much or wrong.
    #[error("cannot use `{key}` of [source]: {reason}")]
    Setting {
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The file cannot be read.
    #[error("cannot read `{}`", path.display())]
    NotReadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The columns are not known.
    #[error("cannot read the heading of {what}: {reason}")]
    Heading {
        /// The file or program.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// The file is not what it was when it was opened.
    #[error("`{}` changed while it was read: {reason}", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// How.
        reason: &'static str,
    },
    /// The cursor column is not there.
    #[error("the source has no column `{column}` for the cursor")]
    CursorMissing {
        /// The column.
        column: String,
    },
    /// The query would not find rows that it must find.
    #[error("the cursor column `{column}` has `{value}`, which `:cursor` would write as `{bound}`")]
    CursorSpelling {
        /// The column.
        column: String,
        /// A value of it.
        value: String,
        /// The same moment as `:cursor` spells it.
        bound: String,
    },
    /// The workbook cannot be read.
    #[error("cannot read the workbook `{}`", path.display())]
    Workbook {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<calamine::XlsxError>,
    },
    /// The database cannot be asked.
    #[error("cannot read from the database `{}`", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The server cannot be asked.
    #[error("cannot read from the database server {host}")]
    Postgres {
        /// The server.
        host: String,
        /// Why.
        source: Box<tokio_postgres::Error>,
    },
    /// There is no trusting the server.
    #[error("cannot prepare an encrypted connection to {host}: {reason}")]
    Tls {
        /// The server.
        host: String,
        /// Why.
        reason: String,
    },
    /// The committed cursor is not of the cursor's type.
    #[error("cannot go on from the cursor `{cursor}`: it is no {wanted}")]
    CursorUnfit {
        /// The cursor.
        cursor: String,
        /// `time` or `number`.
        wanted: &'static str,
    },
    /// The program cannot be started.
    #[error("cannot start `{program}`")]
    CommandStart {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The program said that it failed.
    #[error("`{program}` failed with {status}{}", told(stderr))]
    CommandFailed {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
        /// The last lines it wrote to stderr.
        stderr: String,
    },
    /// The program's output ends in the middle of a line.
    #[error("the output of `{program}` is cut in line {line}")]
    CommandCut {
        /// The program.
        program: String,
        /// The line.
        line: u64,
    },
    /// The reader ended without an end; a bug.
    #[error("the reader of the source stopped in the middle")]
    Stopped,
}

fn told(stderr: &str) -> String {
    if stderr.is_empty() { String::new() } else { format!(": {stderr}") }
}

impl SourceError {
    /// Stable code in kebab case, with the area in front.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Setting { .. } => "sync.source-setting",
            Self::NotReadable { .. } => "sync.source-not-readable",
            Self::Heading { .. } => "sync.source-heading",
            Self::Changed { .. } => "sync.source-changed",
            Self::CursorMissing { .. } => "sync.source-cursor-missing",
            Self::CursorUnfit { .. } => "sync.source-cursor-unfit",
            Self::CursorSpelling { .. } => "sync.source-cursor-spelling",
            Self::Workbook { .. } => "sync.source-workbook",
            Self::Sqlite { .. } => "sync.source-sqlite",
            Self::Postgres { .. } => "sync.source-postgres",
            Self::Tls { .. } => "sync.source-tls",
            Self::CommandStart { .. } => "sync.source-command-start",
            Self::CommandFailed { .. } => "sync.source-command-failed",
            Self::CommandCut { .. } => "sync.source-command-cut",
            Self::Stopped => "sync.source-stopped",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Setting { .. } => "correct [source] of the mapping; docs/sync.md lists the keys",
            Self::NotReadable { .. } => "check the path; a relative one starts at the mapping's folder",
            Self::Heading { .. } => {
                "the first line must name the columns; name them with `columns` if there is none"
            }
            Self::Changed { .. } => {
                "nothing was committed; run again when the program that writes the file has finished"
            }
            Self::CursorMissing { .. } => {
                "correct `column` of [source.cursor], or add the column to the source"
            }
            Self::CursorUnfit { .. } => {
                "set it with `b24 sync state set`, or correct `type` of [source.cursor]"
            }
            Self::CursorSpelling { .. } => {
                "SQLite compares texts: name the column's spelling in `format` of [source.cursor], such as \
                 `%Y-%m-%dT%H:%M:%S`, and its zone in `zone`; or let the query give the column as \
                 `strftime('%Y-%m-%d %H:%M:%S', …)` and compare that"
            }
            Self::Workbook { .. } => "it must be an .xlsx workbook without a password; save it as one",
            Self::Sqlite { .. } => "check the query with the database's own program",
            Self::Postgres { .. } => "check host, port, database, user and query of [source]",
            Self::Tls { .. } => {
                "install the system's certificates (package ca-certificates) or name `ca_file`"
            }
            Self::CommandStart { .. } => "check the program's path in `command`; no shell looks it up",
            Self::CommandFailed { .. } => {
                "nothing was committed; run the command by hand to see what it says"
            }
            Self::CommandCut { .. } => "nothing was committed; a complete output ends with the end of a line",
            Self::Stopped => "report this with the mapping",
        }
        .to_owned()
    }
}
