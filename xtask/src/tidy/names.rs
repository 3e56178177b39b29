//! Words that say nothing are forbidden in file and type names: what has no home belongs to the noun it talks about.

use super::{Finding, Source};

const FORBIDDEN: [&str; 13] = [
    "util",
    "utils",
    "helper",
    "helpers",
    "manager",
    "common",
    "misc",
    "base",
    "impl",
    "info",
    "handler",
    "service",
    "repository",
];

/// Checks the names of source files and of the folders they lie in.
pub(super) fn check_files(files: &[String]) -> Vec<Finding> {
    let sources = files.iter().filter(|file| {
        file.rsplit_once('.').is_some_and(|(_, extension)| matches!(extension, "rs" | "py" | "sh" | "sql"))
    });
    sources
        .filter_map(|file| {
            let word = file.split(['/', '.', '-', '_']).find_map(forbidden)?;
            let message = format!("the path contains `{word}`: name the file after the noun it talks about");
            Some(Finding { file: file.clone(), line: None, message })
        })
        .collect()
}

/// Checks the names of the types that a source file declares.
pub(super) fn check_types(source: &Source) -> Vec<Finding> {
    let lines = source.text.lines().enumerate();
    lines
        .filter_map(|(index, line)| {
            let name = declared_type(line)?;
            let word = words(name).into_iter().find_map(|word| forbidden(&word))?;
            Some(Finding {
                file: source.path.clone(),
                line: Some(index + 1),
                message: format!("the type name {name} contains `{word}`: say what it is"),
            })
        })
        .collect()
}

fn forbidden(word: &str) -> Option<&'static str> {
    FORBIDDEN.into_iter().find(|candidate| candidate.eq_ignore_ascii_case(word))
}

/// The name that a line declares. An indented `type` belongs to an implementation of somebody's trait.
fn declared_type(line: &str) -> Option<&str> {
    let indented = line.starts_with(char::is_whitespace);
    let mut rest = line.trim_start();
    if let Some(after) = rest.strip_prefix("pub") {
        rest = match after.strip_prefix('(') {
            Some(scope) => scope.split_once(')')?.1,
            None => after,
        };
        rest = rest.trim_start();
    }
    let (keyword, rest) = rest.split_once(' ')?;
    let declares =
        matches!(keyword, "struct" | "enum" | "trait" | "union") || (keyword == "type" && !indented);
    let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    (declares && name.starts_with(char::is_uppercase)).then_some(name)
}

/// The words of a name in camel case; a run of capitals is one word.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut after_capital = false;
    for c in name.chars() {
        match words.last_mut() {
            Some(word) if !c.is_uppercase() || after_capital => word.push(c),
            _ => words.push(c.to_string()),
        }
        after_capital = c.is_uppercase();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_types(text: &str) -> Vec<String> {
        let source = Source { path: "a.rs".to_owned(), text: text.to_owned() };
        check_types(&source).iter().map(Finding::to_string).collect()
    }

    fn in_files(file: &str) -> Vec<String> {
        check_files(&[file.to_owned()]).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn type_names_with_empty_words_are_found_with_their_line() {
        assert_eq!(
            in_types("//! Docs.\n\npub(crate) struct InvoiceManager<T>;"),
            ["a.rs:3: the type name InvoiceManager contains `manager`: say what it is"]
        );
        assert_eq!(in_types("enum PortalInfo {").len(), 1);
        assert_eq!(in_types("    pub trait HandlerOf {").len(), 1);
        assert_eq!(in_types("type Utils = ();").len(), 1);
    }

    #[test]
    fn a_word_inside_another_word_is_fine() {
        assert_eq!(in_types("struct Database;\nstruct Information;\nstruct ServicedPart;").len(), 0);
    }

    #[test]
    fn only_declarations_of_our_own_count() {
        assert_eq!(in_types("// struct Info\nuse tower::Service;\nimpl Service<u8> for Portal {").len(), 0);
        assert_eq!(in_types("impl Layer for Portal {\n    type Service = Portal;").len(), 0);
        assert_eq!(in_types("let struct_info = 1;").len(), 0);
    }

    #[test]
    fn file_and_folder_names_are_checked_by_word() {
        assert_eq!(
            in_files("crates/cli/src/http_utils.rs"),
            [
                "crates/cli/src/http_utils.rs: the path contains `utils`: name the file after the noun it talks about"
            ]
        );
        assert_eq!(in_files("crates/cli/tests/common/portal.rs").len(), 1);
        assert_eq!(in_files("crates/embed-queue/src/database.rs").len(), 0);
        assert_eq!(in_files("docs/misc.md").len(), 0);
    }
}
