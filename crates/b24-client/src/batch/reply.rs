//! The outcomes of a batch.

use serde::de::DeserializeOwned;

use super::{Outcome, Slot};
use crate::client::Reply;

/// The outcomes of a batch, one for each slot.
#[derive(Debug)]
#[must_use]
pub struct BatchReply {
    batch: u64,
}

/// Where a command stood, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// Position in the batch, from 0.
    pub position: usize,
    /// The key it had in its request.
    pub key: String,
    /// Its method.
    pub method: String,
}

impl BatchReply {
    /// The outcome of a slot.
    ///
    /// # Panics
    /// When the slot is of another batch.
    pub fn take<T: DeserializeOwned>(&mut self, slot: Slot<T>) -> Outcome<T> {
        let _ = (self.batch, slot);
        unimplemented!()
    }

    /// The outcome of a slot, with total and next offset where the method gives them.
    ///
    /// # Panics
    /// When the slot is of another batch.
    pub fn page<T: DeserializeOwned>(&mut self, slot: Slot<T>) -> Outcome<Reply<T>> {
        let _ = slot;
        unimplemented!()
    }

    /// Where the command of a slot stood, for messages.
    #[must_use]
    pub fn place<T>(&self, slot: &Slot<T>) -> Place {
        Place { position: slot.index, key: format!("c{:04}", slot.index), method: String::new() }
    }
}
