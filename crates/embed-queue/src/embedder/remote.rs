//! Embedding providers over HTTP: OpenAI-compatible servers, Ollama, TEI, Gemini.
//!
//! An answer without indices is believed only if it has as many vectors as were asked for; with indices, what it leaves
//! out is missing and nothing else. No vector is believed that has another number of components than was asked for.
//! Redirects are not followed: texts go to the named host and nowhere else.

mod refusal;
mod wire;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Answer, Capabilities, EmbedError, Embedder, Input, Purpose, Reply, Space, Usage};
use crate::crumbs::tokens;
pub use wire::Wire;

/// Bytes of JSON that a component of a vector may take, generously.
const COMPONENT: usize = 40;

/// How to reach a provider, and what it computes.
#[derive(Debug, Clone)]
pub struct Remote {
    /// How it is spoken to.
    pub wire: Wire,
    /// The address that the calls' paths are appended to, for example `https://api.openai.com/v1`.
    pub url: String,
    /// The model.
    pub model: String,
    /// Components of its vectors.
    pub dimensions: usize,
    /// Whether the model is asked for that number; others have only one.
    pub ask_dimensions: bool,
    /// The provider's key.
    pub key: Option<SecretString>,
    /// What stands before every document.
    pub document_prefix: String,
    /// What stands before every query.
    pub query_prefix: String,
    /// What one call may carry.
    pub capabilities: Capabilities,
    /// Certificates (PEM) to trust beside the system's.
    pub certificates: Option<Vec<u8>>,
    /// A call is given up after this time.
    pub timeout: Duration,
}

/// Why a provider cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// The address is no web address.
    #[error("`{0}` is no web address")]
    Url(String),
    /// Texts would go unprotected over the network.
    #[error("http:// would send texts and the key unprotected to {0}")]
    PlainHttp(String),
    /// The key has characters that no key has.
    #[error("the key has characters that cannot be sent")]
    Key,
    /// The connection cannot be set up.
    #[error("cannot set up connections: {0}")]
    Setup(String),
}

/// An [`Embedder`] that asks a provider over HTTP.
pub struct HttpEmbedder {
    settings: Remote,
    host: String,
    loopback: bool,
    client: reqwest::Client,
}

impl fmt::Debug for HttpEmbedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpEmbedder")
            .field("host", &self.host)
            .field("space", &self.space())
            .finish_non_exhaustive()
    }
}

