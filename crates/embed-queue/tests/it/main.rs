//! The queue as its users see it, on real files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod bad_input;
mod blame;
mod breadth;
mod change;
mod complaints;
mod contract;
mod cost;
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
mod words;
mod worker;
mod world;
