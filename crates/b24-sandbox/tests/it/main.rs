//! The sandbox as its clients meet it: over sockets.

mod calls;
mod connections;
mod control;
mod faults;
mod http;
mod limits;
mod tls;
