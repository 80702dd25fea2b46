//! The plain-HTTP adapter: tools as pages.

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Client, Event, HttpServer, Opening};
use crate::caller::token;
use crate::compose::{Outgoing, PlainRequest};
use crate::http::{Request, exchange};

/// A client of the plain-HTTP adapter.
pub(super) struct Plain {
    server: HttpServer,
    events: mpsc::UnboundedReceiver<Event>,
    report: mpsc::UnboundedSender<Event>,
    work: JoinSet<()>,
}

impl Plain {
    pub(super) async fn open(opening: &Opening<'_>) -> Self {
        let (report, events) = mpsc::unbounded_channel();
        Self { server: HttpServer::start(opening).await, events, report, work: JoinSet::new() }
    }
}

#[async_trait]
impl Client for Plain {
    async fn send(&mut self, number: usize, message: &Outgoing) {
        let mut headers = vec![("Authorization".to_owned(), format!("Bearer {}", token(message.caller)))];
        let (method, path, body) = match &message.plain {
            Some(PlainRequest::Call { tool, body }) => ("POST", format!("/mcp/tool/{tool}"), body.clone()),
            Some(PlainRequest::List) => ("GET", "/mcp/tools".to_owned(), bytes::Bytes::new()),
            None => {
                let _ = self.report.send(Event::Broken("this message has no counterpart on the plain adapter".to_owned()));
                return;
            }
        };
        if method == "POST" {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        let request = Request { address: self.server.address, method, path, headers, body };
        self.work.spawn(exchange(request, number, self.report.clone()));
    }

    async fn next(&mut self) -> Event {
        self.events.recv().await.expect("the client holds a sender")
    }

    async fn close(mut self: Box<Self>) {
        self.work.shutdown().await;
    }
}
