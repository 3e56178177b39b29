//! Who sold and who bought, as the register must name them.

use super::Card;
use crate::portal::entity::Entity;
use crate::portal::store::Store;
use crate::seed::{Link, Requisite};

/// Name and numbers of one side of an invoice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Party {
    pub(super) name: Option<String>,
    pub(super) inn: Option<String>,
    pub(super) kpp: Option<String>,
    pub(super) card: Option<Card>,
    /// A contact without requisites.
    pub(super) is_private_person: bool,
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A number without the blanks people type into it.
fn code(card: &Requisite, key: &str) -> Option<String> {
    let text: String = card.value(key)?.split_whitespace().collect();
    (!text.is_empty()).then_some(text)
}

fn full_name(parts: [Option<String>; 3]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// The name a requisite card gives.
fn name_of(card: &Requisite) -> Option<String> {
    let value = |key| card.value(key).and_then(filled);
    let person = || full_name([value("RQ_LAST_NAME"), value("RQ_FIRST_NAME"), value("RQ_SECOND_NAME")]);
    if let Some(name) = value("RQ_COMPANY_NAME") {
        return Some(name);
    }
    if value("RQ_OGRNIP").is_some() {
        let name = person().or_else(|| value("RQ_NAME"))?;
        return Some(if name.starts_with("ИП ") { name } else { format!("ИП {name}") });
    }
    value("RQ_NAME").or_else(person)
}

fn of_entity(entity: Entity, id: u64) -> Card {
    Card { kind: entity.name(), id }
}

/// `owner` is who it is when no requisites tell.
fn party(card: Option<&Requisite>, title: Option<String>, owner: Option<Card>) -> Party {
    let Some(card) = card else {
        let is_private_person = owner.is_some_and(|owner| owner.kind == "contact");
        return Party { name: title, card: owner, is_private_person, ..Party::default() };
    };
    Party {
        name: name_of(card).or(title),
        inn: code(card, "RQ_INN"),
        kpp: code(card, "RQ_KPP"),
        card: Some(of_entity(card.owner, card.owner_id)),
        is_private_person: false,
    }
}

fn company_title(store: &Store, id: u64) -> Option<String> {
    let known = store.has(Entity::Company, id);
    known.then(|| store.cell(Entity::Company, id, "TITLE")).and_then(|title| filled(title.as_text()))
}

fn contact_name(store: &Store, id: u64) -> Option<String> {
    let part = |column| filled(store.cell(Entity::Contact, id, column).as_text());
    if !store.has(Entity::Contact, id) {
        return None;
    }
    full_name([part("LAST_NAME"), part("NAME"), part("SECOND_NAME")])
}

fn reference(store: &Store, invoice: u64, column: &str) -> u64 {
    u64::try_from(store.cell(Entity::Invoice, invoice, column).as_int()).unwrap_or(0)
}

fn chosen(store: &Store, link: Option<Link>, which: impl Fn(Link) -> u64) -> Option<Requisite> {
    link.map(which).filter(|id| *id > 0).and_then(|id| store.requisite(id))
}

fn first(store: &Store, owner: Entity, id: u64) -> Option<Requisite> {
    store.requisites_of(owner, id).into_iter().next()
}

/// The client: the linked requisites, else the first of the company, else of the contact.
pub(super) fn counterparty(store: &Store, invoice: u64, link: Option<Link>) -> Party {
    let (company, contact) =
        (reference(store, invoice, "COMPANY_ID"), reference(store, invoice, "CONTACT_ID"));
    let card = chosen(store, link, |link| link.requisite)
        .or_else(|| first(store, Entity::Company, company))
        .or_else(|| first(store, Entity::Contact, contact));
    let owner = [(Entity::Company, company), (Entity::Contact, contact)].into_iter().find(|(_, id)| *id > 0);
    let title = company_title(store, company).or_else(|| contact_name(store, contact));
    party(card.as_ref(), title, owner.map(|(entity, id)| of_entity(entity, id)))
}

/// The seller: the linked requisites of the group's company, else its first.
pub(super) fn seller(store: &Store, invoice: u64, link: Option<Link>) -> Party {
    let company = reference(store, invoice, "MYCOMPANY_ID");
    let card =
        chosen(store, link, |link| link.own_requisite).or_else(|| first(store, Entity::Company, company));
    let owner = (company > 0).then(|| of_entity(Entity::Company, company));
    party(card.as_ref(), company_title(store, company), owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(values: &[(&'static str, &str)]) -> Requisite {
        Requisite {
            id: 1,
            owner: Entity::Company,
            owner_id: 1,
            preset: 1,
            name: "Организация",
            sort: 500,
            created: jiff::civil::datetime(2025, 1, 1, 0, 0, 0, 0),
            values: values.iter().map(|(key, value)| (*key, (*value).to_owned())).collect(),
        }
    }

    #[test]
    fn an_entrepreneur_is_named_once_as_such() {
        let fio = [("RQ_LAST_NAME", "Белова"), ("RQ_FIRST_NAME", "Анна"), ("RQ_OGRNIP", "304500116000157")];
        assert_eq!(name_of(&card(&fio)).as_deref(), Some("ИП Белова Анна"));
        let named = [("RQ_NAME", "ИП Белова Анна"), ("RQ_OGRNIP", "304500116000157")];
        assert_eq!(name_of(&card(&named)).as_deref(), Some("ИП Белова Анна"));
        assert_eq!(name_of(&card(&fio[..2])).as_deref(), Some("Белова Анна"));
        let company = [("RQ_COMPANY_NAME", " ООО \"Мост\" "), ("RQ_NAME", "иное")];
        assert_eq!(name_of(&card(&company)).as_deref(), Some("ООО \"Мост\""));
        assert_eq!(name_of(&card(&[("RQ_COMPANY_NAME", " ")])), None);
    }

    #[test]
    fn blanks_inside_an_inn_are_removed() {
        let found = party(Some(&card(&[("RQ_INN", "7707 083\u{a0}893"), ("RQ_KPP", " ")])), None, None);
        assert_eq!((found.inn.as_deref(), found.kpp), (Some("7707083893"), None));
    }
}
