//! Values as the portal's users see them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::sync::PortalFacts;
use crate::sync::mapping::{FieldRef, Resolved};
use crate::sync::value::{FieldValue, ValueKind};

/// Names of stages and funnels, texts of enumerations, and the clocks of the source, for everything that shows a plan.
#[derive(Debug, Clone)]
pub struct Shown {
    fields: BTreeMap<String, FieldRef>,
    stages: BTreeMap<String, String>,
    funnels: BTreeMap<String, String>,
    zone: TimeZone,
    russian: bool,
}

impl Shown {
    /// What a mapping's fields hold on a portal.
    #[must_use]
    pub fn new(rules: &Resolved, facts: &PortalFacts) -> Self {
        let of_contact = rules.contact.iter().flat_map(|contact| &contact.fields);
        let fields = of_contact.chain(&rules.deal).map(|rule| (rule.field.name.clone(), rule.field.clone()));
        let stages = facts.funnels.iter().flat_map(|funnel| &funnel.stages);
        Self {
            fields: fields.collect(),
            stages: stages.map(|stage| (stage.id.clone(), stage.name.clone())).collect(),
            funnels: facts.funnels.iter().map(|one| (one.id.to_string(), one.name.clone())).collect(),
            zone: rules.zone.clone(),
            russian: false,
        }
    }

    /// The same with dates, times and flags as Russian readers write them.
    #[must_use]
    pub fn in_russian(self) -> Self {
        Self { russian: true, ..self }
    }

    /// The zone of every moment that is shown, such as `Europe/Moscow`.
    #[must_use]
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// A moment on the source's clocks.
    #[must_use]
    pub fn moment(&self, at: Timestamp) -> String {
        let format = if self.russian { "%d.%m.%Y %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
        let text = at.to_zoned(self.zone.clone()).strftime(format).to_string();
        // Nobody makes an appointment for a second.
        text.strip_suffix(":00").map_or_else(|| text.clone(), str::to_owned)
    }

    /// A field's value.
    #[must_use]
    pub fn value(&self, field: &str, value: &FieldValue) -> String {
        if field == "stageId" {
            return self.stage(value.first().unwrap_or_default());
        }
        if let Some(funnel) = value.first().filter(|_| field == "categoryId") {
            return self.funnels.get(funnel).map_or_else(|| funnel.to_owned(), Clone::clone);
        }
        match value.kind {
            ValueKind::Instant | ValueKind::Date | ValueKind::Flag => {
                let texts = value.texts.iter().map(|text| self.text(value.kind, text));
                texts.collect::<Vec<_>>().join(", ")
            }
            _ => self.fields.get(field).map_or_else(|| value.texts.join(", "), |rule| rule.show(value)),
        }
    }

    fn text(&self, kind: ValueKind, text: &str) -> String {
        let shown = match kind {
            ValueKind::Instant => text.parse::<Timestamp>().ok().map(|at| self.moment(at)),
            ValueKind::Date if self.russian => {
                text.parse::<Date>().ok().map(|date| date.strftime("%d.%m.%Y").to_string())
            }
            ValueKind::Flag => match (text, self.russian) {
                ("Y", true) => Some("да".to_owned()),
                ("Y", false) => Some("yes".to_owned()),
                ("N", true) => Some("нет".to_owned()),
                ("N", false) => Some("no".to_owned()),
                _ => None,
            },
            _ => None,
        };
        shown.unwrap_or_else(|| text.to_owned())
    }

    /// A stage's name; the code where it is not known.
    #[must_use]
    pub fn stage(&self, code: &str) -> String {
        self.stages.get(code).map_or_else(|| code.to_owned(), Clone::clone)
    }
}
