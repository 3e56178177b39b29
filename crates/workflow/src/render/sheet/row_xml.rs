//! The cells of a row as `SpreadsheetML`.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::number;
use super::palette::StyleId;
use super::text::{self, Held, quoted};

/// Writes rows, cell after cell from the first column on.
#[derive(Debug, Default)]
pub(in crate::render) struct RowXml {
    bytes: Vec<u8>,
    /// Number of the row as cells name it.
    number: Vec<u8>,
    column: usize,
}

impl RowXml {
    /// Begins the row with this index, counted from 0.
    pub(in crate::render) fn open(&mut self, row: u32, height: Option<u32>) {
        self.number.clear();
        number::whole(u64::from(row) + 1, &mut self.number);
        self.column = 0;
        self.put(b"<row r=\"");
        self.bytes.extend_from_slice(&self.number);
        if let Some(height) = height {
            self.put(b"\" ht=\"");
            number::whole(u64::from(height), &mut self.bytes);
            self.put(b"\" customHeight=\"1");
        }
        self.put(b"\">");
    }

    /// Ends the row.
    pub(in crate::render) fn close(&mut self) {
        self.put(b"</row>");
    }

    /// Leaves cells out.
    pub(in crate::render) fn skip(&mut self, cells: usize) {
        self.column += cells;
    }

    /// A cell with a look and no value.
    pub(in crate::render) fn blank(&mut self, style: StyleId) {
        self.start(style);
        self.put(b"/>");
    }

    /// A number; one with more digits than a cell holds becomes text.
    pub(in crate::render) fn decimal(&mut self, style: StyleId, value: Decimal) -> Held {
        let before = (self.bytes.len(), self.column);
        self.start(style);
        self.put(b"><v>");
        if number::decimal(value, &mut self.bytes) {
            self.put(b"</v></c>");
            return Held::Exactly;
        }
        self.bytes.truncate(before.0);
        self.column = before.1;
        self.text(style, &value.to_string());
        Held::AsText
    }

    /// A whole number.
    pub(in crate::render) fn whole(&mut self, style: StyleId, value: u64) {
        self.start(style);
        self.put(b"><v>");
        number::whole(value, &mut self.bytes);
        self.put(b"</v></c>");
    }

    /// A real date; a day that a workbook does not know becomes text.
    pub(in crate::render) fn day(&mut self, style: StyleId, day: Date) {
        match number::serial(day) {
            Some(serial) => self.whole(style, serial),
            None => {
                self.text(style, &day.to_string());
            }
        }
    }

    /// A text, whatever it looks like.
    pub(in crate::render) fn text(&mut self, style: StyleId, value: &str) -> Held {
        let (value, held) = text::fitting(value);
        if value.is_empty() {
            self.blank(style);
            return held;
        }
        self.start(style);
        let spaced = value.starts_with(char::is_whitespace) || value.ends_with(char::is_whitespace);
        self.put(if spaced {
            b" t=\"inlineStr\"><is><t xml:space=\"preserve\">".as_slice()
        } else {
            b" t=\"inlineStr\"><is><t>"
        });
        text::escape(&value, &mut self.bytes);
        self.put(b"</t></is></c>");
        held
    }

    /// A link with its text; as plain text where a formula could not hold it.
    pub(in crate::render) fn link(&mut self, link: StyleId, plain: StyleId, url: &str, shown: &str) -> Held {
        match (quoted(url), quoted(shown)) {
            (Some(address), Some(friendly)) if !shown.is_empty() => {
                self.start(link);
                self.put(b" t=\"str\"><f>HYPERLINK(");
                text::escape(&address, &mut self.bytes);
                self.put(b",");
                text::escape(&friendly, &mut self.bytes);
                self.put(b")</f><v>");
                text::escape(shown, &mut self.bytes);
                self.put(b"</v></c>");
                Held::Exactly
            }
            _ => self.text(plain, shown),
        }
    }

    /// A formula with the value it has now, a canonical decimal text.
    pub(in crate::render) fn formula(&mut self, style: StyleId, formula: &str, value: &str) {
        self.start(style);
        self.put(b"><f>");
        text::escape(formula, &mut self.bytes);
        self.put(b"</f><v>");
        self.put(value.as_bytes());
        self.put(b"</v></c>");
    }

    /// The number of a total while the row is visible, 0 while a filter hides it: the cell of `anchor` in this row is
    /// never empty, so it counts as one.
    pub(in crate::render) fn visible(&mut self, style: StyleId, anchor: usize, total: u32) {
        if total == 0 {
            return self.whole(style, 0);
        }
        self.start(style);
        self.put(b"><f>SUBTOTAL(103,");
        letters(anchor, &mut self.bytes);
        self.bytes.extend_from_slice(&self.number);
        self.put(b")*");
        number::whole(u64::from(total), &mut self.bytes);
        self.put(b"</f><v>");
        number::whole(u64::from(total), &mut self.bytes);
        self.put(b"</v></c>");
    }

    /// What was written so far.
    pub(super) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    fn start(&mut self, style: StyleId) {
        self.put(b"<c r=\"");
        letters(self.column, &mut self.bytes);
        self.bytes.extend_from_slice(&self.number);
        self.put(b"\" s=\"");
        number::whole(u64::from(style.0), &mut self.bytes);
        self.put(b"\"");
        self.column += 1;
    }

    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
}

const LETTERS: &[u8; 26] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Appends the letters of a column: `A`, `Z`, `AA`.
pub(super) fn letters(column: usize, out: &mut Vec<u8>) {
    if column >= 26 {
        letters(column / 26 - 1, out);
    }
    out.push(LETTERS[column % 26]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_its_cells_hold() {
        let style = StyleId(3);
        let mut row = RowXml::default();
        row.open(1, None);
        row.whole(style, 7);
        row.link(style, style, "https://a/?x=1&y=\"2\"", "=1+1");
        row.skip(1);
        assert_eq!(row.decimal(style, "12.50".parse().unwrap()), Held::Exactly);
        assert_eq!(row.decimal(style, "1234567890123456.789".parse().unwrap()), Held::AsText);
        row.text(style, " <a>");
        row.close();
        let written = String::from_utf8(row.bytes().clone()).unwrap();
        insta::assert_snapshot!(written, @r#"<row r="2"><c r="A2" s="3"><v>7</v></c><c r="B2" s="3" t="str"><f>HYPERLINK("https://a/?x=1&amp;y=""2""","=1+1")</f><v>=1+1</v></c><c r="D2" s="3"><v>12.5</v></c><c r="E2" s="3" t="inlineStr"><is><t>1234567890123456.789</t></is></c><c r="F2" s="3" t="inlineStr"><is><t xml:space="preserve"> &lt;a&gt;</t></is></c></row>"#);
    }

    #[test]
    fn a_link_too_long_for_a_formula_is_text() {
        let mut row = RowXml::default();
        row.open(0, None);
        row.link(StyleId(1), StyleId(2), &format!("https://a/{}", "я".repeat(255)), "СЧ-1");
        let written = String::from_utf8(row.bytes().clone()).unwrap();
        insta::assert_snapshot!(written, @r#"<row r="1"><c r="A1" s="2" t="inlineStr"><is><t>СЧ-1</t></is></c>"#);
    }

    #[test]
    fn columns_are_named_like_in_a_spreadsheet() {
        let name = |column| {
            let mut out = Vec::new();
            letters(column, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!([0, 25, 26, 701, 702].map(name), ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
