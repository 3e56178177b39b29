//! A chain of pages being read: what is accepted, what contradicts completeness or order.

use std::sync::atomic::Ordering;

use super::Source;
use crate::envelope::{Rows, command_refusal};
use crate::error::Error;
use crate::list::PAGE;
use crate::list::page::RawPage;
use crate::list::plan::{Got, Part};
use crate::list::profile::Paging;

/// A part of a request and what was read of it.
pub(super) struct Chain {
    part: Part,
    pages: Vec<RawPage>,
    /// Key of the last row, or offset after it.
    last: u64,
    left: u64,
    ended: bool,
    total: Option<u64>,
    failure: Option<Error>,
    /// A page was not answered; what follows it in the same answer means nothing.
    held: bool,
}

impl Chain {
    pub(super) fn new(part: Part) -> Self {
        Self {
            part,
            pages: Vec::new(),
            last: part.low,
            left: part.pages,
            ended: false,
            total: None,
            failure: None,
            held: false,
        }
    }

    /// Whether pages are still to be asked for.
    pub(super) fn is_open(&self) -> bool {
        self.left > 0 && !self.ended && self.failure.is_none()
    }

    pub(super) fn is_held(&self) -> bool {
        self.held
    }

    pub(super) fn release(&mut self) {
        self.held = false;
    }

    pub(super) fn low(&self) -> u64 {
        self.last
    }

    pub(super) fn high(&self) -> Option<u64> {
        self.part.high
    }

    pub(super) fn to_read(&self) -> u64 {
        self.left
    }

    pub(super) fn shorten(&mut self, pages: u64) {
        self.left = pages;
    }

    pub(super) fn fail(&mut self, error: Error) {
        self.failure = Some(error);
    }

    /// The page was answered.
    pub(super) fn add(
        &mut self,
        source: &Source,
        rows: Result<Rows, String>,
        total: Option<u64>,
        next: Option<u64>,
    ) {
        let added = rows.and_then(|rows| match source.prepared.paging {
            Paging::Keyset => self.add_keys(rows),
            Paging::Offsets | Paging::Whole => self.add_offset(source, rows, total, next),
        });
        self.left -= 1;
        if let Err(reason) = added {
            self.fail(source.contradiction(&reason));
        }
    }

    fn add_keys(&mut self, rows: Rows) -> Result<(), String> {
        if let Some(fault) = rows.fault {
            return Err(fault);
        }
        if rows.len() as u64 > PAGE {
            return Err(format!("a page has {} rows", rows.len()));
        }
        if let Some((first, last)) = rows.ends {
            if first <= self.last {
                return Err(format!("the key does not rise: {first} comes after {}", self.last));
            }
            if let Some(high) = self.part.high.filter(|high| *high < last) {
                return Err(format!("the condition on the key is ignored: {last} lies beyond {high}"));
            }
            self.last = last;
        }
        self.ended = (rows.len() as u64) < PAGE || self.part.high == Some(self.last);
        if rows.len() > 0 {
            self.pages.push(RawPage::new(rows));
        }
        Ok(())
    }

    fn add_offset(
        &mut self,
        source: &Source,
        rows: Rows,
        total: Option<u64>,
        next: Option<u64>,
    ) -> Result<(), String> {
        if let Some(fault) = rows.fault.as_ref().filter(|_| source.prepared.by_key) {
            return Err(fault.clone());
        }
        let (begin, length) = (self.last, rows.len() as u64);
        let read = begin + length;
        let counted = source.counted.load(Ordering::Relaxed);
        if let Some(total) = total.filter(|total| counted != 0 && *total != counted) {
            return Err(format!("{counted} rows matched at first and {total} later"));
        }
        match (self.part.high, next) {
            (Some(high), _) if length != (high - begin).min(PAGE) => {
                return Err(format!("the page at {begin} of {counted} has {length} rows"));
            }
            (Some(_), _) => {}
            (None, Some(next)) if source.prepared.paging == Paging::Whole => {
                return Err(format!("the method pages: more rows begin at {next}"));
            }
            (None, Some(next)) if next != read => {
                return Err(format!("the page after {read} rows begins at {next}"));
            }
            (None, Some(_)) => {
                self.total = total.filter(|_| length == PAGE);
                source.counted.store(self.total.unwrap_or_default(), Ordering::Relaxed);
            }
            (None, None) => {
                if let Some(total) = total.filter(|total| *total != read) {
                    return Err(format!("{read} rows were read of {total}"));
                }
            }
        }
        self.ended = match self.part.high {
            Some(high) => read >= high,
            None => next.is_none(),
        };
        self.last = read;
        if rows.len() > 0 {
            self.pages.push(RawPage::new(rows));
        }
        Ok(())
    }

    /// The page was refused.
    pub(super) fn refuse(&mut self, source: &Source, entry: &str, may_repeat: bool) {
        let inner = &source.client.inner;
        let refusal = inner.stripped(&command_refusal(entry));
        inner.command_refused(&source.method, refusal.code);
        let passing = refusal.code.proves_not_executed() || refusal.is_ambiguous();
        if passing && may_repeat {
            self.held = true;
            return;
        }
        let attempts = if passing { inner.retry.retries + 1 } else { 1 };
        self.fail(Error::Api { method: source.method.clone(), attempts, source: Box::new(refusal) });
    }

    /// The page is neither among the results nor among the errors.
    pub(super) fn miss(&mut self, source: &Source, may_repeat: bool) {
        if may_repeat {
            self.held = true;
        } else {
            self.fail(source.contradiction("a page before the last one has no answer"));
        }
    }

    pub(super) fn finish(self) -> Got {
        Got {
            segment: self.part.segment,
            pages: self.pages,
            last: self.last,
            ended: self.ended,
            total: self.total,
            failure: self.failure,
        }
    }
}
