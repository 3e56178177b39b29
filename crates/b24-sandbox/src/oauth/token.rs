//! Where a call carries its access token.

use axum::http::{HeaderMap, header};

use crate::value::{Map, Value};

/// Takes the token out of a call: the header before `auth` before `access_token`. Methods see none of them.
pub(crate) fn take_token(headers: &HeaderMap, params: &mut Map) -> Option<String> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
    let [auth, access_token] = ["auth", "access_token"].map(|key| match params.take(key) {
        Some(Value::Text(text)) if !text.is_empty() => Some(text.into_owned()),
        _ => None,
    });
    bearer.or(auth).or(access_token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_wins_over_auth_and_auth_over_access_token() {
        let params = || {
            let mut params = Map::new();
            params.push("id", "5");
            params.push("access_token", "c");
            params.push("auth", "b");
            params
        };
        let mut headers = HeaderMap::new();
        let mut given = params();
        assert_eq!(take_token(&headers, &mut given).as_deref(), Some("b"));
        assert_eq!(given.iter().map(|(key, _)| key).collect::<Vec<_>>(), ["id"]);
        headers.insert(header::AUTHORIZATION, "Bearer a".parse().unwrap());
        assert_eq!(take_token(&headers, &mut params()).as_deref(), Some("a"));
        assert_eq!(take_token(&HeaderMap::new(), &mut Map::new()), None);
    }
}
