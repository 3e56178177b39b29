//! Finding, ordering and paging rows, for every table of the portal.

use std::cmp::Ordering;

use super::args;
use super::cell::Cell;
use super::field::Field;
use super::filter::Filter;
use crate::value::Value;

/// Rows of every page.
pub(super) const PAGE: u64 = 50;
/// The same as a length.
pub(super) const PAGE_LEN: usize = 50;

/// Something that can be listed: rows with an identifier that rises with their age.
pub(super) trait Table {
    /// One value of an existing row.
    fn cell(&self, id: u64, field: &'static Field) -> Cell;

    /// Several values of an existing row, for tables that compute a row as a whole.
    fn cells(&self, id: u64, fields: &[&'static Field]) -> Vec<Cell> {
        fields.iter().map(|field| self.cell(id, field)).collect()
    }

    /// Whether the row exists and the caller may read it.
    fn has(&self, id: u64) -> bool;

    /// Existing, readable rows with identifiers within inclusive bounds.
    fn scan(&self, bounds: (u64, u64), down: bool) -> Box<dyn Iterator<Item = u64> + '_>;

    /// The only rows that can pass, ascending, when the filter names them.
    fn narrowed(&self, filter: &Filter) -> Option<Vec<u64>> {
        filter.one_of("ID")
    }

    /// The number of rows within inclusive bounds, when it is known without looking.
    fn count(&self, _low: u64, _high: u64) -> Option<u64> {
        None
    }

    /// What rows are ordered by; stages have an order of their own.
    fn order_key(&self, id: u64, field: &'static Field) -> Cell {
        self.cell(id, field)
    }
}

/// A key of an order.
#[derive(Debug, Clone, Copy)]
pub(super) struct OrderBy {
    pub(super) field: &'static Field,
    pub(super) down: bool,
}

/// Where a page starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// `start=-1`: the first page, nothing counted.
    Uncounted,
    /// An offset floored to a page.
    At(u64),
}

impl Start {
    /// Reads the parameter; what is no number is 0.
    pub(super) fn of(value: Option<&Value>) -> Self {
        match value.map_or(0, args::int) {
            -1 => Self::Uncounted,
            n => Self::At(u64::try_from(n).unwrap_or(0) / PAGE * PAGE),
        }
    }

    /// The start of a method that counts whatever it is told.
    pub(super) fn counted(self) -> Self {
        if self == Self::Uncounted { Self::At(0) } else { self }
    }

    fn offset(self) -> u64 {
        if let Self::At(offset) = self { offset } else { 0 }
    }
}

/// What happens to a start beyond the last row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Past {
    /// Legacy lists return the first page again.
    Wraps,
    /// Controllers return nothing.
    Empty,
}

/// A page of identifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) ids: Vec<u64>,
    /// `None` when nothing was counted.
    pub(super) total: Option<u64>,
    pub(super) next: Option<u64>,
}

/// Answers one list request.
pub(super) fn page(table: &dyn Table, filter: &Filter, order: &[OrderBy], start: Start, past: Past) -> Page {
    let by_id = order.first().is_none_or(|key| key.field.column == "ID");
    let down = order.first().is_some_and(|key| key.down);
    if by_id {
        by_identifier(table, filter, down, start, past)
    } else {
        sorted(table, filter, order, start, past)
    }
}

/// Rows in the order of their identifiers: nothing is kept, and without counting it stops after a page.
fn by_identifier(table: &dyn Table, filter: &Filter, down: bool, start: Start, past: Past) -> Page {
    let bounds = filter.id_bounds();
    let known = if bounds.exact { table.count(bounds.low, bounds.high) } else { None };
    let mut matching = matching(table, filter, down);
    if start == Start::Uncounted {
        return Page { ids: matching.take(PAGE_LEN).collect(), total: None, next: None };
    }
    if let Some(total) = known {
        let offset = wrapped(start.offset(), total, past);
        let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
        return counted(matching.skip(skipped).take(PAGE_LEN).collect(), offset, total);
    }
    let offset = start.offset();
    let (mut first, mut wanted, mut total) = (Vec::new(), Vec::new(), 0_u64);
    for id in &mut matching {
        if total < PAGE {
            first.push(id);
        }
        if (offset..offset + PAGE).contains(&total) {
            wanted.push(id);
        }
        total += 1;
    }
    let used = wrapped(offset, total, past);
    counted(if used == offset { wanted } else { first }, used, total)
}

/// Rows in any other order: all that match are collected and sorted.
fn sorted(table: &dyn Table, filter: &Filter, order: &[OrderBy], start: Start, past: Past) -> Page {
    let keys = |id| order.iter().map(|key| table.order_key(id, key.field)).collect::<Vec<_>>();
    let mut rows: Vec<(Vec<Cell>, u64)> = matching(table, filter, false).map(|id| (keys(id), id)).collect();
    rows.sort_by(|(a, _), (b, _)| {
        let mut pairs = a.iter().zip(b).zip(order);
        pairs
            .find_map(|((a, b), key)| {
                let ordering = if key.down { compare(b, a) } else { compare(a, b) };
                (ordering != Ordering::Equal).then_some(ordering)
            })
            .unwrap_or(Ordering::Equal)
    });
    let total = rows.len() as u64;
    let offset = wrapped(start.offset(), total, past);
    let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
    let ids = rows.into_iter().skip(skipped).take(PAGE_LEN).map(|(_, id)| id).collect();
    match start {
        Start::Uncounted => Page { ids, total: None, next: None },
        Start::At(_) => counted(ids, offset, total),
    }
}

fn matching<'a>(table: &'a dyn Table, filter: &'a Filter, down: bool) -> Box<dyn Iterator<Item = u64> + 'a> {
    let bounds = filter.id_bounds();
    let passes = move |id: &u64| filter.holds(&|field| table.cell(*id, field));
    match table.narrowed(filter) {
        Some(mut ids) => {
            if down {
                ids.reverse();
            }
            Box::new(ids.into_iter().filter(|id| table.has(*id)).filter(passes))
        }
        None if bounds.low > bounds.high => Box::new(std::iter::empty()),
        None if bounds.exact => table.scan((bounds.low, bounds.high), down),
        None => Box::new(table.scan((bounds.low, bounds.high), down).filter(passes)),
    }
}

fn wrapped(offset: u64, total: u64, past: Past) -> u64 {
    if past == Past::Wraps && offset >= total { 0 } else { offset }
}

fn counted(ids: Vec<u64>, offset: u64, total: u64) -> Page {
    let after = offset + ids.len() as u64;
    let next = (!ids.is_empty() && after < total).then_some(after);
    Page { ids, total: Some(total), next }
}

/// The order of the database: what is not set comes first.
fn compare(a: &Cell, b: &Cell) -> Ordering {
    match (a, b) {
        (Cell::Int(a), Cell::Int(b)) => a.cmp(b),
        (Cell::Decimal(a), Cell::Decimal(b)) => a.cmp(b),
        (Cell::Flag(a), Cell::Flag(b)) => a.cmp(b),
        (Cell::Day(a), Cell::Day(b)) => a.cmp(b),
        (Cell::Moment(a), Cell::Moment(b)) => a.cmp(b),
        (Cell::Text(a), Cell::Text(b)) => {
            a.chars().flat_map(char::to_lowercase).cmp(b.chars().flat_map(char::to_lowercase))
        }
        (Cell::Null, Cell::Null) => Ordering::Equal,
        (Cell::Null, _) => Ordering::Less,
        (_, Cell::Null) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}
