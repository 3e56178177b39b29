//! Puts the large sheets in the places of their stubs.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, Write};

use rust_xlsxwriter::XlsxError;
use zip::write::SimpleFileOptions;
use zip::{DateTime, ZipArchive, ZipWriter};

use super::palette::{StyleId, styles};
use super::series::{Series, SheetRows};

/// A sheet as the library wrote it, cut at its data.
#[derive(Debug, Clone)]
pub(in crate::render) struct Stub {
    /// XML up to the data, without the range of the stub's own cells.
    pub(in crate::render) head: String,
    pub(super) data: String,
    pub(super) tail: String,
}

/// The first `count` sheets of a workbook.
pub(super) fn stubs(workbook: impl Read + Seek, count: usize) -> Result<Vec<Stub>, XlsxError> {
    let mut archive = ZipArchive::new(workbook).map_err(io::Error::from)?;
    (1..=count)
        .map(|number| {
            let mut xml = String::new();
            archive.by_name(&entry(number)).map_err(io::Error::from)?.read_to_string(&mut xml)?;
            cut(&xml)
                .ok_or_else(|| XlsxError::ParameterError("the library wrote a sheet without data".to_owned()))
        })
        .collect()
}

impl Stub {
    /// The stubs of the first `count` sheets.
    pub(in crate::render) fn of(workbook: &[u8], count: usize) -> Result<Vec<Self>, XlsxError> {
        stubs(Cursor::new(workbook), count)
    }
}

/// Writes the workbook with the sheets of each series in the places of the stubs that begin at its number (from 0).
/// `tables` are the rows of data of the workbook's tables, in their order; `ids` are the styles that the large sheets use.
pub(in crate::render) fn splice(
    workbook: &[u8],
    large: Vec<(usize, Series)>,
    tables: &[SheetRows],
    ids: &[StyleId],
    out: impl Write + Seek,
) -> Result<(), XlsxError> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).map_err(io::Error::from)?;
    let count = large.iter().map(|(first, series)| first + series.sheets().len()).max().unwrap_or(0);
    let stubs = stubs(Cursor::new(workbook), count)?;
    if stubs.first().is_none_or(|stub| styles(&stub.data) != ids) {
        return Err(XlsxError::ParameterError("the library numbered the formats anew".to_owned()));
    }
    let mut parts: BTreeMap<String, ZipArchive<File>> = BTreeMap::new();
    for (first, series) in large {
        let tails: Vec<String> = stubs[first..].iter().map(|stub| stub.tail.clone()).collect();
        for (number, part) in (first + 1..).zip(series.finish(&tails)?) {
            parts.insert(entry(number), part);
        }
    }
    let mut out = ZipWriter::new(out);
    for index in 0..archive.len() {
        let original = archive.by_index_raw(index).map_err(io::Error::from)?;
        let name = original.name().map_err(io::Error::from)?.into_owned();
        let table = (1..).zip(tables).find(|(number, _)| name == format!("xl/tables/table{number}.xml"));
        if let Some(part) = parts.get_mut(&name) {
            let data = part.by_index_raw(0).map_err(io::Error::from)?;
            out.raw_copy_file_rename(data, name).map_err(io::Error::from)?;
        } else if let Some((_, rows)) = table {
            drop(original);
            let mut xml = String::new();
            archive.by_index(index).map_err(io::Error::from)?.read_to_string(&mut xml)?;
            let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
            out.start_file(name, options).map_err(io::Error::from)?;
            out.write_all(grown(&xml, *rows).as_bytes())?;
        } else {
            out.raw_copy_file(original).map_err(io::Error::from)?;
        }
    }
    out.finish().map_err(io::Error::from)?;
    Ok(())
}

/// The stub's table has one row of data (`ref="A1:F2"`): the library keeps a record of every cell of a table.
fn grown(table: &str, rows: SheetRows) -> String {
    let end = rows.end.max(rows.first + 1);
    let grow = |piece: &str| {
        let (range, rest) = piece.split_once('"')?;
        let range = range.trim_end_matches(|character: char| character.is_ascii_digit());
        Some(format!("{range}{end}\"{rest}"))
    };
    let mut pieces = table.split(" ref=\"");
    let start = pieces.next().map(str::to_owned);
    start.into_iter().chain(pieces.filter_map(grow)).collect::<Vec<_>>().join(" ref=\"")
}

fn entry(number: usize) -> String {
    format!("xl/worksheets/sheet{number}.xml")
}

fn cut(xml: &str) -> Option<Stub> {
    let (head, rest) = xml.split_once("<sheetData")?;
    let (data, tail) = match rest.strip_prefix("/>") {
        Some(tail) => ("", tail),
        None => rest.strip_prefix('>')?.split_once("</sheetData>")?,
    };
    // The range would be wrong, and may be left out.
    let head = match (head.find("<dimension"), head.find("<sheetViews")) {
        (Some(from), Some(to)) if from < to => format!("{}{}", &head[..from], &head[to..]),
        _ => head.to_owned(),
    };
    Some(Stub {
        head: format!("{head}<sheetData>"),
        data: data.to_owned(),
        tail: format!("</sheetData>{tail}"),
    })
}
