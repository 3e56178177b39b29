//! Why an import cannot begin or go on. What is wrong with single rows stands in the outcome file.

use std::io;
use std::path::PathBuf;

/// An import that cannot begin or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// Rows can only be added or updated.
    #[error("`{method}` takes no rows: its name must end in .add or .update")]
    Method {
        /// The method.
        method: String,
    },
    /// The rows cannot be read.
    #[error("cannot read `{}`", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The first line of a CSV file names no columns.
    #[error("cannot read the heading of `{}`: {reason}", path.display())]
    Heading {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The mapping of columns to fields cannot be followed.
    #[error("cannot map the columns: {reason}")]
    Map {
        /// What is wrong.
        reason: String,
    },
    /// The portal would drop this column without a word.
    #[error("the portal has no field `{field}` for the column `{column}`")]
    FieldUnknown {
        /// The column.
        column: String,
        /// The field it is to be sent as.
        field: String,
        /// The field that was perhaps meant.
        close: Option<String>,
    },
    /// The key is in no column.
    #[error("no column is sent as the key `{key}`")]
    KeyMissing {
        /// The key field.
        key: String,
    },
    /// The outcome file belongs to another portal or method.
    #[error("`{}` is about {found}, this run is about {wanted}", path.display())]
    Foreign {
        /// The outcome file.
        path: PathBuf,
        /// What it is about.
        found: String,
        /// What the run is about.
        wanted: String,
    },
    /// The outcome file is no outcome file.
    #[error("cannot read line {line} of `{}`: {reason}", path.display())]
    Outcomes {
        /// The outcome file.
        path: PathBuf,
        /// Its line.
        line: u64,
        /// What the parser says.
        reason: String,
    },
    /// Another run writes the outcome file.
    #[error("another run writes `{}`", path.display())]
    InUse {
        /// The outcome file.
        path: PathBuf,
    },
    /// The outcome file cannot be written.
    #[error("cannot write `{}`", path.display())]
    OutcomesNotWritable {
        /// The outcome file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A row that was sent already is not what it was.
    #[error("line {line} of `{}` was changed after it was sent", path.display())]
    InputChanged {
        /// The input.
        path: PathBuf,
        /// The line.
        line: u64,
    },
}

impl ImportError {
    /// Stable code in kebab case, with the area in front.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Method { .. } => "import.method",
            Self::Input { .. } => "import.not-readable",
            Self::Heading { .. } => "import.heading",
            Self::Map { .. } => "import.map",
            Self::FieldUnknown { .. } => "import.field-unknown",
            Self::KeyMissing { .. } => "import.key-not-mapped",
            Self::Foreign { .. } => "import.outcomes-foreign",
            Self::Outcomes { .. } => "import.outcomes-invalid",
            Self::InUse { .. } => "import.outcomes-in-use",
            Self::OutcomesNotWritable { .. } => "import.outcomes-not-writable",
            Self::InputChanged { .. } => "import.input-changed",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Method { .. } => "use `b24 call` or `b24 batch` for other methods".to_owned(),
            Self::Input { .. } => "check the path, and that the file is UTF-8".to_owned(),
            Self::Heading { .. } => {
                "the first line must name the columns, in UTF-8, with commas or semicolons".to_owned()
            }
            Self::Map { .. } => "write --map COLUMN=FIELD, or COLUMN=- to leave a column out".to_owned(),
            Self::FieldUnknown { column, close: Some(close), .. } => {
                format!("did you mean --map '{column}={close}'?")
            }
            Self::FieldUnknown { column, close: None, .. } => {
                format!("name the field with --map '{column}=FIELD', or leave it out with --map '{column}=-'")
            }
            Self::KeyMissing { .. } => "send one column as the key, with --map COLUMN=KEY".to_owned(),
            Self::Foreign { .. } | Self::InputChanged { .. } => {
                "name another outcome file with --outcomes, or restore the input".to_owned()
            }
            Self::Outcomes { .. } => "name another outcome file with --outcomes".to_owned(),
            Self::InUse { .. } => "wait for its end".to_owned(),
            Self::OutcomesNotWritable { .. } => "name a file in a folder that you may write to".to_owned(),
        }
    }
}
