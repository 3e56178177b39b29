//! Lists: every matching row once, in key order, or an error.
//!
//! *Complete* means: a row that matches throughout the read appears exactly once. Pages are chained by key inside
//! batches: page n + 1 asks for keys above the last key of page n. A page with fewer than 50 rows is the last; what
//! the portal answers for the pages after it means nothing, because their condition could not be filled in.

mod pages;
mod profile;
mod walk;

use std::fmt;
use std::marker::PhantomData;

use crate::params::Params;

/// A list of rows of a method, read by its key.
pub struct List<T> {
    method: String,
    params: Params,
    wrapper: Option<&'static str>,
    expecting: Option<u64>,
    limit: Option<u64>,
    row: PhantomData<fn() -> T>,
}

impl<T> List<T> {
    /// Rows of a list method. How the method wraps its rows, names its key and pages is known for the methods of
    /// the CRM; others are read as the older lists are (`ID`, no wrapper).
    #[must_use]
    pub fn new(method: impl Into<String>, params: Params) -> Self {
        Self { method: method.into(), params, wrapper: None, expecting: None, limit: None, row: PhantomData }
    }

    /// The rows stand under this key of the result.
    #[must_use]
    pub fn wrapper(mut self, wrapper: &'static str) -> Self {
        self.wrapper = Some(wrapper);
        self
    }

    /// About how many rows to expect: makes the first request as large as it needs to be.
    #[must_use]
    pub fn expecting(mut self, rows: u64) -> Self {
        self.expecting = Some(rows);
        self
    }

    /// Ends after this many rows, and asks for no more pages than that takes.
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }
}

impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List").field("method", &self.method).finish_non_exhaustive()
    }
}
