//! Fields, and where their values come from.

use super::{Entity, Resolver};
use crate::sync::facts::FieldFact;
use crate::sync::finding::Level;
use crate::sync::folding::fold;
use crate::sync::mapping::choices::{ChoiceProblem, Choices};
use crate::sync::mapping::names;
use crate::sync::mapping::reading::{FieldReading, Source};
use crate::sync::mapping::resolved::{FieldRef, FieldRule};
use crate::sync::mapping::{Automation, FieldEntry, FieldSettings, FieldSource, FieldTable};
use crate::sync::value::{FieldValue, ValueKind};
use crate::sync::wanted::Policy;

/// Fields that other tables of the mapping fill, and where.
const ELSEWHERE: [(&str, &str); 6] = [
    ("stageId", "[stages]"),
    ("categoryId", "`funnel` of [deal]"),
    ("contactId", "[contact]"),
    ("contactIds", "[contact]"),
    ("fm", "`phone` of [contact]"),
    ("originatorId", "`name`"),
];

/// Parts of a person's name.
const NAMES: [&str; 3] = ["name", "lastName", "secondName"];

impl Resolver<'_> {
    pub(super) fn fields(&mut self, entity: Entity, table: &str, fields: &FieldTable) -> Vec<FieldRule> {
        fields.iter().filter_map(|entry| self.rule(entity, table, entry)).collect()
    }

    fn rule(&mut self, entity: Entity, table: &str, entry: &FieldEntry) -> Option<FieldRule> {
        let place = format!("{table}.{}", entry.field);
        let fact = self.field(entity, &place, &entry.field)?;
        if let Some((_, where_to)) = ELSEWHERE.iter().find(|(name, _)| *name == fact.name) {
            let message = format!("`{}` is not filled here", fact.title);
            self.error("sync.field-elsewhere", &place, message, format!("it is filled by {where_to}"));
            return None;
        }
        if names::kind_of(fact).is_none() {
            let message = format!("`{}` is of the type {}, which no text fills", fact.title, fact.kind);
            self.error("sync.field-kind", &place, message, "remove it");
            return None;
        }
        let field = self.reference(fact);
        let policy = self.policy(&place, &entry.settings);
        if entity == Entity::Contact && NAMES.contains(&fact.name.as_str()) {
            self.kept(&place, &field, policy);
        }
        let reading = self.reading(&place, fact, &field, &entry.settings)?;
        self.lengths(&place, &field, &entry.settings);
        if entry.settings.empty.is_some() && policy == Policy::Always {
            let message = "an empty value of the source replaces what people wrote by the text of `empty`";
            let hint = "write policy = \"if-empty\" or \"create-only\"";
            self.find(Level::Warning, "sync.empty-overwrites", &place, message.to_owned(), hint);
        }
        Some(FieldRule { field, policy, reading })
    }

    /// Contacts are told apart by their names, which people correct.
    fn kept(&mut self, place: &str, field: &FieldRef, policy: Policy) {
        if matches!(policy, Policy::Always | Policy::Clear) {
            let message = format!("`{}` of a contact that is there is never overwritten", field.title);
            let hint = "write policy = \"create-only\" or \"if-empty\", or name the column in [contact]";
            self.error("sync.name-overwritten", place, message, hint);
        }
    }

    fn policy(&mut self, place: &str, settings: &FieldSettings) -> Policy {
        match (self.mapping.automation, settings.policy) {
            (Automation::Run, policy) => policy.unwrap_or(Policy::Always),
            (Automation::Skip, None | Some(Policy::CreateOnly)) => Policy::CreateOnly,
            (Automation::Skip, Some(policy)) => {
                let message = "the policy changes records, which starts robots, and automation is \"skip\"";
                let hint = "remove the policy or write \"create-only\"";
                self.error("sync.skip-cannot-update", place, message.to_owned(), hint);
                policy
            }
        }
    }

    fn reading(
        &mut self,
        place: &str,
        fact: &FieldFact,
        field: &FieldRef,
        settings: &FieldSettings,
    ) -> Option<FieldReading> {
        let choices = Choices::of(fact, self.facts);
        if let Some(choices) = &choices {
            for text in settings.values.values() {
                self.choice(place, field, choices, text);
            }
        }
        let mut reading = FieldReading {
            source: Source::Constant(FieldValue::empty(field.kind)),
            required: settings.required,
            empty: settings.empty.clone(),
            max_length: settings.max_length,
            cut_at: settings.cut_at.clone(),
            split: settings.split.clone(),
            currency: self.currency(place, field, settings),
            values: settings.values.iter().map(|(text, value)| (fold(text), value.clone())).collect(),
            choices,
        };
        reading.source = match &settings.source {
            FieldSource::Column(column) => Source::Column(column.clone()),
            FieldSource::Template(text) => Source::Template(self.template(place, text)?),
            FieldSource::Constant(text) => Source::Constant(self.constant(place, field, &reading, text)?),
        };
        if settings.split.is_some() && !field.multiple {
            let message = format!("`{}` holds one value, so there is nothing to split", field.title);
            self.error("sync.field-not-multiple", place, message, "remove `split`");
        }
        Some(reading)
    }

    fn choice(&mut self, place: &str, field: &FieldRef, choices: &Choices, text: &str) -> Option<String> {
        match choices.find(text) {
            Ok(value) => Some(value.to_owned()),
            Err(ChoiceProblem::Several(values)) => {
                let message =
                    format!("`{}` has the value `{text}` more than once: {}", field.title, values.join(", "));
                self.error("sync.value-ambiguous", place, message, "write the number or code instead");
                None
            }
            Err(ChoiceProblem::Unknown(close)) => {
                let hint = match close {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => format!("it has {}", choices.examples()),
                };
                self.error(
                    "sync.value-unknown",
                    place,
                    format!("`{}` has no value `{text}`", field.title),
                    hint,
                );
                None
            }
        }
    }

    fn currency(&mut self, place: &str, field: &FieldRef, settings: &FieldSettings) -> Option<String> {
        if field.kind != ValueKind::Money {
            if settings.currency.is_some() {
                let message = format!("`{}` holds no amount with a currency", field.title);
                self.error("sync.field-no-money", place, message, "remove `currency`");
            }
            return None;
        }
        if settings.currency.is_none() {
            let message = format!("amounts of `{}` without a currency are taken as RUB", field.title);
            let hint = "write currency = \"RUB\" or another one";
            self.find(Level::Guess, "sync.currency-guessed", place, message, hint);
        }
        Some(settings.currency.clone().unwrap_or_else(|| "RUB".to_owned()))
    }

    /// A constant is written as the source would write it, but dates and decimals in TOML's own spelling count too.
    fn constant(
        &mut self,
        place: &str,
        field: &FieldRef,
        reading: &FieldReading,
        text: &str,
    ) -> Option<FieldValue> {
        if let Some(choices) = &reading.choices {
            let value = self.choice(place, field, choices, text)?;
            return Some(FieldValue { kind: field.kind, multiple: field.multiple, texts: vec![value] });
        }
        match reading.fill(field, self.format, text) {
            Ok(filled) => Some(filled.value),
            Err(problem) => {
                let message = format!("`{text}` is no value of `{}`: {problem}", field.title);
                self.error("sync.constant", place, message, "correct the value");
                None
            }
        }
    }

    fn lengths(&mut self, place: &str, field: &FieldRef, settings: &FieldSettings) {
        let Some(limit) = field.max_length else { return };
        let constant = match &settings.source {
            FieldSource::Constant(text) => text.chars().count(),
            FieldSource::Column(_) | FieldSource::Template(_) => 0,
        };
        let longest = settings.max_length.unwrap_or(0).max(constant);
        if longest > limit {
            let message = format!("`{}` takes {limit} characters, {longest} may be sent", field.title);
            self.error("sync.text-too-long", place, message, format!("write max_length = {limit} or less"));
        }
    }
}
