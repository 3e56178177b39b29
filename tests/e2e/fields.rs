//! `b24 fields`.

use crate::stage::{Stage, done, run};

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

#[test]
fn the_structure_is_saved_in_an_order_of_its_own_without_records() {
    let stage = Stage::new();
    let pull = ["fields", "pull", "-o", "портал.toml", "--json"];
    let data = done(&mut stage.b24(&pull)).json()["data"].clone();
    assert!(data["fields"].as_u64().unwrap() > 100, "{data}");
    let path = stage.home.path().join("портал.toml");
    let first = std::fs::read_to_string(&path).unwrap();
    let structure: toml::Table = first.parse().unwrap();
    for entity in ["deal", "contact", "company", "lead", "invoice"] {
        let fields = structure[entity]["field"].as_array().unwrap();
        let codes: Vec<&str> = fields.iter().map(|field| field["code"].as_str().unwrap()).collect();
        assert!(codes.is_sorted() && codes.len() > 10, "{entity}: {codes:?}");
    }
    let funnels = structure["invoice"]["funnel"].as_array().unwrap();
    let stages = funnels[0]["stage"].as_array().unwrap();
    assert!(stages.iter().any(|stage| stage["code"].as_str() == Some("DT31_3:P")), "{stages:?}");
    let branch =
        structure["deal"]["field"].as_array().unwrap().iter().find(|field| field.get("value").is_some());
    assert!(branch.is_some(), "enumerations have their values");

    // An existing file needs --force; the same portal gives the same bytes.
    let ran = run(&mut stage.b24(&pull));
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (4, &"output.exists".into()), "{ran:?}");
    done(stage.b24(&pull).arg("--force"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
}
