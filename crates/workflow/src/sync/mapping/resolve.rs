//! From names to what the portal knows: fields, numbers of enumerations, stages, users.

mod fields;
mod people;
mod stages;

use jiff::tz::TimeZone;
use std::collections::BTreeMap;

use super::names::{self, NameProblem};
use super::resolved::{FieldRef, KeyRule, RecordReading, Resolved};
use super::template::Template;
use super::{Automation, Mapping, NameOrNumber};
use crate::sync::facts::{FieldFact, Funnel, PortalFacts};
use crate::sync::finding::{Finding, Level};
use crate::sync::folding::fold;
use crate::sync::value::{RowFormat, ValueKind};

/// A kind of records that fields belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Entity {
    Deal,
    Contact,
}

impl Entity {
    fn of_records(self) -> &'static str {
        match self {
            Self::Deal => "deals",
            Self::Contact => "contacts",
        }
    }

    fn command(self) -> &'static str {
        match self {
            Self::Deal => "`b24 fields deal` lists them",
            Self::Contact => "`b24 fields contact` lists them",
        }
    }
}

struct Resolver<'a> {
    mapping: &'a Mapping,
    facts: &'a PortalFacts,
    format: &'a RowFormat,
    findings: Vec<Finding>,
    /// Place in the mapping that fills a field, by the field's name.
    taken: BTreeMap<(Entity, String), String>,
}

impl Mapping {
    /// What the mapping means on a portal.
    ///
    /// # Errors
    /// Everything that keeps it from being used, at once.
    pub fn resolve(&self, facts: &PortalFacts, format: &RowFormat) -> Result<Resolved, Vec<Finding>> {
        let (resolved, findings) = examine(self, facts, format);
        let errors = |findings: Vec<Finding>| {
            findings.into_iter().filter(|finding| finding.level == Level::Error).collect::<Vec<_>>()
        };
        resolved.ok_or_else(|| errors(findings))
    }
}

/// What the mapping means, unless something is wrong, and everything that is odd.
pub(super) fn examine(
    mapping: &Mapping,
    facts: &PortalFacts,
    format: &RowFormat,
) -> (Option<Resolved>, Vec<Finding>) {
    let mut resolver = Resolver { mapping, facts, format, findings: Vec::new(), taken: BTreeMap::new() };
    let meaning = resolver.resolved();
    let failed = resolver.findings.iter().any(|finding| finding.level == Level::Error);
    (meaning.filter(|_| !failed), resolver.findings)
}

impl<'a> Resolver<'a> {
    fn resolved(&mut self) -> Option<Resolved> {
        self.automation();
        let mapping = self.mapping;
        let funnel = self.funnel();
        let key = self.key();
        let contact = self.contact();
        let deal = self.fields(Entity::Deal, "deal.fields", &mapping.deal.fields);
        let stages = funnel.map(|funnel| self.stages(funnel));
        let comment =
            mapping.comment.as_ref().map(|comment| self.template("comment.template", &comment.template));
        let leads = self.leads();
        self.required(Entity::Deal, "deal.fields");
        if contact.is_some() {
            self.required(Entity::Contact, "contact.fields");
        }
        let (stages, stage_source) = stages?;
        Some(Resolved {
            name: mapping.name.trim().to_owned(),
            originator: mapping.originator(),
            portal: self.facts.portal.clone(),
            mapping_hash: mapping.hash().to_owned(),
            facts_hash: self.facts.hash(),
            zone: mapping.source.time_zone().unwrap_or(TimeZone::UTC),
            automation: mapping.automation,
            batch_size: mapping.batch_size,
            guards: mapping.guards,
            key: key?,
            category: funnel?.id,
            closed: mapping.deal.closed,
            adopt: mapping.deal.adopt,
            deal,
            contact,
            stages,
            leads,
            reading: RecordReading {
                stage: stage_source,
                comment: comment.flatten(),
                format: self.format.clone(),
            },
        })
    }

    fn find(&mut self, level: Level, code: &str, place: &str, message: String, hint: impl Into<String>) {
        let finding = Finding::new(level, code, message, hint).at(place, self.mapping.line(place));
        self.findings.push(finding);
    }

    fn error(&mut self, code: &str, place: &str, message: String, hint: impl Into<String>) {
        self.find(Level::Error, code, place, message, hint);
    }

    /// What cannot be done without robots.
    fn automation(&mut self) {
        let mapping = self.mapping;
        if mapping.automation == Automation::Run {
            return;
        }
        let update = mapping.stages.as_ref().is_some_and(|stages| stages.update);
        let status = mapping.leads.as_ref().is_some_and(|leads| leads.status.is_some());
        let impossible =
            [(mapping.deal.adopt, "deal.adopt"), (update, "stages.update"), (status, "leads.status")];
        for (_, place) in impossible.iter().filter(|(set, _)| *set) {
            self.error(
                "sync.skip-cannot-update",
                place,
                "it changes records, which starts robots, and automation is \"skip\"".to_owned(),
                "remove it, or write automation = \"run\"",
            );
        }
    }

