//! Progress bars on a terminal, with rate and time left; nothing without one.

use indicatif::{ProgressBar, ProgressStyle};

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
        bar.set_message(label);
        bar.set_style(style("{spinner} {msg}: {human_pos} ({per_sec})"));
        Self { bar }
    }

    /// How much there will be to do.
    pub(crate) fn expect(&self, total: u64) {
        self.bar.set_style(style("{msg}: {human_pos}/{human_len} {wide_bar} {per_sec}, {eta} left"));
        self.bar.set_length(total);
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
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
