//! The totals below the register: formulas over the rows that a filter leaves, with the values they have now.
//!
//! A plain SUBTOTAL would add up currencies, companies and cancelled invoices. So every row says, by a SUBTOTAL of its
//! own, in which total it enters while it is visible, and a total sums up the rows that name it.

use std::io;

use super::Book;
use super::groups::Group;
use crate::Register;
use crate::register::GroupTotals;
use crate::render::columns::Column;
use crate::render::labels;
use crate::render::sheet::{range, sheet_name};

/// Empty rows between the data and the totals.
const GAP: u32 = 1;

impl Book {
    pub(super) fn footer(&mut self, register: &Register) -> io::Result<()> {
        let totals: Vec<(&GroupTotals, Group)> = register
            .totals
            .iter()
            .filter_map(|totals| self.groups.of(totals).map(|group| (totals, group)))
            .collect();
        self.register.make_room(GAP + 1 + u32::try_from(totals.len()).unwrap_or(u32::MAX))?;
        self.shown_row();
        for (below, (totals, group)) in (GAP + 1..).zip(totals) {
            self.total_row(below, totals, group);
        }
        Ok(())
    }

    /// How many invoices a filter leaves, whatever their currency.
    fn shown_row(&mut self) {
        let counted = self.over_sheets(|sheet, rows, book| {
            format!("SUBTOTAL(103,{})", range(sheet, book.shown.columns.anchor(), rows))
        });
        let (text, whole) = (self.looks.total_text(), self.looks.total_whole());
        let label = labels::INVOICES_SHOWN.of(self.shown.language);
        let (label_place, count_place) = self.places();
        let invoices = self.invoices.to_string();
        let columns = self.shown.columns.len();
        let xml = self.register.open_below(GAP, None);
        for place in 0..=columns {
            if place == count_place {
                xml.formula(whole, &counted, &invoices);
            } else {
                xml.text(text, if place == label_place { label } else { "" });
            }
        }
        xml.close();
    }

    fn total_row(&mut self, below: u32, totals: &GroupTotals, group: Group) {
        let language = self.shown.language;
        let row = self.register.row_below(below);
        let (text, whole, money) =
            (self.looks.total_text(), self.looks.total_whole(), self.looks.total_money());
        let (label_place, count_place) = self.places();
        let key = self.shown.columns.len();
        let columns: Vec<&'static Column> = self.shown.columns.iter().collect();
        let sum_of = |book: &Self, place| {
            book.over_sheets(|sheet, rows, _| {
                format!("SUMIF({},{},{})", range(sheet, key, rows), row.cell(key), range(sheet, place, rows))
            })
        };
        let sums: Vec<Option<(String, &str)>> = columns
            .iter()
            .enumerate()
            .map(|(place, column)| {
                let value = match column.id {
                    "gross" => &totals.gross,
                    "net" => &totals.net,
                    "vat" => &totals.vat,
                    _ => return None,
                };
                Some((sum_of(self, place), value.as_str()))
            })
            .collect();
        let counted = self
            .over_sheets(|sheet, rows, _| format!("COUNTIF({},{})", range(sheet, key, rows), row.cell(key)));
        let xml = self.register.open_below(below, None);
        for (place, (column, sum)) in columns.iter().zip(&sums).enumerate() {
            let shown = match column.id {
                _ if place == label_place => labels::IN_SELECTION.of(language),
                "my_company" => totals.my_company.as_deref().unwrap_or(labels::SELLER_UNKNOWN.of(language)),
                "my_inn" => totals.my_inn.as_deref().unwrap_or_default(),
                "my_kpp" => totals.my_kpp.as_deref().unwrap_or_default(),
                "currency" => &totals.currency,
                _ => "",
            };
            match sum {
                Some((formula, value)) if group.exact => xml.formula(money, formula, value),
                Some((_, value)) => {
                    xml.text(text, value);
                }
                None if place == count_place => xml.formula(whole, &counted, &totals.count.to_string()),
                None => {
                    xml.text(text, shown);
                }
            }
        }
        xml.whole(whole, u64::from(group.number));
        xml.close();
    }

    /// Where the label and the number of invoices stand.
    fn places(&self) -> (usize, usize) {
        let columns = &self.shown.columns;
        let label = columns.place("counterparty").unwrap_or(0);
        let count = columns.place("n").or_else(|| columns.place("status")).filter(|place| *place != label);
        // The anchor is one of the two; where the label took its place, the count goes to the last column.
        (label, count.unwrap_or(columns.len()))
    }

    /// A formula for every sheet of the register, added up.
    fn over_sheets(
        &self,
        formula: impl Fn(Option<&str>, crate::render::sheet::SheetRows, &Self) -> String,
    ) -> String {
        let sheets = self.register.sheets();
        let last = sheets.len() - 1;
        let terms = sheets.iter().enumerate().map(|(index, rows)| {
            let name = sheet_name(labels::SHEET_REGISTER.of(self.shown.language), index);
            formula((index != last).then_some(name.as_str()), *rows, self)
        });
        terms.collect::<Vec<_>>().join("+")
    }
}
