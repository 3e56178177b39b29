//! Tables for people.

use std::fmt::Write as _;

use comfy_table::presets;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table};

/// A terminal narrower than this (or one that does not know its width) gets unwrapped lines.
const NARROWEST: u16 = 60;

/// Plain columns with a heading, as wide as the terminal at most; without a terminal nothing is wrapped.
pub(crate) fn table<const N: usize>(
    heading: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(heading);
    if table.width().is_some_and(|width| width >= NARROWEST) {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    let rows: Vec<[String; N]> = rows.into_iter().collect();
    for at in (0..N).filter(|at| rows.iter().all(|row| is_number(&row[*at]))) {
        if let Some(column) = table.column_mut(at) {
            // A sum broken over two lines would be misread.
            column.set_cell_alignment(CellAlignment::Right);
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
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

/// Whether a cell stands well at the right: a plain decimal, or nothing.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn numbers_stand_at_the_right() {
        let rows = [["ООО «А»", "1.50"], ["Б", "-1200.00"]].map(|row| row.map(str::to_owned));
        insta::assert_snapshot!(table(["seller", "gross"], rows), @"
        seller      gross
        ООО «А»      1.50
        Б        -1200.00
        ");
    }
}
