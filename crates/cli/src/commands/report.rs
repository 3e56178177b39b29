//! `b24 report`.

mod summary;

use std::io;
use std::path::{Path, PathBuf};

use workflow::import::ImportError;
use workflow::register;
use workflow::render::Renderer;
use workflow::source::portal::{DateFields, PortalInvoices};
use workflow::source::raw_file::{RawFile, RawWriter};
use workflow::source::{InvoiceSource, PortalUser};
use workflow::{Event, Period, Register, parse_day};

pub(super) use self::summary::totals_table;
use crate::args::{InvoicesArgs, ReportCommand};
use crate::clock;
use crate::code::Code;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Answer};
use crate::progress::Progress;
use crate::session::Session;

pub(super) async fn run(context: &Context, command: &ReportCommand) -> Result<Answer, Failure> {
    match command {
        ReportCommand::Invoices(args) => invoices(context, args).await,
    }
}

async fn invoices(context: &Context, args: &InvoicesArgs) -> Result<Answer, Failure> {
    let period = period(args)?;
    let target = Target::of(args, period);
    // Opened first: nobody wants to hear after ten minutes that the file cannot be written.
    let renderer = target.renderer(args.force)?;
    let register = if let Some(input) = &args.input {
        let mut source = RawFile::open(input, period).map_err(|error| of_workflow(&error))?;
        make(context, &mut source, renderer, None).await?
    } else {
        let period = period.ok_or_else(no_period)?;
        let session = context.session().await?;
        let settings = context.settings()?.file.report;
        let fields = DateFields { shipped: settings.shipped_field, paid: settings.paid_field };
        let mut source = open_portal(&session, period, &fields).await?;
        make(context, &mut source, renderer, args.save_raw.as_deref().map(|path| (path, args.force))).await?
    };
    answer(context, &register, &target)
}

/// The invoices of the session's portal.
pub(super) async fn open_portal(
    session: &Session,
    period: Period,
    date_fields: &DateFields,
) -> Result<PortalInvoices, Failure> {
    let user = PortalUser {
        id: session.user.id,
        name: session.user.name.clone(),
        administrator: session.user.administrator,
    };
    let opened = PortalInvoices::open(session.client.clone(), user, period, date_fields).await;
    opened.map_err(|error| of_workflow(&error))
}

/// Makes the register, with progress on a terminal.
pub(super) async fn make(
    context: &Context,
    source: &mut dyn InvoiceSource,
    renderer: Renderer,
    save_raw: Option<(&Path, bool)>,
) -> Result<Register, Failure> {
    let raw = save_raw.map(|(path, replace)| RawWriter::create(path, replace, source.origin()));
    let raw = raw.transpose().map_err(|error| of_workflow(&error))?;
    let progress = Progress::new(&context.out, "invoices");
    let mut show = |event| match event {
        Event::Expected { invoices } => progress.expect(invoices),
        // Rows are the long part of a portal's window; a file has none to wait for.
        Event::RowsFetched { invoices } => progress.advance(invoices),
        _ => {}
    };
    register::run(source, renderer, raw, &mut show).await.map_err(|error| of_workflow(&error))
}

fn answer(context: &Context, register: &Register, target: &Target) -> Result<Answer, Failure> {
    let exit = if register.is_complete() { Exit::Done } else { Exit::Partial };
    if matches!(target, Target::Stdout) {
        context.out.note(summary::text(register));
        for problem in summary::urgent(register) {
            context.out.warning(problem);
        }
        return Ok(Answer::printed(exit));
    }
    let problems =
        if context.out.wants_json() { summary::problems(register) } else { summary::urgent(register) };
    Ok(Answer::new(summary::text(register), &summary::data(register))?.problems(problems).exit(exit))
}

/// Where the register goes.
enum Target {
    File(PathBuf),
    Stdout,
}

impl Target {
    fn of(args: &InvoicesArgs, period: Option<Period>) -> Self {
        match &args.output {
            Some(path) if path.as_os_str() == "-" => Self::Stdout,
            Some(path) => Self::File(path.clone()),
            None => Self::File(PathBuf::from(match period {
                Some(period) => format!("register_{}_{}.xlsx", period.from(), period.to()),
                None => "register.xlsx".to_owned(),
            })),
        }
    }

    fn renderer(&self, replace: bool) -> Result<Renderer, Failure> {
        match self {
            Self::File(path) => {
                Renderer::for_path(path, replace, clock::now()).map_err(|error| of_workflow(&error))
            }
            Self::Stdout => Ok(Renderer::json_lines(Box::new(io::stdout()))),
        }
    }
}

/// The period of `--period` or `--from` and `--to`.
fn period(args: &InvoicesArgs) -> Result<Option<Period>, Failure> {
    let parsed = match (&args.period, &args.from, &args.to) {
        (Some(period), ..) => period.parse().map(Some),
        (None, Some(from), Some(to)) => {
            parse_day(from).and_then(|from| Period::new(from, parse_day(to)?)).map(Some)
        }
        _ => Ok(None),
    };
    parsed.map_err(|error| {
        Failure::of_library(Exit::Usage, error.code(), "reading the period")
            .because(&error)
            .advise("for example `--period 2026`, `--period 2026-Q1` or `--from 01.01.2026 --to 31.03.2026`")
    })
}

fn no_period() -> Failure {
    Failure::new(Code::Usage, "choosing the invoices of the register")
        .because("no period is given")
        .advise("add `--period 2026`, `--period 2026-Q1` or `--from 2026-01-01 --to 2026-03-31`")
}

/// Whether something on this side refused although the command line is right.
fn is_guard(error: &ImportError) -> bool {
    matches!(
        error,
        ImportError::Foreign { .. }
            | ImportError::InUse { .. }
            | ImportError::InputChanged { .. }
            | ImportError::OutcomesNotWritable { .. }
    )
}

/// A failure of an orchestrator: its text, the chain of its causes, its hint.
pub(super) fn of_workflow(error: &workflow::Error) -> Failure {
    let exit = match error {
        workflow::Error::Portal { source, .. } => return Failure::of_client(source),
        workflow::Error::PortalCall { source, .. } => Failure::exit_of(source.kind()),
        workflow::Error::Import(error) if is_guard(error) => Exit::Refused,
        workflow::Error::RawFile { .. }
        | workflow::Error::Import(_)
        | workflow::Error::RawFileNewer { .. }
        | workflow::Error::OutputFormat { .. }
        | workflow::Error::Period(_) => Exit::Usage,
        workflow::Error::PortalBatch { .. } | workflow::Error::Workbook(_) => Exit::Bug,
        _ => Exit::Refused,
    };
    let mut failure = Failure::of_library(exit, error.code(), error.to_string());
    if let Some(cause) = std::error::Error::source(error) {
        failure = failure.because(output::chain(cause));
    }
    failure.advise(error.hint().unwrap_or_else(|| "read the reason above".to_owned()))
}
