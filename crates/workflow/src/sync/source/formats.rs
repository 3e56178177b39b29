//! How a source spells numbers, dates and times.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Guess;
use crate::sync::Record;

/// Between the whole and the fraction of a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DecimalMark {
    /// `1234.50`
    #[default]
    #[serde(rename = ".")]
    Point,
    /// `1 234,50`
    #[serde(rename = ",")]
    Comma,
}

/// How a source spells numbers, dates and times. ISO 8601 is understood beside the formats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formats {
    /// The decimal mark.
    pub decimal: DecimalMark,
    /// Formats of dates and times in the letters of `strptime`.
    pub dates: Vec<String>,
    /// The zone of times without offset.
    pub zone: TimeZone,
}

impl Formats {
    /// A number. Spaces between groups of digits are no part of it; the other decimal mark makes it no number.
    #[must_use]
    pub fn number(&self, text: &str) -> Option<Decimal> {
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let plain = match self.decimal {
            DecimalMark::Point if !plain.contains(',') => plain,
            DecimalMark::Comma if !plain.contains('.') => plain.replace(',', "."),
            DecimalMark::Point | DecimalMark::Comma => return None,
        };
        if plain.starts_with('.') || plain.ends_with('.') || plain.contains('_') {
            return None;
        }
        Decimal::from_str_exact(&plain).or_else(|_| Decimal::from_scientific(&plain)).ok()
    }

    /// A civil date; of an instant with offset, the date in the source's zone.
    #[must_use]
    pub fn date(&self, text: &str) -> Option<Date> {
        self.read(text.trim()).map(|moment| match moment {
            Moment::Instant(instant) => instant.to_zoned(self.zone.clone()).date(),
            Moment::Civil(civil) => civil.date(),
        })
    }

    /// An instant; a time without offset is one of the source's zone, a date alone its midnight there.
    #[must_use]
    pub fn instant(&self, text: &str) -> Option<Timestamp> {
        match self.read(text.trim())? {
            Moment::Instant(instant) => Some(instant),
            Moment::Civil(civil) => {
                self.zone.to_ambiguous_zoned(civil).compatible().ok().map(Timestamp::from)
            }
        }
    }

    /// A date and time on the clocks of the source's zone.
    #[must_use]
    pub fn date_time(&self, text: &str) -> Option<DateTime> {
        self.read(text.trim()).map(|moment| match moment {
            Moment::Instant(instant) => instant.to_zoned(self.zone.clone()).datetime(),
            Moment::Civil(civil) => civil,
        })
    }

    fn read(&self, text: &str) -> Option<Moment> {
        if let Ok(instant) = text.parse() {
            return Some(Moment::Instant(instant));
        }
        // A bare number is a compact ISO date to the parser; to people it is a number.
        if !text.chars().all(|c| c.is_ascii_digit())
            && let Ok(civil) = text.parse()
        {
            return Some(Moment::Civil(civil));
        }
        self.dates.iter().find_map(|format| {
            let parsed = strtime::parse(format, text).ok()?;
            if let Ok(instant) = parsed.to_timestamp() {
                return Some(Moment::Instant(instant));
            }
            let date = parsed.to_date().ok()?;
            Some(Moment::Civil(parsed.to_time().map_or(date.at(0, 0, 0, 0), |time| date.to_datetime(time))))
        })
    }
}

enum Moment {
    Instant(Timestamp),
    Civil(DateTime),
}

/// What the settings leave open is guessed from the first rows.
pub(super) fn settle(
    zone: TimeZone,
    decimal: Option<DecimalMark>,
    dates: Vec<String>,
    rows: &[Record],
    guesses: &mut Vec<Guess>,
) -> Formats {
    let values = || {
        rows.iter().flat_map(|row| row.columns().iter().filter_map(|column| row.get(column))).map(str::trim)
    };
    let decimal = decimal.unwrap_or_else(|| guess_decimal(values(), guesses));
    let dates = if dates.is_empty() { guess_dates(values(), guesses) } else { dates };
    Formats { decimal, dates, zone }
}

