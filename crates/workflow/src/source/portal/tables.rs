//! What a register needs to know about the portal before its invoices: stages, currencies, the two date fields and
//! how many invoices there are.

use std::collections::{BTreeMap, HashMap};

use b24_client::crm::{self, Field, Fields, Status};
use b24_client::{CallError, Client, Id, Params};
use data_processor::raw::RawStage;

use crate::Error;
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
    stages: HashMap<String, RawStage>,
    pub(super) currencies: BTreeMap<String, u32>,
    pub(super) shipped: Option<Field>,
    pub(super) paid: Option<Field>,
    pub(super) counted: u64,
}

impl Tables {
    /// Reads them in two requests.
    pub(super) async fn read(client: &Client, filter: Params, fields: &DateFields) -> Result<Self, Error> {
        let mut batch = client.batch();
        let all_fields = batch.add(crm::item_fields(crm::SMART_INVOICE));
        let categories = batch.add(crm::categories(crm::SMART_INVOICE));
        let currencies = batch.add(crm::currencies());
        let count = batch.add(crm::invoice_count(filter));
        let mut reply = batch.send().await.map_err(|error| batch_error("the portal's directories", error))?;
        let all_fields =
            reply.take(all_fields).ok().map_err(|error| needed("the fields of invoices", error))?;
        let categories =
            reply.take(categories).ok().map_err(|error| needed("the funnels of invoices", error))?;
        let currencies = reply.take(currencies).ok().map_err(|error| needed("the currencies", error))?;
        let count = reply.page(count).ok().map_err(|error| needed("the number of invoices", error))?;

        let stages = stages(client, categories.iter().map(|category| category.id)).await?;
        let digits =
            |text: Option<std::borrow::Cow<'_, str>>| text.and_then(|text| text.parse().ok()).unwrap_or(2);
        Ok(Self {
            stages: stages.into_iter().map(|stage| (stage.status_id.clone(), raw_stage(stage))).collect(),
            currencies: currencies
                .into_iter()
                .map(|currency| {
                    let digits = digits(currency.decimals.text());
                    (currency.currency, digits)
                })
                .collect(),
            shipped: date_field(&all_fields, fields.shipped.as_deref(), SHIPPED_TITLE)?,
            paid: date_field(&all_fields, fields.paid.as_deref(), PAID_TITLE)?,
            counted: count.total.unwrap_or(count.result.len() as u64),
        })
    }

    /// The stage of this id; one that the portal's list does not have keeps its id only.
    pub(super) fn stage(&self, id: Option<&str>) -> RawStage {
        let id = id.unwrap_or_default();
        self.stages.get(id).cloned().unwrap_or_else(|| RawStage { id: id.to_owned(), ..RawStage::default() })
    }
}

async fn stages(client: &Client, categories: impl Iterator<Item = Id>) -> Result<Vec<Status>, Error> {
    let mut batch = client.batch();
    let slots: Vec<_> = categories
        .map(|category| batch.add(crm::statuses(&format!("SMART_INVOICE_STAGE_{category}"))))
        .collect();
    let mut reply = batch.send().await.map_err(|error| batch_error("the stages of invoices", error))?;
    let mut stages = Vec::new();
    for slot in slots {
        stages.extend(reply.take(slot).ok().map_err(|error| needed("the stages of invoices", error))?);
    }
    Ok(stages)
}

fn raw_stage(stage: Status) -> RawStage {
    RawStage { id: stage.status_id, name: stage.name, semantics: stage.semantics }
}

/// The field that was asked for, or the one with the usual title.
fn date_field(fields: &Fields, asked: Option<&str>, usual: &str) -> Result<Option<Field>, Error> {
    let Some(asked) = asked else {
        return Ok(fields.titled(usual).next().cloned());
    };
    if let Some(field) = fields.get(asked).or_else(|| fields.by_upper_name(asked)) {
        return Ok(Some(field.clone()));
    }
    let titled: Vec<&Field> = fields.titled(asked).collect();
    match titled[..] {
        [field] => Ok(Some(field.clone())),
        [] => Err(Error::DateFieldUnknown { asked: asked.to_owned() }),
        [first, second, ..] => Err(Error::DateFieldAmbiguous {
            asked: asked.to_owned(),
            first: first.name.clone(),
            second: second.name.clone(),
        }),
    }
}

/// Without this no register can be made.
fn needed(what: &'static str, error: CallError) -> Error {
    Error::PortalCall { what, source: Box::new(error) }
}

fn batch_error(what: &'static str, error: b24_client::BatchError) -> Error {
    Error::PortalBatch { what, source: Box::new(error) }
}

/// How many invoices the portal has in all, and the first and last invoice date among them.
pub(super) async fn outside(client: &Client) -> Result<Outside, Error> {
    let mut batch = client.batch();
    let ends = ["ASC", "DESC"].map(|direction| {
        let by_date = crm::invoice_count(Params::new()).set("select", ["id", "begindate"]);
        batch.add(by_date.set("order", Params::new().set("begindate", direction)))
    });
    let mut reply =
        batch.send().await.map_err(|error| batch_error("the invoices outside the period", error))?;
    let mut days = Vec::new();
    let mut invoices = 0;
    for slot in ends {
        let page = reply.page(slot).ok().map_err(|error| needed("the invoices outside the period", error))?;
        invoices = page.total.unwrap_or(0);
        let first = page.result.first().and_then(|row| row.get("begindate"));
        days.extend(first.and_then(|token| data_processor::date::civil(&token.text()?)));
    }
    let invoice_dates = if let [first, last] = days[..] { Some((first, last)) } else { None };
    Ok(Outside { invoices, invoice_dates, ..Outside::default() })
}
