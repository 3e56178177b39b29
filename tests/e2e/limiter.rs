//! The limiter that all runs against one portal share.

use std::fs;
use std::process::Child;

use b24_sandbox::SandboxBuilder;

use crate::stage::{Ran, Stage, done, wait_until_by};

/// The portal of the usual plans: 2 a second, 50 at once.
fn standard(sandbox: SandboxBuilder) -> SandboxBuilder {
    sandbox.rate(2.0).burst(50)
}

fn start(stage: &Stage, args: &[&str]) -> Child {
    stage.home.spawn(args).env("B24_WEBHOOK", stage.sandbox.webhook()).spawn().unwrap()
}

#[test]
fn five_processes_at_once_meet_no_refusal_p30() {
    let stage = Stage::with(|sandbox| standard(sandbox).invoices(300));
    let report = |number: usize| {
        let file = format!("register-{number}.jsonl");
        start(&stage, &["report", "invoices", "--period", "2026", "--json", "-o", &file])
    };
    let running: Vec<Child> = (0..5).map(report).collect();
    let documents: Vec<_> = running
        .into_iter()
        .map(|child| Ran::new(&child.wait_with_output().unwrap()))
        .map(|ran| (ran.code, ran.json()["stats"].clone()))
        .collect();
    let journal = stage.sandbox.journal();
    assert!(journal.requests > 50, "{} requests do not fill the bucket", journal.requests);
    assert_eq!(journal.rejected, 0, "{documents:?}");
    assert!(documents.iter().all(|(code, stats)| *code == 0 && stats["refused"] == 0), "{documents:?}");
    assert!(documents.iter().any(|(_, stats)| stats["limiter"]["processes"] == 5), "{documents:?}");
}

#[test]
fn runs_one_after_the_other_share_the_limiter_and_doctor_shows_it() {
    let stage = Stage::with(|sandbox| sandbox.rate(100.0).burst(10));
    stage.home.write("config.toml", "[limits]\nrate = 100.0\nburst = 10\n");
    for _ in 0..6 {
        done(&mut stage.b24(&["call", "server.time", "--quiet"]));
    }
    let ran = done(&mut stage.b24(&["doctor", "--json"])).json();
    assert_eq!(ran["stats"]["limiter"]["capacity"], 9);
    assert_eq!(ran["stats"]["limiter"]["processes"], 7);
    assert_eq!(stage.sandbox.journal().rejected, 0);
    let limits =
        ran["data"]["checks"].as_array().unwrap().iter().find(|check| check["name"] == "limits").unwrap();
    assert!(limits["detail"].as_str().unwrap().contains("shared by 7 processes"), "{limits}");
}

#[test]
fn the_limiter_lies_in_a_folder_of_the_portal_that_only_its_owner_can_open() {
    let stage = Stage::new();
    done(&mut stage.b24(&["call", "server.time", "--quiet", "--state-dir", "состояние"]));
    let folder = stage.home.path().join("состояние").join(stage.portal().replace(':', "%3A"));
    assert!(folder.join("limiter.lock").is_file());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(folder.join("limiter.lock")), mode(folder.clone())), (0o600, 0o700));
    }
    // A file that somebody spoiled is taken for a full bucket and repaired.
    fs::write(folder.join("limiter.lock"), "spoiled").unwrap();
    done(&mut stage.b24(&["call", "server.time", "--quiet", "--state-dir", "состояние"]));
    assert!(fs::read_to_string(folder.join("limiter.lock")).unwrap().starts_with('{'));
}

#[test]
fn a_state_folder_that_cannot_be_written_stops_nobody_and_doctor_says_so() {
    let stage = Stage::new();
    stage.home.write("file", "");
    let ran = done(&mut stage.b24(&["doctor", "--state-dir", "file"]));
    assert!(ran.stdout.contains("not shared with other processes"), "{}", ran.stdout);
}

#[test]
fn a_killed_run_stops_nobody() {
    use std::time::Duration;

    let stage = Stage::with(|sandbox| standard(sandbox).latency(Duration::from_secs(2)));
    let mut child = start(&stage, &["call", "server.time"]);
    wait_until_by(&mut child, "the portal is asked", || stage.sandbox.journal().requests > 0);
    child.kill().unwrap();
    child.wait().unwrap();
    let ran = done(&mut stage.b24(&["fields", "deal", "--json"])).json();
    assert_eq!(ran["stats"]["limiter"]["processes"], 2, "it is remembered until its request must be over");
    assert_eq!(ran["stats"]["waits_ms"], 0);
}

#[test]
fn the_places_of_a_killed_run_are_soon_free() {
    use std::time::{Duration, Instant};

    let stage = Stage::with(|sandbox| sandbox.rate(20.0).burst(3).latency(Duration::from_millis(400)));
    stage.home.write("config.toml", "[limits]\nrate = 20.0\nburst = 3\n");
    let mut child = start(&stage, &["list", "crm.deal.list"]);
    wait_until_by(&mut child, "both places are taken", || stage.sandbox.journal().requests >= 2);
    child.kill().unwrap();
    child.wait().unwrap();
    // Both places of the bucket are the killed run's, for 80 s by the longest time of a request.
    let before = Instant::now();
    done(&mut stage.b24(&["call", "server.time", "--quiet"]));
    assert!(before.elapsed() < Duration::from_secs(40), "{:?}", before.elapsed());
}
