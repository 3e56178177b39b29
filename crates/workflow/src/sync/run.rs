//! A synchronisation from source to journal: read, plan, write.
//!
//! [`Session::plan`] writes nothing to the portal; its entries wait in the journal. [`Session::apply`] writes them,
//! [`Session::run`] does both for schedulers. A saved plan comes back with [`Session::adopt`], an earlier run is taken
//! back with [`Session::revert`]: both give a plan like any other.
//!
//! The cursor moves when a plan over the whole source was written to its end. By then every record is committed,
//! rejected, or queued by its key; the next run reads from the earliest queued record that is due.

mod error;
mod making;
mod prepare;
mod read;
mod saved;
mod undo;
mod write;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use b24_client::Client;
use b24_client::crm::Profile;
use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use error::SyncError;
pub use prepare::Prepared;

use super::apply::{Applied, Finding};
use super::facts::PortalFacts;
use super::journal::{Backoff, Journal, JournalError, RunId, RunKind, StoredRun};
use super::mapping::{Mapping, Resolved};
use super::plan::{Counts, Guard, Robots, Selection};
use super::source::{Environment, Guess};
use crate::sending::Now;

/// Waits; libraries have no clock.
pub type Pause<'a> = &'a (dyn Fn(Duration) -> BoxFuture<'static, ()> + Sync);

/// Takes progress.
pub type OnSyncEvent<'a> = &'a mut (dyn FnMut(SyncEvent) + Send);

/// Everything a synchronisation works with.
pub struct Session<'a> {
    /// The portal.
    pub client: Client,
    /// The portal's journal, open for writing.
    pub journal: &'a Journal,
    /// The mapping.
    pub mapping: &'a Mapping,
    /// The folder of the mapping.
    pub folder: &'a Path,
    /// Passwords of sources come from here.
    pub environment: Environment<'a>,
    /// Says the time.
    pub now: Now<'a>,
    /// Waits.
    pub pause: Pause<'a>,
    /// Is told the webhook's user as soon as the portal has named them, before anything else happens.
    pub on_user: &'a (dyn Fn(&Profile) + Sync),
    /// How long after its answer was lost a request may still be executed: 65 s on a real portal.
    pub settle_after: SignedDuration,
    /// When records without an outcome are tried again.
    pub backoff: Backoff,
    /// Whether a run waits at its end for what it lost; else the next run looks for it.
    pub patient: bool,
}

/// What to plan.
#[derive(Debug, Clone, Default)]
pub struct PlanOrder {
    /// Which records take part.
    pub selection: Selection,
    /// Whether to read the whole source, not only what changed.
    pub full: bool,
}

/// One step of progress.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyncEvent {
    /// So many further rows were read.
    Read {
        /// Rows read with this step.
        rows: u64,
    },
    /// The source was read to its end without a row of these keys that were chosen, or without any row.
    Missed {
        /// Keys of the selection that no row had.
        keys: Vec<String>,
        /// Whether rows from before the cursor were left out: `full` reads them, too.
        in_part: bool,
        /// The source gave no row at all, not even one from before the cursor.
        empty: bool,
    },
    /// So many further records are planned.
    Planned {
        /// Records planned with this step.
        records: u64,
    },
    /// So many further records have an outcome.
    Settled {
        /// Records settled with this step.
        records: u64,
    },
    /// The plan had waited to be agreed to, and was judged again by what the portal holds now.
    JudgedAgain {
        /// Records of which something else is to be written than was shown.
        changed: u64,
    },
    /// Answers were lost; whether their writes were executed shows at this moment.
    Waiting {
        /// When.
        until: Timestamp,
    },
}

/// A plan in the journal.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Its run.
    pub run: RunId,
    /// The mapping on this portal.
    pub rules: Resolved,
    /// The portal's fields, funnels, users.
    pub facts: PortalFacts,
    /// The webhook's user.
    pub profile: Profile,
    /// How many of what.
    pub counts: Counts,
    /// What it starts on the portal.
    pub robots: Robots,
    /// Guards that it trips: when there is one, it is not written.
    pub guards: Vec<Guard>,
    /// Rows put aside that no earlier run has told about; a plan that is not written leaves them to be told.
    pub new_rejects: u64,
    /// Rows put aside.
    pub rejects: u64,
    /// What the mapping leaves open about the source.
    pub guesses: Vec<Guess>,
    /// How far the source was read; the cursor moves there when the plan is written.
    pub cursor: Option<String>,
    /// Whether every record of the source took part: else the cursor stays.
    pub is_everything: bool,
    /// What looking up what is there took.
    pub finding: Finding,
    /// When it began.
    began: Timestamp,
    /// When the portal was last seen to be as the plan has it.
    judged_at: Timestamp,
    /// Whether closed deals are changed, too.
    closed_too: bool,
    /// Requests of the client before it began.
    requests_before: u64,
}

/// What a plan was made from, as the journal keeps it with a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct RunHeader {
    mapping: String,
    facts: String,
    cursor: Option<String>,
    is_everything: bool,
    /// Missing in runs of earlier versions.
    #[serde(default)]
    zone: Option<String>,
    counts: Option<Counts>,
    robots: Option<Robots>,
}

/// The zone of a run's source, such as `Europe/Moscow`; none where the journal does not say.
#[must_use]
pub fn zone_of(run: &StoredRun) -> Option<TimeZone> {
    let header: RunHeader = serde_json::from_str(&run.header).ok()?;
    TimeZone::get(&header.zone?).ok()
}

/// What the plan of a run counted; none where the journal does not say.
#[must_use]
pub fn counts_of(run: &StoredRun) -> Option<Counts> {
    serde_json::from_str::<RunHeader>(&run.header).ok()?.counts
}

impl PortalFacts {
    /// What a journal remembers of its portal, however old; none when no run has read it.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn known(journal: &Journal) -> Result<Option<Self>, JournalError> {
        let kept = journal.facts(prepare::FACTS, SignedDuration::MAX, Timestamp::MAX)?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()))
    }
}

impl Session<'_> {
    /// Plans and writes, as schedulers want it: nothing is written when a guard trips.
    ///
    /// # Errors
    /// As [`Session::plan`] and [`Session::apply`].
    pub async fn run(
        &self,
        order: PlanOrder,
        on_event: OnSyncEvent<'_>,
    ) -> Result<(Planned, Applied), SyncError> {
        let planned = self.plan(RunKind::Run, order, on_event).await?;
        let applied = self.apply(&planned, on_event).await?;
        Ok((planned, applied))
    }
}

impl fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("client", &self.client).finish_non_exhaustive()
    }
}
