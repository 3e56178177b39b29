//! Contacts and leads by their numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use b24_client::crm::Row;
use b24_client::{Batch, BatchReply, Call, Client, Params};

use super::rows::id;
use super::{LiveContact, LiveLead, LookUpError};
use crate::source::portal::look_up::LookUp;
use crate::sync::Sight;

/// What is read of every contact.
const OF_CONTACT: [&str; 5] = ["ID", "NAME", "LAST_NAME", "SECOND_NAME", "PHONE"];
/// What is read of every lead.
const OF_LEAD: [&str; 7] =
    ["ID", "STATUS_ID", "STATUS_SEMANTIC_ID", "CONTACT_ID", "SOURCE_ID", "SOURCE_DESCRIPTION", "PHONE"];

/// The kinds of records that own telephone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Owner {
    Contact,
    Lead,
    Company,
}

impl Owner {
    pub(super) const ALL: [Self; 3] = [Self::Contact, Self::Lead, Self::Company];

    /// The name in answers of `crm.duplicate.findbycomm`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Contact => "CONTACT",
            Self::Lead => "LEAD",
            Self::Company => "COMPANY",
        }
    }

    pub(super) fn select(self, contact_fields: &[String]) -> Vec<&str> {
        let mut select = match self {
            Self::Contact => OF_CONTACT.to_vec(),
            Self::Lead => OF_LEAD.to_vec(),
            Self::Company => vec!["ID", "PHONE"],
        };
        if self == Self::Contact {
            select
                .extend(contact_fields.iter().map(String::as_str).filter(|name| !OF_CONTACT.contains(name)));
        }
        select
    }

    fn list(self, ids: &[u64], contact_fields: &[String]) -> Call<Vec<Row>> {
        let params = Params::new()
            .set("filter", Params::new().set("@ID", ids))
            .set("select", self.select(contact_fields).as_slice())
            .set("order", Params::new().set("ID", "ASC"))
            .set("start", -1);
        Call::read(format!("crm.{}.list", self.name().to_lowercase()), params)
    }
}

type ByIds = Box<dyn Fn(&[u64], u64) -> Call<Vec<Row>> + Send + Sync>;

/// A look-up of records by their numbers that stands in a batch together with other calls.
pub struct Cards {
    ids: Vec<u64>,
    look_up: LookUp<Row, ByIds>,
}

impl std::fmt::Debug for Cards {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cards").field("ids", &self.ids.len()).finish_non_exhaustive()
    }
}

impl Cards {
    pub(super) fn add(batch: &mut Batch, owner: Owner, ids: &[u64], contact_fields: &[String]) -> Self {
        let fields = contact_fields.to_vec();
        let call: ByIds = Box::new(move |ids, _| owner.list(ids, &fields));
        Self { ids: ids.to_vec(), look_up: LookUp::add(batch, ids.iter().copied(), call) }
    }

    /// Adds the look-up of contacts to a batch; `fields` are read besides names and numbers.
    pub fn of_contacts(batch: &mut Batch, ids: &[u64], fields: &[String]) -> Self {
        Self::add(batch, Owner::Contact, ids, fields)
    }

    /// The rows by number. A complete answer without a number means that there is no such record, or that it cannot be
    /// seen.
    pub(super) async fn rows(self, client: &Client, reply: &mut BatchReply) -> BTreeMap<u64, Sight<Row>> {
        let found = self.look_up.found(client, reply).await;
        let mut sights: BTreeMap<u64, Sight<Row>> =
            self.ids.into_iter().map(|id| (id, Sight::Absent)).collect();
        for row in found.rows {
            if let Some(sight) = id(&row, "ID").and_then(|id| sights.get_mut(&id)) {
                *sight = Sight::Found(row);
            }
        }
        for (id, reason) in found.unanswered {
            if let Some(sight @ Sight::Absent) = sights.get_mut(&id) {
                *sight = Sight::Unknown(reason.english);
            }
        }
        sights
    }

    /// The contacts by number.
    pub async fn contacts(
        self,
        client: &Client,
        reply: &mut BatchReply,
    ) -> BTreeMap<u64, Sight<Arc<LiveContact>>> {
        let rows = self.rows(client, reply).await;
        rows.into_iter()
            .map(|(id, sight)| (id, read(sight, |row| LiveContact::read(row).map(Arc::new))))
            .collect()
    }
}

/// Reads what was found; what cannot be read is unknown.
pub(super) fn read<T>(sight: Sight<Row>, of: impl Fn(Row) -> Result<T, String>) -> Sight<T> {
    match sight {
        Sight::Found(row) => of(row).map_or_else(Sight::Unknown, Sight::Found),
        Sight::Absent => Sight::Absent,
        Sight::Unknown(reason) => Sight::Unknown(reason),
    }
}

/// Finds contacts by their numbers, 50 a command; `fields` are read besides names and telephone numbers.
///
/// # Errors
/// When the batch cannot be put together.
pub async fn batch_find_contacts_by_ids(
    client: &Client,
    ids: &[u64],
    fields: &[String],
) -> Result<BTreeMap<u64, Sight<Arc<LiveContact>>>, LookUpError> {
    let mut batch = client.batch();
    let cards = Cards::of_contacts(&mut batch, ids, fields);
    let mut reply = sent(batch, "contacts").await?;
    Ok(cards.contacts(client, &mut reply).await)
}

/// Finds leads by their numbers, with their status.
///
/// # Errors
/// When the batch cannot be put together.
pub async fn batch_find_leads_by_ids(
    client: &Client,
    ids: &[u64],
) -> Result<BTreeMap<u64, Sight<LiveLead>>, LookUpError> {
    let mut batch = client.batch();
    let cards = Cards::add(&mut batch, Owner::Lead, ids, &[]);
    let mut reply = sent(batch, "leads").await?;
    let rows = cards.rows(client, &mut reply).await;
    Ok(rows.into_iter().map(|(id, sight)| (id, read(sight, |row| LiveLead::read(&row)))).collect())
}

/// Sends a batch of look-ups.
pub(super) async fn sent(batch: Batch, what: &'static str) -> Result<BatchReply, LookUpError> {
    batch.send().await.map_err(|source| LookUpError::Batch { what, source: Box::new(source) })
}
