//! Asks for pages: encodes chains into one request and reads what came of each.

mod chain;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::PAGE;
use super::plan::{Got, Load, Part};
use super::prepare::Prepared;
use super::profile::{Paging, Profile};
use crate::batch::{Reference, key};
use crate::call::Safety;
use crate::client::{Again, Client, Exchange};
use crate::envelope::{Answered, Pages, Rows, Shape};
use crate::error::Error;
use crate::params::Query;
use chain::Chain;

/// A list method of a portal, with the caller's parameters.
pub(super) struct Source {
    pub(super) client: Client,
    pub(super) method: String,
    pub(super) profile: Profile,
    pub(super) prepared: Prepared,
    /// How many rows matched when the first page was counted; 0 while nobody knows.
    pub(super) counted: AtomicU64,
    /// One page in a request, because the batch form cannot say what the parameters say.
    pub(super) alone: bool,
    /// Pages a request may hold: fewer after an answer that was too large.
    pub(super) largest: AtomicU64,
}

/// What came of one request.
pub(super) struct Landed {
    pub(super) got: Vec<Got>,
    /// The lowest and the largest key of the last page, and how many rows it has.
    pub(super) top: Option<(u64, u64, u64)>,
    /// How many rows match in all, as far as the portal said so.
    pub(super) total: Option<u64>,
}

impl Source {
    /// How many pages the next request should hold: neither too long for the portal nor too large an answer.
    pub(super) fn most(&self) -> u64 {
        if self.alone {
            return 1;
        }
        let share = self.client.inner.share(&self.method);
        let mut in_time = 1;
        let mut total = share;
        while in_time < 50 && total + share <= 1.0 {
            in_time += 1;
            total += share;
        }
        in_time.min(self.largest.load(Ordering::Relaxed))
    }

    pub(super) fn shape(&self) -> Shape {
        self.profile.shape()
    }

    pub(super) fn contradiction(&self, reason: &str) -> Error {
        Error::List { method: self.method.clone(), reason: self.client.inner.auth.strip(reason) }
    }

    pub(super) async fn fetch(&self, load: Load) -> Landed {
        let single = match load.parts.as_slice() {
            [part] if part.pages == 1 && (!load.wants_top || self.alone) => Some(*part),
            _ => None,
        };
        match single {
            Some(part) if self.prepared.paging != Paging::Keyset || self.alone => self.single(part).await,
            _ => self.together(&load).await,
        }
    }

    /// One page in a request of its own.
    async fn single(&self, part: Part) -> Landed {
        let params = match self.prepared.paging {
            Paging::Keyset => self.prepared.keys(&self.profile, part.low, part.high),
            Paging::Offsets | Paging::Whole => self.prepared.offset(part.low),
        };
        let mut chain = Chain::new(part);
        let mut total = None;
        match self.client.inner.single(&self.method, &params, Safety::Read).await {
            Ok(answered) => {
                total = answered.total.filter(|total| *total > 0);
                let rows = Rows::of(&answered.result, self.shape());
                chain.add(self, rows, total, answered.next);
            }
            Err(error) => chain.fail(error),
        }
        Landed { got: vec![chain.finish()], top: None, total }
    }

    /// Chains in one request, again as long as something passing keeps a page from being read.
    async fn together(&self, load: &Load) -> Landed {
        let mut chains: Vec<Chain> = load.parts.iter().map(|part| Chain::new(*part)).collect();
        let (mut top, mut total) = (None, None);
        let mut tries = 0;
        while chains.iter().any(Chain::is_open) {
            let body = self.encode(&chains, load.wants_top && top.is_none());
            match self.send(body).await {
                Ok(pages) => {
                    self.read(&mut chains, &pages, tries < self.client.inner.retry.retries, &mut total);
                    top = top.or_else(|| top_of(&pages));
                }
                Err(error) if error.is_too_much() && asked(&chains) > 1 => {
                    let half = asked(&chains) / 2;
                    self.largest.fetch_min(half, Ordering::Relaxed);
                    shorten(&mut chains, half);
                    continue;
                }
                Err(error) => {
                    chains
                        .iter_mut()
                        .filter(|chain| chain.is_open())
                        .for_each(|chain| chain.fail(error.clone()));
                }
            }
            if chains.iter().any(Chain::is_open) {
                tries += 1;
                let wait = self.client.inner.retry.wait(tries, self.client.inner.random(), Duration::ZERO);
                self.client.inner.note_repetition(wait);
                tokio::time::sleep(wait).await;
            }
        }
        Landed { got: chains.into_iter().map(Chain::finish).collect(), top, total }
    }

    async fn send(&self, (body, commands): (String, u64)) -> Result<Pages, Error> {
        let exchange = Exchange {
            method: "batch",
            body,
            uses: vec!["batch", &self.method],
            commands,
            again: Again::InParts,
            maps: true,
            pages: Some(self.shape()),
            reads: true,
            sent: None,
        };
        match self.client.inner.exchange(exchange).await? {
            Answered { pages: Some(pages), .. } => Ok(*pages),
            _ => Err(self.contradiction("the answer has no pages")),
        }
    }

