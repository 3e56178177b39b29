//! The document of `--json`, described in docs/json.md.

use std::fmt;

use serde::Serialize;
use serde_json::value::RawValue;

use super::pretty;
use crate::code::Code;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::secret;

/// Version of the document; grows when a member changes its meaning.
const SCHEMA: u32 = 1;

/// What a command answers when it did its work.
#[derive(Debug)]
pub(crate) struct Answer {
    exit: Exit,
    text: String,
    data: Box<RawValue>,
    problems: Vec<Problem>,
    printed: bool,
}

impl Answer {
    /// An answer as text and as data, exit 0.
    ///
    /// # Errors
    /// Data that cannot be written as JSON, which is a bug.
    pub(crate) fn new(text: impl Into<String>, data: &impl Serialize) -> Result<Self, Failure> {
        let data = serde_json::value::to_raw_value(data).map_err(|error| {
            Failure::new(Code::Bug, "writing the answer as JSON")
                .because(error)
                .advise("report these lines to the project")
        })?;
        Ok(Self { exit: Exit::Done, text: text.into(), data, problems: Vec::new(), printed: false })
    }

    /// The command printed its data itself; nothing is left to print.
    pub(crate) fn printed(exit: Exit) -> Self {
        Self {
            exit,
            text: String::new(),
            data: RawValue::NULL.to_owned(),
            problems: Vec::new(),
            printed: true,
        }
    }

    /// Another exit code than 0.
    pub(crate) fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// Adds the problems that were found.
    pub(crate) fn problems(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }
}

/// Reading an answer, for printing it.
impl Answer {
    /// The exit code.
    pub(crate) fn code(&self) -> Exit {
        self.exit
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn listed(&self) -> &[Problem] {
        &self.problems
    }

    pub(super) fn is_printed(&self) -> bool {
        self.printed
    }

    pub(super) fn document(&self, stats: &Stats) -> String {
        pretty(&Document {
            schema: SCHEMA,
            ok: self.exit == Exit::Done,
            data: &self.data,
            problems: &self.problems,
            stats,
            error: None,
        })
    }
}

/// A problem with one value; the run went on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    /// Kebab code with its area.
    pub(crate) code: String,
    /// The field, check or column concerned.
    pub(crate) field: Option<String>,
    /// The value as it came.
    pub(crate) value: Option<String>,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do.
    pub(crate) hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

/// What the run cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Stats {
    /// HTTP requests.
    pub(crate) requests: u64,
    /// Methods executed, those inside batches included.
    pub(crate) commands: u64,
    /// Milliseconds spent waiting for the portal's limits.
    pub(crate) waits_ms: u64,
    /// Requests sent again.
    pub(crate) retries: u64,
    /// Requests the portal refused because its limit was used up, by somebody else at the same address.
    pub(crate) refused: u64,
    /// What is used of the portal's limit now.
    pub(crate) limiter: Option<Limiter>,
}

/// The bucket of the portal, as this machine knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Limiter {
    /// Requests in it.
    level: u64,
    /// Requests that fit.
    capacity: u32,
    /// Processes of this machine that used it lately; `null` when the limiter is not shared.
    processes: Option<u32>,
}

impl Stats {
    /// What a client has done, and what it knows of the portal's limit.
    pub(crate) fn of(stats: b24_client::Stats, limits: &b24_client::LimitView) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small number, never negative"
        )]
        let level = limits.level.ceil() as u64;
        let limiter = Limiter { level, capacity: limits.capacity, processes: limits.processes };
        Self {
            requests: stats.requests,
            commands: stats.commands,
            waits_ms: u64::try_from(stats.waited.as_millis()).unwrap_or(u64::MAX),
            retries: stats.retries,
            refused: stats.refused,
            limiter: (limits.capacity > 0).then_some(limiter),
        }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    ok: bool,
    data: &'a RawValue,
    problems: &'a [Problem],
    stats: &'a Stats,
    error: Option<Ended<'a>>,
}

#[derive(Serialize)]
struct Ended<'a> {
    code: &'a str,
    message: &'a str,
    cause: Option<&'a str>,
    hint: Option<&'a str>,
    exit: u8,
}

/// The document of a run that ended early.
pub(super) fn of_failure(failure: &Failure, stats: &Stats) -> String {
    let text = pretty(&Document {
        schema: SCHEMA,
        ok: false,
        data: RawValue::NULL,
        problems: &[],
        stats,
        error: Some(Ended {
            code: failure.code(),
            message: failure.attempted(),
            cause: failure.cause(),
            hint: failure.advice(),
            exit: failure.exit().number(),
        }),
    });
    secret::strip(&text).into_owned()
}
