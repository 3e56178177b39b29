//! Requisites of companies, entrepreneurs and some private persons; bank accounts.

use jiff::civil::DateTime;

use super::codes::{company_inn, kpp, ogrn, ogrnip, person_inn, spaced, spoiled};
use super::mix::Topic;
use super::words::full_form;
use super::{OWN_COMPANIES, Seed, id_of};
use crate::portal::entity::Entity;

/// Requisites of a client: a card of names and numbers.
#[derive(Debug, Clone)]
pub(crate) struct Requisite {
    pub(crate) id: u64,
    pub(crate) owner: Entity,
    pub(crate) owner_id: u64,
    /// 1 organisation, 2 entrepreneur, 3 person.
    pub(crate) preset: u32,
    pub(crate) name: &'static str,
    pub(crate) sort: u32,
    pub(crate) created: DateTime,
    /// The `RQ_…` values that are set.
    pub(crate) values: Vec<(&'static str, String)>,
}

impl Requisite {
    /// A value that is set.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        self.values.iter().find(|(k, _)| *k == key).map(|(_, v)| v.as_str())
    }
}

/// A bank account of a requisite card.
#[derive(Debug, Clone)]
pub(crate) struct BankDetail {
    pub(crate) id: u64,
    pub(crate) requisite_id: u64,
    pub(crate) bank: &'static str,
    pub(crate) bik: &'static str,
    pub(crate) account: String,
}

const BANKS: &[(&str, &str)] = &[
    ("АО «Речной банк»", "044525901"),
    ("ПАО «Столичный кредит»", "044525902"),
    ("Банк «Уральский дом»", "046577903"),
];

impl Seed {
    /// The first requisite card of the `n`-th company.
    pub(super) fn requisite_of_company(n: u64) -> u64 {
        n * 2 + 1
    }

    /// The requisite card of the `p`-th private person.
    pub(super) fn requisite_of_person(&self, p: u64) -> Option<u64> {
        (p % 8 != 1).then_some(self.count(Entity::Company) * 2 + p + 1)
    }

    pub(super) fn has_second_requisite(&self, n: u64) -> bool {
        n >= OWN_COMPANIES && !Self::is_entrepreneur(n) && self.dice.chance(Topic::SecondRequisite, n, 9)
    }

    /// The highest number a requisite card may have.
    pub(crate) fn last_requisite(&self) -> u64 {
        self.count(Entity::Company) * 2 + self.persons().min(self.count(Entity::Contact))
    }

