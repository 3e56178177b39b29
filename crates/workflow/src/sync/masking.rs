//! Personal data as it may be shown: recognisable for those who know it, useless for others.

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
}
