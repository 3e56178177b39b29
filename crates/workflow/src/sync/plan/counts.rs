//! How many of what, and what it starts on the portal.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::person::short;
use crate::sync::Entry;
use crate::sync::entry::{Action, ContactChoice};
use crate::sync::mapping::{Automation, Resolved};

/// How many entries of each kind a plan has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Deals to create.
    pub create: u64,
    /// Records with something to change.
    pub update: u64,
    /// Records with nothing to change.
    pub unchanged: u64,
    /// Records left alone by a rule.
    pub skipped: u64,
    /// Records that a person has to decide about.
    pub conflict: u64,
    /// Records about which the portal did not answer.
    pub unknown: u64,
    /// Contacts to create, each person once.
    pub contacts_create: u64,
    /// Contacts to change.
    pub contacts_update: u64,
    /// Comments to post.
    pub comments: u64,
    /// Deals that had no key and are taken over.
    pub adopted: u64,
    /// Warnings.
    pub warnings: u64,
    /// Skipped, conflicting and unknown records by code.
    pub reasons: BTreeMap<String, u64>,
}

/// What the writes of a plan start on the portal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Robots {
    /// Deals that enter a stage, whose robots run then; the empty one is the first stage of the funnel.
    pub by_stage: BTreeMap<String, u64>,
    /// Deals that change and stay in their stage: business processes that run on changes.
    pub changed_deals: u64,
    /// Contacts that are created or changed: business processes of contacts.
    pub contacts: u64,
    /// Leads that get the mapping's status: robots of that status.
    #[serde(default)]
    pub leads: u64,
}

impl Robots {
    /// Writes that start something.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.by_stage.values().sum::<u64>() + self.changed_deals + self.contacts + self.leads
    }
}

/// Counts the entries of one plan as they come.
#[derive(Debug)]
pub struct Tally {
    counts: Counts,
    robots: Robots,
    /// Whether writes start something.
    starts: bool,
    /// Whether leads that are linked get a status.
    leads_change: bool,
    /// Hashes of the persons who are to be created.
    people: HashSet<u64>,
}

impl Tally {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(rules: &Resolved) -> Self {
        Self {
            counts: Counts::default(),
            robots: Robots::default(),
            starts: rules.automation == Automation::Run,
            leads_change: rules.leads.as_ref().is_some_and(|leads| leads.status.is_some()),
            people: HashSet::new(),
        }
    }

    /// What was counted.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// What the writes that were counted start on the portal.
    #[must_use]
    pub fn robots(&self) -> &Robots {
        &self.robots
    }

    /// Counts one entry.
    pub fn add(&mut self, entry: &Entry) {
        self.counts.warnings += entry.warnings.len() as u64;
        let mut reason = |code: &str| *self.counts.reasons.entry(code.to_owned()).or_default() += 1;
        match &entry.action {
            Action::Create(creation) => {
                self.counts.create += 1;
                self.counts.comments += u64::from(creation.comment.is_some());
                let stage = creation.fields.iter().find(|field| field.name == "stageId");
                self.enters(stage.and_then(|stage| stage.value.first()).unwrap_or_default());
                self.contact(&creation.contact);
                let lead_changes = creation.lead.is_some() && !creation.lead_is_set;
                self.robots.leads += u64::from(self.starts && self.leads_change && lead_changes);
            }
            Action::Update(update) => {
                self.counts.update += 1;
                self.counts.adopted += u64::from(update.adopted);
                self.counts.comments += u64::from(update.comment.is_some());
                let links = matches!(
                    update.contact,
                    ContactChoice::Use { link: true, .. } | ContactChoice::Create { .. }
                );
                let stage = update.changes.iter().find(|change| change.name == "stageId");
                if let Some(stage) = stage {
                    self.enters(stage.after.first().unwrap_or_default());
                } else if links || !update.changes.is_empty() {
                    self.robots.changed_deals += u64::from(self.starts);
                }
                self.contact(&update.contact);
            }
            Action::Unchanged { .. } => self.counts.unchanged += 1,
            Action::Skipped { code, .. } => {
                reason(code);
                self.counts.skipped += 1;
            }
            Action::Conflict { code, .. } => {
                reason(code);
                self.counts.conflict += 1;
            }
            Action::Unknown { .. } => {
                reason("sync.look-up-unknown");
                self.counts.unknown += 1;
            }
        }
    }

    fn enters(&mut self, stage: &str) {
        if self.starts {
            *self.robots.by_stage.entry(stage.to_owned()).or_default() += 1;
        }
    }

    fn contact(&mut self, contact: &ContactChoice) {
        let written = match contact {
            ContactChoice::None => false,
            ContactChoice::Use { changes, .. } => {
                self.counts.contacts_update += u64::from(!changes.is_empty());
                !changes.is_empty()
            }
            ContactChoice::Create { identity, .. } => {
                let new = self.people.insert(short(identity));
                self.counts.contacts_create += u64::from(new);
                new
            }
        };
        self.robots.contacts += u64::from(written && self.starts);
    }
}

impl Counts {
    /// Records whose deal is there.
    #[must_use]
    pub fn known(&self) -> u64 {
        self.update + self.unchanged + self.skipped
    }

    /// All records.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.create + self.update + self.unchanged + self.skipped + self.conflict + self.unknown
    }
}
