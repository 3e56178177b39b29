//! The one place that prints.

use std::fmt::Display;

/// A line of results, on stdout.
#[expect(clippy::print_stdout, reason = "xtask is a terminal program and prints here only")]
pub(crate) fn line(text: impl Display) {
    println!("{text}");
}

/// A line about what is going on, on stderr.
#[expect(clippy::print_stderr, reason = "xtask is a terminal program and prints here only")]
pub(crate) fn note(text: impl Display) {
    eprintln!("{text}");
}
