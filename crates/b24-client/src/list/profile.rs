//! How a method lists: where its rows stand, what its key is called, how it pages, what it can order by.

mod table;

use crate::envelope::{Shape, Wrapper};

/// How a method's rows are walked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paging {
    /// Rows above the last key, without counting.
    Keyset,
    /// Counted offsets, for methods without a usable key.
    Offsets,
    /// Everything in one answer.
    Whole,
}

/// How a method is told the order of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// `order` with these names, ascending, when the caller has no order of his own.
    By(&'static [&'static str]),
    /// `SORT` and `ORDER`, two texts.
    TwoTexts(&'static str),
    /// It has no order that could be given, or breaks when one is given.
    Fixed,
}

/// How a method lists.
#[derive(Debug, Clone, Copy)]
pub(super) struct Profile {
    pub(super) wrapper: Wrapper,
    /// The key's name in conditions and order.
    pub(super) key: &'static str,
    /// The key's name in rows, when every row has one.
    pub(super) row_key: Option<&'static str>,
    pub(super) paging: Paging,
    pub(super) order: Order,
    /// The names of the parameters, when the method takes them by their position.
    pub(super) positions: Option<&'static [&'static str]>,
}

impl Profile {
    /// What is known about a method. One that nobody has written down is read by counted offsets with nothing but
    /// `start` added, which every method that pages understands.
    pub(super) fn of(method: &str) -> Self {
        table::find(&method.to_ascii_lowercase()).unwrap_or(Self {
            wrapper: Wrapper::Unknown,
            key: "ID",
            row_key: None,
            paging: Paging::Offsets,
            order: Order::Fixed,
            positions: None,
        })
    }

    pub(super) fn shape(&self) -> Shape {
        Shape { wrapper: self.wrapper, key: self.row_key }
    }

    /// The condition of a page's beginning.
    pub(super) fn above(&self) -> String {
        format!(">{}", self.key)
    }

    /// The condition of a lane's end.
    pub(super) fn up_to(&self) -> String {
        format!("<={}", self.key)
    }

    /// The name of a parameter as the method wants it.
    pub(super) fn name(&self, name: &'static str) -> String {
        if self.positions.is_some() { name.to_ascii_uppercase() } else { name.to_owned() }
    }
}
