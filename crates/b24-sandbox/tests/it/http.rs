//! A small HTTP client of its own, so that nothing between the test and the wire hides what the sandbox sends.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer as received.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
}

/// Host with port, and path, of an address.
pub(crate) fn split(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").unwrap().1;
    rest.split_at(rest.find('/').unwrap())
}

pub(crate) fn request(method: &str, url: &str, content_type: &str, body: &str) -> String {
    let (host, path) = split(url);
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// Sends a request over a connection that stays open and reads exactly one answer.
pub(crate) async fn exchange<S>(stream: &mut S, request: &str) -> io::Result<Answer>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(request.as_bytes()).await?;
    let mut received = Vec::new();
    loop {
        if let Some(answer) = complete(&received) {
            return Ok(answer);
        }
        if stream.read_buf(&mut received).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn complete(received: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(received);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|l| l.strip_prefix("content-length: "))?.parse().ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    (body.len() >= length).then(|| Answer { status, body: body.to_owned(), head: head.clone() })
}

pub(crate) async fn try_send(url: &str, request: &str) -> io::Result<Answer> {
    exchange(&mut TcpStream::connect(split(url).0).await?, request).await
}

pub(crate) async fn get(url: &str) -> Answer {
    try_send(url, &request("GET", url, "", "")).await.unwrap()
}

pub(crate) async fn post(url: &str, json: &str) -> Answer {
    try_send(url, &request("POST", url, "application/json", json)).await.unwrap()
}

pub(crate) async fn try_post(url: &str, json: &str) -> io::Result<Answer> {
    try_send(url, &request("POST", url, "application/json", json)).await
}
