//! A few words around the first hit.

use std::collections::HashSet;

use super::words::{Analyser, Word};

const BEFORE: usize = 80;
const LENGTH: usize = 240;

/// Cut from the chunk's own text, on one line.
pub(super) fn snippet(analyser: &Analyser, content: &str, query: &[Word]) -> String {
    let asked: HashSet<&String> = query.iter().flat_map(|word| &word.stems).collect();
    let words = analyser.words(content);
    let hit = words.iter().find(|word| word.stems.iter().any(|stem| asked.contains(stem)));
    let from = hit.map_or(0, |word| word.at.saturating_sub(BEFORE));
    // Begins with a whole word unless it begins with the text.
    let start = words.iter().map(|word| word.at).find(|&at| at >= from).filter(|_| from > 0).unwrap_or(0);
    let window: String = content[start..].chars().take(LENGTH).collect();
    let mut snippet = window.split_whitespace().collect::<Vec<_>>().join(" ");
    if start > 0 {
        snippet.insert(0, '…');
    }
    if start + window.len() < content.len() {
        snippet.push('…');
    }
    snippet
}
