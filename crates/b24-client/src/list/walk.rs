//! Walks through a list: one chain of pages ahead of the reader, never more.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{Stream, StreamExt as _, stream};
use serde::de::DeserializeOwned;
use tokio::task::JoinHandle;

use super::List;
use super::pages::{Found, PAGE};
use super::profile::{Paging, Profile};
use crate::batch::{Command, Loss, Raw, Reference, Run};
use crate::call::Safety;
use crate::client::Client;
use crate::envelope::Piece;
use crate::error::Error;
use crate::params::Params;

/// Pages of the first request, when nobody said how many rows to expect: most lists are short.
const FIRST_CHAIN: usize = 10;
/// Pages of every further request.
const CHAIN: usize = 50;

/// Rows of one step, and why there are no more, if so.
struct Step {
    found: Found,
    failure: Option<Error>,
    /// Where the next step begins, for offsets.
    offset: Option<u64>,
}

/// A step under way; dropping it ends the request.
struct Ahead(JoinHandle<Step>);

impl Drop for Ahead {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[derive(Clone)]
struct Source {
    client: Client,
    method: String,
    prepared: Params,
    profile: Profile,
    /// Pages a request may hold: fewer after an answer that was too large.
    largest: Arc<AtomicUsize>,
}

struct Walk {
    source: Source,
    ahead: Option<Ahead>,
    /// Rows that may still be given out.
    left: Option<u64>,
    given: u64,
}

impl<T: DeserializeOwned + Send + 'static> List<T> {
    pub(crate) fn stream(self, client: Client) -> impl Stream<Item = Result<T, Error>> + Send + use<T> {
        stream::once(async move { self.start(client) })
            .flat_map(|walk| match walk {
                Ok(walk) => stream::unfold(walk, Walk::next).left_stream(),
                Err(error) => stream::once(async { vec![Err(error)] }).right_stream(),
            })
            .flat_map(stream::iter)
    }

    fn start(self, client: Client) -> Result<Walk, Error> {
        let mut profile = Profile::of(&self.method);
        profile.wrapper = self.wrapper.or(profile.wrapper);
        let prepared = match profile.paging {
            Paging::Keyset => profile.prepare(&self.method, &self.params)?,
            Paging::Offsets | Paging::Whole => self.params,
        };
        let pages = match self.expecting {
            // One more than the rows fill: the last page must be seen to be short.
            Some(rows) => usize::try_from(rows).unwrap_or(usize::MAX) / PAGE + 1,
            None => FIRST_CHAIN,
        };
        let source = Source {
            client,
            method: self.method,
            prepared,
            profile,
            largest: Arc::new(AtomicUsize::new(CHAIN)),
        };
        let mut walk = Walk { source, ahead: None, left: self.limit, given: 0 };
        if self.limit != Some(0) {
            walk.ahead = Some(walk.source.clone().ahead(0, 0, walk.pages(pages)));
        }
        Ok(walk)
    }
}

impl Walk {
    /// Rows of the next step, already decoded; while they are read, the step after it is under way.
    async fn next<T: DeserializeOwned>(mut self) -> Option<(Vec<Result<T, Error>>, Self)> {
        let mut ahead = self.ahead.take()?;
        let step = match (&mut ahead.0).await {
            Ok(step) => step,
            Err(error) => {
                let failure = self.source.contradiction(&format!("the request was given up: {error}"));
                return Some((vec![Err(failure)], self));
            }
        };
        let mut rows = step.found.rows;
        if let Some(left) = self.left {
            rows.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            self.left = Some(left - rows.len() as u64);
        }
        self.given += rows.len() as u64;
        let full = self.left == Some(0);
        if step.failure.is_none() && !step.found.ended && !full {
            let pages = self.pages(CHAIN);
            let offset = step.offset.unwrap_or_default();
            self.ahead = Some(self.source.clone().ahead(step.found.last, offset, pages));
        }
        let mut items: Vec<Result<T, Error>> = rows.iter().map(|row| self.source.decode(row)).collect();
        if let Some(failure) = step.failure.filter(|_| !full) {
            items.push(Err(failure));
        }
        Some((items, self))
    }

    /// How many pages to ask for, when `wanted` would be best.
    fn pages(&self, wanted: usize) -> usize {
        let needed = self
            .left
            .map_or(usize::MAX, |left| usize::try_from(left.div_ceil(PAGE as u64)).unwrap_or(usize::MAX));
        wanted.min(needed).clamp(1, CHAIN)
    }
}

impl Source {
    fn ahead(self, last: u64, offset: u64, pages: usize) -> Ahead {
        Ahead(tokio::spawn(async move {
            match self.profile.paging {
                Paging::Keyset => self.chain_that_fits(last, pages).await,
                Paging::Offsets => self.offset(offset).await,
                Paging::Whole => self.whole().await,
            }
        }))
    }

