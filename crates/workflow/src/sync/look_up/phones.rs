//! Contacts and leads by telephone numbers.
//!
//! A number is asked in every form people may have entered it. The portal says who may own one of twenty values, not
//! which: so the numbers of those records are read and compared here, as the portal compares them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use b24_client::Client;
use b24_client::crm::Row;

use super::cards::{Cards, Owner, read, sent};
use super::duplicates::{Answer, RECORDS, VALUES, answer, question};
use super::{LiveContact, LiveLead, LookUpError, rows, unknown};
use crate::person::phone::{portal_form, search_forms};
use crate::sync::Sight;

/// Who owns telephone numbers: every value is asked once, and every record read once, whichever look-up wants it.
#[derive(Debug, Default)]
pub struct PhoneOwners {
    /// Fields of contacts to read besides names and numbers.
    contact_fields: Vec<String>,
    answers: Vec<Answer>,
    /// The answer a form is in, by its normal form.
    place: BTreeMap<String, usize>,
    cards: BTreeMap<(Owner, u64), Sight<Card>>,
}

#[derive(Debug)]
struct Card {
    row: Row,
    phones: Vec<String>,
}

/// Finds contacts by numbers in E.164. Several contacts may share a number.
///
/// # Errors
/// When no call can succeed at all.
pub async fn batch_find_contacts_by_phones(
    client: &Client,
    phones: &[String],
    owners: &mut PhoneOwners,
) -> Result<BTreeMap<String, Sight<Vec<Arc<LiveContact>>>>, LookUpError> {
    owners.learn(client, phones, &[Owner::Contact]).await?;
    Ok(owners.sights(phones, Owner::Contact, |row| LiveContact::read(row).map(Arc::new)))
}

/// Finds leads by numbers in E.164, closed ones among them.
///
/// # Errors
/// As [`batch_find_contacts_by_phones`].
pub async fn batch_find_leads_by_phones(
    client: &Client,
    phones: &[String],
    owners: &mut PhoneOwners,
) -> Result<BTreeMap<String, Sight<Vec<LiveLead>>>, LookUpError> {
    owners.learn(client, phones, &[Owner::Lead]).await?;
    Ok(owners.sights(phones, Owner::Lead, |row| LiveLead::read(&row)))
}

impl PhoneOwners {
    /// Nothing asked yet. `contact_fields` are read of contacts besides names and telephone numbers.
    #[must_use]
    pub fn new(contact_fields: Vec<String>) -> Self {
        Self { contact_fields, ..Self::default() }
    }

    /// Asks for contacts and, if wanted, leads together, so that the look-ups that follow need no request.
    ///
    /// # Errors
    /// As [`batch_find_contacts_by_phones`].
    pub async fn prepare(
        &mut self,
        client: &Client,
        phones: &[String],
        leads: bool,
    ) -> Result<(), LookUpError> {
        let owners: &[Owner] = if leads { &[Owner::Contact, Owner::Lead] } else { &[Owner::Contact] };
        self.learn(client, phones, owners).await
    }

    async fn learn(
        &mut self,
        client: &Client,
        phones: &[String],
        owners: &[Owner],
    ) -> Result<(), LookUpError> {
        self.ask(client, phones).await?;
        self.read_cards(client, owners).await
    }

    /// Asks for the forms that were not asked yet.
    async fn ask(&mut self, client: &Client, phones: &[String]) -> Result<(), LookUpError> {
        let mut forms: BTreeMap<String, String> = BTreeMap::new();
        for form in phones.iter().flat_map(|phone| search_forms(phone)) {
            let normal = portal_form(&form);
            if !normal.is_empty() && !self.place.contains_key(&normal) {
                forms.insert(normal, form);
            }
        }
        if forms.is_empty() {
            return Ok(());
        }
        let forms: Vec<(String, String)> = forms.into_iter().collect();
        let mut batch = client.batch();
        let ask = |set: &[(String, String)]| {
            let values: Vec<String> = set.iter().map(|(_, form)| form.clone()).collect();
            batch.add(question(&values))
        };
        let slots: Vec<_> = forms.chunks(VALUES).map(ask).collect();
        let mut reply = sent(batch, "owners of telephone numbers").await?;
        for (set, slot) in forms.chunks(VALUES).zip(slots) {
            let answer = match reply.take(slot).ok() {
                Ok(row) => answer(&row),
                Err(error) => Err(unknown("owners of telephone numbers", error)?),
            };
            self.place.extend(set.iter().map(|(normal, _)| (normal.clone(), self.answers.len())));
            self.answers.push(answer);
        }
        Ok(())
    }

