//! `b24 doctor`.

use crate::stage::{Stage, done, run, steady};

#[test]
fn a_healthy_portal_is_shown_check_by_check() {
    let stage = Stage::new();
    let ran = done(&mut stage.b24(&["doctor"]));
    // The clock and the limits, which stand last, differ from run to run.
    let (lasting, changing) = ran.stdout.split_once("clock").unwrap();
    assert!(changing.contains("ok") && changing.contains("of 49 requests in the bucket"), "{changing}");
    insta::assert_snapshot!(steady(lasting, &stage.portal()), @"
    CHECK      STATE  FOUND
    portal     ok     PORTAL, access write
    user       ok     user 1 NAME, administrator
    scopes     ok     crm, user_brief, user
    companies  ok     3: ООО «Торговый дом Вектор»; АО «Вектор Логистика»; ООО «Вектор Сервис»
    funnels    ok     Общая (Новый, Отправлен, На согласовании, Оплачен, Не оплачен)
    invoices   ok     40
    ");
}

#[test]
fn the_document_has_facts_and_checks() {
    let stage = Stage::new();
    let document = done(&mut stage.b24(&["doctor", "--json"])).json();
    let data = &document["data"];
    assert_eq!(data["portal"], stage.portal());
    assert_eq!(data["invoices"], 40);
    assert_eq!(data["companies"].as_array().unwrap().len(), 3);
    assert_eq!(data["user"]["administrator"], true);
    assert_eq!(document["stats"]["requests"], stage.sandbox.journal().requests);
    assert!(document["problems"].as_array().unwrap().is_empty());
}

#[test]
fn a_user_who_is_no_administrator_is_told_that_completeness_cannot_be_checked() {
    let stage = Stage::new();
    let webhook = stage.sandbox.webhook_of(2, "restricted");
    let ran = done(&mut stage.b24_as(&webhook, &["doctor", "--json", "--quiet"]));
    insta::assert_snapshot!(steady(&ran.stderr, &stage.portal()), @"portal PORTAL, user 2 NAME, not an administrator: completeness cannot be checked");
    let document = ran.json();
    assert_eq!(document["problems"][0]["code"], "doctor.not-administrator");
    assert!(document["data"]["invoices"].as_u64().unwrap() < 40, "{document}");
}

#[test]
fn a_missing_scope_fails_the_check_with_what_to_do() {
    let stage = Stage::new();
    let ran = run(&mut stage.b24_as(&stage.sandbox.webhook_of(1, "noscope"), &["doctor"]));
    assert_eq!(ran.code, 4, "{ran:?}");
    insta::assert_snapshot!(steady(&ran.stderr, &stage.portal()), @"
    portal PORTAL, user 1 NAME, administrator
    warning: doctor.scope-missing: user_brief; missing: crm; add to the webhook in the portal: crm
    ");
}
