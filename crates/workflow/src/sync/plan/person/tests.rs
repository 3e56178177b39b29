use proptest::prelude::*;

use super::*;

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

/// Names of up to four words, out of few.
fn spelled() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["Иванов", "Иван", "Пётр", "Иванович", "Оглы", "ПЕТР"]);
    prop::collection::vec(word, 1..5).prop_map(|words| words.join(" "))
}

proptest! {
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
