//! Reading what `b24 fields pull` writes. The format is read here on its own: the sandbox shares no type with the rest.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::fields::{self, kept};
use super::{Funnel, Schema};
use crate::error::StartError;
use crate::portal::entity::Entity;
use crate::portal::statuses::Status;

/// The format read.
const FORMAT: u32 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    b24_structure: u32,
    #[expect(dead_code, reason = "the portal's name is part of the format and of no use here")]
    portal: String,
    deal: OfEntity,
    contact: OfEntity,
    company: OfEntity,
    lead: OfEntity,
    invoice: OfEntity,
    #[serde(default)]
    directory: BTreeMap<String, Directory>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfEntity {
    #[serde(default)]
    field: Vec<OfField>,
    #[serde(default)]
    funnel: Vec<OfFunnel>,
    #[serde(default)]
    stage: Vec<Stage>,
}

/// A field of the file.
#[expect(clippy::struct_excessive_bools, reason = "the format describes a field by its flags")]
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfField {
    pub(super) code: String,
    pub(super) original: Option<String>,
    pub(super) title: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) read_only: bool,
    #[serde(default)]
    pub(super) multiple: bool,
    #[serde(default)]
    pub(super) user_made: bool,
    #[serde(default)]
    pub(super) value: Vec<Choice>,
}

/// A value of an enumeration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    pub(super) id: u32,
    pub(super) value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfFunnel {
    id: i64,
    name: String,
    #[serde(default)]
    stage: Vec<Stage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Directory {
    #[serde(default)]
    value: Vec<Stage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stage {
    code: String,
    name: String,
    semantics: Option<String>,
}

/// Statuses and funnels on their way into a schema.
#[derive(Default)]
struct Shelf {
    statuses: Vec<Status>,
    funnels: Vec<Funnel>,
}

impl Shelf {
    fn put(&mut self, book: &'static str, stages: Vec<Stage>) -> Result<(), String> {
        let thousand = 1 + self.statuses.last().map_or(0, |status| status.number() / 1000);
        for (place, given) in (1..).zip(stages) {
            let semantics = match given.semantics.as_deref() {
                None => None,
                Some("S") => Some("S"),
                Some("F") => Some("F"),
                Some(other) => {
                    return Err(format!("the stage {} means {other:?}, expected S or F", given.code));
                }
            };
            let entry = Status::of_portal(thousand * 1000 + place, book, kept(given.code), kept(given.name));
            let of_stages = book == "STATUS" || book.contains("_STAGE");
            self.statuses.push(if of_stages { entry.meaning(semantics) } else { entry });
        }
        Ok(())
    }

    fn funnels(&mut self, entity: Entity, funnels: Vec<OfFunnel>) -> Result<(), String> {
        if funnels.is_empty() {
            return Err(format!("{} has no funnel", entity.name()));
        }
        for funnel in funnels {
            if funnel.stage.is_empty() {
                return Err(format!("the funnel {:?} of {} has no stage", funnel.name, entity.name()));
            }
            let book = match (entity, funnel.id) {
                (Entity::Deal, 0) => "DEAL_STAGE",
                (Entity::Deal, id) => kept(format!("DEAL_STAGE_{id}")),
                (_, id) => kept(format!("SMART_INVOICE_STAGE_{id}")),
            };
            self.funnels.push(Funnel { entity, id: funnel.id, name: kept(funnel.name), book });
            self.put(book, funnel.stage)?;
        }
        Ok(())
    }
}

impl Schema {
    /// Reads the structure of a portal.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, and in which line.
    pub(crate) fn parse(text: &str) -> Result<Self, StartError> {
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            StartError::Schema(format!("line {line}: {}", error.message()))
        })?;
        if file.b24_structure != FORMAT {
            let found = file.b24_structure;
            return Err(StartError::Schema(format!("line 1: format {found}, this program reads {FORMAT}")));
        }
        file.into_schema().map_err(StartError::Schema)
    }
}

impl File {
    fn into_schema(self) -> Result<Schema, String> {
        let mut rack = Shelf::default();
        rack.funnels(Entity::Invoice, self.invoice.funnel)?;
        rack.funnels(Entity::Deal, self.deal.funnel)?;
        if self.lead.stage.is_empty() {
            return Err("lead has no stage".to_owned());
        }
        rack.funnels.push(Funnel { entity: Entity::Lead, id: 0, name: "", book: "STATUS" });
        rack.put("STATUS", self.lead.stage)?;
        for (book, directory) in self.directory {
            rack.put(kept(book), directory.value)?;
        }
        let of_file = |entity| match entity {
            Entity::Lead => &self.lead.field,
            Entity::Deal => &self.deal.field,
            Entity::Contact => &self.contact.field,
            Entity::Company => &self.company.field,
            Entity::Invoice => &self.invoice.field,
        };
        let mut fields = [&[][..]; 5];
        for (slot, entity) in fields.iter_mut().zip(Entity::ALL) {
            *slot = Vec::leak(fields::of(entity, of_file(entity))?);
        }
        let Shelf { statuses, funnels } = rack;
        Ok(Schema { fields, statuses: statuses.leak(), funnels: funnels.leak(), from_file: true })
    }
}
