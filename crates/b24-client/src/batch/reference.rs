//! References from one command of a batch to the result of an earlier one.
//!
//! The portal resolves a reference that leads nowhere to whatever it had reached by then: a failed command becomes a
//! whole map, which reads as the number 1. So a write carries a reference only where an unresolved one is refused:
//! for mandatory ids, as text with a leading space (embedded in text the portal replaces numbers and texts only).
//! Any other reference in a write waits until the value is known and is sent as that value.

use super::Command;
use crate::call::Safety;
use crate::params::{Form, Mention};

/// The result of an earlier command, or a value inside it. Made by [`Slot::at`](crate::Slot::at).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    pub(crate) batch: u64,
    pub(crate) index: usize,
    pub(crate) path: String,
}

/// Mandatory ids of writes, by method: an unreadable one is refused, never taken for another record.
const MANDATORY_IDS: &[(&str, &[&[&str]])] = &[
    ("crm.timeline.comment.add", &[&["fields", "ENTITY_ID"]]),
    ("crm.timeline.comment.update", &[&["id"]]),
    ("crm.timeline.comment.delete", &[&["id"]]),
    ("crm.deal.contact.add", &[&["id"]]),
    ("crm.item.update", &[&["id"]]),
    ("crm.item.delete", &[&["id"]]),
    ("crm.deal.update", &[&["id"]]),
    ("crm.deal.delete", &[&["id"]]),
    ("crm.contact.update", &[&["id"]]),
    ("crm.contact.delete", &[&["id"]]),
    ("crm.company.update", &[&["id"]]),
    ("crm.company.delete", &[&["id"]]),
    ("crm.lead.update", &[&["id"]]),
    ("crm.lead.delete", &[&["id"]]),
];

impl Reference {
    /// The steps of the path, or what is wrong with it.
    pub(crate) fn steps(&self) -> Result<Vec<&str>, String> {
        let mut steps = Vec::new();
        let mut rest = self.path.as_str();
        while !rest.is_empty() {
            let step = rest.strip_prefix('[').and_then(|inner| inner.split_once(']'));
            let Some((step, after)) = step else {
                return Err(format!("{} is not a path like [item][id]", self.path));
            };
            if step.is_empty() || step.contains(|c: char| c.is_whitespace() || "[$'\"".contains(c)) {
                return Err(format!("[{step}] is a step the portal cannot follow"));
            }
            steps.push(step);
            rest = after;
        }
        Ok(steps)
    }

    /// How the portal knows it.
    pub(crate) fn text(&self) -> String {
        format!("$result[{}]{}", super::key(self.index), self.path)
    }
}

impl Command {
    /// Whether it refers to another command.
    pub(crate) fn refers(&self) -> bool {
        !self.params.references().is_empty()
    }

    /// Whether the portal may resolve this reference.
    pub(crate) fn may_mention(&self, mention: &Mention<'_>) -> bool {
        let path = &mention.path;
        (self.safety == Safety::Read && mention.form != Form::Glued)
            || mention.form == Form::Whole
                && MANDATORY_IDS.iter().any(|(method, places)| {
                    self.method.eq_ignore_ascii_case(method)
                        && places.iter().any(|place| {
                            place.len() == path.len()
                                && place
                                    .iter()
                                    .zip(path.iter())
                                    .all(|(known, given)| known.eq_ignore_ascii_case(given))
                        })
                })
    }
}
