//! Files of every format become pieces under their headings, and hostile ones cost little.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use embed_queue::format::{Format, Parsed, Unreadable, read};
use embed_queue::split::Sizes;
use embed_queue::{Piece, PieceKind};
use lopdf::{Document, Object, Stream, dictionary};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn parsed(format: Format, bytes: &[u8]) -> Parsed {
    read(format, bytes, Sizes::default()).unwrap()
}

/// `heading > heading: content`, one line a piece.
fn shown(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        let mark = if piece.kind == PieceKind::Text { "" } else { piece.kind.name() };
        let content = piece.content.replace('\n', "⏎");
        writeln!(text, "{}: {mark} {content}", piece.headings.join(" > ")).unwrap();
    }
    text
}

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn docx(body: &str) -> Vec<u8> {
    // A Russian Word names the style of a heading by a number.
    let styles = r#"<w:styles xmlns:w="w"><w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style>
        <w:style w:styleId="own"><w:name w:val="Свой"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style></w:styles>"#;
    let core = r"<cp:coreProperties xmlns:cp='c' xmlns:dc='d'><dc:title>Регламент &amp; правила</dc:title></cp:coreProperties>";
    let body = format!("<w:document xmlns:w='w'><w:body>{body}</w:body></w:document>");
    archive(&[("word/document.xml", &body), ("word/styles.xml", styles), ("docProps/core.xml", core)])
}

#[test]
fn a_word_document_keeps_headings_tables_and_what_is_not_deleted() {
    let file = docx(
        "<w:p><w:pPr><w:pStyle w:val='1'/></w:pPr><w:r><w:t>Склад</w:t></w:r></w:p>\
         <w:p><w:pPr><w:pStyle w:val='own'/></w:pPr><w:r><w:t>Отгрузка</w:t></w:r></w:p>\
         <w:p><w:r><w:t xml:space='preserve'>Отгрузка </w:t></w:r><w:del><w:r><w:t>не</w:t></w:r></w:del>\
         <w:r><w:t>идёт &lt;по&gt; средам</w:t></w:r></w:p>\
         <w:tbl><w:tr><w:tc><w:p><w:r><w:t>День</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Час</w:t></w:r></w:p></w:tc></w:tr>\
         <w:tr><w:tc><w:p><w:r><w:t>среда</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>9</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
    );
    let parsed = parsed(Format::Docx, &file);
    assert_eq!(parsed.title.as_deref(), Some("Регламент & правила"));
    insta::assert_snapshot!(shown(&parsed.pieces), @"Склад > Отгрузка:  Склад⏎⏎Отгрузка⏎⏎Отгрузка идёт <по> средам⏎⏎День | Час⏎среда | 9");
}

#[test]
fn an_opendocument_text_keeps_headings_spaces_and_tables_without_remarks() {
    let content = "<office:document-content xmlns:office='o' xmlns:text='t' xmlns:table='b'><office:body><office:text>\
        <text:tracked-changes><text:p>удалено</text:p></text:tracked-changes>\
        <text:h text:outline-level='2'>Приём</text:h><text:p>Приём<text:s text:c='99999999'/>по <text:span>пятницам</text:span>\
        <office:annotation><text:p>кто это писал</text:p></office:annotation></text:p>\
        <table:table><table:table-row><table:table-cell><text:p>а</text:p></table:table-cell><table:table-cell><text:p>б</text:p>\
        </table:table-cell></table:table-row></table:table></office:text></office:body></office:document-content>";
    let parsed = parsed(Format::Odt, &archive(&[("content.xml", content)]));
    insta::assert_snapshot!(shown(&parsed.pieces), @"Приём:  Приём⏎⏎Приём                по пятницам⏎⏎а | б");
}

fn workbook(rows: &str) -> Vec<u8> {
    let sheet = format!(
        "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>{rows}</sheetData></worksheet>"
    );
    archive(&[
        (
            "[Content_Types].xml",
            "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>",
        ),
        (
            "_rels/.rels",
            "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='r1' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships'><sheets><sheet name='Долги' sheetId='1' r:id='rId1'/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='rId1' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
        ),
        ("xl/worksheets/sheet1.xml", &sheet),
    ])
}

