//! A plan as a file: written while it is made, read piece by piece, refused when anything is missing.
//!
//! The file is one JSON document with an entry in each line, so that it can be read without holding it in memory and
//! looked at with any tool: header, entries, and an end with their number and a hash of everything before.

mod reader;
mod writer;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Counts, Guard, PlanError, Robots};
use crate::sync::mapping::Resolved;

pub use reader::{Entries, SavedPlan};
pub use writer::PlanWriter;

/// The format this version writes, and the newest it reads. Format 1 does not say which comment a deal had: where one was
/// posted, its planned comment is a conflict.
pub const FORMAT: u32 = 2;

/// What a plan was made of. A plan is good for nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanHeader {
    /// Version of the format.
    pub format: u32,
    /// Identity of the portal.
    pub portal: String,
    /// Name of the source.
    pub name: String,
    /// Hash of the mapping.
    pub mapping: String,
    /// Hash of the portal's fields, funnels and directories.
    pub facts: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What stands at the end of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanEnd {
    /// How many entries there are.
    pub entries: u64,
    /// How many of each kind.
    pub counts: Counts,
    /// What they start on the portal.
    pub robots: Robots,
    /// Guards that were tripped: such a plan can be read, not applied.
    pub guards: Vec<Guard>,
    /// BLAKE3 of header and entries.
    pub blake3: String,
}

impl PlanHeader {
    /// The header of a plan made now under a mapping.
    #[must_use]
    pub fn new(rules: &Resolved, now: Timestamp) -> Self {
        Self {
            format: FORMAT,
            portal: rules.portal.clone(),
            name: rules.name.clone(),
            mapping: rules.mapping_hash.clone(),
            facts: rules.facts_hash.clone(),
            created_at: now,
        }
    }

    /// Refuses a plan that was made of anything else than this mapping on this portal with its fields as they are.
    ///
    /// # Errors
    /// Another portal, a changed mapping, changed fields, stages or enumerations.
    pub fn check(&self, rules: &Resolved) -> Result<(), PlanError> {
        if self.portal != rules.portal {
            return Err(PlanError::OtherPortal { planned: self.portal.clone(), now: rules.portal.clone() });
        }
        if self.mapping != rules.mapping_hash {
            return Err(PlanError::MappingChanged);
        }
        if self.facts != rules.facts_hash {
            return Err(PlanError::FieldsChanged);
        }
        Ok(())
    }
}
