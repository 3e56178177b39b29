//! What import and synchronisation have in common when they send: what an answer proves, and when it is no use to go on.

use b24_client::batch::Loss;
use b24_client::{ApiError, Batch, BatchError, Call, CallError, Client, ErrorKind, Outcome, Reply, Slot};
use jiff::Timestamp;
use serde_json::value::RawValue;

/// Says the time; libraries have no clock.
pub type Now<'a> = &'a (dyn Fn() -> Timestamp + Sync);

/// A call whose result is read later.
pub(crate) type RawCall = Call<Box<RawValue>>;

/// An answer whose result is not read yet.
pub(crate) type Answer = Outcome<Reply<Box<RawValue>>>;

/// What an answer without a result proves about a write.
#[derive(Debug, Clone)]
pub(crate) enum Verdict {
    /// The portal refused it.
    Refused(Box<ApiError>),
    /// It was not executed.
    NotSent(CallError),
    /// Nothing: it may have been executed.
    Lost(String),
}

impl Verdict {
    pub(crate) fn of(error: CallError) -> Self {
        match error {
            CallError::NotExecuted(_) => Self::NotSent(error),
            // The portal may have failed behind the write.
            CallError::Rejected(api) if api.is_ambiguous() => Self::Lost(format!("the portal failed: {api}")),
            CallError::Rejected(api) => Self::Refused(api),
            error => Self::Lost(chain(&error)),
        }
    }
}

/// The answers to the calls of a batch, in their order; an error when it could not be put together, so that nothing was
/// sent.
pub(crate) type Answers = Result<Vec<Answer>, BatchError>;

/// Sends the calls in one batch.
pub(crate) async fn answered(client: &Client, calls: impl IntoIterator<Item = RawCall>) -> Answers {
    let mut batch = client.batch();
    let slots = calls.into_iter().map(|call| batch.add(call)).collect();
    sent(batch, slots).await
}

/// Sends a batch whose calls may refer to each other.
pub(crate) async fn sent(batch: Batch, slots: Vec<Slot<Box<RawValue>>>) -> Answers {
    let mut reply = batch.send().await?;
    Ok(slots.into_iter().map(|slot| reply.page(slot)).collect())
}

/// Why every further request would fail like this one, when that is what its answers show.
pub(crate) fn useless<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> Option<CallError> {
    let mut first = None;
    for answer in answers {
        if answer.is_ok() {
            return None;
        }
        let error = answer.clone().ok().err().filter(proves_not_executed)?;
        first.get_or_insert(error);
    }
    first
}

/// Whether nothing was executed, for a reason that is not the command's own.
pub(crate) fn proves_not_executed(error: &CallError) -> bool {
    match error {
        CallError::NotExecuted(_) | CallError::Failed(Loss::Request(_)) => true,
        // Inside a batch the status is 200, and the refusal is the command's own.
        CallError::Rejected(api) => api.status != 200 && api.kind() == ErrorKind::Authorization,
        _ => false,
    }
}

/// An error with the chain of its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |cause| cause.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
