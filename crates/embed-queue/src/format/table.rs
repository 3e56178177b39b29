//! A table as lines of cells between bars, as Markdown has it: a piece that is cut finds its head in the first line.

/// A table that is being read.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<String>,
    row: Vec<String>,
    cell: String,
}

impl Table {
    /// Adds to the cell.
    pub(super) fn add(&mut self, text: &str) {
        for word in text.split_whitespace() {
            if !self.cell.is_empty() {
                self.cell.push(' ');
            }
            self.cell.push_str(word);
        }
    }

    pub(super) fn end_cell(&mut self) {
        self.row.push(std::mem::take(&mut self.cell));
    }

    pub(super) fn end_row(&mut self) {
        if !self.cell.is_empty() {
            self.end_cell();
        }
        let row = std::mem::take(&mut self.row);
        if row.iter().any(|cell| !cell.is_empty()) {
            self.rows.push(row.join(" | "));
        }
    }

    pub(super) fn text(mut self) -> String {
        self.end_row();
        self.rows.join("\n")
    }
}
