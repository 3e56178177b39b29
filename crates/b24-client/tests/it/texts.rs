//! Every error says what was attempted, why it failed, and what to do: in one line each.

use std::error::Error as _;

use b24_client::transport::{Answer, TransportError};
use b24_client::{BatchError, Call, CallError, Error, Params};
use insta::assert_snapshot;

use crate::script::{Script, Sent, client};

/// Text, cause and hint of an error.
fn lines(error: &Error) -> String {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    format!("{} | {error} | {cause} | {}", error.code(), error.hint().unwrap_or_default())
}

async fn told(rule: impl Fn() -> Sent + Send + Sync + 'static) -> String {
    let script = Script::new(move |_, _| rule());
    let error = client(script).call(Call::<u64>::read("crm.deal.get", Params::new())).await.unwrap_err();
    assert!(Error::codes().contains(&error.code()));
    lines(&error)
}

fn refused(status: u16, body: &str) -> impl Fn() -> Sent + Send + Sync + 'static {
    let body = body.to_owned();
    move || Ok(Answer::new(status, body.clone()))
}

#[tokio::test]
async fn the_network_is_told_apart_from_the_portal() {
    assert_snapshot!(told(|| Err(TransportError::Connect("tcp connect error".to_owned()))).await, @"client.unreachable | cannot reach portal.example for crm.deal.get after 4 attempts | no connection: tcp connect error | check the address, the network and the proxy, then try again");
    assert_snapshot!(told(|| Err(TransportError::AfterSend("connection reset".to_owned()))).await, @"client.answer-lost | the answer to crm.deal.get was lost after 4 attempts | the connection broke before the answer was complete: connection reset | try again; before sending a write again, look in the portal whether it was executed");
    assert_snapshot!(told(|| Err(TransportError::TimedOut("75 s".to_owned()))).await, @"client.answer-lost | the answer to crm.deal.get was lost after 4 attempts | no complete answer in time: 75 s | try again; before sending a write again, look in the portal whether it was executed");
    assert_snapshot!(told(|| Err(TransportError::Untrusted("UnknownIssuer".to_owned()))).await, @"client.unreachable | cannot reach portal.example for crm.deal.get | the certificate is not trusted: UnknownIssuer | name the authority's certificate with `ca_file`, or install the system's certificates");
    assert_snapshot!(told(refused(502, "<html>")).await, @"client.not-an-answer | the answer to crm.deal.get is no portal's: status 502, it is a web page after 4 attempts |  | try again later; the portal or something before it is in trouble");
    assert_snapshot!(told(refused(200, "<html>")).await, @"client.not-an-answer | the answer to crm.deal.get is no portal's: status 200, it is a web page after 4 attempts |  | check that the address is the portal's own");
}

#[tokio::test]
async fn refusals_are_told_in_the_portals_words_with_what_to_do() {
    assert_snapshot!(told(refused(401, r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges"}"#)).await, @"client.authorization | the portal refused crm.deal.get | insufficient_scope: The request requires higher privileges | give the webhook the missing scope (crm, user_brief) in the portal");
    assert_snapshot!(told(refused(401, r#"{"error":"INVALID_CREDENTIALS","error_description":"Invalid request credentials"}"#)).await, @"client.authorization | the portal refused crm.deal.get | INVALID_CREDENTIALS: Invalid request credentials | the webhook is wrong or was deleted: make a new one in the portal");
    assert_snapshot!(told(refused(400, r#"{"error":"","error_description":"Not found"}"#)).await, @"client.refused | the portal refused crm.deal.get | Not found |");
    assert_snapshot!(told(refused(404, r#"{"error":"ERROR_METHOD_NOT_FOUND","error_description":"Method not found!"}"#)).await, @"client.method-unknown | the portal refused crm.deal.get | ERROR_METHOD_NOT_FOUND: Method not found! | check the spelling of the method");
    assert_snapshot!(told(refused(503, r#"{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}"#)).await, @"client.limit | the portal refused crm.deal.get after 4 attempts | QUERY_LIMIT_EXCEEDED: Too many requests | other programs use up this portal's limits: try later");
    assert_snapshot!(told(refused(200, r#"{"result":"x"}"#)).await, @r#"client.undecodable | cannot read the result of crm.deal.get: invalid type: string "x", expected u64 at line 1 column 3 |  | run the method with `b24 call --json` and compare"#);
}

#[test]
fn every_code_is_kebab_with_its_area_and_stands_once() {
    let mut codes = Error::codes().to_vec();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Error::codes().len());
    assert!(codes.iter().all(|code| {
        code.strip_prefix("client.")
            .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
    }));
    let group = BatchError::GroupTooLarge { size: 51, first: 3, members: "crm.deal.get (3–53)".to_owned() };
    assert!(codes.contains(&group.code()));
    assert_snapshot!(group, @"51 commands refer to each other, a request holds 50: crm.deal.get (3–53)");
    let undecodable = CallError::Undecodable { raw: String::new(), reason: "x".to_owned() };
    assert!(codes.contains(&undecodable.code()));
}
