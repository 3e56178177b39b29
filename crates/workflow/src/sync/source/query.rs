//! What queries of SQLite and PostgreSQL have in common.

use super::SourceError;
use super::outlet::Plan;
use super::settings::wrong;
use crate::sync::Reject;

/// Stands in a query for where to go on.
pub(super) const CURSOR: &str = ":cursor";

/// What `:cursor` stands for.
#[derive(Debug, Clone)]
pub(super) enum Bound {
    /// A number, in plain digits.
    Number(String),
    /// A time.
    Time {
        /// On the clocks of the source's zone, as the mapping wants it.
        spelled: String,
        /// In UTC, RFC 3339.
        utc: String,
    },
}

/// The value of `:cursor`. Nothing would be newer than nothing, so there must be one.
pub(super) fn bound(plan: &Plan) -> Result<Bound, SourceError> {
    if plan.rule.is_none() {
        return Err(wrong("query", "it has :cursor, but there is no [source.cursor]"));
    }
    plan.bound()?.ok_or_else(|| wrong("cursor.initial", "the query has :cursor, so the first run needs it"))
}

pub(super) fn foreign_parameter() -> SourceError {
    wrong("query", "it may have one parameter, :cursor")
}

/// Every column needs a name of its own.
pub(super) fn check_columns(names: &[String]) -> Result<(), SourceError> {
    let repeated =
        names.iter().enumerate().find(|(index, name)| names.iter().take(*index).any(|one| one == *name));
    match repeated {
        Some((_, name)) => Err(wrong(
            "query",
            &format!("two of its columns are named `{name}`; write `AS` with another name"),
        )),
        None => Ok(()),
    }
}

pub(super) fn malformed(row: u64, column: &str, reason: &str, hint: &str) -> Reject {
    Reject {
        code: "sync.row-malformed".to_owned(),
        key: None,
        line: row,
        field: Some(column.to_owned()),
        value: None,
        message: format!("the column `{column}` cannot be read: {reason}"),
        hint: hint.to_owned(),
    }
}
