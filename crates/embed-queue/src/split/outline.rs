//! A text that is put together block by block.

use std::ops::Range;

use super::Sizes;
use super::sections::{self, Block, BlockKind};
use crate::document::{Piece, PieceKind};

/// Letters of a heading in the path: breadcrumbs must not outweigh the text.
const LONGEST: usize = 120;

/// Headings and blocks in reading order, for formats that have no text of their own to point into. Byte and line ranges
/// of its pieces are those of the text that is put together.
#[derive(Default)]
pub(crate) struct Outline {
    text: String,
    blocks: Vec<Block>,
    whole: Vec<Range<usize>>,
}

impl Outline {
    /// A heading that stands in the text.
    pub(crate) fn heading(&mut self, level: u8, title: &str) {
        let title = one_line(title);
        if !title.is_empty() {
            let range = self.push(&title);
            self.headed(range, level, &title);
        }
    }

    /// A name that stands above the text without being part of it: a sheet, a page.
    pub(crate) fn label(&mut self, level: u8, name: &str) {
        let name = one_line(name);
        if !name.is_empty() {
            self.headed(self.text.len()..self.text.len(), level, &name);
        }
    }

    /// A paragraph, a list, a table, a code block.
    pub(crate) fn block(&mut self, kind: PieceKind, text: &str) {
        let text = text.trim_matches(['\n', '\r']);
        if text.trim().is_empty() {
            return;
        }
        let range = self.push(text);
        if kind != PieceKind::Text {
            self.whole.push(range.clone());
        }
        self.blocks.push(Block { range, kind: BlockKind::Content(kind) });
    }

    /// Bytes of text so far.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether there is any text.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    pub(crate) fn pieces(self, sizes: Sizes) -> Vec<Piece> {
        sections::pieces(&self.text, self.blocks, self.whole, sizes)
    }

    fn headed(&mut self, range: Range<usize>, level: u8, title: &str) {
        let title = title.chars().take(LONGEST).collect();
        self.blocks.push(Block { range, kind: BlockKind::Heading(level, title) });
    }

    /// Blocks are apart by an empty line, which belongs to the block before it.
    fn push(&mut self, text: &str) -> Range<usize> {
        let start = self.text.len();
        self.text.push_str(text);
        self.text.push_str("\n\n");
        start..self.text.len()
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