impl HttpEmbedder {
    /// Nothing is sent yet.
    ///
    /// # Errors
    /// The address or the key is malformed, texts would go unprotected, or certificates cannot be read.
    pub fn new(settings: Remote) -> Result<Self, RemoteError> {
        let address =
            reqwest::Url::parse(&settings.url).map_err(|_| RemoteError::Url(settings.url.clone()))?;
        let host = address.host_str().ok_or_else(|| RemoteError::Url(settings.url.clone()))?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let loopback = bare == "localhost"
            || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        let host = match address.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        match address.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(RemoteError::PlainHttp(host)),
            _ => return Err(RemoteError::Url(settings.url.clone())),
        }
        let client = client(&settings, loopback)?;
        Ok(Self { settings, host, loopback, client })
    }

    /// The host that texts are sent to, with its port when it is not the usual one.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether texts stay on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    async fn ask(&self, purpose: Purpose, inputs: &[Input]) -> Result<Reply, EmbedError> {
        let call = wire::call(&self.settings, purpose, inputs);
        let unreachable = |error: reqwest::Error| {
            EmbedError::Unavailable(self.clean(&format!("{}: {}", self.host, chain(&error.without_url()))))
        };
        let address = format!("{}/{}", self.settings.url.trim_end_matches('/'), call.path);
        let sent = self.client.post(address).json(&call.body).send().await;
        let mut response = sent.map_err(unreachable)?;
        let status = response.status().as_u16();
        let header = |name: &HeaderName| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        let (after, date) = (header(&RETRY_AFTER), header(&DATE));
        let most = inputs.len() * self.settings.dimensions * COMPONENT + 1024 * 1024;
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(unreachable)? {
            body.extend_from_slice(&part);
            if body.len() > most {
                return Err(EmbedError::Unavailable(format!("{} sent more than {most} bytes", self.host)));
            }
        }
        if status != 200 {
            let fault = refusal::read(status, (after.as_deref(), date.as_deref()), &body);
            return Err(fault.worded(|text| self.clean(&format!("{} ({status}): {text}", self.host))));
        }
        let read = wire::reply(self.settings.wire, &body, inputs)
            .map_err(|reason| EmbedError::Unavailable(format!("{}: {reason}", self.host)))?;
        self.of_this_space(&read.answers)?;
        let estimated = || inputs.iter().map(|input| tokens(&input.text) as u64).sum();
        let usage = Usage { calls: 1, tokens: read.tokens.unwrap_or_else(estimated) };
        Ok(Reply { answers: read.answers, usage })
    }

    /// Every vector of another length is no slip of one answer: the settings are of another model.
    fn of_this_space(&self, answers: &[Answer]) -> Result<(), EmbedError> {
        let length = |answer: &Answer| answer.outcome.as_ref().map_or(0, Vec::len);
        let found = answers.first().map_or(0, length);
        let expected = self.settings.dimensions;
        if found != expected && found > 0 && answers.iter().all(|answer| length(answer) == found) {
            return Err(EmbedError::Configuration(format!(
                "{}: {} gives vectors of {found} dimensions, the settings say {expected}",
                self.host, self.settings.model
            )));
        }
        Ok(())
    }

    /// A provider may repeat the key in its words.
    fn clean(&self, text: &str) -> String {
        match &self.settings.key {
            Some(key) if !key.expose_secret().is_empty() => text.replace(key.expose_secret(), "***"),
            _ => text.to_owned(),
        }
    }
}

#[async_trait]
impl Embedder for HttpEmbedder {
    fn space(&self) -> Space {
        Space {
            provider: self.settings.wire.name().to_owned(),
            model: self.settings.model.clone(),
            dimensions: self.settings.dimensions,
            prefixes: wire::prefixes(&self.settings),
        }
    }

    fn capabilities(&self) -> Capabilities {
        self.settings.capabilities
    }

    async fn embed(&self, purpose: Purpose, inputs: &[Input]) -> Result<Reply, EmbedError> {
        if inputs.is_empty() {
            return Ok(Reply::default());
        }
        self.ask(purpose, inputs).await
    }
}

fn client(settings: &Remote, loopback: bool) -> Result<reqwest::Client, RemoteError> {
    let setup = |error: &reqwest::Error| RemoteError::Setup(chain(error));
    let mut headers = HeaderMap::new();
    if let Some(key) = &settings.key {
        let (name, text) = settings.wire.authorization(key.expose_secret());
        let mut value = HeaderValue::from_str(&text).map_err(|_| RemoteError::Key)?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    let builder = reqwest::Client::builder()
        .timeout(settings.timeout)
        .connect_timeout(settings.timeout.min(Duration::from_secs(15)))
        .redirect(redirect::Policy::none())
        .default_headers(headers)
        .user_agent(concat!("embed-queue/", env!("CARGO_PKG_VERSION")));
    let extra = settings.certificates.as_deref().map(reqwest::Certificate::from_pem_bundle).transpose();
    let extra = extra.map_err(|error| setup(&error))?;
    // On this machine neither the system's certificates nor its proxy have a say.
    let builder = match extra {
        extra if loopback => builder.tls_certs_only(extra.unwrap_or_default()).no_proxy(),
        Some(extra) => builder.tls_certs_merge(extra),
        None => builder,
    };
    builder.build().map_err(|error| setup(&error))
}

/// The causes of an error in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |cause| cause.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
