//! Word documents: paragraphs by their styles, tables row by row.

use std::collections::HashMap;

use super::archive::Archive;
use super::table::Table;
use super::xml::{Step, walk};
use super::{Content, Unreadable};
use crate::document::PieceKind;
use crate::split::Outline;

pub(super) fn read(bytes: &[u8]) -> Result<Content, Unreadable> {
    let mut archive = Archive::open(bytes)?;
    let body = archive.text("word/document.xml")?;
    let body = body.ok_or_else(|| Unreadable::Damaged("it has no word/document.xml".to_owned()))?;
    let levels = match archive.text("word/styles.xml")? {
        Some(styles) => levels(&styles)?,
        None => HashMap::new(),
    };
    let title = super::title(archive.text("docProps/core.xml")?)?;
    let mut reader = Body { levels, ..Body::default() };
    walk(&body, |step| reader.step(step))?;
    Ok(Content { title, outline: reader.outline })
}

/// Style ids of headings with their levels: names are `heading 1` in every language, ids are not.
fn levels(styles: &str) -> Result<HashMap<String, u8>, Unreadable> {
    let (mut levels, mut id) = (HashMap::new(), String::new());
    walk(styles, |step| {
        let Step::Open(tag) = step else { return };
        match tag.name.as_str() {
            "style" => tag.attribute("styleId").unwrap_or_default().clone_into(&mut id),
            "name" => {
                let name = tag.attribute("val").unwrap_or_default().to_lowercase();
                let level = name.strip_prefix("heading ").and_then(|level| level.trim().parse().ok());
                if let Some(level) = level.or((name == "title").then_some(1)) {
                    levels.insert(id.clone(), level);
                }
            }
            "outlineLvl" => {
                if let Some(level) = outline_level(tag.attribute("val")) {
                    levels.entry(id.clone()).or_insert(level);
                }
            }
            _ => {}
        }
    })?;
    Ok(levels)
}

/// Counted from 0; 9 is the level of text.
fn outline_level(value: Option<&str>) -> Option<u8> {
    value?.parse().ok().filter(|level| *level < 9).map(|level: u8| level + 1)
}

#[derive(Default)]
struct Body {
    levels: HashMap<String, u8>,
    outline: Outline,
    paragraph: String,
    level: Option<u8>,
    in_text: bool,
    /// Inside of what is a second copy, or deleted.
    hidden: usize,
    tables: Vec<Table>,
}

impl Body {
    fn step(&mut self, step: Step) {
        match step {
            Step::Open(tag) => match tag.name.as_str() {
                "Fallback" | "del" | "moveFrom" => self.hidden += 1,
                "t" => self.in_text = true,
                "tab" => self.paragraph.push('\t'),
                "br" | "cr" => self.paragraph.push('\n'),
                "noBreakHyphen" => self.paragraph.push('-'),
                "pStyle" => self.level = tag.attribute("val").and_then(|id| self.levels.get(id)).copied(),
                "outlineLvl" => self.level = outline_level(tag.attribute("val")),
                "tbl" => self.tables.push(Table::default()),
                _ => {}
            },
            Step::Text(text) if self.in_text && self.hidden == 0 => self.paragraph.push_str(&text),
            Step::Text(_) => {}
            Step::Close(name) => match name.as_str() {
                "Fallback" | "del" | "moveFrom" => self.hidden = self.hidden.saturating_sub(1),
                "t" => self.in_text = false,
                "p" => self.end_paragraph(),
                "tc" => self.table(Table::end_cell),
                "tr" => self.table(Table::end_row),
                "tbl" => self.end_table(),
                _ => {}
            },
        }
    }

    fn table(&mut self, act: impl FnOnce(&mut Table)) {
        if let Some(table) = self.tables.last_mut() {
            act(table);
        }
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        let level = self.level.take();
        match (self.tables.last_mut(), level) {
            (Some(table), _) => table.add(&paragraph),
            (None, Some(level)) => self.outline.heading(level, &paragraph),
            (None, None) => self.outline.block(PieceKind::Text, paragraph.trim()),
        }
    }

    /// A table inside a cell is that cell's text.
    fn end_table(&mut self) {
        let Some(table) = self.tables.pop() else { return };
        match self.tables.last_mut() {
            Some(outer) => outer.add(&table.text()),
            None => self.outline.block(PieceKind::Table, &table.text()),
        }
    }
}
