//! Drafts of mappings: what `b24 sync init` writes.

use std::path::Path;

use b24_client::{Client, Webhook};
use b24_sandbox::Sandbox;
use workflow::sync::{Draft, DraftOrder, Mapping, PortalFacts, SourceError, draft};

use crate::sync_source::stage::{Stage, runtime};

fn facts() -> PortalFacts {
    runtime().block_on(async {
        let sandbox = Sandbox::builder().rate(0.0).start().await.unwrap();
        let webhook: Webhook = sandbox.webhook().parse().unwrap();
        PortalFacts::read(&Client::builder(webhook).build().unwrap(), false).await.unwrap().facts
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
    insta::assert_snapshot!(drafted(&stage, "receptions.csv", &facts()).text, @r#"
    # Черновик маппинга: проверьте его, решите оставшееся и запустите `b24 sync check`.
    # Все ключи описаны в docs/sync.md.
    #
    # Осталось решить:
    #   - automation: запускать ли роботов портала; пока "skip", то есть только создавать
    #   - [source.cursor]: читать ли только изменившееся по колонке «changed»
    #   - [key] prefix: приставка ключей, своя у каждого источника
    #   - [deal] funnel: в какой воронке создавать сделки
    #   - [contact] match: узнавать ли человека по телефону и имени или только по телефону
    #   - [stages.map]: какие стадии у статусов «Завершен (счет выдан)», «В процессе», «Запланирован», «Завершен», «Отменен», «Пациент пришел»
    #   - [stages]: какие стадии защищены (protected) и двигать ли стадии потом (update)
    #   - [deal.fields]: нужны ли колонки без поля: «card», «guardian»

    # Как источник зовётся в журнале и в ORIGINATOR_ID созданных контактов.
    name = "clinic"

    # "run": каждая запись запускает роботов и бизнес-процессы портала (могут уйти SMS);
    # "skip": записи создаются без них, но изменять записи тогда нельзя.
    automation = "skip"

    [source]
    kind = "csv"
    path = "receptions.csv"
    # Часы источника: к этой зоне относятся даты и время без смещения.
    zone = "Europe/Moscow"
    encoding = "windows-1251"   # угадано по первым строкам
    delimiter = ";"   # угадано по первым строкам
    decimal_mark = "comma"   # угадано по первым строкам
    date_format = "dd.mm.yyyy"   # угадано по первым строкам

    # Читать только изменившееся. Включите, если колонка меняется при каждом изменении строки.
    # [source.cursor]
    # column = "changed"
    # type = "time"
    # overlap = "15m"

    # По ключу сделка узнаётся в следующий раз. Приставка своя у каждого источника.
    [key]
    column = "id"
    prefix = "S1_"
    field = "Внешний ключ"

    [deal]
    # Воронки портала: «Общая», «Сервис и обслуживание», «Клиника».
    funnel = "Общая"
    closed = "skip"   # закрытую сделку не трогать; ещё "new-same-key", "new-suffixed-key"

    # Поле портала = колонка, шаблон с {колонками} или таблица: { column = "…", policy = "if-empty" }.
    [deal.fields]
    "Название" = "{surname} {name}"
    "Начало приёма" = "start"
    "Окончание приёма" = "end"
    "Врач" = "doctor"
    "Специальность врача" = "speciality"
    "Филиал" = "branch"
    "Кресло" = "chair"
    "Услуги" = "services"
    "Сумма" = "amount"
    "Статус приёма" = "status"
    "Комментарий клиники" = "comment"

    # Человек узнаётся по телефону и имени: у семьи телефон бывает один. "phone": только по телефону.
    [contact]
    match = "phone-and-name"
    phone = "phone"
    last_name = "surname"
    first_name = "name"
    second_name = "patronymic"

    # Стадия ставится при создании сделки; update = true двигает её и потом.
    [stages]
    column = "status"
    default = "Новая"
    update = false
    # В этих стадиях сделку не трогать вовсе.
    final = ["Сделка успешна", "Сделка провалена", "Анализ причины провала"]
    # В этих менять поля, но не стадию. Есть ещё: "Новая", "Подготовка документов", "Счёт на предоплату", "В работе", "Финальный счёт".
    protected = []

    # Статус источника = стадия портала.
    [stages.map]
    # "Завершен (счет выдан)" = "…"
    # "В процессе" = "…"
    # "Запланирован" = "…"
    # "Завершен" = "…"
    # "Отменен" = "…"
    # "Пациент пришел" = "…"

    # Комментарий в ленте сделки, один раз на каждый новый текст.
    # [comment]
    # template = "{comment}"

    # Больше этого за один запуск — не записывается ничего.
    [guards]
    creates = 200
    updates = 500
    percent = 20

    # Колонки без поля: «card», «guardian».
    "#);
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
        let error = try_draft(&stage, Path::new(name), &PortalFacts::default()).unwrap_err();
        format!("{}: {error}", error.code())
    };
    insta::assert_snapshot!(fails("rows.doc"), @"sync.source-setting: cannot use `path` of [source]: `rows.doc` is none of .csv, .tsv, .txt, .jsonl, .xlsx, .db, .sqlite; for a server or a program give a .toml file with a [source] table");
    std::fs::write(stage.path("empty.jsonl"), "").unwrap();
    insta::assert_snapshot!(fails("empty.jsonl"), @"sync.source-heading: cannot read the heading of `empty.jsonl`: it has no columns");
}
