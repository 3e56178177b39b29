//! The facts of a portal.

use b24_client::{Client, Webhook};
use b24_sandbox::Sandbox;
use workflow::sync::PortalFacts;

use crate::sync_source::stage::runtime;

#[test]
fn fields_stages_users_and_the_webhooks_user_come_in_one_request() {
    runtime().block_on(async {
        let sandbox = Sandbox::builder().rate(0.0).start().await.unwrap();
        let webhook: Webhook = sandbox.webhook().parse().unwrap();
        let client = Client::builder(webhook).build().unwrap();
        let answer = PortalFacts::read(&client).await.unwrap();
        assert_eq!(client.stats().requests, 1);
        let facts = answer.facts;
        assert!(answer.profile.admin);
        let key = facts.deal.iter().find(|field| field.title == "Внешний ключ").unwrap();
        assert_eq!(
            (key.name.as_str(), key.original.as_str()),
            ("ufCrm_1721244482250", "UF_CRM_1721244482250")
        );
        assert!(facts.funnel(0).unwrap().stages.iter().any(|stage| stage.id == "NEW"));
        assert!(facts.users.as_ref().is_some_and(|users| !users.is_empty()));
        let kept: PortalFacts = serde_json::from_str(&serde_json::to_string(&facts).unwrap()).unwrap();
        assert_eq!(kept, facts);
        assert_eq!(kept.hash(), facts.hash());
        let fewer = PortalFacts { users: None, ..facts.clone() };
        assert_eq!(fewer.hash(), facts.hash(), "users make no plan stale");
        let other = PortalFacts { deal: facts.deal[1..].to_vec(), ..facts.clone() };
        assert_ne!(other.hash(), facts.hash());
    });
}

#[test]
fn users_that_may_not_be_read_are_not_known_and_spoil_nothing() {
    let empty = PortalFacts { users: None, ..super::fixtures::facts() };
    let text = super::fixtures::MAPPING
        .replace("\"Ответственный\" = \"registrar\"", "\"Ответственный\" = { value = 1 }");
    let findings = super::fixtures::mapping(&text).resolve(&empty, &super::fixtures::format()).unwrap_err();
    assert_eq!(findings[0].code, "sync.value-unknown");
}
