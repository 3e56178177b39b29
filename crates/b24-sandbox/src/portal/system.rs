//! `scope`, `server.time`, `app.info`.

use super::Session;
use super::cell::moment_text;
use super::dates;
use crate::method::{Refusal, Reply};
use crate::value::{Map, Value};

fn scopes(session: &Session<'_>) -> Value {
    session.caller.scopes.iter().map(|scope| Value::from(*scope)).collect::<Vec<_>>().into()
}

/// `scope`.
#[expect(clippy::unnecessary_wraps, reason = "every method has this shape")]
pub(super) fn scope(session: &Session<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::of(scopes(session)))
}

/// `server.time`.
#[expect(clippy::unnecessary_wraps, reason = "every method has this shape")]
pub(super) fn time(session: &Session<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::of(moment_text(dates::local(session.caller.now))))
}

/// `app.info`: a webhook only learns its scopes and the licence.
#[expect(clippy::unnecessary_wraps, reason = "every method has this shape")]
pub(super) fn app(session: &Session<'_>) -> Result<Reply, Refusal> {
    let mut map = Map::new();
    map.push("SCOPE", scopes(session));
    map.push("LICENSE", "ru_std");
    Ok(Reply::of(map))
}
