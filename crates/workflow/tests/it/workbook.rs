//! The workbook, read back by another program.

use calamine::{Data, DataType as _, Reader as _, Xlsx, open_workbook};

use crate::raw_register::{HEADER, Made, invoice, make};

pub(crate) fn sheet(made: &Made, name: &str) -> Vec<Vec<Data>> {
    let mut workbook: Xlsx<_> = open_workbook(&made.path).unwrap();
    workbook.worksheet_range(name).unwrap().rows().map(<[Data]>::to_vec).collect()
}

pub(crate) fn column(rows: &[Vec<Data>], title: &str) -> usize {
    rows[0].iter().position(|cell| cell.get_string() == Some(title)).unwrap()
}

#[test]
fn cells_are_numbers_dates_and_text() {
    let made = make(&[HEADER.to_owned(), invoice(1, "2026-02-01", "122")], "r.xlsx", None);
    let rows = sheet(&made, "Реестр");
    let cell = |title: &str| rows[1][column(&rows, title)].clone();
    assert_eq!(cell("Сумма с НДС"), Data::Float(122.0));
    assert_eq!(cell("НДС"), Data::Float(22.0));
    assert_eq!(cell("ИНН"), Data::String("7736207543".to_owned()));
    assert_eq!(cell("Контрагент"), Data::String("=HYPERLINK(\"http://x\")".to_owned()), "text stays text");
    assert!(matches!(cell("Дата счёта"), Data::DateTime(date) if date.to_string() == "46054"));
    assert_eq!(cell("Ставка НДС"), Data::String("22 %".to_owned()));
    assert_eq!(cell("Статус"), Data::String("оплачен".to_owned()));
}

#[test]
fn a_number_that_a_cell_cannot_hold_is_written_as_text_and_listed() {
    let made = make(&[HEADER.to_owned(), invoice(1, "2026-02-01", "1234567890123456.789")], "r.xlsx", None);
    let rows = sheet(&made, "Реестр");
    assert_eq!(rows[1][column(&rows, "Сумма с НДС")], Data::String("1234567890123456.789".to_owned()));
    assert!(made.register.problems.contains_key("register.cell-precision"));
    let problems = sheet(&made, "Проблемы");
    let reason = column(&problems, "Причина");
    assert!(problems.iter().any(|row| row[reason].to_string().contains("15 значащих")), "{problems:?}");
}

#[test]
fn rejected_invoices_and_gaps_are_in_the_register_and_among_the_problems() {
    let lines = [
        HEADER.to_owned(),
        invoice(1, "2026-02-01", "null"),
        r#"{"gap":{"id":4,"known":null,"missing":[{"part":"rows","reason":"time-out"}]}}"#.to_owned(),
    ];
    let made = make(&lines, "r.xlsx", None);
    let rows = sheet(&made, "Реестр");
    let status = column(&rows, "Статус");
    let statuses: Vec<_> = rows[1..3].iter().map(|row| row[status].to_string()).collect();
    assert_eq!(statuses, ["отклонён", "не получен"]);
    let problems = sheet(&made, "Проблемы");
    let severity = column(&problems, "Важность");
    let severities: Vec<_> = problems[1..].iter().map(|row| row[severity].to_string()).collect();
    assert!(severities.contains(&"ошибка".to_owned()) && severities.contains(&"не получено".to_owned()));
    let about = sheet(&made, "Сведения");
    let complete = about.iter().find(|row| row[0] == "Реестр полон").unwrap();
    assert!(complete[1].to_string().starts_with("НЕТ"), "{complete:?}");
}

#[test]
fn totals_stand_per_company_and_currency() {
    let made = make(
        &[HEADER.to_owned(), invoice(1, "2026-02-01", "122"), invoice(2, "2026-02-02", "122")],
        "r.xlsx",
        None,
    );
    let rows = sheet(&made, "Итоги");
    let (what, gross, vat) =
        (column(&rows, "Показатель"), column(&rows, "Сумма с НДС"), column(&rows, "НДС"));
    let total = rows.iter().find(|row| row[what] == "Всего (без отменённых)").unwrap();
    assert_eq!((total[gross].clone(), total[vat].clone()), (Data::Float(244.0), Data::Float(44.0)));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let lines = [HEADER.to_owned(), invoice(1, "2026-02-01", "122"), invoice(2, "2026-02-02", "\"12,5\"")];
    let bytes = || std::fs::read(&make(&lines, "r.xlsx", None).path).unwrap();
    assert!(bytes() == bytes(), "the workbook differs between two runs");
}
