//! `OpenDocument` texts.

use super::archive::Archive;
use super::table::Table;
use super::xml::{Step, Tag, walk};
use super::{Content, Unreadable};
use crate::document::PieceKind;
use crate::split::Outline;

/// What is no text of the document: deleted parts, remarks, scripts.
const HIDDEN: [&str; 4] = ["tracked-changes", "annotation", "scripts", "forms"];
/// A space that is counted may not become a text of its own.
const MOST_SPACES: usize = 16;

pub(super) fn read(bytes: &[u8]) -> Result<Content, Unreadable> {
    let mut archive = Archive::open(bytes)?;
    let body = archive.text("content.xml")?;
    let body = body.ok_or_else(|| Unreadable::Damaged("it has no content.xml".to_owned()))?;
    let title = super::title(archive.text("meta.xml")?)?;
    let mut reader = Body::default();
    walk(&body, |step| reader.step(step))?;
    Ok(Content { title, outline: reader.outline })
}

#[derive(Default)]
struct Body {
    outline: Outline,
    paragraph: String,
    /// Paragraphs and headings that are open; a frame's text stands inside of one.
    depth: usize,
    level: Option<u8>,
    hidden: usize,
    tables: Vec<Table>,
}

impl Body {
    fn step(&mut self, step: Step) {
        match step {
            Step::Open(tag) => self.open(&tag),
            Step::Text(text) if self.depth > 0 && self.hidden == 0 => self.paragraph.push_str(&text),
            Step::Text(_) => {}
            Step::Close(name) => self.close(&name),
        }
    }

    fn open(&mut self, tag: &Tag) {
        match tag.name.as_str() {
            name if HIDDEN.contains(&name) => self.hidden += 1,
            "p" => self.depth += 1,
            "h" => {
                self.depth += 1;
                self.level = tag.attribute("outline-level").and_then(|level| level.parse().ok()).or(Some(1));
            }
            "tab" => self.paragraph.push('\t'),
            "line-break" => self.paragraph.push('\n'),
            "s" => {
                let count = tag.attribute("c").and_then(|count| count.parse().ok()).unwrap_or(1);
                self.paragraph.extend(std::iter::repeat_n(' ', count.min(MOST_SPACES)));
            }
            "table" => self.tables.push(Table::default()),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            name if HIDDEN.contains(&name) => self.hidden = self.hidden.saturating_sub(1),
            "p" | "h" => self.end_paragraph(),
            "table-cell" => self.table(Table::end_cell),
            "table-row" => self.table(Table::end_row),
            "table" => {
                let Some(table) = self.tables.pop() else { return };
                match self.tables.last_mut() {
                    Some(outer) => outer.add(&table.text()),
                    None => self.outline.block(PieceKind::Table, &table.text()),
                }
            }
            _ => {}
        }
    }

    fn table(&mut self, act: impl FnOnce(&mut Table)) {
        if let Some(table) = self.tables.last_mut() {
            act(table);
        }
    }

    fn end_paragraph(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        let paragraph = std::mem::take(&mut self.paragraph);
        match (self.tables.last_mut(), self.level.take()) {
            (Some(table), _) => table.add(&paragraph),
            (None, Some(level)) => self.outline.heading(level, &paragraph),
            (None, None) => self.outline.block(PieceKind::Text, paragraph.trim()),
        }
    }
}
