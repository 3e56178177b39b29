//! Going on where the last run ended.

use std::cmp::Ordering;

use jiff::civil::date;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use rust_decimal::Decimal;

use super::query::Bound;
use super::settings::wrong;
use super::{CursorSettings, CursorType, Opening, SourceError, SourceKind, SourceSettings};
use crate::sync::value::{DateFormat, RowFormat, ValueKind};
use crate::sync::{Record, Reject};

/// How far before the committed cursor the next run begins, unless the mapping says otherwise.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// A row further in the future than this has a wrong date, or the clocks differ by more than they may.
const FUTURE: SignedDuration = SignedDuration::from_hours(24);

/// Compares two cursors of one source, as they stand in [`Record::cursor`] and in the journal.
#[must_use]
pub fn compare_cursors(one: &str, other: &str) -> Ordering {
    match (one.parse::<Decimal>(), other.parse::<Decimal>()) {
        (Ok(one), Ok(other)) => one.cmp(&other),
        // Instants in UTC, all of one width.
        _ => one.cmp(other),
    }
}

/// What to read, by the cursor column.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    column: String,
    kind: CursorType,
    since: Option<Mark>,
    horizon: Timestamp,
    /// Rows before the bound are left out here; a query or a program leaves them out itself, by whatever columns.
    leaves_out: bool,
    zone: TimeZone,
    dates: Option<DateFormat>,
    spelling: String,
}

/// A place in the order of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Time(Timestamp),
    Number(Decimal),
}

impl SourceSettings {
    /// Where a reading of everything begins, as the journal spells it; none is the first row.
    ///
    /// # Errors
    /// `initial` of the cursor is none, or the zone is.
    pub(in crate::sync) fn beginning(&self) -> Result<Option<String>, SourceError> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let format = RowFormat { zone: self.time_zone()?, ..RowFormat::default() };
        Ok(initial(cursor, &format)?.map(Mark::spelled))
    }

    /// The place before which a reading leaves rows out, as the journal spells it; none when it leaves none out.
    ///
    /// # Errors
    /// As when the source is opened.
    pub(in crate::sync) fn bound(&self, opening: &Opening<'_>) -> Result<Option<String>, SourceError> {
        let rule = Rule::new(self, opening)?;
        Ok(rule.and_then(|rule| rule.since).map(Mark::spelled))
    }

    /// A place to go on from as people write it, in the journal's spelling.
    ///
    /// # Errors
    /// The source has no cursor column, or the text is no time or number, whichever the column has.
    pub fn cursor_at(&self, text: &str) -> Result<String, SourceError> {
        let none = || wrong("cursor", "the source has no cursor column, so it is read whole every time");
        let cursor = self.cursor.as_ref().ok_or_else(none)?;
        let format = RowFormat { zone: self.time_zone()?, ..RowFormat::default() };
        let unfit = || SourceError::CursorUnfit { cursor: text.to_owned(), wanted: name(cursor.kind) };
        mark_of(cursor.kind, text, &format).map(Mark::spelled).ok_or_else(unfit)
    }
}

impl Mark {
    /// As a record and the journal spell it.
    fn spelled(self) -> String {
        match self {
            Self::Time(instant) => format!("{instant:.9}"),
            Self::Number(number) => number.normalize().to_string(),
        }
    }
}

/// Where a row stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Before the bound: it was read by an earlier run.
    Before,
    /// To be read, with its cursor.
    At(Option<String>),
}

