//! Exit codes: the one list that scripts rely on.

use std::process::ExitCode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; warnings do not count.
    Done = 0,
    /// A bug in b24.
    Bug = 1,
    /// The command line or an input file given on it was wrong.
    Usage = 2,
    /// Partial: this run left something rejected, unknown or missing.
    Partial = 3,
    /// Configuration, authorisation, or a guard that refused.
    Refused = 4,
    /// The portal cannot be reached or gives no usable answer.
    Unreachable = 5,
    /// Changes pending or differences found (only with `--detailed-exit-code`).
    Changes = 6,
    /// Interrupted; the run can be repeated.
    Interrupted = 130,
}

impl Exit {
    /// All codes, in order.
    pub(crate) const ALL: [Self; 8] = [
        Self::Done,
        Self::Bug,
        Self::Usage,
        Self::Partial,
        Self::Refused,
        Self::Unreachable,
        Self::Changes,
        Self::Interrupted,
    ];

    /// The number the shell sees.
    pub(crate) fn number(self) -> u8 {
        self as u8
    }

    /// The meaning in a few words, as the help text says it.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Bug => "a bug in b24",
            Self::Usage => "wrong usage",
            Self::Partial => "partial: something was rejected, is unknown or missing (warnings do not count)",
            Self::Refused => "configuration, authorisation, or a guard that refused",
            Self::Unreachable => "portal unreachable or without a usable answer",
            Self::Changes => "changes pending or differences found, only with --detailed-exit-code",
            Self::Interrupted => "interrupted, can be repeated",
        }
    }

    /// The list for the help text.
    pub(crate) fn list() -> String {
        let lines = Self::ALL.map(|exit| format!("\n  {:<4} {}", exit.number(), exit.meaning()));
        format!("Exit codes:{}", lines.concat())
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}
