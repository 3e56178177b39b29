//! One GET over loopback: enough for the sandbox's own pages, and no HTTP library in xtask.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

const PATIENCE: Duration = Duration::from_mins(2);

/// The body of `GET http://HOST/PATH`. HTTP/1.0, so the answer is never chunked and ends with the connection.
pub(crate) fn get(host: &str, path: &str) -> Result<String> {
    let attempt = || -> Result<Vec<u8>> {
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    };
    let answer = attempt().with_context(|| format!("could not get {path} from {host}"))?;
    let answer = String::from_utf8(answer).with_context(|| format!("{path} answered something not UTF-8"))?;
    body(&answer).with_context(|| format!("{path} of {host}")).map(str::to_owned)
}

fn body(answer: &str) -> Result<&str> {
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer has no end of headers")?;
    let status = head.lines().next().unwrap_or_default();
    if status.split(' ').nth(1) != Some("200") {
        bail!("answered `{status}`: {}", body.chars().take(200).collect::<String>());
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_follows_the_headers() {
        let answer = "HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{\"requests\":1}";
        assert_eq!(body(answer).unwrap(), "{\"requests\":1}");
    }

    #[test]
    fn another_status_is_an_error_with_the_beginning_of_the_body() {
        let error = body("HTTP/1.0 404 Not Found\r\n\r\nno such page").unwrap_err();
        assert_eq!(error.to_string(), "answered `HTTP/1.0 404 Not Found`: no such page");
    }
}
