//! Chunking: where pieces begin and end, and what they are called.

use embed_queue::split::{Encoding, Sizes, Undecodable, decode, markdown, plain};
use embed_queue::{Piece, PieceKind};
use proptest::prelude::*;

const SMALL: Sizes = Sizes { target: 20, limit: 60, overlap: 4, crumbs: 10 };

fn outline(pieces: &[Piece]) -> Vec<(String, String)> {
    pieces.iter().map(|piece| (piece.headings.join(" > "), piece.content.clone())).collect()
}

fn of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(path, content)| ((*path).to_owned(), (*content).to_owned())).collect()
}

#[test]
fn headings_become_the_path_of_what_stands_below_them() {
    let text =
        "Preface\n\n# Guide `b24`\n\n## Install\n\nRun it.\n\n## Use\n\nCall *it*.\n\n# Facts\n\nNone.\n";
    let expected = [
        ("", "Preface"),
        ("Guide b24 > Install", "# Guide `b24`\n\n## Install\n\nRun it."),
        ("Guide b24 > Use", "## Use\n\nCall *it*."),
        ("Facts", "# Facts\n\nNone."),
    ];
    assert_eq!(outline(&markdown(text, Sizes::default())), of(&expected));
    let lines: Vec<_> = markdown(text, Sizes::default()).iter().map(|piece| piece.lines).collect();
    assert_eq!(lines, [(1, 1), (3, 7), (9, 11), (13, 15)]);
}

#[test]
fn a_heading_without_text_is_kept() {
    assert_eq!(
        outline(&markdown("Text\n\n# End\n", Sizes::default())),
        of(&[("", "Text"), ("End", "# End")])
    );
}

#[test]
fn code_is_kept_whole_up_to_the_limit_wherever_it_stands() {
    let code = "```rust\nfn one() {}\n\nfn two() {}\n\nfn three() {}\n\nfn four_is_the_last() {}\n```";
    for text in [format!("Before it.\n\n{code}\n\nAfter it.\n"), format!("- item\n\n{}\n", indented(code))] {
        let pieces = markdown(&text, SMALL);
        let holding: Vec<&Piece> = pieces.iter().filter(|piece| piece.content.contains("fn one")).collect();
        assert!(holding.iter().all(|piece| piece.content.contains("four_is_the_last")), "{pieces:?}");
    }
    let alone =
        markdown(&format!("# A\n\nSome words that stand above the code block here.\n\n{code}\n"), SMALL);
    assert_eq!(alone.last().map(|piece| (piece.kind, piece.content.as_str())), Some((PieceKind::Code, code)));
}

fn indented(code: &str) -> String {
    code.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_parts_of_a_long_table_have_its_head_in_their_path() {
    let rows: String = (0..20).fold(String::new(), |rows, number| rows + &format!("| {number} | thing |\n"));
    let pieces = markdown(&format!("# Stock\n\n| n | name |\n|---|---|\n{rows}"), SMALL);
    assert!(pieces.len() > 1);
    assert!(pieces.iter().all(|piece| piece.kind == PieceKind::Table));
    assert_eq!(pieces[0].headings, ["Stock"]);
    assert_eq!(pieces[1].headings, ["Stock", "n | name"]);
}

#[test]
fn plain_text_is_cut_between_sentences_with_a_little_overlap() {
    let text = "Первое предложение стоит здесь. Второе идёт за ним. Третье тоже. Четвёртое последнее.";
    let pieces = plain(text, SMALL);
    assert!(pieces.len() > 1);
    assert!(pieces.iter().all(|piece| piece.content == text[piece.bytes.clone()]));
    assert!(pieces[0].content.ends_with('.'), "{:?}", pieces[0].content);
}

#[test]
fn one_line_of_a_megabyte_is_cut() {
    let pieces = plain(&"ы".repeat(1 << 19), Sizes::default());
    assert!(pieces.iter().all(|piece| piece.content.len() <= 1_350));
    assert_eq!(pieces.iter().map(|piece| piece.content.len()).sum::<usize>(), 1 << 20);
}

#[test]
fn encodings_are_recognised_and_said() {
    let windows: Vec<u8> = [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, 0x2c, 0x20, 0xec, 0xe8, 0xf0, 0x21].to_vec();
    let decoded = decode(&windows).unwrap();
    assert_eq!((decoded.text.as_str(), decoded.encoding), ("Привет, мир!", Encoding::Windows1251));
    assert_eq!(decode("\u{feff}ё".as_bytes()).unwrap().text, "ё");
    assert_eq!(decode(&[0xff, 0xfe, 0x51, 0x04]).unwrap().text, "ё");
    let koi8: Vec<u8> = [0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4].to_vec();
    assert_eq!(decode(&koi8), Err(Undecodable::UnknownEncoding));
    let cp866: Vec<u8> = [0x8f, 0xe0, 0xa8, 0xa2, 0xa5, 0xe2].to_vec();
    assert_eq!(decode(&cp866), Err(Undecodable::UnknownEncoding));
    assert_eq!(decode(b"PK\x03\x04\0\0"), Err(Undecodable::Binary));
    assert_eq!(decode(b"").unwrap().text, "");
}

#[test]
fn capitals_alone_are_recognised_and_other_encodings_are_not_taken_for_them() {
    let windows = |text: &str| encoding_rs::WINDOWS_1251.encode(text).0.into_owned();
    let koi8 = |text: &str| encoding_rs::KOI8_R.encode(text).0.into_owned();
    for text in ["ПРИКАЗ № 5 О НАЗНАЧЕНИИ", "АКТ СВЕРКИ", "ДОГОВОР ПОСТАВКИ, г. Москва"]
    {
        assert_eq!(decode(&windows(text)).unwrap().text, text);
    }
    for text in ["приказ № 5 о назначении", "Договор поставки с приложениями", "акт сверки за год"]
    {
        assert_eq!(decode(&koi8(text)), Err(Undecodable::UnknownEncoding), "{text}");
    }
    let latin: Vec<u8> = "DÉJÀ VU À LA FORÊT, NAÎTRE".chars().map(|letter| letter as u8).collect();
    assert_eq!(decode(&latin), Err(Undecodable::UnknownEncoding));
}

proptest! {
    #[test]
    fn nothing_is_lost_and_no_content_is_too_large(
        parts in proptest::collection::vec(
            prop_oneof![
                "[а-яёa-z. ]{0,80}", Just("# H\n".to_owned()), Just("\n\n".to_owned()), Just("```\n".to_owned()),
                Just("| a | b |\n|---|---|\n| 1 | 2 |\n".to_owned()), Just("- x\n".to_owned()),
                Just("<div>\n".to_owned()), Just("---\n".to_owned()), Just("[a]: b\n".to_owned()), "\\PC{0,40}",
            ],
            0..30,
        )
    ) {
        let text: String = parts.concat();
        for pieces in [plain(&text, SMALL), markdown(&text, SMALL)] {
            let mut covered = vec![false; text.len()];
            for piece in &pieces {
                prop_assert_eq!(&piece.content, &text[piece.bytes.clone()]);
                prop_assert!(piece.content.len() <= SMALL.limit * 3);
                covered[piece.bytes.clone()].fill(true);
            }
            let lost: String = text.char_indices().filter(|(at, _)| !covered[*at]).map(|(_, letter)| letter).collect();
            prop_assert!(lost.trim().is_empty(), "lost {:?}", lost);
        }
    }
}
