//! The plan as a file, as a workbook, as text.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use b24_client::Webhook;
use calamine::{Data, Reader as _, Xlsx, open_workbook};
use workflow::sync::entry::{Action, Assignment, Change, ContactChoice, Creation, Entry, Update};
use workflow::sync::mapping::{LeadRule, Resolved};
use workflow::sync::plan::{
    Guard, PlanHeader, PlanWorkbook, PlanWriter, REASONS, SavedPlan, Shown, Tally, diff, russian,
};
use workflow::sync::{FieldValue, PlanError, PortalFacts, Reject, ValueKind};

use super::fixtures::{name, rules};

pub(super) fn entry(key: &str, action: Action) -> Entry {
    Entry {
        key: key.to_owned(),
        line: 7,
        cursor: Some("2026-03-31".to_owned()),
        action,
        last_comment: None,
        imprint: None,
        warnings: Vec::new(),
    }
}

pub(super) fn change(name: &str, original: &str, title: &str, before: &str, after: &str) -> Change {
    Change {
        name: name.to_owned(),
        original: original.to_owned(),
        title: title.to_owned(),
        before: FieldValue::text(before),
        after: FieldValue::text(after),
    }
}

pub(super) fn creation(key: &str) -> Creation {
    let field = |name: &str, title: &str, text: &str| Assignment {
        name: name.to_owned(),
        title: title.to_owned(),
        value: FieldValue::text(text),
    };
    Creation {
        fields: vec![
            field("title", "Название", "Приём\n! F1_9"),
            field("stageId", "Стадия", "NEW"),
            field("ufCrm_1721244482250", "Внешний ключ", key),
        ],
        contact: ContactChoice::Create {
            identity: "1".to_owned(),
            phones: vec!["+79991234567".to_owned()],
            name: name("Иванов", "Иван"),
            fields: Vec::new(),
        },
        comment: Some("Записан".to_owned()),
        lead: Some(5),
        after: 0,
        lead_is_set: false,
    }
}

/// One entry of each kind.
fn entries() -> Vec<Entry> {
    let update = Update {
        deal: Some(55),
        adopted: false,
        changes: vec![change("title", "TITLE", "Название", "", "Приём")],
        contact: ContactChoice::Use {
            id: 7,
            changes: vec![change("post", "POST", "Должность", "Врач", "")],
            link: false,
        },
        comment: None,
    };
    let warning = Reject {
        code: "sync.phone-invalid".to_owned(),
        key: Some("F1_3".to_owned()),
        line: 7,
        field: Some("Телефон".to_owned()),
        value: None,
        message: "no telephone number: too short: there is no area code".to_owned(),
        hint: "correct it in the source".to_owned(),
    };
    let unchanged = Entry {
        warnings: vec![warning],
        ..entry("F1_3", Action::Unchanged { deal: Some(56), contact: None })
    };
    let skipped = Action::Skipped {
        code: "sync.deal-closed".to_owned(),
        reason: "the deal is closed: WON".to_owned(),
        deal: Some(57),
    };
    let conflict = Action::Conflict {
        code: "sync.deal-ambiguous".to_owned(),
        message: "2 deals have this key".to_owned(),
        links: vec!["https://portal.example/crm/deal/details/58/".to_owned()],
    };
    vec![
        entry("F1_1", Action::Create(creation("F1_1"))),
        entry("F1_2", Action::Update(update)),
        unchanged,
        entry("F1_4", skipped),
        entry("F1_5", conflict),
        entry("F1_6", Action::Unknown { reason: "the look-up was lost".to_owned() }),
    ]
}

fn header(rules: &Resolved) -> PlanHeader {
    PlanHeader::new(rules, "2026-11-20T12:00:00Z".parse().unwrap())
}

fn save(path: &Path) {
    let rules = rules();
    let mut writer = PlanWriter::create(path, false, &header(&rules), &rules).unwrap();
    for entry in entries() {
        writer.add(&entry).unwrap();
    }
    writer.finish(vec![Guard::Creates { planned: 1, allowed: 0 }]).unwrap();
}

