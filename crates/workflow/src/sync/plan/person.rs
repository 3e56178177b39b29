//! Who is the same person.

mod crowd;

use std::collections::{BTreeSet, HashMap};

use crowd::{Crowd, Judge};

use crate::person::short;
use crate::sync::mapping::ContactMatch;
use crate::sync::wanted::{PersonName, WantedContact};

/// Whether two names mean one person.
///
/// Every word of the shorter one is in the longer one, at least two of them unless
/// both are equal. Case does not count, `ё` is `е`, and it does not matter which part a word stands in: telephony and
/// forms put whole names into one.
#[must_use]
pub fn same_name(one: &PersonName, other: &PersonName) -> bool {
    let (one, other): (Vec<String>, Vec<String>) = (words(one).collect(), words(other).collect());
    agree(&one, &other)
}

/// Whether nothing of a name is known.
pub(super) fn is_nameless(name: &PersonName) -> bool {
    words(name).next().is_none()
}

/// The words of a name, each once, in a fixed order.
fn words(name: &PersonName) -> impl Iterator<Item = String> {
    let parts = [&name.last, &name.first, &name.second];
    let words = parts.into_iter().flat_map(|part| part.split_whitespace());
    words.map(|word| word.to_lowercase().replace('ё', "е")).collect::<BTreeSet<String>>().into_iter()
}

/// [`same_name`] of words, or of what stands for them.
fn agree<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    let in_both = one.iter().filter(|word| other.contains(word)).count();
    let (shorter, longer) = (one.len().min(other.len()), one.len().max(other.len()));
    in_both == shorter && in_both > usize::from(shorter < longer)
}

/// The persons that a plan creates: records that mean the same one get the same identity.
///
/// A record means a person when they share a number and, where names count, its name is [`same_name`] as every spelling
/// the person came in so far. The rule is not transitive, so what is one person may depend on the order of the records:
/// «Иванов Иван» belongs to the first of two full names that comes after it, and is nobody's when it comes after both.
///
/// Names are kept as hashes of their words: some 100 bytes a person, and some 500 of one whose number many have.
#[derive(Debug)]
pub(super) struct People {
    persons: Vec<Person>,
    numbers: Numbers,
    /// The persons of numbers that many have: looking at all of them each time would take the square of their number.
    crowds: HashMap<u64, Crowd>,
    /// The crowds that a person belongs to.
    crowded: HashMap<u32, Vec<u64>>,
    /// So many persons with one number are a crowd.
    crowd_of: usize,
}

#[derive(Debug)]
struct Person {
    identity: (u64, u64),
    /// The hashed words of every spelling, 0 between spellings.
    spellings: Box<[u32]>,
}

/// The persons with a number, as long as they are few.
#[derive(Debug, Default)]
struct Numbers {
    /// The last link of a number's persons.
    last: HashMap<u64, u32>,
    links: Vec<Link>,
}

/// One of the persons who have a number, and the link with the next of them.
#[derive(Debug)]
struct Link {
    person: u32,
    next: Option<u32>,
}

/// A name that is looked for.
struct Sought<'p> {
    persons: &'p [Person],
    spelling: &'p [u32],
}

impl Default for People {
    fn default() -> Self {
        Self {
            persons: Vec::new(),
            numbers: Numbers::default(),
            crowds: HashMap::new(),
            crowded: HashMap::new(),
            crowd_of: 32,
        }
    }
}

impl Person {
    fn spellings(&self) -> impl Iterator<Item = &[u32]> {
        self.spellings.split(|word| *word == 0).filter(|spelling| !spelling.is_empty())
    }

    /// Nobody's name contradicts no one: so it is with the portal's contacts, too.
    fn fits(&self, spelling: &[u32]) -> bool {
        let mut known = self.spellings().peekable();
        spelling.is_empty() || known.peek().is_some() && known.all(|known| agree(known, spelling))
    }

    /// Says whether the spelling is new.
    fn also(&mut self, spelling: &[u32]) -> bool {
        let is_new = !spelling.is_empty() && self.spellings().all(|known| known != spelling);
        if is_new {
            self.spellings = [&self.spellings, spelling].join(&0).into_boxed_slice();
        }
        is_new
    }
}

