//! What can go wrong, with a code for scripts.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::embedder::EmbedError;

/// Everything that this crate reports as an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be made or made owner-only.
    #[error("could not create the queue file {}", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file was written by a newer version.
    #[error("could not open the queue file: its version is {found}, this program knows up to {known}")]
    NewerVersion {
        /// Of the file.
        found: u32,
        /// Of this program.
        known: u32,
    },
    /// The file is a database of something else.
    #[error("could not open the queue file: it is a database of another program")]
    ForeignFile,
    /// SQLite refused.
    #[error("could not {doing}: {fault}")]
    Store {
        /// What was attempted.
        doing: &'static str,
        /// The kind of refusal.
        fault: StoreFault,
        /// Which file, where that is known.
        file: Option<PathBuf>,
        /// SQLite's words.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Vectors of another model are in the file; spaces are never mixed.
    #[error("could not use the model {wanted}: the queue's vectors are of {active}")]
    SpaceMismatch {
        /// The space that was asked for.
        wanted: String,
        /// The space that the queue has.
        active: String,
    },
    /// The queue holds somebody else's documents.
    #[error("could not use the queue for {wanted}: it belongs to {found}")]
    OtherOwner {
        /// Who asked.
        wanted: String,
        /// Whose it is.
        found: String,
    },
    /// No embedding space is known yet, so nothing can be queued.
    #[error("could not store the document: no embedding model was chosen for this queue")]
    NoSpace,
    /// The program is ending; what was not committed yet did not happen.
    #[error("could not reach the queue file: the program is ending")]
    Stopped,
    /// The document has no text.
    #[error("could not store the document {source_name}: it has no text")]
    EmptyDocument {
        /// Its source.
        source_name: String,
    },
    /// The provider failed to embed a query.
    #[error("could not embed the query")]
    Query {
        /// What the provider said.
        source: EmbedError,
    },
    /// The provider failed in synchronous mode; nothing of this document was stored.
    #[error("could not embed the document {source_name}, it was not stored")]
    Embedding {
        /// The document's source.
        source_name: String,
        /// What the provider said.
        source: EmbedError,
    },
}

/// Why SQLite refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreFault {
    /// Another process holds the file for longer than the waiting time.
    #[error("another process holds the queue file")]
    Locked,
    /// The file or its folder may not be written.
    #[error("the queue file is read-only")]
    ReadOnly,
    /// No space left.
    #[error("the disk is full")]
    DiskFull,
    /// Not a database, or a broken one.
    #[error("the queue file is damaged")]
    Damaged,
    /// Anything else.
    #[error("the queue file gave an error")]
    Other,
}

impl Error {
    /// The code for scripts, in kebab case, with its area.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Create { .. } => "queue.create",
            Self::NewerVersion { .. } => "queue.newer-version",
            Self::ForeignFile => "queue.foreign-file",
            Self::Store { fault, .. } => match fault {
                StoreFault::Locked => "queue.locked",
                StoreFault::ReadOnly => "queue.read-only",
                StoreFault::DiskFull => "queue.disk-full",
                StoreFault::Damaged => "queue.damaged",
                StoreFault::Other => "queue.failed",
            },
            Self::SpaceMismatch { .. } => "queue.space-mismatch",
            Self::OtherOwner { .. } => "queue.other-owner",
            Self::NoSpace => "queue.no-space",
            Self::Stopped => "queue.stopped",
            Self::EmptyDocument { .. } => "document.empty",
            Self::Embedding { source, .. } | Self::Query { source } => source.code(),
        }
    }

    pub(crate) fn store(doing: &'static str, source: rusqlite::Error) -> Self {
        let fault = match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreFault::Locked,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                StoreFault::ReadOnly
            }
            Some(ErrorCode::DiskFull) => StoreFault::DiskFull,
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreFault::Damaged,
            _ => StoreFault::Other,
        };
        Self::Store { doing, fault, file: None, source: Box::new(source) }
    }

    /// Says which file it was.
    pub(crate) fn of(mut self, path: &Path) -> Self {
        if let Self::Store { file, .. } = &mut self {
            *file = Some(path.to_owned());
        }
        self
    }

    /// The file that it is about, where that is known.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Create { path, .. } => Some(path),
            Self::Store { file, .. } => file.as_deref(),
            _ => None,
        }
    }
}
