//! What opens a portal: a webhook, or an application that somebody logs in to.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use b24_client::{Application, Origin, Webhook};

use super::Settings;
use super::profile::{Profile, SecretText};
use crate::code::Code;
use crate::failure::Failure;

/// The keys of a profile that belong to an application.
const KEYS: &str = "portal, client_id, client_secret_file, oauth_host";

/// What opens the portal of a run.
#[derive(Debug)]
pub(crate) enum Entrance {
    /// The address of an incoming webhook.
    Webhook(Webhook),
    /// An application with its tokens.
    Application(Installed),
}

/// An application, and where its tokens are kept.
#[derive(Debug)]
pub(crate) struct Installed {
    /// The application.
    pub(crate) application: Application,
    /// `tokens.json` in the state folder of the profile.
    pub(crate) tokens: PathBuf,
}

impl Entrance {
    /// Where the portal is, as configured.
    pub(crate) fn portal(&self) -> &Origin {
        match self {
            Self::Webhook(webhook) => webhook.origin(),
            Self::Application(installed) => installed.application.portal(),
        }
    }
}

impl fmt::Display for Entrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Webhook(webhook) => webhook.fmt(f),
            Self::Application(Installed { application, tokens }) => {
                write!(f, "{}, application {}", application.portal(), application.client_id())?;
                if tokens.exists() { Ok(()) } else { f.write_str(", not logged in") }
            }
        }
    }
}

impl Profile {
    /// Whether a key of an application is there.
    pub(super) fn is_application(&self) -> bool {
        self.portal.is_some()
            || self.client_id.is_some()
            || self.client_secret_file.is_some()
            || self.oauth_host.is_some()
    }
}

impl Settings {
    /// The application of a profile.
    ///
    /// # Errors
    /// A key is missing or malformed, there is a webhook too, or the client secret is nowhere.
    pub(super) fn application(&self, name: &str, profile: &Profile) -> Result<Installed, Failure> {
        let incomplete = |cause: &str| {
            Failure::new(Code::ProfileIncomplete, format!("reading the profile `{name}`"))
                .because(cause)
                .advise(format!("give [profile.{name}] either a webhook or portal and client_id"))
        };
        if profile.webhook.is_some() || profile.webhook_file.is_some() {
            return Err(incomplete(&format!("it names a webhook and keys of an application ({KEYS})")));
        }
        let portal = profile.portal.as_deref().ok_or_else(|| incomplete("it names no portal"))?;
        let client_id = profile.client_id.as_deref().ok_or_else(|| incomplete("it names no client_id"))?;
        let secret = self.client_secret(name, profile)?;
        let portal = server(portal, &format!("`portal` of profile `{name}`"))?;
        let application = Application::new(portal, client_id, secret.expose().to_owned().into());
        let application = match &profile.oauth_host {
            Some(host) => {
                application.authorization_server(server(host, &format!("`oauth_host` of profile `{name}`"))?)
            }
            None => application,
        };
        Ok(Installed { application, tokens: self.places.state_of(name).join("tokens.json") })
    }

    fn client_secret(&self, name: &str, profile: &Profile) -> Result<SecretText, Failure> {
        if let Some(secret) = self.environment.client_secret() {
            return Ok(secret.clone());
        }
        let Some(file) = &profile.client_secret_file else {
            return Err(Failure::new(Code::ProfileIncomplete, format!("reading the profile `{name}`"))
                .because("the client secret of its application is missing")
                .advise(format!("set B24_CLIENT_SECRET, or client_secret_file in [profile.{name}]")));
        };
        let path = self.beside_config(file);
        let attempted = || format!("reading the client secret in {}", path.display());
        fs::read_to_string(&path).map(SecretText::from).map_err(|error| Failure::file(attempted(), &error))
    }

    /// The host that a profile accepts after a rename, as the client compares it.
    ///
    /// # Errors
    /// It is no host.
    pub(super) fn accept_host(name: &str, profile: &Profile) -> Result<Option<String>, Failure> {
        let given = profile.accept_host.as_deref();
        given
            .map(|host| server(host, &format!("`accept_host` of profile `{name}`")))
            .transpose()
            .map(|host| host.map(|host| host.name().to_owned()))
    }
}

/// Reads a server's address.
fn server(text: &str, source: &str) -> Result<Origin, Failure> {
    text.parse().map_err(|error: b24_client::OriginError| {
        Failure::new(Code::Server, format!("reading {source}"))
            .because(error)
            .advise("give the host, like acme.bitrix24.ru")
    })
}
