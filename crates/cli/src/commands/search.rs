//! `b24 search`.

use embed_queue::{Counts, Error, Findings, Hit, Request, Scope, Search, Store};
use jiff::tz::TimeZone;
use serde::Serialize;
use workflow::index::CRM;
use workflow::index::crm::LAST_FULL;

use super::index::part;
use crate::args::{SearchArg, SearchArgs};
use crate::clock;
use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;
use crate::memory::{Memory, QueueFile};
use crate::output::Answer;
use crate::settings::Chosen;

#[derive(Serialize)]
struct Data {
    hits: Vec<Shown>,
    ready: u64,
    pending: u64,
    failed: u64,
    chunks: Chunks,
    portal_read_in_full: Option<String>,
    workers: u64,
    lexical: bool,
    degraded: Option<String>,
}

#[derive(Serialize)]
struct Chunks {
    ready: u64,
    pending: u64,
    failed: u64,
}

#[derive(Serialize)]
struct Shown {
    collection: String,
    source: String,
    title: String,
    name: Option<String>,
    heading: Vec<String>,
    lines: (u64, u64),
    snippet: String,
    score: f64,
    similarity: Option<f32>,
    url: Option<String>,
}

impl Shown {
    fn new(hit: Hit) -> Self {
        let url = hit.metadata.get("url").and_then(|url| url.as_str()).map(str::to_owned);
        Self {
            collection: hit.collection,
            source: hit.source,
            title: hit.title,
            name: hit.name,
            heading: hit.headings,
            lines: hit.lines,
            snippet: hit.snippet,
            score: hit.score,
            similarity: hit.similarity,
            url,
        }
    }
}

pub(super) async fn run(context: &Context, args: &SearchArgs) -> Result<Answer, Failure> {
    let queue = QueueFile::open(context)?;
    let store = queue.store.clone();
    let request = request(&store, args)?;
    let of_portal = of_portal(&store, &request)?;
    let dated = request.since.is_some().then(|| request.collections.clone());
    let findings = find(queue, request, of_portal).await?;
    // With nothing that is new enough it matters how much there is at all.
    let older = match dated {
        Some(collections) if findings.documents.total() == 0 => documents(&store, &collections)?,
        _ => 0,
    };
    say(context, &findings);
    let full = if of_portal { store.mark(LAST_FULL)? } else { None };
    if let Some(full) = &full {
        context
            .out
            .note(format!("what the portal deleted since {full} may still be found; b24 index crm --full"));
    }
    answer(findings, full, older)
}

/// Documents of these collections, or of all.
fn documents(store: &Store, collections: &[String]) -> Result<u64, Failure> {
    let scopes: Vec<Scope> = match collections {
        [] => vec![Scope::default()],
        some => some.iter().map(|name| Scope::collection(name)).collect(),
    };
    let mut all = 0;
    for scope in &scopes {
        all += store.documents(scope)?.total();
    }
    Ok(all)
}

/// What is asked.
fn request(store: &Store, args: &SearchArgs) -> Result<Request, Failure> {
    let query = args.query.join(" ");
    if query.trim().is_empty() {
        return Err(Failure::new(Code::Usage, "searching")
            .because("nothing is asked")
            .advise("write some words"));
    }
    let mut request = Request::new(&query);
    request.search = match args.mode {
        SearchArg::Hybrid => Search::Hybrid,
        SearchArg::Vector => Search::Vector,
        SearchArg::Text => Search::Text,
    };
    request.limit = args.limit.max(1);
    request.collections = part::collections(store, &args.collections)?;
    if request.collections.is_empty() && !args.collections.is_empty() {
        // With nothing of the portal there nothing is found, rather than everything.
        request.collections.push(CRM.to_owned());
    }
    if let Some(day) = &args.since {
        let day = workflow::parse_day(day).map_err(|error| Failure::of_day(&error))?;
        request.since = day.to_zoned(TimeZone::system()).ok().map(|at| at.timestamp());
    }
    Ok(request)
}

/// Whether the portal's content is searched.
fn of_portal(store: &Store, request: &Request) -> Result<bool, Failure> {
    if request.collections.is_empty() {
        return store.has_collection(CRM).map_err(Failure::from);
    }
    Ok(request.collections.iter().any(|name| name.starts_with(CRM)))
}

