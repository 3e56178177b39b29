//! What the portal has already: deals by their external keys, contacts and leads by telephone numbers or by number.
//!
//! Every look-up ends in a [`Sight`] for each thing asked. Only a complete answer makes it absent: what was refused,
//! lost, cut or could not be read is unknown. A filter by the key field that the portal leaves out is an error of the
//! configuration, because it drops conditions it does not know without a word (wire reference, section 6.4).

mod adoption;
mod cards;
mod deals;
mod duplicates;
mod error;
mod origins;
mod phones;
mod presence;
mod rows;

pub use adoption::batch_find_open_deals_without_key;
pub use cards::{Cards, batch_find_contacts_by_ids, batch_find_leads_by_ids};
pub(super) use deals::fold;
pub use deals::{
    DealFields, KeyLookUp, batch_find_deals_by_external_ids, batch_find_deals_by_ids, same_key_ignoring_case,
};
pub use error::LookUpError;
pub use origins::{Origin, batch_find_contacts_by_origin};
pub use phones::{PhoneOwners, batch_find_contacts_by_phones, batch_find_leads_by_phones};
pub use presence::{Presence, batch_find_presence};
pub use rows::{LiveContact, LiveDeal, LiveLead};

use b24_client::batch::Loss;
use b24_client::{CallError, Error, ErrorKind};

use super::Sight;

/// Values of one set: a page of a legacy list has 50 rows.
const SET: usize = 50;

/// An error that every further look-up would share, such as a webhook that is no longer valid.
fn fatal(error: &CallError) -> bool {
    let of_all = |error: &Error| {
        matches!(error, Error::Unreachable { .. } | Error::Moved { .. } | Error::Login { .. })
            || error.kind() == ErrorKind::Authorization
    };
    match error {
        CallError::NotExecuted(Loss::Request(cause))
        | CallError::Unknown(Loss::Request(cause))
        | CallError::Failed(Loss::Request(cause)) => of_all(cause),
        CallError::Rejected(api) => api.kind() == ErrorKind::Authorization && api.status >= 400,
        _ => false,
    }
}

/// Why something is unknown; an error when everything else would be, too.
fn unknown(what: &'static str, error: CallError) -> Result<String, LookUpError> {
    if fatal(&error) {
        return Err(LookUpError::Call { what, source: Box::new(error) });
    }
    Ok(crate::sending::chain(&error))
}

/// What several look-ups of the same kind say together: unknown as soon as one of them is.
pub(super) fn all<T>(sights: Vec<Sight<Vec<T>>>) -> Sight<Vec<T>> {
    let mut found = Vec::new();
    for sight in sights {
        match sight {
            Sight::Found(more) => found.extend(more),
            Sight::Absent => {}
            Sight::Unknown(reason) => return Sight::Unknown(reason),
        }
    }
    if found.is_empty() { Sight::Absent } else { Sight::Found(found) }
}
