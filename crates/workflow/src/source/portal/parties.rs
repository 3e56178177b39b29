//! Who sells and who buys: the requisites a window's invoices use, found with one batch per kind of look-up.
//!
//! The document's own link decides. Without a usable link the first requisite (by SORT, then ID) of the company, else
//! of the contact, is taken, as the portal's own card does.

use std::collections::{BTreeMap, HashMap};

use b24_client::crm::{self, Company, Contact, EntityType, Invoice, Requisite, RequisiteLink, User};
use b24_client::{Client, Id};
use data_processor::raw::{PartyKind, RawNote, RawParty, RawRequisite, RawUser};

use super::look_up::{Found, LookUp};
use super::payments::Asking;
use crate::register::texts::reasons;
use crate::source::{Missing, Part, Reason};

/// The parties of one invoice, and what was noticed about them.
pub(super) struct Parties {
    pub(super) seller: Option<RawParty>,
    pub(super) counterparty: Option<RawParty>,
    pub(super) notes: Vec<RawNote>,
}

/// Everything the portal answered about the parties of a window.
pub(super) struct Directory {
    links: Answers<RequisiteLink>,
    requisites: Answers<Requisite>,
    of_companies: Owned,
    of_contacts: Owned,
    companies: Answers<Company>,
    contacts: Answers<Contact>,
}

/// Rows by id, and the ids about which nothing is known.
struct Answers<T> {
    rows: HashMap<u64, T>,
    unanswered: BTreeMap<u64, Reason>,
}

/// The first requisite of each owner.
type Owned = Answers<Requisite>;

impl<T> Answers<T> {
    fn of(found: Found<T>, key: fn(&T) -> u64) -> Self {
        let rows = found.rows.into_iter().map(|row| (key(&row), row)).collect();
        Self { rows, unanswered: found.unanswered }
    }

    fn first_of_owners(found: Found<Requisite>) -> Owned {
        let mut found = found;
        let mut sorted = std::mem::take(&mut found.rows);
        // The last one inserted for an owner stays, so the first by SORT and ID comes last.
        sorted.sort_by_key(|requisite| std::cmp::Reverse((requisite.sort.get(), requisite.id.get())));
        Answers::of(Found { rows: sorted, ..found }, |requisite| requisite.entity_id.get())
    }

    /// The row of an id, none if there is no such row, or why nobody knows.
    fn get(&self, id: u64) -> Result<Option<&T>, &Reason> {
        match self.unanswered.get(&id) {
            Some(reason) => Err(reason),
            None => Ok(self.rows.get(&id)),
        }
    }
}

/// Finds the parties of a window: links, then requisites by id and users, then what the links did not settle. Payments
/// that are still to be asked for travel along.
pub(super) async fn look_up(
    client: &Client,
    invoices: &[Invoice],
    users: &mut Users,
    payments: &mut Asking,
) -> Directory {
    let ids = || invoices.iter().map(|invoice| invoice.id.get());
    let mut batch = client.batch();
    let links = LookUp::add(&mut batch, ids(), |ids, start| crm::requisite_links(ids).set("start", start));
    let links = match batch.send().await {
        Ok(mut reply) => links.found(client, &mut reply).await,
        Err(error) => {
            let reason = reasons::not_sent(&error);
            Found::lost(ids(), &reason)
        }
    };
    let links = Answers::of(links, |link| link.entity_id.get());

    let used = links.rows.values().flat_map(|link| [link.requisite_id, link.mc_requisite_id]);
    let used: Vec<u64> = used.filter_map(Id::some).collect();
    let mut batch = client.batch();
    let requisites =
        LookUp::add(&mut batch, used.clone(), |ids, start| crm::requisites_by_id(ids).set("start", start));
    let new_users = users.unknown(invoices);
    let names = LookUp::add(&mut batch, new_users, |ids, start| crm::users_by_id(ids).set("start", start));
    payments.fill(&mut batch);
    let requisites = match batch.send().await {
        Ok(mut reply) => {
            users.learn(names.found(client, &mut reply).await);
            payments.take(&mut reply);
            requisites.found(client, &mut reply).await
        }
        Err(error) => {
            let reason = reasons::not_sent(&error);
            payments.lose(&reason);
            Found::lost(used, &reason)
        }
    };
    let requisites = Answers::of(requisites, |requisite| requisite.id.get());
    Directory::complete(client, invoices, (links, requisites), payments).await
}

/// Owners whose requisites and titles the links did not settle.
#[derive(Default)]
struct Open {
    companies: Vec<u64>,
    contacts: Vec<u64>,
}

impl Open {
    fn of(invoices: &[Invoice], links: &Answers<RequisiteLink>, requisites: &Answers<Requisite>) -> Self {
        let mut open = Self::default();
        for invoice in invoices {
            let link = links.rows.get(&invoice.id.get());
            let linked = |id: Option<Id>| id.and_then(Id::some).and_then(|id| requisites.rows.get(&id));
            if let Some(requisite) = linked(link.map(|link| link.requisite_id)) {
                open.owner_of(requisite);
            } else {
                open.companies.extend(invoice.company_id.some());
                open.contacts.extend(invoice.contact_id.some());
            }
            match linked(link.map(|link| link.mc_requisite_id)) {
                Some(requisite) => open.owner_of(requisite),
                None => open.companies.extend(invoice.my_company_id.some()),
            }
        }
        open
    }

