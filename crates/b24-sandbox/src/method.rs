//! The border between the wire (routing, decoding, batch, limits) and the portal (data and methods).

use crate::value::{Map, Value};

/// On whose behalf a method runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The webhook's user.
    pub(crate) user_id: u32,
    /// The moment of the request; the portal never reads a clock itself.
    pub(crate) now: jiff::Timestamp,
    /// Scopes of the webhook, for `scope` and `app.info`.
    pub(crate) scopes: &'static [&'static str],
}

/// A successful answer of a method.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    /// The `result` member.
    pub(crate) result: Value,
    /// The `next` member.
    pub(crate) next: Option<u64>,
    /// The `total` member.
    pub(crate) total: Option<u64>,
    /// Rows delivered, for the journal.
    pub(crate) rows: u64,
}

impl Reply {
    /// A single result: neither `next` nor `total`.
    pub(crate) fn of(result: impl Into<Value>) -> Self {
        Self { result: result.into(), next: None, total: None, rows: 1 }
    }
}

/// An error answer of a method (`error`, `error_description`, further members).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    /// HTTP status when the method is called on its own.
    pub(crate) status: u16,
    /// `error`: a code, `""`, `0` or `100`.
    pub(crate) code: Value,
    /// `error_description`.
    pub(crate) description: String,
    /// Further members (`argument`).
    pub(crate) extra: Map,
}

impl Refusal {
    /// A legacy CRM refusal: HTTP 400 with an empty code.
    pub(crate) fn legacy(description: impl Into<String>) -> Self {
        Self::coded("", description)
    }

    /// A controller's refusal: HTTP 400 with a symbolic code.
    pub(crate) fn coded(code: impl Into<Value>, description: impl Into<String>) -> Self {
        Self { status: 400, code: code.into(), description: description.into(), extra: Map::new() }
    }
}

impl Refusal {
    /// The members of the error body, in their order.
    pub(crate) fn to_map(&self) -> Map {
        let mut out = Map::new();
        out.push("error", self.code.clone());
        out.push("error_description", self.description.clone());
        for (key, value) in self.extra.iter() {
            out.push(key.to_owned(), value.clone());
        }
        out
    }

    /// A refusal with a status of its own.
    pub(crate) fn with_status(status: u16, code: &'static str, description: &'static str) -> Self {
        Self { status, ..Self::coded(code, description) }
    }
}
