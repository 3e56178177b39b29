//! The portal's own companies: what their cards are called, and whether those that were asked for are among them.

use b24_client::crm::{self, Company, EntityType, Requisite};
use b24_client::{Call, Reply};
use data_processor::raw::{PartyKind, RawParty};

use super::parties::raw_requisite;
use crate::Error;
use crate::register::is_company;

/// Rows of one page; a page of so many may have a successor.
const PAGE: usize = 50;

/// The own companies that the user sees.
#[derive(Debug, Default)]
pub(super) struct OwnCompanies {
    companies: Vec<Company>,
}

impl OwnCompanies {
    pub(super) fn new(companies: Vec<Company>) -> Self {
        Self { companies }
    }

    /// The requisites that tell their names and INN; none where it cannot be said that a company is not among them.
    pub(super) fn requisites(&self) -> Option<Call<Vec<Requisite>>> {
        let ids: Vec<u64> = self.companies.iter().map(|company| company.id.get()).collect();
        (1..PAGE).contains(&ids.len()).then(|| crm::requisites_of(EntityType::Company, &ids))
    }

    /// # Errors
    /// When a company that was asked for is none of ours.
    pub(super) fn check(&self, asked: &[String], requisites: &Reply<Vec<Requisite>>) -> Result<(), Error> {
        // What stands on a further page is not known.
        if requisites.next.is_some() {
            return Ok(());
        }
        let known: Vec<RawParty> =
            self.companies.iter().flat_map(|company| faces(company, &requisites.result)).collect();
        let is_known = |text: &str| known.iter().any(|party| is_company(Some(party), text));
        match asked.iter().find(|text| !is_known(text)) {
            None => Ok(()),
            Some(text) => {
                let mut names: Vec<String> = known.iter().map(told).collect();
                names.sort_unstable();
                names.dedup();
                Err(Error::FilterUnknown {
                    what: "own company",
                    asked: text.clone(),
                    known: names.join(", "),
                })
            }
        }
    }

    /// An own company that its requisite names has no title yet, and people know it by that of its card.
    pub(super) fn entitle(&self, seller: &mut RawParty) {
        if seller.title.is_none() && seller.kind == PartyKind::Company {
            let card = self.companies.iter().find(|company| company.id.get() == seller.id);
            seller.title = card.and_then(|company| company.title.clone());
        }
    }
}

/// A company as each of its requisites has it, or as its card does.
fn faces(company: &Company, requisites: &[Requisite]) -> Vec<RawParty> {
    let id = company.id.get();
    let face = |requisite: Option<&Requisite>| RawParty {
        kind: PartyKind::Company,
        id,
        title: company.title.clone(),
        requisite: requisite.map(raw_requisite),
    };
    let own: Vec<RawParty> = requisites
        .iter()
        .filter(|r| r.entity_id.get() == id)
        .map(|requisite| face(Some(requisite)))
        .collect();
    if own.is_empty() { vec![face(None)] } else { own }
}

fn told(party: &RawParty) -> String {
    let name = party.title.clone().unwrap_or_else(|| format!("№ {}", party.id));
    match party.requisite.as_ref().and_then(|requisite| requisite.inn.as_deref()) {
        Some(inn) if !inn.trim().is_empty() => format!("{name} (INN {})", inn.trim()),
        _ => name,
    }
}
