//! What a person who makes a register may choose: layout, language, columns, kinds of CSV.

use std::fs;
use std::io::Read as _;

use calamine::{Data, Reader as _, Xlsx, open_workbook};
use workflow::render::{CsvProfile, Language, Layout, Presentation};

use crate::raw_register::{HEADER, Made, invoice, make, make_shown};
use crate::workbook::{column, sheet};

fn csv(profile: CsvProfile) -> Presentation {
    Presentation::new(Layout::Register, Language::Russian, profile)
}

fn three() -> Vec<String> {
    vec![
        HEADER.to_owned(),
        invoice(1, "2026-02-01", "122"),
        invoice(2, "2026-02-02", "1220.5").replace("\"semantics\":\"S\"", "\"semantics\":null"),
        invoice(3, "2026-03-03", "-12").replace("\"semantics\":\"S\"", "\"semantics\":\"F\""),
    ]
}

fn sheets(made: &Made) -> Vec<String> {
    let workbook: Xlsx<_> = open_workbook(&made.path).unwrap();
    workbook.sheet_names()
}

/// A part of the workbook's archive as text.
fn part(made: &Made, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(fs::File::open(&made.path).unwrap()).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_full_sheet_goes_on_in_the_next_and_the_facts_say_so() {
    let mut lines = vec![HEADER.to_owned()];
    lines.extend((1..=30).map(|id| invoice(id, "2026-02-01", "122")));
    let made = make_shown(&lines, "r.xlsx", None, &Presentation::default().sheet_rows(12));
    let names = sheets(&made);
    assert_eq!(names[..3], ["Реестр", "Реестр 2", "Реестр 3"]);
    let numbers: Vec<String> = ["Реестр", "Реестр 2", "Реестр 3"]
        .iter()
        .flat_map(|name| {
            let rows = sheet(&made, name);
            let number = column(&rows, "Номер");
            rows[1..].iter().map(|row| row[number].to_string()).collect::<Vec<_>>()
        })
        .filter(|number| !number.is_empty())
        .collect();
    assert_eq!(numbers, (1..=30).map(|id| format!("СЧ-{id}")).collect::<Vec<_>>());
    let facts = sheet(&made, "Сведения");
    let said = facts.iter().find(|row| row[0].to_string().starts_with("«Реестр» продолжается")).unwrap();
    assert_eq!(said[1], Data::String("Реестр (11), Реестр 2 (11), Реестр 3 (8)".to_owned()));
    // The total is a formula over all three sheets with the value of all invoices.
    let last = part(&made, "xl/worksheets/sheet4.xml");
    let total = if last.contains("SUMIF(") { last } else { part(&made, "xl/worksheets/sheet3.xml") };
    assert!(total.contains("SUMIF('Реестр'!$AF$2:$AF$12") && total.contains("<v>3660.00</v>"));
    assert!(part(&made, "xl/tables/table1.xml").contains("ref=\"A1:AF12\""));
    assert!(part(&made, "xl/tables/table3.xml").contains("ref=\"A1:AF9\""));
    assert!(!part(&made, "xl/worksheets/sheet2.xml").contains("tabSelected"));
}

#[test]
fn every_row_says_in_which_total_it_enters_while_it_is_visible() {
    let made = make(&three(), "r.xlsx", None);
    let rows = sheet(&made, "Реестр");
    let total = column(&rows, "Номер итога");
    let entered: Vec<_> = rows[1..4].iter().map(|row| row[total].to_string()).collect();
    assert_eq!(entered, ["1", "1", "0"], "cancelled invoices enter no total");
    let xml = part(&made, "xl/worksheets/sheet1.xml");
    assert!(xml.contains("<f>SUBTOTAL(103,A2)*1</f><v>1</v>"));
    assert!(xml.contains("<f>SUMIF($AF$2:$AF$4,$AF$7,$G$2:$G$4)</f><v>1342.50</v>"));
    assert!(
        xml.contains(
            "HYPERLINK(\"https://acme.bitrix24.ru/crm/type/31/details/1/\",\"СЧ-1\")</f><v>СЧ-1</v>"
        )
    );
}

#[test]
fn the_sheet_of_rows_has_every_product_with_its_invoice() {
    let made = make(&three(), "r.xlsx", None);
    let rows = sheet(&made, "Строки");
    assert_eq!(rows.len(), 4);
    let cell = |title: &str| rows[1][column(&rows, title)].clone();
    assert_eq!(cell("Наименование товара"), Data::String("Услуга".to_owned()));
    assert_eq!((cell("Сумма с НДС"), cell("НДС")), (Data::Float(122.0), Data::Float(22.0)));
    assert_eq!(cell("ИНН"), Data::String("7736207543".to_owned()));
}

#[test]
fn sections_of_the_totals_add_up_to_the_invoices() {
    let made = make(&three(), "r.xlsx", None);
    let rows = sheet(&made, "Итоги");
    let (section, figure, gross) =
        (column(&rows, "Раздел"), column(&rows, "Показатель"), column(&rows, "Сумма с НДС"));
    let sums: Vec<_> = rows
        .iter()
        .filter(|row| row[figure] == "Итого")
        .map(|row| (row[section].to_string(), row[gross].clone()))
        .collect();
    assert_eq!(sums.len(), 4);
    assert!(sums.iter().all(|(_, sum)| *sum == Data::Float(1342.5)), "{sums:?}");
    assert!(part(&made, "xl/charts/chart1.xml").contains("Сумма с НДС по месяцам"));
    assert!(part(&made, "xl/charts/chart2.xml").contains("НДС по ставкам"));
}

#[test]
fn the_brief_layout_has_the_columns_and_totals_of_the_earlier_system() {
    let shown = Presentation::new(Layout::Brief, Language::Russian, CsvProfile::Machine);
    let made = make_shown(&three(), "r.xlsx", None, &shown);
    assert_eq!(sheets(&made), ["Краткий", "Полный", "Проблемы", "Сведения"]);
    let brief: Vec<String> = sheet(&made, "Краткий")
        .iter()
        .map(|row| row.iter().map(Data::to_string).collect::<Vec<_>>().join("|"))
        .collect();
    insta::assert_snapshot!(brief.join("\n"), @r#"
    Номер|ИНН|Контрагент|Сумма|НДС|Дата счёта|Дата отгрузки|Дата оплаты
    СЧ-1|7736207543|=HYPERLINK("http://x")|122|22|46054||
    СЧ-2|7736207543|=HYPERLINK("http://x")|1220.5|22|46055||
    СЧ-3|7736207543|=HYPERLINK("http://x")|-12|22|46084||
    |||||||
    ||Всего счетов на сумму:|1342.5||||
    ||Счетов без НДС на сумму:|0||||
    ||Счетов с НДС на сумму:|1342.5||||
    ||Всего НДС в счетах:|44||||
    ||Отменённых счетов (в суммы не входят):|-12||||
    "#);
    let full = sheet(&made, "Полный");
    let titles: Vec<String> = full[0].iter().map(Data::to_string).collect();
    assert_eq!(
        titles,
        ["Номер", "ИНН", "Контрагент", "Наименование товара", "Кол-во", "Цена", "Сумма", "Сумма НДС"]
    );
    let styles = part(&made, "xl/styles.xml");
    for colour in ["FCE4D6", "C6E0B4", "FFC0CB", "D3D3D3", "F2F2F2"] {
        assert!(styles.contains(colour), "{colour} is missing");
    }
}

#[test]
fn labels_are_english_on_request() {
    let shown = Presentation::new(Layout::Register, Language::English, CsvProfile::Machine);
    let made = make_shown(&three(), "r.xlsx", None, &shown);
    assert_eq!(sheets(&made), ["Register", "Rows", "Totals", "Problems", "About"]);
    let rows = sheet(&made, "Register");
    assert_eq!(rows[2][column(&rows, "Status")], Data::String("open".to_owned()));
    let problems = sheet(&made, "Problems");
    let text: String = problems.iter().flatten().map(ToString::to_string).collect();
    assert!(!text.contains("Сумма введена"), "{text}");
}

#[test]
fn columns_are_chosen_and_ordered_and_an_unknown_one_is_an_error() {
    let shown = Presentation::default().columns(&["gross", "number"]).unwrap();
    let made = make_shown(&three(), "r.xlsx", None, &shown);
    let rows = sheet(&made, "Реестр");
    let titles: Vec<String> = rows[0].iter().map(ToString::to_string).collect();
    // Totals need a column whose cells are never empty, and one that says which total a row enters.
    assert_eq!(titles, ["Сумма с НДС", "Номер", "Статус", "Номер итога"]);
    assert_eq!(Presentation::default().columns(&["numbr"]).unwrap_err().code(), "register.column-unknown");
    let twice = Presentation::default().columns(&["vat", "vat"]).unwrap_err();
    assert_eq!(twice.code(), "register.column-repeated");
}

#[test]
fn a_russian_excel_gets_its_mark_semicolons_and_commas() {
    let shown =
        csv(CsvProfile::RuExcel).columns(&["number", "date", "counterparty", "gross", "net"]).unwrap();
    let made = make_shown(&three(), "r.csv", None, &shown);
    let text = String::from_utf8(fs::read(&made.path).unwrap()).unwrap();
    assert!(text.starts_with('\u{feff}'));
    insta::assert_snapshot!(text.trim_start_matches('\u{feff}').replace('\r', "¶"), @r#"
    Номер;Дата счёта;Контрагент;Сумма с НДС;Сумма без НДС¶
    СЧ-1;01.02.2026;"'=HYPERLINK(""http://x"")";122,00;100,00¶
    СЧ-2;02.02.2026;"'=HYPERLINK(""http://x"")";1220,50;1198,50¶
    СЧ-3;03.03.2026;"'=HYPERLINK(""http://x"")";-12,00;-34,00¶
    "#);
}

#[test]
fn the_windows_encoding_says_what_it_cannot_hold() {
    let lines = [HEADER.to_owned(), invoice(1, "2026-02-01", "122").replace("Ромашка\\\"", "Ромашка 😀\\\"")];
    let shown = csv(CsvProfile::Cp1251).columns(&["number", "my_company"]).unwrap();
    let made = make_shown(&lines, "r.csv", None, &shown);
    let bytes = fs::read(&made.path).unwrap();
    // «СЧ-1» in Windows-1251.
    assert!(bytes.windows(4).any(|window| window == [0xD1, 0xD7, b'-', b'1']), "{bytes:?}");
    assert!(bytes.windows(2).any(|window| window == b" ?"), "{bytes:?}");
    assert!(made.register.problems.contains_key("register.csv-character"));
}

#[test]
fn a_link_or_number_too_long_for_a_formula_stays_text() {
    let long = "Я".repeat(256);
    let made =
        make(&[HEADER.to_owned(), invoice(1, "2026-02-01", "122").replace("СЧ-1", &long)], "r.xlsx", None);
    let rows = sheet(&made, "Реестр");
    assert_eq!(rows[1][column(&rows, "Номер")], Data::String(long));
    assert!(!part(&made, "xl/worksheets/sheet1.xml").contains("HYPERLINK(\"https"));
}

#[test]
fn problems_stand_by_responsible_person() {
    let of = |id: u64, name: &str| {
        let user = format!("\"responsible\":{{\"id\":{id},\"name\":\"{name}\"}},\"url\"");
        invoice(id, "2026-02-01", "100").replace("\"url\"", &user)
    };
    let made = make(&[HEADER.to_owned(), of(1, "Яна"), of(2, "Анна"), of(3, "Яна")], "r.xlsx", None);
    let rows = sheet(&made, "Проблемы");
    let people: Vec<_> = rows[1..].iter().map(|row| row[0].to_string()).collect();
    assert_eq!(people, ["Анна", "Яна", "Яна"]);
}

/// Invoices with problems whose values hold words.
fn troubled() -> Vec<String> {
    let moved = |line: String, from: &str, to: &str| {
        assert!(line.contains(from), "{line}");
        line.replace(from, to)
    };
    let broken = r#","notes":[{"code":"invoice.requisite-link-broken","message":"client: requisite 9 does not exist","russian":"контрагент: реквизита 9 нет"}]}}"#;
    vec![
        HEADER.to_owned(),
        invoice(1, "2026-02-01", "122"),
        moved(invoice(2, "2026-02-02", "122"), "СЧ-2", "СЧ-1"),
        moved(invoice(3, "2026-02-03", "122"), "\"tax_rate\":22", "\"tax_rate\":20"),
        invoice(4, "2026-02-04", "122").strip_suffix("}}").unwrap().to_owned() + broken,
        moved(invoice(5, "2026-02-05", "122"), "\"price\":122", "\"price\":\"12,5\""),
        moved(invoice(6, "2026-02-06", "122"), "7736207543", "7736207544"),
        invoice(7, "2026-02-07", "1234567890123456.789"),
        r#"{"gap":{"id":8,"known":null,"missing":[{"part":"rows","reason":"time-out"}]}}"#.to_owned(),
        r#"{"gap":{"id":9,"known":null,"missing":[{"part":"requisites","reason":"the command has no answer","russian":"портал не ответил"}]}}"#.to_owned(),
        "{\"invoice\":".to_owned(),
    ]
}

/// Reason, value, remedy and field of every problem.
fn told(language: Language) -> String {
    let shown = Presentation::new(Layout::Register, language, CsvProfile::Machine);
    let made = make_shown(&troubled(), "r.xlsx", None, &shown);
    let name = if language == Language::Russian { "Проблемы" } else { "Problems" };
    let rows = sheet(&made, name);
    let folder = made.path.parent().unwrap().display().to_string();
    let line =
        |row: &Vec<Data>| [4, 5, 6, 7].map(|at: usize| row[at].to_string()).join(" | ").replace(&folder, "");
    rows[1..].iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn problems_speak_the_language_of_the_workbook() {
    insta::assert_snapshot!(told(Language::Russian), @r#"
    Сумма, цена или количество — не число | "12,5" | Исправьте значение в счёте: цифры с десятичной точкой, не больше 28 знаков, например 12200.00 | строка 1, цена
    не получены товарные позиции: time-out |  | сформируйте реестр ещё раз; если не поможет, обратитесь к администратору портала | товарные позиции
    не получены реквизиты стороны: портал не ответил |  | сформируйте реестр ещё раз; если не поможет, обратитесь к администратору портала | реквизиты
    счёт не прочитан: строка 11 файла «/raw.jsonl»: строка не разобрана |  | сформируйте реестр ещё раз; если не поможет, обратитесь к администратору портала | счёт
    Номер уже есть у другого счёта этой организации | СЧ-1 (ID 1) | Проверьте, не дубль ли это, и исправьте номер | номер
    НДС портала не равен НДС по строкам | 1.67 | Пересохраните счёт и сверьте ставки; показана разница «НДС портала минус НДС строк» | НДС портала
    Ставка НДС не действовала на эту дату | 20 % на 03.02.2026 | Проверьте ставку: 20 % по 31.12.2025, 22 % с 01.01.2026 — по дате отгрузки | товарные строки
    Выбранный в счёте реквизит не существует | контрагент: реквизита 9 нет | Выберите реквизит в счёте заново | замечания источника
    Контрольное число ИНН не сходится | 7736207544 | Исправьте ИНН в реквизитах: в нём опечатка | контрагент, ИНН
    Сумма счёта не равна сумме строк | 1234567890123334.789 | Сверьте сумму счёта и строки; показана разница «сумма минус строки» | сумма
    в числе больше 15 значащих цифр, оно записано текстом |  | точное значение есть в реестре jsonl | Сумма с НДС
    в числе больше 15 значащих цифр, оно записано текстом |  | точное значение есть в реестре jsonl | Сумма без НДС
    в числе больше 15 значащих цифр, оно записано текстом |  | точное значение есть в реестре jsonl | Сумма счёта − сумма позиций
    "#);
    insta::assert_snapshot!(told(Language::English), @r#"
    the value is not a decimal number of at most 28 digits | "12,5" | write digits with a decimal point, for example 12200.00 | rows[0].price
    its product rows are missing: time-out |  | make the register again; if it stays, ask the portal's administrator | rows
    requisites of a party are missing: the command has no answer |  | make the register again; if it stays, ask the portal's administrator | requisites
    the invoice cannot be read: line 11 of `/raw.jsonl`: EOF while parsing a value at line 2 column 0 |  | make the register again; if it stays, ask the portal's administrator | invoice
    an earlier invoice of the same seller has the same number | СЧ-1 (ID 1) | check whether one of them is a copy | number
    the portal's VAT and the VAT of the rows differ by more than rounding | 1.67 | save the invoice again so that the portal computes it; the value is the portal's VAT minus the rows' | tax_value
    the VAT rate was not in force in Russia on that date | 20 % on 2026-02-03 | check the rate: 20 % until 2025-12-31, 22 % from 2026-01-01, by shipment | rows
    the requisite chosen in the invoice does not exist | client: requisite 9 does not exist | choose a requisite in the invoice again | notes
    the check digits of the INN do not fit | 7736207544 | correct the INN in the requisite, a digit is wrong | counterparty.requisite.inn
    the amount of the invoice and the sum of its rows differ by more than rounding | 1234567890123334.789 | compare amount and rows; the value is amount minus rows | opportunity
    the number has more than 15 significant digits and was written as text |  | take the exact value from the jsonl register | gross
    the number has more than 15 significant digits and was written as text |  | take the exact value from the jsonl register | net
    the number has more than 15 significant digits and was written as text |  | take the exact value from the jsonl register | header_minus_rows
    "#);
}
