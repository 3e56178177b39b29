//! Conditions on rows: both families compile their filters to one tree.

mod compare;
pub(super) mod legacy;
pub(super) mod strict;

use super::cell::Cell;
use super::field::Field;
pub(super) use compare::{Scalar, operand};

/// What a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Equal,
    NotEqual,
    Greater,
    AtLeast,
    Less,
    AtMost,
    Contains,
    NotContains,
    Like,
    NotLike,
    /// Phones and e-mails of legacy lists: `LIKE 'value%'` on the stored text.
    Begins,
}

/// Prefixes, longest first.
const PREFIXES: &[(&str, Op)] = &[
    ("!=%", Op::NotLike),
    ("!%=", Op::NotLike),
    ("!=", Op::NotEqual),
    ("!@", Op::NotEqual),
    ("!%", Op::NotContains),
    ("=%", Op::Like),
    ("%=", Op::Like),
    (">=", Op::AtLeast),
    ("<=", Op::AtMost),
    (">", Op::Greater),
    ("<", Op::Less),
    ("@", Op::Equal),
    ("=", Op::Equal),
    ("%", Op::Contains),
    ("!", Op::NotEqual),
];

/// Splits a filter key into prefix, operation and field name; `None` for ranges, which neither family can use.
fn split(key: &str) -> Option<(&str, Op, &str)> {
    if key.starts_with("><") || key.starts_with("!><") {
        return None;
    }
    let (prefix, op) =
        PREFIXES.iter().find(|(prefix, _)| key.starts_with(prefix)).copied().unwrap_or(("", Op::Equal));
    Some((prefix, op, &key[prefix.len()..]))
}

/// One condition; several values mean "any of" (or "none of").
#[derive(Debug)]
pub(super) struct Test {
    pub(super) field: &'static Field,
    pub(super) op: Op,
    pub(super) values: Vec<Scalar>,
}

impl Test {
    fn holds(&self, cell: &Cell) -> bool {
        let any = |op| self.values.iter().any(|value| compare::matches(cell, op, value));
        match self.op {
            Op::NotEqual => !any(Op::Equal),
            Op::NotContains => !any(Op::Contains),
            Op::NotLike => !any(Op::Like),
            op => any(op),
        }
    }
}

/// A tree of conditions.
#[derive(Debug)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Test(Test),
}

impl Filter {
    /// Whether the row whose values `cell` gives passes; only the named columns are asked for.
    pub(super) fn holds(&self, cell: &dyn Fn(&'static Field) -> Cell) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(cell)),
            Self::Any(parts) => parts.is_empty() || parts.iter().any(|part| part.holds(cell)),
            Self::Test(test) => test.holds(&cell(test.field)),
        }
    }

    /// Conditions every row must meet.
    pub(super) fn mandatory(&self) -> Vec<&Test> {
        match self {
            Self::All(parts) => parts.iter().flat_map(Self::mandatory).collect(),
            Self::Any(_) => Vec::new(),
            Self::Test(test) => vec![test],
        }
    }

    /// Identifiers a column must be one of, if a mandatory condition says so.
    pub(super) fn one_of(&self, column: &str) -> Option<Vec<u64>> {
        let test = self.mandatory().into_iter().find(|t| t.field.column == column && t.op == Op::Equal)?;
        let mut ids: Vec<u64> = test.values.iter().filter_map(Scalar::as_id).collect();
        ids.sort_unstable();
        ids.dedup();
        Some(ids)
    }

    /// Inclusive bounds of the identifier; `exact` when there is no other condition.
    pub(super) fn id_bounds(&self) -> IdBounds {
        let mut bounds = IdBounds { low: 0, high: u64::MAX, exact: matches!(self, Self::All(_)) };
        if let Self::All(parts) = self {
            bounds.exact = parts.iter().all(|part| matches!(part, Self::Test(_)));
        }
        for test in self.mandatory() {
            let bound = test.values.first().and_then(Scalar::as_bound).filter(|_| test.field.column == "ID");
            match (test.op, bound) {
                (Op::Greater, Some(id)) => bounds.low = bounds.low.max(id.saturating_add(1)),
                (Op::AtLeast, Some(id)) => bounds.low = bounds.low.max(id),
                (Op::Less, Some(0)) => bounds.high = 0,
                (Op::Less, Some(id)) => bounds.high = bounds.high.min(id - 1),
                (Op::AtMost, Some(id)) => bounds.high = bounds.high.min(id),
                _ => bounds.exact = false,
            }
        }
        bounds
    }
}

/// What a filter says about identifiers.
#[derive(Debug, Clone, Copy)]
pub(super) struct IdBounds {
    pub(super) low: u64,
    pub(super) high: u64,
    pub(super) exact: bool,
}
