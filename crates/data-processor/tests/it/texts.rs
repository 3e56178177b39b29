use std::collections::BTreeSet;
use std::fmt::Write as _;

use data_processor::ProblemCode;

const DOCS: &str = include_str!("../../../../docs/json.md");

#[test]
fn every_problem_has_its_own_code_and_its_texts() {
    let codes: BTreeSet<&str> = ProblemCode::ALL.iter().map(|code| code.code()).collect();
    assert_eq!(codes.len(), ProblemCode::ALL.len());
    assert!(codes.iter().all(|code| code.starts_with("invoice.")));
    let mut list = String::new();
    for code in ProblemCode::ALL {
        let (reason, action) = code.russian();
        writeln!(list, "{} {}", code.code(), code.severity().as_str()).unwrap();
        writeln!(list, "  {} | {}", code.message(), code.hint()).unwrap();
        writeln!(list, "  {reason} | {action}").unwrap();
    }
    insta::assert_snapshot!(list);
}

#[test]
fn the_documentation_has_every_problem_with_its_texts() {
    let row = |code: &ProblemCode| {
        let severity = code.severity().as_str();
        format!("| `{}` | {severity} | {} | {} |", code.code(), code.message(), code.hint())
    };
    let documented: Vec<&str> = DOCS.lines().filter(|line| line.starts_with("| `invoice.")).collect();
    let reported: Vec<String> = ProblemCode::ALL.iter().map(row).collect();
    assert_eq!(documented, reported, "the table of docs/json.md");
}
