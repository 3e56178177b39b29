//! Tests of the client against scripted transports and against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod batch;
mod calls;
mod fault_matrix;
mod limits;
mod list;
mod list_laws;
mod list_peers;
mod oauth;
mod outcomes;
mod params;
mod portal;
mod references;
mod renamed;
mod resolver;
mod safety;
mod sandbox;
mod script;
mod secrets;
mod secrets_oauth;
mod texts;
