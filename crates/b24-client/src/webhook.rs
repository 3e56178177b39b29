//! The address of a portal together with the secret that opens it.

use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::auth::{Origin, OriginError};

/// What stands in every text where the secret would be.
pub(crate) const MASK: &str = "***";

/// An incoming webhook: `https://portal.bitrix24.ru/rest/1/abcdefgh12345678/`.
///
/// The secret is in no text this type or this crate produces: not in `Display`, not in `Debug`, not in errors.
#[derive(Clone)]
pub struct Webhook {
    origin: Origin,
    user_id: u32,
    secret: SecretString,
}

/// Why a text is not a webhook address. Never contains the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// Not an address at all.
    #[error("not a web address")]
    NotAnAddress,
    /// Neither `https` nor `http`.
    #[error("the address must begin with https://")]
    Scheme,
    /// The path is not `/rest/USER/SECRET/`.
    #[error("the path must be /rest/USER-ID/SECRET/, as the portal shows it")]
    Path,
    /// The user number is not a positive number.
    #[error("the part after /rest/ must be the number of a user")]
    User,
    /// The secret has characters that no portal puts there.
    #[error("the secret may only hold letters and digits")]
    Secret,
}

impl Webhook {
    /// Name of the host, without port.
    #[must_use]
    pub fn host(&self) -> &str {
        self.origin.host()
    }

    /// The user whose rights the webhook has.
    #[must_use]
    pub fn user_id(&self) -> u32 {
        self.user_id
    }

    /// Whether the portal runs on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.origin.is_loopback()
    }

    /// Whether the address is `http://`, which only a portal on this machine may have.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.origin.is_plain()
    }

    /// What plans, journals and queues made from this portal carry: `host` or `host:port`, in lower case.
    #[must_use]
    pub fn identity(&self) -> String {
        self.origin.name().to_owned()
    }

    /// The portal's address without path.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The path of a method, secret included: for the request and nothing else.
    pub(crate) fn path(&self, method: &str) -> String {
        format!("/rest/{}/{}/{method}", self.user_id, self.secret.expose_secret())
    }

    /// The one point where texts that came from outside lose the secret before they enter an error or an event.
    pub(crate) fn strip(&self, text: &str) -> String {
        text.replace(self.secret.expose_secret(), MASK)
    }
}

impl FromStr for Webhook {
    type Err = WebhookError;

    fn from_str(text: &str) -> Result<Self, WebhookError> {
        let url = Url::parse(text.trim()).map_err(|_| WebhookError::NotAnAddress)?;
        let origin = Origin::of(&url).map_err(|error| match error {
            OriginError::Scheme => WebhookError::Scheme,
            _ => WebhookError::NotAnAddress,
        })?;
        let mut parts = url.path_segments().ok_or(WebhookError::Path)?.filter(|part| !part.is_empty());
        let (Some("rest"), Some(user), Some(secret), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(WebhookError::Path);
        };
        let user_id = user.parse().ok().filter(|id| *id > 0).ok_or(WebhookError::User)?;
        if !secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            return Err(WebhookError::Secret);
        }
        Ok(Self { origin, user_id, secret: SecretString::from(secret.to_owned()) })
    }
}

impl fmt::Display for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/rest/{}/{MASK}/", self.origin, self.user_id)
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Webhook({self})")
    }
}
