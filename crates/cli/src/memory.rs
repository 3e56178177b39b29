//! The embedding queue of this run: its file, and who embeds.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::path::{Path, PathBuf};

use embed_queue::{Error, Queue, SpaceState, Store, Surroundings};

use crate::clock;
use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;
use crate::settings::{Chosen, Settings, create_owner_only};

/// Said when traces of what was removed could not be wiped out.
pub(crate) const STILL_READ: &str = "another process uses the queue, so traces of what was removed stay in its log; stop the workers and run this again";

/// The queue's file of the chosen profile.
pub(crate) struct QueueFile {
    /// The file.
    pub(crate) store: Store,
    /// What the settings say.
    pub(crate) settings: Settings,
}

impl QueueFile {
    /// Opens it, and makes it if there is none.
    ///
    /// # Errors
    /// The settings are wrong, or the file cannot be opened.
    pub(crate) fn open(context: &Context) -> Result<Self, Failure> {
        Self::with(context, |path| {
            if let Some(folder) = path.parent() {
                let attempted = || format!("creating the folder {}", folder.display());
                create_owner_only(folder).map_err(|error| Failure::file(attempted(), &error))?;
            }
            opened(path)
        })
    }

    /// Opens it for looking at it: where there is none, none is made.
    ///
    /// # Errors
    /// The settings are wrong, or the file cannot be opened.
    pub(crate) fn look(context: &Context) -> Result<Self, Failure> {
        Self::with(context, |path| {
            if path.exists() { opened(path) } else { Store::in_memory().map_err(Failure::from) }
        })
    }

    fn with(context: &Context, open: impl FnOnce(&Path) -> Result<Store, Failure>) -> Result<Self, Failure> {
        let settings = context.settings()?;
        Ok(Self { store: open(&path_of(&settings)?)?, settings })
    }

    /// The file with the embedder that the settings choose.
    ///
    /// # Errors
    /// The settings have no such embedder, or what it needs cannot be read.
    pub(crate) fn with_embedder(self) -> Result<Memory, Failure> {
        let chosen = self.settings.embedder()?;
        Ok(Memory { store: self.store, settings: self.settings, chosen })
    }
}

/// The queue's file with the embedders of the settings.
pub(crate) struct Memory {
    /// The file.
    pub(crate) store: Store,
    /// What the settings say.
    pub(crate) settings: Settings,
    /// The embedder that the settings choose.
    pub(crate) chosen: Chosen,
}

impl Memory {
    /// Opens the queue of the chosen profile, and makes it if there is none.
    ///
    /// # Errors
    /// The settings are wrong, or the file cannot be opened.
    pub(crate) fn open(context: &Context) -> Result<Self, Failure> {
        QueueFile::open(context)?.with_embedder()
    }

    /// Opens the queue of the chosen profile for looking at it: where there is none, none is made.
    ///
    /// # Errors
    /// The settings are wrong, or the file cannot be opened.
    pub(crate) fn look(context: &Context) -> Result<Self, Failure> {
        QueueFile::look(context)?.with_embedder()
    }

    /// The embedder whose vectors answer; the chosen one's space becomes the queue's when it has none.
    ///
    /// # Errors
    /// The file fails.
    pub(crate) fn answering(&self) -> Result<Option<Chosen>, Failure> {
        let active = self.store.answering_space()?;
        if active.is_none() {
            match self.store.use_space(&self.chosen.embedder.space(), clock::now()) {
                // Another process has chosen just now: its model answers.
                Ok(()) | Err(Error::SpaceMismatch { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.would_answer()
    }

    /// The embedder whose vectors answer, or would if the chosen one's space became the queue's.
    ///
    /// # Errors
    /// The file fails.
    pub(crate) fn would_answer(&self) -> Result<Option<Chosen>, Failure> {
        let active = self.store.answering_space()?;
        Ok(active.map_or_else(|| Some(self.chosen.clone()), |active| self.embedder_of(&active.identity())))
    }

    /// The embedder whose vectors answer.
    ///
    /// # Errors
    /// The settings have none for them, or the file fails.
    pub(crate) fn answering_or_refused(&self) -> Result<Chosen, Failure> {
        if let Some(embedder) = self.answering()? {
            return Ok(embedder);
        }
        let active = self.store.answering_space()?;
        let model = active.map_or_else(String::new, |space| space.lane());
        Err(Failure::new(Code::Embedder, "choosing the embedder")
            .because(format!("the queue's vectors are of {model}, and the settings have no embedder for it"))
            .advise(
                "add its [embedder.X] table again, or run `b24 index work` to change to the chosen model",
            ))
    }

    /// The file together with this embedder.
    ///
    /// # Errors
    /// The file has vectors of another one, or fails.
    pub(crate) fn queue(&self, chosen: Chosen) -> Result<Queue, Error> {
        let queue = Queue::new(self.store.clone(), chosen.embedder, clock::now())?;
        Ok(queue.call_timeout(chosen.timeout))
    }

    /// The embedder of the settings whose vectors are of this space.
    pub(crate) fn embedder_of(&self, identity: &str) -> Option<Chosen> {
        let others = self.settings.embedders();
        std::iter::once(self.chosen.clone())
            .chain(others)
            .find(|each| each.embedder.space().identity() == identity)
    }

    /// Refuses to send texts that come from the portal, or queries against them, to a host that is not allowed to have
    /// personal data.
    ///
    /// # Errors
    /// The embedder's host is another machine and the settings do not allow it by name.
    pub(crate) fn allow_personal(chosen: &Chosen, attempted: &str) -> Result<(), Failure> {
        let (Some(reason), Some(host)) = (&chosen.personal_refused, &chosen.host) else { return Ok(()) };
        Err(Failure::new(Code::PersonalData, format!("{attempted} {host}"))
            .because(format!("what comes from the portal is personal data, and {reason}"))
            .advise("allow it by name if you may, or take an embedder on this machine"))
    }

    /// The spaces of the file.
    ///
    /// # Errors
    /// The file fails.
    pub(crate) fn spaces(&self) -> Result<Vec<SpaceState>, Failure> {
        self.store.spaces().map_err(Failure::from)
    }
}

/// `index.db` in the state folder of the profile.
fn path_of(settings: &Settings) -> Result<PathBuf, Failure> {
    Ok(settings.state_folder()?.join("index.db"))
}

fn opened(path: &Path) -> Result<Store, Failure> {
    Store::open(path).map_err(|error| Failure::of_queue(&error, path))
}

/// The queue's file of the chosen profile, if there is one.
///
/// # Errors
/// The settings are wrong, or the file cannot be opened.
pub(crate) fn existing(context: &Context) -> Result<Option<Store>, Failure> {
    let path = path_of(&context.settings()?)?;
    if path.exists() { opened(&path).map(Some) } else { Ok(None) }
}

/// The clock and chance, for workers.
pub(crate) fn surroundings() -> Surroundings {
    // Every hasher of the standard library has keys of its own; that is chance enough for a back-off.
    let chance = || {
        let number = RandomState::new().build_hasher().finish() >> 12;
        f64::from_bits(0x3ff0_0000_0000_0000 | number) - 1.0
    };
    Surroundings::new(clock::now, chance)
}
