//! A running sandbox.

use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use tokio::sync::watch;

use crate::builder::SandboxBuilder;
use crate::engine::Engine;
use crate::faults::FaultPlan;
use crate::journal::Journal;
use crate::model::{Basis, RegisterModel};
use crate::oauth::OAuthState;
use crate::tls::CaFile;

/// A running portal. It stops when this is dropped; what it is executing then still ends.
#[derive(Debug)]
pub struct Sandbox {
    pub(crate) engine: Arc<Engine>,
    pub(crate) port: u16,
    pub(crate) tls: Option<TlsPort>,
    pub(crate) _stop: watch::Sender<()>,
}

/// The TLS side.
#[derive(Debug)]
pub(crate) struct TlsPort {
    pub(crate) port: u16,
    pub(crate) ca: CaFile,
}

impl Sandbox {
    /// Settings to start from: seed 1, 1000 invoices, 2000 deals, the limits of a usual tariff, no faults.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    /// The administrator's webhook over plain HTTP.
    #[must_use]
    pub fn webhook(&self) -> String {
        self.webhook_of(1, "sandbox")
    }

    /// The address of another webhook: (2, `restricted`), (1, `noscope`), or one that does not exist.
    #[must_use]
    pub fn webhook_of(&self, user: u32, code: &str) -> String {
        format!("http://127.0.0.1:{}/rest/{user}/{code}/", self.port)
    }

    /// The administrator's webhook over TLS, when there is a TLS port.
    #[must_use]
    pub fn tls_webhook(&self) -> Option<String> {
        self.tls.as_ref().map(|tls| format!("https://127.0.0.1:{}/rest/1/sandbox/", tls.port))
    }

    /// The PEM file that makes a client trust the TLS port. A self-made one is removed when the sandbox stops.
    #[must_use]
    pub fn ca_file(&self) -> Option<&Path> {
        self.tls.as_ref().map(|tls| tls.ca.path())
    }

    /// What was asked so far.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.engine.journal()
    }

    /// The right register of a period, both days included.
    #[must_use]
    pub fn register_model(&self, from: Date, to: Date, basis: Basis) -> RegisterModel {
        self.engine.portal.register_model(from, to, basis)
    }

    /// What was written to `deal`, `contact`, `company`, `lead`, `invoice` or `comment` since the seed, as JSON.
    #[must_use]
    pub fn rows(&self, entity: &str) -> Option<String> {
        self.engine.portal.rows(entity).map(|rows| crate::encode::to_json(&rows))
    }

    /// The address of the portal and of its authorization server, over plain HTTP.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The application that is installed, and what it was given so far.
    #[must_use]
    pub fn oauth(&self) -> OAuthState {
        self.engine.oauth.show()
    }

    /// A code that logs the application in as the administrator, as the browser would bring it: valid for 30 s, once.
    #[must_use]
    pub fn authorization_code(&self) -> String {
        let now = self.engine.now().unix;
        self.engine.oauth.authorize(self.oauth().client_id, now).unwrap_or_default()
    }

    /// All access tokens end now.
    pub fn expire_tokens(&self) {
        self.engine.oauth.expire();
    }

    /// From now on every request for tokens is refused with this code; `None` takes it back.
    pub fn refuse_tokens(&self, code: Option<&str>) {
        self.engine.oauth.refuse(code.map(str::to_owned));
    }

    /// From now on the portal is called `localhost:PORT`; calls to `127.0.0.1:PORT` are answered with 302.
    pub fn rename(&self) {
        self.engine.rename(true);
    }

    /// Replaces the faults; calls are counted from now on.
    pub fn inject(&self, plan: FaultPlan) {
        self.engine.inject(plan);
    }

    /// Back to the start: data, limits, counters, and the faults given to the builder.
    pub fn reset(&self) {
        self.engine.reset();
    }
}
