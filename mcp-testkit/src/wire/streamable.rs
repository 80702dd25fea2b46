//! Streamable HTTP: one POST a message.

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Client, Event, HttpServer, Opening};
use crate::caller::token;
use crate::compose::Outgoing;
use crate::http::{Request, exchange};

/// A client of Streamable HTTP.
pub(super) struct Streamable {
    server: HttpServer,
    accept: &'static str,
    events: mpsc::UnboundedReceiver<Event>,
    report: mpsc::UnboundedSender<Event>,
    work: JoinSet<()>,
}

impl Streamable {
    pub(super) async fn open(opening: &Opening<'_>, accept: &'static str) -> Self {
        let (report, events) = mpsc::unbounded_channel();
        Self { server: HttpServer::start(opening).await, accept, events, report, work: JoinSet::new() }
    }

    fn request(&self, method: &'static str, accept: &str, message: &Outgoing) -> Request {
        let mut headers =
            vec![("Authorization".to_owned(), format!("Bearer {}", token(message.caller))), ("Accept".to_owned(), accept.to_owned())];
        if method == "POST" {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        // A message may say otherwise.
        headers.retain(|(name, _)| !message.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)));
        headers.extend(message.headers.iter().cloned());
        let body = if method == "POST" { message.bytes.clone() } else { bytes::Bytes::new() };
        Request { address: self.server.address, method, path: "/mcp".to_owned(), headers, body }
    }
}

#[async_trait]
impl Client for Streamable {
    async fn send(&mut self, number: usize, message: &Outgoing) {
        let request = self.request("POST", self.accept, message);
        self.work.spawn(exchange(request, number, self.report.clone()));
    }

    async fn listen(&mut self, number: usize, message: &Outgoing) -> bool {
        let request = self.request("GET", "text/event-stream", message);
        self.work.spawn(exchange(request, number, self.report.clone()));
        true
    }

    async fn end_session(&mut self, number: usize, message: &Outgoing) -> bool {
        let request = self.request("DELETE", "*/*", message);
        self.work.spawn(exchange(request, number, self.report.clone()));
        true
    }

    async fn next(&mut self) -> Event {
        self.events.recv().await.expect("the client holds a sender")
    }

    async fn close(mut self: Box<Self>) {
        self.work.shutdown().await;
    }
}
