//! The client against the emulated portal, over real sockets.

use std::time::Duration;

use b24_client::batch::Loss;
use b24_client::{
    ApiCode, Call, Client, ErrorKind, Guarded, List, Outcome, Pace, Params, RetryPolicy, Token, crm,
};
use b24_sandbox::{FaultPlan, Sandbox, SandboxBuilder};
use futures::{StreamExt as _, TryStreamExt as _, future};
use serde_json::Value;

use crate::script::quick;

async fn start(builder: SandboxBuilder) -> (Sandbox, Client) {
    let sandbox = builder.start().await.unwrap();
    let client = client(&sandbox.webhook(), Pace::UNLIMITED);
    (sandbox, client)
}

fn client(webhook: &str, pace: Pace) -> Client {
    Client::builder(webhook.parse().unwrap()).pace(pace).retry(quick()).build().unwrap()
}

fn unlimited() -> SandboxBuilder {
    Sandbox::builder().rate(0.0).deals(300).invoices(120)
}

fn fault(method: &str, nth: u32, what: &str) -> FaultPlan {
    format!("[[fault]]\nmethod = \"{method}\"\nnth = {nth}\ndo = \"{what}\"\n").parse().unwrap()
}

fn add() -> Call<u64> {
    Call::write("crm.deal.add", Params::new().set("fields", Params::new().set("TITLE", "probe")))
}

async fn count_probes(client: &Client) -> usize {
    let filter = Params::new().set("filter", Params::new().set("TITLE", "probe"));
    client.list(List::<Value>::new("crm.deal.list", filter)).try_collect::<Vec<_>>().await.unwrap().len()
}

#[tokio::test]
async fn a_portal_is_asked_without_system_certificates() {
    let (_sandbox, client) = start(unlimited()).await;
    let profile = client.call(crm::profile()).await.unwrap();
    assert_eq!((profile.id.get(), profile.admin), (1, true));
    assert!(client.call(crm::server_time()).await.unwrap().ends_with("+03:00"));
    assert!(client.call(crm::scope()).await.unwrap().contains(&"crm".to_owned()));
    assert!(client.call(crm::app_info()).await.unwrap().scope.contains(&"crm".to_owned()));
}

#[tokio::test]
async fn tls_works_with_the_authoritys_file_and_says_what_is_missing_without() {
    let sandbox = unlimited().tls_port(0).start().await.unwrap();
    let webhook = || sandbox.tls_webhook().unwrap().parse().unwrap();
    let trusting = Client::builder(webhook()).ca_file(sandbox.ca_file().unwrap()).build().unwrap();
    assert!(trusting.call(crm::profile()).await.is_ok());
    let error = Client::builder(webhook()).build().unwrap().call(crm::profile()).await.unwrap_err();
    assert_eq!((error.code(), error.kind()), ("client.unreachable", ErrorKind::Unreachable));
    assert!(error.hint().unwrap().contains("ca_file"));
}

#[tokio::test]
async fn a_hundred_and_fifty_calls_at_once_meet_no_refusal_p30() {
    let sandbox = Sandbox::builder().rate(200.0).burst(50).start().await.unwrap();
    let client = client(&sandbox.webhook(), Pace { leak_per_second: 200.0, burst: 50 });
    let calls = (0..150).map(|_| client.call(crm::server_time()));
    assert!(future::join_all(calls).await.iter().all(Result::is_ok));
    let journal = sandbox.journal();
    assert_eq!((journal.requests, journal.rejected, client.stats().retries), (150, 0, 0));
}

#[tokio::test]
async fn batches_and_lists_at_once_meet_no_refusal_either_p30() {
    let sandbox = Sandbox::builder().rate(100.0).burst(10).deals(1200).start().await.unwrap();
    let client = client(&sandbox.webhook(), Pace { leak_per_second: 100.0, burst: 10 });
    let lists = (0..4).map(|_| client.list(List::<Value>::new("crm.deal.list", Params::new())).count());
    let batches = (0..8).map(|_| async {
        let mut batch = client.batch();
        let slots: Vec<_> = (0..400).map(|_| batch.add(get(1))).collect();
        let mut reply = batch.send().await.unwrap();
        slots.into_iter().map(|slot| reply.take(slot)).filter(Outcome::is_ok).count()
    });
    let (rows, commands) = future::join(future::join_all(lists), future::join_all(batches)).await;
    assert_eq!((rows, commands), (vec![1200; 4], vec![400; 8]));
    assert_eq!(sandbox.journal().rejected, 0);
}

