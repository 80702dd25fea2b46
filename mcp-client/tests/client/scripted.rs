//! Servers that follow a script, for what real ones do only now and then.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};
use tokio::net::{TcpListener, TcpStream};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) verb: String,
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Value,
    /// The client's end of the connection.
    pub(crate) peer: SocketAddr,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The method of the message in it, or the HTTP verb.
    pub(crate) fn method(&self) -> &str {
        self.body["method"].as_str().unwrap_or(&self.verb)
    }

    /// A successful answer to it.
    pub(crate) fn result(&self, result: &Value) -> Reply {
        Reply::json(200, &json!({"jsonrpc": "2.0", "id": self.body["id"], "result": result}))
    }

    /// An error in answer to it.
    pub(crate) fn error(&self, status: u16, code: i32, data: &Value) -> Reply {
        Reply::json(status, &json!({"jsonrpc": "2.0", "id": self.body["id"], "error": {"code": code, "message": "no", "data": data}}))
    }

    /// An event with a successful answer to it.
    pub(crate) fn result_event(&self, result: &Value) -> String {
        format!("data: {}\n\n", json!({"jsonrpc": "2.0", "id": self.body["id"], "result": result}))
    }
}

/// A response.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    pieces: Vec<(Duration, String)>,
    /// Whether the response is left without its end.
    breaks: bool,
}

impl Reply {
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), pieces: Vec::new(), breaks: false }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self { pieces: vec![(Duration::ZERO, body.to_string())], ..Self::empty(status).with("content-type", "application/json") }
    }

    /// A stream of events, in pieces.
    pub(crate) fn events<T: Into<String>>(pieces: impl IntoIterator<Item = T>) -> Self {
        let pieces = pieces.into_iter().map(|piece| (Duration::from_millis(5), piece.into())).collect();
        Self { pieces, ..Self::empty(200).with("content-type", "text/event-stream") }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Has the connection break before the end.
    pub(crate) fn breaking(mut self) -> Self {
        self.breaks = true;
        self
    }

    /// Keeps the stream open after its last piece.
    pub(crate) fn staying_open(mut self) -> Self {
        self.pieces.push((Duration::from_secs(30), String::new()));
        self
    }
}

/// What was asked, in order.
pub(crate) type Log = Arc<Mutex<Vec<Seen>>>;

/// Starts an HTTP server that answers as `script` says. Returns its URL, and what it sees.
pub(crate) async fn http(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (String, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/mcp", listener.local_addr().expect("an address"));
    let (script, log) = (Arc::new(script), Log::default());
    let seen = Arc::clone(&log);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (script, log) = (Arc::clone(&script), Arc::clone(&log));
            tokio::spawn(async move { converse(stream, &*script, &log).await });
        }
    });
    (url, seen)
}

async fn converse(stream: TcpStream, script: &(dyn Fn(&Seen) -> Reply + Send + Sync), log: &Log) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let seen = read(&mut stream).await?;
        let reply = script(&seen);
        log.lock().expect("nobody panics").push(seen);
        let mut head = format!("HTTP/1.1 {} X\r\ntransfer-encoding: chunked\r\n", reply.status);
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).await.ok()?;
        for (pause, piece) in &reply.pieces {
            tokio::time::sleep(*pause).await;
            if !piece.is_empty() {
                stream.write_all(format!("{:x}\r\n{piece}\r\n", piece.len()).as_bytes()).await.ok()?;
            }
        }
        if reply.breaks {
            return None;
        }
        stream.write_all(b"0\r\n\r\n").await.ok()?;
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (verb, path) = (words.next()?, words.next()?);
    let mut headers = HashMap::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end_matches("\r\n").split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().expect("a length"))];
    stream.read_exact(&mut body).await.ok()?;
    let peer = stream.get_ref().peer_addr().ok()?;
    Some(Seen { verb, path, headers, peer, body: serde_json::from_slice(&body).unwrap_or_default() })
}

/// A result of `initialize`.
pub(crate) fn initialized(version: &str) -> Value {
    json!({"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": {"name": "scripted", "version": "1"}})
}

/// A result of `server/discover`.
pub(crate) fn discovered() -> Value {
    json!({"resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, "ttlMs": 0, "cacheScope": "public"})
}

/// Starts a server at the other end of a pipe, which answers every line as `script` says.
pub(crate) fn pipe(mut script: impl FnMut(&Value) -> Vec<String> + Send + 'static) -> (DuplexStream, DuplexStream) {
    let (reader, mut output) = tokio::io::duplex(4_096);
    let (input, writer) = tokio::io::duplex(4_096);
    tokio::spawn(async move {
        let mut lines = BufReader::new(input).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            for answer in script(&serde_json::from_str(&line).expect("a client sends JSON")) {
                output.write_all(format!("{answer}\n").as_bytes()).await.ok();
            }
        }
    });
    (reader, writer)
}

/// A successful answer to a message.
pub(crate) fn result(message: &Value, result: &Value) -> String {
    json!({"jsonrpc": "2.0", "id": message["id"], "result": result}).to_string()
}

/// An error in answer to a message.
pub(crate) fn error(message: &Value, code: i32, data: &Value) -> String {
    json!({"jsonrpc": "2.0", "id": message["id"], "error": {"code": code, "message": "no", "data": data}}).to_string()
}
