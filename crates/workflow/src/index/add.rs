//! From readers to the queue.

use std::io::{BufReader, stdin};

use embed_queue::{Document, EmbedError, Error, Ingested, Mode, OnFailure, Queue, Store};
use futures::StreamExt as _;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::{JoinError, spawn_blocking};

use super::folder::{self, Place};
use super::window::{Closed, Sink, Window};
use super::{AddEvent, Added, CRM, IndexError, Order, STDIN, Skipped, Target, gone, records};

/// Windows that wait for the queue.
const AHEAD: usize = 2;
/// Documents that are embedded at the same time.
const AT_ONCE: usize = 4;

/// Reads everything that is ordered into the queue.
///
/// # Errors
/// A path does not exist, a pattern or the collection's name is wrong (then nothing was stored), or the queue fails.
pub async fn add(
    target: &Target,
    order: &Order,
    now: Timestamp,
    tell: &mut (dyn FnMut(AddEvent) + Send),
) -> Result<Added, IndexError> {
    let of_portal = order.collection.starts_with(CRM) || CRM.strip_suffix('.') == Some(&order.collection);
    if order.collection.is_empty() || of_portal {
        return Err(IndexError::Collection { name: order.collection.clone() });
    }
    let places = folder::places(order)?;
    let wanted = folder::wanted(&order.globs)?;
    let (sender, mut windows) = mpsc::channel(AHEAD);
    let (announce, mut expected) = mpsc::channel(1);
    let reader = {
        let (order, places) = (order.clone(), places.clone());
        move || {
            let files = |place: &Place, ignore| folder::files(place, ignore, wanted.as_ref());
            let count = |ignore| places.iter().map(|place| files(place, ignore).count() as u64).sum::<u64>();
            let total = count(order.ignore_files);
            let nothing = total == 0 && places.iter().all(|place| matches!(place, Place::Folder(..)));
            // Nobody waits for it once the whole is given up.
            let _given_up = announce.blocking_send((total, nothing.then(|| count(false))));
            drop(announce);
            let mut sink = Sink::new(sender);
            for place in &places {
                read(place, &order, files(place, order.ignore_files), &mut sink)?;
            }
            sink.finish()
        }
    };
    // A reader that is no longer listened to ends by itself at its next window.
    let reading = spawn_blocking(reader);
    let mut added = Added::default();
    if let Some((files, left_out)) = expected.recv().await {
        tell(AddEvent::Expected { files });
        added.left_out = left_out;
    }
    while let Some(window) = windows.recv().await {
        take(target, order, window, now, &mut added, tell).await?;
    }
    // One that panicked has not read everything.
    reading.await.map_err(stopped)?.map_err(|Closed| Error::Stopped)?;
    if order.prune {
        let (store, collection) = (target.store().clone(), order.collection.clone());
        let pruned = off_thread(move || gone::prune(&store, &collection, &places)).await?;
        added.pruned = pruned.gone;
        pruned.doubted.into_iter().for_each(|doubted| added.skip(doubted));
    }
    if added.pruned + added.emptied > 0 {
        let store = target.store().clone();
        off_thread(move || Ok(store.scrub()?)).await?;
    }
    Ok(added)
}

fn read(
    place: &Place,
    order: &Order,
    files: impl Iterator<Item = Result<std::path::PathBuf, ignore::Error>>,
    sink: &mut Sink,
) -> Result<(), Closed> {
    if matches!(place, Place::StandardInput) {
        return records::read(BufReader::new(stdin()), STDIN, order, sink);
    }
    for file in files {
        match file {
            Ok(path) => folder::read(&path, order, sink)?,
            Err(error) => sink.skip(Skipped::new(place.name(), "unreadable", error.to_string()))?,
        }
        sink.file_done();
    }
    Ok(())
}

async fn take(
    target: &Target,
    order: &Order,
    window: Window,
    now: Timestamp,
    added: &mut Added,
    tell: &mut (dyn FnMut(AddEvent) + Send),
) -> Result<(), IndexError> {
    tell(AddEvent::Read { files: window.files });
    for skipped in window.skipped {
        added.skip(skipped);
    }
    for encoding in window.encodings {
        *added.encodings.entry(encoding).or_default() += 1;
    }
    let (stored, refused) = target.store_all(window.documents, now).await?;
    tell(AddEvent::Stored { documents: stored.len() as u64 });
    added.take(stored);
    for skipped in refused {
        added.skip(skipped);
    }
    if !window.emptied.is_empty() {
        let (store, collection) = (target.store().clone(), order.collection.clone());
        added.emptied += off_thread(move || gone::without_text(&store, &collection, &window.emptied)).await?;
    }
    Ok(())
}

impl Target {
    pub(super) fn store(&self) -> &Store {
        match self {
            Self::Later(store) => store,
            Self::AtOnce(queue, _) => queue.store(),
        }
    }

    /// What was stored, and the documents whose texts the provider refused.
    async fn store_all(
        &self,
        documents: Vec<Document>,
        now: Timestamp,
    ) -> Result<(Vec<Ingested>, Vec<Skipped>), IndexError> {
        match self {
            Self::Later(store) => {
                let store = store.clone();
                let stored = off_thread(move || Ok(store.put_all(&documents, now)?)).await?;
                Ok((stored, Vec::new()))
            }
            Self::AtOnce(queue, on_failure) => at_once(queue, documents, *on_failure, now).await,
        }
    }
}

async fn at_once(
    queue: &Queue,
    documents: Vec<Document>,
    on_failure: OnFailure,
    now: Timestamp,
) -> Result<(Vec<Ingested>, Vec<Skipped>), IndexError> {
    let calls = documents.into_iter().map(|document| async move {
        let source = document.source.clone();
        (source, queue.ingest(document, Mode::Sync, on_failure, now).await)
    });
    let mut calls = futures::stream::iter(calls).buffered(AT_ONCE);
    let (mut stored, mut refused) = (Vec::new(), Vec::new());
    while let Some((name, outcome)) = calls.next().await {
        match outcome {
            Ok(ingested) => stored.push(ingested),
            // One text that no model takes is no reason to leave the others out.
            Err(Error::Embedding { source: EmbedError::Rejected(reason), .. }) => {
                refused.push(Skipped::new(name, "rejected", reason));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok((stored, refused))
}

/// Runs what blocks beside the async runtime.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, IndexError> + Send + 'static,
) -> Result<T, IndexError> {
    spawn_blocking(work).await.map_err(stopped)?
}

/// A panic goes on where it is waited for.
fn stopped(error: JoinError) -> Error {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Error::Stopped,
    }
}
