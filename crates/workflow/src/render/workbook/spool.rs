//! Problems on their way to their sheet: grouped by the responsible person, whatever their number.
//!
//! They wait in one unnamed file; [`HELD`] bytes of them are in memory, and one range of the file per person each time
//! those are full.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Bytes kept in memory.
const HELD: usize = 4 * 1024 * 1024;

/// One problem of one invoice, in the words of the sheet.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Remark {
    pub(super) id: Option<u64>,
    pub(super) number: String,
    pub(super) client: String,
    pub(super) severity: String,
    pub(super) reason: String,
    pub(super) value: String,
    pub(super) remedy: String,
    pub(super) field: String,
    pub(super) url: String,
}

/// Whose problems, and which: errors before warnings, people by name, nobody last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Owner {
    nobody: bool,
    pub(super) name: Option<String>,
    warning: bool,
}

impl Owner {
    pub(super) fn new(name: Option<&str>, urgent: bool) -> Self {
        Self { nobody: name.is_none(), name: name.map(str::to_owned), warning: !urgent }
    }

    pub(super) fn urgent(&self) -> bool {
        !self.warning
    }
}

#[derive(Debug, Default)]
struct Pile {
    held: Vec<u8>,
    ranges: Vec<(u64, u64)>,
    count: u64,
}

/// The problems of a register.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    end: u64,
    piles: BTreeMap<Owner, Pile>,
    held: usize,
}

impl Spool {
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile_in(folder)?, end: 0, piles: BTreeMap::new(), held: 0 })
    }

    pub(super) fn add(&mut self, owner: &Owner, remark: &Remark) -> io::Result<()> {
        if !self.piles.contains_key(owner) {
            self.piles.insert(owner.clone(), Pile::default());
        }
        let Some(pile) = self.piles.get_mut(owner) else { return Ok(()) };
        let before = pile.held.len();
        serde_json::to_writer(&mut pile.held, remark)?;
        pile.held.push(b'\n');
        pile.count += 1;
        self.held += pile.held.len() - before;
        if self.held > HELD { self.put_down() } else { Ok(()) }
    }

    /// How many problems each person has, in the order of the sheet.
    pub(super) fn people(&self) -> Vec<(Option<String>, u64)> {
        let mut counts: Vec<(Option<String>, u64)> = Vec::new();
        for (owner, pile) in &self.piles {
            match counts.last_mut() {
                Some((name, count)) if *name == owner.name => *count += pile.count,
                _ => counts.push((owner.name.clone(), pile.count)),
            }
        }
        counts
    }

    /// Hands over every problem, person by person.
    pub(super) fn each<E: From<io::Error>>(
        mut self,
        mut take: impl FnMut(&Owner, Remark) -> Result<(), E>,
    ) -> Result<(), E> {
        for (owner, pile) in &self.piles {
            for (start, length) in &pile.ranges {
                self.file.seek(SeekFrom::Start(*start))?;
                for line in BufReader::new((&self.file).take(*length)).lines() {
                    take(owner, serde_json::from_str(&line?).map_err(io::Error::from)?)?;
                }
            }
            for line in pile.held.lines() {
                take(owner, serde_json::from_str(&line?).map_err(io::Error::from)?)?;
            }
        }
        Ok(())
    }

    fn put_down(&mut self) -> io::Result<()> {
        for pile in self.piles.values_mut().filter(|pile| !pile.held.is_empty()) {
            self.file.write_all(&pile.held)?;
            let length = pile.held.len() as u64;
            pile.ranges.push((self.end, length));
            self.end += length;
            pile.held = Vec::new();
        }
        self.held = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remark(id: u64) -> Remark {
        let text = || "текст".repeat(40);
        Remark {
            id: Some(id),
            number: text(),
            client: text(),
            severity: text(),
            reason: text(),
            value: text(),
            remedy: text(),
            field: text(),
            url: text(),
        }
    }

    #[test]
    fn problems_come_back_by_person_errors_first_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path()).unwrap();
        let people = [None, Some("Яна"), Some("Анна")];
        for id in 0..6_000 {
            let place = usize::try_from(id % 3).unwrap();
            spool.add(&Owner::new(people[place], id % 2 == 0), &remark(id)).unwrap();
        }
        assert!(spool.end > 0, "so many do not stay in memory");
        let people = [Some("Анна"), Some("Яна"), None].map(|name| (name.map(str::to_owned), 2000));
        assert_eq!(spool.people(), people);
        let mut seen: Vec<(Owner, u64)> = Vec::new();
        let taken: io::Result<()> = spool.each(|owner, remark| {
            seen.push((owner.clone(), remark.id.unwrap()));
            Ok(())
        });
        taken.unwrap();
        assert_eq!(seen.len(), 6_000);
        assert!(seen.is_sorted(), "by person, errors first, then by id");
        assert!(seen[0].0.urgent());
    }
}
