//! Entries of RSS and Atom files.

use embed_queue::Document;
use embed_queue::format::{self, FeedEntry, Format};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;

use super::window::{Closed, Sink};
use super::{FILE, Order, Skipped, keyed, records};

/// Gives every entry on as a document.
pub(super) fn entries(
    entries: Vec<FeedEntry>,
    file: &str,
    order: &Order,
    sink: &mut Sink,
) -> Result<(), Closed> {
    for (number, entry) in (1..).zip(entries) {
        let parsed = format::text(Format::Html, &entry.text, order.sizes);
        let source = match entry.source.as_str() {
            "" => format!("{file}:{number}"),
            key => keyed(file, key),
        };
        let document = Document::new(&order.collection, &source).titled(&entry.title).pieces(parsed.pieces);
        if document.pieces.is_empty() {
            sink.without_text(Skipped::new(source, "empty", "the entry has no text"))?;
            continue;
        }
        let document = document.with(FILE, file);
        let document = match entry.url {
            Some(url) => document.with("url", url),
            None => document,
        };
        sink.document(match entry.date.as_deref().and_then(|date| moment(date, &order.zone)) {
            Some(date) => document.with("date", date.to_string()),
            None => document,
        })?;
    }
    Ok(())
}

/// RSS writes dates as mails do, Atom as everybody else.
fn moment(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let mail = || rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    records::moment(text, zone).or_else(mail)
}
