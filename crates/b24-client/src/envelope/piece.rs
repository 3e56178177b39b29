//! A part of an answer's text, without a copy of it.

use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::keyed::Entries;

/// A JSON value inside an answer's text.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    text: Arc<String>,
    range: Range<usize>,
}

impl Piece {
    /// The piece of `text` that `part`, a slice of it, covers.
    pub(crate) fn of(text: &Arc<String>, part: &str) -> Self {
        let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        Self { text: Arc::clone(text), range: start..start + part.len() }
    }

    /// The answer it belongs to.
    pub(crate) fn text(&self) -> &Arc<String> {
        &self.text
    }

    pub(crate) fn json(&self) -> &str {
        self.text.get(self.range.clone()).unwrap_or("null")
    }

    /// A count, as a number or as a text.
    pub(crate) fn count(&self) -> Option<u64> {
        self.json().trim_matches('"').trim().parse().ok()
    }

    /// The whole answer it belongs to.
    pub(crate) fn whole(&self) -> &str {
        &self.text
    }

    /// The value under a wrapper key; an empty list stands for a map without that key.
    pub(crate) fn within(&self, wrapper: Option<&str>) -> Result<&str, String> {
        let Some(wrapper) = wrapper else { return Ok(self.json()) };
        if !self.json().starts_with(['{', '[']) {
            return Err(format!("it has no {wrapper}"));
        }
        let entries = Entries::read(self.json()).map_err(|error| error.to_string())?;
        match entries.get(wrapper) {
            Some(raw) => Ok(raw.get()),
            None if entries.is_empty() => Ok("[]"),
            None => Err(format!("it has no {wrapper}")),
        }
    }

    /// Decodes the value under a wrapper key.
    pub(crate) fn decode<T: DeserializeOwned>(&self, wrapper: Option<&str>) -> Result<T, String> {
        serde_json::from_str(self.within(wrapper)?).map_err(|error| error.to_string())
    }

    /// The value a reference path leads to, by the portal's rules: a missing step and `null` lead nowhere, and a
    /// number met before the end of the path is the value. An empty list is no value either: as a condition the
    /// portal would drop it and answer with everything.
    pub(crate) fn at<'a>(&'a self, path: &[&str]) -> Option<&'a str> {
        let mut here = self.json();
        for step in path {
            if here.starts_with(|first: char| first.is_ascii_digit()) {
                return Some(here);
            }
            here = Entries::read(here).ok()?.get(step).map(RawValue::get)?;
        }
        (!matches!(here, "null" | "[]")).then_some(here)
    }
}
