//! A record of the source as what is wanted of the portal.

mod refusal;

use self::refusal::Refusal;
use super::reading::Source;
use super::resolved::{ContactRule, FieldRule, Resolved};
use crate::person::phone::parse_cell;
use crate::sync::folding::fold;
use crate::sync::record::Record;
use crate::sync::reject::Reject;
use crate::sync::value::{FieldValue, trimmed};
use crate::sync::wanted::{PersonName, Policy, Wanted, WantedContact, WantedField};

impl Resolved {
    /// What a record wants of the portal. The same record gives the same answer whenever it is asked.
    ///
    /// # Errors
    /// The first thing that keeps the record from being synchronised, with what to do.
    pub fn transform(&self, record: &Record) -> Result<Wanted, Box<Reject>> {
        let refusal = Refusal { record, key: self.shown_key(record) };
        let key = self.record_key(record, &refusal)?;
        let mut warnings = Vec::new();
        let contact = match &self.contact {
            Some(rule) => self.person(rule, record, &refusal, &mut warnings)?,
            None => None,
        };
        let deal = self.filled(&self.deal, record, &refusal, false, &mut warnings)?;
        let stage = self.stage(record, &refusal, &mut warnings)?;
        let comment =
            self.reading.comment.as_ref().map(|template| template.render(&|column| record.get(column)));
        let comment = comment.map(|text| trimmed(&text)).filter(|text| !text.is_empty());
        let cursor = record.cursor().map(str::to_owned);
        Ok(Wanted { key, line: record.line(), cursor, contact, deal, stage, comment, warnings })
    }

    /// The key of a record, whatever else is wrong with it; none when there is none.
    pub(in crate::sync) fn shown_key(&self, record: &Record) -> Option<String> {
        let text = record.get(&self.key.column).map(trimmed).filter(|text| !text.is_empty())?;
        Some(format!("{}{text}", self.key.prefix))
    }

    fn record_key(&self, record: &Record, refusal: &Refusal<'_>) -> Result<String, Box<Reject>> {
        let column = self.key.column.as_str();
        let Some(key) = refusal.key.clone() else {
            if !record.columns().iter().any(|known| known == column) {
                return Err(refusal.column_missing(column));
            }
            return Err(refusal.key_missing(column));
        };
        let limit = self.key.field.max_length.unwrap_or(255);
        if key.chars().count() > limit {
            return Err(refusal.too_long(column, &key, limit));
        }
        Ok(key)
    }

    fn person(
        &self,
        rule: &ContactRule,
        record: &Record,
        refusal: &Refusal<'_>,
        warnings: &mut Vec<Reject>,
    ) -> Result<Option<WantedContact>, Box<Reject>> {
        let part = |column: &Option<String>| {
            let text = column.as_deref().and_then(|column| record.get(column)).unwrap_or_default();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let name = match &rule.reading.full {
            Some(column) => PersonName::split(record.get(column).unwrap_or_default()),
            None => PersonName {
                last: part(&rule.reading.last),
                first: part(&rule.reading.first),
                second: part(&rule.reading.second),
            },
        };
        for part in [&name.last, &name.first, &name.second] {
            // The width of the columns NAME, LAST_NAME and SECOND_NAME of b_crm_contact.
            if part.chars().count() > 50 {
                return Err(refusal.too_long("name", part, 50));
            }
        }
        let mut phones: Vec<String> = Vec::new();
        for column in &rule.reading.phones {
            for phone in parse_cell(record.get(column).unwrap_or_default()) {
                match phone {
                    Ok(phone) if phones.iter().any(|known| known == phone.e164()) => {}
                    Ok(phone) => phones.push(phone.e164().to_owned()),
                    Err(bad) => warnings.push(refusal.bad_phone(column, &bad)),
                }
            }
        }
        let fields = self.filled(&rule.fields, record, refusal, true, warnings)?;
        let nobody = phones.is_empty() && name.is_empty();
        Ok((!nobody).then_some(WantedContact { phones, name, fields }))
    }

    fn filled(
        &self,
        rules: &[FieldRule],
        record: &Record,
        refusal: &Refusal<'_>,
        personal: bool,
        warnings: &mut Vec<Reject>,
    ) -> Result<Vec<WantedField>, Box<Reject>> {
        let mut fields = Vec::with_capacity(rules.len());
        for rule in rules {
            let value = self.value(rule, record, refusal, personal, warnings)?;
            if value.is_empty() && rule.policy != Policy::Clear {
                continue;
            }
            fields.push(WantedField {
                name: rule.field.name.clone(),
                original: rule.field.original.clone(),
                title: rule.field.title.clone(),
                value,
                policy: rule.policy,
            });
        }
        Ok(fields)
    }

    fn value(
        &self,
        rule: &FieldRule,
        record: &Record,
        refusal: &Refusal<'_>,
        personal: bool,
        warnings: &mut Vec<Reject>,
    ) -> Result<FieldValue, Box<Reject>> {
        if let Source::Constant(value) = &rule.reading.source {
            return Ok(value.clone());
        }
        let text = rule.reading.text(record);
        let place = rule.reading.source.column().unwrap_or(&rule.field.title);
        let filled = rule.reading.fill(&rule.field, &self.reading.format, &text);
        let filled = filled.map_err(|problem| refusal.unfit(place, rule, &text, personal, &problem))?;
        if filled.value.is_empty() && rule.reading.required {
            let column = rule.reading.source.column();
            if let Some(column) =
                column.filter(|column| !record.columns().iter().any(|known| known == column))
            {
                return Err(refusal.column_missing(column));
            }
            return Err(refusal.value_missing(place, &rule.field.title));
        }
        if filled.rounded {
            warnings.push(refusal.rounded(place, rule, &text));
        }
        Ok(filled.value)
    }

    fn stage(
        &self,
        record: &Record,
        refusal: &Refusal<'_>,
        warnings: &mut Vec<Reject>,
    ) -> Result<Option<String>, Box<Reject>> {
        let Some(source) = &self.reading.stage else { return Ok(None) };
        let Some(column) = &source.column else { return Ok(source.default.clone()) };
        let status = record.get(column).map(trimmed).unwrap_or_default();
        if status.is_empty() {
            return Ok(source.default.clone());
        }
        match (source.map.get(&fold(&status)), &source.default) {
            (Some(stage), _) => Ok(Some(stage.clone())),
            (None, Some(default)) => {
                warnings.push(refusal.default_stage(column, &status));
                Ok(Some(default.clone()))
            }
            (None, None) => Err(refusal.unknown_stage(column, &status, source)),
        }
    }
}
