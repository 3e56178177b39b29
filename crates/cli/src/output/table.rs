//! Tables for people.

use std::fmt::Write as _;

use comfy_table::presets;
use comfy_table::{ContentArrangement, Table};

/// Plain columns with a heading, as wide as the terminal at most; without a terminal nothing is wrapped.
pub(crate) fn table<const N: usize>(
    heading: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(heading);
    table.add_rows(rows);
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
    }
    let mut text = String::new();
    for line in table.lines() {
        // Writing to a string cannot fail.
        let _always_fits = writeln!(text, "{}", line.trim_end());
    }
    text
}