impl Rule {
    /// The rule of the settings; none without a cursor column.
    pub(super) fn new(settings: &SourceSettings, opening: &Opening<'_>) -> Result<Option<Self>, SourceError> {
        let Some(cursor) = &settings.cursor else { return Ok(None) };
        let zone = settings.time_zone()?;
        // The journal's cursors are in UTC, `initial` is written as ISO 8601.
        let format = RowFormat { zone: zone.clone(), ..RowFormat::default() };
        let mark = |text: &str| mark_of(cursor.kind, text, &format);
        let since = match opening.cursor {
            Some(committed) => {
                let unfit =
                    || SourceError::CursorUnfit { cursor: committed.to_owned(), wanted: name(cursor.kind) };
                let mark = mark(committed).ok_or_else(unfit)?;
                Some(earlier(mark, cursor.overlap.as_deref())?)
            }
            None => initial(cursor, &format)?,
        };
        // What is wrong with the overlap shows in the first run, not in the second.
        earlier(
            Mark::Number(Decimal::ZERO),
            cursor.overlap.as_deref().filter(|_| cursor.kind == CursorType::Number),
        )?;
        earlier(
            Mark::Time(opening.now),
            cursor.overlap.as_deref().filter(|_| cursor.kind == CursorType::Time),
        )?;
        let spelling = cursor.format.clone().unwrap_or_else(|| {
            // SQLite compares texts: a space stands before the `T` that others write.
            let middle = if settings.kind == SourceKind::Sqlite { ' ' } else { 'T' };
            format!("%Y-%m-%d{middle}%H:%M:%S")
        });
        if settings.kind == SourceKind::Sqlite && cursor.kind == CursorType::Time {
            check_order(&spelling)?;
        }
        Ok(Some(Self {
            column: cursor.column.clone(),
            kind: cursor.kind,
            since: since.map(|since| before_fold(since, &zone)),
            horizon: opening.now.saturating_add(FUTURE).unwrap_or(Timestamp::MAX),
            leaves_out: settings.kind.is_file(),
            zone,
            dates: settings.dates()?,
            spelling,
        }))
    }

    pub(super) fn column(&self) -> &str {
        &self.column
    }

    /// Where a query or a program goes on.
    pub(super) fn bound(&self) -> Result<Option<Bound>, SourceError> {
        Ok(match self.since {
            None => None,
            Some(Mark::Number(number)) => Some(Bound::Number(number.normalize().to_string())),
            Some(Mark::Time(instant)) => {
                Some(Bound::Time { spelled: self.spell(instant)?, utc: instant.to_string() })
            }
        })
    }

    fn spell(&self, instant: Timestamp) -> Result<String, SourceError> {
        let zoned = instant.to_zoned(self.zone.clone());
        strtime::format(&self.spelling, &zoned).map_err(|error| wrong("cursor.format", &error.to_string()))
    }

    /// A query that compares texts finds a row by its own time only when the column spells times as `:cursor` does, and
    /// `:cursor` spells this one no greater. A value that is no time is judged with its row.
    pub(super) fn check_spelling(&self, value: &str) -> Result<(), SourceError> {
        let format = self.format();
        match mark_of(self.kind, value, &format) {
            Some(Mark::Time(instant)) => self.is_spelled_alike(value, instant),
            _ => Ok(()),
        }
    }

    /// The same for a row that a query with `:cursor` has passed over, which nothing else judges.
    pub(super) fn check_passed_over(&self, value: &str) -> Result<(), SourceError> {
        let format = self.format();
        match (mark_of(self.kind, value, &format), self.since) {
            (Some(Mark::Time(instant)), _) | (None, Some(Mark::Time(instant))) => {
                self.is_spelled_alike(value, instant)
            }
            _ => Ok(()),
        }
    }

    fn format(&self) -> RowFormat {
        let (zone, date_format) = (self.zone.clone(), self.dates.clone());
        RowFormat { date_format, zone, ..RowFormat::default() }
    }

    fn is_spelled_alike(&self, value: &str, instant: Timestamp) -> Result<(), SourceError> {
        let bound = self.spell(instant)?;
        // A `T` in the place of a space is greater: then a query gives some rows too many, and passes over none.
        let shape = |text: &str| -> String {
            let place = |sign: char| if sign.is_ascii_digit() { '0' } else { sign };
            text.chars().map(place).collect::<String>().replacen('T', " ", 1)
        };
        if bound.as_str() <= value && shape(value).starts_with(&shape(&bound)) {
            return Ok(());
        }
        let column = self.column.clone();
        Err(SourceError::CursorSpelling { column, value: value.to_owned(), bound })
    }

    /// Where a row stands.
    pub(super) fn stand(&self, record: &Record, format: &RowFormat) -> Result<Standing, Box<Reject>> {
        let Some(text) = record.get(&self.column) else { return Ok(Standing::At(None)) };
        let Some(mark) = mark_of(self.kind, text, format) else {
            return Err(Box::new(Reject {
                code: "sync.cursor-malformed".to_owned(),
                key: None,
                line: record.line(),
                field: Some(self.column.clone()),
                value: Some(text.to_owned()),
                message: format!("the cursor column is no {}", name(self.kind)),
                hint: "correct the row, or date_format and decimal_mark of [source]".to_owned(),
            }));
        };
        if self.leaves_out && self.since.is_some_and(|since| mark < since) {
            return Ok(Standing::Before);
        }
        Ok(Standing::At(match mark {
            Mark::Time(instant) if instant > self.horizon => None,
            mark => Some(mark.spelled()),
        }))
    }
}

