//! Questions to the authorization server: a code or a refresh token for a pair of tokens (reference, section 1.5).

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::application::with_query;
use super::secrets::Secrets;
use super::{Application, AuthError, Origin, Tokens};
use crate::error::Error;
use crate::retry::RetryPolicy;
use crate::transport::{Answer, Http, HttpOptions};

/// The vendor's authorization servers: portals of ru, am, az, ge, kz, kg, uz and by have the second one.
const VENDOR: [&str; 2] = ["oauth.bitrix.info", "oauth.bitrix24.tech"];

/// The longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What is given for tokens.
#[derive(Clone, Copy)]
pub(super) enum Grant<'a> {
    Code(&'a SecretString),
    Refresh(&'a SecretString),
}

/// The connection to the authorization server.
pub(super) struct TokenServer {
    http: Http,
    server: Origin,
    secrets: Arc<Secrets>,
}

#[derive(Deserialize)]
struct Wire {
    error: Option<String>,
    #[serde(default)]
    error_description: String,
    access_token: Option<String>,
    refresh_token: Option<String>,
    member_id: Option<String>,
    client_endpoint: Option<String>,
    server_endpoint: Option<String>,
}

impl TokenServer {
    /// The configured server, else the one that the tokens are of, else the vendor's first.
    pub(super) fn new(
        application: &Application,
        tokens: Option<&Tokens>,
        http: &HttpOptions,
        secrets: Arc<Secrets>,
    ) -> Result<Self, Error> {
        let given = application.server().or_else(|| tokens.and_then(Tokens::server)).cloned();
        let server = match given {
            Some(server) => server,
            None => VENDOR[0].parse().map_err(|_| Error::Setup {
                reason: "no authorization server".to_owned(),
                remedy: "name one with `oauth_host`".to_owned(),
            })?,
        };
        let options = HttpOptions { timeout: http.timeout.min(TIMEOUT), ..http.clone() };
        Ok(Self { http: super::connection(&server, &options)?, server, secrets })
    }

    /// Asks for tokens. Only what certainly did not arrive is asked again: a refresh token works once.
    pub(super) async fn ask(
        &self,
        application: &Application,
        grant: Grant<'_>,
        retry: RetryPolicy,
    ) -> Result<Tokens, AuthError> {
        let (kind, key, value) = match grant {
            Grant::Code(code) => ("authorization_code", "code", code),
            Grant::Refresh(token) => ("refresh_token", "refresh_token", token),
        };
        let pairs = [
            ("grant_type", kind),
            ("client_id", application.client_id()),
            ("client_secret", application.secret().expose_secret()),
            (key, value.expose_secret()),
        ];
        let address = SecretString::from(with_query(&self.server, "/oauth/token/", &pairs));
        let mut attempts = 0;
        let answer = loop {
            attempts += 1;
            match self.http.get(&address).await {
                Ok(answer) => break answer,
                Err(error) if error.proves_not_executed() && attempts <= retry.retries => {
                    tokio::time::sleep(retry.wait(attempts, u64::MAX, Duration::ZERO)).await;
                }
                Err(error) => {
                    let source = error.map_text(|text| self.secrets.strip(text));
                    return Err(AuthError::Unreachable { server: self.name(), source });
                }
            }
        };
        self.read(&answer)
    }

    fn name(&self) -> String {
        self.server.name().to_owned()
    }

    /// The presence of `error` decides: `wrong_client` comes with status 200.
    fn read(&self, answer: &Answer) -> Result<Tokens, AuthError> {
        let alien = |reason| AuthError::NotAnAnswer { server: self.name(), status: answer.status, reason };
        if (300..400).contains(&answer.status) {
            return Err(alien("it leads elsewhere, which is not followed"));
        }
        let wire: Wire = serde_json::from_slice(&answer.body).map_err(|_| alien("it is not its JSON"))?;
        if let Some(code) = wire.error {
            return Err(AuthError::Refused {
                server: self.name(),
                code: self.secrets.strip(&code),
                description: self.secrets.strip(wire.error_description.trim()),
            });
        }
        let (Some(access), Some(refresh), Some(member_id)) =
            (wire.access_token, wire.refresh_token, wire.member_id)
        else {
            return Err(alien("it has neither tokens nor an error"));
        };
        let portal = wire.client_endpoint.as_deref().and_then(origin_of);
        let portal = portal.ok_or_else(|| alien("it does not say which portal the tokens open"))?;
        let tokens = Tokens::new(access.into(), refresh.into(), member_id, portal);
        self.secrets.learn_tokens(&tokens);
        let server = wire.server_endpoint.as_deref().and_then(origin_of);
        Ok(tokens.of_server(Some(self.next_server(server))))
    }

    /// The server that an answer names is asked next if it is the vendor's: it is sent the client secret.
    fn next_server(&self, named: Option<Origin>) -> Origin {
        named
            .filter(|server| !server.is_plain() && VENDOR.contains(&server.name()))
            .filter(|_| VENDOR.contains(&self.server.name()))
            .unwrap_or_else(|| self.server.clone())
    }
}

fn origin_of(address: &str) -> Option<Origin> {
    Origin::of(&url::Url::parse(address).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::LARGEST_ANSWER;

    /// The server to be asked next, after this one has named another.
    fn next(asked: &str, named: &str) -> String {
        let options = HttpOptions { ca_file: None, timeout: TIMEOUT, largest_answer: LARGEST_ANSWER };
        let server = TokenServer {
            http: Http::new(true, &options).unwrap(),
            server: asked.parse().unwrap(),
            secrets: Arc::default(),
        };
        let body = format!(
            r#"{{"access_token":"a","refresh_token":"r","member_id":"m","expires_in":3600,"status":"L",
            "client_endpoint":"https://acme.bitrix24.ru/rest/","server_endpoint":"{named}"}}"#
        );
        let tokens = server.read(&Answer::new(200, body)).unwrap();
        assert_eq!(tokens.portal().to_string(), "https://acme.bitrix24.ru");
        tokens.server().unwrap().to_string()
    }

    #[test]
    fn the_server_that_an_answer_names_is_asked_next_only_if_it_is_the_vendors_p44() {
        let (info, tech) = ("https://oauth.bitrix.info", "https://oauth.bitrix24.tech");
        assert_eq!(next(info, "https://oauth.bitrix24.tech/rest/"), tech);
        assert_eq!(next(tech, "https://oauth.bitrix.info/rest/"), info);
        for named in ["https://oauth.thief.example/rest/", "http://oauth.bitrix24.tech/rest/", ""] {
            assert_eq!(next(info, named), info, "{named}");
        }
        let own = "https://oauth.company.example";
        assert_eq!(next(own, "https://oauth.bitrix.info/rest/"), own, "what is configured stays");
    }
}
