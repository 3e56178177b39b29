//! The highest scores of many.

/// Keeps the highest scores without sorting more than it must: what is offered below the lowest kept one costs one
/// comparison.
#[derive(Debug)]
pub(super) struct Best {
    count: usize,
    least: f32,
    kept: Vec<(f32, usize)>,
}

impl Best {
    pub(super) fn new(count: usize) -> Self {
        Self { count, least: f32::NEG_INFINITY, kept: Vec::with_capacity(count * 2) }
    }

    #[inline]
    pub(super) fn offer(&mut self, score: f32, slot: usize) {
        if score > self.least {
            self.keep(score, slot);
        }
    }

    fn keep(&mut self, score: f32, slot: usize) {
        self.kept.push((score, slot));
        if self.kept.len() >= self.count * 2 {
            self.kept.select_nth_unstable_by(self.count - 1, |one, other| other.0.total_cmp(&one.0));
            self.kept.truncate(self.count);
            self.least = self.kept.last().map_or(f32::NEG_INFINITY, |last| last.0);
        }
    }

    /// The score at a place, counted from 0; less than any if there are not so many.
    pub(super) fn score_at(&mut self, place: usize) -> f32 {
        if place >= self.kept.len() {
            return f32::NEG_INFINITY;
        }
        self.kept.select_nth_unstable_by(place, |one, other| other.0.total_cmp(&one.0)).1.0
    }

    /// Best first.
    pub(super) fn ranked(mut self) -> Vec<usize> {
        self.kept.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        self.kept.truncate(self.count);
        self.kept.into_iter().map(|(_, slot)| slot).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_are_kept_whatever_the_order() {
        let mut best = Best::new(3);
        for slot in 0..1_000_usize {
            let score = f32::from(u16::try_from(slot * 7_919 % 1_000).unwrap());
            best.offer(score, slot);
        }
        let scores: Vec<usize> = best.ranked().iter().map(|slot| slot * 7_919 % 1_000).collect();
        assert_eq!(scores, [999, 998, 997]);
    }
}
