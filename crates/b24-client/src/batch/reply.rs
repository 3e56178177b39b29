//! The outcomes of a batch.

use serde::de::DeserializeOwned;

use super::run::Raw;
use super::{CallError, Command, Outcome, Place, Slot};
use crate::auth::Auth;
use crate::client::Reply;

/// The outcomes of a batch, one for each slot.
#[must_use]
pub struct BatchReply {
    pub(super) batch: u64,
    /// Takes the secret out of raw texts.
    pub(super) secret: Auth,
    /// `None` when it was taken.
    pub(super) outcomes: Vec<Option<Raw>>,
    pub(super) succeeded: usize,
    pub(super) commands: Vec<Command>,
}

impl BatchReply {
    /// The outcome of a slot.
    ///
    /// # Panics
    /// When the slot is of another batch.
    #[expect(clippy::needless_pass_by_value, reason = "a slot has one outcome, so it can be shown once")]
    pub fn take<T: DeserializeOwned>(&mut self, slot: Slot<T>) -> Outcome<T> {
        self.open(&slot).map(|reply| reply.result)
    }

    /// The outcome of a slot, with total and next offset where the method gives them.
    ///
    /// # Panics
    /// When the slot is of another batch.
    #[expect(clippy::needless_pass_by_value, reason = "a slot has one outcome, so it can be shown once")]
    pub fn page<T: DeserializeOwned>(&mut self, slot: Slot<T>) -> Outcome<Reply<T>> {
        self.open(&slot)
    }

    /// The results of several slots, when all of them are wanted or none.
    ///
    /// # Errors
    /// The first outcome that is not `Ok`.
    ///
    /// # Panics
    /// When a slot is of another batch.
    pub fn all<T: DeserializeOwned>(
        &mut self,
        slots: impl IntoIterator<Item = Slot<T>>,
    ) -> Result<Vec<T>, CallError> {
        slots.into_iter().map(|slot| self.take(slot).ok()).collect()
    }

    /// Where the command of a slot stood, for messages.
    ///
    /// # Panics
    /// When the slot is of another batch.
    #[must_use]
    pub fn place<T>(&self, slot: &Slot<T>) -> Place {
        assert_eq!(self.batch, slot.batch, "this slot is of another batch");
        Place::of(slot.index, &self.commands[slot.index])
    }

    /// Every outcome that was not taken yet, with its place, in the order of the batch; results are JSON texts.
    pub fn outcomes(&self) -> impl Iterator<Item = (Place, Outcome<&str>)> {
        let both = self.commands.iter().zip(&self.outcomes).enumerate();
        both.filter_map(|(position, (command, raw))| {
            let outcome = match raw.as_ref()? {
                Raw::Ok { piece, .. } => Outcome::Ok(piece.json()),
                Raw::Rejected(error) => Outcome::Rejected(error.clone()),
                Raw::NotExecuted(loss) => Outcome::NotExecuted(loss.clone()),
                Raw::Failed(loss) => Outcome::Failed(loss.clone()),
                Raw::Unknown(loss) => Outcome::Unknown(loss.clone()),
            };
            Some((Place::of(position, command), outcome))
        })
    }

    /// How many commands have which outcome: answered first, everything else second.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.succeeded, self.outcomes.len() - self.succeeded)
    }

    fn open<T: DeserializeOwned>(&mut self, slot: &Slot<T>) -> Outcome<Reply<T>> {
        assert_eq!(self.batch, slot.batch, "this slot is of another batch");
        match self.outcomes.get_mut(slot.index).and_then(Option::take) {
            Some(Raw::Ok { piece, total, next, time }) => match piece.decode(slot.wrapper) {
                Ok(result) => Outcome::Ok(Reply { result, total, next, time }),
                Err(reason) => Outcome::Undecodable {
                    raw: self.secret.strip(piece.json()),
                    reason: self.secret.strip(&reason),
                },
            },
            Some(Raw::Rejected(error)) => Outcome::Rejected(error),
            Some(Raw::NotExecuted(loss)) => Outcome::NotExecuted(loss),
            Some(Raw::Failed(loss)) => Outcome::Failed(loss),
            Some(Raw::Unknown(loss)) => Outcome::Unknown(loss),
            None => Outcome::Unknown(super::Loss::Missing),
        }
    }
}

impl std::fmt::Debug for BatchReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Results are personal data.
        f.debug_struct("BatchReply").field("outcomes", &self.outcomes.len()).finish_non_exhaustive()
    }
}
