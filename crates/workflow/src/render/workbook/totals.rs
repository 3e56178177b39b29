//! The totals sheet: one block per own company and currency, one fact a row.

use rust_decimal::Decimal;
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::looks::Looks;
use crate::register::GroupTotals;
use crate::render::cell::{self, Place};
use crate::render::labels;

/// One row of the sheet.
struct Line<'a> {
    title: String,
    count: Option<u64>,
    gross: &'a str,
    net: Option<&'a str>,
    vat: Option<&'a str>,
    bold: bool,
}

impl<'a> Line<'a> {
    fn new(title: impl Into<String>, count: Option<u64>, gross: &'a str) -> Self {
        Self { title: title.into(), count, gross, net: None, vat: None, bold: false }
    }
}

pub(super) fn write(sheet: &mut Worksheet, looks: &Looks, groups: &[GroupTotals]) -> Result<(), XlsxError> {
    let mut row = 0;
    for group in groups {
        for line in lines(group) {
            row += 1;
            write_line(sheet, looks, row, group, &line)?;
        }
    }
    Ok(())
}

fn lines(group: &GroupTotals) -> Vec<Line<'_>> {
    let mut lines = vec![
        Line {
            net: Some(&group.net),
            vat: Some(&group.vat),
            bold: true,
            ..Line::new(labels::TOTAL, Some(group.count), &group.gross)
        },
        Line::new(labels::TOTAL_PAID, Some(group.paid.count), &group.paid.gross),
        Line::new(labels::TOTAL_OPEN, Some(group.open.count), &group.open.gross),
    ];
    lines.extend(group.by_rate.iter().map(|rate| Line {
        net: Some(&rate.net),
        vat: Some(&rate.vat),
        ..Line::new(labels::rate_total(rate.rate), None, &rate.gross)
    }));
    lines.push(Line::new(
        labels::TOTAL_WITHOUT_ROWS,
        Some(group.without_rows.count),
        &group.without_rows.gross,
    ));
    lines.push(Line::new(labels::TOTAL_DIFFERENCE, None, &group.header_minus_rows));
    lines.push(Line::new(labels::TOTAL_CANCELLED, Some(group.cancelled.count), &group.cancelled.gross));
    lines
}

fn write_line(
    sheet: &mut Worksheet,
    looks: &Looks,
    row: u32,
    group: &GroupTotals,
    line: &Line<'_>,
) -> Result<(), XlsxError> {
    let texts = [
        group.my_company.as_deref().unwrap_or(labels::SELLER_UNKNOWN),
        group.my_inn.as_deref().unwrap_or_default(),
        &group.currency,
        &line.title,
    ];
    for (column, text) in (0..).zip(texts) {
        cell::text(sheet, Place { row, column, format: looks.text(line.bold) }, text)?;
    }
    match line.count {
        Some(count) => {
            cell::number(sheet, Place { row, column: 4, format: looks.count() }, Decimal::from(count))?;
        }
        None => {
            sheet.write_blank(row, 4, looks.count())?;
        }
    }
    for (column, amount) in (5..).zip([Some(line.gross), line.net, line.vat]) {
        let place = Place { row, column, format: looks.money(line.bold) };
        match amount.map(|text| (text, text.parse::<Decimal>())) {
            Some((_, Ok(value))) => {
                cell::number(sheet, place, value)?;
            }
            // A sum with more digits than a decimal holds stays exact as text.
            Some((text, Err(_))) => {
                cell::text(sheet, place, text)?;
            }
            None => {
                sheet.write_blank(row, column, place.format)?;
            }
        }
    }
    Ok(())
}
