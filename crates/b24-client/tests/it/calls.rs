//! Single calls: what an answer means, and what is sent again.

use b24_client::transport::{Answer, TransportError};
use b24_client::{ApiCode, Call, Error, ErrorKind, Params, Token};
use serde_json::Value;

use crate::script::{Script, Sent, client};

const NOT_FOUND: &str = r#"{"error":"","error_description":"Not found"}"#;
const TOO_MANY: &str = r#"{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}"#;

fn lost() -> Sent {
    Err(TransportError::AfterSend("reset".to_owned()))
}

async fn read(script: &std::sync::Arc<Script>) -> Result<Value, Error> {
    client(script.clone()).call(Call::read("crm.deal.get", Params::new())).await
}

async fn write(script: &std::sync::Arc<Script>) -> Result<Value, Error> {
    client(script.clone()).call(Call::write("crm.deal.add", Params::new())).await
}

#[tokio::test]
async fn amounts_keep_every_digit() {
    let script = Script::saying(200, r#"{"result":{"opportunity":1234567890123456.789}}"#);
    let call = Call::<Token>::read("crm.item.get", Params::new()).within("opportunity");
    assert_eq!(client(script).call(call).await.unwrap().as_json(), "1234567890123456.789");
}

#[tokio::test]
async fn any_result_is_a_result() {
    for body in [
        r#"{"result":null}"#,
        r#"{"result":false}"#,
        r#"{"result":0}"#,
        r#"{"result":""}"#,
        r#"{"result":[]}"#,
    ] {
        let script = Script::saying(200, body);
        assert!(read(&script).await.is_ok(), "{body}");
    }
}

#[tokio::test]
async fn total_and_next_may_be_missing_or_texts_or_zero() {
    let reply = |body| async move {
        let reply =
            client(Script::saying(200, body)).reply(Call::<Value>::read("m", Params::new())).await.unwrap();
        (reply.total, reply.next)
    };
    assert_eq!(reply(r#"{"result":[]}"#).await, (None, None));
    assert_eq!(reply(r#"{"result":[],"total":"137","next":50}"#).await, (Some(137), Some(50)));
    assert_eq!(reply(r#"{"result":[],"total":3,"next":0,"time":[]}"#).await, (Some(3), None));
}

#[tokio::test]
async fn an_error_key_is_an_error_with_status_200_and_with_an_empty_code() {
    for (body, text) in
        [(NOT_FOUND, ""), (r#"{"error":0,"error_description":"x"}"#, "0"), (r#"{"error":100}"#, "100")]
    {
        let error = read(&Script::saying(200, body)).await.unwrap_err();
        assert_eq!(error.api().unwrap().text, text);
        assert_eq!(error.kind(), ErrorKind::Refused);
    }
}

#[tokio::test]
async fn an_error_that_is_an_object_is_read() {
    let body = r#"{"error":{"code":"BITRIX_REST_V3_EXCEPTION_ACCESSDENIEDEXCEPTION","message":"no"}}"#;
    let error = read(&Script::saying(403, body)).await.unwrap_err();
    assert_eq!(error.api().unwrap().description, "no");
    assert_eq!(error.api().unwrap().code, ApiCode::Other);
}

#[tokio::test]
async fn codes_are_told_apart_without_regard_to_case_p34_p40() {
    let table = [
        ("insufficient_scope", ErrorKind::Authorization),
        ("EXPIRED_TOKEN", ErrorKind::Authorization),
        ("NO_AUTH_FOUND", ErrorKind::Authorization),
        ("Access_Denied", ErrorKind::Authorization),
        ("PORTAL_DELETED", ErrorKind::Authorization),
        ("ERROR_METHOD_NOT_FOUND", ErrorKind::Refused),
        ("INVALID_ARG_VALUE", ErrorKind::Refused),
        ("OVERLOAD_LIMIT", ErrorKind::Unreachable),
        ("SOMETHING_NEW", ErrorKind::Refused),
    ];
    for (code, kind) in table {
        let script = Script::new(move |_, _| Ok(Answer::new(400, format!(r#"{{"error":"{code}"}}"#))));
        let error = read(&script).await.unwrap_err();
        assert_eq!((error.kind(), error.api().unwrap().text.as_str()), (kind, code));
        assert_eq!(script.count(), 1, "{code} is not sent again");
    }
}

#[tokio::test]
async fn pages_and_fragments_are_no_answers() {
    for body in ["", "<html>502</html>", r#"{"result":{"ite"#, "[]", r#"{"x":1}"#] {
        let script = Script::saying(502, body);
        let error = write(&script).await.unwrap_err();
        assert_eq!(error.code(), "client.not-an-answer");
        assert!(error.may_be_executed());
        assert_eq!(script.count(), 1, "a write is not sent twice: {body}");
        let script = Script::saying(502, body);
        assert!(read(&script).await.is_err());
        assert_eq!(script.count(), 4, "a read is: {body}");
    }
}

#[tokio::test]
async fn a_lost_answer_repeats_reads_and_repeatable_writes_only_p35() {
    let flaky = || {
        Script::new(|_, number| if number == 1 { lost() } else { Ok(Answer::new(200, r#"{"result":1}"#)) })
    };
    assert!(read(&flaky()).await.is_ok());
    let call = Call::<u64>::repeatable_write("crm.deal.update", Params::new());
    assert_eq!(client(flaky()).call(call).await.unwrap(), 1);
    let script = flaky();
    let error = write(&script).await.unwrap_err();
    assert_eq!((error.code(), script.count(), error.may_be_executed()), ("client.answer-lost", 1, true));
}

#[tokio::test]
async fn what_proves_that_nothing_was_executed_is_repeated_for_writes_too_p32() {
    let refusals: [fn() -> Sent; 3] = [
        || Err(TransportError::Connect("refused".to_owned())),
        || Ok(Answer::new(503, TOO_MANY)),
        || Ok(Answer::new(429, r#"{"error":"OPERATION_TIME_LIMIT"}"#)),
    ];
    for refusal in refusals {
        let script =
            Script::new(
                move |_, number| if number < 3 { refusal() } else { Ok(Answer::new(200, r#"{"result":1}"#)) },
            );
        assert!(write(&script).await.is_ok());
        assert_eq!(script.count(), 3);
    }
}

#[tokio::test]
async fn the_budget_of_repetitions_is_per_request_and_the_last_cause_is_kept_p36_p37() {
    let script = Script::saying(503, TOO_MANY);
    let client = client(script.clone());
    for _ in 0..2 {
        let error = client.call(Call::<Value>::write("crm.deal.add", Params::new())).await.unwrap_err();
        assert!(
            matches!(&error, Error::Api { attempts: 4, source, .. } if source.code == ApiCode::QueryLimit)
        );
        assert!(!error.may_be_executed());
    }
    assert_eq!((client.stats().requests, client.stats().retries), (8, 6));
}

#[tokio::test]
async fn a_coded_500_is_repeated_for_reads_only() {
    let body = r#"{"error":"INTERNAL_SERVER_ERROR","error_description":"x"}"#;
    let script = Script::saying(500, body);
    assert!(read(&script).await.is_err());
    assert_eq!(script.count(), 4);
    let script = Script::saying(500, body);
    assert!(write(&script).await.unwrap_err().may_be_executed());
    assert_eq!(script.count(), 1);
}

#[tokio::test]
async fn a_method_that_used_up_its_time_waits_and_the_others_do_not_p33() {
    let time = r#"{"operating":470,"finish":1000.0,"operating_reset_at":1000.25}"#;
    let script = Script::new(move |_, _| Ok(Answer::new(200, format!(r#"{{"result":1,"time":{time}}}"#))));
    let client = client(script);
    let call = |method: &str| Call::<u64>::read(method, Params::new());
    client.call(call("crm.item.list")).await.unwrap();
    client.call(call("crm.deal.list")).await.unwrap();
    assert!(client.stats().waited.as_millis() < 200, "{:?}", client.stats());
    client.call(call("CRM.item.list")).await.unwrap();
    assert!(client.stats().waited.as_millis() >= 200, "{:?}", client.stats());
    assert_eq!(client.limits().operating.get("crm.item.list"), Some(&470.0));
}

#[tokio::test]
async fn a_name_that_is_no_method_is_refused_before_it_becomes_an_address() {
    let script = Script::saying(200, r#"{"result":1}"#);
    for name in ["", "..", "../2/x/profile", "profile?auth=1", "a b", "crm.deal.get#"] {
        let error = client(script.clone()).call(Call::<u64>::read(name, Params::new())).await.unwrap_err();
        assert_eq!(error.code(), "client.params-invalid", "{name}");
    }
    assert_eq!(script.count(), 0);
}

#[tokio::test]
async fn a_renamed_portal_is_named_and_not_followed() {
    let script = Script::new(|_, _| {
        let location = Some("https://new.example/rest/1/q7w3e9r1t5y2u8i4/profile".to_owned());
        Ok(Answer { location, ..Answer::new(302, "") })
    });
    let error = read(&script).await.unwrap_err();
    assert_eq!(error.to_string(), "the portal portal.example has moved to new.example");
    assert_eq!(script.count(), 1);
}

#[tokio::test]
async fn the_reply_is_handed_on_unchanged() {
    let body = "{\"result\" : [ 1.50 ],\n\"time\":{}}";
    let text = client(Script::saying(200, body)).call_text("crm.deal.list", &Params::new()).await.unwrap();
    assert_eq!(text, body);
    let error =
        client(Script::saying(400, NOT_FOUND)).call_text("crm.deal.get", &Params::new()).await.unwrap_err();
    assert_eq!(error.api().unwrap().body, NOT_FOUND);
}

#[tokio::test]
async fn an_undecodable_result_keeps_its_text() {
    let error =
        client(Script::saying(200, r#"{"result":"x"}"#)).call(Call::<u64>::read("m", Params::new())).await;
    assert!(matches!(error, Err(Error::Undecodable { raw, .. }) if raw == r#""x""#));
}

#[tokio::test]
async fn a_reference_outside_a_batch_is_refused_before_sending() {
    let script = Script::saying(200, r#"{"result":1}"#);
    let client = client(script.clone());
    let mut batch = client.batch();
    let slot = batch.add(Call::<Value>::read("a", Params::new()));
    let call = Call::<Value>::read("b", Params::new().set("id", slot.at("[id]")));
    assert_eq!(client.call(call).await.unwrap_err().code(), "client.params-invalid");
    assert_eq!(script.count(), 0);
}

#[tokio::test]
async fn what_a_client_got_wrong_is_not_sent_again_p34() {
    for status in [400, 401, 403, 404, 422] {
        let script =
            Script::new(move |_, _| Ok(Answer::new(status, r#"{"error":"","error_description":"no"}"#)));
        assert!(read(&script).await.is_err());
        assert_eq!(script.count(), 1, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_to_be_left_alone_is_left_alone_p38() {
    let wait = std::time::Duration::from_secs(4);
    let script = Script::new(move |_, number| {
        Ok(if number == 1 {
            Answer { retry_after: Some(wait), ..Answer::new(503, TOO_MANY) }
        } else {
            Answer::new(200, r#"{"result":1}"#)
        })
    });
    let client = client(script);
    client.call(Call::<u64>::write("crm.deal.add", Params::new())).await.unwrap();
    assert_eq!(client.stats().waited.as_millis().div_ceil(1000), 4);
}
