//! The portal's own content: deals, contacts, companies, leads, invoices, and what is written in their timelines.
//!
//! Records are asked for by when they changed or were last active. Comments have no list of their own and no order of
//! change: they are read again for every record whose last activity moved. What was deleted, and a comment that was
//! edited later, is found by a full read only.

mod comments;
mod entity;
mod gone;
mod survey;
mod text;

use std::collections::{BTreeMap, HashSet};

use b24_client::{Client, List, Params};
use embed_queue::split::Sizes;
use embed_queue::{Document, Store};
use futures::StreamExt as _;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::add::off_thread;
use super::{Added, IndexError, Skipped};
use crate::PortalUser;
pub use entity::Entity;
use entity::Record;
use gone::Seen;
pub use survey::{EntitySurvey, Survey, survey};

/// Records that are stored together, and whose comments are asked for together.
const WINDOW: usize = 500;
/// The portal's clock and what it writes into records may differ by so much.
const OVERLAP: i64 = 300;

/// Where comments go.
pub const COMMENTS: &str = "crm.comment";
/// When everything of the portal was last read, as a mark of the queue.
pub const LAST_FULL: &str = "crm.:full";

/// What of the portal is to be read.
#[derive(Debug, Clone)]
pub struct CrmOrder {
    /// Everything, not only what changed.
    pub full: bool,
    /// Kinds of records with the fields whose texts are indexed; an allow-list.
    pub fields: BTreeMap<Entity, Vec<String>>,
    /// Also the comments in the timelines.
    pub comments: bool,
    /// Sizes of pieces.
    pub sizes: Sizes,
    /// Whose eyes the portal is seen with. What anybody but an administrator does not see may be there all the same, so
    /// only an administrator's reading finds what is gone; and everybody goes on from what they have read themselves.
    pub user: PortalUser,
}

impl CrmOrder {
    /// The user whose own marks say what was read; none for administrators, who all see the same.
    fn reader(&self) -> Option<u64> {
        (!self.user.administrator).then_some(self.user.id)
    }
}

/// What happens while the portal is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrmEvent {
    /// So many further records are read.
    Records(u64),
}

/// What became of the portal's content.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CrmAdded {
    /// Whether everything was read, by a user who sees everything.
    pub full: bool,
    /// Records that were read, by kind.
    pub records: BTreeMap<&'static str, u64>,
    /// Comments that were read.
    pub comments: u64,
    /// Documents of records and comments.
    pub added: Added,
    /// Documents that left the queue because the portal has them no more or the order does not allow them.
    pub removed: u64,
}

/// Reads what the survey found into the queue. A kind of records that could not be read completely is read again by the
/// next run.
///
/// # Errors
/// The portal does not answer, the queue is another portal's, or its file fails. What was read until then is kept.
pub async fn read(
    client: &Client,
    store: &Store,
    order: &CrmOrder,
    survey: &Survey,
    now: Timestamp,
    tell: &mut (dyn FnMut(CrmEvent) + Send),
) -> Result<CrmAdded, IndexError> {
    store.bind(&client.identity()).map_err(of_owner)?;
    let mut reader = Reader { client, store, order, survey, now, added: CrmAdded::default(), rewrote: false };
    reader.remove(gone::disallowed).await?;
    let mut complete = true;
    for found in &survey.entities {
        complete &= reader.entity(found, tell).await?;
    }
    let full = complete && survey.entities.iter().all(|found| found.since.is_none());
    reader.added.full = full && order.user.administrator;
    if reader.added.full {
        store.set_mark(LAST_FULL, &survey.started.to_string())?;
    }
    if reader.added.removed > 0 || reader.rewrote {
        let store = store.clone();
        off_thread(move || Ok(store.scrub()?)).await?;
    }
    Ok(reader.added)
}

fn of_owner(error: embed_queue::Error) -> IndexError {
    match error {
        embed_queue::Error::OtherOwner { wanted, found } => {
            IndexError::AnotherPortal { bound: found, asked: wanted }
        }
        error => error.into(),
    }
}

/// The sources of a record's comments.
pub(super) fn comments_of(store: &Store, entity: Entity, id: u64) -> Result<Vec<String>, IndexError> {
    stored(store, COMMENTS, &comments::owner(entity, id))
}

/// Sources of a collection that begin so.
fn stored(store: &Store, collection: &str, beginning: &str) -> Result<Vec<String>, IndexError> {
    let (mut all, mut last) = (Vec::new(), beginning.to_owned());
    loop {
        let some = store.sources(collection, &last, 10_000)?;
        let Some(end) = some.last() else { return Ok(all) };
        end.clone_into(&mut last);
        let beyond = !last.starts_with(beginning);
        all.extend(some.into_iter().filter(|source| source.starts_with(beginning)));
        if beyond {
            return Ok(all);
        }
    }
}

struct Reader<'a> {
    client: &'a Client,
    store: &'a Store,
    order: &'a CrmOrder,
    survey: &'a Survey,
    now: Timestamp,
    added: CrmAdded,
    /// Documents lost texts that are not allowed any more.
    rewrote: bool,
}

