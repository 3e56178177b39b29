//! The words of the queue: in which state a chunk is, and how a document is ingested.

use std::fmt;
use std::str::FromStr;

/// State of a chunk in the queue. There is no fourth state: work in progress is a lease beside the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Stored, its vector is not there yet.
    Pending,
    /// Its vector is stored; search sees it.
    Ready,
    /// The embedding provider refused it; the reason stands beside it.
    Failed,
}

/// When a document's vectors are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// In the same call: the document is READY when the call returns.
    Sync,
    /// Later, by a worker: the document is PENDING when the call returns.
    Async,
}

/// What a synchronous ingestion does when the provider fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnFailure {
    /// The call is an error and leaves nothing behind.
    #[default]
    Refuse,
    /// The document is stored PENDING for a worker, and the report says so.
    Defer,
}

/// A word that names no [`Status`] or [`Mode`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName(String);

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown name `{}`", self.0)
    }
}

impl std::error::Error for UnknownName {}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "PENDING",
            Self::Ready => "READY",
            Self::Failed => "FAILED",
        })
    }
}

impl FromStr for Status {
    type Err = UnknownName;

    /// Reads the stored spelling (`PENDING`, `READY`, `FAILED`).
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text {
            "PENDING" => Ok(Self::Pending),
            "READY" => Ok(Self::Ready),
            "FAILED" => Ok(Self::Failed),
            other => Err(UnknownName(other.to_owned())),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sync => "sync",
            Self::Async => "async",
        })
    }
}

impl FromStr for Mode {
    type Err = UnknownName;

    /// Reads the command line's spelling (`sync`, `async`).
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text {
            "sync" => Ok(Self::Sync),
            "async" => Ok(Self::Async),
            other => Err(UnknownName(other.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_spellings_round_trip() {
        for status in [Status::Pending, Status::Ready, Status::Failed] {
            assert_eq!(status.to_string().parse(), Ok(status));
        }
        for mode in [Mode::Sync, Mode::Async] {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        assert!("ready".parse::<Status>().is_err());
    }
}
