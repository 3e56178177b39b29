//! The client: one portal, one limiter, cheap to clone.

mod builder;
mod clock;
mod exchange;
#[cfg(test)]
mod tests;

pub use builder::ClientBuilder;
pub(crate) use exchange::{Again, Exchange, SentAt};

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use futures::Stream;
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::auth::{Application, Auth, Entrance, Origin, TokenStore};
use crate::batch::Batch;
use crate::call::{Call, Safety, is_known_read};
use crate::envelope::Answered;
use crate::error::Error;
use crate::limits::{Gate, LimitView, Stats};
use crate::list::{List, RawPage};
use crate::params::{Params, check_method};
use crate::retry::RetryPolicy;
use crate::transport::Transport;
use crate::webhook::Webhook;

/// A portal, with its limits observed. Clones share limiter and connections.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) auth: Auth,
    pub(crate) retry: RetryPolicy,
    transport: Arc<dyn Transport>,
    gate: Gate,
    counters: exchange::Counters,
    clock: clock::PortalClock,
    jitter: AtomicU64,
}

/// A result with what stands around it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Reply<T> {
    /// The result.
    pub result: T,
    /// How many rows match in all, where the method counts them.
    pub total: Option<u64>,
    /// Offset of the next page.
    pub next: Option<u64>,
    /// The portal's times.
    pub time: Option<Time>,
}

/// The `time` of an answer; every part may be missing.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[non_exhaustive]
#[serde(default)]
pub struct Time {
    /// Unix time of the end, by the portal's clock.
    pub finish: Option<f64>,
    /// Seconds of execution.
    pub duration: Option<f64>,
    /// Seconds of execution of this method in the last ten minutes.
    pub operating: Option<f64>,
    /// Unix time when the oldest of these seconds no longer count.
    pub operating_reset_at: Option<f64>,
    /// End by the portal's clock, ISO 8601 with its offset.
    pub date_finish: Option<String>,
}

impl Client {
    /// Prepares a client for the portal of a webhook.
    pub fn builder(webhook: Webhook) -> ClientBuilder {
        ClientBuilder::new(Entrance::Webhook(webhook))
    }

    /// Prepares a client for an application whose tokens are in this store, or come there by
    /// [`ClientBuilder::login`].
    pub fn application(application: Application, store: Arc<dyn TokenStore>) -> ClientBuilder {
        ClientBuilder::new(Entrance::Application(application, store))
    }

    /// Where the portal is now: its host may change once when it was renamed and the new host is accepted.
    #[must_use]
    pub fn portal(&self) -> Origin {
        self.inner.auth.portal()
    }

    /// What plans, journals and queues made from this portal carry: `host` or `host:port` of a webhook, the member id
    /// of an application's portal. A rename does not change it.
    #[must_use]
    pub fn identity(&self) -> String {
        self.inner.auth.identity()
    }

    /// Waits until an application's tokens that are on their way are stored: to be awaited when calls were dropped and
    /// the runtime is about to end, because the authorization server gives them only once.
    pub async fn settle(&self) {
        self.inner.auth.settle().await;
    }

    /// Runs one call.
    ///
    /// # Errors
    /// When there is no result; [`Error::may_be_executed`] tells whether a write may have happened.
    pub async fn call<T: DeserializeOwned>(&self, call: Call<T>) -> Result<T, Error> {
        self.reply(call).await.map(|reply| reply.result)
    }

    /// Runs one call and gives the result with total, next offset and times.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn reply<T: DeserializeOwned>(&self, call: Call<T>) -> Result<Reply<T>, Error> {
        let method = call.method;
        let answered = self.inner.single(&method, &call.params, call.safety).await?;
        match answered.result.decode(call.wrapper) {
            Ok(result) => {
                Ok(Reply { result, total: answered.total, next: answered.next, time: answered.time })
            }
            Err(reason) => Err(Error::Undecodable {
                raw: self.inner.auth.strip(answered.result.json()),
                reason: self.inner.auth.strip(&reason),
                method,
            }),
        }
    }

    /// The portal's reply, unchanged. A method that [`is_known_read`](crate::is_known_read) does not know is
    /// treated as a write. A refusal is an [`Error`] whose [`ApiError::body`](crate::ApiError::body) is the reply.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn call_text(&self, method: &str, params: &Params) -> Result<String, Error> {
        let safety = if is_known_read(method) { Safety::Read } else { Safety::Write };
        self.inner.single(method, params, safety).await.map(|answered| answered.result.whole().to_owned())
    }

    /// An empty batch for this portal.
    pub fn batch(&self) -> Batch {
        Batch::new(self.clone())
    }

    /// Streams the rows of a list in key order.
    pub fn list<T: DeserializeOwned + Send + 'static>(
        &self,
        list: List<T>,
    ) -> impl Stream<Item = Result<T, Error>> + Send + use<T> {
        list.stream(self.clone())
    }

    /// Streams the same list in pages of rows as the portal wrote them: the fastest way to hand rows on.
    pub fn pages(&self, list: List<()>) -> impl Stream<Item = Result<RawPage, Error>> + Send + use<> {
        list.pages(self.clone())
    }

    /// What this client and its clones have done so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.inner.counters.stats()
    }

    /// The time on the portal's clock: it is this or later. From the last answer that told it and what has passed since,
    /// so this machine's clock has no part in it. `None` before the first such answer.
    #[must_use]
    pub fn portal_time(&self) -> Option<Timestamp> {
        self.inner.clock.at_least()
    }

    /// What is used of the portal's limits.
    #[must_use]
    pub fn limits(&self) -> LimitView {
        self.inner.gate.view()
    }
}

impl Inner {
    /// One call in one request.
    pub(crate) async fn single(
        &self,
        method: &str,
        params: &Params,
        safety: Safety,
    ) -> Result<Answered, Error> {
        self.single_at(method, params, safety, None).await
    }

    /// As [`Inner::single`], noting when it was sent last.
    pub(crate) async fn single_at(
        &self,
        method: &str,
        params: &Params,
        safety: Safety,
        sent: Option<&SentAt>,
    ) -> Result<Answered, Error> {
        let refuse = |source| Error::Params { method: method.to_owned(), source };
        check_method(method).and_then(|()| params.check()).map_err(refuse)?;
        let body = params.to_json().map_err(refuse)?;
        let uses = vec![method];
        self.exchange(Exchange {
            method,
            body,
            uses,
            commands: 1,
            again: if safety.repeatable() { Again::AsItIs } else { Again::Never },
            maps: false,
            pages: None,
            reads: safety == Safety::Read,
            sent,
        })
        .await
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("auth", &self.inner.auth).finish_non_exhaustive()
    }
}
