//! Where tokens are kept between renewals.

mod file;

pub use file::FileStore;

use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};

use super::{AuthError, Tokens};

/// Keeps the tokens of one application on one portal.
///
/// New tokens are saved before they are used, and while [`TokenStore::hold`] is held, so that no two programs renew
/// the same tokens at once.
pub trait TokenStore: Send + Sync {
    /// The tokens, if there are any.
    ///
    /// # Errors
    /// They are there and cannot be read.
    fn load(&self) -> Result<Option<Tokens>, StoreError>;

    /// Replaces the tokens; on an error the old ones must still be there.
    ///
    /// # Errors
    /// They cannot be written.
    fn save(&self, tokens: &Tokens) -> Result<(), StoreError>;

    /// Waits until no other program renews these tokens; ends when the guard is dropped.
    ///
    /// # Errors
    /// There is no way to know.
    fn hold(&self) -> Result<StoreGuard, StoreError> {
        Ok(StoreGuard { _lock: None })
    }
}

/// Keeps other programs from renewing the same tokens.
#[derive(Debug)]
#[must_use]
pub struct StoreGuard {
    _lock: Option<File>,
}

impl StoreGuard {
    /// A guard that ends with this locked file.
    pub fn of(file: File) -> Self {
        Self { _lock: Some(file) }
    }
}

/// A store that cannot be used. Never contains a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {reason}")]
pub struct StoreError {
    /// What was attempted, with the place.
    pub what: String,
    /// Why it failed.
    pub reason: String,
}

/// Tokens that live as long as the program.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Option<Tokens>>);

impl MemoryStore {
    /// A store with these tokens in it.
    #[must_use]
    pub fn new(tokens: Tokens) -> Self {
        Self(Mutex::new(Some(tokens)))
    }
}

impl TokenStore for MemoryStore {
    fn load(&self) -> Result<Option<Tokens>, StoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn save(&self, tokens: &Tokens) -> Result<(), StoreError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(tokens.clone());
        Ok(())
    }
}

/// Waits for the store without blocking the runtime.
pub(super) async fn hold(store: &Arc<dyn TokenStore>) -> Result<StoreGuard, AuthError> {
    let store = store.clone();
    let held = tokio::task::spawn_blocking(move || store.hold()).await;
    held.unwrap_or_else(|error| Err(stopped(&error))).map_err(AuthError::Unreadable)
}

/// The runtime ended before the work was done.
pub(super) fn stopped(error: &tokio::task::JoinError) -> StoreError {
    StoreError { what: "waiting for the stored tokens".to_owned(), reason: error.to_string() }
}
