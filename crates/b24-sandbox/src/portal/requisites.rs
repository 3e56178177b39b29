//! `crm.requisite.*`: cards, links, bank accounts (wire reference, section 6.5).

mod banks;
mod cards;
mod links;
mod presets;

pub(super) use banks::list as banks;
pub(super) use cards::{get, list};
pub(super) use links::{get as link, list as links};
pub(super) use presets::list as presets;
