//! The records in memory, by what they wait for.

use std::collections::{HashMap, VecDeque};

use b24_client::crm::EntityType;

use super::calls::parts;
use super::fate::Fate;
use super::import::Imported;
use super::job::Job;
use super::pace::Pace;
use super::right::{ImportRefused, Proved};
use crate::sync::mapping::{Automation, Resolved};

/// Commands of a request.
pub(super) const COMMANDS: usize = 50;

/// The records in memory, by what they wait for.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) automation: Automation,
    /// The place in the plan up to which entries were loaded.
    pub(super) after: u64,
    /// The whole plan was loaded.
    pub(super) exhausted: bool,
    /// Records by the identity of the person who has to be created for them; the first of them creates.
    pub(super) people: HashMap<String, Vec<Job>>,
    /// Identities of persons whose creation was not sent yet.
    pub(super) newcomers: VecDeque<String>,
    /// Records whose person is known.
    pub(super) ready: VecDeque<Job>,
    /// Records whose deal is to be created by an import.
    pub(super) imports: VecDeque<Job>,
    /// Records in memory, those under way included.
    pub(super) loaded: usize,
    /// Requests under way that give work when they land.
    pub(super) upstream: usize,
    /// What is known to be importable.
    pub(super) proved: Proved,
    /// An import is under way that shows whether the user may import: nothing goes beside it.
    pub(super) probing: bool,
    pub(super) contact_pace: Pace,
    pub(super) deal_pace: Pace,
}

impl Flow {
    pub(super) fn new(automation: Automation) -> Self {
        Self {
            automation,
            after: 0,
            exhausted: false,
            people: HashMap::new(),
            newcomers: VecDeque::new(),
            ready: VecDeque::new(),
            imports: VecDeque::new(),
            loaded: 0,
            upstream: 0,
            proved: Proved::default(),
            probing: false,
            contact_pace: Pace::default(),
            deal_pace: Pace::default(),
        }
    }

    /// Whether there is room for another page of the plan.
    pub(super) fn has_room(&self) -> bool {
        let room = match self.automation {
            Automation::Run => 1_000,
            Automation::Skip => 4_500,
        };
        self.loaded < room
    }

    /// Puts a record where it waits for what it needs next.
    pub(super) fn enter(&mut self, job: Job) {
        if let Some(identity) = job.newcomer().map(str::to_owned) {
            let waiting = self.people.entry(identity.clone()).or_default();
            if waiting.is_empty() {
                self.newcomers.push_back(identity);
            }
            waiting.push(job);
        } else if self.automation == Automation::Skip && job.creation().is_some() {
            self.imports.push_back(job);
        } else {
            self.ready.push_back(job);
        }
    }

    /// What an import shows about the user's rights: when the first one is refused for want of them, nothing of it was
    /// created.
    pub(super) fn learn(
        &mut self,
        entity: EntityType,
        imported: Imported,
        fates: &mut [Fate],
    ) -> Option<ImportRefused> {
        self.probing = false;
        let proved = self.proved.of(entity);
        *proved |= imported.created;
        let reason = imported.refused.filter(|_| !*proved)?;
        fates.fill(Fate::NotSent(reason.clone()));
        Some(ImportRefused::of(entity, reason))
    }

    /// Whether nothing that is under way or waits can give more records to the queue for deals.
    pub(super) fn is_last_of_deals(&self) -> bool {
        self.exhausted && self.newcomers.is_empty() && self.upstream == 0
    }

    /// Records whose commands fill a request; fewer only when no others will come.
    pub(super) fn take_ready(&mut self, rules: &Resolved) -> Vec<Job> {
        let mut commands = 0;
        let mut count = 0;
        for job in &self.ready {
            let more = parts(job, rules).len();
            if count > 0 && commands + more > COMMANDS {
                break;
            }
            commands += more;
            count += 1;
        }
        let is_full = count < self.ready.len() || commands >= COMMANDS;
        let is_last = self.is_last_of_deals() && self.imports.is_empty();
        if is_full || is_last { self.ready.drain(..count).collect() } else { Vec::new() }
    }
}
