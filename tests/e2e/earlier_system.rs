//! Defects of an earlier register that are about the program; see `docs/defects.md`.

use crate::stage::{Stage, done, run};

#[test]
fn b9_09_a_failing_portal_gives_a_reason_and_no_crash() {
    let faults = "[[fault]]\nmethod = \"*\"\nevery = 1\ndo = \"401\"\n".parse().unwrap();
    let stage = Stage::with(|sandbox| sandbox.faults(faults));
    let ran = run(&mut stage.b24(&["report", "invoices", "--period", "2026", "-o", "r.xlsx"]));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.stderr.contains("why:") && ran.stderr.contains("try:"), "{ran:?}");
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
}

#[test]
fn b9_18_nobody_has_to_press_a_key_and_the_exit_code_tells() {
    let stage = Stage::new();
    let ran = done(&mut stage.b24(&["report", "invoices", "--period", "2026", "-o", "r.xlsx"]));
    assert!(
        !ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'),
        "no colours without a terminal"
    );
    let again = run(&mut stage.b24(&["report", "invoices", "--period", "2026", "-o", "r.xlsx"]));
    assert_eq!(again.code, 4, "the file exists: {again:?}");
}
