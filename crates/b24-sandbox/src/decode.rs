//! Parameters of a request (reference, section 1.2): the query always, the body of a POST over it.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Multipart};
use axum::http::{Method, Request, header, request::Parts};

use crate::json;
use crate::php::{Form, parse_query};
use crate::value::{Map, Value};

/// Parameters as the methods see them. Whatever cannot be read is left out silently, as PHP does.
pub(crate) async fn parameters(parts: Parts, body: Bytes) -> Map {
    let mut params = parse_query(parts.uri.query().unwrap_or_default().as_bytes());
    if parts.method != Method::POST {
        return params;
    }
    let content_type =
        parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let from_body = match media_type.as_str() {
        "application/json" => json::parse(&body).and_then(as_map),
        "multipart/form-data" => Some(multipart(Request::from_parts(parts, Body::from(body))).await),
        _ => Some(parse_query(&body)),
    };
    for (key, value) in from_body.into_iter().flat_map(Map::into_pairs) {
        params.set(key, value);
    }
    params
}

/// A list at the top has keys 0..n-1 (positional parameters).
fn as_map(value: Value) -> Option<Map> {
    match value {
        Value::Map(map) => Some(map),
        Value::List(items) => {
            let mut map = Map::new();
            for (i, item) in items.into_iter().enumerate() {
                map.push(i.to_string(), item);
            }
            Some(map)
        }
        _ => None,
    }
}

/// Fields of a multipart body; files go elsewhere in PHP and are no parameters.
async fn multipart(request: Request<Body>) -> Map {
    let mut form = Form::default();
    if let Ok(mut multipart) = Multipart::from_request(request, &()).await {
        while let Ok(Some(field)) = multipart.next_field().await {
            let name = field.name().map(str::to_owned);
            let is_file = field.file_name().is_some();
            let Ok(bytes) = field.bytes().await else { break };
            if let (Some(name), false) = (name, is_file) {
                form.add(&name, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
    form.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::to_json;

    async fn decoded(method: &str, query: &str, content_type: &str, body: &str) -> String {
        let request = Request::builder()
            .method(method)
            .uri(format!("/rest/1/sandbox/m{query}"))
            .header(header::CONTENT_TYPE, content_type)
            .body(())
            .unwrap();
        let params = parameters(request.into_parts().0, Bytes::copy_from_slice(body.as_bytes())).await;
        to_json(&Value::Map(params))
    }

    #[tokio::test]
    async fn the_body_overrides_the_query() {
        let both = decoded("POST", "?a=1&b=2", "application/json; charset=utf-8", r#"{"b":3,"c":[4]}"#).await;
        assert_eq!(both, r#"{"a":"1","b":3,"c":[4]}"#);
    }

    #[tokio::test]
    async fn json_that_cannot_be_read_is_ignored_silently() {
        assert_eq!(decoded("POST", "?a=1", "application/json", "{oops").await, r#"{"a":"1"}"#);
        assert_eq!(decoded("POST", "?a=1", "application/json", "5").await, r#"{"a":"1"}"#);
    }

    #[tokio::test]
    async fn the_body_of_a_get_is_ignored() {
        assert_eq!(decoded("GET", "?a=1", "application/json", r#"{"b":3}"#).await, r#"{"a":"1"}"#);
        assert_eq!(decoded("PUT", "", "application/json", r#"{"b":3}"#).await, "[]");
    }

    #[tokio::test]
    async fn forms_and_unknown_types_are_query_strings() {
        for content_type in ["application/x-www-form-urlencoded", "text/plain", ""] {
            let form = decoded("POST", "", content_type, "f%5B%3EID%5D=100&s[]=A&").await;
            assert_eq!(form, r#"{"f":{"\u003EID":"100"},"s":["A"]}"#);
        }
    }

    #[tokio::test]
    async fn multipart_fields_have_brackets_too_and_files_are_no_parameters() {
        let part = |name: &str, value: &str| {
            format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let file = "--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\nbytes\r\n";
        let body = [
            part("cmd[a]", "crm.deal.get?id=1"),
            file.to_owned(),
            part("halt", "0"),
            "--XX--\r\n".to_owned(),
        ];
        let form = decoded("POST", "?halt=1", "multipart/form-data; boundary=XX", &body.concat()).await;
        assert_eq!(form, r#"{"halt":"0","cmd":{"a":"crm.deal.get?id=1"}}"#);
    }

    #[tokio::test]
    async fn a_json_list_gives_positional_parameters() {
        assert_eq!(decoded("POST", "", "application/json", r#"["x",2]"#).await, r#"["x",2]"#);
    }
}
