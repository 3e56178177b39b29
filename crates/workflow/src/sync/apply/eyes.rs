//! What a webhook's user who is no administrator cannot prove: that something is not there.

use crate::sync::{Finding, Level};

/// Why a record that was perhaps created stays unknown.
pub(super) const UNPROVED: &str = "its answer was lost, and it was not found by a user who may not see everything: a run with an administrator's webhook \
     finds it or proves that it is not there";

/// What is to be told about a user who is no administrator.
#[must_use]
pub fn user_not_administrator() -> Finding {
    Finding::new(
        Level::Warning,
        "sync.user-not-administrator",
        "the webhook's user is no administrator: deals and contacts that he may not see are not found and may be created again, \
         above all when the mapping sets «Ответственный»",
        "use the webhook of an administrator, or let the user's role read all deals and contacts",
    )
}
