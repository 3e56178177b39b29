//! Deals by their external keys, in sets of 50.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use b24_client::crm::Row;
use b24_client::params::Param;
use b24_client::{Batch, BatchReply, Call, CallError, Client, Params, Slot};

use super::rows::{id, text};
use super::{LiveDeal, LookUpError, SET, unknown};
use crate::source::portal::look_up::LookUp;
use crate::sync::Sight;

/// What is read of every deal.
const ALWAYS: [&str; 7] =
    ["ID", "CATEGORY_ID", "STAGE_ID", "STAGE_SEMANTIC_ID", "CLOSED", "CONTACT_ID", "LEAD_ID"];

/// Which fields of deals a look-up uses, by their upper-case names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealFields {
    /// The field with the external key.
    pub key: String,
    /// Further fields to read.
    pub others: Vec<String>,
}

impl DealFields {
    /// One page of deals, in order of their numbers.
    pub(super) fn page(&self, mut filter: Params, after: Option<Param>) -> Call<Vec<Row>> {
        let mut select: Vec<&str> = ALWAYS.to_vec();
        for field in std::iter::once(&self.key).chain(&self.others) {
            if !select.contains(&field.as_str()) {
                select.push(field);
            }
        }
        if let Some(after) = after {
            filter.put(">ID", after);
        }
        let params = Params::new()
            .set("filter", filter)
            .set("select", select.as_slice())
            .set("order", Params::new().set("ID", "ASC"))
            .set("start", -1);
        Call::read("crm.deal.list", params)
    }

    fn of_keys(&self, keys: &[String]) -> Params {
        let values: Vec<Param> = keys.iter().map(|key| Param::Text(key.clone())).collect();
        Params::new().set(format!("@{}", self.key), Param::List(values))
    }
}

/// Whether the portal takes two keys for one: its database compares texts without regard to case, `ё` and `е`, and
/// spaces at the ends (wire reference, section 6.4).
#[must_use]
pub fn same_key_ignoring_case(one: &str, other: &str) -> bool {
    fold(one) == fold(other)
}

pub(crate) fn fold(key: &str) -> String {
    key.trim().to_lowercase().replace('ё', "е")
}

/// Finds deals by external keys: one command for 50 keys, 50 commands a request. A page of 50 rows is not the end: the
/// set goes on behind its last deal.
///
/// A deal found for a key may be spelled with other capitals: [`LiveDeal::key`] says how. Several deals may have one key.
///
/// # Errors
/// When the portal does not filter by the key field, because it does not exist or cannot be seen; and when no call can
/// succeed at all.
pub async fn batch_find_deals_by_external_ids(
    client: &Client,
    fields: &DealFields,
    keys: &[String],
) -> Result<BTreeMap<String, Sight<Vec<Arc<LiveDeal>>>>, LookUpError> {
    let mut batch = client.batch();
    let look_up = KeyLookUp::add(&mut batch, fields, keys);
    let mut reply = super::cards::sent(batch, "deals by their external keys").await?;
    look_up.found(client, &mut reply).await
}

/// Finds deals by their numbers, 50 a command. Absent stands for deleted ones and those that cannot be seen.
///
/// # Errors
/// When the batch cannot be put together.
pub async fn batch_find_deals_by_ids(
    client: &Client,
    fields: &DealFields,
    ids: &[u64],
) -> Result<BTreeMap<u64, Sight<Arc<LiveDeal>>>, LookUpError> {
    let mut batch = client.batch();
    let page = |ids: &[u64], _| fields.page(Params::new().set("@ID", ids), None);
    let look_up = LookUp::add(&mut batch, ids.iter().copied(), page);
    let mut reply = super::cards::sent(batch, "deals").await?;
    let found = look_up.found(client, &mut reply).await;
    let mut sights: BTreeMap<_, _> = ids.iter().map(|id| (*id, Sight::Absent)).collect();
    for row in found.rows {
        if let Ok(deal) = LiveDeal::read(row, &fields.key)
            && let Some(sight) = sights.get_mut(&deal.id)
        {
            *sight = Sight::Found(Arc::new(deal));
        }
    }
    for (id, reason) in found.unanswered {
        if let Some(sight @ Sight::Absent) = sights.get_mut(&id) {
            *sight = Sight::Unknown(reason.english);
        }
    }
    Ok(sights)
}

/// A look-up of deals by keys that stands in a batch together with other calls.
#[derive(Debug)]
pub struct KeyLookUp {
    fields: DealFields,
    sets: Vec<Asked>,
}

/// A set that stands in a batch, perhaps with its second page.
#[derive(Debug)]
struct Asked {
    set: KeySet,
    first: Slot<Vec<Row>>,
    second: Option<Slot<Vec<Row>>>,
}

/// Keys that are asked together.
#[derive(Debug)]
struct KeySet {
    keys: Vec<String>,
    after: u64,
}

