//! The last line of defence for webhook secrets: whatever is printed for people passes through here.

use std::borrow::Cow;

/// Replaces the code of every webhook address in the text (`…/rest/1/CODE/…`) by asterisks.
pub(crate) fn strip(text: &str) -> Cow<'_, str> {
    let mut clean = String::new();
    let mut rest = text;
    while let Some((start, end)) = find_code(rest) {
        clean.push_str(&rest[..start]);
        clean.push_str("***");
        rest = &rest[end..];
    }
    if clean.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(clean + rest) }
}

/// Where the first not yet masked webhook code of the text lies.
fn find_code(text: &str) -> Option<(usize, usize)> {
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(found) = lower[from..].find("rest/") {
        let mut at = from + found + "rest/".len();
        from = at;
        if lower[at..].starts_with("api/") {
            at += "api/".len();
        }
        let digits = lower[at..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || !lower[at + digits..].starts_with('/') {
            continue;
        }
        let start = at + digits + 1;
        let length = text[start..]
            .find(|c: char| !(c.is_alphanumeric() || "-_.~%".contains(c)))
            .unwrap_or(text.len() - start);
        if length > 0 {
            return Some((start, start + length));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn webhook_codes_are_masked_wherever_they_stand() {
        for (text, clean) in [
            ("https://a.ru/rest/1/abc123/crm.item.list", "https://a.ru/rest/1/***/crm.item.list"),
            (
                "see a.ru/REST/17/abc and b.ru/rest/api/2/xyz/",
                "see a.ru/REST/17/*** and b.ru/rest/api/2/***/",
            ),
            ("the rest/ of it, /rest/crm.item.list", "the rest/ of it, /rest/crm.item.list"),
            ("ключ `https://a.ru/rest/1/ключ`", "ключ `https://a.ru/rest/1/***`"),
        ] {
            assert_eq!(strip(text), clean);
        }
    }

    #[test]
    fn a_masked_text_stays_as_it_is() {
        let masked = "https://a.ru/rest/1/***/crm.item.list";
        assert_eq!(strip(masked), masked);
    }
}
