//! What is sent, and what is refused before sending.

use b24_client::params::{Param, ParamsError};
use b24_client::{Call, Params, is_known_read};
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::json;

use crate::script::{Script, batch_answer, client, commands};

#[test]
fn numbers_keep_their_spelling_and_keys_their_order() {
    let text = r#"{"z":1234567890123456.789,"a":[1.0,2e3,-0],"m":{"k":"v"}}"#;
    assert_eq!(Params::from_json(text).unwrap().to_json().unwrap(), text);
}

#[test]
fn an_empty_condition_list_is_refused() {
    let params = Params::new().set("filter", Params::new().set("@ID", Vec::<u64>::new()));
    assert_eq!(params.check(), Err(ParamsError::EmptyCondition { key: "@ID".to_owned() }));
}

#[test]
fn names_that_differ_only_in_case_are_refused() {
    let params = Params::new().set("filter", Params::new()).set("FILTER", Params::new());
    assert!(matches!(params.check(), Err(ParamsError::Clash { .. })));
}

#[test]
fn a_list_at_the_top_is_sent_as_a_list_for_positional_methods() {
    let params = Params::from_json(r#"[7,{"TITLE":"x"}]"#).unwrap();
    assert_eq!(params.to_json().unwrap(), r#"[7,{"TITLE":"x"}]"#);
}

#[test]
fn only_what_is_known_to_read_is_a_read() {
    let reads = [
        "crm.deal.list",
        "CRM.Item.Get",
        "crm.item.fields",
        "profile",
        "scope",
        "server.time",
        "user.current",
    ];
    assert!(reads.iter().all(|method| is_known_read(method)));
    assert!(is_known_read("crm.duplicate.findbycomm"));
    let writes = [
        "crm.deal.add",
        "crm.item.update",
        "crm.item.productrow.set",
        "batch",
        "event.offline.get",
        "list",
        "",
    ];
    assert!(!writes.iter().any(|method| is_known_read(method)));
    assert!(Call::<u64>::of("crm.deal.get", Params::new()).is_read());
    assert!(!Call::<u64>::of("crm.deal.delete", Params::new()).is_read());
}

/// The text of one command, as the portal gets it.
async fn command(params: Params) -> String {
    let script = Script::new(|_, _| Ok(batch_answer(&json!({"c0000": true, "c0001": true}), &json!([]))));
    let mut batch = client(script.clone()).batch();
    let _slot = batch.add(Call::<bool>::read("m", params));
    // Two, so that the request is a batch whatever the parameters.
    let _other = batch.add(Call::<bool>::read("other", Params::new()));
    let _reply = batch.send().await.unwrap();
    let batches: Vec<_> = script.requests().into_iter().filter(|request| request.method == "batch").collect();
    batches
        .iter()
        .flat_map(commands)
        .find(|(key, _)| key == "c0000")
        .map(|(_, text)| text)
        .unwrap_or_default()
}

#[tokio::test]
async fn commands_are_percent_encoded_so_that_the_portal_reads_what_was_meant_p14_p15() {
    let filter = Params::new()
        .set(">=DATE", "2026-01-01T00:00:00+03:00")
        .set("!%NAME", "a&b=c#d+e %")
        .set("@ID", [1, 2]);
    let params = Params::new().set("filter", filter).set("select", ["*", "UF_*"]).set("start", -1);
    assert_snapshot!(command(params).await, @"m?filter%5B%3E%3DDATE%5D=2026-01-01T00%3A00%3A00%2B03%3A00&filter%5B%21%25NAME%5D=a%26b%3Dc%23d%2Be%20%25&filter%5B%40ID%5D%5B0%5D=1&filter%5B%40ID%5D%5B1%5D=2&select%5B0%5D=%2A&select%5B1%5D=UF_%2A&start=-1");
}

#[tokio::test]
async fn truth_values_are_letters_in_fields_and_digits_elsewhere_p15() {
    let params = Params::new()
        .set("fields", Params::new().set("OPENED", true).set("X", None::<&str>))
        .set("full", false);
    assert_snapshot!(command(params).await, @"m?fields%5BOPENED%5D=Y&fields%5BX%5D=&full=0");
    let params = Params::new().set("productRows", [Params::new().set("taxIncluded", true)]);
    assert_snapshot!(command(params).await, @"m?productRows%5B0%5D%5BtaxIncluded%5D=Y");
    let no_vat = Params::new().set("productRows", [Params::new().set("taxRate", None::<u8>)]);
    assert_eq!(command(no_vat).await, "", "no command: null is 'no VAT' in JSON and 0 % in a query");
}

#[tokio::test]
async fn what_a_command_cannot_say_is_sent_alone_as_json_p15() {
    let filter = Params::new().set("=companyId", Param::Null);
    let script = Script::new(|_, _| Ok(b24_client::transport::Answer::new(200, r#"{"result":true}"#)));
    let mut batch = client(script.clone()).batch();
    let null = batch.add(Call::<bool>::read("crm.item.list", Params::new().set("filter", filter)));
    let tricky = Params::new().set("fields", Params::new().set("COMMENT", "see $result[c0000]"));
    let tricky = batch.add(Call::<bool>::write("crm.timeline.comment.add", tricky));
    let mut reply = batch.send().await.unwrap();
    assert!(reply.take(null).ok().unwrap() && reply.take(tricky).ok().unwrap());
    let mut bodies: Vec<String> = script.requests().into_iter().map(|request| request.body).collect();
    bodies.sort();
    assert_eq!(
        bodies,
        [r#"{"fields":{"COMMENT":"see $result[c0000]"}}"#, r#"{"filter":{"=companyId":null}}"#]
    );
}

/// How PHP reads one `name=value` pair of a query: `a[b][c]`.
fn php_path(pair: &str) -> (Vec<String>, String) {
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let (name, value) = pair.split_once('=').unwrap();
    let name = decode(name);
    let mut parts = name.split('[');
    let first = parts.next().unwrap().to_owned();
    let rest = parts.map(|part| part.trim_end_matches(']').to_owned());
    (std::iter::once(first).chain(rest).collect(), decode(value))
}

proptest! {
    #[test]
    fn every_text_arrives_as_it_was_p15(text in "[^$]{0,20}", key in "[@!%<>=]{0,2}[A-Za-z_]{1,9}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let params = Params::new().set("filter", Params::new().set(key.clone(), text.clone()));
        let command = runtime.block_on(command(params));
        let (path, value) = php_path(command.strip_prefix("m?").unwrap());
        prop_assert_eq!(path, vec!["filter".to_owned(), key]);
        prop_assert_eq!(value, text);
    }

    #[test]
    fn json_in_is_json_out(text in "[\\PC]{0,12}", number in any::<i64>(), truth in any::<bool>()) {
        let value = json!({"t": text, "n": number, "b": truth, "l": [null, {"x": []}]});
        let params = Params::from_json(&value.to_string()).unwrap();
        let back: serde_json::Value = serde_json::from_str(&params.to_json().unwrap()).unwrap();
        prop_assert_eq!(back, value);
    }
}
