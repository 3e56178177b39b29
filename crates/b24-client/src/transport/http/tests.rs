//! The HTTP transport against servers that misbehave.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::auth::Access;

/// A server that reads a request, answers these bytes, and then stays silent or hangs up.
async fn server(answer: &'static [u8], hang_up: bool) -> Asked {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _read = stream.read(&mut request).await.unwrap();
            stream.write_all(answer).await.unwrap();
            if !hang_up {
                tokio::time::sleep(Duration::from_secs(30)).await;
            }
        }
    });
    let portal: Origin = format!("http://127.0.0.1:{port}").parse().unwrap();
    let options = HttpOptions { ca_file: None, timeout: Duration::from_millis(400), largest_answer: 100 };
    Asked { transport: HttpTransport::new(&portal, &options).unwrap(), portal }
}

/// A transport and the server it is to ask.
struct Asked {
    transport: HttpTransport,
    portal: Origin,
}

async fn ask(asked: &Asked) -> Result<Answer, TransportError> {
    let access = Access::new(asked.portal.clone(), "/rest/1/abcdefgh12345678/profile".into(), None);
    let request = Request { method: "profile".to_owned(), body: "{}".to_owned(), access };
    asked.transport.send(request).await
}

#[test]
fn a_token_is_the_last_key_of_the_body() {
    assert_eq!(with_token("{}", "t"), r#"{"auth":"t"}"#);
    assert_eq!(with_token(r#"{"id":5,"auth":"x"}"#, "t\""), r#"{"id":5,"auth":"x","auth":"t\""}"#);
}

#[tokio::test]
async fn a_redirect_is_handed_on_and_not_followed() {
    let transport =
        server(b"HTTP/1.1 302 Found\r\nLocation: https://new.example/x\r\nContent-Length: 0\r\n\r\n", true)
            .await;
    let answer = ask(&transport).await.unwrap();
    assert_eq!((answer.status, answer.location.as_deref()), (302, Some("https://new.example/x")));
}

#[tokio::test]
async fn an_answer_over_the_cap_is_given_up() {
    let transport = server(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", false).await;
    assert_eq!(ask(&transport).await, Err(TransportError::TooLarge { limit: 100 }));
    let long = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n70\r\n0123456789012345678901234567890123456789\
        012345678901234567890123456789012345678901234567890123456789012345678901\r\n";
    assert_eq!(ask(&server(long, false).await).await, Err(TransportError::TooLarge { limit: 100 }));
}

#[tokio::test]
async fn silence_is_a_time_out_and_a_hang_up_is_a_lost_answer() {
    assert!(matches!(ask(&server(b"", false).await).await, Err(TransportError::TimedOut(_))));
    assert!(matches!(ask(&server(b"", true).await).await, Err(TransportError::AfterSend(_))));
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"result\"";
    assert!(matches!(ask(&server(cut, true).await).await, Err(TransportError::AfterSend(_))));
}

#[test]
fn a_file_without_certificates_is_named() {
    let portal: Origin = "https://portal.example".parse().unwrap();
    let options = |path: &str| HttpOptions {
        ca_file: Some(path.into()),
        timeout: Duration::from_secs(1),
        largest_answer: 100,
    };
    for path in ["/nowhere/ca.pem", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
        let error = HttpTransport::new(&portal, &options(path)).unwrap_err();
        assert_eq!(error.code(), "client.setup");
        assert!(error.to_string().contains(path), "{error}");
        assert!(error.hint().is_some());
    }
}
