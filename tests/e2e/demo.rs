//! `b24 demo`.

use crate::stage::{Home, done, run};

#[test]
fn the_tour_ends_with_a_workbook_whose_totals_equal_the_model() {
    let home = Home::new();
    let ran = done(&mut home.b24(&["demo", "--out", "папка для примера"]));
    assert!(ran.stdout.contains("The totals equal the sandbox's own model to the kopeck."), "{ran:?}");
    assert!(home.path().join("папка для примера").join("register-2026.xlsx").exists());
    assert!(ran.stdout.contains("documents are still being processed"), "{ran:?}");
    assert!(home.path().join("папка для примера").join("заметки").join("склад.md").exists());
    let document = done(&mut home.b24(&["demo", "--json"])).json();
    let memory = &document["data"]["memory"];
    assert_eq!(memory["before"]["pending"], memory["after"]["ready"], "{memory}");
    assert!(memory["after"]["hits"][0].as_str().unwrap().starts_with("склад.md"), "{memory}");
    assert_eq!(document["data"]["totals_equal_model"], true);
    // The clinic's example is planned, written, and then there is nothing left to do.
    assert!(ran.stdout.contains("new deal") && ran.stdout.contains("deals created"), "{ran:?}");
    let sync = &document["data"]["sync"];
    assert!(sync["applied"]["deals_created"].as_u64().unwrap() > 30, "{sync}");
    assert_eq!(
        (&sync["afterwards"]["create"], &sync["afterwards"]["update"]),
        (&0.into(), &0.into()),
        "{sync}"
    );
}

#[test]
fn files_that_are_not_its_own_are_replaced_only_on_request() {
    let home = Home::new();
    let mapping = home.path().join("b24-demo").join("clinic").join("mapping.toml");
    std::fs::create_dir_all(mapping.parent().unwrap()).unwrap();
    std::fs::write(&mapping, "mine").unwrap();
    let ran = run(&mut home.b24(&["demo"]));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.stderr.contains("clinic/mapping.toml") && ran.stderr.contains("--force"), "{ran:?}");
    assert_eq!(std::fs::read_to_string(&mapping).unwrap(), "mine");
    assert!(!home.path().join("b24-demo").join("register-2026.xlsx").exists());
    done(&mut home.b24(&["demo", "--force", "--quiet"]));
    done(&mut home.b24(&["demo", "--quiet"]));
    let text = std::fs::read_to_string(&mapping).unwrap();
    std::fs::write(&mapping, text + "# mine\n").unwrap();
    assert_eq!(run(&mut home.b24(&["demo"])).code, 4);
}

#[test]
fn the_settings_of_a_real_portal_do_not_disturb_it() {
    let home = Home::new();
    let mut command = home.b24(&["demo", "--quiet"]);
    done(
        command.env("B24_WEBHOOK", "https://portal.invalid/rest/1/x/").env("B24_PROFILE", "no-such-profile"),
    );
}