    /// A chain that neither takes too long nor becomes too large an answer.
    async fn chain_that_fits(&self, last: u64, pages: usize) -> Step {
        loop {
            let share = self.client.inner.share(&self.method);
            let (mut in_time, mut total) = (1, share);
            while in_time < pages && total + share <= 1.0 {
                in_time += 1;
                total += share;
            }
            let pages = in_time.min(self.largest.load(Ordering::Relaxed));
            let step = self.chain(last, pages).await;
            if pages == 1 || !step.failure.as_ref().is_some_and(Error::is_too_large) {
                return step;
            }
            self.largest.store(pages / 2, Ordering::Relaxed);
        }
    }

    /// `pages` pages in one request, each above the last key of the one before.
    async fn chain(&self, last: u64, pages: usize) -> Step {
        let wrapper = self.profile.wrapper.map(|wrapper| format!("[{wrapper}]")).unwrap_or_default();
        let last_key = format!("{wrapper}[{}][{}]", PAGE - 1, self.profile.row_key);
        let commands: Vec<Command> = (0..pages)
            .map(|page| {
                let params = match page.checked_sub(1) {
                    None => self.profile.page(&self.prepared, last),
                    Some(index) => {
                        let reference = Reference { batch: 0, index, path: last_key.clone() };
                        self.profile.page(&self.prepared, reference)
                    }
                };
                Command { method: self.method.clone(), params, safety: Safety::Read }
            })
            .collect();
        let mut found = Found::above(last);
        for raw in Run::new(&self.client.inner, &commands, false).finish().await {
            let added = match raw {
                Raw::Ok { piece, .. } => self.add(&mut found, &piece),
                other => Err(self.failure(other)),
            };
            if added.is_err() || found.ended {
                return Step { found, failure: added.err(), offset: None };
            }
        }
        Step { found, failure: None, offset: None }
    }

    fn add(&self, found: &mut Found, page: &Piece) -> Result<(), Error> {
        found
            .add(page, self.profile.wrapper, self.profile.row_key)
            .map_err(|reason| self.contradiction(&reason))
    }

    /// One page from a counted offset.
    async fn offset(&self, offset: u64) -> Step {
        let mut params = self.prepared.clone();
        params.put("start", offset);
        let mut found = Found::above(0);
        let answered = match self.client.inner.single(&self.method, &params, Safety::Read).await {
            Ok(answered) => answered,
            Err(failure) => return Step { found, failure: Some(failure), offset: None },
        };
        let mut failure = found.add_unkeyed(&answered.result, self.profile.wrapper).err();
        let read = offset + found.rows.len() as u64;
        found.ended = answered.next.is_none();
        if let Some(next) = answered.next {
            if next != read {
                failure = Some(format!("the page after {read} rows begins at {next}"));
            }
        } else if let Some(total) = answered.total.filter(|total| *total != read && *total != 0) {
            failure = Some(format!("{read} rows were read of {total}"));
        }
        let failure = failure.map(|reason| self.contradiction(&reason));
        Step { found, failure, offset: answered.next }
    }

    /// The only page of a method that does not page.
    async fn whole(&self) -> Step {
        let mut found = Found::above(0);
        let answered = self.client.inner.single(&self.method, &self.prepared, Safety::Read).await;
        let failure = match answered {
            Ok(answered) => {
                let added = found.add_unkeyed(&answered.result, self.profile.wrapper);
                added.err().map(|reason| self.contradiction(&reason))
            }
            Err(failure) => Some(failure),
        };
        found.ended = true;
        Step { found, failure, offset: None }
    }

    fn decode<T: DeserializeOwned>(&self, row: &Piece) -> Result<T, Error> {
        row.decode(None).map_err(|reason| Error::Undecodable {
            method: self.method.clone(),
            reason: self.client.inner.auth.strip(&reason),
            raw: self.client.inner.auth.strip(row.json()),
        })
    }

    fn failure(&self, raw: Raw) -> Error {
        match raw {
            Raw::Rejected(error) => {
                Error::Api { method: self.method.clone(), attempts: 1, source: Box::new(error) }
            }
            Raw::NotExecuted(Loss::Limit(source)) => {
                Error::Api { method: self.method.clone(), attempts: 1, source }
            }
            Raw::NotExecuted(Loss::Request(error)) | Raw::Failed(Loss::Request(error)) => (*error).clone(),
            Raw::Ok { .. } | Raw::NotExecuted(_) | Raw::Failed(_) | Raw::Unknown(_) => {
                self.contradiction("a page before the last one has no answer")
            }
        }
    }

    fn contradiction(&self, reason: &str) -> Error {
        Error::List { method: self.method.clone(), reason: self.client.inner.auth.strip(reason) }
    }
}
