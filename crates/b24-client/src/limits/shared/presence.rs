//! Whether a process that uses the shared bucket still lives.
//!
//! Each of them holds the lock of a file of its own beside the bucket's. The lock is the operating system's: it ends
//! with the process, however that ends. Who has no such file is given the benefit of the doubt.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use super::Me;

/// Held as long as the process lives.
#[derive(Debug)]
pub(super) struct Presence {
    file: Option<File>,
    path: PathBuf,
}

impl Presence {
    /// None when there can be no such file: then the others wait for the longest possible request.
    pub(super) fn show(bucket: &Path, me: Me) -> Option<Self> {
        let path = of(bucket, me);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).ok()?;
        if file.try_lock().is_err() {
            return None;
        }
        Some(Self { file: Some(file), path })
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        // Not every system removes a file that is open.
        self.file = None;
        let _left_behind = fs::remove_file(&self.path);
    }
}

/// Whether a process has ended without taking its file away; the file goes now.
pub(super) fn is_gone(bucket: &Path, user: Me) -> bool {
    let path = of(bucket, user);
    let Ok(file) = OpenOptions::new().write(true).open(&path) else { return false };
    let gone = file.try_lock().is_ok();
    drop(file);
    if gone {
        let _left_behind = fs::remove_file(&path);
    }
    gone
}

/// Removes what processes that were stopped left behind, but for those whose end is still to be noticed.
pub(super) fn sweep(bucket: &Path, awaited: impl Fn(Me) -> bool) {
    let Some(entries) = bucket.parent().and_then(|folder| fs::read_dir(folder).ok()) else { return };
    let stem = bucket.file_stem().unwrap_or_default().to_string_lossy();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let number =
            name.strip_prefix(&*stem).and_then(|rest| rest.strip_prefix('-')?.strip_suffix(".alive"));
        if let Some(user) = number.and_then(|number| u64::from_str_radix(number, 16).ok()).map(Me)
            && !awaited(user)
        {
            let _removed = is_gone(bucket, user);
        }
    }
}

fn of(bucket: &Path, user: Me) -> PathBuf {
    let mut name = bucket.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{:016x}.alive", user.0));
    bucket.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_gone_when_its_lock_is_free_and_its_file_still_there() {
        let folder = tempfile::tempdir().unwrap();
        let bucket = folder.path().join("limiter.lock");
        let presence = Presence::show(&bucket, Me(7)).unwrap();
        assert!(!is_gone(&bucket, Me(7)), "it lives");
        assert!(!is_gone(&bucket, Me(8)), "nobody knows");
        // A killed process gives up its lock and nothing else.
        presence.file.as_ref().unwrap().unlock().unwrap();
        assert!(is_gone(&bucket, Me(7)));
        assert!(!is_gone(&bucket, Me(7)), "told once, and the file is gone");
        drop(presence);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_left_behind_is_swept_away_unless_it_is_still_needed() {
        let folder = tempfile::tempdir().unwrap();
        let bucket = folder.path().join("limiter.lock");
        let living = Presence::show(&bucket, Me(1)).unwrap();
        for left in [2, 3] {
            fs::write(of(&bucket, Me(left)), "").unwrap();
        }
        fs::write(folder.path().join("limiter-other.alive"), "").unwrap();
        sweep(&bucket, |user| user == Me(2));
        assert!(of(&bucket, Me(2)).exists() && !of(&bucket, Me(3)).exists());
        assert!(living.path.exists() && folder.path().join("limiter-other.alive").exists());
    }

    #[test]
    fn a_process_that_ends_in_order_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let bucket = folder.path().join("limiter.lock");
        drop(Presence::show(&bucket, Me(7)).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(Presence::show(&bucket.join("missing"), Me(7)).is_none());
    }
}
