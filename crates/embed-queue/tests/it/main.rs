//! The queue as its users see it, on real files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod bad_input;
mod complaints;
mod contract;
mod documents;
mod endpoint;
mod erase;
mod file;
mod formats;
mod index;
mod kill;
mod model;
mod provider;
mod remote;
mod rows;
mod search;
mod split;
mod worker;
mod world;
