//! What a reason says beyond its code, in Russian: entries and rejects keep it in English, with names and numbers inside.

use super::shown::Shown;

/// English and Russian with the same holes: `{}` is taken as it is, `{stage}` is a stage's code, `{more}` is another
/// phrase of this list.
const PHRASES: &[(&str, &str)] = &[
    // Left alone by a rule.
    ("the deal is closed: {stage}", "Стадия сделки: «{stage}»"),
    ("its stage is final for the mapping: {stage}", "Стадия сделки: «{stage}»"),
    // To be decided by a person.
    ("{} deals have this key", "Сделок с этим ключом: {}"),
    ("the record's deal {} no longer has its key", "Сделка {}"),
    (
        "the webhook's user must not see the record's deal {}: give it the rights, or the deal to somebody it may see",
        "Сделка {}",
    ),
    ("the contact has {} open deals without a key", "Таких сделок: {}"),
    (
        "several persons whom this plan creates can be the person of the record",
        "Эти люди создаются этим же планом",
    ),
    ("{} contacts can be the person of the record", "Подходящих контактов: {}"),
    ("a deal with this key has appeared", "Появилась сделка с этим ключом"),
    ("the lead has been closed or converted", "Лид закрыли или преобразовали"),
    ("the deal has got a contact", "В сделку добавили контакт"),
    ("the deal is no longer there", "Сделки больше нет"),
    ("the deal has been closed", "Сделку закрыли"),
    ("the deal was changed: {}", "В сделке изменили поле «{}»"),
    ("the contact was changed: {}", "В контакте изменили поле «{}»"),
    ("the contact is no longer there", "Контакта больше нет"),
    ("a contact of this person has appeared", "Появился контакт этого человека"),
    ("another comment was posted to the deal", "В ленту сделки попал другой комментарий"),
    (
        "the plan does not say which comment the deal had, and it has one",
        "В плане не сказано, какой комментарий был у сделки, а он есть",
    ),
    // Not known.
    ("the key was not looked up", "Ключ не проверен"),
    ("the key was not asked for", "Ключ не проверен"),
    ("the lead was not looked up", "Лид не проверен"),
    ("the deal was not looked up", "Сделка не проверена"),
    ("the contact was not looked up", "Контакт не проверен"),
    ("contacts were not looked up", "Контакты не проверены"),
    ("it was not looked up", "Запись не проверена"),
    ("deals with the key {} were not looked up", "Не проверены сделки с ключом {}"),
    ("the webhook's user must not see the record's contact {}", "Контакт {} не виден пользователю вебхука"),
    ("the record's contact {} could not be read", "Контакт {} не прочитан"),
    ("{} records have this number, there may be more", "С этим номером записей: {}, может быть и больше"),
    // Warnings.
    ("the deal was moved to funnel {}, its stage is left alone", "Воронка {}"),
    ("the record's deal {} is no longer there", "Сделка {}"),
    ("further open leads have the same telephone number: {}", "Лиды: {}"),
    ("lead {} is no longer there, so the deal is created without it", "Лид {}"),
    ("the portal keeps {} digits after the point of `{}`", "Поле «{1}», знаков после запятой: {0}"),
    ("the status `{}` is not in [stages.map]; the default stage is taken", "Статус «{}»"),
    ("the status `{}` is not in [stages.map]", "Статус «{}»"),
    ("no telephone number: {more}", "{more}"),
    ("letters in a telephone number", "В номере есть буквы"),
    ("no digits", "В ячейке нет цифр"),
    ("too short: there is no area code", "Мало цифр: нет кода города или оператора"),
    ("too short for a number of +7", "Для номера +7 мало цифр"),
    ("too short", "Мало цифр"),
    ("too long: perhaps two numbers without a separator", "Много цифр: возможно, два номера без разделителя"),
    ("too long for a number of +7", "Для номера +7 много цифр"),
    (
        "neither a Russian number nor one with `+` and its country",
        "Это не российский номер и не номер с «+» и кодом страны",
    ),
    ("no area or mobile code of +7 begins so", "Коды городов и операторов +7 так не начинаются"),
    ("no country has this code", "Кода такой страны нет"),
    ("no number of that country has so many digits", "В номерах этой страны другое число цифр"),
    // What is wrong with a row of the source.
    ("the key stands in line {}, too", "Этот же ключ в строке {}"),
    ("`{}` is required, and there is no value", "Поле «{}»"),
    ("{} characters, and the portal takes {}", "Знаков {}, портал принимает {}"),
    ("`{}`: {more}", "Поле «{}»: {more}"),
    ("not a whole number", "не целое число"),
    ("not an amount or number", "не сумма и не число"),
    ("not a date with a time", "не дата со временем"),
    ("not a date", "не дата"),
    ("there was no such time in the source's time zone", "такого времени в часовом поясе источника не было"),
    ("neither yes nor no", "не «да» и не «нет»"),
    ("not one of its values", "такого значения нет в списке"),
    ("more than one of its values", "подходят несколько значений списка"),
    ("{} characters, and the field takes {}", "знаков {}, поле принимает {}"),
    ("{} bytes, and the portal takes {}", "байтов {}, портал принимает {}"),
];