    /// The request's body and how many commands it holds.
    fn encode(&self, chains: &[Chain], wants_top: bool) -> (String, u64) {
        let mut body = String::from(r#"{"halt":0,"cmd":{"#);
        let mut number = 0;
        for chain in chains.iter().filter(|chain| chain.is_open()) {
            let later = self.later(chain);
            for page in 0..chain.to_read() {
                let text = match &later {
                    Some((before, after)) if page > 0 => {
                        format!("{before}{}{after}", encoded_key(number - 1))
                    }
                    _ => self.command(chain, page),
                };
                push_command(&mut body, &key(number), &text);
                number += 1;
            }
        }
        if wants_top {
            let low = chains.first().map_or(0, Chain::low);
            let largest = self.prepared.largest(&self.profile, low);
            push_command(&mut body, TOP, &plain().command(&self.method, &largest));
        }
        body.push_str("}}");
        (body, number as u64 + u64::from(wants_top))
    }

    fn command(&self, chain: &Chain, page: u64) -> String {
        let params = match self.prepared.paging {
            Paging::Keyset => self.prepared.keys(&self.profile, chain.low(), chain.high()),
            Paging::Offsets | Paging::Whole => self.prepared.offset(chain.low() + page * PAGE),
        };
        plain().command(&self.method, &params)
    }

    /// The command of every page after the first, around the key of the command before it.
    fn later(&self, chain: &Chain) -> Option<(String, String)> {
        if self.prepared.paging != Paging::Keyset || chain.to_read() < 2 {
            return None;
        }
        let reference = Reference { batch: 0, index: 0, path: String::new() };
        let params = self.prepared.keys(&self.profile, reference, chain.high());
        let wrapper = match self.profile.wrapper {
            crate::envelope::Wrapper::Under(wrapper) => format!("%5B{wrapper}%5D"),
            _ => String::new(),
        };
        let row_key = self.profile.row_key.unwrap_or(self.profile.key);
        let query = Query { reference: &|_| MARK.to_string() };
        let text = query.command(&self.method, &params);
        let (before, after) = text.split_once(ENCODED_MARK)?;
        let last = format!("{wrapper}%5B{}%5D%5B{row_key}%5D", PAGE - 1);
        Some((format!("{before}%24result%5B"), format!("%5D{last}{after}")))
    }

    fn read(&self, chains: &mut [Chain], pages: &Pages, may_repeat: bool, total: &mut Option<u64>) {
        for time in pages.time.values() {
            let time = serde_json::from_str(time.json()).ok();
            self.client.inner.note_usage(&self.method, time.as_ref());
        }
        let mut number = 0;
        for chain in chains.iter_mut().filter(|chain| chain.is_open()) {
            let first_of_all = chain.low() == self.prepared.low;
            for page in 0..chain.to_read() {
                let key = key(number);
                number += 1;
                if !chain.is_open() || chain.is_held() {
                    continue;
                }
                let count = |map: &std::collections::HashMap<String, crate::envelope::Piece>| {
                    map.get(&key).and_then(crate::envelope::Piece::count).filter(|count| *count > 0)
                };
                if let Some(error) = pages.error.get(&key) {
                    chain.refuse(self, error.json(), may_repeat);
                } else if let Some(rows) = pages.rows.get(&key) {
                    let counted = count(&pages.total);
                    if first_of_all && page == 0 {
                        *total = counted;
                    }
                    chain.add(self, rows.clone(), counted, count(&pages.next));
                } else {
                    chain.miss(self, may_repeat);
                }
            }
            chain.release();
        }
    }
}

/// The key of the command that asks for the largest key of the list.
const TOP: &str = "top";
/// Stands for a key in a command and in its encoded form; no parameter holds it.
const MARK: char = '\u{1}';
const ENCODED_MARK: &str = "%01";

fn plain() -> Query<'static> {
    Query { reference: &|reference| reference.text() }
}

fn encoded_key(number: usize) -> String {
    key(number)
}

/// Commands are percent-encoded and keys are plain: nothing in them has to be escaped.
fn push_command(body: &mut String, key: &str, text: &str) {
    if !body.ends_with('{') {
        body.push(',');
    }
    body.push('"');
    body.push_str(key);
    body.push_str("\":\"");
    body.push_str(text);
    body.push('"');
}

fn top_of(pages: &Pages) -> Option<(u64, u64, u64)> {
    let rows = pages.rows.get(TOP)?.as_ref().ok()?;
    let (first, last) = rows.ends?;
    Some((first.min(last), first.max(last), rows.len() as u64))
}

fn asked(chains: &[Chain]) -> u64 {
    chains.iter().filter(|chain| chain.is_open()).map(Chain::to_read).sum()
}

/// Leaves the first `pages` pages; the plan asks for the others again.
fn shorten(chains: &mut [Chain], mut pages: u64) {
    for chain in chains.iter_mut().filter(|chain| chain.is_open()) {
        let kept = chain.to_read().min(pages);
        chain.shorten(kept);
        pages -= kept;
    }
}
