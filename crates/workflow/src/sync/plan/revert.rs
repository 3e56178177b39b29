//! Taking a run back: fields that still hold what the run wrote get their old values again. What it created is listed,
//! never deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use b24_client::{Client, Token};

use super::PlanError;
use super::stale::now;
use crate::sync::entry::{Action, Change, ContactChoice, Entry, Update};
use crate::sync::look_up::{
    DealFields, LiveContact, LiveDeal, batch_find_contacts_by_ids, batch_find_deals_by_ids,
};
use crate::sync::{Reject, Sight};

/// Fields that a run wrote, as its journal has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenChange {
    /// External key of the record.
    pub key: String,
    /// The record's deal; none when it was refused.
    pub deal: Option<u64>,
    /// The contact, when the field is one of the contact.
    pub contact: Option<u64>,
    /// What was there, and what was written.
    pub change: Change,
}

/// A deal that a run created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenDeal {
    /// External key of the record.
    pub key: String,
    /// The deal.
    pub deal: u64,
}

/// Reads the records that a run changed and plans how to take it back.
///
/// # Errors
/// When no call can succeed at all.
pub async fn plan_revert(
    client: &Client,
    key_field: &str,
    changes: Vec<WrittenChange>,
    created: &[WrittenDeal],
) -> Result<Vec<Entry>, PlanError> {
    let (of_contact, of_deal): (Vec<_>, Vec<_>) =
        changes.iter().partition(|written| written.contact.is_some());
    let originals = |written: &[&WrittenChange]| -> Vec<String> {
        let names: BTreeSet<&String> = written.iter().map(|written| &written.change.original).collect();
        names.into_iter().cloned().collect()
    };
    let ids: BTreeSet<u64> = of_deal.iter().filter_map(|written| written.deal).collect();
    let ids: Vec<u64> = ids.into_iter().collect();
    let fields = DealFields { key: key_field.to_owned(), others: originals(&of_deal) };
    let deals = batch_find_deals_by_ids(client, &fields, &ids).await?;
    let ids: BTreeSet<u64> = of_contact.iter().filter_map(|written| written.contact).collect();
    let ids: Vec<u64> = ids.into_iter().collect();
    let contacts = batch_find_contacts_by_ids(client, &ids, &originals(&of_contact)).await?;
    Ok(revert(changes, created, &deals, &contacts))
}

/// A field of a deal, or of this contact, with its title.
type Field = (Option<u64>, Verdict, String);

/// What becomes of one field.
enum Verdict {
    Restore(Change),
    Holds,
    Changed,
    Unknown(String),
}

/// Plans how to take a run back, from what the portal holds now: one entry for each record that was changed, and one for
/// each deal that was created.
#[must_use]
pub fn revert(
    changes: Vec<WrittenChange>,
    created: &[WrittenDeal],
    deals: &BTreeMap<u64, Sight<Arc<LiveDeal>>>,
    contacts: &BTreeMap<u64, Sight<Arc<LiveContact>>>,
) -> Vec<Entry> {
    let mut records: BTreeMap<(String, Option<u64>), Vec<Field>> = BTreeMap::new();
    for written in collapsed(changes) {
        let title = written.change.title.clone();
        let original = written.change.original.clone();
        let verdict = match written.contact {
            None => {
                let deal = written.deal.and_then(|id| deals.get(&id));
                judge(written.change, sight(deal), |deal| deal.token(&original))
            }
            Some(id) => judge(written.change, sight(contacts.get(&id)), |card| card.token(&original)),
        };
        records.entry((written.key, written.deal)).or_default().push((written.contact, verdict, title));
    }
    let mut entries: Vec<Entry> =
        records.into_iter().map(|((key, deal), verdicts)| restored(key, deal, verdicts)).collect();
    // A record has one entry: where its contact is taken back, the deal that stays is a remark.
    let mut left = Vec::new();
    for written in created {
        match entries.iter_mut().find(|entry| entry.key == written.key) {
            Some(entry) => entry.warnings.push(stays(&written.key)),
            None => left.push(written),
        }
    }
    entries.extend(left.into_iter().map(|written| {
        let action = Action::Skipped {
            code: "sync.revert-created".to_owned(),
            reason: "the run created this deal; nothing is ever deleted".to_owned(),
            deal: Some(written.deal),
        };
        entry(written.key.clone(), action, Vec::new())
    }));
    entries
}