impl KeyLookUp {
    /// Adds the look-up to a batch.
    pub fn add(batch: &mut Batch, fields: &DealFields, keys: &[String]) -> Self {
        Self::add_expecting(batch, fields, keys, |_| false)
    }

    /// Adds the look-up of keys whose deals are known in part. A set that will be full gets its second page in the same
    /// batch, by reference to the first one's last deal: it would need another request otherwise.
    pub fn add_expecting(
        batch: &mut Batch,
        fields: &DealFields,
        keys: &[String],
        is_known: impl Fn(&str) -> bool,
    ) -> Self {
        let distinct: BTreeSet<&String> = keys.iter().filter(|key| !key.trim().is_empty()).collect();
        let (known, new): (Vec<&String>, Vec<&String>) = distinct.into_iter().partition(|key| is_known(key));
        let is_full = |at: usize| at + SET <= known.len();
        let distinct: Vec<String> = known.iter().chain(&new).map(|key| (*key).clone()).collect();
        let ask = |(number, keys): (usize, &[String])| {
            let first = batch.add(fields.page(fields.of_keys(keys), None));
            let last = || Param::Reference(first.at(&format!("[{}][ID]", SET - 1)));
            let second =
                is_full(number * SET).then(|| batch.add(fields.page(fields.of_keys(keys), Some(last()))));
            Asked { set: KeySet { keys: keys.to_vec(), after: 0 }, first, second }
        };
        let sets = distinct.chunks(SET).enumerate().map(ask).collect();
        Self { fields: fields.clone(), sets }
    }

    /// Takes the answers, asking for further pages as long as there are some.
    ///
    /// # Errors
    /// As [`batch_find_deals_by_external_ids`].
    pub async fn found(
        self,
        client: &Client,
        reply: &mut BatchReply,
    ) -> Result<BTreeMap<String, Sight<Vec<Arc<LiveDeal>>>>, LookUpError> {
        let Self { fields, sets } = self;
        let mut seen = Seen::default();
        let mut further = Vec::new();
        for Asked { set, first, second } in sets {
            let more = seen.take(&fields, set, reply.take(first).ok())?;
            further.extend(match (more, second) {
                (Some(set), Some(second)) => seen.take(&fields, set, reply.take(second).ok())?,
                // A second page that nobody needs refers to a deal that is not there.
                (more, _) => more,
            });
        }
        while !further.is_empty() {
            let mut batch = client.batch();
            let ask = |set: KeySet| {
                let after = Some(Param::from(set.after));
                (batch.add(fields.page(fields.of_keys(&set.keys), after)), set)
            };
            let asked: Vec<_> = further.drain(..).map(ask).collect();
            let mut reply = super::cards::sent(batch, "deals by their external keys").await?;
            for (slot, set) in asked {
                further.extend(seen.take(&fields, set, reply.take(slot).ok())?);
            }
        }
        Ok(seen.sights)
    }
}

#[derive(Default)]
struct Seen {
    sights: BTreeMap<String, Sight<Vec<Arc<LiveDeal>>>>,
}

impl Seen {
    /// Takes one page; gives the set back when it has more.
    fn take(
        &mut self,
        fields: &DealFields,
        set: KeySet,
        page: Result<Vec<Row>, CallError>,
    ) -> Result<Option<KeySet>, LookUpError> {
        let rows = match page {
            Ok(rows) => rows,
            Err(error) => {
                let reason = unknown("deals by their external keys", error)?;
                self.give_up(&set.keys, &reason);
                return Ok(None);
            }
        };
        let full = rows.len() >= SET;
        let mut last = set.after;
        let mut by_fold: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for key in &set.keys {
            by_fold.entry(fold(key)).or_default().push(key);
            self.sights.entry(key.clone()).or_insert(Sight::Absent);
        }
        for row in rows {
            let Some(asked) = by_fold.get(&fold(&text(&row, &fields.key))) else {
                return Err(LookUpError::KeyFilterIgnored { field: fields.key.clone() });
            };
            if id(&row, "ID").is_none_or(|id| id <= last) {
                self.give_up(&set.keys, "the portal did not give its deals in the order of their numbers");
                return Ok(None);
            }
            let Ok(deal) = LiveDeal::read(row, &fields.key) else { continue };
            last = deal.id;
            let deal = Arc::new(deal);
            for key in asked {
                match self.sights.get_mut(*key) {
                    Some(Sight::Found(deals)) => deals.push(Arc::clone(&deal)),
                    Some(sight @ Sight::Absent) => *sight = Sight::Found(vec![Arc::clone(&deal)]),
                    Some(Sight::Unknown(_)) | None => {}
                }
            }
        }
        Ok(full.then_some(KeySet { after: last, ..set }))
    }

    fn give_up(&mut self, keys: &[String], reason: &str) {
        self.sights.extend(keys.iter().map(|key| (key.clone(), Sight::Unknown(reason.to_owned()))));
    }
}
