//! Why the journal could not be read or written.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// An error of the journal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The file cannot be made or opened.
    #[error("cannot open the journal `{}`", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// Another run writes to the same portal.
    #[error("another run is working on this portal: it holds `{}`", path.display())]
    InUse {
        /// The file with the lock.
        path: PathBuf,
    },
    /// The journal was made from another portal.
    #[error("the journal belongs to the portal {found}, not to {wanted}")]
    OtherPortal {
        /// Portal of the journal.
        found: String,
        /// Portal of this run.
        wanted: String,
    },
    /// The file is no journal.
    #[error("the file is no journal of b24")]
    ForeignFile,
    /// The journal comes from a newer version.
    #[error("the journal was written by a newer version of b24 (format {found}, this one knows {known})")]
    NewerVersion {
        /// Format of the file.
        found: u32,
        /// Newest format that this version knows.
        known: u32,
    },
    /// The disk is full, or a quota is used up.
    #[error("cannot {doing} in `{}`: the disk is full", path.display())]
    Full {
        /// The file.
        path: PathBuf,
        /// What was attempted.
        doing: &'static str,
        /// The database's words.
        #[source]
        source: rusqlite::Error,
    },
    /// Another program holds the file.
    #[error("cannot {doing}: another program holds the journal `{}`", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// What was attempted.
        doing: &'static str,
        /// The database's words.
        #[source]
        source: rusqlite::Error,
    },
    /// Anything else the database says.
    #[error("cannot {doing}")]
    Store {
        /// What was attempted.
        doing: &'static str,
        /// The database's words.
        #[source]
        source: rusqlite::Error,
    },
    /// The journal holds something that this version cannot read.
    #[error("cannot read {what} of the journal")]
    Damaged {
        /// What it is.
        what: &'static str,
        /// What the decoder says.
        source: serde_json::Error,
    },
    /// A list of comment hashes is not `{"deal": "md5"}`.
    #[error("the list of comment hashes is malformed: {reason}")]
    Hashes {
        /// What is wrong.
        reason: String,
    },
}

fn is_refused_write(error: &rusqlite::Error) -> bool {
    let codes = [
        rusqlite::ffi::SQLITE_IOERR_WRITE,
        rusqlite::ffi::SQLITE_IOERR_FSYNC,
        rusqlite::ffi::SQLITE_IOERR_SHMSIZE,
    ];
    error.sqlite_error().is_some_and(|error| codes.contains(&error.extended_code))
}

impl JournalError {
    pub(super) fn store(doing: &'static str, source: rusqlite::Error) -> Self {
        let path = PathBuf::new();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full { path, doing, source },
            // A quota and a limit of the process are told as a failed write.
            Some(ErrorCode::SystemIoFailure) if is_refused_write(&source) => {
                Self::Full { path, doing, source }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path, doing, source },
            Some(ErrorCode::NotADatabase) => Self::ForeignFile,
            _ => Self::Store { doing, source },
        }
    }

    /// The same error with the file it concerns.
    pub(super) fn of(mut self, file: &Path) -> Self {
        if let Self::Full { path, .. } | Self::Locked { path, .. } = &mut self {
            file.clone_into(path);
        }
        self
    }

    /// The stable kebab code of this error, its area first.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Open { .. } => "journal.not-writable",
            Self::InUse { .. } => "journal.in-use",
            Self::OtherPortal { .. } => "journal.other-portal",
            Self::ForeignFile => "journal.foreign-file",
            Self::NewerVersion { .. } => "journal.newer-version",
            Self::Full { .. } => "journal.disk-full",
            Self::Locked { .. } => "journal.locked",
            Self::Store { .. } => "journal.failed",
            Self::Damaged { .. } => "journal.damaged",
            Self::Hashes { .. } => "journal.hashes-malformed",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Open { .. } => "choose a state folder on a local disk that you may write to",
            Self::InUse { .. } => "wait until it ends; the lock goes with the process that holds it",
            Self::OtherPortal { .. } => "choose the profile of that portal, or another state folder",
            Self::ForeignFile => "move the file away, or choose another state folder",
            Self::NewerVersion { .. } => "update b24",
            Self::Full { .. } => {
                "free some space and run again: what was sent without an outcome is looked for first"
            }
            Self::Locked { .. } => "close the program that has the file open and run again",
            Self::Store { .. } | Self::Damaged { .. } => {
                "restore the journal from a copy; without one, records are found again by their keys"
            }
            Self::Hashes { .. } => {
                "the list must be a JSON object such as {\"123\": \"d41d8cd98f00b204e9800998ecf8427e\"}"
            }
        }
    }
}
