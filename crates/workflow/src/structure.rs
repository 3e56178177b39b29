//! The structure of a portal: fields, their values, funnels and stages. No records.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use b24_client::crm::{self, Category, EntityType, Fields, Status};
use b24_client::{Call, CallError, Client, Params};
use serde::Serialize;

use crate::{Error, OutputFile};

/// The format written.
const FORMAT: u32 = 1;

/// What a portal's records look like, in an order that does not depend on the portal's.
#[derive(Debug, Serialize)]
pub struct Structure {
    #[serde(rename = "b24_structure")]
    format: u32,
    portal: String,
    deal: Entity,
    contact: Entity,
    company: Entity,
    lead: Entity,
    invoice: Entity,
    /// Directories that fields of the type `crm_status` refer to, by code.
    directory: BTreeMap<String, Directory>,
}

/// One kind of records.
#[derive(Debug, Serialize)]
struct Entity {
    field: Vec<Field>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    funnel: Vec<Funnel>,
    /// Stages of records that have no funnels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stage: Vec<Stage>,
}

#[expect(clippy::struct_excessive_bools, reason = "the portal describes a field by its flags")]
#[derive(Debug, Serialize)]
struct Field {
    code: String,
    /// The upper-case name, where it is not the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<String>,
    title: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "is_false")]
    required: bool,
    #[serde(skip_serializing_if = "is_false")]
    read_only: bool,
    #[serde(skip_serializing_if = "is_false")]
    multiple: bool,
    #[serde(skip_serializing_if = "is_false")]
    user_made: bool,
    /// Values of an enumeration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    value: Vec<Choice>,
}

#[derive(Debug, Serialize)]
struct Choice {
    id: u64,
    value: String,
}

#[derive(Debug, Serialize)]
struct Funnel {
    id: u64,
    name: String,
    stage: Vec<Stage>,
}

#[derive(Debug, Serialize)]
struct Directory {
    value: Vec<Stage>,
}

/// A stage, or another value of a directory.
#[derive(Debug, Serialize)]
struct Stage {
    code: String,
    name: String,
    /// `S` success, `F` failure; none in progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    semantics: Option<String>,
    #[serde(skip)]
    sort: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// How much a structure holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StructureCounts {
    /// Fields of all entities.
    pub fields: usize,
    /// Funnels of deals and invoices.
    pub funnels: usize,
    /// Stages of deals, leads and invoices.
    pub stages: usize,
    /// Directories.
    pub directories: usize,
}

impl Structure {
    /// Reads it in one request.
    ///
    /// # Errors
    /// When the portal does not answer completely: half a structure would look like removed fields.
    pub async fn pull(client: &Client) -> Result<Self, Error> {
        let mut batch = client.batch();
        let legacy = ["deal", "contact", "company", "lead"].map(|name| batch.add(crm::entity_fields(name)));
        let invoice = batch.add(crm::item_fields(EntityType::SmartInvoice));
        let deal_funnels = batch.add(crm::categories(EntityType::Deal));
        let invoice_funnels = batch.add(crm::categories(EntityType::SmartInvoice));
        let order = Params::new().set("order", Params::new().set("SORT", "ASC"));
        let statuses = batch.add(Call::<Vec<Status>>::read("crm.status.list", order));
        let mut reply = batch.send().await.map_err(|error| Error::PortalBatch {
            what: "the portal's structure",
            source: Box::new(error),
        })?;
        let [deal, contact, company, lead] = legacy.map(|slot| reply.take(slot).ok());
        let invoice = reply.take(invoice).ok().map_err(|error| needed("the fields of invoices", error))?;
        let funnels = |found: Result<Vec<Category>, CallError>| found.map_err(|e| needed("the funnels", e));
        let deal_funnels = funnels(reply.take(deal_funnels).ok())?;
        let invoice_funnels = funnels(reply.take(invoice_funnels).ok())?;
        let statuses = reply.take(statuses).ok().map_err(|error| needed("the stages", error))?;

        let mut directories = directories(statuses);
        let fields = |found: Result<Fields, CallError>| found.map_err(|error| needed("the fields", error));
        let deal_funnel = |id: u64| if id == 0 { "DEAL_STAGE".into() } else { format!("DEAL_STAGE_{id}") };
        let invoice_funnel = |id: u64| format!("SMART_INVOICE_STAGE_{id}");
        Ok(Self {
            format: FORMAT,
            portal: client.identity(),
            deal: Entity::new(&fields(deal)?, funnels_of(deal_funnels, &mut directories, deal_funnel)),
            contact: Entity::new(&fields(contact)?, Vec::new()),
            company: Entity::new(&fields(company)?, Vec::new()),
            lead: Entity {
                stage: directories.remove("STATUS").unwrap_or_default(),
                ..Entity::new(&fields(lead)?, Vec::new())
            },
            invoice: Entity::new(&invoice, funnels_of(invoice_funnels, &mut directories, invoice_funnel)),
            directory: directories.into_iter().map(|(code, value)| (code, Directory { value })).collect(),
        })
    }

