//! Sellers and clients.

use crate::problem::{Field, ProblemCode, Problems};
use crate::raw::{PartyKind, RawParty, RawRequisite};
use crate::registration::{self, Fault};

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

    /// The party as its card and requisite name it; nothing is checked here.
    #[must_use]
    pub fn from_raw(raw: RawParty) -> Self {
        let RawParty { kind, id, title, requisite } = raw;
        let has_requisite = requisite.is_some();
        let mut requisite = requisite.unwrap_or_default();
        let inn = requisite.inn.take().and_then(without_spaces);
        let kpp = requisite.kpp.take().and_then(without_spaces);
        let ogrn = requisite.ogrn.take().and_then(without_spaces);
        let ogrnip = requisite.ogrnip.take().and_then(without_spaces);
        let name = legal_name(requisite, ogrnip.is_some()).or_else(|| title.and_then(trimmed));
        Self { kind, id, name, inn, kpp, ogrn, ogrnip, has_requisite }
    }

    /// Reports what is wrong with the party; `role` is its field in the raw invoice.
    pub(crate) fn check(&self, role: &'static str, problems: &mut Problems) {
        if self.kind == PartyKind::Company {
            if !self.has_requisite {
                problems.report(ProblemCode::RequisiteMissing, Field::Named(role), self.name());
            } else if self.inn.is_none() {
                problems.report(ProblemCode::InnMissing, Field::Requisite(role, "inn"), None);
            }
        }
        if self.name.is_none() {
            problems.report(ProblemCode::NameMissing, Field::Named(role), None);
        }
        let mut check = |name,
                         text: &Option<String>,
                         rule: fn(&str) -> Result<(), Fault>,
                         malformed,
                         checksum| {
            let Some(text) = text else { return };
            match rule(text) {
                Ok(()) => {}
                Err(Fault::Malformed) => problems.report(malformed, Field::Requisite(role, name), Some(text)),
                Err(Fault::Checksum) => problems.report(checksum, Field::Requisite(role, name), Some(text)),
            }
        };
        check("inn", &self.inn, registration::inn, ProblemCode::InnMalformed, ProblemCode::InnChecksum);
        check("kpp", &self.kpp, registration::kpp, ProblemCode::KppMalformed, ProblemCode::KppMalformed);
        check("ogrn", &self.ogrn, registration::ogrn, ProblemCode::OgrnMalformed, ProblemCode::OgrnChecksum);
        check(
            "ogrnip",
            &self.ogrnip,
            registration::ogrnip,
            ProblemCode::OgrnipMalformed,
            ProblemCode::OgrnipChecksum,
        );
    }
}

/// The name a requisite gives: the company's, or «ИП» with the entrepreneur's name, or the person's.
fn legal_name(requisite: RawRequisite, entrepreneur: bool) -> Option<String> {
    let RawRequisite { name, company_name, last_name, first_name, second_name, .. } = requisite;
    if let Some(company) = company_name.and_then(trimmed) {
        return Some(company);
    }
    let person = || {
        let parts = [&last_name, &first_name, &second_name];
        let parts: Vec<&str> =
            parts.into_iter().flatten().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    };
    if entrepreneur {
        let name = person().or_else(|| name.and_then(trimmed))?;
        return Some(if name.starts_with("ИП ") { name } else { format!("ИП {name}") });
    }
    name.and_then(trimmed).or_else(person)
}

fn trimmed(text: String) -> Option<String> {
    let kept = text.trim();
    match kept.len() {
        0 => None,
        length if length == text.len() => Some(text),
        _ => Some(kept.to_owned()),
    }
}

fn without_spaces(text: String) -> Option<String> {
    let text = if text.contains(char::is_whitespace) {
        text.chars().filter(|letter| !letter.is_whitespace()).collect()
    } else {
        text
    };
    (!text.is_empty()).then_some(text)
}
