//! What a synchronisation works with: the portal, its journal, the mapping.

use std::path::{Path, PathBuf};
use std::time::Duration;

use b24_client::Client;
use b24_client::crm::Profile;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use workflow::sync::apply::user_not_administrator;
use workflow::sync::journal::Backoff;
use workflow::sync::run::SyncEvent;
use workflow::sync::{Finding, Journal, Mapping, Session};

use super::{Place, mapping};
use crate::clock;
use crate::context::Context;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::settings;
use workflow::PortalUser;

/// The portal and its journal, open for writing.
pub(super) struct Desk {
    pub(super) client: Client,
    pub(super) journal: Journal,
    pub(super) portal: String,
    settle_after: SignedDuration,
}

impl Desk {
    /// Opens the journal of the chosen portal; nothing is sent. `writes` refuses a portal that is only to be read.
    ///
    /// # Errors
    /// The settings name no portal, it may not be written to, the journal is held by another run.
    pub(super) fn open(context: &Context, writes: bool) -> Result<Self, Failure> {
        let portal = context.portal()?;
        if writes {
            portal.allow("crm.item.add")?;
        }
        let settle_after = context.settings()?.file.limits.settle_after();
        let client = context.client(&portal)?;
        let journal = Place::of(&portal, &client).open()?;
        let portal = client.portal().name().to_owned();
        Ok(Self { client, journal, portal, settle_after })
    }

    /// The demo's portal with a journal of its own.
    pub(super) fn of_sandbox(client: Client, journal: Journal, settle_after: SignedDuration) -> Self {
        let portal = client.portal().name().to_owned();
        Self { client, journal, portal, settle_after }
    }

    /// Everything together.
    pub(super) fn session<'a>(&'a self, task: &'a Task, tools: &'a Tools<'a>, patient: bool) -> Session<'a> {
        Session {
            client: self.client.clone(),
            journal: &self.journal,
            mapping: &task.mapping,
            folder: &task.folder,
            environment: &settings::variable,
            now: &clock::now,
            pause: &pause,
            on_user: &*tools.on_user,
            settle_after: self.settle_after,
            backoff: Backoff::default(),
            patient,
        }
    }
}

/// Runs that follow each other warn once.
static WARNED: std::sync::Once = std::sync::Once::new();

/// What a session says while it works.
pub(super) struct Tools<'a> {
    on_user: Box<dyn Fn(&Profile) + Sync + 'a>,
}

impl<'a> Tools<'a> {
    /// The portal was named already.
    pub(super) fn silent() -> Self {
        Self { on_user: Box::new(|_| {}) }
    }

    /// Says first which portal it is and whose eyes it is seen with.
    pub(super) fn new(context: &'a Context, portal: &'a str) -> Self {
        let told = std::sync::Once::new();
        let on_user = move |profile: &Profile| {
            told.call_once(|| {
                let user = PortalUser::from(profile);
                let text = format!("portal {portal}, {user}");
                // That completeness cannot be checked is said with `--quiet` too.
                if user.administrator {
                    return context.out.note(text);
                }
                context.out.insist(text);
                WARNED.call_once(|| {
                    let Finding { code, message, hint, .. } = user_not_administrator();
                    context.out.warning(format!("{message} ({code}); {hint}"));
                });
            });
        };
        Self { on_user: Box::new(on_user) }
    }
}

fn pause(time: Duration) -> BoxFuture<'static, ()> {
    tokio::time::sleep(time).boxed()
}

/// A mapping and where it lies.
pub(super) struct Task {
    pub(super) path: PathBuf,
    pub(super) mapping: Mapping,
    folder: PathBuf,
}

impl Task {
    /// Reads it.
    ///
    /// # Errors
    /// The file cannot be read, or is no mapping.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let mapping = mapping(path)?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        Ok(Self { path: path.to_owned(), mapping, folder })
    }

    /// Where relative paths of the mapping start.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Shows how far a session is.
pub(super) struct Shown<'a> {
    context: &'a Context,
    progress: Progress,
}

impl<'a> Shown<'a> {
    pub(super) fn new(context: &'a Context, label: &'static str) -> Self {
        Self { context, progress: Progress::new(&context.out, label) }
    }

    /// Takes an event of planning and of writing.
    pub(super) fn take(&self, event: SyncEvent) {
        match event {
            SyncEvent::Planned { records } | SyncEvent::Settled { records } => self.progress.advance(records),
            SyncEvent::Waiting { until } => self.waiting(until),
            SyncEvent::Missed { keys, in_part, empty } => self.missed(&keys, in_part, empty),
            SyncEvent::JudgedAgain { changed } => self.context.out.insist(format!(
                "the answer took its time, so the plan was compared with the portal again: {changed} of its records \
                 changed and are not written as shown"
            )),
            _ => {}
        }
    }

    fn missed(&self, keys: &[String], in_part: bool, empty: bool) {
        if empty {
            self.context.out.warning(
                "the source gave no row at all: look whether its path or query is the right one, and what fills it",
            );
        } else {
            let how = if in_part {
                "not among the rows that were read; `--full` reads those from before the cursor, too"
            } else {
                "not in the source; give whole keys with their prefix"
            };
            self.context.out.warning(format!("{}: {how}", keys.join(", ")));
        }
    }

    fn waiting(&self, until: Timestamp) {
        let left = until.duration_since(clock::now()).as_secs().max(0) + 1;
        self.context.out.note(format!(
            "waiting {left} s: the portal may still be executing writes whose answer was lost"
        ));
    }
}