/// A field that was written several times goes back to what it was before the first time.
fn collapsed(changes: Vec<WrittenChange>) -> Vec<WrittenChange> {
    let mut places: BTreeMap<(bool, Option<u64>, String), usize> = BTreeMap::new();
    let mut kept: Vec<WrittenChange> = Vec::new();
    for written in changes {
        let owner = written.contact.or(written.deal);
        let place = (written.contact.is_some(), owner, written.change.name.clone());
        if let Some(first) = places.get(&place).and_then(|place| kept.get_mut(*place)) {
            first.change.after = written.change.after;
        } else {
            places.insert(place, kept.len());
            kept.push(written);
        }
    }
    kept
}

fn sight<T: Clone>(sight: Option<&Sight<T>>) -> Sight<T> {
    sight.cloned().unwrap_or_else(|| Sight::Unknown("it was not looked up".to_owned()))
}

fn judge<T>(change: Change, live: Sight<Arc<T>>, token: impl Fn(&T) -> Option<&Token>) -> Verdict {
    let live = match live {
        Sight::Found(live) => live,
        Sight::Absent => return Verdict::Changed,
        Sight::Unknown(reason) => return Verdict::Unknown(reason),
    };
    let Some(now) = now(&change, &[], token(&live)) else { return Verdict::Changed };
    if now.same(&change.before) {
        Verdict::Holds
    } else if now.same(&change.after) {
        Verdict::Restore(Change { before: change.after, after: change.before, ..change })
    } else {
        Verdict::Changed
    }
}

fn restored(key: String, deal: Option<u64>, verdicts: Vec<Field>) -> Entry {
    let mut changes = Vec::new();
    let mut of_contact: Option<(u64, Vec<Change>)> = None;
    let mut warnings = Vec::new();
    for (contact, verdict, title) in verdicts {
        match (verdict, contact) {
            (Verdict::Unknown(reason), _) => return entry(key, Action::Unknown { reason }, Vec::new()),
            (Verdict::Holds, _) => {}
            (Verdict::Changed, _) => warnings.push(changed_since(&key, &title)),
            (Verdict::Restore(change), None) => changes.push(change),
            (Verdict::Restore(change), Some(id)) => of_contact.get_or_insert((id, Vec::new())).1.push(change),
        }
    }
    let contact = of_contact.map_or(ContactChoice::None, |(id, changes)| ContactChoice::Use {
        id,
        changes,
        link: false,
    });
    let action = if changes.is_empty() && contact == ContactChoice::None {
        if warnings.is_empty() {
            Action::Unchanged { deal, contact: None }
        } else {
            Action::Skipped {
                code: "sync.revert-changed-since".to_owned(),
                reason: "every field was changed again after the run".to_owned(),
                deal,
            }
        }
    } else {
        Action::Update(Update { deal, adopted: false, changes, contact, comment: None })
    };
    entry(key, action, warnings)
}

fn stays(key: &str) -> Reject {
    Reject {
        code: "sync.revert-created".to_owned(),
        key: Some(key.to_owned()),
        line: 0,
        field: None,
        value: None,
        message: "the run created this record's deal; nothing is ever deleted".to_owned(),
        hint: "delete the deal by hand if it has to go".to_owned(),
    }
}

fn changed_since(key: &str, title: &str) -> Reject {
    Reject {
        code: "sync.revert-changed-since".to_owned(),
        key: Some(key.to_owned()),
        line: 0,
        field: Some(title.to_owned()),
        value: None,
        message: "it was changed again after the run, so it is left alone".to_owned(),
        hint: "change it by hand if it has to go back".to_owned(),
    }
}

fn entry(key: String, action: Action, warnings: Vec<Reject>) -> Entry {
    Entry { key, line: 0, cursor: None, action, last_comment: None, imprint: None, warnings }
}
