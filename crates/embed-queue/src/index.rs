//! The vectors of one space in short codes, to find the few that are worth reading.
//!
//! The plain table of vectors is the truth; everything here can be made from it again. A vector has a code of one bit for
//! each component, scanned for every query, and one of a byte for each component, read for the best of the first; the
//! best of those are compared exactly, from the table, by the caller. Components are rotated first (see [`rotation`]), so
//! that a bit says as much of a sparse vector as of a dense one, and counted from the mean, because the vectors of most
//! models share a large part.

mod best;
mod encoder;
mod rotation;
mod rows;
mod scan;
pub(crate) mod side_file;

use std::collections::{HashMap, HashSet};

use crate::hash::Hash;
use best::Best;
use encoder::{Encoder, Question};
use rows::Rows;

/// Components of a code's unit, 256 of them: the width of vector registers.
type Word = [u64; 4];

/// A vector that can no longer be found.
const GONE: f32 = f32::NEG_INFINITY;
/// What the bits choose for the bytes to compare first.
const CHOSEN: usize = 1_000;
/// After that, what may still be better than this place of the first ones, by the error that one bit a component makes:
/// 0.6 of a code's factor is its standard deviation, and nearest ones are lost beyond so many of these.
const PLACE: usize = 16;
const DEVIATION: f32 = 0.6;
const DEVIATIONS: f32 = 2.0;
/// The most of all that is compared so, one in this number: vectors without any order need one in twenty.
const PART: usize = 8;
/// A process that asks so often has use for the bytes in memory.
const OFTEN: usize = 4;

/// Of what an index is: the file and the space, as their own names for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) database: [u8; 16],
    pub(crate) space: Hash,
    pub(crate) dimensions: usize,
}

/// How far an index has followed the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Followed {
    /// No vector with a higher id is in it.
    pub(crate) vectors: i64,
    /// The last removal that was seen.
    pub(crate) removals: i64,
    /// The newest vector and its text: another file's has another one under this id.
    pub(crate) newest: (i64, Hash),
}

/// What was read makes no sense: the index is not believed in any part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InDoubt;

/// Codes of vectors, in the order of their ids.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) stamp: Stamp,
    pub(crate) followed: Followed,
    encoder: Encoder,
    ids: Vec<i64>,
    bits: Vec<Word>,
    factors: Vec<f32>,
    offsets: Vec<f32>,
    rows: Rows,
    gone: usize,
    /// Vectors that the mean was taken of, all there were.
    centred_on: usize,
    /// Changes since it was written or read.
    unsaved: usize,
    /// Queries so far.
    asked: usize,
}

impl Index {
    /// An empty index for so many vectors around their mean.
    pub(crate) fn new(stamp: Stamp, centre: Vec<f32>, count: usize) -> Self {
        let encoder = Encoder::new(centre);
        let mut bits = Vec::new();
        bits.reserve_exact(count * encoder.words());
        Self {
            stamp,
            followed: Followed { vectors: 0, removals: 0, newest: (0, Hash::of("")) },
            ids: Vec::with_capacity(count),
            bits,
            factors: Vec::with_capacity(count),
            offsets: Vec::with_capacity(count),
            rows: Rows::new(encoder.components(), count),
            gone: 0,
            centred_on: count,
            unsaved: 0,
            asked: 0,
            encoder,
        }
    }

    /// Vectors that can be found.
    pub(crate) fn len(&self) -> usize {
        self.ids.len() - self.gone
    }

    /// Worth writing: what a new process would have to do again is more than what it reads.
    pub(crate) fn is_stale(&self) -> bool {
        self.unsaved > 1_000 + self.ids.len() / 20
    }

    pub(crate) fn is_unsaved(&self) -> bool {
        self.unsaved > 0
    }

    /// Until much has changed again.
    pub(crate) fn give_up_saving(&mut self) {
        self.unsaved = 0;
    }

    pub(crate) fn has(&self, id: i64) -> bool {
        self.ids.binary_search(&id).is_ok_and(|slot| self.offsets[slot] > GONE)
    }

    /// The mean is that of a quarter of the vectors or less.
    pub(crate) fn is_off_centre(&self) -> bool {
        self.len() / 4 > self.centred_on.max(1)
    }

