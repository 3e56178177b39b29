//! Lists: every matching row once, in key order, or an error.
//!
//! *Complete* means: a row that matches throughout the read appears exactly once. Pages are chained by key inside
//! batches: page n + 1 asks for keys above the last key of page n. A page with fewer than 50 rows is the last of its
//! chain; what the portal answers for the pages after it means nothing, because their condition could not be filled
//! in. Long lists are read in several chains at once, each over a range of keys; methods without a usable key are
//! read by counted offsets, which a change of the portal's data turns into an error.

mod page;
mod plan;
mod prepare;
mod profile;
mod source;
mod walk;

pub use page::RawPage;

use std::fmt;
use std::marker::PhantomData;

use crate::params::Params;

/// The portal's page size; there is no parameter for it.
const PAGE: u64 = 50;
/// Bytes of rows that are read before they are wanted, when nobody said otherwise.
const LOOK_AHEAD: u64 = 16 * 1024 * 1024;

/// A list of rows of a method, read by its key.
pub struct List<T> {
    method: String,
    params: Params,
    wrapper: Option<&'static str>,
    expecting: Option<u64>,
    limit: Option<u64>,
    above: u64,
    look_ahead: u64,
    hurried: bool,
    row: PhantomData<fn() -> T>,
}

impl<T> List<T> {
    /// Rows of a list method. How the method wraps its rows, names its key and pages is known for the documented
    /// methods; any other is read by counted offsets.
    #[must_use]
    pub fn new(method: impl Into<String>, params: Params) -> Self {
        Self {
            method: method.into(),
            params,
            wrapper: None,
            expecting: None,
            limit: None,
            above: 0,
            look_ahead: LOOK_AHEAD,
            hurried: false,
            row: PhantomData,
        }
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

    /// Begins above this key, as [`RawPage::last_key`] told it. Refused where rows do not come in key order.
    #[must_use]
    pub fn above(mut self, key: u64) -> Self {
        self.above = key;
        self
    }

    /// Bytes of rows that may be read before they are wanted. 16 MiB when not given.
    #[must_use]
    pub fn look_ahead(mut self, bytes: u64) -> Self {
        self.look_ahead = bytes;
        self
    }

    /// Lets a long list end sooner at the price of more requests: the range of keys is asked for first, and then the
    /// pages are spread over what the portal's burst has left, at most twice as many requests as full ones would be.
    /// For whoever wants nothing but this list; a job with more to ask for needs its requests later.
    #[must_use]
    pub fn hurried(mut self) -> Self {
        self.hurried = true;
        self
    }
}

impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List").field("method", &self.method).finish_non_exhaustive()
    }
}
