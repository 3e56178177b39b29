//! The only place where the program asks what time it is; the libraries are told.

use jiff::Timestamp;

/// Now.
#[expect(clippy::disallowed_methods, reason = "the binary is where the clock is read")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
