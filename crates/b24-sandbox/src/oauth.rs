//! The authorization server and the one application that is installed (reference, sections 1.4 and 1.5).

mod token;

pub(crate) use token::take_token;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::method::Refusal;
use crate::value::{Map, Value};

const CLIENT_ID: &str = "local.b24sandbox.00000001";
const CLIENT_SECRET: &str = "sandboxApplicationSecret";
const MEMBER_ID: &str = "b24b24b24b24b24b24b24b24b24b24b2";
/// What the application may touch, as the authorization server lists it.
pub(crate) const SCOPE: &str = "crm,user_brief,user";
/// A code is valid for 30 s, and once.
const CODE_LIFE: Duration = Duration::from_secs(30);

/// The application of a sandbox and what it was given so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OAuthState {
    /// The application's id.
    pub client_id: &'static str,
    /// Its secret.
    pub client_secret: &'static str,
    /// The portal's id.
    pub member_id: &'static str,
    /// Codes exchanged for tokens.
    pub logins: u64,
    /// Refresh tokens exchanged for new ones.
    pub refreshes: u64,
    /// Requests for tokens that were refused.
    pub refused: u64,
}

/// Codes, tokens and their ends.
#[derive(Debug)]
pub(crate) struct OAuth {
    lifetime: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    lifetime: Duration,
    /// The code of the refusal that every request for tokens gets.
    refuse: Option<String>,
    drawn: u64,
    codes: HashMap<String, Duration>,
    access: HashMap<String, Duration>,
    refresh: HashSet<String>,
    counts: [u64; 3],
}

impl State {
    fn new(lifetime: Duration) -> Self {
        let (codes, access, refresh) = Default::default();
        Self { lifetime, refuse: None, drawn: 0, codes, access, refresh, counts: [0; 3] }
    }

    /// 32 characters that were not drawn before. Secret from nobody: this is a sandbox.
    fn draw(&mut self, kind: &str) -> String {
        self.drawn += 1;
        let mut number = self.drawn.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        format!("{kind}{:08x}{number:016x}", self.drawn)
    }
}

/// Names of the servers in an answer with tokens.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    /// `http://127.0.0.1:8024`, under which the portal is known now.
    pub(crate) portal: String,
    /// The same of the authorization server, under which it was asked.
    pub(crate) server: String,
}

impl OAuth {
    /// Without codes and tokens.
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self { lifetime, state: Mutex::new(State::new(lifetime)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Back to the start.
    pub(crate) fn reset(&self) {
        *self.state() = State::new(self.lifetime);
    }

    /// The application and its counters.
    pub(crate) fn show(&self) -> OAuthState {
        let [logins, refreshes, refused] = self.state().counts;
        OAuthState {
            client_id: CLIENT_ID,
            client_secret: CLIENT_SECRET,
            member_id: MEMBER_ID,
            logins,
            refreshes,
            refused,
        }
    }

    /// How long access tokens given from now on are valid.
    pub(crate) fn set_lifetime(&self, lifetime: Duration) {
        self.state().lifetime = lifetime;
    }

    /// All access tokens end now.
    pub(crate) fn expire(&self) {
        self.state().access.values_mut().for_each(|until| *until = Duration::ZERO);
    }

    /// From now on every request for tokens is refused with this code, or none.
    pub(crate) fn refuse(&self, code: Option<String>) {
        self.state().refuse = code;
    }

    /// A code for the application, as the portal gives it to a user who is logged in.
    pub(crate) fn authorize(&self, client_id: &str, now: Duration) -> Option<String> {
        let mut state = self.state();
        let code = (client_id == CLIENT_ID).then(|| state.draw("c0de"))?;
        state.codes.insert(code.clone(), now + CODE_LIFE);
        Some(code)
    }

    /// Lets a call in by its access token.
    ///
    /// # Errors
    /// 401 without a token, with an unknown and with an expired one.
    pub(crate) fn admit(&self, token: Option<&str>, now: Duration) -> Result<(), Refusal> {
        let refuse = |code, description| Err(Refusal::with_status(401, code, description));
        let Some(token) = token else { return refuse("NO_AUTH_FOUND", "Wrong authorization data") };
        match self.state().access.get(token) {
            None => refuse("invalid_token", "Unable to get application by token"),
            Some(until) if *until <= now => refuse("expired_token", "The access token provided has expired."),
            Some(_) => Ok(()),
        }
    }

    /// Answers a request for tokens.
    ///
    /// # Errors
    /// What the authorization server says, with its status: `wrong_client` comes with 200.
    pub(crate) fn grant(&self, params: &Map, names: &Names, now: Duration) -> Result<Map, Refusal> {
        let mut state = self.state();
        let granted = exchange(&mut state, params, now);
        match granted {
            Ok(kind) => {
                state.counts[kind] += 1;
                Ok(pair(&mut state, names, now))
            }
            Err(refusal) => {
                state.counts[2] += 1;
                Err(refusal)
            }
        }
    }
}

/// Takes a code (0) or a refresh token (1) back.
fn exchange(state: &mut State, params: &Map, now: Duration) -> Result<usize, Refusal> {
    let refuse = |status, code: &'static str, text| Err(Refusal::with_status(status, code, text));
    let text = |key: &str| match params.get(key) {
        Some(Value::Text(text)) => text.as_ref(),
        _ => "",
    };
    if let Some(code) = state.refuse.clone() {
        return Err(Refusal { status: 400, ..Refusal::coded(code, "refused by POST /sandbox/oauth") });
    }
    if text("client_id") != CLIENT_ID {
        return refuse(200, "wrong_client", "Wrong client");
    }
    if text("client_secret") != CLIENT_SECRET {
        return refuse(400, "invalid_client", "Client authentication failed");
    }
    let (kind, known) = match text("grant_type") {
        "authorization_code" => (0, state.codes.remove(text("code")).is_some_and(|until| now < until)),
        "refresh_token" => (1, state.refresh.remove(text("refresh_token"))),
        _ => return refuse(400, "invalid_request", "Invalid grant_type parameter or parameter missing"),
    };
    if known { Ok(kind) } else { refuse(400, "invalid_grant", "Invalid code or refresh token") }
}

/// A new pair of tokens, as the authorization server tells it.
fn pair(state: &mut State, names: &Names, now: Duration) -> Map {
    let (access, refresh) = (state.draw("acce55"), state.draw("4ef4e5"));
    let until = now + state.lifetime;
    state.access.insert(access.clone(), until);
    state.refresh.insert(refresh.clone());
    let mut out = Map::new();
    out.push("access_token", access);
    out.push("refresh_token", refresh);
    out.push("expires", until.as_secs());
    out.push("expires_in", state.lifetime.as_secs());
    out.push("client_endpoint", format!("{}/rest/", names.portal));
    out.push("server_endpoint", format!("{}/rest/", names.server));
    out.push("domain", names.server.split("//").last().unwrap_or_default().to_owned());
    out.push("member_id", MEMBER_ID);
    out.push("scope", SCOPE);
    out.push("status", "L");
    out.push("user_id", 1_u32);
    out
}
