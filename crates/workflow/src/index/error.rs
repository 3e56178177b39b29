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
            Self::Queue(error) => error.code(),
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Path { .. } => Some("check the path; with --prune a missing path removes its documents"),
            Self::Pattern { .. } => Some("write it like docs/**/*.md, in quotes"),
            Self::Collection { .. } => Some("choose a name that is not empty and does not begin with `crm.`"),
            Self::Queue(_) => None,
        }
    }
}
