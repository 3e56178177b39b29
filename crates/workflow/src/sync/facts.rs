//! What a mapping must know of a portal: fields, values of enumerations, funnels, stages, users. No records.

mod read;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use read::FactsAnswer;

/// What a mapping must know of a portal. Read in one request, kept in the journal for a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalFacts {
    /// Identity of the portal.
    pub portal: String,
    /// Fields of deals.
    pub deal: Vec<FieldFact>,
    /// Fields of contacts.
    pub contact: Vec<FieldFact>,
    /// Funnels of deals with their stages.
    pub funnels: Vec<Funnel>,
    /// Values of directories, by code of the directory: `SOURCE`, `CONTACT_TYPE`, `STATUS` (of leads), …
    pub directories: BTreeMap<String, Vec<Stage>>,
    /// Users; none when the webhook may not read them.
    pub users: Option<Vec<UserFact>>,
}

/// A field.
#[expect(clippy::struct_excessive_bools, reason = "the portal describes a field by its flags")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFact {
    /// Name in `crm.item.*`, such as `ufCrm_1772717712`.
    pub name: String,
    /// Upper-case name of the older methods.
    pub original: String,
    /// What users call it.
    pub title: String,
    /// The portal's type, such as `string`, `enumeration`, `crm_status`.
    pub kind: String,
    /// Whether it must be filled.
    pub required: bool,
    /// Whether it cannot be written.
    pub read_only: bool,
    /// Whether it holds a list.
    pub multiple: bool,
    /// Whether users made it.
    pub user_made: bool,
    /// Directory of a `crm_status` field.
    pub directory: Option<String>,
    /// Values of an enumeration.
    pub choices: Vec<Choice>,
    /// Longest text in characters, where the portal says so.
    pub max_length: Option<usize>,
    /// Digits after the point, where the portal says so.
    pub scale: Option<u32>,
}

/// A value of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Its number.
    pub id: u64,
    /// What users see.
    pub text: String,
}

/// A funnel of deals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    /// Its number; 0 is the first one.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its stages in their order.
    pub stages: Vec<Stage>,
}

/// A stage, or another value of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Its full code, such as `NEW`, `C4:WON`.
    pub id: String,
    /// What users call it.
    pub name: String,
    /// What it means.
    pub semantics: Semantics,
}

/// What a stage means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Semantics {
    /// Work goes on.
    #[default]
    Open,
    /// Won.
    Success,
    /// Lost.
    Failure,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserFact {
    /// The number.
    pub id: u64,
    /// Family name and given name.
    pub name: String,
}

impl PortalFacts {
    /// BLAKE3 of everything a plan depends on; users come and go without making a plan stale.
    #[must_use]
    pub fn hash(&self) -> String {
        let parts = (&self.portal, &self.deal, &self.contact, &self.funnels, &self.directories);
        let text = serde_json::to_vec(&parts).unwrap_or_default();
        blake3::hash(&text).to_hex().to_string()
    }

    /// The funnel of this number.
    #[must_use]
    pub fn funnel(&self, id: u64) -> Option<&Funnel> {
        self.funnels.iter().find(|funnel| funnel.id == id)
    }

    /// What a stage of a deal means; a stage of no known funnel is open.
    #[must_use]
    pub fn semantics(&self, stage: &str) -> Semantics {
        let stages = self.funnels.iter().flat_map(|funnel| &funnel.stages);
        stages.into_iter().find(|known| known.id == stage).map_or(Semantics::Open, |known| known.semantics)
    }
}
