//! Connections to one server, used again when they are free.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::body::Body;
use super::proxy::Proxies;
use super::tls::Tls;
use super::url::Url;
use crate::error::{Error, Result};
use crate::link::Owned;

/// Most connections kept for later.
const MOST_IDLE: usize = 8;
/// For how long one is kept; shorter than most servers do.
const LONGEST_IDLE: Duration = Duration::from_secs(15);
/// How long a connection that was kept may take to be ready.
const READY: Duration = Duration::from_millis(250);

/// Connections to one server.
#[derive(Debug)]
pub(crate) struct Pool {
    url: Url,
    patience: Duration,
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "there is nothing to set up"))]
    tls: Tls,
    proxies: Proxies,
    /// Whether any of them stands between.
    proxied: bool,
    /// Where the server is, if that was found out before.
    addresses: Vec<SocketAddr>,
    idle: Mutex<Vec<Connection>>,
}

/// One connection. Dropping it closes it, which tells the server that its answer is not wanted.
#[derive(Debug)]
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    _driver: Owned,
    since: Instant,
    /// Who is at the other end, if that is the server.
    peer: Option<IpAddr>,
}

/// Which address answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerAddress(pub(crate) IpAddr);

impl Pool {
    /// Connections to the server of a URL, each made within `patience`.
    pub(crate) fn new(url: Url, patience: Duration, tls: Tls, proxies: Proxies) -> Arc<Self> {
        Self::at(url, Vec::new(), patience, tls, proxies)
    }

    /// The same to a server of which it is known where it is, if it is reached without a proxy.
    pub(crate) fn at(url: Url, addresses: Vec<SocketAddr>, patience: Duration, tls: Tls, proxies: Proxies) -> Arc<Self> {
        let proxied = proxies.stand_before(&url);
        Arc::new(Self { url, patience, tls, proxies, proxied, addresses, idle: Mutex::default() })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request; returns when the head of the response is there.
    ///
    /// Dropping the future closes the connection.
    ///
    /// # Errors
    /// When no connection can be made, or it breaks.
    pub(crate) async fn send(self: &Arc<Self>, mut request: Request<Full<Bytes>>) -> Result<Response<Body>> {
        let way = if self.proxied { self.proxies.way(&self.url)? } else { None };
        let Some(way) = way else { return self.exchange(request).await };
        way.address(&mut request);
        let response = self.exchange(request).await?;
        way.check(response.status())?;
        Ok(response)
    }

    async fn exchange(self: &Arc<Self>, mut request: Request<Full<Bytes>>) -> Result<Response<Body>> {
        while let Some(mut connection) = self.take() {
            if !matches!(timeout(READY, connection.sender.ready()).await, Ok(Ok(()))) {
                continue;
            }
            match connection.sender.try_send_request(request).await {
                Ok(response) => return Ok(self.wrap(response, connection)),
                // The server closed it meanwhile; what was not sent can be sent on another one.
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(self.broken(error.into_error())),
                },
            }
        }
        let mut connection = self.connect().await?;
        let response = connection.sender.send_request(request).await.map_err(|error| self.broken(error))?;
        Ok(self.wrap(response, connection))
    }

    fn wrap(self: &Arc<Self>, response: Response<hyper::body::Incoming>, connection: Connection) -> Response<Body> {
        let peer = connection.peer;
        let mut response = response.map(|incoming| Body::new(incoming, connection, Arc::clone(self)));
        if let Some(peer) = peer {
            response.extensions_mut().insert(PeerAddress(peer));
        }
        response
    }

    fn broken(&self, error: hyper::Error) -> Error {
        Error::transport_from(format!("the connection to {} broke", self.url.authority()), error)
    }

    fn take(&self) -> Option<Connection> {
        let mut idle = self.idle();
        idle.retain(|connection| connection.since.elapsed() < LONGEST_IDLE && !connection.sender.is_closed());
        idle.pop()
    }

    /// Keeps a connection whose response was read to its end.
    pub(crate) fn keep(&self, mut connection: Connection) {
        let mut idle = self.idle();
        if idle.len() < MOST_IDLE && !connection.sender.is_closed() {
            connection.since = Instant::now();
            idle.push(connection);
        }
    }

    async fn connect(&self) -> Result<Connection> {
        let cannot = || format!("{} cannot be connected to", self.url.authority());
        let connecting = async {
            let (stream, peer) = match self.proxies.way(&self.url)? {
                Some(way) => (way.connect().await?, None),
                None => {
                    let stream = self.directly().await.map_err(|error| Error::unreachable(cannot(), error))?;
                    let peer = stream.peer_addr().ok().map(|address| address.ip());
                    (stream, peer)
                }
            };
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY could not be set");
            }
            #[cfg(feature = "tls")]
            if self.url.is_secure() {
                return greet(self.tls.protect(self.url.host(), stream).await?, peer)
                    .await
                    .map_err(|error| Error::unreachable(cannot(), error));
            }
            greet(stream, peer).await.map_err(|error| Error::unreachable(cannot(), error))
        };
        timeout(self.patience, connecting).await.map_err(|_| Error::Timeout(self.patience))?
    }

    async fn directly(&self) -> io::Result<TcpStream> {
        match &*self.addresses {
            [] => TcpStream::connect((self.url.host(), self.url.port())).await,
            addresses => TcpStream::connect(addresses).await,
        }
    }
}

async fn greet<S>(stream: S, peer: Option<IpAddr>) -> hyper::Result<Connection>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::Builder::new().max_headers(128).handshake(TokioIo::new(stream)).await?;
    let driver = Owned::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended");
        }
    });
    Ok(Connection { sender, _driver: driver, since: Instant::now(), peer })
}
