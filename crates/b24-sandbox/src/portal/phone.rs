//! How the portal compares phones and e-mails (`NormalizePhone` in main/tools.php; wire reference, section 6.6).

/// The form under which a value is indexed and looked up; `None` for kinds that are not, and for empty values.
pub(super) fn normalised(kind: &str, value: &str) -> Option<String> {
    let key = match kind {
        "PHONE" => phone(value),
        "EMAIL" => value.trim().to_lowercase(),
        _ => String::new(),
    };
    (!key.is_empty()).then_some(key)
}

fn phone(raw: &str) -> String {
    let raw = raw.trim();
    let opened = match raw.strip_prefix('+') {
        Some(rest) if rest.starts_with('8') && raw.chars().count() >= 10 => format!("00{rest}"),
        _ => raw.to_owned(),
    };
    let kept: String = opened.chars().filter(|c| c.is_ascii_digit() || "#*,;".contains(*c)).collect();
    if kept.len() < 10 {
        return kept;
    }
    let national = if ["80", "81", "82"].iter().any(|zone| kept.starts_with(zone)) {
        kept
    } else if let Some(rest) = kept.strip_prefix("00").or_else(|| kept.strip_prefix("011")) {
        rest.to_owned()
    } else if let Some(rest) = kept.strip_prefix('8') {
        format!("7{rest}")
    } else {
        kept.strip_prefix('0').map_or_else(|| kept.clone(), str::to_owned)
    };
    let end = national.find([';', '#', ',']).unwrap_or(national.len());
    national[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::phone;

    #[test]
    fn spellings_of_one_number_meet_and_the_known_traps_do_not() {
        for text in
            ["+7 (999) 123-45-67", "8 999 1234567", "79991234567", "8-999-123-45-67;12", "+7999 1234567#5"]
        {
            assert_eq!(phone(text), "79991234567", "{text}");
        }
        assert_eq!(phone("9991234567"), "9991234567");
        assert_eq!(phone("+8 999 1234567"), "89991234567");
        assert_eq!(phone("123-45-67"), "1234567");
        assert_eq!(phone("011 7 999 1234567"), "79991234567");
        assert_eq!(phone("00 7 999 1234567"), "79991234567");
        assert_eq!(phone("0 999 123 45 67"), "9991234567");
        assert_eq!(phone("8 800 555-35-35"), "78005553535");
        assert_eq!(phone("8 0 17 212-34-56"), "80172123456");
    }
}