impl Reader<'_> {
    /// Reads one kind of records; says whether all of it was read.
    async fn entity(
        &mut self,
        found: &EntitySurvey,
        tell: &mut (dyn FnMut(CrmEvent) + Send),
    ) -> Result<bool, IndexError> {
        let allowed = gone::allowed(self.order, found.entity);
        let mark = gone::mark(found.entity, self.order.reader());
        for (name, before) in self.store.marks(&gone::mark(found.entity, None))? {
            if before != allowed {
                // Until every user has read all of it again, some documents have what another order allowed.
                self.store.set_mark(&name, "")?;
                self.rewrote = true;
            }
        }
        let list = List::new("crm.item.list", self.query(found)).expecting(found.records);
        let mut rows = std::pin::pin!(self.client.list::<Map<String, Value>>(list).chunks(WINDOW));
        let mut seen = Seen::default();
        let mut complete = true;
        while let Some(window) = rows.next().await {
            let window: Vec<_> = window.into_iter().collect::<Result<_, _>>().map_err(|source| {
                IndexError::Portal { what: found.entity.plural(), source: Box::new(source) }
            })?;
            let records: Vec<Record> = window.into_iter().filter_map(Record::new).collect();
            for record in &records {
                seen.add(record.id);
            }
            complete &= self.records(found, &records).await?;
            tell(CrmEvent::Records(records.len() as u64));
        }
        if found.since.is_none() && self.order.user.administrator {
            let entity = found.entity;
            self.remove(move |store, _| gone::unseen(store, entity, &seen)).await?;
        }
        if complete {
            self.store.set_mark(&mark, &allowed)?;
            let from = self.survey.started.as_second().saturating_sub(OVERLAP);
            let from = Timestamp::from_second(from).unwrap_or(self.survey.started);
            self.store.set_mark(&survey::cursor(found.entity, self.order.reader()), &from.to_string())?;
        }
        Ok(complete)
    }

    fn query(&self, found: &EntitySurvey) -> Params {
        let fields = self.order.fields.get(&found.entity).into_iter().flatten().map(String::as_str);
        let always = ["id", "updatedTime", "lastActivityTime"].iter().chain(found.entity.contacts());
        let select: Vec<&str> = always.copied().chain(fields).collect();
        survey::query(found.entity, found.since.as_deref()).set("select", select)
    }

    async fn records(&mut self, found: &EntitySurvey, records: &[Record]) -> Result<bool, IndexError> {
        *self.added.records.entry(found.entity.name()).or_default() += records.len() as u64;
        let site = &self.survey.site;
        let fields = self.order.fields.get(&found.entity).map(Vec::as_slice).unwrap_or_default();
        let documents: Vec<Document> = records
            .iter()
            .map(|record| text::of_record(found, record, fields, site, self.order.sizes))
            .collect();
        self.store_all(documents).await?;
        if !self.order.comments {
            return Ok(true);
        }
        let active: Vec<&Record> =
            records.iter().filter(|record| record.moved_since(found.since.as_deref())).collect();
        let mut complete = true;
        for owners in active.chunks(WINDOW) {
            let told = comments::of(self.client, found.entity, owners).await?;
            for (record, outcome) in owners.iter().zip(told) {
                match outcome {
                    Ok(comments) => self.comments(found, record, comments).await?,
                    Err(reason) => {
                        complete = false;
                        let source = format!("{} {}", found.entity.name(), record.id);
                        self.added.added.skip(Skipped::new(source, "comments-unread", reason));
                    }
                }
            }
        }
        Ok(complete)
    }

    /// Stores a record's comments and removes those that it has no more.
    async fn comments(
        &mut self,
        found: &EntitySurvey,
        record: &Record,
        comments: Vec<comments::Comment>,
    ) -> Result<(), IndexError> {
        self.added.comments += comments.len() as u64;
        let owner = comments::owner(found.entity, record.id);
        let kept: HashSet<String> = comments.iter().map(|comment| format!("{owner}{}", comment.id)).collect();
        let stored = self.stored(COMMENTS, &owner).await?;
        self.remove(move |store, _| {
            let mut removed = 0;
            for source in stored.iter().filter(|source| !kept.contains(*source)) {
                removed += u64::from(store.delete(COMMENTS, source)?);
            }
            Ok(removed)
        })
        .await?;
        let of_record =
            |comment| text::of_comment(found, record, comment, &self.survey.site, self.order.sizes);
        let documents = comments.iter().map(of_record).collect();
        self.store_all(documents).await
    }

    /// What has no text is no document; a stored one that lost its text goes.
    async fn store_all(&mut self, documents: Vec<Document>) -> Result<(), IndexError> {
        let (store, now) = (self.store.clone(), self.now);
        let (full, empty): (Vec<Document>, Vec<Document>) =
            documents.into_iter().partition(|document| !document.pieces.is_empty());
        let (stored, removed) = off_thread(move || {
            let mut removed = 0;
            for document in &empty {
                removed += u64::from(store.delete(&document.collection, &document.source)?);
            }
            Ok((store.put_all(&full, now)?, removed))
        })
        .await?;
        self.added.removed += removed;
        self.added.added.take(stored);
        Ok(())
    }

    /// Sources of a collection that begin so.
    async fn stored(&self, collection: &'static str, beginning: &str) -> Result<Vec<String>, IndexError> {
        let (store, beginning) = (self.store.clone(), beginning.to_owned());
        off_thread(move || stored(&store, collection, &beginning)).await
    }

    /// Runs what removes documents and says how many.
    async fn remove(
        &mut self,
        work: impl FnOnce(&Store, &CrmOrder) -> Result<u64, IndexError> + Send + 'static,
    ) -> Result<(), IndexError> {
        let (store, order) = (self.store.clone(), self.order.clone());
        self.added.removed += off_thread(move || work(&store, &order)).await?;
        Ok(())
    }
}
