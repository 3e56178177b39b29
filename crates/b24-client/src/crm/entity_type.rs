//! The kinds of CRM records.

use crate::params::Param;
use crate::wire::Id;

/// A kind of CRM records, with the number and the names the portal has for it.
///
/// Calls that take a number take this, too: a portal's own kinds (smart processes) have numbers only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityType {
    /// Leads.
    Lead,
    /// Deals.
    Deal,
    /// Contacts.
    Contact,
    /// Companies.
    Company,
    /// Smart invoices; the invoices before them are another kind.
    SmartInvoice,
}

impl EntityType {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Lead, Self::Deal, Self::Contact, Self::Company, Self::SmartInvoice];

    /// The kind with this `entityTypeId`; none of kinds that are not listed here.
    #[must_use]
    pub fn of(id: Id) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| u64::from(kind.id()) == id.get())
    }

    /// Its `entityTypeId`.
    #[must_use]
    pub const fn id(self) -> u32 {
        match self {
            Self::Lead => 1,
            Self::Deal => 2,
            Self::Contact => 3,
            Self::Company => 4,
            Self::SmartInvoice => 31,
        }
    }

    /// Its name in small letters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Deal => "deal",
            Self::Contact => "contact",
            Self::Company => "company",
            Self::SmartInvoice => "smart_invoice",
        }
    }

    /// Its name in timelines, the `ENTITY_TYPE` of comments.
    #[must_use]
    pub const fn timeline(self) -> &'static str {
        match self {
            Self::SmartInvoice => "dynamic_31",
            named => named.name(),
        }
    }

    /// The address of a record's card on the portal `site`, such as `https://example.bitrix24.ru`.
    #[must_use]
    pub fn card(self, site: &str, record: u64) -> String {
        match self {
            Self::SmartInvoice => format!("{site}/crm/type/31/details/{record}/"),
            named => format!("{site}/crm/{}/details/{record}/", named.name()),
        }
    }
}

impl From<EntityType> for u32 {
    fn from(kind: EntityType) -> Self {
        kind.id()
    }
}

impl From<EntityType> for Param {
    fn from(kind: EntityType) -> Self {
        Self::from(kind.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_number_and_others_are_not() {
        for kind in EntityType::ALL {
            assert_eq!(EntityType::of(Id::from(u64::from(kind.id()))), Some(kind));
        }
        for other in [0, 5, 128] {
            assert_eq!(EntityType::of(Id::from(other)), None);
        }
    }

    #[test]
    fn invoices_have_other_names_in_timelines_and_addresses() {
        let of = |kind: EntityType| (kind.timeline(), kind.card("https://p", 7));
        assert_eq!(of(EntityType::Deal), ("deal", "https://p/crm/deal/details/7/".to_owned()));
        assert_eq!(
            of(EntityType::SmartInvoice),
            ("dynamic_31", "https://p/crm/type/31/details/7/".to_owned())
        );
    }
}
