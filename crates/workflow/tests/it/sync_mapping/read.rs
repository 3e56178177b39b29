//! The file: unknown keys, missing keys, wrong values.

use workflow::sync::Mapping;

use super::fixtures::{MAPPING, mapping};

/// Code, message and hint of a mapping in which one text is replaced.
fn refused(from: &str, to: &str) -> String {
    assert!(MAPPING.contains(from), "{from}");
    let error = Mapping::parse(&MAPPING.replacen(from, to, 1)).unwrap_err();
    format!("{}: {error}\n  {}", error.code(), error.hint())
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_key_that_was_meant() {
    insta::assert_snapshot!(refused("protected =", "protekted ="), @"
    sync.mapping-key-unknown: line 36: unknown key `protekted` in [stages]
      did you mean `protected`?
    ");
    insta::assert_snapshot!(refused("max_length = 30,", "max_lenght = 30,"), @"
    sync.mapping-key-unknown: line 20: unknown key `max_lenght` in [deal.fields]
      did you mean `max_length`?
    ");
    insta::assert_snapshot!(refused("automation = \"run\"", "automation = \"run\"\ndry_run = true"), @"
    sync.mapping-key-unknown: line 4: unknown key `dry_run`
      known here: name, automation, batch_size, source, key, deal, contact, stages, comment, leads, guards
    ");
}

#[test]
fn automation_has_no_default() {
    insta::assert_snapshot!(refused("automation = \"run\"\n", ""), @r#"
    sync.mapping-key-missing: the key `automation` is missing
      write automation = "run" (every creation and change starts the portal's robots) or "skip" (deals are created without them, and never changed)
    "#);
}

#[test]
fn wrong_values_name_their_key() {
    insta::assert_snapshot!(refused("automation = \"run\"", "automation = \"yes\""), @"
    sync.mapping-value: line 3: `automation`: unknown variant `yes`, expected `run` or `skip`
      correct the value; docs/sync.md lists the keys
    ");
    insta::assert_snapshot!(refused("automation = \"run\"", "automation = \"run\"\nbatch_size = 5000"), @"
    sync.mapping-value: line 4: `batch_size`: must be from 1 to 2000
      correct the value; docs/sync.md lists the keys
    ");
    insta::assert_snapshot!(refused("\"Начало приёма\" = \"start\"", "\"Начало приёма\" = 5"), @r#"
    sync.mapping-value: line 18: `Начало приёма`: invalid type: integer `5`, expected a column, a template with {columns}, or a table such as { column = "Amount" }
      correct the value; docs/sync.md lists the keys
    "#);
    insta::assert_snapshot!(refused("{ column = \"comment\", policy", "{ column = \"comment\", value = 1, policy"), @"
    sync.mapping-value: line 21: `UF_CRM_NOTE`: only one of column, template, value can be given
      correct the value; docs/sync.md lists the keys
    ");
}

#[test]
fn comments_and_spaces_do_not_change_a_mapping_and_values_do() {
    let spaced = MAPPING.replace("prefix = \"F1_\"", "prefix   =  \"F1_\"   # филиал 1");
    assert_eq!(mapping(&spaced).hash(), mapping(MAPPING).hash());
    let other = MAPPING.replace("F1_", "F2_");
    assert_ne!(mapping(&other).hash(), mapping(MAPPING).hash());
}

#[test]
fn fields_keep_the_order_of_the_file() {
    let mapping = mapping(MAPPING);
    let fields: Vec<&str> = mapping.deal.fields.iter().map(|entry| entry.field.as_str()).collect();
    let expected = ["Название", "Сумма", "Начало приёма", "Филиал", "Услуги", "UF_CRM_NOTE", "Ответственный"];
    assert_eq!(fields, expected);
    assert_eq!(mapping.line("deal.fields.Филиал"), Some(19));
}
