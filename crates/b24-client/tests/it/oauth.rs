//! An application's tokens: login, renewal under concurrency, stores.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use b24_client::transport::Answer;
use b24_client::{
    ApiCode, Application, Call, Client, Error, ErrorKind, FileStore, List, MemoryStore, Outcome, Pace,
    Params, StoreError, TokenStore, Tokens, crm,
};
use b24_sandbox::Sandbox;
use futures::{TryStreamExt as _, future};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::script::{Script, batch_answer, commands, quick};

pub(crate) async fn sandbox() -> Sandbox {
    Sandbox::builder().rate(0.0).deals(300).invoices(20).start().await.unwrap()
}

pub(crate) fn application(sandbox: &Sandbox) -> Application {
    let here = || sandbox.address().parse().unwrap();
    let known = sandbox.oauth();
    Application::new(here(), known.client_id, known.client_secret.into()).authorization_server(here())
}

pub(crate) fn builder(sandbox: &Sandbox, store: Arc<dyn TokenStore>) -> b24_client::ClientBuilder {
    Client::application(application(sandbox), store).pace(Pace::UNLIMITED).retry(quick())
}

pub(crate) async fn logged_in(sandbox: &Sandbox, store: Arc<dyn TokenStore>) -> Client {
    builder(sandbox, store).login(sandbox.authorization_code().into()).await.unwrap()
}

async fn memory(sandbox: &Sandbox) -> Client {
    logged_in(sandbox, Arc::new(MemoryStore::default())).await
}

fn get(id: u64) -> Call<Value> {
    Call::read("crm.deal.get", Params::new().set("id", id))
}

async fn hundred(client: &Client) -> Vec<Result<Value, Error>> {
    future::join_all((0..100).map(|_| client.call(get(1)))).await
}

#[tokio::test]
async fn a_login_opens_the_portal_and_its_identity_is_the_member_id() {
    let sandbox = sandbox().await;
    let client = memory(&sandbox).await;
    assert_eq!(client.call(crm::profile()).await.unwrap().id.get(), 1);
    assert_eq!(client.identity(), sandbox.oauth().member_id);
    assert_eq!(client.portal().to_string(), sandbox.address());
    let positional = Params::from_json("[1]").unwrap();
    assert!(client.call_text("server.time", &positional).await.is_ok(), "a list has no room for a token");
    let login = application(&sandbox).login_address();
    assert!(
        login.ends_with(&format!("/oauth/authorize/?client_id={}", sandbox.oauth().client_id)),
        "{login}"
    );
    assert_eq!(sandbox.oauth().logins, 1);
}

#[tokio::test]
async fn a_hundred_concurrent_401s_make_one_renewal_and_all_repeat_once_p34() {
    let sandbox = sandbox().await;
    let client = memory(&sandbox).await;
    sandbox.expire_tokens();
    let before = sandbox.journal().requests;
    let answers = hundred(&client).await;
    assert!(answers.iter().all(Result::is_ok), "{:?}", answers.iter().find(|one| one.is_err()));
    assert_eq!((sandbox.oauth().refreshes, sandbox.oauth().refused), (1, 0));
    assert!(sandbox.journal().requests - before <= 200, "each call is repeated once at most");
}

#[tokio::test]
async fn a_token_that_expires_during_a_batch_and_a_list_is_renewed_for_writes_too_p34() {
    let sandbox = sandbox().await;
    let client = memory(&sandbox).await;
    sandbox.expire_tokens();
    let mut batch = client.batch();
    let fields = || Params::new().set("fields", Params::new().set("TITLE", "probe"));
    let slots: Vec<_> = (0..120).map(|_| batch.add(Call::<u64>::write("crm.deal.add", fields()))).collect();
    let mut reply = batch.send().await.unwrap();
    assert!(slots.into_iter().all(|slot| reply.take(slot).is_ok()));
    sandbox.expire_tokens();
    let rows: Vec<Value> =
        client.list(List::new("crm.deal.list", Params::new())).try_collect().await.unwrap();
    assert_eq!(rows.len(), 420, "each add was executed once");
    assert_eq!(sandbox.oauth().refreshes, 2);
}

