//! `/sandbox/…`.

use b24_sandbox::Sandbox;

use crate::http::{get, post};

async fn sandbox() -> (Sandbox, String) {
    let sandbox = Sandbox::builder().invoices(20).deals(20).start().await.unwrap();
    let root = sandbox.webhook().replace("rest/1/sandbox/", "sandbox/");
    (sandbox, root)
}

#[tokio::test]
async fn the_journal_over_http_is_the_journal_and_does_not_count_itself() {
    let (sandbox, root) = sandbox().await;
    get(&format!("{}profile", sandbox.webhook())).await;
    let over_http = get(&format!("{root}journal")).await.json();
    assert_eq!(over_http, serde_json::to_value(sandbox.journal()).unwrap());
    assert_eq!(over_http["requests"], 1);
    assert_eq!(over_http["recent"][0]["method"], "profile");
}

#[tokio::test]
async fn faults_are_replaced_and_a_bad_plan_changes_nothing() {
    let (sandbox, root) = sandbox().await;
    let plan = "[[fault]]\nmethod = \"profile\"\ndo = \"html\"";
    assert_eq!(post(&format!("{root}faults"), plan).await.body, r#"{"faults":1}"#);
    let bad = post(&format!("{root}faults"), "[[fault]]\nmethod = 5").await;
    assert_eq!(bad.status, 400);
    let text = "reading the fault plan failed: line 2: invalid type: integer `5`, expected a string";
    assert_eq!(bad.json()["error"], text);
    assert_eq!(get(&format!("{}profile", sandbox.webhook())).await.status, 502);
    assert_eq!(post(&format!("{root}faults"), "").await.body, r#"{"faults":0}"#);
}

#[tokio::test]
async fn a_wrong_question_is_answered_with_what_is_expected() {
    let (_sandbox, root) = sandbox().await;
    for (question, expected) in [
        ("model/register", "from is missing, expected a date like 2026-01-31"),
        ("model/register?from=2026-01-01&to=x", "to is \"x\", expected a date like 2026-01-31"),
        (
            "model/register?from=2026-02-01&to=2026-01-01",
            "the period ends (2026-01-01) before it starts (2026-02-01)",
        ),
        (
            "model/register?from=2026-01-01&to=2026-12-31&basis=y",
            "unknown basis \"y\", expected invoice, shipped or paid",
        ),
        ("rows?entity=x", "entity is \"x\", expected deal, contact, company, lead, invoice or comment"),
    ] {
        let answer = get(&format!("{root}{question}")).await;
        assert_eq!((answer.status, answer.json()["error"].as_str().unwrap()), (400, expected));
    }
}

#[tokio::test]
async fn the_register_model_over_http_is_the_one_in_process() {
    let (sandbox, root) = sandbox().await;
    let over_http = get(&format!("{root}model/register?from=2026-01-01&to=2026-12-31")).await.json();
    let day = |text: &str| text.parse().unwrap();
    let model = sandbox.register_model(day("2026-01-01"), day("2026-12-31"), b24_sandbox::Basis::Invoice);
    assert_eq!(over_http, serde_json::to_value(model).unwrap());
}

#[tokio::test]
async fn a_reset_forgets_what_was_counted_and_injected() {
    let (sandbox, root) = sandbox().await;
    post(&format!("{}crm.deal.add", sandbox.webhook()), r#"{"fields":{"TITLE":"new"}}"#).await;
    assert_eq!(get(&format!("{root}rows?entity=deal")).await.json()["count"], 21);
    sandbox.inject("[[fault]]\nmethod = \"*\"\nevery = 1\ndo = \"503\"".parse().unwrap());
    assert_eq!(get(&format!("{}profile", sandbox.webhook())).await.status, 503);
    assert_eq!(post(&format!("{root}reset"), "").await.status, 200);
    assert_eq!(sandbox.journal().requests, 0);
    assert_eq!(get(&format!("{root}rows?entity=deal")).await.json()["count"], 20);
    assert_eq!(get(&format!("{}profile", sandbox.webhook())).await.status, 200);
}
