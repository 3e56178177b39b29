#![doc = include_str!("../README.md")]

mod auth;
pub mod batch;
mod call;
mod client;
pub mod crm;
mod envelope;
mod error;
pub mod limits;
mod list;
mod observed;
pub mod params;
mod retry;
pub mod transport;
mod webhook;
pub mod wire;

pub use auth::{
    Access, Application, AuthError, FileStore, MemoryStore, Origin, OriginError, StoreError, StoreGuard,
    TokenStore, Tokens,
};
pub use batch::{Batch, BatchError, BatchReply, CallError, Outcome, Reference, Slot};
pub use call::{Call, is_known_read};
pub use client::{Client, ClientBuilder, Reply, Time};
pub use error::{ApiCode, ApiError, Error, ErrorKind};
pub use limits::{LimitView, Pace, Stats};
pub use list::{List, RawPage};
pub use params::{Composed, Params};
pub use retry::RetryPolicy;
pub use transport::Transport;
pub use webhook::{Webhook, WebhookError};
pub use wire::{Guarded, Id, Token};
