//! One number. The zone +7 by its own rules (Russia and Kazakhstan), the rest of the world by the shape of E.164.

/// Words between a number and its extension, lower case; longer ones first.
const EXTENSION_WORDS: [&str; 9] = ["добавочный", "внутр", "доб", "вн", "ext", "tel", "доп", "x", "#"];

/// Country codes of ITU-T E.164 with one or two digits; all others have three.
const SHORT_COUNTRIES: [&str; 46] = [
    "1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47",
    "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66",
    "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
];

/// Digits after the country code, where neighbours and frequent countries are concerned.
const LENGTHS: [(&str, std::ops::RangeInclusive<usize>); 15] = [
    ("1", 10..=10),
    ("373", 8..=8),
    ("374", 8..=8),
    ("375", 9..=9),
    ("380", 9..=9),
    ("992", 9..=9),
    ("993", 8..=8),
    ("994", 9..=9),
    ("995", 9..=9),
    ("996", 9..=9),
    ("998", 9..=9),
    ("86", 8..=11),
    ("90", 10..=10),
    ("49", 5..=13),
    ("44", 9..=10),
];

/// The number without its extension, and the extension.
pub(super) fn split_extension(text: &str) -> (&str, Option<String>) {
    let lower = text.to_lowercase();
    // Lower case may be longer or shorter in bytes only for letters that no number has.
    if lower.len() != text.len() {
        return (text, None);
    }
    let place = EXTENSION_WORDS.iter().filter_map(|word| lower.find(word).map(|at| (at, word.len()))).min();
    let Some((at, length)) = place.filter(|(at, _)| *at > 0) else { return (text, None) };
    let (Some(number), Some(after)) = (text.get(..at), text.get(at + length..)) else { return (text, None) };
    let digits: String = after.chars().filter(char::is_ascii_digit).collect();
    let number = number.trim_end_matches([' ', '(', ',', '.', '\u{a0}']);
    (number, (!digits.is_empty()).then_some(digits))
}

/// The number in E.164, or what is wrong.
pub(super) fn e164(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let text =
        text.trim_start_matches(|c: char| c.is_alphabetic() || matches!(c, '.' | ':' | ' ' | '\u{a0}'));
    if text.chars().any(char::is_alphabetic) {
        return Err("letters in a telephone number");
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let international = text.starts_with('+') || text.starts_with("(+");
    match digits.len() {
        0 => Err("no digits"),
        1..=9 if !international => Err("too short: there is no area code"),
        1..=7 => Err("too short"),
        16.. => Err("too long: perhaps two numbers without a separator"),
        _ if international => with_country(&digits),
        _ => without_plus(&digits),
    }
}

fn with_country(digits: &str) -> Result<String, &'static str> {
    if let Some(national) = digits.strip_prefix('7') {
        return zone_seven(national);
    }
    // `+8 999 …`, the long-distance prefix after a plus, is a frequent slip in Russian portals. Some numbers of Vietnam
    // (+84) look the same and are taken for it.
    if let Some(national) = digits.strip_prefix('8').filter(|national| national.len() == 10)
        && let Ok(number) = zone_seven(national)
    {
        return Ok(number);
    }
    foreign(digits)
}

fn without_plus(digits: &str) -> Result<String, &'static str> {
    match (digits.len(), digits.as_bytes().first()) {
        (10, _) => zone_seven(digits),
        (11, Some(b'7' | b'8')) => zone_seven(&digits[1..]),
        (_, Some(b'0')) if digits.starts_with("00") => foreign(&digits[2..]),
        (13, _) if digits.starts_with("8107") => zone_seven(&digits[4..]),
        (13.., _) if digits.starts_with("810") => with_country(&digits[3..]),
        // Without a plus only a country whose numbers have exactly this length is believed.
        (11.., _) if known_length(digits) == Some(true) => foreign(digits),
        (11.., _) => Err("neither a Russian number nor one with `+` and its country"),
        _ => Err("too short"),
    }
}

/// The ten digits after +7.
fn zone_seven(national: &str) -> Result<String, &'static str> {
    if national.len() < 10 {
        return Err("too short for a number of +7");
    }
    if national.len() > 10 {
        return Err("too long for a number of +7");
    }
    // Russia: geographic 3xx, 4xx, 81x…87x, free and paid 80x, mobile 9xx; `89…` and `849…` are numbers with their
    // long-distance 8 and a digit too few. Kazakhstan: mobile and geographic 70x…77x.
    let short = national.starts_with("88") || national.starts_with("89") || national.starts_with("849");
    let russian = matches!(national.as_bytes(), [b'3' | b'4' | b'8' | b'9', ..]) && !short;
    let valid = russian || matches!(national.as_bytes(), [b'7', b'0'..=b'2' | b'4'..=b'7', ..]);
    if !valid {
        return Err("no area or mobile code of +7 begins so");
    }
    Ok(format!("+7{national}"))
}

fn country(digits: &str) -> Option<&str> {
    SHORT_COUNTRIES.iter().find(|code| digits.starts_with(**code)).copied().or_else(|| {
        let code = digits.get(..3)?;
        (!code.starts_with('0')).then_some(code)
    })
}

/// Whether the length fits the country; `None` where it is not known.
fn known_length(digits: &str) -> Option<bool> {
    let code = country(digits)?;
    let (_, lengths) = LENGTHS.iter().find(|(known, _)| *known == code)?;
    Some(lengths.contains(&(digits.len() - code.len())))
}

fn foreign(digits: &str) -> Result<String, &'static str> {
    if country(digits).is_none() {
        return Err("no country has this code");
    }
    if !(8..=15).contains(&digits.len()) || known_length(digits) == Some(false) {
        return Err("no number of that country has so many digits");
    }
    Ok(format!("+{digits}"))
}
