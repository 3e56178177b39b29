//! `$result[NAME][path]`, as authors write references.

/// What a text of a file means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning<'a> {
    /// A plain text.
    Text(&'a str),
    /// The result of the command of this name, or what this path leads to in it.
    Reference { name: &'a str, path: &'a str },
}

/// Reads a text.
///
/// # Errors
/// A text that the portal would take for a reference although it is none the batch can follow.
pub(super) fn read(text: &str) -> Result<Meaning<'_>, String> {
    if let Some(rest) = text.strip_prefix("$$") {
        // Only the first `$` goes: `$$result[a]` is the text `$result[a]`.
        return Ok(Meaning::Text(text.get(text.len() - rest.len() - 1..).unwrap_or(rest)));
    }
    let Some((at, word)) = first_word(text) else { return Ok(Meaning::Text(text)) };
    if word != "$result" {
        return Err(format!("`{word}[…]` cannot be referred to, only `$result[…]`"));
    }
    let reference = text.get(word.len()..).unwrap_or_default();
    let Some((name, path)) = reference.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
        return Err("a reference must be a whole value".to_owned());
    };
    if at > 0 || !is_path(path) {
        return Err("a reference must be a whole value".to_owned());
    }
    if name.is_empty() {
        return Err("the name of the command is missing".to_owned());
    }
    Ok(Meaning::Reference { name, path })
}

/// The first place where the portal would begin to read a reference.
fn first_word(text: &str) -> Option<(usize, &str)> {
    text.match_indices('$').find_map(|(at, _)| {
        let rest = text.get(at..)?;
        let word = rest.get(..rest.find('[')?)?;
        let known = ["$result", "$total", "$next", "$time", "$error"];
        known.iter().any(|one| one.eq_ignore_ascii_case(word)).then_some((at, word))
    })
}

/// Whether it consists of `[step]` only.
fn is_path(path: &str) -> bool {
    let mut rest = path;
    while !rest.is_empty() {
        match rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((step, after)) if !step.is_empty() => rest = after,
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_a_name_and_a_path() {
        let read_as = |text| read(text).unwrap();
        assert_eq!(
            read_as("$result[my deal][item][id]"),
            Meaning::Reference { name: "my deal", path: "[item][id]" }
        );
        assert_eq!(read_as("$result[deal]"), Meaning::Reference { name: "deal", path: "" });
        for plain in ["", "5 $", "$results", "price in $ [net]", "result[x]"] {
            assert_eq!(read_as(plain), Meaning::Text(plain));
        }
        assert_eq!(read_as("$$result[deal]"), Meaning::Text("$result[deal]"));
    }

    #[test]
    fn what_only_looks_like_a_reference_is_refused() {
        for text in ["Deal $result[a][id]", "$result[a] and more", "$total[a]", "$result[]", "$RESULT[a]"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
