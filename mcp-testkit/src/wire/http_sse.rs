//! HTTP+SSE: posts in, one stream out.

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Client, Event, HttpServer, Opening};
use crate::caller::token;
use crate::compose::Outgoing;
use crate::http::{EventLine, Events, Request, exchange};

/// A client of HTTP+SSE.
pub(super) struct HttpSse {
    server: HttpServer,
    /// Where the server wants messages posted.
    post_to: String,
    caller: usize,
    events: mpsc::UnboundedReceiver<Event>,
    report: mpsc::UnboundedSender<Event>,
    work: JoinSet<()>,
}

impl HttpSse {
    pub(super) async fn open(opening: &Opening<'_>) -> Self {
        let server = HttpServer::start(opening).await;
        let (report, events) = mpsc::unbounded_channel();
        let headers = vec![
            ("Authorization".to_owned(), format!("Bearer {}", token(opening.caller))),
            ("Accept".to_owned(), "text/event-stream".to_owned()),
        ];
        let address = server.address;
        let request = Request { address, method: "GET", path: "/sse".to_owned(), headers, body: bytes::Bytes::new() };
        let mut response = request.send().await.expect("the server just started");
        let mut stream = Events::default();
        let mut first = Vec::new();
        let post_to = loop {
            let piece = response.piece().await.ok().flatten().expect("the stream opens with an endpoint");
            first.extend(stream.push(&piece));
            let data = first.iter().position(|line| matches!(line, EventLine::Data(_)));
            if let Some(EventLine::Data(path)) = data.map(|at| first.remove(at)) {
                break String::from_utf8(path).expect("an endpoint is a path");
            }
        };
        let mut work = JoinSet::new();
        let forward = report.clone();
        work.spawn(async move {
            loop {
                for line in first.drain(..) {
                    let _ = forward.send(match line {
                        EventLine::Data(data) => Event::Frame { exchange: None, frame: data.into() },
                        EventLine::Framing(line) => Event::Framing { exchange: None, line },
                    });
                }
                match response.piece().await {
                    Ok(Some(piece)) => first = stream.push(&piece),
                    Ok(None) => break,
                    Err(error) => {
                        let _ = forward.send(Event::Broken(format!("the stream broke: {error}")));
                        return;
                    }
                }
            }
            let _ = forward.send(Event::Closed);
        });
        Self { server, post_to, caller: opening.caller, events, report, work }
    }
}

#[async_trait]
impl Client for HttpSse {
    async fn send(&mut self, number: usize, message: &Outgoing) {
        let headers = vec![
            ("Authorization".to_owned(), format!("Bearer {}", token(self.caller))),
            ("Content-Type".to_owned(), "application/json".to_owned()),
        ];
        let address = self.server.address;
        let request = Request { address, method: "POST", path: self.post_to.clone(), headers, body: message.bytes.clone() };
        self.work.spawn(exchange(request, number, self.report.clone()));
    }

    async fn next(&mut self) -> Event {
        self.events.recv().await.expect("the client holds a sender")
    }

    async fn close(mut self: Box<Self>) {
        self.work.shutdown().await;
    }
}
