//! The entity types of the portal and their identifiers (wire reference, section 6.0).

use super::field::Field;
use super::fields;

/// An entity type that has items of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Entity {
    Lead,
    Deal,
    Contact,
    Company,
    Invoice,
}

/// Names of the columns that record who touched an element and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamps {
    pub(crate) created: &'static str,
    pub(crate) edited: &'static str,
    pub(crate) created_by: &'static str,
    pub(crate) edited_by: &'static str,
    pub(crate) moved_by: &'static str,
    /// The stage.
    pub(crate) stage: &'static str,
}

impl Entity {
    pub(crate) const ALL: [Self; 5] = [Self::Lead, Self::Deal, Self::Contact, Self::Company, Self::Invoice];

    pub(crate) fn type_id(self) -> u32 {
        match self {
            Self::Lead => 1,
            Self::Deal => 2,
            Self::Contact => 3,
            Self::Company => 4,
            Self::Invoice => 31,
        }
    }

    pub(crate) fn of_type_id(id: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|entity| i64::from(entity.type_id()) == id)
    }

    /// The name used in method names and by the sandbox's own end points.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Deal => "deal",
            Self::Contact => "contact",
            Self::Company => "company",
            Self::Invoice => "invoice",
        }
    }

    /// `ownerType` of product rows.
    pub(crate) fn short_code(self) -> &'static str {
        match self {
            Self::Lead => "L",
            Self::Deal => "D",
            Self::Contact => "C",
            Self::Company => "CO",
            Self::Invoice => "SI",
        }
    }

    /// `ENTITY_TYPE` of timeline comments, in the spelling the portal stores.
    pub(crate) fn timeline_name(self) -> &'static str {
        if self == Self::Invoice { "smart_invoice" } else { self.name() }
    }

    /// The built-in columns in the order of a full row.
    pub(crate) fn built_in_fields(self) -> &'static [Field] {
        match self {
            Self::Lead => fields::lead::FIELDS,
            Self::Deal => fields::deal::FIELDS,
            Self::Contact => fields::contact::FIELDS,
            Self::Company => fields::company::FIELDS,
            Self::Invoice => fields::invoice::FIELDS,
        }
    }

    /// The columns the portal stamps on every write.
    pub(crate) fn stamps(self) -> Stamps {
        let (created, edited, created_by, edited_by, moved_by) = if self == Self::Invoice {
            ("CREATED_TIME", "UPDATED_TIME", "CREATED_BY", "UPDATED_BY", "MOVED_BY")
        } else {
            ("DATE_CREATE", "DATE_MODIFY", "CREATED_BY_ID", "MODIFY_BY_ID", "MOVED_BY_ID")
        };
        let stage = if self == Self::Lead { "STATUS_ID" } else { "STAGE_ID" };
        Stamps { created, edited, created_by, edited_by, moved_by, stage }
    }

    /// Whether elements carry phones and e-mails.
    pub(crate) fn has_multifields(self) -> bool {
        matches!(self, Self::Lead | Self::Contact | Self::Company)
    }

    /// Whether elements may have product rows that decide their amount.
    pub(crate) fn has_product_rows(self) -> bool {
        matches!(self, Self::Lead | Self::Deal | Self::Invoice)
    }
}
