//! Workbooks and SQLite files.

use rust_xlsxwriter::{Format, Workbook};

use crate::sync_source::stage::Stage;

const SQLITE: &str = "kind = \"sqlite\"\npath = \"clinic.db\"\n";

fn database(statements: &str) -> Stage {
    let stage = Stage::new();
    rusqlite::Connection::open(stage.path("clinic.db")).unwrap().execute_batch(statements).unwrap();
    stage
}

#[test]
fn a_sheet_is_read_with_numbers_dates_and_times_as_they_were_meant() {
    let stage = Stage::new();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Приёмы").unwrap();
    sheet.write_row(1, 1, ["id", "сумма", "дата", "время", "начало"]).unwrap();
    let formats =
        ["dd.mm.yyyy", "hh:mm", "dd.mm.yyyy hh:mm"].map(|format| Format::new().set_num_format(format));
    sheet.write_number(2, 1, 79_991_234_567.0).unwrap();
    sheet.write_number(2, 2, 0.1 + 0.2).unwrap();
    sheet.write_number_with_format(2, 3, 46_112.0, &formats[0]).unwrap();
    sheet.write_number_with_format(2, 4, 0.4375, &formats[1]).unwrap();
    sheet.write_number_with_format(2, 5, 46_112.5, &formats[2]).unwrap();
    sheet.write(2, 6, "a note beside the table").unwrap();
    sheet.write(4, 1, "=NA()").unwrap();
    sheet.write_formula(5, 1, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    workbook.add_worksheet().set_name("Другой").unwrap();
    workbook.save(stage.path("rows.xlsx")).unwrap();

    let read = stage.read("kind = \"xlsx\"\npath = \"rows.xlsx\"").unwrap();
    assert_eq!(
        read.rows(),
        ["3: 79991234567 | 0.3 | 2026-03-31 | 10:30:00 | 2026-03-31T12:00:00", "5: =NA() | - | - | - | -"]
    );
    insta::assert_snapshot!(read.guessed().join("\n"), @"
    sheet = Приёмы (it is the first of 2)
    decimal_mark = point (1 of the first values are like `0.3`)
    ");
    insta::assert_snapshot!(read.rejected().join("\n"), @"6 sync.row-malformed: the column `id` cannot be read: the cell shows the error #DIV/0! [correct the cell]");
    insta::assert_snapshot!(stage.fails("kind = \"xlsx\"\npath = \"rows.xlsx\"\nsheet = \"Приемы\""), @"sync.source-setting: cannot use `sheet` of [source]: there is no sheet `Приемы`; the workbook has `Приёмы`, `Другой` [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(stage.fails("kind = \"xlsx\"\npath = \"rows.xlsx\"\nsheet = \"Другой\""), @"sync.source-heading: cannot read the heading of the sheet `Другой` of `rows.xlsx`: it is empty [the first line must name the columns; name them with `columns` if there is none]");
    std::fs::write(stage.path("rows.xlsx"), "no workbook").unwrap();
    insta::assert_snapshot!(stage.fails("kind = \"xlsx\"\npath = \"rows.xlsx\""), @"sync.source-workbook: cannot read the workbook `rows.xlsx`: Zip error: invalid Zip archive: Could not find EOCD: invalid Zip archive: Could not find EOCD [it must be an .xlsx workbook without a password; save it as one]");
}

#[test]
fn a_query_of_sqlite_gives_exact_texts_from_the_cursor_on() {
    let stage = database(
        "CREATE TABLE visits (id INTEGER, sum REAL, note, changed TEXT);
         INSERT INTO visits VALUES (1, 10.5, 'a', '2026-11-01 10:00:00'), (2, 0.1, NULL, '2026-11-02 10:00:00.5'),
             (9223372036854775807, 2, x'00ff', '2026-11-03 10:00:00')",
    );
    let settings = format!(
        "{SQLITE}query = \"SELECT id, sum, note, changed FROM visits WHERE changed >= :cursor ORDER BY id\"\n\
         [cursor]\ncolumn = \"changed\"\ntype = \"time\"\noverlap = \"1h\"\ninitial = \"2026-01-01\""
    );
    let first = stage.read(&settings).unwrap();
    assert_eq!(
        first.rows(),
        ["1: 1 | 10.5 | a | 2026-11-01 10:00:00", "2: 2 | 0.1 | - | 2026-11-02 10:00:00.5"]
    );
    insta::assert_snapshot!(first.rejected().join("\n"), @"3 sync.row-malformed: the column `note` cannot be read: it holds bytes, not a text [correct the row, or convert the column in the query]");
    // Moscow is three hours ahead.
    assert_eq!(first.cursor.as_deref(), Some("2026-11-02T07:00:00.500000000Z"));
    let next = stage.read_from(&settings, first.cursor.as_deref()).unwrap();
    assert_eq!(next.rows(), ["1: 2 | 0.1 | - | 2026-11-02 10:00:00.5"]);
}

#[test]
fn a_numeric_cursor_is_bound_as_a_number() {
    let stage = database("CREATE TABLE t (n); INSERT INTO t VALUES (8), (9), (10), (11)");
    let settings = format!(
        "{SQLITE}query = \"SELECT n FROM t WHERE n + 0 >= :cursor\"\n\
         [cursor]\ncolumn = \"n\"\ntype = \"number\"\noverlap = 1\ninitial = 0"
    );
    let first = stage.read(&settings).unwrap();
    assert_eq!((first.rows().len(), first.cursor.as_deref()), (4, Some("11")));
    assert_eq!(stage.read_from(&settings, Some("11")).unwrap().rows(), ["1: 10", "2: 11"]);
    assert_eq!(stage.read_from(&settings, Some("9")).unwrap().rows().len(), 4);
}

#[test]
fn a_cursor_that_sqlite_cannot_compare_with_the_column_is_refused_though_no_row_is_found() {
    let cursor = "[cursor]\ncolumn = \"at\"\ntype = \"time\"\ninitial = \"2026-11-01\"";
    let settings = format!("{SQLITE}query = \"SELECT at FROM t WHERE at >= :cursor\"\n{cursor}");
    // The first row is found by chance, the second is passed over, as are both of the third table.
    for rows in ["('31.12.2026')", "('03.11.2026 12:00')", "(1793700000)"] {
        let stage = database(&format!("CREATE TABLE t (at); INSERT INTO t VALUES {rows}"));
        for dates in ["", "date_format = \"dd.mm.yyyy\"\n"] {
            let refused = stage.fails(&format!("{dates}{settings}"));
            assert!(refused.starts_with("sync.source-cursor-spelling"), "{rows} {dates}: {refused}");
        }
    }
    let stage = database("CREATE TABLE t (at); INSERT INTO t VALUES ('2026-10-01T10:00:00.5'), (NULL)");
    assert_eq!(
        stage.read(&settings).unwrap().rows(),
        [""; 0],
        "what is before the cursor is passed over rightly"
    );
}

#[test]
fn a_query_that_cannot_be_or_would_lose_rows_is_refused() {
    let stage = database("CREATE TABLE t (id, at); INSERT INTO t VALUES (1, '2026-11-01T22:00:00Z')");
    let fails = |rest: &str| stage.fails(&format!("{SQLITE}{rest}"));
    let cursor = "[cursor]\ncolumn = \"at\"\ntype = \"time\"\n";
    let query = "query = \"SELECT id, at FROM t WHERE at >= :cursor\"\n";
    insta::assert_snapshot!(fails("query = \"SELECT id, id FROM t\""), @"sync.source-setting: cannot use `query` of [source]: two of its columns are named `id`; write `AS` with another name [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(fails("query = \"DELETE FROM t\""), @"sync.source-setting: cannot use `query` of [source]: it changes the database [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(fails("query = \"SELECT ink FROM t\""), @"sync.source-sqlite: cannot read from the database `clinic.db`: no such column: ink in SELECT ink FROM t at offset 7: Error code 1: SQL logic error [check the query with the database's own program]");
    insta::assert_snapshot!(fails("query = \"SELECT id FROM t WHERE id > :id\""), @"sync.source-setting: cannot use `query` of [source]: it may have one parameter, :cursor [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(fails(query), @"sync.source-setting: cannot use `query` of [source]: it has :cursor, but there is no [source.cursor] [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(fails(&format!("{query}{cursor}")), @"sync.source-setting: cannot use `cursor.initial` of [source]: the query has :cursor, so the first run needs it [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(fails(&format!("{query}{cursor}initial = \"2026-01-01\"")), @"sync.source-cursor-spelling: the cursor column `at` has `2026-11-01T22:00:00Z`, which `:cursor` would write as `2026-11-02 01:00:00` [SQLite compares texts: name the column's spelling in `format` of [source.cursor], such as `%Y-%m-%dT%H:%M:%S`, and its zone in `zone`; or let the query give the column as `strftime('%Y-%m-%d %H:%M:%S', …)` and compare that]");
    let german = "format = \"%d.%m.%Y\"\ninitial = \"2026-01-01\"";
    insta::assert_snapshot!(fails(&format!("{query}{cursor}{german}")), @"sync.source-setting: cannot use `cursor.format` of [source]: SQLite compares texts, and texts in this format are not in the order of time; let the query give the column another spelling, such as `strftime('%Y-%m-%d %H:%M:%S', …)`, and compare that with :cursor [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(fails("query = \"SELECT id FROM t\"\n[cursor]\ncolumn = \"at\"\ntype = \"time\""), @"sync.source-cursor-missing: the source has no column `at` for the cursor [correct `column` of [source.cursor], or add the column to the source]");
    std::fs::remove_file(stage.path("clinic.db")).unwrap();
    insta::assert_snapshot!(fails("query = \"SELECT 1\""), @"sync.source-not-readable: cannot read `clinic.db`: there is no such file [check the path; a relative one starts at the mapping's folder]");
}
