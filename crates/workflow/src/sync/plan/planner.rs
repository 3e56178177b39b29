//! Plans window after window, and remembers what concerns more than one of them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use b24_client::{Client, Origin};

use super::PlanError;
use super::decide::{Context, Decision, Seen, decide};
use super::newcomers::{Addition, Newcomers};
use super::person::People;
use super::window::{Candidate, SeenWindow, find_deals, find_people};
use super::wishes::Wishes;
use crate::person::short;
use crate::sync::entry::{Action, Entry};
use crate::sync::look_up::{LiveDeal, fold};
use crate::sync::mapping::{ClosedDeals, ContactMatch, Resolved};
use crate::sync::wanted::{Wanted, WantedContact};
use crate::sync::{Imprint, Reject, Sight};

/// Plans the records of one run.
///
/// What it remembers grows with the run: hashes of keys, some 30 bytes a record, of persons who are to be created, some
/// 250 bytes each, and of what is wanted of contacts that are there, some 40 bytes a field.
#[derive(Debug)]
pub struct Planner {
    rules: Resolved,
    site: String,
    people: People,
    /// Folded keys seen so far, with the exact one: hashes of both.
    keys: HashMap<u64, u64>,
    /// Folded keys with suffixes that further deals of records have or get, and the records' own.
    further: HashMap<u64, Box<str>>,
    /// Deals that records of this plan take over.
    adopted: HashSet<u64>,
    wishes: Wishes,
    newcomers: Newcomers,
    /// What later windows add to persons whom entries of earlier ones create.
    additions: Vec<Addition>,
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
            further: HashMap::new(),
            adopted: HashSet::new(),
            wishes: Wishes::default(),
            newcomers: Newcomers::default(),
            additions: Vec::new(),
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
        self.note_further_keys(&window);
        let twins = self.twins(&window);
        let mut entries = Vec::with_capacity(window.records.len());
        for ((candidate, mut seen), twin) in window.records.into_iter().zip(twins) {
            let wanted = candidate.wanted;
            if let Some(conflict) = twin {
                let warnings = wanted.warnings.clone();
                entries.push(entry(&self.rules, wanted, Decision { action: conflict, warnings }));
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
            let decision = self.among_others(&wanted, &seen, decision, &mut entries);
            if let Action::Update(update) = &decision.action
                && update.adopted
            {
                self.adopted.extend(update.deal);
            }
            entries.push(entry(&self.rules, wanted, decision));
        }
        entries
    }

    /// What is left of a decision beside those about the other records of the plan.
    fn among_others(
        &mut self,
        wanted: &Wanted,
        seen: &Seen,
        decision: Decision,
        entries: &mut [Entry],
    ) -> Decision {
        let Decision { action, mut warnings } = decision;
        let conflict = self.further_key(&wanted.key, seen, &action);
        let action = self.wishes.agree(wanted, conflict.unwrap_or(action), &mut warnings);
        if let Some(addition) = self.newcomers.meet(wanted, &action, &mut warnings) {
            match entries.iter_mut().find(|entry| entry.key == addition.key) {
                Some(entry) => addition.put_into(entry),
                None => self.additions.push(addition),
            }
        }
        Decision { action, warnings }
    }

    /// What the windows since the last call add to persons whom entries of earlier ones create.
    pub(in crate::sync) fn take_additions(&mut self) -> Vec<Addition> {
        std::mem::take(&mut self.additions)
    }

    /// The conflict of a record whose further deal has or gets the key of another record of this plan.
    fn further_key(&mut self, own: &str, seen: &Seen, action: &Action) -> Option<Action> {
        if matches!(action, Action::Conflict { .. } | Action::Unknown { .. }) {
            return None;
        }
        let creates = matches!(action, Action::Create(_));
        seen.deals.iter().skip(1).find_map(|(key, sight)| {
            let folded = short(&fold(key));
            let (is_used, is_known) = match sight {
                Sight::Found(deals) => (is_further(deals, seen), is_noted(deals, seen)),
                Sight::Absent => (creates, false),
                Sight::Unknown(_) => (false, false),
            };
            if is_used && !is_known && self.keys.contains_key(&folded) {
                return Some(key_taken(key, own));
            }
            if is_used {
                self.further.insert(folded, own.into());
            }
            None
        })
    }

    /// Keys of further deals that records of a window have already.
    fn note_further_keys(&mut self, window: &SeenWindow) {
        for (candidate, seen) in &window.records {
            for (key, sight) in seen.deals.iter().skip(1) {
                if matches!(sight, Sight::Found(deals) if is_further(deals, seen)) {
                    self.further.insert(short(&fold(key)), candidate.wanted.key.as_str().into());
                }
            }
        }
    }

    /// Conflicts of records whose keys the portal cannot tell apart, by place. Both are told in one window; of two in
    /// different windows the later one.
    fn twins(&mut self, window: &SeenWindow) -> Vec<Option<Action>> {
        let mut first_places: HashMap<u64, usize> = HashMap::new();
        let mut twins: Vec<Option<Action>> = window.records.iter().map(|_| None).collect();
        for (place, (candidate, _)) in window.records.iter().enumerate() {
            let key = &candidate.wanted.key;
            let (folded, exact) = (short(&fold(key)), short(key));
            twins[place] = self.further.get(&folded).map(|other| key_taken(key, other));
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

/// Whether deals with a key of the record's are not known to be another one's.
fn is_further(deals: &[Arc<LiveDeal>], seen: &Seen) -> bool {
    deals.iter().all(|deal| seen.of_others.iter().all(|(theirs, _)| *theirs != deal.id))
}

/// Whether one of these deals is known to be the record's.
fn is_noted(deals: &[Arc<LiveDeal>], seen: &Seen) -> bool {
    seen.noted.is_some_and(|(noted, _)| deals.iter().any(|deal| deal.id == noted))
}

/// Of a record's own key that is the key of another one's further deal, too.
fn key_taken(key: &str, other: &str) -> Action {
    Action::Conflict {
        code: "sync.key-taken".to_owned(),
        message: format!("{key} is the key of a record, and the key of a further deal of the record {other}"),
        links: Vec::new(),
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

fn entry(rules: &Resolved, wanted: Wanted, decision: Decision) -> Entry {
    // Only where closed deals get successors, anybody asks.
    let imprint = (rules.closed != ClosedDeals::Skip).then(|| Imprint::of(&wanted, rules));
    let warnings: Vec<Reject> = decision.warnings;
    Entry {
        key: wanted.key,
        line: wanted.line,
        cursor: wanted.cursor,
        action: decision.action,
        last_comment: None,
        imprint,
        warnings,
    }
}
