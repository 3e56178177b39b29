//! Outcomes and previewed requests as tables and documents.

use b24_client::{CallError, Outcome};
use serde::Serialize;
use serde_json::value::RawValue;
use workflow::command_file::{CommandFile, PreviewedRequest, Ran};

use crate::output::{self, Problem};

/// As much of a result as a line of the table holds.
const SHOWN_CHARACTERS: usize = 60;

/// One command's outcome.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    name: String,
    method: String,
    outcome: &'static str,
    result: Option<Box<RawValue>>,
    error: Option<Refused>,
}

/// Why a command has no result.
#[derive(Debug, Serialize)]
struct Refused {
    code: &'static str,
    /// The portal's own code; may be empty.
    portal_code: Option<String>,
    message: String,
    hint: Option<String>,
}

impl From<Ran> for Row {
    fn from(ran: Ran) -> Self {
        let outcome = match &ran.outcome {
            Outcome::Ok(_) => "ok",
            Outcome::Rejected(_) => "rejected",
            Outcome::Undecodable { .. } => "undecodable",
            Outcome::NotExecuted(_) => "not-executed",
            Outcome::Unknown(_) => "unknown",
            Outcome::Failed(_) => "failed",
        };
        let (result, error) = match ran.outcome.ok() {
            Ok(result) => (Some(result), None),
            Err(error) => (None, Some(Refused::from(&error))),
        };
        Self { name: ran.name, method: ran.method, outcome, result, error }
    }
}

impl From<&CallError> for Refused {
    fn from(error: &CallError) -> Self {
        Self {
            code: error.code(),
            portal_code: error.api().map(|api| api.text.clone()),
            message: output::chain(error),
            hint: error.hint(),
        }
    }
}

impl Row {
    pub(super) fn is_ok(&self) -> bool {
        self.error.is_none()
    }

    pub(super) fn cells(&self) -> [String; 4] {
        let shown = match (&self.result, &self.error) {
            (Some(result), _) => cut(result.get()),
            (None, Some(error)) => error.message.clone(),
            (None, None) => String::new(),
        };
        [self.name.clone(), self.method.clone(), self.outcome.to_owned(), shown]
    }

    pub(super) fn problem(&self) -> Option<Problem> {
        self.error.as_ref().map(|error| Problem {
            code: error.code.to_owned(),
            field: Some(self.name.clone()),
            value: None,
            message: format!("{} ({}): {}", self.name, self.method, error.message),
            hint: error.hint.clone(),
        })
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= SHOWN_CHARACTERS {
        return text.to_owned();
    }
    let mut shown: String = text.chars().take(SHOWN_CHARACTERS - 1).collect();
    shown.push('…');
    shown
}

/// One request that would be sent.
#[derive(Debug, Serialize)]
pub(super) struct Chunk {
    request: usize,
    form: &'static str,
    commands: Vec<Named>,
}

#[derive(Debug, Serialize)]
struct Named {
    name: String,
    method: String,
}

impl Chunk {
    pub(super) fn all(file: &CommandFile, requests: &[PreviewedRequest]) -> Vec<Self> {
        let named = |position: &usize| {
            let command = file.commands().get(*position)?;
            Some(Named { name: command.name().to_owned(), method: command.method().to_owned() })
        };
        let chunk = |(index, request): (usize, &PreviewedRequest)| Self {
            request: index + 1,
            form: if request.is_batch { "batch" } else { "single" },
            commands: request.commands.iter().filter_map(named).collect(),
        };
        requests.iter().enumerate().map(chunk).collect()
    }

    pub(super) fn cells(&self) -> Vec<[String; 4]> {
        let cells = |command: &Named| {
            [self.request.to_string(), self.form.to_owned(), command.name.clone(), command.method.clone()]
        };
        self.commands.iter().map(cells).collect()
    }
}
