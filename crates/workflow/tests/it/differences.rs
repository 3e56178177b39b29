//! Registers compared, whatever they were written as.

use std::fs;
use std::path::{Path, PathBuf};

use workflow::diff::Differences;
use workflow::register::{self, Outputs, Selection};
use workflow::render::{CsvProfile, Language, Layout, Presentation, Renderer};
use workflow::source::raw_file::RawFile;

use crate::raw_register::{HEADER, invoice, whole};

/// Every way to write a register.
const WAYS: [(&str, Language, CsvProfile); 6] = [
    ("a.jsonl", Language::Russian, CsvProfile::Machine),
    ("a.csv", Language::Russian, CsvProfile::Machine),
    ("ru.csv", Language::Russian, CsvProfile::RuExcel),
    ("old.csv", Language::Russian, CsvProfile::Cp1251),
    ("a.xlsx", Language::Russian, CsvProfile::Machine),
    ("en.xlsx", Language::English, CsvProfile::Machine),
];

fn write(folder: &Path, lines: &[String], name: &str, language: Language, csv: CsvProfile) -> PathBuf {
    write_as(folder, lines, name, &Presentation::new(Layout::Register, language, csv))
}

/// As the two sheets of an earlier system.
fn write_brief(folder: &Path, lines: &[String], name: &str, language: Language) -> PathBuf {
    write_as(folder, lines, name, &Presentation::new(Layout::Brief, language, CsvProfile::Machine))
}

fn write_as(folder: &Path, lines: &[String], name: &str, shown: &Presentation) -> PathBuf {
    let input = folder.join("raw.jsonl");
    fs::write(&input, whole(&[&[HEADER.to_owned()], lines].concat())).unwrap();
    let path = folder.join(name);
    let renderer = Renderer::presented(&path, true, "2026-11-20T12:00:00Z".parse().unwrap(), shown).unwrap();
    let mut source = RawFile::open(&input).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (selection, outputs) = (Selection::default(), Outputs::one(renderer));
    runtime.block_on(register::run(&mut source, &selection, outputs, None, &mut |_| {})).unwrap();
    path
}

/// Odd ones: a private person, no rows, a refused amount, a formula for a name, minus signs, two rates, no number, and
/// one of which nothing is known, not at the end.
fn lines() -> Vec<String> {
    let person = invoice(2, "2026-02-02", "122").replace(
        r#"{"kind":"company","id":9,"title":"Клиент","requisite":{"id":2,"company_name":"=HYPERLINK(\"http://x\")","inn":"7736207543","kpp":"773601001"}}"#,
        r#"{"kind":"contact","id":9,"title":"Иванов Иван"}"#,
    );
    assert!(person.contains("Иванов"));
    let row = r#"{"id":1,"name":"Услуга","price":122,"quantity":1,"tax_rate":22,"tax_included":true}"#;
    let empty = invoice(3, "2026-02-03", "55.5").replace(row, "");
    let mixed = invoice(4, "2026-02-04", "-10.25")
        .replace(row, &format!("{row},{}", row.replace("\"tax_rate\":22", "\"tax_rate\":null")));
    let refused = invoice(5, "2026-02-05", "\"12,5\"");
    let nameless = invoice(6, "2026-02-06", "122").replace("\"СЧ-6\"", "null");
    let unknown =
        r#"{"gap":{"id":null,"known":null,"missing":[{"part":"header","reason":"cut"}]}}"#.to_owned();
    vec![invoice(1, "2026-02-01", "122"), person, empty, unknown, mixed, refused, nameless]
}

#[test]
fn one_register_written_in_every_way_does_not_differ_from_itself() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = WAYS
        .iter()
        .map(|(name, language, csv)| write(folder.path(), &lines(), name, *language, *csv))
        .collect();
    for old in &files {
        for new in &files {
            let found = Differences::between(old, new).unwrap();
            assert!(found.is_empty(), "{old:?} and {new:?}: {found:#?}");
            assert_eq!(found.unchanged, 7, "{old:?} and {new:?}");
            assert!(found.compared.contains(&"gross") && found.compared.contains(&"rates"), "{found:?}");
        }
    }
}

#[test]
fn a_brief_register_does_not_differ_from_any_other_of_the_same_invoices() {
    let folder = tempfile::tempdir().unwrap();
    let mut files: Vec<PathBuf> = WAYS
        .iter()
        .map(|(name, language, csv)| write(folder.path(), &lines(), name, *language, *csv))
        .collect();
    let briefs = [("brief.xlsx", Language::Russian), ("brief-en.xlsx", Language::English)];
    let briefs = briefs.map(|(name, language)| write_brief(folder.path(), &lines(), name, language));
    files.extend(briefs.clone());
    for brief in &briefs {
        for other in &files {
            for (old, new) in [(brief, other), (other, brief)] {
                let found = Differences::between(old, new).unwrap();
                assert!(found.is_empty(), "{old:?} and {new:?}: {found:#?}");
                assert_eq!(found.unchanged, 7, "{old:?} and {new:?}");
                let compared =
                    ["date", "counterparty", "inn", "gross", "portal_vat", "shipped_on", "paid_on"];
                assert!(compared.iter().all(|id| found.compared.contains(id)), "{:?}", found.compared);
            }
        }
    }
}

