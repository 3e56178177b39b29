//! `docs/defects.md`: the tests it names exist.

use super::{Finding, Source};

pub(super) const PAGE: &str = "docs/defects.md";

/// Every name in backquotes that can only be a test's: `begins_so_…`, `…ends_so`, or whole with at least three words.
pub(super) fn check(page: &str, sources: &[Source]) -> Vec<Finding> {
    let functions: Vec<&str> = sources
        .iter()
        .flat_map(|source| source.text.split("fn ").skip(1))
        .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
        .collect();
    let exists = |name: &str| match (name.strip_suffix('…'), name.strip_prefix('…')) {
        (Some(start), _) => functions.iter().any(|function| function.starts_with(start)),
        (_, Some(end)) => functions.iter().any(|function| function.ends_with(end)),
        (None, None) => functions.contains(&name),
    };
    let mut findings = Vec::new();
    for (line, text) in (1..).zip(page.lines()) {
        for name in text.split('`').skip(1).step_by(2).filter(|name| is_test(name) && !exists(name)) {
            let message = format!("there is no test {name}");
            findings.push(Finding { file: PAGE.to_owned(), line: Some(line), message });
        }
        let row = text.strip_prefix("| A13-").or_else(|| text.strip_prefix("| B9-"));
        if row.is_some() && !text.contains("cannot occur") && !text.split('`').skip(1).step_by(2).any(is_test)
        {
            let message = "the row names no test and does not say why it cannot occur".to_owned();
            findings.push(Finding { file: PAGE.to_owned(), line: Some(line), message });
        }
    }
    findings
}

fn is_test(name: &str) -> bool {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '…');
    name.chars().all(letters) && (name.contains('…') || name.matches('_').count() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tests_that_are_gone_and_rows_without_any_are_found() {
        let text = "#[test]\nfn a13_01_nothing_is_lost() {}\nfn twenty_records_take_five() {}\n".to_owned();
        let sources = [Source { path: "tests/e2e/x.rs".to_owned(), text }];
        let page = "| A13-1 | lost | `a13_01_…`, `…take_five`, `twenty_records_take_five`, `sync.key-shared`, `batch_size` |\n\
                    | A13-2 | twice | `a13_02_…` |\n| A13-3 | late | settings |\n| A13-4 | x | cannot occur: no state |\n";
        let found: Vec<String> = check(page, &sources).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "docs/defects.md:2: there is no test a13_02_…",
                "docs/defects.md:3: the row names no test and does not say why it cannot occur"
            ]
        );
    }
}
