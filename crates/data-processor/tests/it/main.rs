//! The public behaviour of `data-processor`.

#[cfg(test)]
mod amounts;
#[cfg(test)]
mod checks;
#[cfg(test)]
mod dates;
#[cfg(test)]
mod duplicates;
#[cfg(test)]
mod earlier_system;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod parties;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod raw_lines;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod texts;
#[cfg(test)]
mod totals;
#[cfg(test)]
mod vat;
