//! A disk that is full: the run ends and says so, and the next one with room ends it right.

use std::process::Command;

use crate::clinic::{Clinic, visits};
use crate::stage::Ran;

const RECORDS: usize = 300;

/// A run whose files may have so many blocks of 512 bytes, as if the disk were full then.
fn run_within(clinic: &Clinic, blocks: u32) -> Ran {
    let inner = clinic.stage.home.spawn(&["--state-dir", "state", "sync", "run", "m.toml"]);
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""));
    shell.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(folder) = inner.get_current_dir() {
        shell.current_dir(folder);
    }
    let ran = shell.env("B24_WEBHOOK", clinic.stage.sandbox.webhook()).output();
    ran.map_or_else(|error| panic!("{error}"), |output| Ran::new(&output))
}

#[test]
fn a_full_disk_ends_the_run_with_the_file_and_the_next_run_ends_it_right() {
    let clinic = Clinic::with(|sandbox| sandbox.deals(0));
    clinic.record(&visits(RECORDS));
    let mut stopped = 0;
    for blocks in [8, 200, 400, 600, 800, 1_000, 1_200, 1_500, 2_000] {
        let ran = run_within(&clinic, blocks);
        if ran.code == 0 || ran.code == 3 {
            continue;
        }
        stopped += 1;
        assert_eq!(ran.code, 4, "{blocks}: {ran:?}");
        assert!(ran.stderr.contains("journal.db"), "{blocks}: {ran:?}");
        assert!(ran.stderr.contains("the disk is full") || blocks == 8, "{blocks}: {ran:?}");
    }
    assert!(stopped >= 2, "the limits stop some of the runs");
    let mut ran = clinic.run();
    for _ in 0..4 {
        if ran.code == 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(800));
        ran = clinic.run();
    }
    assert_eq!(ran.code, 0, "{ran:?}");
    clinic.assert_complete(RECORDS);
}
