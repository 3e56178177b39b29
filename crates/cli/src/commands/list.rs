//! `b24 list`: every row of a list method, as the portal wrote it.

mod export;
mod params;
mod state;
mod table;

use std::io::{self, BufWriter, Write as _};
use std::pin::pin;

use b24_client::{Client, Error, List, Params, RawPage};
use futures::{Stream, StreamExt as _, stream};
use serde::Serialize;

use self::export::Export;
use self::state::{Question, SCHEMA};
use crate::args::ListArgs;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Answer;
use crate::progress::Progress;

/// What is said about a finished export.
#[derive(Serialize)]
struct Exported<'a> {
    file: &'a str,
    rows: u64,
    resumed_from: Option<u64>,
}

pub(super) async fn run(context: &Context, args: &ListArgs) -> Result<Answer, Failure> {
    let params = params::read(args)?;
    let portal = context.portal()?;
    portal.allow(&args.method)?;
    let question = Question {
        schema: SCHEMA,
        portal: portal.name().to_owned(),
        method: args.method.to_ascii_lowercase(),
        params: params.to_json().map_err(|error| params::refused(&error))?,
    };
    // Looked at first: nobody wants to hear after ten minutes that the file cannot be written.
    let export = match &args.output {
        Some(path) => Some(Export::open(context, path, args, question)?),
        None => None,
    };
    let client = context.client(&portal)?;
    match export {
        Some(export) => to_file(context, client, args, params, export).await,
        None => to_stdout(context, client, args, params).await,
    }
}

/// The pages of a list. The first of them is asked for together with the user, whom every run names before it says
/// anything else.
async fn pages(
    context: &Context,
    client: Client,
    list: List<()>,
) -> Result<impl Stream<Item = Result<RawPage, Error>> + use<>, Failure> {
    let mut pages = Box::pin(client.pages(list));
    let (session, first) = futures::join!(context.enter(client), pages.next());
    session?;
    Ok(stream::iter(first).chain(pages))
}

fn list(args: &ListArgs, params: Params, done: u64, above: Option<u64>) -> List<()> {
    // Nothing else is asked for in this run.
    let mut list = List::new(args.method.trim(), params).hurried();
    if let Some(limit) = args.limit {
        list = list.limit(limit.saturating_sub(done));
    }
    if let Some(key) = above {
        list = list.above(key);
    }
    list
}

async fn to_stdout(
    context: &Context,
    client: Client,
    args: &ListArgs,
    params: Params,
) -> Result<Answer, Failure> {
    let mut pages = pin!(pages(context, client, list(args, params, 0, None)).await?);
    let progress = Progress::new(&context.out, "rows");
    let mut out = BufWriter::with_capacity(128 * 1024, io::stdout().lock());
    let mut seen = Seen::default();
    while let Some(page) = pages.next().await {
        // What was read before a failure is data, too.
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                out.flush().map_err(|error| Failure::stdout(&error))?;
                return Err(Failure::of_client(&error));
            }
        };
        lines(&mut out, &page).map_err(|error| Failure::stdout(&error))?;
        seen.add(&page, &progress);
    }
    out.flush().map_err(|error| Failure::stdout(&error))?;
    seen.compare(context, args);
    Ok(Answer::printed(Exit::Done))
}

async fn to_file(
    context: &Context,
    client: Client,
    args: &ListArgs,
    params: Params,
    mut export: Export<'_>,
) -> Result<Answer, Failure> {
    let whole = args.limit.is_some_and(|limit| export.rows() >= limit);
    let pages = if whole {
        context.enter(client).await?;
        None
    } else {
        Some(pages(context, client, list(args, params, export.rows(), export.last_key())).await?)
    };
    let resumed = (export.rows() > 0).then_some(export.rows());
    if let Some(rows) = resumed {
        context.out.note(format!("{rows} rows are there already, going on after them"));
    }
    let mut seen = Seen { rows: export.rows(), ..Seen::default() };
    let progress = Progress::new(&context.out, "rows");
    if let Some(pages) = pages {
        let mut pages = pin!(pages);
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| export.stopped_by(Failure::of_client(&error)))?;
            export.add(&page)?;
            seen.add(&page, &progress);
        }
    }
    let rows = export.finish()?;
    if resumed.is_none() {
        seen.compare(context, args);
    }
    let file = args.output.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
    let data = Exported { file: &file, rows, resumed_from: resumed };
    Answer::new(format!("{rows} rows in {file}\n"), &data)
}

/// Writes rows as they came, one a line; a portal's JSON has no line ends inside.
fn lines(out: &mut impl io::Write, page: &RawPage) -> io::Result<()> {
    for row in page.rows() {
        if row.contains('\n') {
            // Spaces between tokens are the only place where JSON may have line ends.
            out.write_all(row.replace(['\r', '\n'], " ").as_bytes())?;
        } else {
            out.write_all(row.as_bytes())?;
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Rows against what the portal counted.
#[derive(Default)]
struct Seen {
    rows: u64,
    total: Option<u64>,
}

impl Seen {
    fn add(&mut self, page: &RawPage, progress: &Progress) {
        if let (None, Some(total)) = (self.total, page.total()) {
            progress.expect(total);
        }
        self.total = page.total();
        self.rows += page.len() as u64;
        progress.advance(page.len() as u64);
    }

    /// A portal in use changes while it is read; a difference is worth a word.
    fn compare(&self, context: &Context, args: &ListArgs) {
        if let Some(total) = self.total.filter(|total| args.limit.is_none() && *total != self.rows) {
            context
                .out
                .warning(format!("the portal counted {total} rows at first, and {} were read", self.rows));
        }
    }
}
