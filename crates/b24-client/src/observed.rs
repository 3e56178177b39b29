//! Events for whoever listens. A listener that panics is no reason for a request to fail.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Emits an event.
pub(crate) fn tell(event: impl FnOnce()) {
    // What the listener says about itself goes to the panic hook; nothing of the client is left half done.
    let _heard = catch_unwind(AssertUnwindSafe(event));
}
