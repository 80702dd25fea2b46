//! Streamable HTTP: one POST a message.

use std::any::Any;
use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Client, Event, HttpServer, Opening};
use crate::caller::token;
use crate::compose::Outgoing;
use crate::http::{Request, exchange};

/// How long a server of others may take to end a session.
const FAREWELL: Duration = Duration::from_secs(1);

/// Where a server listens, and as whom it is called.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) path: String,
    /// The headers by which the server knows the caller at this place in the list.
    pub(crate) identify: Box<dyn Fn(usize) -> Vec<(String, String)> + Send + Sync>,
    /// What ends with the client; where nothing does, the server is told when a session is over.
    pub(crate) server: Option<Box<dyn Any + Send>>,
}

/// A client of Streamable HTTP.
pub(crate) struct Streamable {
    site: Site,
    accept: &'static str,
    /// The session that was spoken of last, and the message that did.
    last: Option<Outgoing>,
    events: mpsc::UnboundedReceiver<Event>,
    report: mpsc::UnboundedSender<Event>,
    work: JoinSet<()>,
}

impl Streamable {
    pub(super) async fn open(opening: &Opening<'_>, accept: &'static str) -> Self {
        let server = HttpServer::start(opening).await;
        let identify = Box::new(|caller| vec![("Authorization".to_owned(), format!("Bearer {}", token(caller)))]);
        Self::at(Site { address: server.address, path: "/mcp".to_owned(), identify, server: Some(Box::new(server)) }, accept)
    }

    /// A client of the server that listens somewhere.
    pub(crate) fn at(site: Site, accept: &'static str) -> Self {
        let (report, events) = mpsc::unbounded_channel();
        Self { site, accept, last: None, events, report, work: JoinSet::new() }
    }

    fn request(&self, method: &'static str, accept: &str, message: &Outgoing) -> Request {
        let mut headers = (self.site.identify)(message.caller);
        headers.push(("Accept".to_owned(), accept.to_owned()));
        if method == "POST" {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        // A message may say otherwise.
        headers.retain(|(name, _)| !message.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)));
        headers.extend(message.headers.iter().cloned());
        let body = if method == "POST" { message.bytes.clone() } else { bytes::Bytes::new() };
        Request { address: self.site.address, method, path: self.site.path.clone(), headers, body }
    }
}

#[async_trait]
impl Client for Streamable {
    async fn send(&mut self, number: usize, message: &Outgoing) {
        let request = self.request("POST", self.accept, message);
        if self.site.server.is_none() && message.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("mcp-session-id")) {
            self.last = Some(message.clone());
        }
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
        if let Some(message) = self.last.take() {
            let request = self.request("DELETE", "*/*", &message);
            // Some servers do not end sessions on request, which is their right.
            let _ = tokio::time::timeout(FAREWELL, request.send()).await;
        }
    }
}
