//! What a run will do, record by record, before anything is written.
//!
//! [`Planner::look_up`] asks the portal about a window of records, [`decide`](decide::decide) turns what is wanted and what is there
//! into one [`Action`](super::entry::Action) each: a pure function. Counts, guards, the saved plan and its texts are made
//! of the entries alone.

pub mod compare;
mod counts;
pub mod decide;
mod error;
mod guards;
mod newcomers;
mod person;
mod phrases;
mod planner;
mod revert;
pub mod saved;
mod selection;
mod shown;
mod stale;
mod text;
mod texts;
mod window;
mod wishes;
mod workbook;

pub use counts::{Counts, Robots, Tally};
pub use decide::{Decision, Seen, decide};
pub use error::PlanError;
pub use guards::{Guard, tripped};
pub(crate) use newcomers::Addition;
pub use person::same_name;
pub use planner::Planner;
pub use revert::{WrittenChange, WrittenDeal, plan_revert, revert};
pub use saved::{PlanEnd, PlanHeader, PlanWriter, SavedPlan};
pub use selection::{Admission, Selection};
pub use shown::Shown;
pub(super) use stale::is_written;
pub use stale::{Judge, Live, read_live};
pub use text::diff;
pub use texts::{REASONS, english, russian};
pub use window::{Candidate, Identity, SeenWindow};
pub(super) use window::{find_deals, find_people};
pub use workbook::PlanWorkbook;
