use std::cell::Cell;

use proptest::prelude::*;

use super::*;
use crate::person::shared_part;

fn name(text: &str) -> PersonName {
    let mut parts = text.splitn(3, ' ').map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    PersonName { last: next(), first: next(), second: next() }
}

fn person(phones: &[&str], of: &str) -> WantedContact {
    let phones = phones.iter().map(|phone| (*phone).to_owned()).collect();
    WantedContact { phones, name: name(of), fields: Vec::new() }
}

/// Identities of records with one telephone number, in this order.
fn identities(names: &[&str]) -> Vec<Option<String>> {
    let mut people = People::default();
    let rule = ContactMatch::PhoneAndName;
    names.iter().map(|name| people.identity(&person(&["+71"], name), rule, "A")).collect()
}

#[test]
fn names_are_compared_by_their_words() {
    let ivan = name("Иванов Иван Иванович");
    for same in ["иванов ИВАН иванович", "Иванов Иван", "Иван Иванов"] {
        assert!(same_name(&ivan, &name(same)), "{same}");
    }
    assert!(same_name(&name("Королёва Алёна"), &name("Королева Алена Петровна")));
    for other in ["Иванова Мария", "Иванов", "Иванов Пётр Иванович", ""] {
        assert!(!same_name(&ivan, &name(other)), "{other}");
    }
    assert!(same_name(&name("Мадонна"), &name("мадонна")));
    assert!(!same_name(&name(""), &name("")), "nobody is not the same as nobody");
}

#[test]
fn records_of_one_person_create_one_contact() {
    let mut people = People::default();
    let rule = ContactMatch::PhoneAndName;
    let first = people.identity(&person(&["+71", "+72"], "Иванов Иван"), rule, "A").unwrap();
    assert_eq!(people.identity(&person(&["+72"], "иванов иван"), rule, "B"), Some(first.clone()));
    let child = people.identity(&person(&["+72"], "Иванова Анна"), rule, "C").unwrap();
    assert_ne!(child, first, "a family shares a telephone");
    let without = people.identity(&person(&[], "Иванов Иван"), rule, "D").unwrap();
    assert_ne!(people.identity(&person(&[], "Иванов Иван"), rule, "E"), Some(without));

    let mut people = People::default();
    let rule = ContactMatch::Phone;
    let one = people.identity(&person(&["+71"], "Иванов Иван"), rule, "A").unwrap();
    assert_eq!(people.identity(&person(&["+71"], "Иванова Анна"), rule, "B"), Some(one));
    people.identity(&person(&["+72"], "Пётр"), rule, "C").unwrap();
    assert_eq!(people.identity(&person(&["+71", "+72"], "Пётр"), rule, "D"), None);
}

#[test]
fn a_person_spelled_in_two_ways_is_one_and_a_name_of_two_persons_is_nobodys() {
    let [full, short] = ["Иванов Иван Иванович", "Иванов Иван"];
    let [other, wife] = ["Иванов Иван Петрович", "Иванова Анна"];
    let found = identities(&[short, wife, full, short]);
    assert!(found[0].is_some() && found[0] == found[2] && found[2] == found[3]);
    assert_ne!(found[0], found[1]);

    let found = identities(&[full, other, short, full, short]);
    assert!(found[0].is_some() && found[1].is_some() && found[0] != found[1]);
    assert_eq!(found[3], found[0]);
    assert_eq!((&found[2], &found[4]), (&None, &None), "a conflict, not a guess");

    let found = identities(&[short, full, other]);
    assert_eq!(found[0], found[1], "the first full name takes what came before it");
    assert!(found[2].is_some() && found[2] != found[0]);
}

#[test]
fn a_record_without_a_name_is_the_only_person_with_its_number() {
    let found = identities(&["Иванов Иван", "", "Петров Пётр", ""]);
    assert_eq!(found[0], found[1]);
    assert_eq!(found[3], None);
}

#[test]
fn identities_of_one_number_begin_alike() {
    let found = identities(&["Иванов Иван", "Петров Пётр"]);
    let [one, other] = [found[0].as_deref().unwrap(), found[1].as_deref().unwrap()];
    assert_ne!(one, other);
    assert_eq!(shared_part(one), shared_part(other));
}

/// Persons of a crowd by their spellings, and how often one of them was looked at.
struct Counted<'p> {
    persons: &'p [Vec<Vec<u32>>],
    name: &'p [u32],
    looks: &'p Cell<usize>,
}

impl Judge for Counted<'_> {
    fn fits(&self, person: u32) -> bool {
        self.looks.set(self.looks.get() + 1);
        let spellings = &self.persons[person as usize];
        self.name.is_empty() || spellings.iter().all(|known| agree(known, self.name))
    }

    fn is_longest(&self, person: u32, spelling: &[u32]) -> bool {
        self.looks.set(self.looks.get() + 1);
        self.persons[person as usize].iter().map(Vec::len).max() == Some(spelling.len())
    }
}

/// Names of many persons with one number, in an order that makes them meet.
fn crowds() -> [Vec<Vec<u32>>; 4] {
    let many = || 100..5_100_u32;
    [
        // Another given name each.
        many().map(|n| vec![1, n]).collect(),
        // Another patronymic each, then the name without it, over and over.
        many().map(|n| vec![1, 2, n]).chain(many().map(|_| vec![1, 2])).collect(),
        // Each gets a spelling that contradicts what all have in common.
        many()
            .map(|n| vec![1, 2, n])
            .chain(many().map(|n| vec![1, n]))
            .chain(many().map(|_| vec![1, 2]))
            .collect(),
        // Longer and longer spellings of each.
        many()
            .map(|n| vec![1, n])
            .chain(many().map(|n| vec![1, 2, n]))
            .chain(many().map(|n| vec![2, n]))
            .collect(),
    ]
}

