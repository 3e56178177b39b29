#![doc = include_str!("../README.md")]

mod basis;
pub mod command_file;
mod delimited;
pub mod diff;
mod error;
mod event;
pub mod export;
mod fields;
pub mod import;
pub mod index;
mod lines;
mod output;
pub mod period;
pub mod person;
mod private_file;
pub mod register;
pub mod render;
mod sending;
pub mod source;
pub mod structure;
pub mod sync;
mod user;

pub use basis::Basis;
pub use error::Error;
pub use event::Event;
pub use output::OutputFile;
pub use period::{Period, parse_day};
pub use register::Register;
pub use user::PortalUser;
