//! The environment variables of b24, read once.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::access::Access;
use super::profile::SecretText;
use crate::code::Code;
use crate::failure::Failure;

/// `B24_WEBHOOK`, `B24_CLIENT_SECRET`, `B24_ACCESS`, `B24_PROFILE`, `B24_CONFIG`, `B24_LOG`, `NO_COLOR`, `GEMINI_API_KEY`,
/// `OPENAI_API_KEY`. Empty counts as not set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    webhook: Option<SecretText>,
    client_secret: Option<SecretText>,
    access: Option<Access>,
    profile: Option<String>,
    config: Option<PathBuf>,
    log: Option<String>,
    no_color: bool,
    gemini_key: Option<SecretText>,
    openai_key: Option<SecretText>,
}

/// A variable that a mapping names, such as the one with a password.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var_os(name).and_then(|value| value.into_string().ok()).filter(|value| !value.is_empty())
}

impl Environment {
    /// Reads the variables of this process.
    ///
    /// # Errors
    /// A value that is no text, or an access other than `read` and `write`.
    pub(crate) fn read() -> Result<Self, Failure> {
        Self::from_lookup(|name| env::var_os(name))
    }

    /// Reads the variables through a look-up.
    ///
    /// # Errors
    /// As [`Environment::read`].
    pub(crate) fn from_lookup(look_up: impl Fn(&str) -> Option<OsString>) -> Result<Self, Failure> {
        let raw = |name: &str| look_up(name).filter(|value| !value.is_empty());
        let text = |name: &'static str| match raw(name).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(_)) => {
                Err(Failure::new(Code::Environment, format!("reading the environment variable {name}"))
                    .because("its value is not valid UTF-8")
                    .advise(format!("set {name} again")))
            }
        };
        let access = match text("B24_ACCESS")?.map(|value| value.parse::<Access>()) {
            None => None,
            Some(Ok(access)) => Some(access),
            Some(Err(())) => {
                return Err(Failure::new(Code::Access, "reading the environment variable B24_ACCESS")
                    .because("its value is neither read nor write")
                    .advise("set B24_ACCESS=read or B24_ACCESS=write"));
            }
        };
        Ok(Self {
            webhook: text("B24_WEBHOOK")?.map(SecretText::from),
            client_secret: text("B24_CLIENT_SECRET")?.map(SecretText::from),
            access,
            profile: text("B24_PROFILE")?,
            config: raw("B24_CONFIG").map(PathBuf::from),
            log: text("B24_LOG")?,
            no_color: raw("NO_COLOR").is_some(),
            gemini_key: text("GEMINI_API_KEY")?.map(SecretText::from),
            openai_key: text("OPENAI_API_KEY")?.map(SecretText::from),
        })
    }

    /// `B24_WEBHOOK`.
    pub(crate) fn webhook(&self) -> Option<&SecretText> {
        self.webhook.as_ref()
    }

    /// `B24_CLIENT_SECRET`.
    pub(crate) fn client_secret(&self) -> Option<&SecretText> {
        self.client_secret.as_ref()
    }

    /// `GEMINI_API_KEY`.
    pub(crate) fn gemini_key(&self) -> Option<&SecretText> {
        self.gemini_key.as_ref()
    }

    /// `OPENAI_API_KEY`.
    pub(crate) fn openai_key(&self) -> Option<&SecretText> {
        self.openai_key.as_ref()
    }

    /// `B24_ACCESS`.
    pub(crate) fn access(&self) -> Option<Access> {
        self.access
    }

    /// `B24_PROFILE`.
    pub(crate) fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// `B24_CONFIG`.
    pub(crate) fn config(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    /// `B24_LOG`.
    pub(crate) fn log(&self) -> Option<&str> {
        self.log.as_deref()
    }

    /// `NO_COLOR`.
    pub(crate) fn no_color(&self) -> bool {
        self.no_color
    }
}
