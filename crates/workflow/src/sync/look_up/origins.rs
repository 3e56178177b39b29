//! Contacts by the records they were created for.

use std::collections::BTreeMap;
use std::sync::Arc;

use b24_client::crm::Row;
use b24_client::params::Param;
use b24_client::{Call, Client, Params};

use super::cards::{Owner, sent};
use super::rows::text;
use super::{LiveContact, LookUpError, SET, unknown};
use crate::sync::Sight;

const WHAT: &str = "contacts by the keys they were created for";

/// How contacts are found again that a source created.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// `b24:SOURCE`.
    pub originator: &'a str,
    /// Upper-case name of the field with the record's key.
    pub field: &'a str,
}

/// Contacts of one key. Somebody may have copied one.
type OfKey = Sight<Vec<Arc<LiveContact>>>;

/// Keys that are asked together, and the contact up to which their contacts are known.
type Set = (Vec<String>, u64);

/// Finds the contacts that a source created for these keys, 50 keys a command; `fields` are read besides names, numbers,
/// origin and `DATE_CREATE`.
///
/// # Errors
/// When the batch cannot be put together, and when no call can succeed at all.
pub async fn batch_find_contacts_by_origin(
    client: &Client,
    origin: Origin<'_>,
    keys: &[String],
    fields: &[String],
) -> Result<BTreeMap<String, OfKey>, LookUpError> {
    let mut select: Vec<String> = ["ORIGINATOR_ID", origin.field, "DATE_CREATE"].map(str::to_owned).to_vec();
    select.extend(fields.iter().filter(|field| !select.contains(field)).cloned().collect::<Vec<_>>());
    let mut sights: BTreeMap<String, OfKey> = keys.iter().map(|key| (key.clone(), Sight::Absent)).collect();
    let distinct: Vec<String> = sights.keys().cloned().collect();
    let mut open: Vec<Set> = distinct.chunks(SET).map(|keys| (keys.to_vec(), 0)).collect();
    while !open.is_empty() {
        let mut batch = client.batch();
        let ask = |set: Set| (batch.add(page(origin, &set, &select)), set);
        let asked: Vec<_> = open.drain(..).map(ask).collect();
        let mut reply = sent(batch, WHAT).await?;
        for (slot, set) in asked {
            let rows = match reply.take(slot).ok() {
                Ok(rows) => read(rows, origin, set.1),
                Err(error) => Err(unknown(WHAT, error)?),
            };
            open.extend(take(&mut sights, origin, set, rows));
        }
    }
    Ok(sights)
}

fn page(origin: Origin<'_>, (keys, after): &Set, select: &[String]) -> Call<Vec<Row>> {
    let values: Vec<Param> = keys.iter().map(|key| Param::Text(key.clone())).collect();
    let filter = Params::new()
        .set("ORIGINATOR_ID", origin.originator)
        .set(format!("@{}", origin.field), Param::List(values))
        .set(">ID", *after);
    let params = Params::new()
        .set("filter", filter)
        .set("select", Owner::Contact.select(select).as_slice())
        .set("order", Params::new().set("ID", "ASC"))
        .set("start", -1);
    Call::read("crm.contact.list", params)
}

fn read(rows: Vec<Row>, origin: Origin<'_>, after: u64) -> Result<Vec<(String, LiveContact)>, String> {
    let mut last = after;
    let mut cards = Vec::with_capacity(rows.len());
    for row in rows {
        // Conditions that the portal does not know are dropped without a word, and everything comes.
        if text(&row, "ORIGINATOR_ID") != origin.originator {
            return Err("the portal does not filter contacts by ORIGINATOR_ID".to_owned());
        }
        let key = text(&row, origin.field).trim().to_owned();
        let card = LiveContact::read(row)?;
        if card.id <= last {
            return Err("the portal did not give contacts in the order of their numbers".to_owned());
        }
        last = card.id;
        cards.push((key, card));
    }
    Ok(cards)
}

/// Takes a page; gives the set back when it has more.
fn take(
    sights: &mut BTreeMap<String, OfKey>,
    origin: Origin<'_>,
    (keys, after): Set,
    rows: Result<Vec<(String, LiveContact)>, String>,
) -> Option<Set> {
    let mut give_up = |reason: &str| {
        sights.extend(keys.iter().map(|key| (key.clone(), Sight::Unknown(reason.to_owned()))));
    };
    let rows = match rows {
        Ok(rows) => rows,
        Err(reason) => {
            give_up(&reason);
            return None;
        }
    };
    let is_asked = |key: &String| keys.iter().any(|asked| super::fold(asked) == super::fold(key));
    if !rows.iter().all(|(key, _)| is_asked(key)) {
        give_up(&format!("the portal does not filter contacts by {}", origin.field));
        return None;
    }
    let (full, last) = (rows.len() >= SET, rows.last().map_or(after, |(_, card)| card.id));
    for (key, card) in rows {
        // A key in other capitals is another record's.
        let Some(asked) = keys.iter().find(|asked| asked.trim() == key) else { continue };
        match sights.get_mut(asked) {
            Some(Sight::Found(cards)) => cards.push(Arc::new(card)),
            Some(sight @ Sight::Absent) => *sight = Sight::Found(vec![Arc::new(card)]),
            Some(Sight::Unknown(_)) | None => {}
        }
    }
    full.then_some((keys, last))
}
