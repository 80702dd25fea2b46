//! The ways in: what carries a message to a server and its frames back.

mod channel;
mod http_sse;
mod in_process;
mod plain;
mod stdio;
mod streamable;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use mcp_core::{Dispatcher, Outcome, Revision};
use mcp_parity::http::{HttpConfig, HttpService, Listener};

use crate::caller::{Caller, Callers};
use crate::child::Child;
use crate::compose::Outgoing;
use crate::http::Head;

pub(crate) use channel::Lines;
pub(crate) use stdio::Process;
pub(crate) use streamable::{Site, Streamable};

/// What carries messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Wire {
    /// Calls of the dispatcher, on one connection.
    InProcess,
    /// Calls of the dispatcher, each message with headers of its own.
    InProcessWithHeaders,
    /// The standard streams of a child process.
    Stdio,
    /// The stdio transport over pipes within the process.
    Pipes,
    /// Streamable HTTP, by a client that takes JSON and event streams.
    Http,
    /// Streamable HTTP, by a client that takes JSON only.
    HttpJson,
    /// Streamable HTTP, by a client that takes event streams only.
    HttpEvents,
    /// HTTP+SSE, of 2024-11-05.
    HttpSse,
    /// The plain-HTTP adapter.
    Plain,
    /// The standard streams of a [front](crate::Front) of this name.
    StdioFront(&'static str),
    /// Streamable HTTP at a [front](crate::Front) of this name, by a client that takes JSON and event streams.
    HttpFront(&'static str),
}

impl Wire {
    /// All that a server has by itself, the references first.
    pub const ALL: [Self; 9] = [
        Self::InProcess,
        Self::InProcessWithHeaders,
        Self::Stdio,
        Self::Pipes,
        Self::Http,
        Self::HttpJson,
        Self::HttpEvents,
        Self::HttpSse,
        Self::Plain,
    ];

    /// Those of Streamable HTTP.
    pub const STREAMABLE: [Self; 3] = [Self::Http, Self::HttpJson, Self::HttpEvents];

    /// A name for reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::InProcess => "in process",
            Self::InProcessWithHeaders => "in process, headers",
            Self::Stdio => "stdio, child process",
            Self::Pipes => "stdio, pipes",
            Self::Http => "HTTP",
            Self::HttpJson => "HTTP, JSON only",
            Self::HttpEvents => "HTTP, SSE only",
            Self::HttpSse => "HTTP+SSE",
            Self::Plain => "plain HTTP",
            Self::StdioFront(name) | Self::HttpFront(name) => name,
        }
    }

    /// The wire of a server itself that this one is like.
    pub(crate) fn kind(self) -> Self {
        match self {
            Self::StdioFront(_) => Self::Stdio,
            Self::HttpFront(_) => Self::Http,
            own => own,
        }
    }

    /// Whether it is one of Streamable HTTP.
    pub(crate) fn is_streamable(self) -> bool {
        Self::STREAMABLE.contains(&self.kind())
    }

    /// Whether a revision is served this way.
    pub fn claims(self, revision: Revision) -> bool {
        match self {
            // Deprecated before there were stateless revisions (2025-03-26, changelog).
            Self::HttpSse => !revision.is_modern(),
            // Has no revisions; its bodies are results of the newest.
            Self::Plain => revision == Revision::LATEST,
            _ => true,
        }
    }

    /// Whether each message has headers and an answer channel of its own.
    pub fn has_headers(self) -> bool {
        self == Self::InProcessWithHeaders || self.is_streamable()
    }

    /// Whether notifications before an answer have nowhere to go.
    pub(crate) fn drops_notifications(self) -> bool {
        matches!(self, Self::HttpJson | Self::Plain)
    }

    /// Whether the wire says when nothing more will come for a message.
    pub(crate) fn tells_ends(self) -> bool {
        !matches!(self.kind(), Self::Stdio | Self::Pipes)
    }
}

impl std::fmt::Display for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// What arrives on a wire.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// What a transport adds to the answer to a message.
    Head { exchange: usize, head: Head },
    /// What kind of answer the dispatcher gave, where that can be seen.
    Outcome { exchange: usize, outcome: Outcome },
    /// One JSON-RPC frame; without the number of the exchange where all share one channel.
    Frame { exchange: Option<usize>, frame: Bytes },
    /// A line of event-stream framing besides `data`.
    Framing { exchange: Option<usize>, line: String },
    /// Nothing more comes for a message on a channel of its own.
    End { exchange: usize },
    /// The wire ended.
    Closed,
    /// The wire does not work.
    Broken(String),
}

/// One client of one server.
#[async_trait]
pub(crate) trait Client: Send {
    /// Sends a message, as exchange number `exchange`.
    async fn send(&mut self, exchange: usize, message: &Outgoing);

    /// Opens the stream of news, where that is a stream of its own.
    async fn listen(&mut self, _exchange: usize, _message: &Outgoing) -> bool {
        false
    }

    /// Ends the session, where sessions are named in headers.
    async fn end_session(&mut self, _exchange: usize, _message: &Outgoing) -> bool {
        false
    }

    /// The next thing that arrives.
    async fn next(&mut self) -> Event;

    /// Leaves, and ends what was started for this client.
    async fn close(self: Box<Self>);
}

/// What a client is opened with.
pub(crate) struct Opening<'o> {
    /// A fresh server.
    pub(crate) dispatcher: &'o (dyn Fn() -> Dispatcher + Sync),
    pub(crate) callers: &'o [Caller],
    /// Place of the caller under test.
    pub(crate) caller: usize,
    pub(crate) child: &'o Child,
}

/// Opens a client on a wire; `None` where the caller cannot be had there.
pub(crate) async fn open(wire: Wire, opening: &Opening<'_>) -> Option<Box<dyn Client>> {
    Some(match wire {
        Wire::InProcess => Box::new(in_process::OneConnection::open(opening)),
        Wire::InProcessWithHeaders => Box::new(in_process::WithHeaders::open(opening)),
        Wire::Stdio => Box::new(stdio::Process::open(opening)?),
        Wire::Pipes => Box::new(stdio::Pipes::open(opening)),
        Wire::Http => Box::new(streamable::Streamable::open(opening, "application/json, text/event-stream").await),
        Wire::HttpJson => Box::new(streamable::Streamable::open(opening, "application/json").await),
        Wire::HttpEvents => Box::new(streamable::Streamable::open(opening, "text/event-stream").await),
        Wire::HttpSse => Box::new(http_sse::HttpSse::open(opening).await),
        Wire::Plain => Box::new(plain::Plain::open(opening).await),
        // Whoever knows the front opens it.
        Wire::StdioFront(_) | Wire::HttpFront(_) => return None,
    })
}

/// A listening HTTP server, which ends when this is dropped.
pub(crate) struct HttpServer {
    pub(crate) address: std::net::SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl HttpServer {
    pub(crate) async fn start(opening: &Opening<'_>) -> Self {
        let principals = opening.callers.iter().map(|caller| caller.principal().clone()).collect();
        let authenticator = mcp_parity::auth::Authenticator::Provider(Arc::new(Callers(principals)));
        let config = HttpConfig { authenticator, ..HttpConfig::default() };
        let service = HttpService::new((opening.dispatcher)(), config).expect("the default configuration is usable");
        let listener = Listener::bind(([127, 0, 0, 1], 0).into(), service).await.expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        Self { address, task: tokio::spawn(listener.serve(std::future::pending())) }
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
