//! What a register needs to know about the portal before its invoices: stages, currencies, the two date fields and
//! how many invoices there are.

use std::collections::{BTreeMap, HashMap};

use b24_client::crm::{self, Field, Fields, Status};
use b24_client::{BatchReply, CallError, Client, Id, Params, Slot};
use data_processor::Status as Meaning;
use data_processor::raw::RawStage;
use jiff::civil::Date;

use super::own::OwnCompanies;
use super::query::{self, Query};
use crate::Error;
use crate::register::{is_stage, same};
use crate::source::Outside;

/// The titles of the two user fields as portals usually have them.
const SHIPPED_TITLE: &str = "Дата отгрузки";
const PAID_TITLE: &str = "Дата оплаты";

/// Which user fields hold the dates of shipment and payment, by title or code. None looks for «Дата отгрузки» and
/// «Дата оплаты», and does without them when the portal has no such field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DateFields {
    /// The field with the date of shipment.
    pub shipped: Option<String>,
    /// The field with the date of payment.
    pub paid: Option<String>,
}

/// The portal's directories.
#[derive(Debug)]
pub(super) struct Tables {
    categories: Vec<Id>,
    stages: HashMap<String, RawStage>,
    pub(super) currencies: BTreeMap<String, u32>,
    pub(super) shipped: Option<Field>,
    pub(super) paid: Option<Field>,
    pub(super) own: OwnCompanies,
}

impl Tables {
    /// Reads all but the stages, in one request.
    pub(super) async fn read(client: &Client, fields: &DateFields) -> Result<Self, Error> {
        let mut batch = client.batch();
        let all_fields = batch.add(crm::item_fields(crm::EntityType::SmartInvoice));
        let categories = batch.add(crm::categories(crm::EntityType::SmartInvoice));
        let currencies = batch.add(crm::currencies());
        let own = batch.add(crm::my_companies());
        let mut reply = batch.send().await.map_err(|error| batch_error("the portal's directories", error))?;
        let all_fields =
            reply.take(all_fields).ok().map_err(|error| needed("the fields of invoices", error))?;
        let categories =
            reply.take(categories).ok().map_err(|error| needed("the funnels of invoices", error))?;
        let currencies = reply.take(currencies).ok().map_err(|error| needed("the currencies", error))?;
        // A register can be made without them.
        let own = reply.take(own).ok().unwrap_or_default();

        let digits =
            |text: Option<std::borrow::Cow<'_, str>>| text.and_then(|text| text.parse().ok()).unwrap_or(2);
        Ok(Self {
            categories: categories.iter().map(|category| category.id).collect(),
            stages: HashMap::new(),
            currencies: currencies
                .into_iter()
                .map(|currency| {
                    let digits = digits(currency.decimals.text());
                    (currency.currency, digits)
                })
                .collect(),
            shipped: date_field(&all_fields, fields.shipped.as_deref(), SHIPPED_TITLE)?,
            paid: date_field(&all_fields, fields.paid.as_deref(), PAID_TITLE)?,
            own: OwnCompanies::new(own),
        })
    }

    /// Reads the stages, and counts what matches a query if that is known already, in one request. It also tells whether
    /// the own companies that were asked for exist.
    pub(super) async fn read_stages(
        &mut self,
        client: &Client,
        query: Option<&Query>,
        my_companies: &[String],
    ) -> Result<Option<u64>, Error> {
        let mut batch = client.batch();
        let book = |category: &Id| crm::statuses(&format!("SMART_INVOICE_STAGE_{category}"));
        let slots: Vec<_> = self.categories.iter().map(|category| batch.add(book(category))).collect();
        let requisites = if my_companies.is_empty() { None } else { self.own.requisites() };
        let requisites = requisites.map(|call| batch.add(call));
        let count = query.map(|query| batch.add(query.count()));
        let mut reply = batch.send().await.map_err(|error| batch_error("the stages of invoices", error))?;
        for slot in slots {
            let stages = reply.take(slot).ok().map_err(|error| needed("the stages of invoices", error))?;
            self.stages.extend(stages.into_iter().map(|stage| (stage.status_id.clone(), raw_stage(stage))));
        }
        if let Some(Ok(requisites)) = requisites.map(|slot| reply.page(slot).ok()) {
            self.own.check(my_companies, &requisites)?;
        }
        count.map(|slot| total(&mut reply, slot)).transpose()
    }

    /// Both date fields, as far as the portal has them.
    pub(super) fn date_fields(&self) -> impl Iterator<Item = &Field> {
        [&self.shipped, &self.paid].into_iter().flatten()
    }

    /// Ids of the stages that mean "paid".
    pub(super) fn success_stages(&self) -> Vec<String> {
        let paid = self.stages.values().filter(|stage| Meaning::of(stage) == Meaning::Paid);
        sorted(paid.map(|stage| stage.id.clone()).collect())
    }

    /// Ids of the stages that were asked for by name or id.
    ///
    /// # Errors
    /// When there is no such stage.
    pub(super) fn stage_ids(&self, asked: &[String]) -> Result<Vec<String>, Error> {
        let mut ids = Vec::new();
        for text in asked {
            let found =
                self.stages.values().filter(|stage| is_stage(stage, text)).map(|stage| stage.id.clone());
            let found: Vec<String> = found.collect();
            if found.is_empty() {
                let names = self.stages.values().filter_map(|stage| stage.name.clone()).collect();
                return Err(unknown("stage", text, names));
            }
            ids.extend(found);
        }
        Ok(sorted(ids))
    }

