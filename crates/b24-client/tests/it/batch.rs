//! Batches: how commands are put into requests, and what each of them comes to.

use b24_client::batch::Loss;
use b24_client::transport::{Answer, Request, TransportError};
use b24_client::{ApiCode, BatchError, Call, Outcome, Params, Slot};
use serde_json::{Map, Value, json};

use crate::script::{Script, batch_answer, client, commands};

/// Every command succeeds with its own text.
fn echo(request: &Request) -> Answer {
    let result: Map<String, Value> =
        commands(request).into_iter().map(|(key, text)| (key, text.into())).collect();
    batch_answer(&result.into(), &json!([]))
}

fn get(id: u64) -> Call<Value> {
    Call::read("crm.deal.get", Params::new().set("id", id))
}

fn add(title: &str) -> Call<Value> {
    Call::write("crm.deal.add", Params::new().set("fields", Params::new().set("TITLE", title)))
}

#[tokio::test]
async fn fifty_commands_go_in_one_request_and_fifty_one_in_two_and_none_in_none_p01() {
    for (commands, requests) in [(0, 0), (1, 1), (50, 1), (51, 2), (100, 2), (120, 3)] {
        let script = Script::new(|request, _| Ok(echo(request)));
        let mut batch = client(script.clone()).batch();
        let slots: Vec<Slot<Value>> = (0..commands).map(|id| batch.add(get(id))).collect();
        let mut reply = batch.send().await.unwrap();
        for (id, slot) in slots.into_iter().enumerate() {
            assert_eq!(reply.take(slot).ok().unwrap(), format!("crm.deal.get?id={id}"));
        }
        assert_eq!(script.count(), requests, "{commands} commands");
    }
}

#[tokio::test]
async fn a_failed_command_shifts_no_other_p02_p05() {
    let script = Script::new(|_, _| {
        let error = json!({"c0001": {"error": "", "error_description": "Not found"}});
        Ok(batch_answer(&json!({"c0000": {"ID": "1"}, "c0002": null}), &error))
    });
    let mut batch = client(script).batch();
    let (one, two, three) = (batch.add(get(1)), batch.add(get(2)), batch.add(get(3)));
    let mut reply = batch.send().await.unwrap();
    assert_eq!(reply.counts(), (2, 1));
    assert_eq!(reply.place(&two).method, "crm.deal.get");
    assert_eq!(reply.take(one).ok().unwrap(), json!({"ID": "1"}));
    assert!(matches!(reply.take(two), Outcome::Rejected(error) if error.description == "Not found"));
    assert_eq!(reply.take(three).ok().unwrap(), Value::Null);
}

#[tokio::test]
async fn a_result_of_nothing_is_a_success_and_stays_in_its_place_p06() {
    let empty = [json!(null), json!(false), json!(0), json!(""), json!([])];
    let results = empty.clone();
    let script = Script::new(move |request, _| {
        let keys = commands(request).into_iter().map(|(key, _)| key);
        Ok(batch_answer(&keys.zip(results.clone()).collect::<Map<_, _>>().into(), &json!([])))
    });
    let mut batch = client(script).batch();
    let slots: Vec<Slot<Value>> = (0..5).map(|id| batch.add(get(id))).collect();
    let mut reply = batch.send().await.unwrap();
    assert_eq!(reply.all(slots).unwrap(), empty);
}

#[tokio::test]
async fn keys_are_no_numbers_and_a_list_in_place_of_a_map_is_nobodys_result_p04() {
    // With numbers for keys, PHP would make lists of its maps, and a failed command would shift the others.
    let script = Script::new(|request, _| {
        assert!(commands(request).iter().all(|(key, _)| key.starts_with('c')));
        Ok(batch_answer(&json!([1, 2]), &json!([{"error": "X"}])))
    });
    let mut batch = client(script).batch();
    let slots = [batch.add(add("1")), batch.add(add("2"))];
    let mut reply = batch.send().await.unwrap();
    for slot in slots {
        assert!(matches!(reply.take(slot), Outcome::Unknown(Loss::Missing)));
    }
}

