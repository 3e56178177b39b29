//! The totals sheet: an overview, charts, then section by section with sums that follow a filter.

use rust_decimal::Decimal;
use rust_xlsxwriter::{Format, Formula, Worksheet, XlsxError};

use super::charts;
use super::looks::{Plain, header};
use crate::Register;
use crate::register::{GroupTotals, SliceTotals};
use crate::render::cell::{self, Place};
use crate::render::labels;
use crate::render::presentation::{Label, Language};

/// Columns of the table.
const FIGURE: u16 = 4;
const COUNT: u16 = 5;
const GROSS: u16 = 6;
pub(super) const COLUMNS: u16 = 9;

/// One row of the sheet.
struct Line<'a> {
    title: String,
    count: Option<u64>,
    sums: [Option<&'a str>; 3],
}

impl<'a> Line<'a> {
    fn new(title: impl Into<String>, count: Option<u64>, gross: &'a str) -> Self {
        Self { title: title.into(), count, sums: [Some(gross), None, None] }
    }

    fn slice(title: impl Into<String>, slice: &'a SliceTotals) -> Self {
        Self {
            title: title.into(),
            count: Some(slice.count),
            sums: [Some(&slice.gross), Some(&slice.net), Some(&slice.vat)],
        }
    }
}

/// Whose totals: one of our companies, or all.
struct Owner<'a> {
    name: &'a str,
    inn: &'a str,
    totals: &'a GroupTotals,
}

/// The sheet as it grows.
struct Writer<'a> {
    sheet: &'a mut Worksheet,
    language: Language,
    row: u32,
    plain: Plain,
    bold: Plain,
}

/// First and last row of a block.
pub(super) type Block = (u32, u32);

pub(super) fn write(sheet: &mut Worksheet, register: &Register, language: Language) -> Result<(), XlsxError> {
    for (column, (title, width)) in (0..).zip(&labels::TOTALS_COLUMNS) {
        sheet.set_column_width(column, *width)?;
        sheet.write_string_with_format(0, column, title.of(language), &header())?;
    }
    let owners = owners(register, language);
    let mut writer = Writer { sheet, language, row: 1, plain: Plain::new(), bold: Plain::bold() };
    for owner in &owners {
        writer.overview(owner)?;
    }
    let charts_at = writer.row + 1;
    writer.row += charts::ROWS + 2;
    let mut charted: Option<(u64, &Owner<'_>, Block, Block)> = None;
    for owner in &owners {
        let (rates, months) = writer.sections(owner)?;
        // The one with the most invoices, over all companies where there are several.
        let better = charted.as_ref().is_none_or(|(count, ..)| owner.totals.count >= *count);
        if owner.totals.count > 0 && better {
            charted = Some((owner.totals.count, owner, rates, months));
        }
    }
    if let Some((_, owner, rates, months)) = charted {
        let whose = format!("{}, {}", owner.name, owner.totals.currency);
        charts::insert(writer.sheet, charts_at, &whose, rates, months, language)?;
    }
    for owner in &owners {
        writer.clients(owner)?;
    }
    let last = writer.row;
    sheet.set_print_area(0, 0, last, COLUMNS - 1)?;
    Ok(())
}

/// Our companies, then all of them together where a currency has several.
fn owners(register: &Register, language: Language) -> Vec<Owner<'_>> {
    let mut owners: Vec<Owner<'_>> = register
        .totals
        .iter()
        .map(|totals| Owner {
            name: totals.my_company.as_deref().unwrap_or(labels::SELLER_UNKNOWN.of(language)),
            inn: totals.my_inn.as_deref().unwrap_or_default(),
            totals,
        })
        .collect();
    let several = |currency: &str| register.totals.iter().filter(|it| it.currency == currency).count() > 1;
    let together = register.group_totals.iter().filter(|totals| several(&totals.currency));
    owners.extend(together.map(|totals| Owner { name: labels::OVER_SELLERS.of(language), inn: "", totals }));
    owners
}

