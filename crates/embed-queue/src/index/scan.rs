//! Comparing a query with codes of one bit a component, at the speed of the machine's vector instructions.

use pulp::{Arch, NullaryFnOnce};

use super::Word;
use super::encoder::Question;

pub(super) struct Codes<'a> {
    pub(super) bits: &'a [Word],
    pub(super) factors: &'a [f32],
    pub(super) offsets: &'a [f32],
    pub(super) words: usize,
}

/// The score of every code, or of those in these slots.
pub(super) fn scores(codes: &Codes<'_>, question: &Question, slots: Option<&[usize]>) -> Vec<f32> {
    let arch = Arch::new();
    let Some(slots) = slots else {
        let mut scores = Vec::with_capacity(codes.factors.len());
        arch.dispatch(Block { codes, question, scores: &mut scores });
        return scores;
    };
    let mut scores = Vec::with_capacity(slots.len());
    for &slot in slots {
        let codes = Codes {
            bits: &codes.bits[slot * codes.words..(slot + 1) * codes.words],
            factors: &codes.factors[slot..=slot],
            offsets: &codes.offsets[slot..=slot],
            words: codes.words,
        };
        arch.dispatch(Block { codes: &codes, question, scores: &mut scores });
    }
    scores
}

struct Block<'a> {
    codes: &'a Codes<'a>,
    question: &'a Question,
    scores: &'a mut Vec<f32>,
}

impl NullaryFnOnce for Block<'_> {
    type Output = ();

    #[expect(clippy::inline_always, reason = "the caller is compiled once for each instruction set")]
    #[inline(always)]
    fn call(self) {
        let Self { codes, question, scores } = self;
        let numbers = codes.factors.iter().zip(codes.offsets);
        for (code, (factor, offset)) in codes.bits.chunks_exact(codes.words).zip(numbers) {
            let mut counts = [[0_u64; 4]; 4];
            for (word, planes) in code.iter().zip(&question.planes) {
                for (counts, plane) in counts.iter_mut().zip(planes) {
                    for ((count, ours), theirs) in counts.iter_mut().zip(word).zip(plane) {
                        *count += u64::from((ours & theirs).count_ones());
                    }
                }
            }
            let [ones, twos, fours, eights] = counts.map(|counts| counts.iter().sum::<u64>().cast_signed());
            #[expect(clippy::cast_precision_loss, reason = "eight times the number of components at most")]
            let sum = (ones + twos * 2 + fours * 4 - eights * 8) as f32;
            scores.push(factor * (question.step * sum + question.floor) + offset);
        }
    }
}

/// The product of two codes of a byte a component.
pub(super) fn dot(ours: &[i8], theirs: &[u8]) -> f32 {
    Arch::new().dispatch(Bytes { ours, theirs })
}

struct Bytes<'a> {
    ours: &'a [i8],
    theirs: &'a [u8],
}

impl NullaryFnOnce for Bytes<'_> {
    type Output = f32;

    #[expect(clippy::inline_always, reason = "the caller is compiled once for each instruction set")]
    #[inline(always)]
    fn call(self) -> f32 {
        let product = |(&one, &other): (&i8, &u8)| i32::from(i16::from(one) * i16::from(other.cast_signed()));
        let sum: i32 = self.ours.iter().zip(self.theirs).map(product).sum();
        #[expect(clippy::cast_precision_loss, reason = "a score of quantised numbers")]
        let sum = sum as f32;
        sum
    }
}
