//! What the seed promises: right check digits, the same portal every time, the proportions of a real one.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rust_decimal::Decimal;

use super::*;
use crate::portal::fields::invoice::{PAID, SHIPPED};
use crate::portal::product_row::ProductRow;

fn seed(number: u64, invoices: u32) -> Seed {
    Seed::new(SeedPlan { seed: number, invoices, deals: 400, contacts: None })
}

fn invoices(seed: &Seed) -> impl Iterator<Item = u64> {
    seed.ids(Entity::Invoice, 0, u64::MAX)
}

fn invoice(seed: &Seed, id: u64, column: &str) -> Cell {
    seed.cell(Entity::Invoice, id, column)
}

fn digit_at(code: &str, at: usize) -> u64 {
    u64::from(code.as_bytes()[at] - b'0')
}

fn weighted(code: &str, weights: &[u64]) -> u64 {
    weights.iter().enumerate().map(|(i, w)| digit_at(code, i) * w).sum::<u64>() % 11 % 10
}

fn inn_is_right(inn: &str) -> bool {
    match inn.len() {
        10 => weighted(inn, &[2, 4, 10, 3, 5, 9, 4, 6, 8]) == digit_at(inn, 9),
        12 => {
            weighted(inn, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == digit_at(inn, 10)
                && weighted(inn, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == digit_at(inn, 11)
        }
        _ => false,
    }
}

fn cards(seed: &Seed) -> Vec<Requisite> {
    (1..=seed.last_requisite()).filter_map(|id| seed.requisite(id)).collect()
}

#[test]
fn all_numbers_of_requisites_pass_their_checks_but_the_deliberate_ones() {
    for number in [1, 2, 3] {
        let seed = seed(number, 4000);
        let (mut bad, mut spaced) = (0, 0);
        for card in cards(&seed) {
            let Some(inn) = card.value("RQ_INN") else {
                assert_eq!(card.owner, Entity::Contact, "only private persons may have no INN");
                continue;
            };
            let digits: String = inn.split_whitespace().collect();
            spaced += u32::from(digits != inn);
            assert_eq!(digits.len(), if card.preset == 1 { 10 } else { 12 });
            let deliberate = card.owner == Entity::Company
                && seed.has_bad_inn(seed.ordinal(Entity::Company, card.owner_id).unwrap());
            assert_eq!(inn_is_right(&digits), !deliberate, "{inn}");
            bad += u32::from(deliberate);
            if let Some(ogrn) = card.value("RQ_OGRN") {
                let number: u64 = ogrn[..12].parse().unwrap();
                assert_eq!((ogrn.len(), number % 11 % 10), (13, digit_at(ogrn, 12)));
            }
            if let Some(ogrnip) = card.value("RQ_OGRNIP") {
                let number: u64 = ogrnip[..14].parse().unwrap();
                assert_eq!((ogrnip.len(), number % 13 % 10, &ogrnip[..1]), (15, digit_at(ogrnip, 14), "3"));
            }
            assert_eq!(card.value("RQ_KPP").map(str::len), (card.preset == 1).then_some(9));
        }
        assert!(bad > 0 && spaced > 0);
    }
}

#[test]
fn the_group_has_three_companies_with_right_requisites() {
    let seed = seed(9, 100);
    let inns: HashSet<String> = (1..=3)
        .map(|id| {
            assert!(seed.cell(Entity::Company, id, "IS_MY_COMPANY").as_flag());
            let cards = seed.requisites_of(Entity::Company, id);
            let card = seed.requisite(cards[0]).unwrap();
            let inn = card.value("RQ_INN").unwrap().to_owned();
            assert!(inn_is_right(&inn) && card.value("RQ_OGRN").is_some());
            inn
        })
        .collect();
    assert_eq!(inns.len(), 3);
    assert!(!seed.cell(Entity::Company, 4, "IS_MY_COMPANY").as_flag());
}

/// All columns of every entity, as text.
fn everything(seed: &Seed) -> String {
    let mut out = Vec::new();
    for entity in Entity::ALL {
        for id in seed.ids(entity, 0, u64::MAX) {
            let cells = entity.built_in_fields().iter().map(|field| seed.cell(entity, id, field.column));
            out.push(format!("{:?}", cells.collect::<Vec<_>>()));
        }
    }
    out.extend(
        invoices(seed).map(|id| format!("{:?}{:?}", seed.product_rows(id), seed.link(Entity::Invoice, id))),
    );
    out.concat()
}

#[test]
fn the_same_number_makes_the_same_portal_and_another_a_different_one() {
    assert_eq!(everything(&seed(5, 60)), everything(&seed(5, 60)));
    assert_ne!(everything(&seed(5, 60)), everything(&seed(6, 60)));
}

#[test]
fn a_thousand_invoices_have_the_proportions_of_a_real_group() {
    for number in [1, 2, 3, 77] {
        let seed = seed(number, 1000);
        let ids: Vec<u64> = invoices(&seed).collect();
        let share = |test: &dyn Fn(u64) -> bool| ids.iter().filter(|id| test(**id)).count();
        let rows = |id| seed.product_rows(id);
        let in_2026 = share(&|id| invoice(&seed, id, "BEGINDATE").as_day().unwrap().year() == 2026);
        assert!((450..550).contains(&in_2026), "{in_2026}");
        assert_eq!(share(&|id| rows(id).len() > 50), 10);
        assert!(ids.iter().all(|id| rows(*id).len() <= 120));
        assert!((40..=50).contains(&share(&|id| rows(id).is_empty())));
        assert!((45..=60).contains(&share(
            &|id| invoice(&seed, id, "IS_MANUAL_OPPORTUNITY").as_flag() && !rows(id).is_empty()
        )));
        let unlinked = share(&|id| {
            let known = |requisite| seed.requisite(requisite).is_some();
            seed.link(Entity::Invoice, id)
                .is_none_or(|link| !known(link.requisite) || !known(link.own_requisite))
        });
        assert!((20..=50).contains(&unlinked), "{unlinked}");
        assert!((20..=60).contains(&share(&|id| invoice(&seed, id, "CURRENCY_ID").as_text() == "CNY")));
        assert!(share(&|id| invoice(&seed, id, "CLOSEDATE") == Cell::Null) > 0);
        let stages: BTreeSet<String> =
            ids.iter().map(|id| invoice(&seed, *id, "STAGE_ID").as_text().to_owned()).collect();
        assert_eq!(stages.len(), 5);
        let all: Vec<ProductRow> = ids.iter().flat_map(|id| rows(*id)).collect();
        let rates: BTreeSet<Option<Decimal>> = all.iter().map(|row| row.tax_rate).collect();
        let expected: BTreeSet<_> =
            [0, 5, 7, 10, 20, 22].map(|r| Some(Decimal::from(r))).into_iter().chain([None]).collect();
        assert_eq!(rates, expected);
        assert!(all.iter().any(|row| row.quantity == Decimal::new(125, 3)));
        assert!(all.iter().any(|row| row.price < Decimal::ZERO) && all.iter().any(|row| !row.tax_included));
        assert!(all.iter().any(|row| row.prices().discount_sum > Decimal::ZERO));
        let numbers: HashSet<String> =
            ids.iter().map(|id| invoice(&seed, *id, "ACCOUNT_NUMBER").as_text().to_owned()).collect();
        assert_eq!(numbers.len(), ids.len());
        assert!(numbers.iter().any(|n| n.contains('-')) && numbers.iter().any(|n| n.contains('/')));
    }
}

#[test]
fn a_hundred_invoices_have_one_with_more_than_fifty_rows() {
    for number in 0..20 {
        let seed = seed(number, 100);
        assert_eq!(invoices(&seed).filter(|id| seed.product_rows(*id).len() > 50).count(), 1);
        assert!(seed.clients == 12);
    }
}

#[test]
fn all_dates_lie_within_two_years() {
    let seed = seed(4, 800);
    for id in invoices(&seed) {
        for column in ["BEGINDATE", "CLOSEDATE", SHIPPED, PAID] {
            if let Some(day) = invoice(&seed, id, column).as_day() {
                assert!((2025..=2026).contains(&day.year()), "{column} {day}");
            }
        }
        if let Cell::Moment(at) = invoice(&seed, id, "UPDATED_TIME") {
            assert!((2025..=2026).contains(&at.year()));
        }
    }
}

#[test]
fn clients_are_firms_entrepreneurs_and_private_persons_some_without_requisites() {
    let seed = seed(1, 2000);
    let mut presets: BTreeMap<u32, u32> = BTreeMap::new();
    for card in cards(&seed) {
        *presets.entry(card.preset).or_default() += 1;
    }
    assert_eq!(presets.keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
    let persons = u32::try_from(seed.persons()).unwrap();
    assert!(presets[&3] > 0 && presets[&3] < persons, "some have no requisites");
    let nameless =
        cards(&seed).into_iter().filter(|card| card.preset == 2 && card.value("RQ_COMPANY_NAME").is_none());
    assert!(nameless.count() > 0);
}

#[test]
fn identifiers_rise_with_gaps_and_lead_back_to_their_ordinals() {
    let seed = seed(1, 100);
    let ids: Vec<u64> = invoices(&seed).collect();
    assert_eq!(&ids[..9], [1, 2, 3, 4, 5, 6, 7, 9, 10]);
    assert_eq!((ids.len(), seed.last_id(Entity::Invoice)), (100, ids[99]));
    for (n, id) in ids.iter().enumerate() {
        assert_eq!(seed.ordinal(Entity::Invoice, *id), Some(n as u64));
    }
    for (low, high) in [(0, 10), (8, 8), (8, 9), (3, 50), (100, 500), (9, 3)] {
        let expected = ids.iter().filter(|id| (low..=high).contains(*id)).count() as u64;
        assert_eq!(seed.count_between(Entity::Invoice, low, high), expected, "{low}..={high}");
        assert_eq!(seed.ids(Entity::Invoice, low, high).count() as u64, expected);
    }
}

#[test]
fn portals_of_any_size_can_be_made() {
    for (invoices, deals, contacts) in
        [(0, 0, None), (1, 0, Some(0)), (0, 10_000, Some(1)), (7, 1, Some(100))]
    {
        let seed = Seed::new(SeedPlan { seed: 3, invoices, deals, contacts });
        assert!(!everything(&seed).is_empty());
    }
}
