//! Documents into pieces of a size that models like.

mod decode;
mod markdown;
mod outline;
mod sections;

use std::ops::Range;

use crate::document::{Piece, PieceKind};

pub use decode::{Decoded, Encoding, Undecodable, decode};
pub use markdown::markdown;
pub(crate) use outline::Outline;

/// Bytes per token as this crate counts, see [`crate::Piece`]'s sizes: rather too many tokens than too few.
const BYTES: usize = 3;

/// Sizes of pieces in tokens, estimated at three UTF-8 bytes each, which is more than models count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Pieces grow up to this size.
    pub target: usize,
    /// A code block or table is kept whole up to this size; no piece is larger.
    pub limit: usize,
    /// Prose that is cut repeats so much of its end at the next beginning.
    pub overlap: usize,
    /// Title and headings have at most so many tokens above a piece when it is embedded; they come on top of its size.
    pub crumbs: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { target: 450, limit: 1_500, overlap: 50, crumbs: 225 }
    }
}

impl Sizes {
    /// For a model that takes so many tokens, 16 at least: a piece and what stands above it are no more together.
    #[must_use]
    pub fn within(self, longest: usize) -> Self {
        let most = longest.saturating_sub(longest / 8).max(16);
        let target = self.target.min(most);
        Self {
            target,
            limit: self.limit.max(target).min(most),
            overlap: self.overlap.min(target / 4),
            crumbs: self.crumbs.min(longest.saturating_sub(most)),
        }
    }
}

/// Plain text: cut between paragraphs, else lines, else sentences, else words.
#[must_use]
pub fn plain(text: &str, sizes: Sizes) -> Vec<Piece> {
    let cutter = Cutter::new(text, sizes, Vec::new());
    cutter
        .prose(0..text.len())
        .into_iter()
        .filter_map(|range| cutter.piece(range, &[], PieceKind::Text))
        .collect()
}

/// Cuts ranges of one text.
struct Cutter<'a> {
    text: &'a str,
    target: usize,
    limit: usize,
    overlap: usize,
    crumbs: usize,
    /// Where lines begin.
    lines: Vec<usize>,
    /// Code blocks and tables, in order, none inside another.
    whole: Vec<Range<usize>>,
}

impl<'a> Cutter<'a> {
    fn new(text: &'a str, sizes: Sizes, whole: Vec<Range<usize>>) -> Self {
        // A character has up to four bytes; a piece must be able to hold one.
        let target = (sizes.target * BYTES).max(8);
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let overlap = (sizes.overlap * BYTES).min(target / 4);
        Self {
            text,
            target,
            limit: (sizes.limit * BYTES).max(target),
            overlap,
            crumbs: sizes.crumbs,
            lines,
            whole,
        }
    }

    /// The piece without the white space around it; none if there is nothing else.
    fn piece(&self, range: Range<usize>, headings: &[String], kind: PieceKind) -> Option<Piece> {
        let content = &self.text[range.clone()];
        let start = range.start + (content.len() - content.trim_start().len());
        let content = content.trim();
        let end = start + content.len();
        (!content.is_empty()).then(|| Piece {
            content: content.to_owned(),
            headings: headings.to_vec(),
            kind,
            bytes: start..end,
            lines: (self.line(start), self.line(end - 1)),
            crumbs: self.crumbs,
        })
    }

    fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|&begin| begin <= at)
    }

    /// Ranges up to the target, with overlap; code blocks and tables inside stay whole up to the limit.
    fn prose(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let mut start = range.start;
        while range.end - start > self.target {
            let cut = self.cut(start, range.end);
            ranges.push(start..cut);
            if cut >= range.end {
                return ranges;
            }
            start = self.back(start, cut);
        }
        ranges.push(start..range.end);
        ranges
    }

    /// Ranges up to the limit, cut between lines where there are any: code and tables.
    fn by_lines(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let mut start = range.start;
        while range.end - start > self.limit {
            let end = floor(self.text, start + self.limit);
            let cut = self.text[start..end].rfind('\n').map_or(end, |at| start + at + 1);
            ranges.push(start..cut);
            start = cut;
        }
        ranges.push(start..range.end);
        ranges
    }

    fn cut(&self, start: usize, end: usize) -> usize {
        let furthest = floor(self.text, start + self.target);
        let middle = floor(self.text, start + self.target / 2);
        let window = &self.text[middle..furthest];
        let after = |mark: &str| window.rfind(mark).map(|at| middle + at + mark.len());
        let sentence = [". ", "! ", "? ", "… "].into_iter().filter_map(after).max();
        let cut =
            after("\n\n").or_else(|| after("\n")).or(sentence).or_else(|| after(" ")).unwrap_or(furthest);
        match self.around(cut) {
            Some(block) if block.end.min(end) - start <= self.limit => block.end.min(end),
            Some(block) if block.start > start => block.start,
            _ => cut,
        }
    }

    /// Where the next range begins so that it repeats a little: at a sentence or a word, never inside a whole block.
    fn back(&self, start: usize, cut: usize) -> usize {
        let from = floor(self.text, cut.saturating_sub(self.overlap)).max(start + 1);
        let Some(window) = self.text.get(from..cut) else { return cut };
        let begin = window.find(". ").map(|at| at + 2).or_else(|| window.find([' ', '\n']).map(|at| at + 1));
        let begin = begin.map_or(cut, |at| from + at);
        let touches = self.whole.iter().any(|block| block.start < cut && begin < block.end);
        if touches { cut } else { begin }
    }

    fn around(&self, at: usize) -> Option<&Range<usize>> {
        let next = self.whole.partition_point(|block| block.end <= at);
        self.whole.get(next).filter(|block| block.start < at)
    }
}

/// The last place up to `at` where a character begins.
fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}
