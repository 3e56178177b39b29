//! Whether a record changed since it was last written, or is only read again.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::mapping::Resolved;
use super::wanted::{Policy, Wanted};

/// What a record wanted of an open deal under a mapping, as hashes of 64 bits each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Imprint {
    mapping: u64,
    record: u64,
}

impl Imprint {
    /// What a record wants now. What is only set on creation does not count: an open deal would not get it either.
    #[must_use]
    pub fn of(wanted: &Wanted, rules: &Resolved) -> Self {
        let mut record = blake3::Hasher::new();
        let mut part = |text: &str| {
            record.update(&text.len().to_le_bytes());
            record.update(text.as_bytes());
        };
        for field in wanted.deal.iter().filter(|field| field.policy != Policy::CreateOnly) {
            part(&field.name);
            part(&field.value.texts.len().to_string());
            field.value.texts.iter().for_each(|text| part(text));
        }
        part(wanted.stage.as_deref().filter(|_| rules.stages.update).unwrap_or_default());
        part(wanted.comment.as_deref().unwrap_or_default());
        Self {
            mapping: first_bits(&blake3::hash(rules.mapping_hash.as_bytes())),
            record: first_bits(&record.finalize()),
        }
    }

    /// Whether the record changed after `earlier`. Nobody can tell when the mapping is another one: then it did not.
    #[must_use]
    pub fn changed_since(self, earlier: Self) -> bool {
        self.mapping == earlier.mapping && self.record != earlier.record
    }
}

fn first_bits(hash: &blake3::Hash) -> u64 {
    let mut bits = [0; 8];
    bits.copy_from_slice(&hash.as_bytes()[..8]);
    u64::from_be_bytes(bits)
}

impl fmt::Display for Imprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{:016x}", self.mapping, self.record)
    }
}

/// A text that is no imprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot read what a record wanted")]
pub struct NoImprint;

impl FromStr for Imprint {
    type Err = NoImprint;

    fn from_str(text: &str) -> Result<Self, NoImprint> {
        let (mapping, record) = text.split_once('-').ok_or(NoImprint)?;
        let number = |text| u64::from_str_radix(text, 16).map_err(|_| NoImprint);
        Ok(Self { mapping: number(mapping)?, record: number(record)? })
    }
}

impl TryFrom<String> for Imprint {
    type Error = NoImprint;

    fn try_from(text: String) -> Result<Self, NoImprint> {
        text.parse()
    }
}

impl From<Imprint> for String {
    fn from(imprint: Imprint) -> Self {
        imprint.to_string()
    }
}
