//! Many calls in few requests, with exactly one outcome for each of them.

mod absorb;
mod advice;
mod group;
mod lost;
mod outcome;
mod place;
mod reference;
mod reply;
mod resolver;
mod run;
mod wave;

pub use outcome::{CallError, Loss, Outcome};
pub use place::Place;
pub use reference::Reference;
pub use reply::BatchReply;
pub use resolver::{Finding, Resolver, Sought};

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use lost::Seeking;
use run::{Raw, Run};

use crate::call::{Call, Safety};
use crate::client::Client;
use crate::params::{Params, ParamsError};

/// The portal executes no more in one request (`BATCH_MAX_LENGTH`).
const COMMANDS_PER_REQUEST: usize = 50;

/// The key of a command. Never a number: the portal would turn the maps of its answer into lists.
pub(crate) fn key(index: usize) -> String {
    format!("c{index:04}")
}

/// Calls to run together. Any number; they are sent in requests of up to 50 commands.
#[must_use]
pub struct Batch {
    client: Client,
    id: u64,
    halt: bool,
    at_most: usize,
    commands: Vec<Command>,
    /// Keys that writes can be found by, by position.
    keys: BTreeMap<usize, String>,
    resolver: Option<Resolver>,
}

#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) method: String,
    pub(crate) params: Params,
    pub(crate) safety: Safety,
}

/// The place of one call in a batch: turns into its outcome once the batch is sent.
#[must_use]
pub struct Slot<T> {
    batch: u64,
    index: usize,
    wrapper: Option<&'static str>,
    result: PhantomData<fn() -> T>,
}

/// Why a batch was not sent at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// Commands that refer to each other must go in one request, which holds 50.
    #[error("{size} commands refer to each other, a request holds 50: {members}")]
    GroupTooLarge {
        /// How many they are.
        size: usize,
        /// Position of the first of them, from 0.
        first: usize,
        /// Their methods and positions, from 0.
        members: String,
    },
    /// A reference to another batch, or with a path the portal cannot follow.
    #[error("command {position} ({method}) has an illegal reference: {reason}")]
    Reference {
        /// Position of the command, from 0.
        position: usize,
        /// Its method.
        method: String,
        /// What is wrong.
        reason: String,
    },
    /// Parameters the portal would misread.
    #[error("command {position} ({method}) cannot be sent")]
    Params {
        /// Position of the command, from 0.
        position: usize,
        /// Its method.
        method: String,
        /// Why.
        #[source]
        source: ParamsError,
    },
}

impl BatchError {
    /// Stable code in kebab case, with the area in front.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::GroupTooLarge { .. } => "client.batch-group-too-large",
            Self::Reference { .. } => "client.batch-reference-illegal",
            Self::Params { .. } => "client.batch-params-invalid",
        }
    }
}

impl Batch {
    pub(crate) fn new(client: Client) -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            client,
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            halt: false,
            at_most: COMMANDS_PER_REQUEST,
            commands: Vec::new(),
            keys: BTreeMap::new(),
            resolver: None,
        }
    }

    /// Adds a call.
    pub fn add<T>(&mut self, call: Call<T>) -> Slot<T> {
        let slot =
            Slot { batch: self.id, index: self.commands.len(), wrapper: call.wrapper, result: PhantomData };
        self.commands.push(Command { method: call.method, params: call.params, safety: call.safety });
        slot
    }

    /// Adds a write that can be found by a key: when its answer is lost, the batch's [`Resolver`] looks for it.
    pub fn add_keyed<T>(&mut self, call: Call<T>, key: impl Into<String>) -> Slot<T> {
        self.keys.insert(self.commands.len(), key.into());
        self.add(call)
    }

    /// How to find out whether a write was executed whose answer was lost. Without it such a write is
    /// [`Outcome::Unknown`], and so it stays when it was added without a key.
    pub fn resolver(&mut self, resolver: Resolver) {
        self.resolver = Some(resolver);
    }

    /// Puts at most so many commands into a request, 50 when not given. Commands that refer to each other stay together.
    pub fn at_most(&mut self, commands: usize) {
        self.at_most = commands.clamp(1, COMMANDS_PER_REQUEST);
    }

    /// Whether to stop at the first command that fails. Commands then run strictly in order, one request at a time.
    pub fn halt(&mut self, halt: bool) {
        self.halt = halt;
    }

    /// How many calls were added.
    #[must_use]
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Whether no call was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Sends everything. From here on every slot has exactly one outcome, whatever breaks.
    ///
    /// # Errors
    /// Before anything is sent: a group of more than 50 commands that refer to each other, an illegal reference,
    /// parameters the portal would misread.
    pub async fn send(self) -> Result<BatchReply, BatchError> {
        wave::check(self.id, &self.commands)?;
        let seeking = self.resolver.as_ref().map(|resolver| Seeking { resolver, keys: &self.keys });
        let run =
            Run::new(&self.client.inner, &self.commands, self.halt).at_most(self.at_most).seeking(seeking);
        let outcomes: Vec<Option<Raw>> = run.finish().await.into_iter().map(Some).collect();
        let succeeded = outcomes.iter().filter(|raw| matches!(raw, Some(Raw::Ok { .. }))).count();
        let secret = self.client.inner.auth.clone();
        Ok(BatchReply { batch: self.id, secret, outcomes, succeeded, commands: self.commands })
    }
}

impl<T> Slot<T> {
    /// A reference to a value inside this call's result, such as `[item][id]`, for the parameters of a later call.
    /// The empty path is the whole result.
    #[must_use]
    pub fn at(&self, path: &str) -> Reference {
        Reference { batch: self.batch, index: self.index, path: path.to_owned() }
    }

    /// Position in the batch, from 0.
    #[must_use]
    pub fn position(&self) -> usize {
        self.index
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("commands", &self.commands.len()).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slot({})", self.index)
    }
}
