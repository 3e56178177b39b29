//! Failures of the embedding queue.

use std::path::Path;

use embed_queue::{EmbedError, Error, StoreFault};

use super::Failure;
use crate::exit::Exit;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::of_queue(&error, Path::new("the queue file"))
    }
}

impl Failure {
    /// A failure of the queue in this file, where the failure itself does not say in which.
    pub(crate) fn of_queue(error: &Error, file: &Path) -> Self {
        let exit = match error {
            Error::Embedding { source, .. } | Error::Query { source } => of_provider(source),
            Error::EmptyDocument { .. } => Exit::Usage,
            _ => Exit::Refused,
        };
        Self::of_error(exit, error.code(), error, advice(error, file))
    }
}

fn of_provider(error: &EmbedError) -> Exit {
    match error {
        EmbedError::Configuration(_) => Exit::Refused,
        EmbedError::Rejected(_) => Exit::Partial,
        EmbedError::Unavailable(_) | EmbedError::RetryAfter { .. } | EmbedError::QuotaDay { .. } => {
            Exit::Unreachable
        }
    }
}

fn advice(error: &Error, file: &Path) -> String {
    let file = error.file().unwrap_or(file).display();
    match error {
        Error::NewerVersion { .. } => "update b24".to_owned(),
        Error::SpaceMismatch { .. } => {
            "`b24 index work` changes to the model of the settings; search goes on meanwhile".to_owned()
        }
        Error::OtherOwner { .. } => {
            "choose a profile of its own for each portal, or purge the content: b24 index purge --all"
                .to_owned()
        }
        Error::Embedding { .. } => "correct the cause, or add --on-failure defer".to_owned(),
        Error::Query { .. } => "correct the cause, or search with --mode text".to_owned(),
        Error::EmptyDocument { .. } => "give it some text".to_owned(),
        Error::NoSpace => "run `b24 index work` once: it chooses the model of the settings".to_owned(),
        Error::Stopped => "run it again; what was stored is kept".to_owned(),
        Error::ForeignFile => format!("move {file} away and index again"),
        Error::Store { fault, .. } => match fault {
            StoreFault::Locked => format!("try again when the process that writes {file} is done"),
            StoreFault::DiskFull => format!("free some space on the disk of {file}"),
            StoreFault::Damaged => format!("move {file} away and index again"),
            StoreFault::ReadOnly => format!("check who may read and write {file}"),
            _ => format!("check the disk of {file}; if it is in order, move the file away and index again"),
        },
        _ => format!("check who may read and write {file}"),
    }
}
