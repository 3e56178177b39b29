//! Tests of the client against scripted transports and against the sandbox.

mod batch;
mod calls;
mod list;
mod outcomes;
mod params;
mod script;
mod secrets;