    /// Appends a vector; ids only grow.
    pub(crate) fn add(&mut self, id: i64, vector: &[f32]) {
        let code = self.encoder.encode(vector);
        self.ids.push(id);
        self.bits.extend(code.bits);
        self.factors.push(code.factor);
        self.offsets.push(code.offset);
        self.rows.push(code.scale, &code.bytes);
        self.unsaved += 1;
    }

    pub(crate) fn remove(&mut self, id: i64) {
        if let Ok(slot) = self.ids.binary_search(&id)
            && self.offsets[slot] > GONE
        {
            (self.factors[slot], self.offsets[slot]) = (0.0, GONE);
            self.gone += 1;
            self.unsaved += 1;
        }
    }

    /// Ids of the vectors that are probably nearest, best first; of all, or of those whose ids are given in order.
    ///
    /// # Errors
    /// The side file is not what was written.
    pub(crate) fn nearest(
        &mut self,
        query: &[f32],
        only: Option<&[i64]>,
        count: usize,
    ) -> Result<Vec<i64>, InDoubt> {
        self.asked += 1;
        if self.asked == OFTEN {
            self.rows.settle_in().ok_or(InDoubt)?;
        }
        let question = self.encoder.question(query);
        let slots: Option<Vec<usize>> =
            only.map(|ids| ids.iter().filter_map(|id| self.ids.binary_search(id).ok()).collect());
        let codes = scan::Codes {
            bits: &self.bits,
            factors: &self.factors,
            offsets: &self.offsets,
            words: self.encoder.words(),
        };
        let mut scores = scan::scores(&codes, &question, slots.as_deref());
        let slot = |place: usize| slots.as_ref().map_or(place, |slots| slots[place]);
        let mut first = Best::new(CHOSEN.max(count * 2));
        for (place, &score) in scores.iter().enumerate() {
            first.offer(score, place);
        }
        let first = first.ranked();
        let mut best = Best::new(count);
        compare(&mut self.rows, &question, &self.offsets, first.iter().map(|&place| slot(place)), &mut best)?;
        for place in first {
            scores[place] = GONE;
        }
        let reach = DEVIATIONS * DEVIATION * question.length;
        let (least, mut rest) = (best.score_at(PLACE), Best::new((scores.len() / PART).max(1)));
        for (place, &score) in scores.iter().enumerate() {
            let highest = score + reach * self.factors[slot(place)];
            if highest >= least {
                rest.offer(highest, place);
            }
        }
        compare(&mut self.rows, &question, &self.offsets, rest.ranked().into_iter().map(slot), &mut best)?;
        Ok(best.ranked().into_iter().map(|slot| self.ids[slot]).collect())
    }
}

impl Index {
    /// Ids of the vectors that are probably nearest of their documents, for so many documents, best first. Members are ids
    /// with their documents.
    ///
    /// # Errors
    /// The side file is not what was written.
    pub(crate) fn nearest_of_each(
        &mut self,
        query: &[f32],
        members: &[(i64, i64)],
        count: usize,
    ) -> Result<Vec<i64>, InDoubt> {
        let question = self.encoder.question(query);
        let mut nearest: HashMap<i64, (f32, usize)> = HashMap::new();
        for (id, document) in members {
            let Ok(slot) = self.ids.binary_search(id) else { continue };
            let score = self.rows.get(slot).ok_or(InDoubt)?.dot(&question) + self.offsets[slot];
            let best = nearest.entry(*document).or_insert((GONE, slot));
            if score > best.0 {
                *best = (score, slot);
            }
        }
        let mut best = Best::new(count);
        for (score, slot) in nearest.into_values() {
            best.offer(score, slot);
        }
        let mut ids: Vec<i64> = best.ranked().into_iter().map(|slot| self.ids[slot]).collect();
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        Ok(ids)
    }
}

/// Offers what the bytes say of these slots.
fn compare(
    rows: &mut Rows,
    question: &Question,
    offsets: &[f32],
    slots: impl Iterator<Item = usize>,
    best: &mut Best,
) -> Result<(), InDoubt> {
    let mut slots: Vec<usize> = slots.collect();
    // In the order of the file.
    slots.sort_unstable();
    for slot in slots {
        let row = rows.get(slot).ok_or(InDoubt)?;
        best.offer(row.dot(question) + offsets[slot], slot);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