#[test]
fn in_a_crowd_few_persons_are_looked_at_for_each_name() {
    for names in crowds() {
        let (mut crowd, mut persons, looks) = (Crowd::default(), Vec::<Vec<Vec<u32>>>::new(), Cell::new(0));
        for name in &names {
            let found = crowd.fitting(name, &Counted { persons: &persons, name, looks: &looks });
            match (found.len(), found.first()) {
                (0, _) => {
                    crowd.add(u32::try_from(persons.len()).unwrap(), std::iter::once(name.as_slice()));
                    persons.push(vec![name.clone()]);
                }
                (1, Some(person)) if !persons[*person as usize].contains(name) => {
                    crowd.learn(*person, name);
                    persons[*person as usize].push(name.clone());
                }
                _ => {}
            }
        }
        let looks = looks.get();
        assert!(looks <= 6 * names.len(), "{looks} for {} names like {:?}", names.len(), names[0]);
    }
}

/// The rule, without anything that makes it fast: everybody is looked at.
fn plainly(records: &[(Vec<u8>, String)]) -> Vec<Option<usize>> {
    let mut persons: Vec<(Vec<u8>, Vec<String>)> = Vec::new();
    let mut chosen = Vec::new();
    for (phones, spelled) in records {
        let has_words = !is_nameless(&name(spelled));
        let means = |(numbers, known): &(Vec<u8>, Vec<String>)| {
            let shares = phones.iter().any(|phone| numbers.contains(phone));
            let same = |one: &String| same_name(&name(one), &name(spelled));
            shares && (!has_words || !known.is_empty() && known.iter().all(same))
        };
        let fitting: Vec<usize> = (0..persons.len()).filter(|place| means(&persons[*place])).collect();
        let place = match fitting.as_slice() {
            [] => {
                persons.push((Vec::new(), Vec::new()));
                persons.len() - 1
            }
            [one] => *one,
            _ => {
                chosen.push(None);
                continue;
            }
        };
        persons[place].0.extend(phones);
        persons[place].1.extend(has_words.then(|| spelled.clone()));
        chosen.push(Some(place));
    }
    chosen
}

/// Records with one or two of three numbers, and names of up to eight words or none.
fn records() -> impl Strategy<Value = Vec<(Vec<u8>, String)>> {
    let word = prop::sample::select(vec!["А", "Б", "В", "Г", "Д", "Е", "Ж", "З"]);
    let name = prop_oneof![
        8 => prop::collection::vec(word.clone(), 0..4),
        1 => prop::collection::vec(word, 5..12),
    ];
    let name = name.prop_map(|words| words.join(" "));
    prop::collection::vec((prop::collection::vec(1..4_u8, 1..3), name), 1..40)
}

/// Names of up to four words, out of few.
fn spelled() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["Иванов", "Иван", "Пётр", "Иванович", "Оглы", "ПЕТР"]);
    prop::collection::vec(word, 1..5).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn a_crowd_finds_whom_looking_at_everybody_finds(records in records(), crowd_of in 1..6_usize) {
        let mut people = People { crowd_of, ..People::default() };
        let found: Vec<Option<String>> = records
            .iter()
            .map(|(phones, name)| {
                let phones: Vec<String> = phones.iter().map(|phone| format!("+7{phone}")).collect();
                let phones: Vec<&str> = phones.iter().map(String::as_str).collect();
                people.identity(&person(&phones, name), ContactMatch::PhoneAndName, "A")
            })
            .collect();
        let expected = plainly(&records);
        for (place, one) in expected.iter().enumerate() {
            prop_assert_eq!(one.is_some(), found[place].is_some(), "{:?}", &records[..=place]);
            let persons = people.persons.len();
            prop_assert!(one.is_none_or(|one| one < persons));
            for earlier in 0..place {
                if one.is_some() && expected[earlier] == *one {
                    prop_assert_eq!(&found[earlier], &found[place], "{:?}", &records[..=place]);
                }
            }
        }
        let distinct = expected.iter().flatten().collect::<BTreeSet<_>>().len();
        prop_assert_eq!(people.persons.len(), distinct);
    }

    #[test]
    fn pairwise_same_names_are_one_person_in_any_order(
        names in prop::collection::vec(spelled(), 1..8),
    ) {
        let mut chosen: Vec<&str> = Vec::new();
        for candidate in &names {
            if chosen.iter().all(|known| same_name(&name(known), &name(candidate))) {
                chosen.push(candidate);
            }
        }
        let found = identities(&chosen);
        prop_assert!(found.iter().all(|one| one.is_some() && *one == found[0]), "{chosen:?} {found:?}");
        chosen.reverse();
        let found = identities(&chosen);
        prop_assert!(found.iter().all(|one| one.is_some() && *one == found[0]), "{chosen:?} {found:?}");
    }

    #[test]
    fn names_that_are_not_the_same_never_share_a_person(names in prop::collection::vec(spelled(), 1..10)) {
        let texts: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = identities(&texts);
        prop_assert_eq!(&found, &identities(&texts), "the same records give the same persons");
        for (place, one) in texts.iter().enumerate() {
            for (later, other) in texts.iter().enumerate().skip(place + 1) {
                if found[place].is_some() && found[place] == found[later] {
                    prop_assert!(same_name(&name(one), &name(other)), "{one} and {other} in {texts:?}");
                }
            }
        }
    }
}
