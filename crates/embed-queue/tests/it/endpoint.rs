//! A provider on this machine that speaks all four ways and misbehaves on demand. Its vectors say which text they are of.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What goes wrong with the next call.
#[derive(Debug, Clone)]
pub(crate) enum Mishap {
    /// One vector is left out.
    Drop,
    /// Vectors in another order.
    Reorder,
    /// One vector twice.
    Duplicate,
    /// Only the first vector.
    ShortList,
    /// The first vector has a component too few.
    OneShort,
    /// All vectors have twice the components.
    WrongDimension,
    /// A component is no number.
    NotANumber,
    /// No answer at all.
    Hang,
    /// The connection is closed.
    Close,
    /// Status, header `Retry-After`, body.
    Refuse(u16, Option<&'static str>, String),
}

/// The running provider.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    dimensions: usize,
    /// How long an answer takes.
    latency: Duration,
    mishaps: VecDeque<Mishap>,
    /// Calls with a text that has this word are refused.
    refused: Option<String>,
    requests: Vec<(String, String, Value)>,
}

impl Endpoint {
    pub(crate) fn start(dimensions: usize) -> Self {
        Self::taking(dimensions, Duration::ZERO)
    }

    /// Every answer takes so long.
    pub(crate) fn taking(dimensions: usize, latency: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State { dimensions, latency, ..State::default() }));
        let endpoint = Self { address, state };
        let served = endpoint.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = served.clone();
                // A client that goes away ends its own connection only.
                thread::spawn(move || drop(served.serve(stream)));
            }
        });
        endpoint
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn then(&self, mishap: Mishap) -> &Self {
        self.state.lock().unwrap().mishaps.push_back(mishap);
        self
    }

    /// From now on calls with a text that has this word are refused; without a word, none.
    pub(crate) fn refusing(&self, word: Option<&str>) {
        self.state.lock().unwrap().refused = word.map(str::to_owned);
    }

    /// Path, head and body of every call so far.
    pub(crate) fn requests(&self) -> Vec<(String, String, Value)> {
        self.state.lock().unwrap().requests.clone()
    }

    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut stream = stream;
        loop {
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line)? == 0 {
                    return Ok(());
                }
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            let body: Value = serde_json::from_slice(&body).unwrap();
            let path = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
            let (mishap, latency) = {
                let mut state = self.state.lock().unwrap();
                state.requests.push((path.clone(), head, body.clone()));
                let bad = |word: &String| texts(&path, &body).iter().any(|text| text.contains(word));
                let refused = state.refused.as_ref().is_some_and(bad);
                let refusal = refused.then(|| Mishap::Refuse(400, None, "no such text".to_owned()));
                (state.mishaps.pop_front().or(refusal), state.latency)
            };
            thread::sleep(latency);
            let (status, header, reply) = match mishap {
                Some(Mishap::Hang) => {
                    thread::sleep(Duration::from_secs(30));
                    return Ok(());
                }
                Some(Mishap::Close) => return Ok(()),
                Some(Mishap::Refuse(status, after, body)) => (status, after, body),
                mishap => (200, None, self.reply(&path, &body, mishap.as_ref()).to_string()),
            };
            let after = header.map(|after| format!("retry-after: {after}\r\n")).unwrap_or_default();
            let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{after}\r\n", reply.len());
            stream.write_all(head.as_bytes())?;
            stream.write_all(reply.as_bytes())?;
        }
    }

    fn reply(&self, path: &str, body: &Value, mishap: Option<&Mishap>) -> Value {
        let dimensions = self.state.lock().unwrap().dimensions;
        let texts = texts(path, body);
        let tokens: usize = texts.iter().map(String::len).sum();
        let mut vectors: Vec<(usize, Vec<Value>)> =
            texts.iter().map(|text| vector(text, dimensions)).map(numbers).enumerate().collect();
        match mishap {
            Some(Mishap::Drop) => drop(vectors.pop()),
            Some(Mishap::Reorder) => vectors.reverse(),
            Some(Mishap::Duplicate) => vectors.push(vectors[0].clone()),
            Some(Mishap::ShortList) => vectors.truncate(1),
            Some(Mishap::OneShort) => drop(vectors[0].1.pop()),
            Some(Mishap::WrongDimension) => {
                for (_, vector) in &mut vectors {
                    vector.extend(vector.clone());
                }
            }
            Some(Mishap::NotANumber) => vectors[0].1[0] = Value::Null,
            _ => {}
        }
        let bare: Vec<&Vec<Value>> = vectors.iter().map(|(_, vector)| vector).collect();
        if path.ends_with("/embeddings") {
            let data: Vec<Value> = vectors
                .iter()
                .map(|(index, vector)| json!({ "index": index, "embedding": vector }))
                .collect();
            json!({ "data": data, "usage": { "prompt_tokens": tokens, "total_tokens": tokens } })
        } else if path.ends_with("/api/embed") {
            json!({ "embeddings": bare, "prompt_eval_count": tokens })
        } else if path.ends_with(":embedContent") {
            json!({ "embedding": { "values": bare[0] } })
        } else if path.ends_with(":batchEmbedContents") {
            json!({ "embeddings": bare.iter().map(|values| json!({ "values": values })).collect::<Vec<_>>() })
        } else {
            json!(bare)
        }
    }
}

/// The texts of a call.
pub(crate) fn texts(path: &str, body: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of_content = |request: &Value| {
        let parts = request["content"]["parts"].as_array().unwrap();
        assert_eq!(parts.len(), 1, "several parts become one vector");
        assert!(
            path.contains(request["model"].as_str().unwrap()),
            "the model of a request is that of the address"
        );
        text(&parts[0]["text"])
    };
    if path.ends_with(":embedContent") {
        vec![of_content(body)]
    } else if let Some(requests) = body["requests"].as_array() {
        assert!(requests.len() <= 100, "at most 100 requests can be in one batch");
        requests.iter().map(of_content).collect()
    } else {
        let list = body["input"].as_array().or(body["inputs"].as_array()).unwrap();
        list.iter().map(text).collect()
    }
}

/// A vector that no other text has, not normalised.
pub(crate) fn vector(text: &str, dimensions: usize) -> Vec<f32> {
    let mut hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (0..dimensions)
        .map(|_| {
            hash ^= hash << 13;
            hash ^= hash >> 7;
            hash ^= hash << 17;
            f32::from(i16::try_from(hash % 2001).unwrap() - 1000)
        })
        .collect()
}

fn numbers(vector: Vec<f32>) -> Vec<Value> {
    vector.into_iter().map(Value::from).collect()
}
