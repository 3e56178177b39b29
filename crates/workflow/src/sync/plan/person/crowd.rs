//! Persons with one telephone number when there are many of them: a number that stands for "none", or a front desk's.
//!
//! A name means a person when each spelling of theirs is a part of it, or it is a part of the spelling. The crowd knows
//! its persons by the parts of their spellings and by their longest one: that is enough to find whom a name may mean
//! without looking at everybody. Who was found and does not fit is not found by that name again.

use std::collections::{BTreeSet, HashMap, HashSet};

/// A longer name has too many parts to be known by all of them: persons who have one are always looked at.
const MOST_WORDS: usize = 6;

/// Hashed words in a fixed order.
type Name = Box<[u32]>;

/// The persons with one number.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    members: HashSet<u32>,
    /// Persons by the parts of their spellings.
    by_part: HashMap<Name, Vec<u32>>,
    /// Persons by their longest spelling, or one that was it.
    by_longest: HashMap<Name, Vec<u32>>,
    /// Persons with a spelling of too many words.
    wordy: Vec<u32>,
}

/// What is asked about a person of a crowd.
pub(super) trait Judge {
    /// Whether the name means the person. Once it does not, it never does again: a person only gets more spellings.
    fn fits(&self, person: u32) -> bool;
    /// Whether this is the person's longest spelling.
    fn is_longest(&self, person: u32, spelling: &[u32]) -> bool;
}

impl Crowd {
    pub(super) fn contains(&self, person: u32) -> bool {
        self.members.contains(&person)
    }

    /// Takes a person in.
    pub(super) fn add<'a>(&mut self, person: u32, spellings: impl Iterator<Item = &'a [u32]>) {
        self.members.insert(person);
        spellings.for_each(|spelling| self.learn(person, spelling));
    }

    /// One of its persons has another spelling, too.
    pub(super) fn learn(&mut self, person: u32, spelling: &[u32]) {
        if spelling.len() > MOST_WORDS {
            self.wordy.push(person);
            return;
        }
        for part in parts(spelling) {
            self.by_part.entry(part).or_default().push(person);
        }
        self.by_longest.entry(spelling.into()).or_default().push(person);
    }

    /// The persons whom a name means; of several only two.
    pub(super) fn fitting(&mut self, name: &[u32], judge: &impl Judge) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        if name.is_empty() || name.len() > MOST_WORDS {
            look_at(&self.members, judge, &mut found);
            return found;
        }
        if let Some(persons) = self.by_part.get_mut(name) {
            let mut place = 0;
            while let Some(person) = persons.get(place).copied().filter(|_| found.len() < 2) {
                if judge.fits(person) {
                    found.insert(person);
                    place += 1;
                } else {
                    persons.swap_remove(place);
                }
            }
        }
        for part in parts(name) {
            if let Some(persons) = self.by_longest.get_mut(&part) {
                persons.retain(|person| judge.is_longest(*person, &part));
                look_at(persons.iter(), judge, &mut found);
            }
        }
        look_at(&self.wordy, judge, &mut found);
        found
    }
}

fn look_at<'p>(persons: impl IntoIterator<Item = &'p u32>, judge: &impl Judge, found: &mut BTreeSet<u32>) {
    for person in persons {
        if found.len() >= 2 {
            return;
        }
        if judge.fits(*person) {
            found.insert(*person);
        }
    }
}

/// The parts by which a name is known: itself, and every two and more of its words.
fn parts(name: &[u32]) -> impl Iterator<Item = Name> {
    let all = (1_u32 << name.len()) - 1;
    let least = name.len().min(2);
    (1..=all).filter(move |chosen| chosen.count_ones() as usize >= least).map(move |chosen| {
        let words = name.iter().enumerate().filter(|(place, _)| chosen >> place & 1 == 1);
        words.map(|(_, word)| *word).collect()
    })
}
