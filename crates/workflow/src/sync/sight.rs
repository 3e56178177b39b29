//! What a look-up says.

/// The answer of a look-up. Only a complete answer makes something absent; nothing is ever created from `Unknown`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight<T> {
    /// It is there.
    Found(T),
    /// A complete answer says that it is not there.
    Absent,
    /// There was no complete answer; why.
    Unknown(String),
}

impl<T> Sight<T> {
    /// What was found.
    #[must_use]
    pub fn found(self) -> Option<T> {
        match self {
            Self::Found(found) => Some(found),
            Self::Absent | Self::Unknown(_) => None,
        }
    }
}
