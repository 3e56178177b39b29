//! Why a run ended early: what was attempted, why it failed, what to do. One line each, never a secret.

mod client;
mod export;
mod index;
mod journal;
mod queue;
mod sandbox;
mod sync;
#[cfg(test)]
mod tests;
mod workflow;

use std::error::Error;
use std::fmt;
use std::io;

use crate::code::Code;
use crate::exit::Exit;
use crate::{output, secret};

/// The end of a run that did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    code: &'static str,
    attempted: String,
    cause: Option<String>,
    advice: Option<String>,
    silent: bool,
}

impl Failure {
    /// A failure of the command line: its code and what was attempted.
    pub(crate) fn new(code: Code, attempted: impl Into<String>) -> Self {
        Self::of_library(code.exit(), code.code(), attempted)
    }

    /// A failure of a library, with the library's own code.
    fn of_library(exit: Exit, code: &'static str, attempted: impl Into<String>) -> Self {
        let attempted = one_line(&attempted.into());
        Self { exit, code, attempted, cause: None, advice: None, silent: false }
    }

    /// A failure of a library: its code and text, the chain of its causes, what to do next.
    fn of_error(exit: Exit, code: &'static str, error: &dyn Error, advice: impl fmt::Display) -> Self {
        let failure = Self::of_library(exit, code, error.to_string()).advise(advice);
        match error.source() {
            Some(cause) => failure.because(output::chain(cause)),
            None => failure,
        }
    }

    /// Adds why it failed.
    pub(crate) fn because(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(one_line(&cause.to_string()));
        self
    }

    /// Adds what to do next.
    pub(crate) fn advise(mut self, advice: impl fmt::Display) -> Self {
        self.advice = Some(one_line(&advice.to_string()));
        self
    }

    /// Another exit code than the kind of the failure has.
    pub(crate) fn ending(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// A file could not be read or written.
    pub(crate) fn file(attempted: impl Into<String>, error: &io::Error) -> Self {
        let advice = match error.kind() {
            io::ErrorKind::NotFound => "check the path",
            io::ErrorKind::PermissionDenied => "check who may read and write this path",
            io::ErrorKind::StorageFull => "free some space",
            _ => "check the path, and whether another program holds the file open",
        };
        Self::new(Code::FileAccess, attempted).because(error).advise(advice)
    }

    /// Standard output could not be written. A closed pipe is the reader's choice, not a failure.
    pub(crate) fn stdout(error: &io::Error) -> Self {
        let closed = error.kind() == io::ErrorKind::BrokenPipe;
        let mut failure = Self::new(Code::Stdout, "writing to stdout")
            .because(error)
            .advise("check where the output is redirected to");
        if closed {
            failure = failure.ending(Exit::Done);
        }
        failure.silent = closed;
        failure
    }

    /// Ctrl-C or a request to terminate.
    pub(crate) fn interrupted() -> Self {
        Self::new(Code::Interrupted, "interrupted").advise("run the same command again")
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// The kebab code.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// What was attempted.
    pub(crate) fn attempted(&self) -> &str {
        &self.attempted
    }

    /// Why it failed, when that is more than the attempt says.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// What to do next.
    pub(crate) fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// Nothing is to be said: the reader of stdout has gone.
    pub(crate) fn is_silent(&self) -> bool {
        self.silent
    }
}

/// Foreign texts (file names, portal answers) must neither break the line nor carry a webhook's secret.
fn one_line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_control()).map(str::trim).filter(|w| !w.is_empty()).collect();
    secret::strip(&words.join(" ")).into_owned()
}
