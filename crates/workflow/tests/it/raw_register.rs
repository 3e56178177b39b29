//! Registers made from files of raw invoices: no portal, no clock.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;
use workflow::register::{Outputs, Selection};
use workflow::render::{Presentation, Renderer};
use workflow::source::raw_file::{RawFile, RawWriter};
use workflow::source::{InvoiceSource as _, Origin};
use workflow::{Period, Register, register};

pub(crate) const HEADER: &str = r#"{"b24_raw":1,"origin":{"portal":"acme.bitrix24.ru","user":{"id":7,"name":"Иван Петров","administrator":false},"period":{"from":"2026-01-01","to":"2026-12-31"},"counted":3,"currencies":{"RUB":2,"JPY":0},"date_fields":[]}}"#;

/// A raw invoice with one row of 122.00 at 22 %.
pub(crate) fn invoice(id: u64, date: &str, amount: &str) -> String {
    format!(
        r#"{{"invoice":{{"id":{id},"number":"СЧ-{id}","date":"{date}T03:00:00+03:00","stage":{{"id":"DT31_3:P","name":"Оплачен","semantics":"S"}},"currency":"RUB","opportunity":{amount},"tax_value":22,"seller":{{"kind":"company","id":1,"title":"ООО Ромашка","requisite":{{"id":1,"company_name":"ООО \"Ромашка\"","inn":"7707083893","kpp":"770701001"}}}},"counterparty":{{"kind":"company","id":9,"title":"Клиент","requisite":{{"id":2,"company_name":"=HYPERLINK(\"http://x\")","inn":"7736207543","kpp":"773601001"}}}},"rows":[{{"id":1,"name":"Услуга","price":122,"quantity":1,"tax_rate":22,"tax_included":true}}],"url":"https://acme.bitrix24.ru/crm/type/31/details/{id}/"}}}}"#
    )
}

/// The text of a whole file: header, these lines and the end that belongs to them.
pub(crate) fn whole(lines: &[String]) -> String {
    format!("{}\n{{\"end\":{{\"items\":{}}}}}\n", lines.join("\n"), lines.len() - 1)
}

pub(crate) struct Made {
    pub(crate) register: Register,
    pub(crate) path: PathBuf,
    _folder: tempfile::TempDir,
}

/// The register of these raw lines in the format of `name`.
pub(crate) fn make(lines: &[String], name: &str, period: Option<Period>) -> Made {
    make_shown(lines, name, period, &Presentation::default())
}

/// The same, shown differently.
pub(crate) fn make_shown(lines: &[String], name: &str, period: Option<Period>, shown: &Presentation) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("raw.jsonl");
    fs::write(&input, whole(lines)).unwrap();
    let path = folder.path().join(name);
    let register = make_at(&input, &path, period, shown).unwrap();
    Made { register, path, _folder: folder }
}

fn make_at(
    input: &Path,
    output: &Path,
    period: Option<Period>,
    shown: &Presentation,
) -> Result<Register, workflow::Error> {
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let mut source = RawFile::open(input)?;
    let selection = Selection { period, ..Selection::default() }.completed_by(source.origin());
    let outputs = Outputs::one(Renderer::presented(output, false, now, shown)?);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(register::run(&mut source, &selection, outputs, None, &mut |_| {}))
}

