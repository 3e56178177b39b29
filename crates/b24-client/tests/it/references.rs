//! References between commands: whole values, parts of texts, and what waits for a later request.

use b24_client::transport::{Answer, Request};
use b24_client::{Call, Composed, Outcome, Params};
use b24_sandbox::Sandbox;
use serde_json::{Map, Value, json};

use crate::script::{Script, batch_answer, client, commands};

/// Every command succeeds with what stands under its key, or with 1.
fn results(request: &Request, by_key: &Value) -> Answer {
    let result: Map<String, Value> = commands(request)
        .into_iter()
        .map(|(key, _)| (key.clone(), by_key.get(&key).cloned().unwrap_or(json!(1))))
        .collect();
    batch_answer(&result.into(), &json!([]))
}

fn script(by_key: Value) -> std::sync::Arc<Script> {
    Script::new(move |request, _| {
        Ok(if request.method == "batch" {
            results(request, &by_key)
        } else {
            Answer::new(200, r#"{"result":1}"#)
        })
    })
}

fn read(params: Params) -> Call<Value> {
    Call::read("crm.deal.list", params)
}

fn comment(text: impl Into<b24_client::params::Param>) -> Call<Value> {
    let fields = Params::new().set("ENTITY_ID", 5).set("ENTITY_TYPE", "deal").set("COMMENT", text);
    Call::write("crm.timeline.comment.add", Params::new().set("fields", fields))
}

#[tokio::test]
async fn a_text_with_a_result_in_it_is_written_for_the_portal_when_it_reads_p09() {
    let script = script(json!({}));
    let mut batch = client(script.clone()).batch();
    let deal = batch.add(read(Params::new()));
    let text = Composed::new().text("Deal ").value(deal.at("[0][ID]")).text(" created");
    let found = batch.add(read(Params::new().set("filter", Params::new().set("%TITLE", text))));
    let _reply = batch.send().await.unwrap();
    assert_eq!(found.position(), 1);
    let sent = &commands(&script.requests()[0])[1].1;
    assert_eq!(
        sent,
        "crm.deal.list?filter%5B%25TITLE%5D=Deal%20%24result%5Bc0000%5D%5B0%5D%5BID%5D%20created"
    );
}

#[tokio::test]
async fn what_the_portal_would_swallow_waits_for_the_value_p09() {
    let script = script(json!({"c0000": 77}));
    let mut batch = client(script.clone()).batch();
    let deal = batch.add(read(Params::new()));
    let glued = Composed::new().text("Deal ").value(deal.at("")).text(", paid");
    let dollars = Composed::new().text("$ ").value(deal.at(""));
    let slots = [glued, dollars]
        .map(|text| batch.add(read(Params::new().set("filter", Params::new().set("TITLE", text)))));
    let mut reply = batch.send().await.unwrap();
    assert!(slots.into_iter().all(|slot| reply.take(slot).is_ok()));
    let sent: Vec<String> = commands(&script.requests()[1]).into_iter().map(|(_, text)| text).collect();
    assert_eq!(
        sent,
        ["crm.deal.list?filter%5BTITLE%5D=Deal%2077%2C%20paid", "crm.deal.list?filter%5BTITLE%5D=%24%2077"]
    );
}

#[tokio::test]
async fn a_text_in_a_write_is_filled_in_by_the_client() {
    let script = script(json!({"c0000": 77, "c0001": {"name": "ООО «Ромашка»"}}));
    let mut batch = client(script.clone()).batch();
    let deal = batch.add(Call::<Value>::write("crm.deal.add", Params::new()));
    let company = batch.add(read(Params::new()));
    let text = Composed::new().text("Deal ").value(deal.at("")).text(" of ").value(company.at("[name]"));
    let slot = batch.add(comment(text));
    let mut reply = batch.send().await.unwrap();
    assert!(reply.take(slot).is_ok());
    let requests = script.requests();
    assert_eq!((commands(&requests[0]).len(), commands(&requests[1]).len()), (2, 1));
    assert!(commands(&requests[1])[0].1.contains("=Deal%2077%20of%20%D0%9E%D0%9E%D0%9E%20%C2%AB"));
}

#[tokio::test]
async fn a_whole_list_is_a_condition_of_a_read_and_a_value_of_a_write() {
    let script = script(json!({"c0000": [3, 5, 8]}));
    let mut batch = client(script.clone()).batch();
    let ids = batch.add(read(Params::new()));
    let those = batch.add(read(Params::new().set("filter", Params::new().set("@ID", ids.at("")))));
    let fields = Params::new().set("fields", Params::new().set("CONTACT_IDS", ids.at("")));
    let linked = batch.add(Call::<Value>::write("crm.deal.add", fields));
    let mut reply = batch.send().await.unwrap();
    assert!(reply.take(those).is_ok() && reply.take(linked).is_ok());
    let requests = script.requests();
    assert_eq!(commands(&requests[0])[1].1, "crm.deal.list?filter%5B%40ID%5D=%24result%5Bc0000%5D");
    assert_eq!(
        commands(&requests[1])[0].1,
        "crm.deal.add?fields%5BCONTACT_IDS%5D%5B0%5D=3&fields%5BCONTACT_IDS%5D%5B1%5D=5&fields%5BCONTACT_IDS%5D%5B2%5D=8"
    );
}

#[tokio::test]
async fn a_result_that_the_batch_form_cannot_carry_goes_alone_as_json() {
    // A title that reads as a reference, and a null inside: in a batch both would become something else.
    let script = script(json!({"c0000": {"TITLE": "see $result[c0000]", "ROW": {"taxRate": null}}}));
    let mut batch = client(script.clone()).batch();
    let source = batch.add(read(Params::new()));
    let fields = Params::new().set("TITLE", source.at("[TITLE]")).set("ROW", source.at("[ROW]"));
    let copy = batch.add(Call::<Value>::write("crm.deal.add", Params::new().set("fields", fields)));
    let mut reply = batch.send().await.unwrap();
    assert!(reply.take(copy).is_ok());
    let last = script.requests().pop().unwrap();
    assert_eq!(last.method, "crm.deal.add");
    assert_eq!(last.body, r#"{"fields":{"TITLE":"see $result[c0000]","ROW":{"taxRate":null}}}"#);
}

#[tokio::test]
async fn a_list_does_not_go_into_a_text() {
    let script = script(json!({"c0000": [1, 2]}));
    let mut batch = client(script.clone()).batch();
    let ids = batch.add(read(Params::new()));
    let slot = batch.add(comment(Composed::new().text("Deals ").value(ids.at(""))));
    let mut reply = batch.send().await.unwrap();
    assert!(matches!(reply.take(slot), Outcome::NotExecuted(_)));
    assert_eq!(script.count(), 1);
}

#[tokio::test]
async fn references_hold_over_three_requests_and_a_reference_to_an_unknown_value_ends_there() {
    let script = script(json!({"c0000": 7, "c0001": {"id": 8}, "c0002": {"id": null}}));
    let mut batch = client(script.clone()).batch();
    let write = |params| Call::<Value>::write("crm.item.add", params);
    let fields =
        |value: b24_client::Reference| Params::new().set("fields", Params::new().set("parent", value));
    let one = batch.add(write(Params::new()));
    let two = batch.add(write(fields(one.at(""))));
    let three = batch.add(write(fields(two.at("[id]"))));
    let four = batch.add(write(fields(three.at("[id]"))));
    let mut reply = batch.send().await.unwrap();
    assert_eq!(script.count(), 3);
    assert!(reply.take(three).is_ok());
    assert!(matches!(
        reply.take(four),
        Outcome::NotExecuted(b24_client::batch::Loss::Referent { position: 2 })
    ));
}

#[tokio::test]
async fn a_reference_across_a_request_boundary_is_never_sent_p10() {
    // 60 independent reads before it: the deal is in the first request, what refers to it fills up the second.
    let script = script(json!({"c0000": 77}));
    let mut batch = client(script.clone()).batch();
    let deal = batch.add(Call::<Value>::write("crm.deal.add", Params::new()));
    let others: Vec<_> = (0..60).map(|_| batch.add(read(Params::new()))).collect();
    let fields = Params::new().set("ENTITY_ID", deal.at("")).set("ENTITY_TYPE", "deal").set("COMMENT", "x");
    let comment = Call::<Value>::write("crm.timeline.comment.add", Params::new().set("fields", fields));
    let comment = batch.add(comment);
    let mut reply = batch.send().await.unwrap();
    assert!(reply.take(comment).is_ok() && others.len() == 60);
    for request in script.requests() {
        let commands = commands(&request);
        let refers = commands.iter().any(|(_, text)| text.contains("%24result%5Bc0000%5D"));
        assert!(!refers || commands.iter().any(|(key, _)| key == "c0000"));
    }
}

#[tokio::test]
async fn a_composed_text_is_put_together_by_the_portal_itself_p09() {
    let sandbox = Sandbox::builder().rate(0.0).deals(60).start().await.unwrap();
    let client = b24_client::Client::builder(sandbox.webhook().parse().unwrap());
    let client = client.pace(b24_client::Pace::UNLIMITED).build().unwrap();
    let mut batch = client.batch();
    let deal = batch.add(Call::<Value>::read("crm.deal.get", Params::new().set("id", 1)));
    let title = Composed::new().text("Copy of ").value(deal.at("[ID]")).text(" for you");
    let add = Params::new().set("fields", Params::new().set("TITLE", title));
    let copy = batch.add(Call::<u64>::write("crm.deal.add", add));
    let mut reply = batch.send().await.unwrap();
    let copy = reply.take(copy).ok().unwrap();
    let mut batch = client.batch();
    let deal = batch.add(Call::<Value>::read("crm.deal.get", Params::new().set("id", 1)));
    let wanted = Composed::new().text("Copy of ").value(deal.at("[ID]")).text(" for you");
    let found = batch.add(read(Params::new().set("filter", Params::new().set("TITLE", wanted))));
    let mut reply = batch.send().await.unwrap();
    let rows = reply.take(found).ok().unwrap();
    assert_eq!(rows[0]["ID"], copy.to_string(), "{rows}");
}
