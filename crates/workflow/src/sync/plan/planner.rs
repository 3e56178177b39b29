//! Plans window after window, and remembers what concerns more than one of them.

use std::collections::{HashMap, HashSet};

use b24_client::{Client, Origin};

use super::PlanError;
use super::decide::{Context, Decision, decide};
use super::person::People;
use super::window::{Candidate, SeenWindow, find_deals, find_people};
use crate::person::short;
use crate::sync::entry::{Action, Entry};
use crate::sync::look_up::fold;
use crate::sync::mapping::{ContactMatch, Resolved};
use crate::sync::wanted::{Wanted, WantedContact};
use crate::sync::{Reject, Sight};

/// Plans the records of one run.
///
/// What it remembers grows with the run: hashes of keys, some 30 bytes a record, and of persons who are to be
/// created, some 100 bytes each.
#[derive(Debug)]
pub struct Planner {
    rules: Resolved,
    site: String,
    people: People,
    /// Folded keys seen so far, with the exact one: hashes of both.
    keys: HashMap<u64, u64>,
    /// Deals that records of this plan take over.
    adopted: HashSet<u64>,
}

impl Planner {
    /// Plans under a mapping on the portal at this address.
    #[must_use]
    pub fn new(rules: Resolved, portal: &Origin) -> Self {
        Self {
            rules,
            site: portal.to_string(),
            people: People::default(),
            keys: HashMap::new(),
            adopted: HashSet::new(),
        }
    }

    /// The mapping on this portal.
    #[must_use]
    pub fn rules(&self) -> &Resolved {
        &self.rules
    }

    /// Whether a record with this key, or with one that the portal cannot tell from it, was decided about.
    pub(in crate::sync) fn has_met(&self, key: &str) -> bool {
        self.keys.contains_key(&short(&fold(key)))
    }

    /// Looks up everything about a window of at most some 2,000 records.
    ///
    /// # Errors
    /// When the portal does not filter by the key field, and when no call can succeed at all. Look-ups that fail for
    /// some records make those records unknown.
    pub async fn look_up(&self, client: &Client, window: Vec<Candidate>) -> Result<SeenWindow, PlanError> {
        let deals = find_deals(client, &self.rules, &self.site, window).await?;
        find_people(client, &self.rules, &self.site, deals).await
    }

    /// Decides about the records of a window. `comment_due` says whether a text differs from the last comment posted to
    /// a deal.
    pub fn decide(&mut self, window: SeenWindow, comment_due: &dyn Fn(u64, &str) -> bool) -> Vec<Entry> {
        let twins = self.twins(&window);
        let mut entries = Vec::with_capacity(window.records.len());
        for ((candidate, mut seen), twin) in window.records.into_iter().zip(twins) {
            let wanted = candidate.wanted;
            if let Some(conflict) = twin {
                let warnings = wanted.warnings.clone();
                entries.push(entry(wanted, Decision { action: conflict, warnings }));
                continue;
            }
            if let Some(Sight::Found(deals)) = &mut seen.adoptable {
                deals.retain(|deal| !self.adopted.contains(&deal.id));
            }
            let match_by = self.rules.contact.as_ref().map_or(ContactMatch::default(), |rule| rule.match_by);
            let (people, key) = (&mut self.people, wanted.key.clone());
            let mut identity = |person: &WantedContact| people.identity(person, match_by, &key);
            let mut context =
                Context { rules: &self.rules, site: &self.site, comment_due, identity: &mut identity };
            let decision = decide(&wanted, &seen, &mut context);
            if let Action::Update(update) = &decision.action
                && update.adopted
            {
                self.adopted.extend(update.deal);
            }
            entries.push(entry(wanted, decision));
        }
        entries
    }

    /// Conflicts of records whose keys the portal cannot tell apart, by place. Both are told in one window; of two in
    /// different windows the later one.
    fn twins(&mut self, window: &SeenWindow) -> Vec<Option<Action>> {
        let mut first_places: HashMap<u64, usize> = HashMap::new();
        let mut twins: Vec<Option<Action>> = window.records.iter().map(|_| None).collect();
        for (place, (candidate, _)) in window.records.iter().enumerate() {
            let key = &candidate.wanted.key;
            let (folded, exact) = (short(&fold(key)), short(key));
            if let Some(known) = self.keys.insert(folded, exact) {
                let conflict = twin(known == exact);
                if let Some(first) = first_places.get(&folded) {
                    twins[*first] = Some(conflict.clone());
                }
                twins[place] = Some(conflict);
            } else {
                first_places.insert(folded, place);
            }
        }
        twins
    }
}

fn twin(same: bool) -> Action {
    let (code, message) = if same {
        ("sync.key-duplicate", "several records of the source have this key")
    } else {
        (
            "sync.key-case",
            "another record's key differs in capitals only, and the portal cannot tell them apart",
        )
    };
    Action::Conflict { code: code.to_owned(), message: message.to_owned(), links: Vec::new() }
}

fn entry(wanted: Wanted, decision: Decision) -> Entry {
    let warnings: Vec<Reject> = decision.warnings;
    Entry {
        key: wanted.key,
        line: wanted.line,
        cursor: wanted.cursor,
        action: decision.action,
        last_comment: None,
        warnings,
    }
}