    /// Requisite cards of a company or contact, first the one with the lower sort.
    pub(crate) fn requisites_of(&self, owner: Entity, owner_id: u64) -> Vec<u64> {
        let Some(n) = self.ordinal(owner, owner_id) else { return Vec::new() };
        match owner {
            Entity::Company => {
                let first = Self::requisite_of_company(n);
                if self.has_second_requisite(n) { vec![first, first + 1] } else { vec![first] }
            }
            Entity::Contact if n < self.persons() => self.requisite_of_person(n).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Whose card this is (company or contact, by ordinal) and whether it is the second one; nothing else is computed.
    fn owner_of_card(&self, id: u64) -> Option<(Entity, u64, bool)> {
        let slot = id.checked_sub(1)?;
        let companies = self.count(Entity::Company);
        if slot < companies * 2 {
            let (n, second) = (slot / 2, slot % 2 == 1);
            return (!second || self.has_second_requisite(n)).then_some((Entity::Company, n, second));
        }
        let p = slot - companies * 2;
        let exists = id <= self.last_requisite() && self.requisite_of_person(p).is_some();
        exists.then_some((Entity::Contact, p, false))
    }

    /// The owner of a card.
    pub(crate) fn requisite_owner(&self, id: u64) -> Option<(Entity, u64)> {
        self.owner_of_card(id).map(|(owner, n, _)| (owner, id_of(n)))
    }

    /// The requisite card of this number.
    pub(crate) fn requisite(&self, id: u64) -> Option<Requisite> {
        Some(match self.owner_of_card(id)? {
            (Entity::Company, n, second) => self.company_card(id, n, second),
            (_, p, _) => self.person_card(id, p),
        })
    }

    fn company_card(&self, id: u64, n: u64, second: bool) -> Requisite {
        let entrepreneur = Self::is_entrepreneur(n);
        Requisite {
            id,
            owner: Entity::Company,
            owner_id: id_of(n),
            preset: if entrepreneur { 2 } else { 1 },
            name: match (entrepreneur, second) {
                (true, _) => "ИП",
                (false, false) => "Организация",
                (false, true) => "Обособленное подразделение",
            },
            sort: if second { 510 } else { 500 },
            created: self.company(n).created(),
            values: if entrepreneur { self.entrepreneur_values(n) } else { self.firm_values(n, second) },
        }
    }

    /// The number as it was typed: a few with blanks, a few with a wrong last digit.
    fn typed_inn(&self, n: u64, right: &str) -> String {
        let typed = if self.has_bad_inn(n) { spoiled(right) } else { right.to_owned() };
        if n >= OWN_COMPANIES && n % 11 == 4 { spaced(&typed) } else { typed }
    }

    /// Whether the `n`-th company's INN fails its check on purpose.
    pub(crate) fn has_bad_inn(&self, n: u64) -> bool {
        n >= OWN_COMPANIES && n % 23 == (7 + self.plan.seed) % 23
    }

    fn firm_values(&self, n: u64, second: bool) -> Vec<(&'static str, String)> {
        let company = self.company(n);
        let (form, name) = company.name();
        let quoted = format!("{form} \"{name}\"");
        // Names are typed by hand: a blank too many happens.
        let short = if self.dice.chance(Topic::Requisite, n, 6) { format!(" {quoted} ") } else { quoted };
        vec![
            ("RQ_COMPANY_NAME", short),
            ("RQ_COMPANY_FULL_NAME", format!("{} \"{name}\"", full_form(form))),
            ("RQ_DIRECTOR", company.person().short()),
            ("RQ_INN", self.typed_inn(n, &company_inn(self.dice, n))),
            ("RQ_KPP", kpp(self.dice, n, second)),
            ("RQ_OGRN", ogrn(self.dice, n)),
            ("RQ_VAT_PAYER", "Y".to_owned()),
        ]
    }

    fn entrepreneur_values(&self, n: u64) -> Vec<(&'static str, String)> {
        let person = self.company(n).person();
        let mut values = match self.dice.below(Topic::Requisite, n, 4) {
            0 => vec![("RQ_COMPANY_NAME", format!("ИП {}", person.short()))],
            1 => vec![("RQ_NAME", format!("ИП {}", person.full()))],
            2 => vec![("RQ_NAME", person.full())],
            _ => Vec::new(),
        };
        if self.dice.below(Topic::Requisite, n, 4) != 1 {
            values.push(("RQ_LAST_NAME", person.last.clone()));
            values.push(("RQ_FIRST_NAME", person.first.to_owned()));
            values.push(("RQ_SECOND_NAME", person.second.to_owned()));
        }
        values.push(("RQ_INN", self.typed_inn(n, &person_inn(self.dice, n))));
        values.push(("RQ_OGRNIP", ogrnip(self.dice, n)));
        values
    }

    fn person_card(&self, id: u64, p: u64) -> Requisite {
        let person = self.contact(p).person();
        let mut values = vec![
            ("RQ_LAST_NAME", person.last.clone()),
            ("RQ_FIRST_NAME", person.first.to_owned()),
            ("RQ_SECOND_NAME", person.second.to_owned()),
        ];
        if self.dice.chance(Topic::Requisite, p + 0x1_0000_0000, 60) {
            values.push(("RQ_INN", person_inn(self.dice, p + 0x1_0000_0000)));
        }
        Requisite {
            id,
            owner: Entity::Contact,
            owner_id: id_of(p),
            preset: 3,
            name: "Физ. лицо",
            sort: 500,
            created: self.company(0).created(),
            values,
        }
    }

    /// The bank account of a requisite card; companies of the group and two thirds of the others have one.
    pub(crate) fn bank_detail(&self, requisite_id: u64) -> Option<BankDetail> {
        let (owner, _) = self.requisite_owner(requisite_id)?;
        let own = requisite_id <= OWN_COMPANIES * 2;
        if owner != Entity::Company || !(own || self.dice.chance(Topic::Bank, requisite_id, 66)) {
            return None;
        }
        let (bank, bik) = self.dice.pick(Topic::Bank, requisite_id + 1, BANKS);
        let account =
            format!("40702810{:012}", self.dice.below(Topic::Bank, requisite_id + 2, 1_000_000_000_000));
        Some(BankDetail { id: requisite_id, requisite_id, bank, bik, account })
    }
}