#[test]
fn what_changed_between_two_brief_registers_is_told_by_number() {
    let folder = tempfile::tempdir().unwrap();
    let old = write_brief(folder.path(), &lines(), "old.xlsx", Language::Russian);
    let mut later = lines();
    later.remove(2);
    later[0] = later[0]
        .replace("\"opportunity\":122,", "\"opportunity\":1220.50,")
        .replace("\"tax_value\":22", "\"tax_value\":0")
        .replace("2026-02-01T", "2026-02-11T");
    later.push(invoice(9, "2026-02-09", "7"));
    for new in [
        write_brief(folder.path(), &later, "new.xlsx", Language::English),
        write(folder.path(), &later, "new.jsonl", Language::Russian, CsvProfile::Machine),
    ] {
        let found = Differences::between(&old, &new).unwrap();
        let number = |invoice: &workflow::diff::Invoice| invoice.number.clone().unwrap_or_default();
        assert_eq!(found.appeared.iter().map(number).collect::<Vec<_>>(), ["СЧ-9"], "{new:?}");
        assert_eq!(found.vanished.iter().map(number).collect::<Vec<_>>(), ["СЧ-3"], "{new:?}");
        assert_eq!((found.changed.len(), found.unchanged), (1, 5), "{new:?}");
        let told = |change: &workflow::diff::FieldChange| {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            format!("{}: {} -> {}", change.field, text(&change.old), text(&change.new))
        };
        let changed: Vec<String> = found.changed[0].fields.iter().map(told).collect();
        insta::allow_duplicates! {
            insta::assert_snapshot!(changed.join("\n"), @r"
            date: 2026-02-01 -> 2026-02-11
            gross: 122 -> 1220.5
            portal_vat: 22 -> 0
            ");
        }
    }
}

#[test]
fn what_appeared_vanished_and_changed_is_told_field_by_field_across_formats() {
    let folder = tempfile::tempdir().unwrap();
    let old = write(folder.path(), &lines(), "old.xlsx", Language::Russian, CsvProfile::Machine);
    let mut later = lines();
    later.remove(2);
    later[0] =
        later[0].replace("\"opportunity\":122,", "\"opportunity\":1220.50,").replace("Оплачен", "Закрыт");
    later.push(invoice(9, "2026-02-09", "7"));
    let new = write(folder.path(), &later, "new.jsonl", Language::Russian, CsvProfile::Machine);
    let found = Differences::between(&old, &new).unwrap();
    assert_eq!((found.appeared.len(), found.vanished.len(), found.unchanged), (1, 1, 5));
    assert_eq!(found.appeared[0].id.as_deref(), Some("9"));
    assert_eq!(found.vanished[0].number.as_deref(), Some("СЧ-3"));
    let told = |change: &workflow::diff::FieldChange| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        format!("{}: {} -> {}", change.field, text(&change.old), text(&change.new))
    };
    let changed: Vec<String> = found.changed[0].fields.iter().map(told).collect();
    insta::assert_snapshot!(changed.join("\n"), @r"
    stage: Оплачен -> Закрыт
    gross: 122 -> 1220.5
    net: 100 -> 1198.5
    header_minus_rows: 0 -> 1098.5
    ");
}

#[test]
fn a_file_that_is_no_register_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let register = write(folder.path(), &lines(), "a.jsonl", Language::Russian, CsvProfile::Machine);
    for (name, text, code) in [
        ("x.jsonl", "{\"id\":1}\n", "input.no-register"),
        ("y.jsonl", "not json\n", "input.no-register"),
        ("u.jsonl", "{\"id\":1,\"status\":\"created\"}\n", "input.no-register"),
        ("z.csv", "a,b\n1,2\n", "input.no-register"),
        ("deals.csv", "ID,TITLE\n1,a\n", "input.no-register"),
        ("ids.csv", "id\n1\n", "input.no-register"),
        ("w.xlsx", "PK", "input.no-register"),
        ("v.pdf", "", "output.format-unknown"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        assert_eq!(Differences::between(&register, &path).unwrap_err().code(), code, "{name}");
    }
    let missing = folder.path().join("missing.csv");
    assert_eq!(Differences::between(&missing, &register).unwrap_err().code(), "input.not-readable");
}

#[test]
fn a_register_is_no_file_of_raw_invoices() {
    let folder = tempfile::tempdir().unwrap();
    let register = write(folder.path(), &lines(), "r.jsonl", Language::Russian, CsvProfile::Machine);
    let csv = write(folder.path(), &lines(), "r.csv", Language::Russian, CsvProfile::Machine);
    let workbook = write(folder.path(), &lines(), "r.xlsx", Language::Russian, CsvProfile::Machine);
    for (path, said) in [(register, "is a register"), (csv, "something else"), (workbook, "something else")] {
        let error = RawFile::open(&path).unwrap_err();
        assert_eq!(error.code(), "input.no-raw-invoices", "{path:?}");
        assert!(error.to_string().contains(said) && error.hint().unwrap().contains("--save-raw"), "{error}");
    }
}
