//! `[index]`: how texts are cut, and who embeds them.

use std::collections::BTreeMap;

use embed_queue::split::Sizes;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use workflow::index::crm::Entity;

use super::Told;
use super::embedder::BUILTIN;

/// Larger files are skipped unless the settings say otherwise.
const MAX_FILE_MB: u32 = 64;
/// Bytes of a megabyte.
const MEGABYTE: u64 = 1024 * 1024;

/// The `[index]` table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Index {
    /// Who embeds: the name of an `[embedder.X]`; the built-in embedder unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) embedder: Option<String>,
    /// Larger files are skipped; 64 unless given.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "positive")]
    pub(crate) max_file_mb: Option<u32>,
    /// What of the portal is indexed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crm: Option<Crm>,
    /// Tokens that a piece of a document grows to; 450 unless given.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "positive")]
    pub(crate) chunk_tokens: Option<u32>,
}

/// `[index.crm]`: the fields whose texts are indexed, an allow-list for each kind of records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Crm {
    #[serde(skip_serializing_if = "Option::is_none")]
    lead: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deal: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice: Option<Vec<String>>,
    /// `false` leaves the comments of timelines out.
    #[serde(skip_serializing_if = "Option::is_none")]
    comments: Option<bool>,
}

impl Crm {
    /// The fields by kind; an empty list leaves a kind out.
    pub(crate) fn fields(&self) -> BTreeMap<Entity, Vec<String>> {
        let given = self.given().into_iter().filter_map(|(entity, fields)| Some((entity, fields.clone()?)));
        let mut fields = Entity::fields(&given.collect());
        fields.retain(|_, fields| !fields.is_empty());
        fields
    }

    fn given(&self) -> [(Entity, &Option<Vec<String>>); 5] {
        [
            (Entity::Lead, &self.lead),
            (Entity::Deal, &self.deal),
            (Entity::Contact, &self.contact),
            (Entity::Company, &self.company),
            (Entity::Invoice, &self.invoice),
        ]
    }

    /// Whether comments are indexed.
    pub(crate) fn comments(&self) -> bool {
        self.comments.unwrap_or(true)
    }
}

impl Index {
    /// The size of the largest file that is read.
    pub(crate) fn max_bytes(&self) -> u64 {
        u64::from(self.max_file_mb.unwrap_or(MAX_FILE_MB)) * MEGABYTE
    }

    /// Every key with what is in force.
    pub(crate) fn told(&self) -> Vec<Told> {
        let tokens = self.chunk_tokens.map_or(Sizes::default().target, |tokens| tokens as usize);
        let crm = self.crm.clone().unwrap_or_default();
        let mut told = vec![
            Told::new("embedder", self.embedder.as_deref().unwrap_or(BUILTIN), self.embedder.is_some()),
            Told::new("max_file_mb", self.max_file_mb.unwrap_or(MAX_FILE_MB), self.max_file_mb.is_some()),
            Told::new("chunk_tokens", tokens, self.chunk_tokens.is_some()),
        ];
        let fields = crm.fields();
        for (entity, given) in crm.given() {
            let fields = fields.get(&entity).map_or_else(|| "none".to_owned(), |fields| fields.join(", "));
            told.push(Told::new(&format!("crm.{}", entity.name()), fields, given.is_some()));
        }
        told.push(Told::new("crm.comments", crm.comments(), crm.comments.is_some()));
        told
    }

    /// Sizes of pieces; none is larger than the model takes.
    pub(crate) fn sizes(&self, longest: usize) -> Sizes {
        let usual = Sizes::default();
        let target = self.chunk_tokens.map_or(usual.target, |tokens| tokens as usize);
        Sizes { target, ..usual }.within(longest)
    }
}

/// A number that is not 0.
pub(super) fn positive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    match u32::deserialize(deserializer)? {
        0 => Err(D::Error::custom("must be 1 or more")),
        number => Ok(Some(number)),
    }
}