#[test]
fn a_workbook_has_a_table_per_sheet_and_a_cell_far_away_costs_one_cell() {
    let file = workbook(
        "<row r='1'><c r='A1' t='inlineStr'><is><t>Клиент</t></is></c><c r='B1' t='inlineStr'><is><t>Сумма</t></is></c></row>\
        <row r='2'><c r='A2' t='inlineStr'><is><t>Ромашка</t></is></c><c r='B2'><v>1200.5</v></c></row>\
        <row r='1048576'><c r='XFD1048576' t='inlineStr'><is><t>край</t></is></c></row>",
    );
    insta::assert_snapshot!(shown(&parsed(Format::Xlsx, &file).pieces), @"Долги: table Клиент | Сумма⏎Ромашка | 1200.5⏎край");
}

#[test]
fn values_of_a_sheet_stay_under_their_headings_where_cells_are_empty() {
    let cell = |place: &str, text: &str| format!("<c r='{place}' t='inlineStr'><is><t>{text}</t></is></c>");
    let rows = [
        ("1", vec![cell("B1", "Прайс")]),
        ("2", vec![cell("B2", "Товар"), cell("C2", "Закупка"), cell("E2", "Продажа")]),
        ("3", vec![cell("B3", "Щебень"), cell("E3", "900")]),
        ("4", vec![cell("C4", "500"), cell("J4", "примечание")]),
        ("5", vec![cell("A5", "1"), cell("C5", "700")]),
    ];
    let rows = rows.map(|(row, cells)| format!("<row r='{row}'>{}</row>", cells.concat())).concat();
    insta::assert_snapshot!(
        shown(&parsed(Format::Xlsx, &workbook(&rows)).pieces),
        @"Долги: table Прайс⏎Товар | Закупка |  | Продажа⏎Щебень |  |  | 900⏎ | 500 | примечание⏎1 |  | 700"
    );
}

