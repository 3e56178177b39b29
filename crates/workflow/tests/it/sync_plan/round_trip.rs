//! What was written is what is wanted: a second plan has nothing to do, whatever the kinds of the fields are.

use std::sync::Arc;

use b24_client::{Call, Client, Params};
use b24_sandbox::Sandbox;
use serde_json::Value;
use workflow::sync::entry::{Action, Assignment, ContactChoice, Entry};
use workflow::sync::plan::{Candidate, Identity};
use workflow::sync::value::RowFormat;
use workflow::sync::{Mapping, Planner, PortalFacts, Record, Resolved};

use super::fixtures::portal;

const MAPPING: &str = r#"
name = "clinic"
automation = "run"

[source]
kind = "csv"
path = "visits.csv"
zone = "UTC"

[key]
column = "id"
prefix = "F1_"
field = "Внешний ключ"

[deal.fields]
"Название" = "{surname} {name}"
"Сумма" = "amount"
"Дата начала" = "day"
"Начало приёма" = "time"
"Филиал" = "branch"
"Первичный визит" = "first"
"Примечание из учётной системы" = { column = "note", policy = "clear" }
"sourceId" = { value = "WEB" }

[contact]
phone = "phone"
last_name = "surname"
first_name = "name"

[contact.fields]
"Дата рождения" = "born"
"Должность" = "post"
"#;

const COLUMNS: [&str; 12] =
    ["id", "surname", "name", "phone", "amount", "day", "time", "branch", "first", "note", "born", "post"];

fn record(line: u64, values: [&str; 12]) -> Record {
    let columns: Arc<[String]> = COLUMNS.iter().map(|column| (*column).to_owned()).collect();
    let value = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Record::new(line, columns, values.into_iter().map(value).collect())
}

fn records() -> Vec<Record> {
    vec![
        record(
            2,
            [
                "1",
                "Ёлкина",
                "Анна",
                "8 (900) 000-00-01",
                "12200.50",
                "2026-03-31",
                "2026-03-31 09:30:00",
                "Северный",
                "да",
                "  «Кавычки» & <b>жирно</b>\r\nвторая строка ",
                "1980-02-29",
                "Врач",
            ],
        ),
        record(3, ["2", "Петров", "Пётр", "+7 900 000 00 02", "0", "", "", "", "нет", "", "", ""]),
        record(
            4,
            ["3", "Сидоров", "Иван", "", "1000", "01.04.2026", "", "Заречный", "", "$result[x]", "", ""],
        ),
    ]
}

async fn rules(client: &Client) -> Resolved {
    let facts = PortalFacts::read(client).await.unwrap().facts;
    Mapping::parse(MAPPING).unwrap().resolve(&facts, &RowFormat::default()).unwrap()
}

async fn planned(client: &Client, records: &[Record]) -> Vec<Entry> {
    let rules = rules(client).await;
    let wanted = records.iter().map(|record| rules.transform(record).unwrap());
    let window = wanted.map(|wanted| Candidate { wanted, identity: Identity::default() }).collect();
    let mut planner = Planner::new(rules, &client.portal());
    let seen = planner.look_up(client, window).await.unwrap();
    planner.decide(seen, &|_, _| true)
}

fn written(fields: &[Assignment]) -> Params {
    fields.iter().fold(Params::new(), |params, field| params.set(&field.name, field.value.to_param()))
}

async fn add(client: &Client, entity: u32, fields: Params) -> u64 {
    let params = Params::new().set("entityTypeId", entity).set("fields", fields);
    let reply = client.call(Call::<Value>::write("crm.item.add", params)).await.unwrap();
    reply["item"]["id"].as_u64().unwrap()
}

/// Writes creations as they are planned.
async fn write(client: &Client, entries: &[Entry]) {
    for entry in entries {
        let Action::Create(creation) = &entry.action else { panic!("{:?}", entry.action) };
        let ContactChoice::Create { phones, name, fields, .. } = &creation.contact else { panic!() };
        let number = |phone: &String| {
            Params::new().set("typeId", "PHONE").set("valueType", "MOBILE").set("value", phone.clone())
        };
        let numbers = phones.iter().enumerate();
        let numbers = numbers.fold(Params::new(), |all, (n, phone)| all.set(format!("n{n}"), number(phone)));
        let person = written(fields).set("lastName", name.last.clone()).set("name", name.first.clone());
        let person = if phones.is_empty() { person } else { person.set("fm", numbers) };
        let contact = add(client, 3, person).await;
        add(client, 2, written(&creation.fields).set("contactId", contact)).await;
    }
}

fn signs(entries: &[Entry]) -> String {
    entries.iter().map(Entry::symbol).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_plan_has_nothing_to_do_and_a_third_one_only_what_changed() {
    let (_sandbox, client) = portal(Sandbox::builder().invoices(1).deals(5).contacts(5)).await;
    let entries = planned(&client, &records()).await;
    assert_eq!(signs(&entries), "+++");
    write(&client, &entries).await;
    let again = planned(&client, &records()).await;
    assert_eq!(signs(&again), "===", "{again:#?}");

    let mut changed = records();
    changed[0] = record(
        2,
        [
            "1",
            "Ёлкина",
            "Анна",
            "8 (900) 000-00-01",
            "12200.5",
            "31.03.2026",
            "2026-03-31 10:00:00",
            "Заречный",
            "да",
            "",
            "1980-02-29",
            "Главный врач",
        ],
    );
    let entries = planned(&client, &changed).await;
    assert_eq!(signs(&entries), "*==");
    let Action::Update(update) = &entries[0].action else { panic!() };
    let titles: Vec<&str> = update.changes.iter().map(|change| change.title.as_str()).collect();
    assert_eq!(titles, ["Начало приёма", "Филиал", "Примечание из учётной системы"]);
    let ContactChoice::Use { changes, .. } = &update.contact else { panic!() };
    assert_eq!(changes.iter().map(|change| change.title.as_str()).collect::<Vec<_>>(), ["Должность"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_deal_is_missing_finds_its_person_again() {
    let (_sandbox, client) = portal(Sandbox::builder().invoices(1).deals(5).contacts(5)).await;
    write(&client, &planned(&client, &records()[..1]).await).await;
    // The same patient, another visit, and the number typed differently.
    let visit = record(9, ["4", "Елкина", "Анна", "9000000001", "", "", "", "", "", "", "", ""]);
    let entries = planned(&client, &[visit]).await;
    let Action::Create(creation) = &entries[0].action else { panic!() };
    assert!(
        matches!(&creation.contact, ContactChoice::Use { link: true, changes, .. } if changes.is_empty())
    );
}
