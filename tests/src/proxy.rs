//! A small proxy, which leads everybody to one place.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// A proxy on loopback, for as long as the runtime lives.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Leads to `to` whoever is `known`, as `name:password`, or everybody.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start(to: SocketAddr, known: Option<&str>) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = socket.local_addr().expect("a bound socket has an address");
        let (seen, known) = (Arc::<Mutex<Vec<String>>>::default(), known.map(|known| format!("Basic {}", STANDARD.encode(known))));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                tokio::spawn(lead(stream, to, known.clone(), Arc::clone(&log)));
            }
        });
        Self { address, seen }
    }

    /// The first lines of the requests so far.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn lead(mut stream: TcpStream, to: SocketAddr, known: Option<String>, seen: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let end = head.windows(4).position(|end| end == b"\r\n\r\n").expect("it was found above") + 4;
    let text = String::from_utf8_lossy(&head[..end]).into_owned();
    let mut lines = text.trim_end().split("\r\n");
    let first = lines.next().unwrap_or_default();
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(first.to_owned());
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(": ")).collect();
    let said = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization")).map(|(_, value)| *value);
    if said != known.as_deref() {
        return stream.write_all(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    }
    let mut server = TcpStream::connect(to).await?;
    if first.starts_with("CONNECT ") {
        stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
    } else {
        // As a server sees it that knows of no proxy; one request a connection.
        let mut words = first.split(' ');
        let (method, url) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let path = url.strip_prefix("http://").and_then(|rest| rest.find('/').map(|at| &rest[at..])).unwrap_or("/");
        let mut sent = format!("{method} {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n");
        for (name, value) in headers {
            if !["host", "proxy-authorization", "connection"].contains(&&*name.to_ascii_lowercase()) {
                sent.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        server.write_all(format!("{sent}\r\n").as_bytes()).await?;
        server.write_all(&head[end..]).await?;
    }
    copy_bidirectional(&mut stream, &mut server).await.map(drop)
}
