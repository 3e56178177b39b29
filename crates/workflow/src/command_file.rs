//! A file of named commands, run as one batch.
//!
//! TOML or JSON, the same shape in both:
//!
//! ```toml
//! halt = true                       # optional: stop at the first command that fails
//!
//! [command.contact]                 # the name is the author's own
//! method = "crm.contact.add"
//! params = { fields = { NAME = "Анна" } }
//!
//! [command.deal]
//! method = "crm.deal.add"
//! params = { fields = { TITLE = "Заказ 7", CONTACT_ID = "$result[contact]" } }
//! ```
//!
//! `$result[NAME]` refers to the result of an earlier command, `$result[invoice][item][id]` to a value in it; it may be a
//! whole value or stand inside a text. References become those of the builder's slots, so the builder decides whether the
//! portal may resolve them or the value has to be known first. `$$result[…]` is the plain text `$result[…]`.

mod failure;
mod json;
mod node;
mod preview;
mod reading;
mod reference;
mod run;
mod toml;

pub use failure::CommandFileError;
pub use preview::{PreviewedRequest, preview};
pub use run::{Ran, run};

use node::Node;

/// How a command file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// TOML.
    Toml,
    /// JSON.
    Json,
}

/// Named commands in the order of the file, each checked as far as that is possible without the portal.
#[derive(Debug)]
pub struct CommandFile {
    /// Whether the file asks to stop at the first command that fails.
    pub halt: bool,
    commands: Vec<NamedCommand>,
}

/// One command of a file.
#[derive(Debug)]
pub struct NamedCommand {
    name: String,
    /// Line of its name in the file, from 1.
    line: usize,
    method: String,
    params: Option<Node>,
}

impl CommandFile {
    /// Reads a file's text. Without a syntax, a text that begins with `{` is JSON.
    ///
    /// # Errors
    /// The first mistake, with its line and key.
    pub fn parse(text: &str, syntax: Option<Syntax>) -> Result<Self, CommandFileError> {
        // Windows editors begin a file with a byte order mark.
        let text = text.trim_start_matches('\u{feff}');
        let guessed = if text.trim_start().starts_with('{') { Syntax::Json } else { Syntax::Toml };
        let root = match syntax.unwrap_or(guessed) {
            Syntax::Toml => toml::parse(text)?,
            Syntax::Json => json::parse(text)?,
        };
        reading::command_file(root)
    }

    /// The commands, in order.
    #[must_use]
    pub fn commands(&self) -> &[NamedCommand] {
        &self.commands
    }
}

impl NamedCommand {
    /// The author's name for it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }
}
