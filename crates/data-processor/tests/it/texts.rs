use std::collections::BTreeSet;
use std::fmt::Write as _;

use data_processor::ProblemCode;

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