fn get(id: u64) -> Call<Value> {
    Call::read("crm.deal.get", Params::new().set("id", id))
}

#[tokio::test]
async fn a_client_that_is_too_fast_waits_and_loses_nothing_p32() {
    let sandbox = Sandbox::builder().rate(50.0).burst(5).start().await.unwrap();
    let retry = RetryPolicy { base: Duration::from_millis(200), retries: 8, ..RetryPolicy::STANDARD };
    let builder = Client::builder(sandbox.webhook().parse().unwrap()).pace(Pace::UNLIMITED).retry(retry);
    let client = builder.build().unwrap();
    let writes = future::join_all((0..20).map(|_| client.call(add()))).await;
    assert!(writes.iter().all(Result::is_ok));
    assert!(sandbox.journal().rejected > 0 && client.stats().retries > 0);
}

#[tokio::test]
async fn every_row_of_a_list_comes_once_in_order() {
    let (sandbox, client) = start(unlimited().deals(2_750)).await;
    let before = sandbox.journal().requests;
    let rows: Vec<Value> = client
        .list(List::new("crm.deal.list", Params::new().set("select", ["ID"])))
        .try_collect()
        .await
        .unwrap();
    let ids: Vec<u64> = rows.iter().map(|row| row["ID"].as_str().unwrap().parse().unwrap()).collect();
    assert!(ids.is_sorted() && ids.len() == 2_750);
    assert_eq!(sandbox.journal().requests - before, 2, "10 pages, then 46 of 50");
}

#[tokio::test]
async fn invoices_with_rows_and_requisites_come_in_few_requests() {
    let (sandbox, client) = start(unlimited()).await;
    let list = crm::invoices(Params::new(), &["ufCrm_1772717712"]).expecting(120);
    let invoices: Vec<_> = client.list(list).try_collect::<Vec<_>>().await.unwrap();
    let invoices: Vec<_> = invoices.into_iter().map(|row| row.into_result().unwrap()).collect();
    assert_eq!(invoices.len(), 120);
    let ids: Vec<u64> = invoices.iter().map(|invoice| invoice.id.get()).collect();
    let mut batch = client.batch();
    let links: Vec<_> = ids.chunks(50).map(|ids| batch.add(crm::requisite_links(ids))).collect();
    let rows: Vec<_> = ids.iter().map(|id| batch.add(crm::product_rows(*id, 0))).collect();
    let mut reply = batch.send().await.unwrap();
    assert!(links.into_iter().all(|slot| reply.take(slot).is_ok()));
    let pages: Vec<_> = rows.into_iter().map(|slot| reply.page(slot).ok().unwrap()).collect();
    assert!(pages.iter().flat_map(|page| &page.result).all(|row| matches!(row, Guarded::Ok(_))));
    assert_eq!(sandbox.journal().requests, 4);
    assert_ne!(invoices[0].opportunity, Token::null());
}

