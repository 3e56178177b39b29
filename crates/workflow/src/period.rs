//! The period of a register: two civil dates, both inclusive.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

/// From the first to the last day, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Days")]
pub struct Period {
    from: Date,
    to: Date,
}

/// The stored form of a period, before its order is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Days {
    from: Date,
    to: Date,
}

impl TryFrom<Days> for Period {
    type Error = PeriodError;

    fn try_from(days: Days) -> Result<Self, PeriodError> {
        Self::new(days.from, days.to)
    }
}

/// Why a text is no period or date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PeriodError {
    /// The text is none of the accepted forms.
    #[error("`{0}` is not a period; write a year `2026`, a quarter `2026-Q1` or a month `2026-03`")]
    NotAPeriod(String),
    /// The text is no calendar date.
    #[error("`{0}` is not a date; write `2026-03-31` or `31.03.2026`")]
    NotADate(String),
    /// The end lies before the start.
    #[error("the period ends on {to}, before it starts on {from}; swap the two dates")]
    EndBeforeStart {
        /// First day as given.
        from: Date,
        /// Last day as given.
        to: Date,
    },
}

impl PeriodError {
    /// The stable kebab code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAPeriod(_) => "period.malformed",
            Self::NotADate(_) => "period.not-a-date",
            Self::EndBeforeStart { .. } => "period.end-before-start",
        }
    }
}

impl Period {
    /// A period from its first to its last day.
    ///
    /// # Errors
    /// When the last day lies before the first.
    pub fn new(from: Date, to: Date) -> Result<Self, PeriodError> {
        if to < from {
            return Err(PeriodError::EndBeforeStart { from, to });
        }
        Ok(Self { from, to })
    }

    /// First day.
    #[must_use]
    pub fn from(&self) -> Date {
        self.from
    }

    /// Last day.
    #[must_use]
    pub fn to(&self) -> Date {
        self.to
    }

    /// Whether the day lies inside.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…{}", self.from, self.to)
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    /// Reads a year (`2026`), a quarter (`2026-Q1`) or a month (`2026-03`).
    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let malformed = || PeriodError::NotAPeriod(text.to_owned());
        let (year, rest) = match text.trim().split_once('-') {
            Some((year, rest)) => (year, Some(rest)),
            None => (text.trim(), None),
        };
        if year.len() != 4 {
            return Err(malformed());
        }
        let year: i16 = year.parse().map_err(|_| malformed())?;
        let (first_month, months) = match rest {
            None => (1, 12),
            Some(rest) => match rest.strip_prefix(['Q', 'q']) {
                Some(quarter) => match quarter.parse::<i8>() {
                    Ok(quarter @ 1..=4) => (quarter * 3 - 2, 3),
                    _ => return Err(malformed()),
                },
                None => match rest.parse::<i8>() {
                    Ok(month @ 1..=12) if rest.len() == 2 => (month, 1),
                    _ => return Err(malformed()),
                },
            },
        };
        let last_month = Date::new(year, first_month + months - 1, 1).map_err(|_| malformed())?;
        Self::new(date(year, first_month, 1), last_month.last_of_month())
    }
}

/// Reads a day as people type it: `2026-03-31` or `31.03.2026`.
///
/// # Errors
/// When the text is neither, or names a day that does not exist.
pub fn parse_day(text: &str) -> Result<Date, PeriodError> {
    let malformed = || PeriodError::NotADate(text.to_owned());
    let trimmed = text.trim();
    let parts: Vec<&str> = trimmed.split('.').collect();
    if let [day, month, year] = parts[..] {
        let number = |part: &str| part.parse::<i8>().map_err(|_| malformed());
        let year =
            if year.len() == 4 { year.parse().map_err(|_| malformed())? } else { return Err(malformed()) };
        return Date::new(year, number(month)?, number(day)?).map_err(|_| malformed());
    }
    if trimmed.len() != 10 {
        return Err(malformed());
    }
    trimmed.parse().map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_quarters_and_months_are_inclusive_ranges() {
        let cases = [
            ("2026", date(2026, 1, 1), date(2026, 12, 31)),
            ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
            ("2026-q4", date(2026, 10, 1), date(2026, 12, 31)),
            ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ];
        for (text, from, to) in cases {
            assert_eq!(text.parse(), Ok(Period { from, to }), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_text_in_the_message() {
        for text in ["", "26", "2026-13", "2026-Q5", "2026-3", "2026-03-01", "год", "-2026"] {
            let error = text.parse::<Period>().unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
        }
    }

    #[test]
    fn days_are_read_in_both_spellings_and_must_exist() {
        assert_eq!(parse_day("2026-03-31"), Ok(date(2026, 3, 31)));
        assert_eq!(parse_day("31.03.2026"), Ok(date(2026, 3, 31)));
        for text in ["31.02.2026", "2026-02-31", "31.3", "yesterday", "31.03.26", "2026-03-31T10:00"] {
            assert!(parse_day(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_end_before_the_start_is_refused() {
        let error = Period::new(date(2026, 2, 1), date(2026, 1, 1)).unwrap_err();
        insta::assert_snapshot!(error, @"the period ends on 2026-01-01, before it starts on 2026-02-01; swap the two dates");
    }
}
