//! Words of texts and queries, in the same way for both.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
        each_word(text, |exact, at| {
            let stems = parts(exact).map(|part| self.stem(part).into_owned()).collect();
            words.push(Word { exact: exact.to_owned(), stems, at });
        });
        words
    }

    pub(crate) fn columns(&self, text: &str) -> Columns {
        let mut columns = Columns::default();
        each_word(text, |exact, _| {
            let compound = parts(exact).nth(1).is_some();
            for part in parts(exact) {
                if compound {
                    columns.exact.extend([part, " "]);
                }
                columns.stemmed.extend([&self.stem(part), " "]);
            }
            columns.exact.extend([exact, " "]);
        });
        columns
    }

    fn stem<'a>(&self, part: &'a str) -> Cow<'a, str> {
        let cyrillic = part.chars().all(|letter| ('а'..='я').contains(&letter));
        if cyrillic {
            // The stemmer takes the end of these nouns for that of a reflexive verb.
            let noun = NOUNS.iter().any(|end| part.ends_with(end));
            return self.russian.stem(if noun { part.trim_end_matches('ь') } else { part });
        }
        let latin = part.bytes().all(|letter| letter.is_ascii_alphabetic());
        if latin { self.english.stem(part) } else { Cow::Borrowed(part) }
    }
}

/// Ends of nouns: запись, подпись, смесь.
const NOUNS: [&str; 2] = ["пись", "месь"];

/// Words in their exact form, one buffer for all of them: a text has thousands.
fn each_word(text: &str, mut word: impl FnMut(&str, usize)) {
    let mut exact = String::new();
    for run in text.split(|letter: char| !is_word(letter)) {
        let trimmed = run.trim_matches(|letter| {
            matches!(letter, '.' | ':' | '/' | '-' | '@') || is_unseen(letter) && !is_mark(letter)
        });
        if !trimmed.contains(is_alphanumeric) {
            continue;
        }
        exact.clear();
        let mut composed = true;
        for letter in trimmed.chars() {
            match letter {
                'ё' | 'Ё' => exact.push('е'),
                'а'..='я' => exact.push(letter),
                letter if letter.is_ascii() => exact.push(letter.to_ascii_lowercase()),
                letter => {
                    composed &= !is_unseen(letter) && letter < FIRST_MARK || ('А'..='я').contains(&letter);
                    exact.extend(letter.to_lowercase());
                }
            }
        }
        if !composed {
            compose(trimmed, &mut exact);
        }
        // The parts of `text` are slices of it, so the distance of their addresses is the place.
        word(&exact, trimmed.as_ptr().addr() - text.as_ptr().addr());
    }
}

/// Letters below it are what they are, alone or beside others.
const FIRST_MARK: char = '\u{300}';

/// Letters that are written as a letter and a mark (as names of files and many PDFs have them) become one, ё and й too;
/// marks that are left say how a word is stressed, and what is unseen where it may be broken.
fn compose(word: &str, exact: &mut String) {
    exact.clear();
    let letters = word.chars().filter(|letter| is_mark(*letter) || !is_unseen(*letter)).nfc();
    for letter in letters.filter(|letter| !is_mark(*letter)).flat_map(char::to_lowercase) {
        exact.push(if letter == 'ё' { 'е' } else { letter });
    }
}

fn parts(exact: &str) -> impl Iterator<Item = &str> {
    exact.split(|letter: char| !is_alphanumeric(letter)).filter(|part| !part.is_empty())
}

fn is_word(letter: char) -> bool {
    is_alphanumeric(letter)
        || matches!(letter, '_' | '-' | ':' | '/' | '.' | '#' | '@' | '+')
        || is_unseen(letter)
}

/// What stands inside a word without being a sign of its own: marks, soft hyphens, places without width.
fn is_unseen(letter: char) -> bool {
    !letter.is_ascii()
        && (matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}') || is_mark(letter))
}

/// A mark on the letter before it. In some scripts marks are letters.
fn is_mark(letter: char) -> bool {
    letter >= FIRST_MARK && is_combining_mark(letter) && !letter.is_alphabetic()
}

/// The same as `char::is_alphanumeric`, which searches a table for every letter that is not Latin.
fn is_alphanumeric(letter: char) -> bool {
    matches!(letter, 'А'..='я' | '0'..='9' | 'a'..='z' | 'A'..='Z') || letter.is_alphanumeric()
}

/// An FTS5 expression that matches the words of a query; none if it has no words. User's text is only ever inside quotes.
pub(crate) fn expression(words: &[Word], all: bool) -> Option<String> {
    let of = |word: &Word| {
        let stems = word.stems.join(" ");
        format!("({{stemmed headings}} : \"{stems}\" OR {{exact names}} : \"{}\")", word.exact)
    };
    let terms: Vec<String> = words.iter().map(of).collect();
    (!terms.is_empty()).then(|| terms.join(if all { " AND " } else { " OR " }))
}

/// Expressions for what a query calls by its name, the strictest first; none unless a word looks like a name, with signs
/// inside as those of files have.
pub(crate) fn names(words: &[Word]) -> Vec<String> {
    let called = |word: &Word| format!("names : \"{}\"", word.exact);
    let any: Vec<String> = words.iter().filter(|word| word.stems.len() > 1).map(called).collect();
    let Some(all) = expression(words, true).filter(|_| !any.is_empty()) else { return Vec::new() };
    let (whole, any) = (words.iter().map(called).collect::<Vec<_>>().join(" AND "), any.join(" OR "));
    vec![whole, format!("({any}) AND {all}"), any]
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
    fn marks_and_what_is_unseen_do_not_part_a_word() {
        let analyser = Analyser::new();
        for (written, meant) in [
            ("Рабочии\u{306}", "Рабочий"),
            ("Е\u{308}ж", "ёж"),
            ("дого\u{ad}вор", "договор"),
            ("до\u{200b}го\u{2060}вор\u{feff}", "договор"),
            ("за\u{301}мок", "замок"),
            ("cafe\u{301}", "café"),
            ("Йо\u{301}гурт", "ЙОГУРТ"),
        ] {
            assert_eq!(analyser.columns(written), analyser.columns(meant), "{written:?}");
        }
        let words = analyser.words("\u{ad} и\u{306}\u{ad}од, две\u{301}-три.");
        assert_eq!(words.iter().map(|word| word.exact.as_str()).collect::<Vec<_>>(), ["йод", "две-три"]);
        assert_eq!(words[1].at, "\u{ad} и\u{306}\u{ad}од, ".len());
    }

    #[test]
    fn nouns_that_end_like_reflexive_verbs_have_the_stem_of_their_forms() {
        let analyser = Analyser::new();
        let stem = |text: &str| analyser.words(text)[0].stems[0].clone();
        for (noun, form) in [
            ("запись", "записи"),
            ("подпись", "подписями"),
            ("рукопись", "рукописью"),
            ("перепись", "переписей"),
            ("смесь", "смеси"),
        ] {
            assert_eq!(stem(noun), stem(form), "{noun}");
        }
        assert_eq!(stem("вернулись"), stem("вернулся"));
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