    /// How much there is of everything.
    #[must_use]
    pub fn counts(&self) -> StructureCounts {
        let entities = [&self.deal, &self.contact, &self.company, &self.lead, &self.invoice];
        let stages = |entity: &&Entity| {
            entity.stage.len() + entity.funnel.iter().map(|funnel| funnel.stage.len()).sum::<usize>()
        };
        StructureCounts {
            fields: entities.iter().map(|entity| entity.field.len()).sum(),
            funnels: entities.iter().map(|entity| entity.funnel.len()).sum(),
            stages: entities.iter().map(stages).sum(),
            directories: self.directory.len(),
        }
    }

    /// Writes it as TOML under a temporary name, then under its own.
    ///
    /// # Errors
    /// When the file exists and `replace` is not set, or cannot be written.
    pub fn save(&self, path: &Path, replace: bool) -> Result<PathBuf, Error> {
        let not_writable = |source| Error::OutputNotWritable { path: path.to_owned(), source };
        let text = toml::to_string(self).map_err(|error| not_writable(std::io::Error::other(error)))?;
        let mut output = OutputFile::create(path, replace)?;
        output.file().write_all(text.as_bytes()).map_err(not_writable)?;
        output.commit()
    }
}

fn needed(what: &'static str, error: CallError) -> Error {
    Error::PortalCall { what, source: Box::new(error) }
}

/// The values of every directory, by its code.
fn directories(statuses: Vec<Status>) -> BTreeMap<String, Vec<Stage>> {
    let mut directories: BTreeMap<String, Vec<Stage>> = BTreeMap::new();
    for status in statuses {
        let stage = Stage {
            code: status.status_id,
            name: status.name.unwrap_or_default(),
            semantics: status.semantics.filter(|text| matches!(text.as_str(), "S" | "F")),
            sort: status.sort.get(),
        };
        directories.entry(status.entity_id.unwrap_or_default()).or_default().push(stage);
    }
    for values in directories.values_mut() {
        values.sort_by(|one, other| (one.sort, &one.code).cmp(&(other.sort, &other.code)));
    }
    directories
}

fn funnels_of(
    categories: Vec<Category>,
    directories: &mut BTreeMap<String, Vec<Stage>>,
    directory: impl Fn(u64) -> String,
) -> Vec<Funnel> {
    let mut funnels: Vec<Funnel> = categories
        .into_iter()
        .map(|category| {
            let id = category.id.get();
            let stage = directories.remove(&directory(id)).unwrap_or_default();
            Funnel { id, name: category.name.unwrap_or_default(), stage }
        })
        .collect();
    funnels.sort_by_key(|funnel| funnel.id);
    funnels
}

impl Entity {
    fn new(fields: &Fields, funnel: Vec<Funnel>) -> Self {
        let mut field: Vec<Field> = fields.iter().map(Field::from).collect();
        field.sort_by(|one, other| one.code.cmp(&other.code));
        Self { field, funnel, stage: Vec::new() }
    }
}

impl From<&crm::Field> for Field {
    fn from(field: &crm::Field) -> Self {
        let mut value: Vec<Choice> =
            field.items.iter().map(|item| Choice { id: item.id.get(), value: item.value.clone() }).collect();
        value.sort_by_key(|choice| choice.id);
        Self {
            code: field.name.clone(),
            original: (field.upper_name != field.name).then(|| field.upper_name.clone()),
            title: field.label().to_owned(),
            kind: field.kind.clone(),
            required: field.is_required,
            read_only: field.is_read_only,
            multiple: field.is_multiple,
            user_made: field.is_dynamic,
            value,
        }
    }
}
