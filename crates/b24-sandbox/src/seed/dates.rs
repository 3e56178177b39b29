//! Days of the seed: all between 2025-01-01 and 2026-12-31.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, date};

use super::mix::{Dice, Topic};

/// All days a seeded date may fall on.
#[derive(Debug)]
pub(super) struct Days(Vec<Date>);

impl Days {
    pub(super) fn new() -> Self {
        Self(date(2025, 1, 1).series(1.day()).take_while(|day| *day <= date(2026, 12, 31)).collect())
    }

    pub(super) fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// The day of this number, the last one for numbers beyond.
    pub(super) fn at(&self, number: u64) -> Date {
        let last = self.0.len() - 1;
        self.0[usize::try_from(number).unwrap_or(last).min(last)]
    }

    /// The number of the day for the `n`-th of `count` elements: rising with n, jittered by ten days.
    pub(super) fn spread(&self, dice: Dice, n: u64, count: u64) -> u64 {
        let even = (n * self.len() + self.len() / 2) / count.max(1);
        (even + dice.below(Topic::Day, n, 21)).saturating_sub(10).min(self.len() - 1)
    }
}

/// A moment of a working day.
pub(super) fn working_hour(dice: Dice, day: Date, element: u64) -> DateTime {
    let draw = dice.roll(Topic::Hour, element);
    let part = |value: u64| i8::try_from(value).unwrap_or(0);
    day.at(9 + part(draw % 9), part(draw / 9 % 60), part(draw / 540 % 60), 0)
}
