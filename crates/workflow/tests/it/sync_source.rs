//! Sources of records, through their port.

#[cfg(test)]
mod commands;
#[cfg(test)]
mod cursors;
#[cfg(test)]
mod files;
#[cfg(test)]
mod postgres;
#[cfg(test)]
pub(crate) mod stage;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod texts;