    /// A requisite without a name takes the name of its owner's card.
    fn owner_of(&mut self, requisite: &Requisite) {
        if !has_name(requisite) {
            let owners = if is_of_contact(requisite) { &mut self.contacts } else { &mut self.companies };
            owners.extend(requisite.entity_id.some());
        }
    }
}

impl Directory {
    /// Asks for the requisites and titles of the owners that are still open, in one batch.
    async fn complete(
        client: &Client,
        invoices: &[Invoice],
        (links, requisites): (Answers<RequisiteLink>, Answers<Requisite>),
        payments: &mut Asking,
    ) -> Self {
        let Open { companies, contacts } = Open::of(invoices, &links, &requisites);
        let mut batch = client.batch();
        let of_companies = LookUp::add(&mut batch, companies.iter().copied(), |ids, start| {
            crm::requisites_of(EntityType::Company, ids).set("start", start)
        });
        let of_contacts = LookUp::add(&mut batch, contacts.iter().copied(), |ids, start| {
            crm::requisites_of(EntityType::Contact, ids).set("start", start)
        });
        // A set of ids is one page, so there is no further page to ask for.
        let titles = LookUp::add(&mut batch, companies.iter().copied(), |ids, _| crm::companies_by_id(ids));
        let names = LookUp::add(&mut batch, contacts.iter().copied(), |ids, _| crm::contacts_by_id(ids));
        payments.add_rest(&mut batch);
        match batch.send().await {
            Ok(mut reply) => {
                payments.take(&mut reply);
                Self {
                    links,
                    requisites,
                    of_companies: Owned::first_of_owners(of_companies.found(client, &mut reply).await),
                    of_contacts: Owned::first_of_owners(of_contacts.found(client, &mut reply).await),
                    companies: Answers::of(titles.found(client, &mut reply).await, |company| {
                        company.id.get()
                    }),
                    contacts: Answers::of(names.found(client, &mut reply).await, |contact| contact.id.get()),
                }
            }
            Err(error) => {
                let reason = reasons::not_sent(&error);
                payments.lose(&reason);
                let all = |ids: &[u64]| ids.iter().map(|id| (*id, reason.clone())).collect();
                Self {
                    links,
                    requisites,
                    of_companies: Answers { rows: HashMap::new(), unanswered: all(&companies) },
                    of_contacts: Answers { rows: HashMap::new(), unanswered: all(&contacts) },
                    companies: Answers { rows: HashMap::new(), unanswered: all(&companies) },
                    contacts: Answers { rows: HashMap::new(), unanswered: all(&contacts) },
                }
            }
        }
    }

    /// The parties of an invoice, or what is missing to tell them.
    pub(super) fn parties(&self, invoice: &Invoice) -> Result<Parties, Vec<Missing>> {
        let id = invoice.id.get();
        let missing = |part, reason: &Reason| vec![Missing::new(part, reason.clone())];
        let link = self.links.get(id).map_err(|reason| missing(Part::RequisiteLink, reason))?;
        let mut notes = Vec::new();
        let no_requisites = |reason: &Reason| missing(Part::Requisites, reason);
        let counterparty =
            self.counterparty(invoice, link.map(|l| l.requisite_id), &mut notes).map_err(no_requisites)?;
        let seller =
            self.seller(invoice, link.map(|l| l.mc_requisite_id), &mut notes).map_err(no_requisites)?;
        Ok(Parties { seller, counterparty, notes })
    }

