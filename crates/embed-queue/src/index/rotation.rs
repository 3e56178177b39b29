//! A fixed rotation after which every component is a mixture of all.
//!
//! Signs alone say little of a vector whose components are mostly zero, or of which a few are large. A random rotation
//! makes them alike, and then the error of one bit a component is bounded whatever the vectors are (`RaBitQ`, Gao and Long
//! 2024). Random signs and Walsh-Hadamard transforms, alternating between the first and the last components, do that in
//! n log n steps.

/// Rounds of signs and transforms: two reach every component from every other, four mix evenly.
const ROUNDS: u64 = 4;

#[derive(Debug)]
pub(super) struct Rotation {
    /// Components of one transform, a power of two.
    block: usize,
    /// What each component is multiplied with before each round, the transform's own factor included.
    factors: Vec<Vec<f32>>,
}

impl Rotation {
    /// Of so many components.
    pub(super) fn new(size: usize) -> Self {
        let block: usize = 1 << size.ilog2();
        let scale = (0..block.ilog2()).fold(1.0_f32, |scale, _| scale * std::f32::consts::FRAC_1_SQRT_2);
        let factors = (0..ROUNDS).map(|round| {
            let place = start(round, size, block);
            let factor = |index: usize| {
                let sign = if mixed(round << 32 | index as u64) & 1 == 0 { 1.0 } else { -1.0 };
                if (place..place + block).contains(&index) { sign * scale } else { sign }
            };
            (0..size).map(factor).collect()
        });
        Self { block, factors: factors.collect() }
    }

    pub(super) fn apply(&self, values: &mut [f32]) {
        for (round, factors) in (0..).zip(&self.factors) {
            for (value, factor) in values.iter_mut().zip(factors) {
                *value *= factor;
            }
            let place = start(round, factors.len(), self.block);
            transform(&mut values[place..place + self.block]);
        }
    }
}

/// Even rounds transform the first components, odd ones the last.
fn start(round: u64, size: usize, block: usize) -> usize {
    if round.is_multiple_of(2) { 0 } else { size - block }
}

fn transform(values: &mut [f32]) {
    let mut half = 1;
    while half < values.len() {
        for pair in values.chunks_exact_mut(half * 2) {
            let (left, right) = pair.split_at_mut(half);
            for (left, right) in left.iter_mut().zip(right) {
                (*left, *right) = (*left + *right, *left - *right);
            }
        }
        half *= 2;
    }
}

/// The finaliser of splitmix64: the same signs on every machine, for ever, as codes are kept in files.
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_angles_stay_and_one_component_becomes_many() {
        for size in [256, 512, 768, 1_280, 1_536, 3_072] {
            let rotation = Rotation::new(size);
            let mut one = vec![0.0; size];
            one[size - 1] = 1.0;
            let mut other = vec![0.0; size];
            (other[0], other[size - 1]) = (0.8, 0.6);
            rotation.apply(&mut one);
            rotation.apply(&mut other);
            let dot = |one: &[f32], other: &[f32]| one.iter().zip(other).map(|(a, b)| a * b).sum::<f32>();
            assert!((dot(&one, &one) - 1.0).abs() < 1e-4);
            assert!((dot(&other, &other) - 1.0).abs() < 1e-4);
            assert!((dot(&one, &other) - 0.6).abs() < 1e-4);
            let largest = one.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
            assert!(largest < 0.5, "{size}: {largest}");
        }
    }
}
