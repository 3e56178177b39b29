//! Open deals of contacts that have no external key yet.

use std::collections::BTreeMap;
use std::sync::Arc;

use b24_client::{Client, Params};

use super::rows::{id, text};
use super::{DealFields, LiveDeal, LookUpError, SET, unknown};
use crate::sync::Sight;

const WHAT: &str = "open deals without a key";

/// Finds the open deals without an external key of contacts, in one funnel.
///
/// # Errors
/// When the portal does not filter by contact or key, and when no call can succeed at all.
pub async fn batch_find_open_deals_without_key(
    client: &Client,
    fields: &DealFields,
    contacts: &[u64],
    category: u64,
) -> Result<BTreeMap<u64, Sight<Vec<Arc<LiveDeal>>>>, LookUpError> {
    let mut sights: BTreeMap<u64, Sight<Vec<Arc<LiveDeal>>>> =
        contacts.iter().map(|contact| (*contact, Sight::Absent)).collect();
    let distinct: Vec<u64> = sights.keys().copied().collect();
    let mut open: Vec<(Vec<u64>, u64)> = distinct.chunks(SET).map(|set| (set.to_vec(), 0)).collect();
    while !open.is_empty() {
        let mut batch = client.batch();
        let ask = |(set, after): (Vec<u64>, u64)| {
            let filter = Params::new()
                .set("@CONTACT_ID", set.as_slice())
                .set(format!("={}", fields.key), "")
                .set("CLOSED", "N")
                .set("CATEGORY_ID", category);
            (batch.add(fields.page(filter, Some(after.into()))), set, after)
        };
        let asked: Vec<_> = open.drain(..).map(ask).collect();
        let mut reply = super::cards::sent(batch, WHAT).await?;
        for (slot, set, after) in asked {
            let rows = match reply.take(slot).ok() {
                Ok(rows) => rows,
                Err(error) => {
                    let reason = unknown(WHAT, error)?;
                    sights.extend(set.into_iter().map(|contact| (contact, Sight::Unknown(reason.clone()))));
                    continue;
                }
            };
            let full = rows.len() >= SET;
            let mut last = after;
            for row in rows {
                let owner = id(&row, "CONTACT_ID").filter(|contact| set.contains(contact));
                let (Some(owner), true) = (owner, text(&row, &fields.key).trim().is_empty()) else {
                    return Err(LookUpError::KeyFilterIgnored { field: fields.key.clone() });
                };
                let Ok(deal) = LiveDeal::read(row, &fields.key) else { continue };
                last = deal.id;
                add(&mut sights, owner, Arc::new(deal));
            }
            if full && last > after {
                open.push((set, last));
            }
        }
    }
    Ok(sights)
}

fn add(sights: &mut BTreeMap<u64, Sight<Vec<Arc<LiveDeal>>>>, owner: u64, deal: Arc<LiveDeal>) {
    match sights.get_mut(&owner) {
        Some(Sight::Found(deals)) => deals.push(deal),
        Some(sight @ Sight::Absent) => *sight = Sight::Found(vec![deal]),
        Some(Sight::Unknown(_)) | None => {}
    }
}
