//! Personal data as it may be shown: recognisable for those who know it, useless for others.

use super::phone::Phone;

/// A telephone number with its middle hidden: `+7999***4567`.
#[must_use]
pub fn phone(text: &str) -> String {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 8 {
        return "***".to_owned();
    }
    let plus = if text.trim_start().starts_with('+') { "+" } else { "" };
    let head: String = digits[..digits.len().saturating_sub(7).min(4)].iter().collect();
    let tail: String = digits[digits.len() - 4..].iter().collect();
    format!("{plus}{head}***{tail}")
}

/// A text with the middles of the telephone numbers in it hidden.
#[must_use]
pub fn numbers(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c == '+' || c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let length = from.find(|c| !is_of_number(c)).unwrap_or(from.len());
        let number = from[..length].trim_end_matches(|c: char| !c.is_ascii_digit());
        let digits = number.chars().filter(char::is_ascii_digit).count();
        masked.push_str(before);
        if digits > 15 || Phone::parse(number).is_ok() {
            masked.push_str(&phone(number));
        } else {
            masked.push_str(number);
        }
        masked.push_str(&from[number.len()..length]);
        rest = &from[length..];
    }
    masked + rest
}

/// Whether people write the character within a telephone number.
pub(super) fn is_of_number(character: char) -> bool {
    // Hyphens, dashes and narrow spaces of typesetters too.
    matches!(character, '0'..='9' | ' ' | '-' | '(' | ')' | '+' | '.' | '/')
        || matches!(character, '\u{a0}' | '\u{2007}' | '\u{2009}'..='\u{2015}' | '\u{202f}' | '\u{2212}')
}

/// A name as initials: `И*** П***`.
#[must_use]
pub fn name(text: &str) -> String {
    let hidden = |word: &str| word.chars().next().map(|first| format!("{first}***"));
    text.split_whitespace().filter_map(hidden).collect::<Vec<_>>().join(" ")
}

/// Any text that may hold personal data: its first characters and its length. What is masked stays as it is.
#[must_use]
pub fn text(text: &str) -> String {
    let text = text.trim();
    if is_masked(text) {
        return text.to_owned();
    }
    let length = text.chars().count();
    let head: String = text.chars().take(if length > 8 { 3 } else { 1 }).collect();
    if length == 0 { String::new() } else { format!("{head}*** ({length} characters)") }
}

/// Whether a text is what [`text`] makes of one.
fn is_masked(text: &str) -> bool {
    let Some((head, rest)) = text.split_once("*** (") else { return false };
    let length = rest.strip_suffix(" characters)").and_then(|number| number.parse::<usize>().ok());
    length.is_some_and(|length| head.chars().count() == if length > 8 { 3 } else { 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_text_is_not_masked_again() {
        let once = text("Иванова Анна Петровна");
        assert_eq!(once, "Ива*** (21 characters)");
        assert_eq!(text(&once), once);
        assert_eq!(text("Ива*** (many characters)"), "Ива*** (24 characters)");
        assert_eq!(text("Иванова*** (7 characters)"), "Ива*** (25 characters)");
    }

    #[test]
    fn numbers_within_a_text_are_masked_and_other_digits_are_not() {
        assert_eq!(numbers("call +7 (999) 123-45-67, please"), "call +7999***4567, please");
        assert_eq!(numbers("8 999 123\u{2011}45\u{2011}67"), "8999***4567");
        assert_eq!(numbers("89991234567 89991234568"), "8999***4568", "two numbers that nothing parts");
        for text in ["line 12 of 2026-09-01 08:00:00", "12 345 678.90", "", "+"] {
            assert_eq!(numbers(text), text);
        }
    }
}
