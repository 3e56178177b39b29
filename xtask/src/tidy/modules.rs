//! A source file that nothing declares is compiled by nobody, and its tests never run.

use std::collections::BTreeMap;

use super::{Finding, Source};

/// `compiled` are the root files of cargo's targets.
pub(super) fn check(sources: &[Source], compiled: &[String]) -> Vec<Finding> {
    let texts: BTreeMap<&str, &str> =
        sources.iter().map(|source| (source.path.as_str(), source.text.as_str())).collect();
    let undeclared = sources.iter().filter(|source| !compiled.contains(&source.path));
    undeclared.filter_map(|source| check_file(&source.path, &texts)).collect()
}

fn check_file(path: &str, texts: &BTreeMap<&str, &str>) -> Option<Finding> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let name = file.strip_suffix(".rs")?;
    let parents = [format!("{folder}/main.rs"), format!("{folder}/lib.rs"), format!("{folder}.rs")];
    let known: Vec<&String> =
        parents.iter().filter(|parent| *parent != path && texts.contains_key(parent.as_str())).collect();
    if known.iter().any(|parent| texts.get(parent.as_str()).is_some_and(|text| declares(text, name))) {
        return None;
    }
    let message = match known.first() {
        Some(parent) => format!("compiled by nobody: add `mod {name};` to {parent}"),
        None => {
            "compiled by nobody: name it as a target in a Cargo.toml or move it under a module".to_owned()
        }
    };
    Some(Finding { file: path.to_owned(), line: None, message })
}

fn declares(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let declaration = line.trim().split_once("mod ");
        declaration.is_some_and(|(before, after)| {
            (before.is_empty() || before.starts_with("pub")) && after.strip_suffix(';') == Some(name)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(files: &[(&str, &str)], compiled: &[&str]) -> Vec<String> {
        let sources: Vec<Source> = files
            .iter()
            .map(|(path, text)| Source { path: (*path).to_owned(), text: (*text).to_owned() })
            .collect();
        let compiled: Vec<String> = compiled.iter().map(|path| (*path).to_owned()).collect();
        check(&sources, &compiled).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn a_test_file_that_main_does_not_list_is_found() {
        let main = ("crates/cli/tests/it/main.rs", "mod portal;");
        let files = [main, ("crates/cli/tests/it/portal.rs", ""), ("crates/cli/tests/it/limits.rs", "")];
        assert_eq!(
            findings(&files, &["crates/cli/tests/it/main.rs"]),
            ["crates/cli/tests/it/limits.rs: compiled by nobody: \
              add `mod limits;` to crates/cli/tests/it/main.rs"]
        );
    }

    #[test]
    fn nested_modules_are_declared_by_the_file_named_like_their_folder() {
        let files = [
            ("crates/x/src/lib.rs", "//! Docs.\nmod store;"),
            ("crates/x/src/store.rs", "pub(crate) mod rows;"),
            ("crates/x/src/store/rows.rs", ""),
            ("crates/x/src/store/lost.rs", ""),
        ];
        assert_eq!(
            findings(&files, &["crates/x/src/lib.rs"]),
            ["crates/x/src/store/lost.rs: compiled by nobody: add `mod lost;` to crates/x/src/store.rs"]
        );
    }

    #[test]
    fn a_mention_in_a_comment_declares_nothing() {
        let files = [("tests/e2e/main.rs", "// mod report;"), ("tests/e2e/report.rs", "")];
        assert_eq!(findings(&files, &["tests/e2e/main.rs"]).len(), 1);
    }

    #[test]
    fn a_test_binary_that_no_manifest_names_is_found() {
        assert_eq!(
            findings(&[("tests/soak/main.rs", "")], &[]),
            ["tests/soak/main.rs: compiled by nobody: \
              name it as a target in a Cargo.toml or move it under a module"]
        );
    }
}
