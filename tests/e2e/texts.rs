//! Completions and manual pages.

use crate::stage::{Home, done};

#[test]
fn completions_exist_for_every_shell() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = done(&mut home.b24(&["completions", shell]));
        assert!(ran.stdout.contains("b24"), "{shell}");
        assert_eq!(ran.stderr, "");
    }
}

#[test]
fn the_manual_goes_to_stdout_or_into_a_folder() {
    let home = Home::new();
    assert!(done(&mut home.b24(&["man"])).stdout.contains(".TH b24"));
    let folder = home.path().join("страницы руководства");
    let ran = done(&mut home.b24(&["man", "--out", folder.to_str().unwrap(), "--json"]));
    assert_eq!(ran.json()["data"]["folder"], folder.to_str().unwrap());
    for page in ["b24.1", "b24-report-invoices.1", "b24-sandbox-serve.1"] {
        assert!(folder.join(page).exists(), "{page}");
    }
}

#[test]
fn the_documentation_lists_the_exit_codes_as_the_help_does() {
    let help = done(&mut Home::new().b24(&["--help"])).stdout;
    let (_, codes) = help.split_once("Exit codes:\n").unwrap();
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli.md");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains(codes.trim_end()), "docs/cli.md must list:\n{codes}");
}
