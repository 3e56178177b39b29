//! How many invoices `process_invoice_batch` processes in a second on one core: three rows each, two rates, requisites.
//!
//! `cargo bench -p cli --bench process_batch` prints the figure; `cargo xtask bench` compares it with its bar.

use std::process::ExitCode;
use std::time::Instant;

use data_processor::raw::{PartyKind, RawParty, RawRequisite, RawRow, RawStage, RawUser};
use data_processor::{RawInvoice, Rules, Token, process_invoice_batch};

/// Invoices of a batch: about a window of a register.
const BATCH: u32 = 1_000;
/// The median of so many batches: what else the machine does disturbs a few of them only.
const BATCHES: usize = 201;

fn main() -> ExitCode {
    let rules = Rules { currencies: [("RUB".to_owned(), 2)].into() };
    let Ok(batch) = (1..=u64::from(BATCH)).map(invoice).collect::<Result<Vec<_>, _>>() else {
        return ExitCode::FAILURE;
    };
    let mut times = Vec::with_capacity(BATCHES);
    for _ in 0..BATCHES {
        let batch = batch.clone();
        let started = Instant::now();
        let result = process_invoice_batch(batch, &rules);
        times.push(started.elapsed().as_secs_f64());
        if result.processed.len() != usize::try_from(BATCH).unwrap_or_default() {
            return ExitCode::FAILURE;
        }
    }
    times.sort_by(f64::total_cmp);
    let per_second = f64::from(BATCH) / times[BATCHES / 2];
    #[expect(clippy::print_stdout, reason = "the figure is what a bench is for")]
    {
        println!("{{\"invoices_per_second\": {per_second:.0}}}");
    }
    ExitCode::SUCCESS
}

fn invoice(id: u64) -> Result<RawInvoice, data_processor::raw::NotJson> {
    let number = |text: &str| Token::from_json(text);
    let row = |index: u64, price: &str, quantity: &str, rate: &str| {
        Ok(RawRow {
            id: id * 3 + index,
            name: "Монтаж оборудования".to_owned(),
            price: number(price)?,
            quantity: number(quantity)?,
            tax_rate: number(rate)?,
            tax_included: true,
            discount_sum: number("0")?,
            measure: Some("шт".to_owned()),
        })
    };
    Ok(RawInvoice {
        id,
        number: Some(format!("{id:05}-26")),
        title: Some(format!("Счёт {id}")),
        date: Some("2026-02-01T03:00:00+03:00".to_owned()),
        shipped_on: Some("2026-02-05T03:00:00+03:00".to_owned()),
        stage: RawStage {
            id: "DT31_3:P".to_owned(),
            name: Some("Оплачен".to_owned()),
            semantics: Some("S".to_owned()),
        },
        currency: Some("RUB".to_owned()),
        opportunity: number("2806.25")?,
        tax_value: number("479.26")?,
        seller: Some(party(1, "ООО \"Ромашка\"", "7707083893", "770701001")),
        counterparty: Some(party(id % 1_000, "АО \"Лесной берег\"", "7736207543", "773601001")),
        rows: vec![row(0, "1220", "2", "22")?, row(1, "366.25", "1", "10")?, row(2, "0.03", "0.125", "22")?],
        responsible: Some(RawUser { id: 7, name: "Анна Петрова".to_owned() }),
        url: Some(format!("https://acme.bitrix24.ru/crm/type/31/details/{id}/")),
        ..RawInvoice::default()
    })
}

fn party(id: u64, name: &str, inn: &str, kpp: &str) -> RawParty {
    RawParty {
        kind: PartyKind::Company,
        id,
        title: Some(name.to_owned()),
        requisite: Some(RawRequisite {
            id,
            company_name: Some(name.to_owned()),
            inn: Some(inn.to_owned()),
            kpp: Some(kpp.to_owned()),
            ..RawRequisite::default()
        }),
    }
}
