//! How many items go into an import, as a pure state machine.
//!
//! One command creates up to 20 items and takes as long as 20 commands. A portal cuts a request after 60 s, whatever it
//! has created by then, so requests are sized by what was measured to end far before.

/// Items of a command (`MAX_IMPORT_BATCH_SIZE`).
const MOST_ITEMS: usize = 20;
/// Commands of a request.
const MOST_COMMANDS: usize = 50;
/// What a request should take, in seconds.
const TARGET: f64 = 10.0;
/// Most items of a request: they are in memory as long as it lasts.
const MOST_AT_ONCE: usize = 500;
/// How much of the earlier estimate stays when items were faster.
const MEMORY: f64 = 0.7;

/// Seconds per item, once they are known.
#[derive(Debug, Default)]
pub(super) struct Pace {
    seconds: Option<f64>,
    probing: bool,
}

impl Pace {
    /// Items of a command, and of a request. Nothing as long as the first one is under way, which shows how long items
    /// take.
    pub(super) fn next(&self) -> Option<(usize, usize)> {
        let Some(seconds) = self.seconds else { return (!self.probing).then_some((MOST_ITEMS, MOST_ITEMS)) };
        let fitting = whole(TARGET / seconds.max(TARGET / 10_000.0));
        let command = fitting.clamp(1, MOST_ITEMS);
        Some((command, fitting.clamp(1, MOST_AT_ONCE.min(command * MOST_COMMANDS))))
    }

    /// A request was sent.
    pub(super) fn sent(&mut self) {
        self.probing |= self.seconds.is_none();
    }

    /// A command was answered. A slower one counts at once, faster ones win slowly.
    pub(super) fn measured(&mut self, seconds: Option<f64>, items: usize) {
        self.probing = false;
        let (Some(seconds), true) = (seconds, items > 0) else { return };
        let each = seconds / f64::from(u32::try_from(items).unwrap_or(u32::MAX));
        let known = self.seconds.unwrap_or(each);
        self.seconds = Some(each.max(known * MEMORY + each * (1.0 - MEMORY)));
    }

    /// A request ended without an answer: the next one shows it again.
    pub(super) fn lost(&mut self) {
        self.probing = false;
        self.seconds = self.seconds.map(|seconds| seconds * 2.0);
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 10,000")]
fn whole(number: f64) -> usize {
    number.clamp(0.0, 10_000.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_import_shows_how_long_items_take() {
        let mut pace = Pace::default();
        assert_eq!(pace.next(), Some((20, 20)));
        pace.sent();
        assert_eq!(pace.next(), None, "one is enough to see it");
        pace.measured(Some(0.4), 20);
        assert_eq!(pace.next(), Some((20, 500)));
    }

    #[test]
    fn a_slow_portal_gets_small_requests() {
        let mut pace = Pace::default();
        pace.sent();
        pace.measured(Some(50.0), 20);
        assert_eq!(pace.next(), Some((4, 4)), "2.5 s an item");
        pace.measured(Some(20.0), 1);
        assert_eq!(pace.next(), Some((1, 1)));
    }
}
