//! Law 5 and 7 under `kill -9`: whatever moment a run dies at, the next ones end with every record once.

use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

use crate::clinic::{Clinic, visits};
use crate::stage::run;

const RECORDS: usize = 2_000;
/// Kills of one portal before the runs to the end.
const KILLS: u32 = 5;

fn portals() -> u32 {
    if std::env::var_os("B24_TEST_LONG").is_some() { 40 } else { 5 }
}

/// A moment of a run, different each time.
fn moment() -> Duration {
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    Duration::from_millis(60 + random % 1_500)
}

fn killed(clinic: &Clinic, after: Duration) {
    let args = ["--state-dir", "state", "sync", "run", "m.toml", "--quiet"];
    let mut command = clinic.stage.home.spawn(&args);
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut child = command.env("B24_WEBHOOK", clinic.stage.sandbox.webhook()).spawn().unwrap();
    std::thread::sleep(after);
    // It may have ended already, which is a moment like any other.
    child.kill().ok();
    child.wait().unwrap();
}

#[test]
fn after_kills_at_any_moment_every_record_is_there_once() {
    for _ in 0..portals() {
        let clinic = Clinic::with(|sandbox| {
            sandbox.deals(0).latency(Duration::from_millis(20)).command_latency(Duration::from_millis(2))
        });
        clinic.record(&visits(RECORDS));
        let moments: Vec<Duration> = (0..KILLS).map(|_| moment()).collect();
        for after in &moments {
            killed(&clinic, *after);
        }
        // What is inside the settling time waits for the run after.
        let mut ran = clinic.run();
        for _ in 0..4 {
            if ran.code == 0 {
                break;
            }
            std::thread::sleep(Duration::from_millis(800));
            ran = clinic.run();
        }
        assert_eq!(ran.code, 0, "killed after {moments:?}: {ran:?}");
        clinic.assert_complete(RECORDS);
        let status = run(&mut clinic.sync(&["status", "--json"])).json()["data"].clone();
        assert_eq!(status["unsettled_writes"], 0, "killed after {moments:?}: {status}");
        let source = &status["sources"][0];
        assert_eq!((&source["waiting"], &source["rejects"]), (&0.into(), &0.into()), "{status}");
        let records: u64 =
            source["records"].as_array().unwrap().iter().map(|one| one[1].as_u64().unwrap()).sum();
        assert_eq!(records, RECORDS as u64, "{status}");
    }
}
