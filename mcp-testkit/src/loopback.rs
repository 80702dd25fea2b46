//! A small HTTP/1.1 server on a free port: one request and one answer on each connection.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use url::form_urlencoded;

/// A request that a server of the test kit was sent.
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
    /// Reads one request of HTTP/1.1, to its end.
    ///
    /// # Errors
    /// When the connection breaks or ends before the request does.
    pub async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Self> {
        let mut lines = stream.lines();
        let mut line = async || lines.next_line().await?.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof));
        let first = line().await?;
        let mut headers: Vec<(String, String)> = Vec::new();
        while let Some((name, value)) = line().await?.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut words = first.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut asked = Self { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), headers, body: Bytes::new() };
        let length = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        asked.body = body.into();
        Ok(asked)
    }

    /// A header, if there is one.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The first parameter of this name in the query or, if it is not there, in a body that is encoded as forms are.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let find = |encoded| form_urlencoded::parse(encoded).find(|(given, _)| given == name).map(|(_, value)| value.into_owned());
        find(self.query.as_bytes()).or_else(|| find(&self.body))
    }
}

/// What a server of the test kit answers.
#[derive(Clone, Debug)]
pub struct Document {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    delay: Duration,
    stalls_after: Option<usize>,
}

impl Document {
    /// A document of a media type, with the status 200.
    pub fn new(media_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("Content-Type".to_owned(), media_type.to_owned())];
        Self { status: 200, headers, body: body.into(), delay: Duration::ZERO, stalls_after: None }
    }

    /// A JSON document.
    pub fn json(value: &Value) -> Self {
        Self::new("application/json", value.to_string())
    }

    /// An HTML page in UTF-8.
    pub fn html(page: &str) -> Self {
        Self::new("text/html; charset=utf-8", page.to_owned())
    }

    /// A redirect with this status.
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::new("text/plain", "").status(status).header("Location", location)
    }

    /// Sets the status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds a header, or replaces the media type.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        if name.eq_ignore_ascii_case("content-type") {
            self.headers.retain(|(given, _)| !given.eq_ignore_ascii_case(name));
        }
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Waits before it is answered.
    #[must_use]
    pub fn delayed(mut self, by: Duration) -> Self {
        self.delay = by;
        self
    }

    /// Sends only so many bytes of the body, and then nothing more while the other side waits.
    #[must_use]
    pub fn stalling_after(mut self, bytes: usize) -> Self {
        self.stalls_after = Some(bytes);
        self
    }

    /// Writes it as an answer of HTTP/1.1 after which the connection ends, without the body if only the `head` was asked for.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn write(&self, stream: &mut TcpStream, head: bool) -> io::Result<()> {
        tokio::time::sleep(self.delay).await;
        let mut text = format!("HTTP/1.1 {} -\r\nContent-Length: {}\r\nConnection: close\r\n", self.status, self.body.len());
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        let sent = if head { 0 } else { self.stalls_after.unwrap_or(usize::MAX).min(self.body.len()) };
        stream.write_all(&[text.as_bytes(), &self.body[..sent]].concat()).await?;
        if self.stalls_after.is_some() {
            // The other side ends it, by leaving.
            let _ = stream.read(&mut [0]).await?;
        }
        stream.shutdown().await
    }
}

type Answer = dyn Fn(&Asked) -> Document + Send + Sync;

/// A server of one's own on loopback, which runs until it is dropped.
#[derive(Debug)]
pub struct Loopback {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    serving: JoinHandle<()>,
}

impl Loopback {
    /// Starts one on a free port: `answer` is told its origin, and makes what answers requests.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start<F, A>(answer: F) -> Self
    where
        F: FnOnce(&str) -> A,
        A: Fn(&Asked) -> Document + Send + Sync + 'static,
    {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a free port");
        let address = socket.local_addr().expect("a bound socket has an address");
        let asked = Arc::default();
        let serving = tokio::spawn(serve(socket, Arc::new(answer(&format!("http://{address}"))), Arc::clone(&asked)));
        Self { address, asked, serving }
    }

    /// Where it is, without a path.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything it was asked, oldest first.
    pub fn asked(&self) -> MutexGuard<'_, Vec<Asked>> {
        lock(&self.asked)
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Locks what a panicking test may have left locked.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers until the task is aborted, and with it all connections.
async fn serve(socket: TcpListener, answer: Arc<Answer>, asked: Arc<Mutex<Vec<Asked>>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = socket.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(converse(stream, Arc::clone(&answer), Arc::clone(&asked)));
                }
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn converse(stream: TcpStream, answer: Arc<Answer>, log: Arc<Mutex<Vec<Asked>>>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let asked = Asked::read(&mut stream).await?;
    lock(&log).push(asked.clone());
    let document = answer(&asked);
    document.write(stream.get_mut(), asked.method == "HEAD").await
}
