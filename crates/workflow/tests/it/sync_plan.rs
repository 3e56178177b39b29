//! Look-ups and plans, over real sockets where the portal matters.

mod decisions;
mod fixtures;
mod look_ups;
mod revert;
mod round_trip;
mod saved;
mod stale;
mod windows;
