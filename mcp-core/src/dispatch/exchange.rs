//! What a transport tells of one message besides its bytes.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::in_flight::Scope;
use crate::access::Principal;
use crate::call::Transport;
use crate::outlet::Outlet;
use crate::session::Session;

/// The headers of an HTTP request, for what the protocol mirrors into them.
pub trait Headers: Send + Sync {
    /// The value of a header, if it occurs once; names are lower case.
    fn get(&self, name: &str) -> Option<&[u8]>;

    /// Whether a header occurs more than once.
    fn repeats(&self, name: &str) -> bool;
}

/// A channel that carries all messages of one client, as a process's standard streams do.
#[derive(Debug)]
pub struct Connection {
    id: u64,
    session: Mutex<Option<Arc<Session>>>,
    ending: tokio::sync::watch::Sender<bool>,
}

impl Default for Connection {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self { id: NEXT.fetch_add(1, Ordering::Relaxed), session: Mutex::new(None), ending: tokio::sync::watch::Sender::new(false) }
    }
}

impl Connection {
    /// A connection on which nothing was said yet.
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    pub(crate) fn session(&self) -> Option<Arc<Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_session(&self, session: Arc<Session>) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
    }

    pub(crate) fn scope(&self) -> Scope {
        Scope::Connection(self.id)
    }

    /// Has the connection's streams of news end.
    pub(crate) fn end(&self) {
        self.ending.send_replace(true);
    }
}

/// Where a message's session is kept.
#[derive(Clone)]
pub enum Link {
    /// With the connection.
    Connection(Arc<Connection>),
    /// With the client, which names it in a header.
    Headers {
        /// The request's headers.
        headers: Arc<dyn Headers>,
        /// The address of the peer, if known.
        peer: Option<IpAddr>,
    },
}

/// Everything a transport tells of one message besides its bytes.
#[derive(Clone)]
pub struct Exchange {
    /// Who sent it.
    pub principal: Principal,
    /// How it arrived.
    pub transport: Transport,
    /// Where a running call sends what comes before its answer.
    pub outlet: Outlet,
    /// Where its session is kept.
    pub link: Link,
    /// Whether a caller who did not say who it is may only look around: open sessions and read lists.
    pub looks_only: bool,
    /// The address of the client, if the message came over a network and it is known.
    pub address: Option<IpAddr>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connection(_) => "Link::Connection",
            Self::Headers { .. } => "Link::Headers",
        })
    }
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").field("principal", &self.principal).field("transport", &self.transport).finish_non_exhaustive()
    }
}

impl Exchange {
    /// A message on a connection.
    pub fn on_connection(connection: Arc<Connection>, principal: Principal, transport: Transport, outlet: Outlet) -> Self {
        Self { principal, transport, outlet, link: Link::Connection(connection), looks_only: false, address: None }
    }

    /// A message of its own, with headers.
    pub fn with_headers(headers: Arc<dyn Headers>, peer: Option<IpAddr>, principal: Principal, transport: Transport) -> Self {
        Self { principal, transport, outlet: Outlet::new(), link: Link::Headers { headers, peer }, looks_only: false, address: peer }
    }

    /// Completes when the connection takes no more input; never for a message of its own.
    pub(crate) fn ended(&self) -> impl Future<Output = ()> + Send + 'static {
        let ending = match &self.link {
            Link::Connection(connection) => Some(connection.ending.subscribe()),
            Link::Headers { .. } => None,
        };
        async move {
            match ending {
                Some(mut ending) => {
                    let _ = ending.wait_for(|ended| *ended).await;
                }
                None => std::future::pending().await,
            }
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&[u8]> {
        match &self.link {
            Link::Connection(_) => None,
            Link::Headers { headers, .. } => headers.get(name),
        }
    }

    pub(crate) fn repeats_header(&self, name: &str) -> bool {
        match &self.link {
            Link::Connection(_) => false,
            Link::Headers { headers, .. } => headers.repeats(name),
        }
    }

    /// Whether the transport mirrors parts of the body into headers.
    pub(crate) fn mirrors(&self) -> bool {
        matches!(self.link, Link::Headers { .. })
    }
}

/// Within what the ids of an exchange's requests name one request.
pub(crate) fn request_scope(exchange: &Exchange, session: Option<&Session>) -> Scope {
    match (&exchange.link, session) {
        (Link::Connection(connection), _) => connection.scope(),
        (Link::Headers { .. }, Some(session)) => Scope::Session(session.id()),
        (Link::Headers { peer, .. }, None) => Scope::Caller(exchange.principal.binding(), *peer),
    }
}
