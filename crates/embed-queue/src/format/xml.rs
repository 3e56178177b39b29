//! XML as a list of what matters: tags by their local names, texts with entities resolved. No entity of a document's own
//! is ever expanded, and nothing outside the text is read.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::Unreadable;

/// A step through the document.
pub(super) enum Step {
    Open(Tag),
    Close(String),
    Text(String),
}

/// An opening tag.
pub(super) struct Tag {
    /// Without its prefix.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    /// The value of an attribute, named without prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Goes through the document; an empty element is opened and closed.
pub(super) fn walk(text: &str, mut visit: impl FnMut(Step)) -> Result<(), Unreadable> {
    let broken = |error: quick_xml::Error| Unreadable::Damaged(error.to_string());
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    loop {
        match reader.read_event().map_err(broken)? {
            Event::Start(start) => visit(Step::Open(tag(&start))),
            Event::Empty(start) => {
                let tag = tag(&start);
                let name = tag.name.clone();
                visit(Step::Open(tag));
                visit(Step::Close(name));
            }
            Event::End(end) => visit(Step::Close(local(end.local_name().as_ref()))),
            Event::Text(text) => visit(Step::Text(text.xml10_content().into_owned())),
            Event::CData(data) => visit(Step::Text(data.xml10_content().into_owned())),
            Event::GeneralRef(reference) => {
                let known = reference.resolve_char_ref().ok().flatten();
                if let Some(letter) = known.or_else(|| named(&reference)) {
                    visit(Step::Text(letter.to_string()));
                }
            }
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "laquo" => '«',
        "raquo" => '»',
        "mdash" => '—',
        "ndash" => '–',
        _ => return None,
    })
}

fn tag(start: &BytesStart<'_>) -> Tag {
    let mut attributes = start.attributes();
    let attributes = attributes.with_checks(false).flatten();
    let attributes = attributes.map(|attribute| {
        let value = quick_xml::escape::unescape(&attribute.value).map(std::borrow::Cow::into_owned);
        (local(attribute.key.local_name().as_ref()), value.unwrap_or_default())
    });
    Tag { name: local(start.local_name().as_ref()), attributes: attributes.collect() }
}

fn local(name: &str) -> String {
    name.to_owned()
}