    /// Reads the records of answers. Where a value may have been cut, the records of every kind are needed to count.
    async fn read_cards(&mut self, client: &Client, owners: &[Owner]) -> Result<(), LookUpError> {
        let mut wanted: BTreeMap<Owner, BTreeSet<u64>> = BTreeMap::new();
        for found in self.answers.iter().flatten() {
            for (owner, ids) in found {
                if owners.contains(owner) || may_be_cut(found) {
                    let new = ids.iter().copied().filter(|id| !self.cards.contains_key(&(*owner, *id)));
                    wanted.entry(*owner).or_default().extend(new);
                }
            }
        }
        wanted.retain(|_, ids| !ids.is_empty());
        if wanted.is_empty() {
            return Ok(());
        }
        let mut batch = client.batch();
        let mut asked = Vec::new();
        for (owner, ids) in wanted {
            let ids: Vec<u64> = ids.into_iter().collect();
            asked.push((owner, Cards::add(&mut batch, owner, &ids, &self.contact_fields)));
        }
        let mut reply = sent(batch, "records with telephone numbers").await?;
        for (owner, cards) in asked {
            for (id, sight) in cards.rows(client, &mut reply).await {
                let card = read(sight, |row| Ok(Card { phones: rows::phones(&row)?, row }));
                self.cards.insert((owner, id), card);
            }
        }
        Ok(())
    }

    fn sights<T: Clone>(
        &self,
        phones: &[String],
        owner: Owner,
        of: impl Fn(Row) -> Result<T, String>,
    ) -> BTreeMap<String, Sight<Vec<T>>> {
        phones.iter().map(|phone| (phone.clone(), self.sight(phone, owner, &of))).collect()
    }

    fn sight<T>(&self, phone: &str, owner: Owner, of: &impl Fn(Row) -> Result<T, String>) -> Sight<Vec<T>> {
        let forms: BTreeSet<String> = search_forms(phone).iter().map(|form| portal_form(form)).collect();
        let mut ids = BTreeSet::new();
        for form in &forms {
            match self.matching(form) {
                Ok(matching) => ids.extend(matching.into_iter().filter(|(kind, _)| *kind == owner)),
                Err(reason) => return Sight::Unknown(reason),
            }
        }
        let mut found = Vec::new();
        for key in ids {
            if let Some(Sight::Found(card)) = self.cards.get(&key) {
                match of(card.row.clone()) {
                    Ok(record) => found.push(record),
                    Err(reason) => return Sight::Unknown(reason),
                }
            }
        }
        if found.is_empty() { Sight::Absent } else { Sight::Found(found) }
    }

    /// The records that have a number in this form, of those kinds that were read; an error when a complete list of
    /// them is not known.
    fn matching(&self, form: &str) -> Result<Vec<(Owner, u64)>, String> {
        let place = self.place.get(form).ok_or_else(|| "it was not asked".to_owned())?;
        let found = self.answers[*place].as_ref().map_err(Clone::clone)?;
        let mut matching = Vec::new();
        for key in found.iter().flat_map(|(owner, ids)| ids.iter().map(|id| (*owner, *id))) {
            match self.cards.get(&key) {
                Some(Sight::Found(card)) if card.phones.iter().any(|phone| phone == form) => {
                    matching.push(key);
                }
                // It has another of the values, or is of a kind that nobody wants.
                Some(Sight::Found(_)) | None => {}
                // It may own any of the twenty values.
                Some(Sight::Absent) => {
                    return Err(format!("{} {} cannot be read", key.0.name().to_lowercase(), key.1));
                }
                Some(Sight::Unknown(reason)) => return Err(reason.clone()),
            }
        }
        if matching.len() >= RECORDS {
            return Err(format!("{RECORDS} records have this number, there may be more"));
        }
        Ok(matching)
    }
}

/// Whether one of an answer's values may have reached the portal's limit.
fn may_be_cut(found: &BTreeMap<Owner, Vec<u64>>) -> bool {
    found.values().map(Vec::len).sum::<usize>() >= RECORDS
}