#[test]
fn a_saved_plan_is_read_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("план на март.json");
    save(&path);
    let plan = SavedPlan::open(&path).unwrap();
    assert_eq!(plan.header(), &header(&rules()));
    assert_eq!(plan.end().entries, 6);
    assert_eq!((plan.end().counts.create, plan.end().counts.update, plan.end().counts.conflict), (1, 1, 1));
    assert_eq!(plan.end().guards.len(), 1);
    for _ in 0..2 {
        let read: Vec<Entry> = plan.entries().unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(read, entries());
    }
    let document: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(document["entries"].as_array().unwrap().len(), 6, "it is one JSON document");

    let writer =
        PlanWriter::create(&folder.path().join("empty.json"), false, &header(&rules()), &rules()).unwrap();
    let empty = SavedPlan::open(&writer.finish(Vec::new()).unwrap()).unwrap();
    assert_eq!(empty.entries().unwrap().count(), 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_torn_or_changed_plan_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    save(&path);
    let whole = fs::read_to_string(&path).unwrap();
    let refused = |text: &str| {
        fs::write(&path, text).unwrap();
        SavedPlan::open(&path).unwrap_err().code()
    };
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        let code = refused(&whole[..end]);
        assert!(["sync.plan-torn", "sync.plan-unknown-file"].contains(&code), "cut at {end}: {code}");
    }
    assert_eq!(refused(&whole.replace("F1_3", "F1_8")), "sync.plan-torn");
    let lines: Vec<&str> = whole.lines().filter(|line| !line.contains("F1_4")).collect();
    assert_eq!(refused(&(lines.join("\n") + "\n")), "sync.plan-torn", "an entry is missing");
    assert_eq!(refused("{\"rows\":[]}\n"), "sync.plan-unknown-file");
    assert_eq!(refused(&whole.replacen("\"format\":2", "\"format\":3", 1)), "sync.plan-newer");
    fs::write(&path, &whole).unwrap();
    SavedPlan::open(&path).unwrap();
}

#[test]
fn a_plan_is_good_for_its_own_mapping_portal_and_fields_only() {
    let header = header(&rules());
    header.check(&rules()).unwrap();
    let refused = |rules: Resolved| header.check(&rules).unwrap_err();
    assert!(matches!(
        refused(Resolved { portal: "other.example".to_owned(), ..rules() }),
        PlanError::OtherPortal { .. }
    ));
    assert!(matches!(
        refused(Resolved { mapping_hash: "?".to_owned(), ..rules() }),
        PlanError::MappingChanged
    ));
    let error = refused(Resolved { facts_hash: "?".to_owned(), ..rules() });
    assert!(matches!(error, PlanError::FieldsChanged));
    assert_eq!(error.hint(), Some("make the plan anew: b24 sync plan".to_owned()));
}

#[test]
fn an_existing_plan_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    save(&path);
    let error = PlanWriter::create(&path, false, &header(&rules()), &rules()).unwrap_err();
    assert!(matches!(error, PlanError::Output(_)), "{error}");
}

fn shown() -> Shown {
    let stage =
        workflow::sync::facts::Stage { id: "NEW".to_owned(), name: "Новая".to_owned(), ..stage() };
    let funnel = workflow::sync::facts::Funnel { id: 0, name: "Общая".to_owned(), stages: vec![stage] };
    Shown::new(&rules(), &PortalFacts { funnels: vec![funnel], ..PortalFacts::default() })
}

