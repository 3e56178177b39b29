//! The file that the processes share, and its lock.
//!
//! The lock is held for the microseconds of one read and one write, never across a wait. It is the operating
//! system's, so it ends with the process that holds it. When file or lock cannot be had, the process goes on with a
//! bucket of its own, which is what it would do without sharing.

use std::fmt::Display;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek as _, Write as _};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::super::bucket::{Size, Turn};
use super::presence::{self, Presence};
use super::{Me, Shared};

/// How often a held lock is tried again before it counts as not to be had.
const TRIES: u32 = 400;
const BETWEEN_TRIES: Duration = Duration::from_millis(3);
/// The same where nothing can be awaited: what cannot be written now is written with the next request.
const TRIES_AT_ONCE: u32 = 10;
const BETWEEN_TRIES_AT_ONCE: Duration = Duration::from_micros(300);
/// Nobody has more than that to say; a longer file is not ours.
const LONGEST: u64 = 256 * 1024;

/// The limiter that the processes of this machine share.
#[derive(Debug)]
pub(crate) struct SharedLimiter {
    path: PathBuf,
    me: Me,
    size: Size,
    /// The longest time a request can be under way.
    lease: Duration,
    start: Instant,
    local: Mutex<Local>,
    /// Shows the others that this process lives.
    presence: OnceLock<Option<Presence>>,
}

/// What is kept between two looks at the file.
#[derive(Debug)]
struct Local {
    /// The file's time when the clock said `start`.
    time: Duration,
    /// Answers that are not in the file yet.
    answered: u32,
}

/// The turn of a request, and what the others know about execution times.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) turn: Turn,
    /// The file's time.
    pub(crate) now: Duration,
    /// Methods to hold, and for how long.
    pub(crate) holds: Vec<(String, Duration)>,
}

enum Trouble {
    /// Another process holds the lock.
    Busy,
    File(io::Error),
}

impl SharedLimiter {
    /// `wall` is the time since the epoch, now.
    pub(crate) fn new(path: PathBuf, me: Me, size: Size, lease: Duration, wall: Duration) -> Self {
        let local = Mutex::new(Local { time: wall, answered: 0 });
        Self { path, me, size, lease, start: Instant::now(), local, presence: OnceLock::new() }
    }

    /// Asks for the turn of a request; `None` when the file cannot be had. Who is not patient does not wait for it.
    pub(crate) async fn ask(&self, patient: bool) -> Option<Said> {
        let first = self.presence.get().is_none();
        self.presence.get_or_init(|| Presence::show(&self.path, self.me));
        for _ in 0..if patient { TRIES } else { TRIES_AT_ONCE } {
            let said = self.change(|shared| {
                if first {
                    presence::sweep(&self.path, |user| shared.is_under_way(user));
                }
                let turn = shared.ask(self.me, self.size, self.lease);
                if turn != Turn::Go {
                    shared.bury(self.me, |user| presence::is_gone(&self.path, user));
                }
                Said { turn, now: shared.now(), holds: shared.holds() }
            });
            match said {
                Ok(said) => return Some(said),
                Err(Trouble::Busy) => tokio::time::sleep(BETWEEN_TRIES).await,
                Err(Trouble::File(error)) => {
                    self.tell_not_shared(&error);
                    return None;
                }
            }
        }
        self.tell_not_shared(&"its file stays locked");
        None
    }

    fn tell_not_shared(&self, reason: &dyn Display) {
        crate::observed::tell(|| {
            tracing::debug!(path = %self.path.display(), %reason, "the limiter is not shared");
        });
    }

    /// A request has its answer.
    pub(crate) fn answered(&self) {
        lock(&self.local).answered += 1;
        // Any look at the file writes it down.
        self.change_at_once(|_| ());
    }

    /// The portal refused a request that was sent at `sent`, in the file's time.
    pub(crate) fn refused(&self, sent: Duration) {
        self.change_at_once(|shared| shared.refused(sent, self.size));
    }

    /// A method's execution time is used up for this long.
    pub(crate) fn hold(&self, method: &str, wait: Duration) {
        self.change_at_once(|shared| shared.hold(method, wait));
    }

    /// The methods that others hold, and for how long.
    pub(crate) fn holds(&self) -> Vec<(String, Duration)> {
        self.change_at_once(|shared| shared.holds()).unwrap_or_default()
    }

    /// Requests in the bucket, requests that fit, and the processes that use it; `None` when the file cannot be had.
    pub(crate) fn view(&self) -> Option<(f64, u32, usize)> {
        self.change_at_once(|shared| {
            let bucket = shared.bucket(self.size);
            (bucket.filled(shared.now()), bucket.capacity(shared.now()), shared.users())
        })
    }

    fn change_at_once<R>(&self, change: impl Fn(&mut Shared) -> R) -> Option<R> {
        for _ in 0..TRIES_AT_ONCE {
            match self.change(&change) {
                Ok(result) => return Some(result),
                Err(Trouble::Busy) => std::thread::sleep(BETWEEN_TRIES_AT_ONCE),
                Err(Trouble::File(_)) => return None,
            }
        }
        None
    }

    /// Reads the file, changes what it says, writes it back, all under its lock.
    fn change<R>(&self, change: impl FnOnce(&mut Shared) -> R) -> Result<R, Trouble> {
        let mut file = open(&self.path).map_err(Trouble::File)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Trouble::Busy),
            Err(TryLockError::Error(error)) => return Err(Trouble::File(error)),
        }
        // Opened anew each time, so that a deleted file is missed by nobody; closing it ends the lock.
        let mut text = Vec::new();
        Read::by_ref(&mut file).take(LONGEST).read_to_end(&mut text).map_err(Trouble::File)?;
        let mut local = lock(&self.local);
        let mut shared = Shared::read(&text, self.size, local.time + self.start.elapsed());
        local.time = shared.now().saturating_sub(self.start.elapsed());
        shared.answered(self.me, local.answered, self.size);
        let result = change(&mut shared);
        write(&mut file, &shared.text()).map_err(Trouble::File)?;
        local.answered = 0;
        Ok(result)
    }
}

fn write(file: &mut File, text: &str) -> io::Result<()> {
    file.rewind()?;
    file.write_all(text.as_bytes())?;
    file.set_len(text.len() as u64)
}

/// The file, readable by its owner only.
#[cfg(unix)]
fn open(path: &std::path::Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;

    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// The file; a user's own folders on Windows are closed to others by inheritance.
#[cfg(not(unix))]
fn open(path: &std::path::Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