#[tokio::test]
async fn directories_and_people_decode() {
    let (_sandbox, client) = start(unlimited()).await;
    let mut batch = client.batch();
    let fields = batch.add(crm::item_fields(crm::EntityType::SmartInvoice));
    let categories = batch.add(crm::categories(crm::EntityType::SmartInvoice));
    let stages = batch.add(crm::statuses("SMART_INVOICE_STAGE_3"));
    let currencies = batch.add(crm::currencies());
    let mine = batch.add(crm::my_companies());
    let companies = batch.add(crm::requisites_of(crm::EntityType::Company, &[1, 2, 3]));
    let users = batch.add(crm::users_by_id(&[1]));
    let contacts = batch.add(crm::contacts_by_id(&[1, 2]));
    let mut reply = batch.send().await.unwrap();
    let fields = reply.take(fields).ok().unwrap();
    assert_eq!(fields.by_upper_name("UF_CRM_1772717712").unwrap().name, "ufCrm_1772717712");
    assert_eq!(reply.take(categories).ok().unwrap().len(), 1);
    let stages = reply.take(stages).ok().unwrap();
    assert!(stages.iter().any(|stage| stage.semantics.as_deref() == Some("S")));
    assert!(!reply.take(currencies).ok().unwrap().is_empty());
    assert_eq!(reply.take(mine).ok().unwrap().len(), 3);
    assert!(!reply.take(companies).ok().unwrap().is_empty());
    assert_eq!(reply.take(users).ok().unwrap().len(), 1);
    assert!(reply.take(contacts).is_ok());
}

#[tokio::test]
async fn a_lost_answer_to_an_add_is_unknown_and_leaves_exactly_one_record_p35() {
    let (sandbox, client) = start(unlimited()).await;
    sandbox.inject(fault("crm.deal.add", 1, "reset-after"));
    let error = client.call(add()).await.unwrap_err();
    assert!(error.may_be_executed());
    assert_eq!(count_probes(&client).await, 1);
    sandbox.inject(fault("crm.deal.add", 1, "reset-before"));
    assert!(client.call(add()).await.unwrap_err().may_be_executed());
    assert_eq!(count_probes(&client).await, 1, "nobody could know, so nobody tried again");
}

#[tokio::test]
async fn ten_adds_in_a_batch_whose_answer_is_lost_are_ten_unknowns_and_ten_records_p12_p35() {
    for what in ["reset-after", "truncate"] {
        let (sandbox, client) = start(unlimited()).await;
        sandbox.inject(fault("batch", 1, what));
        let mut batch = client.batch();
        let slots: Vec<_> = (0..10).map(|_| batch.add(add())).collect();
        let mut reply = batch.send().await.unwrap();
        assert!(slots.into_iter().all(|slot| matches!(reply.take(slot), Outcome::Unknown(_))), "{what}");
        assert_eq!(count_probes(&client).await, 10, "{what}");
    }
}

#[tokio::test]
async fn every_passing_fault_is_survived_by_a_read() {
    for what in ["503", "429", "html", "reset-before", "reset-after", "truncate"] {
        let (sandbox, client) = start(unlimited()).await;
        sandbox.inject(fault("crm.deal.get", 1, what));
        assert!(client.call(get(1)).await.is_ok(), "{what}");
        assert_eq!(client.stats().retries, 1, "{what}");
    }
}

#[tokio::test]
async fn what_proves_that_nothing_was_executed_is_repeated_for_an_add_p32() {
    for what in ["503", "429"] {
        let (sandbox, client) = start(unlimited()).await;
        sandbox.inject(fault("crm.deal.add", 1, what));
        assert!(client.call(add()).await.is_ok(), "{what}");
        assert_eq!(count_probes(&client).await, 1, "{what}");
    }
}

#[tokio::test]
async fn commands_over_the_execution_time_are_not_executed_and_hold_nobody_for_ten_minutes() {
    let slow = Duration::from_millis(150);
    let (_sandbox, client) = start(unlimited().operating_limit(0.5).command_latency(slow)).await;
    let mut batch = client.batch();
    let slots: Vec<_> = (0..10).map(|_| batch.add(add())).collect();
    let mut reply = batch.send().await.unwrap();
    let outcomes: Vec<_> = slots.into_iter().map(|slot| reply.take(slot)).collect();
    let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let refused = |outcome: &&Outcome<u64>| matches!(outcome, Outcome::NotExecuted(Loss::Limit(_)));
    assert_eq!(done + outcomes.iter().filter(refused).count(), 10);
    assert!((1..10).contains(&done), "{done}");
    assert!(client.limits().operating["crm.deal.add"] > 0.4);
}

