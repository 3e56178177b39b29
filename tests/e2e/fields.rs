//! `b24 fields`.

use crate::stage::{Stage, done};

#[test]
fn every_entity_has_fields() {
    let stage = Stage::new();
    for entity in ["deal", "contact", "company", "lead", "invoice"] {
        let ran = done(&mut stage.b24(&["fields", entity]));
        assert!(ran.stdout.starts_with("CODE"), "{entity}: {ran:?}");
        assert!(ran.stdout.lines().count() > 10, "{entity}: {ran:?}");
    }
}

#[test]
fn fields_are_found_by_code_title_or_value() {
    let stage = Stage::new();
    let ran = done(&mut stage.b24(&["fields", "invoice", "--find", "ДАТА ОТГРУЗКИ"]));
    insta::assert_snapshot!(ran.stdout, @"
    CODE                            TITLE          TYPE  FLAGS      VALUES
    ufCrm_SMART_INVOICE_1772717699  Дата отгрузки  date  user-made
    ");
    let ran = done(&mut stage.b24(&["fields", "invoice", "--find", "нет такого поля"]));
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("fields contains `нет такого поля`"), "{ran:?}");
}

#[test]
fn the_document_lists_them_with_both_names() {
    let stage = Stage::new();
    let document = done(&mut stage.b24(&["fields", "invoice", "--find", "дата оплаты", "--json"])).json();
    let field = &document["data"][0];
    assert_eq!(field["code"], "ufCrm_1772717712");
    assert_eq!(field["original"], "UF_CRM_1772717712");
    assert_eq!(field["type"], "date");
}
