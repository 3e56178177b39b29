//! Behaviours 39 to 43 of docs/peer-behaviours.md: strange answers, codes, secrets, listeners, oversized answers.

use std::error::Error as _;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use b24_client::transport::{Answer, TransportError};
use b24_client::{ApiCode, Call, Client, Error, ErrorKind, Pace, Params};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tracing_subscriber::fmt::MakeWriter;

use crate::script::{SECRET, Script, client, quick};

async fn ask(status: u16, body: &'static str) -> Result<u64, Error> {
    client(Script::saying(status, body)).call(Call::write("crm.deal.add", Params::new())).await
}

#[tokio::test]
async fn an_answer_without_time_is_an_answer_p39() {
    assert_eq!(ask(200, r#"{"result":5}"#).await.unwrap(), 5);
    assert_eq!(ask(200, r#"{"result":5,"time":{}}"#).await.unwrap(), 5);
    assert_eq!(ask(200, r#"{"result":5,"time":{"start":1,"finish":1.5,"duration":null}}"#).await.unwrap(), 5);
    let batch = client(Script::saying(200, r#"{"result":{"result":{"c0000":1},"result_error":[]}}"#));
    let mut batch = batch.batch();
    let slot = batch.add(Call::<u64>::read("crm.deal.get", Params::new()));
    assert!(batch.send().await.unwrap().take(slot).is_ok());
}

#[tokio::test]
async fn what_is_no_portals_answer_is_told_as_such_and_leaves_a_write_open_p39() {
    let bodies =
        ["", " ", "<html>Bad Gateway</html>", r#"{"result":{"item":{"id":"#, "null", "[]", r#"{"x":1}"#];
    for body in bodies {
        for status in [200, 502, 503] {
            let error = ask(status, body).await.unwrap_err();
            assert_eq!(error.code(), "client.not-an-answer", "{status} {body:?}");
            assert!(error.may_be_executed(), "{status} {body:?}");
        }
    }
}

#[tokio::test]
async fn an_error_is_seen_with_status_200_with_an_empty_code_and_as_an_object_p39() {
    let cases = [
        (200, r#"{"error":"INVALID_ARG_VALUE","error_description":"bad"}"#, "INVALID_ARG_VALUE", "bad"),
        (200, r#"{"error":"","error_description":"Not found"}"#, "", "Not found"),
        (400, r#"{"error":0,"error_description":"Access denied"}"#, "0", "Access denied"),
        (400, r#"{"error":{"code":"V3_CODE","message":"no"}}"#, "V3_CODE", "no"),
    ];
    for (status, body, code, description) in cases {
        let error = ask(status, body).await.unwrap_err();
        let api = error.api().unwrap();
        assert_eq!((api.text.as_str(), api.description.as_str()), (code, description));
        assert_eq!(api.body, body, "the portal's own words are kept");
    }
}

#[tokio::test]
async fn codes_are_mapped_and_unknown_ones_kept_as_text_p40() {
    let known = [
        ("insufficient_scope", ApiCode::InsufficientScope, ErrorKind::Authorization),
        ("expired_token", ApiCode::ExpiredToken, ErrorKind::Authorization),
        ("invalid_token", ApiCode::Credentials, ErrorKind::Authorization),
        ("invalid_grant", ApiCode::Credentials, ErrorKind::Authorization),
        ("NO_AUTH_FOUND", ApiCode::Credentials, ErrorKind::Authorization),
        ("ACCESS_DENIED", ApiCode::AccessDenied, ErrorKind::Authorization),
        ("QUERY_LIMIT_EXCEEDED", ApiCode::QueryLimit, ErrorKind::Unreachable),
        ("OPERATION_TIME_LIMIT", ApiCode::OperationTimeLimit, ErrorKind::Unreachable),
        ("ERROR_METHOD_NOT_FOUND", ApiCode::MethodNotFound, ErrorKind::Refused),
        ("INTERNAL_SERVER_ERROR", ApiCode::Internal, ErrorKind::Unreachable),
        ("PORTAL_DELETED", ApiCode::PortalDeleted, ErrorKind::Authorization),
        ("SOMETHING_NEW", ApiCode::Other, ErrorKind::Refused),
    ];
    for (text, code, kind) in known {
        for text in [text.to_owned(), text.to_ascii_uppercase(), text.to_ascii_lowercase()] {
            let body = format!(r#"{{"error":"{text}","error_description":"d"}}"#);
            let script = Script::new(move |_, _| Ok(Answer::new(400, body.clone())));
            let error =
                client(script).call(Call::<u64>::write("crm.deal.add", Params::new())).await.unwrap_err();
            let api = error.api().unwrap();
            assert_eq!((api.code, api.text.as_str(), error.kind()), (code, text.as_str(), kind));
        }
    }
}

#[tokio::test]
async fn secrets_are_in_no_text_of_client_call_batch_and_errors_p41() {
    let leak = format!("https://portal.example/rest/1/{SECRET}/batch?auth={SECRET}");
    let failures: [fn(String) -> TransportError; 3] =
        [TransportError::Connect, TransportError::AfterSend, TransportError::TimedOut];
    for failure in failures {
        let text = leak.clone();
        let client = client(Script::new(move |_, _| Err(failure(text.clone()))));
        let mut batch = client.batch();
        let params = Params::new().set("id", 1).set("note", SECRET);
        let call = Call::<u64>::write("crm.deal.update", params);
        let said = format!("{client:?} {call:?} {batch:?} {} {:?}", client.portal(), client.portal());
        let slot = batch.add(call.clone());
        let error = client.call(call).await.unwrap_err();
        let outcome = batch.send().await.unwrap().take(slot);
        let said = format!("{said} {error} {error:?} {:?} {:?} {outcome:?}", error.source(), error.hint());
        assert!(!said.contains(SECRET), "{said}");
    }
}

/// Writes nothing, in one way or the other.
#[derive(Clone)]
struct Broken {
    panics: bool,
    called: Arc<Mutex<u32>>,
}

impl io::Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        *self.called.lock().unwrap() += 1;
        assert!(!self.panics, "the listener panics");
        Err(io::Error::other("the disk is full"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Broken {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[test]
fn a_listener_that_fails_or_panics_does_not_affect_the_request_p42() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for panics in [false, true] {
        let listener = Broken { panics, called: Arc::default() };
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(listener.clone())
            .log_internal_errors(false)
            .finish();
        let script = Script::new(|_, number| match number {
            1 => Err(TransportError::Connect("refused".to_owned())),
            2 => Ok(Answer::new(503, r#"{"error":"QUERY_LIMIT_EXCEEDED"}"#)),
            _ => Ok(Answer::new(200, r#"{"result":5}"#)),
        });
        let call = Call::<u64>::write("crm.deal.add", Params::new());
        let result = tracing::subscriber::with_default(subscriber, || {
            runtime.block_on(client(script.clone()).call(call))
        });
        assert_eq!((result.unwrap(), script.count()), (5, 3));
        assert!(*listener.called.lock().unwrap() > 0, "the listener was asked");
    }
}

#[tokio::test]
async fn an_oversized_answer_is_refused_before_it_fills_the_memory_p43() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _read = stream.read(&mut request).await.unwrap();
                // Announces more than the client accepts, and never sends it.
                let head = b"HTTP/1.1 200 OK\r\nContent-Length: 68000000\r\n\r\n";
                stream.write_all(head).await.unwrap();
                tokio::time::sleep(Duration::from_secs(30)).await;
            });
        }
    });
    let webhook = format!("http://127.0.0.1:{port}/rest/1/{SECRET}/").parse().unwrap();
    let client = Client::builder(webhook).pace(Pace::UNLIMITED).retry(quick()).build().unwrap();
    let error = client.call(Call::<u64>::read("crm.deal.get", Params::new())).await.unwrap_err();
    assert!(matches!(error, Error::Lost { source: TransportError::TooLarge { .. }, .. }), "{error:?}");
    assert_eq!(client.stats().requests, 1, "it would be as large again");
    let error = client.call(Call::<u64>::write("crm.deal.add", Params::new())).await.unwrap_err();
    assert!(error.may_be_executed());
}
