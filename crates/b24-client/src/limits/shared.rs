//! The bucket that the processes of one machine share, as a pure state machine over the text of a file.
//!
//! Its time is the wall clock, made monotonic: the file's time never runs backwards, whoever writes it. A clock that
//! was set back lets no time pass until the next write; one that was set forward empties the bucket early, once, and
//! the refusals that may follow are dealt with as any others. Who does not come back (a killed process) is forgotten
//! five seconds after that was noticed, or when the longest possible request is over. A text that nobody can read stands for a full bucket.

mod file;
mod presence;

pub(crate) use file::SharedLimiter;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::bucket::{Bucket, Level, Size, Turn};

/// Version of the text.
const SCHEMA: u32 = 1;
/// Further ahead than this no clock is, and no execution time is held for longer than the portal's window.
const FURTHEST: Duration = Duration::from_hours(24 * 365);
const LONGEST_HOLD: Duration = Duration::from_mins(11);
/// No request is under way for longer.
const LONGEST_LEASE: Duration = Duration::from_mins(15);
/// What a process sent last reaches the portal within this time after its end.
const IN_THE_NETWORK: Duration = Duration::from_secs(5);
/// Users without requests under way that are remembered.
const IDLE_USERS: usize = 64;

/// A process, known by a random number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Me(pub(crate) u64);

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct User {
    under_way: u32,
    /// When it will have an answer to everything, or no longer be there.
    until: Duration,
}

/// What the file says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Shared {
    schema: u32,
    /// The file's time when it was written.
    at: Duration,
    level: Level,
    users: BTreeMap<Me, User>,
    /// Methods whose execution time is used up, and until when.
    held: BTreeMap<String, Duration>,
}

impl Shared {
    /// What a text says at a time. No text is an empty bucket, an unreadable one a full one.
    pub(super) fn read(text: &[u8], size: Size, now: Duration) -> Self {
        let empty = Self {
            schema: SCHEMA,
            at: now,
            level: Level::default(),
            users: BTreeMap::new(),
            held: BTreeMap::new(),
        };
        if text.is_empty() {
            return empty;
        }
        match serde_json::from_slice::<Self>(text) {
            Ok(said) if said.schema == SCHEMA && said.at <= now.saturating_add(FURTHEST) => {
                said.sane(size, now)
            }
            _ => {
                let full = Level { empty_at: now + size.interval * size.capacity, ..Level::default() };
                Self { level: full, ..empty }
            }
        }
    }

    /// Lets the file's time go on, and takes back what no process can have written: it would hold everybody.
    fn sane(mut self, size: Size, now: Duration) -> Self {
        self.at = self.at.max(now);
        let now = self.at;
        self.level.empty_at = self.level.empty_at.min(now + size.interval * size.capacity.saturating_mul(2));
        self.level.spaced_until = self.level.spaced_until.min(now + size.interval * 16);
        self.level.trust = self.level.trust.sane(now);
        let gone: Vec<Me> =
            self.users.iter().filter(|(_, user)| user.until <= now).map(|(me, _)| *me).collect();
        for me in gone {
            // What it had under way may have come to the portal as late as now.
            let lost = self.users.remove(&me).map_or(0, |user| user.under_way.min(size.capacity));
            for _ in 0..lost {
                self.level.empty_at = self.level.empty_at.max(now) + size.interval;
            }
        }
        for user in self.users.values_mut() {
            user.until = user.until.min(now + LONGEST_LEASE);
            user.under_way = user.under_way.min(size.capacity);
        }
        self.held.retain(|_, until| *until > now && *until <= now + LONGEST_HOLD);
        self
    }

    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The file's time.
    pub(super) fn now(&self) -> Duration {
        self.at
    }

    /// Asks for the turn of one of my requests, which will be answered or given up within `lease`.
    pub(super) fn ask(&mut self, me: Me, size: Size, lease: Duration) -> Turn {
        let mut bucket = self.bucket(size);
        let turn = bucket.ask(self.at);
        self.level = bucket.level;
        let at = self.at;
        let user = self.users.entry(me).or_insert(User { under_way: 0, until: at });
        user.until = user.until.max(at + lease.min(LONGEST_LEASE));
        user.under_way += u32::from(turn == Turn::Go);
        self.forget_idle(me);
        turn
    }

    /// Whether somebody else's requests that are under way may be those of a process that is gone: it is asked about,
    /// and its places are free as soon as nothing of it can be in the network any more.
    pub(super) fn bury(&mut self, me: Me, is_gone: impl Fn(Me) -> bool) {
        let soon = self.at + IN_THE_NETWORK;
        for (user, entry) in &mut self.users {
            if *user != me && entry.under_way > 0 && entry.until > soon && is_gone(*user) {
                entry.until = soon;
            }
        }
    }

    /// Whether a process has requests under way, as far as anybody knows.
    pub(super) fn is_under_way(&self, user: Me) -> bool {
        self.users.get(&user).is_some_and(|entry| entry.under_way > 0)
    }

    /// Requests of mine have their answers, or there will be none.
    pub(super) fn answered(&mut self, me: Me, requests: u32, size: Size) {
        let mut bucket = self.bucket(size);
        for _ in 0..requests {
            bucket.answered(self.at);
        }
        self.level = bucket.level;
        if let Some(user) = self.users.get_mut(&me) {
            user.under_way = user.under_way.saturating_sub(requests);
        }
    }

    /// The portal refused a request that was sent at `sent`.
    pub(super) fn refused(&mut self, sent: Duration, size: Size) {
        let mut bucket = self.bucket(size);
        bucket.refused(sent, self.at);
        self.level = bucket.level;
    }

    /// A method's execution time is used up for this long.
    pub(super) fn hold(&mut self, method: &str, wait: Duration) {
        let until = self.at + wait.min(LONGEST_HOLD);
        let held = self.held.entry(method.to_ascii_lowercase()).or_default();
        *held = until.max(*held);
    }

    /// The methods whose execution time is used up, and for how long.
    pub(super) fn holds(&self) -> Vec<(String, Duration)> {
        self.held.iter().map(|(method, until)| (method.clone(), until.saturating_sub(self.at))).collect()
    }

    /// The bucket with everybody's requests in it.
    pub(super) fn bucket(&self, size: Size) -> Bucket {
        let under_way = self.users.values().fold(0, |sum: u32, user| sum.saturating_add(user.under_way));
        Bucket { size, level: self.level, under_way }
    }

    /// How many processes have used it lately.
    pub(super) fn users(&self) -> usize {
        self.users.len()
    }

    fn forget_idle(&mut self, me: Me) {
        let idle = self.users.values().filter(|user| user.under_way == 0).count();
        if idle > IDLE_USERS {
            self.users.retain(|user, entry| *user == me || entry.under_way > 0);
        }
    }
}

#[cfg(test)]
mod tests;
