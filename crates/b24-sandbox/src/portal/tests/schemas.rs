//! A portal by a file.

use serde_json::json;

use super::Desk;
use crate::portal::schema::Schema;

const FILE: &str = r#"b24_structure = 1
portal = "example.bitrix24.ru"

[[deal.field]]
code = "TITLE"
title = "Название приёма"
type = "string"

[[deal.field]]
code = "UF_CRM_10_CODE"
title = "Ключ"
type = "string"
required = true
user_made = true

[[deal.field]]
code = "UF_CRM_1700000001"
title = "Услуги"
type = "enumeration"
multiple = true
user_made = true

[[deal.field.value]]
id = 7
value = "Осмотр"

[[deal.field.value]]
id = 8
value = "Лечение"

[[deal.funnel]]
id = 5
name = "Приёмы"

[[deal.funnel.stage]]
code = "C5:NEW"
name = "Ждём"

[[deal.funnel.stage]]
code = "C5:WON"
name = "Готово"
semantics = "S"

[[contact.field]]
code = "NAME"
title = "Имя пациента"
type = "string"

[[company.field]]
code = "TITLE"
title = "Название"
type = "string"

[[lead.field]]
code = "TITLE"
title = "Название"
type = "string"

[[lead.stage]]
code = "NEW"
name = "Новый"

[[invoice.field]]
code = "ufCrm_SMART_INVOICE_1772717699"
original = "UF_CRM_SMART_INVOICE_1772717699"
title = "Отгружено"
type = "date"
user_made = true

[[invoice.funnel]]
id = 9
name = "Счета"

[[invoice.funnel.stage]]
code = "DT31_9:N"
name = "Выставлен"

[directory.SOURCE]

[[directory.SOURCE.value]]
code = "CALL"
name = "Звонок из клиники"
"#;

fn desk() -> Desk {
    Desk::of(20, 40, Schema::parse(FILE).unwrap())
}

#[test]
fn fields_enumerations_funnels_and_stages_are_those_of_the_file() {
    let desk = desk();
    let fields = desk.result("crm.item.fields", &json!({"entityTypeId": 2}))["fields"].clone();
    assert_eq!(fields["title"]["title"], "Название приёма");
    let key = &fields["ufCrm10Code"];
    assert_eq!(
        (key["upperName"].as_str(), key["isRequired"].as_bool()),
        (Some("UF_CRM_10_CODE"), Some(true))
    );
    assert_eq!(fields["ufCrm_1700000001"]["items"][1], json!({"ID": "8", "VALUE": "Лечение"}));
    assert!(fields.get("ufCrm_1721244482250").is_none(), "the built-in user fields are not this portal's");
    let funnels = desk.result("crm.category.list", &json!({"entityTypeId": 2}))["categories"].clone();
    assert_eq!((funnels[0]["id"].as_u64(), funnels.as_array().unwrap().len()), (Some(5), 1));
    let stages = desk.result("crm.status.list", &json!({"filter": {"ENTITY_ID": "DEAL_STAGE_5"}}));
    assert_eq!(super::strings(&stages, "STATUS_ID"), ["C5:NEW", "C5:WON"]);
    assert_eq!(stages[1]["SEMANTICS"], "S");
    let sources = desk.result("crm.status.list", &json!({"filter": {"ENTITY_ID": "SOURCE"}}));
    assert_eq!(super::strings(&sources, "NAME"), ["Звонок из клиники"]);
}

#[test]
fn records_are_written_by_the_files_rules() {
    let desk = desk();
    let add = |fields| desk.ask("crm.item.add", &json!({"entityTypeId": 2, "fields": fields}));
    let refused = add(json!({"title": "Без ключа"}));
    assert_eq!(refused["error"], "CRM_FIELD_ERROR_REQUIRED");
    assert_eq!(refused["error_description"], "Поле \"Ключ\" обязательно для заполнения");
    let item = add(json!({"ufCrm10Code": "F1", "ufCrm_1700000001": [8, 7]}))["result"]["item"].clone();
    assert_eq!((item["categoryId"].as_u64(), item["stageId"].as_str()), (Some(5), Some("C5:NEW")));
    assert_eq!(item["ufCrm_1700000001"], json!([8, 7]));
    let deal = desk.result("crm.deal.get", &json!({"id": item["id"]}));
    assert_eq!(deal["UF_CRM_1700000001"], json!(["8", "7"]));
}

#[test]
fn seeded_records_take_stages_of_the_same_meaning() {
    let desk = desk();
    let deals = desk.all(2, &["id", "categoryId", "stageId", "stageSemanticId"]);
    assert!(deals.iter().all(|deal| deal["categoryId"] == 5));
    assert!(deals.iter().any(|deal| deal["stageId"] == "C5:WON" && deal["stageSemanticId"] == "S"));
    assert!(deals.iter().any(|deal| deal["stageId"] == "C5:NEW" && deal["stageSemanticId"] == "P"));
    assert!(desk.all(31, &["*"]).iter().all(|row| row["stageId"] == "DT31_9:N" && row["categoryId"] == 9));
}

#[test]
fn a_broken_file_is_refused_with_its_line() {
    let broken = |text: &str| Schema::parse(text).unwrap_err().to_string();
    let start = "reading the portal's structure failed: ";
    assert_eq!(
        broken(&FILE.replace("= 1\n", "= 2\n")),
        format!("{start}line 1: format 2, this program reads 1")
    );
    assert_eq!(
        broken(&FILE.replace("semantics = \"S\"", "semantic = \"S\"")),
        format!("{start}line 42: unknown field `semantic`, expected one of `code`, `name`, `semantics`")
    );
    assert_eq!(
        broken(&FILE.replace("[[lead.stage]]", "[[lead.stages]]")).split(':').nth(1),
        Some(" line 59")
    );
    assert_eq!(
        broken(&FILE.replace("semantics = \"S\"", "semantics = \"X\"")),
        format!("{start}the stage C5:WON means \"X\", expected S or F")
    );
    let twice = FILE.replacen("UF_CRM_1700000001", "UF_CRM_10_CODE", 1);
    assert_eq!(broken(&twice), format!("{start}deal lists the field UF_CRM_10_CODE twice"));
}
