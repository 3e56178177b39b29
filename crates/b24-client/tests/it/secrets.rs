//! The secret is nowhere but in the request.

use std::error::Error as _;
use std::io::Write;
use std::sync::{Arc, Mutex};

use b24_client::transport::{Answer, TransportError};
use b24_client::{Call, Client, Error, Outcome, Pace, Params, Webhook};
use proptest::prelude::*;
use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

use crate::script::{Script, Sent, quick};

#[derive(Clone, Default)]
pub(crate) struct Captured(pub(crate) Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Captured {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// A portal and a network that repeat the address they were asked at wherever they can.
fn echo(kind: usize, secret: &str) -> Sent {
    let address = format!("https://portal.example/rest/1/{secret}/crm.deal.get");
    let json = |status, code: &str| {
        Ok(Answer::new(
            status,
            format!(r#"{{"error":"{code}{secret}","error_description":"see {address}"}}"#),
        ))
    };
    match kind {
        0 => Err(TransportError::Connect(format!("cannot connect to {address}"))),
        1 => Err(TransportError::AfterSend(format!("reset while reading {address}"))),
        2 => Err(TransportError::TimedOut(address)),
        3 => Err(TransportError::Untrusted(address)),
        4 => Ok(Answer::new(502, format!("<html>{address}</html>"))),
        5 => json(400, ""),
        6 => json(401, "no_"),
        7 => Ok(Answer {
            location: Some(format!("https://{secret}.example/{secret}")),
            ..Answer::new(302, "")
        }),
        8 => Ok(Answer::new(200, format!(r#"{{"result":"{address}"}}"#))),
        9 => Ok(Answer::new(
            200,
            format!(r#"{{"result":{{"result":{{"c0000":"{address}"}},"result_error":[]}}}}"#),
        )),
        10 => {
            let error = format!(r#"{{"c0000":{{"error":"{secret}","error_description":"{address}"}}}}"#);
            Ok(Answer::new(200, format!(r#"{{"result":{{"result":[],"result_error":{error}}}}}"#)))
        }
        _ => Ok(Answer::new(200, format!(r#"{{"result":{{"items":"{secret}"}}}}"#))),
    }
}

pub(crate) fn texts(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {:?}", error.hint());
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text} {cause} {cause:?}");
        source = cause.source();
    }
    text
}

pub(crate) async fn everything(client: &Client) -> String {
    let mut text = format!("{client:?} {:?} {} {}", client.portal(), client.portal(), client.identity());
    let call = Call::<u64>::read("crm.deal.get", Params::new());
    text.push_str(&client.call(call.clone()).await.err().map(|error| texts(&error)).unwrap_or_default());
    let reply = client.call_text("crm.deal.add", &Params::new()).await;
    text.push_str(&reply.err().map(|error| texts(&error)).unwrap_or_default());
    let mut batch = client.batch();
    let slot = batch.add(call);
    text = format!("{text} {batch:?} {slot:?}");
    let mut reply = batch.send().await.unwrap();
    text = format!("{text} {reply:?}");
    let outcome: Outcome<u64> = reply.take(slot);
    text = format!("{text} {outcome:?}");
    if let Err(error) = outcome.ok() {
        text = format!("{text} {error} {error:?} {:?}", error.source().map(ToString::to_string));
    }
    let mut rows =
        std::pin::pin!(client.list(b24_client::List::<Value>::new("crm.item.list", Params::new())));
    while let Some(row) = futures::StreamExt::next(&mut rows).await {
        text.push_str(&row.err().map(|error| texts(&error)).unwrap_or_default());
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn the_secret_is_in_no_error_and_no_event_and_no_debug_text(secret in "[a-z0-9]{16}", kind in 0_usize..12) {
        let captured = Captured::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(captured.clone())
            .finish();
        let webhook: Webhook = format!("https://portal.example/rest/1/{secret}/").parse().unwrap();
        let told = secret.clone();
        let script = Script::new(move |_, _| echo(kind, &told));
        let builder = Client::builder(webhook).pace(Pace::UNLIMITED).retry(quick()).transport(script);
        let text = tracing::subscriber::with_default(subscriber, || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let shown = format!("{builder:?}");
            shown + &runtime.block_on(everything(&builder.build().unwrap()))
        });
        prop_assert!(!text.contains(&secret), "{text}");
        let events = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
        prop_assert!(!events.contains(&secret), "{events}");
    }

    #[test]
    fn a_refused_address_is_never_repeated(text in "[ -~]{0,40}", secret in "[a-z0-9]{16}") {
        if let Err(error) = format!("https://portal.example/rest/{text}/{secret}").parse::<Webhook>() {
            let shown = format!("{error} {error:?}");
            prop_assert!(!shown.contains(&secret));
        }
    }
}

#[test]
fn a_webhook_shows_where_it_leads_and_not_how_to_get_in() {
    let webhook: Webhook = "https://Portal.Bitrix24.ru/rest/17/abcdefgh12345678/".parse().unwrap();
    assert_eq!(webhook.to_string(), "https://portal.bitrix24.ru/rest/17/***/");
    assert_eq!((webhook.identity().as_str(), webhook.user_id()), ("portal.bitrix24.ru", 17));
    let local: Webhook = "http://127.0.0.1:8080/rest/1/sandbox".parse().unwrap();
    assert!(local.is_loopback());
    assert_eq!(local.identity(), "127.0.0.1:8080");
}

#[test]
fn what_is_no_webhook_is_refused_with_the_reason() {
    for (text, reason) in [
        ("portal", "not a web address"),
        ("ftp://portal.ru/rest/1/x/", "the address must begin with https://"),
        ("https://portal.ru/rest/1/", "the path must be /rest/USER-ID/SECRET/, as the portal shows it"),
        ("https://portal.ru/rest/zero/abc/", "the part after /rest/ must be the number of a user"),
        ("https://portal.ru/rest/1/a%20b/", "the secret may only hold letters and digits"),
    ] {
        assert_eq!(text.parse::<Webhook>().unwrap_err().to_string(), reason);
    }
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let webhook: Webhook = "http://portal.ru/rest/1/abc/".parse().unwrap();
    let error = Client::builder(webhook).build().unwrap_err();
    assert_eq!(error.code(), "client.plain-http");
}
