//! What accumulates while rows are written.

use std::collections::BTreeMap;

use data_processor::Totals;

use super::{Counts, RegisterRow, RowProblem};

/// How many problems a register keeps to show; all of them are in the output and counted by code.
const PROBLEMS_SHOWN: usize = 100;

/// Counts, totals and problems of a register or of one output of it.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) counts: Counts,
    pub(super) totals: Totals,
    pub(super) undated: Totals,
    pub(super) problems: BTreeMap<&'static str, u64>,
    pub(super) shown: Vec<(Option<u64>, RowProblem)>,
}

impl Tally {
    /// Counts a row that was written.
    pub(super) fn note(&mut self, row: RegisterRow) {
        self.counts.add(&row);
        for problem in row.problems {
            *self.problems.entry(problem.code).or_default() += 1;
            self.show(row.id, problem);
        }
    }

    /// Adds what another output counted.
    pub(super) fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        self.totals.merge(&other.totals);
        self.undated.merge(&other.undated);
        for (code, count) in &other.problems {
            *self.problems.entry(code).or_default() += count;
        }
        for (id, problem) in &other.shown {
            self.show(*id, problem.clone());
        }
    }

    /// Rejections and gaps first: they are what makes a register incomplete.
    fn show(&mut self, id: Option<u64>, problem: RowProblem) {
        let urgent = problem.severity != "warning";
        if self.shown.len() < PROBLEMS_SHOWN {
            self.shown.push((id, problem));
        } else if urgent && let Some(slot) = self.shown.iter_mut().find(|(_, p)| p.severity == "warning") {
            *slot = (id, problem);
        }
    }
}