impl Numbers {
    /// The persons with a number.
    fn with(&self, phone: u64) -> impl Iterator<Item = u32> {
        let link = |place: u32| self.links.get(place as usize);
        let first = self.last.get(&phone).and_then(|place| link(*place));
        std::iter::successors(first, move |known| known.next.and_then(link)).map(|known| known.person)
    }

    /// Says how many have the number now; none when there are too many persons to count.
    fn add(&mut self, phone: u64, person: u32) -> Option<usize> {
        if !self.with(phone).any(|known| known == person) {
            let link = u32::try_from(self.links.len()).ok()?;
            let next = self.last.insert(phone, link);
            self.links.push(Link { person, next });
        }
        Some(self.with(phone).count())
    }
}

impl Judge for Sought<'_> {
    fn fits(&self, person: u32) -> bool {
        self.persons.get(person as usize).is_some_and(|known| known.fits(self.spelling))
    }

    fn is_longest(&self, person: u32, spelling: &[u32]) -> bool {
        let longest = |known: &Person| known.spellings().map(<[u32]>::len).max();
        self.persons.get(person as usize).and_then(longest) == Some(spelling.len())
    }
}

impl People {
    /// The identity of a person who is to be created; none when several of those before can be meant.
    pub(super) fn identity(
        &mut self,
        person: &WantedContact,
        rule: ContactMatch,
        key: &str,
    ) -> Option<String> {
        let Some(first) = person.phones.first() else {
            // Nobody can tell whether another record means the same person.
            return Some(format!("{:032x}", hash(&format!("key\n{key}"))));
        };
        let names = match rule {
            ContactMatch::Phone => Vec::new(),
            ContactMatch::PhoneAndName => words(&person.name).collect(),
        };
        // Words are only compared between persons with one number.
        let spelling: Vec<u32> = names.iter().map(|word| word_hash(word)).collect();
        let phones: Vec<u64> = person.phones.iter().map(|phone| short(phone)).collect();
        let fitting = self.fitting(&phones, &spelling);
        let place = match fitting.len() {
            0 => {
                let identity = (short(first), short(&names.join(" ")));
                self.persons.push(Person { identity, spellings: spelling.clone().into_boxed_slice() });
                u32::try_from(self.persons.len() - 1).ok()?
            }
            1 => fitting.first().copied()?,
            _ => return None,
        };
        for phone in phones {
            self.link(phone, place)?;
        }
        let known = self.persons.get_mut(place as usize)?;
        let (phone, name) = known.identity;
        if known.also(&spelling) {
            for crowd in self.crowded.get(&place).into_iter().flatten() {
                self.crowds.entry(*crowd).and_modify(|crowd| crowd.learn(place, &spelling));
            }
        }
        Some(format!("{phone:016x}-{name:016x}"))
    }

    /// The persons whom a name may mean; of several perhaps not all.
    fn fitting(&mut self, phones: &[u64], spelling: &[u32]) -> BTreeSet<u32> {
        let sought = Sought { persons: &self.persons, spelling };
        let mut fitting = BTreeSet::new();
        for phone in phones {
            match self.crowds.get_mut(phone) {
                Some(crowd) => fitting.extend(crowd.fitting(spelling, &sought)),
                None => fitting.extend(self.numbers.with(*phone).filter(|person| sought.fits(*person))),
            }
        }
        fitting
    }

    fn link(&mut self, phone: u64, place: u32) -> Option<()> {
        let new: Vec<u32> = match self.crowds.get(&phone) {
            Some(crowd) if crowd.contains(place) => Vec::new(),
            Some(_) => vec![place],
            None if self.numbers.add(phone, place)? < self.crowd_of => Vec::new(),
            None => self.numbers.with(phone).collect(),
        };
        for person in new {
            let known = self.persons.get(person as usize)?;
            self.crowds.entry(phone).or_default().add(person, known.spellings());
            self.crowded.entry(person).or_default().push(phone);
        }
        Some(())
    }
}

fn hash(text: &str) -> u128 {
    let mut short = [0; 16];
    short.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
    u128::from_be_bytes(short)
}

/// 32 bits of a word, never 0.
fn word_hash(word: &str) -> u32 {
    let [a, b, c, d, ..] = short(word).to_le_bytes();
    u32::from_le_bytes([a, b, c, d]).max(1)
}

#[cfg(test)]
mod tests;
