//! Many calls against a portal with limits: `paced gets N` in batches, `paced calls N` one by one and all at once.
//!
//! The portal's address comes from `B24_WEBHOOK`. `cargo xtask bench` starts the portal and measures.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on should say where")]

use b24_client::{Call, Client, Params, Webhook};
use futures::future::join_all;
use serde::Deserialize;

/// As much of a deal as proves that it is the one asked for.
#[derive(Deserialize)]
struct Deal {
    #[serde(rename = "ID")]
    id: b24_client::Id,
}

#[expect(clippy::disallowed_methods, reason = "a program of its own reads its own environment")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [what, count] = arguments.as_slice() else {
        println!("paced gets|calls N, with the portal's address in B24_WEBHOOK");
        return;
    };
    let count: u64 = count.parse().unwrap();
    let webhook: Webhook = std::env::var("B24_WEBHOOK").unwrap().parse().unwrap();
    let client = Client::builder(webhook).build().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match what.as_str() {
        "gets" => runtime.block_on(gets(&client, count)),
        _ => runtime.block_on(calls(&client, count)),
    }
    println!("{:?}", client.stats());
}

/// The portal leaves out every eighth id.
async fn gets(client: &Client, count: u64) {
    let mut batch = client.batch();
    let ids: Vec<u64> = (1..).filter(|id| id % 8 != 0).take(usize::try_from(count).unwrap()).collect();
    let deal = |id: &u64| Call::<Deal>::read("crm.deal.get", Params::new().set("id", *id));
    let slots: Vec<_> = ids.iter().map(|id| batch.add(deal(id))).collect();
    let mut reply = batch.send().await.unwrap();
    for (id, slot) in ids.iter().zip(slots) {
        assert_eq!(reply.take(slot).ok().unwrap().id.get(), *id);
    }
}

async fn calls(client: &Client, count: u64) {
    let call = |_| client.call(Call::<String>::read("server.time", Params::new()));
    for outcome in join_all((0..count).map(call)).await {
        outcome.unwrap();
    }
}
