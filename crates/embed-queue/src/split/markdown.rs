//! Markdown along its structure.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::Sizes;
use super::sections::{self, Block, BlockKind};
use crate::document::{Piece, PieceKind};

/// Letters of a heading in the path: breadcrumbs must not outweigh the text.
const LONGEST: usize = 120;

/// Markdown: a piece never crosses a heading, and the headings above it are its path.
///
/// Code blocks and tables are cut only
/// beyond the limit; the parts of a table then have its head as their last heading. A heading's line belongs to the piece
/// below it.
#[must_use]
pub fn markdown(text: &str, sizes: Sizes) -> Vec<Piece> {
    let (blocks, whole) = blocks(text);
    sections::pieces(text, blocks, whole, sizes)
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
                        Tag::Heading { level, .. } => BlockKind::Heading(depth_of(level), String::new()),
                        _ => BlockKind::Content(kind),
                    };
                    blocks.push(Block { range, kind });
                }
                depth += 1;
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                if let (TagEnd::Heading(level), 0, Some(block)) = (end, depth, blocks.last_mut()) {
                    block.kind =
                        BlockKind::Heading(depth_of(level), title.trim().chars().take(LONGEST).collect());
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

fn depth_of(level: HeadingLevel) -> u8 {
    level as u8
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
