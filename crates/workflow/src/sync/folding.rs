//! Texts that mean the same to people: case, `ё`, kinds and numbers of spaces do not count.

use super::wanted::PersonName;

/// The text in lower case, `ё` as `е`, with single plain spaces and none beside brackets.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut space = false;
    for letter in text.chars().flat_map(char::to_lowercase) {
        let blank = letter.is_whitespace() || matches!(letter, '\u{200b}' | '\u{feff}' | '\u{2060}');
        if blank {
            space = true;
            continue;
        }
        let beside = matches!(letter, '(' | ')') || folded.ends_with(['(', ')']);
        if space && !folded.is_empty() && !beside {
            folded.push(' ');
        }
        space = false;
        folded.push(if letter == 'ё' { 'е' } else { letter });
    }
    folded
}

impl PersonName {
    /// Splits `Фамилия Имя Отчество`; what follows the second word is the patronymic (`Мамедов Али Гасан оглы`).
    #[must_use]
    pub fn split(text: &str) -> Self {
        let mut words = text.split_whitespace();
        let mut next = || words.next().unwrap_or_default().to_owned();
        let (last, first) = (next(), next());
        Self { last, first, second: words.collect::<Vec<_>>().join(" ") }
    }

    /// Whether nothing of the name is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.last.is_empty() && self.first.is_empty() && self.second.is_empty()
    }

    /// Whether two names can be one person's: family name and given name agree, and the patronymic where both have one.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        let same = |one: &str, other: &str| fold(one) == fold(other);
        let second = self.second.is_empty() || other.second.is_empty() || same(&self.second, &other.second);
        same(&self.last, &other.last) && same(&self.first, &other.first) && second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_people_read_alike_are_alike() {
        for text in ["Завершён (счёт выдан)", " завершен\u{a0}(счет  выдан )", "ЗАВЕРШЕН( счет выдан)"]
        {
            assert_eq!(fold(text), "завершен(счет выдан)");
        }
        assert_ne!(fold("Завершен"), fold("Завершен (счет выдан)"));
    }

    #[test]
    fn names_agree_without_regard_to_spelling_and_to_a_patronymic_that_one_lacks() {
        let name = PersonName::split("Семёнова  Анна Петровна");
        assert!(name.agrees(&PersonName::split("СЕМЕНОВА Анна")));
        assert!(name.agrees(&PersonName::split("Семенова анна петровна")));
        assert!(!name.agrees(&PersonName::split("Семенова Анна Ивановна")));
        assert!(!name.agrees(&PersonName::split("Семенов Анна")));
        assert_eq!(PersonName::split("Мамедов Али Гасан оглы").second, "Гасан оглы");
    }
}
