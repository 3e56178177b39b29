#![doc = include_str!("../README.md")]

pub mod command_file;
mod error;
mod event;
pub mod import;
mod output;
pub mod period;
pub mod register;
pub mod render;
pub mod source;
pub mod structure;

pub use error::Error;
pub use event::Event;
pub use output::OutputFile;
pub use period::{Period, parse_day};
pub use register::Register;
