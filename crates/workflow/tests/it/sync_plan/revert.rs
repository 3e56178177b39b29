//! Taking a run back.

use b24_client::Params;
use workflow::sync::entry::{Action, Change, ContactChoice, Entry};
use workflow::sync::plan::{WrittenChange, WrittenDeal, plan_revert};
use workflow::sync::{FieldValue, ValueKind};

use super::fixtures::{KEY, add, contact_of, counted, deal_of, empty_portal};
use super::saved::change;

fn written(key: &str, deal: u64, contact: Option<u64>, change: Change) -> WrittenChange {
    WrittenChange { key: key.to_owned(), deal: Some(deal), contact, change }
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_still_hold_our_value_go_back() {
    let (sandbox, client) = empty_portal().await;
    let deals = add(
        &client,
        2,
        [
            deal_of("F1_1").set("title", "Наше").set("comments", "Чужое"),
            deal_of("F1_2").set("title", "Чужое"),
            deal_of("F1_3").set("title", "Было"),
            deal_of("F1_4"),
        ],
    )
    .await;
    let contact =
        add(&client, 3, [contact_of("+79000000001", "Иванов", "Иван").set("post", "Врач")]).await[0];
    let title = || change("title", "TITLE", "Название", "Было", "Наше");
    let changes = vec![
        written("F1_1", deals[0], None, title()),
        written("F1_1", deals[0], None, change("comments", "COMMENTS", "Комментарий", "", "Текст")),
        written("F1_1", deals[0], Some(contact), change("post", "POST", "Должность", "", "Врач")),
        written("F1_2", deals[1], None, title()),
        written("F1_3", deals[2], None, title()),
    ];
    let created = [WrittenDeal { key: "F1_4".to_owned(), deal: deals[3] }];
    let (entries, requests) = counted(&sandbox, plan_revert(&client, KEY, changes, &created)).await;
    let entries = entries.unwrap();
    assert_eq!(requests, 2, "deals, contacts");
    assert_eq!(entries.iter().map(Entry::symbol).collect::<String>(), "*-=-");
    let Action::Update(update) = &entries[0].action else { panic!() };
    let back: Vec<_> =
        update.changes.iter().map(|change| (change.before.first(), change.after.first())).collect();
    assert_eq!(back, [(Some("Наше"), Some("Было"))]);
    let ContactChoice::Use { id, changes, link: false } = &update.contact else { panic!() };
    assert_eq!((*id, changes[0].after.is_empty()), (contact, true), "an empty field becomes empty again");
    assert_eq!(entries[0].warnings[0].field.as_deref(), Some("Комментарий"));
    assert!(matches!(&entries[3].action, Action::Skipped { code, .. } if code == "sync.revert-created"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_written_twice_goes_back_to_what_it_was_first() {
    let (_sandbox, client) = empty_portal().await;
    let contact =
        add(&client, 3, [contact_of("+79000000001", "Иванов", "Иван").set("post", "Третье")]).await[0];
    let deal = add(&client, 2, [Params::new().set("title", "Приём").set("opportunity", 0)]).await[0];
    let amount = |before: &str, after: &str| Change {
        before: if before.is_empty() {
            FieldValue::empty(ValueKind::Decimal)
        } else {
            FieldValue::one(ValueKind::Decimal, before)
        },
        after: if after.is_empty() {
            FieldValue::empty(ValueKind::Decimal)
        } else {
            FieldValue::one(ValueKind::Decimal, after)
        },
        ..change("opportunity", "OPPORTUNITY", "Сумма", "", "")
    };
    let changes = vec![
        written("F1_1", deal, Some(contact), change("post", "POST", "Должность", "Первое", "Второе")),
        written("F1_2", deal, Some(contact), change("post", "POST", "Должность", "Второе", "Третье")),
        written("F1_3", deal, None, amount("500", "")),
    ];
    let entries = plan_revert(&client, KEY, changes, &[]).await.unwrap();
    assert_eq!(entries.len(), 2);
    let Action::Update(update) = &entries[0].action else { panic!() };
    let ContactChoice::Use { changes, .. } = &update.contact else { panic!() };
    assert_eq!(changes[0].after.first(), Some("Первое"));
    let Action::Update(update) = &entries[1].action else { panic!("{:?}", entries[1]) };
    assert_eq!(update.changes[0].after.first(), Some("500"), "0 is the emptied amount");
}
