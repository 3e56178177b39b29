use data_processor::raw::RawStage;
use data_processor::totals::Sum;
use data_processor::{Group, RawInvoice, Totals, VatRate, process_invoice_batch};

use crate::sample::{company, decimal, invoice, row, rules, some, token};

fn stage(semantics: Option<&str>) -> RawStage {
    RawStage {
        id: "DT31_3:X".to_owned(), name: some("Стадия"), semantics: semantics.map(str::to_owned)
    }
}

fn totals(batch: Vec<RawInvoice>) -> Totals {
    let mut totals = Totals::default();
    for invoice in &process_invoice_batch(batch, &rules()).processed {
        totals.add(invoice);
    }
    totals
}

/// A group as the register prints it.
fn shown(group: &Group) -> String {
    let money = |sum: &Sum| sum.text(group.minor_digits);
    let rates: Vec<String> = group
        .by_rate
        .iter()
        .map(|line| {
            let rate = line.rate.percent().map_or_else(|| "none".to_owned(), |rate| rate.to_string());
            format!("{rate}: {} {} {}", money(&line.gross), money(&line.net), money(&line.vat))
        })
        .collect();
    let pair = |tally: &data_processor::totals::Tally| format!("{} of {}", tally.count, money(&tally.gross));
    format!(
        "{} {} {}: {} invoices, gross {}, net {}, vat {}\n  rates [{}]\n  without rows {}, header minus rows {}, paid {}, open {}, cancelled {}",
        group.my_company.as_deref().unwrap_or("-"),
        group.my_inn.as_deref().unwrap_or("-"),
        group.currency,
        group.count,
        money(&group.gross),
        money(&group.net),
        money(&group.vat),
        rates.join(", "),
        pair(&group.without_rows),
        money(&group.header_minus_rows),
        pair(&group.paid),
        pair(&group.open),
        pair(&group.cancelled),
    )
}

#[test]
fn totals_are_kept_per_seller_and_currency_and_cancelled_invoices_enter_no_other_sum() {
    let batch = vec![
        RawInvoice { stage: stage(Some("S")), ..invoice(1) },
        RawInvoice { opportunity: token("1000"), manual: true, ..invoice(2) },
        RawInvoice { rows: Vec::new(), opportunity: token("500.50"), ..invoice(3) },
        RawInvoice { stage: stage(Some("F")), opportunity: token("9999"), ..invoice(4) },
        RawInvoice {
            currency: some("KZT"),
            rows: vec![row("100", "1", "null"), row("20", "1", "0")],
            ..invoice(5)
        },
        RawInvoice { seller: Some(company(8, "ООО «Вереск»", "7830002293")), ..invoice(6) },
        RawInvoice { seller: None, stage: stage(Some("F")), ..invoice(7) },
    ];
    let totals = totals(batch);
    let shown: Vec<String> = totals.groups().iter().map(shown).collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    - - RUB: 0 invoices, gross 0.00, net 0.00, vat 0.00
      rates []
      without rows 0 of 0.00, header minus rows 0.00, paid 0 of 0.00, open 0 of 0.00, cancelled 1 of 1220.00
    ООО «Вереск» 7830002293 RUB: 1 invoices, gross 1220.00, net 1000.00, vat 220.00
      rates [22: 1220.00 1000.00 220.00]
      without rows 0 of 0.00, header minus rows 0.00, paid 0 of 0.00, open 1 of 1220.00, cancelled 0 of 0.00
    ООО «Ромашка» 7707083893 KZT: 1 invoices, gross 1220.00, net 1220.00, vat 0.00
      rates [0: 20.00 20.00 0.00, none: 100.00 100.00 0.00]
      without rows 0 of 0.00, header minus rows 1100.00, paid 0 of 0.00, open 1 of 1220.00, cancelled 0 of 0.00
    ООО «Ромашка» 7707083893 RUB: 3 invoices, gross 2720.50, net 1780.00, vat 440.00
      rates [22: 2440.00 2000.00 440.00]
      without rows 1 of 500.50, header minus rows -220.00, paid 1 of 1220.00, open 2 of 1500.50, cancelled 1 of 9999.00
    ");
}

#[test]
fn windows_merge_into_the_totals_of_the_whole() {
    let batch: Vec<RawInvoice> = (1..=6).map(invoice).collect();
    let mut merged = Totals::default();
    for window in batch.chunks(2) {
        merged.merge(&totals(window.to_vec()));
    }
    assert_eq!(merged, totals(batch));
    assert_eq!(merged.groups()[0].by_rate[0].rate, VatRate::Rate(decimal("22")));
}

#[test]
fn a_sum_keeps_more_digits_than_a_decimal() {
    let mut sum = Sum::default();
    assert_eq!(sum.text(2), "0.00");
    for _ in 0..100 {
        sum += decimal("9999999999999999999999999999");
        sum += decimal("0.0000000000000000000000000001");
    }
    assert_eq!(sum.text(2), "999999999999999999999999999900.00000000000000000000000001");
    assert_eq!(sum.decimal(), None);
    let mut negative = Sum::default();
    negative += decimal("-1.5");
    negative += decimal("0.25");
    assert_eq!((negative.text(2), negative.decimal()), ("-1.25".to_owned(), Some(decimal("-1.25"))));
    negative += decimal("1.25");
    assert_eq!(negative, Sum::default());
}
