//! The rows of the register and of the products.

use std::io;

use data_processor::{Line, VatRate};

use super::Book;
use super::looks::{Face, Looks, Shade};
use crate::register::RegisterRow;
use crate::register::texts::cell_problem;
use crate::render::columns::{Cell, Column, Kind};
use crate::render::labels;
use crate::render::presentation::{Label, Presentation};
use crate::render::sheet::{Held, RowXml, lines as lines_of};

/// Rows above the data.
const TITLES: u32 = 1;

pub(super) fn register_titles(xml: &mut RowXml, looks: &Looks, shown: &Presentation) -> u32 {
    let titles = shown.columns.iter().map(|column| column.title).chain([labels::TOTAL_GROUP]);
    write_titles(xml, looks, shown, titles)
}

pub(super) fn line_titles(xml: &mut RowXml, looks: &Looks, shown: &Presentation) -> u32 {
    write_titles(xml, looks, shown, labels::LINE_COLUMNS.into_iter().map(|(title, _)| title))
}

pub(super) fn problem_titles(xml: &mut RowXml, looks: &Looks, shown: &Presentation) -> u32 {
    write_titles(xml, looks, shown, labels::PROBLEM_COLUMNS.into_iter().map(|(title, _)| title))
}

fn write_titles(
    xml: &mut RowXml,
    looks: &Looks,
    shown: &Presentation,
    titles: impl Iterator<Item = Label>,
) -> u32 {
    const TWO_LINES: u32 = 32;
    xml.open(0, Some(TWO_LINES));
    for title in titles {
        xml.text(looks.header(), title.of(shown.language));
    }
    xml.close();
    TITLES
}

fn face(column: &Column) -> Face {
    match (column.kind, column.id) {
        (Kind::Text, "counterparty" | "my_company") => Face::Wrapped,
        (Kind::Text, "rates" | "currency" | "status") => Face::Centred,
        (Kind::Text, _) => Face::Text,
        (Kind::Whole, _) => Face::Whole,
        (Kind::Money, _) => Face::Money,
        (Kind::Day, _) => Face::Day,
        (Kind::Link, _) => Face::Link,
    }
}

impl Book {
    /// Writes the register's row and notes in it what a cell could not hold.
    pub(super) fn register_row(&mut self, row: &mut RegisterRow) -> io::Result<()> {
        let shade = Shade::of(row);
        let group = self.groups.number(row);
        let anchor = self.shown.columns.anchor();
        let mut lost = Vec::new();
        let lines = self.shown.columns.iter().map(|column| match column.id {
            "counterparty" => lines_of(row.counterparty.as_deref().unwrap_or_default(), column.width),
            "my_company" => lines_of(row.my_company.as_deref().unwrap_or_default(), column.width),
            "rates" if row.vat_by_rate.len() > 2 => 2,
            _ => 1,
        });
        let xml = self.register.open(lines.max().unwrap_or(1))?;
        for column in self.shown.columns.iter() {
            let style = self.looks.cell(face(column), shade);
            let held = match (column.cell)(row, self.invoices, self.shown.language) {
                Cell::Empty => {
                    xml.blank(style);
                    Held::Exactly
                }
                Cell::Amount(amount) => xml.decimal(style, amount.value),
                Cell::Whole(value) => {
                    xml.whole(style, value);
                    Held::Exactly
                }
                Cell::Text(text) => xml.text(style, &text),
                Cell::Day(day) => {
                    xml.day(style, day);
                    Held::Exactly
                }
                Cell::Link(url, text) => xml.link(style, self.looks.cell(Face::Text, shade), url, &text),
            };
            if held != Held::Exactly {
                lost.push((held, column.id));
            }
        }
        xml.visible(self.looks.cell(Face::Whole, shade), anchor, group);
        self.register.close()?;
        for (held, id) in lost {
            if held == Held::AsText {
                self.groups.not_exact(row);
            }
            row.problems.push(cell_problem(held == Held::Cut, id));
        }
        Ok(())
    }

    /// Writes a row per product of the invoice.
    pub(super) fn line_rows(&mut self, row: &mut RegisterRow) -> io::Result<()> {
        let lines = std::mem::take(&mut row.lines);
        let mut lost = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let [_, _, (_, client), (_, product), ..] = labels::LINE_COLUMNS;
            let client = lines_of(row.counterparty.as_deref().unwrap_or_default(), client);
            let xml = self.lines.open(client.max(lines_of(&line.name, product)))?;
            let held = write_line(xml, &self.looks, &self.shown, row, line);
            self.lines.close()?;
            if held != Held::Exactly {
                lost.push(cell_problem(held == Held::Cut, &format!("rows[{index}]")));
            }
        }
        row.problems.extend(lost);
        row.lines = lines;
        Ok(())
    }
}

/// A product; what the worst cell could hold.
fn write_line(xml: &mut RowXml, looks: &Looks, shown: &Presentation, row: &RegisterRow, line: &Line) -> Held {
    let shade = Shade::of(row);
    let style = |face| looks.cell(face, shade);
    let rate = match line.rate {
        VatRate::None => None,
        VatRate::Rate(rate) => Some(rate),
    };
    let quantity = if line.quantity.fract().is_zero() { Face::WholeQuantity } else { Face::Quantity };
    xml.text(style(Face::Text), row.number.as_deref().unwrap_or_default());
    match row.date {
        Some(day) => xml.day(style(Face::Day), day),
        None => xml.blank(style(Face::Day)),
    }
    let held = [
        xml.text(style(Face::Wrapped), row.counterparty.as_deref().unwrap_or_default()),
        xml.text(style(Face::Wrapped), &line.name),
        xml.decimal(style(quantity), line.quantity),
        xml.text(style(Face::Centred), line.measure.as_deref().unwrap_or_default()),
        xml.decimal(style(Face::Money), line.price),
        xml.text(style(Face::Centred), &labels::rate(rate, shown.language)),
        xml.decimal(style(Face::Money), line.gross),
        xml.decimal(style(Face::Money), line.vat),
        xml.decimal(style(Face::Money), line.net),
    ];
    xml.text(style(Face::Centred), row.currency.as_deref().unwrap_or_default());
    xml.text(style(Face::Centred), labels::status(row.status).of(shown.language));
    xml.text(style(Face::Text), row.inn.as_deref().unwrap_or_default());
    xml.text(style(Face::Wrapped), row.my_company.as_deref().unwrap_or_default());
    match row.id {
        Some(id) => xml.whole(style(Face::Whole), id),
        None => xml.blank(style(Face::Whole)),
    }
    let worst = |wanted| held.contains(&wanted);
    if worst(Held::AsText) {
        Held::AsText
    } else if worst(Held::Cut) {
        Held::Cut
    } else {
        Held::Exactly
    }
}
