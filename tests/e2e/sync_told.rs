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
