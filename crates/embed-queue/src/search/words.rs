//! Words of texts and queries, in the same way for both.

use rust_stemmers::{Algorithm, Stemmer};

/// A word with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// As written, in small letters, ё as е; with the signs inside: `std::fs`, `2026-03`, `a/b.rs`.
    pub(crate) exact: String,
    /// Its parts between signs, stemmed by script; parts with digits as they are.
    pub(crate) stems: Vec<String>,
    /// Where it begins in the text.
    pub(crate) at: usize,
}

/// What is stored for full-text search.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) stemmed: String,
    pub(crate) exact: String,
}

pub(crate) struct Analyser {
    russian: Stemmer,
    english: Stemmer,
}

impl Analyser {
    pub(crate) fn new() -> Self {
        Self { russian: Stemmer::create(Algorithm::Russian), english: Stemmer::create(Algorithm::English) }
    }

    pub(crate) fn words(&self, text: &str) -> Vec<Word> {
        let mut words = Vec::new();
        for run in text.split(|letter: char| !is_word(letter)) {
            let trimmed = run.trim_matches(['.', ':', '/', '-', '@']);
            if !trimmed.contains(char::is_alphanumeric) {
                continue;
            }
            let exact = trimmed.to_lowercase().replace('ё', "е");
            let parts = exact.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty());
            let stems = parts.map(|part| self.stem(part)).collect();
            // The parts of `text` are slices of it, so the distance of their addresses is the place.
            let at = trimmed.as_ptr().addr() - text.as_ptr().addr();
            words.push(Word { exact, stems, at });
        }
        words
    }

    pub(crate) fn columns(&self, text: &str) -> Columns {
        let mut columns = Columns::default();
        for word in self.words(text) {
            let parts =
                word.exact.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty());
            let compound = word.stems.len() > 1;
            for exact in parts.filter(|_| compound).chain([word.exact.as_str()]) {
                columns.exact.push_str(exact);
                columns.exact.push(' ');
            }
            for stem in &word.stems {
                columns.stemmed.push_str(stem);
                columns.stemmed.push(' ');
            }
        }
        columns
    }

    fn stem(&self, part: &str) -> String {
        if part.contains(|letter: char| letter.is_numeric()) {
            return part.to_owned();
        }
        let cyrillic = part.chars().all(|letter| ('а'..='я').contains(&letter));
        let stemmer = if cyrillic { &self.russian } else { &self.english };
        if cyrillic || part.is_ascii() { stemmer.stem(part).into_owned() } else { part.to_owned() }
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || "_-:/.#@+".contains(letter)
}

/// An FTS5 expression that matches the words of a query; none if it has no words. User's text is only ever inside quotes.
pub(crate) fn expression(words: &[Word], all: bool) -> Option<String> {
    let of = |word: &Word| {
        let stems = word.stems.join(" ");
        format!("({{stemmed headings}} : \"{stems}\" OR exact : \"{}\")", word.exact)
    };
    let terms: Vec<String> = words.iter().map(of).collect();
    (!terms.is_empty()).then(|| terms.join(if all { " AND " } else { " OR " }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem_and_codes_stay_whole() {
        let analyser = Analyser::new();
        let stems =
            |text: &str| analyser.words(text).into_iter().flat_map(|word| word.stems).collect::<Vec<_>>();
        assert_eq!(stems("Циклы циклами ЦИКЛ"), ["цикл", "цикл", "цикл"]);
        assert_eq!(stems("cached caches"), ["cach", "cach"]);
        assert_eq!(stems("Ёлка"), stems("елка"));
        let code = &analyser.words("see std::fs/a_b.rs, error E0277.")[1..];
        assert_eq!(code[0].exact, "std::fs/a_b.rs");
        assert_eq!(code[0].stems, ["std", "fs", "a", "b", "rs"]);
        assert_eq!((code[2].exact.as_str(), code[2].at), ("e0277", 26));
    }

    #[test]
    fn signs_of_the_query_language_are_nobody_s_words() {
        let analyser = Analyser::new();
        let expression = expression(&analyser.words("NOT \"a* OR (b) - .. NEAR/2"), true).unwrap_or_default();
        let quotes = expression.matches('"').count();
        assert_eq!(quotes % 2, 0);
        assert!(!expression.contains('*'));
    }
}
