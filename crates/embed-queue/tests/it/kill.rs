//! Workers die at any moment; the test binary starts itself as their processes.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use embed_queue::{Piece, Policy, Stop, Store, Surroundings, Until, Worker};
use jiff::Timestamp;

use crate::provider::Fake;
use crate::world::{World, check, counts, document, quick, wait_until};

const FILE: &str = "B24_TEST_WORKER_FILE";
const EPOCH: &str = "B24_TEST_WORKER_EPOCH";
/// Enough that the workers are never idle before the last kill.
const TEXTS: usize = 120;

/// Not a test of its own: the process of a worker, when it is started as one.
#[tokio::test]
async fn process_of_a_worker() {
    let Some(file) = std::env::var_os(FILE).map(PathBuf::from) else { return };
    let epoch = std::env::var_os(EPOCH).and_then(|epoch| epoch.to_str()?.parse::<i64>().ok()).unwrap();
    let started = Instant::now();
    // All processes count from the epoch, so that leases of the dead end for the living.
    let now = move || {
        let passed = i64::try_from(started.elapsed().as_millis()).unwrap();
        Timestamp::from_millisecond(epoch + passed).unwrap()
    };
    let log = file.with_extension(format!("{}.log", std::process::id()));
    let policy = Policy {
        items: 8,
        concurrency: 1,
        lease: Duration::from_secs(2),
        call_timeout: Duration::from_millis(500),
        max_lost: 10_000,
        ..quick()
    };
    let provider = Arc::new(Fake::new().logging(&log).taking(Duration::from_millis(20)));
    let worker = Worker::new(Store::open(&file).unwrap(), provider, policy, Surroundings::new(now, || 0.5));
    worker.run(Until::Drained, &Stop::new(), &mut |_| {}).await.unwrap();
}

#[tokio::test]
async fn workers_killed_at_any_moment_lose_nothing_and_embed_nothing_twice_beyond_open_leases() {
    let kills = if std::env::var_os("B24_TEST_LONG").is_some() { 200 } else { 25 };
    let world = World::new(Fake::new());
    let started = Instant::now();
    let mut children: Vec<Child> = (0..3).map(|_| start(&world.path(), started)).collect();
    let mut lost = HashMap::new();
    for kill in 0..kills {
        // Work comes in while workers die.
        let texts: Vec<String> = (0..TEXTS).map(|number| format!("text {kill} {number}")).collect();
        let pieces = texts.iter().map(|text| Piece::text(text));
        world.later(document(&kill.to_string(), &[]).pieces(pieces)).await;
        std::thread::sleep(Duration::from_millis(moment(kill)));
        let victim = &mut children[kill % 3];
        victim.kill().unwrap();
        victim.wait().unwrap();
        lost.extend(abandoned(&world));
        *victim = start(&world.path(), started);
    }
    let all = u64::try_from(TEXTS * kills).unwrap();
    let mut before = world.chunks();
    while before != counts(0, all, 0) {
        wait_until("a further text is ready", || {
            for child in &mut children {
                if child.try_wait().unwrap().is_some() {
                    *child = start(&world.path(), started);
                }
            }
            world.chunks() != before
        })
        .await;
        std::thread::sleep(Duration::from_millis(20));
        before = world.chunks();
    }
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    check(&world.path());
    let (total, different) = logged(world.path().parent().unwrap());
    let lost = lost.values().sum::<u32>() as usize;
    assert!(lost > 0, "no kill met a lease: the test proves nothing");
    println!("{total} embedded, {different} different, {lost} under leases of killed workers");
    assert_eq!(different as u64, all);
    assert!(total - different <= lost, "{} embedded twice, {lost} leases were open", total - different);
}

/// Between 5 and 60 ms, different for each kill.
fn moment(kill: usize) -> u64 {
    5 + (kill as u64).wrapping_mul(2_654_435_761) % 56
}

/// Leases with their numbers of texts.
fn held(world: &World) -> HashMap<String, u32> {
    let file = world.file();
    let mut statement = file
        .prepare("SELECT lease_id, count(*) FROM embeddings WHERE lease_id IS NOT NULL GROUP BY lease_id")
        .unwrap();
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

/// Leases that do not move although the living go on: those of the dead.
fn abandoned(world: &World) -> HashMap<String, u32> {
    let first = held(world);
    std::thread::sleep(Duration::from_millis(60));
    let later = held(world);
    first.into_iter().filter(|(token, _)| later.contains_key(token)).collect()
}

fn start(file: &Path, started: Instant) -> Child {
    let passed = i64::try_from(started.elapsed().as_millis()).unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::process_of_a_worker"])
        .env(FILE, file)
        .env(EPOCH, OsString::from((1_800_000_000_000 + passed).to_string()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Embedded texts over all processes, dead ones included, and different ones among them.
fn logged(folder: &Path) -> (usize, usize) {
    let mut keys = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "log") {
            let text = std::fs::read_to_string(path).unwrap();
            // A killed process may leave half a line.
            keys.extend(text.lines().filter(|line| line.len() == 64).map(str::to_owned));
        }
    }
    let total = keys.len();
    keys.sort_unstable();
    keys.dedup();
    (total, keys.len())
}
