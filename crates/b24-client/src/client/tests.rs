//! The client over a mocked transport: what leaves it.

use std::sync::Arc;

use crate::transport::{Answer, MockTransport, TransportError};
use crate::{Call, Client, Pace, Params, RetryPolicy};

fn client(transport: MockTransport) -> Client {
    let webhook = "https://portal.example/rest/1/abcdefgh12345678/".parse().unwrap();
    let builder = Client::builder(webhook).pace(Pace::UNLIMITED).transport(Arc::new(transport));
    builder.retry(RetryPolicy::NONE).build().unwrap()
}

#[tokio::test]
async fn a_request_is_the_method_and_a_json_body_and_nothing_is_added_p14() {
    let mut transport = MockTransport::new();
    transport
        .expect_send()
        .withf(|request| request.method == "crm.deal.get" && request.body == r#"{"id":5}"#)
        .returning(|_| Ok(Answer::new(200, r#"{"result":{"ID":"5"}}"#)));
    let call = Call::<serde_json::Value>::read("crm.deal.get", Params::new().set("id", 5));
    assert_eq!(client(transport).call(call).await.unwrap()["ID"], "5");
}

#[tokio::test]
async fn without_repetitions_the_first_failure_is_the_answer() {
    let mut transport = MockTransport::new();
    transport.expect_send().times(1).returning(|_| Err(TransportError::Connect("refused".to_owned())));
    let call = Call::<u64>::read("crm.deal.get", Params::new());
    let error = client(transport).call(call).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot reach portal.example for crm.deal.get");
}
