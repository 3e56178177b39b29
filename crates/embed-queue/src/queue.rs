//! Ingestion in both modes.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::dispatch::Delivery;
use crate::document::Document;
use crate::embedder::{EmbedError, Embedder, Input, ItemError, Usage};
use crate::error::Error;
use crate::hash::Hash;
use crate::store::{ATTEMPTS, Computed, Ingested, Store};
use crate::vector::Vector;
use crate::vocabulary::{Mode, OnFailure};

/// A store together with the embedder whose vectors it holds.
#[derive(Clone)]
pub struct Queue {
    store: Store,
    embedder: Arc<dyn Embedder>,
    call_timeout: Duration,
    patience: Duration,
    /// What calls used that could not be booked so far.
    owed: Arc<Mutex<Usage>>,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("space", &self.embedder.space()).finish_non_exhaustive()
    }
}

impl Queue {
    /// Chooses the embedder's space for the store.
    ///
    /// # Errors
    /// The store has vectors of another space, or its file fails.
    pub fn new(store: Store, embedder: Arc<dyn Embedder>, now: Timestamp) -> Result<Self, Error> {
        store.use_space(&embedder.space(), now)?;
        let (call_timeout, patience) = (Duration::from_mins(1), Duration::from_secs(10));
        Ok(Self { store, embedder, call_timeout, patience, owed: Arc::default() })
    }

    /// With another limit for one call to the provider than a minute.
    #[must_use]
    pub fn call_timeout(mut self, limit: Duration) -> Self {
        self.call_timeout = limit;
        self
    }

    /// With another limit than 10 seconds for all waits of one synchronous ingestion for a failing provider.
    #[must_use]
    pub fn patience(mut self, limit: Duration) -> Self {
        self.patience = limit;
        self
    }

    /// The file.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn embedder(&self) -> &dyn Embedder {
        &*self.embedder
    }

    pub(crate) fn limit(&self) -> Duration {
        self.call_timeout
    }

    /// Stores a document. In [`Mode::Sync`] its vectors are computed first and everything is READY in one transaction,
    /// so that a crash or a failing provider leaves nothing behind. In [`Mode::Async`] no provider is called.
    ///
    /// # Errors
    /// The document has no text, the file fails, or in synchronous mode the provider does and `on_failure` is
    /// [`OnFailure::Refuse`].
    pub async fn ingest(
        &self,
        document: Document,
        mode: Mode,
        on_failure: OnFailure,
        now: Timestamp,
    ) -> Result<Ingested, Error> {
        match mode {
            Mode::Async => self.store.blocking(move |store| store.put(&document, now)).await,
            Mode::Sync => self.embed_and_store(Arc::new(document), on_failure, now).await,
        }
    }

    async fn embed_and_store(
        &self,
        document: Arc<Document>,
        on_failure: OnFailure,
        now: Timestamp,
    ) -> Result<Ingested, Error> {
        if document.pieces.is_empty() {
            return Err(Error::EmptyDocument { source_name: document.source.clone() });
        }
        let space = self.embedder.space();
        let (asked, of) = (Arc::clone(&document), space.clone());
        let missing = self.store.blocking(move |store| store.missing(&asked, &of)).await?;
        let (vectors, fault, used) = self.embed(missing).await;
        match fault {
            Some(source) if on_failure == OnFailure::Refuse => {
                self.book(used, now).await;
                Err(Error::Embedding { source_name: document.source.clone(), source })
            }
            fault => {
                let used = self.owing(used);
                // Nothing is lost when a document that cost nothing fails because somebody holds the file for long.
                let attempts = if used == Usage::default() { 1 } else { ATTEMPTS };
                let store = move |store: &Store| {
                    let computed = Computed { space: &space, vectors: &vectors, used };
                    store.store(std::slice::from_ref(&*document), Some(&computed), now)
                };
                let stored = self.store.persisting(attempts, store).await;
                let stored = stored.inspect_err(|_| self.owe(used))?;
                let stored = stored.into_iter().next().ok_or(Error::NoSpace)?;
                Ok(Ingested { deferred: fault.map(|fault| fault.to_string()), ..stored })
            }
        }
    }

    /// Books what was used, even if nothing comes of it. That it cannot be booked now is no failure of anything: it is
    /// booked with what this queue uses next.
    pub(crate) async fn book(&self, used: Usage, now: Timestamp) {
        let used = self.owing(used);
        let lane = self.embedder.space().lane();
        if self.store.blocking(move |store| store.book(&lane, used, now)).await.is_err() {
            self.owe(used);
        }
    }

    /// This together with all that was owed, which is not any more.
    fn owing(&self, used: Usage) -> Usage {
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        *owed += used;
        std::mem::take(&mut owed)
    }

    fn owe(&self, used: Usage) {
        *self.owed.lock().unwrap_or_else(PoisonError::into_inner) += used;
    }

    /// The vectors there are, the first thing that went wrong for good, and what it cost.
    async fn embed(&self, mut missing: Vec<Input>) -> (HashMap<Hash, Vector>, Option<EmbedError>, Usage) {
        let (mut vectors, mut used) = (HashMap::new(), Usage::default());
        let mut patience = self.patience;
        for failures in 0.. {
            // Nothing is condemned here: a text that is refused fails this call only. So even a provider that never gave
            // a vector is asked whether it is the text's fault.
            let mut delivery = Delivery::new(&*self.embedder, missing.clone(), self.call_timeout, true);
            while delivery.step().await {}
            vectors.extend(delivery.vectors.drain());
            used += delivery.usage;
            let refused = delivery.faults.values().find(|fault| matches!(fault, ItemError::Permanent(_)));
            let Some(fault) = delivery.stopped.filter(|_| refused.is_none()) else {
                return (vectors, refused.or(delivery.faults.values().next()).map(of_text), used);
            };
            let Some(wait) = pause(&fault, failures).filter(|wait| *wait <= patience) else {
                return (vectors, Some(fault), used);
            };
            tokio::time::sleep(wait).await;
            patience -= wait;
            missing.retain(|input| !vectors.contains_key(&input.key));
        }
        (vectors, None, used)
    }
}

/// How long to wait before repeating the calls, if that can help.
fn pause(fault: &EmbedError, failures: u32) -> Option<Duration> {
    let own = Duration::from_millis(250).saturating_mul(2_u32.saturating_pow(failures));
    match fault {
        EmbedError::RetryAfter { after, .. } => Some(own.max(*after)),
        EmbedError::Unavailable(_) => Some(own),
        EmbedError::QuotaDay { .. } | EmbedError::Configuration(_) | EmbedError::Rejected(_) => None,
    }
}

fn of_text(fault: &ItemError) -> EmbedError {
    EmbedError::Rejected(fault.to_string())
}
