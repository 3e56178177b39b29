//! One record on its way: what of it is still to be written.

use crate::sync::Entry;
use crate::sync::entry::{Action, Assignment, Change, ContactChoice};
use crate::sync::journal::Progress;

/// One record on its way.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) entry: Entry,
    /// The person of the deal, once there is one.
    pub(super) contact: Option<u64>,
    /// The deal, when it is there.
    pub(super) deal: Option<u64>,
    /// The comment is posted already.
    pub(super) commented: bool,
    /// What this run has written already.
    done: Progress,
}

impl Job {
    pub(super) fn new(entry: Entry) -> Self {
        let (contact, deal) = match &entry.action {
            Action::Create(creation) => (existing(&creation.contact), None),
            Action::Update(update) => (existing(&update.contact), update.deal),
            Action::Unchanged { deal, contact } => (*contact, *deal),
            Action::Skipped { deal, .. } => (None, *deal),
            Action::Conflict { .. } | Action::Unknown { .. } => (None, None),
        };
        Self { entry, contact, deal, commented: false, done: Progress::default() }
    }

    /// Leaves out what this run has written already.
    pub(super) fn resume(&mut self, progress: Progress) {
        self.deal = self.deal.or(progress.deal);
        self.contact = self.contact.or(progress.contact);
        self.done = progress;
    }

    pub(super) fn choice(&self) -> Option<&ContactChoice> {
        match &self.entry.action {
            Action::Create(creation) => Some(&creation.contact),
            Action::Update(update) => Some(&update.contact),
            _ => None,
        }
    }

    /// The identity of the person who has to be created first.
    pub(super) fn newcomer(&self) -> Option<&str> {
        match self.choice() {
            Some(ContactChoice::Create { identity, .. }) if self.contact.is_none() => Some(identity),
            _ => None,
        }
    }

    /// The comment that is still to be posted.
    pub(super) fn comment(&self) -> Option<&str> {
        let comment = match &self.entry.action {
            Action::Create(creation) => creation.comment.as_deref(),
            Action::Update(update) => update.comment.as_deref(),
            _ => None,
        };
        comment.filter(|text| !self.commented && !text.trim().is_empty())
    }

    /// The fields of the deal that is still to be created.
    pub(super) fn creation(&self) -> Option<&[Assignment]> {
        match &self.entry.action {
            Action::Create(creation) if self.deal.is_none() => Some(&creation.fields),
            _ => None,
        }
    }

    /// The changes of the deal that are still to be written, and whether it gets its contact.
    pub(super) fn deal_changes(&self) -> Option<(&[Change], Option<u64>)> {
        let Action::Update(update) = &self.entry.action else { return None };
        let link = match &update.contact {
            ContactChoice::Use { id, link: true, .. } => Some(*id),
            ContactChoice::Create { .. } => self.contact,
            ContactChoice::Use { .. } | ContactChoice::None => None,
        };
        let due = !self.done.deal_changed && (!update.changes.is_empty() || link.is_some());
        due.then_some((&update.changes, link))
    }

    /// The contact and its changes that are still to be written.
    pub(super) fn contact_changes(&self) -> Option<(u64, &[Change])> {
        match self.choice()? {
            ContactChoice::Use { id, changes, .. } if !self.done.contact_changed && !changes.is_empty() => {
                Some((*id, changes))
            }
            _ => None,
        }
    }

    /// The lead that is still to be changed.
    pub(super) fn lead(&self) -> Option<u64> {
        match &self.entry.action {
            Action::Create(creation) => {
                creation.lead.filter(|_| !self.done.lead_changed && !creation.lead_is_set)
            }
            _ => None,
        }
    }
}

fn existing(choice: &ContactChoice) -> Option<u64> {
    match choice {
        ContactChoice::Use { id, .. } => Some(*id),
        ContactChoice::None | ContactChoice::Create { .. } => None,
    }
}