impl Writer<'_> {
    fn overview(&mut self, owner: &Owner<'_>) -> Result<(), XlsxError> {
        let totals = owner.totals;
        let line = Line {
            title: labels::TOTAL.of(self.language).to_owned(),
            count: Some(totals.count),
            sums: [Some(&totals.gross), Some(&totals.net), Some(&totals.vat)],
        };
        self.line(owner, labels::SECTION_TOTAL, &line, true)?;
        if totals.cancelled.count > 0 {
            let line = Line::new(
                labels::TOTAL_CANCELLED.of(self.language),
                Some(totals.cancelled.count),
                &totals.cancelled.gross,
            );
            self.line(owner, labels::SECTION_TOTAL, &line, false)?;
        }
        Ok(())
    }

    /// The sections of a company; where its rates and months stand.
    fn sections(&mut self, owner: &Owner<'_>) -> Result<(Block, Block), XlsxError> {
        let (language, totals) = (self.language, owner.totals);
        let text = |label: Label| label.of(language);
        let sums = [Some(totals.gross.as_str()), None, None];
        self.block(
            owner,
            labels::SECTION_STATUS,
            &[
                Line::new(text(labels::TOTAL_PAID), Some(totals.paid.count), &totals.paid.gross),
                Line::new(text(labels::TOTAL_OPEN), Some(totals.open.count), &totals.open.gross),
            ],
            (Some(totals.count), sums),
        )?;
        let mut rates: Vec<Line<'_>> = totals
            .by_rate
            .iter()
            .map(|rate| Line {
                title: labels::rate(rate.rate, language).into_owned(),
                count: None,
                sums: [Some(&rate.gross), Some(&rate.net), Some(&rate.vat)],
            })
            .collect();
        let rate_rows = u32::try_from(rates.len()).unwrap_or(0);
        rates.push(Line::new(
            text(labels::TOTAL_WITHOUT_ROWS),
            Some(totals.without_rows.count),
            &totals.without_rows.gross,
        ));
        let difference = Some(totals.header_minus_rows.as_str());
        let title = text(labels::TOTAL_DIFFERENCE).to_owned();
        rates.push(Line { title, count: None, sums: [difference, difference, None] });
        let all = [Some(totals.gross.as_str()), Some(&totals.net), Some(&totals.vat)];
        let (first_rate, _) = self.block(owner, labels::SECTION_RATE, &rates, (None, all))?;
        if totals.manual.count > 0 {
            let title = text(labels::TOTAL_MANUAL);
            let line = Line::new(title, Some(totals.manual.count), &totals.manual.gross);
            self.line(owner, labels::SECTION_RATE, &line, false)?;
        }
        let months: Vec<Line<'_>> = totals
            .by_month
            .iter()
            .map(|month| Line::slice(month.first_day.strftime("%m.%Y").to_string(), &month.sums))
            .collect();
        let months = self.block(owner, labels::SECTION_MONTH, &months, (Some(totals.count), all))?;
        self.row += 1;
        Ok(((first_rate, first_rate + rate_rows.max(1) - 1), months))
    }

    fn clients(&mut self, owner: &Owner<'_>) -> Result<(), XlsxError> {
        let (language, totals) = (self.language, owner.totals);
        let nobody = labels::CLIENT_UNKNOWN.of(language);
        let clients: Vec<Line<'_>> = totals
            .by_counterparty
            .iter()
            .map(|client| {
                let name = client.counterparty.as_deref().unwrap_or(nobody);
                let title = match &client.inn {
                    Some(inn) => format!("{name}, {} {inn}", labels::TOTALS_COLUMNS[1].0.of(language)),
                    None => name.to_owned(),
                };
                Line::slice(title, &client.sums)
            })
            .collect();
        let all = [Some(totals.gross.as_str()), Some(&totals.net), Some(&totals.vat)];
        self.block(owner, labels::SECTION_CLIENT, &clients, (Some(totals.count), all))?;
        self.row += 1;
        Ok(())
    }

    /// Lines and their sum as a formula that a filter changes; the rows of the lines.
    fn block(
        &mut self,
        owner: &Owner<'_>,
        section: Label,
        lines: &[Line<'_>],
        (count, sums): (Option<u64>, [Option<&str>; 3]),
    ) -> Result<Block, XlsxError> {
        let first = self.row;
        for line in lines {
            self.line(owner, section, line, false)?;
        }
        let last = self.row.max(first + 1) - 1;
        if lines.is_empty() {
            return Ok((first, last));
        }
        let title = labels::SUM_TOTAL.of(self.language).to_owned();
        self.line(owner, section, &Line { title, count, sums: [None; 3] }, true)?;
        let row = self.row - 1;
        let exact = |column: usize| lines.iter().filter_map(|line| line.sums[column]).all(fits);
        for (column, sum) in sums.iter().enumerate() {
            let Some(value) = sum else { continue };
            let place = GROSS + u16::try_from(column).unwrap_or(0);
            if fits(value) && exact(column) {
                self.sum(row, place, (first, last), value)?;
            } else {
                self.amount(row, place, Some(value), true)?;
            }
        }
        if let Some(count) = count {
            self.sum(row, COUNT, (first, last), &count.to_string())?;
        }
        Ok((first, last))
    }

    fn sum(&mut self, row: u32, column: u16, (first, last): Block, value: &str) -> Result<(), XlsxError> {
        let letter = char::from(b'A' + u8::try_from(column).unwrap_or(0));
        let formula = format!("SUBTOTAL(109,{letter}{}:{letter}{})", first + 1, last + 1);
        let format = if column == COUNT { &self.bold.whole } else { &self.bold.money };
        self.sheet.write_formula_with_format(row, column, Formula::new(formula).set_result(value), format)?;
        Ok(())
    }

    fn line(
        &mut self,
        owner: &Owner<'_>,
        section: Label,
        line: &Line<'_>,
        bold: bool,
    ) -> Result<(), XlsxError> {
        let row = self.row;
        self.row += 1;
        let looks = if bold { &self.bold } else { &self.plain };
        let texts = [
            (owner.name, &looks.wrapped),
            (owner.inn, &looks.text),
            (owner.totals.currency.as_str(), &looks.text),
            (section.of(self.language), &looks.text),
            (line.title.as_str(), &looks.wrapped),
        ];
        for (column, (text, format)) in (0..=FIGURE).zip(texts) {
            cell::text(self.sheet, Place { row, column, format }, text)?;
        }
        match line.count {
            Some(count) => {
                let place = Place { row, column: COUNT, format: &looks.whole };
                cell::number(self.sheet, place, Decimal::from(count))?;
            }
            None => {
                self.sheet.write_blank(row, COUNT, &looks.whole)?;
            }
        }
        for (column, amount) in (GROSS..).zip(line.sums) {
            self.amount(row, column, amount, bold)?;
        }
        Ok(())
    }

    fn amount(&mut self, row: u32, column: u16, amount: Option<&str>, bold: bool) -> Result<(), XlsxError> {
        let format: &Format = if bold { &self.bold.money } else { &self.plain.money };
        let place = Place { row, column, format };
        match amount.map(|text| (text, text.parse::<Decimal>())) {
            Some((_, Ok(value))) => {
                cell::number(self.sheet, place, value)?;
            }
            // A sum with more digits than a decimal holds stays exact as text.
            Some((text, Err(_))) => {
                cell::text(self.sheet, place, text)?;
            }
            None => {
                self.sheet.write_blank(row, column, format)?;
            }
        }
        Ok(())
    }
}

/// Whether a cell holds the amount as a number.
fn fits(amount: &str) -> bool {
    amount.parse::<Decimal>().is_ok_and(cell::fits)
}