/// Refuses a spelling whose texts are not in the order of time: a query that compares texts would pass over rows.
fn check_order(spelling: &str) -> Result<(), SourceError> {
    let moments = [
        date(2025, 12, 31).at(23, 59, 58, 0),
        date(2026, 1, 1).at(0, 0, 0, 0),
        date(2026, 1, 9).at(13, 0, 5, 0),
        date(2026, 1, 31).at(9, 30, 0, 0),
        date(2026, 2, 1).at(8, 0, 0, 0),
        date(2026, 10, 2).at(1, 9, 0, 0),
    ];
    let mut last = String::new();
    for moment in moments {
        let zoned =
            moment.to_zoned(TimeZone::UTC).map_err(|error| wrong("cursor.format", &error.to_string()))?;
        let text =
            strtime::format(spelling, &zoned).map_err(|error| wrong("cursor.format", &error.to_string()))?;
        if text < last {
            let reason = "SQLite compares texts, and texts in this format are not in the order of time; let the query give the \
                          column another spelling, such as `strftime('%Y-%m-%d %H:%M:%S', …)`, and compare that with :cursor";
            return Err(wrong("cursor.format", reason));
        }
        last = text;
    }
    Ok(())
}

fn name(kind: CursorType) -> &'static str {
    match kind {
        CursorType::Time => "time",
        CursorType::Number => "number",
    }
}

/// The mark, less the overlap.
fn earlier(mark: Mark, overlap: Option<&str>) -> Result<Mark, SourceError> {
    let unfit = |wanted: &str| wrong("cursor.overlap", &format!("it must be {wanted}"));
    match mark {
        Mark::Time(instant) => {
            let overlap = match overlap {
                None => OVERLAP,
                Some(text) => text
                    .parse::<Span>()
                    .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()))
                    .ok()
                    .filter(|overlap| !overlap.is_negative())
                    .ok_or_else(|| unfit("a duration such as `15m`"))?,
            };
            Ok(Mark::Time(instant.saturating_sub(overlap).unwrap_or(Timestamp::MIN)))
        }
        Mark::Number(number) => {
            let overlap = match overlap {
                None => Decimal::ZERO,
                Some(text) => text
                    .parse::<Decimal>()
                    .ok()
                    .filter(|overlap| !overlap.is_sign_negative())
                    .ok_or_else(|| unfit("a number"))?,
            };
            Ok(Mark::Number(number.saturating_sub(overlap)))
        }
    }
}

/// Where a reading of everything begins, if not at the first row.
fn initial(cursor: &CursorSettings, format: &RowFormat) -> Result<Option<Mark>, SourceError> {
    let Some(initial) = &cursor.initial else { return Ok(None) };
    let unfit = || wrong("cursor.initial", &format!("`{initial}` is no {}", name(cursor.kind)));
    mark_of(cursor.kind, initial, format).ok_or_else(unfit).map(Some)
}

fn mark_of(kind: CursorType, text: &str, format: &RowFormat) -> Option<Mark> {
    let text = text.trim();
    match kind {
        CursorType::Time => format.moment(text).ok().map(Mark::Time),
        CursorType::Number => format.read(ValueKind::Decimal, text).ok()?.parse().ok().map(Mark::Number),
    }
}

/// When the clocks go back soon, later rows will show earlier times: the bound goes back with them.
fn before_fold(mark: Mark, zone: &TimeZone) -> Mark {
    let Mark::Time(instant) = mark else { return mark };
    let civil = instant.to_zoned(zone.clone()).datetime();
    let after = zone.following(instant).next().map(|next| next.offset().to_datetime(next.timestamp()));
    let Some(after) = after.filter(|after| *after < civil) else { return mark };
    zone.to_ambiguous_zoned(after).compatible().map_or(mark, |zoned| Mark::Time(zoned.timestamp()))
}
