//! Laws that hold for any input.

use data_processor::raw::{PartyKind, RawParty, RawRequisite, RawRow, RawStage};
use data_processor::totals::Sum;
use data_processor::{ProcessedInvoice, RawInvoice, Severity, Status, Token, Totals, process_invoice_batch};
use proptest::prelude::*;

use crate::sample::{company, invoice, rules, some, token};

/// Numbers, almost numbers, and anything else JSON can hold. Boxed, as the others: a whole invoice of unboxed
/// strategies is more than the stack of a test's thread holds.
fn any_token() -> BoxedStrategy<Token> {
    prop_oneof![
        3 => (any::<i64>(), 0_usize..12).prop_map(|(units, scale)| {
            let size = format!("{:0width$}", units.unsigned_abs(), width = scale + 1);
            let (whole, fraction) = size.split_at(size.len() - scale);
            let sign = if units < 0 { "-" } else { "" };
            let whole = whole.trim_start_matches('0');
            let whole = if whole.is_empty() { "0" } else { whole };
            token(&if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
        }),
        2 => "-?[1-9][0-9]{0,30}(\\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?".prop_map(|text| token(&text)),
        2 => ("-?[0-9]{0,9}[.,]?[0-9]{0,3}").prop_map(|text| token(&serde_json::to_string(&text).unwrap())),
        1 => any::<String>().prop_map(|text| token(&serde_json::to_string(&text).unwrap())),
        1 => prop::sample::select(vec!["null", "true", "{}", "[0]", "0", "22", "1e400"]).prop_map(token),
    ]
    .boxed()
}

fn any_text() -> BoxedStrategy<Option<String>> {
    prop::option::of(prop_oneof![
        any::<String>(),
        "[0-9 ]{9,16}",
        "20[0-9]{2}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:00:00[-+]1[0-9]:00)?",
        prop::sample::select(vec!["RUB", "KZT", "USD", "S", "F", ""]).prop_map(str::to_owned),
    ])
    .boxed()
}

fn any_party() -> BoxedStrategy<Option<RawParty>> {
    let requisite = prop::array::uniform9(any_text()).prop_map(|texts| {
        let [name, company_name, last_name, first_name, second_name, inn, kpp, ogrn, ogrnip] = texts;
        let company_full_name = None;
        RawRequisite {
            id: 1,
            name,
            company_name,
            company_full_name,
            last_name,
            first_name,
            second_name,
            inn,
            kpp,
            ogrn,
            ogrnip,
        }
    });
    let party =
        (any::<bool>(), any_text(), prop::option::of(requisite)).prop_map(|(contact, title, requisite)| {
            let kind = if contact { PartyKind::Contact } else { PartyKind::Company };
            RawParty { kind, id: 1, title, requisite }
        });
    prop::option::of(party).boxed()
}

/// Every field is anything.
fn wild() -> impl Strategy<Value = RawInvoice> {
    let texts = prop::array::uniform8(any_text());
    let rows = prop::collection::vec(prop::array::uniform4(any_token()), 0..4);
    (any::<u64>(), texts, any_token(), any_token(), any_party(), any_party(), rows).prop_map(
        |(id, texts, opportunity, tax_value, seller, counterparty, rows)| {
            let [number, date, due, shipped_on, paid_on, stage, semantics, currency] = texts;
            let stage = RawStage { id: "DT31_3:N".to_owned(), name: stage, semantics };
            let rows = rows.into_iter().map(|[price, quantity, tax_rate, discount_sum]| RawRow {
                price,
                quantity,
                tax_rate,
                discount_sum,
                ..RawRow::default()
            });
            let rows = rows.collect();
            RawInvoice {
                id,
                number,
                date,
                due,
                shipped_on,
                paid_on,
                stage,
                currency,
                opportunity,
                tax_value,
                seller,
                counterparty,
                rows,
                ..RawInvoice::default()
            }
        },
    )
}

/// An invoice that comes through, with ordinary but odd numbers.
fn sound() -> impl Strategy<Value = RawInvoice> {
    let rates = prop::sample::select(vec!["22", "20", "10.0", "7", "5", "0", "null", "18.03"]);
    let row = ("-?[1-9][0-9]{0,6}(\\.[0-9]{1,8})?", "[0-9](\\.[0-9]{1,4})?", rates);
    let rows = prop::collection::vec(row, 0..5);
    let fields = ("-?[1-9][0-9]{0,8}(\\.[0-9]{1,5})?", 0_usize..3, 0_usize..3, 0_usize..3);
    (1_u64..1000, fields, rows).prop_map(|(id, (gross, seller, currency, stage), rows)| {
        let rows = rows.iter().map(|(price, quantity, rate)| crate::sample::row(price, quantity, rate));
        let semantics = [None, some("S"), some("F")][stage].clone();
        RawInvoice {
            opportunity: token(&gross),
            rows: rows.collect(),
            currency: some(["RUB", "KZT", "JPY"][currency]),
            seller: [None, Some(company(7, "А", "7707083893")), Some(company(8, "Б", "7830002293"))][seller]
                .clone(),
            stage: RawStage { id: "DT31_3:X".to_owned(), name: some("Стадия"), semantics },
            ..invoice(id)
        }
    })
}

fn totals(batch: Vec<RawInvoice>) -> Totals {
    let mut totals = Totals::default();
    for invoice in &process_invoice_batch(batch, &rules()).processed {
        totals.add(invoice);
    }
    totals
}

proptest! {
    #[test]
    fn processed_and_rejected_together_are_the_input(batch in prop::collection::vec(wild(), 0..6)) {
        let result = process_invoice_batch(batch.clone(), &rules());
        prop_assert_eq!(result.processed.len() + result.rejected.len(), batch.len());
        let (mut processed, mut rejected) = (result.processed.iter(), result.rejected.iter().peekable());
        for raw in batch {
            if rejected.peek().is_some_and(|next| next.raw == raw) {
                let problems = &rejected.next().unwrap().problems;
                prop_assert!(problems.iter().any(|problem| problem.severity() == Severity::Rejection));
            } else {
                let invoice = processed.next().unwrap();
                prop_assert_eq!(invoice.id(), raw.id);
                prop_assert!(invoice.problems().iter().all(|problem| problem.severity() == Severity::Warning));
            }
        }
    }

    #[test]
    fn every_problem_names_its_field_in_russian(raw in wild()) {
        let result = process_invoice_batch(vec![raw], &rules());
        let processed = result.processed.iter().flat_map(ProcessedInvoice::problems);
        for problem in processed.chain(result.rejected.iter().flat_map(|invoice| &invoice.problems)) {
            let field = problem.russian_field();
            prop_assert!(!field.contains(|letter: char| letter.is_ascii_alphabetic()), "{}", field);
        }
    }

    #[test]
    fn totals_of_anything_never_panic_and_can_be_written(batch in prop::collection::vec(wild(), 0..6)) {
        for group in totals(batch).groups() {
            prop_assert!(!group.gross.text(group.minor_digits).is_empty());
            prop_assert!(group.header_minus_rows.text(0).parse::<f64>().is_ok());
        }
    }

    #[test]
    fn the_order_of_input_never_changes_a_total(
        (batch, shuffled) in prop::collection::vec(sound(), 0..12)
            .prop_flat_map(|batch| (Just(batch.clone()), Just(batch).prop_shuffle())),
        cut in 0_usize..12,
    ) {
        let whole = totals(batch);
        prop_assert_eq!(&whole, &totals(shuffled.clone()));
        let cut = cut.min(shuffled.len());
        let mut merged = totals(shuffled[cut..].to_vec());
        merged.merge(&totals(shuffled[..cut].to_vec()));
        prop_assert_eq!(whole, merged);
    }

    #[test]
    fn rates_and_invoices_without_rows_and_differences_add_up_to_gross(batch in prop::collection::vec(sound(), 0..12)) {
        let result = process_invoice_batch(batch.clone(), &rules());
        prop_assert_eq!(result.processed.len(), batch.len());
        let mut all = Sum::default();
        for group in totals(batch).groups() {
            let mut parts = Sum::default();
            for line in &group.by_rate {
                parts += &line.gross;
                let mut line_gross = line.net.clone();
                line_gross += &line.vat;
                prop_assert_eq!(&line_gross, &line.gross);
            }
            parts += &group.without_rows.gross;
            parts += &group.header_minus_rows;
            prop_assert_eq!(&parts, &group.gross);
            let mut by_status = group.paid.gross.clone();
            by_status += &group.open.gross;
            prop_assert_eq!(&by_status, &group.gross);
            prop_assert_eq!(group.count, group.paid.count + group.open.count);
            let (mut clients, mut months) = (Sum::default(), Sum::default());
            group.by_client.values().for_each(|slice| clients += &slice.gross);
            group.by_month.values().for_each(|slice| months += &slice.gross);
            prop_assert_eq!((&clients, &months), (&group.gross, &group.gross));
            let counted: u64 = group.by_client.values().map(|slice| slice.count).sum();
            prop_assert_eq!(counted, group.count);
            all += &group.gross;
            all += &group.cancelled.gross;
        }
        let mut expected = Sum::default();
        for invoice in &result.processed {
            expected += invoice.gross();
        }
        prop_assert_eq!(all, expected);
    }

    #[test]
    fn the_sums_over_sellers_are_those_of_the_sellers(batch in prop::collection::vec(sound(), 0..12)) {
        let totals = totals(batch);
        for over in totals.over_sellers() {
            let (mut gross, mut vat, mut count) = (Sum::default(), Sum::default(), 0);
            for group in totals.groups().iter().filter(|group| group.currency == over.currency) {
                gross += &group.gross;
                vat += &group.vat;
                count += group.count;
            }
            prop_assert_eq!((&over.gross, &over.vat, over.count), (&gross, &vat, count));
        }
    }

    #[test]
    fn the_parts_of_an_invoice_add_up(raw in sound()) {
        let result = process_invoice_batch(vec![raw], &rules());
        let invoice = &result.processed[0];
        let vat: rust_decimal::Decimal = invoice.lines().iter().map(|line| line.vat).sum();
        let gross: rust_decimal::Decimal = invoice.vat_by_rate().iter().map(|line| line.gross).sum();
        if invoice.lines().is_empty() {
            prop_assert_eq!((invoice.vat(), invoice.rows_gross()), (None, None));
        } else {
            prop_assert_eq!((invoice.vat(), invoice.rows_gross()), (Some(vat), Some(gross)));
            prop_assert_eq!(invoice.net(), Some(invoice.gross() - vat));
            prop_assert_eq!(invoice.header_minus_rows(), Some(invoice.gross() - gross));
        }
        prop_assert!(matches!(invoice.status(), Status::Paid | Status::Open | Status::Cancelled));
    }
}
