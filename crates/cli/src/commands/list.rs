//! `b24 list`: every row of a list method, as the portal wrote it.

mod params;

use std::io::{self, BufWriter};

use b24_client::{Client, Error, List, Params, RawPage};
use futures::{Stream, StreamExt as _, stream};
use serde::Serialize;
use workflow::export::{self, Event, Export, ExportError, Order};

use crate::args::ListArgs;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Answer;
use crate::progress::Progress;

/// What is said about a finished export.
#[derive(Serialize)]
struct Told<'a> {
    file: &'a str,
    rows: u64,
    resumed_from: Option<u64>,
}

pub(super) async fn run(context: &Context, args: &ListArgs) -> Result<Answer, Failure> {
    let params = params::read(args)?;
    let asked = Asked { params: params.clone(), fields: params::fields(args) };
    let portal = context.portal()?;
    portal.allow(&args.method)?;
    let Some(path) = &args.output else {
        let client = context.client(&portal)?;
        return to_stdout(context, client, args, &asked).await;
    };
    // Opened first: nobody wants to hear after ten minutes that the file cannot be written.
    let opened = Export::open(Order {
        portal: portal.name().to_owned(),
        method: args.method.clone(),
        params,
        columns: args.select.iter().map(|field| field.trim().to_owned()).collect(),
        limit: args.limit,
        output: path.clone(),
        resume: args.resume,
        replace: args.force,
    });
    let export = opened?;
    let export = Interruptible { context, export, told: false };
    let client = context.client(&portal)?;
    let file = path.display().to_string();
    to_file(context, client, (args, &asked), export, &file).await
}

/// The question of a list, and the fields that it names.
struct Asked {
    params: Params,
    fields: Vec<String>,
}

/// The pages of a list. The first of them is asked for together with the user, whom every run names before it says
/// anything else, and with the fields of the portal where some are named: no row of a wrong question is given on.
async fn pages(
    context: &Context,
    client: Client,
    list: List<()>,
    (args, asked): (&ListArgs, &Asked),
) -> Result<impl Stream<Item = Result<RawPage, Error>> + use<>, Failure> {
    let mut pages = Box::pin(client.pages(list));
    let check = async {
        if asked.fields.is_empty() {
            return Ok(());
        }
        export::check_fields(&client, &args.method, &asked.params, &asked.fields).await
    };
    let (session, checked, first) = futures::join!(context.enter(client.clone()), check, pages.next());
    session?;
    checked?;
    Ok(stream::iter(first).chain(pages))
}

/// Shows how far a list has come.
fn shown(progress: &Progress) -> impl FnMut(Event) + Send + '_ {
    |event| match event {
        Event::Expected { rows } => progress.expect(rows),
        Event::Read { rows } => progress.advance(rows),
        _ => {}
    }
}

async fn to_stdout(
    context: &Context,
    client: Client,
    args: &ListArgs,
    asked: &Asked,
) -> Result<Answer, Failure> {
    // Nothing else is asked for in this run.
    let mut list = List::new(args.method.trim(), asked.params.clone()).hurried();
    if let Some(limit) = args.limit {
        list = list.limit(limit);
    }
    let pages = pages(context, client, list, (args, asked)).await?;
    let progress = Progress::new(&context.out, "rows");
    let mut out = BufWriter::with_capacity(128 * 1024, io::stdout().lock());
    let exported = export::to_writer(pages, &mut out, &mut shown(&progress)).await;
    let exported = exported?;
    compare(context, args, exported.rows, exported.counted);
    Ok(Answer::printed(Exit::Done))
}

async fn to_file(
    context: &Context,
    client: Client,
    (args, asked): (&ListArgs, &Asked),
    mut export: Interruptible<'_>,
    file: &str,
) -> Result<Answer, Failure> {
    let pages = if let Some(list) = export.export.rest() {
        pages(context, client, list, (args, asked)).await?.left_stream()
    } else {
        context.enter(client).await?;
        stream::empty().right_stream()
    };
    let there = export.export.rows();
    let resumed = (there > 0).then_some(there);
    if let Some(rows) = resumed {
        context.out.note(format!("{rows} rows are there already, going on after them"));
    }
    let progress = Progress::new(&context.out, "rows");
    let exported = export.run(pages, &mut shown(&progress)).await?;
    if exported.left_out > 0 {
        context.out.warning(format!(
            "{} values have no column: the first row decides on the columns, unless --select names them",
            exported.left_out
        ));
    }
    let rows = exported.rows;
    if resumed.is_none() {
        compare(context, args, rows, exported.counted);
    }
    Answer::new(format!("{rows} rows in {file}\n"), &Told { file, rows, resumed_from: resumed })
}

/// An export that says what it has kept when its run is interrupted.
struct Interruptible<'c> {
    context: &'c Context,
    export: Export,
    /// The failure that ended the run says it already.
    told: bool,
}

impl Interruptible<'_> {
    async fn run(
        &mut self,
        pages: impl Stream<Item = Result<RawPage, Error>>,
        on_event: &mut (dyn FnMut(Event) + Send),
    ) -> Result<export::Exported, Failure> {
        let run = self.export.run(pages, on_event).await;
        self.told = matches!(run, Err(ExportError::Portal { .. }));
        run.map_err(Failure::from)
    }
}

impl Drop for Interruptible<'_> {
    fn drop(&mut self) {
        if !self.told
            && let Some(kept) = self.export.keep()
        {
            self.context.out.note(format!(
                "{} rows are kept in {}; go on with --resume",
                kept.rows,
                kept.part.display()
            ));
        }
    }
}

/// A portal in use changes while it is read; a difference is worth a word.
fn compare(context: &Context, args: &ListArgs, rows: u64, counted: Option<u64>) {
    if let Some(total) = counted.filter(|total| args.limit.is_none() && *total != rows) {
        context.out.warning(format!("the portal counted {total} rows at first, and {rows} were read"));
    }
}
