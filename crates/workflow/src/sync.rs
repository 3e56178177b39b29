//! Keeping the CRM in step with a business system: planned first, nothing lost, nothing twice.
//!
//! A [`Record`] of a source becomes, by a mapping, what is [`Wanted`] of the portal, or a [`Reject`]. Look-ups say what is
//! there already ([`Sight`]: found, absent, or unknown; unknown never creates). Both give a planned [`Entry`], and only
//! planned entries are written, each with an intent in the journal before it is sent.

pub mod apply;
pub mod draft;
pub mod entry;
pub mod facts;
pub mod finding;
pub mod folding;
mod imprint;
pub mod journal;
pub mod look_up;
pub mod mapping;
pub mod plan;
pub mod record;
pub mod reject;
pub mod run;
pub mod sight;
pub mod source;
pub mod value;
pub mod wanted;

pub use crate::person::masking;
pub use draft::{Draft, DraftOrder, draft};
pub use entry::Entry;
pub use facts::PortalFacts;
pub use finding::{Finding, Level};
pub use imprint::{Imprint, NoImprint};
pub use journal::{Journal, JournalError};
pub use mapping::{Mapping, MappingError, Resolved};
pub use plan::{PlanError, Planner};
pub use record::Record;
pub use reject::Reject;
pub use run::{Session, SyncError, SyncEvent};
pub use sight::Sight;
pub use source::{RecordSource, SourceError, SourceSettings};
pub use value::{FieldValue, ValueKind};
pub use wanted::Wanted;
