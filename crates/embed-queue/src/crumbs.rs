//! The text that is embedded: what stands above a piece, and the piece.

/// Bytes that a token has at least, as this crate counts.
const BYTES: usize = 3;
const DOCUMENT: &str = "Document: ";
const SECTION: &str = "Section: ";
const BETWEEN: &str = " > ";
/// Stands for the rest of a name.
const CUT: char = '…';
/// A name is left out rather than cut to less.
const LEAST: usize = 24;

/// The text with title and headings above it, in at most so many tokens: what a model takes is the texts', and a name of a
/// thousand letters must not push one out.
pub(crate) fn enriched<S: AsRef<str>>(title: &str, headings: &[S], content: &str, most: usize) -> String {
    let mut text = String::with_capacity(title.len() + content.len() + 32);
    if whole(title, headings) <= most.saturating_mul(BYTES) {
        let path: Vec<&str> = headings.iter().map(AsRef::as_ref).collect();
        write(&mut text, title, &path);
    } else {
        cut(&mut text, title, headings, most.saturating_mul(BYTES));
    }
    text.push_str(content);
    text
}

/// Whether more stands above the text than so many tokens.
pub(crate) fn is_cut<S: AsRef<str>>(title: &str, headings: &[S], most: usize) -> bool {
    whole(title, headings) > most.saturating_mul(BYTES)
}

/// Tokens of a text, rather too many than too few: a provider estimates about 0.25 per UTF-8 byte (`OpenAI`, by the source of pgai).
pub(crate) fn tokens(text: &str) -> usize {
    text.len().div_ceil(BYTES)
}

fn write(text: &mut String, title: &str, path: &[&str]) {
    if !title.is_empty() {
        text.extend([DOCUMENT, title, "\n"]);
    }
    if !path.is_empty() {
        text.extend([SECTION, &path.join(BETWEEN), "\n"]);
    }
}

/// Bytes of everything above the text.
fn whole<S: AsRef<str>>(title: &str, headings: &[S]) -> usize {
    let path: usize = headings.iter().map(|heading| heading.as_ref().len() + BETWEEN.len()).sum();
    let section = if headings.is_empty() { 0 } else { SECTION.len() + path - BETWEEN.len() + 1 };
    section + if title.is_empty() { 0 } else { DOCUMENT.len() + title.len() + 1 }
}

/// The innermost heading says most of a piece, then the title, then the headings from the inside out.
fn cut<S: AsRef<str>>(text: &mut String, title: &str, headings: &[S], mut room: usize) {
    let mut path: Vec<&str> = Vec::new();
    let (innermost, mut name);
    let mut above = headings.iter().map(AsRef::as_ref).rev();
    if let Some(heading) = above.next() {
        // Not so much that nothing else fits.
        let most = if title.is_empty() && headings.len() == 1 { room } else { room - room / 3 };
        innermost = shortened(heading, most.saturating_sub(SECTION.len() + 1));
        if !innermost.is_empty() {
            room -= SECTION.len() + innermost.len() + 1;
            path.push(&innermost);
        }
    }
    name = shortened(title, room.saturating_sub(DOCUMENT.len() + 1));
    if name.len() < LEAST && name != title {
        name.clear();
    }
    if !name.is_empty() {
        room -= DOCUMENT.len() + name.len() + 1;
    }
    // Without the innermost heading the others would seem to be it.
    for heading in above.take(if path.is_empty() { 0 } else { usize::MAX }) {
        let Some(left) = room.checked_sub(heading.len() + BETWEEN.len()) else { break };
        room = left;
        path.insert(0, heading);
    }
    write(text, &name, &path);
}

/// As much of a name as fits; nothing if that is not even a letter.
fn shortened(name: &str, most: usize) -> String {
    if name.len() <= most {
        return name.to_owned();
    }
    let Some(most) = most.checked_sub(CUT.len_utf8()).filter(|most| *most > 0) else { return String::new() };
    let start = name[..name.floor_char_boundary(most)].trim_end();
    if start.is_empty() { String::new() } else { format!("{start}{CUT}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::split::{self, Sizes};

    #[test]
    fn what_does_not_fit_is_cut_from_the_outside() {
        let headings = ["Part", "A heading of some length", "The innermost heading"];
        let whole = enriched("The title", &headings, "text", 100);
        insta::assert_snapshot!(whole, @r"
        Document: The title
        Section: Part > A heading of some length > The innermost heading
        text
        ");
        insta::assert_snapshot!(enriched("The title", &headings, "text", 26), @r"
        Document: The title
        Section: A heading of some length > The innermost heading
        text
        ");
        insta::assert_snapshot!(enriched("The title", &headings, "text", 14), @r"
        Section: The innermost h…
        text
        ");
        let title = "name ".repeat(1_000);
        insta::assert_snapshot!(enriched(&title, &[] as &[&str], "text", 14), @r"
        Document: name name name name name nam…
        text
        ");
        assert_eq!(enriched("The title", &headings, "text", 0), "text");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_name_is_so_long_that_the_text_is_too_large(
            title in "\\PC{0,300}", headings in proptest::collection::vec("[а-я ]{0,200}", 0..5), most in 0_usize..200,
        ) {
            let text = enriched(&title, &headings, "", most);
            prop_assert!(tokens(&text) <= most, "{} of {most}: {text}", tokens(&text));
            if !is_cut(&title, &headings, most) {
                prop_assert_eq!(text, enriched(&title, &headings, "", usize::MAX));
            }
        }

        #[test]
        fn no_piece_is_too_large_with_what_stands_above_it(
            title in "\\PC{0,300}", longest in 16_usize..800,
            parts in proptest::collection::vec(
                prop_oneof![
                    "[а-я. ]{0,200}\n\n", "#{1,4} [а-я ]{0,200}\n\n", "(\\| [а-я]{0,40} ){1,40}\\|\n",
                    Just("\n|---|---|\n".to_owned()), Just("```\n".to_owned()),
                ],
                0..40,
            ),
        ) {
            let sizes = Sizes::default().within(longest);
            for piece in split::markdown(&parts.concat(), sizes) {
                prop_assert!(tokens(&piece.enriched(&title)) <= longest);
            }
        }
    }
}
