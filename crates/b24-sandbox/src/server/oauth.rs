//! `/oauth/…` of the authorization server, and what a test may change about it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Extension, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use serde::Deserialize;

use super::control::{Json, Mistake};
use super::{BAD_REQUEST, Peer, html};
use crate::decode::parameters;
use crate::encode::to_json;
use crate::engine::Engine;
use crate::envelope;
use crate::oauth::{Names, OAuthState, SCOPE};
use crate::value::Value;

type Shared = State<Arc<Engine>>;

pub(super) fn routes() -> Router<Arc<Engine>> {
    Router::new()
        .route("/oauth/authorize", get(authorize))
        .route("/oauth/authorize/", get(authorize))
        .route("/oauth/token", get(token).post(token))
        .route("/oauth/token/", get(token).post(token))
        .route("/sandbox/application", get(application))
        .route("/sandbox/oauth", get(show).post(change))
}

/// Name and port under which the sandbox was asked.
pub(super) fn host_of(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
}

#[derive(Deserialize)]
struct Asked {
    client_id: Option<String>,
    state: Option<String>,
}

/// The portal's user is logged in and lets the application in: on to the application with a code.
async fn authorize(
    State(engine): Shared,
    Extension(peer): Extension<Peer>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let client_id = asked.client_id.unwrap_or_default();
    let Some(code) = engine.oauth.authorize(&client_id, engine.now().unix) else {
        return html(StatusCode::BAD_REQUEST, BAD_REQUEST);
    };
    let host = host_of(&headers);
    let scope = SCOPE.replace(',', "%2C");
    let state = asked.state.unwrap_or_default();
    let state = percent_encoding::utf8_percent_encode(&state, percent_encoding::NON_ALPHANUMERIC);
    let location = format!(
        "{}/sandbox/application?code={code}&state={state}&domain={host}&member_id={}&scope={scope}&server_domain={host}",
        peer.origin(host),
        engine.oauth.show().member_id
    );
    (StatusCode::FOUND, [(header::LOCATION, location)], "").into_response()
}

#[derive(Deserialize)]
struct Given {
    code: Option<String>,
}

/// Where the browser ends: the page of an application that shows its code.
async fn application(Query(given): Query<Given>) -> Html<String> {
    let code: String = given.code.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    Html(format!("<html><body>code, valid for 30 seconds: <b>{code}</b></body></html>"))
}

async fn token(State(engine): Shared, Extension(peer): Extension<Peer>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, 64 * 1024).await else { return html(StatusCode::BAD_REQUEST, BAD_REQUEST) };
    let host = host_of(&parts.headers).to_owned();
    let portal = engine.new_name(&host).unwrap_or_else(|| host.clone());
    let names = Names { portal: peer.origin(&portal), server: peer.origin(&host) };
    let params = parameters(parts, body).await;
    let (status, body) = match engine.oauth.grant(&params, &names, engine.now().unix) {
        Ok(granted) => (200, to_json(&Value::Map(granted))),
        Err(refusal) => (refusal.status, envelope::refusal(&refusal)),
    };
    let status = StatusCode::from_u16(status).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

async fn show(State(engine): Shared) -> Json<OAuthState> {
    Json(engine.oauth.show())
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Change {
    lifetime_s: Option<f64>,
    expire: bool,
    /// A code, or nothing to take the refusal back.
    refuse: Option<String>,
    renamed: Option<bool>,
}

async fn change(State(engine): Shared, body: String) -> Result<Json<OAuthState>, Mistake> {
    let change: Change = serde_json::from_str(&body).map_err(|error| Mistake(error.to_string()))?;
    if let Some(seconds) = change.lifetime_s {
        let lifetime = Duration::try_from_secs_f64(seconds)
            .map_err(|_| Mistake("lifetime_s must be a positive number".to_owned()))?;
        engine.oauth.set_lifetime(lifetime);
    }
    if change.expire {
        engine.oauth.expire();
    }
    if let Some(refuse) = change.refuse {
        engine.oauth.refuse(Some(refuse).filter(|code| !code.is_empty()));
    }
    if let Some(renamed) = change.renamed {
        engine.rename(renamed);
    }
    Ok(Json(engine.oauth.show()))
}