    fn counterparty(
        &self,
        invoice: &Invoice,
        linked: Option<Id>,
        notes: &mut Vec<RawNote>,
    ) -> Result<Option<RawParty>, &Reason> {
        if let Some(requisite) = self.linked(linked, true, notes)? {
            return self.party_of(requisite).map(Some);
        }
        let company = invoice.company_id.some();
        let contact = invoice.contact_id.some();
        if let Some(company) = company
            && let Some(requisite) = self.of_companies.get(company)?
        {
            return self.company(company, Some(requisite)).map(Some);
        }
        if let Some(contact) = contact
            && let Some(requisite) = self.of_contacts.get(contact)?
        {
            return self.contact(contact, Some(requisite)).map(Some);
        }
        match (company, contact) {
            (Some(company), _) => self.company(company, None).map(Some),
            (None, Some(contact)) => self.contact(contact, None).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn seller(
        &self,
        invoice: &Invoice,
        linked: Option<Id>,
        notes: &mut Vec<RawNote>,
    ) -> Result<Option<RawParty>, &Reason> {
        if let Some(requisite) = self.linked(linked, false, notes)? {
            return self.party_of(requisite).map(Some);
        }
        let Some(company) = invoice.my_company_id.some() else { return Ok(None) };
        let requisite = self.of_companies.get(company)?;
        self.company(company, requisite).map(Some)
    }

    /// The requisite the document's link names; a link to a requisite that does not exist is noted.
    fn linked(
        &self,
        linked: Option<Id>,
        of_client: bool,
        notes: &mut Vec<RawNote>,
    ) -> Result<Option<&Requisite>, &Reason> {
        let Some(id) = linked.and_then(Id::some) else { return Ok(None) };
        let requisite = self.requisites.get(id)?;
        if requisite.is_none() {
            let Reason { english, russian } = reasons::no_such_requisite(of_client, id);
            let code = "invoice.requisite-link-broken".to_owned();
            notes.push(RawNote { code, message: english, russian: Some(russian) });
        }
        Ok(requisite)
    }

    fn party_of(&self, requisite: &Requisite) -> Result<RawParty, &Reason> {
        let owner = requisite.entity_id.get();
        // A requisite that names its owner needs no card, so none was asked for.
        if has_name(requisite) {
            let kind = if is_of_contact(requisite) { PartyKind::Contact } else { PartyKind::Company };
            return Ok(RawParty { kind, id: owner, title: None, requisite: Some(raw_requisite(requisite)) });
        }
        if is_of_contact(requisite) {
            self.contact(owner, Some(requisite))
        } else {
            self.company(owner, Some(requisite))
        }
    }

    fn company(&self, id: u64, requisite: Option<&Requisite>) -> Result<RawParty, &Reason> {
        let title = self.companies.get(id)?.and_then(|company| company.title.clone());
        Ok(RawParty { kind: PartyKind::Company, id, title, requisite: requisite.map(raw_requisite) })
    }

    fn contact(&self, id: u64, requisite: Option<&Requisite>) -> Result<RawParty, &Reason> {
        let title = self.contacts.get(id)?.map(|contact| {
            full_name([contact.last_name.as_ref(), contact.name.as_ref(), contact.second_name.as_ref()])
        });
        Ok(RawParty { kind: PartyKind::Contact, id, title, requisite: requisite.map(raw_requisite) })
    }
}

/// Whether its owner is a person.
fn is_of_contact(requisite: &Requisite) -> bool {
    EntityType::of(requisite.entity_type_id) == Some(EntityType::Contact)
}

/// Whether the requisite itself says what its owner is called.
fn has_name(requisite: &Requisite) -> bool {
    let names =
        [&requisite.rq_company_name, &requisite.rq_name, &requisite.rq_last_name, &requisite.rq_first_name];
    names.into_iter().flatten().any(|name| !name.trim().is_empty())
}

fn full_name(parts: [Option<&String>; 3]) -> String {
    let parts: Vec<&str> =
        parts.into_iter().flatten().map(|part| part.trim()).filter(|p| !p.is_empty()).collect();
    parts.join(" ")
}

pub(super) fn raw_requisite(requisite: &Requisite) -> RawRequisite {
    RawRequisite {
        id: requisite.id.get(),
        name: requisite.rq_name.clone(),
        company_name: requisite.rq_company_name.clone(),
        company_full_name: requisite.rq_company_full_name.clone(),
        last_name: requisite.rq_last_name.clone(),
        first_name: requisite.rq_first_name.clone(),
        second_name: requisite.rq_second_name.clone(),
        inn: requisite.rq_inn.clone(),
        kpp: requisite.rq_kpp.clone(),
        ogrn: requisite.rq_ogrn.clone(),
        ogrnip: requisite.rq_ogrnip.clone(),
    }
}

/// Names of the portal's users, kept over the windows of a run: there are few.
#[derive(Debug, Default)]
pub(super) struct Users {
    names: HashMap<u64, Option<String>>,
    /// Why names are missing.
    lost: Option<Reason>,
    /// The portal tells none, however often it is asked.
    refused: bool,
}

impl Users {
    fn unknown(&self, invoices: &[Invoice]) -> Vec<u64> {
        if self.refused {
            return Vec::new();
        }
        let responsible = invoices.iter().filter_map(|invoice| invoice.assigned_by_id.some());
        responsible.filter(|id| !self.names.contains_key(id)).collect()
    }

    /// A user who cannot be read stays a number, for nothing in the register depends on the name, and is asked for
    /// again with the next window.
    fn learn(&mut self, found: Found<User>) {
        self.refused |= found.refused;
        self.lost = self.lost.take().or(found.unanswered.into_values().next());
        for user in found.rows {
            let name = full_name([user.name.as_ref(), user.last_name.as_ref(), None]);
            self.names.insert(user.id.get(), Some(name).filter(|name| !name.is_empty()));
        }
    }

    /// Why the names of some people are missing.
    pub(super) fn lost(&self) -> Option<&Reason> {
        self.lost.as_ref()
    }

    pub(super) fn user(&self, id: Id) -> Option<RawUser> {
        let id = id.some()?;
        let name = self.names.get(&id).cloned().flatten().unwrap_or_else(|| format!("№ {id}"));
        Some(RawUser { id, name })
    }
}
