//! CSV and JSON lines.

use workflow::sync::ValueKind;

use crate::sync_source::stage::Stage;

const CSV: &str = "kind = \"csv\"\npath = \"rows.csv\"";

#[test]
fn a_windows_1251_file_of_a_russian_spreadsheet_is_read_and_what_was_guessed_is_told() {
    let text = "id;ФИО;сумма;дата\r\n1;Иванова Анна;1 500,50;31.03.2026 09:30\r\n2;\"Петров; Олег\";;01.04.2026 10:00\r\n";
    let stage = Stage::with("rows.csv", encoding_rs::WINDOWS_1251.encode(text).0);
    let read = stage.read(CSV).unwrap();
    assert_eq!(
        read.rows(),
        ["2: 1 | Иванова Анна | 1 500,50 | 31.03.2026 09:30", "3: 2 | Петров; Олег | - | 01.04.2026 10:00"]
    );
    insta::assert_snapshot!(read.guessed().join("\n"), @"
    encoding = windows-1251 (it is not UTF-8 and has no byte order mark)
    delimiter = ; (it stands most often in the first line)
    decimal_mark = comma (1 of the first values are like `1 500,50`)
    date_format = dd.mm.yyyy (2 of the first values are like `31.03.2026 09:30`)
    ");
    assert_eq!(read.format.read(ValueKind::Decimal, "1 500,50").unwrap(), "1500.5");
    assert_eq!(read.format.moment("31.03.2026 09:30").unwrap().to_string(), "2026-03-31T06:30:00Z");
}

#[test]
fn bad_rows_are_put_aside_with_line_and_reason_and_spoil_no_other() {
    let stage = Stage::with("rows.csv", b"id,name\n1,\"open\n2,b\n3\n4,\xCF\xE5\n5,e\n");
    let read = stage.read(&format!("{CSV}\nencoding = \"utf-8\"")).unwrap();
    assert_eq!(read.rows(), ["3: 2 | b", "6: 5 | e"]);
    insta::assert_snapshot!(read.rejected().join("\n"), @r#"
    2 sync.row-malformed: the row cannot be read: a quote is not closed [correct the row; a cell with the delimiter, a quote or a line end stands in quotes]
    4 sync.row-malformed: the row cannot be read: it has 1 columns, the heading has 2 [correct the row; a cell with the delimiter, a quote or a line end stands in quotes]
    5 sync.row-malformed: the row cannot be read: it is not UTF-8 [name the encoding in [source], such as `encoding = "windows-1251"`]
    "#);
}

#[test]
fn a_bad_line_of_json_lines_is_one_bad_row() {
    let text = "{\"id\":1,\"sum\":1234567890123456.789,\"note\":null}\n{\"id\":2\n[3]\n\n{\"id\":4,\"id\":5}\n{\"id\":6,\"tags\":[\"a\"]}";
    let stage = Stage::with("rows.jsonl", text);
    let read = stage.read("kind = \"jsonl\"\npath = \"rows.jsonl\"").unwrap();
    assert_eq!(read.rows(), ["1: 1 | 1234567890123456.789 | -", "6: 6 | [\"a\"]"]);
    insta::assert_snapshot!(read.rejected().join("\n"), @"
    2 sync.row-malformed: the row cannot be read: it is no JSON object: EOF while parsing an object at column 7 [correct the line: it must be one JSON object]
    3 sync.row-malformed: the row cannot be read: it is no JSON object [correct the line: it must be one JSON object]
    5 sync.row-malformed: the row cannot be read: the member `id` stands there twice [correct the line: it must be one JSON object]
    ");
}

#[test]
fn a_line_that_is_no_object_is_not_repeated_in_the_words_about_it() {
    let stage = Stage::with("rows.jsonl", "\"Иванов +79991234567\"\n{\"id\": 1}\n".as_bytes());
    let read = stage.read("kind = \"jsonl\"\npath = \"rows.jsonl\"").unwrap();
    insta::assert_snapshot!(read.rejected().join("\n"), @"1 sync.row-malformed: the row cannot be read: it is no JSON object [correct the line: it must be one JSON object]");
}
