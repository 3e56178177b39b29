//! From vectors to codes, and from a query to what codes are compared with.

use super::Word;
use super::rotation::Rotation;

/// Bits of a [`Word`].
const UNIT: usize = 256;
/// The query has four bits for each component where a vector has one: its own rounding then adds little to theirs.
const PLANES: usize = 4;
const PLANE_LARGEST: f32 = 7.0;
const BYTE_LARGEST: f32 = 127.0;

#[derive(Debug)]
pub(super) struct Encoder {
    centre: Vec<f32>,
    rotation: Rotation,
    words: usize,
}

/// What is kept of a vector. With `y` for the vector from the mean, and `q` for the query from it, the product of vector
/// and query is, but for what is the same for all vectors, `q · y + offset`; the bits give the first part as
/// `factor · Σ ±q`, the bytes as `scale · Σ byte · q`.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) bits: Vec<Word>,
    pub(super) factor: f32,
    pub(super) offset: f32,
    pub(super) scale: f32,
    pub(super) bytes: Vec<u8>,
}

/// A query, as codes are compared with it.
#[derive(Debug)]
pub(super) struct Question {
    /// For each word of a code: ones, twos, fours and minus eights.
    pub(super) planes: Vec<[Word; PLANES]>,
    /// Twice the worth of a one.
    pub(super) step: f32,
    /// What it would be if no bit were set.
    pub(super) floor: f32,
    pub(super) bytes: Vec<i8>,
    pub(super) scale: f32,
    /// Of the query, from the mean.
    pub(super) length: f32,
}

impl Encoder {
    pub(super) fn new(centre: Vec<f32>) -> Self {
        let words = centre.len().div_ceil(UNIT).max(1);
        Self { rotation: Rotation::new(words * UNIT), centre, words }
    }

    pub(super) fn centre(&self) -> &[f32] {
        &self.centre
    }

    /// Units of a code of bits.
    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// Components after the rotation.
    pub(super) fn components(&self) -> usize {
        self.words * UNIT
    }

    fn rotated(&self, vector: &[f32]) -> Vec<f32> {
        let mut values = Vec::with_capacity(self.components());
        values.extend(vector.iter().zip(&self.centre).map(|(component, mean)| component - mean));
        values.resize(self.components(), 0.0);
        self.rotation.apply(&mut values);
        values
    }

    pub(super) fn encode(&self, vector: &[f32]) -> Code {
        let offset = vector.iter().zip(&self.centre).map(|(component, mean)| (component - mean) * mean).sum();
        let values = self.rotated(vector);
        let squares: f32 = values.iter().map(|value| value * value).sum();
        let sum: f32 = values.iter().map(|value| value.abs()).sum();
        let bits = values.chunks_exact(UNIT).map(|unit| word(unit, |value| *value > 0.0)).collect();
        let (bytes, scale) = quantised(&values, BYTE_LARGEST);
        let bytes = bytes.into_iter().map(i8::cast_unsigned).collect();
        Code { bits, factor: if sum > 0.0 { squares / sum } else { 0.0 }, offset, scale, bytes }
    }

    pub(super) fn question(&self, query: &[f32]) -> Question {
        let values = self.rotated(query);
        let (small, step) = quantised(&values, PLANE_LARGEST);
        let plane = |unit: &[i8], bit: usize| word(unit, |value| value.cast_unsigned() >> bit & 1 == 1);
        let planes = small.chunks_exact(UNIT).map(|unit| std::array::from_fn(|bit| plane(unit, bit)));
        let sum: f32 = small.iter().map(|&value| f32::from(value)).sum();
        let (bytes, scale) = quantised(&values, BYTE_LARGEST);
        let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
        Question { planes: planes.collect(), step: step * 2.0, floor: -sum * step, bytes, scale, length }
    }
}

/// The components as whole numbers up to `largest`, and what one is worth.
fn quantised(values: &[f32], largest: f32) -> (Vec<i8>, f32) {
    let greatest = values.iter().fold(0.0_f32, |greatest, value| greatest.max(value.abs()));
    if greatest == 0.0 {
        return (vec![0; values.len()], 0.0);
    }
    let per_unit = largest / greatest;
    #[expect(clippy::cast_possible_truncation, reason = "rounded and between -127 and 127")]
    let whole = values.iter().map(|value| (value * per_unit).round() as i8).collect();
    (whole, greatest / largest)
}

/// 256 bits of as many values.
fn word<T>(unit: &[T], bit: impl Fn(&T) -> bool) -> Word {
    let mut word = [0; 4];
    for (part, values) in word.iter_mut().zip(unit.chunks_exact(64)) {
        *part = values.iter().rev().fold(0, |bits, value| bits << 1 | u64::from(bit(value)));
    }
    word
}
