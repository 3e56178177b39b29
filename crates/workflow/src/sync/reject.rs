//! A row that cannot be synchronised, with what to do about it.

use serde::{Deserialize, Serialize};

/// Why a row was put aside. The rest of the run goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// Kebab code with its area, such as `sync.key-missing`.
    pub code: String,
    /// The external key, when the row has one.
    pub key: Option<String>,
    /// Where the row stands in the source.
    pub line: u64,
    /// The column or field concerned.
    pub field: Option<String>,
    /// Its value; personal data is masked wherever a reject is shown.
    pub value: Option<String>,
    /// What is wrong, lower case, without a period at the end.
    pub message: String,
    /// What to do.
    pub hint: String,
}
