//! `docs/peer-behaviours.md`: behaviours taken over from other clients, each with the tests whose names end in its number.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result};

use crate::workspace::Workspace;

const PAGE: &str = "docs/peer-behaviours.md";

/// How many behaviours there are.
const BEHAVIOURS: u32 = 44;

/// Names of tests by the behaviour they demand.
type Tests = BTreeMap<u32, Vec<String>>;

/// Writes the column of tests.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut tests = Tests::new();
    for path in workspace.files()?.iter().filter(|path| is_source(path)) {
        let text = fs::read_to_string(workspace.root.join(path));
        collect(&text.with_context(|| format!("could not read {path}"))?, &mut tests);
    }
    let page = workspace.root.join(PAGE);
    let text = fs::read_to_string(&page).with_context(|| format!("could not read {PAGE}"))?;
    fs::write(&page, with_column(&text, &tests)).with_context(|| format!("could not write {PAGE}"))
}

/// What is wrong with the page, given the texts of all sources.
pub(crate) fn check<'a>(page: &str, sources: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut tests = Tests::new();
    for (path, text) in sources {
        if is_source(path) {
            collect(text, &mut tests);
        }
    }
    (1..=BEHAVIOURS).filter_map(|number| wrong(number, page, &tests)).collect()
}

fn wrong(number: u32, page: &str, tests: &Tests) -> Option<String> {
    let Some(known) = tests.get(&number) else {
        return Some(format!("behaviour {number} has no test: name one …_p{number:02}"));
    };
    let Some(row) = page.lines().find(|line| line.starts_with(&format!("| {number} |"))) else {
        return Some(format!("behaviour {number} is not on the page"));
    };
    let cell = row.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default();
    let named: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
    match named.iter().find(|name| !known.iter().any(|test| test == *name)) {
        _ if named.is_empty() => {
            Some(format!("behaviour {number} names no test: run `cargo xtask behaviours`"))
        }
        Some(name) => Some(format!("there is no test {name}: run `cargo xtask behaviours`")),
        None => None,
    }
}

fn is_source(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end == "rs")
        && (path.starts_with("crates/") || path.starts_with("tests/"))
}

/// Takes in the names of functions that end in `_p` and a number, or in several of these.
fn collect(text: &str, tests: &mut Tests) {
    for part in text.split("fn ").skip(1) {
        let name: &str = part.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let mut rest = name;
        while let Some((before, number)) = rest.rsplit_once("_p")
            && let (1..=2, Ok(number)) = (number.len(), number.parse())
        {
            tests.entry(number).or_default().push(name.to_owned());
            rest = before;
        }
    }
}

fn with_column(page: &str, tests: &Tests) -> String {
    let mut text = String::with_capacity(page.len());
    for line in page.lines() {
        let number = line.strip_prefix("| ").and_then(|rest| rest.split(' ').next()?.parse::<u32>().ok());
        match (number, line.trim_end_matches(" |").rsplit_once(" | ")) {
            (Some(number), Some((kept, _))) => {
                let names = tests.get(&number).map(|names| {
                    let mut names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                    names.sort();
                    names.join(", ")
                });
                text.extend([kept, " | ", names.as_deref().unwrap_or("–"), " |\n"]);
            }
            _ => text.extend([line, "\n"]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "async fn codes_are_mapped_p40() {}\n#[test]\nfn other_p() {}\nfn step_p123() {}\n";

    #[test]
    fn tests_are_found_by_the_number_at_the_end_of_their_names() {
        let mut tests = Tests::new();
        collect(SOURCE, &mut tests);
        assert_eq!(tests, BTreeMap::from([(40, vec!["codes_are_mapped_p40".to_owned()])]));
        assert_eq!(
            with_column("| 40 | codes | – |\n| 41 | secrets | `gone_p41` |\n", &tests),
            "| 40 | codes | `codes_are_mapped_p40` |\n| 41 | secrets | – |\n"
        );
    }

    #[test]
    fn a_test_of_two_behaviours_is_found_by_both() {
        let mut tests = Tests::new();
        collect("fn both_p36_p37() {}", &mut tests);
        assert_eq!(tests.into_keys().collect::<Vec<_>>(), [36, 37]);
    }

    #[test]
    fn a_behaviour_without_a_test_and_a_page_with_a_test_that_is_gone_are_found() {
        let page = "| 39 | answers | – |\n| 40 | codes | `gone_p40` |\n";
        let sources = [("crates/x/tests/it/calls.rs", SOURCE)];
        let found = check(page, sources.into_iter());
        assert!(found.contains(&"behaviour 39 has no test: name one …_p39".to_owned()), "{found:?}");
        assert!(
            found.contains(&"there is no test gone_p40: run `cargo xtask behaviours`".to_owned()),
            "{found:?}"
        );
    }
}