#[test]
fn a_web_page_is_what_its_reader_sees() {
    let page = "<!doctype html><html><head><meta charset=windows-1251><title>Склад</title><style>p{}</style></head><body>\
        <script>if (a<b) alert('x')</script><h1>Склад</h1><p>Отгрузка  &laquo;по средам&raquo;<br>и пятницам\
        <h2>Приём</h2><ul><li>утром<li>вечером</ul><pre>let a  = 1;\nlet b;</pre>\
        <table><tr><th>День<th>Час</tr><tr><td>среда<td>9</tr></table>";
    let page = page.replace("<th>Час", "</th><th>Час</th>").replace("<td>9", "</td><td>9</td>");
    let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(&page);
    let parsed = parsed(Format::Html, &bytes);
    assert_eq!(parsed.title.as_deref(), Some("Склад"));
    insta::assert_snapshot!(shown(&parsed.pieces), @"
    Склад:  Склад⏎⏎Отгрузка «по средам»⏎и пятницам
    Склад > Приём:  Приём⏎⏎- утром⏎⏎- вечером⏎⏎let a  = 1;⏎let b;⏎⏎День | Час⏎среда | 9
    ");
}

fn pdf(pages: &[&str]) -> Vec<u8> {
    let drawn = |text: &&str| match *text {
        "" => String::new(),
        text => format!("BT /F1 12 Tf 50 700 Td ({text}) Tj ET"),
    };
    pdf_drawn(&pages.iter().map(drawn).collect::<Vec<_>>())
}

/// Every letter of the fonts F1 and F2 is half as wide as it is high.
fn pdf_drawn(pages: &[String]) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let tree = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
        "FirstChar" => 32, "Widths" => vec![500.into(); 224],
    });
    // The same without widths, as the fonts that every reader has may be.
    let bare = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier", "Encoding" => "WinAnsiEncoding",
    });
    let fonts = dictionary! { "F1" => font, "F2" => font, "F3" => bare };
    let resources = document.add_object(dictionary! { "Font" => fonts });
    let kids: Vec<Object> = pages
        .iter()
        .map(|drawn| {
            let content = document.add_object(Stream::new(dictionary! {}, drawn.clone().into_bytes()));
            document
                .add_object(dictionary! { "Type" => "Page", "Parent" => tree, "Contents" => content })
                .into()
        })
        .collect();
    let count = i64::try_from(kids.len()).unwrap();
    let page_tree = dictionary! {
        "Type" => "Pages", "Kids" => kids, "Count" => count, "Resources" => resources,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    };
    document.objects.insert(tree, Object::Dictionary(page_tree));
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_pdf_is_read_page_by_page_and_a_scan_is_named_as_such() {
    let parsed = parsed(Format::Pdf, &pdf(&["Shipping on Wednesdays", "", "Returns on Fridays"]));
    insta::assert_snapshot!(shown(&parsed.pieces), @"
    стр. 1:  Shipping on Wednesdays
    стр. 3:  Returns on Fridays
    ");
    let scan = read(Format::Pdf, &pdf(&["", ""]), Sizes::default()).unwrap_err();
    assert_eq!(scan, Unreadable::NoTextLayer { pages: 2 });
    assert_eq!(scan.reason(), "no-text-layer");
}

#[test]
fn lines_of_a_pdf_are_whole_however_many_strings_they_are_drawn_in() {
    let lines = |drawn: &str| {
        let parsed = parsed(Format::Pdf, &pdf_drawn(&[drawn.to_owned()]));
        parsed.pieces.into_iter().map(|piece| piece.content).collect::<Vec<_>>().join("|")
    };
    // A word in bold, as office programs write it: a text object for each run.
    let bold = "BT 1 0 0 1 50 700 Tm /F1 10 Tf (Ships on ) Tj ET BT 1 0 0 1 95 700 Tm /F2 10 Tf (Wednes) Tj ET \
                BT 1 0 0 1 125 700 Tm /F1 10 Tf (day only) Tj ET BT 50 688 Td (Next line) Tj ET";
    assert_eq!(lines(bold), "Ships on Wednesday only\nNext line");
    // Cells of a row, drawn in a scaled and moved space; a raised note.
    let cells =
        "q 0.5 0 0 0.5 10 20 cm BT /F1 20 Tf 0 400 Td (Cable) Tj 200 0 Td (12.00) Tj 60 6 Td (1) Tj ET Q";
    assert_eq!(lines(cells), "Cable 12.00 1");
    // Words that are only apart, letters that are only closer.
    let apart = "BT /F1 10 Tf 50 700 Td [(Ret) 20 (urns) -300 (on) -250 (Fri) 15 (days)] TJ T* ET";
    assert_eq!(lines(apart), "Returns on Fridays");
    let leading = "BT /F1 10 Tf 12 TL 50 700 Td (one) Tj T* (two) Tj (three) ' 0 0 (four) \" ET";
    assert_eq!(lines(leading), "one\ntwo\nthree\nfour");
    // The second column is drawn after the first one.
    let columns = "BT /F1 10 Tf 50 700 Td (a) Tj 0 -12 Td (b) Tj 300 12 Td (c) Tj 0 -12 Td (d) Tj ET";
    assert_eq!(lines(columns), "a\nb\nc\nd");
    let bare = "BT /F3 10 Tf 50 700 Td (Ships on ) Tj ET BT /F3 10 Tf 110 700 Td (Fridays) Tj ET";
    assert_eq!(lines(bare), "Ships on Fridays");
}

#[test]
fn a_file_that_unpacks_to_too_much_is_refused_before_it_does() {
    let zeros = "<a>".to_owned() + &" ".repeat(257 * 1024 * 1024);
    let bomb = archive(&[("word/document.xml", &zeros)]);
    assert!(bomb.len() < 1024 * 1024);
    for format in [Format::Docx, Format::Xlsx] {
        assert_eq!(read(format, &bomb, Sizes::default()), Err(Unreadable::TooLarge), "{format:?}");
    }
}

#[test]
fn broken_files_are_damaged_and_nothing_worse() {
    let good = [
        (Format::Docx, docx("<w:p><w:r><w:t>а</w:t></w:r></w:p>")),
        (Format::Pdf, pdf(&["text"])),
        (Format::Odt, archive(&[("content.xml", "<a/>")])),
    ];
    for (format, bytes) in good {
        for end in [0, 1, bytes.len() / 3, bytes.len() / 2, bytes.len() - 5] {
            // What is cut off may still be read; it must not be a panic or an endless loop.
            let _whatever = read(format, &bytes[..end], Sizes::default());
        }
        assert_eq!(read(format, b"%PDF-1.4 nothing", Sizes::default()).unwrap_err().reason(), "damaged");
    }
    let ole = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0];
    assert_eq!(read(Format::Xlsx, &ole, Sizes::default()), Err(Unreadable::Encrypted));
}

#[test]
fn entities_of_a_document_s_own_are_not_expanded() {
    let laughs = "<!DOCTYPE d [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>\
        <w:document xmlns:w='w'><w:p><w:t>&b;&#1103;</w:t></w:p></w:document>";
    let parsed = parsed(Format::Docx, &archive(&[("word/document.xml", laughs)]));
    assert_eq!(shown(&parsed.pieces), ":  я\n");
}
