//! Of applications: tokens, client secret and code are nowhere but in the request.

use std::net::TcpListener;
use std::sync::Arc;

use b24_client::transport::{Answer, Request, TransportError};
use b24_client::{Application, Client, MemoryStore, Pace, Tokens};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use crate::script::{Script, Sent, quick};
use crate::secrets::{Captured, everything, texts};

/// A portal and a network that repeat the token they were given wherever they can.
fn echo(kind: usize, request: &Request) -> Sent {
    let token = request.access.token().unwrap().expose_secret();
    let error = |status, code: &str| {
        Ok(Answer::new(status, format!(r#"{{"error":"{code}","error_description":"{token}"}}"#)))
    };
    match kind {
        0 => error(401, "expired_token"),
        1 => error(401, "invalid_token"),
        2 => error(403, "ACCESS_DENIED"),
        3 => Err(TransportError::Connect(format!("auth={token}"))),
        4 => Err(TransportError::AfterSend(format!("auth={token}"))),
        5 => Ok(Answer::new(502, format!("<html>{token}</html>"))),
        6 => {
            let location = Some(format!("https://{token}.example/rest/?auth={token}"));
            Ok(Answer { location, ..Answer::new(302, "") })
        }
        7 => Ok(Answer::new(200, format!(r#"{{"result":{{"items":"{token}"}}}}"#))),
        _ => Ok(Answer::new(
            200,
            format!(r#"{{"result":{{"result":{{"c0000":"{token}"}},"result_error":[]}}}}"#),
        )),
    }
}

/// An authorization server that repeats what it was asked: as a refusal, as a page, as broken JSON, as a redirect, or
/// as new tokens that are the old ones turned round.
async fn authorization_server(kind: usize, listener: TcpListener) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let address = listener.local_addr().unwrap();
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut received = vec![0; 4096];
        let length = stream.read(&mut received).await.unwrap_or(0);
        let request = String::from_utf8_lossy(&received[..length]).into_owned();
        let query = request.split(' ').nth(1).unwrap_or_default().to_owned();
        let turned: String = query.chars().rev().take(16).collect();
        let body = match kind {
            0 => format!(r#"{{"error":"invalid_grant {query}","error_description":"see {query}"}}"#),
            1 => format!("<html>{query}</html>"),
            2 => format!(r#"{{"error":"{query}"#),
            3 => String::new(),
            _ => format!(
                r#"{{"access_token":"{turned}","refresh_token":"{turned}x","member_id":"m","client_endpoint":"http://{address}/rest/"}}"#
            ),
        };
        let head = if kind == 3 { format!("302 Found\r\nLocation: {query}") } else { "400 X".to_owned() };
        let length = body.len();
        let answer =
            format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        let _sent = stream.write_all(answer.as_bytes()).await;
    }
}

/// Everything that a login and a client show.
async fn shown(application: Application, code: &str, script: Arc<Script>, tokens: Tokens) -> String {
    let open = |store| Client::application(application.clone(), store).pace(Pace::UNLIMITED).retry(quick());
    let builder = open(Arc::new(MemoryStore::default()));
    let mut text = format!("{application:?} {builder:?} {tokens:?}");
    match builder.transport(script.clone()).login(code.to_owned().into()).await {
        Ok(client) => text.push_str(&everything(&client).await),
        Err(error) => text.push_str(&texts(&error)),
    }
    let store = Arc::new(MemoryStore::new(tokens));
    text = format!("{text} {store:?}");
    let client = open(store).transport(script.clone()).build().unwrap();
    text.push_str(&everything(&client).await);
    format!("{text} {:?}", script.requests())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn tokens_client_secret_and_code_are_in_no_error_and_no_event_and_no_debug_text_p41(
        secrets in proptest::array::uniform4("[a-zA-Z0-9.+]{16}"), portal in 0_usize..9, server in 0_usize..5,
    ) {
        let [access, refresh, client_secret, code] = &secrets;
        let captured = Captured::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(captured.clone())
            .finish();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here: b24_client::Origin = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let application = Application::new(here.clone(), "local.1", client_secret.clone().into());
        let application = application.authorization_server(here.clone());
        let tokens = Tokens::new(access.clone().into(), refresh.clone().into(), "m", here);
        let script = Script::new(move |request, _| echo(portal, request));
        let text = tracing::subscriber::with_default(subscriber, || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let serving = tokio::spawn(authorization_server(server, listener));
                let text = shown(application, code, script.clone(), tokens).await;
                serving.abort();
                text
            })
        });
        let given = script.requests().into_iter().filter_map(|request| request.access.token().cloned());
        let given = given.map(|token| token.expose_secret().to_owned());
        let events = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
        for secret in secrets.iter().cloned().chain(given) {
            let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            for secret in [secret, encoded] {
                prop_assert!(!text.contains(&secret), "{secret} in {text}");
                prop_assert!(!events.contains(&secret), "{secret} in {events}");
            }
        }
    }
}
