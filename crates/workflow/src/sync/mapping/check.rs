//! Proves a mapping against a portal and a source, before anything is planned.

use std::collections::BTreeMap;

use super::columns::Asked;
use super::error::suggestion;
use super::resolve::examine;
use super::{Mapping, Resolved};
use crate::sync::facts::PortalFacts;
use crate::sync::finding::{Finding, Level};
use crate::sync::journal::share_keys;
use crate::sync::record::Record;
use crate::sync::value::RowFormat;

/// Everything that is wrong or odd with a mapping, at once: against the portal, against the columns of the source, and
/// what would become of sample records.
#[must_use]
pub fn check(
    mapping: &Mapping,
    facts: &PortalFacts,
    format: &RowFormat,
    columns: &[String],
    samples: &[Record],
) -> Vec<Finding> {
    let (resolved, mut findings) = examine(mapping, facts, format);
    findings.extend(mapping.missing_columns(columns));
    if let Some(resolved) = &resolved {
        tried(resolved, samples, &mut findings);
    }
    findings.sort_by_key(|finding| (finding.level, finding.line));
    findings
}

/// What is wrong between the mappings of one portal.
#[must_use]
pub fn check_together(mappings: &[&Mapping]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, mapping) in mappings.iter().enumerate() {
        for other in mappings.iter().take(index) {
            let (one, two) = (other.name.trim(), mapping.name.trim());
            if one == two {
                let message = format!("two mappings are called `{one}`");
                let hint = "contacts carry the name as their origin: give each source its own";
                findings.push(
                    Finding::new(Level::Error, "sync.name-shared", message, hint)
                        .at("name", mapping.line("name")),
                );
            }
            let (first, second) = (other.key.prefix.as_str(), mapping.key.prefix.as_str());
            let place = ("key.prefix", mapping.line("key.prefix").or_else(|| mapping.line("key")));
            if share_keys(first, second) {
                let message = if first == second {
                    format!("`{one}` and `{two}` have the same key prefix `{first}`")
                } else {
                    format!("the key prefix `{first}` of `{one}` and `{second}` of `{two}` begin alike")
                };
                let hint = "one source could overwrite the deals of the other: give each a prefix that begins no other, such as \
                            `F1_` and `F2_`";
                findings.push(
                    Finding::new(Level::Error, "sync.key-prefix-shared", message, hint).at(place.0, place.1),
                );
            }
        }
    }
    findings
}

impl Mapping {
    /// The columns that the mapping names and the source does not have.
    pub(crate) fn missing_columns(&self, columns: &[String]) -> Vec<Finding> {
        if columns.is_empty() {
            return Vec::new();
        }
        let missing = self.asked().into_iter().filter(|asked| !columns.contains(&asked.column));
        let finding = |asked: Asked| {
            let message = format!("the source has no column `{}`", asked.column);
            let hint = suggestion(&asked.column, columns);
            let line = self.line(&asked.place);
            Finding::new(Level::Error, "sync.column-missing", message, hint).at(asked.place, line)
        };
        missing.map(finding).collect()
    }
}

/// What would become of sample records: one finding for each kind of trouble, with the first line that has it.
fn tried(resolved: &Resolved, samples: &[Record], findings: &mut Vec<Finding>) {
    let mut troubles: BTreeMap<(bool, String, Option<String>), (usize, Finding)> = BTreeMap::new();
    for record in samples {
        let (refused, rejects) = match resolved.transform(record) {
            Ok(wanted) => (false, wanted.warnings),
            Err(reject) => (true, vec![*reject]),
        };
        for reject in rejects {
            let what = if refused { "would be rejected" } else { "would be warned about" };
            let message = format!("line {} {what}: {}", reject.line, reject.message);
            let finding = Finding::new(Level::Warning, &reject.code, message, reject.hint);
            let place = reject.field.clone().map(|field| format!("column {field}"));
            let entry = troubles.entry((refused, reject.code, reject.field));
            let (count, _) = entry.or_insert((0, Finding { place, ..finding }));
            *count += 1;
        }
    }
    for (count, mut finding) in troubles.into_values() {
        if count > 1 {
            let total = samples.len();
            finding.message = format!("{} ({count} of {total} sample rows)", finding.message);
        }
        findings.push(finding);
    }
}
