//! Who the client is for the portal, and where the portal is now.

mod access;
mod application;
mod error;
mod grant;
mod origin;
mod renewal;
mod secrets;
mod store;
mod tokens;

pub use access::Access;
pub use application::Application;
pub use error::AuthError;
pub use origin::{Origin, OriginError};
pub use store::{FileStore, MemoryStore, StoreError, StoreGuard, TokenStore};
pub use tokens::Tokens;

use std::sync::{Arc, PoisonError, RwLock};

use secrecy::SecretString;

use crate::error::Error;
use crate::retry::RetryPolicy;
use crate::transport::{Http, HttpOptions};
use crate::webhook::Webhook;
use grant::{Grant, TokenServer};
use renewal::Renewal;
use secrets::Secrets;

/// What opens the portal, as a builder holds it.
pub(crate) enum Entrance {
    Webhook(Webhook),
    Application(Application, Arc<dyn TokenStore>),
}

/// A webhook, or an application with its tokens. Clones share tokens and the portal's present address.
#[derive(Clone)]
pub(crate) struct Auth(Arc<Inner>);

struct Inner {
    door: Door,
    /// The host a renamed portal may have: `host` or `host:port`.
    accept_host: Option<String>,
    portal: RwLock<Origin>,
}

enum Door {
    Webhook(Webhook),
    Application(Arc<Renewal>),
}

impl Entrance {
    /// The portal as it is configured.
    pub(crate) fn portal(&self) -> &Origin {
        match self {
            Self::Webhook(webhook) => webhook.origin(),
            Self::Application(application, _) => application.portal(),
        }
    }

    /// Exchanges the code of a login for tokens and stores them.
    pub(crate) async fn login(
        &self,
        code: SecretString,
        accept_host: Option<&str>,
        http: &HttpOptions,
    ) -> Result<(), Error> {
        let Self::Application(application, store) = self else { return Ok(()) };
        let refuse = |source| Error::Login { portal: application.portal().name().to_owned(), source };
        let secrets = Arc::new(Secrets::of(application));
        secrets.learn(code.clone());
        let server = TokenServer::new(application, None, http, secrets)?;
        let tokens = server.ask(application, Grant::Code(&code), RetryPolicy::NONE).await.map_err(refuse)?;
        tokens.check_portal(application, accept_host).map_err(refuse)?;
        let _held = store::hold(store).await.map_err(refuse)?;
        store.save(&tokens).map_err(AuthError::NotStored).map_err(refuse)
    }
}

impl Auth {
    /// Opens an entrance; an application's tokens are read from its store.
    pub(crate) fn open(
        entrance: Entrance,
        accept_host: Option<String>,
        http: &HttpOptions,
        retry: RetryPolicy,
    ) -> Result<Self, Error> {
        let (door, portal) = match entrance {
            Entrance::Webhook(webhook) => {
                let portal = webhook.origin().clone();
                (Door::Webhook(webhook), portal)
            }
            Entrance::Application(application, store) => {
                let refuse = |source| Error::Login { portal: application.portal().name().to_owned(), source };
                let tokens = store.load().map_err(AuthError::Unreadable).map_err(refuse)?;
                let tokens = tokens.ok_or_else(|| refuse(AuthError::NoTokens))?;
                tokens.check_portal(&application, accept_host.as_deref()).map_err(refuse)?;
                let portal = tokens.portal().clone();
                let renewal = Renewal::new(application, store, tokens, http, retry)?;
                (Door::Application(Arc::new(renewal)), portal)
            }
        };
        Ok(Self(Arc::new(Inner { door, accept_host, portal: RwLock::new(portal) })))
    }

    /// Where the portal is now.
    pub(crate) fn portal(&self) -> Origin {
        self.0.portal.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What files made from this portal carry: the host of a webhook, the member id of an application's portal.
    pub(crate) fn identity(&self) -> String {
        match &self.0.door {
            Door::Webhook(webhook) => webhook.identity(),
            Door::Application(renewal) => renewal.member_id(),
        }
    }

    /// The one point where texts that came from outside lose secrets before they enter an error or an event.
    pub(crate) fn strip(&self, text: &str) -> String {
        match &self.0.door {
            Door::Webhook(webhook) => webhook.strip(text),
            Door::Application(renewal) => renewal.strip(text),
        }
    }

    /// Where a call of this method goes now, and what lets it in.
    pub(crate) fn access(&self, method: &str) -> Access {
        let portal = self.portal();
        match &self.0.door {
            Door::Webhook(webhook) => Access::new(portal, webhook.path(method).into(), None),
            Door::Application(renewal) => {
                Access::new(portal, format!("/rest/{method}").into(), Some(renewal.pass()))
            }
        }
    }

    /// Gets new tokens after a call with this access was refused for its token.
    pub(crate) async fn renew(&self, refused: &Access) -> Result<(), AuthError> {
        match (&self.0.door, refused.epoch()) {
            (Door::Application(renewal), Some(epoch)) => renewal.renew(epoch).await,
            _ => Ok(()),
        }
    }

    /// Waits until tokens that are on their way are stored.
    pub(crate) async fn settle(&self) {
        if let Door::Application(renewal) = &self.0.door {
            renewal.settle().await;
        }
    }

    /// The new address that an answer tells of, unless it is the one that was asked.
    pub(crate) fn new_address(asked: &Access, location: &str) -> Option<Origin> {
        let to = Origin::of(&url::Url::parse(location).ok()?).ok()?;
        (to.name() != asked.portal().name()).then_some(to)
    }

    /// Goes where the portal has moved to, if that host is the accepted one. Never from https to http, and never
    /// between this machine and others.
    pub(crate) async fn follow(&self, asked: &Access, to: &Origin) -> bool {
        let from = asked.portal();
        let accepted = self.0.accept_host.as_deref().is_some_and(|host| to.is_named(host));
        if !accepted || to.is_loopback() != from.is_loopback() || (to.is_plain() && !from.is_plain()) {
            return false;
        }
        to.clone_into(&mut self.0.portal.write().unwrap_or_else(PoisonError::into_inner));
        tracing::info!(from = from.name(), to = to.name(), "the portal has moved");
        if let Door::Application(renewal) = &self.0.door {
            renewal.remember_portal(to).await;
        }
        true
    }
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0.door {
            Door::Webhook(webhook) => webhook.fmt(f),
            Door::Application(renewal) => renewal.fmt(f),
        }
    }
}

/// The connection to an authorization server.
fn connection(server: &Origin, http: &HttpOptions) -> Result<Http, Error> {
    Http::new(server.is_loopback(), http)
}
