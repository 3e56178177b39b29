//! `b24 report`.

mod diff;
mod shown;
mod summary;

use std::io;
use std::path::{Path, PathBuf};

use workflow::register;
use workflow::register::{Outputs, Selection};
use workflow::render::{Presentation, Renderer};
use workflow::source::portal::{DateFields, PortalInvoices};
use workflow::source::raw_file::{RawFile, RawWriter};
use workflow::source::{InvoiceSource, Origin};
use workflow::{Basis, Event, Period, Register, parse_day};

pub(super) use self::summary::totals_table;
use crate::args::{BasisArg, InvoicesArgs, ReportCommand};
use crate::clock;
use crate::code::Code;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Answer;
use crate::progress::Progress;
use crate::session::Session;

pub(super) async fn run(context: &Context, command: &ReportCommand) -> Result<Answer, Failure> {
    match command {
        ReportCommand::Invoices(args) => invoices(context, args).await,
        ReportCommand::Diff(args) => diff::run(args),
    }
}

async fn invoices(context: &Context, args: &InvoicesArgs) -> Result<Answer, Failure> {
    let selection = selection(args)?;
    let target = Target::of(args, selection.period)?;
    target.keeps_clear_of(args)?;
    // Opened first: nobody wants to hear after ten minutes that the file cannot be written.
    let settings = context.settings()?.file.report;
    let outputs = target.outputs(args.force, shown::of(args, &settings)?)?;
    let register = if let Some(input) = &args.input {
        let mut source = RawFile::open(input)?;
        if let Some(warning) = narrower(&selection, source.origin()) {
            context.out.warning(warning);
        }
        let selection = selection.completed_by(source.origin());
        make(context, &mut source, &selection, outputs, None).await?
    } else {
        selection.period.ok_or_else(no_period)?;
        let session = context.session().await?;
        let fields = DateFields { shipped: settings.shipped_field, paid: settings.paid_field };
        let mut source = open_portal(&session, &selection, &fields).await?;
        let raw = args.save_raw.as_deref().map(|path| (path, args.force));
        make(context, &mut source, &selection, outputs, raw).await?
    };
    answer(context, &register, &target)
}

/// The invoices of the session's portal.
pub(super) async fn open_portal(
    session: &Session,
    selection: &Selection,
    date_fields: &DateFields,
) -> Result<PortalInvoices, Failure> {
    let (client, user) = (session.client.clone(), session.user.clone());
    let opened = PortalInvoices::open(client, user, selection, date_fields).await;
    opened.map_err(Failure::from)
}

/// Makes the register, with progress on a terminal.
pub(super) async fn make(
    context: &Context,
    source: &mut dyn InvoiceSource,
    selection: &Selection,
    outputs: Outputs,
    save_raw: Option<(&Path, bool)>,
) -> Result<Register, Failure> {
    let raw = save_raw.map(|(path, replace)| RawWriter::create(path, replace, source.origin()));
    let raw = raw.transpose()?;
    let progress = Progress::new(&context.out, "invoices");
    let mut show = |event| match event {
        Event::Expected { invoices } => progress.expect(invoices),
        // Rows are the long part of a portal's window; a file has none to wait for.
        Event::RowsFetched { invoices } => progress.advance(invoices),
        _ => {}
    };
    register::run(source, selection, outputs, raw, &mut show).await.map_err(Failure::from)
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
    /// One file per company of ours, named after this one.
    Files(PathBuf),
    Stdout,
}

impl Target {
    fn of(args: &InvoicesArgs, period: Option<Period>) -> Result<Self, Failure> {
        let path = match &args.output {
            Some(path) if path.as_os_str() == "-" && args.split.is_some() => {
                return Err(Failure::new(Code::Usage, "choosing the output")
                    .because("several registers cannot go to standard output")
                    .advise("name a file with -o, or leave --split out"));
            }
            Some(path) if path.as_os_str() == "-" => return Ok(Self::Stdout),
            Some(path) => path.clone(),
            None => PathBuf::from(match period {
                Some(period) => format!("register_{}_{}.xlsx", period.from(), period.to()),
                None => "register.xlsx".to_owned(),
            }),
        };
        Ok(if args.split.is_some() { Self::Files(path) } else { Self::File(path) })
    }

    /// The raw invoices must not be lost to the register that is made of them.
    fn keeps_clear_of(&self, args: &InvoicesArgs) -> Result<(), Failure> {
        let Self::File(output) = self else { return Ok(()) };
        let full = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path)).ok();
        let raw = [&args.input, &args.save_raw].into_iter().flatten();
        match raw.into_iter().find(|raw| full(raw) == full(output)) {
            None => Ok(()),
            Some(raw) => Err(Failure::new(Code::Usage, "choosing the output")
                .because(format!("{} is to hold the raw invoices and the register", raw.display()))
                .advise("name another file with -o")),
        }
    }

    fn outputs(&self, replace: bool, shown: Presentation) -> Result<Outputs, Failure> {
        let open = move |path: &Path| Renderer::presented(path, replace, clock::now(), &shown);
        let outputs = match self {
            Self::File(path) => open(path).map(Outputs::one),
            Self::Files(path) => Outputs::per_seller(path, replace, Box::new(open)),
            Self::Stdout => Ok(Outputs::one(Renderer::json_lines(Box::new(io::stdout())))),
        };
        outputs.map_err(Failure::from)
    }
}

/// What was asked for.
fn selection(args: &InvoicesArgs) -> Result<Selection, Failure> {
    Ok(Selection {
        period: period(args)?,
        basis: match args.basis {
            BasisArg::Invoice => Basis::Invoice,
            BasisArg::Shipped => Basis::Shipped,
            BasisArg::Paid => Basis::Paid,
        },
        my_companies: args.my_company.clone(),
        counterparties: args.counterparty.clone(),
        stages: args.stage.clone(),
        currencies: args.currency.clone(),
    })
}

/// Why a file of raw invoices may lack some that were asked for.
fn narrower(selection: &Selection, origin: &Origin) -> Option<String> {
    let (asked, saved) = (selection.period?, origin.period?);
    let covered =
        saved.contains(asked.from()) && saved.contains(asked.to()) && selection.basis == origin.basis;
    (!covered).then(|| {
        format!(
            "the raw invoices were saved for {saved} by date of {}; what lies outside of that is not in the register",
            origin.basis
        )
    })
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
    parsed.map_err(|error| Failure::of_period(&error))
}

fn no_period() -> Failure {
    Failure::new(Code::Usage, "choosing the invoices of the register")
        .because("no period is given")
        .advise("add `--period 2026`, `--period 2026-Q1` or `--from 2026-01-01 --to 2026-03-31`")
}