fn guess_decimal<'a>(values: impl Iterator<Item = &'a str>, guesses: &mut Vec<Guess>) -> DecimalMark {
    let (mut points, mut commas) = ((0_usize, ""), (0_usize, ""));
    for value in values {
        match mark_of(value) {
            Some('.') => points = (points.0 + 1, value),
            Some(_) => commas = (commas.0 + 1, value),
            None => {}
        }
    }
    let (mark, value, (count, example), others) = if commas.0 > points.0 {
        (DecimalMark::Comma, ",", commas, points)
    } else {
        (DecimalMark::Point, ".", points, commas)
    };
    if count > 0 {
        let doubt =
            if others.0 > 0 { format!(", but {} like `{}`", others.0, others.1) } else { String::new() };
        let reason = format!("{count} of the first values are like `{example}`{doubt}");
        guesses.push(Guess { setting: "decimal", value: value.to_owned(), reason });
    }
    mark
}

/// The mark of a number with a fraction.
fn mark_of(value: &str) -> Option<char> {
    let (whole, fraction) = value.split_once([',', '.'])?;
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let whole: String = whole.trim_start_matches('-').chars().filter(|c| !c.is_whitespace()).collect();
    (digits(&whole) && digits(fraction)).then(|| if value.contains(',') { ',' } else { '.' })
}

fn guess_dates<'a>(values: impl Iterator<Item = &'a str>, guesses: &mut Vec<Guess>) -> Vec<String> {
    let mut seen: BTreeMap<String, Shape> = BTreeMap::new();
    for value in values {
        if let Some((shape, rest)) = shape_of(value) {
            let known = seen.entry(format!("{}{rest}", shape.key())).or_insert_with(|| shape.clone());
            known.day_first |= shape.day_first;
            known.month_first |= shape.month_first;
        }
    }
    // One order of day and month holds for all with the same separator.
    let order = |separator: char| {
        let mut same = seen.values().filter(|shape| shape.separator == separator);
        same.clone().any(|shape| shape.month_first) && !same.any(|shape| shape.day_first)
    };
    let mut formats = Vec::new();
    for (key, shape) in &seen {
        let (first, second) = if order(shape.separator) { ("%m", "%d") } else { ("%d", "%m") };
        let year = if shape.short_year { "%y" } else { "%Y" };
        let s = shape.separator;
        let time = key.trim_start_matches(shape.key().as_str());
        let format = format!("{first}{s}{second}{s}{year}{time}");
        let sure = shape.day_first != shape.month_first || shape.separator == '.';
        let doubt = if sure { "" } else { ", where day and month may be the other way round" };
        let reason = format!("a value among the first is like `{}`{doubt}", shape.example);
        guesses.push(Guess { setting: "date_format", value: format.clone(), reason });
        formats.push(format);
    }
    formats
}

/// A date of two short numbers and a year.
#[derive(Clone)]
struct Shape {
    separator: char,
    short_year: bool,
    /// The first number can be no month.
    day_first: bool,
    /// The second one can be none.
    month_first: bool,
    example: String,
}

impl Shape {
    fn key(&self) -> String {
        format!("{}{}", self.separator, u8::from(self.short_year))
    }
}

/// The shape of a date, and the format of the time after it.
fn shape_of(value: &str) -> Option<(Shape, &'static str)> {
    let (date, time) = value.split_once(' ').map_or((value, None), |(date, time)| (date, Some(time)));
    let separator = date.chars().find(|c| !c.is_ascii_digit()).filter(|c| "./-".contains(*c))?;
    let parts: Vec<&str> = date.split(separator).collect();
    let [first, second, year] = parts.as_slice() else { return None };
    let number = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        let is_number = lengths.contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit());
        if is_number { text.parse::<u32>().ok() } else { None }
    };
    let (a, b) = (number(first, 1..=2)?, number(second, 1..=2)?);
    let short_year = number(year, 4..=4).is_none();
    number(year, 2..=4).filter(|_| year.len() != 3)?;
    let rest = match time.map(|time| time.split(':').map(str::len).collect::<Vec<_>>()).as_deref() {
        None => "",
        Some([1 | 2, 2]) => " %H:%M",
        Some([1 | 2, 2, 2]) => " %H:%M:%S",
        Some(_) => return None,
    };
    if !(1..=31).contains(&a) || !(1..=31).contains(&b) || (a > 12 && b > 12) {
        return None;
    }
    let example = value.to_owned();
    Some((Shape { separator, short_year, day_first: a > 12, month_first: b > 12, example }, rest))
}