#[tokio::test]
async fn a_revoked_webhook_and_a_missing_scope_are_told_apart() {
    let (sandbox, administrator) = start(unlimited()).await;
    sandbox.inject(fault("profile", 1, "401"));
    let error = administrator.call(crm::profile()).await.unwrap_err();
    assert_eq!((error.kind(), error.api().unwrap().code), (ErrorKind::Authorization, ApiCode::Credentials));
    let client = client(&sandbox.webhook_of(1, "noscope"), Pace::UNLIMITED);
    let error = client.call(get(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.api().unwrap().code),
        (ErrorKind::Authorization, ApiCode::InsufficientScope)
    );
}

#[tokio::test]
async fn references_are_resolved_by_the_portal_and_unresolved_ones_hurt_nobody() {
    let (_sandbox, client) = start(unlimited()).await;
    let comment = |deal| {
        let fields = Params::new().set("ENTITY_ID", deal).set("ENTITY_TYPE", "deal").set("COMMENT", "hello");
        Call::<u64>::write("crm.timeline.comment.add", Params::new().set("fields", fields))
    };
    let mut batch = client.batch();
    let good = batch.add(add());
    let on_good = batch.add(comment(good.at("")));
    let bad = batch.add(Call::<u64>::write("crm.deal.get", Params::new().set("id", 999_999)));
    let on_bad = batch.add(comment(bad.at("[ID]")));
    let copy = batch.add(get(1));
    let title = Params::new().set("TITLE", copy.at("[TITLE]"));
    let named = batch.add(Call::<u64>::write("crm.deal.add", Params::new().set("fields", title)));
    let mut reply = batch.send().await.unwrap();
    assert!(reply.take(good).is_ok() && reply.take(on_good).is_ok());
    assert!(matches!(reply.take(bad), Outcome::Rejected(_)));
    assert!(matches!(reply.take(on_bad), Outcome::Rejected(_)), "the portal refused an id it could not read");
    let (copy, named) = (reply.take(copy).ok().unwrap(), reply.take(named).ok().unwrap());
    assert_eq!(client.call(get(named)).await.unwrap()["TITLE"], copy["TITLE"]);
}

#[tokio::test]
async fn a_portal_that_is_not_there_is_unreachable() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let client = client(&format!("http://127.0.0.1:{port}/rest/1/sandbox/"), Pace::UNLIMITED);
    let error = client.call(add()).await.unwrap_err();
    assert_eq!((error.kind(), error.may_be_executed()), (ErrorKind::Unreachable, false));
    assert_eq!(client.stats().requests, 4);
}

#[tokio::test]
async fn a_record_that_is_denied_stops_no_other_call_of_the_batch() {
    let sandbox = unlimited().start().await.unwrap();
    let client = client(&sandbox.webhook_of(2, "restricted"), Pace::UNLIMITED);
    let own = Params::new().set("filter", Params::new().set("ASSIGNED_BY_ID", 2));
    let own = client.list(List::<Value>::new("crm.deal.list", own).limit(1)).try_collect::<Vec<_>>().await;
    let own: u64 = own.unwrap()[0]["ID"].as_str().unwrap().parse().unwrap();
    let everyone = Client::builder(sandbox.webhook().parse().unwrap()).pace(Pace::UNLIMITED).build().unwrap();
    let denied = Params::new().set("filter", Params::new().set("!ASSIGNED_BY_ID", 2));
    let denied =
        everyone.list(List::<Value>::new("crm.deal.list", denied).limit(1)).try_collect::<Vec<_>>().await;
    let denied: u64 = denied.unwrap()[0]["ID"].as_str().unwrap().parse().unwrap();

    // A null parameter cannot stand in a command's query, so each of these goes as a call of its own.
    let get = |id: u64| {
        let params = Params::new().set("entityTypeId", 2).set("id", id).set("unused", Option::<&str>::None);
        Call::<Value>::read("crm.item.get", params)
    };
    let mut batch = client.batch();
    let refused = batch.add(get(denied));
    let answered: Vec<_> = (0..5).map(|_| batch.add(get(own))).collect();
    let mut reply = batch.send().await.unwrap();
    assert!(matches!(reply.take(refused), Outcome::Rejected(_)));
    for slot in answered {
        assert!(reply.take(slot).is_ok());
    }
}
