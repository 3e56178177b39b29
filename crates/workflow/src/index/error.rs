//! Why nothing more can be indexed.

use std::io;
use std::path::PathBuf;

/// An error of an import into the embedding queue; what concerns one file or record only is counted instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// A path that was given does not exist or cannot be read.
    #[error("cannot read `{}`", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A pattern is malformed.
    #[error("cannot understand the pattern `{pattern}`")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        source: Box<globset::Error>,
    },
    /// A collection's name is empty or belongs to the portal's content.
    #[error("the collection `{name}` cannot be given to files")]
    Collection {
        /// Its name.
        name: String,
    },
    /// The queue holds the content of another portal.
    #[error("cannot index {asked}: the queue holds the content of {bound}")]
    AnotherPortal {
        /// The portal of the queue.
        bound: String,
        /// The portal that was asked for.
        asked: String,
    },
    /// A field of the allow-list does not exist.
    #[error("the portal has no field `{name}` of a {entity}")]
    Field {
        /// The kind of records.
        entity: &'static str,
        /// The field's code.
        name: String,
    },
    /// The portal's time is not understood.
    #[error("cannot understand the portal's time `{text}`")]
    Clock {
        /// What it said.
        text: String,
    },
    /// The portal did not deliver a list.
    #[error("cannot read {what} from the portal")]
    Portal {
        /// What was asked for.
        what: &'static str,
        /// Why it did not come.
        source: Box<b24_client::Error>,
    },
    /// The portal refused or lost a call.
    #[error("cannot read {what} from the portal")]
    Call {
        /// What was asked for.
        what: &'static str,
        /// Why it did not come.
        source: Box<b24_client::CallError>,
    },
    /// Calls could not be put together.
    #[error("cannot ask the portal for {what}")]
    Batch {
        /// What was to be asked for.
        what: &'static str,
        /// Why not.
        source: Box<b24_client::BatchError>,
    },
    /// The queue failed.
    #[error(transparent)]
    Queue(#[from] embed_queue::Error),
}

impl IndexError {
    /// The stable kebab code of this error, its area first.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Path { .. } => "index.path",
            Self::Pattern { .. } => "index.pattern",
            Self::Collection { .. } => "index.collection",
            Self::AnotherPortal { .. } => "index.another-portal",
            Self::Field { .. } => "index.field-unknown",
            Self::Clock { .. } => "index.clock",
            Self::Portal { source, .. } => source.code(),
            Self::Call { source, .. } => source.code(),
            Self::Batch { source, .. } => source.code(),
            Self::Queue(error) => error.code(),
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Path { .. } => Some("check the path; with --prune a missing path removes its documents"),
            Self::Pattern { .. } => Some("write it like docs/**/*.md, in quotes"),
            Self::Collection { .. } => {
                Some("choose another name: `crm`, and what begins with `crm.`, is the portal's content")
            }
            Self::AnotherPortal { .. } => Some(
                "choose a profile of its own for each portal, or purge the content: b24 index purge --all",
            ),
            Self::Field { .. } => {
                Some("b24 fields lists the codes; correct [index.crm] in the configuration")
            }
            Self::Portal { .. } | Self::Call { .. } => Some("run it again; what was read is kept"),
            Self::Clock { .. } | Self::Batch { .. } | Self::Queue(_) => None,
        }
    }
}
