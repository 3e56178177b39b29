//! A local application of a portal, as its settings page shows it.

use std::fmt;

use secrecy::SecretString;
use url::Url;

use super::Origin;

/// A local application: the portal it is installed on, its id and its secret.
#[derive(Clone)]
pub struct Application {
    portal: Origin,
    client_id: String,
    client_secret: SecretString,
    server: Option<Origin>,
}

impl Application {
    /// An application of this portal, with the id and the secret from its settings page.
    #[must_use]
    pub fn new(portal: Origin, client_id: impl Into<String>, client_secret: SecretString) -> Self {
        Self { portal, client_id: client_id.into(), client_secret, server: None }
    }

    /// The authorization server. Without this it is `oauth.bitrix.info`, or the other server of the vendor when the
    /// portal's tokens name it.
    #[must_use]
    pub fn authorization_server(mut self, server: Origin) -> Self {
        self.server = Some(server);
        self
    }

    /// The portal as it is configured.
    #[must_use]
    pub fn portal(&self) -> &Origin {
        &self.portal
    }

    /// The application's id, which is no secret.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The address at which a user of the portal allows the application in. The portal then sends the browser on to
    /// an address with a `code`, which is valid for 30 seconds.
    #[must_use]
    pub fn login_address(&self) -> String {
        with_query(&self.portal, "/oauth/authorize/", &[("client_id", &self.client_id)])
    }

    pub(super) fn secret(&self) -> &SecretString {
        &self.client_secret
    }

    pub(super) fn server(&self) -> Option<&Origin> {
        self.server.as_ref()
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Application({} of {})", self.client_id, self.portal)
    }
}

/// An address with an encoded query.
pub(super) fn with_query(server: &Origin, path: &str, pairs: &[(&str, &str)]) -> String {
    let address = format!("{server}{path}");
    Url::parse_with_params(&address, pairs).map_or(address, String::from)
}
