//! Drafts of mappings: what `b24 sync init` writes.

use std::path::Path;

use b24_client::{Client, Webhook};
use b24_sandbox::Sandbox;
use workflow::sync::value::RowFormat;
use workflow::sync::{Draft, DraftOrder, Mapping, PortalFacts, SourceError, draft};

use crate::sync_source::stage::{Stage, runtime};

pub(crate) fn facts() -> PortalFacts {
    runtime().block_on(async {
        let sandbox = Sandbox::builder().rate(0.0).start().await.unwrap();
        let webhook: Webhook = sandbox.webhook().parse().unwrap();
        PortalFacts::read(&Client::builder(webhook).build().unwrap()).await.unwrap().facts
    })
}

fn try_draft(stage: &Stage, source: &Path, facts: &PortalFacts) -> Result<Draft, SourceError> {
    let order = DraftOrder {
        source,
        folder: stage.folder.path(),
        name: "clinic",
        zone: "Europe/Moscow",
        now: "2026-11-20T12:00:00Z".parse().unwrap(),
        environment: &|_| None,
    };
    runtime().block_on(draft(&order, facts))
}

/// A draft that can be read.
fn drafted(stage: &Stage, source: &str, facts: &PortalFacts) -> Draft {
    let draft = try_draft(stage, &stage.path(source), facts).unwrap();
    let mapping = Mapping::parse(&draft.text).unwrap_or_else(|error| panic!("{error}\n{}", draft.text));
    mapping.source.check().unwrap();
    draft
}

#[test]
fn a_draft_of_the_clinic_says_what_is_left_to_decide() {
    let clinic = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/clinic/receptions-1251.csv");
    let stage = Stage::with("receptions.csv", std::fs::read(clinic).unwrap());
    let facts = facts();
    assert_eq!(drafted(&stage, "receptions.csv", &facts).text, include_str!("sync_draft/clinic.toml"));
    let mapping = Mapping::parse(include_str!("sync_draft/clinic.toml")).unwrap();
    mapping.resolve(&facts, &RowFormat::default()).unwrap_or_else(|findings| panic!("{findings:#?}"));
}

#[test]
fn a_missing_key_field_comes_with_the_clicks_that_make_it() {
    let stage = Stage::with("rows.csv", "id,phone\n1,+7 900 000-11-01\n2,+7 900 000-11-02\n");
    let mut facts = facts();
    facts.deal.retain(|field| field.title != "Внешний ключ");
    let draft = drafted(&stage, "rows.csv", &facts);
    insta::assert_snapshot!(draft.decisions.join("\n"), @r#"
    automation: запускать ли роботов портала; пока "skip", то есть только создавать
    [key] field: у сделок нет поля для ключа; создайте «Внешний ключ»: CRM → Сделки → любая сделка → «Создать поле» → «Строка» → «Сохранить»
    [key] prefix: приставка ключей, своя у каждого источника
    [deal] funnel: в какой воронке создавать сделки
    [contact]: в какой колонке имя
    [contact] match: узнавать ли человека по телефону и имени или только по телефону
    [stages]: какие стадии защищены (protected) и двигать ли стадии потом (update)
    "#);
    assert!(draft.text.contains("# название «Внешний ключ», не множественное → «Сохранить»."));
}

#[test]
fn every_kind_of_source_and_any_names_give_a_mapping_that_can_be_read() {
    let stage = Stage::new();
    let facts = facts();
    std::fs::write(
        stage.path("rows.jsonl"),
        "{\"a \\\"b\\\"\":1,\"Статус\":\"x\\\\y\",\"ФИО\":\"Ким В.\"}\n",
    )
    .unwrap();
    std::fs::write(stage.path("rows.tsv"), "Фамилия\tИмя\tМобильный телефон\nКим\tЕва\t89000001101\n")
        .unwrap();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    workbook
        .add_worksheet()
        .write_row(0, 0, ["ReceptionID", "Сумма"])
        .unwrap()
        .write_row(1, 0, [7, 100])
        .unwrap();
    workbook.add_worksheet();
    workbook.save(stage.path("rows.xlsx")).unwrap();
    let database = rusqlite::Connection::open(stage.path("clinic.db")).unwrap();
    database.execute_batch("CREATE TABLE \"the visits\" (id, changed_at); INSERT INTO \"the visits\" VALUES (1, '2026-11-01')").unwrap();
    let table = "[source]\nkind = \"csv\"\npath = \"rows.tsv\"\nzone = \"Asia/Almaty\"\n";
    std::fs::write(stage.path("source.toml"), table).unwrap();
    for source in ["rows.jsonl", "rows.tsv", "rows.xlsx", "clinic.db", "source.toml"] {
        let draft = drafted(&stage, source, &facts);
        assert!(draft.text.contains("Осталось решить"), "{source}");
    }
    let database = drafted(&stage, "clinic.db", &facts);
    assert!(database.decisions.contains(&"запрос: взята таблица «the visits», всего таблиц 1".to_owned()));
    // A portal about which nothing is known is no obstacle.
    drafted(&stage, "rows.tsv", &PortalFacts::default());
}

#[test]
fn what_cannot_be_drafted_from_is_told() {
    let stage = Stage::with("rows.doc", "");
    let fails = |name: &str| {
        let error = try_draft(&stage, &stage.path(name), &PortalFacts::default()).unwrap_err();
        format!("{}: {error}", error.code()).replace(&format!("{}/", stage.folder.path().display()), "")
    };
    insta::assert_snapshot!(fails("rows.doc"), @"sync.source-setting: cannot use `path` of [source]: `rows.doc` is none of .csv, .tsv, .txt, .jsonl, .xlsx, .db, .sqlite; for a server or a program give a .toml file with a [source] table");
    std::fs::write(stage.path("empty.jsonl"), "").unwrap();
    insta::assert_snapshot!(fails("empty.jsonl"), @"sync.source-heading: cannot read the heading of `empty.jsonl`: it has no columns");
}
