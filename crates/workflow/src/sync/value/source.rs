//! Values as a source spells them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::wire::{decimal, whole_seconds};
use super::{FieldValue, ValueKind};

/// How a source writes decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecimalMark {
    /// `1234.50`.
    #[default]
    #[serde(alias = ".")]
    Point,
    /// `1 234,50`.
    #[serde(alias = ",")]
    Comma,
}

/// How a source writes dates: `dd.mm.yyyy`, `yyyy-mm-dd HH:MM:SS`, or with the directives of strptime, `%d.%m.%Y`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFormat {
    shown: String,
    pattern: String,
    date: String,
}

/// What the texts of a source mean.
#[derive(Debug, Clone)]
pub struct RowFormat {
    /// The decimal mark.
    pub decimal_mark: DecimalMark,
    /// How dates are written; ISO 8601 is always read, and `31.03.2026` where no format is set.
    pub date_format: Option<DateFormat>,
    /// The zone of times without an offset.
    pub zone: TimeZone,
}

impl Default for RowFormat {
    fn default() -> Self {
        Self { decimal_mark: DecimalMark::Point, date_format: None, zone: TimeZone::UTC }
    }
}

/// A text that is no value of its field's kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueProblem {
    /// No whole number.
    #[error("not a whole number")]
    Integer,
    /// No decimal.
    #[error("not an amount or number")]
    Decimal,
    /// No date.
    #[error("not a date")]
    Date,
    /// No moment.
    #[error("not a date with a time")]
    Instant,
    /// A time that the clocks of the zone skip.
    #[error("there was no such time in the source's time zone")]
    Gap,
    /// Neither yes nor no.
    #[error("neither yes nor no")]
    Flag,
}

impl DateFormat {
    /// Reads a format; none when it names no year, month and day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let pattern = if text.contains('%') { text.to_owned() } else { directives(text)? };
        let complete = |any: &[&str]| any.iter().any(|directive| pattern.contains(directive));
        let dated = complete(&["%Y", "%y", "%F", "%D"])
            && complete(&["%m", "%b", "%B", "%F", "%D"])
            && complete(&["%d", "%e", "%F", "%D"]);
        // The part before the time reads dates without one.
        let date = match pattern.find("%H") {
            Some(at) => pattern[..at].trim_end_matches([' ', 'T', ',']).to_owned(),
            None => pattern.clone(),
        };
        dated.then(|| Self { shown: text.to_owned(), pattern, date })
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    fn date(&self, text: &str) -> Option<Date> {
        if let Ok(moment) = DateTime::strptime(&self.pattern, text) {
            return Some(moment.date());
        }
        // Dates may carry a time, `31.03.2026 00:00:00`.
        let date = text.split([' ', 'T']).next()?;
        Date::strptime(&self.date, date).ok()
    }

    fn moment(&self, text: &str) -> Option<DateTime> {
        if let Ok(moment) = DateTime::strptime(&self.pattern, text) {
            return Some(moment);
        }
        let (date, clock) = text.split_once([' ', 'T']).unwrap_or((text, ""));
        with_clock(Date::strptime(&self.date, date).ok()?, clock)
    }
}

/// `dd.mm.yyyy HH:MM:SS` as directives of strptime.
fn directives(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    // `mm` is the month until hours were named, minutes after them.
    let mut after_hours = false;
    while let Some(letter) = rest.chars().next() {
        let bytes = rest.len() - rest.trim_start_matches(letter).len();
        let run = bytes / letter.len_utf8();
        let lower = letter.to_lowercase().next()?;
        let directive = match (lower, run) {
            ('y' | 'г', 4) => "%Y",
            ('y' | 'г', 2) => "%y",
            ('m' | 'м', 1 | 2) if letter == 'M' && after_hours => "%M",
            ('m' | 'м', 1 | 2) if after_hours => "%M",
            ('m' | 'м', 1 | 2) => "%m",
            ('d' | 'д', 1 | 2) => "%d",
            ('h' | 'ч', 1 | 2) => {
                after_hours = true;
                "%H"
            }
            ('s' | 'с', 1 | 2) => "%S",
            ('t', 1) => "T",
            _ if letter.is_alphanumeric() => return None,
            _ => {
                out.push_str(&rest[..bytes]);
                rest = &rest[bytes..];
                continue;
            }
        };
        out.push_str(directive);
        rest = &rest[bytes..];
    }
    Some(out)
}

