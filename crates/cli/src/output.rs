//! The single place that prints: data on stdout, everything else on stderr.

mod document;
mod table;

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;

pub(crate) use self::document::{Answer, Problem, Stats};
pub(crate) use self::table::table;
use crate::args::Globals;
use crate::failure::Failure;
use crate::secret;

/// Problems shown one by one; a long list belongs into the data.
const SHOWN_PROBLEMS: usize = 20;

/// How this run prints.
#[derive(Debug)]
pub(crate) struct Output {
    format: Format,
    quiet: bool,
    color: bool,
    bars: bool,
}

/// What goes to stdout.
#[derive(Debug, PartialEq, Eq)]
enum Format {
    Text,
    Json,
}

impl Output {
    /// Decides from the flags and from what stderr is.
    pub(crate) fn new(globals: &Globals, no_color: bool) -> Self {
        let terminal = io::stderr().is_terminal();
        let format = if globals.json { Format::Json } else { Format::Text };
        Self { format, quiet: globals.quiet, color: terminal && !no_color, bars: terminal && !globals.quiet }
    }

    /// Whether one JSON document is wanted.
    pub(crate) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether progress bars make sense: on a terminal, without `--quiet`.
    pub(crate) fn shows_progress(&self) -> bool {
        self.bars
    }

    /// Says something on stderr, unless `--quiet`.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet {
            say(&text.to_string());
        }
    }

    /// Says something on stderr, `--quiet` or not.
    #[expect(clippy::unused_self, reason = "every way to print belongs to the output")]
    pub(crate) fn insist(&self, text: impl Display) {
        say(&text.to_string());
    }

    /// Warns on stderr, `--quiet` or not.
    pub(crate) fn warning(&self, text: impl Display) {
        say(&format!("{}: {text}", self.paint("33", "warning")));
    }

    /// Prints what a command answered: its document with `--json`, its text otherwise.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub(crate) fn answer(&self, answer: &Answer, stats: &Stats) -> Result<(), Failure> {
        if answer.is_printed() {
            return Ok(());
        }
        if self.wants_json() {
            return data(&answer.document(stats));
        }
        data(answer.text())?;
        for problem in answer.listed().iter().take(SHOWN_PROBLEMS) {
            self.warning(problem);
        }
        if answer.listed().len() > SHOWN_PROBLEMS {
            self.warning(format!("these are the first {SHOWN_PROBLEMS} problems; there are more"));
        }
        Ok(())
    }

    /// Says why the run ended: three lines on stderr, and the document with `--json`.
    pub(crate) fn failure(&self, failure: &Failure, stats: &Stats) {
        self.explain(failure);
        if self.wants_json() && !failure.is_silent() {
            // Whether the reader of the document is still there changes nothing about the failure.
            let _reader_gone = write_data(&document::of_failure(failure, stats));
        }
    }

    /// Says why the run ended on stderr only.
    pub(crate) fn explain(&self, failure: &Failure) {
        if failure.is_silent() {
            return;
        }
        say(&format!("{}: {}", self.paint("31", &format!("error[{}]", failure.code())), failure.attempted()));
        if let Some(cause) = failure.cause() {
            say(&format!("  why: {cause}"));
        }
        if let Some(advice) = failure.advice() {
            say(&format!("  try: {advice}"));
        }
    }

    fn paint(&self, color: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[1;{color}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Prints data on stdout, exactly this text, and flushes.
///
/// # Errors
/// Standard output cannot be written.
pub(crate) fn data(text: &str) -> Result<(), Failure> {
    write_data(text).map_err(|error| Failure::stdout(&error))
}

/// An error with the chain of its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |cause| cause.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Pretty JSON with a line end, for data.
pub(crate) fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// Prints what clap has to say: help and version on stdout, usage errors on stderr.
pub(crate) fn clap_message(error: &clap::Error) {
    if error.use_stderr() {
        // What was typed may contain a webhook, and clap repeats it.
        say(error.render().to_string().trim_end());
    } else {
        let _reader_gone = error.print();
    }
}

/// The document of a failure that comes before any [`Output`] exists.
pub(crate) fn failure_document(failure: &Failure) {
    let _reader_gone = write_data(&document::of_failure(failure, &Stats::default()));
}

fn say(text: &str) {
    // A closed stderr leaves nobody to tell.
    let _reader_gone = writeln!(io::stderr().lock(), "{}", secret::strip(text));
}

fn write_data(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
