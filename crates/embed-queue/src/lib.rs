//! An embedding queue in one SQLite file: documents are stored at once, their vectors come now or later.
//!
//! A chunk is PENDING, READY or FAILED and nothing else; work in progress is a lease beside the state. The state belongs
//! to the *text*, not to its place: a text is keyed by its hash within one embedding space, so identical text is embedded
//! once, a vector cannot land on another text, and an edited chunk cannot take an old answer.
//!
//! [`Store`] is the file and blocks for the length of one short transaction; no transaction spans an embedding call.
//! [`Queue::ingest`] stores documents, in either [`Mode`]; a [`Worker`] embeds what waits,
//! [`Queue::search`] finds what is READY and says what is not. The crate prints nothing and reads neither environment nor
//! clock.
//!
//! ```
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! use std::sync::Arc;
//! use embed_queue::{Document, Lexical, Mode, OnFailure, Queue, Request, Store, split};
//! use jiff::Timestamp;
//!
//! # let folder = tempfile::tempdir()?;
//! # let now = Timestamp::UNIX_EPOCH;
//! let store = Store::open(&folder.path().join("index.db"))?;
//! let queue = Queue::new(store, Arc::new(Lexical), now)?;
//! let pieces = split::markdown("# Склад\n\nОтгрузка идёт в среду.", split::Sizes::default());
//! let document = Document::new("files", "stock.md").titled("Регламент").pieces(pieces);
//! queue.ingest(document, Mode::Sync, OnFailure::Defer, now).await?;
//!
//! let found = queue.search(Request::new("когда отгрузки"), now).await?;
//! assert_eq!(found.hits[0].headings, ["Склад"]);
//! assert_eq!((found.chunks.ready, found.chunks.pending, found.chunks.failed), (1, 0, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).map_err(|error| error.to_string())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod backoff;
mod breaker;
mod crumbs;
mod dispatch;
mod document;
mod embedder;
mod error;
pub mod format;
mod hash;
mod index;
mod queue;
mod search;
pub mod split;
mod store;
mod vector;
mod vocabulary;
mod worker;

pub use backoff::Backoff;
pub use document::{Document, Piece, PieceKind};
pub use embedder::contract::{self, Broken};
pub use embedder::lexical::Lexical;
pub use embedder::remote::{HttpEmbedder, Remote, RemoteError, Wire};
pub use embedder::{
    Answer, Capabilities, EmbedError, Embedder, Input, ItemError, Purpose, Reply, Space, Usage,
};
pub use error::{Error, StoreFault};
pub use hash::Hash;
pub use queue::Queue;
pub use search::{Findings, Hit, Request, Search};
pub use store::{
    Change, Collection, Counts, Explanation, Ingested, Overview, Pause, Purged, Scope, Settled, SpaceState,
    Spent, Store, Trouble,
};
pub use vector::{BadVector, Vector};
pub use vocabulary::{Mode, OnFailure, Status, UnknownName};
pub use worker::{Event, Policy, Report, Stop, Surroundings, Until, Worker};
