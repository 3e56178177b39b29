//! One JSON object a line: `source`, `text`, and what else is known.

use std::io::{self, BufRead, Read as _};

use embed_queue::Document;
use embed_queue::format::{self, Format};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::window::{Closed, Sink};
use super::{FILE, Order, Skipped, keyed};

/// Reads every line; a broken one spoils no other.
pub(super) fn read(
    mut input: impl BufRead,
    name: &str,
    order: &Order,
    sink: &mut Sink,
) -> Result<(), Closed> {
    let mut line = Vec::new();
    for number in 1_u64.. {
        let source = || format!("{name}:{number}");
        match next_line(&mut input, &mut line, order.max_bytes) {
            Ok(Line::End) => return Ok(()),
            Ok(Line::TooLong) => {
                let detail = format!("the line has more than {} bytes", order.max_bytes);
                sink.skip(Skipped::new(source(), "too-large", detail))?;
            }
            Ok(Line::Whole) => {
                let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                match document(line, name, order) {
                    Ok(document) if document.pieces.is_empty() => {
                        let skipped = Skipped::new(source(), "empty", "its text is empty");
                        sink.emptied(document.source, skipped)?;
                    }
                    Ok(document) => sink.document(document.with(FILE, name))?,
                    Err(reason) => sink.skip(Skipped::new(source(), "bad-record", reason))?,
                }
            }
            Err(error) => return sink.skip(Skipped::new(source(), "unreadable", error.to_string())),
        }
    }
    Ok(())
}

enum Line {
    Whole,
    TooLong,
    End,
}

/// The next line without its end; of one that is too long nothing is kept.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>, limit: u64) -> io::Result<Line> {
    line.clear();
    if input.by_ref().take(limit.saturating_add(1)).read_until(b'\n', line)? == 0 {
        return Ok(Line::End);
    }
    if line.last() == Some(&b'\n') || line.len() as u64 <= limit {
        return Ok(Line::Whole);
    }
    line.clear();
    loop {
        let (seen, end) = {
            let buffer = input.fill_buf()?;
            let end = buffer.iter().position(|&byte| byte == b'\n');
            (end.map_or(buffer.len(), |at| at + 1), end.is_some() || buffer.is_empty())
        };
        input.consume(seen);
        if end {
            return Ok(Line::TooLong);
        }
    }
}

fn document(line: &[u8], file: &str, order: &Order) -> Result<Document, String> {
    let mut record: Map<String, Value> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let given = |key: Option<String>| key.filter(|key| !key.is_empty());
    let (source, id) = (given(text(&mut record, "source")?), given(text(&mut record, "id")?));
    let source = source.or_else(|| Some(keyed(file, &id?))).ok_or("it has no `source` and no `id`")?;
    let body = text(&mut record, "text")?.or(text(&mut record, "content")?).ok_or("it has no `text`")?;
    let format = match text(&mut record, "format")? {
        None => Format::Plain,
        Some(name) => Format::named(&name).ok_or_else(|| format!("the format `{name}` is not known"))?,
    };
    let parsed = format::text(format, &body, order.sizes);
    let title = text(&mut record, "title")?.or(parsed.title).unwrap_or_default();
    if let Some(Value::Object(facts)) = record.remove("metadata") {
        for (key, value) in facts {
            record.entry(key).or_insert(value);
        }
    }
    if let Some(date) = text(&mut record, "date")? {
        let at = moment(&date, &order.zone);
        let at = at.ok_or_else(|| format!("the date `{date}` is neither a day nor a moment"))?;
        record.insert("date".to_owned(), at.to_string().into());
    }
    let mut document = Document::new(&order.collection, &source).titled(&title).pieces(parsed.pieces);
    document.metadata = record;
    Ok(document)
}

/// A text or a number; anything else under this key is refused.
fn text(record: &mut Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    match record.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(format!("`{key}` is no text")),
    }
}

/// A moment, or the beginning of a day, in whole seconds.
pub(super) fn moment(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let at: Timestamp = text
        .parse()
        .ok()
        .or_else(|| text.parse::<Date>().ok()?.to_zoned(zone.clone()).ok().map(|at| at.timestamp()))?;
    Timestamp::from_second(at.as_second()).ok()
}
