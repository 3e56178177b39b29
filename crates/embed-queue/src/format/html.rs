//! Web pages: what a reader sees, with its headings, tables and preformatted text.

use encoding_rs::Encoding as Charset;
use html5gum::{DefaultEmitter, EndTag, HtmlString, StartTag, Token, Tokenizer};

use super::table::Table;
use super::{Content, Unreadable};
use crate::document::PieceKind;
use crate::split::{self, Encoding, Outline};

/// What no reader sees.
const HIDDEN: [&[u8]; 7] = [b"script", b"style", b"noscript", b"template", b"svg", b"select", b"iframe"];
/// What ends a paragraph.
const BLOCKS: [&[u8]; 27] = [
    b"p",
    b"div",
    b"section",
    b"article",
    b"header",
    b"footer",
    b"main",
    b"aside",
    b"nav",
    b"ul",
    b"ol",
    b"dl",
    b"dt",
    b"dd",
    b"blockquote",
    b"figure",
    b"figcaption",
    b"form",
    b"fieldset",
    b"address",
    b"details",
    b"summary",
    b"hr",
    b"body",
    b"head",
    b"html",
    b"title",
];
/// Bytes in which a page must say how its letters are written.
const PREAMBLE: usize = 1024;

/// The bytes as text: the mark or the page itself says how, otherwise it is recognised.
pub(super) fn decode(bytes: &[u8]) -> Result<(String, Option<Encoding>), Unreadable> {
    let named = Charset::for_bom(bytes).is_none().then(|| charset(bytes)).flatten();
    match named {
        Some(charset) if charset != encoding_rs::UTF_8 => {
            let (text, _) = charset.decode_without_bom_handling(bytes);
            Ok((text.into_owned(), None))
        }
        _ => split::decode(bytes)
            .map(|decoded| (decoded.text, Some(decoded.encoding)))
            .map_err(Unreadable::Text),
    }
}

/// The name after `charset=`, as both ways to say it have it.
fn charset(bytes: &[u8]) -> Option<&'static Charset> {
    let start = bytes.get(..PREAMBLE.min(bytes.len()))?.to_ascii_lowercase();
    let at = start.windows(8).position(|window| window == b"charset=")? + 8;
    let name = start.get(at..)?.iter().copied().skip_while(|byte| matches!(byte, b'"' | b'\'' | b' '));
    let name: Vec<u8> =
        name.take_while(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte)).collect();
    Charset::for_label(&name)
}

pub(super) fn read(text: &str) -> Content {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut page = Page::default();
    for token in Tokenizer::new_with_emitter(text, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => page.open(&tag),
            Token::EndTag(tag) => page.close(&tag),
            Token::String(text) => page.text(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    page.end_block();
    Content { title: page.title.filter(|title| !title.is_empty()), outline: page.outline }
}

#[derive(Default)]
struct Page {
    outline: Outline,
    title: Option<String>,
    in_title: bool,
    block: String,
    level: Option<u8>,
    preformatted: usize,
    hidden: usize,
    tables: Vec<Table>,
}

impl Page {
    fn open(&mut self, tag: &StartTag<()>) {
        let name = name(&tag.name);
        if HIDDEN.contains(&name) {
            self.hidden += usize::from(!tag.self_closing);
            return;
        }
        match name {
            b"title" if self.title.is_none() => {
                self.in_title = true;
                self.title = Some(String::new());
            }
            b"br" => self.block.push('\n'),
            b"li" => {
                self.end_block();
                self.block.push_str("- ");
            }
            b"pre" => {
                self.end_block();
                self.preformatted += 1;
            }
            b"table" => {
                self.end_block();
                self.tables.push(Table::default());
            }
            [b'h', level @ b'1'..=b'6'] => {
                self.end_block();
                self.level = Some(level - b'0');
            }
            name if BLOCKS.contains(&name) => self.end_block(),
            _ => {}
        }
    }

    fn close(&mut self, tag: &EndTag<()>) {
        let name = name(&tag.name);
        if HIDDEN.contains(&name) {
            self.hidden = self.hidden.saturating_sub(1);
            return;
        }
        match name {
            b"title" => self.in_title = false,
            b"pre" => {
                self.end_block();
                self.preformatted = self.preformatted.saturating_sub(1);
            }
            b"td" | b"th" => {
                self.end_block();
                self.tables.last_mut().map(Table::end_cell).unwrap_or_default();
            }
            b"tr" => {
                self.end_block();
                self.tables.last_mut().map(Table::end_row).unwrap_or_default();
            }
            b"table" => self.end_table(),
            b"li" | [b'h', b'1'..=b'6'] => self.end_block(),
            name if BLOCKS.contains(&name) => self.end_block(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_title {
            let title = self.title.get_or_insert_default();
            title.push_str(&words(text));
        } else if self.hidden == 0 {
            if self.preformatted > 0 {
                self.block.push_str(text);
            } else {
                self.flow(text);
            }
        }
    }

    /// White space of any length is one space.
    fn flow(&mut self, text: &str) {
        if text.starts_with(char::is_whitespace)
            && !self.block.is_empty()
            && !self.block.ends_with([' ', '\n'])
        {
            self.block.push(' ');
        }
        self.block.push_str(&words(text));
        if text.ends_with(char::is_whitespace) && !self.block.is_empty() && !self.block.ends_with([' ', '\n'])
        {
            self.block.push(' ');
        }
    }

    fn end_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        let level = self.level.take();
        if let Some(table) = self.tables.last_mut() {
            table.add(&block);
        } else if let Some(level) = level {
            self.outline.heading(level, &block);
        } else if self.preformatted > 0 {
            self.outline.block(PieceKind::Code, &block);
        } else if block.trim() != "-" {
            self.outline.block(PieceKind::Text, block.trim());
        }
    }

    /// A table inside a cell is that cell's text; one of a single column is how old pages are laid out.
    fn end_table(&mut self) {
        self.end_block();
        let Some(table) = self.tables.pop() else { return };
        let text = table.text();
        match self.tables.last_mut() {
            Some(outer) => outer.add(&text),
            None if text.contains(" | ") => self.outline.block(PieceKind::Table, &text),
            None => self.outline.block(PieceKind::Text, &text),
        }
    }
}

fn name(name: &HtmlString) -> &[u8] {
    name
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
