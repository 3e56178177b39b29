//! The index against exact comparison, and its file against whatever may happen to it.

use std::fs;

use proptest::prelude::*;

use super::*;

const DIMENSIONS: usize = 96;

fn stamp() -> Stamp {
    Stamp { database: [7; 16], space: Hash::of("space"), dimensions: DIMENSIONS }
}

/// Numbers between -1 and 1 that look like chance and are always the same.
struct Numbers(u32);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(u16::try_from(self.0 >> 16).unwrap()) / 32_768.0 - 1.0
    }

    /// A unit vector around a point that it shares with all others, most of whose components are nothing.
    fn vector(&mut self, shared: f32, filled: usize) -> Vec<f32> {
        let mut vector = vec![shared; DIMENSIONS];
        for _ in 0..filled {
            let place = (self.next().abs() * 95.9).floor();
            let place =
                (0..DIMENSIONS).find(|&index| f32::from(u16::try_from(index).unwrap()) >= place).unwrap();
            vector[place] += self.next();
        }
        crate::vector::Vector::new(vector, DIMENSIONS)
            .map_or_else(|_| self.vector(1.0, filled), |unit| unit.components().to_vec())
    }
}

fn dot(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

fn index_of(vectors: &[Vec<f32>]) -> Index {
    let mut centre = vec![0.0; DIMENSIONS];
    for vector in vectors {
        for (mean, component) in centre.iter_mut().zip(vector) {
            *mean += component / f32::from(u16::try_from(vectors.len()).unwrap());
        }
    }
    let mut index = Index::new(stamp(), centre, vectors.len());
    for (id, vector) in (1..).zip(vectors) {
        index.add(id, vector);
    }
    index
}

fn exactly(vectors: &[Vec<f32>], query: &[f32], count: usize) -> Vec<i64> {
    let mut ranked: Vec<(f32, i64)> =
        (1..).zip(vectors).map(|(id, vector)| (dot(vector, query), id)).collect();
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0));
    ranked.into_iter().take(count).map(|(_, id)| id).collect()
}

#[test]
fn what_is_nearest_is_among_the_candidates_whatever_the_vectors_look_like() {
    for (shared, filled) in [(0.0, 200), (0.5, 200), (0.0, 6)] {
        let mut numbers = Numbers(1);
        let vectors: Vec<Vec<f32>> = (0..3_000).map(|_| numbers.vector(shared, filled)).collect();
        let mut index = index_of(&vectors);
        let (mut found, mut wanted) = (0, 0);
        for _ in 0..20 {
            let query = numbers.vector(shared, filled);
            let candidates = index.nearest(&query, None, 60).unwrap();
            let right = exactly(&vectors, &query, 10);
            found += right.iter().filter(|id| candidates.contains(id)).count();
            wanted += right.len();
        }
        assert!(found * 100 >= wanted * 99, "{found} of {wanted} with {shared}, {filled}");
    }
}

#[test]
fn only_what_is_asked_for_and_nothing_that_is_gone() {
    let mut numbers = Numbers(2);
    let vectors: Vec<Vec<f32>> = (0..300).map(|_| numbers.vector(0.1, 50)).collect();
    let mut index = index_of(&vectors);
    let only: Vec<i64> = (1..=300).filter(|id| id % 3 == 0).collect();
    let found = index.nearest(&vectors[8], Some(&only), 5).unwrap();
    assert_eq!((found.len(), found[0]), (5, 9));
    assert!(found.iter().all(|id| id % 3 == 0));
    index.remove(9);
    index.remove(9);
    index.remove(4_711);
    assert_eq!(index.len(), 299);
    for only in [Some(only.as_slice()), None] {
        assert!(!index.nearest(&vectors[8], only, 300).unwrap().contains(&9));
    }
}

#[test]
fn the_file_gives_the_same_index_again_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = side_file::beside(&folder.path().join("index.db"));
    let mut numbers = Numbers(3);
    let vectors: Vec<Vec<f32>> = (0..400).map(|_| numbers.vector(0.2, 80)).collect();
    let mut index = index_of(&vectors);
    index.followed = Followed { vectors: 400, removals: 3, newest: (400, Hash::of("text")) };
    let answers = |index: &mut Index| -> Vec<Vec<i64>> {
        vectors.iter().take(20).map(|query| index.nearest(query, None, 7).unwrap()).collect()
    };
    let first = answers(&mut index);
    index.save(&path).unwrap();
    assert_eq!(answers(&mut index), first);
    let mut again = side_file::load(&path, stamp()).unwrap();
    assert_eq!((answers(&mut again), again.followed), (first, index.followed));
    // Removed and new ones, over two generations of the file.
    for round in 0..2 {
        again.remove(round * 10 + 1);
        again.add(1_000 + round, &vectors[0]);
        let before = answers(&mut again);
        again.save(&path).unwrap();
        again = side_file::load(&path, stamp()).unwrap();
        assert_eq!(answers(&mut again), before);
    }
    assert_eq!((again.len(), before_and_after(&mut again, &vectors[0])), (400, vec![1_000, 1_001]));
}

fn before_and_after(index: &mut Index, query: &[f32]) -> Vec<i64> {
    let mut two = index.nearest(query, None, 2).unwrap();
    two.sort_unstable();
    two
}

#[test]
fn another_file_s_or_space_s_index_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.vectors");
    assert!(side_file::load(&path, stamp()).is_none());
    let mut numbers = Numbers(4);
    index_of(&[numbers.vector(0.0, 90)]).save(&path).unwrap();
    assert!(side_file::load(&path, stamp()).is_some());
    assert!(side_file::load(&path, Stamp { database: [8; 16], ..stamp() }).is_none());
    assert!(side_file::load(&path, Stamp { space: Hash::of("other"), ..stamp() }).is_none());
    assert!(side_file::load(&path, Stamp { dimensions: 97, ..stamp() }).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_harmed_file_is_noticed(place in any::<prop::sample::Index>(), change in 1_u8..=255, cut in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.vectors");
        let mut numbers = Numbers(5);
        let vectors: Vec<Vec<f32>> = (0..12).map(|_| numbers.vector(0.0, 90)).collect();
        index_of(&vectors).save(&path).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let place = place.index(bytes.len());
        if cut { bytes.truncate(place) } else { bytes[place] ^= change }
        fs::write(&path, &bytes).unwrap();
        let unharmed = side_file::load(&path, stamp()).is_some_and(|mut index| index.nearest(&vectors[0], None, 12).is_ok());
        prop_assert!(!unharmed);
    }
}
