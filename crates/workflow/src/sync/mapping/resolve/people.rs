//! Contacts and leads.

use std::collections::BTreeSet;

use super::{Entity, Resolver};
use crate::sync::facts::{Semantics, Stage};
use crate::sync::folding::fold;
use crate::sync::mapping::ContactMatch;
use crate::sync::mapping::error::suggestion;
use crate::sync::mapping::resolved::{ContactRule, LeadRule, PersonReading};
use crate::sync::value::ValueKind;

/// Kinds of numbers that the portal knows.
const PHONE_TYPES: [&str; 7] = ["MOBILE", "WORK", "HOME", "FAX", "PAGER", "MAILING", "OTHER"];

impl Resolver<'_> {
    pub(super) fn contact(&mut self) -> Option<ContactRule> {
        let settings = self.mapping.contact.as_ref()?;
        let parts = PersonReading {
            phones: settings.phone.as_slice().to_vec(),
            full: settings.full_name.clone(),
            last: settings.last_name.clone(),
            first: settings.first_name.clone(),
            second: settings.second_name.clone(),
        };
        for (set, name) in [
            (parts.last.is_some() || parts.full.is_some(), "lastName"),
            (parts.first.is_some() || parts.full.is_some(), "name"),
            (parts.second.is_some() || parts.full.is_some(), "secondName"),
        ] {
            if set {
                self.taken.insert((Entity::Contact, name.to_owned()), "[contact]".to_owned());
            }
        }
        self.name_columns(&parts, settings.match_by);
        let known: Vec<String> = PHONE_TYPES.map(str::to_owned).to_vec();
        if !known.contains(&settings.phone_type) {
            let message = format!("`{}` is no kind of telephone number", settings.phone_type);
            self.error(
                "sync.phone-type",
                "contact.phone_type",
                message,
                suggestion(&settings.phone_type, &known),
            );
        }
        if settings.phone.as_slice().is_empty() {
            let message = "contacts are found by telephone number, and no column has one".to_owned();
            self.error("sync.phone-column-missing", "contact.phone", message, "name at least one column");
        }
        let identity = settings.identity_field.as_deref().unwrap_or("originId");
        let place = if settings.identity_field.is_some() { "contact.identity_field" } else { "contact" };
        let identity_field = self.field(Entity::Contact, place, identity).map(|fact| self.reference(fact));
        if let Some(field) =
            identity_field.as_ref().filter(|field| field.kind != ValueKind::Text || field.multiple)
        {
            let message = format!("`{}` holds no single text", field.title);
            self.error("sync.identity-field-kind", place, message, "name a field of the type \"string\"");
        }
        let fields = self.fields(Entity::Contact, "contact.fields", &settings.fields);
        Some(ContactRule {
            match_by: settings.match_by,
            phone_type: settings.phone_type.clone(),
            identity_field: identity_field?,
            fields,
            reading: parts,
        })
    }

    fn name_columns(&mut self, parts: &PersonReading, match_by: ContactMatch) {
        let apart = parts.last.is_some() || parts.first.is_some() || parts.second.is_some();
        if parts.full.is_some() && apart {
            let message = "the name is given in one column and in several".to_owned();
            let hint = "keep full_name, or last_name, first_name and second_name";
            self.error("sync.name-twice", "contact.full_name", message, hint);
        }
        let named = parts.full.is_some() || (parts.last.is_some() && parts.first.is_some());
        if match_by == ContactMatch::PhoneAndName && !named {
            let message =
                "contacts are matched by telephone number and name, and no column has the name".to_owned();
            let hint = "name full_name, or last_name and first_name; or write match = \"phone\"";
            self.error("sync.name-column-missing", "contact", message, hint);
        }
    }

    pub(super) fn leads(&mut self) -> Option<LeadRule> {
        let settings = self.mapping.leads.as_ref()?;
        if self.mapping.contact.is_none() {
            let message = "leads are found by telephone number, and there is no [contact]".to_owned();
            self.error("sync.leads-without-contact", "leads", message, "add [contact] with `phone`");
        }
        if settings.field.is_none() && settings.status.is_none() && !settings.source {
            let message =
                "[leads] says neither what the deal learns of the lead nor what becomes of it".to_owned();
            self.error(
                "sync.leads-without-effect",
                "leads",
                message,
                "add `field` or `status`, or remove `source = false`",
            );
        }
        let facts = self.facts;
        let statuses = facts.directories.get("STATUS").map(Vec::as_slice).unwrap_or_default();
        let field = settings.field.as_deref().and_then(|name| self.lead_field(name));
        let status =
            settings.status.as_deref().and_then(|name| self.lead_status("leads.status", statuses, name));
        let closed: BTreeSet<String> = match &settings.closed {
            None => {
                let done = statuses.iter().filter(|status| status.semantics != Semantics::Open);
                done.map(|status| status.id.clone()).collect()
            }
            Some(names) => {
                names.iter().filter_map(|name| self.lead_status("leads.closed", statuses, name)).collect()
            }
        };
        Some(LeadRule { field, status, source: settings.source, closed })
    }

    fn lead_field(&mut self, name: &str) -> Option<crate::sync::mapping::FieldRef> {
        let fact = self.field(Entity::Deal, "leads.field", name)?;
        let field = self.reference(fact);
        let fits = matches!(field.kind, ValueKind::Text | ValueKind::Integer | ValueKind::Decimal);
        if !fits || !field.shown.is_empty() {
            let message = format!("`{}` cannot hold the number of a lead", field.title);
            self.error(
                "sync.lead-field-kind",
                "leads.field",
                message,
                "name a field of the type \"string\" or \"integer\"",
            );
        }
        Some(field)
    }

    fn lead_status(&mut self, place: &str, statuses: &[Stage], name: &str) -> Option<String> {
        let folded = fold(name);
        let status = statuses.iter().find(|status| status.id == name || fold(&status.name) == folded);
        if status.is_none() {
            let known: Vec<String> = statuses.iter().map(|status| status.name.clone()).collect();
            self.error(
                "sync.lead-status-unknown",
                place,
                format!("leads have no status `{name}`"),
                suggestion(name, &known),
            );
        }
        status.map(|status| status.id.clone())
    }
}