    /// Codes of the currencies that were asked for.
    ///
    /// # Errors
    /// When the portal does not have one of them.
    pub(super) fn currency_codes(&self, asked: &[String]) -> Result<Vec<String>, Error> {
        let code = |text: &String| self.currencies.keys().find(|code| same(code, text)).cloned();
        let code = |text| {
            code(text).ok_or_else(|| unknown("currency", text, self.currencies.keys().cloned().collect()))
        };
        asked.iter().map(code).collect()
    }

    /// The stage of this id; one that the portal's list does not have keeps its id only.
    pub(super) fn stage(&self, id: Option<&str>) -> RawStage {
        let id = id.unwrap_or_default();
        self.stages.get(id).cloned().unwrap_or_else(|| RawStage { id: id.to_owned(), ..RawStage::default() })
    }
}

fn raw_stage(stage: Status) -> RawStage {
    RawStage { id: stage.status_id, name: stage.name, semantics: stage.semantics }
}

/// The field that was asked for, or the one date with the usual title.
fn date_field(fields: &Fields, asked: Option<&str>, usual: &str) -> Result<Option<Field>, Error> {
    let Some(asked) = asked else {
        let dates: Vec<&Field> =
            fields.titled(usual).filter(|field| field.kind.starts_with("date")).collect();
        return match dates[..] {
            [] => Ok(None),
            [field] => Ok(Some(field.clone())),
            [first, second, ..] => Err(ambiguous(usual, first, second)),
        };
    };
    if let Some(field) = fields.get(asked).or_else(|| fields.by_upper_name(asked)) {
        return Ok(Some(field.clone()));
    }
    let titled: Vec<&Field> = fields.titled(asked).collect();
    match titled[..] {
        [field] => Ok(Some(field.clone())),
        [] => Err(Error::DateFieldUnknown { asked: asked.to_owned() }),
        [first, second, ..] => Err(ambiguous(asked, first, second)),
    }
}

fn ambiguous(title: &str, first: &Field, second: &Field) -> Error {
    let (first, second) = (first.name.clone(), second.name.clone());
    Error::DateFieldAmbiguous { asked: title.to_owned(), first, second }
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort_unstable();
    texts.dedup();
    texts
}

fn unknown(what: &'static str, asked: &str, known: Vec<String>) -> Error {
    Error::FilterUnknown { what, asked: asked.to_owned(), known: sorted(known).join(", ") }
}

/// How many invoices match a query.
pub(super) async fn count(client: &Client, query: &Query) -> Result<u64, Error> {
    let mut batch = client.batch();
    let count = batch.add(query.count());
    let mut reply = batch.send().await.map_err(|error| batch_error("the number of invoices", error))?;
    total(&mut reply, count)
}

fn total(reply: &mut BatchReply, count: Slot<Vec<crm::Row>>) -> Result<u64, Error> {
    let page = reply.page(count).ok().map_err(|error| needed("the number of invoices", error))?;
    Ok(page.total.unwrap_or(page.result.len() as u64))
}

/// Without this no register can be made.
fn needed(what: &'static str, error: CallError) -> Error {
    Error::PortalCall { what, source: Box::new(error) }
}

fn batch_error(what: &'static str, error: b24_client::BatchError) -> Error {
    Error::PortalBatch { what, source: Box::new(error) }
}

/// How many invoices the portal has in all, and the first and last date of each kind among them.
pub(super) async fn outside(client: &Client, tables: &Tables) -> Result<Outside, Error> {
    const WHAT: &str = "the invoices outside the period";
    let mut batch = client.batch();
    let own = ["ASC", "DESC"].map(|direction| {
        let by_date = crm::invoice_count(Params::new()).set("select", ["id", "begindate"]);
        batch.add(by_date.set("order", Params::new().set("begindate", direction)))
    });
    let [shipped, paid] = [&tables.shipped, &tables.paid].map(|field| {
        field
            .as_ref()
            .map(|field| (field.upper_name.as_str(), query::ends_of(field).map(|call| batch.add(call))))
    });
    let mut reply = batch.send().await.map_err(|error| batch_error(WHAT, error))?;
    let mut invoices = 0;
    let mut ends = |field: &str, slots: [Slot<Vec<crm::Row>>; 2]| -> Result<Option<(Date, Date)>, Error> {
        let mut days = Vec::new();
        for slot in slots {
            let page = reply.page(slot).ok().map_err(|error| needed(WHAT, error))?;
            invoices = page.total.unwrap_or(0).max(invoices);
            let first = page.result.first().and_then(|row| row.get(field));
            days.extend(first.and_then(|token| data_processor::date::civil(&token.text()?)));
        }
        Ok(if let [first, last] = days[..] { Some((first, last)) } else { None })
    };
    let invoice_dates = ends("begindate", own)?;
    let shipped = shipped.map_or(Ok(None), |(name, slots)| ends(name, slots))?;
    let paid = paid.map_or(Ok(None), |(name, slots)| ends(name, slots))?;
    Ok(Outside { invoices, invoice_dates, shipped, paid })
}
