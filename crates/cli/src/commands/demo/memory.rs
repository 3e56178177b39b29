//! The end of the tour: an import, a search that says what is pending, the worker, and the same search again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use embed_queue::split::Sizes;
use embed_queue::{Findings, Lexical, Policy, Queue, Request, Stop, Store, Until, Worker};
use jiff::tz::TimeZone;
use serde::Serialize;
use workflow::index::crm::{self, CrmOrder, Entity};
use workflow::index::{self, Order, Target};

use crate::clock;
use crate::context::Context;
use crate::failure::Failure;
use crate::memory::surroundings;
use crate::session::Session;

/// Notes that stand beside the portal's deals.
const NOTES: [(&str, &str); 3] = [
    (
        "склад.md",
        "# Склад\n\n## Отгрузка\n\nОтгрузка идёт по средам и пятницам, заявки принимаются до 15:00.\n",
    ),
    ("возвраты.md", "# Возвраты\n\nВозврат оформляется актом; деньги возвращаются за десять дней.\n"),
    (
        "договоры.md",
        "# Договоры\n\nДоговор поставки подписывает директор, остальные — руководитель отдела.\n",
    ),
];
const FOLDER: &str = "заметки";
const QUERY: &str = "когда отгружаем со склада";
const SHOWN: usize = 3;

/// What was found before the worker and after it.
#[derive(Serialize)]
pub(super) struct Tour {
    query: &'static str,
    documents: u64,
    before: Found,
    after: Found,
}

#[derive(Serialize)]
struct Found {
    hits: Vec<String>,
    ready: u64,
    pending: u64,
}

impl Found {
    fn new(findings: &Findings) -> Self {
        let shown = |hit: &embed_queue::Hit| {
            let path: Vec<&str> =
                [hit.title.as_str()].into_iter().chain(hit.headings.iter().map(String::as_str)).collect();
            format!("{}: {}", path.join(" > "), hit.snippet)
        };
        let documents = findings.documents;
        Self {
            hits: findings.hits.iter().map(shown).collect(),
            ready: documents.ready,
            pending: documents.pending,
        }
    }
}

impl Tour {
    /// In words.
    pub(super) fn text(&self) -> String {
        let hits: Vec<String> = self.after.hits.iter().map(|hit| format!("  {hit}\n")).collect();
        format!(
            "\nMemory: {} documents (notes and deals side by side) were stored without waiting for an embedder.\n\
             «{}» at once: {} results; {} documents are still being processed.\n\
             After the worker, {} of them ready:\n{}",
            self.documents,
            self.query,
            self.before.hits.len(),
            self.before.pending,
            self.after.ready,
            hits.concat(),
        )
    }

    /// Whether the note was found once it was ready, and what was pending was said.
    pub(super) fn is_as_promised(&self) -> bool {
        self.before.pending == self.documents
            && self.after.ready == self.documents
            && self.after.hits.first().is_some_and(|hit| hit.starts_with(NOTES[0].0))
    }
}

/// Runs it on a queue of its own; nothing leaves this machine.
pub(super) async fn tour(context: &Context, session: &Session, out: &Path) -> Result<Tour, Failure> {
    let notes = out.join(FOLDER);
    write_notes(&notes)?;
    let folder =
        tempfile::tempdir().map_err(|error| Failure::file("creating a folder for the queue", &error))?;
    let store = Store::open(&folder.path().join("index.db"))?;
    let queue = Queue::new(store.clone(), Arc::new(Lexical), clock::now())?;
    let order = Order {
        paths: vec![notes],
        globs: Vec::new(),
        ignore_files: true,
        collection: "files".to_owned(),
        max_bytes: u64::from(u16::MAX),
        sizes: Sizes::default(),
        prune: false,
        zone: TimeZone::system(),
    };
    let added = index::add(&Target::Later(store.clone()), &order, clock::now(), &mut |_| {}).await;
    let added = added?;
    let deals = BTreeMap::from([(Entity::Deal, vec!["title".to_owned(), "comments".to_owned()])]);
    let (client, user) = (&session.client, session.user.clone());
    let of_portal = CrmOrder { full: true, fields: deals, comments: false, sizes: Sizes::default(), user };
    let survey = crm::survey(client, &store, &of_portal).await?;
    let read = crm::read(client, &store, &of_portal, &survey, clock::now(), &mut |_| {}).await;
    let read = read?;

    let request = || Request { limit: SHOWN, ..Request::new(QUERY) };
    let before = queue.search(request(), clock::now()).await?;
    let worker = Worker::new(store, Arc::new(Lexical), Policy::default(), surroundings());
    let report = worker.run(Until::Drained, &Stop::new(), &mut |_| {}).await?;
    context.out.note(format!("the worker embedded {} texts", report.settled.ready));
    let after = queue.search(request(), clock::now()).await?;
    Ok(Tour {
        query: QUERY,
        documents: added.documents + read.added.documents,
        before: Found::new(&before),
        after: Found::new(&after),
    })
}

/// The files that it writes.
pub(super) fn files() -> Vec<String> {
    NOTES.iter().map(|(name, _)| format!("{FOLDER}/{name}")).collect()
}

fn write_notes(folder: &Path) -> Result<(), Failure> {
    let written = fs::create_dir_all(folder)
        .and_then(|()| NOTES.iter().try_for_each(|(name, text)| fs::write(folder.join(name), text)));
    written.map_err(|error| Failure::file(format!("writing notes into {}", folder.display()), &error))
}
