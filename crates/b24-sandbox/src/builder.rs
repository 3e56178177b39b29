//! How a sandbox is to be.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::bucket::Rate;
use crate::engine::{Engine, Settings};
use crate::error::StartError;
use crate::faults::FaultPlan;
use crate::portal::Portal;
use crate::portal::schema::Schema;
use crate::sandbox::{Sandbox, TlsPort};
use crate::seed::SeedPlan;
use crate::{server, tls};

/// Settings of a sandbox; see [`crate::Sandbox::builder`].
#[derive(Debug, Clone)]
#[must_use]
pub struct SandboxBuilder {
    plan: SeedPlan,
    schema: Schema,
    port: u16,
    tls_port: Option<u16>,
    tls_files: Option<(PathBuf, PathBuf)>,
    settings: Settings,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            plan: SeedPlan { seed: 1, invoices: 1000, deals: 2000, contacts: None },
            schema: Schema::default(),
            port: 0,
            tls_port: None,
            tls_files: None,
            settings: Settings {
                rate: Rate { leak: 2.0, burst: 50 },
                operating_limit: Some(Duration::from_mins(8)),
                charge_batch: false,
                execution_cap: Duration::from_mins(1),
                latency: Duration::ZERO,
                command_latency: Duration::ZERO,
                faults: FaultPlan::default(),
                token_lifetime: Duration::from_hours(1),
            },
        }
    }
}

impl SandboxBuilder {
    /// Another seed makes another portal, the same seed the same one.
    pub fn seed(mut self, seed: u64) -> Self {
        self.plan.seed = seed;
        self
    }

    /// Number of smart invoices in all.
    pub fn invoices(mut self, count: u32) -> Self {
        self.plan.invoices = count;
        self
    }

    /// Number of deals in all.
    pub fn deals(mut self, count: u32) -> Self {
        self.plan.deals = count;
        self
    }

    /// Number of contacts in all; by default it follows from the invoices.
    pub fn contacts(mut self, count: u32) -> Self {
        self.plan.contacts = Some(count);
        self
    }

    /// Port of plain HTTP on 127.0.0.1; 0, the default, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Adds a TLS port on 127.0.0.1; 0 takes a free one.
    pub fn tls_port(mut self, port: u16) -> Self {
        self.tls_port = Some(port);
        self
    }

    /// PEM files of the TLS port's certificate and key instead of self-made ones.
    pub fn tls_files(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.tls_files = Some((certificate.into(), key.into()));
        self
    }

    /// Requests per second that leak out of the bucket; 0 switches the limit off. The default is 2.
    pub fn rate(mut self, per_second: f64) -> Self {
        self.settings.rate.leak = per_second;
        self
    }

    /// Requests that the bucket holds. The default is 50.
    pub fn burst(mut self, requests: u32) -> Self {
        self.settings.rate.burst = requests;
        self
    }

    /// Added to every request before it is executed.
    pub fn latency(mut self, time: Duration) -> Self {
        self.settings.latency = time;
        self
    }

    /// Added to every method execution, on its own or in a batch; it counts as execution time.
    pub fn command_latency(mut self, time: Duration) -> Self {
        self.settings.command_latency = time;
        self
    }

    /// Execution seconds a method may use in ten minutes; 0 switches the limit off. The default is 480.
    pub fn operating_limit(mut self, seconds: f64) -> Self {
        self.settings.operating_limit =
            Duration::try_from_secs_f64(seconds).ok().filter(|limit| !limit.is_zero());
        self
    }

    /// Charges the execution time of a batch to the method `batch` and none to its commands, as some builds were
    /// measured to do. By default it is the other way round, as the documentation says.
    pub fn charge_batch(mut self, charge: bool) -> Self {
        self.settings.charge_batch = charge;
        self
    }

    /// An execution stops here and the client gets a gateway's 504 page. The default is 60 s.
    pub fn execution_cap(mut self, time: Duration) -> Self {
        self.settings.execution_cap = time;
        self
    }

    /// Faults from the start on.
    pub fn faults(mut self, plan: FaultPlan) -> Self {
        self.settings.faults = plan;
        self
    }

    /// Fields, enumerations, funnels and stages of a portal instead of the built-in ones: the TOML that
    /// `b24 fields pull` writes. Seeded records keep their meaning: a stage that is not there becomes the first one
    /// with the same semantics.
    ///
    /// # Errors
    ///
    /// When the text is not such a structure; the error names the line.
    pub fn schema(mut self, text: &str) -> Result<Self, StartError> {
        self.schema = Schema::parse(text)?;
        Ok(self)
    }

    /// How long an access token of the application is valid. The default is an hour.
    pub fn token_lifetime(mut self, time: Duration) -> Self {
        self.settings.token_lifetime = time;
        self
    }

    /// Starts the sandbox on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When a port cannot be listened on or TLS not be set up.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let listener = listen(self.port).await?;
        let tls_port = match self.tls_port {
            Some(port) => Some((
                listen(port).await?,
                match &self.tls_files {
                    Some((certificate, key)) => tls::from_files(certificate, key)?,
                    None => tls::self_made()?,
                },
            )),
            None => None,
        };
        let engine = Arc::new(Engine::new(Portal::new(self.plan, self.schema), self.settings));
        let router = server::router(engine.clone());
        let (stop, stopped) = watch::channel(());
        let port = port_of(&listener, self.port)?;
        let mut tls = None;
        if let Some((listener, (acceptor, ca))) = tls_port {
            tls = Some(TlsPort { port: port_of(&listener, self.tls_port.unwrap_or_default())?, ca });
            tokio::spawn(server::serve(listener, router.clone(), Some(acceptor), stopped.clone()));
        }
        tokio::spawn(server::serve(listener, router, None, stopped));
        Ok(Sandbox { engine, port, tls, _stop: stop })
    }
}

async fn listen(port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|source| StartError::Listen { port, source })
}

fn port_of(listener: &TcpListener, asked: u16) -> Result<u16, StartError> {
    let address = listener.local_addr().map_err(|source| StartError::Listen { port: asked, source })?;
    Ok(address.port())
}
