//! How a source spells numbers and dates, where the mapping does not say it.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::Guess;
use crate::sync::Record;
use crate::sync::value::{DateFormat, DecimalMark, RowFormat};

/// What the settings leave open is guessed from the first rows.
pub(super) fn settle(
    zone: TimeZone,
    decimal_mark: Option<DecimalMark>,
    date_format: Option<DateFormat>,
    rows: &[Record],
    guesses: &mut Vec<Guess>,
) -> RowFormat {
    let values = || {
        rows.iter().flat_map(|row| row.columns().iter().filter_map(|column| row.get(column))).map(str::trim)
    };
    let decimal_mark = decimal_mark.unwrap_or_else(|| guess_decimal(values(), guesses));
    let date_format = date_format.or_else(|| guess_date(values(), guesses));
    RowFormat { decimal_mark, date_format, zone }
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
        (DecimalMark::Comma, "comma", commas, points)
    } else {
        (DecimalMark::Point, "point", points, commas)
    };
    if count > 0 {
        let doubt =
            if others.0 > 0 { format!(", but {} like `{}`", others.0, others.1) } else { String::new() };
        let reason = format!("{count} of the first values are like `{example}`{doubt}");
        guesses.push(Guess { setting: "decimal_mark", value: value.to_owned(), reason });
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

/// The most frequent shape of dates that are not ISO 8601 decides.
fn guess_date<'a>(values: impl Iterator<Item = &'a str>, guesses: &mut Vec<Guess>) -> Option<DateFormat> {
    let mut seen: BTreeMap<(char, bool), Shape> = BTreeMap::new();
    for value in values {
        if let Some(shape) = shape_of(value) {
            let first = || Shape { count: 0, ..shape.clone() };
            let known = seen.entry((shape.separator, shape.short_year)).or_insert_with(first);
            known.day_first |= shape.day_first;
            known.month_first |= shape.month_first;
            known.count += shape.count;
        }
    }
    let shape = seen.values().max_by_key(|shape| shape.count)?;
    let month_first = shape.month_first && !shape.day_first;
    let (first, second) = if month_first { ("mm", "dd") } else { ("dd", "mm") };
    let year = if shape.short_year { "yy" } else { "yyyy" };
    let text = format!("{first}{s}{second}{s}{year}", s = shape.separator);
    let sure = shape.day_first != shape.month_first || shape.separator == '.';
    let doubt = if sure { "" } else { ", where day and month may be the other way round" };
    let others = if seen.len() > 1 { ", but not all dates are" } else { "" };
    let reason = format!("{} of the first values are like `{}`{others}{doubt}", shape.count, shape.example);
    guesses.push(Guess { setting: "date_format", value: text.clone(), reason });
    DateFormat::parse(&text)
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
    count: usize,
    example: String,
}

/// The shape of a date, with a time after it or not.
fn shape_of(value: &str) -> Option<Shape> {
    let (date, time) = value.split_once(' ').unwrap_or((value, ""));
    let separator = date.chars().find(|c| !c.is_ascii_digit()).filter(|c| "./-".contains(*c))?;
    let parts: Vec<&str> = date.split(separator).collect();
    let [first, second, year] = parts.as_slice() else { return None };
    let number = |text: &str, most: usize| {
        let is_number = (1..=most).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit());
        if is_number { text.parse::<u32>().ok() } else { None }
    };
    let (a, b) = (number(first, 2)?, number(second, 2)?);
    number(year, 4).filter(|_| matches!(year.len(), 2 | 4))?;
    if !time.chars().all(|c| c.is_ascii_digit() || ":.".contains(c)) {
        return None;
    }
    if !(1..=31).contains(&a) || !(1..=31).contains(&b) || (a > 12 && b > 12) {
        return None;
    }
    let (short_year, example) = (year.len() == 2, value.to_owned());
    Some(Shape { separator, short_year, day_first: a > 12, month_first: b > 12, count: 1, example })
}
