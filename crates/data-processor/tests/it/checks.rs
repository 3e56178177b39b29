use data_processor::raw::{RawNote, RawStage, RawUser};
use data_processor::{RawInvoice, Severity, Status};

use crate::sample::{invoice, listed, processed, some};

#[test]
fn a_clean_invoice_has_no_problems_and_keeps_what_it_came_with() {
    let raw = RawInvoice {
        title: some("Счёт"),
        url: some("https://example.bitrix24.ru/crm/type/31/details/1/"),
        responsible: Some(RawUser { id: 3, name: "Анна".to_owned() }),
        deal_id: Some(9),
        ..invoice(1)
    };
    let invoice = processed(raw);
    assert_eq!(listed(invoice.problems()), [] as [&str; 0]);
    assert_eq!((invoice.id(), invoice.number(), invoice.title()), (1, Some("А-1"), Some("Счёт")));
    assert_eq!(invoice.responsible().map(|user| user.name.as_str()), Some("Анна"));
    assert_eq!((invoice.url().is_some(), invoice.deal_id(), invoice.manual()), (true, Some(9), false));
    assert_eq!(invoice.lines()[0].name, "Товар");
}

#[test]
fn the_meaning_of_the_stage_decides_the_status_and_its_name_is_shown() {
    let of = |semantics: Option<&str>| {
        let stage = RawStage {
            id: "DT31_3:X".to_owned(),
            name: some("Стадия"),
            semantics: semantics.map(str::to_owned),
        };
        let invoice = processed(RawInvoice { stage, ..invoice(1) });
        assert_eq!(invoice.stage(), "Стадия");
        invoice.status().as_str()
    };
    assert_eq!(
        [of(Some("S")), of(Some("F")), of(None), of(Some("P"))],
        ["paid", "cancelled", "open", "open"]
    );
}

#[test]
fn an_unknown_stage_is_shown_by_its_id_and_reported() {
    let stage = RawStage { id: "DT31_3:UC_1".to_owned(), name: None, semantics: None };
    let invoice = processed(RawInvoice { stage, ..invoice(1) });
    assert_eq!((invoice.stage(), invoice.status()), ("DT31_3:UC_1", Status::Open));
    assert_eq!(listed(invoice.problems()), ["invoice.stage-unknown stage DT31_3:UC_1"]);
}

#[test]
fn notes_of_the_source_become_warnings() {
    let note = |code: &str, message: &str| RawNote {
        code: code.to_owned(),
        message: message.to_owned(),
        russian: None,
    };
    let notes = vec![
        note("invoice.requisite-link-broken", "requisite 27 is gone"),
        note("invoice.cache-stale", "read from cache"),
        // A source reports facts; it cannot reject.
        note("invoice.date-missing", "really"),
    ];
    let invoice = processed(RawInvoice { notes, ..invoice(1) });
    assert!(invoice.problems().iter().all(|problem| problem.severity() == Severity::Warning));
    insta::assert_snapshot!(listed(invoice.problems()).join("\n"), @"
    invoice.requisite-link-broken notes requisite 27 is gone
    invoice.source-note notes invoice.cache-stale: read from cache
    invoice.source-note notes invoice.date-missing: really
    ");
}

#[test]
fn an_invoice_without_number_is_a_warning() {
    for number in [None, some(" ")] {
        let invoice = processed(RawInvoice { number, ..invoice(1) });
        assert_eq!(
            (invoice.number(), listed(invoice.problems())),
            (None, vec!["invoice.number-missing number -".to_owned()])
        );
    }
}
