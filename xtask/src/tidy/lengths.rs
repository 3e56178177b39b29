//! A source file is at most 500 lines, tests included.

use super::{Finding, Source};

const LIMIT: usize = 500;

pub(super) fn check(source: &Source) -> Option<Finding> {
    let lines = source.text.lines().count();
    (lines > LIMIT).then(|| Finding {
        file: source.path.clone(),
        line: None,
        message: format!("{lines} lines, at most {LIMIT}: split it by the nouns it talks about"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(lines: usize) -> Source {
        Source { path: "crates/cli/src/long.rs".to_owned(), text: "//\n".repeat(lines) }
    }

    #[test]
    fn five_hundred_lines_are_the_most() {
        assert_eq!(check(&source(LIMIT)), None);
        let finding = check(&source(LIMIT + 1)).unwrap();
        assert_eq!(
            finding.to_string(),
            "crates/cli/src/long.rs: 501 lines, at most 500: split it by the nouns it talks about"
        );
    }
}
