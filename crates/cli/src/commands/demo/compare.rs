//! The register's totals beside those the sandbox computed on its own.

use std::fmt;

use b24_sandbox::CurrencyTotals;
use rust_decimal::Decimal;
use serde::Serialize;
use workflow::register::GroupTotals;

/// One figure that is not the same in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Difference {
    group: String,
    figure: String,
    register: Option<String>,
    model: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |figure: &Option<String>| figure.clone().unwrap_or_else(|| "nothing".to_owned());
        let (register, model) = (text(&self.register), text(&self.model));
        write!(f, "{}, {}: the register says {register}, the model {model}", self.group, self.figure)
    }
}

/// A named figure of a group.
type Figure = (String, Decimal);

/// Every figure that differs, groups in the register's order, then those only the model has.
pub(super) fn differences(register: &[GroupTotals], model: &[CurrencyTotals]) -> Vec<Difference> {
    let mut differences = Vec::new();
    let names = register.iter().map(|g| name(g.my_company.as_deref(), &g.currency));
    let mut groups: Vec<String> = names.collect();
    for total in model {
        let name = name(total.my_company.as_deref(), &total.currency);
        if !groups.contains(&name) {
            groups.push(name);
        }
    }
    for group in groups {
        let ours = register.iter().find(|g| name(g.my_company.as_deref(), &g.currency) == group);
        let theirs = model.iter().find(|g| name(g.my_company.as_deref(), &g.currency) == group);
        let ours = ours.map(of_register).unwrap_or_default();
        let theirs = theirs.map(of_model).unwrap_or_default();
        for figure in all_names(&ours, &theirs) {
            let value =
                |figures: &[Figure]| figures.iter().find(|(n, _)| *n == figure).map(|(_, value)| *value);
            let (register, model) = (value(&ours), value(&theirs));
            if register != model {
                differences.push(Difference {
                    group: group.clone(),
                    figure,
                    register: register.map(|value| value.to_string()),
                    model: model.map(|value| value.to_string()),
                });
            }
        }
    }
    differences
}

fn all_names(ours: &[Figure], theirs: &[Figure]) -> Vec<String> {
    let mut names: Vec<String> = ours.iter().map(|(name, _)| name.clone()).collect();
    for (name, _) in theirs {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn name(company: Option<&str>, currency: &str) -> String {
    format!("{} {currency}", company.unwrap_or("(no seller)"))
}

fn of_register(group: &GroupTotals) -> Vec<Figure> {
    // A text that is no decimal shows as a figure the model does not have.
    let amount = |text: &str| text.parse().unwrap_or(Decimal::MAX);
    let mut figures = figures(
        [group.count, group.without_rows.count, group.paid.count, group.open.count, group.cancelled.count],
        [
            amount(&group.gross),
            amount(&group.net),
            amount(&group.vat),
            amount(&group.without_rows.gross),
            amount(&group.header_minus_rows),
            amount(&group.paid.gross),
            amount(&group.open.gross),
            amount(&group.cancelled.gross),
        ],
    );
    for rate in &group.by_rate {
        figures.extend(of_rate(rate.rate, [amount(&rate.gross), amount(&rate.net), amount(&rate.vat)]));
    }
    figures
}

fn of_model(total: &CurrencyTotals) -> Vec<Figure> {
    let mut figures = figures(
        [total.count, total.without_rows.count, total.paid.count, total.open.count, total.cancelled.count],
        [
            total.gross,
            total.net,
            total.vat,
            total.without_rows.gross,
            total.header_minus_rows,
            total.paid.gross,
            total.open.gross,
            total.cancelled.gross,
        ],
    );
    for rate in &total.by_rate {
        figures.extend(of_rate(rate.rate, [rate.gross, rate.net, rate.vat]));
    }
    figures
}

fn figures(counts: [u64; 5], amounts: [Decimal; 8]) -> Vec<Figure> {
    let counted =
        ["invoices", "invoices without rows", "paid invoices", "open invoices", "cancelled invoices"];
    let summed = [
        "gross",
        "net",
        "VAT",
        "gross without rows",
        "header minus rows",
        "gross paid",
        "gross open",
        "gross cancelled",
    ];
    let counts = counted.into_iter().zip(counts.map(Decimal::from));
    counts.chain(summed.into_iter().zip(amounts)).map(|(name, value)| (name.to_owned(), value)).collect()
}

fn of_rate(rate: Option<Decimal>, amounts: [Decimal; 3]) -> Vec<Figure> {
    let rate = rate.map_or_else(|| "no VAT".to_owned(), |rate| format!("{} %", rate.normalize()));
    let names = ["gross", "net", "VAT"].map(|name| format!("{name} at {rate}"));
    names.into_iter().zip(amounts).collect()
}
