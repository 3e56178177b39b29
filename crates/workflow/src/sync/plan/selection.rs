//! A gentle first write: some records of the source, or some writes.

use std::collections::BTreeSet;

use crate::sync::Entry;
use crate::sync::entry::Action;

/// Which records take part. What is left out is not done: the cursor must not move past it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// `--limit`: at most so many records are written.
    pub limit: Option<u64>,
    /// `--only`: records with these keys; all when there is none.
    pub only: BTreeSet<String>,
    written: u64,
}

/// Whether an entry takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It does.
    Taken,
    /// It does not.
    LeftOut,
}

impl Selection {
    /// At most `limit` writes, of the records with these keys.
    #[must_use]
    pub fn new(limit: Option<u64>, only: impl IntoIterator<Item = String>) -> Self {
        Self { limit, only: only.into_iter().collect(), written: 0 }
    }

    /// Whether every record takes part.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.limit.is_none() && self.only.is_empty()
    }

    /// Whether a record is worth looking up.
    #[must_use]
    pub fn wants(&self, key: &str) -> bool {
        !self.is_used_up() && (self.only.is_empty() || self.only.contains(key))
    }

    /// Whether a row that cannot be used is told about: one of other records is, by a run that takes them.
    #[must_use]
    pub fn concerns(&self, key: Option<&str>) -> bool {
        self.only.is_empty() || key.is_some_and(|key| self.only.contains(key))
    }

    /// Whether the limit is reached: nothing that follows takes part.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        self.limit.is_some_and(|limit| self.written >= limit)
    }

    /// Takes an entry in, or leaves it out.
    pub fn admit(&mut self, entry: &Entry) -> Admission {
        if !self.wants(&entry.key) {
            return Admission::LeftOut;
        }
        self.written += u64::from(matches!(entry.action, Action::Create(_) | Action::Update(_)));
        Admission::Taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, action: Action) -> Entry {
        let (cursor, last_comment, warnings) = (None, None, Vec::new());
        Entry { key: key.to_owned(), line: 1, cursor, action, last_comment, imprint: None, warnings }
    }

    fn write(key: &str) -> Entry {
        let contact = crate::sync::entry::ContactChoice::None;
        let creation = crate::sync::entry::Creation {
            fields: Vec::new(),
            contact,
            comment: None,
            lead: None,
            after: 0,
            lead_is_set: false,
        };
        entry(key, Action::Create(creation))
    }

    #[test]
    fn a_limit_counts_writes_and_ends_the_plan() {
        let mut selection = Selection::new(Some(2), []);
        assert_eq!(
            selection.admit(&entry("A", Action::Unchanged { deal: Some(1), contact: None })),
            Admission::Taken
        );
        assert_eq!(selection.admit(&write("B")), Admission::Taken);
        assert_eq!(selection.admit(&write("C")), Admission::Taken);
        assert!(selection.is_used_up());
        assert_eq!(selection.admit(&write("D")), Admission::LeftOut);
        assert_eq!(
            selection.admit(&entry("E", Action::Unchanged { deal: Some(1), contact: None })),
            Admission::LeftOut,
            "the cursor must not move past D"
        );
    }

    #[test]
    fn chosen_keys_leave_the_others_out() {
        let mut selection = Selection::new(None, ["B".to_owned()]);
        assert!(!selection.wants("A"));
        assert_eq!(selection.admit(&write("A")), Admission::LeftOut);
        assert_eq!(selection.admit(&write("B")), Admission::Taken);
    }
}
