//! Just enough of HTTP/1.1: one request and one answer on each connection.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::routes;
use super::state::{Mood, State};

/// A request that an issuer was sent.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query.
    pub query: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Asked {
    /// A header, if there is one.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter in a text that is encoded as forms are.
    pub(super) fn parameter(encoded: &[u8], name: &str) -> Option<String> {
        form_urlencoded::parse(encoded).find(|(given, _)| given == name).map(|(_, value)| value.into_owned())
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Headers besides those of the framing.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// A JSON document.
    pub fn json(status: u16, document: &Value) -> Self {
        Self { status, headers: vec![("Content-Type", "application/json".to_owned())], body: document.to_string().into() }
    }

    /// The refusal of a request (RFC 6749, section 5.2).
    pub(super) fn refusal(status: u16, error: &str) -> Self {
        Self::json(status, &serde_json::json!({ "error": error }))
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Answers until the task is aborted, and with it all connections.
pub(super) async fn serve(socket: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = socket.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(answer(stream, Arc::clone(&state)));
                }
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn answer(stream: TcpStream, state: Arc<State>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let asked = read(&mut stream).await?;
    let mood = {
        let mut inner = state.lock();
        inner.asked.push(asked.clone());
        inner.mood
    };
    // The state lives as long as this does, so the sender is there.
    let _ = state.held.subscribe().wait_for(|held| !held).await;
    let stream = stream.get_mut();
    match mood {
        Mood::Up => write(stream, &routes::answer(&state, &asked)).await,
        Mood::Failing => write(stream, &Answer::refusal(503, "temporarily_unavailable")).await,
        Mood::Stalling => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{").await?;
            std::future::pending().await
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Asked> {
    let mut lines = stream.lines();
    let mut line = async || lines.next_line().await?.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof));
    let first = line().await?;
    let mut headers: Vec<(String, String)> = Vec::new();
    loop {
        let line = line().await?;
        match line.split_once(':') {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut asked = Asked { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), headers, body: Bytes::new() };
    let length = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    asked.body = body.into();
    Ok(asked)
}

async fn write(stream: &mut TcpStream, answer: &Answer) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {} -\r\nContent-Length: {}\r\nConnection: close\r\n", answer.status, answer.body.len());
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(&[head.as_bytes(), &answer.body].concat()).await?;
    stream.shutdown().await
}
