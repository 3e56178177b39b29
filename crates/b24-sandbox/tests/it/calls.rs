//! Addresses, authorisation, decoding and batches over the wire.

use b24_sandbox::Sandbox;

use crate::http::{get, post, request, try_send};

async fn sandbox() -> Sandbox {
    Sandbox::builder().invoices(20).deals(20).start().await.unwrap()
}

#[tokio::test]
async fn a_method_is_found_in_any_letter_case_with_suffix_and_slash() {
    let sandbox = sandbox().await;
    for method in ["profile", "Profile.json", "PROFILE/", "profile.json/?bx24_request_id=7"] {
        let answer = get(&format!("{}{method}", sandbox.webhook())).await;
        assert_eq!(answer.status, 200, "{method}");
        assert!(answer.body.starts_with(r#"{"result":"#), "{}", answer.body);
        assert!(answer.head.contains("content-type: application/json; charset=utf-8"));
    }
}

#[tokio::test]
async fn time_is_told_as_builds_of_2026_do() {
    let sandbox = sandbox().await;
    let time = get(&format!("{}profile", sandbox.webhook())).await.json()["time"].clone();
    let keys: Vec<&String> = time.as_object().unwrap().keys().collect();
    for key in [
        "start",
        "finish",
        "duration",
        "processing",
        "date_start",
        "date_finish",
        "operating_reset_at",
        "operating",
    ] {
        assert!(keys.iter().any(|k| *k == key), "{key}");
    }
    assert!(time["start"].is_u64() && time["processing"].is_u64());
    assert!(time["date_start"].as_str().unwrap().ends_with("+03:00"));
    assert!(time["operating_reset_at"].as_u64().unwrap() >= time["start"].as_u64().unwrap() + 600);
}

#[tokio::test]
async fn an_unknown_method_is_404_before_anyone_asks_who_calls() {
    let sandbox = sandbox().await;
    let bad = sandbox.webhook_of(1, "wrong");
    let answer = post(&format!("{bad}no.such.method"), "{}").await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (404, r#"{"error":"ERROR_METHOD_NOT_FOUND","error_description":"Method not found!"}"#)
    );
    let answer = post(&format!("{bad}profile"), "{}").await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (401, r#"{"error":"INVALID_CREDENTIALS","error_description":"Invalid request credentials"}"#)
    );
}

#[tokio::test]
async fn a_missing_scope_is_401_and_inside_a_batch_it_has_no_description() {
    let sandbox = sandbox().await;
    let hook = sandbox.webhook_of(1, "noscope");
    let answer = post(&format!("{hook}crm.item.list"), r#"{"entityTypeId":31}"#).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["error"], "insufficient_scope");
    let answer =
        post(&format!("{hook}batch"), r#"{"cmd":{"a":"crm.item.list?entityTypeId=31","b":"profile"}}"#).await;
    assert_eq!(answer.status, 200);
    let result = &answer.json()["result"];
    assert_eq!(
        result["result_error"]["a"],
        serde_json::json!({"error": "insufficient_scope", "error_description": ""})
    );
    assert!(result["result"]["b"].is_object() || result["result"]["b"].is_array());
}

#[tokio::test]
async fn addresses_without_a_webhook_are_refused_as_a_portal_does() {
    let sandbox = sandbox().await;
    let root = sandbox.webhook().replace("1/sandbox/", "");
    assert_eq!(get(&format!("{root}profile")).await.json()["error"], "NO_AUTH_FOUND");
    assert_eq!(get(&format!("{root}no.such")).await.status, 404);
    let third = post(&format!("{root}api/1/sandbox/crm.deal.list"), "{}").await;
    assert_eq!(third.status, 404);
    assert_eq!(third.json()["error"]["code"], "BITRIX_REST_V3_EXCEPTION_METHODNOTFOUNDEXCEPTION");
    assert_eq!(get(&root.replace("/rest/", "/")).await.status, 404);
}

#[tokio::test]
async fn a_batch_may_come_as_json_form_multipart_or_query() {
    let sandbox = sandbox().await;
    let url = format!("{}batch.json", sandbox.webhook());
    let multipart = "--B\r\nContent-Disposition: form-data; name=\"cmd[p]\"\r\n\r\nprofile\r\n--B--\r\n";
    let requests = [
        request("POST", &url, "application/json", r#"{"cmd":{"p":"profile"},"halt":false}"#),
        request("POST", &url, "application/x-www-form-urlencoded", "halt=0&cmd%5Bp%5D=profile%3Fa%3D1"),
        request("POST", &url, "multipart/form-data; boundary=B", multipart),
        request("GET", &format!("{url}?cmd[p]=profile&"), "", ""),
    ];
    for request in requests {
        let answer = try_send(&url, &request).await.unwrap();
        assert_eq!(answer.status, 200);
        let tail = r#""result_error":[],"result_total":[],"result_next":[],"result_time":{"p":{"start":"#;
        assert!(answer.body.contains(tail), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_batch_answers_200_and_an_empty_one_has_five_empty_lists() {
    let sandbox = sandbox().await;
    let answer = post(&format!("{}batch", sandbox.webhook()), r#"{"cmd":["no.such"]}"#).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains(r#""result_error":[{"error":"ERROR_METHOD_NOT_FOUND""#), "{}", answer.body);
    let answer = post(&format!("{}batch", sandbox.webhook()), "{}").await;
    let empty = r#"{"result":{"result":[],"result_error":[],"result_total":[],"result_next":[],"result_time":[]},"time":"#;
    assert!(answer.body.starts_with(empty), "{}", answer.body);
}

#[tokio::test]
async fn commands_of_a_batch_feed_one_another() {
    let sandbox = Sandbox::builder().invoices(20).deals(120).start().await.unwrap();
    let list = "crm.deal.list?select[]=ID&order[ID]=ASC&start=-1";
    let raw = format!("{list}&filter[%3EID]=$result[p0][49][ID]&");
    let encoded = format!("{list}&filter%5B%3EID%5D=%24result%5Bp1%5D%5B49%5D%5BID%5D");
    let add = "crm.deal.add?fields[TITLE]=after+$result[p0][0][ID]+of+$total[n]";
    let cmd = serde_json::json!({"cmd": {
        "n": "crm.deal.list?select[]=ID", "p0": list, "p1": raw, "p2": encoded, "q_add": add, "r_get": "crm.deal.get?id=$result[q_add]",
    }});
    let answer = post(&format!("{}batch", sandbox.webhook()), &cmd.to_string()).await.json();
    let result = &answer["result"]["result"];
    let pages: Vec<&str> = ["p0", "p1", "p2"]
        .iter()
        .flat_map(|key| result[key].as_array().unwrap())
        .map(|row| row["ID"].as_str().unwrap())
        .collect();
    assert_eq!(pages.len(), 120, "{answer}");
    assert!(pages.windows(2).all(|pair| pair[0].parse::<u64>().unwrap() < pair[1].parse().unwrap()));
    assert_eq!(result["r_get"]["TITLE"], format!("after {} of 120", pages[0]));
    assert_eq!(answer["result"]["result_next"], serde_json::json!({"n": 50}));
}
