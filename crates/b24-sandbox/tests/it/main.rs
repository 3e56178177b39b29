//! The sandbox as its clients meet it: over sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot connect or start has failed")]

mod calls;
mod connections;
mod control;
mod faults;
mod http;
mod limits;
mod oauth;
mod tls;
