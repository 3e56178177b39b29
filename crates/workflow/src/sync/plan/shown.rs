//! Values as the portal's users see them.

use std::collections::BTreeMap;

use crate::sync::PortalFacts;
use crate::sync::mapping::{FieldRef, Resolved};
use crate::sync::value::FieldValue;

/// Names of stages and texts of enumerations, for everything that shows a plan.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    fields: BTreeMap<String, FieldRef>,
    stages: BTreeMap<String, String>,
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
        }
    }

    /// A field's value.
    #[must_use]
    pub fn value(&self, field: &str, value: &FieldValue) -> String {
        if field == "stageId" {
            return self.stage(value.first().unwrap_or_default());
        }
        self.fields.get(field).map_or_else(|| value.texts.join(", "), |rule| rule.show(value))
    }

    /// A stage's name; the code where it is not known.
    #[must_use]
    pub fn stage(&self, code: &str) -> String {
        self.stages.get(code).map_or_else(|| code.to_owned(), Clone::clone)
    }
}
