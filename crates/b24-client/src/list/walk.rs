//! Walks through a list: requests under way ahead of the reader, pages given out in order.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use futures::{Stream, StreamExt as _, stream};
use serde::de::DeserializeOwned;
use tokio::task::JoinSet;

use super::List;
use super::page::RawPage;
use super::plan::{Plan, Wish};
use super::prepare::prepare;
use super::profile::{Paging, Profile};
use super::source::{Landed, Source};
use crate::client::Client;
use crate::envelope::{Wrapper, row_key};
use crate::error::Error;

/// Requests of one list that are under way at once: the burst of a usual plan, less what others may need.
const IN_FLIGHT: usize = 48;

struct Walk {
    source: Arc<Source>,
    plan: Plan,
    /// Dropping it ends the requests.
    under_way: JoinSet<Landed>,
    /// Rows that may still be given out.
    left: Option<u64>,
    given: u64,
    total: Option<u64>,
    last: Option<RawPage>,
    /// Keys given out, where the order is not theirs.
    keys: HashSet<u64>,
    over: bool,
}

impl<T: DeserializeOwned + Send + 'static> List<T> {
    pub(crate) fn stream(self, client: Client) -> impl Stream<Item = Result<T, Error>> + Send + use<T> {
        let method = self.method.clone();
        let decoding = client.clone();
        self.pages(client)
            .map(move |page| match page {
                Ok(page) => page.rows().map(|row| decode(&decoding, &method, row)).collect(),
                Err(error) => vec![Err(error)],
            })
            .flat_map(stream::iter)
    }

    pub(crate) fn pages(self, client: Client) -> impl Stream<Item = Result<RawPage, Error>> + Send + use<T> {
        stream::once(async move { self.start(client) }).flat_map(|walk| match walk {
            Ok(walk) => stream::unfold(walk, Walk::next).left_stream(),
            Err(error) => stream::once(async { Err(error) }).right_stream(),
        })
    }

    fn start(self, client: Client) -> Result<Walk, Error> {
        let mut profile = Profile::of(&self.method);
        if let Some(wrapper) = self.wrapper {
            profile.wrapper = Wrapper::Under(wrapper);
        }
        let prepared = prepare(&profile, &self.method, &self.params)?;
        let plan = Plan::new(Wish {
            low: if prepared.paging == Paging::Keyset { prepared.low.max(self.above) } else { 0 },
            high: prepared.high,
            expecting: self.expecting,
            limit: self.limit,
            look_ahead: self.look_ahead,
            offsets: prepared.paging != Paging::Keyset,
            hurried: self.hurried,
        });
        if self.above > 0 && prepared.paging != Paging::Keyset {
            return Err(Error::ListParams {
                method: self.method,
                key: profile.key.to_owned(),
                reason: "its rows do not come in the order of a key, so it cannot go on above one".to_owned(),
            });
        }
        let alone = !prepared.keys(&profile, 0_u64, None).fits_query();
        Ok(Walk {
            source: Arc::new(Source {
                client,
                method: self.method,
                profile,
                prepared,
                counted: AtomicU64::new(0),
                alone,
                largest: AtomicU64::new(50),
            }),
            plan,
            under_way: JoinSet::new(),
            left: self.limit,
            given: 0,
            total: None,
            last: None,
            keys: HashSet::new(),
            over: false,
        })
    }
}

fn decode<T: DeserializeOwned>(client: &Client, method: &str, row: &str) -> Result<T, Error> {
    serde_json::from_str(row).map_err(|error| Error::Undecodable {
        method: method.to_owned(),
        reason: client.inner.auth.strip(&error.to_string()),
        raw: client.inner.auth.strip(row),
    })
}

impl Walk {
    /// The next page in order; while it is read, the pages after it are under way.
    async fn next(mut self) -> Option<(Result<RawPage, Error>, Self)> {
        if self.over {
            return None;
        }
        loop {
            if self.left == Some(0) {
                return None;
            }
            if let Some(page) = self.plan.pop() {
                self.launch();
                let page = self.give(page);
                self.over = page.is_err();
                return Some((page, self));
            }
            if let Some(error) = self.plan.failure().cloned() {
                self.over = true;
                return Some((Err(error), self));
            }
            if self.plan.is_done() {
                self.compare();
                return None;
            }
            self.launch();
            match self.under_way.join_next().await {
                Some(Ok(landed)) => self.land(landed),
                Some(Err(error)) => {
                    self.over = true;
                    let failure = self.source.contradiction(&format!("a request was given up: {error}"));
                    return Some((Err(failure), self));
                }
                None => {
                    self.over = true;
                    let failure = self.source.contradiction("nothing more is under way before the end");
                    return Some((Err(failure), self));
                }
            }
        }
    }

    /// Sends as many requests as may be under way.
    fn launch(&mut self) {
        while self.under_way.len() < IN_FLIGHT {
            let load = self.plan.next(self.source.most());
            if load.parts.is_empty() {
                return;
            }
            let source = Arc::clone(&self.source);
            self.under_way.spawn(async move { source.fetch(load).await });
        }
    }

    fn land(&mut self, landed: Landed) {
        self.total = self.total.or(landed.total);
        if let Some(top) = landed.top {
            self.plan.top(top);
        }
        for got in landed.got {
            self.plan.received(got);
        }
        if self.plan.wants_spreading() {
            let requests = self.source.client.inner.requests_at_once();
            self.plan.spread(requests.unwrap_or_default().min(IN_FLIGHT as u64));
        }
    }

    /// The page, if it goes on where the one before it ended.
    fn give(&mut self, mut page: RawPage) -> Result<RawPage, Error> {
        let prepared = &self.source.prepared;
        if let Some(last) = &self.last {
            if page.repeats(last) {
                return Err(self.source.contradiction("the same page came again"));
            }
            if let (true, Some(first), Some(key)) = (prepared.by_key, page.first_key(), last.last_key())
                && first <= key
            {
                let reason = format!("the key does not rise: {first} comes after {key}");
                return Err(self.source.contradiction(&reason));
            }
        }
        if let (false, Some(name)) = (prepared.by_key, self.source.profile.row_key) {
            for row in page.rows() {
                let key = row_key(row, name).map_err(|reason| self.source.contradiction(&reason))?;
                if !self.keys.insert(key) {
                    return Err(self.source.contradiction(&format!("the row {key} came twice")));
                }
            }
        }
        if let Some(left) = self.left {
            page.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            self.left = Some(left - page.rows_read());
        }
        self.given += page.rows_read();
        page.counted(self.total);
        // Only counted offsets can repeat a page unnoticed: keys of a keyset list are compared where they are read.
        self.last = (prepared.paging != Paging::Keyset).then(|| page.clone());
        if self.last.is_some() {
            page.without_keys();
        }
        Ok(page)
    }

    /// A portal in use changes while it is read: what it counted at first is only worth a word.
    fn compare(&self) {
        if let Some(total) = self.total.filter(|total| *total != self.given) {
            tracing::warn!(
                method = self.source.method,
                total,
                rows = self.given,
                "the portal counted another number of rows"
            );
        }
    }
}
