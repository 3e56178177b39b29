//! Markdown along its structure.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{Cutter, Sizes};
use crate::document::{Piece, PieceKind};

/// Letters of a heading in the path: breadcrumbs must not outweigh the text.
const LONGEST: usize = 120;

/// A block at the top of the document.
struct Block {
    range: Range<usize>,
    kind: BlockKind,
}

enum BlockKind {
    Heading(HeadingLevel, String),
    Content(PieceKind),
}

/// Markdown: a piece never crosses a heading, and the headings above it are its path.
///
/// Code blocks and tables are cut only
/// beyond the limit; the parts of a table then have its head as their last heading. A heading's line belongs to the piece
/// below it.
#[must_use]
pub fn markdown(text: &str, sizes: Sizes) -> Vec<Piece> {
    let (blocks, whole) = blocks(text);
    let cutter = Cutter::new(text, sizes, whole);
    let mut sections = Sections { cutter, path: Vec::new(), open: None, heading: None, pieces: Vec::new() };
    for block in blocks {
        match block.kind {
            BlockKind::Heading(level, title) => sections.heading(block.range, level, title),
            BlockKind::Content(kind) => sections.content(block.range, kind),
        }
    }
    sections.flush();
    if let Some(start) = sections.heading {
        for part in sections.cutter.prose(start..text.len()) {
            sections.emit(part, PieceKind::Text);
        }
    }
    sections.pieces
}

struct Sections<'a> {
    cutter: Cutter<'a>,
    path: Vec<(HeadingLevel, String)>,
    open: Option<(Range<usize>, PieceKind)>,
    /// Where headings without content so far begin.
    heading: Option<usize>,
    pieces: Vec<Piece>,
}

impl Sections<'_> {
    fn heading(&mut self, range: Range<usize>, level: HeadingLevel, title: String) {
        self.flush();
        self.path.retain(|(above, _)| *above < level);
        self.path.push((level, title));
        self.heading.get_or_insert(range.start);
    }

    fn content(&mut self, range: Range<usize>, kind: PieceKind) {
        let start = self.heading.take().unwrap_or(range.start);
        if let Some((open, of)) = &mut self.open {
            if range.end - open.start <= self.cutter.target {
                open.end = range.end;
                if *of != kind {
                    *of = PieceKind::Text;
                }
                return;
            }
            self.flush();
        }
        self.open = Some((start..range.end, kind));
    }

    fn flush(&mut self) {
        let Some((range, kind)) = self.open.take() else { return };
        if kind == PieceKind::Text {
            for part in self.cutter.prose(range) {
                self.emit(part, kind);
            }
            return;
        }
        let head = table_head(kind, &self.cutter.text[range.clone()]);
        for (number, part) in self.cutter.by_lines(range).into_iter().enumerate() {
            let depth = self.path.len();
            if let Some(head) = head.clone().filter(|_| number > 0) {
                self.path.push((HeadingLevel::H6, head));
            }
            self.emit(part, kind);
            self.path.truncate(depth);
        }
    }

    fn emit(&mut self, range: Range<usize>, kind: PieceKind) {
        let headings: Vec<String> =
            self.path.iter().map(|(_, title)| title.clone()).filter(|title| !title.is_empty()).collect();
        self.pieces.extend(self.cutter.piece(range, &headings, kind));
    }
}

fn table_head(kind: PieceKind, block: &str) -> Option<String> {
    let line = block.lines().find(|line| line.contains('|'))?;
    (kind == PieceKind::Table).then(|| line.trim().trim_matches('|').trim().to_owned())
}

/// The blocks at the top, and every code block and table wherever it is.
fn blocks(text: &str) -> (Vec<Block>, Vec<Range<usize>>) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let (mut blocks, mut whole) = (Vec::new(), Vec::new());
    let (mut depth, mut title) = (0_usize, String::new());
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                let kind = match tag {
                    Tag::CodeBlock(_) => PieceKind::Code,
                    Tag::Table(_) => PieceKind::Table,
                    _ => PieceKind::Text,
                };
                if kind != PieceKind::Text {
                    whole.push(range.clone());
                }
                if depth == 0 {
                    title.clear();
                    let kind = match tag {
                        Tag::Heading { level, .. } => BlockKind::Heading(level, String::new()),
                        _ => BlockKind::Content(kind),
                    };
                    blocks.push(Block { range, kind });
                }
                depth += 1;
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                if let (TagEnd::Heading(level), 0, Some(block)) = (end, depth, blocks.last_mut()) {
                    block.kind = BlockKind::Heading(level, title.trim().chars().take(LONGEST).collect());
                }
            }
            Event::Text(part) | Event::Code(part) => title.push_str(&part),
            Event::SoftBreak | Event::HardBreak => title.push(' '),
            // A rule between blocks is nobody's text.
            _ if depth == 0 => blocks.push(Block { range, kind: BlockKind::Content(PieceKind::Text) }),
            _ => {}
        }
    }
    close_gaps(&mut blocks, text.len());
    (blocks, whole)
}

/// Link definitions are no blocks, but they are text: what stands between blocks belongs to the block before it.
fn close_gaps(blocks: &mut Vec<Block>, end: usize) {
    if blocks.is_empty() {
        blocks.push(Block { range: 0..end, kind: BlockKind::Content(PieceKind::Text) });
    }
    let mut next = end;
    for block in blocks.iter_mut().rev() {
        block.range.end = next;
        next = block.range.start;
    }
    if let Some(first) = blocks.first_mut() {
        first.range.start = 0;
    }
}
