//! Document numbers met before.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::party::Party;

/// Remembers the numbers of processed invoices, so that a number used twice by one seller is noticed across the
/// windows of a run.
///
/// It keeps 16 bytes per invoice: a hash of seller and number, and the id. Two different numbers with one hash would
/// make a false warning; among a million invoices the chance of one is below 10⁻⁷.
#[derive(Debug, Clone, Default)]
pub struct Duplicates {
    first: HashMap<u64, u64>,
}

impl Duplicates {
    /// The id of an earlier invoice of this seller with this number.
    pub(crate) fn earlier(&mut self, seller: Option<&Party>, number: &str, id: u64) -> Option<u64> {
        let mut hasher = DefaultHasher::new();
        seller.map(|seller| seller.inn().or(seller.name())).hash(&mut hasher);
        number.hash(&mut hasher);
        match self.first.entry(hasher.finish()) {
            Entry::Occupied(entry) => Some(*entry.get()).filter(|&first| first != id),
            Entry::Vacant(entry) => {
                entry.insert(id);
                None
            }
        }
    }
}
