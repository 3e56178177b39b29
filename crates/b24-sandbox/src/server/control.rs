//! `/sandbox/…`: what a test asks of the sandbox itself. Not counted, not limited.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::encode::to_json;
use crate::engine::Engine;
use crate::faults::FaultPlan;
use crate::journal::Journal;
use crate::model::{Basis, RegisterModel};

type Shared = State<Arc<Engine>>;

pub(super) fn routes() -> Router<Arc<Engine>> {
    Router::new()
        .route("/sandbox/journal", get(journal))
        .route("/sandbox/model/register", get(register))
        .route("/sandbox/rows", get(rows))
        .route("/sandbox/faults", post(faults))
        .route("/sandbox/reset", post(reset))
}

/// A mistake in a question to the sandbox.
pub(super) struct Mistake(pub(super) String);

impl IntoResponse for Mistake {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(serde_json::json!({ "error": self.0 }))).into_response()
    }
}

/// An answer of the sandbox itself.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        serde_json::to_string(&self.0)
            .map_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response(), json)
    }
}

fn json(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

async fn journal(State(engine): Shared) -> Json<Journal> {
    Json(engine.journal())
}

#[derive(Deserialize)]
struct Period {
    from: Option<String>,
    to: Option<String>,
    basis: Option<String>,
}

async fn register(
    State(engine): Shared,
    Query(period): Query<Period>,
) -> Result<Json<RegisterModel>, Mistake> {
    let from = day("from", period.from)?;
    let to = day("to", period.to)?;
    let basis = match period.basis {
        Some(text) => text.parse().map_err(Mistake)?,
        None => Basis::Invoice,
    };
    if to < from {
        return Err(Mistake(format!("the period ends ({to}) before it starts ({from})")));
    }
    Ok(Json(engine.portal.register_model(from, to, basis)))
}

fn day(name: &str, text: Option<String>) -> Result<Date, Mistake> {
    let text = text.ok_or_else(|| Mistake(format!("{name} is missing, expected a date like 2026-01-31")))?;
    text.parse().map_err(|_| Mistake(format!("{name} is {text:?}, expected a date like 2026-01-31")))
}

#[derive(Deserialize)]
struct Entity {
    entity: Option<String>,
}

async fn rows(State(engine): Shared, Query(asked): Query<Entity>) -> Result<Response, Mistake> {
    let entity = asked.entity.unwrap_or_default();
    let rows = engine.portal.rows(&entity);
    rows.map(|value| json(to_json(&value))).ok_or_else(|| {
        Mistake(format!("entity is {entity:?}, expected deal, contact, company, lead, invoice or comment"))
    })
}

async fn faults(State(engine): Shared, body: String) -> Result<Response, Mistake> {
    let plan: FaultPlan =
        body.parse().map_err(|error: crate::error::StartError| Mistake(error.to_string()))?;
    let answer = json(format!("{{\"faults\":{}}}", plan.len()));
    engine.inject(plan);
    Ok(answer)
}

async fn reset(State(engine): Shared) -> Response {
    engine.reset();
    json("{\"reset\":true}".to_owned())
}
