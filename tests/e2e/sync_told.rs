//! What runs of sync tell, and when.

use serde_json::Value;

use crate::clinic::{Clinic, visits};
use crate::stage::{done, run};

#[test]
fn a_user_who_is_no_administrator_is_warned_of_what_he_may_not_see() {
    let clinic = Clinic::new();
    clinic.record(&visits(2));
    let code = "sync.user-not-administrator";
    let restricted = clinic.stage.sandbox.webhook_of(2, "restricted");
    let as_manager = |args: &[&str]| {
        run(&mut clinic.stage.b24_as(&restricted, &[&["--state-dir", "state", "sync"], args].concat()))
    };
    let checked = as_manager(&["check", "m.toml", "--json"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    let codes = |checked: &Value| -> Vec<Value> {
        checked["data"][0]["findings"].as_array().unwrap().iter().map(|found| found["code"].clone()).collect()
    };
    assert_eq!(codes(&checked.json()), [code]);
    assert!(codes(&done(&mut clinic.sync(&["check", "m.toml", "--json"])).json()).is_empty());
    let ran = as_manager(&["run", "m.toml", "--quiet"]);
    assert_eq!((ran.code, ran.stderr.matches(code).count()), (0, 1), "{ran:?}");
    assert!(!done(&mut clinic.sync(&["run", "m.toml"])).stderr.contains(code));
}

#[test]
fn a_plan_that_cannot_be_saved_asks_the_portal_nothing_and_uses_up_no_news() {
    let clinic = Clinic::new();
    let mut rows = visits(2);
    rows[1].amount = "a lot".to_owned();
    clinic.record(&rows);
    let file = clinic.stage.home.path().join("plan.json");
    std::fs::write(&file, "mine").unwrap();
    let refused = run(&mut clinic.sync(&["plan", "m.toml", "-o", "plan.json"]));
    assert_eq!((refused.code, clinic.stage.sandbox.journal().requests), (4, 0), "{refused:?}");
    assert!(refused.stderr.contains("--force"), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    // Looking is not telling: the row is news to the run that writes, and to that one only.
    for (args, code) in [("plan", 3), ("plan", 3), ("run", 3), ("run", 0)] {
        let ran = run(&mut clinic.sync(&[args, "m.toml"]));
        assert_eq!(ran.code, code, "{args}: {ran:?}");
    }
}