fn stage() -> workflow::sync::facts::Stage {
    serde_json::from_str(r#"{"id": "", "name": "", "semantics": "open"}"#).unwrap()
}

#[test]
fn moments_are_shown_on_the_clocks_of_the_source() {
    let value = |kind, text: &str| FieldValue::one(kind, text);
    let (shown, russian) = (shown(), shown().in_russian());
    let both = |value: &FieldValue| [shown.value("x", value), russian.value("x", value)];
    let winter = value(ValueKind::Instant, "2026-01-31T21:30:00Z");
    assert_eq!(both(&winter), ["2026-02-01 00:30", "01.02.2026 00:30"]);
    let second = value(ValueKind::Instant, "2026-01-31T21:30:05Z");
    assert_eq!(both(&second), ["2026-02-01 00:30:05", "01.02.2026 00:30:05"]);
    assert_eq!(both(&value(ValueKind::Date, "2026-03-31")), ["2026-03-31", "31.03.2026"]);
    assert_eq!(both(&value(ValueKind::Flag, "Y")), ["yes", "да"]);
    assert_eq!(shown.zone(), "Europe/Moscow");
}

/// The codes in the sources of what plans.
fn codes_in(folder: &Path, found: &mut BTreeSet<String>) {
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            codes_in(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let codes = text.split("\"sync.").skip(1).filter_map(|rest| rest.split('"').next());
        found.extend(codes.map(|code| format!("sync.{code}")));
    }
}

#[test]
fn every_reason_that_a_plan_can_give_has_a_russian_text() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sync");
    let mut codes = BTreeSet::new();
    codes_in(&sources.join("plan"), &mut codes);
    codes_in(&sources.join("mapping/transform"), &mut codes);
    // Errors of a whole plan and guards stand on no row.
    codes.retain(|code| {
        !["sync.plan-", "sync.guard-", "sync.key-filter-ignored"].iter().any(|no| code.starts_with(no))
    });
    assert!(codes.len() > 25, "{codes:?}");
    let missing: Vec<&String> = codes.iter().filter(|code| russian(code).is_none()).collect();
    assert!(missing.is_empty(), "plan/texts.rs has nothing for {missing:?}");
    let known: BTreeSet<&str> = REASONS.iter().copied().collect();
    assert_eq!(known.len(), REASONS.len(), "one text each");
    for code in REASONS {
        let (what, action) = russian(code).unwrap();
        let cyrillic = |text: &str| text.chars().any(|c| ('а'..='я').contains(&c));
        assert!(cyrillic(what) && cyrillic(action) && !what.ends_with('.'), "{code}");
    }
}

#[test]
fn leads_that_get_a_status_start_robots_too() {
    let robots = |status: Option<&str>| {
        let lead = LeadRule {
            field: None,
            status: status.map(str::to_owned),
            source: false,
            closed: BTreeSet::new(),
        };
        let mut tally = Tally::new(&Resolved { leads: Some(lead), ..rules() });
        tally.add(&entry("F1_1", Action::Create(creation("F1_1"))));
        (tally.robots().leads, tally.robots().total())
    };
    assert_eq!(robots(Some("IN_PROCESS")), (1, 3), "the deal's stage, the contact, the lead");
    assert_eq!(robots(None), (0, 2), "a lead that is only linked is not changed");
}

#[test]
fn the_diff_has_a_sign_for_every_record_and_a_line_for_every_field() {
    let lines: Vec<String> = entries().iter().flat_map(|entry| diff(entry, &shown())).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    + F1_1  new deal
        Название: Приём ! F1_9
        Стадия: Новая
        Внешний ключ: F1_1
        new contact: Иванов Иван +7999***4567
        lead 5 is linked
        comment: Записан
    * F1_2  deal 55
        Название: (empty) → Приём
        contact 7: Должность: Врач → (empty)
    = F1_3
        warning: Телефон: no telephone number: too short: there is no area code [sync.phone-invalid]
    - F1_4  deal 57: the deal is closed: WON [sync.deal-closed]
    ! F1_5  2 deals have this key [sync.deal-ambiguous]
        https://portal.example/crm/deal/details/58/
    ! F1_6  not known, nothing is written: the look-up was lost
    ");
}

/// A row of the source that cannot be used.
fn aside() -> Vec<Reject> {
    vec![Reject {
        code: "sync.date-unreadable".to_owned(),
        key: Some("F1_7".to_owned()),
        line: 9,
        field: Some("start".to_owned()),
        value: Some("в*** (5 characters)".to_owned()),
        message: "`Начало приёма`: not a date with a time".to_owned(),
        hint: "correct it in the source".to_owned(),
    }]
}

