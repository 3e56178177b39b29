//! Everything about an application that must not be shown, old tokens included.

use std::sync::{PoisonError, RwLock};

use secrecy::{ExposeSecret as _, SecretString};

use super::{Application, Tokens};
use crate::webhook::MASK;

/// The secrets seen so far. Two more per renewal: an hour apart, so they stay few.
#[derive(Default)]
pub(crate) struct Secrets(RwLock<Vec<SecretString>>);

impl Secrets {
    pub(crate) fn of(application: &Application) -> Self {
        let secrets = Self::default();
        secrets.learn(application.secret().clone());
        secrets
    }

    /// From now on this text is masked.
    pub(crate) fn learn(&self, secret: SecretString) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let text = secret.expose_secret();
        let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        if encoded != text {
            known.push(encoded.into());
        }
        if !text.is_empty() {
            known.push(secret);
        }
        // A secret may be the beginning of another one.
        known.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
    }

    pub(crate) fn learn_tokens(&self, tokens: &Tokens) {
        self.learn(tokens.access().clone());
        self.learn(tokens.refresh().clone());
    }

    pub(crate) fn strip(&self, text: &str) -> String {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), MASK))
    }
}
