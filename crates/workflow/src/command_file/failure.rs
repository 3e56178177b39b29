//! What is wrong with a command file, and where.

use std::fmt;

/// A mistake in a command file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandFileError {
    pub(super) mistake: Mistake,
    /// Line, from 1; 0 when the file as a whole is meant.
    pub(super) line: usize,
    /// The key, with the keys around it.
    pub(super) key: String,
    pub(super) message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    Syntax,
    Key,
    DuplicateKey,
    Method,
    Params,
    Reference,
    Group,
    Empty,
}

impl CommandFileError {
    pub(super) fn new(
        mistake: Mistake,
        line: usize,
        key: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { mistake, line, key: key.into(), message: message.into() }
    }

    /// Stable code in kebab case, with the area in front.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.mistake {
            Mistake::Syntax => "batch.syntax",
            Mistake::Key => "batch.key-unknown",
            Mistake::DuplicateKey => "batch.key-duplicate",
            Mistake::Method => "batch.method",
            Mistake::Params => "batch.params",
            Mistake::Reference => "batch.reference",
            Mistake::Group => "batch.group-too-large",
            Mistake::Empty => "batch.empty",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self.mistake {
            Mistake::Syntax => "correct the file at this line",
            Mistake::Key => {
                "a file has `halt` and `command.NAME` with `method` and `params`; see docs/cli.md"
            }
            Mistake::DuplicateKey => "remove or rename one of the two",
            Mistake::Method => "give the name of a REST method, such as crm.deal.add",
            Mistake::Params => "correct the parameter",
            Mistake::Reference => {
                "refer to an earlier command by its name: $result[NAME][path]; $$result[…] is a plain text"
            }
            Mistake::Group => "split the file, and put the known ids into the second one",
            Mistake::Empty => "add commands: [command.NAME] with method and params",
        }
    }

    /// The line of the file, from 1, when one is meant.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        (self.line > 0).then_some(self.line)
    }
}

impl fmt::Display for CommandFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        if !self.key.is_empty() {
            write!(f, "`{}`: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for CommandFileError {}
