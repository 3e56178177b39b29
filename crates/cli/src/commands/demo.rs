//! `b24 demo`: the register of a year on the built-in sandbox, checked against what the sandbox knows to be right.

mod compare;
mod memory;
mod own_files;

use std::fs;

use b24_client::Client;
use b24_sandbox::{Basis, Sandbox};
use serde::Serialize;
use workflow::Period;
use workflow::register::{GroupTotals, Outputs, Selection};
use workflow::render::Renderer;
use workflow::source::portal::DateFields;

use self::compare::Difference;
use self::own_files::OwnFiles;
use super::report;
use super::sync::{CLINIC_FILES, Clinic, tour};
use crate::args::DemoArgs;
use crate::clock;
use crate::code::Code;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Answer;
use crate::settings::parse_webhook;

/// The year of the register; the sandbox's invoices lie in 2025 and 2026 whatever the clock says.
const YEAR: &str = "2026";

#[derive(Serialize)]
struct Data<'a> {
    totals: &'a [GroupTotals],
    totals_equal_model: bool,
    differences: &'a [Difference],
    workbook: String,
    /// The clinic's example, planned and written.
    sync: Clinic,
    memory: memory::Tour,
}

pub(super) async fn run(context: &Context, args: &DemoArgs) -> Result<Answer, Failure> {
    let period = year()?;
    fs::create_dir_all(&args.out)
        .map_err(|error| Failure::file(format!("creating the folder {}", args.out.display()), &error))?;
    let workbook = format!("register-{YEAR}.xlsx");
    let path = args.out.join(&workbook);
    let clinic_files = CLINIC_FILES.map(str::to_owned);
    let files = [&[workbook][..], &clinic_files, &memory::files()].concat();
    let mut own = OwnFiles::claim(&args.out, &files, args.force)?;
    let renderer = Renderer::for_path(&path, true, clock::now())?;

    let started = Sandbox::builder().start().await;
    let sandbox = started.map_err(|error| Failure::of_sandbox(Exit::Refused, &error))?;
    // Not by the user's settings: they are about another portal.
    let client = parse_webhook(&sandbox.webhook().into(), "the sandbox")
        .and_then(|webhook| Client::builder(webhook).build().map_err(Failure::from))?;
    let session = context.enter(client).await?;
    let selection = Selection::of_period(period);
    let mut source = report::open_portal(&session, &selection, &DateFields::default()).await?;
    let register = report::make(context, &mut source, &selection, Outputs::one(renderer), None).await?;
    own.record(&files[..1])?;
    let model = sandbox.register_model(period.from(), period.to(), Basis::Invoice);
    let differences = compare::differences(&register.totals, &model.totals);
    let equal = differences.is_empty() && register.is_complete();

    let requests = session.client.stats().requests;
    let clinic = tour(&session.client, &args.out).await?;
    own.record(&clinic_files)?;
    let memory = memory::tour(context, &session, &args.out).await?;

    own.record(&memory::files())?;

    let verdict = if equal {
        "The totals equal the sandbox's own model to the kopeck."
    } else {
        "The totals DIFFER from the sandbox's own model; please report this."
    };
    let lines: Vec<String> = differences.iter().map(|difference| format!("  {difference}\n")).collect();
    let text = format!(
        "The register of {YEAR} from a made-up portal: {} invoices of our companies.\n\n{}\n{verdict}\n{}\n\
         Open the workbook: {}\n\
         Look at the sheets Реестр (every invoice), Итоги (totals by VAT rate), Проблемы (what an accountant should \
         check) and Сведения (what was read, on whose behalf).\n\
         Requests to the portal: {}\n\n{}\n{}",
        register.counts.invoices,
        report::totals_table(&register.totals),
        lines.concat(),
        path.display(),
        requests,
        clinic.text,
        memory.text(),
    );
    let fine = equal && memory.is_as_promised();
    let data = Data {
        totals: &register.totals,
        totals_equal_model: equal,
        differences: &differences,
        workbook: path.display().to_string(),
        sync: clinic,
        memory,
    };
    Ok(Answer::new(text, &data)?.exit(if fine { Exit::Done } else { Exit::Bug }))
}

fn year() -> Result<Period, Failure> {
    YEAR.parse().map_err(|error: workflow::period::PeriodError| {
        Failure::new(Code::Bug, "reading the demo's period").because(error)
    })
}
