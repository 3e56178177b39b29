//! What a merge could not decide must not stand in a file.

use super::{Finding, Source};

/// Finds the marks that git leaves around both sides.
pub(super) fn check(page: &Source) -> Vec<Finding> {
    let is_mark = |line: &str| ["<<<<<<< ", ">>>>>>> "].iter().any(|mark| line.starts_with(mark));
    let lines = page.text.lines().enumerate().filter(|(_, line)| is_mark(line));
    let found = lines.map(|(index, _)| Finding {
        file: page.path.clone(),
        line: Some(index + 1),
        message: "a merge was not decided here".to_owned(),
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_at_the_beginning_of_a_line_only() {
        let text =
            format!("a\n{} HEAD\nb\n=======\n{} x\n `{} x`\n", "<".repeat(7), ">".repeat(7), "<".repeat(7));
        let lines: Vec<_> =
            check(&Source { path: "a.md".to_owned(), text }).into_iter().map(|found| found.line).collect();
        assert_eq!(lines, [Some(2), Some(5)]);
    }
}
