//! The tokens in use, and their renewal: one at a time, stored before used, shared with other programs.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Mutex;

use super::access::Pass;
use super::grant::{Grant, TokenServer};
use super::secrets::Secrets;
use super::store::stopped;
use super::{Application, AuthError, Origin, TokenStore, Tokens, store};
use crate::error::Error;
use crate::retry::RetryPolicy;
use crate::transport::HttpOptions;

/// An application's tokens.
pub(super) struct Renewal {
    application: Application,
    store: Arc<dyn TokenStore>,
    server: TokenServer,
    retry: RetryPolicy,
    secrets: Arc<Secrets>,
    current: RwLock<Current>,
    flight: Mutex<Flight>,
}

struct Current {
    tokens: Tokens,
    /// How many renewals have ended, well or badly.
    epoch: u64,
}

/// What is known from the last renewal; whoever holds it renews.
struct Flight {
    last: Result<(), AuthError>,
    /// New tokens that could not be stored yet.
    unsaved: Option<Tokens>,
}

impl Renewal {
    pub(super) fn new(
        application: Application,
        store: Arc<dyn TokenStore>,
        tokens: Tokens,
        http: &HttpOptions,
        retry: RetryPolicy,
    ) -> Result<Self, Error> {
        let secrets = Arc::new(Secrets::of(&application));
        secrets.learn_tokens(&tokens);
        let server = TokenServer::new(&application, Some(&tokens), http, secrets.clone())?;
        let current = RwLock::new(Current { tokens, epoch: 0 });
        let flight = Mutex::new(Flight { last: Ok(()), unsaved: None });
        Ok(Self { application, store, server, retry, secrets, current, flight })
    }

    pub(super) fn strip(&self, text: &str) -> String {
        self.secrets.strip(text)
    }

    pub(super) fn member_id(&self) -> String {
        self.tokens().member_id().to_owned()
    }

    /// The access token for a request that is sent now.
    pub(super) fn pass(&self) -> Pass {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Pass { token: current.tokens.access().clone(), epoch: current.epoch }
    }

    /// Gets new tokens for a request that was refused. A renewal that ended since the request was sent is the answer
    /// to it, too, so that a hundred refusals make one renewal and one failure.
    pub(super) async fn renew(self: &Arc<Self>, sent_in: u64) -> Result<(), AuthError> {
        let this = self.clone();
        // A task of its own: a caller that is dropped meanwhile must not lose tokens that are on their way.
        let task = tokio::spawn(async move { this.renew_now(sent_in).await });
        task.await.unwrap_or_else(|error| Err(AuthError::Unreadable(stopped(&error))))
    }

    /// Waits until no renewal is under way.
    pub(super) async fn settle(&self) {
        drop(self.flight.lock().await);
    }

    async fn renew_now(&self, sent_in: u64) -> Result<(), AuthError> {
        let mut flight = self.flight.lock().await;
        if self.pass().epoch != sent_in {
            return flight.last.clone();
        }
        let renewed = self.once(&mut flight).await;
        self.current.write().unwrap_or_else(PoisonError::into_inner).epoch += 1;
        tracing::debug!(renewed = renewed.is_ok(), "renewed the tokens");
        flight.last.clone_from(&renewed);
        renewed
    }

    async fn once(&self, flight: &mut Flight) -> Result<(), AuthError> {
        let _held = store::hold(&self.store).await?;
        if let Some(unsaved) = flight.unsaved.take() {
            return self.take_over(unsaved, flight);
        }
        let current = self.tokens();
        match self.store.load().map_err(AuthError::Unreadable)? {
            // Another program has renewed them meanwhile.
            Some(stored) if !stored.is_same_pair(&current) => {
                self.secrets.learn_tokens(&stored);
                self.check_member(&stored)?;
                self.use_now(stored.at(current.portal().clone()));
                return Ok(());
            }
            _ => {}
        }
        if let Err(error) = &flight.last
            && error.is_final()
        {
            return Err(error.clone());
        }
        let grant = Grant::Refresh(current.refresh());
        let renewed = self.server.ask(&self.application, grant, self.retry).await?;
        self.check_member(&renewed)?;
        // Where the portal is, the portal itself says: what the server names is never followed unasked.
        self.take_over(renewed.at(current.portal().clone()), flight)
    }

    fn tokens(&self) -> Tokens {
        self.current.read().unwrap_or_else(PoisonError::into_inner).tokens.clone()
    }

    fn use_now(&self, tokens: Tokens) {
        self.current.write().unwrap_or_else(PoisonError::into_inner).tokens = tokens;
    }

    fn check_member(&self, tokens: &Tokens) -> Result<(), AuthError> {
        if tokens.member_id() == self.member_id() {
            return Ok(());
        }
        Err(AuthError::AnotherPortal { found: format!("another portal, {}", tokens.portal().name()) })
    }

    /// Stores new tokens, then uses them. What cannot be stored is kept for the next attempt.
    fn take_over(&self, tokens: Tokens, flight: &mut Flight) -> Result<(), AuthError> {
        if let Err(error) = self.store.save(&tokens) {
            flight.unsaved = Some(tokens);
            return Err(AuthError::NotStored(error));
        }
        self.use_now(tokens);
        Ok(())
    }

    /// Stores where the portal has moved to. When that fails, the next run asks at the old address first.
    pub(super) async fn remember_portal(&self, portal: &Origin) {
        let _flight = self.flight.lock().await;
        let Ok(_held) = store::hold(&self.store).await else { return };
        self.use_now(self.tokens().at(portal.clone()));
        let stored = self.store.load().ok().flatten().unwrap_or_else(|| self.tokens());
        if let Err(error) = self.store.save(&stored.at(portal.clone())) {
            tracing::warn!(%error, "the portal's new address is not stored");
        }
    }
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.application.fmt(f)
    }
}
