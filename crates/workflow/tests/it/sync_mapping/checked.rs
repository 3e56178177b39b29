//! What a check finds.

use workflow::sync::finding::Finding;
use workflow::sync::mapping::{Hold, check, check_together};

use super::fixtures::{MAPPING, facts, format, mapping, record, resolved};

fn told(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        format!(
            "{:?} {} (line {}) {}: {}; {}",
            finding.level,
            finding.code,
            finding.line.unwrap_or(0),
            finding.place.as_deref().unwrap_or("-"),
            finding.message,
            finding.hint
        )
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn checked(replacements: &[(&str, &str)]) -> String {
    let text = replacements.iter().fold(MAPPING.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    let sample = record(&[]);
    told(&check(&mapping(&text), &facts(), &format(), sample.columns(), std::slice::from_ref(&sample)))
}

#[test]
fn a_good_mapping_has_nothing_to_be_said() {
    assert_eq!(checked(&[]), "");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let told = checked(&[
        ("field = \"Внешний ключ\"", "field = \"Метки\""),
        ("\"Сумма\" =", "\"Суммы\" ="),
        (
            "\"Филиал\" =",
            "OPPORTUNITY = \"amount\"\nID = \"id\"\nSTAGE_ID = \"status\"\n\"Примечание\" = \"doctor\"\nopportunity = \"amount\"\n\"Филиал\" =",
        ),
        ("\"ЦО\" = \"Центральный\"", "\"ЦО\" = \"Центральная\""),
        ("value = \"Клиенты\"", "value = \"Клиент\""),
        ("protected = [\"В работе\"]", "protected = [\"В работе\", \"LOSE\"]"),
        ("= \"Новая\"", "= \"Новое\""),
        ("column = \"services\"", "column = \"service\""),
        ("Врач: {doctor}", "[b]Врач[/b]: {doctor}"),
    ]);
    insta::assert_snapshot!(told, @r#"
    Error sync.key-field-multiple (line 13) key.field: `Метки` holds several values; a key needs a field that is not multiple
    Error sync.field-unknown (line 17) deal.fields.Суммы: deals have no field with the title or code `Суммы`; did you mean `Сумма`?
    Error sync.field-read-only (line 20) deal.fields.ID: `ID` cannot be written; remove it
    Error sync.field-elsewhere (line 21) deal.fields.STAGE_ID: `Стадия сделки` is not filled here; it is filled by [stages]
    Error sync.field-ambiguous (line 22) deal.fields.Примечание: two fields of deals are titled `Примечание`: UF_CRM_NOTE and UF_CRM_NOTE_2; write the code instead of the title
    Error sync.field-twice (line 23) deal.fields.opportunity: `Сумма` is filled twice: by deal.fields.OPPORTUNITY and by deal.fields.opportunity; keep one of them
    Error sync.value-unknown (line 24) deal.fields.Филиал: `Филиал` has no value `Центральная`; did you mean `Центральный`?
    Error sync.column-missing (line 25) deal.fields.Услуги: the source has no column `service`; did you mean `services`?
    Error sync.value-unknown (line 36) contact.fields.Тип контакта: `Тип контакта` has no value `Клиент`; did you mean `Клиенты`?
    Error sync.stage-final-and-protected (line 41) stages.protected: the stage C4:LOSE is both final and protected; final: the deal is not touched; protected: its fields are changed, not its stage
    Error sync.stage-final-and-protected (line 41) stages.protected: the stage LOSE is both final and protected; final: the deal is not touched; protected: its fields are changed, not its stage
    Error sync.stage-unknown (line 44) stages.map.Запланирован: the funnel `Общая` has no stage `Новое`; did you mean `Новая`?
    Error sync.template (line 48) comment.template: the part `[b]` names no column, so that it could never be left out; write `[[` for a bracket; `{Column}` is a column, a part in `[ ]` is left out when all its columns are empty
    "#);
}

#[test]
fn without_robots_nothing_can_be_changed() {
    let told = checked(&[
        ("automation = \"run\"", "automation = \"skip\""),
        ("[stages]\n", "[stages]\nupdate = true\n"),
        ("[deal.fields]", "[deal]\nadopt = true\n[deal.fields]"),
    ]);
    insta::assert_snapshot!(told, @r#"
    Error sync.skip-cannot-update (line 16) deal.adopt: it changes records, which starts robots, and automation is "skip"; remove it, or write automation = "run"
    Error sync.skip-cannot-update (line 19) deal.fields.Сумма: the policy changes records, which starts robots, and automation is "skip"; remove the policy or write "create-only"
    Error sync.skip-cannot-update (line 23) deal.fields.UF_CRM_NOTE: the policy changes records, which starts robots, and automation is "skip"; remove the policy or write "create-only"
    Error sync.skip-cannot-update (line 36) stages.update: it changes records, which starts robots, and automation is "skip"; remove it, or write automation = "run"
    "#);
}

#[test]
fn sample_rows_show_what_would_be_rejected() {
    let rows = [record(&[("amount", "x")]), record(&[("amount", "y")]), record(&[("phone", "1")])];
    let findings = check(&mapping(MAPPING), &facts(), &format(), rows[0].columns(), &rows);
    insta::assert_snapshot!(told(&findings), @r#"
    Warning sync.phone-invalid (line 0) column phone: line 2 would be warned about: no telephone number: too short: there is no area code; correct it in the source; the record goes on without this number
    Warning sync.number-unreadable (line 0) column amount: line 2 would be rejected: `Сумма`: not an amount or number (2 of 3 sample rows); correct it in the source, or set `decimal_mark` of [source]
    "#);
}

#[test]
fn two_sources_need_two_names_and_two_prefixes() {
    let one = mapping(MAPPING);
    let same = mapping(&MAPPING.replace("name = \"clinic\"\nautomation", "name = \"north\"\nautomation"));
    let alike = mapping(&MAPPING.replace("\"clinic\"", "\"south\"").replace("F1_", "F1_2_"));
    insta::assert_snapshot!(told(&check_together(&[&one, &same, &alike])), @r#"
    Error sync.prefix-shared (line 12) key.prefix: `clinic` and `north` have the same key prefix `F1_`; one source would overwrite the deals of the other: give each its own prefix
    Warning sync.prefix-overlap (line 12) key.prefix: the key prefix `F1_` of `clinic` and `F1_2_` of `south` begin alike; two keys can become equal so: end prefixes with a character that no key has, such as `_`
    Warning sync.prefix-overlap (line 12) key.prefix: the key prefix `F1_` of `north` and `F1_2_` of `south` begin alike; two keys can become equal so: end prefixes with a character that no key has, such as `_`
    "#);
    let other = mapping(&MAPPING.replace("\"clinic\"", "\"east\"").replace("F1_", "F2_"));
    assert_eq!(check_together(&[&one, &other]), []);
}

#[test]
fn a_stage_holds_a_deal_in_every_funnel() {
    let stages = resolved().stages;
    let holds =
        ["NEW", "EXECUTING", "WON", "C4:WON", "C4:EXECUTING", "C9:NEW"].map(|stage| stages.hold(stage));
    assert_eq!(holds, [Hold::Free, Hold::Protected, Hold::Final, Hold::Final, Hold::Protected, Hold::Free]);
}

#[test]
fn a_funnel_is_found_by_name_and_its_stages_by_bare_code() {
    let text = MAPPING
        .replace("[deal.fields]", "[deal]\nfunnel = \"клиника\"\n[deal.fields]")
        .replace("= \"Новая\"", "= \"NEW\"");
    let rules = mapping(&text).resolve(&facts(), &format()).unwrap();
    assert_eq!(rules.category, 4);
    assert_eq!(rules.transform(&record(&[])).unwrap().stage.as_deref(), Some("C4:NEW"));
}

#[test]
fn shown_values_are_what_people_see() {
    let rules = resolved();
    let branch = rules.deal_fields().find(|field| field.title == "Филиал").unwrap();
    let value = branch.read(Some(&serde_json::from_str("\"44\"").unwrap())).unwrap();
    assert_eq!(branch.show(&value), "Центральный");
    let amount = rules.deal_fields().find(|field| field.title == "Сумма").unwrap();
    assert!(amount.read(Some(&serde_json::from_str("\"0.00\"").unwrap())).unwrap().is_empty());
}

/// With `match = "phone"` columns for the name are not needed, and a field could overwrite it.
#[test]
fn a_name_and_a_telephone_number_of_a_contact_are_never_overwritten() {
    let by_phone =
        ("last_name = \"surname\"\nfirst_name = \"name\"\nsecond_name = \"patronymic\"", "match = \"phone\"");
    let fields =
        |lines: &str| checked(&[by_phone, ("[contact.fields]\n", &format!("[contact.fields]\n{lines}\n"))]);
    let told = fields(
        "NAME = \"name\"\n\"Фамилия\" = { column = \"surname\", policy = \"always\" }\n\
         secondName = { column = \"patronymic\", policy = \"clear\" }\nPHONE = \"phone2\"\nfm = \"phone2\"",
    );
    insta::assert_snapshot!(told, @r#"
    Error sync.name-overwritten (line 29) contact.fields.NAME: `Имя` of a contact that is there is never overwritten; write policy = "create-only" or "if-empty", or name the column in [contact]
    Error sync.name-overwritten (line 30) contact.fields.Фамилия: `Фамилия` of a contact that is there is never overwritten; write policy = "create-only" or "if-empty", or name the column in [contact]
    Error sync.name-overwritten (line 31) contact.fields.secondName: `Отчество` of a contact that is there is never overwritten; write policy = "create-only" or "if-empty", or name the column in [contact]
    Error sync.field-unknown (line 32) contact.fields.PHONE: contacts have no field with the title or code `PHONE`; `b24 fields contact` lists them
    Error sync.field-elsewhere (line 33) contact.fields.fm: `Множественные поля` is not filled here; it is filled by `phone` of [contact]
    "#);
    let kept = "NAME = { column = \"name\", policy = \"create-only\" }\n\
        LAST_NAME = { column = \"surname\", policy = \"if-empty\" }";
    assert_eq!(fields(kept), "");
}

#[test]
fn a_field_that_the_portal_requires_is_filled_or_found_missing() {
    let mut facts = facts();
    for name in ["ufCrmServices", "ufCrmTags", "stageId"] {
        facts.deal.iter_mut().find(|field| field.name == name).unwrap().required = true;
    }
    facts.contact.iter_mut().for_each(|field| field.required = true);
    let found = |text: &str| told(&check(&mapping(text), &facts, &format(), &[], &[]));
    insta::assert_snapshot!(found(MAPPING), @r#"Error sync.field-required (line 15) deal.fields: deals must have `Метки`, which the mapping does not fill; add "Метки" to [deal.fields]"#);
    let tagged = MAPPING.replace("[deal.fields]", "[deal.fields]\n\"Метки\" = \"branch\"");
    assert_eq!(found(&tagged), "");
}

#[test]
fn a_text_may_not_be_longer_than_its_field() {
    let mut facts = facts();
    facts.deal.iter_mut().find(|field| field.name == "ufCrmNote").unwrap().max_length = Some(20);
    let text = MAPPING.replace("policy = \"clear\"", "policy = \"clear\", max_length = 21");
    insta::assert_snapshot!(told(&check(&mapping(&text), &facts, &format(), &[], &[])), @"Error sync.text-too-long (line 21) deal.fields.UF_CRM_NOTE: `Примечание` takes 20 characters, 21 may be sent; write max_length = 20 or less");
    let rules = mapping(MAPPING).resolve(&facts, &format()).unwrap();
    assert!(rules.transform(&record(&[("comment", &"я".repeat(20))])).is_ok());
    let reject = rules.transform(&record(&[("comment", &"я".repeat(21))])).unwrap_err();
    assert_eq!(
        (reject.code.as_str(), reject.hint.as_str()),
        ("sync.text-too-long", "add max_length = 20 to cut it")
    );
}

#[test]
fn leads_hand_over_their_source_unless_the_mapping_says_no() {
    let leads = |table: &str| {
        let text = format!("{MAPPING}\n[leads]\n{table}");
        mapping(&text).resolve(&facts(), &format()).map(|rules| rules.leads.unwrap().source)
    };
    assert_eq!((leads("").ok(), leads("closed = []").ok()), (Some(true), Some(true)));
    let useless = leads("source = false").unwrap_err();
    assert_eq!(useless[0].code, "sync.leads-without-effect");
}
