//! Progress bars on a terminal, with rate and time left; nothing without one.

use std::fmt::Write;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::output::Output;

/// One line of progress on stderr.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A line for a piece of work; hidden without a terminal and with `--quiet`.
    pub(crate) fn new(out: &Output, label: &'static str) -> Self {
        let bar = if out.shows_progress() { ProgressBar::no_length() } else { ProgressBar::hidden() };
        Self { bar: bar.with_style(style("{spinner} {msg}: {human_pos} ({rate})")).with_message(label) }
    }

    /// How much there will be to do.
    pub(crate) fn expect(&self, total: u64) {
        self.bar.set_length(total);
        self.bar.set_style(style("{msg}: {human_pos}/{human_len} {wide_bar} {rate}, {eta} left"));
    }

    /// Tells something while the line stands there: it is taken away and drawn again below.
    pub(crate) fn beside(&self, tell: impl FnOnce()) {
        self.bar.suspend(tell);
    }

    /// How much more is done.
    pub(crate) fn advance(&self, steps: u64) {
        self.bar.inc(steps);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
        // A bar that cannot be drawn is no reason to stop.
        let _undrawn = write!(out, "{:.1}/s", state.per_sec());
    })
}
