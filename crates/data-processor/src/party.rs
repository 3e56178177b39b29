//! Sellers and clients.

use crate::raw::PartyKind;

/// A seller or client with the identifiers of the requisite chosen for the invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    kind: PartyKind,
    id: u64,
    name: Option<String>,
    inn: Option<String>,
    kpp: Option<String>,
    ogrn: Option<String>,
    ogrnip: Option<String>,
    has_requisite: bool,
}

impl Party {
    /// Company or contact card.
    #[must_use]
    pub fn kind(&self) -> PartyKind {
        self.kind
    }

    /// Id of the card.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Name by the requisite, else the title of the card.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// INN without white space. A wrong one stays and is a warning of the invoice.
    #[must_use]
    pub fn inn(&self) -> Option<&str> {
        self.inn.as_deref()
    }

    /// KPP without white space.
    #[must_use]
    pub fn kpp(&self) -> Option<&str> {
        self.kpp.as_deref()
    }

    /// OGRN without white space.
    #[must_use]
    pub fn ogrn(&self) -> Option<&str> {
        self.ogrn.as_deref()
    }

    /// OGRNIP without white space.
    #[must_use]
    pub fn ogrnip(&self) -> Option<&str> {
        self.ogrnip.as_deref()
    }

    /// A contact without requisites («физлицо»).
    #[must_use]
    pub fn is_private_person(&self) -> bool {
        self.kind == PartyKind::Contact && !self.has_requisite
    }
}
