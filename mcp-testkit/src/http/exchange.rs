//! One request and its response, reported as it arrives.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::response::read_head;
use super::{EventLine, Events, Response};
use crate::wire::Event;

/// From what size on a client asks whether it may send a body (RFC 9110, section 10.1.1).
const ASK_FIRST: usize = 64 * 1_024;

/// A request as it is sent.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where to send it.
    pub address: SocketAddr,
    /// The method; `POST` has a body.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// Headers besides those of the framing. A `Host` among them is sent instead of the address.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Request {
    /// Sends it on a connection of its own and reads the head of the response.
    ///
    /// Dropping the response closes the connection, which is how a client leaves.
    ///
    /// # Errors
    /// When the server cannot be reached or does not answer in HTTP.
    pub async fn send(&self) -> io::Result<Response> {
        self.send_on(TcpStream::connect(self.address).await?).await
    }

    /// Sends it on a connection that was made before.
    ///
    /// # Errors
    /// As [`Request::send`].
    pub async fn send_on(&self, stream: TcpStream) -> io::Result<Response> {
        stream.set_nodelay(true)?;
        let (reader, mut writer) = stream.into_split();
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.method == "POST" {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        let asks = self.body.len() >= ASK_FIRST;
        head.push_str(if asks { "Expect: 100-continue\r\nConnection: close\r\n\r\n" } else { "Connection: close\r\n\r\n" });
        if !asks {
            writer.write_all(&[head.as_bytes(), &self.body].concat()).await?;
            return Response::read_on(reader, writer).await;
        }
        writer.write_all(head.as_bytes()).await?;
        let mut reader = BufReader::new(reader);
        let head = read_head(&mut reader).await?;
        if head.status != 100 {
            return Response::with_head(head, reader, writer);
        }
        writer.write_all(&self.body).await?;
        let head = read_head(&mut reader).await?;
        Response::with_head(head, reader, writer)
    }
}

/// Sends a request and reports everything that comes back, as exchange number `exchange`.
pub(crate) async fn exchange(request: Request, exchange: usize, report: mpsc::UnboundedSender<Event>) {
    if let Err(error) = report_all(&request, exchange, &report).await {
        let _ = report.send(Event::Broken(format!("{} {}: {error}", request.method, request.path)));
    }
}

async fn report_all(request: &Request, exchange: usize, report: &mpsc::UnboundedSender<Event>) -> io::Result<()> {
    let mut response = request.send().await?;
    let is_stream = response.head.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"));
    let tell = |event| {
        // Whoever listened may have left.
        let _ = report.send(event);
    };
    tell(Event::Head { exchange, head: response.head.clone() });
    let (mut events, mut whole) = (Events::default(), Vec::new());
    while let Some(piece) = response.piece().await? {
        if !is_stream {
            whole.extend_from_slice(&piece);
            continue;
        }
        for line in events.push(&piece) {
            tell(match line {
                EventLine::Data(data) => Event::Frame { exchange: Some(exchange), frame: data.into() },
                EventLine::Framing(line) => Event::Framing { exchange: Some(exchange), line },
            });
        }
    }
    if !whole.is_empty() {
        tell(Event::Frame { exchange: Some(exchange), frame: whole.into() });
    }
    tell(Event::End { exchange });
    Ok(())
}
