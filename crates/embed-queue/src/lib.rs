#![doc = include_str!("../README.md")]

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
