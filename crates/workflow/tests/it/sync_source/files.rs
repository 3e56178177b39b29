//! Files that are not what they were, and texts in every spelling.

use encoding_rs::{Encoding, IBM866, KOI8_R, UTF_8, UTF_16LE, WINDOWS_1251};
use proptest::prelude::*;
use workflow::sync::SourceError;
use workflow::sync::source;

use crate::sync_source::stage::{Stage, runtime, settings_of};

const CSV: &str = "kind = \"csv\"\npath = \"rows.csv\"\n";

/// Reads a page of many, does something to the file, and reads on.
fn disturbed(disturb: impl FnOnce(&Stage)) -> SourceError {
    let line = format!("1,{}\n", "x".repeat(200));
    let stage = Stage::with("rows.csv", format!("id,text\n{}", line.repeat(20_000)));
    runtime().block_on(async {
        let mut opened = source::open(&settings_of(CSV), &stage.opening(None)).await.unwrap();
        opened.source.next_page().await.unwrap();
        disturb(&stage);
        loop {
            match opened.source.next_page().await {
                Ok(page) => assert!(!page.is_last, "a file that changed was read to its end"),
                Err(error) => return error,
            }
        }
    })
}

fn told(error: &SourceError, folder_of: &str) -> String {
    let text = format!("{}: {error} [{}]", error.code(), error.hint());
    let place = text.find(folder_of).unwrap();
    let start = text[..place].rfind('`').unwrap();
    format!("{}{}", &text[..=start], &text[place..])
}

#[test]
fn a_file_that_changes_while_it_is_read_is_an_error() {
    let shrunk = disturbed(|stage| {
        std::fs::OpenOptions::new()
            .write(true)
            .open(stage.path("rows.csv"))
            .unwrap()
            .set_len(1_000_000)
            .unwrap();
    });
    insta::assert_snapshot!(told(&shrunk, "rows.csv"), @"sync.source-changed: `rows.csv` changed while it was read: it became shorter [nothing was committed; run again when the program that writes the file has finished]");
    let grown = disturbed(|stage| {
        use std::io::Write as _;
        let mut file = std::fs::OpenOptions::new().append(true).open(stage.path("rows.csv")).unwrap();
        file.write_all(b"2,y\n").unwrap();
    });
    insta::assert_snapshot!(told(&grown, "rows.csv"), @"sync.source-changed: `rows.csv` changed while it was read: it was written to [nothing was committed; run again when the program that writes the file has finished]");
}

#[cfg(unix)]
#[test]
fn a_file_that_is_replaced_or_removed_while_it_is_read_is_an_error() {
    let replaced = disturbed(|stage| {
        std::fs::copy(stage.path("rows.csv"), stage.path("new.csv")).unwrap();
        std::fs::rename(stage.path("new.csv"), stage.path("rows.csv")).unwrap();
    });
    insta::assert_snapshot!(told(&replaced, "rows.csv"), @"sync.source-changed: `rows.csv` changed while it was read: another file took its place [nothing was committed; run again when the program that writes the file has finished]");
    let removed = disturbed(|stage| std::fs::remove_file(stage.path("rows.csv")).unwrap());
    insta::assert_snapshot!(told(&removed, "rows.csv"), @"sync.source-changed: `rows.csv` changed while it was read: it was removed [nothing was committed; run again when the program that writes the file has finished]");
}

#[test]
fn a_file_that_cannot_be_read_or_has_no_heading_is_an_error() {
    let stage = Stage::new();
    insta::assert_snapshot!(stage.fails(CSV), @"sync.source-not-readable: cannot read `rows.csv`: No such file or directory (os error 2) [check the path; a relative one starts at the mapping's folder]");
    for text in ["", "\u{feff}", "a,b,a\n1,2,3\n", ";;\n"] {
        std::fs::write(stage.path("rows.csv"), text).unwrap();
        assert_eq!(stage.read(CSV).unwrap_err().code(), "sync.source-heading", "{text:?}");
    }
    std::fs::write(stage.path("rows.csv"), "a,b,a\n1,2,3\n").unwrap();
    insta::assert_snapshot!(stage.fails(CSV), @"sync.source-heading: cannot read the heading of `rows.csv`: the column `a` stands there twice [the first line must name the columns; name them with `columns` if there is none]");
    std::fs::write(stage.path("rows.csv"), "a,b\n").unwrap();
    let read = stage.read(CSV).unwrap();
    assert_eq!((read.records.len(), read.pages), (0, 1));
}

#[test]
fn pages_are_bounded_and_the_last_one_says_so() {
    let rows: String = "1,x\n".repeat(1234);
    let stage = Stage::with("rows.csv", format!("id,text\n{rows}"));
    let read = stage.read(CSV).unwrap();
    assert_eq!((read.records.len(), read.pages), (1234, 3));
    runtime().block_on(async {
        let mut opened = source::open(&settings_of(CSV), &stage.opening(None)).await.unwrap();
        while !opened.source.next_page().await.unwrap().is_last {}
        let after = opened.source.next_page().await.unwrap();
        assert!(after.is_last && after.records.is_empty());
    });
}

/// Bytes with a byte order mark where the encoding needs one to be told.
fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    if encoding == UTF_16LE {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        return units.flat_map(u16::to_le_bytes).collect();
    }
    encoding.encode(text).0.into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_csv_in_any_encoding_reads_back_equal(
        rows in prop::collection::vec(prop::collection::vec("[a-zA-Zа-яА-ЯёЁ0-9 ,;|\t\"\n'.:-]{0,12}", 3), 1..40),
        delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
        encoding in prop::sample::select(vec![UTF_8, UTF_16LE, WINDOWS_1251, KOI8_R, IBM866]),
        crlf: bool,
    ) {
        let delimiter_byte = u8::try_from(delimiter).unwrap();
        let ends = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter_byte).terminator(ends).from_writer(Vec::new());
        writer.write_record(["ключ", "b", "c"]).unwrap();
        let row = |index: usize, cells: &Vec<String>| {
            let mut cells = cells.clone();
            cells[0] = format!("{index}{}", cells[0]);
            cells
        };
        let rows: Vec<Vec<String>> = rows.iter().enumerate().map(|(index, cells)| row(index, cells)).collect();
        for cells in &rows {
            writer.write_record(cells).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let stage = Stage::with("rows.csv", encoded(&text, encoding));
        let settings = format!("{CSV}encoding = \"{}\"\ndelimiter = {:?}", encoding.name(), delimiter.to_string());
        let read = stage.read(&settings).unwrap();
        prop_assert_eq!(&read.rejects, &Vec::new());
        let cells = |record: &workflow::sync::Record| -> Vec<String> {
            record.columns().iter().map(|column| record.get(column).unwrap_or_default().to_owned()).collect()
        };
        prop_assert_eq!(read.records.iter().map(cells).collect::<Vec<_>>(), rows);
    }
}
