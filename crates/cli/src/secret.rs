//! The last line of defence for secrets in addresses: whatever is printed for people passes through here.

use std::borrow::Cow;

/// What an address of a login or a renewal carries.
const KEYS: [&str; 5] = ["code=", "auth=", "access_token=", "refresh_token=", "client_secret="];

/// Replaces the code of every webhook address in the text (`…/rest/1/CODE/…`) and the secrets of every login's
/// address (`?code=CODE`) by asterisks.
pub(crate) fn strip(text: &str) -> Cow<'_, str> {
    let mut clean = String::new();
    let mut rest = text;
    while let Some((start, end)) = [find_code(rest), find_value(rest)].into_iter().flatten().min() {
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

/// Where the first not yet masked secret value of a query lies.
fn find_value(text: &str) -> Option<(usize, usize)> {
    text.match_indices(['?', '&']).find_map(|(at, _)| {
        let query = &text[at + 1..];
        let key = KEYS.iter().find(|key| query.starts_with(**key))?;
        let start = at + 1 + key.len();
        let length = text[start..]
            .find(|c: char| !(c.is_alphanumeric() || "-_.~%+".contains(c)))
            .unwrap_or(text.len() - start);
        (length > 0).then_some((start, start + length))
    })
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
            (
                "see https://app.ru/?state=1&code=abc&domain=a.ru.",
                "see https://app.ru/?state=1&code=***&domain=a.ru.",
            ),
            (
                "'https://a.ru/oauth/token/?client_secret=a.b&refresh_token=c' a.ru/rest/1/x",
                "'https://a.ru/oauth/token/?client_secret=***&refresh_token=***' a.ru/rest/1/***",
            ),
            ("code=5 is no address", "code=5 is no address"),
            ("ключ `https://a.ru/rest/1/ключ`", "ключ `https://a.ru/rest/1/***`"),
        ] {
            assert_eq!(strip(text), clean);
        }
    }

    #[test]
    fn a_masked_text_stays_as_it_is() {
        let masked = "https://a.ru/rest/1/***/crm.item.list?auth=***&a=1";
        assert_eq!(strip(masked), masked);
    }
}