impl RowFormat {
    /// The canonical text of one value of a kind; the text is trimmed and not empty.
    ///
    /// # Errors
    /// A text that is no such value.
    pub fn read(&self, kind: ValueKind, text: &str) -> Result<String, ValueProblem> {
        match kind {
            ValueKind::Text => Ok(text.to_owned()),
            ValueKind::Integer => {
                let number = self.number(text).filter(rust_decimal::Decimal::is_integer);
                number.map(|number| number.to_string()).ok_or(ValueProblem::Integer)
            }
            ValueKind::Decimal => self.number(text).map(|n| n.to_string()).ok_or(ValueProblem::Decimal),
            ValueKind::Money => self.money(text).ok_or(ValueProblem::Decimal),
            ValueKind::Date => self.date(text).map(|date| date.to_string()).ok_or(ValueProblem::Date),
            ValueKind::Instant => self.moment(text).map(|moment| whole_seconds(moment).to_string()),
            ValueKind::Flag => flag(text).map(str::to_owned).ok_or(ValueProblem::Flag),
        }
    }

    /// A value for a field; an empty text is an empty field.
    ///
    /// # Errors
    /// A text that is no value of this kind.
    pub fn value(&self, kind: ValueKind, text: &str) -> Result<FieldValue, ValueProblem> {
        if kind == ValueKind::Text {
            return Ok(FieldValue::text(text));
        }
        match text.trim() {
            "" => Ok(FieldValue::empty(kind)),
            text => Ok(FieldValue::one(kind, self.read(kind, text)?)),
        }
    }

    /// An instant with everything the text says; a time without offset is one of the zone, a date its midnight.
    ///
    /// # Errors
    /// A text that is no time, or one that the clocks of the zone skip.
    pub fn moment(&self, text: &str) -> Result<Timestamp, ValueProblem> {
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Ok(moment);
        }
        let own = self.date_format.as_ref().and_then(|format| format.moment(text));
        let local = own.or_else(|| text.parse::<DateTime>().ok()).or_else(|| self.dotted(text));
        let local = local.ok_or(ValueProblem::Instant)?;
        let placed = self.zone.to_ambiguous_timestamp(local);
        if matches!(placed.offset(), jiff::tz::AmbiguousOffset::Gap { .. }) {
            return Err(ValueProblem::Gap);
        }
        // Of a time that is there twice, the first one.
        placed.compatible().map_err(|_| ValueProblem::Instant)
    }

    /// A number, thousands apart or not.
    fn number(&self, text: &str) -> Option<rust_decimal::Decimal> {
        let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\'').collect();
        let text = text.replace('\u{2212}', "-");
        match self.decimal_mark {
            DecimalMark::Comma if text.contains('.') => None,
            DecimalMark::Comma => decimal(&text.replace(',', ".")),
            DecimalMark::Point => decimal(&text),
        }
    }

    fn money(&self, text: &str) -> Option<String> {
        let (amount, currency) = text.split_once('|').unwrap_or((text, ""));
        let currency = currency.trim().to_uppercase();
        self.number(amount).map(|amount| format!("{amount}|{currency}"))
    }

    fn date(&self, text: &str) -> Option<Date> {
        let own = self.date_format.as_ref().and_then(|format| format.date(text));
        own.or_else(|| iso_date(text)).or_else(|| self.dotted(text).map(DateTime::date))
    }

    /// `31.03.2026`, with a time or not: no country writes the month first with dots.
    fn dotted(&self, text: &str) -> Option<DateTime> {
        if self.date_format.is_some() {
            return None;
        }
        let (date, clock) = text.split_once([' ', 'T']).unwrap_or((text, ""));
        with_clock(strtime::parse("%d.%m.%Y", date).ok()?.to_date().ok()?, clock)
    }
}

/// The date of an ISO text, with a time or not.
fn iso_date(text: &str) -> Option<Date> {
    text.parse::<DateTime>().map(DateTime::date).or_else(|_| text.parse::<Date>()).ok()
}

/// A date with a time `HH:MM`, `HH:MM:SS`, a fraction, or nothing (midnight).
fn with_clock(date: Date, clock: &str) -> Option<DateTime> {
    let clock = clock.trim();
    if clock.is_empty() {
        return Some(date.to_datetime(jiff::civil::Time::midnight()));
    }
    let padded = if clock.find(':') == Some(1) { format!("0{clock}") } else { clock.to_owned() };
    Some(date.to_datetime(padded.parse().ok()?))
}

fn flag(text: &str) -> Option<&'static str> {
    match text.to_lowercase().as_str() {
        "y" | "yes" | "true" | "1" | "да" | "д" | "t" | "истина" | "+" => Some("Y"),
        "n" | "no" | "false" | "0" | "нет" | "н" | "f" | "ложь" | "-" => Some("N"),
        _ => None,
    }
}
