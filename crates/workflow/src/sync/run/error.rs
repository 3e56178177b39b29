//! Why a synchronisation could not go on.

use crate::Error;
use crate::sync::apply::ApplyError;
use crate::sync::finding::Finding;
use crate::sync::journal::{JournalError, RunId};
use crate::sync::plan::{Guard, PlanError};
use crate::sync::source::SourceError;

/// An error that ends a synchronisation. What was written before is in the journal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The source cannot be read: nothing of this run counts.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The portal did not say what the mapping needs.
    #[error(transparent)]
    Portal(#[from] Box<Error>),
    /// The mapping does not fit the portal.
    #[error("the mapping does not fit the portal: {}", first(.0))]
    Mapping(Vec<Finding>),
    /// The source does not have the columns that the mapping names.
    #[error("{}", first(.0))]
    Columns(Vec<Finding>),
    /// The plan cannot be made, or a saved one not be used.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The plan cannot be written.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// A guard of the mapping keeps the plan from being written.
    #[error("nothing was written: {}", all(.0))]
    Guarded(Vec<Guard>),
    /// There is no such run.
    #[error("the journal has no run {0}")]
    NoRun(RunId),
    /// The run belongs to another mapping.
    #[error("run {run} is of the source `{found}`, the mapping is of `{wanted}`")]
    OtherSource {
        /// The run.
        run: RunId,
        /// Its source.
        found: String,
        /// The mapping's.
        wanted: String,
    },
    /// Taking a run back changes records, which starts robots.
    #[error("taking a run back starts robots, and the mapping says automation = \"skip\"")]
    RevertStartsRobots,
    /// Another source writes such keys, too.
    #[error("the source `{other}` could write the same keys: its prefix and `{prefix}` begin alike")]
    PrefixShared {
        /// The other source.
        other: String,
        /// The beginning.
        prefix: String,
    },
}

fn first(findings: &[Finding]) -> String {
    let more = findings.len().saturating_sub(1);
    let text = findings.first().map(|finding| finding.message.clone()).unwrap_or_default();
    if more == 0 { text } else { format!("{text} (and {more} more)") }
}

fn all(guards: &[Guard]) -> String {
    guards.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl SyncError {
    /// The stable kebab code of this error, its area first.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Journal(error) => error.code(),
            Self::Source(error) => error.code(),
            Self::Portal(error) => error.code(),
            Self::Mapping(_) => "sync.mapping-unfit",
            Self::Columns(_) => "sync.column-missing",
            Self::Plan(error) => error.code(),
            Self::Apply(error) => error.code(),
            Self::Guarded(guards) => guards.first().map_or("sync.guard", Guard::code),
            Self::NoRun(_) => "sync.run-unknown",
            Self::OtherSource { .. } => "sync.run-of-other-source",
            Self::RevertStartsRobots => "sync.revert-starts-robots",
            Self::PrefixShared { .. } => "sync.key-prefix-shared",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Journal(error) => Some(error.hint().to_owned()),
            Self::Source(error) => Some(error.hint()),
            Self::Portal(error) => error.hint(),
            Self::Mapping(findings) | Self::Columns(findings) => {
                findings.first().map(|finding| finding.hint.clone())
            }
            Self::Plan(error) => error.hint(),
            Self::Apply(error) => error.hint(),
            Self::Guarded(_) => {
                Some("look at the plan; when it is right, raise [guards] of the mapping".to_owned())
            }
            Self::NoRun(_) => Some("`b24 sync history` lists the runs".to_owned()),
            Self::OtherSource { .. } => Some("give the mapping that the run was made with".to_owned()),
            Self::RevertStartsRobots => {
                Some("say automation = \"run\" in the mapping if the robots may start".to_owned())
            }
            Self::PrefixShared { .. } => Some(
                "give each source a prefix in [key] that begins no other; a mapping that was renamed needs its old `name`"
                    .to_owned(),
            ),
        }
    }
}