    fn funnel(&mut self) -> Option<&'a Funnel> {
        let facts = self.facts;
        let wanted = match &self.mapping.deal.funnel {
            None => facts.funnel(0).or_else(|| facts.funnels.first()),
            Some(NameOrNumber::Number(id)) => facts.funnel(*id),
            Some(NameOrNumber::Name(name)) => {
                let mut named = facts.funnels.iter().filter(|funnel| fold(&funnel.name) == fold(name));
                let first = named.next();
                if let (Some(first), Some(second)) = (first, named.next()) {
                    let message = format!("two funnels are called `{name}`: {} and {}", first.id, second.id);
                    self.error("sync.funnel-ambiguous", "deal.funnel", message, "write the number");
                }
                first
            }
        };
        if wanted.is_none() {
            let known: Vec<String> =
                facts.funnels.iter().map(|funnel| format!("{} ({})", funnel.name, funnel.id)).collect();
            let hint = format!("the portal has {}", known.join(", "));
            self.error(
                "sync.funnel-unknown",
                "deal.funnel",
                "there is no such funnel of deals".to_owned(),
                hint,
            );
        }
        wanted
    }

    fn key(&mut self) -> Option<KeyRule> {
        let settings = &self.mapping.key;
        let fact = self.field(Entity::Deal, "key.field", &settings.field)?;
        let field = self.reference(fact);
        if field.kind != ValueKind::Text || fact.kind == "crm_status" {
            let message = format!("`{}` holds no text but {}", field.title, fact.kind);
            self.error(
                "sync.key-field-kind",
                "key.field",
                message,
                "a key needs a field of the type \"string\"",
            );
        }
        if field.multiple {
            let message = format!("`{}` holds several values", field.title);
            self.error(
                "sync.key-field-multiple",
                "key.field",
                message,
                "a key needs a field that is not multiple",
            );
        }
        if !fact.user_made && fact.name != "originId" {
            let message = format!("`{}` is a field of the portal itself, not made for keys", field.title);
            let hint = "make a field of your own of the type \"string\" and name it";
            self.find(Level::Warning, "sync.key-field-system", "key.field", message, hint);
        }
        Some(KeyRule { column: settings.column.clone(), prefix: settings.prefix.clone(), field })
    }

    /// A field of the portal that a place of the mapping fills.
    fn field(&mut self, entity: Entity, place: &str, name: &str) -> Option<&'a FieldFact> {
        let facts = self.facts;
        let fields = if entity == Entity::Deal { &facts.deal } else { &facts.contact };
        let field = match names::find(fields, name) {
            Ok(field) => field,
            Err(NameProblem::Ambiguous(first, second)) => {
                let message = format!(
                    "two fields of {} are titled `{name}`: {first} and {second}",
                    entity.of_records()
                );
                self.error("sync.field-ambiguous", place, message, "write the code instead of the title");
                return None;
            }
            Err(NameProblem::Unknown(close)) => {
                let hint = close
                    .map_or_else(|| entity.command().to_owned(), |close| format!("did you mean `{close}`?"));
                let message =
                    format!("{} have no field with the title or code `{name}`", entity.of_records());
                let code = if place == "key.field" { "sync.key-field-missing" } else { "sync.field-unknown" };
                let hint = if place == "key.field" { format!("{hint}; {KEY_FIELD_CLICKS}") } else { hint };
                self.error(code, place, message, hint);
                return None;
            }
        };
        if let Some(other) = self.taken.insert((entity, field.name.clone()), place.to_owned()) {
            let message = format!("`{}` is filled twice: by {other} and by {place}", field.title);
            self.error("sync.field-twice", place, message, "keep one of them");
        }
        if field.read_only {
            let message = format!("`{}` cannot be written", field.title);
            self.error("sync.field-read-only", place, message, "remove it");
        }
        Some(field)
    }

    /// A field as plans know it.
    fn reference(&self, field: &FieldFact) -> FieldRef {
        let choices = super::choices::Choices::of(field, self.facts);
        FieldRef {
            name: field.name.clone(),
            original: field.original.clone(),
            title: if field.title.is_empty() { field.original.clone() } else { field.title.clone() },
            kind: names::kind_of(field).unwrap_or(ValueKind::Text),
            multiple: field.multiple,
            zero_is_empty: names::zero_is_empty(field),
            max_length: names::max_length(field),
            scale: names::scale(field),
            shown: choices.map(|choices| choices.shown().clone()).unwrap_or_default(),
        }
    }

    fn template(&mut self, place: &str, text: &str) -> Option<Template> {
        match Template::parse(text) {
            Ok(template) => Some(template),
            Err(error) => {
                let hint =
                    "`{Column}` is a column, a part in `[ ]` is left out when all its columns are empty";
                self.error("sync.template", place, error.to_string(), hint);
                None
            }
        }
    }

    /// Fields that the portal wants filled and the mapping does not fill.
    fn required(&mut self, entity: Entity, place: &str) {
        let facts = self.facts;
        let fields = if entity == Entity::Deal { &facts.deal } else { &facts.contact };
        for field in fields.iter().filter(|field| field.required && !field.read_only) {
            let filled = self.taken.contains_key(&(entity, field.name.clone()));
            let given =
                ["stageId", "categoryId", "contactId", "contactIds", "fm", "originId", "originatorId"];
            if !filled && !given.contains(&field.name.as_str()) {
                let message = format!(
                    "{} must have `{}`, which the mapping does not fill",
                    entity.of_records(),
                    field.title
                );
                self.error(
                    "sync.field-required",
                    place,
                    message,
                    format!("add \"{}\" to [{place}]", field.title),
                );
            }
        }
    }
}

/// How a field for keys is made, in the portal's own words.
const KEY_FIELD_CLICKS: &str =
    "to make one: CRM → Сделки → any deal → «Создать поле» → «Строка», not multiple";
