//! RSS and Atom: every entry is a document of its own.

use super::Unreadable;
use super::xml::{Step, Tag, walk};

/// An entry of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedEntry {
    /// Its `guid` or `id`, otherwise its address.
    pub source: String,
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: Option<String>,
    /// When it was published, as the feed writes it: RSS as in mails, Atom as RFC 3339.
    pub date: Option<String>,
    /// Its text, usually a piece of a web page.
    pub text: String,
}

/// The entries of a feed; none if the text is no feed.
///
/// # Errors
/// The XML is broken.
pub fn feed(text: &str) -> Result<Option<Vec<FeedEntry>>, Unreadable> {
    let mut reader = Feed::default();
    walk(text, |step| reader.step(step))?;
    Ok(reader.known.then_some(reader.entries))
}

#[derive(Default)]
struct Feed {
    rooted: bool,
    known: bool,
    entries: Vec<FeedEntry>,
    open: Option<FeedEntry>,
    /// Elements below the entry, and the text of the innermost.
    path: Vec<String>,
    value: String,
}

impl Feed {
    fn step(&mut self, step: Step) {
        match step {
            Step::Open(tag) => self.open(&tag),
            Step::Text(text) => self.value.push_str(&text),
            Step::Close(name) => self.close(&name),
        }
    }

    fn open(&mut self, tag: &Tag) {
        if !self.rooted {
            self.rooted = true;
            self.known = matches!(tag.name.as_str(), "rss" | "feed" | "RDF");
        }
        if let Some(entry) = &mut self.open {
            self.path.push(tag.name.clone());
            let alternate = tag.attribute("rel").is_none_or(|rel| rel == "alternate");
            if let ("link", Some(address), true) = (tag.name.as_str(), tag.attribute("href"), alternate) {
                entry.url = Some(address.to_owned());
            }
        } else if matches!(tag.name.as_str(), "item" | "entry") {
            self.open = Some(FeedEntry::default());
        }
        // An element inside a text of an entry is part of that text.
        if self.path.len() <= 1 {
            self.value.clear();
        }
    }

    fn close(&mut self, name: &str) {
        if self.path.is_empty() {
            if let Some(mut entry) = self.open.take_if(|_| matches!(name, "item" | "entry")) {
                if entry.source.is_empty() {
                    entry.source = entry.url.clone().unwrap_or_else(|| entry.title.clone());
                }
                self.entries.push(entry);
            }
            return;
        }
        self.path.pop();
        let Some(entry) = self.open.as_mut().filter(|_| self.path.is_empty()) else { return };
        let value = self.value.trim().to_owned();
        match name {
            "title" => entry.title = value,
            "link" if !value.is_empty() => entry.url = Some(value),
            "guid" | "id" => entry.source = value,
            "pubDate" | "published" | "date" => entry.date = Some(value),
            "updated" => entry.date = entry.date.take().or(Some(value)),
            // The longer of summary and whole text is the whole text.
            "description" | "summary" | "content" | "encoded" if value.len() > entry.text.len() => {
                entry.text = value;
            }
            _ => {}
        }
    }
}