async fn find(queue: QueueFile, request: Request, of_portal: bool) -> Result<Findings, Failure> {
    if request.search == Search::Text {
        return words(&queue.store, request).await;
    }
    let (store, hybrid) = (queue.store.clone(), request.search == Search::Hybrid);
    let embedder = queue.with_embedder().and_then(|memory| Ok((memory.answering_or_refused()?, memory)));
    let (chosen, memory) = match embedder {
        Ok(found) => found,
        // Words need no embedder.
        Err(refused) if hybrid => {
            let cause = refused.cause().map(|cause| format!(": {cause}")).unwrap_or_default();
            let degraded = Some(format!("{}{cause}", refused.attempted()));
            return Ok(Findings { degraded, ..words(&store, request).await? });
        }
        Err(refused) => return Err(refused),
    };
    match ask(&memory, chosen, request.clone(), of_portal).await? {
        // The queue changed over to another model just now, which is asked instead.
        Err(Error::SpaceMismatch { .. }) => {
            let chosen = memory.answering_or_refused()?;
            ask(&memory, chosen, request, of_portal).await?
        }
        asked => asked,
    }
    .map_err(Failure::from)
}

async fn words(store: &Store, request: Request) -> Result<Findings, Failure> {
    store.search_words(request, clock::now()).await.map_err(Failure::from)
}

async fn ask(
    memory: &Memory,
    chosen: Chosen,
    request: Request,
    of_portal: bool,
) -> Result<Result<Findings, Error>, Failure> {
    if of_portal {
        Memory::allow_personal(&chosen, "sending a query against the portal's content to").map_err(|refused| {
            refused.advise("allow it by name if you may, search with --mode text, or name other collections with --in")
        })?;
    }
    match memory.queue(chosen) {
        Ok(queue) => Ok(queue.search(request, clock::now()).await),
        Err(error) => Ok(Err(error)),
    }
}

/// How far the answer can be trusted.
fn say(context: &Context, findings: &Findings) {
    let Counts { pending, failed, .. } = findings.documents;
    if let Some(reason) = &findings.degraded {
        context.out.warning(format!("only words were compared: {reason}"));
    }
    if pending > 0 {
        let workers = match findings.workers {
            0 => "; no worker is running: b24 index work",
            _ => "",
        };
        context.out.insist(format!(
            "{} results; {pending} documents are still being processed{workers}",
            findings.hits.len()
        ));
    }
    if failed > 0 {
        context.out.note(format!("{failed} documents failed; b24 index status says why"));
    }
    if findings.lexical {
        context.out.note("vectors of the built-in embedder compare spelling, not meaning");
    }
}

fn answer(findings: Findings, full: Option<String>, older: u64) -> Result<Answer, Failure> {
    let (documents, chunks) = (findings.documents, findings.chunks);
    let data = Data {
        hits: findings.hits.into_iter().map(Shown::new).collect(),
        ready: documents.ready,
        pending: documents.pending,
        failed: documents.failed,
        chunks: Chunks { ready: chunks.ready, pending: chunks.pending, failed: chunks.failed },
        portal_read_in_full: full,
        workers: findings.workers,
        lexical: findings.lexical,
        degraded: findings.degraded,
    };
    Answer::new(text(&data, older), &data)
}

fn text(data: &Data, older: u64) -> String {
    if data.hits.is_empty() {
        return match data.ready + data.pending + data.failed {
            0 if older > 0 => format!("none of the {older} documents here is of that day or later\n"),
            0 => "nothing is indexed here; b24 index add PATH stores documents\n".to_owned(),
            all => {
                format!("no document fits; {all} documents are indexed here, {} of them ready\n", data.ready)
            }
        };
    }
    let mut text = Vec::new();
    for (number, hit) in (1..).zip(&data.hits) {
        let place = if hit.lines.0 > 0 { format!(":{}-{}", hit.lines.0, hit.lines.1) } else { String::new() };
        let called = called(&hit.title, hit.name.as_deref().unwrap_or_default());
        let name = hit.url.clone().unwrap_or_else(|| format!("{}{place}", hit.source));
        let path: Vec<&str> = std::iter::once(called.as_str())
            .chain(hit.heading.iter().map(String::as_str))
            .filter(|part| !part.is_empty())
            .collect();
        text.push(format!("{number}. {}\n   {name}\n   {}\n", path.join(" > "), hit.snippet));
    }
    text.concat()
}

/// The title, and the file's name beside it where that is another.
fn called(title: &str, name: &str) -> String {
    match (title, name) {
        ("", name) => name.to_owned(),
        (title, name) if name.is_empty() || name == title => title.to_owned(),
        (title, name) => format!("{title} ({name})"),
    }
}
