//! Blocks under headings into pieces: what every structured format ends in.

use std::ops::Range;

use super::{Cutter, Sizes};
use crate::document::{Piece, PieceKind};

/// Below every heading that a format has.
const MOST: u8 = u8::MAX;

/// A block of a text.
pub(super) struct Block {
    pub(super) range: Range<usize>,
    pub(super) kind: BlockKind,
}

pub(super) enum BlockKind {
    /// With its level, 1 is the outermost.
    Heading(u8, String),
    Content(PieceKind),
}

/// Pieces that never cross a heading. `whole` are code blocks and tables wherever they are.
pub(super) fn pieces(text: &str, blocks: Vec<Block>, whole: Vec<Range<usize>>, sizes: Sizes) -> Vec<Piece> {
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
    path: Vec<(u8, String)>,
    open: Option<(Range<usize>, PieceKind)>,
    /// Where headings without content so far begin.
    heading: Option<usize>,
    pieces: Vec<Piece>,
}

impl Sections<'_> {
    fn heading(&mut self, range: Range<usize>, level: u8, title: String) {
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
                self.path.push((MOST, head));
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
