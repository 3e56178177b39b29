use data_processor::RawInvoice;
use data_processor::raw::{PartyKind, RawParty, RawRequisite};

use crate::sample::{company, invoice, listed, processed, some};

fn party(kind: PartyKind, title: Option<&str>, requisite: Option<RawRequisite>) -> RawParty {
    RawParty { kind, id: 5, title: title.map(str::to_owned), requisite }
}

fn name_of(title: Option<&str>, requisite: RawRequisite) -> Option<String> {
    let counterparty = Some(party(PartyKind::Company, title, Some(requisite)));
    let invoice = processed(RawInvoice { counterparty, ..invoice(1) });
    invoice.counterparty().and_then(|party| party.name()).map(str::to_owned)
}

#[test]
fn a_company_is_called_by_its_short_legal_name() {
    let requisite = RawRequisite {
        company_name: some("  ООО \"Лютик\" "),
        company_full_name: some("Общество с ограниченной ответственностью \"Лютик\""),
        name: some("Лютик"),
        ogrnip: some("304500116000157"),
        ..RawRequisite::default()
    };
    assert_eq!(name_of(Some("лютик, старый"), requisite).as_deref(), Some("ООО \"Лютик\""));
}

#[test]
fn an_entrepreneur_is_called_by_the_full_name_with_one_prefix() {
    let ogrnip = some("304500116000157");
    let person = RawRequisite {
        company_name: some(" "),
        name: some("Иванов"),
        last_name: some("Иванов "),
        first_name: some("Пётр"),
        second_name: some(""),
        ogrnip: ogrnip.clone(),
        ..RawRequisite::default()
    };
    assert_eq!(name_of(None, person.clone()).as_deref(), Some("ИП Иванов Пётр"));
    let named =
        RawRequisite {
            name: some("ИП Иванов П. С."), ogrnip: ogrnip.clone(), ..RawRequisite::default()
        };
    assert_eq!(name_of(None, named).as_deref(), Some("ИП Иванов П. С."));
    let nameless = RawRequisite { ogrnip, ..RawRequisite::default() };
    assert_eq!(name_of(Some("Карточка"), nameless).as_deref(), Some("Карточка"));
    // Without an OGRNIP it is a person, and the requisite's name goes first.
    assert_eq!(name_of(None, RawRequisite { ogrnip: None, ..person.clone() }).as_deref(), Some("Иванов"));
    assert_eq!(
        name_of(None, RawRequisite { ogrnip: None, name: None, ..person }).as_deref(),
        Some("Иванов Пётр")
    );
}

#[test]
fn a_contact_without_requisites_is_a_private_person_and_no_problem() {
    let counterparty = Some(party(PartyKind::Contact, Some("Петрова Анна Игоревна"), None));
    let invoice = processed(RawInvoice { counterparty, ..invoice(1) });
    let person = invoice.counterparty().unwrap();
    assert!(person.is_private_person());
    assert_eq!((person.name(), person.inn()), (Some("Петрова Анна Игоревна"), None));
    assert_eq!(listed(invoice.problems()), [] as [&str; 0]);
}

#[test]
fn a_company_without_requisite_is_a_warning_and_keeps_its_title() {
    let counterparty = Some(party(PartyKind::Company, Some("Лютик"), None));
    let invoice = processed(RawInvoice { counterparty, ..invoice(1) });
    assert_eq!(invoice.counterparty().and_then(|party| party.name()), Some("Лютик"));
    assert!(!invoice.counterparty().unwrap().is_private_person());
    assert_eq!(listed(invoice.problems()), ["invoice.requisite-missing counterparty Лютик"]);
}

#[test]
fn missing_parties_are_warnings() {
    let invoice = processed(RawInvoice { seller: None, counterparty: None, ..invoice(1) });
    assert_eq!((invoice.seller(), invoice.counterparty()), (None, None));
    assert_eq!(
        listed(invoice.problems()),
        ["invoice.seller-missing seller -", "invoice.counterparty-missing counterparty -"]
    );
}

#[test]
fn white_space_is_taken_out_of_identifiers_and_a_wrong_one_stays_as_a_warning() {
    let mut seller = company(7, "ООО «Ромашка»", " 77 07\u{a0}08 3893\t");
    let mut client = company(12, "ООО «Лютик»", "7707083894");
    let requisite = client.requisite.as_mut().unwrap();
    requisite.kpp = some("77070100");
    requisite.ogrn = some("1027700132196");
    requisite.ogrnip = some("30450011600015");
    seller.requisite.as_mut().unwrap().kpp = some(" 7707 01 001");
    seller.requisite.as_mut().unwrap().ogrn = some("1027700132195");
    let invoice = processed(RawInvoice { seller: Some(seller), counterparty: Some(client), ..invoice(1) });
    let (seller, client) = (invoice.seller().unwrap(), invoice.counterparty().unwrap());
    assert_eq!(
        (seller.inn(), seller.kpp(), seller.ogrn()),
        (Some("7707083893"), Some("770701001"), Some("1027700132195"))
    );
    assert_eq!((client.inn(), client.kpp()), (Some("7707083894"), Some("77070100")));
    assert_eq!((client.ogrn(), client.ogrnip()), (Some("1027700132196"), Some("30450011600015")));
    insta::assert_snapshot!(listed(invoice.problems()).join("\n"), @"
    invoice.inn-checksum counterparty.requisite.inn 7707083894
    invoice.kpp-malformed counterparty.requisite.kpp 77070100
    invoice.ogrn-checksum counterparty.requisite.ogrn 1027700132196
    invoice.ogrnip-malformed counterparty.requisite.ogrnip 30450011600015
    ");
}

#[test]
fn an_inn_that_is_empty_or_zero_is_a_warning_of_a_company() {
    let of = |inn| {
        listed(processed(RawInvoice { counterparty: Some(company(1, "А", inn)), ..invoice(1) }).problems())
    };
    assert_eq!(of("  "), ["invoice.inn-missing counterparty.requisite.inn -"]);
    assert_eq!(of("0000000000"), ["invoice.inn-malformed counterparty.requisite.inn 0000000000"]);
    assert_eq!(of("500100732258"), ["invoice.inn-checksum counterparty.requisite.inn 500100732258"]);
    assert_eq!(of("500100732259"), [] as [&str; 0]);
}

#[test]
fn a_party_without_any_name_is_a_warning() {
    let requisite = RawRequisite { inn: some("7707083893"), ..RawRequisite::default() };
    let seller = Some(party(PartyKind::Company, Some(" "), Some(requisite)));
    let invoice = processed(RawInvoice { seller, ..invoice(1) });
    assert_eq!(listed(invoice.problems()), ["invoice.name-missing seller -"]);
}