/// The workbook of the entries: name and text of each sheet.
fn workbook(folder: &Path) -> Vec<(String, String)> {
    let path = folder.join("plan.xlsx");
    let webhook: Webhook = "https://portal.example/rest/1/secret1234567890/".parse().unwrap();
    let rules = rules();
    let mut plan =
        PlanWorkbook::create(&path, false, header(&rules), webhook.origin(), shown(), &rules).unwrap();
    for entry in entries() {
        plan.add(&entry).unwrap();
    }
    plan.finish(&[Guard::Creates { planned: 1, allowed: 0 }], &aside()).unwrap();
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    let text = |cells: &[Data]| cells.iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
    let names = book.sheet_names();
    let sheet = |name: String| {
        let rows: Vec<String> = book.worksheet_range(&name).unwrap().rows().map(text).collect();
        (name, rows.join("\n"))
    };
    let sheets = names.into_iter().map(sheet).collect();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    sheets
}

#[test]
fn the_workbook_shows_counts_and_reasons_first() {
    let folder = tempfile::tempdir().unwrap();
    let sheets = workbook(folder.path());
    assert_eq!(sheets[0].0, "Сводка");
    insta::assert_snapshot!(sheets[0].1, @"
    План синхронизации|
    |
    Источник|clinic
    Портал|portal.example
    Составлен|20.11.2026 15:00
    Все даты и время — по часовому поясу|Europe/Moscow
    ПЛАН ОСТАНОВЛЕН|новых сделок 1, разрешено 0
    Записей всего|6
    + новых сделок|1
    * изменений|1
    = без изменений|1
    - пропущено по правилам|1
    ! решает человек|1
    ! портал не ответил|1
    Строк источника отложено (лист «Отложено»)|1
    Не пишется, потому что|3
    У нескольких сделок один и тот же внешний ключ|1
    Сделка закрыта, поэтому не меняется|1
    Портал не ответил, есть ли такая запись|1
    |
    Новых контактов|1
    Изменений контактов|1
    Комментариев|1
    Предупреждений|1
    Записи запускают роботов и процессы|4
    Роботы стадии «Новая»|1
    Меняются сделки|1
    Создаются и меняются контакты|2
    ");
}

#[test]
fn the_workbook_shows_every_change_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let sheets = workbook(folder.path());
    assert_eq!((sheets.len(), sheets[1].0.as_str()), (3, "Изменения"));
    insta::assert_snapshot!(sheets[1].1, @r"
    Действие|Ключ|Строка|Карточка|Поле|Сейчас|Станет|Пояснение|Что делать|Код
    + создать|F1_1|7||Название||Приём
    ! F1_9|||
    + создать|F1_1|7||Стадия||Новая|||
    + создать|F1_1|7||Внешний ключ||F1_1|||
    + создать|F1_1|7||Новый контакт||Иванов Иван +79991234567|||
    + создать|F1_1|7|Лид 5|Лид||привязывается|||
    + создать|F1_1|7||Комментарий в ленте||Записан|||
    * изменить|F1_2|7|Сделка 55|Название||Приём|||
    * изменить|F1_2|7|Контакт 7|Должность|Врач||||
    = без изменений|F1_3|7||Телефон|||Телефон не читается; запись обрабатывается без него.
    Мало цифр: нет кода города или оператора|Исправьте номер в источнике|sync.phone-invalid
    - пропустить|F1_4|7|Сделка 57||||Сделка закрыта, поэтому не меняется.
    Стадия сделки: «WON»|Ничего не делайте; заводить ли новую сделку, когда запись меняется после закрытия, говорит closed в [deal] файла настройки|sync.deal-closed
    ! решить|F1_5|7|||||У нескольких сделок один и тот же внешний ключ.
    Сделок с этим ключом: 2
    https://portal.example/crm/deal/details/58/|Оставьте ключ у одной сделки, у остальных очистите|sync.deal-ambiguous
    ! неизвестно|F1_6|7|||||Портал не ответил, есть ли такая запись|Ничего не делайте: запись не пишется, её проверит следующий запуск|sync.look-up-unknown
    ");
}

#[test]
fn rows_that_were_put_aside_have_a_sheet_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let sheets = workbook(folder.path());
    assert_eq!(sheets[2].0, "Отложено");
    insta::assert_snapshot!(sheets[2].1, @r"
    Строка|Ключ|Поле|Значение|Пояснение|Что делать|Код
    9|F1_7|start|в*** (5 знаков)|Значение — не дата.
    Поле «Начало приёма»: не дата со временем|Исправьте его в источнике|sync.date-unreadable
    ");
}
