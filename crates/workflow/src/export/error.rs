//! Why an export cannot begin or go on.

use std::io;
use std::path::PathBuf;

/// An export that cannot begin or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The parameters cannot be sent.
    #[error("cannot send the parameters")]
    Params(#[source] Box<b24_client::params::ParamsError>),
    /// The format is not known from the file's name.
    #[error("`{}` names no known format; end it in .jsonl or .csv", path.display())]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// The portal has no such field, and would drop it without a word.
    #[error("the portal has no field `{field}`")]
    FieldUnknown {
        /// What was asked for.
        field: String,
        /// The field that may have been meant.
        close: Option<String>,
    },
    /// The file is there, and replacing it was not asked for.
    #[error("`{}` exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// An interrupted export into the file is there, and neither resuming nor replacing it was asked for.
    #[error("an interrupted export into `{}` is there", path.display())]
    Interrupted {
        /// The file.
        path: PathBuf,
    },
    /// The interrupted export asked something else, so its rows and these do not belong together.
    #[error("cannot go on with `{}`: {differs}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What differs.
        differs: String,
    },
    /// What is known about the interrupted export is damaged.
    #[error("cannot read `{}`: {reason}", path.display())]
    State {
        /// The file with the state.
        path: PathBuf,
        /// What the parser says.
        reason: String,
    },
    /// Rows are missing that were written.
    #[error("`{}` is shorter than its state says", path.display())]
    Short {
        /// The file with the rows.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The export is whole, but its state cannot be removed.
    #[error("cannot remove `{}`", path.display())]
    Remove {
        /// The file with the state.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The writer given for the rows takes no more.
    #[error("cannot write the rows")]
    Writer(#[source] io::Error),
    /// A row is no JSON object, so it has no columns.
    #[error("cannot write a row as CSV: {reason}")]
    Row {
        /// What the parser says.
        reason: String,
    },
    /// The portal does not deliver.
    #[error("cannot read the rows from the portal")]
    Portal {
        /// Why they do not come.
        source: Box<b24_client::Error>,
        /// Rows that the next run can go on after.
        kept: Option<u64>,
    },
}

impl ExportError {
    /// The stable kebab code of this error, its area first.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Params(_) => "call.parameter",
            Self::FieldUnknown { .. } => "list.field-unknown",
            Self::Format { .. } => "list.format-unknown",
            Self::Exists { .. } | Self::Interrupted { .. } => "file.exists",
            Self::Foreign { .. } | Self::State { .. } => "list.resume-mismatch",
            Self::Short { .. } | Self::Read { .. } | Self::Write { .. } | Self::Remove { .. } => {
                "file.access"
            }
            Self::Writer(_) => "output.stdout",
            Self::Row { .. } => "list.row-malformed",
            Self::Portal { source, .. } => source.code(),
        }
    }
}
