//! The authorization server, access tokens, and the renamed portal.

use std::time::Duration;

use b24_sandbox::Sandbox;
use serde_json::Value;

use crate::http::{Answer, get, post, request, split, try_send};

async fn sandbox() -> Sandbox {
    Sandbox::builder().invoices(20).deals(20).start().await.unwrap()
}

async fn token(sandbox: &Sandbox, query: &str) -> Answer {
    get(&format!("{}/oauth/token/?{query}", sandbox.address())).await
}

fn grant(sandbox: &Sandbox, rest: &str) -> String {
    let application = sandbox.oauth();
    format!("client_id={}&client_secret={}&{rest}", application.client_id, application.client_secret)
}

async fn login(sandbox: &Sandbox) -> Value {
    let code = sandbox.authorization_code();
    let query = grant(sandbox, &format!("grant_type=authorization_code&code={code}"));
    token(sandbox, &query).await.json()
}

async fn call(sandbox: &Sandbox, body: &str) -> Answer {
    post(&format!("{}/rest/profile", sandbox.address()), body).await
}

#[tokio::test]
async fn a_user_who_lets_the_application_in_brings_a_code_that_works_once() {
    let sandbox = sandbox().await;
    let application = sandbox.oauth();
    let address =
        format!("{}/oauth/authorize/?client_id={}&state=a%20b", sandbox.address(), application.client_id);
    let answer = get(&address).await;
    assert_eq!(answer.status, 302);
    let location = answer.head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap().to_owned();
    assert!(location.contains("&state=a%20b&") && location.contains("&member_id="), "{location}");
    let code = location.split_once("code=").unwrap().1.split('&').next().unwrap();
    assert!(get(&location).await.body.contains(code));

    let query = grant(&sandbox, &format!("grant_type=authorization_code&code={code}"));
    let tokens = token(&sandbox, &query).await.json();
    assert_eq!((&tokens["expires_in"], &tokens["user_id"]), (&3600.into(), &1.into()));
    assert_eq!(tokens["client_endpoint"], format!("{}/rest/", sandbox.address()));
    assert_eq!(tokens["member_id"], application.member_id);
    let again = token(&sandbox, &query).await;
    assert_eq!((again.status, &again.json()["error"]), (400, &"invalid_grant".into()));
    assert_eq!((sandbox.oauth().logins, sandbox.oauth().refused), (1, 1));
    assert_eq!(get(&format!("{}/oauth/authorize/?client_id=x", sandbox.address())).await.status, 400);
}

#[tokio::test]
async fn a_token_is_taken_from_header_body_and_query_and_is_no_parameter() {
    let sandbox = sandbox().await;
    let tokens = login(&sandbox).await;
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(call(&sandbox, &format!(r#"{{"auth":"{access}"}}"#)).await.json()["result"]["ID"], "1");
    assert_eq!(call(&sandbox, &format!(r#"{{"access_token":"{access}"}}"#)).await.status, 200);
    assert_eq!(get(&format!("{}/rest/profile?auth={access}", sandbox.address())).await.status, 200);
    let url = format!("{}/rest/batch", sandbox.address());
    let head = format!("Authorization: Bearer {access}\r\nContent-Type:");
    let body = r#"{"auth":"wrong","cmd":{"a":"crm.deal.get?id=1"}}"#;
    let request = request("POST", &url, "application/json", body).replace("Content-Type:", &head);
    assert_eq!(try_send(&url, &request).await.unwrap().json()["result"]["result"]["a"]["ID"], "1");
    assert_eq!(split(&url).1, "/rest/batch");
}

#[tokio::test]
async fn missing_unknown_and_expired_tokens_are_told_apart() {
    let sandbox = sandbox().await;
    let tokens = login(&sandbox).await;
    sandbox.expire_tokens();
    let expired = format!(r#"{{"auth":{}}}"#, tokens["access_token"]);
    for (body, code, description) in [
        ("{}", "NO_AUTH_FOUND", "Wrong authorization data"),
        (r#"{"auth":"x"}"#, "invalid_token", "Unable to get application by token"),
        (&expired, "expired_token", "The access token provided has expired."),
    ] {
        let answer = call(&sandbox, body).await;
        assert_eq!(answer.status, 401);
        assert_eq!(
            (&answer.json()["error"], &answer.json()["error_description"]),
            (&code.into(), &description.into())
        );
    }
    let unknown = post(&format!("{}/rest/no.such.method", sandbox.address()), "{}").await;
    assert_eq!(unknown.status, 404, "a method is looked for before the token");
}

#[tokio::test]
async fn a_refresh_token_works_once_and_mistakes_have_their_codes() {
    let sandbox = sandbox().await;
    let tokens = login(&sandbox).await;
    let refresh =
        grant(&sandbox, &format!("grant_type=refresh_token&refresh_token={}", tokens["refresh_token"]));
    let refresh = refresh.replace('"', "");
    let renewed = token(&sandbox, &refresh).await.json();
    assert_ne!(renewed["refresh_token"], tokens["refresh_token"]);
    assert_eq!(token(&sandbox, &refresh).await.json()["error"], "invalid_grant");
    for (query, status, code) in [
        ("client_id=x&client_secret=y".to_owned(), 200, "wrong_client"),
        (grant(&sandbox, "").replace("client_secret=", "client_secret=x"), 400, "invalid_client"),
        (grant(&sandbox, "grant_type=password"), 400, "invalid_request"),
        (grant(&sandbox, "grant_type=authorization_code&code=x"), 400, "invalid_grant"),
    ] {
        let answer = token(&sandbox, &query).await;
        assert_eq!((answer.status, &answer.json()["error"]), (status, &code.into()), "{query}");
    }
    assert_eq!(sandbox.oauth().refreshes, 1);
}

#[tokio::test]
async fn lifetime_expiry_refusals_and_the_name_are_changed_from_outside() {
    let sandbox = Sandbox::builder().token_lifetime(Duration::ZERO).start().await.unwrap();
    let change = async |body: &str| post(&format!("{}/sandbox/oauth", sandbox.address()), body).await;
    let tokens = login(&sandbox).await;
    let body = format!(r#"{{"auth":{}}}"#, tokens["access_token"]);
    assert_eq!(call(&sandbox, &body).await.json()["error"], "expired_token");
    assert_eq!(change(r#"{"lifetime_s":60,"refuse":"NOT_INSTALLED"}"#).await.status, 200);
    assert_eq!(token(&sandbox, &grant(&sandbox, "")).await.json()["error"], "NOT_INSTALLED");
    assert_eq!(change(r#"{"refuse":""}"#).await.json()["refused"], 1);
    assert_eq!(login(&sandbox).await["expires_in"], 60);
    assert_eq!(change(r#"{"lifetime":60}"#).await.status, 400);

    assert_eq!(change(r#"{"renamed":true}"#).await.status, 200);
    let moved = call(&sandbox, "{}").await;
    let name = sandbox.address().replace("http://127.0.0.1", "localhost");
    assert_eq!((moved.status, moved.body.starts_with("<html>")), (302, true));
    assert!(moved.head.contains(&format!("location: http://{name}/rest/profile")), "{}", moved.head);
    assert_eq!(sandbox.journal().recent.back().unwrap().status, 302);
    let hook = sandbox.webhook().replace("127.0.0.1", "localhost");
    assert_eq!(get(&format!("{hook}profile")).await.status, 200);
}
