//! Credentials go to the portal, to a host that was accepted, and to nobody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use b24_client::{
    Application, Call, Client, ClientBuilder, Error, MemoryStore, Origin, Outcome, Pace, Params,
    TokenStore as _, Tokens,
};
use b24_sandbox::Sandbox;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::oauth;
use crate::script::quick;

fn add() -> Call<u64> {
    Call::write("crm.deal.add", Params::new().set("fields", Params::new().set("TITLE", "probe")))
}

fn hook(sandbox: &Sandbox) -> ClientBuilder {
    Client::builder(sandbox.webhook().parse().unwrap()).pace(Pace::UNLIMITED).retry(quick())
}

fn new_name(sandbox: &Sandbox) -> String {
    sandbox.address().replace("http://127.0.0.1", "localhost")
}

fn statuses(sandbox: &Sandbox) -> Vec<u16> {
    sandbox.journal().recent.iter().map(|call| call.status).collect()
}

#[tokio::test]
async fn a_renamed_portal_is_named_and_nothing_is_sent_there_p44() {
    let sandbox = oauth::sandbox().await;
    let store = Arc::new(MemoryStore::default());
    let application = oauth::logged_in(&sandbox, store).await;
    sandbox.rename();
    for client in [hook(&sandbox).build().unwrap(), application] {
        let error = client.call(add()).await.unwrap_err();
        assert!(matches!(&error, Error::Moved { to, .. } if *to == new_name(&sandbox)), "{error:?}");
        assert_eq!(error.code(), "client.portal-moved");
        assert!(error.hint().unwrap().contains(&format!("accept_host = \"{}\"", new_name(&sandbox))));
    }
    let mut batch = hook(&sandbox).build().unwrap().batch();
    let slot = batch.add(add());
    let mut reply = batch.send().await.unwrap();
    assert!(matches!(reply.take(slot), Outcome::NotExecuted(_)));
    let other = hook(&sandbox).accept_host("another.example").build().unwrap();
    assert_eq!(other.call(add()).await.unwrap_err().code(), "client.portal-moved");
    assert_eq!(statuses(&sandbox), [302, 302, 302, 302]);
}

#[tokio::test]
async fn an_accepted_new_host_gets_the_same_post_once_and_is_remembered_p44() {
    let sandbox = oauth::sandbox().await;
    let store = Arc::new(MemoryStore::default());
    drop(oauth::logged_in(&sandbox, store.clone()).await);
    sandbox.rename();
    let application =
        || oauth::builder(&sandbox, store.clone()).accept_host(new_name(&sandbox)).build().unwrap();
    let webhook = hook(&sandbox).accept_host(new_name(&sandbox).to_uppercase()).build().unwrap();
    for client in [webhook, application()] {
        let identity = client.identity();
        sandbox.expire_tokens();
        let before = statuses(&sandbox).len();
        let id = client.call(add()).await.unwrap();
        assert_eq!(statuses(&sandbox)[before], 302);
        assert_eq!(client.portal().name(), new_name(&sandbox));
        assert_eq!(client.identity(), identity, "files made from the portal stay its own");
        let get = Call::<serde_json::Value>::read("crm.deal.get", Params::new().set("id", id));
        assert_eq!(client.call(get).await.unwrap()["TITLE"], "probe");
        assert_eq!(statuses(&sandbox).iter().skip(before).filter(|status| **status == 302).count(), 1);
    }
    let before = statuses(&sandbox).len();
    assert!(application().call(add()).await.is_ok());
    assert_eq!(statuses(&sandbox)[before..], [200], "the next run goes straight to the new address");
}

/// A server that answers everything in this way and counts who came.
async fn server(answer: String) -> (Origin, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let came = Arc::new(AtomicUsize::new(0));
    let count = came.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            let _request = stream.read(&mut [0; 4096]).await;
            let _sent = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, came)
}

fn leading_to(status: u16, place: &Origin) -> String {
    format!(
        "HTTP/1.1 {status} X\r\nLocation: {place}/rest/1/x/y\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
}

fn with_body(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 401 X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

/// An application whose portal and authorization server are these.
fn application(portal: &Origin, server: &Origin) -> ClientBuilder {
    let tokens = Tokens::new("acce55".into(), "4ef4e5".into(), "member", portal.clone());
    let application =
        Application::new(portal.clone(), "local.1", "s3c4e7".into()).authorization_server(server.clone());
    let store = Arc::new(MemoryStore::new(tokens));
    Client::application(application, store).pace(Pace::UNLIMITED).retry(quick())
}

#[tokio::test]
async fn no_redirect_of_the_portal_takes_credentials_elsewhere_p44() {
    for status in [301, 302, 303, 307, 308] {
        let (thief, came) = server(with_body("{}")).await;
        let (portal, asked) = server(leading_to(status, &thief)).await;
        let webhook = format!("{portal}/rest/1/abcdefgh12345678/").parse().unwrap();
        for builder in [Client::builder(webhook), application(&portal, &portal)] {
            let client = builder.accept_host("accepted.example").build().unwrap();
            assert_eq!(client.call(add()).await.unwrap_err().code(), "client.portal-moved");
        }
        assert_eq!((asked.load(Ordering::SeqCst), came.load(Ordering::SeqCst)), (2, 0), "{status}");
    }
}

#[tokio::test]
async fn no_redirect_of_the_authorization_server_takes_secrets_elsewhere_p44() {
    let (thief, came) = server(with_body("{}")).await;
    let (authorization, asked) = server(leading_to(302, &thief)).await;
    let (portal, _) = server(with_body(r#"{"error":"expired_token"}"#)).await;
    let client = application(&portal, &authorization).build().unwrap();
    assert_eq!(client.call(add()).await.unwrap_err().code(), "client.login-unreachable");
    assert_eq!((asked.load(Ordering::SeqCst), came.load(Ordering::SeqCst)), (1, 0));
}

#[tokio::test]
async fn tokens_that_open_another_portal_are_neither_stored_nor_used_p44() {
    let (thief, came) = server(with_body("{}")).await;
    let body = format!(
        r#"{{"access_token":"a","refresh_token":"r","member_id":"m","client_endpoint":"{thief}/rest/","server_endpoint":"{thief}/rest/"}}"#
    );
    let (portal, _) = server(with_body(&body)).await;
    let store = Arc::new(MemoryStore::default());
    let known = Application::new(portal.clone(), "local.1", "s3c4e7".into()).authorization_server(portal);
    let error = Client::application(known, store.clone()).login("c0de".into()).await.unwrap_err();
    assert_eq!(error.code(), "client.login-needed");
    assert!(store.load().unwrap().is_none());
    assert_eq!(came.load(Ordering::SeqCst), 0);
}
