//! Look-ups in batches: complete or unknown, in few requests.

use b24_client::{Call, Client, Params};
use b24_sandbox::Sandbox;
use serde_json::Value;
use workflow::sync::Sight;
use workflow::sync::look_up::{
    DealFields, LiveContact, PhoneOwners, batch_find_contacts_by_ids, batch_find_contacts_by_phones,
    batch_find_deals_by_external_ids, batch_find_leads_by_ids, batch_find_leads_by_phones,
};

use super::fixtures::{KEY, add, contact_of, counted, deal_of, empty_portal, impatient, portal};

fn fields() -> DealFields {
    DealFields { key: KEY.to_owned(), others: vec!["TITLE".to_owned()] }
}

fn keys(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|number| format!("F1_{number}")).collect()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn ids(sight: &Sight<Vec<std::sync::Arc<LiveContact>>>) -> Vec<u64> {
    let Sight::Found(found) = sight else { panic!("{sight:?}") };
    found.iter().map(|card| card.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_keys_that_all_exist_need_eight_requests() {
    // Three in five deals of the sandbox have a key: F1_ and 20,000 more than the number.
    let (sandbox, client) = portal(Sandbox::builder().invoices(0).deals(20_000)).await;
    let select = Params::new()
        .set("filter", Params::new().set(format!("!{KEY}"), ""))
        .set("select", ["ID", KEY])
        .set("order", Params::new().set("ID", "ASC"));
    let list = b24_client::List::<Value>::new("crm.deal.list", select).limit(10_000);
    let rows: Vec<Value> = futures::TryStreamExt::try_collect(client.list(list)).await.unwrap();
    let keys: Vec<String> = rows.iter().map(|row| row[KEY].as_str().unwrap().to_owned()).collect();
    assert_eq!(keys.len(), 10_000);
    let (found, requests) =
        counted(&sandbox, batch_find_deals_by_external_ids(&client, &fields(), &keys)).await;
    let found = found.unwrap();
    assert!(found.values().all(|sight| matches!(sight, Sight::Found(deals) if deals.len() == 1)));
    assert_eq!(found.len(), 10_000);
    assert_eq!(requests, 8, "200 full sets, and 200 commands that prove their ends");

    let absent = keys.iter().map(|key| format!("X{key}")).collect::<Vec<_>>();
    let (found, requests) =
        counted(&sandbox, batch_find_deals_by_external_ids(&client, &fields(), &absent)).await;
    assert!(found.unwrap().values().all(|sight| matches!(sight, Sight::Absent)));
    assert_eq!(requests, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_page_is_not_the_end_of_a_set() {
    let (sandbox, client) = empty_portal().await;
    // One key has 120 deals, another comes behind all of them.
    add(&client, 2, (0..120).map(|_| deal_of("F1_1"))).await;
    add(&client, 2, [deal_of("F1_2")]).await;
    let asked = texts(&["F1_1", "F1_2", "F1_3"]);
    let (found, requests) =
        counted(&sandbox, batch_find_deals_by_external_ids(&client, &fields(), &asked)).await;
    let found = found.unwrap();
    assert!(matches!(&found["F1_1"], Sight::Found(deals) if deals.len() == 120));
    assert!(matches!(&found["F1_2"], Sight::Found(deals) if deals.len() == 1));
    assert!(matches!(&found["F1_3"], Sight::Absent));
    assert_eq!(requests, 3, "121 deals are three pages");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_the_portal_ignores_is_an_error_of_the_configuration() {
    let (_sandbox, client) = portal(Sandbox::builder().invoices(0).deals(100)).await;
    let wrong = DealFields { key: "UF_CRM_NO_SUCH_FIELD".to_owned(), others: Vec::new() };
    let error = batch_find_deals_by_external_ids(&client, &wrong, &keys(0..3)).await.unwrap_err();
    assert_eq!(error.code(), "sync.key-filter-ignored");
    assert!(error.to_string().contains("UF_CRM_NO_SUCH_FIELD"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_other_letters_is_found_with_its_own_spelling() {
    let (_sandbox, client) = empty_portal().await;
    add(&client, 2, [deal_of("f1_7")]).await;
    let found = batch_find_deals_by_external_ids(&client, &fields(), &texts(&["F1_7"])).await.unwrap();
    assert!(matches!(&found["F1_7"], Sight::Found(deals) if deals[0].key == "f1_7"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_without_an_answer_is_unknown_and_the_others_stand() {
    let (sandbox, client) = empty_portal().await;
    add(&client, 2, keys(0..60).iter().map(|key| deal_of(key))).await;
    // Of two sets in one request, the first is lost.
    sandbox.inject("[[fault]]\nmethod = \"crm.deal.list\"\nnth = 1\ndo = \"error\"\n".parse().unwrap());
    let found =
        batch_find_deals_by_external_ids(&impatient(&sandbox), &fields(), &keys(0..60)).await.unwrap();
    let unknown = found.values().filter(|sight| matches!(sight, Sight::Unknown(_))).count();
    let found = found.values().filter(|sight| matches!(sight, Sight::Found(_))).count();
    assert_eq!((unknown, found), (50, 10));
}

/// Every spelling people use, and the three forms that the portal takes for different numbers.
const SPELLINGS: [&str; 6] = [
    "+7 (999) 123-45-67",
    "8 999 123 45 67",
    "79991234567",
    "9991234567",
    "+8 999 1234567",
    "8-999-123-45-67;12",
];

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_found_under_every_spelling_and_nobody_else_is() {
    let (sandbox, client) = empty_portal().await;
    let people = add(&client, 3, SPELLINGS.iter().map(|phone| contact_of(phone, "Иванов", "Иван"))).await;
    add(&client, 3, [contact_of("+7 999 123-45-68", "Петров", "Пётр")]).await;
    let asked = texts(&["+79991234567", "+79990000000"]);
    let mut owners = PhoneOwners::default();
    let (found, requests) =
        counted(&sandbox, batch_find_contacts_by_phones(&client, &asked, &mut owners)).await;
    let found = found.unwrap();
    assert_eq!(ids(&found["+79991234567"]), people);
    assert!(matches!(found["+79990000000"], Sight::Absent));
    assert_eq!(requests, 2, "who may own them, and their numbers");
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_and_leads_share_one_answer() {
    let (sandbox, client) = empty_portal().await;
    let contacts = add(&client, 3, [contact_of("+79991234567", "Иванов", "Иван")]).await;
    let lead = contact_of("8 999 1234567", "Иванов", "Иван").set("title", "Звонок");
    let lead = lead.set("sourceId", "WEB").set("sourceDescription", "Реклама");
    let leads = add(&client, 1, [lead]).await;
    let asked = texts(&["+79991234567"]);
    let mut owners = PhoneOwners::default();
    let (_, requests) = counted(&sandbox, owners.prepare(&client, &asked, true)).await;
    assert_eq!(requests, 2);
    let (found, requests) = counted(&sandbox, async {
        let people = batch_find_contacts_by_phones(&client, &asked, &mut owners).await.unwrap();
        (people, batch_find_leads_by_phones(&client, &asked, &mut owners).await.unwrap())
    })
    .await;
    assert_eq!(requests, 0, "everything is known already");
    assert_eq!(ids(&found.0["+79991234567"]), contacts);
    let Sight::Found(found) = &found.1["+79991234567"] else { panic!() };
    assert_eq!((found[0].id, found[0].status.as_str(), found[0].closed), (leads[0], "NEW", false));
    assert_eq!((found[0].source.as_str(), found[0].source_description.as_str()), ("WEB", "Реклама"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_answer_clears_twenty_values_with_one_command() {
    let (sandbox, client) = empty_portal().await;
    let asked: Vec<String> = (0..2000).map(|number| format!("+7900{number:07}")).collect();
    let mut owners = PhoneOwners::default();
    let before = sandbox.journal().commands;
    let (found, requests) =
        counted(&sandbox, batch_find_contacts_by_phones(&client, &asked, &mut owners)).await;
    assert!(found.unwrap().values().all(|sight| matches!(sight, Sight::Absent)));
    assert_eq!(requests, 6, "2000 numbers in three forms, 20 a command, 50 commands a request");
    assert_eq!(sandbox.journal().commands - before, 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_twenty_records_may_have_more_and_is_unknown() {
    let (_sandbox, client) = empty_portal().await;
    add(&client, 3, (0..19).map(|_| contact_of("+79991234567", "Иванов", "Иван"))).await;
    let asked = texts(&["+79991234567", "+79991234500"]);
    let mut owners = PhoneOwners::default();
    let found = batch_find_contacts_by_phones(&client, &asked, &mut owners).await.unwrap();
    assert_eq!(ids(&found["+79991234567"]).len(), 19);

    // A lead and a company take places of the portal's twenty, too.
    add(&client, 1, [contact_of("8 999 1234567", "Иванов", "Иван").set("title", "Звонок")]).await;
    add(&client, 4, [contact_of("8 999 1234567", "", "").set("title", "ООО")]).await;
    let mut owners = PhoneOwners::default();
    let found = batch_find_contacts_by_phones(&client, &asked, &mut owners).await.unwrap();
    assert!(matches!(&found["+79991234567"], Sight::Unknown(why) if why.contains("there may be more")));
    assert!(matches!(found["+79991234500"], Sight::Absent), "its twenty values were not cut");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_command_makes_its_values_unknown() {
    let (sandbox, client) = empty_portal().await;
    add(&client, 3, [contact_of("+79991234567", "Иванов", "Иван")]).await;
    // A webhook without the scope of the CRM is told so by every command.
    let webhook: b24_client::Webhook = sandbox.webhook_of(1, "noscope").parse().unwrap();
    let stranger = Client::builder(webhook).build().unwrap();
    let asked = texts(&["+79991234567"]);
    let mut owners = PhoneOwners::default();
    match batch_find_contacts_by_phones(&stranger, &asked, &mut owners).await {
        Ok(found) => assert!(matches!(found["+79991234567"], Sight::Unknown(_))),
        Err(error) => assert_eq!(error.code(), "client.rejected"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_cannot_be_read_makes_the_value_unknown() {
    let (sandbox, client) = empty_portal().await;
    // The other webhook's user sees records of user 2 only, but duplicates of everybody.
    add(&client, 3, [contact_of("+79991234567", "Иванов", "Иван").set("assignedById", 1)]).await;
    let webhook: b24_client::Webhook = sandbox.webhook_of(2, "restricted").parse().unwrap();
    let manager = Client::builder(webhook).build().unwrap();
    let asked = texts(&["+79991234567", "+79991234500"]);
    let mut owners = PhoneOwners::default();
    let found = batch_find_contacts_by_phones(&manager, &asked, &mut owners).await.unwrap();
    let seen = Call::<Value>::read(
        "crm.duplicate.findbycomm",
        Params::new().set("type", "PHONE").set("values", ["+79991234567"]),
    );
    if manager.call(seen).await.unwrap().as_object().is_some_and(|found| found.contains_key("CONTACT")) {
        for sight in found.values() {
            assert!(matches!(sight, Sight::Unknown(why) if why.contains("cannot be read")), "{sight:?}");
        }
    } else {
        assert!(found.values().all(|sight| matches!(sight, Sight::Absent)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_and_leads_are_found_by_number() {
    let (_sandbox, client) = empty_portal().await;
    let contact =
        add(&client, 3, [contact_of("+79991234567", "Иванов", "Иван").set("post", "Врач")]).await[0];
    let lead = add(&client, 1, [Params::new().set("title", "Звонок").set("stageId", "JUNK")]).await[0];
    let found = batch_find_contacts_by_ids(&client, &[contact, 999], &["POST".to_owned()]).await.unwrap();
    let Sight::Found(card) = &found[&contact] else { panic!() };
    assert_eq!(card.name.last, "Иванов");
    assert_eq!(card.token("POST").unwrap().as_json(), "\"Врач\"");
    assert!(matches!(found[&999], Sight::Absent));
    let found = batch_find_leads_by_ids(&client, &[lead]).await.unwrap();
    assert!(matches!(&found[&lead], Sight::Found(lead) if lead.closed && lead.status == "JUNK"));
}