/// What an English text says beyond its code, in Russian; none when it says nothing more, or in words nobody foresaw.
pub(super) fn detail(own: &str, shown: &Shown) -> Option<String> {
    PHRASES.iter().find_map(|(english, russian)| {
        let found = holes(english, own)?;
        let mut text = (*russian).to_owned();
        for (number, (kind, value)) in found.iter().enumerate() {
            let value = match *kind {
                "{stage}" => shown.stage(value),
                "{more}" => detail(value, shown)?,
                _ => (*value).to_owned(),
            };
            let numbered = format!("{{{number}}}");
            let place = if text.contains(&numbered) { numbered.as_str() } else { kind };
            text = text.replacen(place, &value, 1);
        }
        Some(text)
    })
}

/// What stands in the holes of a text, with their kinds; none when it is another text.
fn holes<'a>(phrase: &'a str, text: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut found = Vec::new();
    let (mut phrase, mut text) = (phrase, text);
    while let Some((before, rest)) = phrase.split_once('{') {
        text = text.strip_prefix(before)?;
        let (kind, rest) = rest.split_once('}')?;
        let next = rest.split('{').next().unwrap_or_default();
        let end = if next.is_empty() { text.len() } else { text.find(next)? };
        let kind = match kind {
            "stage" => "{stage}",
            "more" => "{more}",
            _ => "{}",
        };
        found.push((kind, text.get(..end)?));
        text = text.get(end..)?;
        phrase = rest;
    }
    (text == phrase).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::{PHRASES, holes};

    #[test]
    fn holes_are_found_between_the_words() {
        assert_eq!(
            holes("the deal is closed: {stage}", "the deal is closed: C4:WON"),
            Some(vec![("{stage}", "C4:WON")])
        );
        assert_eq!(
            holes("{} characters, and the portal takes {}", "300 characters, and the portal takes 255"),
            Some(vec![("{}", "300"), ("{}", "255")])
        );
        assert_eq!(holes("too short", "too short: there is no area code"), None);
        assert_eq!(
            holes("`{}`: {more}", "`Начало: приёма`: not a date"),
            Some(vec![("{}", "Начало: приёма"), ("{more}", "not a date")])
        );
    }

    #[test]
    fn both_languages_have_the_same_holes() {
        for (english, russian) in PHRASES {
            assert_eq!(english.matches('{').count(), russian.matches('{').count(), "{english}");
            let letters = russian.chars().filter(|c| c.is_alphabetic());
            let placeless = russian.replace("{stage}", "").replace("{more}", "").replace("+7", "");
            assert!(letters.count() > 0 && !placeless.chars().any(|c| c.is_ascii_alphabetic()), "{russian}");
        }
    }
}