#[tokio::test]
async fn commands_that_a_running_batch_lost_its_token_for_are_sent_again_p34() {
    let sandbox = sandbox().await;
    let store = Arc::new(MemoryStore::default());
    drop(logged_in(&sandbox, store.clone()).await);
    let expired = serde_json::json!({"c0001": {"error": "expired_token", "error_description": ""}});
    let script = Script::new(move |_, number| {
        Ok(match number {
            1 => batch_answer(&serde_json::json!({"c0000": 7}), &expired),
            2 => Answer::new(401, r#"{"error":"expired_token"}"#),
            _ => batch_answer(&serde_json::json!({"c0001": 8}), &serde_json::json!([])),
        })
    });
    let client = builder(&sandbox, store).transport(script.clone()).build().unwrap();
    let mut batch = client.batch();
    let slots = [0, 1].map(|_| batch.add(Call::<u64>::write("crm.deal.add", Params::new())));
    let mut reply = batch.send().await.unwrap();
    assert_eq!(slots.map(|slot| reply.take(slot).ok().unwrap()), [7, 8]);
    assert_eq!((script.count(), sandbox.oauth().refreshes), (3, 1));
    assert_eq!(commands(&script.requests()[2]).len(), 1, "what was executed is not sent again");
}

#[tokio::test]
async fn a_caller_that_hangs_up_loses_no_tokens() {
    let sandbox = sandbox().await;
    let store = Arc::new(MemoryStore::default());
    let client = logged_in(&sandbox, store.clone()).await;
    let old = stored(&*store);
    sandbox.expire_tokens();
    let mut call = Box::pin(client.call(get(1)));
    while sandbox.oauth().refreshes == 0 {
        assert!(futures::poll!(&mut call).is_pending());
        tokio::task::yield_now().await;
    }
    drop(call);
    client.settle().await;
    assert_ne!(stored(&*store), old);
    assert!(client.call(get(1)).await.is_ok());
    assert_eq!(sandbox.oauth().refreshes, 1);
}

#[tokio::test]
async fn a_second_401_is_an_answer_and_not_another_renewal_p34() {
    let sandbox = sandbox().await;
    let client = memory(&sandbox).await;
    let short = Sandbox::builder().rate(0.0).token_lifetime(std::time::Duration::ZERO);
    let short = short.start().await.unwrap();
    let expired = memory(&short).await;
    let error = expired.call(get(1)).await.unwrap_err();
    assert_eq!((error.kind(), error.api().unwrap().code), (ErrorKind::Authorization, ApiCode::ExpiredToken));
    assert_eq!((short.oauth().refreshes, short.journal().requests), (1, 2));
    assert!(client.call(get(1)).await.is_ok());
}

#[tokio::test]
async fn only_a_refused_token_is_renewed_p34() {
    let sandbox = sandbox().await;
    for (status, code, refreshes) in [
        (401, "expired_token", 1),
        (401, "INVALID_TOKEN", 1),
        (401, "insufficient_scope", 0),
        (401, "authorization_error", 0),
        (403, "expired_token", 0),
        (403, "ACCESS_DENIED", 0),
        (400, "expired_token", 0),
        (404, "ERROR_METHOD_NOT_FOUND", 0),
        (422, "invalid_token", 0),
    ] {
        let store = Arc::new(MemoryStore::default());
        drop(logged_in(&sandbox, store.clone()).await);
        let before = sandbox.oauth().refreshes;
        let script = Script::new(move |_, _| Ok(Answer::new(status, format!(r#"{{"error":"{code}"}}"#))));
        let client = builder(&sandbox, store).transport(script.clone()).build().unwrap();
        assert!(client.call(get(1)).await.is_err());
        assert_eq!(sandbox.oauth().refreshes - before, refreshes, "{status} {code}");
        assert_eq!(script.count() as u64, 1 + refreshes, "{status} {code}");
    }
}

#[tokio::test]
async fn a_failed_renewal_is_asked_for_once_and_told_to_everybody_p34() {
    let sandbox = sandbox().await;
    let client = memory(&sandbox).await;
    sandbox.expire_tokens();
    sandbox.refuse_tokens(Some("invalid_grant"));
    let failed = hundred(&client).await;
    assert!(failed.iter().all(|result| {
        result.as_ref().is_err_and(|error| error.code() == "client.login-refused" && !error.may_be_executed())
    }));
    assert_eq!(sandbox.oauth().refused, 1);
    let mut batch = client.batch();
    let slot = batch.add(Call::<u64>::write("crm.deal.add", Params::new()));
    let mut reply = batch.send().await.unwrap();
    assert!(matches!(reply.take(slot), Outcome::NotExecuted(_)));
    assert_eq!(sandbox.oauth().refused, 1, "a refused token is not offered again");
}

#[tokio::test]
async fn refusals_of_the_authorization_server_are_told_with_what_to_do_p40() {
    let sandbox = sandbox().await;
    for (code, hint) in [
        ("invalid_grant", "run `b24 login` again"),
        ("wrong_client", "check client_id"),
        ("invalid_client", "check client_id"),
        ("PAYMENT_REQUIRED", "plan"),
        ("NOT_INSTALLED", "install"),
        ("invalid_scope", "run `b24 login` again"),
    ] {
        sandbox.refuse_tokens(Some(code));
        let login = builder(&sandbox, Arc::new(MemoryStore::default())).login("x".into());
        let error = login.await.unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains(code) && error.hint().unwrap().contains(hint), "{source}");
        assert_eq!((error.code(), error.kind()), ("client.login-refused", ErrorKind::Authorization));
        assert!(Error::codes().contains(&error.code()));
    }
}

#[tokio::test]
async fn refusals_of_the_portal_are_told_apart_by_their_codes_p40() {
    let sandbox = sandbox().await;
    for (status, text, code, hint) in [
        (401, "expired_token", ApiCode::ExpiredToken, "run `b24 login` again"),
        (401, "invalid_token", ApiCode::Credentials, "run `b24 login` again"),
        (401, "invalid_grant", ApiCode::Credentials, "make a new one"),
        (401, "NO_AUTH_FOUND", ApiCode::Credentials, "make a new one"),
        (401, "ERROR_OAUTH", ApiCode::Credentials, "is installed"),
        (401, "authorization_error", ApiCode::Credentials, "user active"),
        (401, "insufficient_scope", ApiCode::InsufficientScope, "missing scope"),
        (401, "PAYMENT_REQUIRED", ApiCode::Payment, "plan"),
        (403, "user_access_error", ApiCode::AccessDenied, "no right"),
    ] {
        let script = Script::new(move |_, _| Ok(Answer::new(status, format!(r#"{{"error":"{text}"}}"#))));
        let store = Arc::new(MemoryStore::default());
        drop(logged_in(&sandbox, store.clone()).await);
        let client = builder(&sandbox, store).transport(script).build().unwrap();
        let error = client.call(get(1)).await.unwrap_err();
        assert_eq!((error.api().unwrap().code, error.kind()), (code, ErrorKind::Authorization), "{text}");
        assert!(error.hint().unwrap().contains(hint), "{text}: {:?}", error.hint());
    }
}

#[tokio::test]
async fn a_wrong_client_with_status_200_is_a_refusal_p40() {
    let sandbox = sandbox().await;
    let here = || sandbox.address().parse().unwrap();
    let application = Application::new(here(), "other", "x".into()).authorization_server(here());
    let builder = Client::application(application, Arc::new(MemoryStore::default()));
    let error = builder.login("x".into()).await.unwrap_err();
    assert_eq!(
        std::error::Error::source(&error).unwrap().to_string().split(' ').nth(2),
        Some("wrong_client:")
    );
}

#[tokio::test]
async fn without_tokens_and_with_those_of_another_portal_a_login_is_needed() {
    let (sandbox, other) = (sandbox().await, sandbox().await);
    let error = builder(&sandbox, Arc::new(MemoryStore::default())).build().unwrap_err();
    assert_eq!((error.code(), error.hint().unwrap().as_str()), ("client.login-needed", "run `b24 login`"));
    let store = Arc::new(MemoryStore::default());
    drop(logged_in(&other, store.clone()).await);
    assert_eq!(builder(&sandbox, store).build().unwrap_err().code(), "client.login-needed");
}

#[tokio::test]
async fn an_authorization_server_that_is_not_there_is_unreachable() {
    let sandbox = sandbox().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let application = application(&sandbox).authorization_server(format!("http://{free}").parse().unwrap());
    let builder = Client::application(application, Arc::new(MemoryStore::default()));
    let error = builder.login(sandbox.authorization_code().into()).await.unwrap_err();
    assert_eq!((error.code(), error.kind()), ("client.login-unreachable", ErrorKind::Unreachable));
}

/// A store that cannot be written while it is told so.
#[derive(Default)]
struct Full {
    inner: MemoryStore,
    full: AtomicBool,
}

impl TokenStore for Full {
    fn load(&self) -> Result<Option<Tokens>, StoreError> {
        self.inner.load()
    }

    fn save(&self, tokens: &Tokens) -> Result<(), StoreError> {
        if self.full.load(Ordering::SeqCst) {
            return Err(StoreError { what: "writing".to_owned(), reason: "no space left".to_owned() });
        }
        self.inner.save(tokens)
    }
}

fn stored(store: &impl TokenStore) -> String {
    store.load().unwrap().unwrap().to_json().expose_secret().to_owned()
}

#[tokio::test]
async fn tokens_that_cannot_be_stored_are_not_used_and_not_lost() {
    let sandbox = sandbox().await;
    let store = Arc::new(Full::default());
    let client = logged_in(&sandbox, store.clone()).await;
    let old = stored(&*store);
    sandbox.expire_tokens();
    store.full.store(true, Ordering::SeqCst);
    let error = client.call(get(1)).await.unwrap_err();
    assert_eq!((error.code(), error.kind()), ("client.token-store", ErrorKind::Configuration));
    assert_eq!(stored(&*store), old, "the old pair is where it was");
    assert_eq!(sandbox.journal().requests, 1, "the new token was not used");
    store.full.store(false, Ordering::SeqCst);
    assert!(client.call(get(1)).await.is_ok());
    assert_eq!(sandbox.oauth().refreshes, 1, "the new pair was kept until it could be stored");
    assert_ne!(stored(&*store), old);
}

#[tokio::test]
async fn programs_that_share_a_file_renew_its_tokens_once() {
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().unwrap();
    let store = || Arc::new(FileStore::new(folder.path().join("state").join("tokens.json")));
    let first = logged_in(&sandbox, store()).await;
    let others: Vec<Client> = (0..4).map(|_| builder(&sandbox, store()).build().unwrap()).collect();
    sandbox.expire_tokens();
    assert!(first.call(get(1)).await.is_ok());
    assert!(others[0].call(get(1)).await.is_ok());
    assert_eq!(sandbox.oauth().refreshes, 1, "what another program renewed is read");
    sandbox.expire_tokens();
    let answers = future::join_all(others.iter().map(hundred)).await;
    assert!(answers.iter().flatten().all(Result::is_ok));
    assert_eq!((sandbox.oauth().refreshes, sandbox.oauth().refused), (2, 0));
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_of_tokens_belongs_to_its_owner_and_is_replaced_as_a_whole() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("наш портал");
    let path = state.join("tokens.json");
    let client = logged_in(&sandbox, Arc::new(FileStore::new(&path))).await;
    let first = std::fs::metadata(&path).unwrap();
    sandbox.expire_tokens();
    assert!(client.call(get(1)).await.is_ok());
    let second = std::fs::metadata(&path).unwrap();
    assert_ne!(first.ino(), second.ino());
    for (path, mode) in [(&state, 0o700), (&path, 0o600), (&state.join("tokens.lock"), 0o600)] {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
    }
    assert_eq!(std::fs::read_dir(&state).unwrap().count(), 2, "no temporary file is left");
}

#[test]
fn a_file_that_holds_no_tokens_is_named_and_its_text_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.json");
    std::fs::write(&path, r#"{"access_token":"verysecret"}"#).unwrap();
    let error = FileStore::new(&path).load().unwrap_err().to_string();
    assert!(error.contains("tokens.json") && !error.contains("verysecret"), "{error}");
}
