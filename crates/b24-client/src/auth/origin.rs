//! Scheme, host and port of a server: no path, no secret.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// Where a server is: `https://portal.bitrix24.ru`.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin {
    plain: bool,
    /// `host` or `host:port`, in lower case.
    name: String,
    host: String,
    loopback: bool,
}

/// Why a text is not the address of a server. Never contains the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// Not an address at all.
    #[error("not a web address")]
    NotAnAddress,
    /// Neither `https` nor `http`.
    #[error("the address must begin with https://")]
    Scheme,
    /// There is more than the host.
    #[error("the address must end after the host")]
    Path,
    /// `http://` to another machine.
    #[error("http:// is for portals on this machine only")]
    Plain,
}

impl Origin {
    /// The origin of an address, whatever its path.
    pub(crate) fn of(url: &Url) -> Result<Self, OriginError> {
        if !matches!(url.scheme(), "https" | "http") {
            return Err(OriginError::Scheme);
        }
        let host = url.host_str().ok_or(OriginError::NotAnAddress)?.to_ascii_lowercase();
        let loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            None => false,
        };
        let name = url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        Ok(Self { plain: url.scheme() == "http", name, host, loopback })
    }

    /// `host`, or `host:port` when the port is not the usual one; in lower case.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Name of the host, without port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the server runs on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether the address is `http://`, which only a server on this machine may have.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.plain
    }

    /// Whether a text names this host: `host` or `host:port`.
    pub(crate) fn is_named(&self, host: &str) -> bool {
        self.name.eq_ignore_ascii_case(host)
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    /// `https://host[:port]`, or just `host[:port]`.
    fn from_str(text: &str) -> Result<Self, OriginError> {
        let text = text.trim();
        let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url = Url::parse(&text).map_err(|_| OriginError::NotAnAddress)?;
        let origin = Self::of(&url)?;
        let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err(OriginError::Path);
        }
        if origin.plain && !origin.loopback {
            return Err(OriginError::Plain);
        }
        Ok(origin)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.plain { "http" } else { "https" }, self.name)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_with_or_without_https() {
        for text in ["https://Acme.Bitrix24.ru/", "acme.bitrix24.ru", " https://acme.bitrix24.ru:443 "] {
            assert_eq!(text.parse::<Origin>().unwrap().to_string(), "https://acme.bitrix24.ru", "{text}");
        }
        let local: Origin = "http://127.0.0.1:8024".parse().unwrap();
        assert!(local.is_loopback() && local.is_plain() && local.is_named("127.0.0.1:8024"));
    }

    #[test]
    fn what_is_more_or_less_than_a_host_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", "not a web address"),
            ("ftp://acme.ru", "the address must begin with https://"),
            ("https://acme.ru/rest/1/secret/", "the address must end after the host"),
            ("https://anna:secret@acme.ru", "the address must end after the host"),
            ("http://acme.ru", "http:// is for portals on this machine only"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap_err().to_string(), reason, "{text}");
        }
    }
}
