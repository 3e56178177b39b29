//! Sources of records, through their port.

#[cfg(test)]
mod stage;
#[cfg(test)]
mod texts;