fn rows(made: &Made) -> Vec<Value> {
    let text = fs::read_to_string(&made.path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_input_is_a_row_processed_rejected_or_gap() {
    let lines = [
        HEADER.to_owned(),
        invoice(1, "2026-02-01", "122"),
        invoice(2, "2026-02-02", "\"12,5\""),
        "{\"invoice\":{\"id\":3,\"number\":".to_owned(),
        r#"{"gap":{"id":4,"known":null,"missing":[{"part":"rows","reason":"time-out"}]}}"#.to_owned(),
    ];
    let made = make(&lines, "r.jsonl", None);
    let statuses: Vec<_> = rows(&made).iter().map(|row| (row["id"].clone(), row["status"].clone())).collect();
    insta::assert_snapshot!(serde_json::to_string(&statuses).unwrap(), @r#"[[1,"paid"],[2,"rejected"],[4,"gap"],[null,"gap"]]"#);
    let counts = made.register.counts;
    assert_eq!((counts.invoices, counts.paid, counts.rejected, counts.gaps), (4, 1, 1, 2));
    assert!(!made.register.is_complete());
    let unreadable = &rows(&made)[3]["problems"][0];
    assert_eq!(unreadable["code"], "register.gap-header");
    assert!(unreadable["message"].as_str().unwrap().contains("line 4 of"), "{unreadable}");
}

#[test]
fn the_row_of_an_invoice_has_the_documented_members_and_exact_amounts() {
    let made = make(&[HEADER.to_owned(), invoice(1, "2026-02-01", "1234567890123456.789")], "r.jsonl", None);
    let mut row = rows(&made).remove(0);
    row.as_object_mut().unwrap().remove("problems");
    insta::assert_snapshot!(serde_json::to_string_pretty(&row).unwrap(), @r#"
    {
      "counterparty": "=HYPERLINK(\"http://x\")",
      "counterparty_card": {
        "id": 9,
        "kind": "company"
      },
      "currency": "RUB",
      "date": "2026-02-01",
      "deal_id": null,
      "difference": "0.00",
      "gross": "1234567890123456.789",
      "header_minus_rows": "1234567890123334.789",
      "id": 1,
      "inn": "7736207543",
      "is_private_person": false,
      "kpp": "773601001",
      "manual_differs": false,
      "month": "2026-02",
      "my_company": "ООО \"Ромашка\"",
      "my_company_id": 1,
      "my_inn": "7707083893",
      "my_kpp": "770701001",
      "net": "1234567890123434.789",
      "number": "СЧ-1",
      "paid_by": null,
      "paid_on": null,
      "paid_sum": null,
      "portal_vat": "22.00",
      "remainder": null,
      "responsible": null,
      "responsible_id": null,
      "responsible_url": null,
      "shipped_on": null,
      "stage": "Оплачен",
      "status": "paid",
      "url": "https://acme.bitrix24.ru/crm/type/31/details/1/",
      "vat": "22.00",
      "vat_by_rate": [
        {
          "gross": "122.00",
          "net": "100.00",
          "rate": "22",
          "vat": "22.00"
        }
      ]
    }
    "#);
}

#[test]
fn a_currency_without_minor_unit_is_written_without_fraction_and_a_strange_one_with_two_digits() {
    let strange = |id, code: &str| invoice(id, "2026-02-01", "122").replace("RUB", code);
    let made = make(&[HEADER.to_owned(), strange(1, "JPY"), strange(2, "XTS")], "r.jsonl", None);
    let rows = rows(&made);
    assert_eq!((rows[0]["gross"].as_str(), rows[1]["gross"].as_str()), (Some("122"), Some("122.00")));
    assert_eq!(made.register.problems.get("invoice.currency-unknown"), Some(&1));
    assert!(made.register.is_complete(), "an unknown currency is a problem, not a rejection");
}

#[test]
fn a_period_keeps_the_invoices_dated_inside_it_both_ends_included() {
    let lines: Vec<String> = std::iter::once(HEADER.to_owned())
        .chain(
            ["2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01"]
                .iter()
                .zip(1..)
                .map(|(d, id)| invoice(id, d, "122")),
        )
        .collect();
    let made = make(&lines, "r.jsonl", Some("2026-02".parse().unwrap()));
    let ids: Vec<_> = rows(&made).iter().map(|row| row["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [2, 3]);
}

#[test]
fn csv_has_one_header_row_and_neutralises_formulas() {
    let made = make(&[HEADER.to_owned(), invoice(1, "2026-02-01", "122")], "r.csv", None);
    insta::assert_snapshot!(fs::read_to_string(&made.path).unwrap(), @r#"
    id,number,date,shipped_on,paid_on,status,stage,currency,gross,net,vat,vat_by_rate,portal_vat,counterparty,inn,kpp,my_company,my_inn,responsible,url,problems
    1,СЧ-1,2026-02-01,,,paid,Оплачен,RUB,122.00,100.00,22.00,22:122.00/22.00,22.00,"'=HYPERLINK(""http://x"")",7736207543,773601001,"ООО ""Ромашка""",7707083893,,https://acme.bitrix24.ru/crm/type/31/details/1/,
    "#);
}

#[test]
fn an_output_that_exists_or_has_a_strange_name_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("raw.jsonl");
    fs::write(&input, HEADER).unwrap();
    let output = folder.path().join("r.xlsx");
    fs::write(&output, "mine").unwrap();
    assert_eq!(make_at(&input, &output, None, &Presentation::default()).unwrap_err().code(), "output.exists");
    assert_eq!(fs::read(&output).unwrap(), b"mine");
    let strange = make_at(&input, &folder.path().join("r.pdf"), None, &Presentation::default()).unwrap_err();
    assert_eq!(strange.code(), "output.format-unknown");
    assert_eq!(
        make_at(&folder.path().join("no"), &folder.path().join("n.csv"), None, &Presentation::default())
            .unwrap_err()
            .code(),
        "input.not-readable"
    );
}

#[test]
fn a_file_of_a_newer_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("raw.jsonl");
    fs::write(&input, r#"{"b24_raw":2,"origin":{"currencies":{},"date_fields":[]}}"#).unwrap();
    let error = RawFile::open(&input).unwrap_err();
    assert_eq!(error.code(), "input.newer-version");
}

#[tokio::test]
async fn saved_raw_invoices_make_the_same_register_again() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("raw.jsonl");
    let lines = [
        HEADER.to_owned(),
        invoice(1, "2026-02-01", "1234567890123456.789"),
        invoice(2, "2026-02-02", "1.5E2"),
    ];
    fs::write(&input, whole(&lines)).unwrap();
    let mut source = RawFile::open(&input).unwrap();
    let saved = folder.path().join("saved.jsonl");
    let mut writer = RawWriter::create(&saved, false, source.origin()).unwrap();
    while let Some(window) = source.next_window(&mut |_| {}).await.unwrap() {
        writer.add(&window).unwrap();
    }
    assert!(!saved.exists(), "the file has its name only when it is complete");
    writer.finish().unwrap().commit().unwrap();
    let text = fs::read_to_string(&saved).unwrap();
    assert!(text.contains("\"opportunity\":1234567890123456.789"), "amounts are saved verbatim");
    assert!(text.contains("\"opportunity\":1.5E2"));

    let register = |path: &Path| {
        let (path, output) =
            (path.to_owned(), folder.path().join(format!("{}.csv", fs::read(path).unwrap().len())));
        std::thread::spawn(move || {
            make_at(&path, &output, None, &Presentation::default()).unwrap();
            fs::read_to_string(output).unwrap()
        })
        .join()
        .unwrap()
    };
    assert_eq!(register(&input), register(&saved));
    let origin: Origin = RawFile::open(&saved).unwrap().origin().clone();
    assert_eq!(origin.portal.as_deref(), Some("acme.bitrix24.ru"));
}

#[test]
fn a_file_that_was_cut_makes_no_complete_register() {
    let lines = [HEADER.to_owned(), invoice(1, "2026-02-01", "122"), invoice(2, "2026-02-02", "122")];
    let whole = whole(&lines);
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("cut.jsonl");
    for (kept, name) in [(2, "a.jsonl"), (3, "b.jsonl")] {
        let text: Vec<&str> = whole.lines().take(kept).collect();
        fs::write(&input, text.join("\n")).unwrap();
        let register = make_at(&input, &folder.path().join(name), None, &Presentation::default()).unwrap();
        assert!(!register.is_complete(), "{kept} lines");
        assert!(register.shown[0].1.message.contains("its last line is missing"), "{:?}", register.shown);
    }
}

#[test]
fn an_invoice_that_stands_twice_in_the_file_is_counted_once_and_told() {
    let lines = [3, 1, 3, 2, 1].map(|id| invoice(id, "2026-02-01", "122"));
    let made = make(&[&[HEADER.to_owned()], &lines[..]].concat(), "r.jsonl", None);
    assert_eq!((made.register.counts.paid, made.register.counts.gaps), (3, 2));
    assert_eq!(made.register.totals[0].gross, "366.00");
    assert!(made.register.shown[0].1.message.contains("stands in the file already"));
}

#[test]
fn a_line_that_is_no_text_is_a_gap_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("raw.jsonl");
    let mut bytes =
        whole(&[HEADER.to_owned(), "XX".to_owned(), invoice(1, "2026-02-01", "122")]).into_bytes();
    let at = bytes.windows(2).position(|two| two == b"XX").unwrap();
    bytes[at] = 0xff;
    fs::write(&input, bytes).unwrap();
    let register = make_at(&input, &folder.path().join("r.csv"), None, &Presentation::default()).unwrap();
    assert_eq!((register.counts.paid, register.counts.gaps), (1, 1));
    assert!(register.shown[0].1.message.contains("line 2 of"), "{:?}", register.shown);
}
