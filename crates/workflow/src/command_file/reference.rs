//! `$result[NAME][path]`, as authors write references.

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Plain.
    Text(&'a str),
    /// The result of the command of this name, or what this path leads to in it.
    Reference { name: &'a str, path: &'a str },
}

/// The words that the portal takes for the beginning of a reference when a bracket follows.
const WORDS: [&str; 5] = ["result", "total", "next", "time", "error"];

/// Takes a text apart. `$$result[…]` is the plain text `$result[…]`.
///
/// # Errors
/// What the portal would take for a reference although the batch cannot follow it.
pub(super) fn read(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((at, word)) = first_word(rest) {
        let (before, found) = rest.split_at(at);
        let after_word = found.get(1 + word.len()..).unwrap_or_default();
        if let Some(plain) = before.strip_suffix('$') {
            // The first `$` only says that the second is plain.
            push(&mut pieces, plain);
            push(&mut pieces, found.get(..1 + word.len()).unwrap_or_default());
            rest = after_word;
            continue;
        }
        if word != "result" {
            return Err(format!("`${word}[…]` cannot be referred to, only `$result[…]`"));
        }
        let (name, after_name) = bracketed(after_word).ok_or("the bracket of a reference does not close")?;
        if name.is_empty() {
            return Err("the name of the command is missing".to_owned());
        }
        let mut after = after_name;
        while let Some((_, next)) = bracketed(after).filter(|(step, _)| !step.is_empty()) {
            after = next;
        }
        let path = after_name.get(..after_name.len() - after.len()).unwrap_or_default();
        push(&mut pieces, before);
        pieces.push(Piece::Reference { name, path });
        rest = after;
    }
    push(&mut pieces, rest);
    Ok(pieces)
}

fn push<'a>(pieces: &mut Vec<Piece<'a>>, text: &'a str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
}

/// The first place where the portal would begin to read a reference, and the word there without its `$`.
fn first_word(text: &str) -> Option<(usize, &str)> {
    text.match_indices('$').find_map(|(at, _)| {
        let rest = text.get(at + 1..)?;
        let word = rest.get(..rest.find('[')?)?;
        WORDS.iter().any(|one| one.eq_ignore_ascii_case(word)).then_some((at, word))
    })
}

/// What stands in the bracket at the beginning, and what follows it.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('[')?.split_once(']')
}

#[cfg(test)]
mod tests {
    use super::Piece::{Reference, Text};
    use super::*;

    #[test]
    fn references_have_a_name_and_a_path_and_may_stand_inside_a_text() {
        let pieces = |text| read(text).unwrap();
        assert_eq!(pieces("$result[my deal][item][id]"), [Reference { name: "my deal", path: "[item][id]" }]);
        assert_eq!(pieces("$result[deal]"), [Reference { name: "deal", path: "" }]);
        let both = [
            Text("Deal "),
            Reference { name: "a", path: "[ID]" },
            Text(", "),
            Reference { name: "b", path: "" },
        ];
        assert_eq!(pieces("Deal $result[a][ID], $result[b]"), both);
        for plain in ["5 $", "$results", "price in $ [net]", "result[x]", "$$ 5"] {
            assert_eq!(pieces(plain), [Text(plain)]);
        }
        assert_eq!(pieces(""), []);
        assert_eq!(pieces("x $$result[deal]"), [Text("x "), Text("$result"), Text("[deal]")]);
    }

    #[test]
    fn what_the_batch_cannot_follow_is_refused() {
        for text in ["$total[a]", "$result[]", "$RESULT[a]", "x $next[a]", "$result[a"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
