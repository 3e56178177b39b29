//! Who is the same person.

use std::collections::{BTreeSet, HashMap};

use crate::sync::mapping::ContactMatch;
use crate::sync::wanted::{PersonName, WantedContact};

/// Whether two names mean one person.
///
/// Every word of the shorter one is in the longer one, at least two of them unless
/// both are equal. Case does not count, `ё` is `е`, and it does not matter which part a word stands in: telephony and
/// forms put whole names into one.
#[must_use]
pub fn same_name(one: &PersonName, other: &PersonName) -> bool {
    let (one, other) = (words(one), words(other));
    let in_both = one.intersection(&other).count();
    if one == other { in_both > 0 } else { in_both >= 2 && in_both == one.len().min(other.len()) }
}

/// Whether nothing of a name is known.
pub(super) fn is_nameless(name: &PersonName) -> bool {
    words(name).is_empty()
}

fn words(name: &PersonName) -> BTreeSet<String> {
    let parts = [&name.last, &name.first, &name.second];
    let words = parts.into_iter().flat_map(|part| part.split_whitespace());
    words.map(|word| word.to_lowercase().replace('ё', "е")).collect()
}

/// The persons that a plan creates: records that mean the same one get the same identity. Kept as hashes, 32 bytes a
/// number.
#[derive(Debug, Default)]
pub(super) struct People {
    by_mark: HashMap<[u8; 16], [u8; 16]>,
}

impl People {
    /// The identity of a person who is to be created; none when the numbers of the record belong to several of them.
    pub(super) fn identity(
        &mut self,
        person: &WantedContact,
        rule: ContactMatch,
        key: &str,
    ) -> Option<String> {
        let mut marks: Vec<[u8; 16]> = person.phones.iter().map(|phone| mark(phone, person, rule)).collect();
        if marks.is_empty() {
            // Nobody can tell whether another record means the same person.
            marks.push(hash(&format!("key\n{key}")));
        }
        let known: BTreeSet<[u8; 16]> =
            marks.iter().filter_map(|mark| self.by_mark.get(mark)).copied().collect();
        let mut known = known.into_iter();
        let identity = known.next().or_else(|| marks.first().copied())?;
        if known.next().is_some() {
            return None;
        }
        self.by_mark.extend(marks.into_iter().map(|mark| (mark, identity)));
        Some(format!("{:032x}", u128::from_be_bytes(identity)))
    }
}

fn mark(phone: &str, person: &WantedContact, rule: ContactMatch) -> [u8; 16] {
    match rule {
        ContactMatch::Phone => hash(&format!("phone\n{phone}")),
        ContactMatch::PhoneAndName => {
            let words: Vec<String> = words(&person.name).into_iter().collect();
            hash(&format!("phone\n{phone}\n{}", words.join(" ")))
        }
    }
}

/// The identity of a person who is known by a telephone number alone.
pub(crate) fn phone_identity(phone: &str) -> String {
    format!("{:032x}", u128::from_be_bytes(hash(&format!("phone\n{phone}"))))
}

fn hash(text: &str) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
    short
}

/// 64 bits of a hash: two of a million keys are mistaken for one with a chance of one in forty million.
pub(super) fn short(text: &str) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..8]);
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PersonName {
        let mut parts = text.split(' ').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        PersonName { last: next(), first: next(), second: next() }
    }

    #[test]
    fn names_are_compared_by_their_words() {
        let ivan = name("Иванов Иван Иванович");
        for same in ["иванов ИВАН иванович", "Иванов Иван", "Иван Иванов"]
        {
            assert!(same_name(&ivan, &name(same)), "{same}");
        }
        assert!(same_name(&name("Королёва Алёна"), &name("Королева Алена Петровна")));
        for other in ["Иванова Мария", "Иванов", "Иванов Пётр Иванович", ""]
        {
            assert!(!same_name(&ivan, &name(other)), "{other}");
        }
        assert!(same_name(&name("Мадонна"), &name("мадонна")));
        assert!(!same_name(&name(""), &name("")), "nobody is not the same as nobody");
    }

    #[test]
    fn records_of_one_person_create_one_contact() {
        let person = |phones: &[&str], of: &str| WantedContact {
            phones: phones.iter().map(|phone| (*phone).to_owned()).collect(),
            name: name(of),
            fields: Vec::new(),
        };
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
}
