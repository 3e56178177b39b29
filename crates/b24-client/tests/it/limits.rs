//! The portal's limits: shared between clients, adapted to a portal that disagrees, per method and for `batch`.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use b24_client::batch::Loss;
use b24_client::{Call, Client, Outcome, Pace, Params, RetryPolicy, crm};
use b24_sandbox::{Sandbox, SandboxBuilder};
use futures::future;
use serde_json::Value;

use crate::script::quick;

/// A fast portal, so that tests are short: 40 requests a second, 50 at once.
const FAST: Pace = Pace { leak_per_second: 40.0, burst: 50 };

async fn fast() -> Sandbox {
    Sandbox::builder().rate(FAST.leak_per_second).burst(FAST.burst).deals(60).start().await.unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the caller of the client reads the clock, here the test")]
fn now() -> SystemTime {
    SystemTime::now()
}

fn sharing(webhook: &str, path: &Path) -> Client {
    let builder = Client::builder(webhook.parse().unwrap()).pace(FAST).retry(quick());
    builder.shared_limiter(path, now()).build().unwrap()
}

async fn ask(client: &Client, calls: usize) -> bool {
    let calls = (0..calls).map(|_| client.call(crm::server_time()));
    future::join_all(calls).await.iter().all(Result::is_ok)
}

#[tokio::test]
async fn clients_that_name_the_same_file_meet_no_refusal_together_p30() {
    let (sandbox, folder) = (fast().await, tempfile::tempdir().unwrap());
    let path = folder.path().join("limiter.lock");
    let clients: Vec<Client> = (0..5).map(|_| sharing(&sandbox.webhook(), &path)).collect();
    let all = future::join_all(clients.iter().map(|client| ask(client, 30))).await;
    assert!(all.into_iter().all(|fine| fine));
    let journal = sandbox.journal();
    assert_eq!((journal.requests, journal.rejected), (150, 0));
    assert_eq!(clients[0].limits().processes, Some(5));
    assert!(clients.iter().all(|client| client.stats().refused == 0));
}

#[tokio::test]
async fn what_one_client_used_the_next_one_knows() {
    let (sandbox, folder) = (fast().await, tempfile::tempdir().unwrap());
    let path = folder.path().join("limiter.lock");
    let first = sharing(&sandbox.webhook(), &path);
    assert!(ask(&first, 49).await);
    drop(first);
    let second = sharing(&sandbox.webhook(), &path);
    assert!(second.limits().level > 1.0, "{:?}", second.limits());
    assert!(ask(&second, 40).await);
    assert_eq!(sandbox.journal().rejected, 0);
}

#[tokio::test]
async fn a_broken_file_is_repaired_and_a_deleted_one_made_again() {
    let (sandbox, folder) = (fast().await, tempfile::tempdir().unwrap());
    let path = folder.path().join("limiter.lock");
    fs::write(&path, "{\"schema\":1,\"at\":{\"se").unwrap();
    let client = sharing(&sandbox.webhook(), &path);
    assert!(ask(&client, 3).await);
    assert!(serde_json::from_slice::<Value>(&fs::read(&path).unwrap()).is_ok());
    fs::remove_file(&path).unwrap();
    assert!(ask(&client, 3).await);
    assert!(path.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_the_owners_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let (sandbox, folder) = (fast().await, tempfile::tempdir().unwrap());
    let path = folder.path().join("limiter.lock");
    assert!(ask(&sharing(&sandbox.webhook(), &path), 1).await);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn without_access_to_the_file_a_client_observes_the_limits_for_itself() {
    let (sandbox, folder) = (fast().await, tempfile::tempdir().unwrap());
    let client = sharing(&sandbox.webhook(), &folder.path().join("missing").join("limiter.lock"));
    assert!(ask(&client, 80).await);
    assert_eq!((sandbox.journal().rejected, client.limits().processes), (0, None));
}

#[tokio::test]
async fn a_process_that_holds_the_lock_for_long_stops_nobody() {
    let (sandbox, folder) = (fast().await, tempfile::tempdir().unwrap());
    let path = folder.path().join("limiter.lock");
    let held = fs::File::create(&path).unwrap();
    held.lock().unwrap();
    let client = sharing(&sandbox.webhook(), &path);
    assert!(ask(&client, 1).await);
    assert_eq!(client.limits().processes, None);
    held.unlock().unwrap();
    assert!(ask(&client, 1).await);
    assert_eq!(client.limits().processes, Some(1));
}

#[tokio::test]
async fn a_request_that_is_given_up_leaves_the_bucket_as_an_answered_one() {
    let sandbox = Sandbox::builder().rate(40.0).burst(50).latency(Duration::from_millis(300)).start();
    let (sandbox, folder) = (sandbox.await.unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("limiter.lock");
    let client = sharing(&sandbox.webhook(), &path);
    let given_up = tokio::time::timeout(Duration::from_millis(100), ask(&client, 20)).await;
    assert!(given_up.is_err());
    let file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let users = file["users"].as_object().unwrap();
    assert!(users.values().all(|user| user["under_way"] == 0), "{file}");
}

#[tokio::test]
async fn beside_a_stranger_at_the_same_address_everything_gets_through_p32() {
    let sandbox = fast().await;
    // The stranger has filled the bucket, and goes on.
    let stranger = Client::builder(sandbox.webhook().parse().unwrap()).pace(Pace::UNLIMITED).retry(quick());
    let stranger = stranger.build().unwrap();
    assert!(ask(&stranger, 50).await);
    let retry = RetryPolicy { retries: 6, base: Duration::from_millis(50), ..RetryPolicy::STANDARD };
    let client = Client::builder(sandbox.webhook().parse().unwrap()).pace(FAST).retry(retry).build().unwrap();
    let before = client.limits().capacity;
    let (mine, _theirs) = future::join(ask(&client, 30), async {
        for _ in 0..20 {
            let _refused = ask(&stranger, 1).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert!(mine, "a write would have got through as well: nothing that is refused is executed");
    assert!(client.stats().refused > 0);
    assert!(client.limits().capacity < before, "it believes to have less for a while: {:?}", client.limits());
}

fn slow_commands(limit: f64) -> SandboxBuilder {
    Sandbox::builder().rate(0.0).command_latency(Duration::from_millis(120)).operating_limit(limit).deals(60)
}

async fn five_gets(client: &Client) -> Vec<Outcome<Value>> {
    let mut batch = client.batch();
    let slots: Vec<_> =
        (1..=5).map(|id| batch.add(Call::read("crm.deal.get", Params::new().set("id", id)))).collect();
    let mut reply = batch.send().await.unwrap();
    slots.into_iter().map(|slot| reply.take(slot)).collect()
}

/// A portal whose windows last ten minutes is not waited for here.
fn impatient(sandbox: &Sandbox) -> Client {
    let retry = RetryPolicy { longest_wait: Duration::from_millis(100), ..quick() };
    let builder = Client::builder(sandbox.webhook().parse().unwrap()).pace(Pace::UNLIMITED).retry(retry);
    builder.build().unwrap()
}

#[tokio::test]
async fn execution_time_is_watched_where_the_portal_charges_the_commands_p33() {
    let sandbox = slow_commands(0.3).start().await.unwrap();
    let client = impatient(&sandbox);
    let outcomes = five_gets(&client).await;
    assert!(outcomes[..3].iter().all(Outcome::is_ok), "{outcomes:?}");
    assert!(
        outcomes[4..].iter().all(|one| matches!(one, Outcome::NotExecuted(Loss::Limit(_)))),
        "{outcomes:?}"
    );
    let operating = client.limits().operating;
    assert!(operating["crm.deal.get"] > 0.3, "{operating:?}");
    assert!(client.call(crm::server_time()).await.is_ok(), "only that method is held");
}

#[tokio::test]
async fn execution_time_is_watched_where_the_portal_charges_the_batch_p33() {
    let sandbox = slow_commands(0.3).charge_batch(true).start().await.unwrap();
    let client = impatient(&sandbox);
    assert!(five_gets(&client).await.iter().all(Outcome::is_ok), "the sum is known only at the end");
    let operating = client.limits().operating;
    assert!(operating["batch"] > 0.5, "{operating:?}");
    let second = five_gets(&client).await;
    assert!(second.iter().all(|one| matches!(one, Outcome::NotExecuted(Loss::Request(_)))), "{second:?}");
    let single = Call::<Value>::read("crm.deal.get", Params::new().set("id", 1));
    assert!(client.call(single).await.is_ok(), "single calls have a budget of their own");
}
