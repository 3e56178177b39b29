//! A clinic's visits as a file for the scenarios of sync, and the mapping beside it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::workspace::Workspace;

/// The records of a scenario.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Visits {
    /// How many.
    pub(super) records: u64,
    /// The mapping's `automation`.
    #[serde(default)]
    pub(super) automation: Automation,
    /// They are synchronised once before the measured run; then so many of them change.
    #[serde(default)]
    pub(super) changed: Option<u64>,
}

/// Whether robots run.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Automation {
    #[default]
    Run,
    Skip,
}

impl Visits {
    /// Writes file and mapping into `folder`; the first `changed` records are another than before.
    pub(super) fn write(self, workspace: &Workspace, folder: &Path, changed: u64) -> Result<PathBuf> {
        fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
        let (visits, mapping) = (folder.join("visits.csv"), folder.join("mapping.toml"));
        let written = |path: &Path, text: String| {
            fs::write(path, text).with_context(|| format!("could not write {}", path.display()))
        };
        written(&visits, table(self.records, changed))?;
        let source = workspace.root.join("benches/clinic/mapping.toml");
        let text =
            fs::read_to_string(&source).with_context(|| format!("could not read {}", source.display()))?;
        let text = match self.automation {
            Automation::Run => text,
            Automation::Skip => text.replace("automation = \"run\"", "automation = \"skip\""),
        };
        written(&mapping, text)?;
        Ok(mapping)
    }
}

/// Every visit has a patient, a telephone number and a comment of its own.
fn table(records: u64, changed: u64) -> String {
    let mut text = "id,patient,phone,doctor,services,amount,status,comment\n".to_owned();
    for n in 1..=records {
        let amount = 1_000 + n % 90 * 100 + u64::from(n <= changed);
        let status = if n % 3 == 0 { "В процессе" } else { "Запланирован" };
        // Writing to a string cannot fail.
        let _always_fits = writeln!(
            text,
            "{n},Иванова{n} Анна Петровна,+7 900 {:03}-{:02}-{:02},Орлов С. В.,\"Осмотр, снимок\",{amount}.50,{status},Приём {n}: осмотр и снимок",
            n / 10_000,
            n / 100 % 100,
            n % 100
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_has_a_number_of_its_own_and_only_the_first_ones_change() {
        let (before, after) = (table(300, 0), table(300, 3));
        let phones: std::collections::BTreeSet<&str> =
            before.lines().skip(1).filter_map(|line| line.split(',').nth(2)).collect();
        assert_eq!(phones.len(), 300);
        let differing = before.lines().zip(after.lines()).filter(|(one, other)| one != other).count();
        assert_eq!(differing, 3);
    }
}
