//! What doctor found: a line per check, facts for the document, problems with what to do.

use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, Problem, table};
use crate::session::Session;
use crate::settings::Access;
use workflow::PortalUser;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warning,
    Failed,
    Skipped,
}

#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    state: State,
    detail: String,
}

/// The facts of the document.
#[derive(Debug, Serialize)]
pub(super) struct Facts {
    portal: String,
    user: PortalUser,
    access: Access,
    /// Scopes of the webhook.
    pub(super) scopes: Option<Vec<String>>,
    /// Our own companies.
    pub(super) companies: Option<Vec<Named>>,
    /// Funnels of invoices.
    pub(super) funnels: Option<Vec<Funnel>>,
    /// How many invoices the user sees.
    pub(super) invoices: Option<u64>,
    /// Seconds the portal's clock is ahead of this machine's.
    pub(super) clock_ahead_s: Option<i64>,
    checks: Vec<Check>,
}

/// A record with number and name.
#[derive(Debug, Serialize)]
pub(super) struct Named {
    /// Number.
    pub(super) id: String,
    /// Name.
    pub(super) name: String,
}

/// A funnel and how many stages it has.
#[derive(Debug, Serialize)]
pub(super) struct Funnel {
    /// Number.
    pub(super) id: String,
    /// Name.
    pub(super) name: String,
    /// Names of the stages, in order.
    pub(super) stages: Vec<String>,
}

/// Everything found so far.
#[derive(Debug)]
pub(super) struct Findings {
    /// For the document.
    pub(super) facts: Facts,
    problems: Vec<Problem>,
    exit: Exit,
}

impl Findings {
    pub(super) fn new(session: &Session, access: Access) -> Self {
        let facts = Facts {
            portal: session.portal(),
            user: session.user.clone(),
            access,
            scopes: None,
            companies: None,
            funnels: None,
            invoices: None,
            clock_ahead_s: None,
            checks: Vec::new(),
        };
        let mut findings = Self { facts, problems: Vec::new(), exit: Exit::Done };
        findings.ok("portal", format!("{}, access {access}", session.portal()));
        findings
    }

    /// A check that found everything right.
    pub(super) fn ok(&mut self, check: &'static str, detail: impl Into<String>) {
        self.line(check, State::Ok, detail.into());
    }

    /// A check that could not run.
    pub(super) fn skipped(&mut self, check: &'static str, detail: &str) {
        self.line(check, State::Skipped, detail.to_owned());
    }

    /// Something to know that keeps nothing from working.
    pub(super) fn warning(
        &mut self,
        check: &'static str,
        code: &str,
        message: impl Into<String>,
        hint: &str,
    ) {
        self.problem(check, State::Warning, code, message.into(), Some(hint.to_owned()));
    }

    /// Something that keeps a job from working; the first one decides the exit code.
    pub(super) fn failed(&mut self, check: &'static str, code: &str, message: impl Into<String>, hint: &str) {
        self.exit_with(Exit::Refused);
        self.problem(check, State::Failed, code, message.into(), Some(hint.to_owned()));
    }

    /// A request that failed.
    pub(super) fn error(&mut self, check: &'static str, error: &b24_client::Error) {
        let failure = Failure::from(error);
        self.exit_with(failure.exit());
        let message = match failure.cause() {
            Some(cause) => format!("{}: {cause}", failure.attempted()),
            None => failure.attempted().to_owned(),
        };
        self.problem(check, State::Failed, failure.code(), message, failure.advice().map(str::to_owned));
    }

    /// The table, the document, the exit code.
    pub(super) fn into_answer(self) -> Result<Answer, Failure> {
        let rows = self.facts.checks.iter().map(|check| {
            let state = match check.state {
                State::Ok => "ok",
                State::Warning => "warning",
                State::Failed => "FAILED",
                State::Skipped => "skipped",
            };
            [check.name.to_owned(), state.to_owned(), check.detail.clone()]
        });
        let text = table(["CHECK", "STATE", "FOUND"], rows);
        Ok(Answer::new(text, &self.facts)?.exit(self.exit).problems(self.problems))
    }

    fn exit_with(&mut self, exit: Exit) {
        if self.exit == Exit::Done {
            self.exit = exit;
        }
    }

    fn problem(
        &mut self,
        check: &'static str,
        state: State,
        code: &str,
        message: String,
        hint: Option<String>,
    ) {
        self.line(check, state, message.clone());
        self.problems.push(Problem {
            code: code.to_owned(),
            field: Some(check.to_owned()),
            value: None,
            message,
            hint,
        });
    }

    fn line(&mut self, check: &'static str, state: State, detail: String) {
        self.facts.checks.push(Check { name: check, state, detail });
    }
}