#[tokio::test]
async fn names_that_php_would_read_otherwise_are_sent_as_json_p11() {
    let odd = ["a]b", "a[b", ""];
    let fine = ["__proto__", "17", "two words", "Ё!", "constructor"];
    let script = Script::new(|request, _| {
        Ok(if request.method == "batch" { echo(request) } else { Answer::new(200, r#"{"result":"alone"}"#) })
    });
    let mut batch = client(script.clone()).batch();
    let call = |name: &str| {
        let fields = Params::new().set("fields", Params::new().set(name, "x"));
        Call::<String>::write("crm.deal.add", fields)
    };
    let alone: Vec<_> = odd.map(|name| batch.add(call(name))).into();
    let together: Vec<_> = fine.map(|name| batch.add(call(name))).into();
    let mut reply = batch.send().await.unwrap();
    assert!(alone.into_iter().all(|slot| reply.take(slot).ok().unwrap() == "alone"));
    let texts: Vec<String> = together.into_iter().map(|slot| reply.take(slot).ok().unwrap()).collect();
    assert_eq!(texts[2], "crm.deal.add?fields%5Btwo%20words%5D=x");
    assert!(script.requests().iter().any(|request| request.body == r#"{"fields":{"a]b":"x"}}"#));
}

#[tokio::test]
async fn every_outcome_says_which_command_it_is_of_without_personal_data_p02() {
    let script = Script::new(|_, _| {
        Ok(batch_answer(
            &json!({"c0000": {"ID": "5"}}),
            &json!({"c0001": {"error": "NO", "error_description": "no"}}),
        ))
    });
    let mut batch = client(script).batch();
    let deal = batch.add(get(5));
    let fields =
        Params::new().set("NAME", "Анна").set("PHONE", 79_991_234_567_u64).set("DEAL", deal.at("[ID]"));
    let _contact = batch.add(Call::<Value>::read(
        "crm.contact.list",
        Params::new().set("filter", fields).set("select", ["ID"]),
    ));
    let mut reply = batch.send().await.unwrap();
    let lines: Vec<String> = reply
        .outcomes()
        .map(|(place, outcome)| match outcome {
            Outcome::Ok(json) => format!("{place}: {json}"),
            other => format!("{place}: {}", other.ok().unwrap_err().code()),
        })
        .collect();
    assert_eq!(
        lines,
        [
            r#"command 0 (crm.deal.get) with id=5: {"ID": "5"}"#.replace(": \"5\"", ":\"5\""),
            "command 1 (crm.contact.list) with filter[NAME]=…, filter[PHONE]=…, filter[DEAL]=$result[c0000][ID], \
             select=(1 values): client.rejected"
                .to_owned(),
        ]
    );
    assert!(reply.take(deal).is_ok());
    assert_eq!(reply.outcomes().count(), 1, "what was taken is gone");
}

#[tokio::test]
async fn reads_that_took_too_long_are_asked_in_smaller_requests() {
    for answer in [Err(TransportError::TimedOut("75 s".to_owned())), Ok(Answer::new(504, "<html>"))] {
        let script =
            Script::new(
                move |request, _| {
                    if commands(request).len() > 20 { answer.clone() } else { Ok(echo(request)) }
                },
            );
        let mut batch = client(script.clone()).batch();
        let slots: Vec<_> = (0..50).map(|id| batch.add(get(id))).collect();
        let mut reply = batch.send().await.unwrap();
        assert!(slots.into_iter().all(|slot| reply.take(slot).is_ok()));
        let sizes: Vec<usize> = script.requests().iter().map(|request| commands(request).len()).collect();
        assert_eq!(sizes[..3], [50, 25, 25], "what took too long once is not asked for again as it is");
    }
}

#[tokio::test]
async fn all_or_nothing_is_said_by_the_first_that_failed() {
    let script = Script::new(|_, _| {
        Ok(batch_answer(&json!({"c0000": 1, "c0001": 2}), &json!({"c0002": {"error": "X"}})))
    });
    let mut batch = client(script).batch();
    let good = [batch.add(get(1)), batch.add(get(2))];
    let bad = batch.add(get(3));
    let mut reply = batch.send().await.unwrap();
    assert_eq!(reply.all(good).unwrap(), [json!(1), json!(2)]);
    assert_eq!(reply.all([bad]).unwrap_err().code(), "client.rejected");
}

#[tokio::test]
async fn empty_maps_and_missing_maps_are_maps_p03() {
    let bodies = [
        r#"{"result":{"result":[],"result_error":{"c0000":{"error":"X"}},"result_total":[]}}"#,
        r#"{"result":{"result_error":{"c0000":{"error":"X"}}}}"#,
    ];
    for body in bodies {
        let mut batch = client(Script::saying(200, body)).batch();
        let slot = batch.add(add("x"));
        assert!(
            matches!(batch.send().await.unwrap().take(slot), Outcome::Rejected(error) if error.text == "X")
        );
    }
}

#[tokio::test]
async fn a_command_in_neither_map_is_unknown_when_it_writes_and_asked_again_when_it_reads_p08() {
    let script = Script::new(|request, number| {
        Ok(if number == 1 { batch_answer(&json!([]), &json!([])) } else { echo(request) })
    });
    let mut batch = client(script.clone()).batch();
    let (write, read) = (batch.add(add("x")), batch.add(get(1)));
    let mut reply = batch.send().await.unwrap();
    assert!(matches!(reply.take(write), Outcome::Unknown(Loss::Missing)));
    assert!(reply.take(read).is_ok());
    assert_eq!(commands(&script.requests()[1]).len(), 1, "only the read is sent again");
}

#[tokio::test]
async fn after_a_halt_error_the_rest_is_not_executed_p07() {
    let script = Script::new(|_, _| {
        Ok(batch_answer(&json!({"c0000": 1}), &json!({"c0001": {"error": "", "error_description": "no"}})))
    });
    let mut batch = client(script.clone()).batch();
    batch.halt(true);
    let slots: Vec<_> = (0..60).map(|n| batch.add(add(&n.to_string()))).collect();
    let mut reply = batch.send().await.unwrap();
    let outcomes: Vec<_> = slots.into_iter().map(|slot| reply.take(slot)).collect();
    assert!(matches!((&outcomes[0], &outcomes[1]), (Outcome::Ok(_), Outcome::Rejected(_))));
    assert!(outcomes[2..].iter().all(|outcome| matches!(outcome, Outcome::NotExecuted(Loss::Halted))));
    assert_eq!(script.count(), 1);
}

#[tokio::test]
async fn a_lost_request_makes_writes_unknown_and_keeps_the_other_requests_p12_p13() {
    let script = Script::new(|request, _| {
        if commands(request).iter().any(|(key, _)| key == "c0050") {
            return Err(TransportError::AfterSend("reset".to_owned()));
        }
        Ok(echo(request))
    });
    let mut batch = client(script.clone()).batch();
    let slots: Vec<_> = (0..150).map(|n| batch.add(add(&n.to_string()))).collect();
    let mut reply = batch.send().await.unwrap();
    let unknown = slots.into_iter().map(|slot| reply.take(slot));
    let unknown: Vec<bool> =
        unknown.map(|outcome| matches!(outcome, Outcome::Unknown(Loss::Request(_)))).collect();
    assert!(unknown.iter().enumerate().all(|(n, lost)| *lost == (50..100).contains(&n)));
    assert_eq!(script.count(), 3, "no write is sent twice");
}

#[tokio::test]
async fn a_refused_request_is_the_answer_of_all_its_commands_p12() {
    let body = r#"{"error":"insufficient_scope","error_description":"more"}"#;
    let script = Script::saying(401, body);
    let mut batch = client(script.clone()).batch();
    let slots: Vec<_> = (0..3).map(|n| batch.add(get(n))).collect();
    let mut reply = batch.send().await.unwrap();
    for slot in slots {
        assert!(
            matches!(reply.take(slot), Outcome::Rejected(error) if error.code == ApiCode::InsufficientScope)
        );
    }
    assert_eq!(script.count(), 1);
}

#[tokio::test]
async fn without_a_connection_nothing_is_executed() {
    let script = Script::new(|_, _| Err(TransportError::Connect("refused".to_owned())));
    let mut batch = client(script.clone()).batch();
    let slots: Vec<_> = (0..500).map(|n| batch.add(add(&n.to_string()))).collect();
    let mut reply = batch.send().await.unwrap();
    for slot in slots {
        assert!(matches!(reply.take(slot), Outcome::NotExecuted(Loss::Request(_))));
    }
    assert!(script.count() <= 16, "the requests after the first failure are kept back: {}", script.count());
}

#[tokio::test]
async fn a_command_over_the_time_limit_is_sent_again_even_when_it_writes_p33() {
    let script = Script::new(|request, number| {
        Ok(match number {
            1 => batch_answer(&json!({"c0000": 1}), &json!({"c0001": {"error": "OPERATION_TIME_LIMIT"}})),
            _ => echo(request),
        })
    });
    let mut batch = client(script.clone()).batch();
    let (one, two) = (batch.add(add("1")), batch.add(add("2")));
    let mut reply = batch.send().await.unwrap();
    assert!(reply.take(one).is_ok() && reply.take(two).is_ok());
    let again: Vec<String> = commands(&script.requests()[1]).into_iter().map(|(key, _)| key).collect();
    assert_eq!(again, ["c0001"]);
}

#[tokio::test]
async fn a_refusal_after_a_lost_answer_does_not_prove_that_nothing_was_executed() {
    let script = Script::new(|_, number| match number {
        1 => Err(TransportError::TimedOut("75 s".to_owned())),
        _ => Ok(batch_answer(&json!([]), &json!({"c0000": {"error": "OPERATION_TIME_LIMIT"}}))),
    });
    let mut batch = client(script).batch();
    let slot = batch.add(Call::<u64>::repeatable_write("crm.deal.update", Params::new().set("id", 1)));
    assert!(matches!(batch.send().await.unwrap().take(slot), Outcome::Unknown(Loss::Limit(_))));
}

#[tokio::test]
async fn references_of_reads_stay_in_the_request_and_are_written_for_the_portal_p09() {
    let script =
        Script::new(|_, _| Ok(batch_answer(&json!({"c0000": {"item": {"id": 5}}, "c0001": 1}), &json!([]))));
    let mut batch = client(script.clone()).batch();
    let item = batch.add(Call::<Value>::read("crm.item.get", Params::new().set("id", 5)));
    let filter = Params::new().set("=ownerId", item.at("[item][id]"));
    let rows =
        batch.add(Call::<Value>::read("crm.item.productrow.list", Params::new().set("filter", filter)));
    let mut reply = batch.send().await.unwrap();
    assert!(reply.take(item).is_ok() && reply.take(rows).is_ok());
    let text = &commands(&script.requests()[0])[1].1;
    assert_eq!(
        text,
        "crm.item.productrow.list?filter%5B%3DownerId%5D=%24result%5Bc0000%5D%5Bitem%5D%5Bid%5D"
    );
}

/// A deal and what refers to it: a comment by its mandatory id, another deal by a plain field.
async fn deal_and_followers(script: std::sync::Arc<Script>) -> [Outcome<Value>; 3] {
    let mut batch = client(script).batch();
    let deal = batch.add(add("deal"));
    let fields = Params::new().set("ENTITY_ID", deal.at("")).set("ENTITY_TYPE", "deal").set("COMMENT", "x");
    let comment =
        batch.add(Call::<Value>::write("crm.timeline.comment.add", Params::new().set("fields", fields)));
    let fields = Params::new().set("UF_PARENT", deal.at(""));
    let child = batch.add(Call::<Value>::write("crm.deal.add", Params::new().set("fields", fields)));
    let mut reply = batch.send().await.unwrap();
    [reply.take(deal), reply.take(comment), reply.take(child)]
}

#[tokio::test]
async fn a_write_refers_as_text_for_mandatory_ids_and_waits_for_the_value_otherwise() {
    let script = Script::new(|request, number| {
        Ok(if number == 1 {
            batch_answer(&json!({"c0000": 77, "c0001": 9}), &json!([]))
        } else {
            echo(request)
        })
    });
    let outcomes = deal_and_followers(script.clone()).await;
    assert!(outcomes.iter().all(Outcome::is_ok));
    let requests = script.requests();
    assert!(commands(&requests[0])[1].1.contains("fields%5BENTITY_ID%5D=%20%24result%5Bc0000%5D&"));
    assert_eq!(
        commands(&requests[1]),
        [("c0002".to_owned(), "crm.deal.add?fields%5BUF_PARENT%5D=77".to_owned())]
    );
}

#[tokio::test]
async fn what_refers_to_a_failed_command_is_not_sent_or_not_trusted_p09() {
    // The portal took the comment although the deal failed: it landed somewhere else.
    let script =
        Script::new(|_, _| Ok(batch_answer(&json!({"c0001": 9}), &json!({"c0000": {"error": "NO"}}))));
    let [deal, comment, child] = deal_and_followers(script.clone()).await;
    assert!(matches!(deal, Outcome::Rejected(_)));
    assert!(matches!(comment, Outcome::Unknown(Loss::Referent { position: 0 })));
    assert!(matches!(child, Outcome::NotExecuted(Loss::Referent { position: 0 })));
    assert_eq!(script.count(), 1);
}

#[tokio::test]
async fn a_read_that_refers_to_a_missing_value_has_no_answer() {
    let script =
        Script::new(|_, _| Ok(batch_answer(&json!({"c0000": [], "c0001": [{"ID": "1"}]}), &json!([]))));
    let mut batch = client(script).batch();
    let first = batch.add(Call::<Value>::read("crm.deal.list", Params::new()));
    let filter = Params::new().set("@ID", first.at(""));
    let second = batch.add(Call::<Value>::read("crm.deal.list", Params::new().set("filter", filter)));
    let mut reply = batch.send().await.unwrap();
    assert!(reply.take(first).is_ok());
    assert!(matches!(reply.take(second), Outcome::Failed(Loss::Referent { position: 0 })));
}

#[tokio::test]
async fn more_than_fifty_that_refer_to_each_other_are_refused_before_anything_is_sent() {
    let script = Script::new(|request, _| Ok(echo(request)));
    let client = client(script.clone());
    let chain = |length: usize| {
        let mut batch = client.batch();
        let mut last = batch.add(get(1));
        for _ in 1..length {
            last = batch.add(Call::read("crm.deal.get", Params::new().set("id", last.at("[ID]"))));
        }
        batch
    };
    let error = chain(51).send().await.unwrap_err();
    assert!(
        matches!(&error, BatchError::GroupTooLarge { size: 51, first: 0, members } if members == "crm.deal.get (0–50)")
    );
    assert_eq!(script.count(), 0);
    assert!(chain(50).send().await.is_ok());
}

#[tokio::test]
async fn groups_stay_together_and_fill_requests() {
    let script = Script::new(|request, _| Ok(echo(request)));
    let mut batch = client(script.clone()).batch();
    for _ in 0..3 {
        let mut last = batch.add(get(1));
        for _ in 1..30 {
            last = batch.add(Call::read("crm.deal.get", Params::new().set("id", last.at("[ID]"))));
        }
    }
    let singles: Vec<_> = (0..60).map(|id| batch.add(get(id))).collect();
    let _reply = batch.send().await.unwrap();
    assert_eq!(singles.len(), 60);
    let first_wave: Vec<usize> =
        script.requests().iter().take(3).map(|request| commands(request).len()).collect();
    assert_eq!(first_wave, [50, 50, 50], "three groups of 30, each filled up with 20 of the 60");
}

#[tokio::test]
async fn slow_commands_make_smaller_requests() {
    let script = Script::new(|request, _| {
        let times = commands(request).into_iter().map(|(key, _)| (key, json!({"duration": 2.5})));
        let times: Map<String, Value> = times.collect();
        let mut body: Value = serde_json::from_slice(&echo(request).body).unwrap();
        body["result"]["result_time"] = times.into();
        Ok(Answer::new(200, body.to_string()))
    });
    let mut batch = client(script.clone()).batch();
    let slots: Vec<_> = (0..300).map(|id| batch.add(get(id))).collect();
    let mut reply = batch.send().await.unwrap();
    assert!(slots.into_iter().all(|slot| reply.take(slot).is_ok()));
    let sizes: Vec<usize> = script.requests().iter().map(|request| commands(request).len()).collect();
    assert_eq!(sizes[..4], [50; 4], "nothing is known at first");
    assert_eq!(sizes[4..], [10; 10], "25 seconds of commands that take 2.5");
}

#[tokio::test]
async fn reads_whose_answer_is_too_large_are_asked_in_smaller_requests() {
    let script = Script::new(|request, _| {
        if commands(request).len() > 20 {
            Err(TransportError::TooLarge { limit: 64 })
        } else {
            Ok(echo(request))
        }
    });
    let mut batch = client(script.clone()).batch();
    let slots: Vec<_> = (0..50).map(|id| batch.add(get(id))).collect();
    let mut reply = batch.send().await.unwrap();
    assert!(slots.into_iter().all(|slot| reply.take(slot).is_ok()));
    assert_eq!(script.requests().iter().map(|request| commands(request).len()).max(), Some(50));
}

#[tokio::test]
async fn illegal_references_are_refused_before_anything_is_sent_p10() {
    let script = Script::new(|request, _| Ok(echo(request)));
    let client = client(script.clone());
    let mut other = client.batch();
    let foreign = other.add(get(1));
    for reference in [foreign.at("[ID]"), foreign.at("ID"), foreign.at("[a b]"), foreign.at("[]")] {
        let mut batch = client.batch();
        let _slot = batch.add(Call::<Value>::read("crm.deal.get", Params::new().set("id", reference)));
        assert!(matches!(batch.send().await, Err(BatchError::Reference { position: 0, .. })));
    }
    assert_eq!(script.count(), 0);
}

#[tokio::test]
async fn what_the_portal_would_misread_is_refused_before_anything_is_sent() {
    let script = Script::new(|request, _| Ok(echo(request)));
    let empty = Params::new().set("filter", Params::new().set("@ID", Vec::<u64>::new()));
    let clash = Params::new().set("filter", Params::new()).set("FILTER", Params::new());
    for (method, params) in
        [("crm.deal.list", empty), ("crm.deal.list", clash), ("crm.deal.get?id=1#", Params::new())]
    {
        let mut batch = client(script.clone()).batch();
        let _fine = batch.add(get(1));
        let _slot = batch.add(Call::<Value>::read(method, params));
        let error = batch.send().await.unwrap_err();
        assert!(matches!(&error, BatchError::Params { position: 1, .. }), "{error}");
    }
    assert_eq!(script.count(), 0);
}

#[tokio::test]
#[should_panic(expected = "this slot is of another batch")]
async fn a_slot_of_another_batch_is_a_programming_error() {
    let client = client(Script::new(|request, _| Ok(echo(request))));
    let (mut one, mut two) = (client.batch(), client.batch());
    let slot = one.add(get(1));
    let _other = two.add(get(1));
    let _outcome = two.send().await.unwrap().take(slot);
}
