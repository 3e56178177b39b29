//! HTTP over reqwest: POST with a JSON body, no redirects followed, answers capped.

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use secrecy::{ExposeSecret, SecretString};

use super::{Answer, Request, Transport, TransportError};
use crate::auth::Origin;
use crate::error::Error;

/// Largest accepted answer.
pub(crate) const LARGEST_ANSWER: u64 = 64 * 1024 * 1024;

/// How to reach the portal.
#[derive(Debug, Clone)]
pub(crate) struct HttpOptions {
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) timeout: Duration,
    pub(crate) largest_answer: u64,
}

/// The real transport.
#[derive(Debug)]
pub(crate) struct HttpTransport(Http);

impl HttpTransport {
    /// Connections to a portal.
    pub(crate) fn new(portal: &Origin, options: &HttpOptions) -> Result<Self, Error> {
        if portal.is_plain() && !portal.is_loopback() {
            return Err(Error::PlainHttp { host: portal.host().to_owned() });
        }
        Http::new(portal.is_loopback(), options).map(Self)
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: Request) -> Result<Answer, TransportError> {
        let Request { body, access, .. } = request;
        let post = self.0.client.post(access.address().expose_secret());
        let post = post.header(CONTENT_TYPE, "application/json").header(ACCEPT, "application/json");
        let post = match access.token().map(ExposeSecret::expose_secret) {
            None => post.body(body),
            // A list of positional parameters has no room for a token.
            Some(token) if body.starts_with('[') => post.bearer_auth(token).body(body),
            // Not a header, which some web servers keep from PHP.
            Some(token) => post.body(with_token(&body, token)),
        };
        self.0.send(post).await
    }
}

/// The body with the token as its last key: of two equal keys PHP takes the last.
fn with_token(body: &str, token: &str) -> String {
    let start = body.trim_end().strip_suffix('}').unwrap_or(body);
    let comma = if start.trim_end().ends_with('{') { "" } else { "," };
    format!("{start}{comma}\"auth\":{}}}", serde_json::Value::from(token))
}

/// Connections of this crate: no redirect is followed, answers are capped.
#[derive(Debug)]
pub(crate) struct Http {
    client: reqwest::Client,
    largest_answer: u64,
}

impl Http {
    pub(crate) fn new(loopback: bool, options: &HttpOptions) -> Result<Self, Error> {
        let builder = reqwest::Client::builder()
            .timeout(options.timeout)
            .connect_timeout(options.timeout.min(Duration::from_secs(15)))
            // A portal that closes an idle connection just when a write goes out makes its outcome unknown.
            .pool_idle_timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("b24-client/", env!("CARGO_PKG_VERSION")));
        let extra = options.ca_file.as_deref().map(read_certificates).transpose()?;
        // On this machine neither the system's certificates nor its proxy have a say.
        let builder = match extra {
            extra if loopback => builder.tls_certs_only(extra.unwrap_or_default()).no_proxy(),
            Some(extra) => builder.tls_certs_merge(extra),
            None => builder,
        };
        let client = builder.build().map_err(|error| Error::Setup {
            reason: chain(&error),
            remedy:
                "install the system's certificates (package ca-certificates) or name a file with `ca_file`"
                    .to_owned(),
        })?;
        Ok(Self { client, largest_answer: options.largest_answer })
    }

    /// Fetches an address.
    pub(crate) async fn get(&self, address: &SecretString) -> Result<Answer, TransportError> {
        self.send(self.client.get(address.expose_secret()).header(ACCEPT, "application/json")).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, TransportError> {
        let mut response = request.send().await.map_err(failure)?;
        let status = response.status().as_u16();
        let location =
            response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let retry_after = super::throttle::retry_after(&header);
        let too_large = || TransportError::TooLarge { limit: self.largest_answer };
        if response.content_length().is_some_and(|length| length > self.largest_answer) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(failure)? {
            if body.len() as u64 + part.len() as u64 > self.largest_answer {
                return Err(too_large());
            }
            body.extend_from_slice(&part);
        }
        Ok(Answer { status, body, location, retry_after })
    }
}

/// Secrets of the address go with the address; the caller strips what is left.
fn failure(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    let text = chain(&error);
    if error.is_connect() && text.contains("certificate") {
        TransportError::Untrusted(text)
    } else if error.is_connect() {
        TransportError::Connect(text)
    } else if error.is_timeout() {
        TransportError::TimedOut(text)
    } else {
        TransportError::AfterSend(text)
    }
}

fn read_certificates(path: &std::path::Path) -> Result<Vec<reqwest::Certificate>, Error> {
    let refuse = |reason: String| Error::Setup {
        reason: format!("certificates of {}: {reason}", path.display()),
        remedy: "name a PEM file with the certificate of the authority that signed the portal's".to_owned(),
    };
    let pem = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
    let certificates = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| refuse(chain(&error)))?;
    if certificates.is_empty() {
        return Err(refuse("it holds no certificate".to_owned()));
    }
    Ok(certificates)
}

/// The causes of an error in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}
