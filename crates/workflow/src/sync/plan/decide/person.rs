//! Which contact is the person of the record.

use std::sync::Arc;

use super::{Context, Seen, contact_link, unknown};
use crate::sync::entry::{Action, Change, ContactChoice};
use crate::sync::look_up::{LiveContact, LiveDeal};
use crate::sync::mapping::{ContactMatch, ContactRule};
use crate::sync::plan::compare::{assignments, differences, unreadable};
use crate::sync::plan::person::{is_nameless, same_name};
use crate::sync::wanted::{Wanted, WantedContact};
use crate::sync::{Reject, Sight};

/// The person of a deal that is there. Whom the deal points to already is the person: a manager may have chosen.
pub(super) fn of_deal(
    wanted: &Wanted,
    deal: &LiveDeal,
    seen: &Seen,
    context: &mut Context<'_>,
    warnings: &mut Vec<Reject>,
) -> Result<ContactChoice, Box<Action>> {
    let (Some(person), Some(rule)) = (&wanted.contact, &context.rules.contact) else {
        return Ok(ContactChoice::None);
    };
    let Some(id) = deal.contact else { return of_new_deal(wanted, seen, context, warnings) };
    match &seen.card {
        Some(Sight::Found(card)) if card.id == id => {
            let changes = changes(wanted, person, card, rule, warnings);
            Ok(ContactChoice::Use { id, changes, link: false })
        }
        Some(Sight::Unknown(reason)) => Err(unknown(reason.clone()).into()),
        // Nothing depends on its values, or it cannot be seen: then it is left alone.
        _ => Ok(ContactChoice::Use { id, changes: Vec::new(), link: false }),
    }
}

/// The person of a deal that has none yet: remembered, found by telephone number, or new.
pub(super) fn of_new_deal(
    wanted: &Wanted,
    seen: &Seen,
    context: &mut Context<'_>,
    warnings: &mut Vec<Reject>,
) -> Result<ContactChoice, Box<Action>> {
    let (Some(person), Some(rule)) = (&wanted.contact, &context.rules.contact) else {
        return Ok(ContactChoice::None);
    };
    let known = match &seen.card {
        Some(Sight::Found(card)) => Some(card),
        Some(Sight::Unknown(reason)) => return Err(unknown(reason.clone()).into()),
        Some(Sight::Absent) | None => found(person, seen, rule, context.site)?,
    };
    if let Some(card) = known {
        let changes = changes(wanted, person, card, rule, warnings);
        return Ok(ContactChoice::Use { id: card.id, changes, link: true });
    }
    if is_nobody(person) {
        return Ok(ContactChoice::None);
    }
    let Some(identity) = (context.identity)(person) else {
        return Err(Box::new(Action::Conflict {
            code: "sync.contact-ambiguous".to_owned(),
            message: "several persons whom this plan creates can be the person of the record".to_owned(),
            links: Vec::new(),
        }));
    };
    Ok(ContactChoice::Create {
        identity,
        phones: person.phones.clone(),
        name: person.name.clone(),
        fields: assignments(&person.fields),
    })
}

fn is_nobody(person: &WantedContact) -> bool {
    person.phones.is_empty() && is_nameless(&person.name)
}

/// The contact with the person's number, and under the mapping's rule with the name; for somebody without a number the
/// one that was created for the record.
fn found<'a>(
    person: &WantedContact,
    seen: &'a Seen,
    rule: &ContactRule,
    site: &str,
) -> Result<Option<&'a Arc<LiveContact>>, Box<Action>> {
    if is_nobody(person) {
        return Ok(None);
    }
    let people = match &seen.people {
        Some(Sight::Absent) => return Ok(None),
        Some(Sight::Found(people)) => people,
        Some(Sight::Unknown(reason)) => return Err(unknown(reason.clone()).into()),
        None => return Err(unknown("contacts were not looked up").into()),
    };
    let is_anybody =
        rule.match_by == ContactMatch::Phone || person.phones.is_empty() || is_nameless(&person.name);
    let fits = |card: &&Arc<LiveContact>| is_anybody || same_name(&person.name, &card.name);
    let fitting: Vec<&Arc<LiveContact>> = people.iter().filter(fits).collect();
    match fitting.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => Err(Box::new(Action::Conflict {
            code: "sync.contact-ambiguous".to_owned(),
            message: format!("{} contacts can be the person of the record", several.len()),
            links: several.iter().map(|card| contact_link(site, card.id)).collect(),
        })),
    }
}

fn changes(
    wanted: &Wanted,
    person: &WantedContact,
    card: &LiveContact,
    rule: &ContactRule,
    warnings: &mut Vec<Reject>,
) -> Vec<Change> {
    let found = differences(&person.fields, &rule.fields, |original| card.token(original));
    warnings.extend(found.unreadable.iter().map(|title| unreadable(&wanted.key, wanted.line, title)));
    found.changes
}
